/// A map from quantities, as an array: most of a system's quantities have a value, and there are millions in the largest.
struct QuantityMap<Value> {
    private var values: [Value?] = []

    /// Nil where there is none.
    subscript(quantity: QuantityID) -> Value? {
        get {
            let position = Int(quantity.raw)
            return position < values.count ? values[position] : nil
        }
        set {
            extend(to: quantity)
            values[Int(quantity.raw)] = newValue
        }
    }

    /// Changes a value in its place, which starts as `initial`.
    subscript(quantity: QuantityID, default initial: @autoclosure () -> Value) -> Value {
        get { self[quantity] ?? initial() }
        _modify {
            extend(to: quantity)
            var value = values[Int(quantity.raw)] ?? initial()
            values[Int(quantity.raw)] = nil  // moved, so that it is changed in place
            defer { values[Int(quantity.raw)] = value }
            yield &value
        }
    }

    private mutating func extend(to quantity: QuantityID) {
        let needed = Int(quantity.raw) + 1
        if values.count < needed {
            values.append(contentsOf: repeatElement(nil, count: max(needed, 2 * values.count) - values.count))
        }
    }

    /// The quantities that have a value, ascending.
    var keys: [QuantityID] { values.indices.filter { values[$0] != nil }.map { QuantityID($0) } }
}

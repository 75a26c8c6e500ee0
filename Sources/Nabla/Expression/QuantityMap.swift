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

/// Lists of values for quantities, all in one array: millions of quantities with one or two values each.
struct QuantityLists<Value> {
    private var values: [Value] = []
    /// Of each value, the next of the same quantity; −1 for the last.
    private var next: [Int32] = []
    /// Of each quantity its first and its last value; −1 where the list is empty, −2 where there is none.
    private var ends: [(first: Int32, last: Int32)] = []

    /// Makes room for so many values of so many quantities.
    mutating func reserveCapacity(_ count: Int, quantities: Int) {
        values.reserveCapacity(count)
        next.reserveCapacity(count)
        ends.reserveCapacity(quantities)
    }

    private mutating func extend(to quantity: QuantityID) {
        let needed = Int(quantity.raw) + 1
        if ends.count < needed {
            let none = (first: Int32(-2), last: Int32(-2))
            ends.append(contentsOf: repeatElement(none, count: max(needed, 2 * ends.count) - ends.count))
        }
    }

    /// Whether there is a list, be it empty.
    func hasList(_ quantity: QuantityID) -> Bool {
        Int(quantity.raw) < ends.count && ends[Int(quantity.raw)].first > -2
    }

    /// How many values there are is not known without a walk; whether there are any is.
    func isEmpty(_ quantity: QuantityID) -> Bool {
        Int(quantity.raw) >= ends.count || ends[Int(quantity.raw)].first < 0
    }

    /// Whether there is exactly one value.
    func hasOne(_ quantity: QuantityID) -> Bool {
        !isEmpty(quantity) && ends[Int(quantity.raw)].first == ends[Int(quantity.raw)].last
    }

    /// Makes an empty list where there is none.
    mutating func makeList(_ quantity: QuantityID) {
        extend(to: quantity)
        if ends[Int(quantity.raw)].first == -2 { ends[Int(quantity.raw)] = (-1, -1) }
    }

    mutating func append(_ value: Value, of quantity: QuantityID) {
        extend(to: quantity)
        let position = Int32(truncatingIfNeeded: values.count)
        values.append(value)
        next.append(-1)
        let last = ends[Int(quantity.raw)].last
        if last >= 0 {
            next[Int(last)] = position
            ends[Int(quantity.raw)].last = position
        } else {
            ends[Int(quantity.raw)] = (position, position)
        }
    }

    /// Where a quantity's values are, in the order in which they were appended.
    struct Positions: Sequence, IteratorProtocol {
        fileprivate var position: Int32
        fileprivate let following: [Int32]

        mutating func next() -> Int? {
            if position < 0 { return nil }
            defer { position = following[Int(position)] }
            return Int(position)
        }
    }

    func positions(of quantity: QuantityID) -> Positions {
        Positions(position: isEmpty(quantity) ? -1 : ends[Int(quantity.raw)].first, following: next)
    }

    func value(_ position: Int) -> Value { values[position] }

    /// Calls `body` with a quantity's values in the order in which they were appended.
    func forEach(of quantity: QuantityID, _ body: (Value) -> Void) {
        if isEmpty(quantity) { return }
        var position = ends[Int(quantity.raw)].first
        while position >= 0 {
            body(values[Int(position)])
            position = next[Int(position)]
        }
    }

    /// The quantities that have a list, ascending.
    var keys: [QuantityID] { ends.indices.filter { ends[$0].first > -2 }.map { QuantityID($0) } }
}

/// A set of small numbers.
struct PositionSet: Sendable {
    private var words: [UInt64] = []

    func contains(_ position: Int) -> Bool {
        let word = position >> 6
        return word < words.count && words[word] >> UInt64(position & 63) & 1 != 0
    }

    /// Enters a number, and says whether it is new.
    @discardableResult mutating func insert(_ position: Int) -> Bool {
        let word = position >> 6
        if word >= words.count {
            words.append(contentsOf: repeatElement(0, count: max(word + 1, 2 * words.count) - words.count))
        }
        let bit: UInt64 = 1 << UInt64(position & 63)
        if words[word] & bit != 0 { return false }
        words[word] |= bit
        return true
    }
}

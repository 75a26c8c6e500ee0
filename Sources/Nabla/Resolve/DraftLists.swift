/// Of each quantity the drafts that define it: one, for nearly all of them.
struct DraftLists {
    /// Of each quantity the first; −1 for none.
    private var first: [Int32] = []
    private var others: [QuantityID: [Int]] = [:]

    /// Nil where there is none.
    subscript(quantity: QuantityID) -> [Int]? {
        guard isDefined(quantity) else { return nil }
        return [Int(first[Int(quantity.raw)])] + (others[quantity] ?? [])
    }

    func isDefined(_ quantity: QuantityID) -> Bool {
        Int(quantity.raw) < first.count && first[Int(quantity.raw)] >= 0
    }

    /// The only draft of a quantity; nil where there are none or several.
    func only(_ quantity: QuantityID) -> Int? {
        isDefined(quantity) && (others.isEmpty || others[quantity] == nil) ? Int(first[Int(quantity.raw)]) : nil
    }

    mutating func append(_ draft: Int, of quantity: QuantityID) {
        let place = Int(quantity.raw)
        if place >= first.count {
            first.append(contentsOf: repeatElement(-1, count: max(place + 1, 2 * first.count) - first.count))
        }
        if first[place] < 0 {
            first[place] = Int32(truncatingIfNeeded: draft)
        } else {
            others[quantity, default: []].append(draft)
        }
    }

    /// The quantities that have one, ascending.
    var keys: some Sequence<QuantityID> {
        first.indices.lazy.filter { [first] in first[$0] >= 0 }.map { QuantityID($0) }
    }
}

/// Like terms with their coefficients, or like powers with their exponents, by first occurrence.
struct Collected {
    /// One key, with what was collected for it.
    struct Entry {
        /// What the terms have in common: the rest of a term, or the base of a power.
        var key: ExprID
        /// The sum of the coefficients, or of the exponents.
        var amount: Rational
        /// The first one as it stood.
        var node: ExprID
        var isMerged: Bool
    }

    private(set) var entries: [Entry] = []
    private var positions: [ExprID: Int] = [:]

    /// Longer lists are hashed; looking through a short one is faster.
    private static let longest = 16

    /// Adds to what a key has, and says whether it was there already.
    mutating func add(_ amount: Rational, of key: ExprID, _ node: ExprID) -> Bool {
        if entries.count > Collected.longest {
            if let position = positions[key] {
                entries[position].amount += amount
                entries[position].isMerged = true
                return true
            }
            positions[key] = entries.count
        } else {
            for position in entries.indices where entries[position].key == key {
                entries[position].amount += amount
                entries[position].isMerged = true
                return true
            }
        }
        entries.append(Entry(key: key, amount: amount, node: node, isMerged: false))
        if entries.count == Collected.longest + 1 {
            for (position, entry) in entries.enumerated() { positions[entry.key] = position }
        }
        return false
    }
}

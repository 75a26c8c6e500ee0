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

    private var collected = ExprMap<Entry>()

    /// By first occurrence.
    var entries: [Entry] { collected.values }

    /// Adds to what a key has, and says whether it was there already.
    mutating func add(_ amount: Rational, of key: ExprID, _ node: ExprID) -> Bool {
        guard var entry = collected[key] else {
            collected[key] = Entry(key: key, amount: amount, node: node, isMerged: false)
            return false
        }
        entry.amount += amount
        entry.isMerged = true
        collected[key] = entry
        return true
    }
}

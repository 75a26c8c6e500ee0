/// Finds the known name that is nearest to one that is not known.
///
/// All searches of one run share a budget, so that many unknown names beside many known ones cost no more than a
/// fixed time: what comes after it goes without a suggestion.
struct NameSuggester {
    private var budget: Int
    /// Names with more letters are neither searched nor suggested.
    static let longestName = 40

    /// `budget` bounds the comparisons of two names.
    init(budget: Int = 200_000) { self.budget = budget }

    /// The nearest of `names`, the first of several that are alike near; nil where none is near.
    mutating func nearest(to name: String, among names: some Sequence<String>) -> String? {
        let wanted = Array(name.unicodeScalars.prefix(NameSuggester.longestName + 1))
        guard wanted.count <= NameSuggester.longestName, wanted.count > 0 else { return nil }
        // A third of the letters may be wrong; of a single letter, none, so only another case helps.
        var limit = wanted.count == 1 ? 0 : max(1, wanted.count / 3)
        var best: String?
        for candidate in names {
            if budget <= 0 { return best }
            budget -= 1
            if candidate == name { continue }
            if best == nil, candidate.lowercased() == name.lowercased() {
                best = candidate
                limit = 0
                continue
            }
            guard limit > 0 else { continue }
            let scalars = Array(candidate.unicodeScalars.prefix(NameSuggester.longestName + 1))
            guard scalars.count > 1, abs(scalars.count - wanted.count) <= limit else { continue }
            let distance = NameSuggester.distance(wanted, scalars)
            if distance < limit || distance == limit && best == nil {
                best = candidate
                limit = distance
            }
        }
        return best
    }

    /// The fewest insertions, deletions, replacements and swaps of neighbours that lead from one to the other.
    static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast = Array(repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var current = Array(repeating: row + 1, count: right.count + 1)
            for column in 0..<right.count {
                let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
                var least = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current[column + 1] = least
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}

/// "Did you mean": the known name that is closest to a misspelt one.
public enum Suggestion {
    /// The closest candidate, where one is close enough to be meant: at most a third of the letters differ.
    public static func closest(to word: String, among candidates: [String]) -> String? {
        let letters = Array(word.lowercased().unicodeScalars)
        guard !letters.isEmpty, letters.count <= 60 else { return nil }
        let limit = max(1, letters.count / 3)
        var best: (distance: Int, lengths: Int, name: String)?
        for candidate in candidates {
            let other = Array(candidate.lowercased().unicodeScalars)
            guard abs(other.count - letters.count) <= limit, candidate != word else { continue }
            let distance = editDistance(letters, other)
            // One letter for another says nothing where there is one letter only.
            guard distance <= limit, letters.count > 1 || distance == 0 else { continue }
            // Of two as close, the one that has as many letters: letters change places more often than they are lost.
            let lengths = abs(other.count - letters.count)
            if best.map({ (distance, lengths) < ($0.distance, $0.lengths) }) ?? true {
                best = (distance, lengths, candidate)
            }
        }
        return best?.name
    }

    /// Insertions, deletions, replacements and exchanges of neighbours (optimal string alignment).
    private static func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast = Array(repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var distance = min(last[column + 1] + 1, current[column] + 1, last[column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    distance = min(distance, beforeLast[column - 1] + 1)
                }
                current.append(distance)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}

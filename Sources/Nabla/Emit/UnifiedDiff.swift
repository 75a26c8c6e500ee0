/// The difference between two texts, as `diff -u` shows it.
///
/// Close texts get the shortest difference; for texts that have little in common the search is cut off, so that the time
/// stays in proportion to their length.
public enum UnifiedDiff {
    /// Empty where the texts are equal.
    ///
    /// - Parameter context: how many common lines stand around each change.
    public static func between(
        _ old: String, _ new: String, oldName: String, newName: String, context: Int = 3
    ) -> String {
        if old == new { return "" }
        let before = lines(of: old)
        let after = lines(of: new)
        let steps = LineDifference(before, after).steps
        var text = "--- \(oldName)\n+++ \(newName)\n"
        var first = 0
        while let change = steps[first...].firstIndex(where: { $0.mark != .common }) {
            // A hunk goes on while the next change is near.
            var last = change
            var next = change
            while next < steps.count, next - last <= 2 * context + 1 {
                if steps[next].mark != .common { last = next }
                next += 1
            }
            let hunk = steps[max(first, change - context)...min(steps.count - 1, last + context)]
            text += head(of: hunk)
            for step in hunk {
                let line = step.mark == .inserted ? after[step.new] : before[step.old]
                text += "\(step.mark.rawValue)\(line)"
                if !line.hasSuffix("\n") { text += "\n\\ No newline at end of file\n" }
            }
            first = hunk.endIndex
        }
        return text
    }

    /// Lines with their ends, so that a missing last one is a difference.
    private static func lines(of text: String) -> [Substring] {
        var lines: [Substring] = []
        var rest = text.utf8[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let next = rest.index(after: end)
            lines.append(Substring(rest[..<next]))
            rest = rest[next...]
        }
        if !rest.isEmpty { lines.append(Substring(rest)) }
        return lines
    }

    private static func head(of hunk: ArraySlice<LineDifference.Step>) -> String {
        let olds = hunk.lazy.filter { $0.mark != .inserted }.count
        let news = hunk.lazy.filter { $0.mark != .removed }.count
        guard let first = hunk.first else { return "" }
        // As diff does: a side without lines is said to stand after its line before.
        func range(_ start: Int, _ count: Int) -> String {
            count == 1 ? "\(start + 1)" : "\(count == 0 ? start : start + 1),\(count)"
        }
        return "@@ -\(range(first.old, olds)) +\(range(first.new, news)) @@\n"
    }
}

/// Which lines two texts have in common, in order.
private struct LineDifference {
    enum Mark: String {
        case common = " "
        case removed = "-"
        case inserted = "+"
    }

    /// One line of either text or of both, and how many lines of each stand before it.
    struct Step {
        var mark: Mark
        var old: Int
        var new: Int
    }

    private(set) var steps: [Step] = []
    private let old: [Int]
    private let new: [Int]
    private var isRemoved: [Bool]
    private var isInserted: [Bool]

    /// The most lines that the search for a shortest difference adds and removes between two common lines.
    private static let mostEdits = 200

    init(_ before: [Substring], _ after: [Substring]) {
        // Equal lines get equal numbers.
        var numbers: [Substring: Int] = [:]
        func number(_ line: Substring) -> Int {
            if let known = numbers[line] { return known }
            numbers[line] = numbers.count
            return numbers.count - 1
        }
        old = before.map(number)
        new = after.map(number)
        isRemoved = Array(repeating: false, count: old.count)
        isInserted = Array(repeating: false, count: new.count)
        compare()
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            if left < old.count, isRemoved[left] {
                steps.append(Step(mark: .removed, old: left, new: right))
                left += 1
            } else if right < new.count, isInserted[right] {
                steps.append(Step(mark: .inserted, old: left, new: right))
                right += 1
            } else {
                steps.append(Step(mark: .common, old: left, new: right))
                left += 1
                right += 1
            }
        }
    }

    private mutating func compare() {
        var open: [(old: Range<Int>, new: Range<Int>, level: Int)] = [(old.indices, new.indices, 0)]
        while let segment = open.popLast() {
            var (left, right) = (segment.old, segment.new)
            let level = segment.level
            while let a = left.first, let b = right.first, old[a] == new[b] {
                left = a + 1..<left.upperBound
                right = b + 1..<right.upperBound
            }
            while let a = left.last, let b = right.last, old[a] == new[b] {
                left = left.lowerBound..<a
                right = right.lowerBound..<b
            }
            if left.isEmpty || right.isEmpty || level > 40 {
                replace(left, right)
            } else if !shortest(left, right) {
                // Too different for that: lines that occur once in each part hold it together.
                let anchors = anchors(left, right)
                if anchors.isEmpty {
                    replace(left, right)
                    continue
                }
                var (a, b) = (left.lowerBound, right.lowerBound)
                for anchor in anchors {
                    open.append((a..<anchor.old, b..<anchor.new, level + 1))
                    (a, b) = (anchor.old + 1, anchor.new + 1)
                }
                open.append((a..<left.upperBound, b..<right.upperBound, level + 1))
            }
        }
    }

    private mutating func replace(_ left: Range<Int>, _ right: Range<Int>) {
        for position in left { isRemoved[position] = true }
        for position in right { isInserted[position] = true }
    }

    /// Myers' greedy search (An O(ND) difference algorithm, 1986); no where more edits are needed than it may make.
    private mutating func shortest(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        let (n, m) = (left.count, right.count)
        let limit = min(Self.mostEdits, n + m)
        // Of each diagonal x - y, from -edits to edits, how far x got; one row for each number of edits.
        var rows: [[Int]] = []
        var reached = Array(repeating: 0, count: 2 * limit + 3)
        let middle = limit + 1
        var found: Int?
        search: for edits in 0...limit {
            rows.append(Array(reached[middle - edits...middle + edits]))
            for diagonal in stride(from: -edits, through: edits, by: 2) {
                let comesDown =
                    diagonal == -edits
                    || diagonal != edits && reached[middle + diagonal - 1] < reached[middle + diagonal + 1]
                var x = comesDown ? reached[middle + diagonal + 1] : reached[middle + diagonal - 1] + 1
                var y = x - diagonal
                while x < n, y < m, y >= 0, old[left.lowerBound + x] == new[right.lowerBound + y] {
                    x += 1
                    y += 1
                }
                reached[middle + diagonal] = x
                if x >= n && y >= m {
                    found = edits
                    break search
                }
            }
        }
        guard let found else { return false }
        var (x, y) = (n, m)
        for edits in stride(from: found, to: 0, by: -1) {
            // The row holds what was reached with one edit less.
            let row = rows[edits]
            func before(_ diagonal: Int) -> Int { row[diagonal + edits] }
            let diagonal = x - y
            let comesDown =
                diagonal == -edits || diagonal != edits && before(diagonal - 1) < before(diagonal + 1)
            let from = comesDown ? diagonal + 1 : diagonal - 1
            x = before(from)
            y = x - from
            if comesDown {
                if right.indices.contains(right.lowerBound + y) { isInserted[right.lowerBound + y] = true }
            } else if left.indices.contains(left.lowerBound + x) {
                isRemoved[left.lowerBound + x] = true
            }
        }
        return true
    }

    /// Lines that occur once in each part, as many as stand in the same order in both (patience difference).
    private func anchors(_ left: Range<Int>, _ right: Range<Int>) -> [(old: Int, new: Int)] {
        var places: [Int: (count: Int, place: Int)] = [:]
        for position in right {
            places[new[position]] = ((places[new[position]]?.count ?? 0) + 1, position)
        }
        var counts: [Int: Int] = [:]
        for position in left { counts[old[position], default: 0] += 1 }
        var candidates: [(old: Int, new: Int)] = []
        for position in left where counts[old[position]] == 1 {
            if let (count, place) = places[old[position]], count == 1 { candidates.append((position, place)) }
        }
        // The longest increasing subsequence, by the piles of patience sorting.
        var piles: [Int] = []
        var previous: [Int?] = []
        for (number, candidate) in candidates.enumerated() {
            var (low, high) = (0, piles.count)
            while low < high {
                let middle = (low + high) / 2
                if candidates[piles[middle]].new < candidate.new { low = middle + 1 } else { high = middle }
            }
            previous.append(low > 0 ? piles[low - 1] : nil)
            if low == piles.count { piles.append(number) } else { piles[low] = number }
        }
        var chain: [(old: Int, new: Int)] = []
        var next = piles.last
        while let number = next {
            chain.append(candidates[number])
            next = previous[number]
        }
        return chain.reversed()
    }
}

/// The difference between two texts, as `diff -u` shows it.
public enum UnifiedDiff {
    /// Empty where the texts are equal.
    public static func between(_ old: String, _ new: String, oldName: String, newName: String, context: Int = 3)
        -> String
    {
        if old == new { return "" }
        let before = old.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let after = new.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in after.difference(from: before) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        /// One line of the result, and where it stands in either text.
        var lines: [(mark: Character, text: String, old: Int, new: Int)] = []
        var (left, right) = (0, 0)
        while left < before.count || right < after.count {
            if left < before.count && removed.contains(left) {
                lines.append(("-", before[left], left, right))
                left += 1
            } else if right < after.count && inserted.contains(right) {
                lines.append(("+", after[right], left, right))
                right += 1
            } else {
                lines.append((" ", left < before.count ? before[left] : "", left, right))
                left += 1
                right += 1
            }
        }
        var shown = Array(repeating: false, count: lines.count)
        for position in lines.indices where lines[position].mark != " " {
            for near in max(0, position - context)...min(lines.count - 1, position + context) { shown[near] = true }
        }
        var text = "--- \(oldName)\n+++ \(newName)\n"
        var start = 0
        while start < lines.count {
            guard shown[start] else {
                start += 1
                continue
            }
            let end = shown[start...].firstIndex(of: false) ?? lines.count
            let hunk = lines[start..<end]
            let (olds, news) = (hunk.filter { $0.mark != "+" }.count, hunk.filter { $0.mark != "-" }.count)
            text += "@@ -\(hunk[start].old + 1),\(olds) +\(hunk[start].new + 1),\(news) @@\n"
            for line in hunk { text += "\(line.mark)\(line.text)\n" }
            start = end
        }
        return text
    }
}

import Testing

@testable import Nabla

@Suite struct UnifiedDiffRandomTests {
    /// Applies a unified difference to the old text.
    private func patched(_ old: String, _ difference: String) -> String? {
        var source = old.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if source.last == "" { source.removeLast() } else { source[source.count - 1] += "\u{0}" }
        var result: [String] = []
        var position = 0
        var expected = 0
        var previous: Character = " "
        for line in difference.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(2).dropLast() {
            if line.hasPrefix("@@") {
                let parts = line.split(separator: " ")[1].dropFirst().split(separator: ",")
                guard let start = Int(parts[0]) else { return nil }
                let count = parts.count > 1 ? Int(parts[1]) ?? 0 : 1
                let first = count == 0 ? start : start - 1
                while position < first {
                    result.append(source[position])
                    position += 1
                }
                expected += count
                continue
            }
            if line.hasPrefix("\\") {
                // The last line has no end.
                if previous != "-", !result.isEmpty, !result[result.count - 1].hasSuffix("\u{0}") {
                    result[result.count - 1] += "\u{0}"
                }
                continue
            }
            guard let mark = line.first else { return nil }
            previous = mark
            let text = String(line.dropFirst())
            switch mark {
            case "+": result.append(text)
            default:
                guard position < source.count, source[position].filter({ $0 != "\u{0}" }) == text else { return nil }
                if mark == " " { result.append(source[position]) }
                position += 1
            }
        }
        result.append(contentsOf: source[position...])
        var text = ""
        for line in result { text += line.hasSuffix("\u{0}") ? String(line.dropLast()) : line + "\n" }
        return text
    }

    @Test func applyingTheDifferenceGivesTheNewText() {
        var generator = SeededGenerator(state: 7)
        for _ in 0..<500 {
            let alphabet = Int.random(in: 1...12, using: &generator)
            func text(_ count: Int) -> String {
                let body = (0..<count).map { _ in "\(Int.random(in: 0..<alphabet, using: &generator))" }
                let end = Bool.random(using: &generator) ? "\n" : ""
                return body.isEmpty ? "" : body.joined(separator: "\n") + end
            }
            let old = text(Int.random(in: 1...40, using: &generator))
            let new = text(Int.random(in: 0...40, using: &generator))
            let difference = UnifiedDiff.between(old, new, oldName: "a", newName: "b")
            if old == new { #expect(difference.isEmpty) } else { #expect(patched(old, difference) == new) }
        }
    }

    @Test func oneChangeIsOneChange() {
        let old = (0..<1000).map { "\($0 % 7)\n" }.joined()
        let new = (0..<1000).map { $0 == 500 ? "x\n" : "\($0 % 7)\n" }.joined()
        let lines = UnifiedDiff.between(old, new, oldName: "a", newName: "b").split(separator: "\n")
        #expect(lines.filter { $0.hasPrefix("-") && !$0.hasPrefix("---") }.count == 1)
        #expect(lines.filter { $0.hasPrefix("+") && !$0.hasPrefix("+++") }.count == 1)
        #expect(lines.count == 2 + 1 + 8)
    }

    @Test func longTextsThatDifferEverywhere() {
        let old = (0..<50_000).map { "old \($0)\n" }.joined()
        let new = (0..<50_000).map { "new \($0)\n" }.joined()
        #expect(
            UnifiedDiff.between(old, new, oldName: "a", newName: "b").hasPrefix(
                "--- a\n+++ b\n@@ -1,50000 +1,50000 @@\n"))
        // Every other line differs.
        let half = (0..<50_000).map { $0 % 2 == 0 ? "old \($0)\n" : "new \($0)\n" }.joined()
        let difference = UnifiedDiff.between(old, half, oldName: "a", newName: "b")
        #expect(difference.split(separator: "\n").filter { $0.hasPrefix(" ") }.count > 24_000)
    }
}

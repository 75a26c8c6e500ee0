import Foundation
import TestSupport
import Testing

@testable import Nabla

/// The LaTeX that the goldens hold compiles, fits the page, and renders in KaTeX.
@Suite struct DocumentTests {
    @Test(.enabled(if: Command.runsTests(thatNeed: "pdflatex"), "pdflatex is not installed"))
    func everyDocumentCompilesAndFitsThePage() throws {
        var count = 0
        for one in try GoldenCase.all() where !one.isBad {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let made = try one.made()
            // The derivation in numbers has all that the document has.
            try folder.write(try #require(made["numbers.tex"] ?? made["document.tex"]), to: "document.tex")
            var command = Command(
                "pdflatex", "-halt-on-error", "-no-shell-escape", "-interaction=nonstopmode", "document.tex",
                in: folder.url)
            command.environment = ["openin_any": "p", "openout_any": "p", "max_print_line": "1000"]
            let result = try command.run(seconds: 60)
            let log = (try? Fixtures.text(folder.url.appendingPathComponent("document.log"))) ?? result.output
            let lines = log.split(separator: "\n")
            #expect(result.status == 0, "\(one.name): \(lines.filter { $0.hasPrefix("!") || $0.hasPrefix("l.") })")
            let tooWide = lines.filter { $0.hasPrefix("Overfull") }
            #expect(tooWide.isEmpty, "\(one.name): \(tooWide)")
            count += 1
        }
        #expect(count >= 15)
    }

    /// The formulas of a fragment: what stands in display environments, between `\[` and `\]`, and between dollars.
    static func formulas(in fragment: String) -> [String] {
        var formulas: [String] = []
        var rest = fragment[...]
        let delimiters = [
            (#"\begin{align*}"#, #"\end{align*}"#, true), (#"\["#, #"\]"#, false), (#"\("#, #"\)"#, false),
            ("$$", "$$", false), ("$", "$", false),
        ]
        while !rest.isEmpty {
            let next = delimiters.enumerated().compactMap { order, pair -> (String.Index, Int)? in
                rest.range(of: pair.0).map { ($0.lowerBound, order) }
            }.min { ($0.0, $0.1) < ($1.0, $1.1) }
            guard let (start, order) = next else { break }
            let (open, close, keeps) = delimiters[order]
            let inner = rest[rest.index(start, offsetBy: open.count)...]
            guard let end = inner.range(of: close) else { break }
            formulas.append(keeps ? open + inner[..<end.lowerBound] + close : String(inner[..<end.lowerBound]))
            rest = inner[end.upperBound...]
        }
        return formulas
    }

    @Test func formulasAreFound() {
        let text = #"Let $a$ be \(b\). \begin{align*} c &= d \\ e &= f \end{align*} and \[g\]."#
        #expect(
            Self.formulas(in: text) == ["a", "b", #"\begin{align*} c &= d \\ e &= f \end{align*}"#, "g"])
    }

    @Test(.enabled(if: Command.runsTests(thatNeed: "katex"), "katex is not installed"))
    func everyFragmentRendersInKaTeX() throws {
        var count = 0
        for one in try GoldenCase.all() where !one.isBad {
            let made = try one.made()
            let fragment = try #require(made["numbers-fragment.tex"] ?? made["derivation.tex"])
            let formulas = Self.formulas(in: fragment)
            #expect(!formulas.isEmpty, "\(one.name)")
            // One start of the program for a case: the formulas are rows of one display, each in a group of its own.
            var command = Command("katex", "--strict", "--display-mode")
            // Debian's own node looks there by itself; another one that comes first in PATH does not.
            command.environment = ["NODE_PATH": "/usr/share/nodejs"]
            command.input = Data(
                (#"\begin{gathered}"# + "\n"
                    + formulas.map { "{" + Self.nested($0) + "}" }.joined(separator: " \\\\\n") + "\n"
                    + #"\end{gathered}"#).utf8)
            let result = try command.run(seconds: 60)
            #expect(result.status == 0, "\(one.name): \(result.output.suffix(600))")
            count += formulas.count
        }
        #expect(count >= 100)
    }

    /// `align*` stands at the top only; inside another display it is called `aligned`.
    private static func nested(_ formula: String) -> String {
        formula.replacing("{align*}", with: "{aligned}")
    }
}

import Foundation
import TestSupport
import Testing

@testable import Nabla

/// Slides, Markdown and exercises.
@Suite struct StyleTests {
    private static let examples = [
        "OneNeuronChain", "OneLayer", "MultiNeuron", "MultiNeuronReLU", "SoftmaxClassifier", "RecurrentNetwork",
    ]

    private func text(_ name: String, _ style: LaTeXPrinter.Style, fade: Int = 0) throws -> String {
        var spec = Spec(SourceText(name: name, text: try Fixtures.text(try Fixtures.path("Examples/\(name).nabla"))))
        return LaTeXPrinter.text(of: try spec.derive(), options: .init(style: style, fade: fade))
    }

    private func random(_ seeds: Range<UInt64>, _ style: LaTeXPrinter.Style, fade: Int = 0) -> [String] {
        seeds.compactMap { seed in
            var spec = Spec(SourceText(name: "Random.nabla", text: RandomSpecs.make(seed: seed).text))
            guard spec.isValid, let derived = try? spec.derive() else { return nil }
            return LaTeXPrinter.text(of: derived, options: .init(style: style, fade: fade))
        }
    }

    /// Documents of one style as one, so that pdflatex starts once.
    private func joined(_ texts: [String], separator: String) throws -> String {
        let (begin, end) = ("\\begin{document}\n", "\\end{document}\n")
        let first = try #require(texts.first?.components(separatedBy: begin).first)
        let bodies = try texts.map { text in
            try #require(text.components(separatedBy: begin).dropFirst().first).components(separatedBy: end)[0]
        }
        return first + begin + bodies.joined(separator: separator) + end
    }

    private func compile(_ text: String, isTall: Bool = false) throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        _ = try folder.write(text, to: "document.tex")
        var command = Command(
            "pdflatex", "-halt-on-error", "-no-shell-escape", "-interaction=nonstopmode", "document.tex", in: folder.url
        )
        command.environment = ["openin_any": "p", "openout_any": "p", "max_print_line": "1000"]
        let result = try command.run(seconds: 300)
        #expect(result.status == 0, "\(result.output.suffix(2000))")
        let log = try String(contentsOf: folder.url.appendingPathComponent("document.log"), encoding: .isoLatin1)
        let wide = isTall ? #"Overfull \hbox"# : "Overfull"
        let bad = log.split(separator: "\n").filter { $0.hasPrefix(wide) || $0.contains("undefined") }
        let place = bad.first?.split(separator: " ").last.flatMap { Int($0) } ?? 1
        let near = text.components(separatedBy: "\n").dropFirst(max(0, place - 25)).prefix(25).joined(separator: "\n")
        #expect(bad.isEmpty, "\(bad)\n\(bad.isEmpty ? "" : near)")
    }

    private static let hasBeamer = Command.runsTests(thatNeed: "pdflatex")

    @Test(.enabled(if: hasBeamer, "pdflatex is not installed"))
    func slidesCompileAndFit() throws {
        try compile(try joined(try Self.examples.map { try text($0, .beamer) }, separator: "\n"))
        // A single formula of a random spec can be taller than a slide.
        let texts = random(0..<6, .beamer) + random(6..<9, .beamer, fade: 2)
        try compile(try joined(texts, separator: "\n"), isTall: true)
    }

    @Test(.enabled(if: hasBeamer, "pdflatex is not installed"))
    func exercisesCompileAndFit() throws {
        var texts = try Self.examples.map { try text($0, .document, fade: 3) }
        texts += random(0..<40, .document, fade: 2)
        try compile(try joined(texts, separator: "\n\\clearpage\n"))
    }

    @Test func factorsComeOneByOne() throws {
        let text = try text("OneNeuronChain", .beamer)
        #expect(text.contains(#"\uncover<2->{\underbrace{\frac{\partial a^{(L)}}{\partial z^{(L)}}}"#))
        #expect(text.contains(#"\uncover<3->{\underbrace{\frac{\partial C_0}{\partial a^{(L)}}}"#))
        #expect(text.contains(#"&\uncover<4->{{}= }"#))
    }

    @Test func blanksHaveAnswers() throws {
        for style in LaTeXPrinter.Style.allCases {
            let full = try text("OneLayer", style)
            let faded = try text("OneLayer", style, fade: 2)
            #expect(!full.contains(#"\boxed"#))
            let blanks = faded.components(separatedBy: #"\boxed{\text{("#).count - 1
            let answers = faded.components(separatedBy: #"\text{("#).count - 1 - blanks
            #expect(blanks > 5 && answers == blanks, "\(style)")
            #expect(faded.contains("The answers"))
            // All that was blank is in the key.
            #expect(faded.contains(#"\sigma'"#))
        }
        #expect(try text("OneLayer", .fragment, fade: 1).contains(#"&= \boxed{\text{(1)}\qquad\qquad}"#))
    }

    @Test(.enabled(if: katexIsInstalled, "node or KaTeX is not installed"))
    func markdownIsLegalInKaTeX() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let texts =
            try Self.examples.map { try text($0, .markdown, fade: 1) } + random(200..<230, .markdown)
            + [hostile(.markdown)]
        _ = try folder.write(texts.joined(separator: "\n\n"), to: "derivations.md")
        _ = try folder.write(
            #"""
            const katex = require('/usr/share/nodejs/katex');
            const text = require('fs').readFileSync('derivations.md', 'utf8');
            let count = 0;
            const check = (formula, displayMode) => {
                katex.renderToString(formula, {displayMode, strict: 'error', throwOnError: true});
                count++;
            };
            const rest = text.replace(/^\$\$\n([\s\S]*?)\n\$\$$/gm, (_, formula) => { check(formula, true); return ''; });
            for (const [, formula] of rest.matchAll(/(?<!\\)\$((?:[^$\\]|\\.)+)\$/g)) check(formula, false);
            console.log(count > 300 ? 'all legal' : 'too few: ' + count);
            """#, to: "check.js")
        let result = try Command("node", "check.js", in: folder.url).run()
        #expect(result.status == 0 && result.output.contains("all legal"), "\(result.output.suffix(2000))")
    }

    private static let katexIsInstalled =
        Command.exists("node") && FileManager.default.fileExists(atPath: "/usr/share/nodejs/katex")

    @Test func markdownHasNoEscapesOfPunctuationInFormulas() throws {
        for text in try Self.examples.map({ try text($0, .markdown) }) {
            for part in text.components(separatedBy: "$$").enumerated() where part.offset % 2 == 1 {
                for mark in [#"\,"#, #"\;"#, #"\\"#, #"\{"#, #"\_"#] { #expect(!part.element.contains(mark)) }
            }
        }
    }

    // MARK: Hostile names and comments

    private func hostile(_ style: LaTeXPrinter.Style) throws -> String {
        let long = String(repeating: "abcdefghij", count: 20)
        let text = """
            /// \\input{secret} $ % \\end{document} <script>alert(1)</script> $$x$$ [a](b) `c` *d* #1
            /// |e| :smile: ~~f~~ &amp; <!-- -->
            network Hostile
            param input_[3], _, Ω, \(long)
            /// 1. \\end{frame} & # _ ^ ~ {}} \\uncover<2->
            h[i] = input_[i] * Ω + _
            /// = $$
            cost C = sum(i: tanh(h[i]) * \(long))
            """
        var spec = Spec(SourceText(name: "Hostile.nabla", text: text))
        try #require(spec.isValid, "\(spec.diagnostics.map(\.message))")
        return LaTeXPrinter.text(of: try spec.derive(), options: .init(style: style, fade: 1))
    }

    @Test(.enabled(if: hasBeamer, "pdflatex is not installed"))
    func hostileTextCompiles() throws {
        try compile(try hostile(.document))
        try compile(try hostile(.beamer))
    }

    @Test func hostileTextIsTextInMarkdown() throws {
        let text = try hostile(.markdown)
        #expect(!text.contains("<script"))
        #expect(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(text.contains(#"\\input{secret}"#) && text.contains(#"\$\$x\$\$"#) && text.contains(#"\*d\*"#))
        #expect(text.contains(#"\`c\`"#) && text.contains("&#91;a&#93;(b)") && text.contains(#"\:smile:"#))
        #expect(text.contains("\n1\\. "))
    }
}

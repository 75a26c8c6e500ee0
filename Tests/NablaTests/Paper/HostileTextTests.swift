import Foundation
import TestSupport
import Testing

@testable import Nabla

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// Names and comments come out as text, whatever they hold, in every style, on pages and in drawings.
@Suite struct HostileTextTests {
    private static let long = String(repeating: "abcdefghij", count: 20)
    private static let attack = #"\input{secret} $ % \end{document} <script>alert(1)</script>"#

    private static let source = """
        /// \(attack) $$x$$ [a](b) `c` *d* #1 ]]> --> \\par
        /// |e| :smile: ~~f~~ &amp; <!-- -->
        network Hostile
        /// The size: \(attack)
        size N = 3
        /// The parameters: \(attack)
        param input_[N], _, Ω\u{303}, ñ, x\u{303}y, \(long)
        /// \(String(repeating: "A comment without end. ", count: 90))
        param v_1
        /// 1. \\end{frame} & # _ ^ ~ {}} \\uncover<2-> Ω\u{303} x\u{303} \(long)
        h[i] = input_[i] * Ω\u{303} + _ * ñ * v_1
        /// = $$
        cost C = sum(i: tanh(h[i]) * \(long) * x\u{303}y)
        """

    private func derived() throws -> DerivedSystem {
        var spec = Spec(SourceText(name: "Hostile.nabla", text: Self.source))
        try #require(spec.isValid, "\(spec.diagnostics.map(\.message))")
        return try spec.derive()
    }

    private func text(_ style: LaTeXPrinter.Style) throws -> String {
        LaTeXPrinter.text(of: try derived(), options: .init(style: style, fade: style == .fragment ? 0 : 1))
    }

    @Test(
        .enabled(if: PaperRun.isPossible, "pdflatex is not installed"),
        arguments: [LaTeXPrinter.Style.fragment, .document, .beamer])
    func compiles(style: LaTeXPrinter.Style) async throws {
        let text = try text(style)
        for complaint in try await PaperRun.complaints(about: [.init(name: "hostile", text: text)], isHandout: false) {
            Issue.record("\(style), \(complaint)")
        }
        #expect(!text.contains(#"\input"#))
        #expect(text.components(separatedBy: #"\end{document}"#).count <= 2)
        #expect(text.contains(#"\tilde{\Omega}"#) && text.contains(#"\tilde{n}"#))
        // A fragment has no prose.
        if style != .fragment { #expect(text.contains(#"The parameters: \textbackslash{}input\{secret\} \$ \%"#)) }
    }

    @Test(.enabled(if: PaperTests.katexIsInstalled, "node or KaTeX is not installed"))
    func isLegalInKaTeX() throws {
        let texts = try [LaTeXPrinter.Style.fragment, .markdown].map { style in
            PrintedSpecs.Printed(name: "\(style)", text: try text(style))
        }
        #expect(try PaperTests.katexComplaints(about: texts) == [])
    }

    @Test func isTextInMarkdown() throws {
        let text = try text(.markdown)
        #expect(!text.contains("<script"))
        #expect(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(text.contains(#"\\input{secret}"#) && text.contains(#"\$\$x\$\$"#) && text.contains(#"\*d\*"#))
        #expect(text.contains(#"\`c\`"#) && text.contains("&#91;a&#93;(b)") && text.contains(#"\:smile:"#))
        #expect(text.contains("\n1\\. "))
    }

    @Test func isTextOnAPage() throws {
        let page = HTMLPrinter.text(of: try derived())
        #expect(!page.contains("<script"))
        #expect(page.contains("The parameters: \\input{secret} $ % \\end{document} &lt;script&gt;"))
        #expect(
            page.contains(#"<mover accent="true"><mi mathvariant="normal">Ω</mi><mo stretchy="false">~</mo></mover>"#))
        let parser = XMLParser(data: Data(page.utf8))
        #expect(parser.parse(), "\(String(describing: parser.parserError)) at line \(parser.lineNumber)")
    }

    @Test(arguments: GraphPrinter.Format.allCases)
    func isTextInGraphs(format: GraphPrinter.Format) async throws {
        let derived = try derived()
        let cost = try #require(derived.system.costs.last)
        let text = GraphPrinter.text(of: DependencyGraph(derived.system, cost: cost), format: format)
        // A tip has all of a name's comment, but no label has all of a name.
        #expect(!text.contains("<script"))
        switch format {
        case .tikz:
            #expect(text.contains(#"\tilde{\Omega}"#) && !text.contains(#"\input"#))
            guard PaperRun.isPossible else { return }
            let packages =
                #"\documentclass{article}\usepackage[margin=25mm]{geometry}\usepackage{amsmath,tikz}\usetikzlibrary{arrows.meta}"#
            let document = packages + "\n\\begin{document}\n" + text + "\\end{document}\n"
            #expect(try await PaperRun.complaints(about: [.init(name: "graph", text: document)]).isEmpty)
        case .svg:
            #expect(text.contains("Ω\u{303}"))
            #expect(XMLParser(data: Data(text.utf8)).parse())
        case .dot, .mermaid:
            #expect(text.contains("Ω\u{303}"))
            #expect(text.contains("abcdefghijabcdef…"))
        }
    }

    /// The same letter, however its mark was typed, is one name; a mark by itself is none.
    @Test func namesWithMarks() throws {
        var spec = Spec(SourceText(name: "Marks", text: "param n\u{303}, q\u{302}0\ncost C = ñ^2 + q\u{302}0\n"))
        try #require(spec.isValid, "\(spec.diagnostics.map(\.message))")
        let derived = try spec.derive()
        #expect(LaTeXPrinter.text(of: derived).contains(#"\tilde{n}^2 + \hat{q}_0"#))
        #expect(try SwiftPrinter.text(of: derived, options: SwiftOptions(sourceName: "x")).contains("q\u{302}0"))
        #expect(!Spec(SourceText(name: "Marks", text: "param \u{303}x\ncost C = 1\n")).isValid)
        #expect(LaTeXText.greekLetters["phi"] == "ϕ" && LaTeXText.greekLetters["varphi"] == "φ")
        for (name, letter) in LaTeXText.greekLetters { #expect(LaTeXText.greek[letter] == "\\" + name) }
    }
}

import Foundation
import TestSupport
import Testing

@testable import Nabla

@Suite struct LaTeXDerivationTests {
    /// derivation.md, "What the seed network must give", line by line.
    @Test func theSeedNetwork() throws {
        let derived = try SeedNetwork().derived
        let text = LaTeXPrinter.text(of: derived)
        let lines = [
            // The network.
            #"z_j^{(l)} &= \sum_{k=0}^{n_{l-1}-1} w_{jk}^{(l)}\, a_k^{(l-1)} + b_j^{(l)} \qquad l = 1, \dots, L"#,
            #"a_j^{(l)} &= \sigma\bigl(z_j^{(l)}\bigr)"#,
            #"C_0 &= \sum_{j=0}^{n_L-1} \bigl(a_j^{(L)} - y_j\bigr)^2"#,
            #"C &= \frac{1}{m} \sum_{i=0}^{m-1} C_i"#,
            // The chain rule for a weight and a bias of the last layer.
            #"\frac{\partial C_0}{\partial w_{jk}^{(L)}} &= \underbrace{\frac{\partial z_j^{(L)}}{\partial w_{jk}^{(L)}}}_{a_k^{(L-1)}}\; \underbrace{\frac{\partial a_j^{(L)}}{\partial z_j^{(L)}}}_{\sigma'\bigl(z_j^{(L)}\bigr)}\; \underbrace{\frac{\partial C_0}{\partial a_j^{(L)}}}_{2\bigl(a_j^{(L)} - y_j\bigr)}"#,
            #"&= a_k^{(L-1)}\, \sigma'\bigl(z_j^{(L)}\bigr) \cdot 2\bigl(a_j^{(L)} - y_j\bigr)"#,
            #"&= \sigma'\bigl(z_j^{(L)}\bigr) \cdot 2\bigl(a_j^{(L)} - y_j\bigr)"#,
            // The paths from an activation of the layer before.
            #"&= \sum_{j=0}^{n_L-1} \underbrace{\frac{\partial z_j^{(L)}}{\partial a_k^{(L-1)}}}_{w_{jk}^{(L)}}"#,
            #"&= \sum_{j=0}^{n_L-1} w_{jk}^{(L)}\, \sigma'\bigl(z_j^{(L)}\bigr) \cdot 2\bigl(a_j^{(L)} - y_j\bigr)"#,
            // Any layer.
            #"&= \sum_{j=0}^{n_{l+1}-1} w_{jk}^{(l+1)}\, \sigma'\bigl(z_j^{(l+1)}\bigr)\, \frac{\partial C_0}{\partial a_j^{(l+1)}}"#,
            #"\qquad l < L"#,
            // All examples, and the gradient.
            #"\frac{\partial C}{\partial w_{jk}^{(l)}} &= \frac{1}{m} \sum_{i=0}^{m-1} \frac{\partial C_i}{\partial w_{jk}^{(l)}}"#,
            #"\nabla C &= \Bigl(\frac{\partial C}{\partial w_{jk}^{(l)}},\; \frac{\partial C}{\partial b_j^{(l)}}\Bigr)"#,
        ]
        for line in lines { #expect(text.contains(line), "\(line)\n\(text)") }
    }

    /// Derivations of random specs, as far as they have one.
    private func derivations(_ seeds: Range<UInt64>, _ style: LaTeXPrinter.Style) -> [String] {
        seeds.compactMap { seed in
            var spec = Spec(SourceText(name: "Random.nabla", text: RandomSpecs.make(seed: seed).text))
            guard spec.isValid, let derived = try? spec.derive() else { return nil }
            return LaTeXPrinter.text(of: derived, options: .init(style: style))
        }
    }

    /// All in one run of pdflatex: nothing undefined, nothing wider or taller than the page.
    private func compile(_ text: String) throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        _ = try folder.write(text, to: "document.tex")
        let result = try Command(
            "pdflatex", "-halt-on-error", "-no-shell-escape", "-interaction=nonstopmode", "document.tex", in: folder.url
        ).run(seconds: 300)
        #expect(result.status == 0, "\(result.output.suffix(2000))")
        let log = try String(contentsOf: folder.url.appendingPathComponent("document.log"), encoding: .isoLatin1)
        let bad = log.split(separator: "\n").filter { $0.hasPrefix("Overfull") || $0.contains("undefined") }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for complaint in bad {
            let number = complaint.split(separator: " ").last.flatMap { Int($0) } ?? 0
            let place = lines.dropFirst(max(0, number - 3)).prefix(4).joined(separator: "\n")
            Issue.record("\(complaint)\n\(place)")
        }
    }

    @Test(.enabled(if: Command.runsTests(thatNeed: "pdflatex"), "pdflatex is not installed"))
    func fragmentsFitThePage() throws {
        let texts = derivations(0..<100, .fragment)
        #expect(texts.count > 70)
        let packages = #"\usepackage[T1]{fontenc}\usepackage{lmodern,amsmath,xcolor}"#
        let preamble = #"\documentclass{article}"# + packages + #"\begin{document}"#
        try compile(preamble + texts.joined(separator: "\n\\clearpage\n") + "\n\\end{document}\n")
    }

    @Test(.enabled(if: Command.runsTests(thatNeed: "pdflatex"), "pdflatex is not installed"))
    func documentsFitThePage() throws {
        let texts = derivations(100..<200, .document)
        #expect(texts.count > 70)
        let begin = "\\begin{document}\n"
        let first = try #require(texts.first?.range(of: begin))
        let bodies = try texts.map { text -> Substring in
            let start = try #require(text.range(of: begin)).upperBound
            return text[start...].dropLast("\\end{document}\n".count)
        }
        let preamble = try #require(texts.first)[..<first.upperBound]
        try compile(preamble + bodies.joined(separator: "\n\\clearpage\n") + "\\end{document}\n")
    }

    @Test(.enabled(if: Command.runsTests(thatNeed: "pdflatex"), "pdflatex is not installed"))
    func hostileNamesAndCommentsCompile() throws {
        let text = #"""
            /// \input{secret} $ % \end{document} <script>alert("x")</script> & # _ ^ ~ {}} -- --- `'' 中文 σ′ ∂C/∂w ≤ é ß 😀
            network Hostile_name_x
            /// \par% $$
            size größe = 3
            layer l in 1...2
            param input_[größe], _, Ω[größe], aVeryLongName_aVeryLongName_aVeryLongName_aVeryLongName_aVeryLongName[größe]
            param λ, w1, 名前, Σ2, beta12, æøå(l), x_, W_xh[größe], loss3, alpha_1, Đ
            /// $$ \cdots \undefined ~ `a` "b" |e| ?` !` << >> ÀÿðÞ×÷ŁőĦ € § “q” ‘r’ •
            h_1[i] = input_[i] * Ω[i] + aVeryLongName_aVeryLongName_aVeryLongName_aVeryLongName_aVeryLongName[i]
            func 活性(u) = tanh(u)/(1 + abs(u))
            cost C = sum(i: h_1[i]^2 * W_xh[i]) + _ * λ + w1^2 + 名前*Σ2 + beta12^2 + æøå(1)*æøå(2) + x_*loss3*alpha_1 + 活性(Đ)
            """#
        var spec = Spec(SourceText(name: "Hostile.nabla", text: text))
        try #require(spec.isValid, "\(spec.diagnostics.map(\.message))")
        try compile(LaTeXPrinter.text(of: try spec.derive(), options: .init(style: .document)))
    }

    /// KaTeX with strict errors takes every formula of a fragment.
    @Test(.enabled(if: katexIsInstalled, "node or KaTeX is not installed"))
    func fragmentsAreLegalInKaTeX() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let texts = derivations(120..<160, .fragment)
        #expect(texts.count > 25)
        _ = try folder.write(texts.joined(), to: "fragments.tex")
        _ = try folder.write(
            #"""
            const katex = require('/usr/share/nodejs/katex');
            const text = require('fs').readFileSync('fragments.tex', 'utf8');
            let count = 0;
            for (const [formula] of text.matchAll(/\\begin\{align\*\}[\s\S]*?\\end\{align\*\}/g)) {
                katex.renderToString(formula, {displayMode: true, strict: 'error', throwOnError: true});
                count++;
            }
            console.log(count > 100 ? 'all legal' : 'too few');
            """#, to: "check.js")
        let result = try Command("node", "check.js", in: folder.url).run()
        #expect(result.status == 0 && result.output.contains("all legal"), "\(result.output.suffix(2000))")
    }

    private static let katexIsInstalled =
        Command.exists("node") && FileManager.default.fileExists(atPath: "/usr/share/nodejs/katex")
}

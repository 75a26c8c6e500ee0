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

    @Test(.enabled(if: PaperRun.isPossible, "pdflatex is not installed"))
    func hostileNamesAndCommentsCompile() async throws {
        let source = #"""
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
        var spec = Spec(SourceText(name: "Hostile.nabla", text: source))
        try #require(spec.isValid, "\(spec.diagnostics.map(\.message))")
        let text = LaTeXPrinter.text(of: try spec.derive(), options: .init(style: .document))
        #expect(try await PaperRun.complaints(about: [.init(name: "hostile", text: text)]).isEmpty)
    }
}

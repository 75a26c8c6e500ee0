import Testing

@testable import Nabla

/// How expressions of the language look in LaTeX.
@Suite struct LaTeXFormulaTests {
    private static let declarations = """
        size N = 4
        size L = 3
        size n(0...L) = [4, 3, 2, 2]
        layer l in 1...L
        step t in 1...5
        param u, v, lambda, loss, C0, w_ih
        param x[N], y[N], A[N,N], w(l)[n(l), n(l-1)], a(0...L)[4], h(t)[N]
        func swish(s) = s * sigmoid(s)
        func f(r, s) = r * s^2

        """

    private func tex(_ expression: String) throws -> String {
        let spec = Spec(SourceText(name: "Test.nabla", text: Self.declarations + "cost K = \(expression)\n"))
        try #require(spec.isValid, "\(spec.diagnostics.map(\.message))")
        let equation = try #require(spec.system.equations.last)
        var printer = FormulaPrinter(spec.system, limit: 40)
        return printer.formula(equation.body).tex
    }

    @Test(arguments: [
        // Names.
        ("lambda * loss * C0 * w_ih", #"\lambda\, \mathrm{loss}\, C_0\, w_{\mathrm{ih}}"#),
        ("w(1)[0,1] + a(0)[2] + h(2)[1]", #"w_{0,1}^{(1)} + a_2^{(0)} + h_1^{\langle 2\rangle}"#),
        ("w(L)[0,1] * u", #"w_{0,1}^{(L)}\, u"#),
        // Products, quotients, signs.
        ("2*(u - v)", #"2(u - v)"#),
        ("(u - v)*2", #"2(u - v)"#),
        ("2*u*3", #"2 u \cdot 3"#),
        ("-u*v", #"(-u)\, v"#),
        ("-(u*v)", #"-u\, v"#),
        ("u - (v - u)", #"u - (v - u)"#),
        ("u - v*u", #"u - v\, u"#),
        ("u/v", #"\frac{u}{v}"#),
        ("1/2*u", #"\frac{1}{2} u"#),
        ("(u + v)/(u - v)", #"\frac{u + v}{u - v}"#),
        ("0.50*u", "0.50 u"),
        ("1e-5*u", #"10^{-5} u"#),
        // Powers.
        ("x[1]^2", #"x_1^2"#),
        ("a(1)[0]^2", #"\bigl(a_0^{(1)}\bigr)^2"#),
        ("(u + v)^2", #"(u + v)^2"#),
        ("(-u)^2", #"(-u)^2"#),
        ("-u^2", #"-u^2"#),
        ("u^-2", #"u^{-2}"#),
        ("u^v^2", #"u^{v^2}"#),
        ("(u^v)^2", #"\bigl(u^{v}\bigr)^2"#),
        ("1e-5^u", #"(10^{-5})^{u}"#),
        // Functions.
        ("sigmoid(u)", #"\sigma(u)"#),
        ("exp(-u)", #"e^{-u}"#),
        ("exp(sum(i: x[i]))", #"\exp\biggl(\sum_{i=0}^{N-1} x_i\biggr)"#),
        ("log(u)", #"\log u"#),
        ("log(u)*v", #"\log(u)\, v"#),
        ("v*log(u)", #"v\, \log u"#),
        ("log(u + v)", #"\log(u + v)"#),
        ("sin(u)^2", #"(\sin u)^2"#),
        ("sqrt(u + v)", #"\sqrt{u + v}"#),
        ("abs(u)*v", #"\lvert u\rvert\, v"#),
        ("relu(u)", #"\operatorname{ReLU}(u)"#),
        ("hypot(u, v)", #"\sqrt{u^2 + v^2}"#),
        ("elu(u, 0.1)", #"\operatorname{ELU}_{0.1}(u)"#),
        ("max(u, v, 1)", #"\max(u, v, 1)"#),
        ("pow(u, 3)", #"u^3"#),
        ("swish(u) * f(u, v)", #"\operatorname{swish}(u)\, f(u, v)"#),
        ("pi*u", #"\pi\, u"#),
        // Reductions.
        ("sum(i: x[i]*y[i])", #"\sum_{i=0}^{N-1} x_i\, y_i"#),
        ("sum(i: x[i] - y[i])", #"\sum_{i=0}^{N-1} (x_i - y_i)"#),
        ("sum(i: -x[i])", #"\sum_{i=0}^{N-1} (-x_i)"#),
        ("sum(i: x[i])*u", #"\biggl(\sum_{i=0}^{N-1} x_i\biggr)\, u"#),
        ("u*sum(i: x[i])", #"u\, \sum_{i=0}^{N-1} x_i"#),
        ("sum(i: x[i])^2", #"\biggl(\sum_{i=0}^{N-1} x_i\biggr)^2"#),
        ("sum(i, j in 0..<i: A[i,j])", #"\sum_{i=0}^{N-1}\,\sum_{j=0}^{i-1} A_{ij}"#),
        ("sum(l, j, k: w(l)[j,k])", #"\sum_{l=1}^{L}\,\sum_{j=0}^{n_l-1}\,\sum_{k=0}^{n_{l-1}-1} w_{jk}^{(l)}"#),
        ("prod(i: x[i])", #"\prod_{i=0}^{N-1} x_i"#),
        ("mean(i: x[i])", #"\frac{1}{N}\,\sum_{i=0}^{N-1} x_i"#),
        ("max(i: x[i])", #"\max_{0\le i<N} x_i"#),
        ("logsumexp(i: x[i])", #"\log\sum_{i=0}^{N-1} e^{x_i}"#),
        // Conditions.
        ("sum(i, j: (i == j ? A[i,j] : 0))", #"\sum_{i=0}^{N-1}\,\sum_{j=0}^{N-1} \delta_{ij}\, A_{ij}"#),
        ("(u > v ? 1 : 0)", #"\mathbf{1}[u > v]"#),
        ("sum(i: (i > 0 && i < 3 ? x[i] : 0))", #"\sum_{i=0}^{N-1} \mathbf{1}[i > 0 \text{ and } i < 3]\, x_i"#),
        ("sum(i: (i >= 1 && i < 3 ? x[i] : 0))", #"\sum_{i=0}^{N-1} \mathbf{1}[1 \le i < 3]\, x_i"#),
        ("(u > 0 ? u : v)", #"\begin{cases} u & \text{if } u > 0 \\ v& \text{otherwise} \end{cases}"#),
        (
            "sum(i: (argmax(k: y[k]) == i ? x[i] : 0))",
            #"\sum_{i=0}^{N-1} \mathbf{1}\Bigl[i = \arg\max_{k}\,y_k\Bigr]\, x_i"#
        ),
    ]) func looks(_ expression: String, _ expected: String) throws {
        let found = try tex(expression)
        #expect(found == expected)
    }

    @Test func longFormulasBreakBeforeTermsAndFitTheLine() throws {
        let terms = (0..<40).map { "\($0 + 2)*u*sin(v + \($0))" }.joined(separator: " - ")
        let spec = Spec(SourceText(name: "Test.nabla", text: "param u, v\ncost K = \(terms)\n"))
        let equation = try #require(spec.system.equations.last)
        var printer = FormulaPrinter(spec.system, limit: 40)
        let line = printer.formula(equation.body)
        let lines = line.lines(first: 38, rest: 36).map { LaTeXNotation.line($0) }
        #expect(lines.count >= 5)
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("{} - ") })
        #expect(
            lines.joined(separator: " ").filter { $0 != " " && $0 != "{" && $0 != "}" } == line.tex.filter { $0 != " " }
        )
    }

    @Test func deepFormulasNeedNoDeepGroups() throws {
        var text = "u"
        for _ in 0..<2000 { text = "1/(1 + sqrt(exp(\(text))))" }
        let spec = Spec(SourceText(name: "Test.nabla", text: "param u\ncost K = \(text)\n"))
        let equation = try #require(spec.system.equations.last)
        var printer = FormulaPrinter(spec.system, limit: 40)
        var depth = 0
        var deepest = 0
        for character in printer.formula(equation.body).tex {
            if character == "{" { depth += 1 }
            if character == "}" { depth -= 1 }
            deepest = max(deepest, depth)
        }
        #expect(depth == 0)
        #expect(deepest < 20)
    }
}

@Suite struct LaTeXTextTests {
    @Test func hostileTextComesOutAsText() {
        #expect(LaTeXText.prose(#"\input{secret}"#) == #"\textbackslash{}input\{secret\}"#)
        #expect(
            LaTeXText.prose("50% of $5 & #1_a^b~") == ##"50\% of \$5 \& \#1\_a\textasciicircum{}b\textasciitilde{}"##)
        #expect(LaTeXText.prose("a\n\n  b\t") == "a b")
        #expect(LaTeXText.prose("--- ''") == "-{}-{}- '{}'")
        #expect(LaTeXText.prose("σ′ ≤ 中") == #"$\sigma${}$'$ $\leq$ [U+4E2D]"#)
    }

    @Test(arguments: [
        ("C0", "C_0"), ("lambda", #"\lambda"#), ("σ", #"\sigma"#), ("beta12", #"\beta_{12}"#),
        ("loss", #"\mathrm{loss}"#), ("_", #"\text{\_}"#), ("input_", #"\text{input\_}"#),
        ("W_xh", #"W_{\mathrm{xh}}"#), ("a_1", "a_1"), ("größe", #"\text{grö\ss{}e}"#), ("中", #"\text{U+4E2D}"#),
    ]) func names(_ name: String, _ expected: String) {
        #expect(MathSymbol(name).tex == expected)
    }

    @Test func longNamesLoseTheirMiddle() {
        let symbol = MathSymbol(String(repeating: "abcde", count: 40))
        #expect(symbol.baseWidth <= LaTeXText.widestName)
        #expect(symbol.tex.contains(#"\textellipsis"#))
    }
}

import Testing

@testable import Nabla

/// How expressions of the language look in MathML.
@Suite struct MathMLTests {
    private func mathML(_ expression: String) throws -> String {
        let declarations = """
            size N = 4
            layer l in 1...3
            param u, v, lambda, loss, _, input_, C0
            param x[N], A[N,N], a(0...3)[4]

            """
        let spec = Spec(SourceText(name: "Test.nabla", text: declarations + "cost K = \(expression)\n"))
        try #require(spec.isValid, "\(spec.diagnostics.map(\.message))")
        let equation = try #require(spec.system.equations.last)
        var printer = FormulaPrinter(spec.system, limit: 40)
        return MathMLNotation.text(of: printer.formula(equation.body).tokens)
    }

    private static let plus = "<mo form=\"infix\">+</mo>"
    private static let open = "<mo form=\"prefix\" stretchy=\"false\">(</mo>"
    private static let close = "<mo form=\"postfix\" stretchy=\"false\">)</mo>"

    @Test(arguments: [
        ("u + v", "<mi>u</mi>\(plus)<mi>v</mi>"),
        ("lambda", "<mi>λ</mi>"),
        ("loss", "<mi>loss</mi>"),
        ("_", "<mi mathvariant=\"normal\">_</mi>"),
        ("input_", "<mi>input_</mi>"),
        ("C0", "<msub><mrow><mi>C</mi></mrow><mrow><mn>0</mn></mrow></msub>"),
        ("u/v", "<mfrac><mrow><mi>u</mi></mrow><mrow><mi>v</mi></mrow></mfrac>"),
        ("u^2", "<msup><mrow><mi>u</mi></mrow><mrow><mn>2</mn></mrow></msup>"),
        // The base of the exponent is all that stands in brackets.
        (
            "(u + v)^2",
            "<msup><mrow>\(open)<mi>u</mi>\(plus)<mi>v</mi>\(close)</mrow><mrow><mn>2</mn></mrow></msup>"
        ),
        ("exp(u)", "<msup><mrow><mi>e</mi></mrow><mrow><mi>u</mi></mrow></msup>"),
        ("sqrt(u)", "<msqrt><mi>u</mi></msqrt>"),
        ("log(u)", "<mi>log</mi><mo>&#x2061;</mo><mspace width=\"0.17em\"/><mi>u</mi>"),
        ("sigmoid(u)", "<mi>σ</mi>\(open)<mi>u</mi>\(close)"),
        (
            "sum(i: x[i])",
            "<munderover><mrow><mo>∑</mo></mrow><mrow><mi>i</mi>"
                + "<mo form=\"infix\" lspace=\"0\" rspace=\"0\">=</mo><mn>0</mn></mrow>"
                + "<mrow><mi>N</mi><mo form=\"infix\" lspace=\"0\" rspace=\"0\">−</mo><mn>1</mn></mrow></munderover>"
                + "<msub><mrow><mi>x</mi></mrow><mrow><mi>i</mi></mrow></msub>"
        ),
        (
            "a(1)[0]",
            "<msubsup><mrow><mi>a</mi></mrow><mrow><mn>0</mn></mrow><mrow>\(open)<mn>1</mn>\(close)</mrow></msubsup>"
        ),
        (
            "u > 0 ? u : v",
            "<mrow><mo form=\"prefix\">{</mo><mtable class=\"cases\"><mtr><mtd><mi>u</mi></mtd><mtd>"
                + "<mtext>if&#xA0;</mtext><mi>u</mi><mo form=\"infix\">&gt;</mo><mn>0</mn></mtd></mtr>"
                + "<mtr><mtd><mi>v</mi></mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>"
        ),
    ]) func constructs(_ expression: String, _ expected: String) throws {
        #expect(try mathML(expression) == expected)
    }

    @Test func longNamesKeepTheirTextAsATip() {
        let name = String(repeating: "abcde", count: 40)
        let text = MathMLNotation.text(of: [.symbol(.word(name))])
        #expect(text == "<mi title=\"\(name)\">abcdeabcdeabcdea…deabcde</mi>")
    }

    /// Brackets in brackets are written once, not once for each level.
    @Test func deepFormulasTakeLinearTime() throws {
        let depth = 20_000
        var tokens: [MathToken] = []
        for _ in 0..<depth { tokens.append(.open(.round, .normal)) }
        tokens.append(.number("1"))
        for _ in 0..<depth {
            tokens.append(.close(.round, .normal))
            tokens += [MathToken.number("2")].grouped(.above(isIndex: true))
        }
        let text = MathMLNotation.text(of: tokens)
        #expect(text.hasPrefix("<msup><mrow>" + Self.open + "<msup><mrow>" + Self.open))
        #expect(text.utf8.count < depth * 200)
    }
}

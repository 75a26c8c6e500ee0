import Foundation
import TestSupport
import Testing

@testable import Nabla

/// Derivations with numbers put in.
@Suite struct NumbersTests {
    private static let mazur = """
        network Mazur
        layer l in 1...2
        input x[2]
        target y[2]
        param w(l)[2,2], b(l)
        a(0)[k] = x[k]
        z(l)[j in 0..<2] = sum(k: w(l)[j,k] * a(l-1)[k]) + b(l)
        a(l)[j] = sigmoid(z(l)[j])
        cost E = 1/2 * sum(j: (y[j] - a(2)[j])^2)
        """
    private static let mazurValues = """
        {"w": {"1": [[0.15, 0.2], [0.25, 0.3]], "2": [[0.4, 0.45], [0.5, 0.55]]},
         "b": {"1": 0.35, "2": 0.6}, "x": [0.05, 0.1], "y": [0.01, 0.99]}
        """

    private func text(
        _ spec: String, _ json: String, _ options: LaTeXPrinter.Options = .init(), wrt: String? = nil, example: Int = 0
    ) throws -> String {
        var spec = Spec(SourceText(name: "Test.nabla", text: spec))
        try #require(spec.isValid)
        var options = options
        if let wrt { options.element = try spec.element(wrt) }
        let names = options.element.map { [spec.system[$0.quantity].name] } ?? []
        let derived = try spec.derive(wrt: names)
        let values = try ValuesReader.read(SourceText(name: "values.json", text: json), for: spec.system)
        let numbers = NumericInput(spec.system, cost: try spec.cost(named: nil), at: values, example: example)
        return try LaTeXPrinter.text(of: derived, options: options, with: numbers)
    }

    private func part(_ text: String) throws -> String {
        let start = try #require(text.range(of: "With numbers"))
        return String(text[start.lowerBound...])
    }

    // MARK: Numbers

    /// Rounded by hand.
    @Test(arguments: [
        (0.0, "0", true), (-0.0, "0", true), (1, "1", true), (-2.5, "-2.5", true),
        (0.30000000000000004, "0.3000", false),
        (0.12345, "0.1235", false), (-0.000061224, #"-6.122 \times 10^{-5}"#, false), (1e-5, "10^{-5}", true),
        (0.0001, "0.0001", true), (1234, "1234", true), (12345, #"1.234 \times 10^{4}"#, false),
        (1_200_000, "1200000", true), (1e20, "10^{20}", true), (99999, #"1.000 \times 10^{5}"#, false),
        (9.9996, "10.00", false), (1.0 / 3, "0.3333", false), (.infinity, #"\text{infinity}"#, true),
        (.nan, #"\text{NaN}"#, true),
    ])
    func numbersAreRoundedAsOnPaper(value: Double, text: String, isExact: Bool) {
        let number = RoundedNumber(value)
        #expect(LaTeXNotation.text(of: number.tokens) == text)
        #expect(number.isExact == isExact)
    }

    // MARK: Derivations

    /// What Mazur prints: out_h1 = 0.593269992, ∂E/∂out_o1 = 0.74136507, ∂out_o1/∂net_o1 = 0.186815602,
    /// ∂E/∂w5 = 0.082167041, ∂E/∂out_h1 = 0.036350306, ∂E/∂w1 = 0.000438568; and its factors, in this order.
    @Test func mazursNumbers() throws {
        let text = try part(try text(Self.mazur, Self.mazurValues))
        #expect(text.contains(#"a^{(1)} &\approx (0.5933, 0.5969)"#))
        #expect(text.contains(#"E &\approx 0.2984"#))
        #expect(text.contains("&\\approx 0.7514 - 0.01 \\\\\n&\\approx 0.7414"))
        #expect(text.contains("&\\approx 0.5933 \\cdot 0.1868 (0.7514 - 0.01) \\\\\n&\\approx 0.08217"))
        #expect(
            text.contains(
                "&\\approx 0.4 \\cdot 0.1868 (0.7514 - 0.01) + 0.5 \\cdot 0.1755 (0.7729 - 0.99) \\\\\n&\\approx 0.03635"
            ))
        #expect(
            text.contains(
                #"w^{(1)}} &\approx \begin{pmatrix} 0.0004386 & 0.0008771 \\ 0.0004977 & 0.0009954 \end{pmatrix}"#))
        #expect(text.contains(#"w_{0,0}^{(2)} & 0.4 & 0.01 & 1 & 1 \\"#))
        #expect(text.contains(#"0.1 & 0.082142899 & 0.082167041 & -2.4 \times 10^{-5} \\"#))
    }

    /// By hand: C = (w·x − y)², with w = 1/2, x = 3, y = 2: ∂C/∂w = 3 · 2(1.5 − 2) = −3. Nothing is rounded.
    @Test func whatIsExactIsEqual() throws {
        let spec = "param w\ninput x\ntarget y\nz = w * x\ncost C = (z - y)^2"
        let text = try part(try text(spec, #"{"w": 0.5, "x": 3, "y": 2}"#))
        #expect(text.contains("z &= 1.5"))
        #expect(text.contains("&= 3 \\cdot 2 (1.5 - 2) \\\\\n&= -3"))
        #expect(!text.contains("NaN"))
    }

    @Test func negativeNumbersStandInBrackets() throws {
        let spec = "param w, b\ninput x\nz = w * x + b\ncost C = (z - b)^2"
        let text = try part(try text(spec, #"{"w": -0.5, "b": -2, "x": -3}"#))
        // z = 1.5 − 2 = −0.5; ∂C/∂w = −3 · 2(−0.5 − (−2)) = −9.
        #expect(text.contains("&= -3 \\cdot 2 (-0.5 - (-2)) \\\\\n&= -9"))
    }

    /// Long sums are cut, and their total is that of all terms: Σ k² for k < 10 is 285.
    @Test func longSumsAreCut() throws {
        let spec = """
            param v
            input x[10]
            h[k] = v * x[k]
            cost C = sum(k: h[k] * x[k])
            """
        let text = try part(try text(spec, #"{"v": 1, "x": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]}"#))
        #expect(text.contains("&= 0 \\cdot 0 + 1 \\cdot 1 + \\cdots + 9 \\cdot 9 \\\\\n&= 285"))
        #expect(text.contains(#"x &= (0, 1, 2, \dots, 9)"#))
    }

    /// A large matrix shows its first two rows and columns, and its last.
    @Test func largeMatricesAreCut() throws {
        let spec = "param w[5,6]\ncost C = sum(i, j: w[i,j]^2)"
        let rows = (0..<5).map { i in "[" + (0..<6).map { "\(10 * i + $0)" }.joined(separator: ", ") + "]" }
        let text = try part(try text(spec, "{\"w\": [\(rows.joined(separator: ", "))]}"))
        #expect(
            text.contains(
                #"w &= \begin{pmatrix} 0 & 1 & \dots & 5 \\ 10 & 11 & \dots & 15 \\ \vdots & \vdots & \vdots & \vdots \\ 40 & 41 & \dots & 45 \end{pmatrix}"#
            ))
    }

    /// Only the branch that holds is written.
    @Test func conditionsChooseABranch() throws {
        let spec = "param w[3]\ncost C = sum(k: k == 0 ? w[k]^2 : (w[k] > 0 ? 5 * w[k] : 7 * w[k]))"
        for (value, factor) in [(2, "5"), (-2, "7")] {
            let text = try part(try text(spec, "{\"w\": [1, \(value), 3]}", wrt: "w[1]"))
            #expect(text.contains("&= \(factor)"), "\(text)")
        }
    }

    @Test func theElementThatWasAskedForIsShown() throws {
        let text = try part(try text(Self.mazur, Self.mazurValues, wrt: "w(1)[1,0]"))
        #expect(text.contains(#"\frac{\partial E}{\partial w_{1,0}^{(1)}}"#))
        #expect(text.contains(#"&\approx 0.0004977"#))
        #expect(text.contains(#"w_{1,0}^{(1)} & 0.25 & 0.01 & 1 & 1"#))
        #expect(!text.contains("The gradient in numbers"))
    }

    /// The mean of two examples, and the numbers of the second.
    @Test func examplesAreAveraged() throws {
        let spec = "param w\ninput x\nz = w * x\ncost C0 = z^2\ncost C = mean(examples: C0)"
        let json = #"{"w": 1, "examples": [{"x": 1}, {"x": 3}]}"#
        // ∂C_i/∂w = x · 2z: 2 and 18, on average 10.
        let first = try part(try text(spec, json))
        let second = try part(try text(spec, json, example: 1))
        #expect(first.contains("&= 1 \\cdot 2 \\cdot 1 \\\\\n&= 2"))
        #expect(second.contains("&= 3 \\cdot 2 \\cdot 3 \\\\\n&= 18"))
        for text in [first, second] { #expect(text.contains("&= \\frac{1}{2}(2 + 18) \\\\\n&= 10")) }
        let error = try #require(throws: EvaluationError.self) { try self.text(spec, json, example: 2) }
        #expect(error.message == "there is no example 2: they are numbered 0 to 1")
    }

    @Test func briefHasResultsOnly() throws {
        let text = try part(try text(Self.mazur, Self.mazurValues, .init(detail: .brief)))
        #expect(text.contains(#"\begin{pmatrix} 0.0004386 & 0.0008771"#) && text.contains("0.08217"))
        #expect(!text.contains("forward pass") && !text.contains("nudge") && !text.contains("0.7514 - 0.01"))
    }

    @Test func fullHasEachRatio() throws {
        let text = try part(try text(Self.mazur, Self.mazurValues, .init(detail: .full)))
        #expect(text.contains("\\sigma'\\bigl(z_0^{(2)}\\bigr) \\\\\n&\\approx 0.1868"))
    }

    /// Numbers would give the blanks away: they come after the answers, and have none of their own.
    @Test func numbersComeAfterTheAnswers() throws {
        for style in LaTeXPrinter.Style.allCases {
            let text = try text(Self.mazur, Self.mazurValues, .init(style: style, fade: 2))
            let key = try #require(text.range(of: "The answers"))
            let numbers = try #require(text.range(of: "With numbers"))
            #expect(key.upperBound < numbers.lowerBound, "\(style)")
            #expect(!text[numbers.lowerBound...].contains(#"\boxed"#), "\(style)")
            #expect(text[..<key.lowerBound].contains(#"\boxed"#) && !text[..<key.lowerBound].contains("0.08217"))
        }
    }

    @Test func nielsensNotationHasValuesAndGradient() throws {
        let spec = try Fixtures.text(try Fixtures.path("Examples/MultiNeuron.nabla"))
        let json = try RandomJSON.text(for: Spec(SourceText(name: "MultiNeuron", text: spec)).system)
        let text = try part(try text(spec, json, .init(notation: .nielsen)))
        #expect(text.contains(#"w^1 &\approx"#) && text.contains(#"\frac{\partial C}{\partial w^1} &\approx"#))
        #expect(!text.contains("w^{(1)}") && !text.contains("The derivatives in numbers"))
    }

    @Test func pagesHaveTables() throws {
        var spec = Spec(SourceText(name: "Test.nabla", text: Self.mazur))
        let derived = try spec.derive()
        let values = try ValuesReader.read(SourceText(name: "values.json", text: Self.mazurValues), for: spec.system)
        let page = try HTMLPrinter.text(
            of: derived, with: NumericInput(spec.system, cost: try spec.cost(named: nil), at: values))
        #expect(page.contains("<mo form=\"infix\">≈</mo><mn>0.08217</mn>"))
        #expect(page.contains("<mtable class=\"numbers grid\"><mtr><mtd></mtd><mtd><mtext>value</mtext></mtd>"))
        #expect(page.components(separatedBy: "<mtr").count == page.components(separatedBy: "</mtr>").count)
        #expect(page.components(separatedBy: "<mtd").count == page.components(separatedBy: "</mtd>").count)
    }

    /// Every number of random derivations is the evaluator's: nothing is left open, and what prints is what `eval` gives.
    @Test func randomSpecsHaveNumbers() throws {
        var count = 0
        for seed in UInt64(0)..<40 {
            let random = RandomSpecs.make(seed: seed)
            var spec = Spec(SourceText(name: "Random.nabla", text: random.text))
            guard spec.isValid, let derived = try? spec.derive() else { continue }
            let values = try ValuesReader.read(SourceText(name: "values.json", text: random.json), for: spec.system)
            let numbers = NumericInput(spec.system, cost: try spec.cost(named: nil), at: values)
            let text = try part(try LaTeXPrinter.text(of: derived, with: numbers))
            let results = try Evaluator(derived.lowered(), cost: derived.cost).run(values)
            let cost = RoundedNumber(try #require(results.cost.all.first))
            #expect(text.contains(LaTeXNotation.text(of: cost.tokens)), "seed \(seed)")
            count += 1
        }
        #expect(count >= 35)
    }

    // MARK: Paper

    private static let hostile = """
        network Hostile
        param input_[3], _, Ω, \(String(repeating: "abcdefghij", count: 20))
        h[i] = input_[i] * Ω + _
        cost C = sum(i: tanh(h[i]) * \(String(repeating: "abcdefghij", count: 20)))
        """

    /// Examples, hostile names and random specs, as one file.
    private func whole(_ style: LaTeXPrinter.Style, _ seeds: Range<UInt64>) throws -> String {
        var texts: [String] = []
        let examples = [
            "OneNeuronChain", "OneLayer", "MultiNeuron", "MultiNeuronReLU", "SoftmaxClassifier", "RecurrentNetwork",
        ]
        for name in examples {
            let spec = try Fixtures.text(try Fixtures.path("Examples/\(name).nabla"))
            let json = try RandomJSON.text(for: Spec(SourceText(name: name, text: spec)).system)
            texts.append(try text(spec, json, .init(style: style, detail: name == "OneLayer" ? .full : .course)))
        }
        let json = try RandomJSON.text(for: Spec(SourceText(name: "Hostile", text: Self.hostile)).system)
        texts.append(try text(Self.hostile, json, .init(style: style)))
        for seed in seeds {
            let random = RandomSpecs.make(seed: seed)
            texts.append(try text(random.text, random.json, .init(style: style)))
        }
        let (begin, end) = ("\\begin{document}\n", "\\end{document}\n")
        let first = try #require(texts.first?.components(separatedBy: begin).first)
        let bodies = texts.map { $0.components(separatedBy: begin).last?.components(separatedBy: end)[0] ?? "" }
        return first + begin + bodies.joined(separator: style == .document ? "\n\\clearpage\n" : "\n") + end
    }

    @Test(
        .enabled(if: Command.runsTests(thatNeed: "pdflatex"), "pdflatex is not installed"),
        arguments: [(LaTeXPrinter.Style.document, UInt64(30)), (.beamer, 0)])
    func nothingIsWiderThanThePage(style: LaTeXPrinter.Style, count: UInt64) throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let text = try whole(style, 0..<count)
        try folder.write(text, to: "numbers.tex")
        var command = Command(
            "pdflatex", "-halt-on-error", "-no-shell-escape", "-interaction=nonstopmode", "numbers.tex", in: folder.url)
        command.environment = ["openin_any": "p", "openout_any": "p", "max_print_line": "1000"]
        let result = try command.run(seconds: 300)
        #expect(result.status == 0, "\(result.output.suffix(1000))")
        let log = try String(contentsOf: folder.url.appendingPathComponent("numbers.log"), encoding: .isoLatin1)
        let wide = log.split(separator: "\n").filter { $0.hasPrefix("Overfull") || $0.contains("undefined") }
        let line = wide.first?.split(separator: " ").last.flatMap { Int($0.split(separator: "-").last ?? "") } ?? 1
        let near = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(max(0, line - 12)).prefix(12)
        #expect(wide.isEmpty, "\(wide.prefix(5)): \(wide.isEmpty ? "" : near.joined(separator: "\n"))")
    }
}

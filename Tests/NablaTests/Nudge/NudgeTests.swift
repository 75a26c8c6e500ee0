import TestSupport
import Testing

@testable import Nabla

@Suite struct NudgeTests {
    private func nudge(_ text: String, _ json: String, _ wrt: String, example: Int = 0) throws -> Nudge {
        var spec = Spec(SourceText(name: "Test.nabla", text: text))
        try #require(spec.isValid)
        let values = try ValuesReader.read(SourceText(name: "values.json", text: json), for: spec.system)
        let cost = try spec.cost(named: nil)
        return try Nudge(
            spec.system, of: cost, wrt: try spec.element(named: wrt, option: "--wrt"), at: values, example: example)
    }

    private let chain = """
        param w(1...2), b(1...2)
        input x
        target y
        a(0) = x
        z(l in 1...2) = w(l) * a(l-1) + b(l)
        a(l in 1...2) = sigmoid(z(l))
        cost C0 = (a(2) - y)^2
        """

    @Test func oneNeuronInEachLayerIsOnePath() throws {
        let json = #"{"w": {"1": 0.5, "2": -0.7}, "b": {"1": 0.1, "2": 0.2}, "x": 0.8, "y": 1}"#
        let nudge = try nudge(chain, json, "w(1)")
        #expect(nudge.pathLength == 5)
        let names = nudge.lines.compactMap { if case .row(let row) = $0 { row.name } else { nil } }
        #expect(names == ["z(1)", "a(1)", "z(2)", "a(2)", "C0"])
        for case .row(let row) in nudge.lines {
            let derivative = try #require(row.derivative)
            #expect(abs(row.change / Nudge.step - derivative) < 0.02 * abs(derivative), "\(row.name)")
        }
        // The error shrinks with the nudge.
        let derivative = try #require(nudge.cost.derivative)
        let errors = nudge.trials.map { abs($0.ratio - derivative) }
        for (larger, smaller) in zip(errors, errors.dropFirst()) { #expect(smaller < larger / 5) }
        #expect(nudge.text.contains("∂a(1) ÷ ∂z(1)"))
    }

    @Test func wideLayersShowTheLargestFew() throws {
        let spec = """
            size N = 20
            param w[N], v
            input x
            h[i] = tanh(v * x * w[i])
            cost C = sum(i: h[i]^2)
            """
        let weights = (1...20).map { "\(Double($0) / 10)" }.joined(separator: ", ")
        let text = try nudge(spec, #"{"w": [\#(weights)], "v": 0.5, "x": 0.3}"#, "v").text
        #expect(text.contains("… and 16 more of h"))
        // One column of decimal points.
        let rows = text.split(separator: "\n").filter { $0.contains("h[") }.map { Array($0) }
        #expect(Set(rows.map { $0.firstIndex(of: ".") }).count == 1)
    }

    @Test func longChainsShowTheirEnds() throws {
        let spec = """
            size T = 100
            step t in 1...T
            param w
            h(0) = 1
            h(t) = h(t-1) * 0.99 + 0.01 * w
            cost C = h(T)^2
            """
        let nudge = try nudge(spec, #"{"w": 0.5}"#, "w")
        let names = nudge.lines.compactMap { if case .row(let row) = $0 { row.name } else { nil } }
        #expect(names == ["h(1)", "h(2)", "h(3)", "h(4)", "h(5)", "h(96)", "h(97)", "h(98)", "h(99)", "h(100)", "C"])
        #expect(nudge.text.contains("… and 90 more quantities on the way"))
    }

    @Test func anExamplesInputIsNudgedInItAlone() throws {
        let json =
            #"{"w": {"1": 0.5, "2": -0.7}, "b": {"1": 0.1, "2": 0.2}, "examples": [{"x": 0.8, "y": 1}, {"x": -0.3, "y": 0}]}"#
        let nudge = try nudge(chain + "\ncost C = mean(examples: C0)\n", json, "x", example: 1)
        let row = try #require(nudge.lines.last)
        guard case .row(let cost) = row else { return }
        #expect(cost.name == "C")
        let derivative = try #require(cost.derivative)
        #expect(abs(cost.change / Nudge.step - derivative) < 0.02 * abs(derivative))
        #expect(nudge.text.contains("example 1 of 0 to 1"))
    }

    @Test(arguments: [
        ("z(1)", 0, "'z' is computed; nudge a param, an input or a target"),
        ("w(1)", 3, "there is no example 3: there is one, number 0"),
    ])
    func wrongInputIsSaid(wrt: String, example: Int, message: String) throws {
        let json = #"{"w": {"1": 0.5, "2": -0.7}, "b": {"1": 0.1, "2": 0.2}, "x": 0.8, "y": 1}"#
        let error = try #require(throws: EvaluationError.self) { try nudge(chain, json, wrt, example: example) }
        #expect(error.message == message)
    }
}

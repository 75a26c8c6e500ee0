import Foundation
import Testing

@testable import Nabla

/// What is written plainly gives finite, right values and gradients at logits of ±1,000.
@Suite struct StabilityTests {
    /// Softmax with cross-entropy, in the ways in which it is written: `C` of `z`, with a target `y`.
    static let softmaxes = [
        "p[k] = exp(z[k]) / sum(j: exp(z[j]))\ncost C = -sum(k: y[k] * log(p[k]))",
        "cost C = -sum(k: y[k] * log(exp(z[k]) / sum(j: exp(z[j]))))",
        // Step by step, and in an order of its own.
        "cost C = -sum(k: y[k] * q[k])\nq[k] = log(p[k])\np[k] = e[k] / s\ns = sum(j: e[j])\ne[j] = exp(z[j])",
        "e[j] = exp(z[j])\ns = sum(j: e[j])\ncost C = sum(k: y[k] * (log(s) - log(e[k])))",
        // With the largest subtracted by hand.
        "m = max(j: z[j])\ne[j] = exp(z[j] - m)\np[k] = e[k] / sum(j: e[j])\ncost C = -sum(k: y[k] * log(p[k]))",
        "p[k] = exp(z[k] - max(j: z[j])) / sum(i: exp(z[i] - max(j: z[j])))\ncost C = -sum(k: y[k] * log(p[k]))",
        // The reciprocal first; powers; a likelihood; a mean in place of the sum.
        "r = 1 / sum(j: exp(z[j]))\np[k] = r * exp(z[k])\ncost C = -sum(k: y[k] * log(p[k]))",
        "p[k] = exp(z[k]) * sum(j: exp(z[j]))^-1\ncost C = -log(prod(k: p[k]^y[k]))",
        "p[k] = exp(z[k]) / (3 * mean(j: exp(z[j])))\ncost C = -sum(k: y[k] * log(p[k]))",
        "p[k] = 1 / sum(j: exp(z[j] - z[k]))\ncost C = -sum(k: y[k] * log(p[k]))",
        // By a function of the spec.
        "func power(u) = exp(u)\np[k] = power(z[k]) / sum(j: power(z[j]))\ncost C = -sum(k: y[k] * log(p[k]))",
        // Layers.
        """
        layer l in 1...2
        h(0)[k] = z[k]
        e(l)[k] = exp(h(l-1)[k])
        p(l)[k] = e(l)[k] / sum(j: e(l)[j])
        h(l)[k] = log(p(l)[k])
        cost C = -sum(k: y[k] * h(2)[k])
        """,
    ]

    @Test(arguments: softmaxes) func softmaxWithCrossEntropy(_ equations: String) throws {
        for (logits, probabilities) in [
            ([1000.0, 0, -1000], [1.0, 0, 0]), ([-1000, -1000, -2000], [0.5, 0.5, 0]), ([1000, 1000, 999], [0, 0, 0]),
        ] {
            var p = probabilities
            if logits[2] == 999 {
                let total = 2 + exp(-1.0)
                p = [1 / total, 1 / total, exp(-1.0) / total]
            }
            let top = logits.max() ?? 0
            let logSum = top + log(logits.reduce(0) { $0 + exp($1 - top) })
            for target in 0..<3 {
                let y = (0..<3).map { $0 == target ? 1.0 : 0.0 }
                let text = "size K = 3\nparam z[K]\ntarget y[K]\n" + equations
                let loss = try SpecEvaluation(text, at: #"{"z": \#(logits), "y": \#(y)}"#)
                #expect(agrees(loss.cost, logSum - logits[target], within: 1e-12))
                for (entry, (one, other)) in zip(try loss.entries("z"), zip(p, y)) {
                    #expect(agrees(entry, one - other, within: 1e-12))
                }
            }
        }
    }

    /// Functions of one logit: the value and the slope at −1000, 0.25 and 1000.
    static let scalars: [(String, @Sendable (Double) -> (Double, Double))] = [
        ("log(1 + exp(z))", softplus), ("log(exp(z) + 1)", softplus), ("log1p(exp(z))", softplus),
        ("-log(sigmoid(-z))", softplus), ("-log(1 - sigmoid(z))", softplus), ("-log(1/(1 + exp(z)))", softplus),
        ("-log(1 - 1/(1 + exp(-z)))", softplus), ("log(1 + e)", softplus), ("log(1/a) + z", softplus),
        ("-log(1 - a)", softplus), ("-log(b)", softplus), ("-log(1 - f(z))", softplus), ("-log(f(-z))", softplus),
        ("exp(z)/(1 + exp(z))", sigmoid), ("1/(1 + exp(-z))", sigmoid), ("e/(1 + e)", sigmoid), ("a", sigmoid),
        ("f(z)", sigmoid), ("g(z)", sigmoid), ("exp(z)/(exp(z) + exp(0))", sigmoid),
        ("exp(z)*exp(z)/(exp(z)*exp(z) + exp(z))", sigmoid), ("1 - b", sigmoid), ("1/(1 + 1/e)", sigmoid),
        ("(exp(z) - exp(-z))/(exp(z) + exp(-z))", hyperbolic), ("(exp(2*z) - 1)/(exp(2*z) + 1)", hyperbolic),
        ("(1 - exp(-2*z))/(1 + exp(-2*z))", hyperbolic), ("sinh(z)/cosh(z)", hyperbolic),
        ("2/(1 + exp(-2*z)) - 1", hyperbolic), ("(e - 1/e)/(e + 1/e)", hyperbolic),
        ("log(exp(z) + exp(-z)) - log(2)", logCosh), ("log(cosh(z))", logCosh),
    ]

    @Test(arguments: scalars) func ofOneLogit(
        _ expression: String, _ expected: @Sendable (Double) -> (Double, Double)
    ) throws {
        let text = """
            param z
            func f(u) = 1/(1 + exp(-u))
            func g(u) = exp(u)/(1 + exp(u))
            e = exp(z)
            a = 1/(1 + exp(-z))
            b = 1/(1 + e)
            cost C = \(expression)
            """
        for z in [-1000, 0.25, 1000.0] {
            let result = try SpecEvaluation(text, at: #"{"z": \#(z)}"#)
            let (value, slope) = expected(z)
            #expect(agrees(result.cost, value, within: 1e-13), "\(expression) at \(z): \(result.cost), not \(value)")
            let entry = try result.entry("z")
            #expect(agrees(entry, slope, within: 1e-13), "slope of \(expression) at \(z): \(entry), not \(slope)")
        }
    }

    @Sendable private static func sigmoidOf(_ z: Double) -> Double { 1 / (1 + exp(-z)) }
    @Sendable private static func softplus(_ z: Double) -> (Double, Double) {
        (max(z, 0) + log1p(exp(-abs(z))), sigmoidOf(z))
    }
    @Sendable private static func sigmoid(_ z: Double) -> (Double, Double) {
        (sigmoidOf(z), exp(-abs(z)) / ((1 + exp(-abs(z))) * (1 + exp(-abs(z)))))
    }
    @Sendable private static func hyperbolic(_ z: Double) -> (Double, Double) { (tanh(z), 1 - tanh(z) * tanh(z)) }
    @Sendable private static func logCosh(_ z: Double) -> (Double, Double) {
        (abs(z) + log1p(exp(-2 * abs(z))) - log(2), tanh(z))
    }

    /// Binary cross-entropy over a batch, and a softmax for each row of it.
    @Test func batches() throws {
        let binary = try SpecEvaluation(
            """
            size B = 2
            size K = 2
            param z[B,K]
            target y[B,K]
            a[b,k] = 1 / (1 + exp(-z[b,k]))
            cost C = -mean(b: sum(k: y[b,k]*log(a[b,k]) + (1 - y[b,k])*log(1 - a[b,k])))
            """, at: #"{"z": [[1000, -1000], [-1000, 0]], "y": [[1, 1], [1, 0]]}"#)
        #expect(agrees(binary.cost, (1000 + 1000 + log(2)) / 2))
        #expect(try binary.entries("z") == [0, -0.5, -0.5, 0.25])
        #expect(try binary.equations(of: "z") == ["(a[b,k] - y[b,k])/B"])
        let rows = try SpecEvaluation(
            """
            size B = 2
            size K = 2
            param z[B,K]
            input y[B,K] distribution
            e[b,k] = exp(z[b,k])
            n[b] = sum(k: e[b,k])
            p[b,k] = e[b,k] / n[b]
            cost C = -sum(b, k: y[b,k]*log(p[b,k]))
            """, at: #"{"z": [[1000, -1000], [-1000, -1000]], "y": [[0, 1], [1, 0]]}"#, all: true)
        #expect(agrees(rows.cost, 2000 + log(2)))
        for (entry, value) in zip(try rows.entries("z"), [1, -1, -0.5, 0.5]) {
            #expect(agrees(entry, value, within: 1e-12))
        }
    }

    /// What the user named keeps its value, also where nothing else needs it any more.
    @Test func namedQuantitiesKeepTheirValues() throws {
        let text = """
            size K = 3
            param z[K]
            m = max(j: z[j])
            e[j] = exp(z[j] - m)
            s = sum(j: e[j])
            p[j] = e[j] / s
            cost C = -log(p[1])
            """
        let result = try SpecEvaluation(text, at: #"{"z": [1000, 1000, -1000]}"#, all: true)
        func values(_ name: String) -> [Double] {
            result.results.quantities?.first { $0.name == name }?.value.all.first?.values ?? []
        }
        #expect(values("m") == [1000])
        #expect(values("e") == [1, 1, 0])
        #expect(values("s") == [2])
        for (one, two) in zip(values("p"), [0.5, 0.5, 0]) { #expect(agrees(one, two, within: 1e-12)) }
        #expect(agrees(result.cost, log(2), within: 1e-12))
    }

    /// A derivative with respect to a named quantity keeps its name.
    @Test func whatIsAskedForIsNotSeenThrough() throws {
        let text = """
            size K = 3
            param z[K]
            target y[K]
            p[k] = exp(z[k]) / sum(j: exp(z[j]))
            cost C = -sum(k: y[k] * log(p[k]))
            """
        let loss = try SpecEvaluation(text, at: #"{"z": [0, 0, 0], "y": [1, 0, 0]}"#, wrt: ["p"])
        for (one, two) in zip(try loss.entries("p"), [-3.0, 0, 0]) { #expect(agrees(one, two)) }
    }

    /// The derivation names the rules.
    @Test func theDerivationSaysSo() throws {
        let text = "size K = 3\nparam z[K]\np[k] = exp(z[k])/sum(j: exp(z[j]))\ncost C = -log(p[1])"
        var spec = Spec(SourceText(name: "s.nabla", text: text))
        let derived = try spec.derive()
        #expect(derived.derivation.rewritings.map(\.equation) == [0, 1])
        #expect(
            derived.derivation.rewritings.map(\.rules) == [
                ["log of a sum of exponentials", "quotient of exponentials"], ["a definition put in"],
            ])
        let page = LaTeXPrinter.text(of: derived)
        #expect(page.contains(#"\text{quotient of exponentials}"#))
        #expect(page.contains(#"\text{a definition put in}"#))
    }
}

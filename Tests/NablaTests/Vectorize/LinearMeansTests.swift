import TestSupport
import Testing

@testable import Nabla

/// Means over the examples that are taken before the sums above them.
@Suite struct LinearMeansTests {
    /// The derivative by mu is −Fᵀ·mean(e).
    private static let centred = """
        size D = 2
        input x[D]
        param mu[D], F[D, D]
        d[i] = x[i] - mu[i]
        e[i] = sum(j: F[i, j] * d[j])
        cost C0 = 1/2 * sum(i: e[i]^2)
        cost C = mean(examples: C0)
        """

    private static func averaged(
        _ spec: inout Spec, wrt names: [String] = []
    ) throws -> (before: System, after: System, derived: DerivedSystem) {
        let derived = try spec.derive(wrt: names)
        let before = derived.lowered()
        let results =
            derived.gradient.compactMap(\.derivative) + [before.graph.quantity(derived.cost)].compactMap { $0 }
        return (before, before.averagingEarly(for: results), derived)
    }

    private static func added(_ text: String) throws -> [String] {
        var spec = Spec(SourceText(name: "network.nabla", text: text))
        #expect(spec.isValid, "\(spec.diagnostics.map(\.message))")
        let (before, after, _) = try averaged(&spec)
        return after.quantities.dropFirst(before.quantities.count).map(\.name)
    }

    /// The cost and the derivatives, one after another.
    private static func numbers(_ system: System, _ derived: DerivedSystem, _ values: Values) throws -> [Double] {
        let results = try Evaluator(system, cost: derived.cost, gradient: derived.gradient).run(values)
        return results.cost.all + (results.gradient ?? []).flatMap { $0.value.all.flatMap(\.values) }
    }

    @Test func aMatrixMeetsTheMeanOnly() throws {
        #expect(try Self.added(Self.centred).contains("dC0_de_mean"))
    }

    @Test func theGradientIsTheProductWithTheMean() throws {
        var spec = Spec(SourceText(name: "network.nabla", text: Self.centred))
        let json = #"{"mu": [0, 0], "F": [[1, 2], [3, 4]], "examples": [{"x": [1, 0]}, {"x": [0, 1]}]}"#
        let values = try ValuesReader.read(SourceText(name: "values.json", text: json), for: spec.system)
        let (_, after, derived) = try Self.averaged(&spec)
        // e is (1, 3) and (2, 4), its mean (3/2, 7/2): mu gets −(12, 17). C0 is 5 and 10. F gets mean(e·xᵀ).
        #expect(try Self.numbers(after, derived, values) == [7.5, -12, -17, 0.5, 1, 1.5, 2])
    }

    @Test func whatIsUsedOtherwiseStays() throws {
        // The delta of a layer makes its weights' derivative too; without examples there is no mean.
        let layer = """
            input x[3]
            param w[3, 3], v[2, 3], b[3]
            a[i] = tanh(sum(j: w[i, j] * x[j]) + b[i])
            o[k] = sum(i: v[k, i] * a[i])
            cost C0 = sum(k: o[k]^2)
            cost C = mean(examples: C0)
            """
        #expect(try Self.added(layer).isEmpty)
        // A sum without a matrix is as much work as the means of its terms.
        let shared = """
            input x[3, 4]
            param b
            a[t, k] = tanh(x[t, k] + b)
            cost C0 = sum(t in 0..<3: sum(k: a[t, k]))
            cost C = mean(examples: C0)
            """
        #expect(try Self.added(shared).isEmpty)
        let constant = """
            const x[3]
            param mu[3], F[3, 3]
            cost C = sum(i: sum(j: F[i, j] * (x[j] - mu[j]))^2)
            """
        #expect(try Self.added(constant).isEmpty)
    }

    /// Numbers between −1 and 1 as nested JSON lists of some sizes.
    private static func list(_ sizes: [Int], _ generator: inout SplitMix64) -> String {
        guard let first = sizes.first else { return String(Double.random(in: -1...1, using: &generator)) }
        let inner = (0..<first).map { _ in list(Array(sizes.dropFirst()), &generator) }
        return "[\(inner.joined(separator: ", "))]"
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func aTriangleMeetsTheMeanOnly(seed: UInt64) throws {
        let text = """
            size D = 4
            size K = 2
            input x[D]
            param mu[K, D], F[K, D, D]
            d[k, i] = x[i] - mu[k, i]
            e[k, i] = 2 * d[k, i] + sum(j in 0..<i: F[k, i, j] * d[k, j])
            cost C0 = logsumexp(k: -sum(i: e[k, i]^2))
            cost C = mean(examples: C0)
            """
        var generator = SplitMix64(state: seed)
        let examples = (0..<5).map { _ in "{\"x\": \(Self.list([4], &generator))}" }.joined(separator: ", ")
        let json = """
            {"mu": \(Self.list([2, 4], &generator)), "F": \(Self.list([2, 4, 4], &generator)), "examples": [\(examples)]}
            """
        try Self.compare(text, json, wrt: [])
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func aLinearRecurrenceRunsOnce(seed: UInt64) throws {
        let text = """
            size D = 3
            layer l in 1...3
            input x[D]
            param m[D], w(l)[D, D]
            h(0)[i] = x[i] - m[i]
            h(l)[i] = sum(j: w(l)[i, j] * h(l-1)[j])
            cost C0 = sum(i: tanh(h(3)[i])^2)
            cost C = mean(examples: C0)
            """
        var generator = SplitMix64(state: seed)
        let examples = (0..<5).map { _ in "{\"x\": \(Self.list([3], &generator))}" }.joined(separator: ", ")
        let layers = (1...3).map { "\"\($0)\": \(Self.list([3, 3], &generator))" }.joined(separator: ", ")
        let json = """
            {"m": \(Self.list([3], &generator)), "w": {\(layers)}, "examples": [\(examples)]}
            """
        try Self.compare(text, json, wrt: ["m"])
    }

    /// The values with means taken early beside those without.
    private static func compare(_ text: String, _ json: String, wrt names: [String]) throws {
        var spec = Spec(SourceText(name: "network.nabla", text: text))
        #expect(spec.isValid, "\(spec.diagnostics.map(\.message))")
        let values = try ValuesReader.read(SourceText(name: "values.json", text: json), for: spec.system)
        let (before, after, derived) = try averaged(&spec, wrt: names)
        #expect(after.quantities.count > before.quantities.count)
        let expected = try numbers(before, derived, values)
        let found = try numbers(after, derived, values)
        #expect(expected.count == found.count && expected.count > 3)
        for (one, two) in zip(expected, found) { #expect(abs(one - two) <= 1e-14 * max(1, abs(one))) }
    }
}

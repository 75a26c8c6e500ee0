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
        _ spec: inout Spec
    ) throws -> (before: System, after: System, derived: DerivedSystem) {
        let derived = try spec.derive()
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
        let constant = """
            const x[3]
            param mu[3], F[3, 3]
            cost C = sum(i: sum(j: F[i, j] * (x[j] - mu[j]))^2)
            """
        #expect(try Self.added(constant).isEmpty)
    }

    @Test func valuesOfRandomSpecsStay() throws {
        var compared = 0
        var changed = 0
        for seed in UInt64(30_000)..<30_120 {
            let random = RandomSpecs.make(seed: seed)
            var spec = Spec(SourceText(name: "random.nabla", text: random.text))
            let values = try ValuesReader.read(SourceText(name: "values.json", text: random.json), for: spec.system)
            let (before, after, derived) = try Self.averaged(&spec)
            guard after.quantities.count > before.quantities.count,
                let expected = try? Self.numbers(before, derived, values)
            else { continue }
            changed += 1
            let largest = max(1e-3, expected.map(abs).filter(\.isFinite).max() ?? 0)
            let found = try Self.numbers(after, derived, values)
            #expect(found.count == expected.count)
            for (one, two) in zip(expected, found) {
                let isSame = one.isFinite ? abs(one - two) <= 1e-11 * largest : one.isNaN == two.isNaN
                #expect(isSame, "seed \(seed): \(one) became \(two)")
                compared += 1
            }
        }
        #expect(changed >= 3)
        #expect(compared >= 20)
    }
}

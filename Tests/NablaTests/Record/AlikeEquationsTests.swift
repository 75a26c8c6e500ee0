import TestSupport
import Testing

@testable import Nabla

/// Equations that are alike are derived once, and without a record; the derived system must be that of the long way.
@Suite struct AlikeEquationsTests {
    /// The texts of both ways, and how many nodes each made; nil where the spec is wrong or cannot be derived.
    private static func derived(
        _ text: String, fewestAlike: Int
    ) throws -> [(text: String, lowered: String, nodes: Int)]? {
        var spec = Spec(SourceText(name: "Alike.nabla", text: text))
        guard spec.isValid, let long = try? spec.derive() else { return nil }
        let cost = try spec.cost(named: nil)
        let wrt = try spec.quantities(named: [])
        let short = try Differentiator.derive(spec.system, of: cost, wrt: wrt, fewestAlike: fewestAlike)
        #expect(short.derivation.steps.isEmpty && !long.derivation.steps.isEmpty)
        return [long, short].map {
            (SpecPrinter.text(of: $0.system), SpecPrinter.text(of: $0.lowered()), $0.system.graph.count)
        }
    }

    @Test(arguments: [1, 8]) func scalarSpecs(fewestAlike: Int) throws {
        var count = 0
        var fewer = 0
        for seed in UInt64(0)..<200 {
            let text = ScalarSpecs.text(seed: seed)
            guard let both = try Self.derived(text, fewestAlike: fewestAlike) else { continue }
            #expect(both[0].text == both[1].text, "seed \(seed)")
            #expect(both[0].lowered == both[1].lowered, "seed \(seed), lowered")
            count += 1
            if both[1].nodes < both[0].nodes { fewer += 1 }
        }
        #expect(count > 150)
        // Raw products are not made where a form is known.
        #expect(fewer > 20)
    }

    @Test func randomSpecs() throws {
        var count = 0
        for seed in UInt64(0)..<300 {
            guard let both = try Self.derived(RandomSpecs.make(seed: seed).text, fewestAlike: 1) else { continue }
            #expect(both[0].text == both[1].text, "seed \(seed)")
            #expect(both[0].lowered == both[1].lowered, "seed \(seed), lowered")
            count += 1
        }
        #expect(count > 150)
    }
}

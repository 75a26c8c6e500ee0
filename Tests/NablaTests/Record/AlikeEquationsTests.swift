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
        #expect(short.derivation.steps.isEmpty)
        return [long, short].map {
            (SpecPrinter.text(of: $0.system), SpecPrinter.text(of: $0.lowered()), $0.system.graph.count)
        }
    }

    @Test(arguments: [1, 8]) func scalarSpecs(fewestAlike: Int) throws {
        var count = 0
        for seed in UInt64(0)..<200 {
            let text = ScalarSpecs.text(seed: seed)
            guard let both = try Self.derived(text, fewestAlike: fewestAlike) else { continue }
            #expect(both[0].text == both[1].text, "seed \(seed)")
            #expect(both[0].lowered == both[1].lowered, "seed \(seed), lowered")
            count += 1
        }
        #expect(count > 150)
    }

    /// Each equation of the one before, `_`, and of the one before that, `~`.
    private static func chain(_ shape: String) -> String {
        var text = "param v, w\nx0 = w\nx1 = v\n"
        for number in 2..<40 {
            let right = shape.map { $0 == "_" ? "x\(number - 1)" : $0 == "~" ? "x\(number - 2)" : String($0) }.joined()
            text += "x\(number) = \(right)\n"
        }
        return text + "cost C = x39^2\n"
    }

    @Test(arguments: ["v*sin(_)", "sin(_) + v*~", "_*_*w + ~"])
    func chains(shape: String) throws {
        let both = try #require(try Self.derived(Self.chain(shape), fewestAlike: 8))
        #expect(both[0].text == both[1].text)
        #expect(both[0].lowered == both[1].lowered)
        // Where a form is known, no raw products are made: so this was not derived the long way.
        #expect(both[1].nodes < both[0].nodes)
    }

    /// Where what is derived has a name, or cancels, a form says nothing of it.
    @Test(arguments: [
        "tanh(v*_)", "sigmoid(_) + ~", "exp(_)*v", "_/(1 + ~^2)", "-_*~", "_*~", "w*cos(v*_) + _", "cos(_)*sin(~)*v",
        "cos(~)", "max(_, v*~)", "sqrt(_) + log(~)",
    ])
    func chainsWithNames(shape: String) throws {
        let both = try #require(try Self.derived(Self.chain(shape), fewestAlike: 1))
        #expect(both[0].text == both[1].text)
        #expect(both[0].lowered == both[1].lowered)
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

import Foundation
import Testing

@testable import Nabla

@Suite struct ShrinkerTests {
    /// Shrinking keeps what makes a predicate hold, and drops the rest.
    @Test func theCulpritIsLeft() throws {
        let spec = try #require(
            (UInt64(0)..<100).map { RandomSpecs.make(seed: $0) }.first { $0.text.contains("gelu(") })
        let shrunk = spec.shrunk { $0.text.contains("gelu(") }
        #expect(shrunk.statements.count == 1)
        #expect(shrunk.text.contains("gelu("))
        #expect(shrunk.text.count < 60)
    }

    /// sin in place of cos in every derivative: the fault is found, and what is left of the spec is next to nothing.
    @Test func anInjectedFaultIsFoundAndShrunk() throws {
        let sabotage: (inout DerivedSystem) -> Void = { derived in
            for step in derived.derivation.steps {
                let body = derived.system.equations[step.equation].body
                derived.system.equations[step.equation].body = derived.system.graph.rewrite(body) {
                    graph, id, children in
                    if case .call(.standard(.cos), _) = graph.form(of: id) {
                        return graph.makeCall(.standard(.sin), children)
                    }
                    return graph.rebuilding(id, children)
                }
            }
        }
        var found = 0
        for seed in UInt64(1)..<200 where found < 1 {
            let spec = RandomSpecs.make(seed: seed)
            guard FailureReport.complaint(spec) == nil,
                let complaint = FailureReport.complaint(spec, sabotage: sabotage), complaint.hasPrefix("derived: ∂")
            else { continue }
            found += 1
            let shrunk = FailureReport.shrunk(spec, complaint, attempts: 800, sabotage: sabotage)
            #expect(shrunk.statements.count <= 8, "\(shrunk.text)")
            #expect(shrunk.weight * 2 < spec.weight, "\(shrunk.text)")
            #expect(FailureReport.complaint(shrunk, sabotage: sabotage) != nil)
            #expect(FailureReport.complaint(shrunk) == nil)
            #expect(shrunk.text.contains("sin(") || shrunk.text.contains("cos("), "\(shrunk.text)")
        }
        #expect(found == 1)
    }

    /// Sizes go down to what the fault needs, with the values.
    @Test func sizesShrinkWithTheValues() throws {
        let spec = RandomSpec(
            seed: 0,
            statements: [
                SpecStatement(head: "size N = 4", body: nil), SpecStatement(head: "size L = 3", body: nil),
                SpecStatement(head: "layer l in 1...L", body: nil),
                SpecStatement(head: "param w(l)[N,N]", body: nil, declares: ["w"]),
                SpecStatement(head: "cost C = ", body: SpecExpression("sum(l, i, j: w(l)[i,j]^2)")),
            ],
            values: [
                RandomSpec.Values(
                    name: "w",
                    json: [
                        "{"
                            + (1...3).map { stage in
                                let row = "[\(stage), 2, 3, 4]"
                                return "\"\(stage)\": [\(row), \(row), \(row), \(row)]"
                            }.joined(separator: ", ") + "}"
                    ], isData: false)
            ], exampleCount: 1, constructs: [], functions: [])
        // Wrong where there are two layers and two rows.
        let shrunk = spec.shrunk { candidate in
            guard let system = try? Comparison.resolve(candidate.text), let cost = system.costs.last,
                let values = try? OracleValues(json: candidate.json)
            else { return false }
            var oracle = Oracle(system, values)
            guard case .same? = try? Comparison.compare(candidate) else { return false }
            return ((try? oracle.value(cost)) ?? 0) >= 2 * (1 + 4) + 2 * (4 + 4)
        }
        #expect(shrunk.text.contains("size N = 2\nsize L = 2"), "\(shrunk.text)")
        #expect(shrunk.json == #"{"w": {"1": [[1, 2], [1, 2]], "2": [[2, 2], [2, 2]]}}"#)
    }
}

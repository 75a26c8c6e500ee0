import Foundation
import Testing

@testable import Nabla

/// Random specs: the evaluator, which runs loops, against the oracle, which computes element by element by definition.
@Suite struct RandomEvaluationTests {
    private static var wanted: Int {
        Int(ProcessInfo.processInfo.environment["NABLA_RANDOM_SPECS"] ?? "") ?? 200
    }

    private static var firstSeed: UInt64 {
        UInt64(ProcessInfo.processInfo.environment["NABLA_FIRST_SEED"] ?? "") ?? 1
    }

    /// What is wrong, or nil; and how many numbers were compared.
    private static func compare(_ text: String, json: String) throws -> (complaint: String?, count: Int) {
        let system = try Comparison.resolve(text)
        guard let cost = system.costs.last else { return ("no cost", 0) }
        let wrt = system.quantities.indices.map { QuantityID($0) }.filter { system[$0].role == .parameter }
        let derived = try Differentiator.derive(system, of: (cost, []), wrt: wrt)
        let values = try ValuesReader.read(SourceText(name: "values.json", text: json), for: system)
        var count = 0
        // The spec as written, and the derived system, both with all that they compute.
        var copy = system
        let access = copy.graph.makeAccess(cost, [])
        for evaluator in [
            Evaluator(copy, cost: access, includesAll: true), Evaluator(derived, includesAll: true),
            Evaluator(derived.lowered(), cost: derived.cost, gradient: derived.gradient, includesAll: false),
        ] {
            let prepared = try evaluator.prepare(values.bound, exampleCount: values.examples.count)
            let results = try prepared.run(values)
            var oracle = Oracle(prepared.program.system, try OracleValues(json: json))
            let tensors = (results.quantities ?? []).map(\.value) + (results.gradient ?? []).map(\.value)
            let names = derived.gradient.map(\.derivative)
            for (position, tensor) in tensors.enumerated() {
                for (example, tensor) in tensor.all.enumerated() {
                    // Entries of the gradient have the shape of the parameter; their values are the derivative's.
                    let own = position - (results.quantities?.count ?? 0)
                    let quantity = own >= 0 ? names[own] : tensor.quantity
                    guard let quantity else { continue }
                    let at = oracle.isPerExample(quantity) ? example : -1
                    for indices in try oracle.elements(of: quantity) {
                        let want = try oracle.value(quantity, indices, example: at)
                        let got = tensor.element(indices) ?? .nan
                        count += 1
                        if !isClose(want, got, 1e-9), !(want.magnitude > 1e12) {
                            let name = prepared.program.system[quantity].name
                            return ("\(name)\(indices) is \(want), computed \(got)\n\(prepared.program)", count)
                        }
                    }
                }
            }
        }
        return (nil, count)
    }

    @Test func valuesAreTheOracles() throws {
        var compared = 0
        var failures = 0
        for seed in Self.firstSeed..<Self.firstSeed + UInt64(Self.wanted) {
            let spec = RandomSpecs.make(seed: seed)
            do {
                let (complaint, count) = try Self.compare(spec.text, json: spec.json)
                compared += count
                guard let complaint else { continue }
                failures += 1
                Issue.record("seed \(seed): \(complaint)\n\(spec.text)\n\(spec.json)")
            } catch {
                failures += 1
                Issue.record("seed \(seed): \(error)\n\(spec.text)")
            }
            if failures >= 3 { break }
        }
        print("\(compared) numbers compared")
        #expect(compared > 1000)
    }
}

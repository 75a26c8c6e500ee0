import Foundation
import TestSupport
import Testing

@testable import Nabla

/// A sample of the random specs as compiled Swift, against the evaluator.
@Suite struct CompiledSpecsTests {
    @Test func compiledRandomSpecsComputeWhatTheEvaluatorDoes() throws {
        let count = Int(ProcessInfo.processInfo.environment["NABLA_COMPILED_SPECS"] ?? "") ?? 16
        let first = UInt64(ProcessInfo.processInfo.environment["NABLA_FIRST_SEED"] ?? "") ?? 9_000
        var harness = Harness(computesNumeric: false)
        var expected: [Results] = []
        var seed = first
        while harness.networks.count < count && seed < first + UInt64(4 * count) {
            seed += 1
            let random = RandomSpecs.make(seed: seed)
            let text = "network Random\(seed)\n" + random.text.replacing("network Random\n", with: "")
            let source = SourceText(name: "random.nabla", text: text)
            let system = Spec(source).system
            var oracle = Oracle(system, try OracleValues(json: random.json))
            let cost = try #require(system.costs.last)
            let parameters = system.quantities.indices.map { QuantityID($0) }.filter { system[$0].role == .parameter }
            let gradient = try oracle.gradient(of: cost, example: oracle.isPerExample(cost) ? 0 : -1, wrt: parameters)
            guard oracle.nearKinks == 0, gradient.entries.values.allSatisfy({ $0.isFinite && abs($0) < 1e6 }) else {
                continue
            }
            let values = try ValuesReader.read(SourceText(name: "values.json", text: random.json), for: system)
            expected.append(try harness.add(source, nil, values))
        }
        #expect(harness.networks.count == count)
        let (entries, complaints) = try harness.differences(from: expected)
        #expect(complaints.isEmpty, "\(complaints.prefix(20).joined(separator: "\n"))")
        #expect(entries >= 10 * count)
    }
}

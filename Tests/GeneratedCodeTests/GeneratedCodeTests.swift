import Foundation
import TestSupport
import Testing

@testable import Nabla

/// Every golden Swift file, compiled and run: values and gradients against the evaluator and numeric derivatives.
@Suite struct GeneratedCodeTests {
    @Test func goldensComputeWhatTheEvaluatorDoes() throws {
        var harness = Harness()
        var expected: [Results] = []
        for folder in try Fixtures.contents(of: try Fixtures.path("Tests/GoldenTests/Cases")) {
            let golden = folder.appendingPathComponent("generated.swift")
            guard FileManager.default.fileExists(atPath: golden.path) else { continue }
            let source = SourceText(
                name: "spec.nabla", text: try Fixtures.text(folder.appendingPathComponent("spec.nabla")))
            var draws = RandomValues(seed: 7)
            let bound = try draws.sizes(for: Spec(source).system)
            let values = try draws.values(for: bound, exampleCount: 3, scale: 1)
            expected.append(try harness.add(source, try Fixtures.text(golden), values))
        }
        #expect(harness.networks.count >= 12)
        let (entries, complaints) = try harness.differences(from: expected)
        #expect(complaints.isEmpty, "\(complaints.prefix(20).joined(separator: "\n"))")
        #expect(entries >= 100)
    }

    /// More examples than a block has, with products and vectors: the gradient is the mean over all blocks.
    @Test func blocksOfExamplesAddUp() throws {
        var harness = Harness(computesNumeric: false)
        var expected: [Results] = []
        for name in ["MultiNeuron", "RecurrentNetwork", "SoftmaxClassifier"] {
            let source = SourceText(
                name: "\(name).nabla", text: try Fixtures.text(try Fixtures.path("Examples/\(name).nabla")))
            var draws = RandomValues(seed: 11)
            let bound = try draws.sizes(for: Spec(source).system)
            // Blocks of 128 and of 256.
            let values = try draws.values(for: bound, exampleCount: 2 * SwiftFile.blockSizes.lowerBound + 3, scale: 1)
            expected.append(try harness.add(source, nil, values))
        }
        #expect(harness.networks.allSatisfy { $0.source.contains("Kernel.product") })
        let (entries, complaints) = try harness.differences(from: expected)
        #expect(complaints.isEmpty, "\(complaints.prefix(20).joined(separator: "\n"))")
        #expect(entries >= 50)
    }
}

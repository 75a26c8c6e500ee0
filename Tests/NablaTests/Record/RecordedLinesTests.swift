import Foundation
import TestSupport
import Testing

@testable import Nabla

/// Every displayed line is equal to the one before it, as the record of the derivation has them.
@Suite struct RecordedLinesTests {
    struct Outcome: Sendable {
        var seed: UInt64
        var compared: [String: Int] = [:]
        var complaints: [String] = []
    }

    private static func outcome(_ seed: UInt64) throws -> Outcome? {
        let random = RandomSpecs.make(seed: seed)
        var spec = Spec(SourceText(name: "Random.nabla", text: random.text))
        guard spec.isValid, let derived = try? spec.derive() else { return nil }
        let values = try ValuesReader.read(SourceText(name: "values.json", text: random.json), for: spec.system)
        let lines = try RecordedLines(derived, at: values)
        return Outcome(seed: seed, compared: lines.compared, complaints: lines.complaints)
    }

    private static func example(_ name: String) throws -> (DerivedSystem, Values) {
        var spec = Spec(SourceText(name: name, text: try Fixtures.text(try Fixtures.path("Examples/\(name).nabla"))))
        var random = RandomValues(seed: 3)
        let bound = try random.sizes(for: spec.system)
        return (try spec.derive(), try random.values(for: bound, exampleCount: 2, scale: 1))
    }

    @Test func linesOfRandomSpecsAreEqual() async throws {
        let outcomes = try await withThrowingTaskGroup(of: Outcome?.self) { group in
            for seed in LineSeeds.all { group.addTask { try Self.outcome(seed) } }
            var all: [Outcome] = []
            for try await outcome in group { if let outcome { all.append(outcome) } }
            return all.sorted { $0.seed < $1.seed }
        }
        var compared: [String: Int] = [:]
        for outcome in outcomes { compared.merge(outcome.compared) { $0 + $1 } }
        let total = compared.values.reduce(0, +)
        print("\(outcomes.count) specs: \(total) equalities: \(compared.sorted { $0.key < $1.key })")
        for outcome in outcomes {
            for complaint in outcome.complaints.prefix(2) { Issue.record("seed \(outcome.seed): \(complaint)") }
        }
        #expect(outcomes.allSatisfy { $0.complaints.isEmpty })
        if LineSeeds.areChosen { return }
        #expect(outcomes.count >= 180)
        #expect(total > 20_000)
        for what in [
            "the chain rule", "the ratios worked out", "the result", "a sum that collapses", "a ratio simplified",
        ] {
            #expect(compared[what, default: 0] > 100, "\(what)")
        }
    }

    @Test(arguments: [
        "OneNeuronChain", "OneLayer", "MultiNeuron", "MultiNeuronReLU", "SoftmaxClassifier", "RecurrentNetwork",
    ])
    func linesOfTheExamplesAreEqual(name: String) throws {
        let (derived, values) = try Self.example(name)
        let lines = try RecordedLines(derived, at: values)
        #expect(lines.complaints.isEmpty, "\(lines.complaints.prefix(3))")
        #expect(lines.compared.values.reduce(0, +) > 40)
    }

    /// Each line is really looked at: a sign flipped in it is found.
    @Test func flippedSignsAreFound() throws {
        let (derived, values) = try Self.example("MultiNeuron")
        var found = 0
        for position in derived.derivation.steps.indices {
            let result = try RecordedLines(derived, at: values) { system in
                let step = system.derivation.steps[position]
                system.derivation.steps[position].result = system.system.graph.makeNegation(step.result)
            }
            #expect(!result.complaints.isEmpty, "the result of step \(position)")
            for place in derived.derivation.steps[position].contributions.indices
            where derived.derivation.steps[position].contributions[place].overExamples == nil {
                let local = try RecordedLines(derived, at: values) { system in
                    let contribution = system.derivation.steps[position].contributions[place]
                    system.derivation.steps[position].contributions[place].local =
                        system.system.graph.makeNegation(contribution.local)
                }
                #expect(!local.complaints.isEmpty, "a ratio of step \(position)")
                let simplified = try RecordedLines(derived, at: values) { system in
                    let contribution = system.derivation.steps[position].contributions[place]
                    system.derivation.steps[position].contributions[place].localResult =
                        system.system.graph.makeNegation(contribution.localResult)
                }
                #expect(!simplified.complaints.isEmpty, "a simplified ratio of step \(position)")
                found += 2
            }
            found += 1
        }
        #expect(found > 12)
        let collapses = derived.derivation.steps.indices.filter { position in
            derived.derivation.steps[position].contributions.contains { $0.collapse != nil }
        }
        #expect(!collapses.isEmpty)
        for position in collapses {
            let collapsed = try RecordedLines(derived, at: values) { system in
                for place in system.derivation.steps[position].contributions.indices {
                    guard let collapse = system.derivation.steps[position].contributions[place].collapse else {
                        continue
                    }
                    system.derivation.steps[position].contributions[place].collapse?.local =
                        system.system.graph.makeNegation(collapse.local)
                }
            }
            #expect(!collapsed.complaints.isEmpty, "the sum that collapses in step \(position)")
        }
    }
}

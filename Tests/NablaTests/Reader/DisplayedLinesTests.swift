import Foundation
import TestSupport
import Testing

@testable import Nabla

/// Every displayed line is equal to the one before it, as the page says it and as the record has it.
@Suite struct DisplayedLinesTests {
    struct Outcome: Sendable {
        var seed: UInt64
        var compared = 0
        var places = 0
        var unread: [String] = []
        var complaints: [String] = []
    }

    private static func outcome(_ seed: UInt64) -> Outcome? {
        let random = RandomSpecs.make(seed: seed)
        var spec = Spec(SourceText(name: "Random.nabla", text: random.text))
        guard spec.isValid, let derived = try? spec.derive(), let values = try? OracleValues(json: random.json) else {
            return nil
        }
        var lines = DisplayedLines(derived, values)
        lines.check(LaTeXPrinter.text(of: derived))
        return Outcome(
            seed: seed, compared: lines.compared, places: lines.places, unread: lines.unread, complaints: lines.complaints)
    }

    @Test func linesOfRandomSpecsAreEqual() async throws {
        let outcomes = await withTaskGroup(of: Outcome?.self) { group in
            for seed in UInt64(0)..<200 { group.addTask { Self.outcome(seed) } }
            var all: [Outcome] = []
            for await outcome in group { if let outcome { all.append(outcome) } }
            return all.sorted { $0.seed < $1.seed }
        }
        let compared = outcomes.reduce(0) { $0 + $1.compared }
        let unread = outcomes.reduce(0) { $0 + $1.unread.count }
        print("\(outcomes.count) specs: \(compared) equalities compared, \(unread) chains not read")
        for outcome in outcomes {
            for complaint in outcome.complaints.prefix(2) { print("WRONG", outcome.seed, complaint) }
            for chain in outcome.unread.prefix(3) { print("UNREAD", outcome.seed, chain) }
        }
        #expect(outcomes.allSatisfy { $0.complaints.isEmpty })
        #expect(compared > 20_000)
    }
}

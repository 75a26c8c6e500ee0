import Foundation
import Testing

@testable import Nabla

/// Random specs: everything that is made of their derivatives, against the oracle's.
///
/// `NABLA_RANDOM_SPECS=10000 swift test --filter RandomGradientTests` is a longer run.
@Suite struct RandomGradientTests {
    private static var wanted: Int {
        Int(ProcessInfo.processInfo.environment["NABLA_RANDOM_SPECS"] ?? "") ?? 300
    }

    private static var firstSeed: UInt64 {
        UInt64(ProcessInfo.processInfo.environment["NABLA_FIRST_SEED"] ?? "") ?? 1
    }

    /// What one seed gave.
    private struct Run: Sendable {
        var seed: UInt64
        var counts: Comparison.Counts?
        var complaint: String?
        var constructs: Set<Construct> = []
        var functions: Set<String> = []
    }

    private static func run(_ seed: UInt64) -> Run {
        let spec = RandomSpecs.make(seed: seed)
        // A crash leaves the specs that were running behind.
        if let folder = ProcessInfo.processInfo.environment["NABLA_TRACE"] {
            let place = URL(fileURLWithPath: folder).appendingPathComponent("seed\(seed).nabla")
            try? Data(spec.text.utf8).write(to: place)
            defer { try? FileManager.default.removeItem(at: place) }
            return compare(spec)
        }
        return compare(spec)
    }

    private static func compare(_ spec: RandomSpec) -> Run {
        var run = Run(seed: spec.seed)
        do {
            switch try Comparison.compare(spec) {
            case .same(let counts):
                run.counts = counts
                run.constructs = spec.constructs
                run.functions = spec.functions
            case .notComparable: break
            case .different(let difference): run.complaint = difference
            }
        } catch {
            run.complaint = "\(error)"
        }
        return run
    }

    /// Runs seeds on all cores, in blocks, until enough have been compared.
    private static func runs() async -> [Run] {
        var all: [Run] = []
        var compared = 0
        var failures = 0
        var next = firstSeed
        let block = UInt64(64)
        while compared < wanted, failures < 5, next < firstSeed + UInt64(4 * wanted) {
            let first = next
            let found = await withTaskGroup(of: Run.self) { group in
                for seed in first..<first + block { group.addTask { run(seed) } }
                var found: [Run] = []
                for await run in group { found.append(run) }
                return found.sorted { $0.seed < $1.seed }
            }
            all += found
            compared += found.count { $0.counts != nil }
            failures += found.count { $0.complaint != nil }
            next += block
        }
        return all
    }

    @Test func derivedGradientsAreTheOracles() async throws {
        let runs = await Self.runs()
        let compared = runs.compactMap(\.counts)
        let entries = compared.reduce(0) { $0 + $1.entries }
        let unsimplified = compared.reduce(0) { $0 + $1.unsimplified }
        let second = compared.reduce(0) { $0 + $1.second }
        print(
            "\(compared.count) specs of \(runs.count): \(entries) entries compared, \(unsimplified) before"
                + " simplification, \(second) of second derivatives")
        for run in runs.filter({ $0.complaint != nil }).prefix(5) {
            Issue.record("\(FailureReport.text(RandomSpecs.make(seed: run.seed), run.complaint ?? ""))")
        }
        #expect(compared.count >= Self.wanted)
        // Nothing is compared silently with nothing.
        #expect(entries >= 20 * Self.wanted)
        #expect(unsimplified * 10 >= entries * 9)
        #expect(second >= Self.wanted)
        // Rare ones are in one spec of fifty or more.
        let least = max(1, Self.wanted / 50)
        for construct in Construct.allCases {
            let count = runs.count { $0.constructs.contains(construct) }
            #expect(count >= least, "\(construct)")
        }
        for function in FunctionTable.standard.names {
            let count = runs.count { $0.functions.contains(function) }
            #expect(count >= least, "\(function)")
        }
    }
}

import Foundation
import Testing

@testable import Nabla

/// Random specs: the derived gradient against the oracle's.
@Suite struct RandomGradientTests {
    private static var wanted: Int {
        Int(ProcessInfo.processInfo.environment["NABLA_RANDOM_SPECS"] ?? "") ?? 300
    }

    private static var firstSeed: UInt64 {
        UInt64(ProcessInfo.processInfo.environment["NABLA_FIRST_SEED"] ?? "") ?? 1
    }

    /// What is wrong with a spec, or nil.
    private static func complaint(_ spec: RandomSpec) -> String? {
        do {
            if case .different(let difference) = try Comparison.compare(spec.text, json: spec.json) {
                return difference
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// A complaint without names, numbers and places.
    private static func kind(_ complaint: String) -> String {
        for way in ["derived: ∂", "evaluated: ∂", "evaluated: the cost", "printed: ∂"] where complaint.hasPrefix(way) {
            return way
        }
        let line = complaint.split(separator: "\n").first.map(String.init) ?? ""
        let message = line.components(separatedBy: ": error: ").last ?? line
        var text = ""
        for (position, part) in message.components(separatedBy: "'").enumerated() where position % 2 == 0 {
            text += part.filter { $0.isLetter || $0 == " " }
        }
        return text
    }

    /// A failing spec made small: the same kind of failure with as little as possible.
    private static func report(_ spec: RandomSpec, _ complaint: String) -> String {
        let kind = Self.kind(complaint)
        let shrunk = spec.shrunk { candidate in
            guard let other = Self.complaint(candidate) else { return false }
            return Self.kind(other) == kind
        }
        return """
            seed \(spec.seed): \(complaint)
            shrunk to:
            \(shrunk.text)
            \(shrunk.json)
            \(Self.complaint(shrunk) ?? "")
            """
    }

    @Test func derivedGradientsAreTheOracles() throws {
        var compared = 0
        var entries = 0
        var skipped: [String: Int] = [:]
        var constructs: [Construct: Int] = [:]
        var functions: [String: Int] = [:]
        var failures = 0
        var seed = Self.firstSeed
        let trace = ProcessInfo.processInfo.environment["NABLA_TRACE"]
        while compared < Self.wanted && seed < Self.firstSeed + UInt64(3 * Self.wanted) {
            let spec = RandomSpecs.make(seed: seed)
            seed += 1
            // A crash leaves the seed behind.
            if let trace { try Data("\(spec.seed)\n\(spec.text)".utf8).write(to: URL(fileURLWithPath: trace)) }
            do {
                switch try Comparison.compare(spec.text, json: spec.json) {
                case .same(let count):
                    compared += 1
                    entries += count
                    for construct in spec.constructs { constructs[construct, default: 0] += 1 }
                    for function in spec.functions { functions[function, default: 0] += 1 }
                case .notComparable(let why): skipped[why, default: 0] += 1
                case .different(let difference):
                    failures += 1
                    Issue.record("\(Self.report(spec, difference))")
                }
            } catch {
                failures += 1
                Issue.record("\(Self.report(spec, "\(error)"))")
            }
            if failures >= 5 { break }
        }
        print("\(compared) specs, \(entries) entries compared; skipped: \(skipped.sorted { $0.key < $1.key })")
        #expect(failures == 0)
        #expect(compared == Self.wanted)
        // Rare ones are in one spec of fifty or more.
        for construct in Construct.allCases {
            #expect(constructs[construct, default: 0] >= max(1, Self.wanted / 50), "\(construct)")
        }
        for function in FunctionTable.standard.names {
            #expect(functions[function, default: 0] >= max(1, Self.wanted / 50), "\(function)")
        }
    }
}

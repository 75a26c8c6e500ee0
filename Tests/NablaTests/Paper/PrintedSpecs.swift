import Foundation
import TestSupport

@testable import Nabla

/// The specs whose derivations are set: every example, and random ones.
enum PrintedSpecs {
    /// A spec's name, which a failure is reported with, and its text.
    struct Printed: Sendable {
        var name: String
        var text: String
    }

    static let randomCount = 200

    /// All of them in a style; random specs count as far as they are valid.
    static func printed(_ style: LaTeXPrinter.Style, random: Int = randomCount) async throws -> [Printed] {
        let examples = try Fixtures.contents(of: try Fixtures.path("Examples")).filter { $0.pathExtension == "nabla" }
        var sources = try examples.map { ($0.lastPathComponent, try Fixtures.text($0)) }
        var seed: UInt64 = 0
        var count = 0
        while count < random {
            let text = RandomSpecs.make(seed: seed).text
            if Spec(SourceText(name: "Random.nabla", text: text)).isValid {
                sources.append(("seed \(seed)", text))
                count += 1
            }
            seed += 1
        }
        return try await withThrowingTaskGroup(of: (Int, Printed).self) { group in
            for (position, source) in sources.enumerated() {
                group.addTask {
                    var spec = Spec(SourceText(name: source.0, text: source.1))
                    let text = LaTeXPrinter.text(of: try spec.derive(), options: .init(style: style))
                    return (position, Printed(name: source.0, text: text))
                }
            }
            var all: [(Int, Printed)] = []
            for try await one in group { all.append(one) }
            return all.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}

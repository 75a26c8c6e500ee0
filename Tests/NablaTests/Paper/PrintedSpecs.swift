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

    /// All of them derived, once for all styles; random specs count as far as they are valid.
    private static let derived = Task { () -> [(name: String, system: DerivedSystem)] in
        let examples = try Fixtures.contents(of: try Fixtures.path("Examples")).filter { $0.pathExtension == "nabla" }
        var all: [(String, DerivedSystem)] = []
        for example in examples {
            var spec = Spec(SourceText(name: example.lastPathComponent, text: try Fixtures.text(example)))
            all.append((example.lastPathComponent, try spec.derive()))
        }
        let count = all.count + randomCount
        var seed: UInt64 = 0
        while all.count < count {
            var spec = Spec(SourceText(name: "Random.nabla", text: RandomSpecs.make(seed: seed).text))
            if spec.isValid { all.append(("seed \(seed)", try spec.derive())) }
            seed += 1
        }
        return all
    }

    /// All of them in a style, or the first ones.
    static func printed(_ style: LaTeXPrinter.Style, most: Int = .max) async throws -> [Printed] {
        try await derived.value.prefix(most).map { one in
            Printed(name: one.name, text: LaTeXPrinter.text(of: one.system, options: .init(style: style)))
        }
    }
}

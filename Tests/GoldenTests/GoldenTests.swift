import Foundation
import TestSupport
import Testing

@testable import Nabla

/// What Nabla makes of each spec in Cases, byte for byte.
///
/// `BLESS=1 swift test --filter GoldenTests` writes the goldens anew, and fails: nobody blesses in passing.
@Suite struct GoldenTests {
    private static let isBlessing = ProcessInfo.processInfo.environment["BLESS"] == "1"

    @Test func everySpecGivesItsGoldens() throws {
        let cases = try GoldenCase.all()
        #expect(cases.filter(\.isBad).count >= 25)
        #expect(cases.filter { !$0.isBad }.count >= 15)
        for one in cases {
            let made = try one.made()
            #expect(one.isBad == (made["derived.nabla"] == nil), "\(one.name): only the specs called bad-… are wrong")
            if Self.isBlessing {
                try Self.bless(one, made)
                continue
            }
            let stored = try one.stored()
            for (file, text) in made.sorted(by: { $0.key < $1.key }) {
                guard let expected = stored[file] else {
                    Issue.record("\(one.name)/\(file) is missing")
                    continue
                }
                let difference = UnifiedDiff.between(
                    expected, text, oldName: "\(one.name)/\(file)", newName: "\(one.name)/\(file) (as it is now)")
                if !difference.isEmpty { Issue.record("\(difference)") }
            }
            for file in stored.keys.sorted() where made[file] == nil {
                Issue.record("\(one.name)/\(file) is an orphan: nothing makes it any more")
            }
        }
        if Self.isBlessing { Issue.record("the goldens were written: look at them, and run again without BLESS") }
    }

    private static func bless(_ one: GoldenCase, _ made: [String: String]) throws {
        for (file, text) in made.sorted(by: { $0.key < $1.key }) {
            try Data(text.utf8).write(to: one.folder.appendingPathComponent(file))
        }
        for file in try one.stored().keys where made[file] == nil {
            try FileManager.default.removeItem(at: one.folder.appendingPathComponent(file))
        }
    }

    /// Each example that a reader meets first is a case.
    @Test func everyExampleIsACase() throws {
        let texts = Set(try GoldenCase.all().map { try Fixtures.text($0.folder.appendingPathComponent("spec.nabla")) })
        let examples = try Fixtures.contents(of: try Fixtures.path("Examples")).filter { $0.pathExtension == "nabla" }
        #expect(examples.count >= 5)
        for example in examples { #expect(try texts.contains(Fixtures.text(example)), "\(example.lastPathComponent)") }
    }

    /// The second time gives the same bytes: nothing that a hash orders gets out.
    @Test func theSameInputGivesTheSameBytes() throws {
        for one in try GoldenCase.all() { #expect(try one.made() == one.made(), "\(one.name)") }
    }

    /// A derived spec is a spec: it reads again, and deriving it prints what it says already.
    @Test func derivedSpecsReadAgain() throws {
        var count = 0
        for one in try GoldenCase.all() where !one.isBad {
            let text = try #require(try one.made()["derived.nabla"])
            let spec = Spec(SourceText(name: "derived.nabla", text: text))
            let renderer = DiagnosticRenderer(source: spec.source)
            #expect(spec.isValid, "\(one.name): \(spec.diagnostics.map { renderer.text($0) }.joined())")
            if spec.isValid { #expect(SpecPrinter.text(of: spec.system) == text, "\(one.name)") }
            count += 1
        }
        #expect(count >= 15)
    }
}

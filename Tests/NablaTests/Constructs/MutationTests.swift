import Foundation
import TestSupport
import Testing

@testable import Nabla

/// Specs of the examples and the golden cases with a few words changed: whatever comes out, nothing crashes or hangs, and what is
/// accepted has the right gradient.
@Suite struct MutationTests {
    private static func specs() throws -> [String] {
        var texts: [String] = []
        for file in try Fixtures.contents(of: try Fixtures.path("Examples")) where file.pathExtension == "nabla" {
            texts.append(try Fixtures.text(file))
        }
        for folder in try Fixtures.contents(of: try Fixtures.path("Tests/GoldenTests/Cases")) {
            if folder.lastPathComponent.hasPrefix("bad") { continue }
            let file = folder.appendingPathComponent("spec.nabla")
            if FileManager.default.fileExists(atPath: file.path) { texts.append(try Fixtures.text(file)) }
        }
        // What is large is only slow.
        return texts.filter { $0.utf8.count < 4_000 }
    }

    /// A spec's words: names, numbers, signs, spaces.
    private static func words(_ text: String) -> [String] {
        let source = SourceText(name: "spec.nabla", text: text)
        var result: [String] = []
        var end = 0
        let bytes = Array(text.utf8)
        for token in Lexer.tokens(of: source).tokens where token.range.upper > token.range.lower {
            result.append(String(decoding: bytes[end..<Int(token.range.lower)], as: UTF8.self))
            let word = String(decoding: bytes[Int(token.range.lower)..<Int(token.range.upper)], as: UTF8.self)
            // Sizes stay small.
            result.append((Int(word) ?? 0) > 8 ? "3" : word)
            end = Int(token.range.upper)
        }
        return result
    }

    /// Names, numbers, and each sign by itself.
    private static func kind(_ word: String) -> String {
        guard let first = word.first else { return "" }
        return first.isLetter ? "name" : first.isNumber ? "number" : word
    }

    private static func mutate(_ text: String, _ random: inout SplitMix64) -> String {
        var words = words(text)
        let places = words.indices.filter { !words[$0].allSatisfy(\.isWhitespace) }
        guard !places.isEmpty else { return text }
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = places[Int.random(in: 0..<places.count, using: &random)]
            let word = words[place]
            let functions = ["exp", "relu", "abs", "sqrt", "gelu", "max", "atan2"]
            let reductions = ["sum", "prod", "max", "min", "mean", "logsumexp"]
            let operators = ["+", "-", "*", "/", "^"]
            let comparisons = ["<", "==", ">=", "!=", ">"]
            let kind = [functions, reductions, operators, comparisons].first { $0.contains(word) }
            let sameKind = places.filter { Self.kind(words[$0]) == Self.kind(word) }
            switch Int.random(in: 0...9, using: &random) {
            case 0: words[place] = ""
            case 1: words[place] += " " + words[places[Int.random(in: 0..<places.count, using: &random)]]
            case 2, 3, 4, 5:
                if let kind { words[place] = kind.randomElement(using: &random) ?? word } else { fallthrough }
            default:
                if word.first?.isNumber == true {
                    words[place] = ["0", "1", "2", "1/2", "L", "pi"].randomElement(using: &random) ?? word
                } else {
                    words[place] = words[sameKind[Int.random(in: 0..<sameKind.count, using: &random)]]
                }
            }
        }
        return words.joined()
    }

    /// `NABLA_MUTATIONS=10000 swift test --filter MutationTests` is a longer run.
    @Test func mutationsDoNoHarm() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = Int(environment["NABLA_MUTATIONS"] ?? "") ?? 250
        var random = SplitMix64(state: UInt64(environment["NABLA_FIRST_SEED"] ?? "") ?? 5)
        let specs = try Self.specs()
        #expect(specs.count >= 20, "\(specs.count)")
        var accepted = 0
        var compared = 0
        for _ in 0..<count {
            guard let text = specs.randomElement(using: &random) else { continue }
            let mutant = Self.mutate(text, &random)
            if let trace = environment["NABLA_TRACE"] {
                try Data(mutant.utf8).write(to: URL(fileURLWithPath: trace + "/mutant.nabla"))
            }
            var spec = Spec(SourceText(name: "Mutant.nabla", text: mutant))
            let renderer = DiagnosticRenderer(source: spec.source)
            for diagnostic in spec.diagnostics { #expect(!renderer.text(diagnostic).isEmpty) }
            guard spec.isValid else { continue }
            accepted += 1
            let original = spec.system
            let derived: DerivedSystem
            do { derived = try spec.derive() } catch is DerivationError { continue }
            _ = LaTeXPrinter.text(of: derived)
            let printed = SpecPrinter.text(of: derived.system)
            let again = Spec(SourceText(name: "Mutant.nabla", text: printed))
            #expect(again.isValid, "\(mutant)\n\(printed)\n\(again.diagnostics.map(\.message))")
            do {
                _ = try SwiftPrinter.text(of: derived)
                let report = try GradientCheck.run(original, derived, seed: 1)
                #expect(
                    report.passes,
                    "\(report.place): derived \(report.derived), numeric \(report.numeric)\n\(mutant)")
                compared += 1
            } catch is LoweringError {
            } catch is EvaluationError {
            }
        }
        print("\(accepted) of \(count) mutants are specs; \(compared) gradients compared")
        #expect(accepted * 10 >= count)
        #expect(compared * 20 >= count)
    }
}

import Foundation
import TestSupport
import Testing

@testable import Nabla

/// Slides, Markdown and exercises.
@Suite struct StyleTests {
    private static let examples = [
        "OneNeuronChain", "OneLayer", "MultiNeuron", "MultiNeuronReLU", "SoftmaxClassifier", "RecurrentNetwork",
    ]

    private func text(_ name: String, _ style: LaTeXPrinter.Style, fade: Int = 0) throws -> String {
        var spec = Spec(SourceText(name: name, text: try Fixtures.text(try Fixtures.path("Examples/\(name).nabla"))))
        return LaTeXPrinter.text(of: try spec.derive(), options: .init(style: style, fade: fade))
    }

    private func random(_ seeds: Range<UInt64>, _ style: LaTeXPrinter.Style, fade: Int = 0) -> [(UInt64, String)] {
        seeds.compactMap { seed in
            var spec = Spec(SourceText(name: "Random.nabla", text: RandomSpecs.make(seed: seed).text))
            guard spec.isValid, let derived = try? spec.derive() else { return nil }
            return (seed, LaTeXPrinter.text(of: derived, options: .init(style: style, fade: fade)))
        }
    }

    private static let hasLaTeX = PaperRun.isPossible

    @Test(.enabled(if: hasLaTeX, "pdflatex is not installed"), arguments: [LaTeXPrinter.Style.document, .beamer])
    func exercisesCompileAndFit(style: LaTeXPrinter.Style) async throws {
        var texts = try Self.examples.map { PrintedSpecs.Printed(name: $0, text: try text($0, style, fade: 3)) }
        for (seed, text) in random(0..<40, style, fade: 2) { texts.append(.init(name: "seed \(seed)", text: text)) }
        for complaint in try await PaperRun.complaints(about: texts) { Issue.record("\(complaint)") }
    }

    @Test(.enabled(if: PaperTests.katexIsInstalled, "node or KaTeX is not installed"))
    func exercisesAreLegalInKaTeX() throws {
        let texts = try Self.examples.map { PrintedSpecs.Printed(name: $0, text: try text($0, .markdown, fade: 1)) }
        #expect(try PaperTests.katexComplaints(about: texts).isEmpty)
    }

    @Test func factorsComeOneByOne() throws {
        let text = try text("OneNeuronChain", .beamer)
        #expect(text.contains(#"\uncover<2->{\underbrace{\frac{\partial a^{(L)}}{\partial z^{(L)}}}"#))
        #expect(text.contains(#"\uncover<3->{\underbrace{\frac{\partial C_0}{\partial a^{(L)}}}"#))
        #expect(text.contains(#"&\uncover<4->{{}= }"#))
    }

    @Test func blanksHaveAnswers() throws {
        for style in LaTeXPrinter.Style.allCases {
            let full = try text("OneLayer", style)
            let faded = try text("OneLayer", style, fade: 2)
            #expect(!full.contains(#"\boxed"#))
            let blanks = faded.components(separatedBy: #"\boxed{\text{("#).count - 1
            let answers = faded.components(separatedBy: #"\text{("#).count - 1 - blanks
            #expect(blanks > 5 && answers == blanks, "\(style)")
            #expect(faded.contains("The answers"))
            // All that was blank is in the key.
            #expect(faded.contains(#"\sigma'"#))
        }
        #expect(try text("OneLayer", .fragment, fade: 1).contains(#"&= \boxed{\text{(1)}\qquad\qquad}"#))
    }

    @Test func markdownHasNoEscapesOfPunctuationInFormulas() throws {
        for text in try Self.examples.map({ try text($0, .markdown) }) {
            for part in text.components(separatedBy: "$$").enumerated() where part.offset % 2 == 1 {
                for mark in [#"\,"#, #"\;"#, #"\\"#, #"\{"#, #"\_"#] { #expect(!part.element.contains(mark)) }
            }
        }
    }
}

import Foundation
import TestSupport
import Testing

@testable import Nabla

/// Every example and 200 random specs, in every style: they compile, fit their page or slide, and refer to nothing that is not there.
@Suite struct PaperTests {
    @Test(
        .enabled(if: PaperRun.isPossible, "pdflatex is not installed"),
        arguments: [LaTeXPrinter.Style.fragment, .document, .beamer])
    func everyDerivationFits(style: LaTeXPrinter.Style) async throws {
        let texts = try await PrintedSpecs.printed(style)
        #expect(texts.count >= PrintedSpecs.randomCount + 6)
        for complaint in try await PaperRun.complaints(about: texts) { Issue.record("\(style), \(complaint)") }
        guard style == .fragment, Self.katexIsInstalled else { return }
        for complaint in try Self.katexComplaints(about: texts) { Issue.record("\(style), \(complaint)") }
    }

    /// Click by click, too.
    @Test(.enabled(if: PaperRun.isPossible, "pdflatex is not installed"))
    func slidesComeClickByClick() async throws {
        let texts = try await PrintedSpecs.printed(.beamer, most: 10)
        for complaint in try await PaperRun.complaints(about: texts, isHandout: false) {
            Issue.record("\(complaint)")
        }
    }

    /// What is too wide or too tall is found, and named.
    @Test(.enabled(if: PaperRun.isPossible, "pdflatex is not installed"))
    func whatDoesNotFitIsFound() async throws {
        let wide = #"\begin{align*}"# + "\n" + String(repeating: "a + ", count: 100) + "a\n" + #"\end{align*}"# + "\n"
        let tall =
            #"\begin{align*}"# + "\n" + String(repeating: "a \\\\\n", count: 100) + "a\n" + #"\end{align*}"# + "\n"
        let good = PrintedSpecs.Printed(name: "good", text: "\\begin{align*}\na\n\\end{align*}\n")
        for (name, text) in [("wide", wide), ("tall", tall), ("wrong", "\\nosuchcommand\n"), ("ref", "\\ref{none}\n")] {
            let texts = [good, PrintedSpecs.Printed(name: name, text: text), good]
            let complaints = try await PaperRun.complaints(about: texts, runs: 1)
            #expect(complaints.contains { $0.name == name }, "\(name): \(complaints)")
            #expect(!complaints.contains { $0.name == "good" }, "\(name): \(complaints)")
        }
    }

    static let katexIsInstalled =
        Command.exists("node") && FileManager.default.fileExists(atPath: "/usr/share/nodejs/katex")

    /// KaTeX with strict errors takes every formula.
    @Test(.enabled(if: katexIsInstalled, "node or KaTeX is not installed"))
    func everyFormulaOfMarkdownIsLegalInKaTeX() async throws {
        let texts = try await PrintedSpecs.printed(.markdown)
        #expect(texts.count >= PrintedSpecs.randomCount + 6)
        for complaint in try Self.katexComplaints(about: texts) { Issue.record("\(complaint)") }
        let wrong = PrintedSpecs.Printed(name: "wrong", text: "\\begin{align*}\n\\nosuchcommand\n\\end{align*}\n")
        #expect(try Self.katexComplaints(about: [wrong]).count == 1)
    }

    /// Displays of LaTeX or Markdown, and formulas in lines of Markdown.
    static func katexComplaints(about texts: [PrintedSpecs.Printed]) throws -> [String] {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        for (number, one) in texts.enumerated() { try folder.write(one.text, to: "text\(number)") }
        try folder.write(
            #"""
            const katex = require('/usr/share/nodejs/katex');
            const fs = require('fs');
            for (let number = 0; fs.existsSync('text' + number); number++) {
                const text = fs.readFileSync('text' + number, 'utf8');
                let count = 0;
                const check = (formula, displayMode) => {
                    try {
                        katex.renderToString(formula, {displayMode, strict: 'error', throwOnError: true});
                        count++;
                    } catch (error) { console.log(number + ' ' + error.message.replace(/\n/g, ' ')); }
                };
                for (const [formula] of text.matchAll(/\\begin\{align\*\}[\s\S]*?\\end\{align\*\}/g)) check(formula, true);
                if (!text.includes('\\begin{align*}')) {
                    const rest = text.replace(/^\$\$\n([\s\S]*?)\n\$\$$/gm, (_, f) => { check(f, true); return ''; });
                    for (const [, f] of rest.matchAll(/(?<!\\)\$((?:[^$\\]|\\.)+)\$/g)) check(f, false);
                }
                console.log(number + ' formulas ' + count);
            }
            """#, to: "check.js")
        let result = try Command("node", "check.js", in: folder.url).run()
        var complaints: [String] = result.status == 0 ? [] : [String(result.output.suffix(1000))]
        var read = 0
        for line in result.output.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let number = Int(parts[0]), texts.indices.contains(number) else { continue }
            if parts[1].hasPrefix("formulas ") {
                read += 1
                if parts[1] == "formulas 0", complaints.isEmpty {
                    complaints.append("\(texts[number].name): no formulas")
                }
            } else {
                complaints.append("\(texts[number].name): \(parts[1])")
            }
        }
        if read != texts.count { complaints.append("\(read) of \(texts.count) texts were read") }
        return complaints
    }
}

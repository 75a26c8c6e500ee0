import Foundation
import TestSupport
import Testing

@testable import Nabla

/// Sets many derivations with few starts of pdflatex, and says which of them is wrong.
enum PaperRun {
    /// A complaint with the derivation that it is about.
    struct Complaint: Sendable, CustomStringConvertible {
        var name: String
        var text: String

        var description: String { "\(name): \(text)" }
    }

    static let isPossible = Command.runsTests(thatNeed: "pdflatex")

    /// What a user writes around a fragment.
    static let around = #"\documentclass{article}\usepackage{amsmath,xcolor}"# + "\n\\begin{document}\n"

    /// Each text is a whole document, or a fragment; several runs share the work.
    ///
    /// - Parameter isHandout: whether slides are set once, with all that comes click by click, which is as tall as after the last click.
    static func complaints(
        about texts: [PrintedSpecs.Printed], runs: Int = 2, isHandout: Bool = true
    ) async throws -> [Complaint] {
        try await withThrowingTaskGroup(of: [Complaint].self) { group in
            for run in 0..<min(runs, texts.count) {
                let share = texts.enumerated().filter { $0.offset % runs == run }.map(\.element)
                group.addTask { try complaints(aboutSome: share, isHandout) }
            }
            var all: [Complaint] = []
            for try await some in group { all += some }
            return all.sorted { $0.name < $1.name }
        }
    }

    private static func complaints(aboutSome texts: [PrintedSpecs.Printed], _ isHandout: Bool) throws -> [Complaint] {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        var main = ""
        for (number, one) in texts.enumerated() {
            let (preamble, body) = parts(of: one.text)
            if main.isEmpty { main = preamble }
            guard main.hasPrefix(preamble) else {
                return [Complaint(name: one.name, text: "another preamble than \(texts[0].name)")]
            }
            try folder.write(body, to: "part\(number).tex")
            // The page is out before the next begins, so that what is said about it stands below its name.
            main += "\\typeout{NABLA \(one.name)}\n\\input{part\(number)}\n\\clearpage\n"
        }
        if isHandout { main = "\\PassOptionsToClass{handout}{beamer}\n" + main }
        try folder.write(main + "\\typeout{NABLA the end}\n\\end{document}\n", to: "document.tex")
        var command = Command(
            "pdflatex", "-draftmode", "-halt-on-error", "-no-shell-escape", "-interaction=nonstopmode", "document.tex",
            in: folder.url)
        command.environment = ["openin_any": "p", "openout_any": "p", "max_print_line": "1000"]
        let result = try command.run(seconds: 600)
        let log = try String(contentsOf: folder.url.appendingPathComponent("document.log"), encoding: .isoLatin1)
        var name = "the preamble"
        var complaints: [Complaint] = []
        var finished = 0
        for line in log.split(separator: "\n") {
            if line.hasPrefix("NABLA ") {
                name = String(line.dropFirst(6))
                finished += 1
            } else if line.hasPrefix("Overfull") || line.hasPrefix("!") || line.contains("undefined")
                || line.hasPrefix("Missing character")
            {
                let number = line.split(separator: " ").last.flatMap { Int($0) }
                let own = texts.first { $0.name == name }.map { parts(of: $0.text).body } ?? ""
                let near = number.map { number in
                    own.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(max(0, number - 4))
                        .prefix(5).joined(separator: "\n")
                }
                complaints.append(Complaint(name: name, text: "\(line)\n\(near ?? "")"))
            }
        }
        if result.status != 0 || finished != texts.count + 1, complaints.isEmpty {
            complaints.append(Complaint(name: name, text: String(result.output.suffix(2000))))
        }
        return complaints
    }

    /// What stands before the document's body, and the body.
    private static func parts(of text: String) -> (preamble: String, body: String) {
        let (begin, end) = ("\\begin{document}\n", "\\end{document}\n")
        guard let start = text.range(of: begin), text.hasSuffix(end) else { return (around, text) }
        return (String(text[..<start.upperBound]), String(text[start.upperBound...].dropLast(end.count)))
    }
}

/// A derivation as blocks, before a style is chosen.
struct LaTeXDocument: Sendable {
    enum Block: Sendable {
        case title(Prose)
        case heading(Prose)
        /// Prose; in styles that have any.
        case paragraph(Prose)
        /// Prose that, where a style has none, does not even part the displays around it.
        case remark(Prose)
        case display([Row])
    }

    /// A chain of equalities.
    struct Row: Sendable {
        /// What stands before the first relation.
        var left: FormulaPrinter.Text
        /// What it is equal to, one after another.
        var right: [MathLine]
        /// For which indices.
        var condition: MathLine?
    }

    var blocks: [Block] = []

    var withoutRemarks: LaTeXDocument {
        var document = LaTeXDocument()
        // Whether the last block of this document was a display, or a remark after one.
        var mayJoin = false
        for block in blocks {
            if case .remark = block { continue }
            if case .display(let rows) = block, mayJoin {
                for row in rows { document.append(row) }
                continue
            }
            document.blocks.append(block)
            if case .display = block { mayJoin = true } else { mayJoin = false }
        }
        return document
    }

    mutating func append(_ row: Row) {
        if case .display(var rows)? = blocks.last {
            blocks.removeLast()
            rows.append(row)
            blocks.append(.display(rows))
        } else {
            blocks.append(.display([row]))
        }
    }
}

/// Sets the blocks of a document in a style.
struct LaTeXRenderer {
    let style: LaTeXPrinter.Style
    /// The widest line of a display, in em.
    let limit: Double
    /// A taller display, in em, is set in parts, so that pages can break between them.
    var tallest = 30.0
    /// How many factors and results of each derivation are left blank.
    var fade = 0

    /// How tall a line of a display is, in em, roughly.
    static func height(of line: String) -> Double {
        var height = 1.8
        var rest = line.utf8[...]
        while let backslash = rest.firstIndex(of: UInt8(ascii: "\\")) {
            rest = rest[backslash...]
            for (command, tall) in tallCommands where rest.starts(with: command) { height = max(height, tall) }
            rest = rest.dropFirst()
        }
        return height
    }

    private static let tallCommands: [(String.UTF8View, Double)] = [
        (#"\frac"#.utf8, 2.8), (#"\sum"#.utf8, 3.6), (#"\prod"#.utf8, 3.6), (#"\underbrace"#.utf8, 5),
        (#"\begin{cases}"#.utf8, 6),
    ]

    func text(of document: LaTeXDocument) -> String {
        switch style {
        case .fragment, .document: break
        case .beamer: return slides(of: document)
        case .markdown: return markdown(of: document)
        }
        var blanks = DerivationBlanks(count: fade)
        var output = style == .document ? Self.preamble : ""
        var lastIsText = true
        for block in style == .fragment ? document.withoutRemarks.blocks : document.blocks {
            switch block {
            case .title(let title):
                if style == .document { output += "\\section*{\(LaTeXNotation.text(of: title))}\n" }
                lastIsText = true
            case .heading(let heading):
                output += (output.isEmpty ? "" : "\n") + "\\subsection*{\(LaTeXNotation.text(of: heading))}\n"
                lastIsText = true
            case .paragraph(let text), .remark(let text):
                guard style == .document else { continue }
                if !lastIsText { output += "\n" }
                output += LaTeXNotation.text(of: text) + "\n"
                lastIsText = false
            case .display(let rows):
                for lines in blanks.fading(displays(rows)) { output += Self.align(lines) }
                lastIsText = true
            }
        }
        if !blanks.answers.isEmpty {
            output += "\n\\subsection*{\(Self.keyHeading)}\n"
            for lines in blanks.key(tallest: tallest, height: Self.height(of:)) { output += Self.align(lines) }
        }
        if style == .document { output += "\\end{document}\n" }
        return output
    }

    static let keyHeading = "The answers"

    private static func align(_ lines: [String]) -> String {
        "\\begin{align*}\n" + lines.joined(separator: " \\\\\n") + "\n\\end{align*}\n"
    }

    /// The lines of each display.
    func displays(_ rows: [LaTeXDocument.Row]) -> [[String]] {
        var result: [[String]] = []
        var group: [LaTeXDocument.Row] = []
        func flush() {
            if group.isEmpty { return }
            let left = group.reduce(0) { max($0, $1.left.width) }
            var lines: [String] = []
            var height = 0.0
            for row in group {
                for line in self.lines(of: row, leftWidth: left) {
                    let own = Self.height(of: line)
                    if height + own > tallest, !lines.isEmpty {
                        result.append(lines)
                        lines = []
                        height = 0
                    }
                    height += own
                    lines.append(line)
                }
            }
            result.append(lines)
            group = []
        }
        for row in rows {
            if row.left.width > limit * 0.4 {
                flush()
                group = [row]
                flush()
            } else {
                group.append(row)
            }
        }
        flush()
        return result
    }

    private func lines(of row: LaTeXDocument.Row, leftWidth: Double) -> [String] {
        var lines: [String] = []
        let left = LaTeXNotation.text(of: row.left.tokens)
        let isLong = leftWidth > limit * 0.4
        let available = limit - (isLong ? 2 : leftWidth) - 1.4
        var lastWidth = 0.0
        for (position, formula) in row.right.enumerated() {
            let parts = formula.lines(first: available, rest: available - 2).map { LaTeXNotation.line($0) }
            lastWidth = parts.count == 1 ? formula.width : available
            for (number, part) in parts.enumerated() {
                if number > 0 {
                    lines.append("&\\qquad " + part)
                } else if position == 0 && isLong {
                    lines.append("& \(left)")
                    lines.append("&\\quad = \(part)")
                } else if position == 0 {
                    lines.append("\(left) &= \(part)")
                } else {
                    lines.append((isLong ? "&\\quad = " : "&= ") + part)
                }
            }
        }
        if row.right.isEmpty { lines.append("& \(left)") }
        if let condition = row.condition, !condition.isEmpty {
            if lastWidth + condition.width + 2.2 <= available, let last = lines.popLast() {
                lines.append("\(last) \\qquad \(condition.tex)")
            } else {
                for part in condition.lines(first: available - 2, rest: available - 2) {
                    lines.append("&\\qquad " + LaTeXNotation.line(part))
                }
            }
        }
        return lines
    }

    private static let preamble = #"""
        \documentclass[11pt,a4paper]{article}
        \usepackage[utf8]{inputenc}
        \usepackage[T1]{fontenc}
        \usepackage{lmodern}
        \usepackage[margin=27mm]{geometry}
        \usepackage{amsmath}
        \usepackage{xcolor}
        \setlength{\parindent}{0pt}
        \setlength{\parskip}{5pt plus 1pt}
        \sloppy
        \emergencystretch=3em
        \allowdisplaybreaks
        \begin{document}

        """#
}

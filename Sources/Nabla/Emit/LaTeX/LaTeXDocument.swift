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
        /// Rows of cells, the first row a head; in styles that have prose.
        case table([[Cell]])
        /// A drawing; in documents.
        case picture(Picture)
        /// Here the key of an exercise stands; nothing is left blank after it.
        case answers
    }

    enum Picture: Sendable {
        case graph(DependencyGraph)
        case paths(PathsPicture)
    }

    /// A cell of a table.
    struct Cell: Sendable {
        /// Lines, one below the other.
        var lines: [Prose]
        /// The widest one's, in em.
        var width: Double

        init(_ lines: [Prose], _ width: Double) {
            self.lines = lines
            self.width = width
        }
    }

    /// A chain of equalities.
    struct Row: Sendable {
        /// What stands before the first relation.
        var left: FormulaPrinter.Text
        /// What it is equal to, one after another.
        var right: [MathLine]
        /// For which indices.
        var condition: MathLine?
        /// Beside each of ``right``, why it holds: the rule's name.
        var notes: [MathLine?] = []
        /// Whether each of ``right`` is but about equal to what stands before it; where that is not said, it is equal.
        var rounded: [Bool] = []

        func isRounded(_ position: Int) -> Bool { rounded.indices.contains(position) && rounded[position] }
    }

    var blocks: [Block] = []

    var withoutRemarks: LaTeXDocument {
        var document = LaTeXDocument()
        // Whether the last block of this document was a display, or a remark after one.
        var mayJoin = false
        for block in blocks {
            switch block {
            case .remark, .table, .picture: continue
            default: break
            }
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

    func text(of document: LaTeXDocument) -> String {
        switch style {
        case .fragment, .document: break
        case .beamer: return slides(of: document)
        case .markdown: return markdown(of: document)
        }
        var blanks = DerivationBlanks(count: fade)
        var output = style == .document ? Self.preamble : ""
        var lastIsText = true
        func addKey() {
            if !blanks.answers.isEmpty { output += "\n\\subsection*{\(Self.keyHeading)}\n" }
            for lines in blanks.key(tallest: tallest) { output += Self.align(lines) }
            blanks = DerivationBlanks(count: 0)
        }
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
            case .table(let rows):
                output += (lastIsText ? "" : "\n") + LaTeXTable(rows: rows, limit: limit).text
                lastIsText = true
            case .picture(let drawing):
                output += Self.figure(drawing).text
                lastIsText = true
            case .display(let rows):
                for lines in blanks.fading(displays(rows)) { output += Self.align(lines) }
                lastIsText = true
            case .answers: addKey()
            }
        }
        addKey()
        if style == .document { output += "\\end{document}\n" }
        return output
    }

    static let keyHeading = "The answers"

    /// A drawing in the middle of its line, and its height in cm; smaller where there is less room than on a page.
    static func figure(
        _ drawing: LaTeXDocument.Picture, widest: Double = 14.5, tallest: Double = 22
    ) -> (text: String, height: Double) {
        let (picture, height): (String, Double)
        switch drawing {
        case .graph(let graph):
            let drawn = TikZGraph(graph, widest: widest, tallest: tallest)
            (picture, height) = (drawn.text, drawn.height)
        case .paths(var paths):
            paths.tallest = tallest
            (picture, height) = (paths.text ?? "", paths.height)
        }
        return ("\\begin{center}\n\(picture)\\end{center}\n", height)
    }

    private static func align(_ lines: [String]) -> String {
        "\\begin{align*}\n" + lines.joined(separator: " \\\\\n") + "\n\\end{align*}\n"
    }

    /// A line of a display, with what stands beside it.
    private struct Line {
        var tex: String
        var width: Double
        var note: MathLine?
        /// Whether it is one of several lines of a formula.
        var isPart = false
    }

    /// The lines of each display.
    func displays(_ rows: [LaTeXDocument.Row]) -> [[String]] {
        var result: [[String]] = []
        var group: [LaTeXDocument.Row] = []
        func flush() {
            if group.isEmpty { return }
            let left = group.reduce(0) { max($0, $1.left.width) }
            let all = group.flatMap { self.lines(of: $0, leftWidth: left) }
            let lineWidth = all.reduce(0) { max($0, $1.width) }
            let noteWidth = all.reduce(0) { max($0, $1.note?.width ?? 0) }
            let hasColumn = left + 1.4 + lineWidth + 2.5 + noteWidth <= limit
            var lines: [String] = []
            var height = 0.0
            for line in all {
                for text in texts(of: line, hasColumn: hasColumn, available: limit - left - 1.4) {
                    let own = DisplayHeight.of(text)
                    if height + own > tallest, !lines.isEmpty {
                        result.append(lines)
                        lines = []
                        height = 0
                    }
                    height += own
                    lines.append(text)
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

    /// A line with its note: in a column of its own, behind the line, or below it.
    private func texts(of line: Line, hasColumn: Bool, available: Double) -> [String] {
        guard let note = line.note, !note.isEmpty else { return [line.tex] }
        if hasColumn { return ["\(line.tex) && \(note.tex)"] }
        if line.width + note.width + 2.2 <= available { return ["\(line.tex) \\qquad \(note.tex)"] }
        // Beside a formula of several lines there is no place that is one line's.
        if line.isPart { return [line.tex] }
        return [line.tex]
            + note.lines(first: available - 2, rest: available - 2).map {
                "&\\qquad " + LaTeXNotation.line($0)
            }
    }

    private func lines(of row: LaTeXDocument.Row, leftWidth: Double) -> [Line] {
        var lines: [Line] = []
        let isLong = leftWidth > limit * 0.4
        let available = limit - (isLong ? 2 : leftWidth) - 1.4
        var lastWidth = 0.0
        let left = LaTeXNotation.text(of: row.left.tokens)
        for (position, formula) in row.right.enumerated() {
            let parts = formula.lines(first: available, rest: available - 2).map { LaTeXNotation.line($0) }
            lastWidth = parts.count == 1 ? formula.width : available
            let width = lastWidth + (isLong ? 2 : 0)
            let relation = row.isRounded(position) ? #"\approx"# : "="
            for (number, part) in parts.enumerated() {
                var note: MathLine?
                if number == parts.count - 1, row.notes.indices.contains(position) { note = row.notes[position] }
                if number > 0 {
                    lines.append(Line(tex: "&\\qquad " + part, width: width, note: note, isPart: true))
                } else if position == 0 && isLong {
                    lines.append(Line(tex: "& \(left)", width: width))
                    lines.append(Line(tex: "&\\quad \(relation) \(part)", width: width, note: note))
                } else if position == 0 {
                    lines.append(Line(tex: "\(left) &\(relation) \(part)", width: width, note: note))
                } else {
                    lines.append(
                        Line(tex: (isLong ? "&\\quad \(relation) " : "&\(relation) ") + part, width: width, note: note))
                }
            }
        }
        if row.right.isEmpty { lines.append(Line(tex: "& \(left)", width: row.left.width)) }
        if let condition = row.condition, !condition.isEmpty {
            if lastWidth + condition.width + 2.2 <= available, var last = lines.popLast() {
                last.tex += " \\qquad \(condition.tex)"
                last.width += condition.width + 2.2
                lines.append(last)
            } else {
                for part in condition.lines(first: available - 2, rest: available - 2) {
                    lines.append(Line(tex: "&\\qquad " + LaTeXNotation.line(part), width: available))
                }
            }
        }
        return lines
    }

    /// The colours of paths, where a document has its own.
    static let colours = #"""
        \definecolor{orange}{HTML}{D55E00}
        \definecolor{teal}{HTML}{00796B}
        \definecolor{purple}{HTML}{8E3B76}
        """#

    private static let preamble = #"""
        \documentclass[11pt,a4paper]{article}
        \usepackage[utf8]{inputenc}
        \usepackage[T1]{fontenc}
        \usepackage{lmodern}
        \usepackage[margin=27mm]{geometry}
        \usepackage{amsmath}
        \usepackage{xcolor,tikz}
        \usetikzlibrary{arrows.meta}
        \#(colours)
        \setlength{\parindent}{0pt}
        \setlength{\parskip}{5pt plus 1pt}
        \sloppy
        \emergencystretch=3em
        \allowdisplaybreaks[1]
        \begin{document}

        """#
}

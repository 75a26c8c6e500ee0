/// Sets the blocks of a document as a page.
struct HTMLRenderer {
    /// The widest line of a display, in em.
    let limit: Double

    /// What stands below one heading.
    private struct Section {
        var heading: Prose
        var blocks: [LaTeXDocument.Block] = []
    }

    func page(of document: LaTeXDocument) -> String {
        var title: Prose = "The gradient"
        var introduction: [LaTeXDocument.Block] = []
        var sections: [Section] = []
        for block in document.blocks {
            switch block {
            case .title(let prose): title = prose
            case .heading(let prose): sections.append(Section(heading: prose))
            default:
                if sections.isEmpty {
                    introduction.append(block)
                } else {
                    sections[sections.count - 1].blocks.append(block)
                }
            }
        }
        var output = Self.head(title: Self.plain(title))
        output += "<header>\n<h1>\(Self.html(title))</h1>\n\(html(introduction))</header>\n"
        if sections.count > 3 { output += contents(sections) }
        output += "<main>\n"
        for (number, section) in sections.enumerated() {
            output += "<section aria-labelledby=\"part\(number + 1)\">\n"
            output += "<h2 id=\"part\(number + 1)\">\(Self.html(section.heading))</h2>\n"
            output += html(section.blocks)
            output += "</section>\n"
        }
        return output + "</main>\n</body>\n</html>\n"
    }

    private func contents(_ sections: [Section]) -> String {
        var output = "<nav aria-label=\"Contents\">\n<ul>\n"
        for (number, section) in sections.enumerated() {
            output += "<li><a href=\"#part\(number + 1)\">\(Self.html(section.heading))</a></li>\n"
        }
        return output + "</ul>\n</nav>\n"
    }

    // MARK: Blocks

    private func html(_ blocks: [LaTeXDocument.Block]) -> String {
        var output = ""
        for block in blocks {
            switch block {
            case .title, .heading, .answers: continue
            case .paragraph(let prose): output += "<p>\(Self.html(prose))</p>\n"
            case .remark(let prose): output += "<p class=\"remark\">\(Self.html(prose))</p>\n"
            case .display(let rows): output += html(rows)
            case .table(let rows): output += table(rows)
            case .picture(.graph(let graph)): output += Self.figure(graph)
            case .picture(.paths(let paths)): output += Self.list(paths)
            }
        }
        return output
    }

    /// Equations one below the other; a chain of several is a step, whose result shows even where the step is folded.
    private func html(_ rows: [LaTeXDocument.Row]) -> String {
        var output = ""
        var group: [LaTeXDocument.Row] = []
        func flush() {
            if !group.isEmpty { output += display(group) }
            group = []
        }
        for row in rows {
            guard row.right.count > 1, let result = row.right.last else {
                group.append(row)
                continue
            }
            flush()
            var summary = row
            summary.right = [result]
            summary.notes = []
            summary.rounded = [row.rounded.contains(true)]
            output +=
                "<details open=\"open\">\n<summary><span class=\"unseen\">Step by step: </span>\(display([summary]))</summary>\n\(display([row]))</details>\n"
        }
        flush()
        return output
    }

    private func display(_ rows: [LaTeXDocument.Row]) -> String {
        let left = rows.reduce(0) { max($0, $1.left.width) }
        var output = "<div class=\"wide\"><math display=\"block\"><mtable displaystyle=\"true\">\n"
        for row in rows {
            for line in row.lines(limit: limit, leftWidth: left) {
                output += "<mtr><mtd>\(MathMLNotation.text(of: line.left))</mtd><mtd>"
                if line.indent > 0 { output += "<mspace width=\"\(line.indent)em\"/>" }
                output += MathMLNotation.text(of: line.right)
                if !line.condition.isEmpty {
                    output += "<mspace width=\"2em\"/>" + MathMLNotation.text(of: line.condition)
                }
                output += "</mtd>"
                if !line.note.isEmpty { output += "<mtd class=\"note\">\(MathMLNotation.text(of: line.note))</mtd>" }
                output += "</mtr>\n"
                if !line.note.isEmpty { output += Self.noteBelow(line.note) }
            }
        }
        return output + "</mtable></math></div>\n"
    }

    /// The rule once more, below its line: shown in place of the one beside it where the page is narrow.
    private static func noteBelow(_ note: [MathToken]) -> String {
        "<mtr class=\"under\"><mtd></mtd><mtd>\(MathMLNotation.text(of: note))</mtd></mtr>\n"
    }

    // MARK: Text

    static func html(_ prose: Prose) -> String {
        var output = ""
        var isAfterMath = false
        for part in prose.parts {
            switch part {
            case .text(let text):
                // A line must not begin with the full stop behind a formula.
                let mark = isAfterMath ? text.prefix { ".,:;)".contains($0) } : ""
                if isAfterMath { output += GraphPrinter.escaped(String(mark)) + "</span>" }
                output += GraphPrinter.escaped(String(text.dropFirst(mark.count)))
                isAfterMath = false
            case .math(let tokens):
                if isAfterMath { output += "</span>" }
                output += "<span class=\"formula\">" + MathMLNotation.inline(tokens)
                isAfterMath = true
            }
        }
        return isAfterMath ? output + "</span>" : output
    }

    /// Without formulas, for the window's title.
    private static func plain(_ prose: Prose) -> String {
        prose.parts.map { part in
            switch part {
            case .text(let text): GraphPrinter.escaped(text)
            case .math(let tokens): GraphPrinter.escaped(Self.plain(tokens))
            }
        }.joined()
    }

    private static func plain(_ tokens: [MathToken]) -> String {
        tokens.map { token in
            switch token {
            case .symbol(let stem): stem.text
            case .letters(let text), .number(let text), .function(let text, _), .text(let text): text
            case .negation, .operation(.minus, _): "−"
            case .operation(.plus, _): "+"
            case .comma: ","
            case .open(let bracket, _): bracket == .round ? "(" : bracket == .square ? "[" : "⟨"
            case .close(let bracket, _): bracket == .round ? ")" : bracket == .square ? "]" : "⟩"
            default: ""
            }
        }.joined()
    }
}

// The styles that are no plain LaTeX article.

extension LaTeXRenderer {
    /// Slides, one factor a click.
    func slides(of document: LaTeXDocument) -> String {
        var renderer = self
        renderer.tallest = SlideRenderer.tallest - SlideRenderer.aroundDisplay
        var blanks = DerivationBlanks(count: fade)
        var slides = SlideRenderer()
        func add(_ displays: [[String]]) { for lines in displays { slides.add(display: lines) } }
        func addKey() {
            if !blanks.answers.isEmpty { slides.begin(heading: Self.keyHeading) }
            add(blanks.key(tallest: renderer.tallest))
            blanks = DerivationBlanks(count: 0)
        }
        for block in document.blocks {
            switch block {
            case .title(let title): slides.begin(title: LaTeXNotation.text(of: title))
            case .heading(let heading): slides.begin(heading: LaTeXNotation.text(of: heading))
            case .paragraph(let text), .remark(let text):
                for part in text.parts(longest: Self.longestOnSlide) { slides.add(prose: LaTeXNotation.text(of: part)) }
            case .display(let rows): add(blanks.fading(renderer.displays(rows)))
            case .table(let rows):
                var table = LaTeXTable(rows: rows, limit: SlideRenderer.widestTable)
                table.tallest = 8
                for part in table.parts { slides.add(block: part.text, height: 1.6 * Double(part.lines) + 1.2) }
            case .picture(let drawing):
                let figure = Self.figure(drawing, widest: SlideRenderer.widest, tallest: SlideRenderer.tallestDrawing)
                // In em, with the space around it.
                slides.add(block: figure.text, height: figure.height / 0.386 + 1.2)
            case .answers: addKey()
            }
        }
        addKey()
        return slides.finished()
    }

    /// About half a slide of prose, in characters.
    private static let longestOnSlide = 450

    /// A table as GitHub and most notebooks read it.
    private static func markdown(table rows: [[LaTeXDocument.Cell]]) -> String {
        let lines = rows.map { row in
            let cells = row.map { cell in
                cell.lines.map { MarkdownText.prose($0).replacing("|", with: "&#124;") }.joined(separator: "<br>")
            }
            return "| " + cells.joined(separator: " | ") + " |"
        }
        guard let head = lines.first, let columns = rows.first?.count else { return "" }
        let rule = "|" + String(repeating: " --- |", count: columns)
        return ([head, rule] + lines.dropFirst()).joined(separator: "\n")
    }

    /// Markdown with formulas between dollars.
    func markdown(of document: LaTeXDocument) -> String {
        var blanks = DerivationBlanks(count: fade)
        var parts: [String] = []
        func add(_ displays: [[String]]) {
            for lines in displays {
                let body = lines.map { MarkdownText.math($0) }.joined(separator: " \\cr\n")
                parts.append("$$\n\\begin{aligned}\n\(body)\n\\end{aligned}\n$$")
            }
        }
        func addKey() {
            if !blanks.answers.isEmpty { parts.append("## " + Self.keyHeading) }
            add(blanks.key(tallest: tallest))
            blanks = DerivationBlanks(count: 0)
        }
        for block in document.blocks {
            switch block {
            case .title(let title): parts.append("# " + MarkdownText.prose(title))
            case .heading(let heading): parts.append("## " + MarkdownText.prose(heading))
            case .paragraph(let text), .remark(let text): parts.append(MarkdownText.prose(text))
            case .display(let rows): add(blanks.fading(displays(rows)))
            case .table(let rows): parts.append(Self.markdown(table: rows))
            case .picture(.graph(let graph)):
                parts.append("```mermaid\n" + GraphPrinter.text(of: graph, format: .mermaid) + "```")
            case .picture(.paths): continue
            case .answers: addKey()
            }
        }
        addKey()
        return parts.joined(separator: "\n\n") + "\n"
    }
}

// The styles that are no plain LaTeX article.

extension LaTeXRenderer {
    /// Slides, one factor a click.
    func slides(of document: LaTeXDocument) -> String {
        var renderer = self
        renderer.tallest = SlideRenderer.tallest
        var blanks = DerivationBlanks(count: fade)
        var slides = SlideRenderer()
        func add(_ displays: [[String]]) {
            for lines in displays {
                slides.add(display: lines, height: lines.reduce(1) { $0 + Self.height(of: $1) })
            }
        }
        for block in document.blocks {
            switch block {
            case .title(let title): slides.begin(title: LaTeXNotation.text(of: title))
            case .heading(let heading): slides.begin(heading: LaTeXNotation.text(of: heading))
            case .paragraph(let text), .remark(let text): slides.add(prose: LaTeXNotation.text(of: text))
            case .display(let rows): add(blanks.fading(renderer.displays(rows)))
            }
        }
        if !blanks.answers.isEmpty {
            slides.begin(heading: Self.keyHeading)
            add(blanks.key(tallest: renderer.tallest, height: Self.height(of:)))
        }
        return slides.finished()
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
        for block in document.blocks {
            switch block {
            case .title(let title): parts.append("# " + MarkdownText.prose(title))
            case .heading(let heading): parts.append("## " + MarkdownText.prose(heading))
            case .paragraph(let text), .remark(let text): parts.append(MarkdownText.prose(text))
            case .display(let rows): add(blanks.fading(displays(rows)))
            }
        }
        if !blanks.answers.isEmpty {
            parts.append("## " + Self.keyHeading)
            add(blanks.key(tallest: tallest, height: Self.height(of:)))
        }
        return parts.joined(separator: "\n\n") + "\n"
    }
}

/// A derivation as slides: one factor a click.
struct SlideRenderer {
    private var output = SlideRenderer.preamble
    /// Of the slide that is open: what it shows, and how tall that is, in em.
    private var body = ""
    private var height = 0.0
    private var title = ""
    /// How many clicks the open slide has taken.
    private var clicks = 1
    /// Prose that waits for the formula that it introduces.
    private var waiting = ""
    private var waitingHeight = 0.0

    /// How tall the contents of a slide can be, in em.
    static let tallest = 16.5

    /// The widest line, in em.
    static let limit = 32.0

    /// The widest table, in em: it needs no room beside it.
    static let widestTable = 36.0

    /// The widest and the tallest drawing, in cm.
    static let widest = 13.8
    static let tallestDrawing = 5.4

    mutating func begin(title: String) {
        // What the network is stands on the same slide.
        add(prose: "{\\Large \(title)\\par}\\medskip")
    }

    mutating func begin(heading: String) {
        flush()
        title = heading
    }

    mutating func add(prose: String) {
        // About 75 characters fit on a line.
        let own = 1.3 * Double(prose.count / 75 + 1) + 0.4
        if waitingHeight + own > SlideRenderer.tallest { flush() }
        waiting += prose + "\\par\\smallskip\n"
        waitingHeight += own
    }

    /// - Parameter lines: those of a derivation appear one by one, the ratios of its first line too.
    mutating func add(display lines: [String]) {
        takePlace(lines.reduce(SlideRenderer.aroundDisplay) { $0 + DisplayHeight.of($1) })
        let stepwise = lines.contains { DisplayLine($0).beginsDerivative } || lines.first?.hasPrefix("&") == true
        let shown = stepwise ? lines.map { overlaid($0) } : lines
        body += "\\begin{align*}\n" + shown.joined(separator: " \\\\\n") + "\n\\end{align*}\n"
    }

    /// Something that is there at once: a table or a drawing.
    mutating func add(block: String, height: Double) {
        takePlace(height)
        body += block
    }

    /// The space above and below a display, in em.
    static let aroundDisplay = 1.3

    /// Makes room on the open slide, or opens one, and sets what waits.
    private mutating func takePlace(_ own: Double) {
        if height + waitingHeight + own > SlideRenderer.tallest, !body.isEmpty { flushSlide() }
        if waitingHeight + own > SlideRenderer.tallest, !waiting.isEmpty { flush() }
        body += waiting
        height += waitingHeight + own
        waiting = ""
        waitingHeight = 0
    }

    /// The whole, when nothing follows.
    mutating func finished() -> String {
        flush()
        return output + "\\end{document}\n"
    }

    private mutating func flush() {
        if height + waitingHeight > SlideRenderer.tallest, !body.isEmpty { flushSlide() }
        body += waiting
        waiting = ""
        waitingHeight = 0
        flushSlide()
    }

    private mutating func flushSlide() {
        if !body.isEmpty {
            // Without its own group, one that the body begins with would be taken for the subtitle.
            output += "\\begin{frame}{\(title)}{}\n\(body)\\end{frame}\n"
            if !title.isEmpty, !title.hasSuffix(Self.continued) { title += Self.continued }
        }
        body = ""
        height = 0
        clicks = 1
    }

    private static let continued = " (continued)"

    /// A line whose factors appear one after another; what a slide begins with is there from the start.
    private mutating func overlaid(_ text: String) -> String {
        var line = DisplayLine(text)
        let scanner = LaTeXScanner(line.formula)
        let separator = #"\; "#
        let isFactored = !scanner.labels.isEmpty
        let places = isFactored ? scanner.places(of: separator) : []
        let ends = places.map { $0 + separator.utf8.count } + [scanner.count]
        var start = 0
        var formula = ""
        for end in ends {
            formula += uncovered(scanner.text(start..<end))
            if end != ends.last { clicks += 1 }
            start = end
        }
        // The head and what stands beside come with the formula's first and last factor.
        let first = clicks - places.count
        line.head = line.head.isEmpty ? "" : head(line, at: first)
        if !line.aside.isEmpty {
            let parts = LaTeXScanner(line.aside)
            let isColumn = parts.has(" && ", at: 0)
            line.aside =
                isColumn
                ? " && " + uncovered(parts.text(4..<parts.count)) : uncovered(line.aside)
        }
        clicks += 1
        return line.head + formula + line.aside
    }

    private func uncovered(_ text: String, from click: Int? = nil) -> String {
        let click = click ?? clicks
        // Behind the overlay's own marks a sign would be taken for an operator between two operands.
        let text = text.hasPrefix("-") ? "{-}" + text.dropFirst() : text
        return click <= 1 ? text : #"\uncover<\#(click)->{\#(text)}"#
    }

    /// The left side and the relation, on both sides of the `&` that aligns them.
    private func head(_ line: DisplayLine, at click: Int) -> String {
        guard click > 1 else { return line.head }
        let scanner = LaTeXScanner(line.head)
        guard let place = scanner.places(of: "&").first else { return line.head }
        let left = scanner.text(0..<place)
        let right = scanner.text(place + 1..<scanner.count)
        let isBlank = right.allSatisfy { $0 == " " }
        return (left.isEmpty ? "" : uncovered(left, from: click)) + "&"
            + (isBlank || !(right.contains("=") || right.contains(#"\approx"#))
                ? right : uncovered("{}" + right, from: click) + " ")
    }

    private static let preamble = #"""
        \documentclass[11pt,aspectratio=169]{beamer}
        \usepackage[utf8]{inputenc}
        \usepackage[T1]{fontenc}
        \usepackage{lmodern}
        \usepackage{amsmath}
        \usepackage{tikz}
        \usetikzlibrary{arrows.meta}
        \#(LaTeXRenderer.colours)
        \usefonttheme{professionalfonts}
        \setbeamertemplate{navigation symbols}{}
        \setbeamertemplate{footline}[frame number]
        \setbeamersize{text margin left=9mm,text margin right=9mm}
        \setbeamerfont{frametitle}{size=\large}
        \setlength{\abovedisplayskip}{3pt}
        \emergencystretch=3em
        \begin{document}

        """#
}

// Marks on formulas: words beside them, braces below them, the colours of paths.

extension FormulaPrinter {
    /// Words in a formula: plain letters, digits, spaces and punctuation.
    static func words(_ text: String) -> MathLine {
        var line = MathLine()
        line.write(.text(text), width: 0.46 * Double(text.unicodeScalars.count))
        return line
    }

    /// A piece of text as a line.
    static func line(_ text: Text) -> MathLine {
        var line = MathLine()
        line.write(text)
        return line
    }

    /// What stands above a brace, with what it is or works out to below it.
    static func underbrace(_ line: MathLine, label: MathLine) -> MathLine {
        self.line(
            (
                [.begin(.underbrace)] + line.tokens + [.next] + label.tokens + [.end],
                max(line.width, 0.75 * label.width) + 0.1
            ))
    }

    /// A formula in the colour of a path.
    static func coloured(_ line: MathLine, path: Int) -> MathLine {
        self.line((line.tokens.grouped(.path(path)), line.width))
    }

    /// Terms that are left out.
    static var leftOut: MathLine { line(([.moreTerms], 1.2)) }

    /// ∂/∂Q in front of what is derived.
    static func partial(by element: Text) -> Text {
        (.fraction([.partial], [.partial, .blank] + element.tokens) + [.blank], element.width + 0.9)
    }
}

// Marks on formulas: words beside them, braces below them, the colours of paths.

extension FormulaPrinter {
    /// Words in a formula: plain letters, digits, spaces and punctuation.
    static func words(_ text: String) -> MathLine {
        var line = MathLine()
        line.write(.text(text), width: 0.46 * Double(text.unicodeScalars.count))
        return line
    }

    /// Rules' names after one another; a line may end after each.
    static func words(_ names: [String]) -> MathLine {
        var line = MathLine()
        for (position, name) in names.enumerated() {
            let text = position < names.count - 1 ? name + ", " : name
            line.write(.text(text), width: 0.46 * Double(text.unicodeScalars.count), mayBreak: .afterComma)
        }
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
        wrapping(line) {
            (
                [.begin(.underbrace)] + $0.tokens + [.next] + label.tokens + [.end],
                max($0.width, 0.75 * label.width) + 0.1
            )
        }
    }

    /// A formula in one piece; a sign in front stays outside, as that of the sum which the term stands in.
    private static func wrapping(_ line: MathLine, _ wrap: (Text) -> Text) -> MathLine {
        guard let first = line.pieces.first, first.tokens == [.negation] else {
            return self.line(wrap((line.tokens, line.width)))
        }
        var signed = MathLine()
        signed.write(.negation, width: first.width)
        signed.write(wrap((line.pieces.dropFirst().flatMap(\.tokens), line.width - first.width)))
        return signed
    }

    /// A formula in the colour of a path.
    static func coloured(_ line: MathLine, path: Int) -> MathLine {
        wrapping(line) { ($0.tokens.grouped(.path(path)), $0.width) }
    }

    /// Terms that are left out.
    static var leftOut: MathLine { line(([.moreTerms], 1.2)) }

    /// ∂/∂Q in front of what is derived.
    static func partial(by element: Text) -> Text {
        (.fraction([.partial], [.partial, .blank] + element.tokens) + [.blank], element.width + 0.9)
    }
}

// Marks on formulas: words beside them, braces below them, the colours of paths. The LaTeX of these stands here alone.

extension FormulaPrinter {
    /// The colours of the paths, by xcolor's and KaTeX's names. A document defines all but blue again: xcolor mixes colours out of that.
    static let pathColours = ["blue", "orange", "teal", "purple"]

    /// Words in a formula: plain letters, digits, spaces and punctuation.
    static func words(_ text: String) -> MathLine {
        var line = MathLine()
        line.write(#"\text{\#(text)}"#, width: 0.46 * Double(text.unicodeScalars.count))
        return line
    }

    /// What stands above a brace, with what it is or works out to below it.
    static func underbrace(_ line: MathLine, label: MathLine) -> MathLine {
        var result = MathLine()
        result.write(
            #"\underbrace{\#(line.tex)}_{\#(label.tex)}"#, width: max(line.width, 0.75 * label.width) + 0.1)
        return result
    }

    /// A formula in the colour of a path.
    static func coloured(_ line: MathLine, path: Int) -> MathLine {
        var result = MathLine()
        let colour = pathColours[path % pathColours.count]
        result.write(#"\textcolor{\#(colour)}{\#(line.tex)}"#, width: line.width)
        return result
    }

    /// Terms that are left out.
    static var dots: MathLine {
        var line = MathLine()
        line.write(#"\cdots"#, width: 1.2)
        return line
    }

    /// ∂/∂Q in front of what is derived.
    static func partial(by element: Text) -> Text {
        (#"\frac{\partial}{\partial \#(element.tex)} "#, element.width + 0.9)
    }
}

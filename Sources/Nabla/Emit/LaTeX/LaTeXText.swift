import Foundation

/// Text of the spec's author as LaTeX: whatever it holds comes out as text.
enum LaTeXText {
    /// A documentation's text as prose for pdflatex with T1 fonts.
    static func prose(_ text: String) -> String {
        var output = ""
        var isSpace = true
        var previous: Unicode.Scalar?
        var length = 0
        let scalars = Array(text.precomposedStringWithCanonicalMapping.unicodeScalars)
        var next = 0
        while next < scalars.count {
            let scalar = scalars[next]
            let accented = accented(scalars, at: next)
            next += accented?.length ?? 1
            // Two of one kind would make a ligature.
            if scalar == previous, ligatures.contains(scalar) { output += "{}" }
            previous = scalar
            if scalar.properties.isWhitespace {
                // One space for any, so that no empty line ends a paragraph where a command does not allow it.
                if !isSpace { output += " " }
                isSpace = true
                length = 0
                continue
            }
            isSpace = false
            // A word without end must not leave the page.
            length += 1
            if length % 16 == 0 { output += #"\allowbreak{}"# }
            let text = accented?.tex ?? escaped(scalar)
            // Two dollar signs would begin a display.
            if text.first == "$", output.last == "$" { output += "{}" }
            output += text
        }
        while output.last == " " { output.removeLast() }
        return output
    }

    /// A letter with the marks that follow it, where no letter has them.
    private static func accented(_ scalars: [Unicode.Scalar], at place: Int) -> (tex: String, length: Int)? {
        let marks = scalars[(place + 1)...].prefix { accents[$0] != nil }.prefix(2)
        if marks.isEmpty { return nil }
        if let greek = greek[scalars[place]] { return ("$\(marked(greek, marks))$", 1 + marks.count) }
        guard isASCIILetterOrDigit(scalars[place]) else { return nil }
        return (marks.reduce(String(scalars[place])) { "\(accents[$1]?.text ?? ""){\($0)}" }, 1 + marks.count)
    }

    /// A letter of math mode under its marks.
    static func marked(_ letter: String, _ marks: some Sequence<Unicode.Scalar>) -> String {
        marks.reduce(letter) { "\(accents[$1]?.math ?? ""){\($0)}" }
    }

    /// The widest name, in em: longer ones lose their middle.
    static let widestName = 12.0

    /// A piece of a name.
    private struct NamePart {
        var tex: String
        var width: Double
        /// Whether it is of math mode: Greek, or under a mark that no letter of the fonts has.
        var isMath = false
    }

    /// A name in math mode, upright as text, legal in pdflatex and KaTeX; and its width in em.
    static func upright(_ name: String) -> (tex: String, width: Double) {
        var parts = name.flatMap { self.parts(of: $0) }
        var width = parts.reduce(0) { $0 + $1.width }
        if width > widestName {
            // The first two thirds and the last third of what there is room for.
            var first = 0
            var last = parts.count
            width = 1.2
            while first < parts.count, width + parts[first].width < widestName * 2 / 3 {
                width += parts[first].width
                first += 1
            }
            while last > first, width + parts[last - 1].width < widestName {
                last -= 1
                width += parts[last].width
            }
            parts = parts[..<first] + [NamePart(tex: #"\textellipsis{}"#, width: 1.2)] + parts[last...]
        }
        var text = ""
        var run = ""
        func flush() {
            let isPlain = run.unicodeScalars.allSatisfy { isASCIILetterOrDigit($0) }
            text += isPlain ? run : #"\text{\#(run)}"#
            run = ""
        }
        for part in parts {
            if part.isMath {
                flush()
                text += "{\(part.tex)}"
            } else {
                run += part.tex
            }
        }
        flush()
        // Text by itself needs no group.
        return (text.hasPrefix(#"\text{"#) && !parts.contains { $0.isMath } ? text : #"\mathrm{\#(text)}"#, width)
    }

    private static func parts(of character: Character) -> [NamePart] {
        let composed = Array(String(character).precomposedStringWithCanonicalMapping.unicodeScalars)
        if composed.count > 1 || composed.first.map({ !isOfText($0) }) == true,
            case .some(let stem) = SymbolName.letter(String(character))
        {
            return [NamePart(tex: LaTeXNotation.symbol(stem), width: 0.7, isMath: true)]
        }
        return composed.map { NamePart(tex: nameScalar($0), width: nameWidth($0)) }
    }

    /// Whether the text fonts have it.
    private static func isOfText(_ scalar: Unicode.Scalar) -> Bool {
        isASCIILetterOrDigit(scalar) || scalar == "_" || isLatin1Letter(scalar) || ligatureCommands[scalar] != nil
    }

    private static func nameWidth(_ scalar: Unicode.Scalar) -> Double {
        switch scalar {
        case "m", "w", "M", "W": 0.95
        case "A"..."Z": 0.75
        case "a"..."z", "0"..."9", "_": 0.56
        default:
            isLatin1Letter(scalar) || ligatureCommands[scalar] != nil ? 0.75 : 0.56 * Double(code(scalar).count) + 0.4
        }
    }

    static func isASCIILetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": true
        default: false
        }
    }

    /// One scalar of a name inside `\text{…}`.
    private static func nameScalar(_ scalar: Unicode.Scalar) -> String {
        if isASCIILetterOrDigit(scalar) { return String(scalar) }
        if scalar == "_" { return #"\_"# }
        if isLatin1Letter(scalar) { return String(scalar) }
        return ligatureCommands[scalar] ?? code(scalar)
    }

    private static let ligatureCommands: [Unicode.Scalar: String] = [
        "ß": #"\ss{}"#, "æ": #"\ae{}"#, "Æ": #"\AE{}"#, "ø": #"\o{}"#, "Ø": #"\O{}"#, "œ": #"\oe{}"#, "Œ": #"\OE{}"#,
    ]

    private static func isLatin1Letter(_ scalar: Unicode.Scalar) -> Bool {
        (0xC0...0xFF).contains(scalar.value) && scalar.value != 0xD7 && scalar.value != 0xF7
            && !excludedLatin1.contains(scalar.value)
    }

    // KaTeX has no glyph for these.
    private static let excludedLatin1: Set<UInt32> = [0xD0, 0xDE, 0xF0, 0xFE, 0xC6, 0xE6, 0xD8, 0xF8, 0xDF]

    /// The number of a scalar that the fonts do not have.
    private static func code(_ scalar: Unicode.Scalar) -> String {
        let hex = String(scalar.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        if let known = special[scalar] { return known }
        if scalar.value >= 0x20 && scalar.value < 0x7F { return String(scalar) }
        if let greek = greek[scalar] { return "$\(greek)$" }
        if (0xC0...0xFF).contains(scalar.value) && scalar.value != 0xD7 && scalar.value != 0xF7 {
            return String(scalar)
        }
        if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) { return "" }
        return "[\(code(scalar))]"
    }

    private static let ligatures: Set<Unicode.Scalar> = ["-", "'", ",", "<", ">"]

    private static let special: [Unicode.Scalar: String] = [
        "\\": #"\textbackslash{}"#, "{": #"\{"#, "}": #"\}"#, "$": #"\$"#, "&": #"\&"#, "#": "\\#", "%": #"\%"#,
        "_": #"\_"#, "^": #"\textasciicircum{}"#, "~": #"\textasciitilde{}"#, "<": #"\textless{}"#,
        ">": #"\textgreater{}"#, "|": #"\textbar{}"#, "\"": #"\textquotedbl{}"#, "`": #"\textasciigrave{}"#,
        "–": "--", "—": "---", "‘": "`", "’": "'{}", "“": "``", "”": "''{}", "…": #"\dots{}"#, "•": #"$\bullet$"#,
        "\u{2010}": "-{}", "\u{2011}": "-{}", "\u{AD}": #"\-"#, "·": #"$\cdot$"#, "×": #"$\times$"#, "÷": #"$\div$"#,
        "±": #"$\pm$"#, "°": #"$^{\circ}$"#, "µ": #"$\mu$"#, "−": "$-$", "′": "$'$", "″": "$''$", "∂": #"$\partial$"#,
        "∇": #"$\nabla$"#, "∑": #"$\sum$"#, "∏": #"$\prod$"#, "√": #"$\surd$"#, "∞": #"$\infty$"#, "∈": #"$\in$"#,
        "≈": #"$\approx$"#, "≠": #"$\neq$"#, "≤": #"$\leq$"#, "≥": #"$\geq$"#, "→": #"$\to$"#, "←": #"$\leftarrow$"#,
        "⇒": #"$\Rightarrow$"#, "↦": #"$\mapsto$"#, "∘": #"$\circ$"#, "⊙": #"$\odot$"#, "⟨": #"$\langle$"#,
        "⟩": #"$\rangle$"#, "½": #"$\frac12$"#, "¼": #"$\frac14$"#, "¾": #"$\frac34$"#, "¹": "$^1$", "²": "$^2$",
        "³": "$^3$", "⁰": "$^0$", "⁴": "$^4$", "⁵": "$^5$", "⁶": "$^6$", "⁷": "$^7$", "⁸": "$^8$", "⁹": "$^9$",
        "⁻": "$^-$", "ᵀ": "$^T$", "₀": "$_0$", "₁": "$_1$", "₂": "$_2$", "₃": "$_3$", "₄": "$_4$", "₅": "$_5$",
        "₆": "$_6$", "₇": "$_7$", "₈": "$_8$", "₉": "$_9$", "₊": "$_+$", "₋": "$_-$", "∥": #"$\Vert$"#, "§": #"\S{}"#,
        "€": #"[U+20AC]"#, "«": #"\guillemotleft{}"#, "»": #"\guillemotright{}"#, "ℓ": #"$\ell$"#,
        "ℝ": #"$\mathbf{R}$"#,
        "¡": #"[U+00A1]"#, "¿": #"[U+00BF]"#,
    ]

    /// Greek letters as commands of math mode, each as it looks (φ is \varphi, ϕ is \phi); capitals that look Latin are those.
    static let greek: [Unicode.Scalar: String] = {
        let small = [
            "alpha", "beta", "gamma", "delta", "varepsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
            "nu",
            "xi", "", "pi", "rho", "varsigma", "sigma", "tau", "upsilon", "varphi", "chi", "psi", "omega",
        ]
        var table: [Unicode.Scalar: String] = ["ο": "o", "ϵ": #"\epsilon"#, "ϑ": #"\vartheta"#, "ϕ": #"\phi"#]
        for (offset, name) in small.enumerated() where !name.isEmpty {
            if let scalar = Unicode.Scalar(0x3B1 + UInt32(offset)) { table[scalar] = "\\" + name }
        }
        let capitals: [Unicode.Scalar: String] = [
            "Γ": #"\Gamma"#, "Δ": #"\Delta"#, "Θ": #"\Theta"#, "Λ": #"\Lambda"#, "Ξ": #"\Xi"#, "Π": #"\Pi"#,
            "Σ": #"\Sigma"#, "Υ": #"\Upsilon"#, "Φ": #"\Phi"#, "Ψ": #"\Psi"#, "Ω": #"\Omega"#, "Α": #"\mathrm{A}"#,
            "Β": #"\mathrm{B}"#, "Ε": #"\mathrm{E}"#, "Ζ": #"\mathrm{Z}"#, "Η": #"\mathrm{H}"#, "Ι": #"\mathrm{I}"#,
            "Κ": #"\mathrm{K}"#, "Μ": #"\mathrm{M}"#, "Ν": #"\mathrm{N}"#, "Ο": #"\mathrm{O}"#, "Ρ": #"\mathrm{P}"#,
            "Τ": #"\mathrm{T}"#, "Χ": #"\mathrm{X}"#,
        ]
        return table.merging(capitals) { first, _ in first }
    }()

    /// The letters by the names that LaTeX has commands for; of several, the first in Unicode's order.
    static let greekLetters: [String: Unicode.Scalar] = Dictionary(
        greek.compactMap { scalar, command in
            let name = command.dropFirst()
            return command.hasPrefix("\\") && !name.contains("{") ? (String(name), scalar) : nil
        }, uniquingKeysWith: { min($0, $1) })

    /// Marks above a letter: the commands of math mode and of text, and the sign that stands alone.
    static let accents: [Unicode.Scalar: (math: String, text: String, sign: String)] = [
        "\u{300}": (#"\grave"#, #"\`"#, "`"), "\u{301}": (#"\acute"#, #"\'"#, "´"), "\u{302}": (#"\hat"#, #"\^"#, "^"),
        "\u{303}": (#"\tilde"#, #"\~"#, "~"), "\u{304}": (#"\bar"#, #"\="#, "¯"), "\u{306}": (#"\breve"#, #"\u"#, "˘"),
        "\u{307}": (#"\dot"#, #"\."#, "˙"), "\u{308}": (#"\ddot"#, #"\""#, "¨"),
        "\u{30A}": (#"\mathring"#, #"\r"#, "˚"),
        "\u{30C}": (#"\check"#, #"\v"#, "ˇ"),
    ]
}

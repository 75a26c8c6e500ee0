/// How a name prints in math mode: `C0` as C with the subscript 0, `lambda` as a Greek letter, `loss` upright.
struct LaTeXSymbol: Hashable, Sendable {
    /// Without subscript.
    var base: String
    /// What the name itself puts below.
    var below: String?
    /// In em.
    var baseWidth: Double
    var belowWidth = 0.0

    init(_ name: String) {
        let digits = String(name.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
        var stem = String(name.dropLast(digits.count))
        // `W_xh` is W with the subscript xh; other underscores stay.
        var tail = ""
        // `C0_v` is C with the subscripts 0 and v.
        var number = ""
        if let place = stem.firstIndex(of: "_"), Self.letter(String(stem[..<place])) == nil {
            let inner = stem[..<place].reversed().prefix { $0.isASCII && $0.isNumber }
            let head = String(stem[..<place].dropLast(inner.count))
            if !inner.isEmpty, Self.letter(head) != nil {
                number = String(inner.reversed())
                stem = head + stem[place...]
            }
        }
        if let place = stem.firstIndex(of: "_"), Self.letter(String(stem[..<place])) != nil {
            let rest = stem[stem.index(after: place)...]
            let isPlain = rest.unicodeScalars.allSatisfy { LaTeXText.isASCIILetterOrDigit($0) }
            if isPlain, !(rest.isEmpty && digits.isEmpty) {
                tail = String(rest)
                stem = String(stem[..<place])
            }
        }
        if !number.isEmpty, tail.isEmpty {
            // Not of that form after all.
            stem = String(name.dropLast(digits.count))
            number = ""
        }
        if let letter = Self.letter(stem) {
            base = letter.tex
            baseWidth = letter.width
        } else {
            (base, baseWidth) = LaTeXText.upright(stem)
        }
        let subscripted = tail + digits
        if !subscripted.isEmpty {
            if tail.isEmpty && subscripted.count < 12 || subscripted.count == 1 {
                below = subscripted
                belowWidth = 0.42 * Double(subscripted.count)
            } else {
                let (tex, width) = LaTeXText.upright(subscripted)
                below = number.isEmpty ? tex : "\(number),\(tex)"
                belowWidth = 0.75 * width + 0.42 * Double(number.count)
                return
            }
            if !number.isEmpty, let short = below {
                below = "\(number),\(short)"
                belowWidth += 0.42 * Double(number.count) + 0.2
            }
        }
    }

    /// A single letter, Latin or Greek, or the name of a Greek one.
    private static func letter(_ name: String) -> (tex: String, width: Double)? {
        if LaTeXText.greekNames.contains(name) { return ("\\" + name, 0.7) }
        let scalars = name.unicodeScalars
        guard scalars.count == 1, let scalar = scalars.first else { return nil }
        if let greek = LaTeXText.greek[scalar] { return (greek, 0.7) }
        switch scalar {
        case "m", "w": return (name, 0.9)
        case "a"..."z": return (name, 0.58)
        case "A"..."Z": return (name, 0.82)
        default: return nil
        }
    }

    /// With subscripts and superscripts, its own and others.
    func tex(below: String = "", above: String = "") -> String {
        var text = base
        let all = [self.below ?? "", below].filter { !$0.isEmpty }.joined(separator: ",")
        if !all.isEmpty { text += "_" + Self.grouped(all) }
        if !above.isEmpty { text += "^" + Self.grouped(above) }
        return text
    }

    static func grouped(_ text: String) -> String {
        text.utf8.count == 1 ? text : "{\(text)}"
    }

    /// Whether the symbol is one letter, so that indices can stand side by side.
    var isLetter: Bool { below == nil && !base.hasPrefix(#"\mathrm"#) && !base.hasPrefix(#"\text"#) }
}

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
        let parts = SymbolName(name)
        switch parts.stem {
        case .greek(let letter): (base, baseWidth) = ("\\" + letter, 0.7)
        case .letter(let scalar): (base, baseWidth) = LaTeXText.greek[scalar].map { ($0, 0.7) } ?? Self.latin(scalar)
        case .word(let word): (base, baseWidth) = LaTeXText.upright(word)
        }
        let subscripted = parts.below
        let number = parts.number
        if !subscripted.isEmpty {
            if parts.tail.isEmpty && subscripted.count < 12 || subscripted.count == 1 {
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

    private static func latin(_ scalar: Unicode.Scalar) -> (tex: String, width: Double) {
        switch scalar {
        case "m", "w": (String(scalar), 0.9)
        case "a"..."z": (String(scalar), 0.58)
        default: (String(scalar), 0.82)
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

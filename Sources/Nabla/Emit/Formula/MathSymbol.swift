/// How a name prints in a formula: `C0` as C with the subscript 0, `lambda` as a Greek letter, `loss` upright.
struct MathSymbol: Hashable, Sendable {
    /// Without subscript.
    var stem: SymbolName.Stem
    /// What the name itself puts below, in parts that commas separate.
    var below: [MathToken] = []
    /// In em.
    var baseWidth: Double
    var belowWidth = 0.0

    init(_ name: String) {
        let parts = SymbolName(name)
        stem = parts.stem
        switch parts.stem {
        case .greek: baseWidth = 0.7
        case .letter(let scalar), .accented(let scalar, _):
            baseWidth = LaTeXText.greek[scalar] == nil ? Self.latinWidth(scalar) : 0.7
        case .word(let word): baseWidth = LaTeXText.upright(word).width
        }
        let subscripted = parts.below
        let number = parts.number
        if subscripted.isEmpty { return }
        if !number.isEmpty { below = [.letters(number)] }
        if parts.tail.isEmpty && subscripted.count < 12 || subscripted.count == 1 {
            below.append(.letters(subscripted))
            belowWidth = 0.42 * Double(subscripted.count)
            if !number.isEmpty { belowWidth += 0.42 * Double(number.count) + 0.2 }
        } else {
            below.append(.symbol(.word(subscripted)))
            belowWidth = 0.75 * LaTeXText.upright(subscripted).width + 0.42 * Double(number.count)
        }
    }

    private static func latinWidth(_ scalar: Unicode.Scalar) -> Double {
        switch scalar {
        case "m", "w": 0.9
        case "a"..."z": 0.58
        default: 0.82
        }
    }

    /// With subscripts and superscripts, its own and others.
    func tokens(below others: [MathToken] = [], above: [MathToken] = []) -> [MathToken] {
        var tokens: [MathToken] = [.symbol(stem)]
        var all: [MathToken] = []
        for part in below { all += (all.isEmpty ? [] : [.comma(.tight)]) + [part] }
        if !others.isEmpty { all += (all.isEmpty ? [] : [.comma(.tight)]) + others }
        if !all.isEmpty { tokens += all.grouped(.below(isIndex: true)) }
        if !above.isEmpty { tokens += above.grouped(.above(isIndex: true)) }
        return tokens
    }

    /// With its own subscript.
    var text: FormulaPrinter.Text { (tokens(), baseWidth + belowWidth) }

    /// Whether the symbol is one letter, so that indices can stand side by side.
    var isLetter: Bool {
        guard below.isEmpty else { return false }
        switch stem {
        case .greek: return true
        case .letter(let scalar), .accented(let scalar, _):
            return LaTeXText.greek[scalar]?.hasPrefix(#"\mathrm"#) != true
        case .word: return false
        }
    }
}

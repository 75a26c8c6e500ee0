/// A name as a textbook sets it: `C0` is C with a subscript 0, `lambda` the Greek letter, `W_xh` W with xh below, `loss` a word.
struct SymbolName: Hashable, Sendable {
    /// What stands on the line.
    enum Stem: Hashable, Sendable {
        /// One letter, Latin or Greek, which is set in italics.
        case letter(Unicode.Scalar)
        /// The name of a Greek letter, as LaTeX has it.
        case greek(String)
        /// Anything longer, set upright.
        case word(String)

        /// As Unicode text.
        var text: String {
            switch self {
            case .letter(let scalar): String(scalar)
            case .greek(let name): SymbolName.unicode[name] ?? name
            case .word(let word): word
            }
        }
    }

    var stem: Stem
    /// The digits that the name ends in.
    var digits: String
    /// What follows an underscore behind a letter.
    var tail: String
    /// The digits between the letter and the underscore: `C0_v` is C with the subscripts 0 and v.
    var number = ""

    init(_ name: String) {
        digits = String(name.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
        var rest = String(name.dropLast(digits.count))
        tail = ""
        if let place = rest.firstIndex(of: "_"), Self.letter(String(rest[..<place])) == nil {
            let inner = String(rest[..<place].reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
            let head = String(rest[..<place].dropLast(inner.count))
            if !inner.isEmpty, Self.letter(head) != nil {
                number = inner
                rest = head + rest[place...]
            }
        }
        if let place = rest.firstIndex(of: "_"), Self.letter(String(rest[..<place])) != nil {
            let behind = rest[rest.index(after: place)...]
            // `W_xh` is W with the subscript xh; other underscores stay.
            let isPlain = behind.unicodeScalars.allSatisfy { LaTeXText.isASCIILetterOrDigit($0) }
            if isPlain, !(behind.isEmpty && digits.isEmpty) {
                tail = String(behind)
                rest = String(rest[..<place])
            }
        }
        if !number.isEmpty, tail.isEmpty {
            // Not of that form after all.
            number = ""
            rest = String(name.dropLast(digits.count))
        }
        stem = Self.letter(rest) ?? .word(rest)
    }

    private static func letter(_ name: String) -> Stem? {
        if LaTeXText.greekNames.contains(name) { return .greek(name) }
        let scalars = name.unicodeScalars
        guard scalars.count == 1, let scalar = scalars.first else { return nil }
        if LaTeXText.greek[scalar] != nil { return .letter(scalar) }
        switch scalar {
        case "a"..."z", "A"..."Z": return .letter(scalar)
        default: return nil
        }
    }

    /// What stands on the line, as Unicode text.
    var text: String { stem.text }

    /// All that the name puts below the line, in parts.
    var subscripts: [String] { [number, below].filter { !$0.isEmpty } }

    /// Whether it is set in italics.
    var isItalic: Bool {
        if case .word = stem { return false }
        return true
    }

    /// What the name itself puts below the line.
    var below: String { tail + digits }

    /// The Greek letters by their names.
    private static let unicode: [String: String] = {
        let small = [
            "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu",
            "xi", "omicron", "pi", "rho", "", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
        ]
        var table = ["varepsilon": "ε", "vartheta": "ϑ", "varphi": "φ", "varsigma": "ς"]
        for (offset, name) in small.enumerated() where !name.isEmpty {
            guard let letter = Unicode.Scalar(0x3B1 + UInt32(offset)),
                let capital = Unicode.Scalar(0x391 + UInt32(offset))
            else { continue }
            table[name] = String(letter)
            table[name.prefix(1).uppercased() + name.dropFirst()] = String(capital)
        }
        return table
    }()
}

import Foundation

/// A name as a textbook sets it: `C0` is C with a subscript 0, `lambda` the Greek letter, `W_xh` W with xh below, `loss` a word.
struct SymbolName: Hashable, Sendable {
    /// What stands on the line.
    enum Stem: Hashable, Sendable {
        /// One letter, Latin or Greek, which is set in italics.
        case letter(Unicode.Scalar)
        /// The name of a Greek letter, as LaTeX has it.
        case greek(String)
        /// A letter with marks above it, the innermost first: Ω̃.
        case accented(Unicode.Scalar, [Unicode.Scalar])
        /// Anything longer, set upright.
        case word(String)

        /// As Unicode text.
        var text: String {
            switch self {
            case .letter(let scalar): String(scalar)
            case .greek(let name): LaTeXText.greekLetters[name].map { String($0) } ?? name
            case .accented(let letter, let marks): SymbolName.text(letter, marks)
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

    /// The name of one letter; nil where it is more.
    static func letter(_ name: String) -> Stem? {
        if LaTeXText.greekLetters[name] != nil { return .greek(name) }
        guard name.count == 1 else { return nil }
        // However it was typed: ñ is n with a tilde.
        let scalars = Array(name.decomposedStringWithCanonicalMapping.unicodeScalars)
        guard let letter = scalars.first, isLetter(letter) else { return nil }
        let marks = Array(scalars.dropFirst())
        if marks.isEmpty { return .letter(letter) }
        return marks.count <= 2 && marks.allSatisfy { LaTeXText.accents[$0] != nil } ? .accented(letter, marks) : nil
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z": true
        default: LaTeXText.greek[scalar] != nil
        }
    }

    private static func text(_ letter: Unicode.Scalar, _ marks: [Unicode.Scalar]) -> String {
        var text = String(letter)
        text.unicodeScalars.append(contentsOf: marks)
        return text.precomposedStringWithCanonicalMapping
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
}

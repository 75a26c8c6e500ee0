/// Reads one token after another. A copy is a bookmark.
struct Lexer {
    /// Where it reads.
    private(set) var offset: Int
    private let source: SourceText
    private var startsLine = true

    init(_ source: SourceText) {
        self.source = source
        offset = source.start
    }

    /// A reader that starts at a token.
    init(_ source: SourceText, at offset: UInt32) {
        self.source = source
        self.offset = Int(offset)
    }

    private var bytes: [UInt8] { source.bytes }

    private func byte(_ ahead: Int = 0) -> UInt8 {
        let position = offset + ahead
        return position < source.bytes.count ? source.bytes[position] : 0
    }

    /// What a reader gets beside the tokens.
    struct Findings {
        var names = NameTable()
        /// The texts of `///` comments that stand on lines of their own, without the slashes.
        var documentation: [SourceRange] = []
        var diagnostics: [Diagnostic] = []
        /// Up to where all was read: a copy that reads the same text again reports nothing again.
        var reach = 0

        init() {
            for (word, _) in TokenKind.reservedWords { _ = names.intern(word) }
        }
    }

    /// The next token; names and errors go to `findings`.
    mutating func next(_ findings: inout Findings) -> Token {
        skipSpace(&findings)
        let lower = offset
        let startsLine = startsLine
        self.startsLine = false
        guard lower < bytes.count else {
            let end = UInt32(clamping: bytes.count)
            return Token(kind: .endOfText, startsLine: true, lower: end, upper: end)
        }
        var token = Token(kind: .invalid, startsLine: startsLine, lower: UInt32(clamping: lower), upper: 0)
        switch byte() {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
            token.kind = .identifier
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            token.kind = number(&findings)
        case 0x80...:
            if let scalar = ScalarReading(bytes, at: offset).scalar, Lexer.isLetter(scalar) {
                token.kind = .identifier
            } else {
                invalid(&findings)
            }
        default:
            let (kind, length) = symbol()
            token.kind = kind
            offset += length
            if kind == .invalid { invalid(&findings) }
        }
        if token.kind == .identifier {
            skipIdentifier()
            token.name = findings.names.intern(bytes, lower, offset)
            // The reserved words are the first names of the table.
            if token.name.index < TokenKind.reservedWords.count {
                token.kind = TokenKind.reservedWords[token.name.index].kind
            }
        }
        token.upper = UInt32(clamping: offset)
        findings.reach = max(findings.reach, offset)
        return token
    }

    /// Whether a scalar may start a name.
    static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: scalar == "_"
        }
    }

    private mutating func skipIdentifier() {
        while offset < bytes.count {
            switch byte() {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                offset += 1
            case 0x80...:
                let reading = ScalarReading(bytes, at: offset)
                guard let scalar = reading.scalar, Lexer.isLetter(scalar) else { return }
                offset += reading.length
            default: return
            }
        }
    }

    private mutating func skipDigits() {
        while Lexer.isDigit(byte()) { offset += 1 }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    /// A number: `3`, `0.5`, `1e-3`. A point counts only before a digit, so that `0...3` is a range.
    private mutating func number(_ findings: inout Findings) -> TokenKind {
        let lower = offset
        skipDigits()
        if byte() == UInt8(ascii: "."), Lexer.isDigit(byte(1)) {
            offset += 1
            skipDigits()
        }
        if byte() | 0x20 == UInt8(ascii: "e") {
            let sign = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-") ? 1 : 0
            if Lexer.isDigit(byte(1 + sign)) {
                offset += 1 + sign
                skipDigits()
            }
        }
        let end = offset
        skipIdentifier()
        if offset > end {
            let number = text(lower, end)
            report(
                "'\(text(lower, offset))' is neither a number nor a name", lower, &findings,
                notes: [Diagnostic.Note("there is no implicit product: write '\(number)*\(text(end, offset))'")])
            return .invalid
        }
        return .number
    }

    private func text(_ lower: Int, _ upper: Int) -> String {
        String(decoding: bytes[lower..<min(upper, lower + 40)], as: UTF8.self)
    }

    private func symbol() -> (TokenKind, Int) {
        switch byte() {
        case UInt8(ascii: "("): return (.leftParenthesis, 1)
        case UInt8(ascii: ")"): return (.rightParenthesis, 1)
        case UInt8(ascii: "["): return (.leftBracket, 1)
        case UInt8(ascii: "]"): return (.rightBracket, 1)
        case UInt8(ascii: ","): return (.comma, 1)
        case UInt8(ascii: ":"): return (.colon, 1)
        case UInt8(ascii: "?"): return (.question, 1)
        case UInt8(ascii: "+"): return (.plus, 1)
        case UInt8(ascii: "-"): return (.minus, 1)
        case UInt8(ascii: "*"): return (.times, 1)
        case UInt8(ascii: "/"): return (.divide, 1)
        case UInt8(ascii: "^"): return (.power, 1)
        case UInt8(ascii: "="): return byte(1) == UInt8(ascii: "=") ? (.equal, 2) : (.assign, 1)
        case UInt8(ascii: "!"): return byte(1) == UInt8(ascii: "=") ? (.notEqual, 2) : (.invalid, 0)
        case UInt8(ascii: "<"): return byte(1) == UInt8(ascii: "=") ? (.lessOrEqual, 2) : (.less, 1)
        case UInt8(ascii: ">"): return byte(1) == UInt8(ascii: "=") ? (.greaterOrEqual, 2) : (.greater, 1)
        case UInt8(ascii: "|"): return byte(1) == UInt8(ascii: "|") ? (.or, 2) : (.invalid, 0)
        case UInt8(ascii: "&"): return byte(1) == UInt8(ascii: "&") ? (.and, 2) : (.invalid, 0)
        case UInt8(ascii: "'"):
            var length = 1
            while Lexer.isDigit(byte(length)) { length += 1 }
            return (.prime, length)
        case UInt8(ascii: "."):
            guard byte(1) == UInt8(ascii: "."), byte(2) == UInt8(ascii: ".") || byte(2) == UInt8(ascii: "<") else {
                return (.invalid, 0)
            }
            return (byte(2) == UInt8(ascii: ".") ? .closedRange : .halfOpenRange, 3)
        default: return (.invalid, 0)
        }
    }

    /// Passes over all that cannot start a token, as one error.
    private mutating func invalid(_ findings: inout Findings) {
        let lower = offset
        let first = ScalarReading(bytes, at: offset)
        repeat { offset += ScalarReading(bytes, at: offset).length } while offset < bytes.count && isInvalidHere()
        // What is no UTF-8 has been reported before the first token was read.
        guard let scalar = first.scalar else { return }
        var notes: [Diagnostic.Note] = []
        if let instead = Lexer.instead(of: scalar) { notes = [Diagnostic.Note("write '\(instead)'")] }
        let isSingle = offset == lower + first.length
        let message =
            isSingle
            ? "'\(Lexer.shown(scalar))' has no meaning here"
            : "these characters have no meaning here"
        report(message, lower, &findings, notes: notes)
    }

    private func isInvalidHere() -> Bool {
        switch byte() {
        case 0x09, 0x0A, 0x0D, 0x20: return false
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            return false
        case 0x80...: return !(ScalarReading(bytes, at: offset).scalar.map(Lexer.isLetter) ?? false)
        default: return symbol().0 == .invalid
        }
    }

    private static func shown(_ scalar: Unicode.Scalar) -> String {
        let isVisible: Bool =
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
                .spaceSeparator, .nonspacingMark, .enclosingMark, .spacingMark:
                false
            default: true
            }
        return isVisible ? String(scalar) : "U+" + String(scalar.value, radix: 16, uppercase: true)
    }

    /// What the language writes for signs that a textbook or a keyboard has.
    private static func instead(of scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "\u{2212}", "\u{2013}", "\u{2014}": "-"
        case "·", "×", "∙", "⋅", "∗": "*"
        case "÷": "/"
        case "≤": "<="
        case "≥": ">="
        case "≠": "!="
        case "∑": "sum"
        case "∏": "prod"
        case "′", "’": "'"
        case "…": "..."
        case "²": "^2"
        case "³": "^3"
        case "&": "&&"
        case "|": "||"
        case "#", "%": "//"
        default: nil
        }
    }

    private func report(_ message: String, _ lower: Int, _ findings: inout Findings, notes: [Diagnostic.Note] = []) {
        guard lower >= findings.reach else { return }
        let range = SourceRange(lower: UInt32(clamping: lower), upper: UInt32(clamping: offset))
        findings.diagnostics.append(Diagnostic(.error, message, at: range, notes: notes))
    }

    // MARK: Space and comments

    private mutating func skipSpace(_ findings: inout Findings) {
        while offset < bytes.count {
            switch byte() {
            case 0x20, 0x09: offset += 1
            case 0x0A, 0x0D:
                offset += 1
                startsLine = true
            case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"): skipComment(&findings)
            default: return
            }
        }
    }

    private mutating func skipComment(_ findings: inout Findings) {
        let lower = offset
        while offset < bytes.count, byte() != 0x0A, byte() != 0x0D { offset += 1 }
        let isDocumentation =
            startsLine && offset >= lower + 3 && bytes[lower + 2] == UInt8(ascii: "/")
            && !(offset > lower + 3 && bytes[lower + 3] == UInt8(ascii: "/"))
        guard isDocumentation, lower >= findings.reach else { return }
        let range = SourceRange(lower: UInt32(clamping: lower + 3), upper: UInt32(clamping: offset))
        findings.documentation.append(range)
        findings.reach = offset
    }
}

extension Lexer {
    /// One error for each run of bytes that are no UTF-8, up to a hundred of them.
    static func invalidBytes(of source: SourceText) -> [Diagnostic] {
        var diagnostics: [Diagnostic] = []
        var at = source.start
        let bytes = source.bytes
        while at < bytes.count, diagnostics.count < 100 {
            if bytes[at] < 0x80 {
                at += 1
                continue
            }
            let reading = ScalarReading(bytes, at: at)
            let lower = at
            at += reading.length
            if reading.scalar != nil { continue }
            while at < bytes.count, bytes[at] >= 0x80 {
                let next = ScalarReading(bytes, at: at)
                if next.scalar != nil { break }
                at += next.length
            }
            let range = SourceRange(lower: UInt32(clamping: lower), upper: UInt32(clamping: at))
            diagnostics.append(Diagnostic(.error, "the file is not UTF-8 here", at: range))
        }
        return diagnostics
    }
}

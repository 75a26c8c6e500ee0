/// What a token is.
enum TokenKind: UInt8 {
    case identifier, number, newline, end, invalid, documentation, prime
    /// `\cosh`: the language's own, whatever a declaration calls so.
    case standardName
    case leftParenthesis, rightParenthesis, leftBracket, rightBracket
    case comma, colon, question, assign
    case plus, minus, star, slash, caret
    case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
    case and, or, not
    case closedRange, halfOpenRange

    /// Whether a statement goes on in the next line after this.
    var continues: Bool {
        switch self {
        case .comma, .colon, .question, .assign, .plus, .minus, .star, .slash, .caret, .less, .lessOrEqual, .greater,
            .greaterOrEqual, .equal, .notEqual, .and, .or, .not, .closedRange, .halfOpenRange:
            true
        default: false
        }
    }
}

/// A token with its place.
struct Token {
    var kind: TokenKind
    var range: SourceRange
}

/// Cuts a spec into tokens.
///
/// Line ends are tokens where a statement may end: outside brackets, and not after an operator or a comma. A line that
/// starts with a declaration's keyword always starts a statement, so that an unclosed bracket spoils one statement only.
struct Lexer {
    private let source: SourceText
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0
    private(set) var tokens: [Token] = []
    private(set) var diagnostics: [Diagnostic] = []

    /// Keywords that only start a statement.
    static let declarations: Set<String> = [
        "network", "size", "layer", "step", "input", "target", "param", "const", "func", "cost", "derivative",
    ]

    init(_ source: SourceText) {
        self.source = source
        bytes = source.bytes
    }

    /// All tokens; the last one is `end`.
    static func tokens(of source: SourceText) -> (tokens: [Token], diagnostics: [Diagnostic]) {
        var lexer = Lexer(source)
        lexer.run()
        return (lexer.tokens, lexer.diagnostics)
    }

    private mutating func run() {
        tokens.reserveCapacity(bytes.count / 3)
        position = source.start
        diagnostics = source.invalidRanges.map { Diagnostic("these bytes are not valid UTF-8", range: $0) }
        while position < bytes.count { next() }
        if let last = tokens.last, last.kind != .newline { add(.newline, bytes.count, bytes.count) }
        add(.end, bytes.count, bytes.count)
    }

    private mutating func add(_ kind: TokenKind, _ lower: Int, _ upper: Int) {
        tokens.append(
            Token(
                kind: kind,
                range: SourceRange(lower: UInt32(truncatingIfNeeded: lower), upper: UInt32(truncatingIfNeeded: upper))))
    }

    private func byte(_ offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    private mutating func next() {
        let start = position
        let first = bytes[position]
        switch first {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): position += 1
        case UInt8(ascii: "\n"):
            position += 1
            endLine(start)
        case UInt8(ascii: "/") where byte(position + 1) == UInt8(ascii: "/"): comment()
        case UInt8(ascii: "0")...UInt8(ascii: "9"): number()
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), 0x80...:
            word()
        default: symbol(first)
        }
    }

    private mutating func endLine(_ start: Int) {
        guard let last = tokens.last?.kind, last != .newline, last != .documentation else { return }
        if depth > 0 || last.continues {
            guard startsStatement(position) else { return }
            depth = 0
        }
        add(.newline, start, start + 1)
    }

    /// Whether the line can only be a statement of its own: it starts with a declaration's keyword or has a single `=`, neither
    /// of which stands inside brackets.
    private func startsStatement(_ start: Int) -> Bool {
        var ahead = start
        while ahead < bytes.count, [0x20, 0x09, 0x0D].contains(bytes[ahead]) { ahead += 1 }
        let wordStart = ahead
        while ahead < bytes.count, ahead - wordStart < 12, bytes[ahead] >= 0x61, bytes[ahead] <= 0x7A { ahead += 1 }
        let next = byte(ahead)
        if next == 0x20 || next == 0x09,
            Lexer.declarations.contains(String(decoding: bytes[wordStart..<ahead], as: UTF8.self))
        {
            return true
        }
        var before = byte(wordStart)
        ahead = wordStart
        while ahead < bytes.count, bytes[ahead] != UInt8(ascii: "\n") {
            if bytes[ahead] == UInt8(ascii: "/"), byte(ahead + 1) == UInt8(ascii: "/") { return false }
            let isPartOfOther = [UInt8(ascii: "="), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "!")].contains(
                before)
            if bytes[ahead] == UInt8(ascii: "="), !isPartOfOther, byte(ahead + 1) != UInt8(ascii: "=") { return true }
            before = bytes[ahead]
            ahead += 1
        }
        return false
    }

    private mutating func comment() {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
        var end = position
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        // Exactly three slashes document; inside a statement they are a comment like any other.
        let isDocumentation = byte(start + 2) == UInt8(ascii: "/") && byte(start + 3) != UInt8(ascii: "/")
        let atStart = tokens.last.map { $0.kind == .newline || $0.kind == .documentation } ?? true
        if isDocumentation && atStart { add(.documentation, start, end) }
    }

    private mutating func number() {
        let start = position
        func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
        while isDigit(byte(position)) { position += 1 }
        if byte(position) == UInt8(ascii: "."), isDigit(byte(position + 1)) {
            position += 1
            while isDigit(byte(position)) { position += 1 }
        }
        if byte(position) | 0x20 == UInt8(ascii: "e") {
            var ahead = position + 1
            if byte(ahead) == UInt8(ascii: "+") || byte(ahead) == UInt8(ascii: "-") { ahead += 1 }
            if isDigit(byte(ahead)) {
                while isDigit(byte(ahead)) { ahead += 1 }
                position = ahead
            }
        }
        add(.number, start, position)
    }

    private mutating func word() {
        let start = position
        while position < bytes.count {
            let next = bytes[position]
            if next < 0x80 {
                let isLetter = next | 0x20 >= 0x61 && next | 0x20 <= 0x7A
                let isDigit = next >= 0x30 && next <= 0x39
                guard isLetter || isDigit || next == UInt8(ascii: "_") else { break }
                position += 1
                continue
            }
            let reading = ScalarReading(bytes, at: position)
            guard let scalar = reading.scalar,
                Lexer.isLetter(scalar) || position > start && Lexer.isMark(scalar)
            else { break }
            position += reading.length
        }
        if position > start {
            add(.identifier, start, position)
            primes()
            return
        }
        // All scalars of a run that are no letters are one error; bytes that are no scalars have been reported.
        var first: Unicode.Scalar?
        var isText = true
        while position < bytes.count, bytes[position] >= 0x80 {
            let reading = ScalarReading(bytes, at: position)
            if let scalar = reading.scalar {
                if Lexer.isLetter(scalar) { break }
                if first == nil { first = scalar }
            } else {
                isText = false
            }
            position += reading.length
        }
        add(.invalid, start, position)
        guard isText, let first else { return }
        let range = tokens[tokens.count - 1].range
        diagnostics.append(
            Diagnostic(
                "'\(source.text(range))' has no meaning here", range: range,
                notes: Lexer.instead(of: first).map { [.init("write '\($0)'")] } ?? []))
    }

    /// Whether a scalar may stand in a name: letters, of all scripts.
    static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: scalar == "_"
        }
    }

    /// Whether a scalar may follow in a name: marks that combine with the letter before, as in Ω̃.
    static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark: true
        default: false
        }
    }

    /// What the language writes for signs that a textbook has.
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
        default: nil
        }
    }

    /// `\cosh`: functions of the language have ASCII names.
    private mutating func standardName() {
        let start = position
        position += 1
        while byte(position) | 0x20 >= 0x61 && byte(position) | 0x20 <= 0x7A
            || byte(position) >= 0x30 && byte(position) <= 0x39
        {
            position += 1
        }
        add(.standardName, start, position)
        primes()
    }

    /// `f'`, `f''`, `f'2`: derivatives of a function, right behind its name.
    private mutating func primes() {
        while byte(position) == UInt8(ascii: "'") {
            let start = position
            position += 1
            while byte(position) >= 0x30, byte(position) <= 0x39 { position += 1 }
            add(.prime, start, position)
        }
    }

    private mutating func symbol(_ first: UInt8) {
        let start = position
        let second = byte(position + 1)
        func take(_ kind: TokenKind, _ length: Int) {
            position += length
            add(kind, start, position)
        }
        switch first {
        case UInt8(ascii: "("), UInt8(ascii: "["):
            depth += 1
            take(first == UInt8(ascii: "(") ? .leftParenthesis : .leftBracket, 1)
        case UInt8(ascii: ")"), UInt8(ascii: "]"):
            depth = max(0, depth - 1)
            take(first == UInt8(ascii: ")") ? .rightParenthesis : .rightBracket, 1)
        case UInt8(ascii: "\\") where second | 0x20 >= 0x61 && second | 0x20 <= 0x7A: standardName()
        case UInt8(ascii: ","): take(.comma, 1)
        case UInt8(ascii: ":"): take(.colon, 1)
        case UInt8(ascii: "?"): take(.question, 1)
        case UInt8(ascii: "+"): take(.plus, 1)
        case UInt8(ascii: "-"): take(.minus, 1)
        case UInt8(ascii: "*"): take(.star, 1)
        case UInt8(ascii: "/"): take(.slash, 1)
        case UInt8(ascii: "^"): take(.caret, 1)
        case UInt8(ascii: "="): second == UInt8(ascii: "=") ? take(.equal, 2) : take(.assign, 1)
        case UInt8(ascii: "<"): second == UInt8(ascii: "=") ? take(.lessOrEqual, 2) : take(.less, 1)
        case UInt8(ascii: ">"): second == UInt8(ascii: "=") ? take(.greaterOrEqual, 2) : take(.greater, 1)
        case UInt8(ascii: "!") where second == UInt8(ascii: "="): take(.notEqual, 2)
        case UInt8(ascii: "!"): take(.not, 1)
        case UInt8(ascii: "&") where second == UInt8(ascii: "&"): take(.and, 2)
        case UInt8(ascii: "|") where second == UInt8(ascii: "|"): take(.or, 2)
        case UInt8(ascii: ".") where second == UInt8(ascii: ".") && byte(position + 2) == UInt8(ascii: "."):
            take(.closedRange, 3)
        case UInt8(ascii: ".") where second == UInt8(ascii: ".") && byte(position + 2) == UInt8(ascii: "<"):
            take(.halfOpenRange, 3)
        default:
            position += 1
            add(.invalid, start, position)
            let range = tokens[tokens.count - 1].range
            let shown = first < 0x20 || first == 0x7F ? "a control character" : "'\(Character(Unicode.Scalar(first)))'"
            diagnostics.append(Diagnostic("\(shown) has no meaning here", range: range))
        }
    }
}

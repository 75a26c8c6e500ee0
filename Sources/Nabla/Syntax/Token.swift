/// What a token is.
enum TokenKind: UInt8, Sendable {
    case endOfText
    /// Something that is no token; it has been reported.
    case invalid
    case identifier, number
    /// `'` with the digits behind it.
    case prime
    case leftParenthesis, rightParenthesis, leftBracket, rightBracket
    case comma, colon, question, assign
    case closedRange, halfOpenRange
    case or, and
    case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
    case plus, minus, times, divide, power
    // Reserved words.
    case network, size, layer, step, input, target, parameter, constant, function, cost, derivative
    case sum, product, mean, maximum, minimum, logSumExp, argmax, argmin
    case examples, `in`

    /// Whether a statement that ends a line with this token goes on in the next one.
    var continuesLine: Bool {
        switch self {
        case .comma, .colon, .question, .assign, .closedRange, .halfOpenRange, .or, .and, .less, .lessOrEqual, .greater,
            .greaterOrEqual, .equal, .notEqual, .plus, .minus, .times, .divide, .power:
            true
        default: false
        }
    }

    /// Whether the token is a reserved word that starts a statement.
    var startsStatement: Bool { rawValue >= TokenKind.network.rawValue && rawValue <= TokenKind.derivative.rawValue }

    /// Whether the token is a reserved word.
    var isReserved: Bool { rawValue >= TokenKind.network.rawValue }

    /// Whether the token is a reserved word that names a reduction.
    var reduction: SyntaxReduction? {
        switch self {
        case .sum: .sum
        case .product: .product
        case .mean: .mean
        case .maximum: .maximum
        case .minimum: .minimum
        case .logSumExp: .logSumExp
        case .argmax: .argmax
        case .argmin: .argmin
        default: nil
        }
    }

    /// The reserved words, in the order of their kinds.
    static let reservedWords: [(word: String, kind: TokenKind)] = [
        ("network", .network), ("size", .size), ("layer", .layer), ("step", .step), ("input", .input),
        ("target", .target), ("param", .parameter), ("const", .constant), ("func", .function), ("cost", .cost),
        ("derivative", .derivative), ("sum", .sum), ("prod", .product), ("mean", .mean), ("max", .maximum),
        ("min", .minimum), ("logsumexp", .logSumExp), ("argmax", .argmax), ("argmin", .argmin), ("examples", .examples),
        ("in", .in),
    ]
}

/// A token: its kind, its place, its name.
struct Token: Sendable {
    var kind: TokenKind
    /// Whether it is the first one of its line.
    var startsLine = false
    var lower: UInt32
    var upper: UInt32
    /// The name of an identifier or a reserved word.
    var name = NameID.none

    var range: SourceRange { SourceRange(lower: lower, upper: upper) }
}

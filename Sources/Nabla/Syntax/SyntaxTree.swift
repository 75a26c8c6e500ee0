/// The place of a node in its ``SyntaxTree``. Children have smaller ids than their parents.
public struct SyntaxNodeID: Hashable, Comparable, Sendable {
    /// The position in the arena.
    public let raw: UInt32

    init(_ raw: UInt32) { self.raw = raw }

    var index: Int { Int(raw) }

    public static func < (left: SyntaxNodeID, right: SyntaxNodeID) -> Bool { left.raw < right.raw }
}

/// The reserved words in front of `(binders: body)`.
enum SyntaxReduction: UInt8, Sendable {
    case sum, product, mean, maximum, minimum, logSumExp, argmax, argmin

    /// As the language writes it.
    var keyword: String {
        switch self {
        case .sum: "sum"
        case .product: "prod"
        case .mean: "mean"
        case .maximum: "max"
        case .minimum: "min"
        case .logSumExp: "logsumexp"
        case .argmax: "argmax"
        case .argmin: "argmin"
        }
    }
}

/// The form of a syntax node, and what its fields hold.
enum SyntaxKind: UInt8, Sendable {
    /// The text is the node's range.
    case number
    /// a: the name.
    case name
    /// `name'2(parens)[brackets]`: a call or an access. a: the name; b: its part of the pool; c: the name's bytes.
    case application
    /// b, c: terms in the pool, the highest bit set where one is subtracted.
    case sum
    /// b, c: factors in the pool, the highest bit set where one divides.
    case product
    /// a: the operand.
    case negate
    /// a: the base; b: the exponent.
    case power
    /// a: the condition; b, c: the branches.
    case select
    /// b, c: the operands in the pool.
    case or, and
    /// tag: the ``Comparison``; a, b: the sides.
    case compare
    /// tag: the ``SyntaxReduction``; a: the body; b, c: the binders in the pool.
    case reduction
    /// `i`, `i in range` or `examples`. a: the name; b: the range's id + 1, or 0; c: the name's bytes.
    case binder
    /// tag: 1 where closed; a, b: the bounds.
    case range
    /// `examples`, which may stand as a binder alone.
    case examples
    /// `(i, j)`. b, c: the elements in the pool.
    case tuple
    /// `[1, 2]`. b, c: the elements in the pool.
    case list
}

/// A node as it lies in the arena: 24 bytes.
struct SyntaxNode: Sendable {
    var kind: SyntaxKind
    var tag: UInt8 = 0
    var lower: UInt32
    var upper: UInt32
    var a: UInt32 = 0
    var b: UInt32 = 0
    var c: UInt32 = 0

    var range: SourceRange { SourceRange(lower: lower, upper: upper) }
    var name: NameID { NameID(a) }
    /// The place of the name that an application or a binder starts with.
    var nameRange: SourceRange {
        kind == .name ? range : SourceRange(lower: lower, upper: lower &+ c)
    }
}

/// What a statement is.
enum StatementKind: UInt8, Sendable {
    case network, size, layer, step, input, target, parameter, constant, function, cost, derivative, equation

    /// Whether the statement has one name, which comes first, and mentions others.
    var definesOneName: Bool { self == .equation || self == .cost || self == .derivative }
}

/// One of the things that a statement declares or defines.
struct ItemSyntax: Sendable {
    /// A `name`, an `application`, or for a stage index a `binder`.
    var left: SyntaxNodeID
    /// What stands behind `=`.
    var value: SyntaxNodeID?
    /// Of a derivative: the cost, and the quantity.
    var of: SyntaxNodeID?
    var wrt: SyntaxNodeID?
    var isDistribution = false
}

/// A declaration or an equation.
struct StatementSyntax: Sendable {
    var kind: StatementKind
    var range: SourceRange
    /// Positions in ``SyntaxTree/items``.
    var items: Range<Int>
    /// Positions in ``SyntaxTree/documentation``.
    var documentation: Range<Int>
}

/// A spec as it is written: a flat arena of nodes with their places, and the statements in order.
///
/// What could not be read is left out; the names that it may have declared are ``damagedNames``.
public struct SyntaxTree: Sendable {
    private(set) var nodes: [SyntaxNode] = []
    private(set) var pool: [UInt32] = []
    var names = NameTable()
    var statements: [StatementSyntax] = []
    var items: [ItemSyntax] = []
    /// The texts of `///` comments, line by line.
    var documentation: [SourceRange] = []
    /// Names that stood in statements with errors: nothing more is to be said of these.
    var damagedNames: Set<NameID> = []
    /// Whether a statement with an error may have been the cost.
    var mayLackCost = false
    /// The last line that has text.
    var lastLine = SourceRange.none

    init() {}

    /// How many nodes there are.
    public var count: Int { nodes.count }

    /// How many nodes a tree may have: their ids leave one bit free.
    static let mostNodes = 0x7FFF_FFF0

    mutating func add(_ node: SyntaxNode) -> SyntaxNodeID {
        nodes.append(node)
        return SyntaxNodeID(UInt32(truncatingIfNeeded: nodes.count - 1))
    }

    mutating func addToPool(_ entry: UInt32) { pool.append(entry) }

    /// Makes a binder of the name that was read as an expression.
    mutating func makeBinder(_ id: SyntaxNodeID, range: SyntaxNodeID?, upper: UInt32) {
        nodes[id.index].kind = .binder
        nodes[id.index].c = nodes[id.index].upper &- nodes[id.index].lower
        nodes[id.index].b = range.map { $0.raw + 1 } ?? 0
        nodes[id.index].upper = upper
    }

    subscript(_ id: SyntaxNodeID) -> SyntaxNode { nodes[id.index] }

    /// The bit that marks a subtracted term or a divisor in the pool.
    static let inverted: UInt32 = 0x8000_0000

    /// The pool's entries of a node with fields b and c.
    func entries(_ node: SyntaxNode) -> ArraySlice<UInt32> { pool[Int(node.b)..<Int(node.b) + Int(node.c)] }

    /// The range that a binder is written with.
    func range(ofBinder node: SyntaxNode) -> SyntaxNodeID? { node.b == 0 ? nil : SyntaxNodeID(node.b - 1) }

    /// The parts of an application: nil where there are no such brackets.
    func parts(ofApplication node: SyntaxNode) -> ApplicationParts {
        let first = Int(node.b)
        let primes = Int(pool[first])
        let parenthesised = Int(pool[first + 1])
        let bracketed = Int(pool[first + 2])
        let start = first + 3
        let middle = start + primes
        let end = middle + max(parenthesised - 1, 0)
        return ApplicationParts(
            primes: pool[start..<middle], parenthesised: parenthesised == 0 ? nil : pool[middle..<end],
            bracketed: bracketed == 0 ? nil : pool[end..<end + bracketed - 1])
    }

    /// The text of a statement's `///` comments, a line for each.
    func documentation(of statement: StatementSyntax, _ source: SourceText) -> String {
        var text = ""
        for position in statement.documentation {
            if position > statement.documentation.lowerBound { text += "\n" }
            let line = source.text(documentation[position])
            text += line.hasPrefix(" ") ? line.dropFirst() : line[...]
        }
        return text
    }
}

/// The parts of `name'2(parenthesised)[bracketed]`.
struct ApplicationParts {
    /// For each mark the argument to differentiate by, starting at 1.
    var primes: ArraySlice<UInt32>
    var parenthesised: ArraySlice<UInt32>?
    var bracketed: ArraySlice<UInt32>?
}

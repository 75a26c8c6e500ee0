/// The place of an expression in its ``SyntaxTree``. Children come before parents.
public struct SyntaxID: Hashable, Comparable, Sendable {
    public let raw: UInt32

    init(_ raw: Int) { self.raw = UInt32(truncatingIfNeeded: raw) }

    public static func < (left: SyntaxID, right: SyntaxID) -> Bool { left.raw < right.raw }
}

/// An identifier with its place.
public struct SyntaxName: Hashable, Sendable {
    public var text: String
    public var range: SourceRange

    public init(_ text: String, _ range: SourceRange) {
        self.text = text
        self.range = range
    }
}

/// An index with a range that may be written: in a reduction, or on the left of an equation.
public struct SyntaxBinder: Sendable {
    public var name: SyntaxName
    /// Nil where the range is to be inferred.
    public var bounds: SyntaxBounds?
}

/// `lower..<upper` or `lower...upper`.
public struct SyntaxBounds: Sendable {
    public var lower: SyntaxID
    public var upper: SyntaxID
    public var isClosed: Bool
}

/// A name with what stands in parentheses and in brackets behind it: a call, an access, or a plain name.
public struct SyntaxApplication: Sendable {
    public var name: SyntaxName
    /// Of a derivative of a function, `f'` or `f'2'1`: the arguments it is taken with respect to, from 1.
    public var primes: [Int] = []
    /// Nil without parentheses.
    public var parenthesised: [SyntaxID]?
    /// Nil without brackets.
    public var bracketed: [SyntaxID]?
}

/// An expression as written, one level deep.
public enum SyntaxForm: Sendable {
    /// A number; its text is that of its range.
    case number
    case application(SyntaxApplication)
    /// Terms with their signs: `a - b + c`.
    case sum([(isNegative: Bool, term: SyntaxID)])
    /// Factors with their operators: `a * b / c`.
    case product([(isDivisor: Bool, factor: SyntaxID)])
    case negate(SyntaxID)
    case power(SyntaxID, SyntaxID)
    case compare(Comparison, SyntaxID, SyntaxID)
    case and([SyntaxID])
    case or([SyntaxID])
    /// `!condition`.
    case not(SyntaxID)
    case conditional(SyntaxID, then: SyntaxID, otherwise: SyntaxID)
    case reduction(ReductionKind, [SyntaxBinder], body: SyntaxID)
    /// Over the training examples.
    case examples(ReductionKind, body: SyntaxID)
    /// argmax (`maximum`) or argmin of the body.
    case extremum(ReductionKind, [SyntaxBinder], body: SyntaxID)
    /// `(i, j)`, beside an argmax; `[1, 2]`, the values of a const.
    case list([SyntaxID], isBracketed: Bool)
    /// Something that could not be read; an error has been reported.
    case error
}

/// One index on the left of an equation, or a stage in a declaration.
public enum SyntaxComponent: Sendable {
    /// `k in 0..<n`.
    case ranged(SyntaxName, SyntaxBounds)
    /// An index, a constant; in a declaration an extent or a stage range.
    case plain(SyntaxID)
    /// `1...T+1`, in a declaration.
    case bounds(SyntaxBounds)
}

/// A name with stages and elements: what a declaration declares, and what an equation defines.
public struct SyntaxTarget: Sendable {
    public var name: SyntaxName
    /// Of the name, in the tree's table of names.
    var nameNumber: Int
    /// Nil without parentheses.
    public var stages: [SyntaxComponent]?
    /// Nil without brackets.
    public var elements: [SyntaxComponent]?
    public var range: SourceRange
}

/// A statement of a spec.
public struct SyntaxStatement: Sendable {
    public enum Form: Sendable {
        case network(SyntaxName)
        case sizes([(target: SyntaxTarget, value: SyntaxID?)])
        case stage(IndexKind, SyntaxName, SyntaxBounds)
        case quantities(Role, [(target: SyntaxTarget, value: SyntaxID?, isDistribution: Bool)])
        case function(SyntaxName, parameters: [SyntaxName], body: SyntaxID?)
        case equation(SyntaxTarget, body: SyntaxID, isCost: Bool)
        /// `derivative TARGET of COST wrt NAME = body`.
        case derivative(SyntaxTarget, of: SyntaxID, wrt: SyntaxName, body: SyntaxID)
    }

    public var form: Form
    public var range: SourceRange
    /// The text of the `///` comments before it, a line each.
    public var documentation: String
}

/// A parsed spec: statements over an arena of expressions, every one with its place in the text.
public struct SyntaxTree: Sendable {
    public internal(set) var statements: [SyntaxStatement] = []
    /// Names in statements that could not be read: perhaps defined there.
    public internal(set) var unreadNames: Set<String> = []
    /// The names in it.
    var names = SyntaxTree.noNames
    private static let noNames = NameTable(reserved: ExpressionParser.reserved.sorted())
    private var nodes: [Node] = []
    private var ranges: [SourceRange] = []
    /// The operands of sums, products and calls.
    private var operands: [UInt32] = []
    /// What is not stored as a node.
    private var others: [SyntaxForm] = []

    /// An expression as it lies in the tree: most are names, calls, sums and products, of which there may be millions.
    private struct Node {
        var kind: SyntaxKind
        /// A name, an operand, or a place among the operands or the others.
        var first: UInt32
        /// How many operands, or an operand.
        var second: UInt32 = 0
    }

    /// Set in an operand that is subtracted or divides.
    private static let inverse: UInt32 = 1 << 31

    /// The statements that are no equations.
    var declarations: [SyntaxStatement] {
        statements.indices.filter { position in
            if case .equation = statements[position].form { return false }
            return true
        }.map { statements[$0] }
    }

    /// How many expressions there are.
    public var count: Int { nodes.count }

    public subscript(_ id: SyntaxID) -> SyntaxForm {
        let node = nodes[Int(id.raw)]
        let start = ranges[Int(id.raw)].lower
        switch node.kind {
        case .number: return .number
        case .name: return .application(SyntaxApplication(name: name(node.first, start)))
        case .call:
            let count = Int(operands[Int(node.second)])
            let list = (0..<count).map { SyntaxID(Int(operands[Int(node.second) + 1 + $0])) }
            return .application(SyntaxApplication(name: name(node.first, start), parenthesised: list))
        case .sum: return .sum(list(node).map { (isNegative: $0.isInverse, term: $0.id) })
        case .product: return .product(list(node).map { (isDivisor: $0.isInverse, factor: $0.id) })
        case .negate: return .negate(SyntaxID(Int(node.first)))
        case .power: return .power(SyntaxID(Int(node.first)), SyntaxID(Int(node.second)))
        case .other: return others[Int(node.first)]
        }
    }

    private func name(_ number: UInt32, _ start: UInt32) -> SyntaxName {
        let text = names[Int(number)]
        return SyntaxName(text, SourceRange(lower: start, upper: start + UInt32(truncatingIfNeeded: text.utf8.count)))
    }

    private func list(_ node: Node) -> [(isInverse: Bool, id: SyntaxID)] {
        (0..<Int(node.second)).map { position in
            let operand = operands[Int(node.first) + position]
            return (operand & SyntaxTree.inverse != 0, SyntaxID(Int(operand & ~SyntaxTree.inverse)))
        }
    }

    public func range(_ id: SyntaxID) -> SourceRange { ranges[Int(id.raw)] }

    mutating func add(_ form: SyntaxForm, _ range: SourceRange) -> SyntaxID {
        nodes.append(node(form, range))
        ranges.append(range)
        return SyntaxID(nodes.count - 1)
    }

    /// A plain name, of which most expressions are made.
    mutating func add(name: Int, _ range: SourceRange) -> SyntaxID {
        nodes.append(Node(kind: .name, first: UInt32(truncatingIfNeeded: name)))
        ranges.append(range)
        return SyntaxID(nodes.count - 1)
    }

    private mutating func node(_ form: SyntaxForm, _ range: SourceRange) -> Node {
        let place = UInt32(truncatingIfNeeded: operands.count)
        switch form {
        case .number: return Node(kind: .number, first: 0)
        case .application(let application):
            let name = application.name
            let isPlain = application.primes.isEmpty && application.bracketed == nil
            let end = range.lower &+ UInt32(truncatingIfNeeded: name.text.utf8.count)
            guard isPlain, name.text.utf8.allSatisfy({ $0 < 0x80 }),
                name.range == SourceRange(lower: range.lower, upper: end)
            else { break }
            let number = UInt32(truncatingIfNeeded: names.number(of: name.text))
            guard let arguments = application.parenthesised else { return Node(kind: .name, first: number) }
            operands.append(UInt32(truncatingIfNeeded: arguments.count))
            for argument in arguments { operands.append(argument.raw) }
            return Node(kind: .call, first: number, second: place)
        case .sum(let terms):
            for (isNegative, term) in terms { operands.append(isNegative ? term.raw | SyntaxTree.inverse : term.raw) }
            return Node(kind: .sum, first: place, second: UInt32(truncatingIfNeeded: terms.count))
        case .product(let factors):
            for (isDivisor, factor) in factors {
                operands.append(isDivisor ? factor.raw | SyntaxTree.inverse : factor.raw)
            }
            return Node(kind: .product, first: place, second: UInt32(truncatingIfNeeded: factors.count))
        case .negate(let operand): return Node(kind: .negate, first: operand.raw)
        case .power(let base, let exponent): return Node(kind: .power, first: base.raw, second: exponent.raw)
        default: break
        }
        others.append(form)
        return Node(kind: .other, first: UInt32(truncatingIfNeeded: others.count - 1))
    }

    // MARK: One part at a time, without an array

    /// What an expression is.
    func kind(_ id: SyntaxID) -> SyntaxKind { nodes[Int(id.raw)].kind }

    /// The number of a name, or of the name that a call calls.
    func nameNumber(_ id: SyntaxID) -> Int { Int(nodes[Int(id.raw)].first) }

    /// How many operands a sum, a product or a call has.
    func operandCount(_ id: SyntaxID) -> Int {
        let node = nodes[Int(id.raw)]
        return node.kind == .call ? Int(operands[Int(node.second)]) : Int(node.second)
    }

    /// One of those operands.
    func operand(_ id: SyntaxID, _ position: Int) -> SyntaxID {
        let node = nodes[Int(id.raw)]
        let place = node.kind == .call ? Int(node.second) + 1 : Int(node.first)
        return SyntaxID(Int(operands[place + position] & ~SyntaxTree.inverse))
    }

    /// Whether an operand of a sum is subtracted, or one of a product divides.
    func isInverse(_ id: SyntaxID, _ position: Int) -> Bool {
        operands[Int(nodes[Int(id.raw)].first) + position] & SyntaxTree.inverse != 0
    }

    /// Calls `body` with every expression directly below.
    func forEachChild(of id: SyntaxID, _ body: (SyntaxID) -> Void) {
        let node = nodes[Int(id.raw)]
        switch node.kind {
        case .number, .name: return
        case .call, .sum, .product:
            for position in 0..<operandCount(id) { body(operand(id, position)) }
            return
        case .negate: return body(SyntaxID(Int(node.first)))
        case .power:
            body(SyntaxID(Int(node.first)))
            body(SyntaxID(Int(node.second)))
            return
        case .other: break
        }
        func binders(_ list: [SyntaxBinder]) {
            for binder in list {
                if let bounds = binder.bounds {
                    body(bounds.lower)
                    body(bounds.upper)
                }
            }
        }
        switch others[Int(node.first)] {
        case .number, .error: break
        case .application(let application):
            for item in application.parenthesised ?? [] { body(item) }
            for item in application.bracketed ?? [] { body(item) }
        case .sum(let terms): for term in terms { body(term.term) }
        case .product(let factors): for factor in factors { body(factor.factor) }
        case .negate(let operand), .not(let operand): body(operand)
        case .power(let left, let right), .compare(_, let left, let right):
            body(left)
            body(right)
        case .and(let items), .or(let items), .list(let items, _): for item in items { body(item) }
        case .conditional(let condition, let then, let otherwise):
            body(condition)
            body(then)
            body(otherwise)
        case .reduction(_, let list, let inner), .extremum(_, let list, let inner):
            binders(list)
            body(inner)
        case .examples(_, let inner): body(inner)
        }
    }
}

/// How an expression is stored in a ``SyntaxTree``.
enum SyntaxKind: UInt8 {
    case number, name, call, sum, product, negate, power
    /// In any other form, or a name with primes or brackets.
    case other
}

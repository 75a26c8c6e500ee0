/// A finished part of an expression, with the parentheses around it.
struct Operand {
    var id: SyntaxNodeID
    /// Whether it is subtracted, or divides.
    var isInverted = false
    var lower: UInt32
    var upper: UInt32
}

/// Something that is open while its operands are read: an operator, or a bracket.
struct Frame {
    enum Kind: UInt8 {
        /// The whole expression.
        case bottom
        /// `(`: one operand, or several of a tuple.
        case group
        /// `name(` and `name(…)[`.
        case parentheses, brackets
        /// `sum(` up to the colon, and behind it.
        case binders, body
        /// `[1, 2`.
        case list
        /// `i in`.
        case binder
        /// `lower ...`.
        case range
        // Operators.
        case then, otherwise, or, and, compare, sum, product, negate, power

        /// Whether operators inside end where this ends.
        var isBracket: Bool { rawValue <= Kind.list.rawValue }

        /// Whether it is an operator of an expression.
        var isOperator: Bool { rawValue >= Kind.then.rawValue }

        /// How tightly an operator binds; 0 for what is none.
        var precedence: UInt8 {
            switch self {
            case .then, .otherwise: 1
            case .or: 2
            case .and: 3
            case .compare: 4
            case .sum: 5
            case .product: 6
            case .negate: 7
            case .power: 8
            default: 0
            }
        }
    }

    var kind: Kind
    /// The comparison, the reduction, 1 for a closed range; of a sum or a product 1 where the operand that is being read is
    /// subtracted or divides.
    var tag: UInt8 = 0
    /// The position of its first operand.
    var base: Int
    /// Where it starts: of a bracket, the bracket itself is at `open`.
    var lower: UInt32
    var open: UInt32 = 0
    var name = NameID.none
    var nameLength: UInt32 = 0
    /// The position of its first derivative mark.
    var primes = 0
    /// The number of operands in parentheses, of an application; the number of binders, of a body.
    var count = -1
}

extension Parser {
    /// Finishes operators that bind more tightly than `precedence`.
    mutating func finishOperators(above precedence: UInt8) {
        while let frame = frames.last, frame.kind.isOperator, frame.kind.precedence > precedence {
            finishOperator()
        }
    }

    /// Makes the node of the innermost frame, an operator, from its operands.
    mutating func finishOperator() {
        guard let frame = frames.popLast(), operands.count > frame.base else { return }
        if frame.kind == .sum || frame.kind == .product { operands[operands.count - 1].isInverted = frame.tag != 0 }
        let first = operands[frame.base]
        let lower = min(frame.lower, first.lower)
        let upper = operands[operands.count - 1].upper
        var node = SyntaxNode(kind: .negate, lower: lower, upper: upper, a: first.id.raw)
        let second = frame.base + 1 < operands.count ? operands[frame.base + 1].id.raw : 0
        switch frame.kind {
        case .sum: node = list(.sum, from: frame.base, lower, upper)
        case .product: node = list(.product, from: frame.base, lower, upper)
        case .or: node = list(.or, from: frame.base, lower, upper)
        case .and: node = list(.and, from: frame.base, lower, upper)
        case .power:
            node.kind = .power
            node.b = second
        case .compare:
            node.kind = .compare
            node.tag = frame.tag
            node.b = second
        case .otherwise:
            node.kind = .select
            node.b = second
            node.c = frame.base + 2 < operands.count ? operands[frame.base + 2].id.raw : 0
        default: break  // negate
        }
        replaceOperands(from: frame.base, by: node, lower, upper)
    }

    /// A node whose children are the operands from `base` on.
    func list(_ kind: SyntaxKind, from base: Int, _ lower: UInt32, _ upper: UInt32) -> SyntaxNode {
        SyntaxNode(
            kind: kind, lower: lower, upper: upper, b: UInt32(truncatingIfNeeded: tree.pool.count),
            c: UInt32(truncatingIfNeeded: operands.count - base))
    }

    /// Puts one node in the place of the operands from `base` on; a node with a list takes them into the pool.
    mutating func replaceOperands(from base: Int, by node: SyntaxNode, _ lower: UInt32, _ upper: UInt32) {
        switch node.kind {
        case .sum, .product, .or, .and, .tuple, .list:
            for position in base..<operands.count {
                let operand = operands[position]
                tree.addToPool(operand.id.raw | (operand.isInverted ? SyntaxTree.inverted : 0))
            }
        default: break
        }
        operands.removeLast(operands.count - base)
        operands.append(Operand(id: tree.add(node), lower: lower, upper: upper))
    }
}

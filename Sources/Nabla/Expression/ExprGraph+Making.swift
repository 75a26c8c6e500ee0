/// Making nodes: what is there already is found, not made again.
extension ExprGraph {
    public mutating func makeNumber(_ value: Int) -> ExprID { makeNumber(Rational(value)) }

    public mutating func makePi() -> ExprID { intern(Node(kind: .pi), mask: 0) }

    public mutating func makeInteger(_ affine: AffineID) -> ExprID {
        intern(Node(kind: .integer, a: affine.raw), mask: mask(of: affine))
    }

    public mutating func makeArgument(_ position: Int) -> ExprID {
        intern(Node(kind: .argument, a: UInt32(truncatingIfNeeded: position)), mask: 0)
    }

    public mutating func makeAccess(_ quantity: QuantityID, _ indices: [AffineID]) -> ExprID {
        beginList()
        var mask: UInt64 = 0
        for index in indices {
            push(index.raw)
            mask |= self.mask(of: index)
        }
        return intern(Node(kind: .access, a: quantity.raw), mask: mask)
    }

    /// An access to a quantity without indices.
    mutating func makeScalar(_ quantity: QuantityID) -> ExprID {
        intern(Node(kind: .access, a: quantity.raw), Operands(), mask: 0)
    }

    public mutating func makeSum(_ terms: [ExprID]) -> ExprID { makeList(.add, terms) }

    public mutating func makeProduct(_ factors: [ExprID]) -> ExprID { makeList(.multiply, factors) }

    public mutating func makeAnd(_ conditions: [ExprID]) -> ExprID { makeList(.and, conditions) }

    public mutating func makeOr(_ conditions: [ExprID]) -> ExprID { makeList(.or, conditions) }

    public mutating func makeCall(_ function: FunctionReference, _ arguments: [ExprID]) -> ExprID {
        makeList(.call, arguments, a: function.encoded)
    }

    /// A partial derivative of a function: one position for each differentiation.
    public mutating func makeDerivativeCall(
        _ function: FunctionReference, positions: [Int], _ arguments: [ExprID]
    ) -> ExprID {
        beginList()
        for position in positions { push(UInt32(truncatingIfNeeded: position)) }
        var mask: UInt64 = 0
        var height: UInt16 = 0
        for argument in arguments { note(argument, &mask, &height) }
        let tag = UInt8(truncatingIfNeeded: positions.count)
        return intern(
            Node(kind: .derivativeCall, tag: tag, height: height, a: function.encoded), mask: mask)
    }

    public mutating func makeNegation(_ operand: ExprID) -> ExprID {
        intern(Node(kind: .negate, height: height(of: operand), a: operand.raw), mask: mask(of: operand))
    }

    public mutating func makeQuotient(_ dividend: ExprID, _ divisor: ExprID) -> ExprID {
        makePair(.divide, dividend, divisor)
    }

    public mutating func makePower(_ base: ExprID, _ exponent: ExprID) -> ExprID { makePair(.power, base, exponent) }

    public mutating func makeComparison(_ comparison: Comparison, _ left: ExprID, _ right: ExprID) -> ExprID {
        makePair(.compare, left, right, tag: comparison.rawValue)
    }

    public mutating func makeNot(_ condition: ExprID) -> ExprID {
        intern(Node(kind: .not, height: height(of: condition), a: condition.raw), mask: mask(of: condition))
    }

    public mutating func makeBoolean(_ value: Bool) -> ExprID {
        intern(Node(kind: .boolean, tag: value ? 1 : 0), mask: 0)
    }

    public mutating func makeSelect(_ condition: ExprID, then: ExprID, otherwise: ExprID) -> ExprID {
        intern(
            Node(
                kind: .select, height: max(height(of: condition), height(of: then), height(of: otherwise)),
                a: condition.raw, b: then.raw, c: otherwise.raw),
            mask: mask(of: condition) | mask(of: then) | mask(of: otherwise))
    }

    public mutating func makeReduction(_ kind: ReductionKind, _ binders: [Binder], _ body: ExprID) -> ExprID {
        makeBinding(.reduce, kind, binders, body, targets: [])
    }

    public mutating func makeReductionOverExamples(_ kind: ReductionKind, _ body: ExprID) -> ExprID {
        let tag = kind.rawValue | Node.overExamples
        return intern(Node(kind: .reduce, tag: tag, height: height(of: body), a: body.raw), mask: mask(of: body))
    }

    /// The condition that `targets` is the first place at which `body` is largest (or smallest).
    public mutating func makeExtremum(
        _ kind: ReductionKind, _ binders: [Binder], _ body: ExprID, targets: [AffineID]
    ) -> ExprID {
        makeBinding(.extremum, kind, binders, body, targets: targets)
    }

    private mutating func makeBinding(
        _ node: NodeKind, _ kind: ReductionKind, _ binders: [Binder], _ body: ExprID, targets: [AffineID]
    ) -> ExprID {
        var height = Int(height(of: body))
        var mask = mask(of: body)
        beginList()
        for binder in binders {
            push(binder.index.raw)
            push(binder.lower.raw)
            push(binder.upper.raw)
            mask |= self.mask(of: binder.lower) | self.mask(of: binder.upper)
            if binder.index.isCanonical { height = max(height, binder.index.level) }
        }
        // A low canonical level has a bit of its own, so that it can be cleared where it is bound.
        for binder in binders where binder.index.isCanonical && binder.index.level < 15 {
            mask &= ~binder.index.maskBit
        }
        for target in targets {
            push(target.raw)
            mask |= self.mask(of: target)
        }
        return intern(
            Node(
                kind: node, tag: kind.rawValue, height: UInt16(truncatingIfNeeded: min(height, 0xFFFF)), a: body.raw),
            mask: mask, count: binders.count)
    }

    private mutating func makePair(_ kind: NodeKind, _ left: ExprID, _ right: ExprID, tag: UInt8 = 0) -> ExprID {
        intern(
            Node(
                kind: kind, tag: tag, height: max(height(of: left), height(of: right)), a: left.raw, b: right.raw),
            mask: mask(of: left) | mask(of: right))
    }

    private mutating func makeList(_ kind: NodeKind, _ operands: [ExprID], a: UInt32 = 0) -> ExprID {
        beginList()
        var mask: UInt64 = 0
        var height: UInt16 = 0
        for operand in operands { note(operand, &mask, &height) }
        return intern(Node(kind: kind, height: height, a: a), mask: mask)
    }

    private mutating func note(_ operand: ExprID, _ mask: inout UInt64, _ height: inout UInt16) {
        push(operand.raw)
        mask |= self.mask(of: operand)
        height = max(height, self.height(of: operand))
    }

    // MARK: Without an array

    /// A sum, a product or a call of a few operands.
    mutating func makeList(_ kind: NodeKind, _ operands: Operands, a: UInt32 = 0) -> ExprID {
        var mask: UInt64 = 0
        var height: UInt16 = 0
        for position in 0..<operands.count {
            mask |= self.mask(of: operands[position])
            height = max(height, self.height(of: operands[position]))
        }
        let count = UInt32(truncatingIfNeeded: operands.count)
        return intern(Node(kind: kind, height: height, a: a, c: count), operands, mask: mask)
    }

    mutating func makeSum(_ left: ExprID, _ right: ExprID) -> ExprID { makeList(.add, Operands(left, right)) }

    mutating func makeProduct(_ left: ExprID, _ right: ExprID) -> ExprID { makeList(.multiply, Operands(left, right)) }

    mutating func makeCall(_ function: FunctionReference, _ argument: ExprID) -> ExprID {
        makeList(.call, Operands(argument), a: function.encoded)
    }

    /// The derivative of a function of one argument, which has this code.
    mutating func makeDerivativeCall(_ code: UInt32, of argument: ExprID) -> ExprID {
        beginList()
        push(0)
        var mask: UInt64 = 0
        var height: UInt16 = 0
        note(argument, &mask, &height)
        return intern(Node(kind: .derivativeCall, tag: 1, height: height, a: code), mask: mask)
    }

    /// The node `id` with its children mapped and nothing else changed, for nodes that bind no index.
    mutating func rebuildingPlain(_ id: ExprID, mapping map: (ExprID) -> ExprID) -> ExprID {
        let node = nodes[Int(id.raw)]
        switch node.kind {
        case .number, .pi, .integer, .argument, .access, .boolean, .reduce, .extremum: return id
        case .negate: return makeNegation(map(ExprID(node.a)))
        case .not: return makeNot(map(ExprID(node.a)))
        case .divide, .power, .compare:
            return makePair(node.kind, map(ExprID(node.a)), map(ExprID(node.b)), tag: node.tag)
        case .select:
            return makeSelect(map(ExprID(node.a)), then: map(ExprID(node.b)), otherwise: map(ExprID(node.c)))
        case .add, .multiply, .and, .or, .call, .derivativeCall:
            beginList()
            var mask: UInt64 = 0
            var height: UInt16 = 0
            let first = Int(node.b)
            let positions = node.kind == .derivativeCall ? Int(node.tag) : 0
            for position in 0..<positions { push(pool[first + position]) }
            for position in positions..<Int(node.c) { note(map(ExprID(pool[first + position])), &mask, &height) }
            return intern(Node(kind: node.kind, tag: node.tag, height: height, a: node.a), mask: mask)
        }
    }
}

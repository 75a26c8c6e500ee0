/// Reading nodes: by their form, or one part at a time.
extension ExprGraph {
    func node(_ id: ExprID) -> Node { nodes[Int(id.raw)] }

    func mask(of id: ExprID) -> UInt64 { Int(id.raw) < masks.count ? masks[Int(id.raw)] : 0 }

    func height(of id: ExprID) -> UInt16 { nodes[Int(id.raw)].height }

    /// How many entries of the pool belong to a node.
    func poolCount(_ node: Node) -> Int {
        switch node.kind {
        case .access, .add, .multiply, .and, .or, .call, .derivativeCall: Int(node.c)
        case .reduce: node.tag & Node.overExamples != 0 ? 0 : 3 * Int(node.c)
        case .extremum: 4 * Int(node.c)  // binders, then as many targets
        default: 0
        }
    }

    func poolEntry(_ node: Node, _ position: Int) -> UInt32 { pool[Int(node.b) + position] }

    private func list(_ node: Node, from start: Int = 0) -> [ExprID] {
        let first = Int(node.b) + start
        let count = Int(node.c) - start
        var result = [ExprID](repeating: ExprID(0), count: count)
        for position in 0..<count { result[position] = ExprID(pool[first + position]) }
        return result
    }

    private func binders(_ node: Node) -> [Binder] {
        let first = Int(node.b)
        return (0..<Int(node.c)).map { position in
            Binder(
                index: IndexID(raw: pool[first + 3 * position]), lower: AffineID(pool[first + 3 * position + 1]),
                upper: AffineID(pool[first + 3 * position + 2]))
        }
    }

    /// An expression, one level deep.
    public func form(of id: ExprID) -> ExpressionForm {
        let node = nodes[Int(id.raw)]
        let a = ExprID(node.a)
        let b = ExprID(node.b)
        switch node.kind {
        case .number: return .number(rationals[Int(node.a)], literal: node.b == 0 ? nil : literals[Int(node.b) - 1])
        case .pi: return .pi
        case .integer: return .integer(AffineID(node.a))
        case .argument: return .argument(Int(node.a))
        case .access:
            if node.c == 0 { return .access(QuantityID(Int(node.a)), []) }
            let first = Int(node.b)
            return .access(
                QuantityID(Int(node.a)), pool[first..<first + Int(node.c)].map { AffineID($0) })
        case .add: return .add(list(node))
        case .multiply: return .multiply(list(node))
        case .negate: return .negate(a)
        case .divide: return .divide(a, b)
        case .power: return .power(a, b)
        case .call: return .call(FunctionReference(encoded: node.a), list(node))
        case .derivativeCall:
            let first = Int(node.b)
            let positions = (0..<Int(node.tag)).map { Int(pool[first + $0]) }
            return .derivativeCall(
                FunctionReference(encoded: node.a), positions: positions, list(node, from: Int(node.tag)))
        case .select: return .select(a, then: b, otherwise: ExprID(node.c))
        case .compare: return .compare(Comparison(rawValue: node.tag) ?? .equal, a, b)
        case .and: return .and(list(node))
        case .or: return .or(list(node))
        case .not: return .not(a)
        case .boolean: return .boolean(node.tag != 0)
        case .reduce:
            let kind = ReductionKind(rawValue: node.tag & ~Node.overExamples) ?? .sum
            return node.tag & Node.overExamples != 0 ? .reduceExamples(kind, a) : .reduce(kind, binders(node), a)
        case .extremum:
            let first = Int(node.b) + 3 * Int(node.c)
            return .extremum(
                ReductionKind(rawValue: node.tag) ?? .maximum, binders(node), a,
                targets: pool[first..<first + Int(node.c)].map { AffineID($0) })
        }
    }

    // MARK: One part at a time, without an array

    func kind(of id: ExprID) -> NodeKind { nodes[Int(id.raw)].kind }

    /// How many operands a sum, a product, a conjunction, a disjunction or a call has.
    func operandCount(_ id: ExprID) -> Int { Int(nodes[Int(id.raw)].c) }

    /// One of those operands.
    func operand(_ id: ExprID, _ position: Int) -> ExprID { ExprID(pool[Int(nodes[Int(id.raw)].b) + position]) }

    /// The argument where a node calls a function of one argument.
    func argument(_ id: ExprID, ofCallTo function: FunctionID) -> ExprID? {
        let node = nodes[Int(id.raw)]
        guard node.kind == .call, node.c == 1, node.a == FunctionReference.standard(function).encoded else {
            return nil
        }
        return ExprID(pool[Int(node.b)])
    }

    /// Whether there is a sum or a mean over the examples anywhere.
    var reducesOverExamples: Bool { nodes.contains { $0.kind == .reduce && $0.tag & Node.overExamples != 0 } }

    /// Whether a node is a reduction, over indices or over the examples, or a search for an extreme place.
    func bindsIndices(_ id: ExprID) -> Bool {
        let kind = kind(of: id)
        return kind == .reduce || kind == .extremum
    }

    /// The quantity that an access reads; nil for other nodes.
    func quantity(_ id: ExprID) -> QuantityID? {
        let node = nodes[Int(id.raw)]
        return node.kind == .access ? QuantityID(Int(node.a)) : nil
    }

    /// Whether a node is a truth value; a choice is one where what it chooses is.
    ///
    /// - Parameter isArgument: whether what an argument stands for is one.
    func isCondition(_ id: ExprID, isArgument: (Int) -> Bool = { _ in false }) -> Bool {
        var next = id
        while case .select(_, let then, _) = form(of: next) { next = then }
        switch form(of: next) {
        case .compare, .and, .or, .not, .boolean, .extremum: return true
        case .argument(let position): return isArgument(position)
        default: return false
        }
    }

    /// The number that a node is, if it is one.
    public func number(_ id: ExprID) -> Rational? {
        let node = nodes[Int(id.raw)]
        return node.kind == .number ? rationals[Int(node.a)] : nil
    }

    /// Calls `body` with every child, left to right.
    public func forEachChild(of id: ExprID, _ body: (ExprID) -> Void) {
        let node = nodes[Int(id.raw)]
        switch node.kind {
        case .number, .pi, .integer, .argument, .access, .boolean: break
        case .negate, .not, .reduce, .extremum: body(ExprID(node.a))
        case .divide, .power, .compare:
            body(ExprID(node.a))
            body(ExprID(node.b))
        case .select:
            body(ExprID(node.a))
            body(ExprID(node.b))
            body(ExprID(node.c))
        case .add, .multiply, .and, .or, .call:
            for position in 0..<Int(node.c) { body(ExprID(pool[Int(node.b) + position])) }
        case .derivativeCall:
            for position in Int(node.tag)..<Int(node.c) { body(ExprID(pool[Int(node.b) + position])) }
        }
    }

    /// A number or an integer as an affine expression; nil for others.
    func affineValue(_ id: ExprID) -> Affine? {
        switch form(of: id) {
        case .integer(let affine): self[affine]
        case .number(let value, _): value.asInt.map { Affine($0) }
        default: nil
        }
    }
}

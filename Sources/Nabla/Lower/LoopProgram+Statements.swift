extension LoopProgram {
    /// Calls `body` with statements and all those inside them, in their order.
    func forEachStatement(in statements: [LoopStatement], _ body: (LoopStatement) -> Void) {
        var stack: [LoopStatement] = statements.reversed()
        while let statement = stack.popLast() {
            body(statement)
            for block in statement.blocks.reversed() { stack.append(contentsOf: self[block].statements.reversed()) }
        }
    }

    /// Calls `body` with each expression that a statement itself computes.
    func forEachExpression(of statement: LoopStatement, _ body: (ExprID) -> Void) {
        switch statement {
        case .conditional(let value, _, _), .define(_, let value), .assign(_, let value), .accumulate(_, let value),
            .store(_, _, let value), .add(_, _, let value):
            body(value)
        case .comment, .loop, .examples, .exampleBlocks, .declare, .begin, .finish, .clear, .contraction,
            .lanes:
            break
        }
    }

    /// A statement with each expression that it itself computes replaced.
    mutating func rewriting(
        _ statement: LoopStatement, _ body: (inout ExprGraph, ExprID) -> ExprID
    ) -> LoopStatement {
        switch statement {
        case .conditional(let value, let then, let otherwise):
            .conditional(body(&system.graph, value), then: then, otherwise: otherwise)
        case .define(let local, let value): .define(local, body(&system.graph, value))
        case .assign(let local, let value): .assign(local, body(&system.graph, value))
        case .accumulate(let id, let value): .accumulate(id, body(&system.graph, value))
        case .store(let quantity, let indices, let value): .store(quantity, indices, body(&system.graph, value))
        case .add(let quantity, let indices, let value): .add(quantity, indices, body(&system.graph, value))
        case .comment, .loop, .examples, .exampleBlocks, .declare, .begin, .finish, .clear, .contraction, .lanes:
            statement
        }
    }

    /// A statement with other nodes in place of some in the expressions that it itself computes.
    mutating func replacing(_ map: [ExprID: ExprID], in statement: LoopStatement) -> LoopStatement {
        map.isEmpty ? statement : rewriting(statement) { $0.replacing(map, in: $1) }
    }

    /// The locals that a statement itself gives a value, or declares.
    func locals(definedBy statement: LoopStatement) -> [LocalID] {
        switch statement {
        case .define(let local, _), .declare(let local), .assign(let local, _): [local]
        case .begin(let id), .accumulate(let id, _), .finish(let id):
            (self[id].result.map { [$0] } ?? []) + self[id].positions
        default: []
        }
    }

    /// The locals that an expression reads.
    func locals(readBy root: ExprID) -> [LocalID] {
        system.graph.reachable(from: root).compactMap { id in
            let node = system.graph.node(id)
            return node.kind == .argument ? LocalID(Int(node.a)) : nil
        }
    }

    /// The quantities that a statement itself reads or writes.
    func quantities(mentionedBy statement: LoopStatement) -> [QuantityID] {
        var found: [QuantityID] = []
        switch statement {
        case .store(let quantity, _, _), .add(let quantity, _, _), .clear(let quantity): found.append(quantity)
        default: break
        }
        forEachExpression(of: statement) { root in
            for id in system.graph.reachable(from: root) {
                if let quantity = system.graph.quantity(id) { found.append(quantity) }
            }
        }
        return found
    }
}

extension LoopStatement {
    /// Whether it computes nothing.
    var isComment: Bool {
        if case .comment = self { return true }
        return false
    }

    /// The blocks directly inside.
    var blocks: [BlockID] {
        switch self {
        case .loop(let loop): [loop.body]
        case .examples(let block), .exampleBlocks(let block): [block]
        case .contraction(let contraction): [contraction.plain]
        case .lanes(let lanes): [lanes.body]
        case .conditional(_, let then, let otherwise): otherwise.map { [then, $0] } ?? [then]
        default: []
        }
    }
}

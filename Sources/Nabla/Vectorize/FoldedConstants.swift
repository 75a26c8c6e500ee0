extension LoopProgram {
    /// The program with numbers in place of locals that are nothing else, and sums without zeros: what is left of a choice that a loop's
    /// range has decided.
    func foldingConstants() -> LoopProgram {
        var folding = FoldedConstants(program: self)
        folding.run()
        return folding.program
    }
}

/// Constant propagation and folding. As in normal forms, x + 0 is x.
private struct FoldedConstants {
    var program: LoopProgram
    /// What each local is that gets its value in one place, a number.
    private var numbers: [LocalID: ExprID] = [:]

    init(program: LoopProgram) { self.program = program }

    mutating func run() {
        var isVariable: Set<LocalID> = []
        program.forEachStatement(in: program[program.root].statements) { statement in
            if case .define(let local, let value) = statement, numbers[local] == nil, isNumber(value) {
                numbers[local] = value
            } else {
                isVariable.formUnion(program.locals(definedBy: statement))
            }
        }
        for local in isVariable { numbers[local] = nil }
        if numbers.isEmpty { return }
        var pending = [program.root]
        while let block = pending.popLast() {
            for (position, statement) in program[block].statements.enumerated() {
                pending += statement.blocks
                program[block].statements[position] = folded(statement)
            }
        }
    }

    private func isNumber(_ id: ExprID) -> Bool { program.system.graph.number(id) != nil }

    private mutating func folded(_ statement: LoopStatement) -> LoopStatement {
        var isRead = false
        program.forEachExpression(of: statement) { root in
            isRead = isRead || program.locals(readBy: root).contains { self.numbers[$0] != nil }
        }
        guard isRead else { return statement }
        let numbers = numbers
        return program.rewriting(statement) { graph, root in
            graph.rewrite(root) { graph, id, children in
                switch graph.form(of: id) {
                case .argument(let position): return numbers[LocalID(position)] ?? id
                case .add:
                    let terms = children.filter { graph.number($0)?.isZero != true }
                    if terms.count == children.count { return graph.rebuilding(id, children) }
                    if terms.count == 1 { return terms[0] }
                    return terms.isEmpty ? children[0] : graph.makeSum(terms)
                default: return graph.rebuilding(id, children)
                }
            }
        }
    }
}

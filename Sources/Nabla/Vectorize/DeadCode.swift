extension LoopProgram {
    /// The program without locals and reductions that nothing reads, and without loops that nothing is left of.
    func removingDeadCode() -> LoopProgram {
        var removal = DeadCode(program: self)
        removal.run()
        return removal.program
    }
}

/// Dead-code elimination, from the last statement to the first: what reads a local stands after what gives it its value.
private struct DeadCode {
    var program: LoopProgram
    private var reads: [LocalID: Int] = [:]

    init(program: LoopProgram) { self.program = program }

    mutating func run() {
        program.forEachStatement(in: program[program.root].statements) { statement in
            count(statement, 1)
        }
        clean(program.root)
    }

    private mutating func count(_ statement: LoopStatement, _ step: Int) {
        var roots: [ExprID] = []
        program.forEachExpression(of: statement) { roots.append($0) }
        if case .contraction(let contraction) = statement { roots.append(contraction.factor) }
        for root in roots { for local in program.locals(readBy: root) { reads[local, default: 0] += step } }
    }

    private func isRead(_ local: LocalID) -> Bool { (reads[local] ?? 0) > 0 }

    /// What may fail is kept for its failure's sake.
    private func isRead(_ id: AccumulatorID) -> Bool {
        let accumulator = program[id]
        let locals = (accumulator.result.map { [$0] } ?? []) + accumulator.positions
        return accumulator.mayFail || locals.contains { isRead($0) }
    }

    private func isDead(_ statement: LoopStatement) -> Bool {
        switch statement {
        case .define(let local, _), .declare(let local), .assign(let local, _): !isRead(local)
        case .begin(let id), .accumulate(let id, _), .finish(let id): !isRead(id)
        case .loop, .examples, .exampleBlocks, .lanes, .conditional:
            statement.blocks.allSatisfy { program[$0].statements.allSatisfy(\.isComment) }
        case .comment, .store, .add, .clear, .contraction: false
        }
    }

    /// As deep as blocks nest, which ``Lowerer`` limits.
    private mutating func clean(_ block: BlockID) {
        var kept: [LoopStatement] = []
        var isRemoved = false
        for statement in program[block].statements.reversed() {
            if case .comment = statement {
                // With all that it describes.
                let isAlone = kept.last?.isComment ?? true
                if isAlone && isRemoved { continue }
                isRemoved = false
                kept.append(statement)
                continue
            }
            switch statement {
            case .contraction: break
            default: for inner in statement.blocks.reversed() { clean(inner) }
            }
            if isDead(statement) {
                count(statement, -1)
                isRemoved = true
            } else {
                kept.append(statement)
            }
        }
        program[block].statements = kept.reversed()
    }
}

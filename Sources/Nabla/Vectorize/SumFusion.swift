extension LoopProgram {
    /// The program with sums over the examples that stand in one loop over lanes gathered by one loop over the examples: what several of
    /// them read is read once.
    func fusingSums() -> LoopProgram {
        var fusion = SumFusion(program: self)
        fusion.run()
        return fusion.program
    }
}

/// Fuses loops over the examples inside of lanes (see ``LaneFusion``): the later one moves up over what it does not depend on.
struct SumFusion {
    var program: LoopProgram
    /// More sums than this would not stay in registers.
    private static let mostSums = 6

    mutating func run() {
        var pending = [program.root]
        while let block = pending.popLast() {
            for statement in program[block].statements {
                switch statement {
                case .contraction: break
                case .lanes(let lanes): program[lanes.body].statements = fused(program[lanes.body].statements)
                default: pending += statement.blocks
                }
            }
        }
    }

    private mutating func fused(_ statements: [LoopStatement]) -> [LoopStatement] {
        var result: [LoopStatement] = []
        for statement in statements {
            guard case .examples(let later) = statement, let joined = joining(later, to: result) else {
                result.append(statement)
                continue
            }
            result = joined
        }
        return result
    }

    /// The statements before a loop over the examples with its body in the last such loop among them; nil where it cannot move there.
    private mutating func joining(_ later: BlockID, to statements: [LoopStatement]) -> [LoopStatement]? {
        let last = statements.lastIndex {
            if case .examples = $0 { return true }
            return false
        }
        guard let last, case .examples(let earlier) = statements[last] else { return nil }
        let bodies = program[earlier].statements + program[later].statements
        guard bodies.count <= Self.mostSums, bodies.allSatisfy({ isAccumulation($0) }) else { return nil }
        // The accumulators begin before the loop, whose values do not hang on what stands between.
        var begun: [LoopStatement] = []
        var between: [LoopStatement] = []
        for statement in statements[(last + 1)...] {
            switch statement {
            case .begin, .comment: begun.append(statement)
            default: between.append(statement)
            }
        }
        let moved = LoopAccesses(program[later].statements, program)
        let passed = LoopAccesses(between, program)
        guard !passed.mayFail, !passed.hasKernels, moved.read.isDisjoint(with: passed.defined),
            moved.conflicts(with: passed).isEmpty
        else { return nil }
        let both = program.makeBlock()
        program[both].statements = bodies
        return statements[..<last] + begun + [.examples(both)] + between
    }

    private func isAccumulation(_ statement: LoopStatement) -> Bool {
        if case .accumulate = statement { return true }
        return false
    }
}

extension LoopProgram {
    /// The program with neighbouring loops whose lanes are examples as one, those that gather sums over the examples among them.
    func fusingExamples() -> LoopProgram {
        var fusion = ExampleFusion(program: self)
        fusion.run()
        return fusion.program
    }
}

/// Fuses loops in the lanes of the examples: examples never depend on each other, so that a later loop can move up to an earlier
/// one over whatever ends a sum, where it has nothing to do with that.
struct ExampleFusion: BlockFusion {
    var program: LoopProgram

    mutating func fused(_ statements: [LoopStatement], _ around: [Dimension]) -> [LoopStatement] {
        var result: [LoopStatement] = []
        var rest = statements[...]
        var comments: [LoopStatement] = []
        while let statement = rest.popFirst() {
            switch statement {
            case .comment:
                comments.append(statement)
                continue
            case .lanes(let lanes):
                if let place = place(for: lanes, in: result) {
                    join(lanes, comments, &result, at: place)
                } else {
                    result += comments + [statement]
                }
            case .begin(let sum):
                if case .lanes(let lanes) = rest.first, isFed(sum, by: lanes), let place = place(for: lanes, in: result)
                {
                    rest.removeFirst()
                    join(lanes, comments, &result, at: place)
                    result.insert(statement, at: place)
                } else {
                    result += comments + [statement]
                }
            default: result += comments + [statement]
            }
            comments = []
        }
        return result + comments
    }

    /// Whether a loop does nothing but feed one sum, product or extreme value: a log-sum-exp takes two rounds.
    private func isFed(_ sum: AccumulatorID, by lanes: Lanes) -> Bool {
        guard lanes.purpose == .reduction, program[sum].kind != .value(.logSumExp) else { return false }
        return program[lanes.body].statements.allSatisfy {
            if case .accumulate(sum, _) = $0 { return true }
            return false
        }
    }

    /// The loop before that a loop can join.
    private func place(for lanes: Lanes, in statements: [LoopStatement]) -> Int? {
        guard lanes.dimension == .examples else { return nil }
        let moved = LoopAccesses(.lanes(lanes), program)
        for (position, statement) in statements.enumerated().reversed() {
            switch statement {
            case .comment, .begin, .finish, .add, .store:
                let passed = LoopAccesses(statement, program)
                guard moved.conflicts(with: passed).isEmpty, moved.hasOwnLocals(beside: passed) else { return nil }
            case .lanes(let other):
                let count = program[other.body].statements.count + program[lanes.body].statements.count
                let isGathered = program[other.body].statements.allSatisfy { isSimple($0) }
                return other.dimension == .examples && count <= Self.mostStatements && isGathered ? position : nil
            default: return nil
            }
        }
        return nil
    }

    /// Whether a statement needs only one round over the examples.
    private func isSimple(_ statement: LoopStatement) -> Bool {
        if case .accumulate(let id, _) = statement { return program[id].kind != .value(.logSumExp) }
        return true
    }

    private mutating func join(
        _ lanes: Lanes, _ comments: [LoopStatement], _ statements: inout [LoopStatement], at place: Int
    ) {
        guard case .lanes(var both) = statements[place] else { return }
        let body = program.makeBlock()
        program[body].statements = program[both.body].statements + comments + program[lanes.body].statements
        both.body = body
        if lanes.purpose == .reduction { both.purpose = .reduction }
        statements[place] = .lanes(both)
    }
}

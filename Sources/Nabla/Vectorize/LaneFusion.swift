extension LoopProgram {
    /// The program with neighbouring loops over the same lanes, or those that can be neighbours, as one: what one equation stores the
    /// next one has in a register.
    func fusingLanes() -> LoopProgram {
        var fusion = LaneFusion(program: self)
        fusion.run()
        return fusion.program
    }
}

/// Fuses loops (Kennedy and Allen, 2001, section 8.6): two nests that end in lanes of the same dimension run as one where no round
/// of the second reads, or overwrites, what another round of the first one touches.
struct LaneFusion: BlockFusion {
    var program: LoopProgram
    /// A loop over the examples moves up over at most so many statements.
    private static let mostPassed = 4

    mutating func fused(_ statements: [LoopStatement], _ around: [Dimension]) -> [LoopStatement] {
        var result: [LoopStatement] = []
        var comments: [LoopStatement] = []
        for statement in statements {
            if case .comment = statement {
                comments.append(statement)
                continue
            }
            if let (place, both) = fused(statement, into: result, comments, around) {
                result[place] = both
            } else {
                result += comments + [statement]
            }
            comments = []
        }
        return result + comments
    }

    /// The place of an earlier nest that a nest can be one with, and both as one: the neighbour, or for a loop over the examples one
    /// that it can move up to.
    private mutating func fused(
        _ statement: LoopStatement, into statements: [LoopStatement], _ comments: [LoopStatement],
        _ around: [Dimension]
    ) -> (place: Int, both: LoopStatement)? {
        var moved: LoopAccesses?
        var passedCount = 0
        for (place, earlier) in statements.enumerated().reversed() {
            if case .comment = earlier { continue }
            if let both = fuse(earlier, statement, comments, []) { return (place, both) }
            guard case .examples = statement, passedCount < Self.mostPassed else { return nil }
            passedCount += 1
            let accesses = moved ?? LoopAccesses(statement, program)
            moved = accesses
            guard program.commute(LoopAccesses(earlier, program), accesses, around: around) else { return nil }
        }
        return nil
    }

    /// Two nests as one, the comments of the second before its statements.
    private mutating func fuse(
        _ first: LoopStatement, _ second: LoopStatement, _ comments: [LoopStatement], _ shared: [IndexID]
    ) -> LoopStatement? {
        switch (first, second) {
        case (.examples(let one), .examples(let two)):
            guard let inner = only(one), let other = only(two), let both = fuse(inner, other, comments, shared) else {
                return nil
            }
            let block = program.makeBlock()
            program[block].statements = [both]
            return .examples(block)
        case (.loop(var loop), .loop(let other)):
            guard loop.purpose == .elements, other.purpose == .elements, loop.lower == other.lower,
                loop.upper == other.upper, !loop.isReversed, !other.isReversed, loop.solution == nil,
                other.solution == nil, let inner = only(loop.body), let second = only(other.body)
            else { return nil }
            guard let renamed = program.renaming(second, other.index, loop.index),
                let both = fuse(inner, renamed, comments, shared + [loop.index])
            else { return nil }
            loop.body = program.makeBlock()
            program[loop.body].statements = [both]
            return .loop(loop)
        case (.lanes(var lanes), .lanes(let other)):
            guard lanes.purpose == .elements, other.purpose == .elements else { return nil }
            var statements = program[other.body].statements
            var all = shared
            switch (lanes.dimension, other.dimension) {
            case (.examples, .examples): break
            case (.index(let index, let lower, let upper), .index(let old, let low, let high)):
                guard lower == low, upper == high, let renamed = program.renaming(.lanes(other), old, index),
                    case .lanes(let new) = renamed
                else { return nil }
                statements = program[new.body].statements
                all.append(index)
            default: return nil
            }
            let own = program[lanes.body].statements
            guard own.count + statements.count <= Self.mostStatements, isIndependent(own, statements, all),
                !isSlower(own, statements)
            else { return nil }
            lanes.body = program.makeBlock()
            program[lanes.body].statements = own + comments + statements
            return .lanes(lanes)
        default: return nil
        }
    }

    /// The only statement of a block.
    private func only(_ block: BlockID) -> LoopStatement? {
        let statements = program[block].statements
        return statements.count == 1 ? statements[0] : nil
    }

    /// Whether calls would wait for each other in one round that do not in two loops (``CallChains``).
    private func isSlower(_ first: [LoopStatement], _ second: [LoopStatement]) -> Bool {
        let alone = max(CallChains(first, program).longest, CallChains(second, program).longest)
        return CallChains(first + second, program).longest > alone
    }

    // MARK: Dependences

    /// Whether each round touches only what the same round of the other touches, for each of the shared indices.
    private func isIndependent(_ first: [LoopStatement], _ second: [LoopStatement], _ shared: [IndexID]) -> Bool {
        LoopAccesses(first, program).conflicts(with: LoopAccesses(second, program)).allSatisfy { one, other in
            guard let indices = one.indices, let otherIndices = other.indices else { return false }
            return shared.allSatisfy { index in
                zip(indices, otherIndices).contains { left, right in
                    left == right && program.system.graph[left].coefficient(of: index) != 0
                }
            }
        }
    }
}

extension LoopProgram {
    /// The program with reductions of one block that gather the same values as one.
    func sharingReductions() -> LoopProgram {
        var sharing = RepeatedReductions(program: self)
        sharing.run()
        return sharing.program
    }
}

/// Finds `begin`, one loop over lanes, `finish` a second time where nothing in between writes what they read.
private struct RepeatedReductions {
    var program: LoopProgram

    mutating func run() {
        var pending = [program.root]
        while let block = pending.popLast() {
            share(block)
            for statement in program[block].statements {
                if case .contraction = statement { continue }
                pending += statement.blocks
            }
        }
    }

    private mutating func share(_ block: BlockID) {
        var earlier: [LaneReduction] = []
        var position = 0
        while position < program[block].statements.count {
            if let found = program.laneReduction(in: block, at: position) {
                if let same = earlier.first(where: { isSame($0, found) }) {
                    program[block].statements.removeSubrange(position..<position + LaneReduction.length)
                    program.replace(found.result, same.result, in: block, from: position)
                    continue
                }
                earlier.append(found)
                position += LaneReduction.length
                continue
            }
            let written = Set(LoopAccesses(program[block].statements[position], program).writes.map(\.quantity))
            earlier.removeAll { !$0.reads.isDisjoint(with: written) }
            position += 1
        }
    }

    private mutating func isSame(_ one: LaneReduction, _ other: LaneReduction) -> Bool {
        guard program[one.accumulator].kind == program[other.accumulator].kind else { return false }
        switch (one.dimension, other.dimension) {
        case (.examples, .examples): return one.value == other.value
        case (.index(let index, let lower, let upper), .index(let old, let low, let high)):
            return lower == low && upper == high
                && program.system.graph.substitute(other.value, [old: Affine(.index(index))]) == one.value
        default: return false
        }
    }
}

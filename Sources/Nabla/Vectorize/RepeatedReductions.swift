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

    private struct Found {
        var lanes: Lanes
        var value: ExprID
        var kind: Accumulator.Kind
        var result: LocalID
        var reads: Set<QuantityID>
    }

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
        var earlier: [Found] = []
        var position = 0
        while position < program[block].statements.count {
            if let found = reduction(in: block, at: position) {
                if let same = earlier.first(where: { isSame($0, found) }) {
                    program[block].statements.removeSubrange(position..<position + 3)
                    program.replace(found.result, same.result, in: block, from: position)
                    continue
                }
                earlier.append(found)
                position += 3
                continue
            }
            let written = Set(LoopAccesses(program[block].statements[position], program).writes.map(\.quantity))
            earlier.removeAll { !$0.reads.isDisjoint(with: written) }
            position += 1
        }
    }

    private func reduction(in block: BlockID, at position: Int) -> Found? {
        let statements = program[block].statements
        guard position + 2 < statements.count, case .begin(let id) = statements[position],
            case .lanes(let lanes) = statements[position + 1], case .finish(id) = statements[position + 2],
            program[lanes.body].statements.count == 1,
            case .accumulate(id, let value) = program[lanes.body].statements[0], let result = program[id].result
        else { return nil }
        return Found(
            lanes: lanes, value: value, kind: program[id].kind, result: result,
            reads: Set(program.system.graph.reachable(from: value).compactMap { program.system.graph.quantity($0) }))
    }

    private mutating func isSame(_ one: Found, _ other: Found) -> Bool {
        guard one.kind == other.kind else { return false }
        switch (one.lanes.dimension, other.lanes.dimension) {
        case (.examples, .examples): return one.value == other.value
        case (.index(let index, let lower, let upper), .index(let old, let low, let high)):
            return lower == low && upper == high
                && program.system.graph.substitute(other.value, [old: Affine(.index(index))]) == one.value
        default: return false
        }
    }
}

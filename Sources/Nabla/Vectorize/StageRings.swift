extension LoopProgram {
    /// The program with memory for few stages of what a recurrence needs of its last rounds alone: an adjoint that is read where it is
    /// computed has one stage, an activation that the next layer alone reads has two.
    func keepingFewStages(except given: Set<QuantityID> = []) -> LoopProgram {
        var pass = StageRings(program: self)
        pass.run(except: given)
        return pass.program
    }
}

/// Storage reuse along stages: where no round reads what is more than d rounds old, stages share d + 1 places, in turn.
private struct StageRings {
    var program: LoopProgram
    /// Older rounds than this are not looked for.
    private static let oldest = 4
    /// With more stages, sizes are not compared stage by stage.
    private static let mostStages = 1 << 12

    init(program: LoopProgram) { self.program = program }

    private var graph: ExprGraph { program.system.graph }

    /// Where a stage of a quantity is read or written.
    private struct Mention {
        var quantity: QuantityID
        var stage: AffineID
        var isWrite: Bool
        /// The position in the block around the recurrence.
        var position: Int
    }

    mutating func run(except given: Set<QuantityID>) {
        var counts: [QuantityID: Int] = [:]
        for mention in mentions(program.root) { counts[mention.quantity, default: 0] += 1 }
        let excluded = self.excluded().union(given)
        var kept: [QuantityID: Int] = [:]
        // What an outer loop leaves for its next round is not looked at.
        var pending = [program.root]
        while let block = pending.popLast() {
            var found: [QuantityID: [Mention]] = [:]
            for mention in mentions(block) { found[mention.quantity, default: []].append(mention) }
            for (position, statement) in program[block].statements.enumerated() {
                switch statement {
                case .loop(let loop):
                    for (quantity, list) in found where list.count == counts[quantity] && !excluded.contains(quantity) {
                        if let age = age(loop, at: position, list) { kept[quantity] = age + 1 }
                    }
                case .contraction, .lanes: break
                default: pending += statement.blocks
                }
            }
        }
        var buffers = program.buffers
        for position in buffers.indices {
            guard let count = kept[buffers[position].quantity] else { continue }
            buffers[position].ring = ring(buffers[position], count)
        }
        program.setBuffers(buffers)
    }

    /// Quantities that are set to 0 as a whole, or that blocks of examples add to.
    private func excluded() -> Set<QuantityID> {
        var found: Set<QuantityID> = []
        program.forEachStatement(in: program[program.root].statements) { statement in
            switch statement {
            case .clear(let quantity): found.insert(quantity)
            case .add(let quantity, _, _) where program.buffer(of: quantity)?.examples == .shared:
                found.insert(quantity)
            case .contraction(let contraction) where program.buffer(of: contraction.target)?.examples == .shared:
                found.insert(contraction.target)
            default: break
            }
        }
        return found
    }

    /// All mentions of quantities with one stage index in a block, and in those inside it.
    private func mentions(_ block: BlockID) -> [Mention] {
        var found: [Mention] = []
        for (position, statement) in program[block].statements.enumerated() {
            program.forEachStatement(in: [statement]) { inner in
                func note(_ quantity: QuantityID, _ indices: [AffineID], isWrite: Bool) {
                    guard program.system[quantity].stageCount == 1, let stage = indices.first else { return }
                    found.append(Mention(quantity: quantity, stage: stage, isWrite: isWrite, position: position))
                }
                switch inner {
                case .store(let quantity, let indices, _), .add(let quantity, let indices, _):
                    note(quantity, indices, isWrite: true)
                default: break
                }
                program.forEachExpression(of: inner) { root in
                    for id in graph.reachable(from: root) {
                        guard case .access(let quantity, let indices) = graph.form(of: id) else { continue }
                        note(quantity, indices, isWrite: false)
                    }
                }
            }
        }
        return found
    }

    /// How many rounds old the oldest stage is that is needed in a loop over the stages, where that is known; before it and after it, the stages
    /// next to its first and its last round may be.
    private func age(_ loop: Loop, at position: Int, _ mentions: [Mention]) -> Int? {
        guard loop.solution == nil, let lower = loop.lower.asAffine, let upper = loop.upper.asAffine,
            let last = graph[upper].offset(by: -1)
        else { return nil }
        var age = 0
        var isWritten = false
        for mention in mentions {
            let here =
                mention.position == position
                ? Affine(.index(loop.index))
                : (mention.position < position) == loop.isReversed ? last : graph[lower]
            guard let difference = here.adding(graph[mention.stage], times: -1),
                let distance = program.system.expandingSizes(difference).asConstant, abs(distance) <= StageRings.oldest
            else { return nil }
            let rounds = loop.isReversed ? -distance : distance
            guard rounds >= 0 else { return nil }
            if mention.position == position, mention.isWrite {
                guard rounds == 0 else { return nil }
                isWritten = true
            }
            age = max(age, rounds)
        }
        return isWritten ? age : nil
    }

    private func ring(_ buffer: Buffer, _ count: Int) -> Buffer.Ring? {
        guard buffer.role == .intermediate, buffer.examples != .stored, let range = buffer.stageRanges.first else {
            return nil
        }
        func known(_ bound: LoopBound) -> Int? {
            bound.asAffine.flatMap { program.system.expandingSizes(graph[$0]).asConstant }
        }
        let (lower, upper) = (known(range.lower), known(range.upper))
        if let lower, let upper, upper <= lower || upper.subtractingReportingOverflow(lower).partialValue <= count {
            return nil
        }
        if buffer.uniformExtents != nil { return Buffer.Ring(count: count, capacity: nil) }
        guard let lower, let upper, upper.subtractingReportingOverflow(lower).partialValue <= StageRings.mostStages
        else {
            return nil
        }
        var copy = program.system
        // Of each stage, the extents: where boxes overlap, the larger ones.
        var extents: [[Int]] = Array(repeating: [], count: upper - lower)
        for box in buffer.hasOneFormula ? Array(buffer.boxes.prefix(1)) : buffer.boxes {
            guard let stage = box.stages.first,
                let first = buffer.hasOneFormula ? lower : known(LoopBound(stage.lower)),
                let last = buffer.hasOneFormula ? upper : known(LoopBound(stage.upper)), first >= lower, last <= upper
            else { return nil }
            for value in first..<max(first, last) {
                var sizes: [Int] = []
                for (axis, extent) in box.extents.enumerated() {
                    guard let at = copy.graph.substitute(extent, [stage.index: Affine(value)]),
                        let size = copy.expandingSizes(copy.graph[at]).asConstant
                    else { return nil }
                    let old = extents[value - lower]
                    sizes.append(max(0, size, old.indices.contains(axis) ? old[axis] : 0))
                }
                extents[value - lower] = sizes
            }
        }
        var capacity = 1
        for sizes in extents {
            var product = 1
            for size in sizes {
                let (next, overflow) = product.multipliedReportingOverflow(by: size)
                if overflow { return nil }
                product = next
            }
            capacity = max(capacity, product)
        }
        return Buffer.Ring(count: count, capacity: capacity)
    }
}

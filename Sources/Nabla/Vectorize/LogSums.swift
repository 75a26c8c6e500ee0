extension LoopProgram {
    /// The program with each log-sum-exp over lanes as what it is made of: the largest exponent u, Σ e^(v − u), and u plus its logarithm.
    ///
    /// Where the same block needs e^(v − logsumexp v), as the derivative does, it is one of these exponentials over their sum (Blanchard,
    /// Higham and Higham, 2021, "Accurately computing the log-sum-exp and softmax functions"): they are kept.
    func splittingLogSums() -> LoopProgram {
        var splitter = LogSums(program: self)
        splitter.run()
        return splitter.program
    }
}

/// Replaces `begin`, one loop over lanes, `finish` by a maximum and a sum.
private struct LogSums {
    var program: LoopProgram
    private static let mostTerms = 32

    /// An exponential of a value less its log-sum-exp: where, and with which index.
    private struct Share {
        var block: BlockID
        var position: Int
        var index: IndexID
        var exponential: ExprID
    }

    mutating func run() {
        var pending = [(block: program.root, examples: Buffer.Examples.shared)]
        while let (block, examples) = pending.popLast() {
            var position = 0
            while position < program[block].statements.count {
                let statement = program[block].statements[position]
                if let found = program.laneReduction(in: block, at: position), isLogSum(found.accumulator),
                    let next = split(found, in: block, at: position, examples)
                {
                    position = next
                    continue
                }
                position += 1
                switch statement {
                case .contraction: break
                case .lanes(let lanes): if gathersLogarithms(lanes) { feedOneByOne(lanes, in: block, at: position - 1) }
                case .examples(let body): pending.append((body, .reused))
                default: pending += statement.blocks.map { ($0, examples) }
                }
            }
        }
    }

    private func isLogSum(_ id: AccumulatorID) -> Bool { program[id].kind == .value(.logSumExp) }

    private func gathersLogarithms(_ lanes: Lanes) -> Bool {
        program[lanes.body].statements.contains {
            guard case .accumulate(let id, _) = $0 else { return false }
            return isLogSum(id)
        }
    }

    /// Vectors know no log-sum-exp: where several loops feed one, numbers come one by one.
    private mutating func feedOneByOne(_ lanes: Lanes, in block: BlockID, at position: Int) {
        let loops = program.loops([lanes.dimension], program[lanes.body].statements, lanes.purpose)
        program[block].statements.replaceSubrange(position...position, with: loops)
    }

    // MARK: Maximum and sum

    /// Puts its parts in place of a log-sum-exp, and gives the position after them; nil where it is over the examples.
    private mutating func split(
        _ found: LaneReduction, in block: BlockID, at position: Int, _ examples: Buffer.Examples
    ) -> Int? {
        guard case .index(let index, let lower, let upper) = found.dimension else { return nil }
        let shares = shares(of: found, in: block, from: position + LaneReduction.length)
        let largest = makeAccumulator(.maximum, "largest", found)
        let sum = makeAccumulator(.sum, "sumOfExp", found)
        let shift = program.makeLocal("shift", .real)
        let (top, total) = (program.read(largest.result), program.read(sum.result))
        let less = difference(found.value, program.read(shift))
        var exponential = program.system.graph.makeCall(.standard(.exp), less)
        var stores: [LoopStatement] = []
        var factor: [LoopStatement] = []
        if !shares.isEmpty {
            let own = program.system.graph.makeIndex(like: index)
            let kept = program.makeQuantity(
                named: "exponentials", stageCount: 0, domains: [[Axis(index: own, lower: lower, upper: upper)]],
                examples: examples)
            let inverse = program.makeLocal("share", .real)
            let one = program.system.graph.makeNumber(1)
            factor = [.define(inverse, program.system.graph.makeQuotient(one, total))]
            stores = [.store(kept, element(index), exponential)]
            exponential = program.system.graph.makeAccess(kept, element(index))
            replace(shares, kept, program.read(inverse))
        }
        func loop(_ body: [LoopStatement]) -> LoopStatement { program.lanes(found.dimension, body, .reduction) }
        var statements: [LoopStatement] = [.begin(largest.id), loop([.accumulate(largest.id, found.value)])]
        statements += [.finish(largest.id), .define(shift, finite(top)), .begin(sum.id)]
        statements += [loop(stores + [.accumulate(sum.id, exponential)]), .finish(sum.id)]
        let logarithm = program.system.graph.makeCall(.standard(.log), total)
        let value = program.system.graph.makeSum(program.read(shift), logarithm)
        let result = program.makeLocal(program[found.result].name, .real)
        statements += [.define(result, value)] + factor
        program[block].statements.replaceSubrange(position..<position + LaneReduction.length, with: statements)
        program.replace(found.result, result, in: block, from: position + statements.count)
        return position + statements.count
    }

    private mutating func makeAccumulator(
        _ kind: ReductionKind, _ name: String, _ found: LaneReduction
    ) -> (id: AccumulatorID, result: LocalID) {
        var accumulator = program[found.accumulator]
        let result = program.makeLocal(name, .real)
        accumulator.kind = .value(kind)
        accumulator.result = result
        return (program.makeAccumulator(accumulator), result)
    }

    private mutating func difference(_ value: ExprID, _ other: ExprID) -> ExprID {
        let negated = program.system.graph.makeNegation(other)
        return program.system.graph.makeSum(value, negated)
    }

    /// What is subtracted: where the largest exponent is infinite, or no number, the sum itself is what there is to know.
    private mutating func finite(_ value: ExprID) -> ExprID {
        let zero = program.system.graph.makeNumber(0)
        let isFinite = program.system.graph.makeComparison(.equal, difference(value, value), zero)
        return program.system.graph.makeSelect(isFinite, then: value, otherwise: zero)
    }

    // MARK: The exponentials again

    /// The exponentials of values less their log-sum-exp in loops over the same lanes, as long as no value changes.
    private mutating func shares(of found: LaneReduction, in block: BlockID, from position: Int) -> [Share] {
        guard case .index(let old, let from, let to) = found.dimension, isOfSizes(program.system.graph[from]),
            isOfSizes(program.system.graph[to])
        else { return [] }
        var definitions: [LocalID: ExprID] = [:]
        for case .define(let local, let value) in program[block].statements {
            switch program.system.graph.form(of: value) {
            case .add, .negate: definitions[local] = value
            default: break
            }
        }
        let negative = program.system.graph.makeNegation(program.read(found.result))
        var shares: [Share] = []
        for statement in program[block].statements.dropFirst(position) {
            let written = Set(LoopAccesses(statement, program).writes.map(\.quantity))
            guard written.isDisjoint(with: found.reads) else { break }
            guard case .lanes(let lanes) = statement, case .index(let index, let lower, let upper) = lanes.dimension,
                lower == from, upper == to,
                let value = program.system.graph.substitute(found.value, [old: Affine(.index(index))]),
                let own = terms(of: value, definitions)
            else { continue }
            let wanted = (own + [negative]).sorted()
            for (place, inner) in program[lanes.body].statements.enumerated() {
                program.forEachExpression(of: inner) { root in
                    for id in program.system.graph.reachable(from: root) {
                        guard case .call(.standard(.exp), let arguments) = program.system.graph.form(of: id),
                            terms(of: arguments[0], definitions)?.sorted() == wanted
                        else { continue }
                        shares.append(Share(block: lanes.body, position: place, index: index, exponential: id))
                    }
                }
            }
        }
        return shares
    }

    /// What an expression is the sum of, locals that are sums or negatives looked into; nil where that is much: sums of sums may double each time.
    private func terms(of root: ExprID, _ definitions: [LocalID: ExprID]) -> [ExprID]? {
        var found: [ExprID] = []
        var pending = [root]
        while let id = pending.popLast() {
            if found.count + pending.count > Self.mostTerms { return nil }
            switch program.system.graph.form(of: id) {
            case .add(let terms): pending += terms
            case .argument(let local):
                if let value = definitions[LocalID(local)] { pending.append(value) } else { found.append(id) }
            default: found.append(id)
            }
        }
        return found
    }

    private func isOfSizes(_ affine: Affine) -> Bool {
        affine.terms.allSatisfy {
            switch $0.atom {
            case .index: false
            case .size: true
            case .stagedSize(_, let stage): isOfSizes(program.system.graph[stage])
            }
        }
    }

    private mutating func element(_ index: IndexID) -> [AffineID] {
        [program.system.graph.affine(Affine(.index(index)))]
    }

    private mutating func replace(_ shares: [Share], _ kept: QuantityID, _ factor: ExprID) {
        for share in shares {
            let access = program.system.graph.makeAccess(kept, element(share.index))
            let quotient = program.system.graph.makeProduct(access, factor)
            let statement = program[share.block].statements[share.position]
            program[share.block].statements[share.position] = program.replacing(
                [share.exponential: quotient], in: statement)
        }
    }
}

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

    private struct Found {
        var accumulator: AccumulatorID
        var index: IndexID
        var lower: AffineID
        var upper: AffineID
        /// What it is the log-sum-exp of.
        var value: ExprID
        var result: LocalID
    }

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
                if let found = logSum(in: block, at: position) {
                    position = split(found, in: block, at: position, examples)
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

    private func gathersLogarithms(_ lanes: Lanes) -> Bool {
        program[lanes.body].statements.contains {
            guard case .accumulate(let id, _) = $0 else { return false }
            return program[id].kind == .value(.logSumExp)
        }
    }

    /// Vectors know no log-sum-exp: where several loops feed one, numbers come one by one.
    private mutating func feedOneByOne(_ lanes: Lanes, in block: BlockID, at position: Int) {
        let loops = program.loops([lanes.dimension], program[lanes.body].statements, lanes.purpose)
        program[block].statements.replaceSubrange(position...position, with: loops)
    }

    private func logSum(in block: BlockID, at position: Int) -> Found? {
        let statements = program[block].statements
        guard position + 2 < statements.count, case .begin(let id) = statements[position],
            program[id].kind == .value(.logSumExp), let result = program[id].result,
            case .lanes(let lanes) = statements[position + 1], case .finish(id) = statements[position + 2],
            case .index(let index, let lower, let upper) = lanes.dimension,
            program[lanes.body].statements.count == 1,
            case .accumulate(id, let value) = program[lanes.body].statements[0]
        else { return nil }
        return Found(
            accumulator: id, index: index, lower: lower, upper: upper, value: value, result: result)
    }

    // MARK: Maximum and sum

    /// Puts its parts in place of a log-sum-exp, and gives the position after them.
    private mutating func split(
        _ found: Found, in block: BlockID, at position: Int, _ examples: Buffer.Examples
    ) -> Int {
        let shares = shares(of: found, in: block, from: position + 3)
        let largest = makeAccumulator(.maximum, "largest", found)
        let sum = makeAccumulator(.sum, "sumOfExp", found)
        let shift = program.makeLocal("shift", .real)
        let (top, total) = (program.read(largest.result), program.read(sum.result))
        let less = difference(found.value, program.read(shift))
        var exponential = program.system.graph.makeCall(.standard(.exp), less)
        var stores: [LoopStatement] = []
        var factor: [LoopStatement] = []
        if !shares.isEmpty {
            let kept = keep(found, examples)
            let inverse = program.makeLocal("share", .real)
            let one = program.system.graph.makeNumber(1)
            factor = [.define(inverse, program.system.graph.makeQuotient(one, total))]
            stores = [.store(kept, element(found.index), exponential)]
            exponential = program.system.graph.makeAccess(kept, element(found.index))
            replace(shares, kept, program.read(inverse))
        }
        var statements: [LoopStatement] = [.begin(largest.id), lanes(found, [.accumulate(largest.id, found.value)])]
        statements += [.finish(largest.id), .define(shift, finite(top)), .begin(sum.id)]
        statements += [lanes(found, stores + [.accumulate(sum.id, exponential)]), .finish(sum.id)]
        let logarithm = program.system.graph.makeCall(.standard(.log), total)
        let value = program.system.graph.makeSum(program.read(shift), logarithm)
        let result = program.makeLocal(program[found.result].name, .real)
        statements += [.define(result, value)] + factor
        program[block].statements.replaceSubrange(position..<position + 3, with: statements)
        program.replace(found.result, result, in: block, from: position + statements.count)
        return position + statements.count
    }

    private mutating func makeAccumulator(
        _ kind: ReductionKind, _ name: String, _ found: Found
    ) -> (id: AccumulatorID, result: LocalID) {
        var accumulator = program[found.accumulator]
        let result = program.makeLocal(name, .real)
        accumulator.kind = .value(kind)
        accumulator.result = result
        return (program.makeAccumulator(accumulator), result)
    }

    private mutating func lanes(_ found: Found, _ statements: [LoopStatement]) -> LoopStatement {
        let body = program.makeBlock()
        program[body].statements = statements
        let dimension = Dimension.index(found.index, lower: found.lower, upper: found.upper)
        return .lanes(Lanes(dimension: dimension, purpose: .reduction, body: body))
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
    private mutating func shares(of found: Found, in block: BlockID, from position: Int) -> [Share] {
        let axis = [found.lower, found.upper]
        guard axis.allSatisfy({ isOfSizes(program.system.graph[$0]) }) else { return [] }
        let values = Set(
            program.system.graph.reachable(from: found.value).compactMap { program.system.graph.quantity($0) })
        var definitions: [LocalID: ExprID] = [:]
        for case .define(let local, let value) in program[block].statements { definitions[local] = value }
        let negative = program.system.graph.makeNegation(program.read(found.result))
        var shares: [Share] = []
        for statement in program[block].statements.dropFirst(position) {
            let written = Set(LoopAccesses(statement, program).writes.map(\.quantity))
            guard written.isDisjoint(with: values) else { break }
            guard case .lanes(let lanes) = statement, case .index(let index, let lower, let upper) = lanes.dimension,
                [lower, upper] == axis,
                let value = program.system.graph.substitute(found.value, [found.index: Affine(.index(index))])
            else { continue }
            let wanted = (terms(of: value, definitions) + [negative]).sorted()
            for (place, inner) in program[lanes.body].statements.enumerated() {
                program.forEachExpression(of: inner) { root in
                    for id in program.system.graph.reachable(from: root) {
                        guard case .call(.standard(.exp), let arguments) = program.system.graph.form(of: id),
                            terms(of: arguments[0], definitions).sorted() == wanted
                        else { continue }
                        shares.append(Share(block: lanes.body, position: place, index: index, exponential: id))
                    }
                }
            }
        }
        return shares
    }

    /// What an expression is the sum of, locals that are sums or negatives looked into.
    private func terms(of root: ExprID, _ definitions: [LocalID: ExprID]) -> [ExprID] {
        var found: [ExprID] = []
        var pending = [root]
        while let id = pending.popLast() {
            switch program.system.graph.form(of: id) {
            case .add(let terms): pending += terms
            case .argument(let local):
                let value = definitions[LocalID(local)]
                switch value.map({ program.system.graph.form(of: $0) }) {
                case .add, .negate: pending += value.map { [$0] } ?? []
                default: found.append(id)
                }
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

    /// A row for the exponentials.
    private mutating func keep(_ found: Found, _ examples: Buffer.Examples) -> QuantityID {
        let index = program.system.graph.makeIndex(like: found.index)
        return program.makeQuantity(
            named: "exponentials", stageCount: 0,
            domains: [[Axis(index: index, lower: found.lower, upper: found.upper)]], examples: examples)
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

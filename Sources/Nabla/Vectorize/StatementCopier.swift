/// Makes copies of statements for other values of an index, with locals of their own, and with conditions decided that are known there.
struct StatementCopier {
    /// What stands in place of indices.
    var indices: [IndexID: Affine]
    /// The truth of comparisons that is known.
    var truths: [ExprID: Bool]
    private var locals: [LocalID: LocalID] = [:]
    private var accumulators: [AccumulatorID: AccumulatorID] = [:]

    init(indices: [IndexID: Affine], truths: [ExprID: Bool]) {
        self.indices = indices
        self.truths = truths
    }

    /// The copies; nil where a coefficient overflows, or an index is bound inside again. As deep as blocks nest.
    mutating func copy(_ statements: [LoopStatement], in program: inout LoopProgram) -> [LoopStatement]? {
        var result: [LoopStatement] = []
        for statement in statements {
            if case .conditional(let condition, let then, let otherwise) = statement {
                guard let condition = expression(condition, &program) else { return nil }
                if case .boolean(let value) = program.system.graph.form(of: condition) {
                    guard let block = value ? then : otherwise else { continue }
                    guard let inner = copy(program[block].statements, in: &program) else { return nil }
                    result += inner
                    continue
                }
                guard let first = block(then, &program) else { return nil }
                var second: BlockID?
                if let otherwise {
                    guard let copied = block(otherwise, &program) else { return nil }
                    second = copied
                }
                result.append(.conditional(condition, then: first, otherwise: second))
                continue
            }
            guard let copied = copy(statement, &program) else { return nil }
            result.append(copied)
        }
        return described(defined(result))
    }

    /// Without comments that nothing follows.
    private func described(_ statements: [LoopStatement]) -> [LoopStatement] {
        var result: [LoopStatement] = []
        for statement in statements {
            if case .comment = statement, case .comment = result.last { result.removeLast() }
            result.append(statement)
        }
        if case .comment = result.last { result.removeLast() }
        return result
    }

    /// Where a scalar is declared and then given its value in the same block, the value stands with it.
    private func defined(_ statements: [LoopStatement]) -> [LoopStatement] {
        var assigned: Set<LocalID> = []
        for statement in statements { if case .assign(let local, _) = statement { assigned.insert(local) } }
        var declared: Set<LocalID> = []
        var result: [LoopStatement] = []
        for statement in statements {
            switch statement {
            case .declare(let local) where assigned.contains(local): declared.insert(local)
            case .assign(let local, let value) where declared.contains(local): result.append(.define(local, value))
            default: result.append(statement)
            }
        }
        return result
    }

    private mutating func copy(_ statement: LoopStatement, _ program: inout LoopProgram) -> LoopStatement? {
        switch statement {
        case .comment, .clear: return statement
        case .loop(var loop):
            guard indices[loop.index] == nil, let body = block(loop.body, &program),
                let lower = bound(loop.lower, &program), let upper = bound(loop.upper, &program)
            else { return nil }
            if let solution = loop.solution {
                guard let term = term(solution, &program) else { return nil }
                loop.solution = term
            }
            (loop.lower, loop.upper, loop.body) = (lower, upper, body)
            return .loop(loop)
        case .examples(let inner): return block(inner, &program).map { .examples($0) }
        case .define(let local, let value):
            guard let value = expression(value, &program) else { return nil }
            return .define(own(local, &program), value)
        case .declare(let local): return .declare(own(local, &program))
        case .assign(let local, let value):
            guard let value = expression(value, &program) else { return nil }
            return .assign(own(local, &program), value)
        case .begin(let id): return .begin(own(id, &program))
        case .accumulate(let id, let value):
            guard let value = expression(value, &program) else { return nil }
            return .accumulate(accumulators[id] ?? id, value)
        case .finish(let id): return .finish(accumulators[id] ?? id)
        case .store(let quantity, let places, let value):
            guard let places = self.places(places, &program), let value = expression(value, &program) else {
                return nil
            }
            return .store(quantity, places, value)
        case .add(let quantity, let places, let value):
            guard let places = self.places(places, &program), let value = expression(value, &program) else {
                return nil
            }
            return .add(quantity, places, value)
        case .lanes(var lanes):
            if case .index(let index, let lower, let upper) = lanes.dimension {
                guard indices[index] == nil, let low = program.system.graph.substitute(lower, indices),
                    let high = program.system.graph.substitute(upper, indices)
                else { return nil }
                lanes.dimension = .index(index, lower: low, upper: high)
            }
            guard let body = block(lanes.body, &program) else { return nil }
            lanes.body = body
            return .lanes(lanes)
        case .conditional, .exampleBlocks, .contraction: return nil
        }
    }

    private mutating func block(_ id: BlockID, _ program: inout LoopProgram) -> BlockID? {
        guard let statements = copy(program[id].statements, in: &program) else { return nil }
        let copied = program.makeBlock()
        program[copied].statements = statements
        return copied
    }

    private mutating func own(_ local: LocalID, _ program: inout LoopProgram) -> LocalID {
        if let known = locals[local] { return known }
        let copied = program.makeLocal(program[local].name, program[local].kind)
        locals[local] = copied
        return copied
    }

    private mutating func own(_ id: AccumulatorID, _ program: inout LoopProgram) -> AccumulatorID {
        if let known = accumulators[id] { return known }
        var accumulator = program[id]
        accumulator.result = accumulator.result.map { own($0, &program) }
        accumulator.positions = accumulator.positions.map { own($0, &program) }
        let copied = program.makeAccumulator(accumulator)
        accumulators[id] = copied
        return copied
    }

    private func places(_ places: [AffineID], _ program: inout LoopProgram) -> [AffineID]? {
        let copied = places.compactMap { program.system.graph.substitute($0, indices) }
        return copied.count == places.count ? copied : nil
    }

    private func term(_ term: LoopBound.Term, _ program: inout LoopProgram) -> LoopBound.Term? {
        program.system.graph.substitute(term.affine, indices).map { LoopBound.Term($0, over: term.divisor) }
    }

    private func bound(_ bound: LoopBound, _ program: inout LoopProgram) -> LoopBound? {
        let terms = bound.terms.compactMap { term($0, &program) }
        return terms.count == bound.terms.count ? LoopBound(bound.choice, terms) : nil
    }

    private func expression(_ root: ExprID, _ program: inout LoopProgram) -> ExprID? {
        let new = program.system.graph.rewrite(
            root, replace: { graph, id in truths[id].map { graph.makeBoolean($0) } },
            transform: { graph, id, children in decided(&graph, graph.rebuilding(id, children)) })
        return program.system.graph.substitute(new, indices)
    }

    /// A node whose children may be known conditions.
    private func decided(_ graph: inout ExprGraph, _ id: ExprID) -> ExprID {
        switch graph.form(of: id) {
        case .argument(let position): return locals[LocalID(position)].map { graph.makeArgument(Int($0.raw)) } ?? id
        case .not(let operand): return graph.boolean(operand).map { graph.makeBoolean(!$0) } ?? id
        case .and(let operands):
            if operands.contains(where: { graph.boolean($0) == false }) { return graph.makeBoolean(false) }
            let rest = operands.filter { graph.boolean($0) == nil }
            return rest.isEmpty ? graph.makeBoolean(true) : rest.count == 1 ? rest[0] : graph.makeAnd(rest)
        case .or(let operands):
            if operands.contains(where: { graph.boolean($0) == true }) { return graph.makeBoolean(true) }
            let rest = operands.filter { graph.boolean($0) == nil }
            return rest.isEmpty ? graph.makeBoolean(false) : rest.count == 1 ? rest[0] : graph.makeOr(rest)
        case .select(let condition, let then, let otherwise):
            return graph.boolean(condition).map { $0 ? then : otherwise } ?? id
        default: return id
        }
    }
}

extension ExprGraph {
    /// The value of a condition that is a constant.
    fileprivate func boolean(_ id: ExprID) -> Bool? {
        if case .boolean(let value) = form(of: id) { return value }
        return nil
    }
}

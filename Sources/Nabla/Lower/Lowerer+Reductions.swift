extension Lowerer {
    /// Computes a reduction in the innermost block; gives the local that holds it.
    mutating func reduce(_ id: ExprID) throws -> ExprID {
        guard case .reduce(let kind, let binders, let body) = graph.form(of: id) else { return id }
        let plan = plan(kind, binders, body)
        let result = program.makeLocal(ReductionNames.name(of: kind), .real)
        let isNeverEmpty = binders.allSatisfy { self.isNeverEmpty($0, nest.ranges) }
        let accumulator = program.makeAccumulator(
            Accumulator(
                kind: .value(kind), indices: plan.loops.map(\.index), result: result, isNeverEmpty: isNeverEmpty,
                equation: currentEquation))
        try run(plan, accumulator)
        return program.read(result)
    }

    /// The condition that a place is the first one of the largest or smallest value.
    mutating func locate(_ id: ExprID) throws -> ExprID {
        guard case .extremum(let kind, let binders, let body, let targets) = graph.form(of: id) else { return id }
        // The search does not depend on the target: other targets share it, further out where possible.
        let search = graph.makeSearch(kind, binders, body)
        let home = home(of: search, isReduction: true)
        var found: [LocalID] = []
        if let known = positions[search], isVisible(known.frame, known.frameID) {
            found = known.locals
        } else {
            found = try within(home) { try $0.search(search, kind, binders, body) }
        }
        var conditions: [ExprID] = []
        for (position, target) in zip(found, targets) {
            let place = program.read(position)
            let wanted = graph.makeInteger(target)
            conditions.append(graph.makeComparison(.equal, place, wanted))
        }
        return conditions.count == 1 ? conditions[0] : graph.makeAnd(conditions)
    }

    private mutating func search(
        _ id: ExprID, _ kind: ReductionKind, _ binders: [Binder], _ body: ExprID
    ) throws -> [LocalID] {
        let places = binders.map { program.makeLocal(graph.name(of: $0.index), .integer) }
        let isNeverEmpty = binders.allSatisfy { self.isNeverEmpty($0, nest.ranges) }
        let accumulator = program.makeAccumulator(
            Accumulator(
                kind: .position(kind), indices: binders.map(\.index), positions: places, isNeverEmpty: isNeverEmpty,
                equation: currentEquation))
        try run(ReductionPlan(binders, body), accumulator)
        let frame = frames.count - 1
        positions[id] = FoundPositions(locals: places, frame: frame, frameID: frames[frame].id)
        return places
    }

    /// Makes a reduction's loops and conditions, from its begin to its finish.
    private mutating func run(_ plan: ReductionPlan, _ accumulator: AccumulatorID) throws {
        let here = frames.count - 1
        let isBare = plan.loops.isEmpty && plan.outerConditions.isEmpty && plan.innerConditions.isEmpty
        if isBare { append(.begin(accumulator)) }
        let outer = try openCondition(plan.outerConditions)
        for loop in plan.loops {
            openLoop(
                Loop(
                    index: loop.index, lower: loop.lower, upper: loop.upper, isReversed: false, purpose: .reduction,
                    body: program.makeBlock(), solution: loop.solution), isNeverEmpty: isNeverEmpty(loop))
        }
        let inner = try openCondition(plan.innerConditions)
        let value = try evaluate([plan.body])[0]
        append(.accumulate(accumulator, value))
        // What the body needs from outside stands before the reduction begins.
        func close(_ body: (inout Lowerer) -> Void) {
            if frames.count == here + 2 { append(.begin(accumulator), to: here) }
            body(&self)
        }
        if let inner { close { $0.closeCondition(inner) } }
        for _ in plan.loops { close { $0.closeFrame() } }
        if let outer { close { $0.closeCondition(outer) } }
        append(.finish(accumulator))
    }

    private mutating func openCondition(_ conditions: [ExprID]) throws -> ExprID? {
        guard !conditions.isEmpty else { return nil }
        let condition = conditions.count == 1 ? conditions[0] : graph.makeAnd(conditions)
        let tested = try evaluate([condition])[0]
        openBranch()
        return tested
    }

    private mutating func closeCondition(_ condition: ExprID) {
        guard let block = closeFrame() else { return }
        if !program[block].statements.isEmpty { append(.conditional(condition, then: block, otherwise: nil)) }
    }

    private mutating func isNeverEmpty(_ loop: PlannedLoop) -> Bool {
        guard let lower = loop.lower.asAffine, let upper = loop.upper.asAffine else { return false }
        return isNeverEmpty(Binder(index: loop.index, lower: lower, upper: upper), nest.ranges)
    }
}

/// What the locals that hold reductions are called.
enum ReductionNames {
    static func name(of kind: ReductionKind) -> String {
        switch kind {
        case .sum: "sum"
        case .product: "product"
        case .mean: "mean"
        case .maximum: "largest"
        case .minimum: "smallest"
        case .logSumExp: "logSumExp"
        }
    }
}

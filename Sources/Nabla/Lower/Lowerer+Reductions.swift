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
        append(.begin(accumulator))
        try run(plan) { lowerer in
            let value = try lowerer.evaluate([plan.body])[0]
            lowerer.append(.accumulate(accumulator, value))
        }
        append(.finish(accumulator))
        return program.read(result)
    }

    /// The condition that a place is the first one of the largest or smallest value.
    mutating func locate(_ id: ExprID) throws -> ExprID {
        guard case .extremum(let kind, let binders, let body, let targets) = graph.form(of: id) else { return id }
        // The search does not depend on the target: other targets share it, further out where possible.
        let search = graph.makeExtremum(kind, binders, body, targets: binders.map(\.lower))
        let home = home(of: search, isReduction: true)
        if value(of: search) == nil || positions[search] == nil {
            try within(home) { try $0.search(search, kind, binders, body) }
        }
        let found = positions[search] ?? []
        var conditions: [ExprID] = []
        for (position, target) in zip(found, targets) {
            let place = program.read(position)
            let wanted = graph.makeInteger(target)
            conditions.append(graph.makeComparison(.equal, place, wanted))
        }
        return conditions.count == 1 ? conditions[0] : graph.makeAnd(conditions)
    }

    private mutating func search(_ id: ExprID, _ kind: ReductionKind, _ binders: [Binder], _ body: ExprID) throws {
        let places = binders.map { program.makeLocal(graph.name(of: $0.index), .integer) }
        let isNeverEmpty = binders.allSatisfy { self.isNeverEmpty($0, nest.ranges) }
        let accumulator = program.makeAccumulator(
            Accumulator(
                kind: .position(kind), indices: binders.map(\.index), positions: places, isNeverEmpty: isNeverEmpty,
                equation: currentEquation))
        append(.begin(accumulator))
        try run(ReductionPlan(binders, body)) { lowerer in
            let value = try lowerer.evaluate([body])[0]
            lowerer.append(.accumulate(accumulator, value))
        }
        append(.finish(accumulator))
        positions[id] = places
        if let first = places.first { remember(id, program.read(first), in: frames.count - 1) }
    }

    /// Makes a reduction's loops and conditions, and runs `body` in the innermost block.
    private mutating func run(_ plan: ReductionPlan, _ body: (inout Lowerer) throws -> Void) throws {
        let outer = try openCondition(plan.outerConditions)
        for loop in plan.loops {
            openLoop(
                Loop(
                    index: loop.index, lower: loop.lower, upper: loop.upper, isReversed: false, purpose: .reduction,
                    body: program.makeBlock(), solution: loop.solution), isNeverEmpty: isNeverEmpty(loop))
        }
        let inner = try openCondition(plan.innerConditions)
        try body(&self)
        closeCondition(inner)
        for _ in plan.loops { closeFrame() }
        closeCondition(outer)
    }

    private mutating func openCondition(_ conditions: [ExprID]) throws -> ExprID? {
        guard !conditions.isEmpty else { return nil }
        let condition = conditions.count == 1 ? conditions[0] : graph.makeAnd(conditions)
        let tested = try evaluate([condition])[0]
        openBranch()
        return tested
    }

    private mutating func closeCondition(_ condition: ExprID?) {
        guard let condition, let block = closeFrame() else { return }
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

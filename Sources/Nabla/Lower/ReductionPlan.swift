/// One loop of a reduction.
struct PlannedLoop {
    var index: IndexID
    var lower: LoopBound
    var upper: LoopBound
    var solution: LoopBound.Term?
}

/// How a reduction runs: under which conditions, over which indices, and what it gathers.
struct ReductionPlan {
    var loops: [PlannedLoop]
    /// Conditions that do not depend on the loops: tested before them.
    var outerConditions: [ExprID] = []
    /// Conditions under which a round counts.
    var innerConditions: [ExprID] = []
    var body: ExprID

    init(loops: [PlannedLoop], body: ExprID) {
        self.loops = loops
        self.body = body
    }

    /// Every value of every index.
    init(_ binders: [Binder], _ body: ExprID) {
        loops = binders.map {
            PlannedLoop(
                index: $0.index, lower: LoopBound($0.lower), upper: LoopBound($0.upper, choice: .smallest))
        }
        self.body = body
    }
}

/// What restricts the rounds of a sum or a product: inequalities and equations between its indices and outer ones.
private struct Constraints {
    /// At least 0.
    var nonNegative: [Affine] = []
    /// Equal to 0.
    var zero: [Affine] = []
    /// Other conditions, in their order.
    var others: [ExprID] = []
    var body: ExprID
}

extension Lowerer {
    /// Turns conditions on a sum's indices into bounds of its loops, and solves equations for an index, so that nothing is
    /// tried that a condition excludes: `sum(i, p: (2*i+p == u ? e : 0))` is a loop over i alone.
    mutating func plan(_ kind: ReductionKind, _ binders: [Binder], _ body: ExprID) -> ReductionPlan {
        let plain = ReductionPlan(binders, body)
        guard kind == .sum || kind == .product, var constraints = constraints(kind, body) else { return plain }
        for binder in binders {
            let index = Affine(.index(binder.index))
            guard let low = index.adding(graph[binder.lower], times: -1),
                let high = graph[binder.upper].adding(index, times: -1)?.offset(by: -1)
            else { return plain }
            constraints.nonNegative.append(low)
            constraints.nonNegative.append(high)
        }
        let indices = binders.map(\.index)
        if !constraints.zero.isEmpty, let solved = solving(constraints, indices),
            let plan = loops(solved.constraints, solved.indices)
        {
            return plan
        }
        return loops(constraints, indices) ?? plain
    }

    // MARK: Taking conditions out of the body

    /// Nil where the body has no condition with the neutral element in its other branch.
    private mutating func constraints(_ kind: ReductionKind, _ body: ExprID) -> Constraints? {
        var constraints = Constraints(body: body)
        var isFound = false
        while let (condition, rest) = peel(kind, constraints.body) {
            isFound = true
            constraints.body = rest
            var parts = [condition]
            if case .and(let operands) = graph.form(of: condition) { parts = operands }
            for part in parts { add(part, to: &constraints) }
        }
        return isFound ? constraints : nil
    }

    /// A body that is neutral unless a condition holds: the condition, and what it is then.
    private mutating func peel(_ kind: ReductionKind, _ body: ExprID) -> (ExprID, ExprID)? {
        func isNeutral(_ id: ExprID) -> Bool {
            guard let value = graph.number(id) else { return false }
            return kind == .sum ? value.isZero : value.isOne
        }
        switch graph.form(of: body) {
        case .select(let condition, let then, let otherwise):
            if isNeutral(otherwise) { return (condition, then) }
            if isNeutral(then) { return (negation(condition), otherwise) }
            return nil
        case .multiply(let factors) where kind == .sum:
            for (position, factor) in factors.enumerated() {
                guard case .select = graph.form(of: factor), let (condition, rest) = peel(kind, factor) else {
                    continue
                }
                var others = factors
                others[position] = rest
                return (condition, graph.makeProduct(others))
            }
            return nil
        case .negate(let operand) where kind == .sum:
            guard case .select = graph.form(of: operand), let (condition, rest) = peel(kind, operand) else {
                return nil
            }
            return (condition, graph.makeNegation(rest))
        default: return nil
        }
    }

    private mutating func negation(_ condition: ExprID) -> ExprID {
        // Only integers: the opposite of a < b is not a >= b where one is a NaN.
        if case .compare(let comparison, let left, let right) = graph.form(of: condition),
            graph.affineValue(left) != nil, graph.affineValue(right) != nil
        {
            return graph.makeComparison(comparison.opposite, left, right)
        }
        if case .not(let operand) = graph.form(of: condition) { return operand }
        return graph.makeNot(condition)
    }

    private func add(_ condition: ExprID, to constraints: inout Constraints) {
        guard case .compare(let comparison, let left, let right) = graph.form(of: condition),
            let first = graph.affineValue(left), let second = graph.affineValue(right),
            let difference = second.adding(first, times: -1), let opposite = difference.scaled(by: -1)
        else {
            constraints.others.append(condition)
            return
        }
        switch comparison {
        case .lessOrEqual: constraints.nonNegative.append(difference)
        case .greaterOrEqual: constraints.nonNegative.append(opposite)
        case .equal: constraints.zero.append(difference)
        case .less:
            if let strict = difference.offset(by: -1) { return constraints.nonNegative.append(strict) }
            constraints.others.append(condition)
        case .greater:
            if let strict = opposite.offset(by: -1) { return constraints.nonNegative.append(strict) }
            constraints.others.append(condition)
        case .notEqual: constraints.others.append(condition)
        }
    }

    // MARK: Equations

    /// Solves equations for indices with coefficient ±1, as far as there are any.
    private mutating func solving(
        _ start: Constraints, _ all: [IndexID]
    ) -> (constraints: Constraints, indices: [IndexID])? {
        var constraints = start
        var indices = all
        var position = 0
        while position < constraints.zero.count {
            let equation = constraints.zero[position]
            guard let index = indices.last(where: { isSolvable(equation, for: $0) }) else {
                position += 1
                continue
            }
            let sign = equation.coefficient(of: index)
            guard let solution = equation.removing(.index(index)).scaled(by: -sign),
                let next = substituting([index: solution], in: constraints, without: position)
            else { return nil }
            constraints = next
            indices.removeAll { $0 == index }
        }
        return (constraints, indices)
    }

    private func isSolvable(_ equation: Affine, for index: IndexID) -> Bool {
        let coefficient = equation.coefficient(of: index)
        return (coefficient == 1 || coefficient == -1) && !graph.depends(equation.removing(.index(index)), on: index)
    }

    private mutating func substituting(
        _ map: [IndexID: Affine], in constraints: Constraints, without position: Int
    ) -> Constraints? {
        var result = constraints
        result.zero.remove(at: position)
        for place in result.zero.indices {
            guard let new = graph.substitute(graph.affine(result.zero[place]), map) else { return nil }
            result.zero[place] = graph[new]
        }
        for place in result.nonNegative.indices {
            guard let new = graph.substitute(graph.affine(result.nonNegative[place]), map) else { return nil }
            result.nonNegative[place] = graph[new]
        }
        for place in result.others.indices {
            guard let new = graph.substitute(result.others[place], map) else { return nil }
            result.others[place] = new
        }
        guard let body = graph.substitute(result.body, map) else { return nil }
        result.body = body
        return result
    }

    // MARK: Bounds

    /// Loops over the indices with all constraints as bounds or conditions; nil where an index would have no bound.
    private mutating func loops(_ constraints: Constraints, _ indices: [IndexID]) -> ReductionPlan? {
        var lower: [[LoopBound.Term]] = Array(repeating: [], count: indices.count)
        var upper: [[LoopBound.Term]] = Array(repeating: [], count: indices.count)
        var solutions: [LoopBound.Term?] = Array(repeating: nil, count: indices.count)
        var plan = ReductionPlan(loops: [], body: constraints.body)
        for constraint in constraints.nonNegative {
            guard let place = innermost(constraint, indices) else {
                let scope = nest.ranges.scope(of: [graph.affine(constraint)], &free, graph)
                if !system.isNonNegative(constraint, in: scope) {
                    plan.outerConditions.append(comparison(.greaterOrEqual, constraint))
                }
                continue
            }
            let coefficient = constraint.coefficient(of: indices[place])
            let rest = constraint.removing(.index(indices[place]))
            if coefficient == 0 || coefficient == Int.min || graph.depends(rest, on: indices[place]) {
                plan.innerConditions.append(comparison(.greaterOrEqual, constraint))
            } else if coefficient > 0 {
                guard let bound = rest.scaled(by: -1) else { return nil }
                lower[place].append(LoopBound.Term(graph.affine(bound), over: coefficient))
            } else {
                guard let bound = rest.offset(by: 1) else { return nil }
                upper[place].append(LoopBound.Term(graph.affine(bound), over: -coefficient))
            }
        }
        for equation in constraints.zero {
            guard let place = innermost(equation, indices) else {
                plan.outerConditions.append(comparison(.equal, equation))
                continue
            }
            let coefficient = equation.coefficient(of: indices[place])
            let rest = equation.removing(.index(indices[place]))
            guard coefficient != 0, coefficient != Int.min, solutions[place] == nil,
                !graph.depends(rest, on: indices[place]), let value = rest.scaled(by: coefficient > 0 ? -1 : 1),
                let next = value.offset(by: 1)
            else {
                plan.innerConditions.append(comparison(.equal, equation))
                continue
            }
            let divisor = Int(coefficient.magnitude)
            let solution = LoopBound.Term(graph.affine(value), over: divisor)
            solutions[place] = solution
            lower[place].append(solution)
            upper[place].append(LoopBound.Term(graph.affine(next), over: divisor))
        }
        for (place, index) in indices.enumerated() {
            guard !lower[place].isEmpty, !upper[place].isEmpty else { return nil }
            let keepAll = solutions[place] != nil
            plan.loops.append(
                PlannedLoop(
                    index: index, lower: LoopBound(.largest, keepAll ? lower[place] : tightest(lower[place], .largest)),
                    upper: LoopBound(.smallest, keepAll ? upper[place] : tightest(upper[place], .smallest)),
                    solution: solutions[place]))
        }
        plan.innerConditions.append(contentsOf: constraints.others)
        return plan
    }

    /// The innermost of some indices that an affine expression mentions.
    private func innermost(_ affine: Affine, _ indices: [IndexID]) -> Int? {
        indices.lastIndex { graph.depends(affine, on: $0) }
    }

    private mutating func comparison(_ comparison: Comparison, _ affine: Affine) -> ExprID {
        let left = graph.makeInteger(graph.affine(affine))
        let zero = graph.makeNumber(0)
        return graph.makeComparison(comparison, left, zero)
    }

    /// Leaves out terms that another one certainly makes superfluous.
    private mutating func tightest(_ terms: [LoopBound.Term], _ choice: LoopBound.Choice) -> [LoopBound.Term] {
        var kept: [LoopBound.Term] = []
        for term in terms where !kept.contains(term) {
            if kept.contains(where: { isTighter($0, term, choice) }) { continue }
            kept.removeAll { isTighter(term, $0, choice) }
            kept.append(term)
        }
        return kept
    }

    private mutating func isTighter(_ one: LoopBound.Term, _ other: LoopBound.Term, _ choice: LoopBound.Choice) -> Bool
    {
        guard one.divisor == other.divisor else {
            // A bound at 0, the most frequent one, against a quotient: ⌈a / d⌉ >= 0 where a >= 0.
            guard choice == .largest, other.divisor == 1, graph[other.affine].asConstant == 0 else { return false }
            let scope = nest.ranges.scope(of: [one.affine], &free, graph)
            return system.isNonNegative(graph[one.affine], in: scope)
        }
        let scope = nest.ranges.scope(of: [one.affine, other.affine], &free, graph)
        return choice == .largest
            ? system.isLessOrEqual(graph[other.affine], graph[one.affine], in: scope)
            : system.isLessOrEqual(graph[one.affine], graph[other.affine], in: scope)
    }
}

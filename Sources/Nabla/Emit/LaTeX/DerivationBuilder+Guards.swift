// Under which conditions a path exists.

extension DerivationBuilder {
    /// The conditions of a path, without those that hold wherever the step does; nil where none is left.
    mutating func guards(of contribution: Contribution, _ step: AdjointStep) -> ExprID? {
        var scope = Scope(step.axes)
        for binder in contribution.binders { scope.enter(binder) }
        let open = contribution.guards.filter { !isCertain($0, in: scope) }
        if open.isEmpty { return nil }
        return open.count == 1 ? open[0] : formulas.system.graph.makeAnd(open)
    }

    /// Whether a path never exists.
    func isImpossible(_ contribution: Contribution, _ step: AdjointStep) -> Bool {
        var scope = Scope(step.axes)
        for binder in contribution.binders { scope.enter(binder) }
        return contribution.guards.contains { condition in
            guard case .compare(let comparison, let left, let right) = system.graph.form(of: condition) else {
                return false
            }
            return holds(comparison.opposite, left, right, in: scope)
        }
    }

    func isCost(_ contribution: Contribution, _ step: AdjointStep) -> Bool {
        guard let derivative = system[step.adjoint].derivative,
            case .access(let cost, _) = system.graph.form(of: derivative.of)
        else { return false }
        return cost == contribution.through && system.graph.number(contribution.adjoint)?.isOne == true
    }

    /// Whether a guard holds wherever the step does, so that it need not be shown.
    func isCertain(_ condition: ExprID, in scope: Scope) -> Bool {
        guard case .compare(let comparison, let left, let right) = system.graph.form(of: condition) else {
            return false
        }
        return holds(comparison, left, right, in: scope)
    }

    /// Whether a comparison of indices holds for all of their values.
    private func holds(_ comparison: Comparison, _ left: ExprID, _ right: ExprID, in scope: Scope) -> Bool {
        guard let first = affine(left), let second = affine(right) else { return false }
        return switch comparison {
        case .less: system.isLess(first, second, in: scope)
        case .lessOrEqual: system.isLessOrEqual(first, second, in: scope)
        case .greater: system.isLess(second, first, in: scope)
        case .greaterOrEqual: system.isLessOrEqual(second, first, in: scope)
        case .equal: system.isEqual(first, second)
        case .notEqual: system.isLess(first, second, in: scope) || system.isLess(second, first, in: scope)
        }
    }

    func affine(_ id: ExprID) -> Affine? {
        if case .integer(let affine) = system.graph.form(of: id) { return system.graph[affine] }
        return system.graph.number(id)?.asInt.map { Affine($0) }
    }
}

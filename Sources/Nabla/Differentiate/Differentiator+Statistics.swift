// Costs that take several statistics of the examples, `mu[j] = mean(examples: z[j])`, and are not linear in them.
//
// What each element depends on is derived by itself: ∂C/∂w = Σ_j ∂C/∂mu_j · mean over the examples of ∂z_j/∂w, so that no mean
// over the examples stands in another. The family of ∂z_j/∂w is derived for one j, a letter, which then becomes an index of each adjoint.
extension Differentiator {
    /// The indices of an adjoint: the quantity's own and the cost's, stages first.
    static func joined<Element>(
        _ own: [Element], _ ownStages: Int, _ cost: [Element], _ costStages: Int
    ) -> [Element] {
        Array(own.prefix(ownStages)) + cost.prefix(costStages) + own.dropFirst(ownStages) + cost.dropFirst(costStages)
    }

    /// An indexed reduction over the examples: what it reduces, with the indices of the equation and of the reductions around.
    ///
    /// - Throws: ``DerivationError`` where the range of a stage depends on an element index.
    mutating func indexedGroup(_ reduction: Reduction, _ factor: ExprID, _ cost: QuantityID) throws -> Group {
        var binders: [Binder] = []
        if let position = reduction.equation {
            for axis in simplifier.system.equations[position].axes where !axis.isPoint {
                binders.append(Binder(index: axis.index, lower: axis.lower, upper: axis.upper))
            }
        }
        for frame in reduction.frames {
            if case .binders(let more) = frame { binders += more }
        }
        let isStage: (Binder) -> Bool = { [graph = simplifier.system.graph] in graph.kind(of: $0.index).isStage }
        binders = binders.filter(isStage) + binders.filter { !isStage($0) }
        for (position, binder) in binders.enumerated() {
            for later in binders[position...] {
                if simplifier.system.graph.depends(binder.lower, on: later.index)
                    || simplifier.system.graph.depends(binder.upper, on: later.index)
                {
                    throw DerivationError(
                        "the derivative of '\(simplifier.system[cost].name)' needs a stage whose range depends on an element",
                        range: simplifier.system[cost].range)
                }
            }
        }
        // The part of the cost that one example has, an element for each statistic.
        let (own, ownMap) = copies(of: binders, [:])
        let name = freeName("\(simplifier.system[cost].name)_example")
        let stageCount = binders.filter(isStage).count
        var quantity = Quantity(name: name, role: .computed, stageCount: stageCount, domains: [own])
        quantity.dependsOnExamples = true
        quantity.documentation = "What one example adds."
        let id = QuantityID(simplifier.system.quantities.count)
        simplifier.system.quantities.append(quantity)
        let moved = simplifier.system.graph.substitute(reduction.body, ownMap) ?? reduction.body
        let normal = simplifier.simplify(moved)
        newEquations.append(simplifier.system.equations.count)
        simplifier.system.equations.append(Equation(quantity: id, axes: own, body: normal))
        // The letters that the family is derived for.
        let (axes, map) = copies(of: binders, [:])
        let letters = axes.map { simplifier.system.graph.affine(Affine(.index($0.index))) }
        let access = simplifier.system.graph.makeAccess(id, letters)
        let body = simplifier.system.graph.substitute(reduction.body, map) ?? reduction.body
        let instance = simplifier.simplify(body)
        let root = simplifier.system.graph.opening(instance)
        let movedFactor = simplifier.system.graph.substitute(factor, map) ?? factor
        return Group(
            kind: reduction.kind, factor: simplifier.simplify(movedFactor), cost: access, label: name, root: root,
            equation: nil, axes: axes, stageCount: stageCount)
    }

    /// Axes with fresh indices for what binders bind, and how to get there.
    private mutating func copies(
        of binders: [Binder], _ start: [IndexID: Affine]
    ) -> (axes: [Axis], map: [IndexID: Affine]) {
        var map = start
        var axes: [Axis] = []
        for binder in binders {
            let index = simplifier.system.graph.makeIndex(like: binder.index)
            let axis = Axis(
                index: index,
                lower: simplifier.system.graph.substitute(binder.lower, map) ?? binder.lower,
                upper: simplifier.system.graph.substitute(binder.upper, map) ?? binder.upper)
            map[binder.index] = Affine(.index(index))
            simplifier.declare([axis])
            axes.append(axis)
        }
        return (axes, map)
    }

    private mutating func copies(of axes: [Axis]) -> (axes: [Axis], map: [IndexID: Affine]) {
        copies(of: axes.map { Binder(index: $0.index, lower: $0.lower, upper: $0.upper) }, [:])
    }

    /// What an adjoint is a derivative of: the cost's element, with indices that the adjoint's first equation binds.
    mutating func ownCost(of adjoint: QuantityID, _ family: inout Family) -> ExprID {
        if family.axes.isEmpty { return family.cost }
        let (axes, map) = copies(of: family.axes)
        family.ownAxes[adjoint] = axes
        return simplifier.system.graph.substitute(family.cost, map) ?? family.cost
    }

    /// Makes the letters of the cost's element indices of an adjoint's equation.
    mutating func addAxes(of family: Family, to equation: inout Equation, _ step: inout AdjointStep) {
        var (axes, map) = copies(of: family.axes)
        if simplifier.system[equation.quantity].domains.isEmpty, let own = family.ownAxes[equation.quantity] {
            axes = own
            for (letter, axis) in zip(family.axes, own) { map[letter.index] = Affine(.index(axis.index)) }
        }
        let ownStages = simplifier.system[equation.quantity].stageCount - family.stageCount
        equation.axes = Differentiator.joined(equation.axes, ownStages, axes, family.stageCount)
        func moved(_ id: ExprID) -> ExprID { simplifier.system.graph.substitute(id, map) ?? id }
        equation.body = moved(equation.body)
        step.axes = equation.axes
        step.raw = moved(step.raw)
        step.result = equation.body
        for position in step.contributions.indices {
            var contribution = step.contributions[position]
            contribution.indices = contribution.indices.map { simplifier.system.graph.substitute($0, map) ?? $0 }
            contribution.binders = contribution.binders.map { simplifier.system.graph.substitute($0, map) }
            contribution.guards = contribution.guards.map(moved)
            contribution.local = moved(contribution.local)
            contribution.localResult = moved(contribution.localResult)
            contribution.adjoint = moved(contribution.adjoint)
            step.contributions[position] = contribution
        }
    }

    /// ∂C/∂R · mean over the examples of the derivative of one example's cost; for data, this example's share of it.
    mutating func cross(
        _ crossing: Crossing, _ quantity: QuantityID, _ indices: [AffineID]
    ) -> (Contribution, ExprID) {
        if !crossing.family.axes.isEmpty { return crossIndexed(crossing, quantity, indices) }
        let inner = adjoint(of: quantity, indices, crossing.family)
        var term = shared(inner, of: quantity, crossing.kind)
        if simplifier.system.graph.number(crossing.factor)?.isOne != true {
            term = simplifier.system.graph.makeProduct([crossing.factor, term])
        }
        let contribution = Contribution(
            through: crossing.through, indices: [], binders: [], guards: [], local: crossing.factor,
            localResult: crossing.factor, adjoint: inner, overExamples: crossing.kind)
        return (contribution, term)
    }

    /// What the derivative of one example's cost adds: its sum or mean over the examples; for data, this example's share of it.
    private mutating func shared(_ inner: ExprID, of quantity: QuantityID, _ kind: ReductionKind) -> ExprID {
        guard simplifier.system[quantity].dependsOnExamples else {
            return simplifier.system.graph.makeReductionOverExamples(kind, inner)
        }
        if kind != .mean { return inner }
        let one = simplifier.system.graph.makeNumber(1)
        let count = simplifier.system.graph.makeReductionOverExamples(.sum, one)
        return simplifier.system.graph.makeQuotient(inner, count)
    }

    /// Σ_j ∂C/∂R_j · mean over the examples of ∂(what R_j reduces)/∂Q.
    private mutating func crossIndexed(
        _ crossing: Crossing, _ quantity: QuantityID, _ indices: [AffineID]
    ) -> (Contribution, ExprID) {
        let (axes, map) = copies(of: crossing.family.axes)
        let binders = axes.map { Binder(index: $0.index, lower: $0.lower, upper: $0.upper) }
        func moved(_ id: ExprID) -> ExprID { simplifier.system.graph.substitute(id, map) ?? id }
        let inner = moved(adjoint(of: quantity, indices, crossing.family))
        let factor = moved(crossing.factor)
        let share = shared(inner, of: quantity, crossing.kind)
        let product = simplifier.system.graph.makeProduct([factor, share])
        let term = simplifier.system.graph.makeReduction(.sum, binders, product)
        let contribution = Contribution(
            through: crossing.through, indices: [], binders: binders, guards: [], local: factor, localResult: factor,
            adjoint: inner, overExamples: crossing.kind)
        return (contribution, term)
    }
}

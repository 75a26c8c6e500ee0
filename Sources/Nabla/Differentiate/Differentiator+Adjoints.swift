extension Differentiator {
    /// Makes ∂(the family's cost)/∂Q: an equation for each case of Q's domain.
    mutating func defineAdjoint(of quantity: QuantityID, _ family: inout Family, crossings: [Crossing]) {
        let original = simplifier.system[quantity]
        let uses = family.uses[quantity] ?? []
        let relevant = crossings.filter { $0.family.adjoints[quantity] != nil }
        if uses.isEmpty && relevant.isEmpty { return }
        let name = freeName("d\(family.label)_d\(original.name)")
        var adjoint = Quantity(name: name, role: .derivative, stageCount: original.stageCount, domains: [])
        adjoint.derivative = (of: family.cost, wrt: quantity)
        adjoint.dependsOnExamples = family.isPerExample || original.dependsOnExamples
        let id = QuantityID(simplifier.system.quantities.count)
        simplifier.system.quantities.append(adjoint)
        // Before the equations, since in a recurrence they mention it.
        family.adjoints[quantity] = id
        var values: Set<ExprID> = []
        for piece in pieces(of: quantity) {
            for (equation, step) in equations(quantity, piece, id, uses, relevant, family) {
                values.insert(equation.body)
                var step = step
                step.equation = simplifier.system.equations.count
                newEquations.append(simplifier.system.equations.count)
                simplifier.system.equations.append(equation)
                simplifier.system[id].domains.append(equation.axes)
                derivation.steps.append(step)
            }
        }
        if let only = values.first, values.count == 1, simplifier.graph.number(only) != nil {
            family.constants[quantity] = only
        }
    }

    /// The parts of a quantity that need an adjoint: those that something asked for flows through.
    private func pieces(of quantity: QuantityID) -> [[Axis]] {
        if wrtSet.contains(quantity) { return simplifier.system[quantity].domains }
        return dependencies.definitions[Int(quantity.raw)].filter { dependencies.isActive[$0] }.map {
            simplifier.system.equations[$0].axes
        }
    }

    /// Fresh indices for a piece, declared, and named after what its mentions call them.
    private mutating func target(_ piece: [Axis], stageCount: Int, _ uses: [Use], _ quantity: QuantityID) -> [Axis] {
        var names: [String] = []
        for (position, axis) in piece.enumerated() {
            var name = simplifier.graph.name(of: axis.index)
            if position >= stageCount || axis.isPoint {
                for use in uses {
                    if let index = simplifier.graph[use.indices[position]].asIndex {
                        name = simplifier.graph.name(of: index)
                        break
                    }
                }
            }
            names.append(name)
        }
        // Two indices in scope do not share a name.
        for position in names.indices {
            var candidates = ["i", "j", "k", "p", "q", "r", "s"].makeIterator()
            while names[..<position].contains(names[position]) {
                names[position] = candidates.next() ?? names[position] + "_"
            }
        }
        return copied(piece) { names[$0] }
    }

    /// Axes with fresh indices.
    private mutating func copied(_ axes: [Axis], name: (Int) -> String) -> [Axis] {
        var map: [IndexID: Affine] = [:]
        var result: [Axis] = []
        for (position, axis) in axes.enumerated() {
            let index = simplifier.system.graph.makeIndex(name(position), simplifier.graph.kind(of: axis.index))
            var copy = axis
            copy.index = index
            copy.lower = simplifier.system.graph.substitute(axis.lower, map) ?? axis.lower
            copy.upper = simplifier.system.graph.substitute(axis.upper, map) ?? axis.upper
            map[axis.index] = axis.isPoint ? simplifier.graph[copy.lower] : Affine(.index(index))
            simplifier.declare([copy])
            result.append(copy)
        }
        return result
    }

    /// The adjoint's equations on one piece of the quantity.
    private mutating func equations(
        _ quantity: QuantityID, _ piece: [Axis], _ adjointID: QuantityID, _ uses: [Use], _ crossings: [Crossing],
        _ family: Family
    ) -> [(Equation, AdjointStep)] {
        let stageCount = simplifier.system[quantity].stageCount
        let target = target(piece, stageCount: stageCount, uses, quantity)
        let solver = MentionSolver(target: target, stageCount: stageCount)
        var solved: [(mention: SolvedMention, isCost: Bool)] = []
        for use in uses {
            let source: (quantity: QuantityID, axes: [Axis])
            if let position = use.equation {
                source = (simplifier.system.equations[position].quantity, simplifier.system.equations[position].axes)
            } else {
                source = (costQuantity(family), [])
            }
            if let mention = solver.solve(
                use.indices, in: source, frames: use.frames, local: use.local, &simplifier)
            {
                solved.append((mention, use.equation == nil))
            }
        }
        let ranges = target.prefix(stageCount).map {
            (lower: simplifier.graph[$0.lower], upper: simplifier.graph[$0.upper])
        }
        var bounds = solved.map(\.mention.stageBounds)
        // Derivatives of one example's cost are there for the whole piece.
        for _ in crossings { bounds.append(Array(repeating: ([], []), count: stageCount)) }
        let split = BoxCells(ranges: Array(ranges), bounds: bounds, simplifier)
        for left in split.leftOver where left.contribution < solved.count {
            let stage = simplifier.system.graph.makeInteger(
                simplifier.system.graph.affine(Affine(.index(target[left.stage].index))))
            let bound = simplifier.system.graph.makeInteger(simplifier.system.graph.affine(left.bound))
            let condition = simplifier.system.graph.makeComparison(
                left.isLower ? .greaterOrEqual : .less, stage, bound)
            solved[left.contribution].mention.guards.append(condition)
        }
        var result: [(Equation, AdjointStep)] = []
        for cell in split.cells(simplifier) {
            result.append(equation(quantity, target, cell, adjointID, solved, crossings, family, stageCount))
        }
        return result
    }

    private func costQuantity(_ family: Family) -> QuantityID {
        if case .access(let quantity, _) = simplifier.graph.form(of: family.cost) { return quantity }
        return QuantityID(0)
    }

    /// One case: fresh axes, and the sum of what contributes there.
    private mutating func equation(
        _ quantity: QuantityID, _ target: [Axis], _ cell: BoxCells.Cell, _ adjointID: QuantityID,
        _ solved: [(mention: SolvedMention, isCost: Bool)], _ crossings: [Crossing], _ family: Family, _ stageCount: Int
    ) -> (Equation, AdjointStep) {
        let (axes, map) = cellAxes(target, cell, stageCount)
        let own = axes.map { axis in
            axis.isPoint ? axis.lower : simplifier.system.graph.affine(Affine(.index(axis.index)))
        }
        var contributions: [Contribution] = []
        var terms: [ExprID] = []
        simplifier.forgetRules()
        for position in cell.contributions {
            if position < solved.count {
                let (mention, isCost) = solved[position]
                let (contribution, term) = contribute(mention, isCost, map, family)
                contributions.append(contribution)
                terms.append(term)
            } else {
                let (contribution, term) = cross(crossings[position - solved.count], quantity, own)
                contributions.append(contribution)
                terms.append(term)
            }
        }
        let raw =
            terms.isEmpty
            ? simplifier.system.graph.makeNumber(0) : terms.count == 1 ? terms[0] : simplifier.system.graph.makeSum(terms)
        let result = simplifier.simplify(raw)
        let step = AdjointStep(
            adjoint: adjointID, quantity: quantity, equation: 0, axes: axes, contributions: contributions, raw: raw,
            result: result, rules: simplifier.rules.map(\.rawValue))
        return (Equation(quantity: adjointID, axes: axes, body: result), step)
    }

    private mutating func cellAxes(
        _ target: [Axis], _ cell: BoxCells.Cell, _ stageCount: Int
    ) -> ([Axis], [IndexID: Affine]) {
        var axes: [Axis] = []
        var map: [IndexID: Affine] = [:]
        for (position, axis) in target.enumerated() {
            var copy = axis
            if position < stageCount {
                let (lower, upper) = cell.ranges[position]
                copy.lower = simplifier.system.graph.affine(lower)
                copy.upper = simplifier.system.graph.affine(upper)
                copy.isWritten = (copy.lower, copy.upper) != (axis.lower, axis.upper) || axis.isWritten
                if let extent = upper.adding(lower, times: -1), simplifier.system.expandingSizes(extent).asConstant == 1,
                    !isWholeStage(lower, upper)
                {
                    copy.isPoint = true
                }
            }
            copy.lower = simplifier.system.graph.substitute(copy.lower, map) ?? copy.lower
            copy.upper = simplifier.system.graph.substitute(copy.upper, map) ?? copy.upper
            copy.index = simplifier.system.graph.makeIndex(
                simplifier.graph.name(of: axis.index), simplifier.graph.kind(of: axis.index))
            map[axis.index] = copy.isPoint ? simplifier.graph[copy.lower] : Affine(.index(copy.index))
            simplifier.declare([copy])
            axes.append(copy)
        }
        return (axes, map)
    }

    /// Whether a range is all of a declared stage index, which then keeps its letter even where it has one value.
    private func isWholeStage(_ lower: Affine, _ upper: Affine) -> Bool {
        simplifier.system.stages.contains {
            simplifier.graph[$0.lower] == lower && simplifier.graph[$0.upper] == upper
        }
    }

    /// Σ over the paths of ∂P/∂Q · ∂C/∂P.
    private mutating func contribute(
        _ mention: SolvedMention, _ isCost: Bool, _ map: [IndexID: Affine], _ family: Family
    ) -> (Contribution, ExprID) {
        // Fresh paths, since one mention may contribute to several cases.
        var map = map
        var binders: [Binder] = []
        for binder in mention.binders {
            let copy = Binder(
                index: simplifier.system.graph.makeIndex(like: binder.index),
                lower: simplifier.system.graph.substitute(binder.lower, map) ?? binder.lower,
                upper: simplifier.system.graph.substitute(binder.upper, map) ?? binder.upper)
            map[binder.index] = Affine(.index(copy.index))
            binders.append(copy)
        }
        simplifier.declare(binders)
        func moved(_ id: ExprID) -> ExprID { simplifier.system.graph.substitute(id, map) ?? id }
        let local = moved(mention.local)
        let guards = mention.guards.map(moved)
        let indices = mention.indices.map { simplifier.system.graph.substitute($0, map) ?? $0 }
        let adjoint =
            isCost ? simplifier.system.graph.makeNumber(1) : adjoint(of: mention.through, indices, family)
        var term = simplifier.system.graph.makeProduct([local, adjoint])
        if !guards.isEmpty {
            let condition = guards.count == 1 ? guards[0] : simplifier.system.graph.makeAnd(guards)
            let zero = simplifier.system.graph.makeNumber(0)
            term = simplifier.system.graph.makeSelect(condition, then: term, otherwise: zero)
        }
        if !binders.isEmpty { term = simplifier.system.graph.makeReduction(.sum, binders, term) }
        let contribution = Contribution(
            through: mention.through, indices: indices, binders: binders, guards: guards, local: local,
            localResult: simplifier.simplify(local), adjoint: adjoint, overExamples: nil)
        return (contribution, term)
    }

    /// ∂C/∂R · mean over the examples of the derivative of one example's cost; for data, this example's share of it.
    private mutating func cross(
        _ crossing: Crossing, _ quantity: QuantityID, _ indices: [AffineID]
    ) -> (Contribution, ExprID) {
        let inner = adjoint(of: quantity, indices, crossing.family)
        var term: ExprID
        if simplifier.system[quantity].dependsOnExamples {
            term = inner
            if crossing.kind == .mean {
                let one = simplifier.system.graph.makeNumber(1)
                let count = simplifier.system.graph.makeReductionOverExamples(.sum, one)
                term = simplifier.system.graph.makeQuotient(term, count)
            }
        } else {
            term = simplifier.system.graph.makeReductionOverExamples(crossing.kind, inner)
        }
        if simplifier.graph.number(crossing.factor)?.isOne != true {
            term = simplifier.system.graph.makeProduct([crossing.factor, term])
        }
        let contribution = Contribution(
            through: crossing.through, indices: [], binders: [], guards: [], local: crossing.factor,
            localResult: crossing.factor, adjoint: inner, overExamples: crossing.kind)
        return (contribution, term)
    }

    /// The derived system: what was there, then what is new.
    mutating func assemble(_ family: Family, _ cost: ExprID, _ original: System) -> DerivedSystem {
        for (position, equation) in original.equations.enumerated() {
            // As written: the simplifier worked on copies whose bound indices are its own.
            simplifier.system.equations[position].body = equation.body
        }
        for position in original.functions.count..<max(original.functions.count, simplifier.system.functions.count) {
            simplifier.system.statements.append(.function(position))
        }
        for position in newEquations { simplifier.system.statements.append(.equation(position)) }
        let gradient = wrt.map { ($0, family.adjoints[$0]) }
        return DerivedSystem(
            system: simplifier.system, cost: cost, gradient: gradient.map { (wrt: $0.0, derivative: $0.1) },
            derivation: derivation)
    }
}

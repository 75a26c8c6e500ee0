extension Differentiator {
    /// Makes the adjoints of quantities, in their order.
    mutating func defineAdjoints(of quantities: [QuantityID], _ family: inout Family, crossings: [Crossing]) {
        // All names first: in a recurrence adjoints mention each other.
        let reached = quantities.filter { isReached($0, family, crossings) }
        for quantity in reached { _ = reserve(quantity, &family) }
        for quantity in reached
        where !crossings.isEmpty || !defineAlike(quantity, &family) {
            defineAdjoint(of: quantity, &family, crossings: crossings)
        }
    }

    private func isReached(_ quantity: QuantityID, _ family: Family, _ crossings: [Crossing]) -> Bool {
        !family.uses.isEmpty(quantity) || !relevant(crossings, quantity).isEmpty
    }

    /// The derivatives of one example's cost that enter a quantity's adjoint: not those of a quantity inside the examples that
    /// nobody asked for.
    private func relevant(_ crossings: [Crossing], _ quantity: QuantityID) -> [Crossing] {
        if crossings.isEmpty { return [] }
        if simplifier.system[quantity].dependsOnExamples && !wrtSet.contains(quantity) { return [] }
        return crossings.filter { $0.family.adjoints[quantity] != nil }
    }

    /// The adjoint of a quantity, by name at first.
    private mutating func reserve(_ quantity: QuantityID, _ family: inout Family) -> QuantityID {
        if let id = family.adjoints[quantity] { return id }
        let stageCount = simplifier.system.quantities[Int(quantity.raw)].stageCount
        let dependsOnExamples = simplifier.system.quantities[Int(quantity.raw)].dependsOnExamples
        var wish = family.prefix
        wish += simplifier.system.quantities[Int(quantity.raw)].name
        let isFree = family.isPrefixFree ?? taken.isFree(prefix: family.prefix, simplifier.system)
        family.isPrefixFree = isFree
        var name = wish
        if isFree { taken.take(free: wish) } else { name = freeName(wish) }
        var adjoint = Quantity(
            name: name, role: .derivative, stageCount: stageCount + family.stageCount, domains: [])
        let id = QuantityID(simplifier.system.quantities.count)
        adjoint.derivative = (of: ownCost(of: id, &family), wrt: quantity)
        adjoint.dependsOnExamples = family.isPerExample || dependsOnExamples
        simplifier.system.quantities.append(adjoint)
        family.adjoints[quantity] = id
        return id
    }

    /// Makes ∂(the family's cost)/∂Q: an equation for each case of Q's domain.
    private mutating func defineAdjoint(of quantity: QuantityID, _ family: inout Family, crossings: [Crossing]) {
        let relevant = relevant(crossings, quantity)
        let id = reserve(quantity, &family)
        var value: ExprID?
        var isOneValue = true
        var mentions: [(mention: SolvedMention, isCost: Bool)] = []
        for piece in pieces(of: quantity).reversed() {
            if piece.isEmpty {
                solve(quantity, MentionSolver(target: [], stageCount: 0), family, &mentions)
                let whole = BoxCells.Cell(ranges: [], contributions: Array(0..<mentions.count + relevant.count))
                enter(equation(quantity, [], [], whole, id, mentions, relevant, family), family, &value, &isOneValue)
                continue
            }
            for made in equations(quantity, piece, id, relevant, family) {
                enter(made, family, &value, &isOneValue)
            }
        }
        if simplifier.system[id].domains.count == 1, let body = value {
            let written = unaliased(body, family)
            if isShort(written) { family.short[quantity] = (simplifier.system[id].domains[0], written) }
        }
        if let only = value, isOneValue, simplifier.system.graph.number(only) != nil {
            family.constants[quantity] = only
        }
    }

    /// Takes one case of an adjoint into the system and into the record.
    private mutating func enter(
        _ made: (equation: Equation, step: AdjointStep), _ family: Family, _ value: inout ExprID?,
        _ isOneValue: inout Bool
    ) {
        var (equation, step) = made
        if let value, value != equation.body { isOneValue = false }
        value = value ?? equation.body
        if !family.axes.isEmpty { addAxes(of: family, to: &equation, &step) }
        step.equation = simplifier.system.equations.count
        if isRecording { derivation.steps.append(step) }
        enter(equation)
    }

    /// Takes one case of an adjoint into the system.
    mutating func enter(_ equation: Equation) {
        newEquations.append(simplifier.system.equations.count)
        normalEquations.insert(simplifier.system.equations.count)
        if equation.axes.isEmpty, simplifier.system[equation.quantity].domains.isEmpty {
            simplifier.system[equation.quantity].domains = Differentiator.scalar
        } else {
            simplifier.system[equation.quantity].domains.append(equation.axes)
        }
        simplifier.system.equations.append(equation)
    }

    /// The domains of a scalar, one array for all of them.
    private static let scalar: [[Axis]] = [[]]

    /// The parts of a quantity that need an adjoint: those that something asked for flows through.
    private mutating func pieces(of quantity: QuantityID) -> [[Axis]] {
        if wrtSet.contains(quantity) { return simplifier.system[quantity].domains }
        let all = dependencies.definitions[Int(quantity.raw)]
        if all.count == 1, let only = all.first {
            return dependencies.isActive[only] ? [simplifier.system.equations[only].axes] : []
        }
        let active = all.filter { dependencies.isActive[$0] }.map { simplifier.system.equations[$0].axes }
        if active.count < 2 || active.count == all.count { return active }
        // A derivative is a quantity like any other: no gap between its equations.
        let tree = PieceTree(active, &simplifier.system)
        if tree.problems.isEmpty, tree.requirements.isEmpty { return active }
        return all.map { simplifier.system.equations[$0].axes }
    }

    /// Names for the axes of one case: what its mentions call them, or the derivatives of one example's cost, or the quantity itself.
    private func names(
        _ target: [Axis], _ stageCount: Int, _ mentions: [[AffineID]], _ crossings: [Crossing], _ quantity: QuantityID
    ) -> [String] {
        var result: [String] = []
        for (position, axis) in target.enumerated() {
            var name = simplifier.system.graph.name(of: axis.index)
            if position >= stageCount || axis.isPoint {
                let bare = mentions.lazy.compactMap { simplifier.system.graph[$0[position]].asIndex }.first
                if let bare {
                    name = simplifier.system.graph.name(of: bare)
                } else if let inner = crossings.first.flatMap({ $0.family.adjoints[quantity] }),
                    let domain = simplifier.system[inner].domains.first
                {
                    name = simplifier.system.graph.name(of: domain[position].index)
                }
            }
            // Two indices in scope do not share a name.
            var candidates = ["i", "j", "k", "p", "q", "r", "s"].makeIterator()
            while result.contains(name) { name = candidates.next() ?? name + "_" }
            result.append(name)
        }
        return result
    }

    /// Axes with fresh indices.
    private mutating func copied(_ axes: [Axis]) -> [Axis] {
        var map: [IndexID: Affine] = [:]
        var result: [Axis] = []
        for axis in axes {
            let index = simplifier.system.graph.makeIndex(like: axis.index)
            var copy = axis
            copy.index = index
            copy.lower = simplifier.system.graph.substitute(axis.lower, map) ?? axis.lower
            copy.upper = simplifier.system.graph.substitute(axis.upper, map) ?? axis.upper
            map[axis.index] = axis.isPoint ? simplifier.system.graph[copy.lower] : Affine(.index(index))
            simplifier.declare([copy])
            result.append(copy)
        }
        return result
    }

    /// The adjoint's equations on one piece of the quantity.
    private mutating func equations(
        _ quantity: QuantityID, _ piece: [Axis], _ adjointID: QuantityID, _ crossings: [Crossing], _ family: Family
    ) -> [(Equation, AdjointStep)] {
        let stageCount = simplifier.system[quantity].stageCount
        let target = copied(piece)
        let solver = MentionSolver(target: target, stageCount: stageCount)
        var solved: [(mention: SolvedMention, isCost: Bool)] = []
        let mentioned = solve(quantity, solver, family, &solved)
        let ranges = target.prefix(stageCount).map {
            (lower: simplifier.system.graph[$0.lower], upper: simplifier.system.graph[$0.upper])
        }
        var bounds = solved.map(\.mention.stageBounds)
        // Derivatives of one example's cost are there for the whole piece.
        for _ in crossings { bounds.append(Array(repeating: ([], []), count: stageCount)) }
        if ranges.isEmpty {
            let whole = BoxCells.Cell(ranges: [], contributions: Array(bounds.indices))
            let names = names(target, stageCount, mentioned, crossings, quantity)
            return [equation(quantity, target, names, whole, adjointID, solved, crossings, family)]
        }
        let split = BoxCells(ranges: Array(ranges), bounds: bounds, simplifier)
        for left in split.leftOver where left.contribution < solved.count {
            let stage = simplifier.system.graph.makeInteger(
                simplifier.system.graph.affine(Affine(.index(target[left.stage].index))))
            let bound = simplifier.system.graph.makeInteger(simplifier.system.graph.affine(left.bound))
            let condition = simplifier.system.graph.makeComparison(
                left.isLower ? .greaterOrEqual : .less, stage, bound)
            solved[left.contribution].mention.guards.insert(condition, at: 0)
        }
        var result: [(Equation, AdjointStep)] = []
        // Backwards: what the cost mentions itself is at the last stage more often than not.
        for cell in split.cells(simplifier).reversed() {
            let inside = cell.contributions.filter { $0 < solved.count }.map { mentioned[$0] }
            let names = names(target, stageCount, inside, crossings, quantity)
            result.append(equation(quantity, target, names, cell, adjointID, solved, crossings, family))
        }
        return result
    }

    /// Solves the mentions of a quantity for its element; gives the indices of those that may be it.
    @discardableResult private mutating func solve(
        _ quantity: QuantityID, _ solver: MentionSolver, _ family: Family,
        _ solved: inout [(mention: SolvedMention, isCost: Bool)]
    ) -> [[AffineID]] {
        var mentioned: [[AffineID]] = []
        for position in family.uses.positions(of: quantity) {
            let use = family.uses.value(position)
            let mentioning = mention(use, family)
            let source: (quantity: QuantityID, axes: [Axis])
            if let position = use.equation {
                source = (simplifier.system.equations[position].quantity, simplifier.system.equations[position].axes)
            } else {
                source = (costQuantity(family), [])
            }
            if let mention = solver.solve(
                mentioning.indices, in: source, frames: mentioning.frames, local: mentioning.local, &simplifier)
            {
                solved.append((mention, use.equation == nil))
                if !solver.target.isEmpty { mentioned.append(mentioning.indices) }
            }
        }
        return mentioned
    }

    private func costQuantity(_ family: Family) -> QuantityID {
        simplifier.system.graph.quantity(family.cost) ?? QuantityID(0)
    }

    /// One case: fresh axes, and the sum of what contributes there.
    private mutating func equation(
        _ quantity: QuantityID, _ target: [Axis], _ names: [String], _ cell: BoxCells.Cell, _ adjointID: QuantityID,
        _ solved: [(mention: SolvedMention, isCost: Bool)], _ crossings: [Crossing], _ family: Family
    ) -> (Equation, AdjointStep) {
        let (axes, map) = cellAxes(target, names, cell)
        let own = axes.map { axis in
            axis.isPoint ? axis.lower : simplifier.system.graph.affine(Affine(.index(axis.index)))
        }
        var contributions: [Contribution] = []
        var terms: [ExprID] = []
        simplifier.forgetRules()
        for position in cell.contributions {
            if position < solved.count {
                let (mention, isCost) = solved[position]
                let (contribution, term) = contribute(mention, isCost, map, names, family)
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
            ? simplifier.system.graph.makeNumber(0)
            : terms.count == 1 ? terms[0] : simplifier.system.graph.makeSum(terms)
        var result = simplifier.simplify(raw)
        if let shorter = shorter(raw, than: result, contributions, family) { result = shorter }
        result = finished(result)
        let step = AdjointStep(
            adjoint: adjointID, quantity: quantity, equation: 0, axes: axes, contributions: contributions, raw: raw,
            result: result, rules: ruleNames())
        return (Equation(quantity: adjointID, axes: axes, body: result), step)
    }

    /// The names of the rules of this step: most steps take the same few, which are stored once.
    private mutating func ruleNames() -> [String] {
        if simplifier.rules != lastRules.rules {
            lastRules = (simplifier.rules, simplifier.rules.map(\.rawValue))
        }
        return lastRules.names
    }

    private mutating func cellAxes(
        _ target: [Axis], _ names: [String], _ cell: BoxCells.Cell
    ) -> ([Axis], [IndexID: Affine]) {
        var axes: [Axis] = []
        var map: [IndexID: Affine] = [:]
        for (position, axis) in target.enumerated() {
            var copy = axis
            if position < cell.ranges.count {
                let (lower, upper) = cell.ranges[position]
                copy.lower = simplifier.system.graph.affine(lower)
                copy.upper = simplifier.system.graph.affine(upper)
                copy.isWritten = (copy.lower, copy.upper) != (axis.lower, axis.upper) || axis.isWritten
                // By formula, so that the form of the result does not depend on how many stages there are.
                if upper.adding(lower, times: -1)?.asConstant == 1, !isWholeStage(lower, upper) {
                    copy.isPoint = true
                }
            }
            copy.lower = simplifier.system.graph.substitute(copy.lower, map) ?? copy.lower
            copy.upper = simplifier.system.graph.substitute(copy.upper, map) ?? copy.upper
            copy.index = simplifier.system.graph.makeIndex(
                names[position], simplifier.system.graph.kind(of: axis.index))
            map[axis.index] = copy.isPoint ? simplifier.system.graph[copy.lower] : Affine(.index(copy.index))
            simplifier.declare([copy])
            axes.append(copy)
        }
        return (axes, map)
    }

    /// Whether a range is all of a declared stage index, which then keeps its letter even where it has one value.
    private func isWholeStage(_ lower: Affine, _ upper: Affine) -> Bool {
        simplifier.system.stages.contains {
            simplifier.system.graph[$0.lower] == lower && simplifier.system.graph[$0.upper] == upper
        }
    }

    /// Σ over the paths of ∂P/∂Q · ∂C/∂P.
    private mutating func contribute(
        _ mention: SolvedMention, _ isCost: Bool, _ map: [IndexID: Affine], _ axisNames: [String], _ family: Family
    ) -> (Contribution, ExprID) {
        // Fresh paths, since one mention may contribute to several cases.
        var map = map
        var binders: [Binder] = []
        var used = mention.binders.isEmpty ? [] : Set(axisNames)
        // Where the element has taken a path's letter, the path takes the letter that the element had in the equation.
        let spare = mention.binders.isEmpty ? [] : mention.solvedNames + ["i", "j", "k", "p", "q", "r"]
        for binder in mention.binders {
            var name = simplifier.system.graph.name(of: binder.index)
            if used.contains(name), !simplifier.system.graph.kind(of: binder.index).isStage {
                name = spare.first { !used.contains($0) } ?? name
            }
            used.insert(name)
            let kind = simplifier.system.graph.kind(of: binder.index)
            let copy = Binder(
                index: simplifier.system.graph.makeIndex(name, kind),
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
        var term = simplifier.system.graph.makeProduct(local, adjoint)
        if !guards.isEmpty {
            let condition = guards.count == 1 ? guards[0] : simplifier.system.graph.makeAnd(guards)
            let zero = simplifier.system.graph.makeNumber(0)
            term = simplifier.system.graph.makeSelect(condition, then: term, otherwise: zero)
        }
        if !binders.isEmpty { term = simplifier.system.graph.makeReduction(.sum, binders, term) }
        let contribution = Contribution(
            through: mention.through, indices: indices, binders: binders, guards: guards, local: local,
            localResult: simplifier.simplify(local), adjoint: adjoint, overExamples: nil,
            collapse: mention.collapse.map { collapse in
                Collapse(
                    binders: collapse.binders.map { simplifier.system.graph.substitute($0, map) },
                    deltas: collapse.deltas.map(moved), local: simplifier.simplify(moved(collapse.local)))
            })
        return (contribution, term)
    }

    /// The derived system: what was there, then what is new.
    mutating func assemble(_ family: Family, _ cost: ExprID) -> DerivedSystem {
        var lowered: [Int: ExprID] = [:]
        for (position, body) in writtenBodies.enumerated() {
            if cutBodies[position] != body { lowered[position] = cutBodies[position] }
            // As written: the simplifier worked on copies whose bound indices are its own.
            simplifier.system.equations[position].body = body
        }
        for position in writtenFunctionCount..<max(writtenFunctionCount, simplifier.system.functions.count) {
            simplifier.system.statements.append(.function(position))
        }
        for position in newEquations { simplifier.system.statements.append(.equation(position)) }
        let gradient = wrt.map { ($0, family.adjoints[$0]) }
        return DerivedSystem(
            system: simplifier.system, cost: cost, gradient: gradient.map { (wrt: $0.0, derivative: $0.1) },
            derivation: derivation, evaluatedBodies: lowered, normalEquations: normalEquations,
            unchangedEquations: unchangedEquations)
    }
}

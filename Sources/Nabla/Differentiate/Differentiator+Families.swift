extension Differentiator {
    /// Derives the adjoints of the cost; where the cost reduces over the examples, those of one example's cost first.
    ///
    /// A quantity that takes a reduction over the examples is downstream of it, so its adjoint is known before the reduction's
    /// is needed; a quantity without examples upstream gets its share from Σ or mean over the examples of a derivative of one
    /// example's cost. Nothing is ever reduced over the examples twice.
    mutating func derive(
        family: inout Family, _ reductions: [Reduction], cost: QuantityID, _ rootEquation: Int
    ) throws {
        let downstream =
            dependencies.hasReductions ? order(family).filter { dependencies.takesReduction[Int($0.raw)] } : []
        defineAdjoints(of: downstream, &family, crossings: [])

        var crossings: [Crossing] = []
        for group in try grouped(reductions, family, cost) {
            var inner = Family(
                cost: group.cost, label: group.label, isPerExample: true, axes: group.axes, stageCount: group.stageCount
            )
            var nested: [Reduction] = []
            collect(group.root, group.equation, &inner, &nested, onlyPerExample: true)
            defineAdjoints(of: order(inner), &inner, crossings: [])
            crossings.append(Crossing(kind: group.kind, factor: group.factor, family: inner, through: cost))
            // What leaves the examples goes on in the outer family.
            for quantity in inner.uses.keys
            where !simplifier.system[quantity].dependsOnExamples && inner.adjoints[quantity] != nil {
                family.uses.makeList(quantity)
                var ignored: [Reduction] = []
                for position in dependencies.definitions[Int(quantity.raw)]
                where dependencies.isActive[position] && family.collected.insert(position) {
                    collect(simplifier.system.equations[position].body, position, &family, &ignored)
                }
            }
            for quantity in wrt
            where simplifier.system[quantity].dependsOnExamples && inner.adjoints[quantity] != nil {
                family.uses.makeList(quantity)
            }
        }
        let upstream = order(family).filter { !dependencies.takesReduction[Int($0.raw)] }
        defineAdjoints(of: upstream, &family, crossings: crossings)
    }

    /// How derivatives of one example's cost enter those of the whole cost.
    struct Crossing {
        var kind: ReductionKind
        /// ∂(cost)/∂(reduction).
        var factor: ExprID
        var family: Family
        var through: QuantityID
    }

    struct Group {
        var kind: ReductionKind
        var factor: ExprID
        var cost: ExprID
        var label: String
        var root: ExprID
        var equation: Int?
        /// The indices of an indexed reduction: the factor and the cost are in terms of these.
        var axes: [Axis] = []
        var stageCount = 0
    }

    /// The reductions on the way to the cost, with what each reduces as a cost of one example.
    private mutating func grouped(_ reductions: [Reduction], _ family: Family, _ cost: QuantityID) throws -> [Group] {
        if reductions.isEmpty { return [] }
        let made = Dictionary(grouping: newEquations) { simplifier.system.equations[$0].quantity }
        var parts: [(reduction: Reduction, factor: ExprID, isScalar: Bool, isFixed: Bool)] = []
        for reduction in reductions {
            var factor = reduction.local
            var isScalar = reduction.frames.allSatisfy { if case .binders = $0 { false } else { true } }
            if let position = reduction.equation {
                let equation = simplifier.system.equations[position]
                let indices = equation.axes.map { axis in
                    axis.isPoint ? axis.lower : simplifier.system.graph.affine(Affine(.index(axis.index)))
                }
                let outer = adjoint(of: equation.quantity, indices, family)
                factor = simplifier.system.graph.makeProduct([outer, factor])
                if !equation.axes.allSatisfy(\.isPoint) { isScalar = false }
            }
            for frame in reduction.frames {
                guard case .condition(let condition, let holds) = frame else { continue }
                let zero = simplifier.system.graph.makeNumber(0)
                factor =
                    holds
                    ? simplifier.system.graph.makeSelect(condition, then: factor, otherwise: zero)
                    : simplifier.system.graph.makeSelect(condition, then: zero, otherwise: factor)
            }
            let isReduced = simplifier.system.graph.reachable(from: factor).contains { id in
                switch simplifier.system.graph.form(of: id) {
                case .reduceExamples: true
                case .access(let quantity, _): takesReduction(quantity, made)
                default: false
                }
            }
            // What is derived holds the factor fixed, so that one that varies itself may not be a part of it.
            let isFixed = !isReduced && activeLeaves(factor).isEmpty
            parts.append((reduction, factor, isScalar, isFixed))
        }
        if parts.count == 1, parts[0].isScalar { return [group(parts[0].reduction, parts[0].factor, cost)] }
        var groups: [Group] = []
        for kind in [ReductionKind.mean, .sum] {
            // Where the factors are known without the reductions, all of one kind are one cost of one example.
            let mergeable = parts.filter { $0.reduction.kind == kind && $0.isFixed && !family.isPerExample }
            if mergeable.count == 1, mergeable[0].isScalar {
                groups.append(group(mergeable[0].reduction, mergeable[0].factor, cost))
            } else if !mergeable.isEmpty {
                let terms = mergeable.map { part -> ExprID in
                    let product = simplifier.system.graph.makeProduct([part.factor, part.reduction.body])
                    return summed(product, part.reduction)
                }
                let body = simplifier.system.graph.makeSum(terms)
                let one = simplifier.system.graph.makeNumber(1)
                groups.append(auxiliary(body, kind, one, cost))
            }
            for part in parts where part.reduction.kind == kind && (!part.isFixed || family.isPerExample) {
                groups.append(
                    part.isScalar
                        ? group(part.reduction, part.factor, cost)
                        : try indexedGroup(part.reduction, part.factor, cost))
            }
        }
        return groups
    }

    /// - Parameter made: of each quantity that was made, its equations.
    private func takesReduction(_ quantity: QuantityID, _ made: [QuantityID: [Int]]) -> Bool {
        if Int(quantity.raw) < dependencies.takesReduction.count {
            return dependencies.takesReduction[Int(quantity.raw)]
        }
        // An adjoint: by what its equations mention, which were simplified when they were made, and by theirs.
        var seen: Set<QuantityID> = [quantity]
        var open = [quantity]
        while let next = open.popLast() {
            for position in made[next] ?? [] {
                for id in simplifier.system.graph.reachable(from: simplifier.system.equations[position].body) {
                    switch simplifier.system.graph.form(of: id) {
                    case .reduceExamples: return true
                    case .access(let other, _):
                        if Int(other.raw) < dependencies.takesReduction.count {
                            if dependencies.takesReduction[Int(other.raw)] { return true }
                        } else if seen.insert(other).inserted {
                            open.append(other)
                        }
                    default: break
                    }
                }
            }
        }
        return false
    }

    /// Σ over the indices of the equation and of the reductions around.
    private mutating func summed(_ expression: ExprID, _ reduction: Reduction) -> ExprID {
        var result = expression
        for frame in reduction.frames.reversed() {
            if case .binders(let binders) = frame {
                result = simplifier.system.graph.makeReduction(.sum, binders, result)
            }
        }
        guard let position = reduction.equation else { return result }
        let binders = simplifier.system.equations[position].axes.filter { !$0.isPoint }.map {
            Binder(index: $0.index, lower: $0.lower, upper: $0.upper)
        }
        return binders.isEmpty ? result : simplifier.system.graph.makeReduction(.sum, binders, result)
    }

    /// A scalar reduction: what it reduces is the cost of one example, by its name where it has one.
    private mutating func group(_ reduction: Reduction, _ factor: ExprID, _ cost: QuantityID) -> Group {
        let simple = simplifier.simplify(factor)
        if case .access(let quantity, let indices) = simplifier.system.graph.form(of: reduction.body), indices.isEmpty,
            let position = dependencies.definitions[Int(quantity.raw)].first
        {
            return Group(
                kind: reduction.kind, factor: simple, cost: reduction.body,
                label: simplifier.system[quantity].name, root: simplifier.system.equations[position].body,
                equation: nil)
        }
        return auxiliary(reduction.body, reduction.kind, simple, cost)
    }

    /// Gives the cost of one example a name and an equation of its own.
    private mutating func auxiliary(_ body: ExprID, _ kind: ReductionKind, _ factor: ExprID, _ cost: QuantityID)
        -> Group
    {
        let name = freeName("\(simplifier.system[cost].name)_example")
        var quantity = Quantity(name: name, role: .computed, stageCount: 0, domains: [[]])
        quantity.dependsOnExamples = true
        quantity.documentation = "The cost of one example."
        let id = QuantityID(simplifier.system.quantities.count)
        simplifier.system.quantities.append(quantity)
        let normal = simplifier.simplify(body)
        newEquations.append(simplifier.system.equations.count)
        simplifier.system.equations.append(Equation(quantity: id, axes: [], body: normal))
        let access = simplifier.system.graph.makeAccess(id, [])
        let root = simplifier.system.graph.opening(normal)
        return Group(kind: kind, factor: factor, cost: access, label: name, root: root, equation: nil)
    }

    mutating func freeName(_ wish: String) -> String {
        var name = wish
        while !taken.take(name, simplifier.system) { name += "_" }
        return name
    }

    /// ∂(the family's cost)/∂(an element): the number 1 for the cost itself.
    mutating func adjoint(of quantity: QuantityID, _ indices: [AffineID], _ family: Family) -> ExprID {
        if let constant = family.constants[quantity] { return constant }
        guard let adjoint = family.adjoints[quantity] else { return simplifier.system.graph.makeNumber(0) }
        if indices.isEmpty, family.axes.isEmpty { return simplifier.system.graph.makeAccess(adjoint, []) }
        let cost = family.axes.map { simplifier.system.graph.affine(Affine(.index($0.index))) }
        let all = Differentiator.joined(indices, simplifier.system[quantity].stageCount, cost, family.stageCount)
        return simplifier.system.graph.makeAccess(adjoint, all)
    }
}

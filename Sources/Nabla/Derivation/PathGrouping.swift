/// Makes of the mentions of a quantity the ratios that a reader knows.
///
/// The differentiator records what each *mention* of Q in the equation of P adds. A ratio ∂P/∂Q is what all mentions in that equation
/// add together, with the sums inside of the equation: only a sum over elements of P is a sum over paths. Where the mentions
/// do not make up one ratio, they are marked, and print as what they are.
struct PathGrouping {
    private var simplifier: Simplifier
    /// The quantities that have derivatives.
    private var costs: Set<QuantityID> = []

    /// A derivation whose contributions are ratios, where they can be.
    static func grouped(_ derived: DerivedSystem) -> DerivedSystem {
        var grouping = PathGrouping(simplifier: Simplifier(derived.system))
        for quantity in derived.system.quantities {
            if let cost = quantity.derivative.flatMap({ derived.system.graph.quantity($0.of) }) {
                grouping.costs.insert(cost)
            }
        }
        var result = derived
        for position in result.derivation.steps.indices {
            grouping.group(&result.derivation.steps[position])
        }
        result.system.graph = grouping.simplifier.system.graph
        return result
    }

    private var graph: ExprGraph { simplifier.system.graph }

    private mutating func group(_ step: inout AdjointStep) {
        if step.contributions.contains(where: { $0.overExamples != nil }) { return }
        if step.contributions.allSatisfy({ isPlain($0) && !isOtherCost($0.through, step) }),
            Set(step.contributions.map(\.through)).count == step.contributions.count
        {
            return
        }
        var groups: [[Contribution]] = []
        for contribution in step.contributions {
            var isPlaced = false
            for position in groups.indices {
                if let first = groups[position].first, let renamed = aligned(contribution, with: first) {
                    groups[position].append(renamed)
                    isPlaced = true
                    break
                }
            }
            if !isPlaced { groups.append([contribution]) }
        }
        var contributions: [Contribution] = []
        for group in groups {
            // Of what is derived as a cost, too, the ratio would be read as that derivative, along all paths.
            let isNamed = groups.count > 1 && group.contains { isOtherCost($0.through, step) }
            let isAlone = !groups.contains { $0.first?.through == group.first?.through && $0.first != group.first }
            if isAlone, !isNamed, let merged = merged(group) {
                contributions.append(merged)
            } else {
                contributions += group.map { contribution in
                    var mention = contribution
                    mention.isRatio = false
                    mention.collapse = nil
                    return mention
                }
            }
        }
        step.contributions = contributions
    }

    /// Whether a quantity is a cost with derivatives of its own, and not the one that a step is about.
    private func isOtherCost(_ quantity: QuantityID, _ step: AdjointStep) -> Bool {
        costs.contains(quantity) && cost(of: step.adjoint) != quantity
    }

    private func cost(of derivative: QuantityID) -> QuantityID? {
        guard let definition = simplifier.system[derivative].derivative else { return nil }
        return graph.quantity(definition.of)
    }

    /// Whether all sums of a mention are over elements of what it leads through.
    private func isPlain(_ contribution: Contribution) -> Bool {
        inner(contribution).isEmpty && hasOneElementEach(contribution)
    }

    /// The sums inside of the equation.
    private func inner(_ contribution: Contribution) -> [Binder] {
        contribution.binders.filter { !moves($0, contribution) }
    }

    /// The sums over paths: over elements of what a mention leads through.
    private func outer(_ contribution: Contribution) -> [Binder] {
        contribution.binders.filter { moves($0, contribution) }
    }

    /// Whether a sum is over elements of what a mention leads through.
    private func moves(_ binder: Binder, _ contribution: Contribution) -> Bool {
        contribution.indices.contains { graph.depends($0, on: binder.index) }
    }

    /// Whether different values of the sums over paths are different elements.
    private func hasOneElementEach(_ contribution: Contribution) -> Bool {
        let outer = outer(contribution)
        // Each has an index of its own that nothing else of these moves.
        return outer.allSatisfy { binder in
            contribution.indices.contains { index in
                graph.depends(index, on: binder.index)
                    && !outer.contains { $0.index != binder.index && graph.depends(index, on: $0.index) }
            }
        }
    }

    /// A mention with the other one's names for the paths; nil where it leads through other elements.
    private mutating func aligned(_ contribution: Contribution, with first: Contribution) -> Contribution? {
        guard contribution.through == first.through, contribution.indices.count == first.indices.count else {
            return nil
        }
        let own = outer(contribution)
        let others = outer(first)
        guard own.count == others.count else { return nil }
        var map: [IndexID: Affine] = [:]
        for (left, right) in zip(own, others) { map[left.index] = Affine(.index(right.index)) }
        guard let renamed = substituted(contribution, map) else { return nil }
        let ranges = renamed.binders.filter { binder in map.values.contains(Affine(.index(binder.index))) }
        guard renamed.indices == first.indices, ranges == others, renamed.adjoint == first.adjoint else { return nil }
        return renamed
    }

    private mutating func substituted(_ contribution: Contribution, _ map: [IndexID: Affine]) -> Contribution? {
        if map.isEmpty { return contribution }
        var copy = contribution
        for position in copy.indices.indices {
            guard let index = simplifier.system.graph.substitute(copy.indices[position], map) else { return nil }
            copy.indices[position] = index
        }
        for position in copy.binders.indices {
            let binder = copy.binders[position]
            guard let lower = simplifier.system.graph.substitute(binder.lower, map),
                let upper = simplifier.system.graph.substitute(binder.upper, map)
            else { return nil }
            let index = map[binder.index]?.asIndex ?? binder.index
            copy.binders[position] = Binder(index: index, lower: lower, upper: upper)
        }
        for position in copy.guards.indices {
            guard let condition = simplifier.system.graph.substitute(copy.guards[position], map) else { return nil }
            copy.guards[position] = condition
        }
        guard let local = simplifier.system.graph.substitute(copy.local, map),
            let result = simplifier.system.graph.substitute(copy.localResult, map),
            let adjoint = simplifier.system.graph.substitute(copy.adjoint, map)
        else { return nil }
        copy.local = local
        copy.localResult = result
        copy.adjoint = adjoint
        return copy
    }

    /// One ratio of all mentions in an equation; nil where different sums lead to the same element.
    private mutating func merged(_ group: [Contribution]) -> Contribution? {
        guard let first = group.first, group.allSatisfy({ hasOneElementEach($0) }) else { return nil }
        if group.count == 1, isPlain(first) { return first }
        var merged = first
        merged.collapse = nil  // That of one mention says nothing of all of them.
        merged.mentions = group
        let innerOfFirst = Set(inner(first).map(\.index))
        merged.binders = first.binders.filter { !innerOfFirst.contains($0.index) }
        // A condition on the path itself stays outside: where it does not hold, there is no element to derive.
        func isOutside(_ condition: ExprID, _ contribution: Contribution) -> Bool {
            inner(contribution).allSatisfy { !graph.depends(condition, on: $0.index) }
        }
        merged.guards = first.guards.filter { condition in
            group.allSatisfy { $0.guards.contains(condition) && isOutside(condition, $0) }
        }
        // The ranges of sums that stay outside must not hang on those that move inside.
        for binder in merged.binders {
            for index in innerOfFirst
            where graph.depends(binder.lower, on: index) || graph.depends(binder.upper, on: index) {
                return nil
            }
        }
        // What they work out to stays a sum of what each adds: that it collapses is a step of its own.
        merged.local = sum(of: group, without: merged.guards) { $0.local }
        merged.localResult = sum(of: group, without: merged.guards) { $0.localResult }
        return merged
    }

    /// What mentions add together, each with its own sums and conditions.
    private mutating func sum(
        of group: [Contribution], without outside: [ExprID], _ part: (Contribution) -> ExprID
    ) -> ExprID {
        var terms: [ExprID] = []
        for contribution in group {
            let guards = contribution.guards.filter { !outside.contains($0) }
            let binders = inner(contribution)
            var term = part(contribution)
            if !guards.isEmpty {
                let condition = guards.count == 1 ? guards[0] : simplifier.system.graph.makeAnd(guards)
                let zero = simplifier.system.graph.makeNumber(0)
                term = simplifier.system.graph.makeSelect(condition, then: term, otherwise: zero)
            }
            if !binders.isEmpty { term = simplifier.system.graph.makeReduction(.sum, binders, term) }
            terms.append(term)
        }
        return terms.count == 1 ? terms[0] : simplifier.system.graph.makeSum(terms)
    }
}

// Chains of ratios: from one quantity through the next to the cost, as long as what follows has a single path.

extension DerivationBuilder {
    /// Where a ratio comes from: a mention, in a step whose quantity stands at some indices.
    struct Link {
        var contribution: Contribution
        var step: AdjointStep
        var at: [AffineID]
    }

    /// One ratio of a chain.
    struct Factor {
        var above: FormulaPrinter.Text
        var below: FormulaPrinter.Text
        /// What it works out to; nil where it stands for itself.
        var value: ExprID?
        /// The derivative that it is, where it stands for itself.
        var derivative: ExprID?
        /// Nil where it stands for itself.
        var link: Link?
    }

    /// ∂P/∂Q · ∂R/∂P · … · ∂C/∂…: as long as what follows has a single path.
    mutating func chain(
        from contribution: Contribution, _ element: FormulaPrinter.Text, _ cost: FormulaPrinter.Text,
        _ step: AdjointStep
    ) -> [Factor] {
        var factors: [Factor] = []
        var below = element
        var current = contribution
        var currentStep = step
        var place = indices(of: step.axes)
        var result: ExprID?
        while true {
            let link = Link(contribution: current, step: currentStep, at: place)
            if isCost(current, currentStep) {
                var value = shown(current)
                // An earlier step has it in simpler terms.
                if let result, value == current.localResult { value = result }
                factors.append(Factor(above: cost, below: below, value: value, link: link))
                return factors
            }
            let above = formulas.access(current.through, current.indices)
            factors.append(Factor(above: above, below: below, value: shown(current), link: link))
            below = above
            guard case .access(let adjoint, let at) = system.graph.form(of: current.adjoint) else {
                factors.append(Factor(above: cost, below: below, value: current.adjoint))
                return factors
            }
            guard factors.count < Self.longestChain - 1, let next = only(adjoint, at, step.axes, contribution.binders)
            else { break }
            currentStep = next.step
            current = next.contribution
            result = next.result
            place = at
        }
        factors.append(Factor(above: cost, below: below, value: nil, derivative: current.adjoint))
        return factors
    }

    /// The only path of an adjoint at indices: its contribution there, where it has just one without a sum or guard.
    ///
    /// Its step, and the step's result there, come with it.
    mutating func only(
        _ adjoint: QuantityID, _ at: [AffineID], _ axes: [Axis], _ binders: [Binder]
    ) -> (step: AdjointStep, contribution: Contribution, result: ExprID?)? {
        guard let candidates = stepsByAdjoint[adjoint], candidates.count <= 16 else { return nil }
        var scope = Scope(axes)
        for binder in binders { scope.enter(binder) }
        for position in candidates {
            let step = steps[position]
            guard step.axes.count == at.count else { continue }
            let isHere =
                candidates.count == 1
                || zip(step.axes, at).allSatisfy { axis, index in
                    if axis.isPoint { return system.isEqual(axis.lower, index) }
                    let value = system.graph[index]
                    // Bounds that mention the step's own indices are those of elements, which are inside.
                    if !isPlain(axis.lower) || !isPlain(axis.upper) { return true }
                    return system.isLessOrEqual(system.graph[axis.lower], value, in: scope)
                        && system.isLess(value, system.graph[axis.upper], in: scope)
                }
            guard isHere else { continue }
            guard step.contributions.count == 1, let only = step.contributions.first, only.binders.isEmpty,
                only.overExamples == nil, only.isRatio
            else { return nil }
            let stepScope = Scope(step.axes)
            guard only.guards.allSatisfy({ isCertain($0, in: stepScope) }) else { return nil }
            var map: [IndexID: Affine] = [:]
            for (axis, index) in zip(step.axes, at) where !axis.isPoint { map[axis.index] = system.graph[index] }
            return (step, substituted(only, map), formulas.system.graph.substitute(step.result, map))
        }
        return nil
    }

    func isPlain(_ affine: AffineID) -> Bool {
        system.graph[affine].terms.allSatisfy { term in
            switch term.atom {
            case .index: false
            case .size: true
            case .stagedSize(_, let stage): isPlain(stage)
            }
        }
    }

    mutating func substituted(_ contribution: Contribution, _ map: [IndexID: Affine]) -> Contribution {
        if map.isEmpty { return contribution }
        var copy = contribution
        copy.indices = copy.indices.map { formulas.system.graph.substitute($0, map) ?? $0 }
        copy.binders = copy.binders.map { formulas.system.graph.substitute($0, map) }
        copy.guards = copy.guards.map { formulas.system.graph.substitute($0, map) ?? $0 }
        copy.local = formulas.system.graph.substitute(copy.local, map) ?? copy.local
        copy.localResult = formulas.system.graph.substitute(copy.localResult, map) ?? copy.localResult
        copy.adjoint = formulas.system.graph.substitute(copy.adjoint, map) ?? copy.adjoint
        copy.collapse = copy.collapse.map { substituted($0, map) }
        copy.mentions = copy.mentions.map { substituted($0, map) }
        return copy
    }

    mutating func substituted(_ collapse: Collapse, _ map: [IndexID: Affine]) -> Collapse {
        Collapse(
            binders: collapse.binders.map { formulas.system.graph.substitute($0, map) },
            deltas: collapse.deltas.map { formulas.system.graph.substitute($0, map) ?? $0 },
            local: formulas.system.graph.substitute(collapse.local, map) ?? collapse.local)
    }

    /// What a ratio is shown to work out to: σ′(z), as the table of functions has it, rather than a formula for it,
    /// where that reads better; otherwise the simplified form.
    mutating func shown(_ contribution: Contribution) -> ExprID {
        var hasPrime = false
        for id in formulas.system.graph.reachable(from: [contribution.local], &visited) {
            guard case .derivativeCall(let function, _, let arguments) = system.graph.form(of: id) else { continue }
            guard isActivation(function), arguments.allSatisfy({ formulas.measure($0).width < 8 }) else {
                return contribution.localResult
            }
            hasPrime = true
        }
        return hasPrime ? withoutFirstPowers(contribution.local) : contribution.localResult
    }

    /// u for u¹, which the power rule leaves of a square.
    private mutating func withoutFirstPowers(_ id: ExprID) -> ExprID {
        formulas.system.graph.rewrite(
            id, descend: { _, _ in true }, replace: { _, _ in nil },
            transform: { graph, id, children in
                let rebuilt = graph.rebuilding(id, children) { $1 }
                guard case .power(let base, let exponent) = graph.form(of: rebuilt),
                    graph.number(exponent)?.isOne == true
                else { return rebuilt }
                return base
            })
    }

    /// Functions that a reader knows by their name and a prime.
    func isActivation(_ function: FunctionReference) -> Bool {
        guard case .standard(let id) = function else { return true }
        switch FunctionTable.standard[id].latex {
        case .symbol, .named: return true
        case .command: return id == .tanh
        default: return false
        }
    }

    /// The step at the stage from which its chain reaches the cost's own stage: the last layer, or the one before it.
    mutating func lastStage(of step: AdjointStep) -> AdjointStep? {
        guard step.contributions.count == 1, let contribution = step.contributions.first else { return nil }
        var tail = contribution
        var depth = 0
        // Follow the single paths to the first adjoint that has cases.
        while depth < Self.longestChain, case .access(let adjoint, let at) = system.graph.form(of: tail.adjoint) {
            depth += 1
            let cases = stepsByAdjoint[adjoint] ?? []
            if cases.count > 1 {
                for position in cases {
                    let other = steps[position]
                    for (place, axis) in other.axes.enumerated()
                    where axis.isPoint && place < system[other.quantity].stageCount && place < at.count {
                        if let found = instance(of: step, where: at[place], is: axis.lower) { return found }
                    }
                }
                return nil
            }
            guard let next = only(adjoint, at, step.axes, contribution.binders) else { return nil }
            tail = next.contribution
        }
        return nil
    }

    /// A step with one stage index put in so that `affine` has a value.
    mutating func instance(
        of step: AdjointStep, where affine: AffineID, is value: AffineID
    ) -> AdjointStep? {
        let stageCount = system[step.quantity].stageCount
        for (position, axis) in step.axes.enumerated() where position < stageCount && !axis.isPoint {
            let here = system.graph[affine]
            guard here.coefficient(of: axis.index) == 1,
                let rest = here.adding(Affine(.index(axis.index)), times: -1),
                let stage = system.graph[value].adding(rest, times: -1),
                stage.terms.allSatisfy({ if case .index = $0.atom { false } else { true } })
            else { continue }
            // Outside of the step's stages there is nothing to show.
            let first = system.expandingSizes(system.graph[axis.lower])
            if let distance = system.expandingSizes(stage).adding(first, times: -1)?.asConstant, distance < 0 {
                return nil
            }
            if system.isLessOrEqual(system.graph[axis.upper], stage) { return nil }
            return instance(of: step, putting: [position: stage])
        }
        return nil
    }
}

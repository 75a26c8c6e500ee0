// The derivative of one element, and what it needs.

extension DerivationBuilder {
    /// A step with some of its indices at one value.
    mutating func instance(of step: AdjointStep, putting values: [Int: Affine]) -> AdjointStep {
        var copy = step
        var map: [IndexID: Affine] = [:]
        for (position, axis) in step.axes.enumerated() { if let value = values[position] { map[axis.index] = value } }
        copy.axes = step.axes.map { other in
            var other = other
            other.lower = formulas.system.graph.substitute(other.lower, map) ?? other.lower
            other.upper = formulas.system.graph.substitute(other.upper, map) ?? other.upper
            return other
        }
        for position in copy.axes.indices {
            guard let value = values[position] else { continue }
            copy.axes[position].isPoint = true
            copy.axes[position].lower = formulas.system.graph.affine(value)
            copy.axes[position].upper = formulas.system.graph.affine(value.offset(by: 1) ?? value)
        }
        copy.contributions = step.contributions.map { substituted($0, map) }
        if copy.contributions.count > 1 {
            let whole = copy
            copy.contributions.removeAll { isImpossible($0, whole) }
        }
        copy.result = formulas.system.graph.substitute(step.result, map) ?? step.result
        return copy
    }

    /// The steps that are shown: all, or the one asked for and those that it needs.
    mutating func shownSteps() -> [AdjointStep] {
        guard let element = options.element else { return steps }
        var shown: [Int: AdjointStep] = [:]
        var queue: [AdjointStep] = []
        for (position, step) in steps.enumerated() where step.quantity == element.quantity {
            guard let target = targeted(step) else { continue }
            shown[position] = target
            queue.append(target)
        }
        while let step = queue.popLast() {
            for contribution in step.contributions where !isImpossible(contribution, step) {
                guard case .access(let adjoint, let at) = system.graph.form(of: contribution.adjoint) else { continue }
                var scope = Scope(step.axes)
                for binder in contribution.binders { scope.enter(binder) }
                for position in stepsByAdjoint[adjoint] ?? [] {
                    let other = steps[position]
                    // A derivative of the same quantity in another family is asked for at the same element.
                    if other.quantity == element.quantity, shown[position] != nil { continue }
                    guard mayHold(other.axes, at, in: scope) else { continue }
                    let needed = other.quantity == element.quantity ? targeted(other) : atStages(other, at)
                    guard let needed, let next = joined(shown[position], needed, other) else { continue }
                    shown[position] = next
                    queue.append(next)
                }
            }
        }
        return steps.indices.compactMap { shown[$0] }
    }

    /// A step at the stages that are asked for, as far as these are known.
    private mutating func atStages(_ step: AdjointStep, _ indices: [AffineID]) -> AdjointStep {
        var values: [Int: Affine] = [:]
        for position in step.axes.indices.prefix(system[step.quantity].stageCount)
        where indices.indices.contains(position) {
            let value = system.graph[indices[position]]
            let isKnown = value.terms.allSatisfy { if case .size = $0.atom { true } else { false } }
            if isKnown, !step.axes[position].isPoint { values[position] = value }
        }
        return values.isEmpty ? step : instance(of: step, putting: values)
    }

    /// A step that is needed at two stages is shown in general; nil where nothing is new.
    private func joined(_ known: AdjointStep?, _ needed: AdjointStep, _ general: AdjointStep) -> AdjointStep? {
        guard let known else { return needed }
        if known.axes == needed.axes || known.axes == general.axes { return nil }
        return general
    }

    /// The step at the element that was asked for; nil where it does not hold there.
    mutating func targeted(_ step: AdjointStep) -> AdjointStep? {
        guard let element = options.element, element.quantity == step.quantity else { return step }
        guard element.indices.count == step.axes.count else { return step }
        var values: [Int: Affine] = [:]
        for (position, index) in element.indices.enumerated() {
            if case .at(let value) = index { values[position] = value }
        }
        let stages = element.indices.indices.filter { $0 < system[step.quantity].stageCount }
        for position in stages {
            guard let value = values[position] else { continue }
            let axis = step.axes[position]
            if system.isLess(value, system.graph[axis.lower]) { return nil }
            if system.isLessOrEqual(system.graph[axis.upper], value) { return nil }
        }
        return instance(of: step, putting: values)
    }

    /// Whether indices may be among those of a case; false where they certainly are not.
    func mayHold(_ axes: [Axis], _ indices: [AffineID], in scope: Scope) -> Bool {
        zip(axes, indices).allSatisfy { axis, index in
            let value = system.graph[index]
            if axis.isPoint {
                let point = system.graph[axis.lower]
                return !system.isLess(value, point, in: scope) && !system.isLess(point, value, in: scope)
            }
            if !isPlain(axis.lower) || !isPlain(axis.upper) { return true }
            return !system.isLess(value, system.graph[axis.lower], in: scope)
                && !system.isLessOrEqual(system.graph[axis.upper], value, in: scope)
        }
    }

    /// The element that was asked for, as a formula.
    func text(of element: PartialElement) -> FormulaPrinter.Text {
        var printer = formulas
        printer.scope.clear()
        var indices: [AffineID] = []
        for index in element.indices {
            switch index {
            case .at(let value): indices.append(printer.system.graph.affine(value))
            case .any(let name):
                let fresh = printer.system.graph.makeIndex(name, .element)
                _ = printer.scope.enter(fresh, preferring: name, isGiven: true)
                indices.append(printer.system.graph.affine(Affine(.index(fresh))))
            }
        }
        return printer.access(element.quantity, indices)
    }
}

// The chain rule, step by step, from the cost backwards.

extension DerivationBuilder {
    /// One ratio of a chain.
    struct Factor {
        var above: FormulaPrinter.Text
        var below: FormulaPrinter.Text
        /// What it works out to; nil where it stands for itself.
        var value: ExprID?
    }

    /// The most ratios that one line multiplies: the rest stands as one ratio, which has a step of its own.
    static let longestChain = 4

    mutating func addSteps(to document: inout LaTeXDocument) {
        var group: [AdjointStep] = []
        for step in derived.derivation.steps where !step.contributions.contains(where: { $0.overExamples != nil }) {
            if let first = group.first, first.adjoint != step.adjoint {
                add(group, to: &document)
                group = []
            }
            group.append(step)
        }
        add(group, to: &document)
    }

    /// The cases of one adjoint, those next to the cost first.
    private mutating func add(_ group: [AdjointStep], to document: inout LaTeXDocument) {
        func freedom(_ step: AdjointStep) -> Int { step.axes.lazy.filter { !$0.isPoint }.count }
        guard var general = group.first else { return }
        for step in group where freedom(step) > freedom(general) { general = step }
        let names = names(of: general)
        namesByAdjoint[general.adjoint] = names
        formulas.scope.clear()
        enter(general.axes, names: names)
        let element = formulas.access(general.quantity, indices(of: general.axes))
        document.blocks.append(.heading("The derivative with respect to \(element)"))
        let ordered = group.filter { isDirect($0) } + group.filter { !isDirect($0) }
        for step in ordered { add(step, to: &document) }
    }

    private func isDirect(_ step: AdjointStep) -> Bool { step.contributions.contains { isCost($0, step) } }

    /// A step: at the last stage, where the chain goes through to the cost, and in general.
    private mutating func add(_ step: AdjointStep, to document: inout LaTeXDocument) {
        let names = names(of: step)
        formulas.scope.clear()
        enter(step.axes, names: names)
        if let reason = reason(for: step) { document.blocks.append(.paragraph(reason)) }
        if let instance = lastStage(of: step) {
            formulas.scope.clear()
            enter(instance.axes, names: names)
            var row = row(of: instance, withResult: false)
            row.condition = nil
            document.append(row)
            formulas.scope.clear()
            enter(step.axes, names: names)
            let stages = condition(of: step.axes, step.quantity).map { ", for \($0)" as Prose } ?? ""
            document.blocks.append(.paragraph("In general\(stages):"))
        }
        document.append(row(of: step, withResult: true))
    }

    // MARK: One equation

    private mutating func row(of step: AdjointStep, withResult: Bool) -> LaTeXDocument.Row {
        let own = indices(of: step.axes)
        let element = formulas.access(step.quantity, own)
        let cost = costText(step)
        let left = formulas.ratio(cost, element)
        var ratios = MathLine()
        var values = MathLine()
        var seen: Set<[MathToken]> = []
        for contribution in step.contributions where !isImpossible(contribution, step) {
            let (first, second) = terms(of: contribution, element, cost, step)
            // Several mentions in one equation are one ratio.
            if isCost(contribution, step) || !contribution.isRatio || seen.insert(first.tokens).inserted {
                ratios.appendTerm(first)
            }
            values.appendTerm(second)
        }
        if values.isEmpty { values.write(.number("0"), width: 0.52) }
        var right = [ratios, values].filter { !$0.isEmpty }
        if withResult { right.append(formulas.formula(step.result)) }
        // A line that repeats the one before says nothing.
        var lines: [MathLine] = []
        for line in right where lines.last?.tokens != line.tokens && line.tokens != left.tokens { lines.append(line) }
        return LaTeXDocument.Row(left: left, right: lines, condition: condition(of: step.axes, step.quantity))
    }

    /// The cost that a step's adjoint is a derivative of.
    func costText(_ step: AdjointStep) -> FormulaPrinter.Text {
        guard let derivative = system[step.adjoint].derivative,
            case .access(let cost, let at) = system.graph.form(of: derivative.of)
        else { return ([.symbol(.letter("C"))], 0.8) }
        return formulas.access(cost, at)
    }

    /// What one mention adds, as ratios and as what they work out to.
    private mutating func terms(
        of contribution: Contribution, _ element: FormulaPrinter.Text, _ cost: FormulaPrinter.Text, _ step: AdjointStep
    ) -> (MathLine, MathLine) {
        var entered: [(IndexID, String)] = []
        var head = MathLine()
        for (position, binder) in contribution.binders.enumerated() {
            formulas.enter(binder, position, of: nil, &entered)
            let (tokens, width) = formulas.bounded(.sum, binder)
            head.write(tokens + [.blank], width: width)
        }
        if let condition = guards(of: contribution, step) {
            if let delta = formulas.kroneckerDelta(condition) {
                head.write(delta, width: 1.3)
            } else {
                let (size, width) = FormulaPrinter.brackets(formulas.measure(condition).height)
                head.write(.indicator, width: 0.6)
                head.open(.square, size, width: width)
                head.append(formulas.formula(condition))
                head.close(.square, size, width: width)
            }
            head.write(.gap, width: 0.17, mayBreak: .beforeFactor)
        }
        // What is no ratio by itself stands as what it works out to.
        let isDirect = isCost(contribution, step) || !contribution.isRatio
        let factors = chain(from: contribution, element, cost, step)
        var ratios = head
        // The sign of what is summed stands before the sum.
        let isNegative = !head.isEmpty && factors.first?.value.map { system.graph.printsNegative($0) } == true
        var values = MathLine()
        if isNegative { values.write(.negation, width: 0.8) }
        values.append(head)
        if isDirect {
            write(values: factors, dropsSign: isNegative, to: &values)
            // Where it is not the only path, or there is a sum, what it works out to stands for the ratio.
            ratios =
                step.contributions.count > 1 || !head.isEmpty || !contribution.isRatio
                ? values : directRatio(contribution, element)
        } else {
            for (position, factor) in factors.enumerated() {
                write(ratio: factor, isFirst: position == 0, to: &ratios)
            }
            write(values: factors, dropsSign: isNegative, to: &values)
        }
        for (index, preferred) in entered.reversed() { formulas.scope.leave(index, preferred: preferred) }
        return (ratios, values)
    }

    /// ∂/∂Q of the cost's own right side, where it fits on a line.
    private mutating func directRatio(_ contribution: Contribution, _ element: FormulaPrinter.Text) -> MathLine {
        guard let position = definitions[contribution.through]?.first,
            case let equation = system.equations[position], equation.axes.isEmpty,
            case let body = rewritten[position] ?? equation.body,
            formulas.measure(body).width < formulas.limit * 0.6
        else { return MathLine() }
        var line = MathLine()
        line.write(.fraction([.partial], [.partial, .blank] + element.tokens) + [.blank], width: element.width + 0.9)
        formulas.write(body, system.graph.printsNegative(body) ? .atom : .product, to: &line)
        return line
    }

    /// The conditions of a path, without those that hold wherever the step does; nil where none is left.
    private mutating func guards(of contribution: Contribution, _ step: AdjointStep) -> ExprID? {
        var scope = Scope(step.axes)
        for binder in contribution.binders { scope.enter(binder) }
        let open = contribution.guards.filter { !isCertain($0, in: scope) }
        if open.isEmpty { return nil }
        return open.count == 1 ? open[0] : formulas.system.graph.makeAnd(open)
    }

    /// Whether a path never exists.
    private func isImpossible(_ contribution: Contribution, _ step: AdjointStep) -> Bool {
        var scope = Scope(step.axes)
        for binder in contribution.binders { scope.enter(binder) }
        return contribution.guards.contains { condition in
            guard case .compare(let comparison, let left, let right) = system.graph.form(of: condition),
                let first = affine(left), let second = affine(right)
            else { return false }
            return switch comparison {
            case .less: system.isLessOrEqual(second, first, in: scope)
            case .lessOrEqual: system.isLess(second, first, in: scope)
            case .greater: system.isLessOrEqual(first, second, in: scope)
            case .greaterOrEqual: system.isLess(first, second, in: scope)
            case .equal: system.isLess(first, second, in: scope) || system.isLess(second, first, in: scope)
            case .notEqual: system.isEqual(first, second)
            }
        }
    }

    private func isCost(_ contribution: Contribution, _ step: AdjointStep) -> Bool {
        guard let derivative = system[step.adjoint].derivative,
            case .access(let cost, _) = system.graph.form(of: derivative.of)
        else { return false }
        return cost == contribution.through && system.graph.number(contribution.adjoint)?.isOne == true
    }

    /// Whether a guard holds wherever the step does, so that it need not be shown.
    private func isCertain(_ condition: ExprID, in scope: Scope) -> Bool {
        guard case .compare(let comparison, let left, let right) = system.graph.form(of: condition),
            let first = affine(left), let second = affine(right)
        else { return false }
        return switch comparison {
        case .less: system.isLess(first, second, in: scope)
        case .lessOrEqual: system.isLessOrEqual(first, second, in: scope)
        case .greater: system.isLess(second, first, in: scope)
        case .greaterOrEqual: system.isLessOrEqual(second, first, in: scope)
        case .equal: system.isEqual(first, second)
        case .notEqual: system.isLess(first, second, in: scope) || system.isLess(second, first, in: scope)
        }
    }

    private func affine(_ id: ExprID) -> Affine? {
        if case .integer(let affine) = system.graph.form(of: id) { return system.graph[affine] }
        return system.graph.number(id)?.asInt.map { Affine($0) }
    }

    // MARK: Chains

    /// ∂P/∂Q · ∂R/∂P · … · ∂C/∂…: as long as what follows has a single path.
    private mutating func chain(
        from contribution: Contribution, _ element: FormulaPrinter.Text, _ cost: FormulaPrinter.Text,
        _ step: AdjointStep
    ) -> [Factor] {
        var factors: [Factor] = []
        var below = element
        var current = contribution
        var currentStep = step
        while true {
            if isCost(current, currentStep) {
                factors.append(Factor(above: cost, below: below, value: shown(current)))
                return factors
            }
            let above = formulas.access(current.through, current.indices)
            factors.append(Factor(above: above, below: below, value: shown(current)))
            below = above
            guard case .access(let adjoint, let at) = system.graph.form(of: current.adjoint) else {
                factors.append(Factor(above: cost, below: below, value: current.adjoint))
                return factors
            }
            guard factors.count < Self.longestChain - 1, let next = only(adjoint, at, step.axes, contribution.binders)
            else { break }
            currentStep = next.step
            current = next.contribution
        }
        factors.append(Factor(above: cost, below: below, value: nil))
        return factors
    }

    /// The only path of an adjoint at indices: its contribution there, where it has just one without a sum or guard.
    private mutating func only(
        _ adjoint: QuantityID, _ at: [AffineID], _ axes: [Axis], _ binders: [Binder]
    ) -> (step: AdjointStep, contribution: Contribution)? {
        guard let candidates = stepsByAdjoint[adjoint], candidates.count <= 16 else { return nil }
        var scope = Scope(axes)
        for binder in binders { scope.enter(binder) }
        for position in candidates {
            let step = derived.derivation.steps[position]
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
            return (step, substituted(only, map))
        }
        return nil
    }

    private func isPlain(_ affine: AffineID) -> Bool {
        system.graph[affine].terms.allSatisfy { term in
            switch term.atom {
            case .index: false
            case .size: true
            case .stagedSize(_, let stage): isPlain(stage)
            }
        }
    }

    private mutating func substituted(_ contribution: Contribution, _ map: [IndexID: Affine]) -> Contribution {
        if map.isEmpty { return contribution }
        var copy = contribution
        copy.indices = copy.indices.map { formulas.system.graph.substitute($0, map) ?? $0 }
        copy.binders = copy.binders.map {
            Binder(
                index: $0.index, lower: formulas.system.graph.substitute($0.lower, map) ?? $0.lower,
                upper: formulas.system.graph.substitute($0.upper, map) ?? $0.upper)
        }
        copy.guards = copy.guards.map { formulas.system.graph.substitute($0, map) ?? $0 }
        copy.local = formulas.system.graph.substitute(copy.local, map) ?? copy.local
        copy.localResult = formulas.system.graph.substitute(copy.localResult, map) ?? copy.localResult
        copy.adjoint = formulas.system.graph.substitute(copy.adjoint, map) ?? copy.adjoint
        return copy
    }

    /// What a ratio is shown to work out to: σ′(z), as the table of functions has it, rather than a formula for it,
    /// where that reads better; otherwise the simplified form.
    private mutating func shown(_ contribution: Contribution) -> ExprID {
        var hasPrime = false
        for id in formulas.system.graph.reachable(from: [contribution.local], &visited) {
            guard case .derivativeCall(let function, _, let arguments) = system.graph.form(of: id) else { continue }
            guard isActivation(function), arguments.allSatisfy({ formulas.measure($0).width < 8 }) else {
                return contribution.localResult
            }
            hasPrime = true
        }
        return hasPrime ? contribution.local : contribution.localResult
    }

    /// Functions that a reader knows by their name and a prime.
    private func isActivation(_ function: FunctionReference) -> Bool {
        guard case .standard(let id) = function else { return true }
        switch FunctionTable.standard[id].latex {
        case .symbol, .named: return true
        case .command: return id == .tanh
        default: return false
        }
    }

    /// The step at the stage from which its chain reaches the cost's own stage: the last layer, or the one before it.
    private mutating func lastStage(of step: AdjointStep) -> AdjointStep? {
        guard step.contributions.count == 1, let contribution = step.contributions.first else { return nil }
        var tail = contribution
        var depth = 0
        // Follow the single paths to the first adjoint that has cases.
        while depth < Self.longestChain, case .access(let adjoint, let at) = system.graph.form(of: tail.adjoint) {
            depth += 1
            let cases = stepsByAdjoint[adjoint] ?? []
            if cases.count > 1 {
                for position in cases {
                    let other = derived.derivation.steps[position]
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
    private mutating func instance(
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
            var copy = step
            let map = [axis.index: stage]
            copy.axes = step.axes.map { other in
                var other = other
                other.lower = formulas.system.graph.substitute(other.lower, map) ?? other.lower
                other.upper = formulas.system.graph.substitute(other.upper, map) ?? other.upper
                return other
            }
            copy.axes[position].isPoint = true
            copy.axes[position].lower = formulas.system.graph.affine(stage)
            copy.axes[position].upper = formulas.system.graph.affine(stage.offset(by: 1) ?? stage)
            copy.contributions = step.contributions.map { substituted($0, map) }
            return copy
        }
        return nil
    }

    // MARK: Writing

    /// A ratio, labelled with what it works out to.
    private mutating func write(ratio factor: Factor, isFirst: Bool, to line: inout MathLine) {
        if !isFirst { line.write(.wideGap, width: 0.3, mayBreak: .beforeFactor) }
        let ratio = formulas.ratio(factor.above, factor.below)
        guard let value = factor.value, formulas.measure(value).width < formulas.limit * 0.3,
            formulas.measure(value).nesting < 2
        else {
            line.write(ratio)
            return
        }
        let label = formulas.formula(value)
        line.write(
            [.begin(.underbrace)] + ratio.tokens + [.next] + label.tokens + [.end],
            width: max(ratio.width, 0.75 * label.width) + 0.1)
    }

    /// What the ratios work out to, multiplied.
    private mutating func write(values factors: [Factor], dropsSign: Bool, to line: inout MathLine) {
        var isFirst = true
        // By itself a sum needs no brackets.
        let isAlone = line.isEmpty && factors.filter { $0.value.map { !isOne($0) } ?? true }.count == 1
        for (position, factor) in factors.enumerated() {
            guard let value = factor.value else {
                if !isFirst { line.write(.gap, width: 0.17, mayBreak: .beforeFactor) }
                let ratio = formulas.ratio(factor.above, factor.below)
                line.write(ratio)
                isFirst = false
                continue
            }
            if isOne(value) { continue }
            let isNegative = system.graph.printsNegative(value)
            if !isFirst {
                if startsWithDigit(value) && !isNegative {
                    line.write(.dot, width: 0.75)
                } else {
                    line.write(.gap, width: 0.17, mayBreak: .beforeFactor)
                }
            }
            let isLast = position == factors.count - 1
            formulas.write(
                value, isNegative && !isFirst ? .atom : isAlone ? .sum : .product, isLast: isLast,
                dropsSign: dropsSign && position == 0,
                to: &line)
            isFirst = false
        }
        if isFirst { line.write(.number("1"), width: 0.52) }
    }

    private func isOne(_ id: ExprID) -> Bool { system.graph.number(id)?.isOne == true }

    private func startsWithDigit(_ id: ExprID) -> Bool {
        switch system.graph.form(of: id) {
        case .number: return true
        case .multiply:
            let shape = ProductShape(of: id, in: system.graph, movesNumber: true)
            return shape.coefficient != nil && shape.denominator.isEmpty
        default: return false
        }
    }

    // MARK: Prose

    /// Why a step has the form that it has.
    private mutating func reason(for step: AdjointStep) -> Prose? {
        let element = formulas.access(step.quantity, indices(of: step.axes))
        let cost = costText(step)
        if step.contributions.isEmpty { return "No path leads from \(element) to \(cost)." }
        if step.contributions.count > 1 {
            var ways: [Prose] = []
            for contribution in step.contributions {
                let way = through(contribution)
                if !ways.contains(way), ways.count < 8 { ways.append(way) }
            }
            return "\(element) influences \(cost) through \(ways.joined(separator: " and through ")). "
                + "A small nudge travels along all these paths at once, so their contributions add up."
        }
        guard let contribution = step.contributions.first else { return nil }
        if !contribution.binders.isEmpty {
            return "\(element) influences \(cost) through every \(through(contribution)). "
                + "A small nudge travels along all these paths at once, so their contributions add up."
        }
        if isCost(contribution, step) { return "\(cost) depends on \(element) directly." }
        let factors = chain(from: contribution, element, cost, step)
        let path = factors.enumerated().map { position, factor -> Prose in
            position == 0 ? "nudges \(factor.above)" : "which nudges \(factor.above)"
        }.joined(separator: ", ")
        let ratios = factors.count == 2 ? "two ratios" : factors.count == 3 ? "three ratios" : "a product of ratios"
        return "A nudge to \(element) \(path): one path, \(ratios)."
    }

    private mutating func through(_ contribution: Contribution) -> Prose {
        var entered: [(IndexID, String)] = []
        for (position, binder) in contribution.binders.enumerated() {
            formulas.enter(binder, position, of: nil, &entered)
        }
        let text: Prose = "\(formulas.access(contribution.through, contribution.indices))"
        for (index, preferred) in entered.reversed() { formulas.scope.leave(index, preferred: preferred) }
        return text
    }
}

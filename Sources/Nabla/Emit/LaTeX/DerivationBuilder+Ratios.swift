// Each ratio by itself, rule by rule: in full detail.

extension DerivationBuilder {
    /// Which ratio: of what, by what, and how many stages lie between them.
    struct RatioKey: Hashable {
        var above: QuantityID
        var below: QuantityID
        var stages: [Affine?]
        /// The equation of what stands above, where it is one.
        var equation: Int?
    }

    /// Each ratio of a step's chains that no step before has derived; the others are referred to.
    mutating func addRatios(of step: AdjointStep, to document: inout LaTeXDocument) {
        guard let number = numbers[step.adjoint] else { return }
        let element = subject(of: step)
        let cost = costText(step)
        var known: [(ratio: FormulaPrinter.Text, step: Int)] = []
        var rows: [LaTeXDocument.Row] = []
        for contribution in step.contributions where !isCost(contribution, step) && !isImpossible(contribution, step) {
            var entered: [(IndexID, String)] = []
            for (position, binder) in contribution.binders.enumerated() {
                formulas.enter(binder, position, of: nil, &entered)
            }
            var scope = Scope(step.axes)
            for binder in contribution.binders { scope.enter(binder) }
            for factor in chain(from: contribution, element, cost, step) {
                guard let link = factor.link, link.contribution.isRatio, !isCost(link.contribution, link.step) else {
                    continue
                }
                let key = key(of: link, in: scope)
                if let earlier = knownRatios[key] {
                    if earlier != number { known.append((formulas.ratio(factor.above, factor.below), earlier)) }
                    continue
                }
                knownRatios[key] = number
                var row = ratioRow(link.contribution, factor.below, link.step, in: scope)
                row.condition = condition(of: step.axes, step.quantity)
                rows.append(row)
            }
            for (index, preferred) in entered.reversed() { formulas.scope.leave(index, preferred: preferred) }
        }
        if !rows.isEmpty {
            document.blocks.append(.paragraph(rows.count == 1 ? "A ratio by itself:" : "Each ratio by itself:"))
            for row in rows { document.append(row) }
        }
        var said: [Prose] = []
        for (ratio, step) in known {
            let sentence: Prose = "\(ratio) as in step \("\(step)")"
            if !said.contains(sentence) { said.append(sentence) }
        }
        if !said.isEmpty { document.blocks.append(.paragraph("Known: \(said.joined(separator: ", ")).")) }
        if !rows.isEmpty || !said.isEmpty { document.blocks.append(.paragraph("Then the chain rule:")) }
    }

    /// What tells a ratio from others, at whatever stage it stands.
    private func key(of link: Link, in scope: Scope) -> RatioKey {
        let below = link.at.prefix(system[link.step.quantity].stageCount)
        let above = link.contribution.indices.prefix(system[link.contribution.through].stageCount)
        let stages = zip(above, below).map { system.graph[$0].adding(system.graph[$1], times: -1) }
        return RatioKey(
            above: link.contribution.through, below: link.step.quantity, stages: stages,
            equation: equation(of: link.contribution, in: scope))
    }

    private mutating func ratioRow(
        _ contribution: Contribution, _ element: FormulaPrinter.Text, _ step: AdjointStep, in scope: Scope
    ) -> LaTeXDocument.Row {
        let above = formulas.access(contribution.through, contribution.indices)
        var lines: [(MathLine, MathLine?)] = []
        // What the differentiator has named is not in the equation as it is written.
        if let body = body(of: contribution, in: scope),
            system.graph.reachable(from: body).contains(where: { mentions($0, step.quantity) }),
            formulas.measure(body).width < formulas.limit * 0.6
        {
            var line = MathLine()
            let head = FormulaPrinter.partial(by: element)
            line.write(head)
            formulas.write(body, system.graph.printsNegative(body) || isSum(body) ? .atom : .product, to: &line)
            var note = FormulaPrinter.words("definition of ")
            note.write(above)
            lines.append((line, note))
        }
        let rules = rules(of: contribution, step, in: scope)
        if let collapse = contribution.collapse {
            var entered: [(IndexID, String)] = []
            let line = line(of: collapse, under: [], &entered)
            for (index, preferred) in entered.reversed() { formulas.scope.leave(index, preferred: preferred) }
            lines.append((line, FormulaPrinter.words((["sum rule"] + rules.prefix(2)).joined(separator: ", "))))
        }
        let shown = formulas.formula(shown(contribution))
        let hasPrime = system.graph.reachable(from: contribution.local).contains {
            if case .derivativeCall = system.graph.form(of: $0) { true } else { false }
        }
        lines.append((shown, ratioNote(contribution, rules, in: scope)))
        let result = formulas.formula(contribution.localResult)
        if result.tokens != shown.tokens {
            let note =
                hasPrime ? functionNote(contribution, contribution.localResult) : FormulaPrinter.words("simplified")
            lines.append((result, note))
        }
        return LaTeXDocument.Row(
            left: formulas.ratio(above, element), right: lines.map(\.0), notes: lines.map(\.1))
    }

    /// The rule of the line that a ratio works out to; nil where a quantity is derived by itself.
    private func ratioNote(_ contribution: Contribution, _ rules: [String], in scope: Scope) -> MathLine? {
        if contribution.collapse != nil { return FormulaPrinter.words("the sum keeps that one term") }
        if case .derivativeCall(let function, _, _) = system.graph.form(of: contribution.local),
            let head = formulas.head(of: function)
        {
            var note = FormulaPrinter.words("the derivative of ")
            note.write(head)
            return note
        }
        if let place = equation(of: contribution, in: scope), rules.isEmpty {
            switch system.graph.form(of: rewritten[place] ?? system.equations[place].body) {
            case .access: return nil
            case .multiply, .divide: return FormulaPrinter.words("constant factor")
            default: break
            }
        }
        return FormulaPrinter.words(rules.isEmpty ? "sum rule" : rules.prefix(3).joined(separator: ", "))
    }

    private func mentions(_ id: ExprID, _ quantity: QuantityID) -> Bool {
        if case .access(quantity, _) = system.graph.form(of: id) { true } else { false }
    }

    /// The equation of what a path leads through; nil where it may be one of several.
    func equation(of contribution: Contribution, in scope: Scope) -> Int? {
        let places = (definitions[contribution.through] ?? []).filter {
            mayHold(system.equations[$0].axes, contribution.indices, in: scope)
        }
        return places.count == 1 ? places.first : nil
    }

    /// The right side of what a path leads through, at its indices.
    private mutating func body(of contribution: Contribution, in scope: Scope) -> ExprID? {
        guard let place = equation(of: contribution, in: scope) else { return nil }
        let equation = system.equations[place]
        var map: [IndexID: Affine] = [:]
        for (axis, index) in zip(equation.axes, contribution.indices) where !axis.isPoint {
            map[axis.index] = system.graph[index]
        }
        return formulas.system.graph.substitute(rewritten[place] ?? equation.body, map)
    }
}

// Each ratio by itself, rule by rule: in full detail.

extension DerivationBuilder {
    mutating func addRatios(of step: AdjointStep, to document: inout LaTeXDocument) {
        let element = subject(of: step)
        var isFirst = true
        for contribution in step.contributions where !isCost(contribution, step) && !isImpossible(contribution, step) {
            if isFirst { document.blocks.append(.paragraph("The first ratio by itself:")) }
            isFirst = false
            var entered: [(IndexID, String)] = []
            for (position, binder) in contribution.binders.enumerated() {
                formulas.enter(binder, position, of: nil, &entered)
            }
            document.append(ratioRow(contribution, element, step))
            for (index, preferred) in entered.reversed() { formulas.scope.leave(index, preferred: preferred) }
        }
        if !isFirst { document.blocks.append(.paragraph("Then the chain rule:")) }
    }

    private mutating func ratioRow(
        _ contribution: Contribution, _ element: FormulaPrinter.Text, _ step: AdjointStep
    ) -> LaTeXDocument.Row {
        let above = formulas.access(contribution.through, contribution.indices)
        var lines: [(MathLine, MathLine?)] = []
        if let body = body(of: contribution.through, at: contribution.indices),
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
        let rules = rules(of: contribution, step)
        if let collapse = contribution.collapse {
            var entered: [(IndexID, String)] = []
            let line = line(of: collapse, under: [], &entered)
            for (index, preferred) in entered.reversed() { formulas.scope.leave(index, preferred: preferred) }
            lines.append((line, FormulaPrinter.words((["sum rule"] + rules.prefix(2)).joined(separator: ", "))))
        }
        let shown = formulas.formula(shown(contribution))
        let name =
            contribution.collapse != nil
            ? "the sum keeps that one term" : rules.isEmpty ? "sum rule" : rules.prefix(3).joined(separator: ", ")
        lines.append((shown, FormulaPrinter.words(name)))
        let result = formulas.formula(contribution.localResult)
        if result.tokens != shown.tokens { lines.append((result, FormulaPrinter.words("simplified"))) }
        return LaTeXDocument.Row(
            left: formulas.ratio(above, element), right: lines.map(\.0), notes: lines.map(\.1))
    }

    /// The right side of a quantity with one equation, at indices.
    private mutating func body(of quantity: QuantityID, at indices: [AffineID]) -> ExprID? {
        guard let places = definitions[quantity], places.count == 1, let place = places.first else { return nil }
        let equation = system.equations[place]
        var map: [IndexID: Affine] = [:]
        for (axis, index) in zip(equation.axes, indices) where !axis.isPoint { map[axis.index] = system.graph[index] }
        let body = rewritten[place] ?? equation.body
        return formulas.system.graph.substitute(body, map)
    }
}

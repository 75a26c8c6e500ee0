// From one example to all, and the gradient.

extension DerivationBuilder {
    /// The steps through a sum or a mean over the examples.
    ///
    /// - Parameter listsAll: whether each parameter's is shown, where no gradient follows that does.
    mutating func addExamples(to document: inout LaTeXDocument, listsAll: Bool) {
        let steps = steps.filter { $0.contributions.contains { $0.overExamples != nil } }
            .compactMap { targeted($0) }
        if steps.isEmpty { return }
        document.blocks.append(.heading("All training examples"))
        let count = formulas.exampleCount
        let isMean = steps.contains { $0.contributions.contains { $0.overExamples == .mean } }
        document.blocks.append(
            .paragraph(
                isMean
                    ? "A nudge to a parameter nudges the cost of every example, and a share of each, one in \(count), reaches "
                        + "the average. The sum rule and the constant factor let the derivative go inside: "
                        + "the derivative of an average is the average of the derivatives. With \(count) examples:"
                    : "A nudge to a parameter nudges the cost of every example, and each adds to the total. "
                        + "The sum rule lets the derivative go inside: "
                        + "the derivative of a sum is the sum of the derivatives. With \(count) examples:"))
        for step in steps { namesByAdjoint[step.adjoint] = names(of: step) }
        // The gradient lists them all.
        let shown = listsAll ? steps : Array(steps.prefix(1))
        for step in shown { document.append(exampleRow(of: step)) }
        if shown.count < steps.count {
            document.blocks.append(.paragraph("For every other parameter it is the same; the gradient lists them all."))
        }
    }

    /// The derivative goes inside the average.
    private mutating func exampleRow(of step: AdjointStep) -> LaTeXDocument.Row {
        formulas.scope.clear()
        enter(step.axes, names: namesByAdjoint[step.adjoint] ?? names(of: step))
        let cost = costText(step)
        let element = subject(of: step)
        var right: [MathLine] = []
        var notes: [MathLine?] = []
        if options.detail != .brief, let quantity = averagedCost(step) {
            let line = directRatio(quantity, element)
            if !line.isEmpty {
                var note = FormulaPrinter.words("definition of ")
                note.write(cost)
                right.append(line)
                notes.append(note)
            }
        }
        right.append(formulas.formula(step.result))
        let isMean = step.contributions.contains { $0.overExamples == .mean }
        notes.append(right.count == 1 ? nil : FormulaPrinter.words(isMean ? "sum rule, constant factor" : "sum rule"))
        return LaTeXDocument.Row(
            left: formulas.ratio(cost, element), right: right, condition: condition(of: step.axes, step.quantity),
            notes: notes)
    }

    /// The cost of a step, where it is an average of one quantity, to which parameters may add directly.
    private mutating func averagedCost(_ step: AdjointStep) -> QuantityID? {
        guard step.contributions.allSatisfy({ $0.overExamples != nil || isCost($0, step) }),
            let derivative = system[step.adjoint].derivative,
            case .access(let cost, let at) = system.graph.form(of: derivative.of), at.isEmpty,
            let place = definitions[cost]?.first
        else { return nil }
        var averaged: Set<ExprID> = []
        var computed: Set<ExprID> = []
        for id in system.graph.reachable(from: [rewritten[place] ?? system.equations[place].body], &visited) {
            switch system.graph.form(of: id) {
            case .reduceExamples(_, let body): averaged.insert(body)
            case .access(let quantity, _) where system[quantity].role == .computed: computed.insert(id)
            default: break
            }
        }
        return averaged.count == 1 && averaged == computed ? cost : nil
    }

    mutating func addGradient(to document: inout LaTeXDocument) {
        formulas.scope.clear()
        let cost = formulas.formula(derived.cost, .atom)
        document.blocks.append(.heading("The gradient"))
        var list = MathLine()
        var rows: [LaTeXDocument.Row] = []
        list.open(.round, .bigger, width: 0.6)
        for (position, (wrt, derivative)) in derived.gradient.enumerated() {
            if position > 0 { list.write(.comma(.wide), width: 0.7, mayBreak: .afterComma) }
            let domain = system[wrt].domains.first ?? []
            formulas.scope.clear()
            let names = derivative.flatMap { namesByAdjoint[$0] } ?? domain.map { system.graph.name(of: $0.index) }
            enter(domain, names: names)
            let ratio = formulas.ratio((cost.tokens, cost.width), formulas.access(wrt, indices(of: domain)))
            list.write(ratio)
            guard let derivative else {
                var zero = MathLine()
                zero.write(.number("0"), width: 0.52)
                rows.append(
                    LaTeXDocument.Row(left: ratio, right: [zero], condition: condition(of: domain, wrt, all: true)))
                continue
            }
            for place in definitions[derivative] ?? [] {
                let equation = system.equations[place]
                formulas.scope.clear()
                enter(equation.axes, names: names)
                let left = formulas.ratio((cost.tokens, cost.width), formulas.access(wrt, indices(of: equation.axes)))
                let right = formulas.formula(shownForm(equation.body))
                rows.append(
                    LaTeXDocument.Row(
                        left: left, right: [right], condition: condition(of: equation.axes, wrt, all: true),
                        notes: [numbers[derivative].map { FormulaPrinter.words("step \($0)") }]))
            }
        }
        list.close(.round, .bigger, width: 0.6)
        document.append(LaTeXDocument.Row(left: ([.nabla, .blank] + cost.tokens, cost.width + 0.9), right: [list]))
        for row in rows { document.append(row) }
    }
}

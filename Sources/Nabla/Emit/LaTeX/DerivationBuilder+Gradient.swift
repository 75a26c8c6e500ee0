// From one example to all, and the gradient.

extension DerivationBuilder {
    /// The steps through a sum or a mean over the examples.
    mutating func addExamples(to document: inout LaTeXDocument) {
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
        for step in steps {
            let names = names(of: step)
            namesByAdjoint[step.adjoint] = names
            formulas.scope.clear()
            enter(step.axes, names: names)
            let left = formulas.ratio(costText(step), subject(of: step))
            document.append(
                LaTeXDocument.Row(
                    left: left, right: [formulas.formula(step.result)],
                    condition: condition(of: step.axes, step.quantity)))
        }
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
                let right = formulas.formula(equation.body)
                rows.append(
                    LaTeXDocument.Row(
                        left: left, right: [right], condition: condition(of: equation.axes, wrt, all: true)))
            }
        }
        list.close(.round, .bigger, width: 0.6)
        document.append(LaTeXDocument.Row(left: ([.nabla, .blank] + cost.tokens, cost.width + 0.9), right: [list]))
        for row in rows { document.append(row) }
    }
}

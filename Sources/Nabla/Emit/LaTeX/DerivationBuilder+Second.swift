// The second derivatives: the Hessian, or its product with a direction.

extension DerivationBuilder {
    mutating func addSecond(to document: inout LaTeXDocument) {
        guard let second = derived.second else { return }
        let results = Set(second.results)
        formulas.scope.clear()
        let cost = formulas.formula(derived.cost, .atom)
        let isProduct = second.product != nil
        let steps = second.equations.filter { !results.contains(system.equations[$0].quantity) }
        if !steps.isEmpty {
            document.blocks.append(.heading(isProduct ? "Along the direction" : "On the way to the second derivatives"))
            document.blocks.append(
                .paragraph(
                    isProduct
                        ? "Each equation, of the network and of the gradient, is derived along the direction, in the order in which values are computed."
                        : "Each equation, of the network and of the gradient, is derived once more, in the order in which values are computed."
                ))
            for position in steps { document.append(secondRow(position)) }
        }
        document.blocks.append(.heading(isProduct ? "The Hessian times the direction" : "The Hessian"))
        if isProduct {
            var list = MathLine()
            list.open(.round, .bigger, width: 0.6)
            for (number, component) in (second.product ?? []).enumerated() {
                if number > 0 { list.write(.comma(.wide), width: 0.7, mayBreak: .afterComma) }
                formulas.scope.clear()
                let axes = system[component.derivative].domains.first ?? []
                enter(axes, names: axes.map { system.graph.name(of: $0.index) })
                let left = secondLeft(component.derivative, axes)
                list.write(left)
            }
            list.close(.round, .bigger, width: 0.6)
            let square = [MathToken.number("2")].grouped(.above(isIndex: true)) + [.blank]
            let left = [.nabla] + square + cost.tokens + [.dot, .symbol(.letter("v"))]
            document.append(LaTeXDocument.Row(left: (left, cost.width + 2.6), right: [list]))
            document.blocks.append(.paragraph("with the components"))
        } else if (second.hessian ?? []).contains(where: { $0.first != $0.second }) {
            document.blocks.append(
                .paragraph("A block for each pair of quantities; in the other order the derivative is the same."))
        }
        for position in second.equations where results.contains(system.equations[position].quantity) {
            document.append(secondRow(position, all: true))
        }
    }

    private mutating func secondRow(_ position: Int, all: Bool = false) -> LaTeXDocument.Row {
        let equation = system.equations[position]
        formulas.scope.clear()
        enter(equation.axes, names: equation.axes.map { system.graph.name(of: $0.index) })
        let left = secondLeft(equation.quantity, equation.axes)
        let right = formulas.formula(equation.body)
        return LaTeXDocument.Row(
            left: left, right: [right], condition: condition(of: equation.axes, equation.quantity, all: all))
    }

    private mutating func secondLeft(_ quantity: QuantityID, _ axes: [Axis]) -> FormulaPrinter.Text {
        let own = indices(of: axes)
        guard let (above, below) = formulas.ratio(of: quantity, own) else { return formulas.access(quantity, own) }
        return (.fraction(above.tokens, below.tokens), max(above.width, below.width) + 0.9)
    }
}

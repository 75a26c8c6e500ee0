// The paths from a quantity to the cost: listed one by one before they are added up.

extension DerivationBuilder {
    /// The paths of a step over one index: all where they are at most four, else the first, the second and the last.
    mutating func listedPaths(of step: AdjointStep) -> (contribution: Contribution, values: [Affine], isAll: Bool)? {
        let possible = step.contributions.filter { !isImpossible($0, step) }
        guard possible.count == 1, let contribution = possible.first, !isCost(contribution, step),
            contribution.binders.count == 1, let binder = contribution.binders.first,
            contribution.overExamples == nil, guards(of: contribution, step) == nil
        else { return nil }
        let first = system.graph[binder.lower]
        if let count = constantCount(binder.lower, binder.upper), count <= 4 {
            if count < 2 { return nil }
            let values = (0..<count).compactMap { first.offset(by: $0) }
            return values.count == count ? (contribution, values, true) : nil
        }
        guard let second = first.offset(by: 1), let last = system.graph[binder.upper].offset(by: -1) else { return nil }
        return (contribution, [first, second, last], false)
    }

    /// The chain of one path.
    mutating func path(
        _ contribution: Contribution, at value: Affine, _ element: FormulaPrinter.Text, _ cost: FormulaPrinter.Text,
        _ step: AdjointStep
    ) -> [Factor] {
        guard let binder = contribution.binders.first else { return [] }
        var one = substituted(contribution, [binder.index: value])
        one.binders = []
        return chain(from: one, element, cost, step)
    }

    /// One product of ratios for each path, in the path's colour and labelled with what it leads over.
    mutating func pathList(
        of step: AdjointStep, _ element: FormulaPrinter.Text, _ cost: FormulaPrinter.Text
    ) -> MathLine? {
        guard let (contribution, values, isAll) = listedPaths(of: step) else { return nil }
        var line = MathLine()
        for (number, value) in values.enumerated() {
            let factors = path(contribution, at: value, element, cost, step)
            guard factors.count > 1, let over = factors.last?.below else { return nil }
            if number == values.count - 1, !isAll { line.appendTerm(FormulaPrinter.leftOut) }
            var product = MathLine()
            for (position, factor) in factors.enumerated() {
                if position > 0 { product.write(.gap, width: 0.17) }
                let ratio = formulas.ratio(factor.above, factor.below)
                product.write(ratio)
            }
            var label = FormulaPrinter.words("over ")
            label.write(over)
            line.appendTerm(
                FormulaPrinter.coloured(FormulaPrinter.underbrace(product, label: label), path: number))
        }
        return line
    }

    /// The paths as a drawing: each in its colour and with its own kind of line.
    mutating func addPathsPicture(of step: AdjointStep, to document: inout LaTeXDocument) {
        // One sees it once in the network; paths over layers or steps that share a parameter are listed only.
        guard system[step.quantity].role != .parameter, let (contribution, values, isAll) = listedPaths(of: step) else {
            return
        }
        let element = subject(of: step)
        let cost = costText(step)
        var rows: [[FormulaPrinter.Text]] = []
        for value in values {
            let factors = path(contribution, at: value, element, cost, step)
            guard factors.count > 1 else { return }
            rows.append(factors.dropLast().map(\.above))
        }
        let picture = PathsPicture(from: element, through: rows, to: cost, isAll: isAll)
        if picture.text != nil { document.blocks.append(.picture(.paths(picture))) }
    }
}

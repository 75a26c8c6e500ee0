// A quantity whose elements all mention one element, and one of them once more: softmax, say, where z_k stands in the
// denominator of every p_j and in the numerator of p_k.

extension DerivationBuilder {
    /// The mentions in one quantity: one for each of its elements, and some in one element alone.
    struct Diagonal {
        /// The mention that each element has; its sum is over the elements.
        var every: Contribution
        /// The mentions that one element has besides.
        var one: [Contribution]
        /// The condition of the Kronecker delta: that the sum's index is the one element's.
        var delta: ExprID
    }

    /// Nil where the mentions of a step are others.
    mutating func diagonal(of step: AdjointStep) -> Diagonal? {
        let possible = step.contributions.filter { !isImpossible($0, step) }
        guard possible.count > 1, let through = possible.first?.through,
            possible.allSatisfy({
                $0.through == through && !$0.isRatio && $0.overExamples == nil && !isCost($0, step)
                    && $0.binders.count <= 1
            })
        else { return nil }
        for contribution in possible where guards(of: contribution, step) != nil { return nil }
        let one = possible.filter { $0.binders.isEmpty }
        guard one.count == possible.count - 1, let first = one.first,
            one.allSatisfy({ $0.indices == first.indices }),
            let every = possible.first(where: { !$0.binders.isEmpty }), let binder = every.binders.first
        else { return nil }
        let places = every.indices.indices.filter { every.indices[$0] != first.indices[$0] }
        guard places.count == 1, system.graph[every.indices[places[0]]].asIndex == binder.index else { return nil }
        // Where the one element is outside of the sum, its Kronecker delta would never be 1.
        let place = system.graph[first.indices[places[0]]]
        let scope = Scope(step.axes)
        guard system.isLessOrEqual(system.graph[binder.lower], place, in: scope),
            system.isLess(place, system.graph[binder.upper], in: scope),
            let there = formulas.system.graph.substitute(every.adjoint, [binder.index: place]),
            one.allSatisfy({ $0.adjoint == there })
        else { return nil }
        let left = formulas.system.graph.makeInteger(every.indices[places[0]])
        let right = formulas.system.graph.makeInteger(first.indices[places[0]])
        let delta = formulas.system.graph.makeComparison(.equal, left, right)
        return Diagonal(every: every, one: one, delta: delta)
    }

    /// The chain rule over all elements, and what the ratio is, with its Kronecker delta.
    mutating func lines(
        of diagonal: Diagonal, _ element: FormulaPrinter.Text, _ cost: FormulaPrinter.Text
    ) -> (ratios: MathLine, values: MathLine) {
        var (ratios, values) = (MathLine(), MathLine())
        for part in parts(of: diagonal) {
            var entered: [(IndexID, String)] = []
            let head = sums(over: part.every.binders, &entered)
            let above = formulas.access(part.every.through, part.every.indices)
            var ratio = head
            ratio.write(formulas.ratio(above, element))
            ratio.write(.gap, width: 0.17, mayBreak: .beforeFactor)
            ratio.write(formulas.ratio(cost, above))
            ratios.appendTerm(ratio)
            var value = head
            let inside = shown(part)
            let (size, width) = FormulaPrinter.brackets(formulas.measure(shown(part.every)).height)
            value.open(.round, size, width: width)
            value.append(inside)
            value.close(.round, size, width: width)
            value.write(.gap, width: 0.17, mayBreak: .beforeFactor)
            value.write(formulas.ratio(cost, above))
            values.appendTerm(value)
            for (index, preferred) in entered.reversed() { formulas.scope.leave(index, preferred: preferred) }
        }
        return (ratios, values)
    }

    /// What the ratio works out to.
    private mutating func shown(_ diagonal: Diagonal) -> MathLine {
        var line = MathLine()
        for contribution in diagonal.one {
            var term = MathLine()
            let local = shown(contribution)
            formulas.write(local, .product, isLast: false, to: &term)
            term.write(.gap, width: 0.17, mayBreak: .beforeFactor)
            write(condition: diagonal.delta, to: &term)
            line.appendTerm(term)
        }
        line.appendTerm(formulas.formula(shown(diagonal.every)))
        return line
    }

    /// The sum as it stands, or, written out, one part for each of its terms.
    private mutating func parts(of diagonal: Diagonal) -> [Diagonal] {
        guard options.expandsSums, let binder = diagonal.every.binders.first else { return [diagonal] }
        return expanded(diagonal.every).enumerated().map { number, every in
            guard every.binders.isEmpty, let value = system.graph[binder.lower].offset(by: number) else {
                return diagonal
            }
            var part = diagonal
            part.every = every
            part.delta = formulas.system.graph.substitute(diagonal.delta, [binder.index: value]) ?? diagonal.delta
            return part
        }
    }
}

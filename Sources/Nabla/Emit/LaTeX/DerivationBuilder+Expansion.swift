// Sums over a few values, written term by term.

extension DerivationBuilder {
    /// Sums of more terms stay sums.
    private static let mostTerms = 4

    /// An expression as it is shown: with small sums written out where that was asked for.
    mutating func shownForm(_ root: ExprID) -> ExprID {
        guard options.expandsSums else { return root }
        var counts: [ExprID: [Int]] = [:]
        for id in system.graph.reachable(from: root) {
            guard case .reduce(.sum, let binders, _) = system.graph.form(of: id) else { continue }
            let own = binders.map { constantCount($0.lower, $0.upper) ?? 0 }
            if own.allSatisfy({ (1...Self.mostTerms).contains($0) }), own.reduce(1, *) <= 2 * Self.mostTerms {
                counts[id] = own
            }
        }
        if counts.isEmpty { return root }
        return formulas.system.graph.rewrite(
            root, descend: { _, _ in true }, replace: { _, _ in nil },
            transform: { graph, id, children in
                let rebuilt = graph.rebuilding(id, children) { $1 }
                guard let own = counts[id], case .reduce(_, let binders, let body) = graph.form(of: rebuilt) else {
                    return rebuilt
                }
                var terms = [body]
                for (binder, count) in zip(binders, own) {
                    guard let lower = graph[binder.lower].asConstant else { return rebuilt }
                    var next: [ExprID] = []
                    for term in terms {
                        for value in lower..<lower + count {
                            guard let one = graph.substitute(term, [binder.index: Affine(value)]) else {
                                return rebuilt
                            }
                            next.append(one)
                        }
                    }
                    terms = next
                }
                return terms.count == 1 ? terms[0] : graph.makeSum(terms)
            })
    }

    /// How many values a range has, where that is known, in all stages alike.
    func constantCount(_ lower: AffineID, _ upper: AffineID) -> Int? {
        guard let span = system.graph[upper].adding(system.graph[lower], times: -1) else { return nil }
        let known = system.expandingSizes(span)
        var total = known.constant
        for term in known.terms {
            guard case .stagedSize(let size, _) = term.atom, let values = system[size].values,
                let first = values.first, values.allSatisfy({ $0 == first })
            else { return nil }
            let (product, overflowed) = first.multipliedReportingOverflow(by: term.coefficient)
            let (sum, overflows) = total.addingReportingOverflow(product)
            if overflowed || overflows { return nil }
            total = sum
        }
        return total
    }

    /// What the ratios of each path work out to, added up: where the paths are few.
    mutating func writtenOut(_ step: AdjointStep) -> MathLine? {
        guard let (contribution, values, isAll) = listedPaths(of: step), isAll else { return nil }
        let element = subject(of: step)
        let cost = costText(step)
        var line = MathLine()
        for value in values {
            var term = MathLine()
            let factors = path(contribution, at: value, element, cost, step)
            write(values: factors, dropsSign: false, to: &term)
            line.appendTerm(term)
        }
        return line
    }
}

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

    /// A step whose sums over few paths are written out: a contribution for each path.
    mutating func expanded(_ step: AdjointStep) -> AdjointStep {
        guard options.expandsSums else { return step }
        var copy = step
        copy.contributions = step.contributions.flatMap { expanded($0) }
        return copy
    }

    /// A sum over paths as its terms; itself where they are too many.
    mutating func expanded(_ contribution: Contribution) -> [Contribution] {
        guard contribution.overExamples == nil, !contribution.binders.isEmpty else { return [contribution] }
        var all = [contribution]
        for binder in contribution.binders {
            var next: [Contribution] = []
            for one in all {
                // A range may hang on the index of an earlier one.
                guard let own = one.binders.first, own.index == binder.index,
                    let count = constantCount(own.lower, own.upper), (1...Self.mostTerms).contains(count),
                    all.count * count <= 2 * Self.mostTerms
                else { return [contribution] }
                for number in 0..<count {
                    guard let value = system.graph[own.lower].offset(by: number) else { return [contribution] }
                    var term = one
                    term.binders.removeFirst()
                    next.append(substituted(term, [own.index: value]))
                }
            }
            all = next
        }
        return all
    }

    /// A sum of which a derivative keeps one term, written out.
    mutating func expandedTerms(_ collapse: Collapse) -> [Collapse]? {
        guard options.expandsSums, let binder = collapse.binders.first, collapse.binders.count == 1,
            let count = constantCount(binder.lower, binder.upper), (1...Self.mostTerms).contains(count)
        else { return nil }
        var terms: [Collapse] = []
        for number in 0..<count {
            guard let value = system.graph[binder.lower].offset(by: number) else { return nil }
            var term = substituted(collapse, [binder.index: value])
            term.binders = []
            terms.append(term)
        }
        return terms
    }
}

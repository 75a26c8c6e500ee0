// Why a step has the form that it has, in a sentence.

extension DerivationBuilder {
    /// Why a step has the form that it has.
    mutating func reason(for step: AdjointStep) -> Prose? {
        let element = subject(of: step)
        let cost = costText(step)
        if step.contributions.isEmpty { return "No path leads from \(element) to \(cost)." }
        if step.contributions.count > 1, step.contributions.allSatisfy({ isCost($0, step) }) {
            return "\(cost) depends on \(element) directly, in more than one place: the contributions add up."
        }
        if step.contributions.count > 1 {
            let ways = Array(ways(of: step, element, cost).prefix(8))
            return "\(element) influences \(cost) \(ways.joined(separator: " and "))\(whyPathsAdd())"
        }
        guard let contribution = step.contributions.first else { return nil }
        if !contribution.binders.isEmpty {
            let ways = ways(of: step, element, cost)
            return "\(element) influences \(cost) \(ways.joined(separator: " and "))\(whyPathsAdd())"
        }
        if isCost(contribution, step) { return "\(cost) depends on \(element) directly." }
        let factors = chain(from: contribution, element, cost, step)
        let path = factors.enumerated().map { position, factor -> Prose in
            position == 0 ? "nudges \(factor.above)" : "which nudges \(factor.above)"
        }.joined(separator: ", ")
        let ratios = factors.count == 2 ? "two ratios" : factors.count == 3 ? "three ratios" : "a product of ratios"
        return "A nudge to \(element) \(path): one path, \(ratios)."
    }

    /// Said in full the first time.
    private mutating func whyPathsAdd() -> Prose {
        if hasSaidWhyPathsAdd { return ": again the contributions of the paths add up." }
        hasSaidWhyPathsAdd = true
        return ". A small nudge travels along all these paths at once, so their contributions add up."
    }

    /// What the paths lead over: as in the list of paths the last quantity before they meet others, or, where this does not
    /// tell them apart, the first.
    private mutating func ways(
        of step: AdjointStep, _ element: FormulaPrinter.Text, _ cost: FormulaPrinter.Text
    ) -> [Prose] {
        var last: [Prose] = []
        var first: [Prose] = []
        var ends: [QuantityID] = []
        for contribution in diagonal(of: step).map({ [$0.every] }) ?? step.contributions {
            if isCost(contribution, step) {
                if !first.contains("directly") {
                    first.append("directly")
                    last.append("directly")
                }
                continue
            }
            var entered: [(IndexID, String)] = []
            for (position, binder) in contribution.binders.enumerated() {
                formulas.enter(binder, position, of: nil, &entered)
            }
            let every: Prose = contribution.binders.isEmpty ? "through " : "through every "
            let begin = formulas.access(contribution.through, contribution.indices)
            let factors = chain(from: contribution, element, cost, step)
            let end = factors.last?.below ?? begin
            for (index, preferred) in entered.reversed() { formulas.scope.leave(index, preferred: preferred) }
            let way: Prose = "\(every)\(begin)"
            // Several mentions in one equation are one way.
            if first.contains(way) { continue }
            first.append(way)
            ends.append(factors.dropLast().last?.link?.contribution.through ?? contribution.through)
            last.append("\(every)\(end)")
        }
        return Set(ends).count == ends.count ? last : first
    }
}

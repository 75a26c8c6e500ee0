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
            var ways: [Prose] = []
            for contribution in step.contributions {
                let way = through(contribution)
                if !ways.contains(way), ways.count < 8 { ways.append(way) }
            }
            return "\(element) influences \(cost) through \(ways.joined(separator: " and through ")). "
                + "A small nudge travels along all these paths at once, so their contributions add up."
        }
        guard let contribution = step.contributions.first else { return nil }
        if !contribution.binders.isEmpty {
            return "\(element) influences \(cost) through every \(through(contribution)). "
                + "A small nudge travels along all these paths at once, so their contributions add up."
        }
        if isCost(contribution, step) { return "\(cost) depends on \(element) directly." }
        let factors = chain(from: contribution, element, cost, step)
        let path = factors.enumerated().map { position, factor -> Prose in
            position == 0 ? "nudges \(factor.above)" : "which nudges \(factor.above)"
        }.joined(separator: ", ")
        let ratios = factors.count == 2 ? "two ratios" : factors.count == 3 ? "three ratios" : "a product of ratios"
        return "A nudge to \(element) \(path): one path, \(ratios)."
    }

    mutating func through(_ contribution: Contribution) -> Prose {
        var entered: [(IndexID, String)] = []
        for (position, binder) in contribution.binders.enumerated() {
            formulas.enter(binder, position, of: nil, &entered)
        }
        let text: Prose = "\(formulas.access(contribution.through, contribution.indices))"
        for (index, preferred) in entered.reversed() { formulas.scope.leave(index, preferred: preferred) }
        return text
    }
}

// Writing the ratios of a chain, and what they work out to.

extension DerivationBuilder {
    /// A ratio, labelled with what it works out to.
    mutating func write(ratio factor: Factor, isFirst: Bool, to line: inout MathLine) {
        if !isFirst { line.write(.wideGap, width: 0.3, mayBreak: .beforeFactor) }
        let ratio = formulas.ratio(factor.above, factor.below)
        guard let value = factor.value, formulas.measure(value).width < formulas.limit * 0.3,
            formulas.measure(value).nesting < 2
        else {
            line.write(ratio)
            return
        }
        let label = formulas.formula(value)
        line.write(
            [.begin(.underbrace)] + ratio.tokens + [.next] + label.tokens + [.end],
            width: max(ratio.width, 0.75 * label.width) + 0.1)
    }

    /// What the ratios work out to, multiplied.
    mutating func write(values factors: [Factor], dropsSign: Bool, to line: inout MathLine) {
        var isFirst = true
        // By itself a sum needs no brackets.
        let isAlone = line.isEmpty && factors.filter { $0.value.map { !isOne($0) } ?? true }.count == 1
        for (position, factor) in factors.enumerated() {
            guard let value = factor.value else {
                if !isFirst { line.write(.gap, width: 0.17, mayBreak: .beforeFactor) }
                let ratio = formulas.ratio(factor.above, factor.below)
                line.write(ratio)
                isFirst = false
                continue
            }
            if isOne(value) { continue }
            let isNegative = system.graph.printsNegative(value)
            if !isFirst {
                if startsWithDigit(value) && !isNegative {
                    line.write(.dot, width: 0.75)
                } else {
                    line.write(.gap, width: 0.17, mayBreak: .beforeFactor)
                }
            }
            let isLast = position == factors.count - 1
            formulas.write(
                value, isNegative && !isFirst ? .atom : isAlone ? .sum : .product, isLast: isLast,
                dropsSign: dropsSign && position == 0,
                to: &line)
            isFirst = false
        }
        if isFirst { line.write(.number("1"), width: 0.52) }
    }

    func isOne(_ id: ExprID) -> Bool { system.graph.number(id)?.isOne == true }

    func startsWithDigit(_ id: ExprID) -> Bool {
        switch system.graph.form(of: id) {
        case .number: return true
        case .multiply:
            let shape = ProductShape(of: id, in: system.graph, movesNumber: true)
            return shape.coefficient != nil && shape.denominator.isEmpty
        default: return false
        }
    }
}

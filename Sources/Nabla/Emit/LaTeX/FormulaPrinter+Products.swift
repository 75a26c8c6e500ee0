// Sums, products and quotients.

extension FormulaPrinter {
    func push(sum terms: [ExprID], _ isLast: Bool, _ line: inout MathLine, _ stack: inout [Work]) {
        if terms.isEmpty { line.write(.number("0"), width: 0.52) }
        for position in terms.indices.reversed() {
            let term = terms[position]
            if position == 0 {
                stack.append(.expression(term, .sum))
            } else if system.graph.printsNegative(term) {
                stack.append(.expression(term, .product, dropsSign: true))
                stack.append(.breakable(.operation(.minus, isTight: false), 1.25, .beforeTerm))
            } else {
                stack.append(.expression(term, .product))
                stack.append(.breakable(.operation(.plus, isTight: false), 1.25, .beforeTerm))
            }
        }
    }

    func push(
        product shape: ProductShape, _ isLast: Bool, _ dropsSign: Bool, _ line: inout MathLine, _ stack: inout [Work]
    ) {
        let parts = parts(of: shape)
        if shape.isNegative && !dropsSign { line.write(.negation, width: 0.8) }
        var work: [Work] = []
        if let (tokens, width) = parts.coefficient { work.append(.text(tokens, width)) }
        if !parts.below.isEmpty || parts.coefficientBelow != nil {
            let whole = rowMeasure(parts.above, parts.coefficientAbove, parts.below, parts.coefficientBelow)
            let inFraction = whole.isStacked
            var above = row(parts.above, parts.coefficientAbove, isLast: inFraction, isClosed: inFraction)
            if above.isEmpty { above = [.text([.number("1")], 0.52)] }
            let below = row(parts.below, parts.coefficientBelow, isLast: inFraction, isClosed: inFraction)
            if inFraction {
                // The group's width counts; what is inside does not.
                line.beginGroup(.fraction, width: whole.width)
                work.append(contentsOf: above)
                work.append(.text([.next], 0))
                work.append(contentsOf: below)
                work.append(.endGroup)
            } else {
                work.append(contentsOf: above)
                work.append(.text([.slash], 0.8))
                if parts.below.count > 1 || parts.coefficientBelow != nil {
                    work.append(.open(.round, .big, 0.47))
                    work.append(contentsOf: below)
                    work.append(.close(.round, .big, 0.47))
                } else {
                    work.append(contentsOf: below)
                }
            }
        }
        for (position, factor) in parts.after.enumerated() {
            if !work.isEmpty {
                let followsNumber = position == 0 && parts.coefficient != nil && parts.below.isEmpty
                work.append(gap(before: factor, afterNumber: followsNumber))
            }
            let factorIsLast = position == parts.after.count - 1
            let place = self.place(of: factor, isFirst: work.isEmpty, isLast: factorIsLast)
            work.append(.factor(factor, place, isLast: factorIsLast && isLast))
        }
        if work.isEmpty { work.append(.text([.number("1")], 0.52)) }
        stack.append(contentsOf: work.reversed())
    }

    /// What a factor has to bind like: the last one may be a reduction or start with a product.
    private func place(of factor: ProductShape.Factor, isFirst: Bool, isLast: Bool) -> Precedence {
        guard case .expression(let id) = factor else { return .power }
        switch system.graph.form(of: id) {
        case .reduce, .reduceExamples: return isLast ? .product : .power
        case .select: return isLast ? .product : .power
        // A factor that is a quotient prints as a fraction, which is closed.
        case .divide(let dividend, let divisor):
            return fits(known(dividend)) && fits(known(divisor)) ? .product : .power
        case .multiply: return isFirst ? .product : .power
        case .number(let value, let literal):
            return literal == nil && value.sign > 0 && NumberForm(value).isFraction ? .negation : .power
        default: return .power
        }
    }

    /// What stands behind an operator such as Σ binds like a product, without a sign of its own.
    func bodyPlace(_ id: ExprID) -> Precedence { system.graph.printsNegative(id) ? .atom : .product }

    /// What stands between factors: a thin space, or a dot before digits.
    private func gap(before factor: ProductShape.Factor, afterNumber: Bool) -> Work {
        if case .expression(let id) = factor {
            switch system.graph.form(of: id) {
            case .number: return .text([.dot], 0.75)
            case .integer(let affine) where system.graph.precedence(of: system.graph[affine]) == .atom:
                if system.graph[affine].terms.isEmpty { return .text([.dot], 0.75) }
            case .add, .negate:
                if afterNumber { return .text([], 0) }
            case .divide:
                return afterNumber ? .text([.dot], 0.75) : .breakable(.gap, 0.17, .beforeFactor)
            default: break
            }
        }
        return afterNumber ? .text([.implied], 0.05) : .breakable(.gap, 0.17, .beforeFactor)
    }

    /// Factors side by side; `isClosed`: above or below a line, where nothing needs brackets.
    private func row(
        _ factors: [ProductShape.Factor], _ number: Text?, isLast: Bool, isClosed: Bool
    ) -> [Work] {
        var work: [Work] = []
        if let number { work.append(.text(number.tokens, number.width)) }
        for (position, factor) in factors.enumerated() {
            if !work.isEmpty { work.append(gap(before: factor, afterNumber: position == 0 && number != nil)) }
            let factorIsLast = position == factors.count - 1
            var place = place(of: factor, isFirst: work.isEmpty, isLast: factorIsLast)
            if factors.count == 1 && number == nil && isClosed { place = .select }
            work.append(.factor(factor, place, isLast: factorIsLast && isLast))
        }
        return work
    }

    private func rowMeasure(
        _ above: [ProductShape.Factor], _ numberAbove: Text?, _ below: [ProductShape.Factor], _ numberBelow: Text?
    ) -> (isStacked: Bool, width: Double) {
        func measure(_ factors: [ProductShape.Factor], _ number: Text?) -> Measure {
            var row = Measure(width: (number?.width ?? 0) + 0.1, height: 1)
            for factor in factors {
                let part = self.measure(of: factor, .negation)
                row.width += part.width + 0.2
                row.include(part)
            }
            return row
        }
        let (first, second) = (measure(above, numberAbove), measure(below, numberBelow))
        return (fits(first) && fits(second), max(first.width, second.width, 0.5) + 0.3)
    }

    func push(quotient dividend: ExprID, _ divisor: ExprID, _ line: inout MathLine, _ stack: inout [Work]) {
        let (above, below) = (known(dividend), known(divisor))
        if fits(above) && fits(below) {
            line.beginGroup(.fraction, width: max(above.width, below.width) + 0.3)
            stack.append(.endGroup)
            stack.append(.expression(divisor, .select))
            stack.append(.text([.next], 0))
            stack.append(.expression(dividend, .select))
        } else {
            stack.append(.expression(divisor, .power, isLast: false))
            stack.append(.text([.slash], 0.8))
            stack.append(.expression(dividend, .power, isLast: false))
        }
    }
}

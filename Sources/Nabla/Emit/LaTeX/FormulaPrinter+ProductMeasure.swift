// Products: where each factor stands, and how large that is.

extension FormulaPrinter {
    /// A product as ``ProductShape`` has it.
    func measure(of shape: ProductShape) -> Measure {
        let parts = parts(of: shape)
        var measure = Measure(width: shape.isNegative ? 0.8 : 0, height: 1)
        if let (tokens, width) = parts.coefficient {
            measure.width += width
            if tokens.first == .begin(.fraction) { measure.height = 1.9 }
        }
        if !parts.above.isEmpty || !parts.below.isEmpty {
            let above = row(parts.above, parts.coefficientAbove)
            if parts.below.isEmpty && parts.coefficientBelow == nil {
                measure.width += above.width
                measure.include(above)
            } else {
                let whole = fraction(above, row(parts.below, parts.coefficientBelow))
                measure.width += whole.width
                measure.include(whole)
            }
        } else if parts.coefficientBelow != nil || parts.coefficientAbove != nil {
            measure.width += 1
            measure.height = 1.9
        }
        for factor in parts.after {
            let part = self.measure(of: factor, .product)
            measure.width += part.width + 0.2
            measure.include(part)
        }
        return measure
    }

    func measure(of factor: ProductShape.Factor, _ place: Precedence) -> Measure {
        switch factor {
        case .expression(let id): return operand(id, place)
        case .power(let base, let exponent):
            let text = text(of: exponent, nil)
            return power(operand(base, .atom), Measure(width: text.width, height: 1))
        }
    }

    /// Factors side by side.
    private func row(_ factors: [ProductShape.Factor], _ number: Text?) -> Measure {
        var row = Measure(width: number?.width ?? 0, height: 1)
        for factor in factors {
            let part = measure(of: factor, .negation)
            row.width += part.width + 0.2
            row.include(part)
        }
        if row.width == 0 { row.width = 0.5 }
        return row
    }

    /// Where each part of a product stands.
    struct ProductParts {
        /// A number in front.
        var coefficient: Text?
        /// Numbers in the fraction.
        var coefficientAbove: Text?
        var coefficientBelow: Text?
        var above: [ProductShape.Factor] = []
        var below: [ProductShape.Factor] = []
        /// Behind the fraction: reductions and ratios, which would be small in it.
        var after: [ProductShape.Factor] = []
    }

    func parts(of shape: ProductShape) -> ProductParts {
        var parts = ProductParts()
        parts.below = shape.denominator
        if let (magnitude, literal) = shape.coefficient {
            if literal == nil, case .fraction(let numerator, let denominator) = NumberForm(magnitude),
                !shape.denominator.isEmpty
            {
                if !numerator.isOne { parts.coefficientAbove = text(ofDigits: numerator.description) }
                parts.coefficientBelow = text(ofDigits: denominator.description)
            } else if !shape.denominator.isEmpty {
                parts.coefficientAbove = text(of: magnitude, literal)
            } else {
                parts.coefficient = text(of: magnitude, literal)
            }
        }
        if shape.denominator.isEmpty {
            parts.after = shape.numerator
            return parts
        }
        for factor in shape.numerator {
            if parts.after.isEmpty, !isReduction(factor) {
                parts.above.append(factor)
            } else {
                parts.after.append(factor)
            }
        }
        return parts
    }

    private func isReduction(_ factor: ProductShape.Factor) -> Bool {
        guard case .expression(let id) = factor else { return false }
        switch system.graph.form(of: id) {
        case .reduce, .reduceExamples: return true
        case .access(let quantity, _): return system[quantity].derivative != nil
        default: return false
        }
    }
}

/// A product, a quotient's normal form, or a single factor as it prints: a sign, a number, what stands above the
/// fraction's line and what below.
///
/// The order of the factors stays; only a computed number moves to the front.
struct ProductShape {
    /// A factor that prints.
    enum Factor {
        case expression(ExprID)
        /// A power with a positive exponent other than 1, of a factor that the normal form has with a negative one.
        case power(base: ExprID, exponent: Rational)
    }

    var isNegative = false
    /// The leading number's magnitude; nil where it is 1 and something else stands for it.
    var coefficient: (magnitude: Rational, literal: String?)?
    var numerator: [Factor] = []
    var denominator: [Factor] = []

    /// The shape of a product or of a power with a negative number as its exponent.
    init(of id: ExprID, in graph: ExprGraph) {
        guard case .multiply(let factors) = graph.form(of: id) else {
            append(id, graph)
            return
        }
        // One pass finds the number that leads: the first factor, or a number that was computed.
        var leading: Int?
        for (position, factor) in factors.enumerated() where leading == nil {
            guard case .number(let value, let literal) = graph.form(of: factor) else { continue }
            if position == 0 || literal == nil {
                leading = position
                isNegative = value.sign < 0
                coefficient = (value.magnitude, literal)
            }
        }
        for (position, factor) in factors.enumerated() where position != leading { append(factor, graph) }
        if let (magnitude, literal) = coefficient, literal == nil || isNegative, magnitude.isOne, !numerator.isEmpty {
            coefficient = nil
        }
    }

    private mutating func append(_ factor: ExprID, _ graph: ExprGraph) {
        if case .power(let base, let exponent) = graph.form(of: factor), let value = graph.number(exponent),
            value.sign < 0
        {
            denominator.append(
                value.isMinusOne ? .expression(base) : .power(base: base, exponent: value.magnitude))
        } else {
            numerator.append(.expression(factor))
        }
    }
}

extension ExprGraph {
    /// Whether an expression prints with a minus sign in front, which a sum takes as its own.
    func printsNegative(_ id: ExprID) -> Bool {
        switch form(of: id) {
        case .negate: return true
        case .number(let value, _): return value.sign < 0
        case .integer(let affine):
            let affine = self[affine]
            return affine.terms.isEmpty
                ? affine.constant < 0
                : affine.constant == 0 && affine.terms.count == 1
                    && affine.terms[0].coefficient < 0
        case .multiply(let factors):
            for (position, factor) in factors.enumerated() {
                if case .number(let value, let literal) = form(of: factor), position == 0 || literal == nil {
                    return value.sign < 0
                }
            }
            return false
        default: return false
        }
    }
}

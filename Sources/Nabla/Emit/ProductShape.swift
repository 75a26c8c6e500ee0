/// A product, a quotient's normal form, or a single factor as it prints: a sign, a number, what stands above the
/// fraction's line and what below.
///
/// The order of the factors stays, except that a computed number may move to the front.
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
    ///
    /// - Parameter movesNumber: whether a number that was computed leads wherever it stands.
    @inline(__always)
    init(of id: ExprID, in graph: borrowing ExprGraph, movesNumber: Bool = false) {
        guard graph.kind(of: id) == .multiply, case .multiply(let factors) = graph.form(of: id) else {
            append(id, graph)
            return
        }
        numerator.reserveCapacity(factors.count)
        var leading: Int?
        for (position, factor) in (movesNumber ? factors[...] : factors.prefix(1)).enumerated() where leading == nil {
            guard let number = graph.writtenNumber(factor), position == 0 || number.literal == nil else { continue }
            leading = position
            isNegative = number.isNegative
            coefficient = (number.magnitude, number.literal)
        }
        for (position, factor) in factors.enumerated() where position != leading { append(factor, graph) }
        if let (magnitude, literal) = coefficient, literal == nil, magnitude.isOne, !numerator.isEmpty {
            coefficient = nil
        }
    }

    private mutating func append(_ factor: ExprID, _ graph: borrowing ExprGraph) {
        if graph.kind(of: factor) == .power, case .power(let base, let exponent) = graph.form(of: factor),
            let value = graph.number(exponent), value.sign < 0
        {
            denominator.append(
                value.isMinusOne ? .expression(base) : .power(base: base, exponent: value.magnitude))
        } else {
            numerator.append(.expression(factor))
        }
    }
}

extension ExprGraph {
    /// A number as a spec writes it: a literal, a quotient of literals such as `1/2`, or its negation; or one that was
    /// computed, without a literal.
    func writtenNumber(_ id: ExprID) -> (magnitude: Rational, literal: String?, isNegative: Bool)? {
        let kind = kind(of: id)
        guard kind == .number || kind == .negate || kind == .divide else { return nil }
        switch form(of: id) {
        case .number(let value, let literal): return (value.magnitude, literal, value.sign < 0)
        case .negate(let inner):
            guard case .number(let value, let literal) = form(of: inner), value.sign >= 0 else { return nil }
            return (value, literal ?? value.description, true)
        case .divide(let dividend, let divisor):
            guard case .number(let below, let belowLiteral) = form(of: divisor), below.sign > 0,
                belowLiteral != nil || below.isInteger
            else { return nil }
            var above = dividend
            var isNegative = false
            if case .negate(let inner) = form(of: dividend) {
                above = inner
                isNegative = true
            }
            guard case .number(let value, let literal) = form(of: above), value.sign >= 0,
                literal != nil || value.isInteger, let quotient = value.dividing(by: below)
            else { return nil }
            return (quotient, "\(literal ?? value.description)/\(belowLiteral ?? below.description)", isNegative)
        default: return nil
        }
    }

    /// Whether an expression prints with a minus sign in front, which a sum takes as its own.
    func printsNegative(_ id: ExprID) -> Bool {
        if kind(of: id) == .access { return false }
        switch form(of: id) {
        case .negate: return true
        case .number(let value, _): return value.sign < 0
        case .integer(let affine):
            let affine = self[affine]
            return affine.terms.isEmpty
                ? affine.constant < 0
                : affine.constant == 0 && affine.terms.count == 1 && affine.terms[0].coefficient < 0
        case .multiply(let factors):
            for (position, factor) in factors.enumerated() where kind(of: factor) == .number {
                if case .number(let value, let literal) = form(of: factor), position == 0 || literal == nil {
                    return value.sign < 0
                }
            }
            return false
        default: return false
        }
    }
}

/// How tightly an expression's outermost operator binds, from the loosest to the tightest.
///
/// One table for all printers: an operand stands in parentheses where it binds looser than its place asks for.
enum Precedence: UInt8, Comparable, Sendable {
    case select
    case disjunction
    case conjunction
    case comparison
    case sum
    case product
    case negation
    case power
    case atom

    static func < (left: Precedence, right: Precedence) -> Bool { left.rawValue < right.rawValue }
}

extension ExprGraph {
    /// How tightly an expression binds as it prints: a normal form's `u^-1` prints as a quotient, for example.
    ///
    /// - Parameter negated: whether the negation of a condition prints.
    func precedence(of id: ExprID, negated: Bool = false) -> Precedence {
        var id = id
        var negated = negated
        switch kind(of: id) {
        case .pi, .argument, .access, .call, .derivativeCall, .reduce, .select: return .atom
        case .add: return .sum
        case .multiply:
            // A number 1 in front does not print.
            if operandCount(id) == 2, case .number(let value, nil) = form(of: operand(id, 0)), value.isOne {
                return precedence(of: operand(id, 1))
            }
            return .product
        case .divide: return .product
        default: break
        }
        while case .not(let condition) = form(of: id) {
            id = condition
            negated.toggle()
        }
        switch form(of: id) {
        case .number(let value, let literal):
            if literal == nil, value.asInt == nil, NumberForm(value).isFraction { return .product }
            return value.sign < 0 ? .negation : .atom
        case .integer(let affine): return precedence(of: self[affine])
        case .pi, .argument, .access, .call, .derivativeCall, .reduce, .reduceExamples, .select: return .atom
        case .add: return .sum
        case .multiply, .divide: return .product
        case .negate: return .negation
        case .power(_, let exponent): return (number(exponent)?.sign ?? 1) < 0 ? .product : .power
        case .compare, .extremum, .boolean: return .comparison
        case .and: return negated ? .disjunction : .conjunction
        case .or: return negated ? .conjunction : .disjunction
        case .not: return .comparison  // Not reached.
        }
    }

    /// How tightly an affine expression binds.
    func precedence(of affine: Affine) -> Precedence {
        if affine.terms.isEmpty { return affine.constant < 0 ? .negation : .atom }
        if affine.terms.count > 1 || affine.constant != 0 { return .sum }
        switch affine.terms[0].coefficient {
        case 1: return .atom
        case -1: return .negation
        default: return .product
        }
    }
}

/// How an exact number prints: as an integer, as a decimal, or as a fraction.
enum NumberForm {
    case decimal(String)
    case fraction(numerator: BigInteger, denominator: BigInteger)

    /// A number's magnitude: 1/2 and 1/3 are fractions; 3/10, which somebody wrote as 0.3, is a decimal.
    init(_ value: Rational) {
        if let small = value.asInt {
            self = .decimal(String(small.magnitude))
            return
        }
        let magnitude = value.magnitude
        if magnitude.isInteger {
            self = .decimal(magnitude.numerator.description)
        } else if let (_, denominator) = magnitude.asFraction, denominator % 5 == 0, let text = magnitude.decimalText {
            self = .decimal(text)
        } else {
            self = .fraction(numerator: magnitude.numerator, denominator: magnitude.denominator)
        }
    }

    var isFraction: Bool {
        if case .fraction = self { return true }
        return false
    }
}

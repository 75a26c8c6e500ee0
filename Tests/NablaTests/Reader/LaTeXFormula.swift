/// A formula as a reader of the printed page understands it.
indirect enum LaTeXFormula {
    case number(Double)
    /// A letter or a name with what stands below and above it, whatever that means.
    case symbol(base: String, below: [String], above: [String])
    case sum([LaTeXFormula])
    case product([LaTeXFormula])
    case negative(LaTeXFormula)
    case quotient(LaTeXFormula, LaTeXFormula)
    case power(LaTeXFormula, LaTeXFormula)
    case call(head: String, subscripted: LaTeXFormula?, primes: Int, [LaTeXFormula])
    /// ∂above/∂below of two elements.
    case ratio(above: LaTeXFormula, below: LaTeXFormula)
    /// ∂/∂below of what follows.
    case slope(below: LaTeXFormula, LaTeXFormula)
    /// A formula with what it works out to written under it.
    case labelled(LaTeXFormula, label: LaTeXFormula)
    case indicator(LaTeXCondition)
    case delta([LaTeXFormula])
    case cases([(value: LaTeXFormula, condition: LaTeXCondition?)])
    /// `sum`, `prod`, `max`, `min` or `mean` over indices.
    case over(String, [LaTeXRange], LaTeXFormula)
    /// ∂_1 f(u, v): the derivative of a function with respect to one of its arguments.
    case partial(head: String, argument: Int, [LaTeXFormula])
    case overExamples(LaTeXFormula)
}

/// An index and its values, the last one included.
struct LaTeXRange {
    var index: String
    var from: LaTeXFormula
    var through: LaTeXFormula
}

/// A condition, the same way.
indirect enum LaTeXCondition {
    /// `a <= b < c`.
    case chain(LaTeXFormula, [(relation: String, LaTeXFormula)])
    case all([LaTeXCondition])
    case any([LaTeXCondition])
    case constant(Bool)
    /// `(i, j) = arg max_{k, m} e`: whether this is the first place of the largest value. Not every index has a range.
    case position(
        targets: [LaTeXFormula], isEqual: Bool, isMaximum: Bool, indices: [(name: String, range: LaTeXRange?)],
        LaTeXFormula)
}

/// What the reader does not know; the tests count it.
struct LaTeXReaderError: Error, CustomStringConvertible {
    var description: String
}

extension LaTeXFormula {
    /// The formulas inside of this one; conditions are left out.
    var parts: [LaTeXFormula] {
        switch self {
        case .number, .symbol, .ratio, .indicator, .delta: []
        case .sum(let all), .product(let all): all
        case .negative(let one), .overExamples(let one), .over(_, _, let one), .slope(_, let one): [one]
        case .quotient(let one, let other), .power(let one, let other): [one, other]
        case .labelled(let one, _): [one]
        case .call(_, let below, _, let arguments): arguments + (below.map { [$0] } ?? [])
        case .partial(_, _, let arguments): arguments
        case .cases(let rows): rows.map(\.value)
        }
    }
}

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
    /// `sum`, `prod`, `max` or `min` over an index, the last value included.
    case over(String, index: String, from: LaTeXFormula, through: LaTeXFormula, LaTeXFormula)
    case overExamples(LaTeXFormula)
}

/// A condition, the same way.
indirect enum LaTeXCondition {
    /// `a <= b < c`.
    case chain(LaTeXFormula, [(relation: String, LaTeXFormula)])
    case all([LaTeXCondition])
    case any([LaTeXCondition])
    case constant(Bool)
}

/// What the reader does not know; the tests count it.
struct LaTeXReaderError: Error, CustomStringConvertible {
    var description: String
}

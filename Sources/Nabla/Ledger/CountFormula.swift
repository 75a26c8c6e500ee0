/// A number of operations as a polynomial in sizes, with exact coefficients.
///
/// Like terms are collected and sorted, so that equal polynomials are equal values. What is no polynomial is an atom: a sum over
/// stages of different sizes, a condition on indices.
public struct CountFormula: Hashable, Sendable {
    /// What is multiplied in a term.
    indirect enum Atom: Hashable, Sendable {
        case index(IndexID)
        case size(SizeID)
        /// `n(l - 1)`
        case stagedSize(SizeID, AffineID)
        /// How many training examples there are.
        case examples
        /// Σ over an index of what depends on it.
        case sum(IndexID, lower: LoopBound, upper: LoopBound, CountFormula)
        /// 1 where a condition on indices holds, otherwise 0.
        case holds(ExprID)
        /// The larger one.
        case larger(CountFormula, CountFormula)

        /// Orders atoms of a kind; sizes come first.
        var key: [UInt32] {
            switch self {
            case .size(let size): [0, size.raw]
            case .stagedSize(let size, let stage): [1, size.raw, stage.raw]
            case .index(let index): [2, index.raw]
            case .examples: [3]
            case .sum(let index, _, _, let body): [4, index.raw] + body.key
            case .larger(let left, let right): [5] + left.key + right.key
            case .holds(let condition): [6, condition.raw]
            }
        }
    }

    struct Factor: Hashable, Sendable {
        var atom: Atom
        var exponent: Int
    }

    struct Term: Hashable, Sendable {
        var factors: [Factor]
        var coefficient: Rational

        var degree: Int { factors.reduce(0) { $0 + $1.exponent } }

        var key: [UInt32] {
            factors.flatMap { $0.atom.key + [UInt32(truncatingIfNeeded: $0.exponent)] }
        }
    }

    private(set) var terms: [Term] = []

    init(_ value: Int) {
        if value != 0 { terms = [Term(factors: [], coefficient: Rational(value))] }
    }

    init(_ value: Rational) {
        if !value.isZero { terms = [Term(factors: [], coefficient: value)] }
    }

    init(_ atom: Atom) { terms = [Term(factors: [Factor(atom: atom, exponent: 1)], coefficient: 1)] }

    init(collecting drafts: [Term]) {
        var places: [[Factor]: Int] = [:]
        for term in drafts {
            if let place = places[term.factors] {
                terms[place].coefficient += term.coefficient
            } else {
                places[term.factors] = terms.count
                terms.append(term)
            }
        }
        terms.removeAll { $0.coefficient.isZero }
        terms.sort { left, right in
            if left.degree != right.degree { return left.degree > right.degree }
            return left.key.lexicographicallyPrecedes(right.key)
        }
    }

    var key: [UInt32] {
        terms.flatMap { term in
            term.key + term.coefficient.description.unicodeScalars.map { UInt32($0.value) }
        }
    }

    /// The number where it is one.
    public var constant: Rational? {
        if terms.isEmpty { return 0 }
        return terms.count == 1 && terms[0].factors.isEmpty ? terms[0].coefficient : nil
    }

    static func + (left: CountFormula, right: CountFormula) -> CountFormula {
        if left.terms.isEmpty { return right }
        if right.terms.isEmpty { return left }
        return CountFormula(collecting: left.terms + right.terms)
    }

    static func += (left: inout CountFormula, right: CountFormula) { left = left + right }

    static func - (left: CountFormula, right: CountFormula) -> CountFormula { left + right * CountFormula(-1) }

    static func * (left: CountFormula, right: CountFormula) -> CountFormula {
        var products: [Term] = []
        for one in left.terms {
            for two in right.terms {
                products.append(
                    Term(
                        factors: CountFormula.product(one.factors, two.factors),
                        coefficient: one.coefficient * two.coefficient))
            }
        }
        return CountFormula(collecting: products)
    }

    private static func product(_ left: [Factor], _ right: [Factor]) -> [Factor] {
        var result = left
        for factor in right {
            guard let place = result.firstIndex(where: { $0.atom == factor.atom }) else {
                result.append(factor)
                continue
            }
            // A condition holds or does not: its square is itself.
            if case .holds = factor.atom { continue }
            result[place].exponent += factor.exponent
        }
        return result.sorted { $0.atom.key.lexicographicallyPrecedes($1.atom.key) }
    }

    func power(_ exponent: Int) -> CountFormula {
        var result = CountFormula(1)
        for _ in 0..<max(0, exponent) { result = result * self }
        return result
    }

    /// An affine expression as a polynomial.
    init(_ affine: Affine) {
        var drafts = [Term(factors: [], coefficient: Rational(affine.constant))]
        for term in affine.terms {
            let atom: Atom =
                switch term.atom {
                case .index(let index): .index(index)
                case .size(let size): .size(size)
                case .stagedSize(let size, let stage): .stagedSize(size, stage)
                }
            drafts.append(
                Term(factors: [Factor(atom: atom, exponent: 1)], coefficient: Rational(term.coefficient)))
        }
        self.init(collecting: drafts.filter { !$0.coefficient.isZero })
    }

    /// Whether each coefficient is at least 0, so that the value is.
    var isNonNegative: Bool { terms.allSatisfy { $0.coefficient >= 0 } }

    /// The polynomial with an index replaced, where it stands as a power by itself.
    func replacing(_ index: IndexID, by value: CountFormula) -> CountFormula {
        var result = CountFormula(0)
        for term in terms {
            guard let place = term.factors.firstIndex(where: { $0.atom == .index(index) }) else {
                result += CountFormula(collecting: [term])
                continue
            }
            var rest = term
            rest.factors.remove(at: place)
            result += CountFormula(collecting: [rest]) * value.power(term.factors[place].exponent)
        }
        return result
    }
}

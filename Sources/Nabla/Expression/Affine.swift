/// What an affine index expression is a combination of.
public enum AffineAtom: Hashable, Comparable, Sendable {
    /// An index variable.
    case index(IndexID)
    /// A size without stages, `N`.
    case size(SizeID)
    /// A size of one stage, `n(l-1)`.
    case stagedSize(SizeID, AffineID)

    private var key: (UInt32, UInt32, UInt32) {
        switch self {
        case .index(let index): (0, index.raw, 0)
        case .size(let size): (1, size.raw, 0)
        case .stagedSize(let size, let stage): (2, size.raw, stage.raw)
        }
    }

    /// Indices first, then sizes, each by creation.
    public static func < (left: AffineAtom, right: AffineAtom) -> Bool { left.key < right.key }
}

/// An affine expression with integer coefficients in indices and sizes: `2*i + p - 1`, `n(l-1)`, `T + 1`.
///
/// Terms are sorted by atom and have no zero coefficient, so that equal expressions are equal values. Arithmetic
/// that would overflow gives nil.
public struct Affine: Hashable, Sendable {
    /// One multiple of one atom.
    public struct Term: Hashable, Sendable {
        /// What is multiplied.
        public var atom: AffineAtom
        /// By how much; never 0.
        public var coefficient: Int
    }

    /// The part without atoms.
    public private(set) var constant: Int
    /// The rest, sorted by atom.
    public private(set) var terms: [Term]

    /// A constant.
    public init(_ constant: Int) {
        self.constant = constant
        terms = []
    }

    /// One atom.
    public init(_ atom: AffineAtom) {
        constant = 0
        terms = [Term(atom: atom, coefficient: 1)]
    }

    private init(constant: Int, terms: [Term]) {
        self.constant = constant
        self.terms = terms
    }

    /// The value where there is no atom.
    public var asConstant: Int? { terms.isEmpty ? constant : nil }

    /// The index where the expression is just that.
    public var asIndex: IndexID? {
        guard constant == 0, terms.count == 1, terms[0].coefficient == 1, case .index(let index) = terms[0].atom
        else { return nil }
        return index
    }

    /// The atom where the expression is just that.
    public var asAtom: AffineAtom? {
        constant == 0 && terms.count == 1 && terms[0].coefficient == 1 ? terms[0].atom : nil
    }

    /// The coefficient of an index as an atom of its own (not inside `n(l)`).
    public func coefficient(of index: IndexID) -> Int {
        for term in terms where term.atom == .index(index) { return term.coefficient }
        return 0
    }

    /// `self + factor * other`.
    public func adding(_ other: Affine, times factor: Int = 1) -> Affine? {
        if factor == 0 { return self }
        let (scaled, overflow) = other.constant.multipliedReportingOverflow(by: factor)
        let (sum, overflowSum) = constant.addingReportingOverflow(scaled)
        if overflow || overflowSum { return nil }
        if other.terms.isEmpty { return Affine(constant: sum, terms: terms) }
        var merged: [Term] = []
        merged.reserveCapacity(terms.count + other.terms.count)
        var left = terms[...]
        var right = other.terms[...]
        while let one = left.first ?? right.first {
            if let two = right.first, left.isEmpty || two.atom <= one.atom {
                let (product, overflow) = two.coefficient.multipliedReportingOverflow(by: factor)
                if overflow { return nil }
                right.removeFirst()
                var coefficient = product
                if !left.isEmpty, two.atom == one.atom {
                    let (sum, overflow) = product.addingReportingOverflow(one.coefficient)
                    if overflow { return nil }
                    coefficient = sum
                    left.removeFirst()
                }
                if coefficient != 0 { merged.append(Term(atom: two.atom, coefficient: coefficient)) }
            } else {
                merged.append(one)
                left.removeFirst()
            }
        }
        return Affine(constant: sum, terms: merged)
    }

    /// `factor * self`.
    public func scaled(by factor: Int) -> Affine? { Affine(0).adding(self, times: factor) }

    /// `self + offset`.
    public func offset(by offset: Int) -> Affine? { adding(Affine(offset)) }

    /// The expression without one of its atoms' terms.
    func removing(_ atom: AffineAtom) -> Affine {
        Affine(constant: constant, terms: terms.filter { $0.atom != atom })
    }
}

/// Sums of counts over loops: closed where they can be (Faulhaber's formulas), otherwise as sums.
struct CountSums {
    var system: System
    /// The loops around.
    private(set) var scope = Scope()
    /// One index for all loops with the same range, so that their sums are one.
    private var indices: [Range: IndexID] = [:]

    private struct Range: Hashable {
        var lower: LoopBound
        var upper: LoopBound
    }

    init(_ system: System) { self.system = system }

    /// The index that stands for a loop's own: the first one that had its range, unless that is in use.
    mutating func enter(_ loop: Loop) -> IndexID {
        let range = Range(lower: CountSums.plain(loop.lower), upper: CountSums.plain(loop.upper))
        let names = scope.axes.map { system.graph.name(of: $0.index) }
        var index = indices[range] ?? loop.index
        var name = system.graph.name(of: index)
        if names.contains(name) {
            // Two indices in scope do not share a name.
            while names.contains(name) { name += "2" }
            index = system.graph.makeIndex(name, system.graph.kind(of: loop.index))
        }
        if indices[range] == nil { indices[range] = index }
        if let lower = loop.lower.asAffine, let upper = loop.upper.asAffine {
            scope.enter(index, lower: lower, upper: upper)
        } else {
            // At least that much is known of it.
            let lower = loop.lower.terms.first?.affine ?? system.graph.affine(Affine(0))
            let upper = loop.upper.terms.first?.affine ?? lower
            scope.enter(index, lower: lower, upper: upper)
        }
        return index
    }

    mutating func leave() { scope.leave(1) }

    /// Bounds of one term are equal whichever they choose.
    static func plain(_ bound: LoopBound) -> LoopBound { bound.asAffine.map { LoopBound($0) } ?? bound }

    /// Σ over an index of a count; the index is still in scope.
    mutating func sum(_ body: CountFormula, over index: IndexID, _ lower: LoopBound, _ upper: LoopBound) -> CountFormula
    {
        if body.terms.isEmpty { return body }
        var result = CountFormula(0)
        for term in body.terms {
            if let closed = closed(term, index, lower, upper) {
                result += closed
                continue
            }
            // What does not depend on the index stands in front; a condition on it cuts the range.
            var (low, high) = (CountSums.plain(lower), CountSums.plain(upper))
            var inside = CountFormula.Term(factors: [], coefficient: 1)
            var outside = CountFormula.Term(factors: [], coefficient: term.coefficient)
            for factor in term.factors {
                if !depends(factor.atom, on: index) {
                    outside.factors.append(factor)
                } else if let cut = cut(factor, index, low, high) {
                    (low, high) = cut
                } else {
                    inside.factors.append(factor)
                }
            }
            let atom = CountFormula.Atom.sum(
                index, lower: low, upper: high, CountFormula(collecting: [inside]))
            result += CountFormula(atom) * CountFormula(collecting: [outside])
        }
        return result
    }

    /// The range in which a condition on the index holds.
    private mutating func cut(
        _ factor: CountFormula.Factor, _ index: IndexID, _ lower: LoopBound, _ upper: LoopBound
    ) -> (LoopBound, LoopBound)? {
        guard case .holds(let condition) = factor.atom, let low = lower.asAffine.map({ system.graph[$0] }),
            let high = upper.asAffine.map({ system.graph[$0] }), let (comparison, value) = bound(condition, index),
            isAtMost(low, value), isAtMost(value, high)
        else { return nil }
        let id = system.graph.affine(value)
        switch comparison {
        case .less: return (lower, LoopBound(id))
        case .greaterOrEqual: return (LoopBound(id), upper)
        default: return nil
        }
    }

    private func closed(
        _ term: CountFormula.Term, _ index: IndexID, _ lower: LoopBound, _ upper: LoopBound
    ) -> CountFormula? {
        guard let low = lower.asAffine.map({ system.graph[$0] }), let high = upper.asAffine.map({ system.graph[$0] })
        else { return nil }
        var exponent = 0
        var outer: [CountFormula.Factor] = []
        var conditions: [ExprID] = []
        for factor in term.factors {
            switch factor.atom {
            case .index(index): exponent = factor.exponent
            case .holds(let condition) where depends(factor.atom, on: index): conditions.append(condition)
            default:
                if depends(factor.atom, on: index) { return nil }
                outer.append(factor)
            }
        }
        let rest = CountFormula(collecting: [CountFormula.Term(factors: outer, coefficient: term.coefficient)])
        guard conditions.count <= 1 else { return nil }
        guard let condition = conditions.first else {
            guard let sum = powers(exponent, from: low, to: high) else { return nil }
            return rest * sum
        }
        guard let (comparison, value) = bound(condition, index) else { return nil }
        switch comparison {
        case .equal:
            guard isAtMost(low, value), isBelow(value, high) else { return nil }
            return rest * CountFormula(value).power(exponent)
        case .less:
            guard isAtMost(low, value), isAtMost(value, high) else { return nil }
            return powers(exponent, from: low, to: value).map { rest * $0 }
        case .greaterOrEqual:
            guard isAtMost(low, value), isAtMost(value, high) else { return nil }
            return powers(exponent, from: value, to: high).map { rest * $0 }
        case .lessOrEqual, .greater, .notEqual: return nil
        }
    }

    /// Σ of i^k for low ≤ i < high, where the range is certainly not upside down.
    private func powers(_ exponent: Int, from low: Affine, to high: Affine) -> CountFormula? {
        guard exponent <= 16, isAtMost(low, high) else { return nil }
        return CountSums.faulhaber(exponent, CountFormula(high)) - CountSums.faulhaber(exponent, CountFormula(low))
    }

    /// Σ of i^k for 0 ≤ i < n, from n^(k+1) = Σ_j C(k+1, j) Σ_i i^j.
    static func faulhaber(_ exponent: Int, _ n: CountFormula) -> CountFormula {
        var sums: [CountFormula] = []
        for k in 0...max(0, exponent) {
            var sum = n.power(k + 1)
            var binomial = Rational(1)
            for j in 0..<k {
                sum = sum - CountFormula(binomial) * sums[j]
                binomial = (binomial * Rational(k + 1 - j)).dividing(by: Rational(j + 1)) ?? binomial
            }
            let inverse = Rational(numerator: 1, denominator: k + 1) ?? 1
            sums.append(sum * CountFormula(inverse))
        }
        return sums[max(0, exponent)]
    }

    /// A condition as `index ∘ affine`; at most one of `==`, `<` and `>=`.
    private func bound(_ condition: ExprID, _ index: IndexID) -> (Comparison, Affine)? {
        guard case .compare(let comparison, let left, let right) = system.graph.form(of: condition),
            let one = affine(left), let two = affine(right), let difference = one.adding(two, times: -1)
        else { return nil }
        let coefficient = difference.coefficient(of: index)
        guard abs(coefficient) == 1 else { return nil }
        let rest = difference.removing(.index(index))
        let mentions = rest.terms.contains { term in
            if case .stagedSize(_, let stage) = term.atom { return system.graph.depends(stage, on: index) }
            return false
        }
        // index ∘ −rest, or −index + rest ∘ 0.
        guard !mentions, let value = rest.scaled(by: -coefficient) else { return nil }
        switch (comparison, coefficient) {
        case (.equal, _): return (.equal, value)
        case (.less, 1), (.greater, -1): return (.less, value)
        case (.lessOrEqual, 1), (.greaterOrEqual, -1): return value.offset(by: 1).map { (.less, $0) }
        case (.greaterOrEqual, 1), (.lessOrEqual, -1): return (.greaterOrEqual, value)
        case (.greater, 1), (.less, -1): return value.offset(by: 1).map { (.greaterOrEqual, $0) }
        default: return nil
        }
    }

    /// An index, a size or a number as an affine expression.
    func affine(_ id: ExprID) -> Affine? {
        switch system.graph.form(of: id) {
        case .integer(let affine): system.graph[affine]
        case .number(let value, _): value.asInt.map { Affine($0) }
        default: nil
        }
    }

    private func isAtMost(_ left: Affine, _ right: Affine) -> Bool { system.isLessOrEqual(left, right, in: scope) }

    private func isBelow(_ left: Affine, _ right: Affine) -> Bool { system.isLess(left, right, in: scope) }

    // MARK: Indices

    func depends(_ atom: CountFormula.Atom, on index: IndexID) -> Bool {
        switch atom {
        case .index(let other): other == index
        case .size, .examples: false
        case .stagedSize(_, let stage): system.graph.depends(stage, on: index)
        case .sum(_, let lower, let upper, let body):
            (lower.terms + upper.terms).contains { system.graph.depends($0.affine, on: index) }
                || depends(body, on: index)
        case .holds(let condition): system.graph.depends(condition, on: index)
        case .larger(let left, let right): depends(left, on: index) || depends(right, on: index)
        }
    }

    func depends(_ formula: CountFormula, on index: IndexID) -> Bool {
        formula.terms.contains { term in term.factors.contains { depends($0.atom, on: index) } }
    }
}

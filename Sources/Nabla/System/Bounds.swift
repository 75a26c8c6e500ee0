/// What is known of indices in one place, to decide inequalities between affine expressions.
///
/// Sizes are integers of at least 1; known values are used. A scope never says yes where the answer could be no;
/// it may fail to see a yes.
public struct Scope: Sendable {
    /// Ranges of the indices in scope, outermost first: bounds of one mention earlier ones only.
    public private(set) var axes: [(index: IndexID, lower: AffineID, upper: AffineID)] = []
    /// Affine expressions that are known to be at least 0.
    public private(set) var facts: [AffineID] = []

    public init() {}

    public init(_ axes: [Axis]) {
        for axis in axes { enter(axis.index, lower: axis.lower, upper: axis.upper) }
    }

    public mutating func enter(_ index: IndexID, lower: AffineID, upper: AffineID) {
        axes.append((index, lower, upper))
    }

    public mutating func enter(_ binder: Binder) { enter(binder.index, lower: binder.lower, upper: binder.upper) }

    public mutating func assume(nonNegative fact: AffineID) { facts.append(fact) }

    /// Forgets all but the first `count` facts.
    mutating func forgetFacts(beyond count: Int) { facts.removeLast(max(0, facts.count - count)) }

    /// Indices that have one value here.
    private(set) var fixed: [IndexID: Affine] = [:]

    /// Says that an index has this value here.
    mutating func fix(_ index: IndexID, _ value: Affine) { fixed[index] = value }

    /// An expression with the fixed indices replaced.
    func fixing(_ affine: Affine, _ graph: inout ExprGraph) -> Affine {
        if fixed.isEmpty { return affine }
        let id = graph.affine(affine)
        return graph.substitute(id, fixed).map { graph[$0] } ?? affine
    }

    /// Leaves the innermost `count` indices.
    public mutating func leave(_ count: Int) { axes.removeLast(min(count, axes.count)) }
}

extension System {
    /// Writes known sizes as their values, and sizes with a formula as the formula.
    public func expandingSizes(_ affine: Affine) -> Affine {
        var result = Affine(affine.constant)
        for term in affine.terms {
            let replacement: Affine =
                switch term.atom {
                case .index: Affine(term.atom)
                case .size(let id):
                    if let value = self[id].value {
                        Affine(value)
                    } else if let formula = self[id].affine {
                        expandingSizes(graph[formula])
                    } else {
                        Affine(term.atom)
                    }
                case .stagedSize(let id, let stage): stagedValue(id, stage).map { Affine($0) } ?? Affine(term.atom)
                }
            guard let sum = result.adding(replacement, times: term.coefficient) else { return affine }
            result = sum
        }
        return result
    }

    /// How far one affine expression is above another, where that is a known number.
    func knownDistance(from lower: AffineID, to upper: AffineID) -> Int? {
        graph[upper].adding(graph[lower], times: -1).flatMap { expandingSizes($0).asConstant }
    }

    /// The value of `n(stage)` where both are known.
    public func stagedValue(_ id: SizeID, _ stage: AffineID) -> Int? {
        let size = self[id]
        guard let values = size.values, let range = size.stageRange,
            let first = expandingSizes(graph[range.lower]).asConstant,
            let at = expandingSizes(graph[stage]).asConstant
        else { return nil }
        let (position, overflow) = at.subtractingReportingOverflow(first)
        return !overflow && values.indices.contains(position) ? values[position] : nil
    }

    /// Whether `affine >= 0` certainly holds in the scope.
    public func isNonNegative(_ affine: Affine, in scope: Scope = Scope()) -> Bool {
        if let least = least(of: affine, in: scope), least >= 0 { return true }
        for fact in scope.facts {
            // affine >= fact >= 0, and one fact is enough for what specs write.
            guard let rest = affine.adding(graph[fact], times: -1) else { continue }
            if let least = least(of: rest, in: scope), least >= 0 { return true }
        }
        return false
    }

    /// The affine expression with every index replaced by the end of its range that makes it least, the innermost first.
    ///
    /// Where no range is empty, that is the least value over all of them. Nil where an index has no range in the scope.
    func minimized(_ start: Affine, in scope: Scope) -> Affine? {
        var affine = expandingSizes(start)
        for axis in scope.axes.reversed() {
            let coefficient = affine.coefficient(of: axis.index)
            if coefficient == 0 { continue }
            let bound = coefficient > 0 ? graph[axis.lower] : graph[axis.upper].offset(by: -1)
            guard let bound, let replaced = affine.removing(.index(axis.index)).adding(bound, times: coefficient)
            else { return nil }
            affine = expandingSizes(replaced)
        }
        let isKnown = affine.terms.allSatisfy { term in
            if case .index = term.atom { return false }
            return true
        }
        return isKnown ? affine : nil
    }

    /// A number that the expression is never below: sizes are at least 1; how large they can be is known only from a table.
    func least(of start: Affine, in scope: Scope) -> Int? {
        guard let affine = minimized(start, in: scope) else { return nil }
        var least = affine.constant
        for term in affine.terms {
            var bound: Int?
            switch term.atom {
            case .index: return nil
            case .size: bound = term.coefficient > 0 ? 1 : nil
            case .stagedSize(let id, _):
                if let values = self[id].values {
                    bound = term.coefficient > 0 ? values.min() : values.max()
                } else {
                    bound = term.coefficient > 0 ? 1 : nil
                }
            }
            guard let bound else { return nil }
            let (product, overflow) = term.coefficient.multipliedReportingOverflow(by: bound)
            let (sum, overflowSum) = least.addingReportingOverflow(product)
            if overflow || overflowSum { return nil }
            least = sum
        }
        return least
    }

    /// Whether `left <= right` certainly holds.
    public func isLessOrEqual(_ left: Affine, _ right: Affine, in scope: Scope = Scope()) -> Bool {
        guard let difference = right.adding(left, times: -1) else { return false }
        return isNonNegative(difference, in: scope)
    }

    /// Whether `left < right` certainly holds.
    public func isLess(_ left: Affine, _ right: Affine, in scope: Scope = Scope()) -> Bool {
        guard let difference = right.adding(left, times: -1)?.offset(by: -1) else { return false }
        return isNonNegative(difference, in: scope)
    }

    /// Whether two expressions have the same value for all indices: by value where sizes are known, else by formula.
    public func isEqual(_ left: Affine, _ right: Affine) -> Bool {
        left == right || expandingSizes(left) == expandingSizes(right)
    }

    public func isEqual(_ left: AffineID, _ right: AffineID) -> Bool {
        left == right || isEqual(graph[left], graph[right])
    }
}

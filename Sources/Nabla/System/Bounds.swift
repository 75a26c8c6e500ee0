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
        if minimum(of: expandingSizes(affine), in: scope) { return true }
        for fact in scope.facts {
            // affine >= fact >= 0, and one fact is enough for what specs write.
            guard let rest = affine.adding(graph[fact], times: -1) else { continue }
            if minimum(of: expandingSizes(rest), in: scope) { return true }
        }
        return false
    }

    /// Whether the least value, found by putting in each index's bound from the innermost out, is at least 0.
    private func minimum(of start: Affine, in scope: Scope) -> Bool {
        var affine = start
        if let constant = affine.asConstant { return constant >= 0 }
        for axis in scope.axes.reversed() {
            let coefficient = affine.coefficient(of: axis.index)
            if coefficient != 0 {
                let bound =
                    coefficient > 0 ? graph[axis.lower] : graph[axis.upper].offset(by: -1)
                guard let bound,
                    let replaced = affine.removing(.index(axis.index)).adding(bound, times: coefficient)
                else { return false }
                affine = expandingSizes(replaced)
            }
        }
        var least = affine.constant
        for term in affine.terms {
            // A size is at least 1; how large it can be is known only from a table.
            var bound: Int?
            switch term.atom {
            case .index: return false
            case .size: bound = term.coefficient > 0 ? 1 : nil
            case .stagedSize(let id, _):
                if let values = self[id].values {
                    bound = term.coefficient > 0 ? values.min() : values.max()
                } else {
                    bound = term.coefficient > 0 ? 1 : nil
                }
            }
            guard let bound else { return false }
            let (product, overflow) = term.coefficient.multipliedReportingOverflow(by: bound)
            let (sum, overflowSum) = least.addingReportingOverflow(product)
            if overflow || overflowSum { return false }
            least = sum
        }
        return least >= 0
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

extension Lowerer {
    /// Whether an expression can be computed wherever its free indices are known, though it is needed only under conditions: every
    /// access is inside its quantity, and no reduction that must have a value is empty.
    ///
    /// Nothing that is asked here needs to be true for the program to be right where it computes things in their own place.
    mutating func isSafe(_ root: ExprID, _ ranges: IndexRanges) -> Bool {
        for id in graph.reachable(from: root) {
            switch graph.node(id).kind {
            case .access: if !isInRange(id, ranges) { return false }
            case .reduce, .extremum: if !isSafeReduction(id, ranges) { return false }
            default: break
            }
        }
        return true
    }

    private mutating func isSafeReduction(_ id: ExprID, _ ranges: IndexRanges) -> Bool {
        switch graph.form(of: id) {
        case .reduce(.sum, _, _), .reduce(.product, _, _), .reduceExamples: return true
        case .reduce(_, let binders, _), .extremum(_, let binders, _, _):
            return binders.allSatisfy { isNeverEmpty($0, ranges) }
        default: return true
        }
    }

    mutating func isNeverEmpty(_ binder: Binder, _ ranges: IndexRanges) -> Bool {
        let scope = ranges.scope(of: [binder.lower, binder.upper], &free, graph)
        return system.isLess(graph[binder.lower], graph[binder.upper], in: scope)
    }

    /// Whether an access is certainly inside its quantity's domain, whatever conditions guard it.
    private mutating func isInRange(_ id: ExprID, _ ranges: IndexRanges) -> Bool {
        guard case .access(let quantity, let indices) = graph.form(of: id) else { return true }
        let domains = system[quantity].domains
        // A quantity of very many pieces is not worth the search.
        guard domains.count <= 16 else { return false }
        if domains.contains(where: { isInside(indices, $0, ranges) }) { return true }
        guard domains.count > 1 else { return false }
        for position in indices.indices {
            let bounds = domains.map { bound(indices, $0, position, ranges) }
            let isStage = position < system[quantity].stageCount
            guard bounds.contains(where: \.isAbove) else { return false }
            let ranged = zip(bounds, domains).filter { !$1[position].isPoint }.map(\.0)
            if isStage || ranged.isEmpty {
                guard bounds.contains(where: \.isBelow) else { return false }
            } else {
                guard ranged.allSatisfy(\.isBelow) else { return false }
            }
        }
        return true
    }

    private mutating func isInside(_ indices: [AffineID], _ axes: [Axis], _ ranges: IndexRanges) -> Bool {
        guard indices.count == axes.count else { return false }
        return indices.indices.allSatisfy { position in
            let bound = bound(indices, axes, position, ranges)
            return bound.isAbove && bound.isBelow
        }
    }

    /// Whether one index of an access is certainly at or above the lower bound, and below the upper bound, of one of the quantity's boxes.
    private mutating func bound(
        _ indices: [AffineID], _ axes: [Axis], _ position: Int, _ ranges: IndexRanges
    ) -> (isAbove: Bool, isBelow: Bool) {
        guard let (lower, upper) = bounds(of: position, axes, at: indices) else { return (false, false) }
        let scope = ranges.scope(of: [indices[position], lower, upper], &free, graph)
        return (
            system.isLessOrEqual(graph[lower], graph[indices[position]], in: scope),
            system.isLess(graph[indices[position]], graph[upper], in: scope)
        )
    }

    /// The bounds of one axis of a box, for given values of the axes before it.
    mutating func bounds(
        of position: Int, _ axes: [Axis], at indices: [AffineID]
    ) -> (lower: AffineID, upper: AffineID)? {
        var map: [IndexID: Affine] = [:]
        for (axis, index) in zip(axes[..<position], indices) { map[axis.index] = graph[index] }
        let axis = axes[position]
        if map.isEmpty { return (axis.lower, axis.upper) }
        guard let lower = graph.substitute(axis.lower, map), let upper = graph.substitute(axis.upper, map) else {
            return nil
        }
        return (lower, upper)
    }
}

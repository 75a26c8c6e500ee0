/// What can be said of the order of affine expressions.
protocol AffineOrder {
    /// Whether `left <= right` certainly holds.
    func isLessOrEqual(_ left: Affine, _ right: Affine) -> Bool
    /// Whether the two certainly have the same value.
    func isSame(_ left: Affine, _ right: Affine) -> Bool
}

extension System: AffineOrder {
    func isLessOrEqual(_ left: Affine, _ right: Affine) -> Bool { isLessOrEqual(left, right, in: Scope()) }

    func isSame(_ left: Affine, _ right: Affine) -> Bool { isEqual(left, right) }
}

/// Splits some axes of a quantity into cells on each of which the same parts lie: mentions that contribute to an adjoint, or
/// equations that define the quantity.
///
/// For `a(l)` with a mention `a(l-1)` in the equations of layers 1…L and one of `a(L)` in the cost, the cells of l are
/// 1…L−1 and L: so the cases of an adjoint are equations of their own, not conditions inside a loop.
struct BoxCells {
    /// One range for each stage, and which of the contributions are there.
    struct Cell {
        var ranges: [(lower: Affine, upper: Affine)]
        var contributions: [Int]
    }

    private var cuts: [[Affine]] = []
    /// Of each contribution and stage, the first and the last cut; nil where it is not there at all.
    private var spans: [[(first: Int, last: Int)]?] = []
    /// Bounds that cannot be ordered among the cuts: they stay conditions of their contribution.
    private(set) var leftOver: [(contribution: Int, stage: Int, bound: Affine, isLower: Bool)] = []

    /// - Parameters:
    ///   - ranges: of each axis, its whole range.
    ///   - bounds: of each part and axis, what it is bounded by.
    init(
        ranges: [(lower: Affine, upper: Affine)], bounds: [[(lower: [Affine], upper: [Affine])]],
        _ order: some AffineOrder
    ) {
        cuts = ranges.map { [$0.lower, $0.upper] }
        var placed: [[[(bound: Affine, isLower: Bool)]]] = []
        for (contribution, stages) in bounds.enumerated() {
            var own: [[(bound: Affine, isLower: Bool)]] = []
            for (stage, limits) in stages.enumerated() {
                var kept: [(bound: Affine, isLower: Bool)] = []
                for (bound, isLower) in limits.lower.map({ ($0, true) }) + limits.upper.map({ ($0, false) }) {
                    if insert(bound, stage, order) {
                        kept.append((bound, isLower))
                    } else {
                        leftOver.append((contribution, stage, bound, isLower))
                    }
                }
                own.append(kept)
            }
            placed.append(own)
        }
        for own in placed {
            var span: [(first: Int, last: Int)]? = []
            for (stage, limits) in own.enumerated() {
                var first = 0
                var last = cuts[stage].count - 1
                for (bound, isLower) in limits {
                    let position = place(bound, stage, order)
                    if isLower { first = max(first, position) } else { last = min(last, position) }
                }
                if first >= last { span = nil } else { span?.append((first, last)) }
                if span == nil { break }
            }
            spans.append(span)
        }
    }

    /// Makes a bound a cut; false where it cannot be compared with the others.
    private mutating func insert(_ bound: Affine, _ stage: Int, _ order: some AffineOrder) -> Bool {
        for (position, cut) in cuts[stage].enumerated() {
            if order.isSame(bound, cut) { return true }
            if order.isLessOrEqual(bound, cut) {
                if position == 0 { return true }  // before the range: the range's start says it already
                // Every earlier cut is at most the bound, or the loop would have stopped there.
                cuts[stage].insert(bound, at: position)
                return true
            }
            if !order.isLessOrEqual(cut, bound) { return false }
        }
        return true  // after the range
    }

    private func place(_ bound: Affine, _ stage: Int, _ order: some AffineOrder) -> Int {
        for (position, cut) in cuts[stage].enumerated() {
            if order.isSame(bound, cut) || order.isLessOrEqual(bound, cut) { return position }
        }
        return cuts[stage].count - 1
    }

    /// The cells that are not certainly empty, in ascending order; neighbours with the same contributions are one.
    func cells(_ order: some AffineOrder) -> [Cell] {
        var result = [Cell(ranges: [], contributions: Array(spans.indices.filter { spans[$0] != nil }))]
        for stage in cuts.indices {
            var next: [Cell] = []
            for cell in result {
                var row: [Cell] = []
                for position in 0..<(cuts[stage].count - 1) {
                    let range = (lower: cuts[stage][position], upper: cuts[stage][position + 1])
                    if order.isLessOrEqual(range.upper, range.lower) { continue }
                    let inside = cell.contributions.filter { contribution in
                        guard let span = spans[contribution]?[stage] else { return false }
                        return span.first <= position && position < span.last
                    }
                    if let last = row.last, last.contributions == inside, let previous = last.ranges.last {
                        row[row.count - 1].ranges[stage] = (previous.lower, range.upper)
                    } else {
                        row.append(Cell(ranges: cell.ranges + [range], contributions: inside))
                    }
                }
                next.append(contentsOf: row)
            }
            result = next
        }
        return result
    }
}

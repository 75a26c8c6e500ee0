/// How the parts of a quantity's domain, one for each of its equations, share it out: along one axis, then each share along
/// another, until every share is one part.
///
/// `h(t,0)`, `h(0,l)` and `h(t,l)` part at t = 0 first; behind it, those with t ≥ 1 part at l = 0.
struct PieceTree {
    /// One share of a branch: a range of its axis, and what lies in it.
    struct Share {
        var lower: Affine
        var upper: Affine
        var child: Int
    }

    enum Node {
        /// One part alone: the position in ``pieces``.
        case piece(Int)
        /// Shares along an axis in ascending order, each beginning where the one before ends.
        case branch(axis: Int, [Share])
    }

    /// What is wrong with the parts.
    enum Problem {
        /// Two parts define the same elements.
        case overlap(Int, Int)
        /// Along an axis nothing lies between these bounds, behind the first part and before the second.
        case gap(lower: Affine, upper: Affine, Int, Int)
        /// The parts cut across each other.
        case tangled([Int])
    }

    /// The parts; their bounds are in terms of ``indices``.
    private(set) var pieces: [[Axis]]
    /// One index for each axis, the same in all parts.
    let indices: [IndexID]
    private(set) var nodes: [Node] = []
    private(set) var root = 0
    private(set) var problems: [Problem] = []
    /// What has to be at least 0 so that the shares neither overlap nor leave gaps, where sizes are letters.
    private(set) var requirements: [(affine: Affine, Int, Int)] = []

    /// - Parameter domains: at least one, all with the same number of axes.
    init(_ domains: [[Axis]], _ system: inout System) {
        indices = (domains.first ?? []).map(\.index)
        pieces = []
        for domain in domains {
            var map: [IndexID: Affine] = [:]
            var axes: [Axis] = []
            for (axis, index) in zip(domain, indices) {
                var axis = axis
                if !map.isEmpty {
                    axis.lower = system.graph.substitute(axis.lower, map) ?? axis.lower
                    axis.upper = system.graph.substitute(axis.upper, map) ?? axis.upper
                }
                if axis.index != index { map[axis.index] = Affine(.index(index)) }
                axes.append(axis)
            }
            pieces.append(axes)
        }
        build(system)
    }

    private mutating func build(_ system: System) {
        if pieces.count == 1 {
            nodes = [.piece(0)]
            return
        }
        nodes = [.piece(0)]
        var work: [(node: Int, pieces: [Int], axes: [Int])] = [(0, Array(pieces.indices), Array(indices.indices))]
        while let (node, group, axes) = work.popLast() {
            if group.count == 1 {
                nodes[node] = .piece(group[0])
                continue
            }
            guard let split = split(group, axes, system) else {
                nodes[node] = .piece(group[0])
                continue
            }
            var shares: [Share] = []
            let rest = axes.filter { $0 != split.axis }
            for share in split.shares {
                shares.append(Share(lower: share.lower, upper: share.upper, child: nodes.count))
                work.append((nodes.count, share.pieces, rest))
                nodes.append(.piece(share.pieces[0]))
            }
            nodes[node] = .branch(axis: split.axis, shares)
        }
    }

    private struct Range: Hashable {
        var lower: Affine
        var upper: Affine
    }

    private typealias Split = (axis: Int, shares: [(lower: Affine, upper: Affine, pieces: [Int])])

    /// The first axis along which the parts have ranges that are the same or do not overlap.
    private mutating func split(_ group: [Int], _ axes: [Int], _ system: System) -> Split? {
        var isSame = true
        var unclear: Split?
        for axis in axes {
            var places: [Range: Int] = [:]
            var shares: [(lower: Affine, upper: Affine, pieces: [Int])] = []
            for piece in group {
                let lower = system.expandingSizes(system.graph[pieces[piece][axis].lower])
                let upper = system.expandingSizes(system.graph[pieces[piece][axis].upper])
                let range = Range(lower: lower, upper: upper)
                if let place = places[range] {
                    shares[place].pieces.append(piece)
                } else {
                    places[range] = shares.count
                    shares.append((lower, upper, [piece]))
                }
            }
            if shares.count == 1 { continue }
            isSame = false
            switch order(&shares, system) {
            case .overlapping: continue
            case .unknown: if unclear == nil { unclear = (axis, shares) }
            case .ordered:
                noteGaps(shares, system)
                return (axis, shares)
            }
        }
        if isSame {
            problems.append(.overlap(group[0], group[1]))
            return nil
        }
        if let unclear {
            // In the order in which they are written; that they meet is to be seen when the sizes are known.
            for (before, after) in zip(unclear.shares, unclear.shares.dropFirst()) {
                require(after.lower, equals: before.upper, before.pieces[0], after.pieces[0])
            }
            return unclear
        }
        problems.append(overlappingPair(group, axes, system) ?? .tangled(group))
        return nil
    }

    private mutating func require(_ left: Affine, equals right: Affine, _ first: Int, _ second: Int) {
        for (one, other) in [(left, right), (right, left)] {
            if let difference = one.adding(other, times: -1) { requirements.append((difference, first, second)) }
        }
    }

    private enum Order { case ordered, overlapping, unknown }

    /// Sorts ranges that do not overlap.
    private func order(
        _ shares: inout [(lower: Affine, upper: Affine, pieces: [Int])], _ system: System
    ) -> Order {
        if shares.allSatisfy({ $0.lower.asConstant != nil && $0.upper.asConstant != nil }) {
            shares.sort { ($0.lower.constant, $0.upper.constant) < ($1.lower.constant, $1.upper.constant) }
            // An empty range overlaps nothing.
            let filled = shares.filter { $0.lower.constant < $0.upper.constant }
            for (before, after) in zip(filled, filled.dropFirst()) where before.upper.constant > after.lower.constant {
                return .overlapping
            }
            if !filled.isEmpty { shares = filled }
            return .ordered
        }
        // A chain in which each begins where one ends.
        var byLower: [Affine: Int] = [:]
        for (position, share) in shares.enumerated() {
            if byLower.updateValue(position, forKey: share.lower) != nil {
                byLower = [:]
                break
            }
        }
        let ends = Set(shares.map(\.upper))
        let starts = shares.indices.filter { !ends.contains(shares[$0].lower) }
        if byLower.count == shares.count, starts.count == 1 {
            var chain = [starts[0]]
            while chain.count < shares.count, let last = chain.last, let next = byLower[shares[last].upper] {
                chain.append(next)
            }
            if chain.count == shares.count {
                shares = chain.map { shares[$0] }
                return .ordered
            }
        }
        guard shares.count <= 64 else { return .unknown }
        var sorted: [(lower: Affine, upper: Affine, pieces: [Int])] = []
        var isUnknown = false
        for share in shares {
            var place = sorted.count
            for (position, other) in sorted.enumerated() {
                if system.isLessOrEqual(other.upper, share.lower) { continue }
                if system.isLessOrEqual(share.upper, other.lower) {
                    place = position
                    break
                }
                let overlaps =
                    system.isLess(share.lower, other.upper) && system.isLess(other.lower, share.upper)
                    && system.isLess(share.lower, share.upper) && system.isLess(other.lower, other.upper)
                if overlaps { return .overlapping }
                isUnknown = true
            }
            sorted.insert(share, at: place)
        }
        if isUnknown { return .unknown }
        shares = sorted
        return .ordered
    }

    private mutating func noteGaps(
        _ shares: [(lower: Affine, upper: Affine, pieces: [Int])], _ system: System
    ) {
        for (before, after) in zip(shares, shares.dropFirst()) where before.upper != after.lower {
            if system.isLess(before.upper, after.lower) {
                problems.append(
                    .gap(lower: before.upper, upper: after.lower, before.pieces[0], after.pieces[0]))
            } else if !system.isLessOrEqual(after.lower, before.upper) {
                if let difference = before.upper.adding(after.lower, times: -1) {
                    requirements.append((difference, before.pieces[0], after.pieces[0]))
                }
            }
        }
    }

    /// Two parts that certainly have elements in common.
    private func overlappingPair(_ group: [Int], _ axes: [Int], _ system: System) -> Problem? {
        for (position, first) in group.prefix(64).enumerated() {
            for second in group.prefix(64).dropFirst(position + 1) {
                let meets = axes.allSatisfy { axis in
                    let (one, other) = (pieces[first][axis], pieces[second][axis])
                    if system.isEqual(one.lower, other.lower), system.isEqual(one.upper, other.upper) { return true }
                    let graph = system.graph
                    return system.isLess(graph[one.lower], graph[other.upper])
                        && system.isLess(graph[other.lower], graph[one.upper])
                        && system.isLess(graph[one.lower], graph[one.upper])
                        && system.isLess(graph[other.lower], graph[other.upper])
                }
                if meets { return .overlap(first, second) }
            }
        }
        return nil
    }
}

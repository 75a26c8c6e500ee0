/// One piece reads an element that another piece, or it itself, may define.
struct Dependence {
    var reader: Int
    var writer: Int
    /// The element, in terms of the reader's indices.
    var indices: [AffineID]
}

extension Lowerer {
    /// What each piece may read of each piece: certainly all of it, perhaps more.
    mutating func dependences() -> [Dependence] {
        var definitions: [Definitions] = Array(repeating: Definitions(), count: system.quantities.count)
        for (position, piece) in pieces.enumerated() { definitions[Int(piece.quantity.raw)].pieces.append(position) }
        for quantity in definitions.indices { definitions[quantity].sortPoints(pieces, graph) }
        var found: [Dependence] = []
        var visited = Visited()
        for (reader, piece) in pieces.enumerated() {
            var ranges: IndexRanges?
            for id in graph.reachable(from: [piece.body], &visited) {
                guard case .access(let quantity, let indices) = graph.form(of: id) else { continue }
                for writer in definitions[Int(quantity.raw)].candidates(for: indices, graph) {
                    let known = ranges ?? IndexRanges(piece, graph)
                    ranges = known
                    if mayBeInside(indices, pieces[writer].axes, known) {
                        found.append(Dependence(reader: reader, writer: writer, indices: indices))
                    }
                }
            }
        }
        return found
    }

    private mutating func mayBeInside(_ indices: [AffineID], _ axes: [Axis], _ ranges: IndexRanges) -> Bool {
        guard indices.count == axes.count else { return true }
        for (position, index) in indices.enumerated() {
            guard let (lower, upper) = bounds(of: position, axes, at: indices) else { continue }
            if index == lower, axes[position].isPoint { continue }
            let scope = ranges.scope(of: [index, lower, upper], &free, graph)
            if system.isLess(graph[index], graph[lower], in: scope) { return false }
            if system.isLessOrEqual(graph[upper], graph[index], in: scope) { return false }
        }
        return true
    }
}

/// The pieces that define one quantity, found fast by a constant index where there are many.
private struct Definitions {
    var pieces: [Int] = []
    private var axis: Int?
    private var atPoint: [Int: [Int]] = [:]
    private var others: [Int] = []

    mutating func sortPoints(_ all: [Piece], _ graph: ExprGraph) {
        guard pieces.count > 8, let count = pieces.first.map({ all[$0].axes.count }) else { return }
        func point(_ piece: Int, _ axis: Int) -> Int? {
            let axis = all[piece].axes[axis]
            return axis.isPoint ? graph[axis.lower].asConstant : nil
        }
        var best = 0
        for candidate in 0..<count {
            let points = pieces.count { point($0, candidate) != nil }
            if points > best {
                best = points
                axis = candidate
            }
        }
        guard let axis else { return }
        for piece in pieces {
            if let value = point(piece, axis) {
                atPoint[value, default: []].append(piece)
            } else {
                others.append(piece)
            }
        }
    }

    func candidates(for indices: [AffineID], _ graph: ExprGraph) -> [Int] {
        guard let axis, axis < indices.count, let value = graph[indices[axis]].asConstant else { return pieces }
        return (atPoint[value] ?? []) + others
    }
}

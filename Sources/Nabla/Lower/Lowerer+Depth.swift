extension Lowerer {
    /// Every so many levels of conditions and reductions, what stands inside gets an equation of its own.
    private static let levelsPerEquation = 48

    /// Cuts what is nested deeply into several equations, so that no statement of a program, and no walk over one, is as deep as
    /// the spec.
    ///
    /// What is computed ahead of the condition that it stands under is not looked at where that does not hold. What cannot be
    /// computed ahead of it stays where it is.
    mutating func cutDeepNests() {
        let recurrences = Recurrences(pieces, system)
        for position in pieces.indices {
            let piece = pieces[position]
            var depths: [ExprID: Int] = [:]
            let order = graph.reachable(from: piece.body)
            var deepest = 0
            for id in order { deepest = max(deepest, deepen(id, &depths)) }
            if deepest > Lowerer.deepestNesting / 2 { cut(position, order, recurrences) }
        }
    }

    private mutating func cut(_ position: Int, _ order: [ExprID], _ recurrences: Recurrences) {
        let piece = pieces[position]
        let ranges = IndexRanges(piece, graph)
        let stages = piece.axes.prefix(system[piece.quantity].stageCount)
        var depths: [ExprID: Int] = [:]
        var map: [ExprID: ExprID] = [:]
        for id in order {
            let current = graph.rebuilding(id) { map[$0] ?? $0 }
            if current != id { map[id] = current }
            guard deepen(current, &depths) >= Lowerer.levelsPerEquation, id != piece.body, isSafe(current, ranges)
            else { continue }
            // A part of a recurrence is computed at the stages of the recurrence.
            let isRecurrent = graph.reachable(from: current).contains { node in
                graph.quantity(node).map { recurrences.haveInCommon($0, piece.quantity) } ?? false
            }
            if isRecurrent, stages.contains(where: \.isPoint) { continue }
            let needed = freeIndices(current) + (isRecurrent ? stages.map(\.index) : [])
            let axes = ranges.closure(of: needed, &free, graph).compactMap { index in
                ranges.range(of: index).map { Axis(index: index, lower: $0.lower, upper: $0.upper) }
            }
            let one = graph.makeNumber(1)
            if isCondition(current) {
                let zero = graph.makeNumber(0)
                let number = graph.makeSelect(current, then: one, otherwise: zero)
                let access = define("_inner", axes, number, from: piece)
                map[id] = graph.makeComparison(.equal, access, one)
            } else {
                map[id] = define("_inner", axes, current, from: piece)
            }
            if let made = map[id] { depths[made] = 0 }
        }
        pieces[position].body = map[piece.body] ?? piece.body
    }

    /// How many conditions and reductions are nested in a node, whose children have been asked.
    private func deepen(_ id: ExprID, _ depths: inout [ExprID: Int]) -> Int {
        if let known = depths[id] { return known }
        var depth = 0
        graph.forEachChild(of: id) { depth = max(depth, depths[$0] ?? 0) }
        switch graph.node(id).kind {
        case .select, .and, .or, .reduce, .extremum: depth += 1
        default: break
        }
        if depth > 0 { depths[id] = depth }
        return depth
    }
}

extension Lowerer {
    /// Gives a quantity of its own to what is the same for all training examples and costs a call of a function or a sum: `exp(q[k])` in
    /// `e[k] = exp(q[k])*(x[k] - m[k])` is computed once, not for each example.
    mutating func extractInvariants() {
        var position = 0
        while position < pieces.count {
            defer { position += 1 }
            let piece = pieces[position]
            guard isPerExample[Int(piece.quantity.raw)] || piece.gather != nil else { continue }
            let nodes = graph.reachable(from: piece.body)
            // Under a condition, or in a reduction, it may not be needed or not exist.
            guard
                !nodes.contains(where: { id in
                    switch graph.kind(of: id) {
                    case .select, .extremum: true
                    default: false
                    }
                })
            else { continue }
            let ranges = IndexRanges(piece, graph)
            var isSame: [ExprID: Bool] = [:]
            var costs: [ExprID: Bool] = [:]
            for id in nodes {
                var same = true
                var cost = false
                switch graph.form(of: id) {
                case .access(let quantity, _): same = !isPerExample[Int(quantity.raw)]
                case .call: cost = true
                case .power: cost = true
                case .reduce(.sum, _, _): cost = true
                case .reduce, .reduceExamples: same = false
                default: break
                }
                graph.forEachChild(of: id) { child in
                    same = same && isSame[child] ?? false
                    cost = cost || costs[child] ?? false
                }
                isSame[id] = same
                costs[id] = cost
            }
            var map: [ExprID: ExprID] = [:]
            var found: Set<ExprID> = []
            // The largest such parts: those that stand in something that differs from example to example.
            for id in nodes where isSame[id] == false {
                graph.forEachChild(of: id) { child in
                    if isSame[child] == true, costs[child] == true, !freeIndices(child).isEmpty { found.insert(child) }
                }
            }
            for id in found.sorted() where isSafe(id, ranges) {
                map[id] = extract(id, id, from: piece, ranges, suffix: "_part")
            }
            if map.isEmpty { continue }
            pieces[position].body = graph.replacing(map, in: piece.body)
        }
    }
}

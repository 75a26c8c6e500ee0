extension Resolver {
    /// Which quantities have a value for each example, and that no sum or mean over examples stands in another.
    mutating func checkExamples() {
        // Most specs without data have no examples at all.
        if !system.quantities.contains(where: { $0.dependsOnExamples }), !system.graph.reducesOverExamples { return }
        // Of each quantity, the equations that mention it, and those that do so outside of all reductions over examples.
        var mentions: [(list: Int32, entry: Int32)] = []
        var direct: [(list: Int32, entry: Int32)] = []
        var reduced: [(position: Int, nodes: [ExprID])] = []
        var takesReduction: [Bool] = Array(repeating: false, count: system.quantities.count)
        mentions.reserveCapacity(system.equations.count)
        direct.reserveCapacity(system.equations.count)
        for position in system.equations.indices {
            let body = system.equations[position].body
            func enter(_ access: ExprID, _ list: inout [(list: Int32, entry: Int32)]) {
                guard let quantity = system.graph.quantity(access) else { return }
                list.append((Int32(truncatingIfNeeded: quantity.raw), Int32(truncatingIfNeeded: position)))
            }
            let nodes = system.graph.reachable(from: body)
            let isReducing = nodes.contains { id in
                let node = system.graph.node(id)
                return node.kind == .reduce && node.tag & Node.overExamples != 0
            }
            if !isReducing {
                for id in nodes {
                    enter(id, &direct)
                    enter(id, &mentions)
                }
                continue
            }
            takesReduction[Int(system.equations[position].quantity.raw)] = true
            for id in outsideExamples(body) {
                enter(id, &direct)
                enter(id, &mentions)
            }
            var inside: [ExprID] = []
            for reduction in nodes {
                guard system.graph.kind(of: reduction) == .reduce,
                    case .reduceExamples(_, let body) = system.graph.form(of: reduction)
                else { continue }
                inside.append(contentsOf: system.graph.reachable(from: body))
            }
            for id in inside { enter(id, &mentions) }
            reduced.append((position, inside))
        }
        let users = PositionLists(count: system.quantities.count, mentions)
        let directUsers = PositionLists(count: system.quantities.count, direct)
        var queue = system.quantities.indices.filter { system.quantities[$0].dependsOnExamples }
        while let quantity = queue.popLast() {
            for user in directUsers[quantity] {
                let id = Int(system.equations[user].quantity.raw)
                if system.quantities[id].dependsOnExamples { continue }
                system.quantities[id].dependsOnExamples = true
                queue.append(id)
            }
        }
        queue = takesReduction.indices.filter { takesReduction[$0] }
        while let quantity = queue.popLast() {
            for user in users[quantity] where !takesReduction[Int(system.equations[user].quantity.raw)] {
                takesReduction[Int(system.equations[user].quantity.raw)] = true
                queue.append(Int(system.equations[user].quantity.raw))
            }
        }
        for (position, inside) in reduced {
            for id in inside {
                switch system.graph.form(of: id) {
                case .reduceExamples:
                    report("a sum or mean over examples inside another one", system.equations[position].range)
                case .access(let quantity, _) where takesReduction[Int(quantity.raw)]:
                    let definition = definitions[quantity]?.first.map { targetRange($0) }
                    report(
                        "'\(system[quantity].name)' takes a sum or mean over the examples, so it may not stand inside another one",
                        system.equations[position].range,
                        notes: definition.map { [.init("'\(system[quantity].name)' is defined here", range: $0)] } ?? []
                    )
                default: continue
                }
                break
            }
        }
    }

    /// The accesses of a right side that no reduction over examples is around.
    private func outsideExamples(_ root: ExprID) -> [ExprID] {
        var found: [ExprID] = []
        var seen: Set<ExprID> = []
        var stack = [root]
        while let id = stack.popLast() {
            guard seen.insert(id).inserted else { continue }
            if system.graph.node(id).kind == .access { found.append(id) }
            if case .reduceExamples = system.graph.form(of: id) { continue }
            system.graph.forEachChild(of: id) { stack.append($0) }
        }
        return found
    }
}

extension Resolver {
    /// Which quantities have a value for each example, and that no sum or mean over examples stands in another.
    mutating func checkExamples() {
        var users: [[Int]] = Array(repeating: [], count: system.quantities.count)
        var direct: [[ExprID]] = []
        var reduced: [[ExprID]] = []
        var visited = Visited()
        var takesReduction: [Bool] = Array(repeating: false, count: system.quantities.count)
        for (position, equation) in system.equations.enumerated() {
            let nodes = system.graph.reachable(from: [equation.body], &visited)
            var outside: [ExprID] = []
            var inside: [ExprID] = []
            let reductions = nodes.filter {
                guard system.graph.kind(of: $0) == .reduce else { return false }
                if case .reduceExamples = system.graph.form(of: $0) { return true }
                return false
            }
            if reductions.isEmpty {
                outside = nodes.filter { system.graph.node($0).kind == .access }
            } else {
                takesReduction[Int(equation.quantity.raw)] = true
                outside = outsideExamples(equation.body)
                for reduction in reductions {
                    guard case .reduceExamples(_, let body) = system.graph.form(of: reduction) else { continue }
                    inside.append(contentsOf: system.graph.reachable(from: body))
                }
            }
            direct.append(outside)
            reduced.append(inside)
            for id in outside + inside where system.graph.node(id).kind == .access {
                users[Int(system.graph.node(id).a)].append(position)
            }
        }
        var queue = system.quantities.indices.filter { system.quantities[$0].dependsOnExamples }
        while let quantity = queue.popLast() {
            for user in users[quantity] {
                let id = Int(system.equations[user].quantity.raw)
                if system.quantities[id].dependsOnExamples { continue }
                if direct[user].contains(where: { Int(system.graph.node($0).a) == quantity }) {
                    system.quantities[id].dependsOnExamples = true
                    queue.append(id)
                }
            }
        }
        queue = takesReduction.indices.filter { takesReduction[$0] }
        while let quantity = queue.popLast() {
            for user in users[quantity] where !takesReduction[Int(system.equations[user].quantity.raw)] {
                takesReduction[Int(system.equations[user].quantity.raw)] = true
                queue.append(Int(system.equations[user].quantity.raw))
            }
        }
        for (position, inside) in reduced.enumerated() {
            for id in inside {
                switch system.graph.form(of: id) {
                case .reduceExamples:
                    report("a sum or mean over examples inside another one", system.equations[position].range)
                case .access(let quantity, _) where takesReduction[Int(quantity.raw)]:
                    let definition = definitions[quantity]?.first.map { drafts[$0].target.range }
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

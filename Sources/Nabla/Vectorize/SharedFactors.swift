extension LoopProgram {
    /// The program with factors that several products of one body have in common multiplied once: f(1 − f)·d in both
    /// u·f(1 − f)·d and v·f(1 − f)·d.
    func sharingFactors() -> LoopProgram {
        var sharing = SharedFactors(program: self)
        sharing.run()
        return sharing.program
    }
}

/// Takes the pair of factors that most products have out first, until no pair is in two of them.
private struct SharedFactors {
    var program: LoopProgram

    mutating func run() {
        var pending = [(block: program.root, isInLanes: false)]
        while let (block, isInLanes) = pending.popLast() {
            if isInLanes { share(block) }
            for statement in program[block].statements {
                switch statement {
                case .contraction: break
                case .lanes(let lanes): pending.append((lanes.body, true))
                default: pending += statement.blocks.map { ($0, isInLanes) }
                }
            }
        }
    }

    private struct Pair: Hashable {
        var first: ExprID
        var second: ExprID
    }

    private mutating func share(_ block: BlockID) {
        let statements = program[block].statements
        var order: [ExprID] = []
        var factors: [ExprID: [ExprID]] = [:]
        for statement in statements {
            program.forEachExpression(of: statement) { root in
                for id in program.system.graph.reachable(from: root) where factors[id] == nil {
                    guard case .multiply(let list) = program.system.graph.form(of: id) else { continue }
                    factors[id] = list
                    order.append(id)
                }
            }
        }
        guard order.count > 1 else { return }
        var isChanged = false
        while let pair = mostFrequent(order, factors) {
            let product = program.system.graph.makeProduct([pair.first, pair.second])
            for id in order {
                guard var list = factors[id], list.count > 1, let one = list.firstIndex(of: pair.first) else {
                    continue
                }
                list.remove(at: one)
                guard let two = list.firstIndex(of: pair.second) else { continue }
                list.remove(at: two)
                factors[id] = [product] + list
            }
            isChanged = true
        }
        if !isChanged { return }
        program[block].statements = statements.map { statement in
            program.rewriting(statement) { graph, root in
                graph.rewrite(root) { graph, id, children in
                    guard let list = factors[id], case .multiply(let old) = graph.form(of: id), list != old else {
                        return graph.rebuilding(id, children)
                    }
                    // What the factors became themselves.
                    let map = Dictionary(zip(old, children), uniquingKeysWith: { first, _ in first })
                    return SharedFactors.product(list, map, &graph)
                }
            }
        }
    }

    private static func product(_ factors: [ExprID], _ map: [ExprID: ExprID], _ graph: inout ExprGraph) -> ExprID {
        // Pairs of pairs are products themselves.
        let parts = factors.map { factor -> ExprID in
            if let known = map[factor] { return known }
            guard case .multiply(let list) = graph.form(of: factor) else { return factor }
            return product(list, map, &graph)
        }
        return parts.count == 1 ? parts[0] : graph.makeProduct(parts)
    }

    /// The pair of factors that most products have, two or more; the first of several.
    private func mostFrequent(_ order: [ExprID], _ factors: [ExprID: [ExprID]]) -> Pair? {
        var counts: [Pair: Int] = [:]
        var pairs: [Pair] = []
        for id in order {
            let list = factors[id] ?? []
            guard list.count <= 16 else { continue }
            var own: Set<Pair> = []
            for (position, first) in list.enumerated() {
                for second in list.dropFirst(position + 1) {
                    let pair = first < second ? Pair(first: first, second: second) : Pair(first: second, second: first)
                    guard own.insert(pair).inserted else { continue }
                    if counts[pair] == nil { pairs.append(pair) }
                    counts[pair, default: 0] += 1
                }
            }
        }
        var best: Pair?
        for pair in pairs where counts[pair, default: 0] > max(1, best.map { counts[$0, default: 0] } ?? 1) {
            best = pair
        }
        return best
    }
}

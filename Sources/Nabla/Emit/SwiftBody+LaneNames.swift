extension SwiftBody {
    /// Whether a value differs from lane to lane.
    mutating func varies(_ id: ExprID) -> Bool {
        guard let lanes else { return false }
        if let known = lanes.varies[id] { return known }
        for node in graph.reachable(from: id) where self.lanes?.varies[node] == nil {
            var result = false
            switch graph.form(of: node) {
            case .argument(let position):
                if let accumulator = variables.accumulator(of: LocalID(position)) {
                    result = lanes.accumulators.contains(accumulator)
                } else {
                    result = lanes.locals.contains(LocalID(position))
                }
            case .access, .integer: result = program.depends(node, on: lanes.dimension)
            default: graph.forEachChild(of: node) { result = result || self.lanes?.varies[$0] ?? false }
            }
            self.lanes?.varies[node] = result
        }
        return self.lanes?.varies[id] ?? false
    }

    /// Gives names to what differs from lane to lane and is used twice, or is long.
    mutating func prepare(_ root: ExprID) {
        let (nodes, uses) = written(root)
        var weights: [ExprID: Int] = [:]
        for node in nodes {
            guard varies(node), lanes?.name(of: node) == nil else { continue }
            if case .argument = graph.form(of: node) { continue }
            var weight = 1
            graph.forEachChild(of: node) { weight += weights[$0] ?? 0 }
            // Longer expressions take the compiler seconds.
            if node != root && (uses[node, default: 0] > 1 || weight > 5) || lanes?.shared.last?.contains(node) == true {
                nameValue(node)
                weight = 1
            }
            weights[node] = weight
        }
    }

    /// What several statements compute.
    func shared(by statements: [LoopStatement]) -> Set<ExprID> {
        var found: Set<ExprID> = []
        var seen: Set<ExprID> = []
        for statement in statements {
            var own: Set<ExprID> = []
            program.forEachExpression(of: statement) { own.formUnion(graph.reachable(from: $0)) }
            found.formUnion(own.intersection(seen))
            seen.formUnion(own)
        }
        return found
    }

    /// Forgets the names of values that read a quantity: an element of it gets another value.
    mutating func forget(_ quantity: QuantityID) {
        guard let names = lanes?.names else { return }
        let kept = names.map { names in
            names.filter { id, _ in !graph.reachable(from: id).contains { graph.quantity($0) == quantity } }
        }
        lanes?.names = kept
    }

    /// What is written for an expression, children first, and how often: nothing below what has a name, no branch that is never taken.
    func written(_ root: ExprID) -> (nodes: [ExprID], uses: [ExprID: Int]) {
        var uses: [ExprID: Int] = [:]
        var found: [ExprID] = []
        var seen: Set<ExprID> = [root]
        var stack = [root]
        while let id = stack.popLast() {
            found.append(id)
            if lanes?.name(of: id) != nil { continue }
            var children: [ExprID] = []
            if case .select(let condition, let then, let otherwise) = graph.form(of: id),
                let known = constant(condition)
            {
                children = [known ? then : otherwise]
            } else {
                graph.forEachChild(of: id) { children.append($0) }
            }
            for child in children {
                uses[child, default: 0] += 1
                if seen.insert(child).inserted { stack.append(child) }
            }
        }
        return (found.sorted(), uses)
    }

    /// Gives names to what stays the same in a loop inside.
    mutating func prepareInvariants(_ block: BlockID, _ dimension: Dimension) {
        var values: [ExprID] = []
        program.forEachStatement(in: program[block].statements) { statement in
            if case .accumulate(_, let value) = statement { values.append(value) }
        }
        for value in values {
            let nodes = written(value).nodes
            var isInvariant: [ExprID: Bool] = [:]
            for node in nodes { isInvariant[node] = !dependsInside(node, block, dimension) }
            var roots: [ExprID] = isInvariant[value] == true ? [value] : []
            for node in nodes where isInvariant[node] == false && lanes?.name(of: node) == nil {
                graph.forEachChild(of: node) { child in
                    if nodes.contains(child), isInvariant[child] == true, !roots.contains(child) { roots.append(child) }
                }
            }
            for root in roots where varies(root) && lanes?.name(of: root) == nil {
                if case .argument = graph.form(of: root) { continue }
                prepare(root)
                nameValue(root)
            }
        }
    }

    /// Whether a value changes in a loop or in the loops inside it.
    func dependsInside(_ id: ExprID, _ block: BlockID, _ dimension: Dimension) -> Bool {
        if program.depends(id, on: dimension) { return true }
        let locals = program.locals(readBy: id)
        var result = false
        program.forEachStatement(in: program[block].statements) { statement in
            switch statement {
            case .define(let local, _): result = result || locals.contains(local)
            case .loop(let loop): result = result || graph.depends(id, on: loop.index)
            case .examples: result = result || program.depends(id, on: .examples)
            default: break
            }
        }
        return result
    }

    mutating func nameValue(_ id: ExprID) {
        if graph.isCondition(id) {
            let text = vectorCondition(id)
            let name = freshName("mask")
            append(.line("let \(name): SIMDMask<VectorBits> =\(SwiftSource.softBreak)\(text)"))
            if let last = lanes?.names.indices.last { lanes?.names[last][id] = name }
            return
        }
        let text = vector(id).text
        var wish = "t"
        if let quantity = graph.quantity(id) {
            wish = SwiftNames.bare(file.identifier(system[quantity].name)) + "_"
        }
        let name = freshName(wish)
        append(.line("let \(name): Vector =\(SwiftSource.softBreak)\(text)"))
        if let last = lanes?.names.indices.last { lanes?.names[last][id] = name }
    }
}

extension LoopProgram {
    /// The program with values of functions that a later pass needs again kept: `tanh(s(t)[k])`, which h(t)[k] mentions, for the
    /// derivative by s(t)[k]. One number in memory costs far less than a call.
    func keepingCalls() -> LoopProgram {
        var keeper = KeptCalls(program: self)
        keeper.run()
        return keeper.program
    }
}

/// Finds calls of one function of one quantity in statements that do not run together.
private struct KeptCalls {
    var program: LoopProgram

    private struct Key: Hashable {
        var function: FunctionID
        var quantity: QuantityID
    }

    private struct Call {
        var id: ExprID
        var indices: [AffineID]
        var block: BlockID
        var position: Int
        /// The statement of the program's root that it is in.
        var root: Int
        /// The loops around it.
        var loops: [Dimension]
        var isConditional: Bool
    }

    mutating func run() {
        let (calls, order) = find()
        let changing = quantitiesThatChange()
        var stores: [(block: BlockID, position: Int, statement: LoopStatement)] = []
        for key in order {
            guard !changing.contains(key.quantity), let all = calls[key],
                let first = all.first(where: { isKept($0, key.quantity) })
            else { continue }
            var later = all.filter { $0.root > first.root && covers(first, $0) }
            if later.isEmpty { continue }
            let name = FunctionTable.standard[key.function].name
            let original = program.system[key.quantity]
            let kept = program.makeQuantity(
                named: "\(name)_\(original.name)", stageCount: original.stageCount, domains: [axes(first)],
                examples: .shared)
            later += all.filter { $0.block == first.block && $0.position == first.position }
            for call in later {
                let access = program.system.graph.makeAccess(kept, call.indices)
                let statement = program[call.block].statements[call.position]
                program[call.block].statements[call.position] = program.replacing([call.id: access], in: statement)
            }
            stores.append((first.block, first.position, .store(kept, first.indices, first.id)))
        }
        for store in stores.sorted(by: { ($0.block.raw, $0.position) > ($1.block.raw, $1.position) }) {
            program[store.block].statements.insert(store.statement, at: store.position)
        }
    }

    /// All calls in the order of the program, by what they are calls of.
    private func find() -> (calls: [Key: [Call]], order: [Key]) {
        let graph = program.system.graph
        var calls: [Key: [Call]] = [:]
        var order: [Key] = []
        for (root, statement) in program[program.root].statements.enumerated() {
            var stack = statement.blocks.map { ($0, loops(of: statement), isChoice(statement)) }
            while let (block, loops, isConditional) = stack.popLast() {
                for (position, inner) in program[block].statements.enumerated() {
                    if case .contraction = inner { continue }
                    program.forEachExpression(of: inner) { value in
                        for id in graph.reachable(from: value) {
                            guard case .call(.standard(let function), let arguments) = graph.form(of: id),
                                !LoopProgram.cheapFunctions.contains(function), arguments.count == 1,
                                case .access(let quantity, let indices) = graph.form(of: arguments[0])
                            else { continue }
                            let key = Key(function: function, quantity: quantity)
                            if calls[key] == nil { order.append(key) }
                            calls[key, default: []].append(
                                Call(
                                    id: id, indices: indices, block: block, position: position, root: root,
                                    loops: loops, isConditional: isConditional))
                        }
                    }
                    stack += inner.blocks.map { ($0, loops + self.loops(of: inner), isConditional || isChoice(inner)) }
                }
            }
        }
        return (calls, order)
    }

    /// Quantities whose elements get their values in more than one step.
    private func quantitiesThatChange() -> Set<QuantityID> {
        var found: Set<QuantityID> = []
        program.forEachStatement(in: program[program.root].statements) { statement in
            switch statement {
            case .add(let quantity, _, _): found.insert(quantity)
            case .contraction(let contraction): found.insert(contraction.target)
            case .store(let quantity, let indices, let value):
                for id in program.system.graph.reachable(from: value) {
                    if case .access(quantity, indices) = program.system.graph.form(of: id) { found.insert(quantity) }
                }
            default: break
            }
        }
        return found
    }

    private func loops(of statement: LoopStatement) -> [Dimension] {
        switch statement {
        case .examples: [.examples]
        case .lanes(let lanes): [lanes.dimension]
        case .loop(let loop):
            loop.dimension.map { [$0] } ?? []
        default: []
        }
    }

    private func isChoice(_ statement: LoopStatement) -> Bool {
        if case .conditional = statement { return true }
        return false
    }

    /// Whether a call stands in a store, for each element of a box of the quantity.
    private func isKept(_ call: Call, _ quantity: QuantityID) -> Bool {
        guard case .store = program[call.block].statements[call.position], !call.isConditional,
            program.buffer(of: quantity)?.examples == .shared, program.buffer(of: quantity)?.role == .intermediate,
            call.indices.count == call.loops.count, !call.indices.isEmpty
        else { return false }
        let graph = program.system.graph
        // Each index is a loop's own, and no range depends on another index.
        return call.loops.allSatisfy { dimension in
            guard case .index(let index, let lower, let upper) = dimension else { return false }
            return call.indices.filter { graph[$0].asIndex == index }.count == 1
                && call.loops.compactMap(\.index).allSatisfy {
                    !graph.depends(graph[lower], on: $0) && !graph.depends(graph[upper], on: $0)
                }
        }
    }

    private mutating func axes(_ call: Call) -> [Axis] {
        call.indices.compactMap { place in
            for case .index(let index, let lower, let upper) in call.loops
            where program.system.graph[place].asIndex == index {
                return Axis(index: program.system.graph.makeIndex(like: index), lower: lower, upper: upper)
            }
            return nil
        }
    }

    /// Whether one call's loops have computed what another one needs.
    private func covers(_ first: Call, _ other: Call) -> Bool {
        let system = program.system
        var scope = Scope()
        for case .index(let index, let lower, let upper) in other.loops {
            scope.enter(index, lower: lower, upper: upper)
        }
        return zip(first.indices, other.indices).allSatisfy { place, wanted in
            for case .index(let index, let lower, let upper) in first.loops where system.graph[place].asIndex == index {
                return system.isLessOrEqual(system.graph[lower], system.graph[wanted], in: scope)
                    && system.isLess(system.graph[wanted], system.graph[upper], in: scope)
            }
            return false
        }
    }
}

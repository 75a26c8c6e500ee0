extension LoopProgram {
    /// The program with scalars for what a round of a recurrence reads of the round before: `a(l-1)` in the loop that computes `a(l)`.
    func carryingScalars() -> LoopProgram {
        var pass = CarriedScalars(program: self)
        pass.run()
        return pass.program
    }
}

/// The part of scalar replacement (see ``ScalarReplacement``) that reaches over rounds: the value waits in a scalar quantity.
struct CarriedScalars {
    var program: LoopProgram
    private var buffers: [Buffer]
    private var names: Set<String>

    init(program: LoopProgram) {
        self.program = program
        buffers = program.buffers
        names = []
    }

    private var graph: ExprGraph {
        get { program.system.graph }
        _modify { yield &program.system.graph }
    }

    mutating func run() {
        var pending: [(block: BlockID, scope: Scope)] = [(program.root, Scope())]
        while let (block, scope) = pending.popLast() {
            var result: [LoopStatement] = []
            for statement in program[block].statements {
                var inside = scope
                switch statement {
                case .contraction, .lanes:
                    result.append(statement)
                    continue
                case .loop(let loop):
                    result += carry(loop, scope)
                    if let lower = loop.lower.asAffine, let upper = loop.upper.asAffine {
                        inside.enter(loop.index, lower: lower, upper: upper)
                    }
                default: break
                }
                result.append(statement)
                for inner in statement.blocks { pending.append((inner, inside)) }
            }
            program[block].statements = result
        }
        if buffers.count > program.buffers.count { program.setBuffers(buffers) }
    }

    /// Changes a loop's body, and gives what stands before the loop.
    private mutating func carry(_ loop: Loop, _ scope: Scope) -> [LoopStatement] {
        guard loop.purpose == .recurrence, loop.solution == nil, let lower = loop.lower.asAffine,
            let upper = loop.upper.asAffine, program.system.isLess(graph[lower], graph[upper], in: scope),
            isScalar(loop.body), let last = graph[upper].offset(by: -1),
            let before = Affine(.index(loop.index)).offset(by: loop.isReversed ? 1 : -1)
        else { return [] }
        let first = loop.isReversed ? last : graph[lower]
        var result: [LoopStatement] = []
        for (position, statement) in program[loop.body].statements.enumerated() {
            guard case .store(let quantity, let indices, _) = statement, isStoredOnce(quantity, loop.body),
                let old = moved(indices, loop.index, before), old != indices,
                isRead(graph.makeAccess(quantity, old), loop.body, before: position),
                let start = moved(old, loop.index, first)
            else { continue }
            let scalar = makeScalar(like: quantity)
            result.append(.store(scalar, [], graph.makeAccess(quantity, start)))
            replace(graph.makeAccess(quantity, old), by: graph.makeAccess(scalar, []), in: loop.body, through: position)
            program[loop.body].statements.append(.store(scalar, [], graph.makeAccess(quantity, indices)))
        }
        return result
    }

    private mutating func moved(_ indices: [AffineID], _ index: IndexID, _ place: Affine) -> [AffineID]? {
        let result = indices.compactMap { graph.substitute($0, [index: place]) }
        return result.count == indices.count ? result : nil
    }

    /// Whether a block runs for one example, one round at a time.
    private func isScalar(_ block: BlockID) -> Bool {
        var result = true
        program.forEachStatement(in: program[block].statements) { statement in
            switch statement {
            case .contraction, .lanes, .examples, .exampleBlocks: result = false
            default: break
            }
        }
        return result
    }

    private func isStoredOnce(_ quantity: QuantityID, _ block: BlockID) -> Bool {
        guard program.system[quantity].axisCount > 0 else { return false }
        var count = 0
        program.forEachStatement(in: program[block].statements) { statement in
            switch statement {
            case .store(quantity, _, _): count += 1
            case .add(quantity, _, _), .clear(quantity): count += 2
            default: break
            }
        }
        return count == 1
    }

    /// Whether every round certainly reads an element, and only before the statement at a position has run.
    private func isRead(_ access: ExprID, _ block: BlockID, before position: Int) -> Bool {
        var isCertain = false
        for (place, statement) in program[block].statements.enumerated() {
            var found = false
            program.forEachStatement(in: [statement]) { inner in
                program.forEachExpression(of: inner) { found = found || graph.reachable(from: $0).contains(access) }
            }
            if found, place > position { return false }
            program.forEachExpression(of: statement) { root in
                let nodes = graph.reachable(from: root)
                let isChoice = nodes.contains { id in
                    switch graph.kind(of: id) {
                    case .select, .and, .or: true
                    default: false
                    }
                }
                if !isChoice, nodes.contains(access) { isCertain = true }
            }
        }
        return isCertain
    }

    private mutating func makeScalar(like quantity: QuantityID) -> QuantityID {
        if names.isEmpty { names = Set(program.system.quantities.map(\.name)) }
        let wish = program.system[quantity].name + "_previous"
        var name = wish
        var number = 2
        while !names.insert(name).inserted {
            name = "\(wish)\(number)"
            number += 1
        }
        program.system.quantities.append(Quantity(name: name, role: .computed, stageCount: 0, domains: [[]]))
        let scalar = QuantityID(program.system.quantities.count - 1)
        let isShared = program.buffer(of: quantity)?.examples == .shared
        buffers.append(
            Buffer(scalar, role: .intermediate, examples: isShared ? .shared : .reused, in: &program.system))
        return scalar
    }

    /// Reads a scalar in place of an element in the statements up to one of a block, those inside them too.
    private mutating func replace(_ access: ExprID, by scalar: ExprID, in block: BlockID, through last: Int) {
        for position in program[block].statements.indices where position <= last {
            let statement = program[block].statements[position]
            for inner in statement.blocks {
                replace(access, by: scalar, in: inner, through: program[inner].statements.count - 1)
            }
            program[block].statements[position] = program.replacing([access: scalar], in: statement)
        }
    }
}

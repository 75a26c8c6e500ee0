extension LoopProgram {
    /// The program with params and consts that loops over lanes read again and again copied once to the work memory, where rows are
    /// padded (``paddingRows(to:)``) and every vector is a whole one.
    func copyingRows(of lanes: Int) -> LoopProgram {
        var copier = RowCopies(program: self, lanes: lanes)
        copier.run()
        return copier.program
    }
}

/// Finds arrays that are given, whose rows are no whole vectors, and that are read more than once.
private struct RowCopies {
    var program: LoopProgram
    let lanes: Int
    /// How many statements read a quantity in lanes; one that stands in a loop that does not concern it counts twice.
    private var reads: [QuantityID: Int] = [:]
    /// The bodies of loops over lanes.
    private var bodies: [BlockID] = []

    init(program: LoopProgram, lanes: Int) {
        self.program = program
        self.lanes = lanes
    }

    mutating func run() {
        var pending: [(block: BlockID, around: [Dimension], dimension: Dimension?)] = [(program.root, [], nil)]
        while let (block, around, dimension) = pending.popLast() {
            if dimension != nil { bodies.append(block) }
            for statement in program[block].statements {
                if let dimension { count(statement, around, dimension) }
                switch statement {
                case .contraction: break
                case .lanes(let inner): pending.append((inner.body, around, inner.dimension))
                case .examples(let body): pending.append((body, around + [.examples], dimension))
                case .loop(let loop):
                    pending.append((loop.body, around + [loop.dimension].compactMap { $0 }, dimension))
                default: for inner in statement.blocks { pending.append((inner, around, dimension)) }
                }
            }
        }
        var copies: [QuantityID: QuantityID] = [:]
        // The last one goes in first.
        for buffer in program.buffers.reversed() where (reads[buffer.quantity] ?? 0) > 1 {
            if let copy = copy(buffer) { copies[buffer.quantity] = copy }
        }
        if copies.isEmpty { return }
        for block in bodies { replace(copies, in: block) }
    }

    private mutating func count(_ statement: LoopStatement, _ around: [Dimension], _ dimension: Dimension) {
        // What runs once reads no row again.
        if around.isEmpty { return }
        var seen: Set<ExprID> = []
        program.forEachExpression(of: statement) { root in
            for id in program.system.graph.reachable(from: root) where seen.insert(id).inserted {
                guard case .access(let quantity, let indices) = program.system.graph.form(of: id),
                    program.isSideBySide(quantity, indices, dimension)
                else { continue }
                reads[quantity, default: 0] += around.allSatisfy { program.depends(id, on: $0) } ? 1 : 2
            }
        }
    }

    /// A quantity like another one, and the loops that fill it at the start of the program.
    private mutating func copy(_ buffer: Buffer) -> QuantityID? {
        let original = program.system[buffer.quantity]
        guard buffer.role == .parameter || buffer.role == .constant, buffer.examples == .shared,
            original.constantValues == nil, let last = buffer.uniformExtents?.last,
            let count = program.system.expandingSizes(program.system.graph[last]).asConstant,
            // In longer rows the last vector counts for little.
            count < 4 * lanes, LoopProgram.paddedCount(count, lanes) != nil, original.domains.count == 1,
            let axes = original.domains.first
        else { return nil }
        let copy = program.makeQuantity(like: buffer.quantity, suffix: "_rows")
        let (dimensions, indices) = program.elements(of: axes)
        guard let lanes = dimensions.last else { return nil }
        let value = program.system.graph.makeAccess(buffer.quantity, indices)
        let row = program.lanes(lanes, [.store(copy, indices, value)])
        let loops = program.loops(Array(dimensions.dropLast()), [row])
        program[program.root].statements = loops + program[program.root].statements
        return copy
    }

    private mutating func replace(_ copies: [QuantityID: QuantityID], in block: BlockID) {
        program[block].statements = program[block].statements.map { statement in
            program.rewriting(statement) { graph, root in
                graph.rewrite(
                    root,
                    replace: { graph, id in
                        guard case .access(let quantity, let indices) = graph.form(of: id), let copy = copies[quantity]
                        else { return nil }
                        return graph.makeAccess(copy, indices)
                    }, transform: { graph, id, children in graph.rebuilding(id, children) })
            }
        }
    }
}

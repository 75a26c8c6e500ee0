extension LoopProgram {
    /// The program with locals in place of elements that are read where they have just been computed; what is then read nowhere else is not
    /// stored, and has no buffer.
    func replacingWithScalars() -> LoopProgram {
        var replacement = ScalarReplacement(program: self)
        replacement.run()
        return replacement.program
    }
}

/// Scalar replacement (Callahan, Carr and Kennedy, Improving Register Allocation for Subscripted Variables, 1990): a read that certainly
/// gets what an earlier statement of the same round stored gets it from a local.
struct ScalarReplacement {
    var program: LoopProgram
    /// Stores, in the order in which they are met: the local of each one that a read gets its value from.
    private var locals: [LocalID?] = []
    /// How many stores were met.
    private var storeCount = 0
    /// Quantities that something still reads from memory.
    private var isReadFromMemory: Set<QuantityID> = []
    /// Quantities that are computed as a whole, or added to.
    private var isExcluded: Set<QuantityID> = []
    /// The quantities that a block, or one inside, writes.
    private var written: [BlockID: Set<QuantityID>] = [:]

    /// More elements of one quantity are not kept in mind.
    private static let mostElements = 8

    init(program: LoopProgram) { self.program = program }

    private var graph: ExprGraph {
        get { program.system.graph }
        _modify { yield &program.system.graph }
    }

    /// What is in a local at one place of the program: of each quantity, elements and the stores that they come from.
    private typealias Known = [QuantityID: [(indices: [AffineID], store: Int)]]

    mutating func run() {
        exclude()
        findWrites()
        var known: Known = [:]
        scan(program.root, &known, isInLanes: false)
        guard locals.contains(where: { $0 != nil }) else { return }
        storeCount = 0
        known = [:]
        rewrite(program.root, &known, isInLanes: false)
        program.setBuffers(program.buffers.filter { isKept($0.quantity) })
    }

    /// Whether a quantity's elements are in memory after the pass.
    private func isKept(_ quantity: QuantityID) -> Bool {
        guard let buffer = program.buffer(of: quantity), buffer.role == .intermediate else { return true }
        return isReadFromMemory.contains(quantity) || isExcluded.contains(quantity) || isPlainScalar(quantity)
    }

    /// A scalar of its own already.
    private func isPlainScalar(_ quantity: QuantityID) -> Bool {
        guard program.system[quantity].axisCount == 0, let buffer = program.buffer(of: quantity) else { return false }
        return buffer.examples == .shared || buffer.examples == .reused
    }

    private mutating func exclude() {
        program.forEachStatement(in: program[program.root].statements) { statement in
            switch statement {
            case .add(let quantity, _, _), .clear(let quantity): isExcluded.insert(quantity)
            case .contraction(let contraction):
                isExcluded.insert(contraction.target)
                for side in [contraction.left, contraction.right, contraction.factor] {
                    for id in graph.reachable(from: side) {
                        if let quantity = graph.quantity(id) { isReadFromMemory.insert(quantity) }
                    }
                }
            default: break
            }
        }
    }

    private mutating func findWrites() {
        // Inner blocks have been met later than those around them.
        var order = [program.root]
        var next = 0
        while next < order.count {
            for statement in program[order[next]].statements { order.append(contentsOf: statement.blocks) }
            next += 1
        }
        for block in order.reversed() {
            var found: Set<QuantityID> = []
            for statement in program[block].statements {
                switch statement {
                case .store(let quantity, _, _), .add(let quantity, _, _), .clear(let quantity): found.insert(quantity)
                default: for inner in statement.blocks { found.formUnion(written[inner] ?? []) }
                }
            }
            written[block] = found
        }
    }

    // MARK: What is known

    private func find(_ quantity: QuantityID, _ indices: [AffineID], _ known: Known) -> Int? {
        known[quantity]?.last { $0.indices == indices }?.store
    }

    /// Forgets what a store may overwrite, and keeps what it stores.
    private func note(_ quantity: QuantityID, _ indices: [AffineID], _ store: Int, _ known: inout Known) {
        if isExcluded.contains(quantity) || isPlainScalar(quantity) { return }
        var elements = known[quantity] ?? []
        elements.removeAll { !isApart($0.indices, indices) }
        if elements.count == ScalarReplacement.mostElements { elements.removeFirst() }
        elements.append((indices, store))
        known[quantity] = elements
    }

    /// Whether two elements are certainly different ones.
    private func isApart(_ one: [AffineID], _ other: [AffineID]) -> Bool {
        zip(one, other).contains { left, right in
            guard left != right, let difference = graph[left].adding(graph[right], times: -1)?.asConstant else {
                return false
            }
            return difference != 0
        }
    }

    private func forget(_ blocks: [BlockID], _ known: inout Known) {
        for block in blocks { for quantity in written[block] ?? [] { known[quantity] = nil } }
    }

    // MARK: Reads that get their values from locals

    /// As deep as blocks nest, as they were made by ``Lowerer``, which limits it.
    private mutating func scan(_ block: BlockID, _ known: inout Known, isInLanes: Bool) {
        for statement in program[block].statements {
            program.forEachExpression(of: statement) { root in
                for id in graph.reachable(from: root) {
                    guard case .access(let quantity, let indices) = graph.form(of: id) else { continue }
                    if let store = find(quantity, indices, known) {
                        if locals[store] == nil {
                            locals[store] = program.makeLocal(program.system[quantity].name, .real)
                        }
                    } else {
                        isReadFromMemory.insert(quantity)
                    }
                }
            }
            if case .store(let quantity, let indices, _) = statement {
                locals.append(nil)
                note(quantity, indices, locals.count - 1, &known)
            }
            enter(statement, &known, isInLanes) { pass, block, known, isInLanes in
                pass.scan(block, &known, isInLanes: isInLanes)
            }
        }
    }

    /// Visits the blocks inside a statement: what a round or a branch stores is known nowhere else.
    private mutating func enter(
        _ statement: LoopStatement, _ known: inout Known, _ isInLanes: Bool,
        _ visit: (inout ScalarReplacement, BlockID, inout Known, Bool) -> Void
    ) {
        let blocks = statement.blocks
        var isInLanes = isInLanes
        var isVisited = !blocks.isEmpty
        switch statement {
        case .contraction: isVisited = false
        case .lanes: isInLanes = true
        default: break
        }
        if !isVisited { return }
        if case .conditional = statement {} else { forget(blocks, &known) }
        for block in blocks {
            var inner = known
            visit(&self, block, &inner, isInLanes)
        }
        forget(blocks, &known)
    }

    // MARK: The new statements

    private mutating func rewrite(_ block: BlockID, _ known: inout Known, isInLanes: Bool) {
        var result: [LoopStatement] = []
        for old in program[block].statements {
            let values = known
            var map: [ExprID: ExprID] = [:]
            program.forEachExpression(of: old) { replace($0, values, isInLanes, &map) }
            let statement = program.replacing(map, in: old)
            guard case .store(let quantity, let indices, let value) = statement else {
                result.append(statement)
                enter(statement, &known, isInLanes) { pass, block, known, isInLanes in
                    pass.rewrite(block, &known, isInLanes: isInLanes)
                }
                continue
            }
            let store = storeCount
            storeCount += 1
            note(quantity, indices, store, &known)
            if let local = locals[store], isReplaced(quantity, isInLanes) {
                result.append(.define(local, value))
                if isKept(quantity) { result.append(.store(quantity, indices, program.read(local))) }
            } else if isKept(quantity) {
                result.append(statement)
            }
        }
        program[block].statements = result
    }

    /// In lanes, what stays in memory is in a register anyway.
    private func isReplaced(_ quantity: QuantityID, _ isInLanes: Bool) -> Bool { !isKept(quantity) || !isInLanes }

    /// Adds the locals that an expression gets elements from.
    private mutating func replace(_ root: ExprID, _ known: Known, _ isInLanes: Bool, _ map: inout [ExprID: ExprID]) {
        for id in graph.reachable(from: root) {
            guard case .access(let quantity, let indices) = graph.form(of: id), isReplaced(quantity, isInLanes),
                let store = find(quantity, indices, known), let local = locals[store]
            else { continue }
            map[id] = program.read(local)
        }
    }
}

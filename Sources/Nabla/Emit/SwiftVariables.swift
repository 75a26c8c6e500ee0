/// What becomes of the scalars of a program: which are read at all, which functions use them, where they are declared.
struct SwiftVariables {
    typealias Variable = SwiftFunctionPlan.Variable

    /// Where a scalar quantity's variable can be declared.
    enum Declaration {
        /// By its only assignment.
        case constant
        /// By its first assignment, of several.
        case variable
        /// At the start of the function.
        case atStart
    }

    /// How many statements read each one; what has no entry is not read.
    private var reads: [Variable: Int] = [:]
    /// What several functions use: its first slot in the work memory.
    private(set) var slots: [Variable: Int] = [:]
    private(set) var slotCount = 0
    /// Those of them that a chunk of examples writes: their slots are in the memory that each worker has of its own.
    private(set) var ofChunks: Set<Variable> = []
    private(set) var chunkSlotCount = 0
    private(set) var declarations: [QuantityID: Declaration] = [:]
    /// Of each function, the quantities that are declared at its start.
    private(set) var declaredAtStart: [Int: [QuantityID]] = [:]
    /// Locals that are an accumulator's own variable.
    private var accumulatorOfLocal: [LocalID: AccumulatorID] = [:]

    init(_ program: LoopProgram, _ plan: SwiftFunctionPlan, cost: QuantityID, isVariable: (QuantityID) -> Bool) {
        for (position, accumulator) in program.accumulators.enumerated() {
            let id = AccumulatorID(position)
            if let result = accumulator.result { accumulatorOfLocal[result] = id }
            for place in accumulator.positions { accumulatorOfLocal[place] = id }
        }
        countReads(program, plan, cost, isVariable)
        findSlots(program, plan, cost, isVariable)
        findDeclarations(program, plan, cost, isVariable)
    }

    func isRead(_ variable: Variable) -> Bool { (reads[variable] ?? 0) > 0 }

    func accumulator(of local: LocalID) -> AccumulatorID? { accumulatorOfLocal[local] }

    // MARK: What an expression reads

    private func variables(
        read root: ExprID, _ program: LoopProgram, _ isVariable: (QuantityID) -> Bool, _ body: (Variable) -> Void
    ) {
        var stack = [root]
        while let id = stack.popLast() {
            let node = program.system.graph.node(id)
            switch node.kind {
            case .argument:
                let local = LocalID(Int(node.a))
                if let accumulator = accumulatorOfLocal[local] {
                    body(.accumulator(accumulator))
                } else {
                    body(.local(local))
                }
            case .access:
                let quantity = QuantityID(Int(node.a))
                if isVariable(quantity) { body(.quantity(quantity)) }
            default: program.system.graph.forEachChild(of: id) { stack.append($0) }
            }
        }
    }

    /// The variable that a statement assigns, and the expressions that it reads.
    private func parts(
        of item: SwiftFunctionPlan.Item, _ isVariable: (QuantityID) -> Bool
    ) -> (target: Variable?, reads: [ExprID]) {
        guard case .statement(let statement) = item else { return (nil, []) }
        func target(_ local: LocalID) -> Variable {
            accumulatorOfLocal[local].map { .accumulator($0) } ?? .local(local)
        }
        switch statement {
        case .define(let local, let value), .assign(let local, let value): return (target(local), [value])
        case .declare(let local): return (target(local), [])
        case .begin(let id), .finish(let id): return (.accumulator(id), [])
        case .accumulate(let id, let value): return (.accumulator(id), [value])
        case .store(let quantity, _, let value), .add(let quantity, _, let value):
            return (isVariable(quantity) ? .quantity(quantity) : nil, [value])
        case .clear(let quantity): return (isVariable(quantity) ? .quantity(quantity) : nil, [])
        case .conditional(let condition, _, _): return (nil, [condition])
        case .contraction(let contraction): return (nil, [contraction.factor])
        case .comment, .loop, .examples, .exampleBlocks, .lanes: return (nil, [])
        }
    }

    private mutating func countReads(
        _ program: LoopProgram, _ plan: SwiftFunctionPlan, _ cost: QuantityID, _ isVariable: (QuantityID) -> Bool
    ) {
        var counts: [Variable: Int] = [:]
        var definitions: [Variable: [ExprID]] = [:]
        var order: [Variable] = []
        for function in plan.functions.indices {
            plan.forEachItem(of: function) { item in
                let (target, values) = parts(of: item, isVariable)
                if let target {
                    if definitions[target] == nil { order.append(target) }
                    definitions[target, default: []].append(contentsOf: values)
                }
                for value in values { variables(read: value, program, isVariable) { counts[$0, default: 0] += 1 } }
            }
        }
        counts[.quantity(cost), default: 0] += 1
        // What is not read is not computed, and so what only it reads is not read either. A reduction that may fail is kept.
        var dead = order.filter { (counts[$0] ?? 0) == 0 }
        while let variable = dead.popLast() {
            for value in definitions[variable] ?? [] {
                variables(read: value, program, isVariable) { read in
                    guard read != variable else { return }
                    counts[read, default: 0] -= 1
                    if counts[read] == 0 { dead.append(read) }
                }
            }
        }
        reads = counts
    }

    // MARK: Several functions

    private mutating func findSlots(
        _ program: LoopProgram, _ plan: SwiftFunctionPlan, _ cost: QuantityID, _ isVariable: (QuantityID) -> Bool
    ) {
        guard plan.functions.count > 1 else { return }
        var home: [Variable: Int] = [:]
        var order: [Variable] = []
        var isShared: Set<Variable> = []
        var written: Set<Variable> = []
        func touch(_ variable: Variable, _ function: Int) {
            if let known = home[variable] {
                if known != function, isShared.insert(variable).inserted { order.append(variable) }
            } else {
                home[variable] = function
            }
        }
        for function in plan.functions.indices {
            plan.forEachItem(of: function) { item in
                let (target, values) = parts(of: item, isVariable)
                if let target {
                    touch(target, function)
                    if plan.functions[function].isInsideChunks { written.insert(target) }
                }
                for value in values { variables(read: value, program, isVariable) { touch($0, function) } }
            }
        }
        touch(.quantity(cost), plan.functions.count - 1)
        for variable in order {
            // The number of examples is a constant of the run.
            if variable == .local(.exampleCount) { continue }
            let count =
                switch variable {
                case .local, .quantity: 1
                case .accumulator(let id): program[id].componentCount
                }
            if written.contains(variable) {
                ofChunks.insert(variable)
                slots[variable] = chunkSlotCount
                chunkSlotCount += count
            } else {
                slots[variable] = slotCount
                slotCount += count
            }
        }
    }

    // MARK: Scalar quantities

    private struct Touches {
        var function: Int
        /// The block of the first one, by its number and its depth.
        var block: Int
        var depth: Int
        var writes: Int
        var isFirstWrite: Bool
        var isInside = true
        var hasUpdates: Bool
    }

    private mutating func findDeclarations(
        _ program: LoopProgram, _ plan: SwiftFunctionPlan, _ cost: QuantityID, _ isVariable: (QuantityID) -> Bool
    ) {
        var touches: [QuantityID: Touches] = [:]
        var order: [QuantityID] = []
        func touch(_ quantity: QuantityID, _ function: Int, _ path: [Int], write: Bool, update: Bool) {
            if touches[quantity] == nil {
                order.append(quantity)
                touches[quantity] = Touches(
                    function: function, block: path.last ?? 0, depth: path.count - 1, writes: write ? 1 : 0,
                    isFirstWrite: write && !update, hasUpdates: update)
                return
            }
            touches[quantity]?.writes += write ? 1 : 0
            if update { touches[quantity]?.hasUpdates = true }
            if let known = touches[quantity], !path.indices.contains(known.depth) || path[known.depth] != known.block {
                touches[quantity]?.isInside = false
            }
        }
        for function in plan.functions.indices {
            var numbers = 0
            // A step with a path closes the blocks that are deeper.
            var stack: [(item: SwiftFunctionPlan.Item, path: [Int])] = plan.functions[function].items.reversed().map {
                ($0, [0])
            }
            while let (item, path) = stack.popLast() {
                let (target, values) = parts(of: item, isVariable)
                for value in values {
                    variables(read: value, program, isVariable) { read in
                        if case .quantity(let quantity) = read {
                            touch(quantity, function, path, write: false, update: false)
                        }
                    }
                }
                if case .quantity(let quantity) = target {
                    var isUpdate = false
                    if case .statement(.add) = item { isUpdate = true }
                    touch(quantity, function, path, write: true, update: isUpdate)
                }
                guard case .statement(let statement) = item else { continue }
                var inner: [BlockID] = []
                switch statement {
                case .loop(let loop): inner = [loop.body]
                case .examples(let block), .exampleBlocks(let block): inner = [block]
                case .lanes(let lanes): inner = [lanes.body]
                case .conditional(_, let then, let otherwise): inner = [then] + (otherwise.map { [$0] } ?? [])
                default: break
                }
                for block in inner.reversed() {
                    numbers += 1
                    let deeper = path + [numbers]
                    for item in plan.items[Int(block.raw)].reversed() { stack.append((item, deeper)) }
                }
            }
            if function == plan.functions.count - 1, isVariable(cost) {
                touch(cost, function, [0], write: false, update: false)
            }
        }
        for quantity in order where slots[.quantity(quantity)] == nil {
            guard let touched = touches[quantity] else { continue }
            if touched.isFirstWrite, touched.isInside {
                declarations[quantity] = touched.writes == 1 ? .constant : .variable
            } else {
                declarations[quantity] = .atStart
                declaredAtStart[touched.function, default: []].append(quantity)
            }
        }
    }
}

extension Accumulator {
    /// How many variables its state has.
    var componentCount: Int {
        switch kind {
        // The value, a second number, and how many values there were.
        case .value: 3
        case .position: 2 + positions.count
        }
    }
}

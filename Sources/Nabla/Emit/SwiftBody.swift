/// Writes the functions that run one program.
struct SwiftBody {
    var program: LoopProgram
    var file: SwiftFile
    let plan: SwiftFunctionPlan
    let variables: SwiftVariables
    let storage: SwiftStorage
    let aliases: SwiftAliases
    /// Whether there is one example, or none: a number of examples is then known.
    let isOfOneExample: Bool
    private var comments: EquationComments
    /// The equations of each quantity.
    private let definitions: [QuantityID: [Int]]
    /// Sums over the examples that the first block starts, so that nothing needs to be cleared.
    private let overwritten: Set<QuantityID>
    /// Functions of the language that the file must contain.
    var helpers: Set<SwiftHelper> = []
    var usesLogSum = false
    /// The vector functions that the file must contain.
    var kernelNames: Set<String> = []
    /// Of the loop over lanes that is being written.
    var lanes: SwiftLanes?
    /// The variables of accumulators that each lane has its own of.
    var laneAccumulators: [AccumulatorID: String] = [:]
    /// The names of the functions, by their position in the plan.
    var functionNames: [String] = []
    /// The functions that add up what chunks of examples have gathered.
    var sumsNames: [BlockID: String] = [:]

    // Of the function that is being written.

    var function = 0
    /// The function's head, and the loops that are open, from the outermost in.
    var frames: [SwiftFrame] = []
    /// The blocks that are open: what has been written in each.
    var output: [[SwiftSource]] = []
    var indexNames: [IndexID: String] = [:]
    var usedIndices: Set<IndexID> = []
    var usesExample = false
    var usesFirstExample = false
    var usesBlockCount = false
    var scope = Scope()
    var localNames: [LocalID: String] = [:]
    var accumulatorNames: [AccumulatorID: SwiftAccumulatorNames] = [:]
    /// How many locals of each name there are.
    var nameCounts: [String: Int] = [:]

    init(
        _ program: LoopProgram, _ blocks: SwiftBlocks, cost: QuantityID, isOfOneExample: Bool, _ file: SwiftFile
    ) throws {
        self.program = program
        self.isOfOneExample = isOfOneExample
        comments = EquationComments(program.system)
        var definitions: [QuantityID: [Int]] = [:]
        for (position, equation) in program.system.equations.enumerated() {
            definitions[equation.quantity, default: []].append(position)
        }
        self.definitions = definitions
        overwritten = program.targetsOverwrittenFirst
        var file = file
        plan = SwiftFunctionPlan(program)
        var isScalar = Array(repeating: false, count: program.system.quantities.count)
        let sums = Set(program.chunks.values.flatMap(\.sums))
        for buffer in program.buffers {
            let isGiven: Bool =
                switch buffer.role {
                case .parameter, .input, .target, .constant: true
                case .intermediate, .result: blocks.gradientOf[buffer.quantity] != nil
                }
            let hasAxes = program.system[buffer.quantity].axisCount > 0
            isScalar[Int(buffer.quantity.raw)] =
                !isGiven && !hasAxes && buffer.examples != .stored
                && buffer.examples != .blocked && !sums.contains(buffer.quantity)
        }
        variables = SwiftVariables(program, plan, cost: cost) { isScalar[Int($0.raw)] }
        storage = try SwiftStorage(program, blocks, variables, isOfOneExample: isOfOneExample, &file)
        aliases = SwiftAliases(program, storage)
        self.file = file
    }

    var graph: ExprGraph { program.system.graph }
    var system: System { program.system }
    var scalar: String { file.scalar }
    /// Whether the examples of a batch may be split over several workers.
    var splitsExamples: Bool { file.splitsExamples(isOfOneExample: isOfOneExample) }

    // MARK: Functions

    /// The functions, the one that runs the program first; it is called `name` and gives the cost.
    mutating func write(_ name: String, cost: (quantity: QuantityID, indices: [AffineID])) throws -> [SwiftSource] {
        functionNames = []
        for position in plan.functions.indices {
            let isMain = position == plan.functions.count - 1
            let ofChunk = plan.functions[position].chunks.map { _ in file.names.claim("\(name)OfChunk") }
            functionNames.append(isMain ? name : ofChunk ?? file.names.claimNumbered(name))
        }
        var sources: [SwiftSource] = []
        for position in plan.functions.indices.reversed() {
            if !sources.isEmpty { sources.append(.blank) }
            sources.append(writeFunction(position, position == plan.functions.count - 1 ? cost : nil))
            if let chunks = plan.functions[position].chunks { sources += [.blank, writeSums(chunks)] }
        }
        return sources
    }

    private mutating func writeFunction(
        _ position: Int, _ cost: (quantity: QuantityID, indices: [AffineID])?
    ) -> SwiftSource {
        let planned = plan.functions[position]
        function = position
        frames = [SwiftFrame()]
        indexNames = [:]
        scope = Scope()
        localNames = [:]
        accumulatorNames = [:]
        nameCounts = [:]
        var parameters = ["_ memory: Memory"]
        if planned.isInsideBlocks {
            frames[0].isBlocks = true
            parameters.append("_ firstExample: Int")
            parameters.append("_ blockCount: Int")
        }
        if planned.isInsideExamples {
            frames[0].isExamples = true
            parameters.append("_ example: Int")
        }
        for index in planned.indices {
            bind(index)
            frames[0].indices.insert(index)
            parameters.append("_ \(indexNames[index] ?? "_"): Int")
        }
        var body = planned.chunks.map { clearedSums($0) } ?? []
        body += write(plan.functions[position].items)
        if let cost {
            output.append([])
            let value = read(cost.quantity, cost.indices)
            body.append(.line("return \(value)"))
            output.removeLast()
        }
        // After all that may add to the head.
        var head = frames[0].hoisted
        for quantity in variables.declaredAtStart[position] ?? [] {
            head.append(.line("var \(file.identifier(system[quantity].name)): \(scalar) = 0"))
        }
        // Small computations without a call, so that what is on the stack can be in registers.
        let isInlined = storage.stackCount != nil && plan.functions.count == 1
        let modifier = (isInlined ? "@inline(__always) " : "") + (file.isInstance ? "private" : "private static")
        let tail = (planned.canThrow ? " throws" : "") + (cost == nil ? "" : " -> \(scalar)")
        return .list(
            head: "\(modifier) func \(functionNames[position])", items: parameters, tail: tail, body: head + body)
    }

    /// Gives an index the name that it has here, different from those of all loops around.
    mutating func bind(_ index: IndexID) {
        let name = graph.name(of: index)
        var depth = 0
        let active = Set(indexNames.values)
        var candidate = file.names.index(name, depth: depth)
        while active.contains(candidate) {
            depth += 1
            candidate = file.names.index(name, depth: depth)
        }
        indexNames[index] = candidate
    }

    // MARK: Blocks

    /// What a block contains; the plan keeps blocks from nesting too deeply for this recursion.
    mutating func write(_ items: [SwiftFunctionPlan.Item]) -> [SwiftSource] {
        output.append([])
        for item in items {
            switch item {
            case .statement(let statement): write(statement)
            case .call(let function): writeCall(function)
            }
        }
        return output.popLast() ?? []
    }

    mutating func append(_ source: SwiftSource) {
        guard !output.isEmpty else { return }
        output[output.count - 1].append(source)
    }

    private mutating func writeCall(_ position: Int) {
        let called = plan.functions[position]
        if let chunks = called.chunks {
            append(.line("inChunks(memory, \(functionNames[position]), adding: \(sumsName(chunks)))"))
            return
        }
        var arguments = ["memory"]
        if called.isInsideBlocks {
            arguments += ["firstExample", "blockCount"]
            usesFirstExample = true
            usesBlockCount = true
        }
        if called.isInsideExamples {
            arguments.append("example")
            usesExample = true
        }
        for index in called.indices {
            usedIndices.insert(index)
            arguments.append(indexNames[index] ?? "0")
        }
        let call = "\(functionNames[position])(\(arguments.joined(separator: ", ")))"
        append(.line(called.canThrow ? "try \(call)" : call))
    }

    private mutating func write(_ statement: LoopStatement) {
        switch statement {
        case .comment(let equation): writeComment(equation)
        case .loop(let loop): write(loop)
        case .examples(let block): writeExamples(block)
        case .exampleBlocks(let block): writeExampleBlocks(block)
        case .contraction(let contraction): write(contraction)
        case .lanes(let lanes): write(lanes)
        case .conditional(let condition, let then, let otherwise): write(condition, then, otherwise)
        case .define(let local, let value):
            guard variables.isRead(.local(local)) else { return }
            let text = self.value(value, program[local].kind)
            if let slot = slot(.local(local)) {
                assign(slot, stored(text, program[local].kind))
            } else {
                append(
                    .line("let \(name(of: local)): \(type(of: program[local].kind)) =\(SwiftSource.softBreak)\(text)"))
            }
        case .declare(let local):
            guard variables.isRead(.local(local)), slot(.local(local)) == nil else { return }
            append(.line("let \(name(of: local)): \(type(of: program[local].kind))"))
        case .assign(let local, let value):
            guard variables.isRead(.local(local)) else { return }
            let text = self.value(value, program[local].kind)
            if let slot = slot(.local(local)) {
                assign(slot, stored(text, program[local].kind))
            } else {
                assign(name(of: local), text)
            }
        case .begin(let id): begin(id)
        case .accumulate(let id, let value): accumulate(id, value)
        case .finish(let id): finish(id)
        case .store(let quantity, let indices, let value): store(quantity, indices, value)
        case .add(let quantity, let indices, let value):
            if isDead(quantity) { return }
            let text = real(value).text
            append(.line("\(read(quantity, indices)) +=\(SwiftSource.softBreak)\(text)"))
        case .clear(let quantity): clear(quantity)
        }
    }

    mutating func assign(_ target: String, _ value: String) {
        append(.line("\(target) =\(SwiftSource.softBreak)\(value)"))
    }

    private func type(of kind: Local.Kind) -> String {
        switch kind {
        case .real: scalar
        case .integer: "Int"
        case .condition: "Bool"
        }
    }

    mutating func writeComment(_ equation: Int) {
        var text = comments.text(equation)
        for inner in gathered(by: equation) { text = comments.text(inner) + "\n" + text }
        if !(output.last ?? []).isEmpty { append(.blank) }
        append(.comment(SwiftText.comment(text)))
    }

    /// The equations of what a sum over the examples reads and nothing else does: it is computed in the sum's own loops.
    private func gathered(by equation: Int) -> [Int] {
        guard frames.contains(where: { $0.isExamples || $0.isBlocks }), system.equations.indices.contains(equation),
            case .reduceExamples(_, let body) = graph.form(of: system.equations[equation].body),
            case .access(let quantity, _) = graph.form(of: body), storage.places[quantity] == nil
        else { return [] }
        return definitions[quantity]?.reversed() ?? []
    }

    private mutating func write(_ loop: Loop) {
        // Its range is outside of its body.
        let lower = bound(loop.lower)
        let upper = bound(loop.upper)
        if loop.solution == nil, let first = lower.known, let last = upper.known, first >= last { return }
        let solution = loop.solution.map { solved(loop, $0) }
        let hidden = indexNames[loop.index]
        bind(loop.index)
        let wasUsed = usedIndices.remove(loop.index) != nil
        frames.append(SwiftFrame(index: loop.index))
        let (lowerAffine, upperAffine) = (affine(in: loop.lower), affine(in: loop.upper))
        var isInScope = false
        if let lowerAffine, let upperAffine {
            scope.enter(loop.index, lower: lowerAffine, upper: upperAffine)
            isInScope = true
        }
        let body = write(plan.items[Int(loop.body.raw)])
        if isInScope { scope.leave(1) }
        let hoisted = frames.popLast()?.hoisted ?? []
        let isUsed = usedIndices.remove(loop.index) != nil
        if wasUsed { usedIndices.insert(loop.index) }
        let name = indexNames[loop.index] ?? "_"
        indexNames[loop.index] = hidden
        let head: String
        if let solution {
            head = solution.replacing("\u{2}", with: name)
        } else {
            let range: String
            if loop.isReversed {
                let last = upper - SwiftInteger(1)
                range = "stride(from: \(last.text), through: \(lower.text), by: -1)"
            } else if isAscending(loop, lower, upper) {
                range = "\(lower.operand(.sum))..<\(upper.operand(.sum))"
            } else {
                range = "\(lower.operand(.sum))..<max(\(lower.text), \(upper.text))"
            }
            head = "for \(isUsed ? name : "_") in \(range)"
        }
        append(.braces(head, hoisted + body))
    }

    private func affine(in bound: LoopBound) -> AffineID? { bound.terms.first { $0.divisor == 1 }?.affine }

    private func isAscending(_ loop: Loop, _ lower: SwiftInteger, _ upper: SwiftInteger) -> Bool {
        if let first = lower.known, let last = upper.known { return first <= last }
        return loop.lower.terms.allSatisfy { one in
            loop.upper.terms.allSatisfy { two in
                one.divisor == 1 && two.divisor == 1
                    && system.isLessOrEqual(graph[one.affine], graph[two.affine], in: scope)
            }
        }
    }

    /// The head of a block that runs once, with the only value that an index can have; `\u{2}` stands for the index.
    private mutating func solved(_ loop: Loop, _ term: LoopBound.Term) -> String {
        let numerator = integer(graph[term.affine])
        var conditions: [String] = []
        if term.divisor == 1 {
            conditions.append("case let \u{2}: Int = \(numerator.text)")
        } else {
            conditions.append("case let \u{2}: Int = \(numerator.operand(.atom)) / \(term.divisor)")
            conditions.append("\(term.divisor) * \u{2} == \(numerator.text)")
        }
        let next = graph[term.affine].offset(by: 1)
        for lower in loop.lower.terms where lower != term {
            conditions.append("\u{2} >= \(integer(lower).text)")
        }
        for upper in loop.upper.terms where upper.divisor != term.divisor || graph[upper.affine] != next {
            conditions.append("\u{2} < \(integer(upper).text)")
        }
        return "if " + conditions.joined(separator: ",\(SwiftSource.softBreak)")
    }

    private mutating func writeExamples(_ block: BlockID) {
        if aliases.isCopy(block) { return }
        frames.append(SwiftFrame(isExamples: true))
        let wasUsed = usesExample
        usesExample = false
        let body = write(plan.items[Int(block.raw)])
        let hoisted = frames.popLast()?.hoisted ?? []
        let name = usesExample ? "example" : "_"
        usesExample = wasUsed
        append(.braces("for \(name) in 0..<\(exampleRounds())", hoisted + body))
    }

    private mutating func writeExampleBlocks(_ block: BlockID) {
        frames.append(SwiftFrame(isBlocks: true))
        let (wasFirstUsed, wasCountUsed) = (usesFirstExample, usesBlockCount)
        usesFirstExample = false
        usesBlockCount = false
        let body = write(plan.items[Int(block.raw)])
        let hoisted = frames.popLast()?.hoisted ?? []
        let isChunk = plan.functions[function].chunks != nil
        let start = isChunk ? "memory.firstExample" : "0"
        let end = isChunk ? "memory.endExample" : exampleCount()
        let size = blockSize()
        var head: [SwiftSource] = []
        if usesBlockCount { head.append(.line("let blockCount: Int = min(\(size), \(end) - firstExample)")) }
        let name = usesFirstExample || usesBlockCount ? "firstExample" : "_"
        (usesFirstExample, usesBlockCount) = (wasFirstUsed, wasCountUsed)
        append(.braces("for \(name) in stride(from: \(start), to: \(end), by: \(size))", head + hoisted + body))
    }

    private mutating func write(_ condition: ExprID, _ then: BlockID, _ otherwise: BlockID?) {
        if let known = constant(condition) {
            guard let block = known ? then : otherwise else { return }
            // In a block of its own, for its names' sake.
            let body = write(plan.items[Int(block.raw)])
            for source in body { append(source) }
            return
        }
        let text = self.condition(condition).text
        let first = write(plan.items[Int(then.raw)])
        let second = otherwise.map { write(plan.items[Int($0.raw)]) } ?? []
        if second.isEmpty {
            append(.branches([("if \(text)", first)]))
        } else {
            append(.branches([("if \(text)", first), ("else", second)]))
        }
    }

    // MARK: Stores

    private func isDead(_ quantity: QuantityID) -> Bool {
        guard case .variable = storage.places[quantity] else { return false }
        return !variables.isRead(.quantity(quantity))
    }

    private mutating func store(_ quantity: QuantityID, _ indices: [AffineID], _ value: ExprID) {
        if isDead(quantity) { return }
        let text = real(value).text
        if case .variable = storage.places[quantity], slot(.quantity(quantity)) == nil {
            let name = file.identifier(system[quantity].name)
            switch variables.declarations[quantity] {
            case .constant: append(.line("let \(name): \(scalar) =\(SwiftSource.softBreak)\(text)"))
            case .variable where isFirstAssignment(quantity):
                append(.line("var \(name): \(scalar) =\(SwiftSource.softBreak)\(text)"))
            default: assign(name, text)
            }
            return
        }
        assign(read(quantity, indices), text)
    }

    mutating func clear(_ quantity: QuantityID) {
        if isDead(quantity) || overwritten.contains(quantity) { return }
        if case .variable = storage.places[quantity] {
            if slot(.quantity(quantity)) == nil, variables.declarations[quantity] == .variable,
                isFirstAssignment(quantity)
            {
                append(.line("var \(file.identifier(system[quantity].name)): \(scalar) = 0"))
            } else {
                assign(read(quantity, []), "0")
            }
            return
        }
        guard let layout = storage.layouts[quantity] else { return }
        if layout.isScalar {
            assign(read(quantity, []), "0")
        } else {
            append(.line("\(pointer(to: quantity)).update(repeating: 0, count: \(layout.count.text))"))
        }
    }

    private mutating func isFirstAssignment(_ quantity: QuantityID) -> Bool {
        frames[0].declared.insert(quantity).inserted
    }
}

/// A place in a function where something can be computed before what follows: its head, or the start of a loop's body.
struct SwiftFrame {
    /// The index of the loop.
    var indices: Set<IndexID> = []
    /// Whether it is the loop over the training examples.
    var isExamples = false
    /// Whether it is the loop over blocks of examples.
    var isBlocks = false
    var hoisted: [SwiftSource] = []
    /// The names of what was computed here.
    var names: [String: String] = [:]
    var declared: Set<QuantityID> = []

    init(index: IndexID? = nil, isExamples: Bool = false, isBlocks: Bool = false) {
        if let index { indices = [index] }
        self.isExamples = isExamples
        self.isBlocks = isBlocks
    }
}

/// Text as generated Swift can hold it.
enum SwiftText {
    /// Without characters that end a line, that no source may contain, or that hide text.
    static func comment(_ text: String) -> String {
        var result = ""
        var isAfterReturn = false
        for scalar in text.unicodeScalars {
            defer { isAfterReturn = scalar == "\r" }
            switch scalar.value {
            case 0x0A where isAfterReturn: continue
            case 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029: result += "\n"
            case 0x09: result += "    "
            case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF0...0xFFFF:
                continue
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A string literal.
    static func literal(_ text: String) -> String {
        var result = "\""
        for scalar in comment(text).unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

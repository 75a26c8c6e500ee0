extension SwiftBody {
    // MARK: Loops

    /// A loop that takes as many rounds at once as a vector has lanes.
    mutating func write(_ lanes: Lanes) {
        // What nobody reads is gone from it.
        if program[lanes.body].statements.allSatisfy(\.isComment) { return }
        let outside = self.lanes
        let mayRepeat = mayRepeat(lanes.body)
        self.lanes = SwiftLanes(lanes.dimension)
        self.lanes?.mayRepeat = mayRepeat
        let name: String
        let lower: SwiftInteger
        let upper: SwiftInteger
        var hidden: String?
        var isInScope = false
        switch lanes.dimension {
        case .examples:
            name = "example"
            lower = SwiftInteger(0)
            upper = SwiftInteger(atom: exampleRounds())
            frames.append(SwiftFrame())
        case .index(let index, let first, let last):
            lower = bound(LoopBound(first))
            upper = bound(LoopBound(last))
            let isNeverEmpty = system.isLess(graph[first], graph[last], in: scope)
            self.lanes?.isNeverEmpty = isNeverEmpty
            let count = system.knownDistance(from: first, to: last)
            let widest = file.options.scalar.widestVector
            let isWhole = count.map { $0 > 0 && $0 % widest == 0 } ?? false
            self.lanes?.isWhole = isWhole
            self.lanes?.isLong = mayRepeat && !isWhole && (count ?? 0) > widest
            hidden = indexNames[index]
            bind(index)
            name = indexNames[index] ?? "_"
            frames.append(SwiftFrame(index: index))
            scope.enter(index, lower: first, upper: last)
            isInScope = true
        }
        let gathered = lanes.purpose == .reduction ? feeding(lanes.body) : []
        var states: [(id: AccumulatorID, name: String)] = []
        for id in gathered { states.append((id, freshName("\(scalarName(of: id))Lanes"))) }
        for state in states { laneAccumulators[state.id] = state.name }
        let body = writeInLanes(program[lanes.body].statements)
        for state in states { laneAccumulators[state.id] = nil }
        if isInScope { scope.leave(1) }
        let hoisted = frames.popLast()?.hoisted ?? []
        let written = self.lanes ?? SwiftLanes(lanes.dimension)
        let loop = SwiftLaneLoop(name: name, lower: lower, upper: upper, lanes: written)
        self.lanes = outside
        if case .index(let index, _, _) = lanes.dimension { indexNames[index] = hidden }
        for source in written.before { append(source) }
        for state in states { append(.line("var \(state.name): Vector = \(identity(of: state.id))")) }
        write(loop, hoisted + body)
        for state in states { combine(state.id, state.name) }
    }

    /// Rounds of whole vectors; where it matters how many lanes count, a last one for the rest.
    private mutating func write(_ loop: SwiftLaneLoop, _ body: [SwiftSource]) {
        let (name, lower, upper, lanes) = (loop.name, loop.lower, loop.upper, loop.lanes)
        guard lanes.usesCount || lanes.isLong else {
            append(
                .braces("for \(name) in stride(from: \(lower.text), to: \(upper.text), by: Vector.scalarCount)", body))
            return
        }
        let round = freshName("round")
        let next = freshName("next")
        let rest = freshName("rest")
        let end = upper.operand(.sum)
        let extent = (upper - lower).operand(.atom)
        let parameters =
            ["_ \(name): Int"] + (lanes.usesCount ? ["_ lanes: Int"] : [])
            + (lanes.usesSkipped ? ["_ skipped: Int"] : [])
        append(.braces("@inline(__always) func \(round)(\(parameters.joined(separator: ", ")))", body))
        func call(_ first: String, _ count: String, _ skipped: String) -> SwiftSource {
            let arguments = [first] + (lanes.usesCount ? [count] : []) + (lanes.usesSkipped ? [skipped] : [])
            return .line("\(round)(\(arguments.joined(separator: ", ")))")
        }
        // A range would be a function with its state in memory where bodies are long.
        append(.line("var \(next): Int = \(lower.text)"))
        append(
            .braces(
                "while \(next) <= \(end) - Vector.scalarCount",
                [call(next, "Vector.scalarCount", "0"), .line("\(next) &+= Vector.scalarCount")]))
        append(.line("let \(rest): Int = \(extent) % Vector.scalarCount"))
        // A whole vector that begins earlier, where computing elements twice does no harm.
        var last = [call("\(end) - \(rest)", rest, "0")]
        if lanes.isLong {
            last = [call("\(end) - Vector.scalarCount", "Vector.scalarCount", "Vector.scalarCount - \(rest)")]
        } else if lanes.mayRepeat {
            let count = freshName("count")
            last = [
                .line("let \(count): Int = min(\(extent), Vector.scalarCount)"),
                call("\(end) - \(count)", count, "\(count) - \(rest)"),
            ]
        }
        append(.braces("if \(rest) > 0", last))
    }

    /// Whether computing an element twice does no harm: nothing is added to, and nothing stored is read.
    private func mayRepeat(_ block: BlockID) -> Bool {
        let rereads = rereads(in: block)
        var stored: Set<QuantityID> = []
        var isSafe = true
        program.forEachStatement(in: program[block].statements) { statement in
            switch statement {
            case .add: isSafe = false
            case .store(let quantity, _, _): stored.insert(quantity)
            default: break
            }
        }
        program.forEachStatement(in: program[block].statements) { statement in
            program.forEachExpression(of: statement) { root in
                for id in graph.reachable(from: root) {
                    // What was stored by this round is in a register.
                    if let quantity = graph.quantity(id), stored.contains(quantity) {
                        isSafe = isSafe && !rereads.contains(quantity)
                    }
                }
            }
        }
        return isSafe
    }

    /// The accumulators that statements feed.
    func feeding(_ block: BlockID) -> [AccumulatorID] {
        var found: [AccumulatorID] = []
        program.forEachStatement(in: program[block].statements) { statement in
            if case .accumulate(let id, _) = statement, !found.contains(id) { found.append(id) }
        }
        return found
    }

    mutating func scalarName(of id: AccumulatorID) -> String {
        program[id].result.map { program[$0].name } ?? "value"
    }

    mutating func writeInLanes(_ statements: [LoopStatement]) -> [SwiftSource] {
        output.append([])
        let rereads = rereads(statements)
        lanes?.rereads.formUnion(rereads)
        // What an earlier statement stores, a later one need not load.
        for statement in statements {
            if case .store(let quantity, _, _) = statement { lanes?.readLater.insert(quantity) }
        }
        lanes?.names.append([:])
        let shared = shared(by: statements)
        lanes?.shared.append(shared)
        for statement in statements { writeInLanes(statement) }
        lanes?.shared.removeLast()
        lanes?.names.removeLast()
        return output.popLast() ?? []
    }

    /// The quantities that a body, or one inside of it, reads before it stores them.
    private func rereads(in block: BlockID) -> Set<QuantityID> {
        var found = rereads(program[block].statements)
        program.forEachStatement(in: program[block].statements) { statement in
            for inner in statement.blocks { found.formUnion(rereads(program[inner].statements)) }
        }
        return found
    }

    /// Quantities that are read before they are stored, so that what stands behind a row still counts.
    private func rereads(_ statements: [LoopStatement]) -> Set<QuantityID> {
        struct Element: Hashable {
            var quantity: QuantityID
            var indices: [AffineID]
        }
        var stored: Set<Element> = []
        var found: Set<QuantityID> = []
        program.forEachStatement(in: statements) { statement in
            program.forEachExpression(of: statement) { root in
                for id in graph.reachable(from: root) {
                    if case .access(let quantity, let indices) = graph.form(of: id),
                        !stored.contains(Element(quantity: quantity, indices: indices))
                    {
                        found.insert(quantity)
                    }
                }
            }
            if case .store(let quantity, let indices, _) = statement {
                stored.insert(Element(quantity: quantity, indices: indices))
            }
        }
        return found
    }

    mutating func writeInLanes(_ statement: LoopStatement) {
        switch statement {
        case .begin(let id):
            let name = freshName(scalarName(of: id))
            lanes?.accumulators.insert(id)
            laneAccumulators[id] = name
            append(.line("var \(name): Vector = \(identity(of: id))"))
        case .accumulate(let id, let value): accumulateInLanes(id, value)
        case .finish: break
        case .comment(let equation): writeComment(equation)
        case .loop(let loop): writeInner(loop)
        case .examples(let block): writeInnerExamples(block)
        case .define(let local, let value): define(local, value)
        case .store(let quantity, let indices, let value):
            prepare(value)
            if lanes?.readLater.contains(quantity) == true, lanes?.name(of: value) == nil, varies(value) {
                nameValue(value)
            }
            let text = vector(value).text
            let place = address(quantity, indices)
            forget(quantity)
            if lanes?.readLater.contains(quantity) == true {
                let access = program.system.graph.makeAccess(quantity, indices)
                if let last = lanes?.names.indices.last { lanes?.names[last][access] = text }
            }
            if lanes?.isAlwaysWhole == true || mayStoreWhole(quantity, indices) {
                kernelNames.insert("storeWhole")
                append(.line("Kernel.store(\(text),\(SwiftSource.softBreak)\(place))"))
            } else {
                kernelNames.insert("storePart")
                lanes?.usesCount = true
                append(.line("Kernel.store(\(text),\(SwiftSource.softBreak)\(place), count: lanes)"))
            }
        case .add(let quantity, let indices, let value):
            prepare(value)
            let text = vector(value).operand(.sum)
            let place = address(quantity, indices)
            forget(quantity)
            if lanes?.isAlwaysWhole == true || isPadded(quantity) && mayStoreWhole(quantity, indices) {
                kernelNames.formUnion(["storeWhole", "loadWhole"])
                append(
                    .line("Kernel.store(Kernel.load(\(place)) + \(text),\(SwiftSource.softBreak)\(place))"))
                break
            }
            kernelNames.formUnion(["storePart", "loadPart"])
            lanes?.usesCount = true
            append(
                .line(
                    "Kernel.store(Kernel.load(\(place), count: lanes) + \(text),\(SwiftSource.softBreak)\(place), count: lanes)"
                ))
        default: break
        }
    }

    /// A local that each lane has its own of.
    mutating func define(_ local: LocalID, _ value: ExprID) {
        guard variables.isRead(.local(local)) else { return }
        prepare(value)
        let text = vector(value).text
        let name = self.name(of: local)
        append(.line("let \(name): Vector =\(SwiftSource.softBreak)\(text)"))
        lanes?.locals.insert(local)
        if let last = lanes?.names.indices.last {
            let argument = program.read(local)
            lanes?.names[last][argument] = name
            if varies(value) { lanes?.names[last][value] = name }
        }
    }

    /// A loop inside, one round after another in all lanes.
    mutating func writeInner(_ loop: Loop) {
        guard let lowerAffine = loop.lower.asAffine, let upperAffine = loop.upper.asAffine else { return }
        let dimension = Dimension.index(loop.index, lower: lowerAffine, upper: upperAffine)
        prepareInvariants(loop.body, dimension)
        let lower = bound(loop.lower)
        let upper = bound(loop.upper)
        let hidden = indexNames[loop.index]
        bind(loop.index)
        let wasUsed = usedIndices.remove(loop.index) != nil
        frames.append(SwiftFrame(index: loop.index))
        scope.enter(loop.index, lower: lowerAffine, upper: upperAffine)
        lanes?.inner.append(dimension)
        let body = writeInLanes(program[loop.body].statements)
        lanes?.inner.removeLast()
        scope.leave(1)
        let hoisted = frames.popLast()?.hoisted ?? []
        let name = usedIndices.remove(loop.index) != nil ? indexNames[loop.index] ?? "_" : "_"
        if wasUsed { usedIndices.insert(loop.index) }
        indexNames[loop.index] = hidden
        let isAscending = system.isLessOrEqual(graph[lowerAffine], graph[upperAffine], in: scope)
        let end = isAscending ? upper.operand(.sum) : "max(\(lower.text), \(upper.text))"
        append(.braces("for \(name) in \(lower.operand(.sum))..<\(end)", hoisted + body))
    }

    mutating func writeInnerExamples(_ block: BlockID) {
        prepareInvariants(block, .examples)
        let wasUsed = usesExample
        usesExample = false
        frames.append(SwiftFrame(isExamples: true))
        lanes?.inner.append(.examples)
        let body = writeInLanes(program[block].statements)
        lanes?.inner.removeLast()
        let hoisted = frames.popLast()?.hoisted ?? []
        let name = usesExample ? "example" : "_"
        usesExample = wasUsed
        append(.braces("for \(name) in 0..<\(exampleRounds())", hoisted + body))
    }
}

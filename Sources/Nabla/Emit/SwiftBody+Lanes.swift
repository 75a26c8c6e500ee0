extension SwiftBody {
    // MARK: Loops

    /// A loop that takes as many rounds at once as a vector has lanes.
    mutating func write(_ lanes: Lanes) {
        let outside = self.lanes
        self.lanes = SwiftLanes(lanes.dimension)
        let name: String
        let lower: SwiftInteger
        let upper: SwiftInteger
        var hidden: String?
        var isInScope = false
        switch lanes.dimension {
        case .examples:
            name = "example"
            lower = SwiftInteger(0)
            upper = SwiftInteger(atom: frames.contains { $0.isBlocks } ? "blockCount" : exampleCount())
            if frames.contains(where: { $0.isBlocks }) { usesBlockCount = true }
            frames.append(SwiftFrame())
        case .index(let index, let first, let last):
            lower = bound(LoopBound(first))
            upper = bound(LoopBound(last))
            let isNeverEmpty = system.isLess(graph[first], graph[last], in: scope)
            self.lanes?.isNeverEmpty = isNeverEmpty
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
        // Of a sum of exponentials the first loop finds the largest exponent, a second one adds.
        var second: [SwiftSource] = []
        let logarithms = gathered.filter { program[$0].kind == .value(.logSumExp) }
        var sums: [(id: AccumulatorID, name: String)] = []
        if !logarithms.isEmpty {
            for id in logarithms {
                let sum = freshName("sumOfExpLanes")
                sums.append((id, sum))
                laneAccumulators[id] = sum
            }
            self.lanes?.isSecondLoop = true
            second = writeInLanes(
                program[lanes.body].statements.filter {
                    if case .accumulate(let id, _) = $0 { return logarithms.contains(id) }
                    return true
                })
        }
        for state in states { laneAccumulators[state.id] = nil }
        if isInScope { scope.leave(1) }
        let hoisted = frames.popLast()?.hoisted ?? []
        let before = self.lanes?.before ?? []
        let usesCount = self.lanes?.usesCount ?? false
        let rereads = self.lanes?.rereads ?? []
        self.lanes = outside
        if case .index(let index, _, _) = lanes.dimension { indexNames[index] = hidden }
        for source in before { append(source) }
        for state in states { append(.line("var \(state.name): Vector = \(identity(of: state.id))")) }
        var head: [SwiftSource] = []
        // The last vector may begin earlier and compute some lanes once more, so that it is a whole one.
        var counter = name
        if usesCount, lanes.purpose == .elements, mayRepeat(lanes.body, rereads) {
            counter = freshName("first")
            head.append(
                .line(
                    "let \(name): Int = max(\(lower.text), min(\(counter), \(upper.operand(.sum)) - Vector.scalarCount))"))
        }
        if usesCount { head.append(.line("let lanes: Int = min(Vector.scalarCount, \(upper.operand(.sum)) - \(name))")) }
        append(
            .braces(
                "for \(counter) in stride(from: \(lower.text), to: \(upper.text), by: Vector.scalarCount)",
                head + hoisted + body))
        for state in states { combine(state.id, state.name) }
        if second.isEmpty { return }
        for (id, sum) in sums {
            // Infinite or NaN: the sum itself is what there is to know.
            let target = accumulatorName(id)
            append(.line("if !\(target).isFinite { \(target) = 0 }"))
            append(.line("var \(sum): Vector = Vector()"))
        }
        append(
            .braces(
                "for \(name) in stride(from: \(lower.text), to: \(upper.text), by: Vector.scalarCount)",
                head + hoisted + second))
        for (id, sum) in sums {
            kernelNames.insert("sum")
            append(.line("\(accumulatorSum(id)) = Kernel.sum(\(sum))"))
        }
    }

    /// Whether computing an element twice does no harm: nothing is added to, and nothing stored is read.
    private func mayRepeat(_ block: BlockID, _ rereads: Set<QuantityID>) -> Bool {
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
                    if let quantity = graph.accessedQuantity(id), stored.contains(quantity) {
                        isSafe = isSafe && !rereads.contains(quantity)
                    }
                }
            }
        }
        return isSafe
    }

    /// The accumulators that statements feed.
    private func feeding(_ block: BlockID) -> [AccumulatorID] {
        var found: [AccumulatorID] = []
        program.forEachStatement(in: program[block].statements) { statement in
            if case .accumulate(let id, _) = statement, !found.contains(id) { found.append(id) }
        }
        return found
    }

    private mutating func scalarName(of id: AccumulatorID) -> String {
        program[id].result.map { program[$0].name } ?? "value"
    }

    private mutating func writeInLanes(_ statements: [LoopStatement]) -> [SwiftSource] {
        output.append([])
        noteRereads(statements)
        // What an earlier statement stores, a later one need not load.
        for statement in statements {
            if case .store(let quantity, _, _) = statement { lanes?.readLater.insert(quantity) }
        }
        lanes?.names.append([:])
        for statement in statements { writeInLanes(statement) }
        lanes?.names.removeLast()
        return output.popLast() ?? []
    }

    /// Quantities that are read before they are stored, so that what stands behind a row still counts.
    private mutating func noteRereads(_ statements: [LoopStatement]) {
        var stored: Set<ExprID> = []
        program.forEachStatement(in: statements) { statement in
            program.forEachExpression(of: statement) { root in
                for id in graph.reachable(from: root) where !stored.contains(id) {
                    if let quantity = graph.accessedQuantity(id) { lanes?.rereads.insert(quantity) }
                }
            }
            if case .store(let quantity, let indices, _) = statement {
                stored.insert(program.system.graph.makeAccess(quantity, indices))
            }
        }
    }

    private mutating func writeInLanes(_ statement: LoopStatement) {
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
        case .store(let quantity, let indices, let value):
            prepare([value])
            if lanes?.readLater.contains(quantity) == true, lanes?.name(of: value) == nil, varies(value) { nameValue(value) }
            let text = vector(value).text
            let place = address(quantity, indices)
            if lanes?.readLater.contains(quantity) == true {
                let access = program.system.graph.makeAccess(quantity, indices)
                if let last = lanes?.names.indices.last { lanes?.names[last][access] = text }
            }
            if mayStoreWhole(quantity, indices) {
                kernelNames.insert("storeWhole")
                append(.line("Kernel.store(\(text),\(SwiftSource.softBreak)\(place))"))
            } else {
                kernelNames.insert("storePart")
                lanes?.usesCount = true
                append(.line("Kernel.store(\(text),\(SwiftSource.softBreak)\(place), count: lanes)"))
            }
        case .add(let quantity, let indices, let value):
            prepare([value])
            let text = vector(value).operand(.sum)
            let place = address(quantity, indices)
            let access = program.system.graph.makeAccess(quantity, indices)
            for position in lanes?.names.indices ?? 0..<0 { lanes?.names[position][access] = nil }
            kernelNames.formUnion(["storePart", "loadPart"])
            lanes?.usesCount = true
            append(
                .line(
                    "Kernel.store(Kernel.load(\(place), count: lanes) + \(text),\(SwiftSource.softBreak)\(place), count: lanes)"
                ))
        default: break
        }
    }

    /// A loop inside, one round after another in all lanes.
    private mutating func writeInner(_ loop: Loop) {
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

    private mutating func writeInnerExamples(_ block: BlockID) {
        prepareInvariants(block, .examples)
        let wasUsed = usesExample
        usesExample = false
        frames.append(SwiftFrame(isExamples: true))
        lanes?.inner.append(.examples)
        let body = writeInLanes(program[block].statements)
        lanes?.inner.removeLast()
        let hoisted = frames.popLast()?.hoisted ?? []
        let isInBlock = frames.contains { $0.isBlocks }
        if isInBlock { usesBlockCount = true }
        let name = usesExample ? "example" : "_"
        usesExample = wasUsed
        append(.braces("for \(name) in 0..<\(isInBlock ? "blockCount" : exampleCount())", hoisted + body))
    }

    // MARK: Accumulators

    private func identity(of id: AccumulatorID) -> String {
        switch program[id].kind {
        case .value(.product): "Vector(repeating: 1)"
        case .value(.maximum), .value(.logSumExp): "Vector(repeating: -\(scalar).infinity)"
        case .value(.minimum): "Vector(repeating: \(scalar).infinity)"
        default: "Vector()"
        }
    }

    private mutating func accumulateInLanes(_ id: AccumulatorID, _ value: ExprID) {
        guard let name = laneAccumulators[id], let isOwn = lanes?.accumulators.contains(id) else { return }
        prepare([value])
        // What the last vector has too much counts for nothing.
        func filled(_ text: String, _ rest: String) -> String {
            if isOwn { return text }
            kernelNames.insert("first")
            lanes?.usesCount = true
            return "Kernel.first(lanes, of: \(text), rest: \(rest))"
        }
        switch program[id].kind {
        case .value(.product): append(.line("\(name) *= \(filled(vector(value).operand(.prefix), "1"))"))
        case .value(.logSumExp) where lanes?.isSecondLoop == true:
            kernelNames.insert(FunctionTable.standard[.exp].vectorKernel)
            let difference = "\(vector(value).operand(.sum)) - Vector(repeating: \(accumulatorName(id)))"
            append(.line("\(name) += \(filled("Kernel.exp(\(difference))", "0"))"))
        case .value(let kind) where kind == .maximum || kind == .minimum || kind == .logSumExp:
            let candidate = freshName("candidate")
            let rest = kind != .minimum ? "-\(scalar).infinity" : "\(scalar).infinity"
            append(.line("let \(candidate): Vector = \(filled(vector(value).text, rest))"))
            let sign = kind != .minimum ? ".>" : ".<"
            append(
                .line(
                    "\(name).replace(with: \(candidate), where: (\(candidate) \(sign) \(name)) .| (\(candidate) .!= \(candidate)))"
                ))
        default:
            if isOwn, case .multiply(let factors) = graph.form(of: value), factors.count == 2 {
                kernelNames.insert("multiplyAdd")
                let (one, two) = (vector(factors[0]).text, vector(factors[1]).text)
                append(
                    .line("\(name) = Kernel.multiplyAdd(\(name),\(SwiftSource.softBreak)\(one),\(SwiftSource.softBreak)\(two))"))
            } else {
                append(.line("\(name) +=\(SwiftSource.softBreak)\(filled(vector(value).text, "0"))"))
            }
        }
    }

    /// Takes what the lanes have gathered into the scalar accumulator.
    private mutating func combine(_ id: AccumulatorID, _ name: String) {
        let target = accumulatorName(id)
        switch program[id].kind {
        case .value(.product):
            kernelNames.insert("productOfLanes")
            append(.line("\(target) *= Kernel.productOfLanes(\(name))"))
        case .value(let kind) where kind == .maximum || kind == .minimum || kind == .logSumExp:
            let function = kind != .minimum ? "largest" : "smallest"
            kernelNames.insert(function)
            let value = freshName(function)
            append(.line("let \(value): \(scalar) = Kernel.\(function)(\(name))"))
            append(
                .line(
                    "if \(value) \(kind != .minimum ? ">" : "<") \(target) || (\(value).isNaN && !\(target).isNaN) { \(target) = \(value) }"
                ))
        default:
            kernelNames.insert("sum")
            append(.line("\(target) += Kernel.sum(\(name))"))
        }
    }

    // MARK: Names for shared values

    /// Whether a value differs from lane to lane.
    private mutating func varies(_ id: ExprID) -> Bool {
        guard let lanes else { return false }
        if let known = lanes.varies[id] { return known }
        for node in graph.reachable(from: id) where self.lanes?.varies[node] == nil {
            var result = false
            switch graph.form(of: node) {
            case .argument(let position):
                if let accumulator = variables.accumulator(of: LocalID(position)) {
                    result = lanes.accumulators.contains(accumulator) || self.lanes?.accumulators.contains(accumulator) ?? false
                }
            case .access, .integer: result = program.depends(node, on: lanes.dimension)
            default: graph.forEachChild(of: node) { result = result || self.lanes?.varies[$0] ?? false }
            }
            self.lanes?.varies[node] = result
        }
        return self.lanes?.varies[id] ?? false
    }

    /// Gives names to what differs from lane to lane and is used twice, or is long.
    private mutating func prepare(_ roots: [ExprID]) {
        for root in roots {
            let (nodes, uses) = written(root)
            var weights: [ExprID: Int] = [:]
            for node in nodes {
                guard varies(node), lanes?.name(of: node) == nil else { continue }
                if case .argument = graph.form(of: node) { continue }
                var weight = 1
                graph.forEachChild(of: node) { weight += weights[$0] ?? 0 }
                // Longer expressions take the compiler seconds.
                if node != root, uses[node, default: 0] > 1 || weight > 5 {
                    nameValue(node)
                    weight = 1
                }
                weights[node] = weight
            }
        }
    }

    /// What is written for an expression, children first, and how often: nothing below what has a name, no branch that is never taken.
    private func written(_ root: ExprID) -> (nodes: [ExprID], uses: [ExprID: Int]) {
        var uses: [ExprID: Int] = [:]
        var found: [ExprID] = []
        var seen: Set<ExprID> = [root]
        var stack = [root]
        while let id = stack.popLast() {
            found.append(id)
            if lanes?.name(of: id) != nil { continue }
            var children: [ExprID] = []
            if case .select(let condition, let then, let otherwise) = graph.form(of: id), let known = constant(condition) {
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
    private mutating func prepareInvariants(_ block: BlockID, _ dimension: Dimension) {
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
                prepare([root])
                nameValue(root)
            }
        }
    }

    /// Whether a value changes in a loop or in the loops inside it.
    private func dependsInside(_ id: ExprID, _ block: BlockID, _ dimension: Dimension) -> Bool {
        if program.depends(id, on: dimension) { return true }
        var result = false
        program.forEachStatement(in: program[block].statements) { statement in
            switch statement {
            case .loop(let loop): result = result || graph.depends(id, on: loop.index)
            case .examples: result = result || program.depends(id, on: .examples)
            default: break
            }
        }
        return result
    }

    private mutating func nameValue(_ id: ExprID) {
        if graph.isCondition(id) {
            let text = vectorCondition(id)
            let name = freshName("mask")
            append(.line("let \(name): SIMDMask<VectorBits> =\(SwiftSource.softBreak)\(text)"))
            if let last = lanes?.names.indices.last { lanes?.names[last][id] = name }
            return
        }
        let text = vector(id).text
        var wish = "t"
        if let quantity = graph.accessedQuantity(id) { wish = SwiftNames.bare(file.identifier(system[quantity].name)) + "_" }
        let name = freshName(wish)
        append(.line("let \(name): Vector =\(SwiftSource.softBreak)\(text)"))
        if let last = lanes?.names.indices.last { lanes?.names[last][id] = name }
    }

    // MARK: Whole vectors

    private func isInWork(_ quantity: QuantityID) -> Bool {
        switch storage.places[quantity] {
        case .blocked, .shared(.work, _), .stored(.work, _, _, _): aliases.ofQuantity[quantity] == nil
        default: false
        }
    }

    /// Whether a row's last vector may be stored whole: what is behind the row is written later by the same loops, or nothing.
    private mutating func mayStoreWhole(_ quantity: QuantityID, _ indices: [AffineID]) -> Bool {
        guard case .blocked = storage.places[quantity], lanes?.rereads.contains(quantity) != true,
            let dimension = lanes?.dimension
        else { return false }
        guard case .index(let index, let lower, let upper) = dimension else { return indices.isEmpty }
        guard let last = indices.last, graph[last].asIndex == index, graph[lower].asConstant == 0 else { return false }
        let stageCount = system[quantity].stageCount
        // The only piece of its stage, and the row's full length.
        var pieces: [[Axis]] = []
        for axes in system[quantity].domains {
            let isElsewhere = zip(axes, indices).prefix(stageCount).contains { axis, stage in
                system.isLess(graph[stage], graph[axis.lower], in: scope)
                    || system.isLessOrEqual(graph[axis.upper], graph[stage], in: scope)
            }
            if !isElsewhere { pieces.append(axes) }
        }
        guard pieces.count == 1, let axis = pieces[0].last, !axis.isPoint else { return false }
        var map: [IndexID: Affine] = [:]
        for (axis, place) in zip(pieces[0], indices) { map[axis.index] = graph[place] }
        guard program.system.graph.substitute(axis.upper, map) == upper, graph[axis.lower].asConstant == 0 else {
            return false
        }
        // Rows of one matrix, one after another.
        return zip(pieces[0], indices).dropFirst(stageCount).dropLast().allSatisfy { axis, place in
            !axis.isPoint && graph[axis.lower].asConstant == 0 && graph[place].asIndex != nil
        }
    }

    // MARK: Values

    /// The pointer to an element.
    private mutating func address(_ quantity: QuantityID, _ indices: [AffineID]) -> String {
        let start = start(of: quantity, indices, [])
        guard lanes?.dimension == .examples else { return start }
        return "\(start) + example"
    }

    /// An expression as a vector.
    mutating func vector(_ id: ExprID) -> SwiftExpression {
        if let name = lanes?.name(of: id), !graph.isCondition(id) { return SwiftExpression(name) }
        guard varies(id) else { return uniform(id) }
        switch graph.form(of: id) {
        case .argument(let position):
            if let accumulator = variables.accumulator(of: LocalID(position)), let name = laneAccumulators[accumulator] {
                return SwiftExpression(name)
            }
            return uniform(id)
        case .access(let quantity, let indices):
            let place = address(quantity, indices)
            // Behind everything in the work memory there is room for a vector.
            if isInWork(quantity) {
                kernelNames.insert("loadWhole")
                return SwiftExpression("Kernel.load(\(place))")
            }
            kernelNames.insert("loadPart")
            lanes?.usesCount = true
            return SwiftExpression("Kernel.load(\(place), count: lanes)")
        case .integer(let affine):
            kernelNames.insert("ramp")
            let first = integer(graph[affine])
            let coefficient = lanes?.dimension.index.map { graph[affine].coefficient(of: $0) } ?? 1
            let ramp = coefficient == 1 ? "Kernel.ramp" : "Vector(repeating: \(scalar)(\(coefficient))) * Kernel.ramp"
            return SwiftExpression("Vector(repeating: \(scalar)(\(first.text))) + \(ramp)", .sum)
        case .add(let terms): return vectorSum(terms)
        case .multiply(let factors):
            var text = ""
            for factor in factors {
                let value = vector(factor)
                text += text.isEmpty ? value.operand(.product) : "\(SwiftSource.softBreak)* \(value.operand(.prefix))"
            }
            return SwiftExpression(text, .product)
        case .negate(let operand): return SwiftExpression("-\(vector(operand).operand(.atom))", .prefix)
        case .divide(let dividend, let divisor):
            return SwiftExpression(
                "\(vector(dividend).operand(.product)) / \(vector(divisor).operand(.prefix))", .product)
        case .power(let base, let exponent): return vectorCall(.pow, [base, exponent])
        case .call(.standard(let function), let arguments): return vectorCall(function, arguments)
        case .select(let condition, let then, let otherwise) where !graph.isCondition(id):
            if let known = constant(condition) { return vector(known ? then : otherwise) }
            let (first, second) = (vector(then), vector(otherwise))
            guard varies(condition) else {
                let test = self.condition(condition).operand(.or)
                return SwiftExpression("(\(test) ? \(first.operand(.or)) : \(second.operand(.or)))")
            }
            let mask = vectorCondition(condition)
            return SwiftExpression("\(second.operand(.atom)).replacing(with: \(first.text), where: \(mask))")
        case .compare, .and, .or, .not, .boolean, .select:
            return SwiftExpression(
                "Vector().replacing(with: Vector(repeating: 1), where: \(vectorCondition(id)))")
        default: return uniform(id)
        }
    }

    private mutating func vectorSum(_ terms: [ExprID]) -> SwiftExpression {
        var text = ""
        for term in terms {
            if !text.isEmpty, case .negate(let operand) = graph.form(of: term), lanes?.name(of: term) == nil {
                text += "\(SwiftSource.softBreak)- \(vector(operand).operand(.product))"
            } else {
                let value = vector(term)
                text += text.isEmpty ? value.operand(.sum) : "\(SwiftSource.softBreak)+ \(value.operand(.product))"
            }
        }
        return SwiftExpression(text, .sum)
    }

    private mutating func vectorCall(_ function: FunctionID, _ arguments: [ExprID]) -> SwiftExpression {
        let row = FunctionTable.standard[function]
        kernelNames.insert(row.vectorKernel)
        let texts = arguments.map { vector($0).text }
        guard row.isVariadic, let first = texts.first else {
            return SwiftExpression(
                "Kernel.\(row.vectorKernel)(\(texts.joined(separator: ",\(SwiftSource.softBreak)")))")
        }
        return SwiftExpression(
            texts.dropFirst().reduce(first) { "Kernel.\(row.vectorKernel)(\($0),\(SwiftSource.softBreak)\($1))" })
    }

    /// A condition that differs from lane to lane.
    private mutating func vectorCondition(_ id: ExprID) -> String {
        if let name = lanes?.name(of: id) { return name }
        guard varies(id) else { return "SIMDMask<VectorBits>(repeating: \(condition(id).text))" }
        switch graph.form(of: id) {
        case .compare(let comparison, let left, let right):
            return "(\(vector(left).operand(.sum)) .\(comparison.symbol) \(vector(right).operand(.sum)))"
        case .and(let operands): return "(" + operands.map { vectorCondition($0) }.joined(separator: " .& ") + ")"
        case .or(let operands): return "(" + operands.map { vectorCondition($0) }.joined(separator: " .| ") + ")"
        case .not(let operand): return "(.!\(vectorCondition(operand)))"
        case .select(let test, let then, let otherwise):
            let (first, second) = (vectorCondition(then), vectorCondition(otherwise))
            guard varies(test) else { return "(\(condition(test).operand(.or)) ? \(first) : \(second))" }
            let mask = vectorCondition(test)
            return "((\(mask) .& \(first)) .| (.!\(mask) .& \(second)))"
        default: return "SIMDMask<VectorBits>(repeating: \(condition(id).text))"
        }
    }

    /// A value that is the same in all lanes: computed before the loop, unless a loop inside changes it.
    private mutating func uniform(_ id: ExprID) -> SwiftExpression {
        if let name = lanes?.uniforms[id] { return SwiftExpression(name) }
        let isInner = lanes?.inner.contains { program.depends(id, on: $0) } ?? false
        let text = "Vector(repeating: \(real(id).text))"
        if isInner || lanes?.isNeverEmpty == false && graph.reachable(from: id).contains(where: { graph.kind(of: $0) == .access }) {
            if case .access = graph.form(of: id) { return SwiftExpression(text) }
            let name = freshName("c")
            append(.line("let \(name): Vector =\(SwiftSource.softBreak)\(text)"))
            if let last = lanes?.names.indices.last { lanes?.names[last][id] = name }
            return SwiftExpression(name)
        }
        let name = freshName("c")
        lanes?.before.append(.line("let \(name): Vector = \(text)"))
        lanes?.uniforms[id] = name
        return SwiftExpression(name)
    }
}

extension ExprGraph {
    /// Whether a node is a truth value.
    func isCondition(_ id: ExprID) -> Bool {
        var id = id
        while true {
            switch form(of: id) {
            case .compare, .and, .or, .not, .boolean: return true
            case .select(_, let then, _): id = then
            default: return false
            }
        }
    }
}

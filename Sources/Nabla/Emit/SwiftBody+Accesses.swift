extension SwiftBody {
    // MARK: What is computed before a loop

    /// The name of something that is computed once at the outermost place where all that it depends on is known.
    mutating func hoist(
        _ key: String, indices: [IndexID] = [], isOfExample: Bool = false, isOfBlock: Bool = false, name: String,
        type: String, _ value: (inout SwiftBody) -> String
    ) -> String {
        var frame = frames.count - 1
        while frame > 0 {
            if isOfExample, frames[frame].isExamples { break }
            if isOfBlock || isOfExample, frames[frame].isBlocks { break }
            if indices.contains(where: { frames[frame].indices.contains($0) }) { break }
            frame -= 1
        }
        if let known = frames[frame].names[key] { return known }
        let text = value(&self)
        frames[frame].hoisted.append(.line("let \(name): \(type) = \(text)"))
        frames[frame].names[key] = name
        return name
    }

    /// The pointer to the start of one of the arrays.
    mutating func array(_ array: SwiftArray) -> String {
        hoist(
            "array \(array.member)", name: file.names.local(array.member + "Memory", 0),
            type: array.pointerType(scalar)
        ) { _ in "memory.\(array.member)" }
    }

    mutating func exampleCount() -> String {
        if isOfOneExample { return "1" }
        return hoist("exampleCount", name: "exampleCount", type: "Int") { _ in "memory.exampleCount" }
    }

    /// Whether what is written runs for one block of examples.
    var isInBlock: Bool { frames.contains { $0.isBlocks } }

    /// How many rounds a loop over the examples has here.
    mutating func exampleRounds() -> String {
        if !isInBlock { return exampleCount() }
        usesBlockCount = true
        return "blockCount"
    }

    mutating func blockSize() -> String {
        let count = exampleCount()
        let size = file.blockSize
        return hoist("blockSize", name: "blockSize", type: "Int") { _ in "min(\(count), \(size))" }
    }

    /// How many examples each array of a block has room for.
    mutating func blockRows() -> String {
        let size = blockSize()
        return hoist("blockRows", name: "blockRows", type: "Int") { _ in "\(size) + \(SwiftStorage.blockSlack)" }
    }

    /// `n(l-1)`.
    mutating func stagedSize(_ size: SizeID, _ stage: AffineID) -> String {
        let name = file.sizes[Int(size.raw)]
        let stageText = integer(graph[stage])
        let ownName = file.names.local("\(SwiftNames.bare(name))_\(word(stage))", 0)
        return hoist(
            "size \(size.raw) \(stage.raw)", indices: indices(in: [stage]), name: ownName, type: "Int"
        ) { body in
            guard let range = body.system[size].stageRange else { return "0" }
            let first = body.integer(body.graph[range.lower])
            let isInside =
                body.system.isLessOrEqual(body.graph[range.lower], body.graph[stage], in: body.scope)
                && body.system.isLess(body.graph[stage], body.graph[range.upper], in: body.scope)
            return body.file.lookUp(name, stageText - first, isInside: isInside).text
        }
    }

    private func indices(in affines: [AffineID]) -> [IndexID] {
        var found: [IndexID] = []
        var stack = affines
        while let affine = stack.popLast() {
            for term in graph[affine].terms {
                switch term.atom {
                case .index(let index): found.append(index)
                case .size: break
                case .stagedSize(_, let stage): stack.append(stage)
                }
            }
        }
        return found
    }

    /// An expression as a part of a name: `l - 1` is `l_minus_1`.
    private mutating func word(_ stage: AffineID) -> String {
        if case .size(let size) = graph[stage].asAtom { return SwiftNames.bare(file.sizes[Int(size.raw)]) }
        var result = ""
        for character in integer(graph[stage]).text {
            switch character {
            case " ", "(", ")", "`": break
            case "+": result += "_plus_"
            case "-": result += result.isEmpty ? "minus_" : "_minus_"
            case "*": result += "_times_"
            default: result.append(character)
            }
        }
        return result.count <= 40 ? result : "stage"
    }

    private mutating func words(_ stages: [AffineID]) -> String {
        var result: [String] = []
        for stage in stages { result.append(word(stage)) }
        return result.joined(separator: "_")
    }

    // MARK: Accesses

    /// The text that reads, or can be assigned to, an element of a quantity.
    mutating func read(_ quantity: QuantityID, _ indices: [AffineID]) -> String {
        guard let place = storage.places[quantity], let layout = storage.layouts[quantity] else {
            return "\(scalar).nan"
        }
        switch place {
        case .member(let name): return name
        case .number(let array):
            return hoist(
                "value \(quantity.raw)", name: file.identifier(system[quantity].name), type: scalar
            ) { _ in "memory.\(array.member)" }
        case .variable: return slot(.quantity(quantity)) ?? file.identifier(system[quantity].name)
        case .shared(let array, let base):
            if layout.isScalar { return readScalar(quantity, array, base) }
        case .stored(let array, let fixed, let offset, let stride):
            if layout.isScalar { return readScalar(quantity, array, fixed, offset, stride) }
        case .blocked:
            if layout.isScalar { return "\(pointer(to: quantity))[0]" }
        }
        let stages = Array(indices.prefix(layout.stages.count))
        let elements = Array(indices.dropFirst(layout.stages.count))
        if elements.isEmpty {
            if case .blocked = place { return "\(view(of: quantity, stages, layout))[0]" }
            return "\(pointer(to: quantity))[\(stageOffset(stages, layout).text)]"
        }
        if stages.isEmpty {
            return "\(pointer(to: quantity))[\(elementOffset(elements, stages, layout).text)]"
        }
        return "\(view(of: quantity, stages, layout))[\(elementOffset(elements, stages, layout).text)]"
    }

    /// A given scalar is read once; one that is computed is read and written where it lies.
    private mutating func readScalar(_ quantity: QuantityID, _ array: SwiftArray, _ base: SwiftInteger) -> String {
        if array.isWritten { return "\(self.array(array))[\(base.text)]" }
        let name = file.identifier(system[quantity].name)
        return hoist("value \(quantity.raw)", name: name, type: scalar) { _ in
            "memory.\(array.member)[\(base.text)]"
        }
    }

    private mutating func readScalar(
        _ quantity: QuantityID, _ array: SwiftArray, _ fixed: SwiftInteger, _ offset: SwiftInteger,
        _ stride: SwiftInteger
    ) -> String {
        let place = exampleOffset(fixed, offset, stride)
        if array.isWritten { return "\(self.array(array))[\(place)]" }
        let name = file.identifier(system[quantity].name)
        return hoist("value \(quantity.raw)", isOfExample: true, name: name, type: scalar) { _ in
            "memory.\(array.member)[\(place)]"
        }
    }

    private mutating func exampleOffset(_ fixed: SwiftInteger, _ offset: SwiftInteger, _ stride: SwiftInteger) -> String
    {
        let count = offset.known == 0 ? SwiftInteger(0) : SwiftInteger(atom: exampleCount())
        // Outside of the loop over the examples there is one: the only one.
        let example = currentExample()
        return (fixed + offset * count + example * stride).text
    }

    /// The position of the current example, or of the first one of the current block, among all.
    private mutating func currentExample() -> SwiftInteger {
        var result = SwiftInteger(0)
        if isInBlock {
            usesFirstExample = true
            result = SwiftInteger(atom: "firstExample")
        }
        if frames.contains(where: { $0.isExamples }) {
            usesExample = true
            result = result + SwiftInteger(atom: "example")
        }
        return result
    }

    /// The pointer to a quantity's first element of the first example of the current block.
    private mutating func blockPointer(to quantity: QuantityID) -> String {
        let name = file.names.local("\(SwiftNames.bare(file.identifier(system[quantity].name)))_block", 0)
        switch storage.places[quantity] {
        case .stored(let array, let fixed, let offset, let stride):
            return hoist(
                "block \(quantity.raw)", isOfBlock: true, name: name, type: array.pointerType(scalar)
            ) { body in
                body.usesFirstExample = true
                let count = offset.known == 0 ? SwiftInteger(0) : SwiftInteger(atom: body.exampleCount())
                let place = fixed + offset * count + SwiftInteger(atom: "firstExample") * stride
                return "memory.\(array.member) + \(place.text)"
            }
        case .blocked(let fixed, let offset, _):
            return hoist("block \(quantity.raw)", name: name, type: SwiftArray.own.pointerType(scalar)) { body in
                let size = offset.known == 0 ? SwiftInteger(0) : SwiftInteger(atom: body.blockRows())
                let place = fixed + offset * size
                return place.known == 0 ? "memory.own" : "memory.own + \(place.text)"
            }
        default: return pointer(to: quantity)
        }
    }

    /// The pointer to a quantity's first element; of the current example, where there is one for each.
    mutating func pointer(to quantity: QuantityID) -> String {
        let name = file.identifier(system[quantity].name)
        switch storage.places[quantity] {
        case .shared(let array, let base):
            return hoist("pointer \(quantity.raw)", name: name, type: array.pointerType(scalar)) { _ in
                base.known == 0 ? "memory.\(array.member)" : "memory.\(array.member) + \(base.operand(.product))"
            }
        case .stored(let array, _, _, let stride) where isInBlock:
            return examplePointer(quantity, array, stride)
        case .blocked(_, _, let stride): return examplePointer(quantity, .own, stride)
        case .stored(let array, let fixed, let offset, let stride):
            return hoist(
                "pointer \(quantity.raw)", isOfExample: true, name: name, type: array.pointerType(scalar)
            ) { body in
                let place = body.exampleOffset(fixed, offset, stride)
                return place == "0" ? "memory.\(array.member)" : "memory.\(array.member) + \(place)"
            }
        default: return name
        }
    }

    private mutating func examplePointer(_ quantity: QuantityID, _ array: SwiftArray, _ stride: SwiftInteger) -> String
    {
        let block = blockPointer(to: quantity)
        guard frames.contains(where: { $0.isExamples }) else { return block }
        let name = file.identifier(system[quantity].name)
        return hoist(
            "pointer \(quantity.raw)", isOfExample: true, name: name, type: array.pointerType(scalar)
        ) { body in
            body.usesExample = true
            return "\(block) + \((SwiftInteger(atom: "example") * stride).text)"
        }
    }

    /// The pointer to the first element of one stage.
    mutating func view(of quantity: QuantityID, _ stages: [AffineID], _ layout: SwiftLayout) -> String {
        let bare = SwiftNames.bare(file.identifier(system[quantity].name))
        let name = file.names.local("\(bare)_\(words(stages))", 0)
        var isOfExample = false
        var type = "UnsafePointer<\(scalar)>"
        switch storage.places[quantity] {
        case .shared(let array, _): type = array.pointerType(scalar)
        case .stored(let array, _, _, _):
            isOfExample = true
            type = array.pointerType(scalar)
        case .blocked: return blockedView(of: quantity, stages, layout)
        default: break
        }
        // By what it says, not by the expression: with Q = 2, stage 1 and stage Q-1 are one.
        let indices = indices(in: stages)
        let key = "view \(quantity.raw) \(words(stages)) \(indices.map(\.raw).sorted())"
        return hoist(
            key, indices: indices, isOfExample: isOfExample, name: name, type: type
        ) { body in
            let pointer = body.pointer(to: quantity)
            let offset = body.stageStart(stages, layout)
            return offset.known == 0 ? pointer : "\(pointer) + \(offset.operand(.product))"
        }
    }

    /// The pointer to the first element of one stage, at the current example of a block: stages lie one after another, each with all
    /// examples of the block, so that it is one matrix.
    private mutating func blockedView(of quantity: QuantityID, _ stages: [AffineID], _ layout: SwiftLayout) -> String {
        let bare = SwiftNames.bare(file.identifier(system[quantity].name))
        var type = SwiftArray.own.pointerType(scalar)
        var alias: SwiftAliases.Alias?
        if let known = aliases.ofQuantity[quantity], let stage = stages.first {
            if graph[stage].asConstant == known.stage { return pointer(to: known.source) }
            if !system.isLess(Affine(known.stage), graph[stage], in: scope) {
                alias = known
                type = "UnsafePointer<\(scalar)>"
            }
        }
        let indices = indices(in: stages)
        let key = "\(quantity.raw) \(words(stages)) \(indices.map(\.raw).sorted())"
        let block = hoist(
            "block view \(key)", indices: indices, isOfBlock: alias != nil,
            name: file.names.local("\(bare)_\(words(stages))_block", 0), type: type
        ) { body in
            let pointer = body.blockPointer(to: quantity)
            let offset = body.stageStart(stages, layout)
            let place =
                offset.known == 0 ? pointer : "\(pointer) + \((SwiftInteger(atom: body.blockRows()) * offset).text)"
            guard let alias else { return place }
            let stage = body.integer(body.graph[stages[0]])
            return "\(stage.text) == \(alias.stage) ? \(body.blockPointer(to: alias.source)) : UnsafePointer(\(place))"
        }
        guard frames.contains(where: { $0.isExamples }) else { return block }
        return hoist(
            "view \(key)", indices: indices, isOfExample: true, name: file.names.local("\(bare)_\(words(stages))", 0),
            type: type
        ) { body in
            body.usesExample = true
            return "\(block) + \((SwiftInteger(atom: "example") * body.elementTotal(stages, layout)).text)"
        }
    }

    /// Where the elements of a stage start.
    private mutating func stageStart(_ stages: [AffineID], _ layout: SwiftLayout) -> SwiftInteger {
        if let ring = layout.ring { return stageOffset(stages, layout) * ring.capacity }
        return switch layout.elements {
        case .uniform, .fixed: stageOffset(stages, layout) * elementTotal(stages, layout)
        case .formula(_, _, let start), .tables(_, let start): tableEntry(start, stages, layout)
        }
    }

    /// The position of a stage among those that are kept.
    mutating func stageOffset(_ stages: [AffineID], _ layout: SwiftLayout) -> SwiftInteger {
        let position = stagePosition(stages, layout)
        guard let ring = layout.ring else { return position }
        if let known = position.known { return SwiftInteger(known % ring.count) }
        return ring.count == 1
            ? SwiftInteger(0) : SwiftInteger("\(position.operand(.product)) % \(ring.count)", .product)
    }

    /// The position of a stage among all stages.
    private mutating func stagePosition(_ stages: [AffineID], _ layout: SwiftLayout) -> SwiftInteger {
        var position = SwiftInteger(0)
        for (stage, range) in zip(stages, layout.stages) {
            let value = difference(stage, range.lower, layout)
            position = position * range.extent + value
        }
        return position
    }

    private mutating func difference(_ stage: AffineID, _ lower: LoopBound, _ layout: SwiftLayout) -> SwiftInteger {
        // The layout may come from another program's copy of the system; what it mentions are sizes, which they share.
        var writer = SwiftIntegerWriter(layout.system)
        let first = writer.write(lower, &file)
        if let known = first.known, known != Int.min, let difference = graph[stage].offset(by: -known) {
            return integer(difference)
        }
        return integer(graph[stage]) - first
    }

    /// An entry of a table with a number for each stage.
    private mutating func tableEntry(_ table: String, _ stages: [AffineID], _ layout: SwiftLayout) -> SwiftInteger {
        let position = stagePosition(stages, layout)
        let isInside = zip(stages, layout.stages).allSatisfy { stage, range in
            range.lower.terms.allSatisfy {
                $0.divisor == 1
                    && system.isLessOrEqual(layout.system.graph[$0.affine], graph[stage], in: scope)
            }
                && range.upper.terms.contains {
                    $0.divisor == 1 && system.isLess(graph[stage], layout.system.graph[$0.affine], in: scope)
                }
        }
        if let known = position.known, let values = file.knownTable(table), values.indices.contains(known) {
            return SwiftInteger(values[known])
        }
        return file.lookUp(table, position, isInside: isInside)
    }

    /// How many elements each stage has.
    mutating func elementTotal(_ stages: [AffineID], _ layout: SwiftLayout) -> SwiftInteger {
        var total = SwiftInteger(1)
        for axis in 0..<layout.elementCount { total = total * extent(axis, stages, layout) }
        return total
    }

    mutating func extent(_ axis: Int, _ stages: [AffineID], _ layout: SwiftLayout) -> SwiftInteger {
        switch layout.elements {
        case .fixed(let extents): return extents[axis]
        case .uniform(let extents):
            var writer = SwiftIntegerWriter(layout.system)
            return writer.write(extents[axis], &file)
        case .formula(let extents, let indices, _):
            var map: [IndexID: Affine] = [:]
            for (index, stage) in zip(indices, stages) { map[index] = graph[stage] }
            return formula(extents[axis], map, layout)
        case .tables(let extents, _):
            let name = extents[axis]
            let key = "table \(name) \(stages.map { String($0.raw) }.joined(separator: " "))"
            let entry = tableEntry(name, stages, layout)
            if entry.known != nil { return entry }
            let ownName = file.names.local("\(name)_\(words(stages))", 0)
            return SwiftInteger(
                atom: hoist(key, indices: indices(in: stages), name: ownName, type: "Int") { _ in entry.text })
        }
    }

    /// An extent of a stage, from the layout's formula for it.
    private mutating func formula(
        _ extent: AffineID, _ map: [IndexID: Affine], _ layout: SwiftLayout
    ) -> SwiftInteger {
        // Rewritten in this program's own graph, atom by atom.
        var result = Affine(layout.system.graph[extent].constant)
        for term in layout.system.graph[extent].terms {
            var atom = Affine(term.atom)
            switch term.atom {
            case .index(let index): atom = map[index] ?? atom
            case .size: break
            case .stagedSize(let size, let stage):
                guard let at = translated(stage, map, layout) else { return SwiftInteger(0) }
                atom = Affine(.stagedSize(size, at))
            }
            guard let sum = result.adding(atom, times: term.coefficient) else { return SwiftInteger(0) }
            result = sum
        }
        return integer(result)
    }

    /// Stages of sizes are affine in indices and sizes; a size of a size's stage does not occur deeper than specs write it.
    private mutating func translated(
        _ stage: AffineID, _ map: [IndexID: Affine], _ layout: SwiftLayout
    ) -> AffineID? {
        var result = Affine(layout.system.graph[stage].constant)
        for term in layout.system.graph[stage].terms {
            var atom = Affine(term.atom)
            switch term.atom {
            case .index(let index): atom = map[index] ?? atom
            case .size: break
            case .stagedSize(let size, let inner):
                guard let at = translated(inner, map, layout) else { return nil }
                atom = Affine(.stagedSize(size, at))
            }
            guard let sum = result.adding(atom, times: term.coefficient) else { return nil }
            result = sum
        }
        return program.system.graph.affine(result)
    }

    /// The position of an element in its stage, row-major.
    mutating func elementOffset(
        _ elements: [AffineID], _ stages: [AffineID], _ layout: SwiftLayout
    ) -> SwiftInteger {
        let extents = elements.indices.map { $0 == 0 ? SwiftInteger(1) : extent($0, stages, layout) }
        if extents.allSatisfy({ $0.known != nil }) { return knownOffset(elements, extents.map { $0.known ?? 0 }) }
        var position = SwiftInteger(0)
        for (axis, element) in elements.enumerated() {
            position = position * extents[axis] + integer(graph[element])
        }
        return position
    }

    /// With known strides: one combination of the indices, in the order of the axes.
    private mutating func knownOffset(_ elements: [AffineID], _ extents: [Int]) -> SwiftInteger {
        var strides = Array(repeating: 1, count: elements.count)
        for axis in elements.indices.dropLast().reversed() {
            strides[axis] = strides[axis + 1].multipliedReportingOverflow(by: extents[axis + 1]).partialValue
        }
        var constant = 0
        var terms: [(coefficient: Int, atom: SwiftInteger)] = []
        var positions: [String: Int] = [:]
        for (element, stride) in zip(elements, strides) {
            let affine = system.expandingSizes(graph[element])
            constant =
                constant.addingReportingOverflow(
                    affine.constant.multipliedReportingOverflow(by: stride).partialValue
                ).partialValue
            for term in affine.terms {
                let value = integer(Affine(term.atom))
                let coefficient = term.coefficient.multipliedReportingOverflow(by: stride).partialValue
                if let known = positions[value.text] {
                    terms[known].coefficient += coefficient
                } else {
                    positions[value.text] = terms.count
                    terms.append((coefficient, value))
                }
            }
        }
        return SwiftInteger.combination(constant, terms.filter { $0.coefficient != 0 })
    }
}

extension SwiftBody {
    /// The call of a kernel that computes a sum of products.
    mutating func write(_ contraction: Contraction) {
        guard case .access(let left, let leftIndices) = graph.form(of: contraction.left),
            case .access(let right, let rightIndices) = graph.form(of: contraction.right)
        else { return }
        var dimensions =
            [contraction.rows, contraction.columns, contraction.innerColumns].compactMap { $0 } + contraction.terms
        if contraction.triangle != nil, case .index(let index, _, let upper) = contraction.terms[0] {
            // The terms of a triangle are counted from 0.
            let zero = program.system.graph.affine(Affine(0))
            dimensions[dimensions.count - 1] = .index(index, lower: zero, upper: upper)
        }
        if contraction.targetTriangle != nil, case .index(let index, _, let upper) = contraction.columns {
            let zero = program.system.graph.affine(Affine(0))
            dimensions[1] = .index(index, lower: zero, upper: upper)
        }
        func stride(_ quantity: QuantityID, _ indices: [AffineID], _ dimension: Dimension?, _ body: inout SwiftBody)
            -> String
        {
            dimension.map { body.stride(of: quantity, indices, along: $0).text } ?? "0"
        }
        let inner = contraction.terms.count > 1 ? contraction.terms[1] : nil
        let term = contraction.terms.first
        var arguments: [String] = []
        var termCount = count(term)
        if let triangle = contraction.triangle {
            arguments = ["isUpper: \(triangle.isUpper)", "offset: \(triangle.offset)"]
            let other = triangle.isByColumn ? contraction.columns : contraction.rows
            termCount = longest(contraction.terms.first, triangle, other)
        }
        var columnCount = count(contraction.columns)
        if let triangle = contraction.targetTriangle {
            arguments = ["isUpper: \(triangle.isUpper)", "offset: \(triangle.offset)"]
            columnCount = longest(contraction.columns, triangle, contraction.rows)
        }
        arguments.append("rows: \(count(contraction.rows))")
        if let inner = contraction.innerColumns {
            let run = count(inner)
            let factors = [columnCount, run].map { $0.contains(" ") ? "(\($0))" : $0 }
            arguments += ["columns: \(factors.joined(separator: " * "))", "innerColumns: \(run)"]
        } else {
            arguments.append("columns: \(columnCount)")
        }
        arguments.append("terms: \(termCount)")
        if inner != nil { arguments.append("innerTerms: \(count(inner))") }
        arguments.append("left: \(start(of: left, leftIndices, dimensions))")
        arguments.append("leftRow: \(stride(left, leftIndices, contraction.rows, &self))")
        arguments.append("leftTerm: \(stride(left, leftIndices, term, &self))")
        if inner != nil { arguments.append("leftInner: \(stride(left, leftIndices, inner, &self))") }
        arguments.append("right: \(start(of: right, rightIndices, dimensions))")
        arguments.append("rightTerm: \(stride(right, rightIndices, term, &self))")
        if inner != nil { arguments.append("rightInner: \(stride(right, rightIndices, inner, &self))") }
        arguments.append("rightColumn: \(stride(right, rightIndices, contraction.columns, &self))")
        if let inner = contraction.innerColumns {
            arguments.append("rightInnerColumn: \(stride(right, rightIndices, inner, &self))")
        }
        arguments.append("target: \(start(of: contraction.target, contraction.indices, dimensions))")
        arguments.append("targetRow: \(stride(contraction.target, contraction.indices, contraction.rows, &self))")
        arguments.append("factor: \(real(contraction.factor).text)")
        switch contraction.old {
        case .overwritten: arguments.append("adds: false")
        case .added: arguments.append("adds: true")
        case .addedAfterFirstBlock:
            usesFirstExample = true
            let isInChunk = plan.functions[function].isInsideChunks
            arguments.append("adds: firstExample > \(isInChunk ? "memory.firstExample" : "0")")
        }
        arguments.append("scratch: \(scratch())")
        var kernel = "product"
        if let triangle = contraction.triangle {
            kernel = triangle.isByColumn ? "productRightTriangle" : "productLeftTriangle"
        }
        if contraction.targetTriangle != nil { kernel = "productOntoTriangle" }
        kernelNames.insert(kernel)
        let items = arguments.map { String($0.map { $0 == SwiftSource.softBreak ? " " : $0 }) }
        append(.list(head: "Kernel.\(kernel)", items: items, tail: "", body: nil))
    }

    /// How many terms, or columns, the longest line of a triangle has, counted from 0.
    private mutating func longest(
        _ dimension: Dimension?, _ triangle: Contraction.Triangle, _ lines: Dimension?
    ) -> String {
        guard case .index(_, _, let upper) = dimension else { return "0" }
        if triangle.isUpper { return bound(LoopBound(upper)).text }
        guard case .index(_, _, let last) = lines, let count = graph[last].offset(by: triangle.offset - 1) else {
            return "0"
        }
        return integer(count).text
    }

    private mutating func scratch() -> String {
        hoist("scratch", name: "scratch", type: SwiftArray.work.pointerType(scalar)) { body in
            let place = body.storage.scratch
            let array = body.splitsExamples ? SwiftArray.own : .work
            return "memory.\(array.member)" + (place.known == 0 ? "" : " + \(place.text)")
        }
    }

    /// How many rounds a dimension has; one where there is none.
    private mutating func count(_ dimension: Dimension?) -> String {
        switch dimension {
        case nil: return "1"
        case .examples:
            usesBlockCount = true
            return "blockCount"
        case .index(_, let lower, let upper):
            guard let difference = graph[upper].adding(graph[lower], times: -1) else { return "0" }
            if lower == upper { return "0" }
            if graph[lower].asConstant == 0 { return bound(LoopBound(upper)).text }
            return integer(difference).text
        }
    }

    /// How far apart two elements of an access are whose dimension differs by 1.
    mutating func stride(of quantity: QuantityID, _ indices: [AffineID], along dimension: Dimension) -> SwiftInteger {
        guard let layout = storage.layouts[quantity] else { return SwiftInteger(0) }
        switch dimension {
        case .examples:
            switch storage.places[quantity] {
            case .stored(_, _, _, let stride): return stride
            case .blocked(_, _, let stride):
                let stages = Array(indices.prefix(layout.stages.count))
                return stages.isEmpty ? stride : elementTotal(stages, layout)
            default: return SwiftInteger(0)
            }
        case .index(let index, _, _):
            let stages = Array(indices.prefix(layout.stages.count))
            let elements = Array(indices.dropFirst(layout.stages.count))
            var stride = SwiftInteger(1)
            var total: [(coefficient: Int, atom: SwiftInteger)] = []
            for axis in elements.indices.reversed() {
                let coefficient = graph[elements[axis]].coefficient(of: index)
                if coefficient != 0 { total.append((coefficient, stride)) }
                if axis > 0 { stride = stride * extent(axis, stages, layout) }
            }
            if stages.contains(where: { graph[$0].coefficient(of: index) != 0 }) {
                var stride = elementTotal(stages, layout)
                if case .blocked = storage.places[quantity] { stride = SwiftInteger(atom: blockRows()) * stride }
                for position in stages.indices.reversed() {
                    let coefficient = graph[stages[position]].coefficient(of: index)
                    if coefficient != 0 { total.append((coefficient, stride)) }
                    if position > 0 { stride = stride * layout.stages[position].extent }
                }
            }
            return SwiftInteger.combination(0, total)
        }
    }

    /// The pointer to the element of an access where all dimensions begin.
    mutating func start(of quantity: QuantityID, _ indices: [AffineID], _ dimensions: [Dimension]) -> String {
        guard let layout = storage.layouts[quantity] else { return "scratch" }
        var map: [IndexID: Affine] = [:]
        for case .index(let index, let lower, _) in dimensions { map[index] = graph[lower] }
        let first = indices.map { program.system.graph.substitute($0, map) ?? $0 }
        let stages = Array(first.prefix(layout.stages.count))
        let elements = Array(first.dropFirst(layout.stages.count))
        let pointer: String
        var offset = SwiftInteger(0)
        if layout.isScalar {
            pointer = self.pointer(to: quantity)
        } else if elements.isEmpty, case .blocked = storage.places[quantity] {
            pointer = view(of: quantity, stages, layout)
        } else if elements.isEmpty {
            pointer = self.pointer(to: quantity)
            offset = stageOffset(stages, layout)
        } else if stages.isEmpty {
            pointer = self.pointer(to: quantity)
            offset = elementOffset(elements, stages, layout)
        } else {
            pointer = view(of: quantity, stages, layout)
            offset = elementOffset(elements, stages, layout)
        }
        // Term by term: pointers move without a check for overflow.
        return offset.known == 0 ? pointer : "\(pointer) + \(offset.operand(.sum))"
    }
}

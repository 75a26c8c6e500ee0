extension Lowerer {
    /// The program with the storage of all that it uses.
    mutating func finish() -> LoopProgram {
        var isUsed = Array(repeating: false, count: system.quantities.count)
        var visited = Visited()
        for piece in pieces {
            isUsed[Int(piece.quantity.raw)] = true
            for id in graph.reachable(from: [piece.body], &visited) {
                if let quantity = graph.accessedQuantity(id) { isUsed[Int(quantity.raw)] = true }
            }
        }
        var isResult = Array(repeating: false, count: system.quantities.count)
        for result in results {
            isUsed[Int(result.raw)] = true
            isResult[Int(result.raw)] = true
        }
        var buffers: [Buffer] = []
        for position in isUsed.indices where isUsed[position] {
            buffers.append(buffer(QuantityID(position), isResult: isResult[position]))
        }
        program.setBuffers(buffers)
        return program
    }

    private mutating func buffer(_ id: QuantityID, isResult: Bool) -> Buffer {
        let quantity = system[id]
        let role: Buffer.Role =
            switch quantity.role {
            case .input: .input
            case .target: .target
            case .parameter: .parameter
            case .constant: .constant
            case .computed, .derivative: isResult ? .result : .intermediate
            }
        let isGiven = role == .input || role == .target
        let examples: Buffer.Examples =
            !isPerExample[Int(id.raw)]
            ? .shared : isGiven || isResult || isReadLater[Int(id.raw)] ? .stored : .reused
        let boxes = quantity.domains.map { box($0, stageCount: quantity.stageCount) }
        let stageRanges = (0..<quantity.stageCount).map { stage in
            (
                lower: union(quantity.domains.map { $0[stage].lower }, .smallest),
                upper: union(quantity.domains.map { $0[stage].upper }, .largest)
            )
        }
        let (uniform, hasOneFormula) = shape(boxes)
        return Buffer(
            quantity: id, role: role, examples: examples, boxes: boxes, stageRanges: stageRanges,
            uniformExtents: uniform, hasOneFormula: hasOneFormula)
    }

    /// The storage for one domain: what an element axis can reach at most, for its stages.
    private mutating func box(_ axes: [Axis], stageCount: Int) -> StorageBox {
        var extents: [AffineID] = []
        for (position, axis) in axes.enumerated().dropFirst(stageCount) {
            var extent = graph[axis.upper]
            // From the innermost index out: each one's bound where the extent is largest.
            for other in axes[stageCount..<position].reversed() {
                let coefficient = extent.coefficient(of: other.index)
                guard coefficient != 0 else { continue }
                let bound = coefficient > 0 ? graph[other.upper].offset(by: -1) : graph[other.lower]
                if let bound, let next = extent.removing(.index(other.index)).adding(bound, times: coefficient) {
                    extent = next
                }
            }
            extents.append(graph.affine(extent))
        }
        return StorageBox(stages: Array(axes.prefix(stageCount)), extents: extents)
    }

    /// Whether all boxes have the same extents: as numbers or sizes, or as one formula of the stage.
    private mutating func shape(_ boxes: [StorageBox]) -> (uniform: [AffineID]?, hasOneFormula: Bool) {
        guard let first = boxes.first else { return ([], true) }
        var hasOneFormula = true
        for box in boxes.dropFirst() {
            for (position, extent) in box.extents.enumerated() {
                // At the box's own stages.
                var map: [IndexID: Affine] = [:]
                for (stage, own) in zip(first.stages, box.stages) {
                    map[stage.index] = own.isPoint ? graph[own.lower] : Affine(.index(own.index))
                }
                let wanted = graph.substitute(first.extents[position], map) ?? extent
                if !system.isEqual(wanted, extent) || first.stages.contains(where: \.isPoint) { hasOneFormula = false }
            }
        }
        let stages = Set(first.stages.map(\.index))
        let isUniform = boxes.allSatisfy { box in
            zip(box.extents, first.extents).allSatisfy { system.isEqual($0, $1) }
        }
        let mentionsStage = first.extents.contains { extent in freeIndices(extent).contains { stages.contains($0) } }
        return (isUniform && !mentionsStage ? first.extents : nil, hasOneFormula)
    }
}

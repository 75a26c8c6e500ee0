extension Lowerer {
    /// The program with the storage of all that it uses.
    mutating func finish() -> LoopProgram {
        var isUsed = Array(repeating: false, count: system.quantities.count)
        var visited = Visited()
        for piece in pieces {
            isUsed[Int(piece.quantity.raw)] = true
            for id in graph.reachable(from: [piece.body], &visited) {
                if let quantity = graph.quantity(id) { isUsed[Int(quantity.raw)] = true }
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
        return Buffer(id, role: role, examples: examples, in: &program.system)
    }
}

extension Buffer {
    /// The storage that a quantity's domains need.
    init(_ id: QuantityID, role: Role, examples: Examples, in system: inout System) {
        let quantity = system[id]
        let boxes = quantity.domains.map { StorageBox($0, stageCount: quantity.stageCount, in: &system) }
        let stageRanges = (0..<quantity.stageCount).map { stage in
            (
                lower: system.union(quantity.domains.map { $0[stage].lower }, .smallest),
                upper: system.union(quantity.domains.map { $0[stage].upper }, .largest)
            )
        }
        let (uniform, hasOneFormula) = Buffer.shape(boxes, in: &system)
        self.init(
            quantity: id, role: role, examples: examples, boxes: boxes, stageRanges: stageRanges,
            uniformExtents: uniform, hasOneFormula: hasOneFormula)
    }

    /// Whether all boxes have the same extents: as numbers or sizes, or as one formula of the stage.
    private static func shape(
        _ boxes: [StorageBox], in system: inout System
    ) -> (uniform: [AffineID]?, hasOneFormula: Bool) {
        guard let first = boxes.first else { return ([], true) }
        var hasOneFormula = true
        for box in boxes.dropFirst() {
            for (position, extent) in box.extents.enumerated() {
                // At the box's own stages.
                var map: [IndexID: Affine] = [:]
                for (stage, own) in zip(first.stages, box.stages) {
                    map[stage.index] = own.isPoint ? system.graph[own.lower] : Affine(.index(own.index))
                }
                let wanted = system.graph.substitute(first.extents[position], map) ?? extent
                if !system.isEqual(wanted, extent) || first.stages.contains(where: \.isPoint) { hasOneFormula = false }
            }
        }
        let isUniform = boxes.allSatisfy { box in
            zip(box.extents, first.extents).allSatisfy { system.isEqual($0, $1) }
        }
        let mentionsStage = first.extents.contains { extent in
            first.stages.contains { system.graph.depends(extent, on: $0.index) }
        }
        return (isUniform && !mentionsStage ? first.extents : nil, hasOneFormula)
    }
}

extension StorageBox {
    /// The storage for one domain: what an element axis can reach at most, for its stages.
    init(_ axes: [Axis], stageCount: Int, in system: inout System) {
        var extents: [AffineID] = []
        for (position, axis) in axes.enumerated().dropFirst(stageCount) {
            var extent = system.graph[axis.upper]
            // From the innermost index out: each one's bound where the extent is largest.
            for other in axes[stageCount..<position].reversed() {
                let coefficient = extent.coefficient(of: other.index)
                guard coefficient != 0 else { continue }
                let bound = coefficient > 0 ? system.graph[other.upper].offset(by: -1) : system.graph[other.lower]
                if let bound, let next = extent.removing(.index(other.index)).adding(bound, times: coefficient) {
                    extent = next
                }
            }
            extents.append(system.graph.affine(extent))
        }
        self.init(stages: Array(axes.prefix(stageCount)), extents: extents)
    }
}

extension System {
    /// The smallest or the largest of some bounds, fewer where they can be compared.
    func union(_ bounds: [AffineID], _ choice: LoopBound.Choice) -> LoopBound {
        var kept: [AffineID] = []
        for bound in bounds where !kept.contains(bound) {
            func covers(_ one: AffineID, _ other: AffineID) -> Bool {
                choice == .smallest
                    ? isLessOrEqual(graph[one], graph[other]) : isLessOrEqual(graph[other], graph[one])
            }
            if kept.contains(where: { covers($0, bound) }) { continue }
            kept.removeAll { covers(bound, $0) }
            kept.append(bound)
        }
        return LoopBound(choice, kept.map { LoopBound.Term($0) })
    }
}

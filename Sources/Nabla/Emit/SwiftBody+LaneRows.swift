extension SwiftBody {
    // MARK: Whole vectors

    func isInWork(_ quantity: QuantityID) -> Bool {
        switch storage.places[quantity] {
        case .blocked, .shared(.work, _), .shared(.own, _), .shared(.tables, _): aliases.ofQuantity[quantity] == nil
        // Behind a worker's last example another one may be writing.
        case .stored(.work, _, _, _): !splitsExamples
        default: false
        }
    }

    /// Whether a quantity has rows of whole vectors in the work memory, of which the last one's end counts for nothing.
    func isPadded(_ quantity: QuantityID) -> Bool {
        guard case .shared(let array, _) = storage.places[quantity], [.work, .own, .sums].contains(array),
            let layout = storage.layouts[quantity],
            case .uniform(let extents) = layout.elements, let last = extents.last,
            let count = layout.system.expandingSizes(layout.system.graph[last]).asConstant
        else { return false }
        return count % file.options.scalar.widestVector == 0
    }

    /// Whether the lanes run over a whole row of a quantity that has padded ones.
    private func isPaddedRow(_ quantity: QuantityID, _ indices: [AffineID]) -> Bool {
        guard case .index(let index, let lower, let upper) = lanes?.dimension, let last = indices.last,
            graph[last].asIndex == index, graph[lower].asConstant == 0,
            let count = system.expandingSizes(graph[upper]).asConstant
        else { return false }
        return system[quantity].domains.allSatisfy { axes in
            guard let axis = axes.last else { return false }
            return graph[axis.lower].asConstant == 0 && system.expandingSizes(graph[axis.upper]).asConstant == count
        }
    }

    /// Whether a row's last vector may be stored whole: what is behind the row is written later by the same loops, or nothing.
    mutating func mayStoreWhole(_ quantity: QuantityID, _ indices: [AffineID]) -> Bool {
        if isPadded(quantity) { return isPaddedRow(quantity, indices) }
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
}

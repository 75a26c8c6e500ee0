extension GradientCheck {
    /// Compares second derivatives with numeric derivatives of the gradient at seeded random values.
    ///
    /// - Parameters:
    ///   - original: the spec as resolved: its gradient is what is derived numerically.
    ///   - derived: its derivative, with second derivatives.
    ///   - seed: where the random numbers start.
    /// - Throws: ``EvaluationError`` or ``LoweringError`` where nothing can be compared.
    public static func runSecond(_ original: System, _ derived: DerivedSystem, seed: UInt64) throws -> Report {
        guard let second = derived.second else { throw EvaluationError("no second derivatives were derived") }
        for entry in derived.gradient
        where derived.system[entry.wrt].role == .computed || derived.system[entry.wrt].role == .derivative {
            throw EvaluationError(
                "'\(derived.system[entry.wrt].name)' is computed, so there is no value to vary: compare with respect to params or data"
            )
        }
        var random = RandomValues(seed: seed)
        // The sizes of the spec, then values for all that the derived system needs: the direction is among it.
        let sizes = try random.sizes(for: original)
        let lowered = derived.lowered()
        let bound = try BoundSystem(lowered, sizes: Evaluator.sizes(of: sizes))
        let gradient = try Evaluator(lowered, cost: derived.cost, gradient: derived.gradient)
            .prepare(bound, exampleCount: exampleCount)
        let whole = try Evaluator(lowered, cost: derived.cost, second: second)
            .prepare(bound, exampleCount: exampleCount)
        let check = SecondCheck(derived: derived, second: second, gradient: gradient, whole: whole)
        for draw in 1...mostDraws {
            let scale = draw <= 20 ? 1 : draw <= 60 ? 0.3 : 0.05
            let values = try random.values(for: bound, exampleCount: exampleCount, scale: scale)
            guard var report = try check.compare(values, &random) else { continue }
            report.sizes = sizeTexts(original, sizes)
            report.draws = draw
            return report
        }
        throw EvaluationError("no values were found at which all is finite and away from kinks, in \(mostDraws) draws")
    }

    /// What the symbolic sizes of a spec were drawn as.
    static func sizeTexts(_ original: System, _ bound: BoundSystem) -> [String] {
        original.sizes.indices.compactMap { position -> String? in
            guard case .symbolic = original.sizes[position].definition else { return nil }
            let size = bound.system.sizes[position]
            if let value = size.value { return "\(size.name) = \(value)" }
            return size.values.map { "\(size.name) = \($0)" }
        }
    }
}

/// Compares second derivatives with numeric ones at given values.
private struct SecondCheck {
    let derived: DerivedSystem
    let second: SecondDerivatives
    let gradient: PreparedEvaluation
    let whole: PreparedEvaluation

    /// One entry: a place of the gradient, and what the values are moved along.
    private struct Entry {
        var exact: Double
        var name: String
        /// Which component of the gradient.
        var component: Int
        var example: Int?
        var place: Int
        /// One place of one quantity; nil for the direction.
        var moved: (quantity: QuantityID, example: Int?, place: Int)?
    }

    /// Nil where a value is not finite, or too near to a kink.
    func compare(_ values: Values, _ random: inout RandomValues) throws -> GradientCheck.Report? {
        let results = try whole.run(values)
        let base = try gradient.run(values)
        guard let slopes = base.gradient else { return nil }
        var entries: [Entry] = []
        if let product = results.product {
            for (component, tensors) in product.enumerated() {
                for (example, tensor) in tensors.value.all.enumerated() {
                    for (place, exact) in tensor.values.enumerated() {
                        let slope = slopes[component].value.all[min(example, slopes[component].value.all.count - 1)]
                        entries.append(
                            Entry(
                                exact: exact, name: slope.placeName(place), component: component, example: example,
                                place: place, moved: nil))
                    }
                }
            }
        }
        if let blocks = second.hessian { entries += try hessianEntries(blocks, results, slopes, values) }
        guard entries.allSatisfy({ $0.exact.isFinite }) else { return nil }
        let largest = entries.reduce(0) { max($0, abs($1.exact)) }
        let total = entries.count
        if entries.count > GradientCheck.mostEntries {
            entries.shuffle(using: &random.generator)
            entries.removeLast(entries.count - GradientCheck.mostEntries)
        }
        var report = GradientCheck.Report(
            worst: 0, place: "", derived: 0, numeric: 0, compared: entries.count, entries: total, sizes: [], draws: 0)
        for entry in entries {
            let slope = try RichardsonDerivative.slope { step in
                let all = try gradient.run(moved(values, entry, by: step)).gradient?[entry.component].value.all ?? []
                return all.isEmpty ? .nan : all[min(entry.example ?? 0, all.count - 1)].values[entry.place]
            }
            guard let slope else { return nil }
            let scale = max(largest, 1e-8)
            // A kink nearby shows in slopes that do not agree among themselves.
            if slope.error / scale > GradientCheck.tolerance / 4 { return nil }
            let difference = abs(entry.exact - slope.value) / scale
            if difference >= report.worst {
                report.worst = difference
                report.derived = entry.exact
                report.numeric = slope.value
                report.place = entry.name
            }
        }
        return report
    }

    /// The entries of all blocks, with what is varied for each.
    private func hessianEntries(
        _ blocks: [SecondDerivatives.Block], _ results: Results,
        _ slopes: [(name: String, value: Results.PerExample<Tensor>)], _ values: Values
    ) throws -> [Entry] {
        var entries: [Entry] = []
        let tensors = (results.hessian ?? []).flatMap(\.blocks)
        for (block, named) in zip(blocks, tensors) {
            guard let component = derived.gradient.firstIndex(where: { $0.wrt == block.first }),
                let other = derived.gradient.firstIndex(where: { $0.wrt == block.second })
            else { continue }
            let stages = (derived.system[block.first].stageCount, derived.system[block.second].stageCount)
            let all = named.value.all
            for example in all.indices {
                let rows = slopes[component].value.all[min(example, slopes[component].value.all.count - 1)]
                let columns = slopes[other].value.all[min(example, slopes[other].value.all.count - 1)]
                let isData = derived.system[block.second].dependsOnExamples
                try columns.forEachPlace { column, at in
                    try rows.forEachPlace { row, indices in
                        let joined =
                            Array(indices.prefix(stages.0)) + Array(at.prefix(stages.1))
                            + Array(indices.dropFirst(stages.0)) + Array(at.dropFirst(stages.1))
                        guard let exact = all[example].element(joined) else {
                            throw EvaluationError("an entry of the Hessian is missing")
                        }
                        entries.append(
                            Entry(
                                exact: exact, name: "\(rows.placeName(row)), \(columns.placeName(column))",
                                component: component, example: example, place: row,
                                moved: (block.second, isData ? example : nil, column)))
                    }
                }
            }
        }
        return entries
    }

    private func moved(_ values: Values, _ entry: Entry, by step: Double) -> Values {
        var moved = values
        if let (quantity, example, place) = entry.moved {
            if let example {
                moved.examples[example][quantity]?[place] += step
            } else {
                moved.shared[quantity]?[place] += step
            }
            return moved
        }
        for (position, direction) in second.direction.enumerated() {
            let quantity = derived.gradient[position].wrt
            if let along = values.shared[direction] {
                for (place, slope) in along.enumerated() { moved.shared[quantity]?[place] += step * slope }
            }
            for example in values.examples.indices {
                guard let along = values.examples[example][direction] else { continue }
                for (place, slope) in along.enumerated() { moved.examples[example][quantity]?[place] += step * slope }
            }
        }
        return moved
    }
}

extension Tensor {
    /// Calls `body` with the position and the indices of each element.
    func forEachPlace(_ body: (Int, [Int]) throws -> Void) throws {
        try bound.forEachElement(of: quantity) { indices in
            if let place = shape.offset(of: indices) { try body(place, indices) }
        }
    }
}

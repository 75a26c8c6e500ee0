extension Resolver {
    /// The equations of a quantity share out its range without a gap, and nothing is defined twice.
    mutating func checkDefinitions() {
        for quantity in definitions.keys.sorted() {
            let own = (definitions[quantity] ?? []).filter { !drafts[$0].hasFailed }
            guard own.count == definitions[quantity]?.count, own.count > 1 else { continue }
            checkParts(quantity, own)
        }
    }

    /// Splits the range of the stages into cells; the parts that lie in one cell share out the elements there.
    ///
    /// Parts at different stages may have different elements: `a(0)[k]` has n(0) of them, `a(l)[j]` has n(l).
    private mutating func checkParts(_ quantity: QuantityID, _ own: [Int]) {
        let stages = Array(0..<system[quantity].stageCount)
        guard let cells = cells(of: own, at: stages, renaming: [:]) else { return }
        for cell in cells {
            guard let first = cell.contributions.first else {
                reportGap(quantity, own, cell.ranges)
                return
            }
            if cell.contributions.count == 1 { continue }
            let parts = cell.contributions.map { own[$0] }
            // Each part has a stage index of its own: they are one index in this cell.
            var renaming: [IndexID: Affine] = [:]
            for (position, range) in cell.ranges.enumerated() {
                let axis = drafts[own[first]].axes[position]
                let isSingle = range.lower.offset(by: 1).map { system.isEqual($0, range.upper) } ?? false
                let value = isSingle ? range.lower : Affine(.index(axis.index))
                for part in parts { renaming[drafts[part].axes[position].index] = value }
            }
            // Along an axis that no part limits, all parts have the whole range.
            let elements = drafts[parts[0]].axes.indices.dropFirst(stages.count).filter { position in
                parts.contains { drafts[$0].axes[position].isPoint || drafts[$0].axes[position].isWritten }
            }
            if elements.isEmpty {
                reportTwice(parts[0], parts[1], quantity)
                return
            }
            guard let inner = self.cells(of: parts, at: elements, renaming: renaming) else { return }
            for part in inner {
                if part.contributions.count > 1 {
                    reportTwice(parts[part.contributions[0]], parts[part.contributions[1]], quantity)
                    return
                }
                if part.contributions.isEmpty {
                    reportGap(quantity, parts, part.ranges)
                    return
                }
            }
        }
    }

    /// The cells that some parts make along some axes; nil where they cannot be told apart while sizes are letters.
    private mutating func cells(
        of parts: [Int], at positions: [Int], renaming: [IndexID: Affine]
    ) -> [BoxCells.Cell]? {
        var bounds: [[(lower: [Affine], upper: [Affine])]] = []
        for part in parts {
            var own: [(lower: [Affine], upper: [Affine])] = []
            for position in positions {
                let axis = drafts[part].axes[position]
                guard let lower = system.graph.substitute(axis.lower, renaming),
                    let upper = system.graph.substitute(axis.upper, renaming)
                else { return nil }
                own.append(([system.graph[lower]], [system.graph[upper]]))
            }
            bounds.append(own)
        }
        var ranges: [(lower: Affine, upper: Affine)] = []
        for place in positions.indices {
            let lowers = bounds.flatMap { $0[place].lower }
            let uppers = bounds.flatMap { $0[place].upper }
            guard let lower = lowers.first(where: { one in lowers.allSatisfy { system.isLessOrEqual(one, $0) } }),
                let upper = uppers.first(where: { one in uppers.allSatisfy { system.isLessOrEqual($0, one) } })
            else { return nil }
            ranges.append((lower, upper))
        }
        let cells = BoxCells(ranges: ranges, bounds: bounds, system)
        return cells.leftOver.isEmpty ? cells.cells(system) : nil
    }

    private mutating func reportGap(
        _ quantity: QuantityID, _ parts: [Int], _ ranges: [(lower: Affine, upper: Affine)]
    ) {
        let place = ranges.map { range -> String in
            let lower = system.description(of: range.lower)
            let upper = range.upper.offset(by: -1).map { system.description(of: $0) } ?? ""
            return lower == upper ? lower : "\(lower)...\(upper)"
        }
        report(
            "'\(system[quantity].name)' is not defined at \(place.joined(separator: ", "))",
            drafts[parts[0]].target.range,
            notes: parts.dropFirst().map { .init("it is also defined here", range: drafts[$0].target.range) })
    }

    private mutating func reportTwice(_ first: Int, _ second: Int, _ quantity: QuantityID) {
        report(
            "'\(system[quantity].name)' is defined twice", drafts[second].target.range,
            notes: [.init("it is first defined here", range: drafts[first].target.range)])
    }

    // MARK: Costs

    mutating func checkCosts(_ isComplete: Bool) {
        if system.costs.isEmpty, isComplete, diagnostics.isEmpty {
            var end = source.bytes.count
            while end > 0, [0x20, 0x09, 0x0D, 0x0A].contains(source.bytes[end - 1]) { end -= 1 }
            var start = end
            while start > 0, source.bytes[start - 1] != 0x0A { start -= 1 }
            report(
                "the spec has no cost", SourceRange(lower: UInt32(start), upper: UInt32(end)),
                notes: [.init("mark the scalar that is to be minimised: 'cost C = …'")])
        }
    }
}

extension Resolver {
    /// The equations of a quantity share out its range without a gap, and nothing is defined twice.
    mutating func checkDefinitions() {
        for quantity in definitions.keys.sorted() {
            let own = (definitions[quantity] ?? []).filter { !drafts[$0].hasFailed }
            guard own.count == definitions[quantity]?.count, own.count > 1 else { continue }
            checkParts(quantity, own)
        }
    }

    private mutating func checkParts(_ quantity: QuantityID, _ own: [Int]) {
        let stageCount = system[quantity].stageCount
        // Along an axis that no part limits, all parts have the whole range.
        let positions = drafts[own[0]].axes.indices.filter { position in
            position < stageCount
                || own.contains { drafts[$0].axes[position].isPoint || drafts[$0].axes[position].isWritten }
        }
        if positions.isEmpty {
            reportTwice(own[0], own[1], quantity)
            return
        }
        var ranges: [(lower: Affine, upper: Affine)] = []
        for position in positions {
            let lowers = own.map { system.graph[drafts[$0].axes[position].lower] }
            let uppers = own.map { system.graph[drafts[$0].axes[position].upper] }
            guard let lower = lowers.first(where: { one in lowers.allSatisfy { system.isLessOrEqual(one, $0) } }),
                let upper = uppers.first(where: { one in uppers.allSatisfy { system.isLessOrEqual($0, one) } })
            else { return }  // not to be ordered while sizes are letters
            ranges.append((lower, upper))
        }
        let bounds = own.map { draft in
            positions.map { position in
                (
                    lower: [system.graph[drafts[draft].axes[position].lower]],
                    upper: [system.graph[drafts[draft].axes[position].upper]]
                )
            }
        }
        let cells = BoxCells(ranges: ranges, bounds: bounds, system)
        guard cells.leftOver.isEmpty else { return }
        for cell in cells.cells(system) {
            if cell.contributions.count > 1 {
                reportTwice(own[cell.contributions[0]], own[cell.contributions[1]], quantity)
                return
            }
            if cell.contributions.isEmpty {
                let place = zip(positions, cell.ranges).map { position, range -> String in
                    let lower = system.description(of: range.lower)
                    let upper = range.upper.offset(by: -1).map { system.description(of: $0) } ?? ""
                    return lower == upper ? lower : "\(lower)...\(upper)"
                }
                report(
                    "'\(system[quantity].name)' is not defined at \(place.joined(separator: ", "))",
                    drafts[own[0]].target.range,
                    notes: own.dropFirst().map { .init("it is also defined here", range: drafts[$0].target.range) })
                return
            }
        }
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

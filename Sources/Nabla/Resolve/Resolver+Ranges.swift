extension Resolver {
    /// Gives every index its range: as written, as its stage declares, or from what it indexes by itself.
    ///
    /// A computed quantity's range is known when its own left sides' are, so indices wait for quantities; each is looked at
    /// again only when one that it waits for becomes known.
    mutating func inferRanges() {
        var waiting: [QuantityID: [IndexID]] = [:]
        var queue = indexOrder
        var next = 0
        while next < queue.count {
            let index = queue[next]
            next += 1
            guard let state = states[index], state.bounds == nil, !state.hasFailed else {
                wake(index, &waiting, &queue)
                continue
            }
            if let (bounds, origin) = candidate(for: state) {
                states[index]?.bounds = bounds
                states[index]?.origin = origin
                wake(index, &waiting, &queue)
                continue
            }
            var isWaiting = false
            var quantities = state.uses.map(\.quantity)
            if state.uses.isEmpty, let (draft, _) = state.axis { quantities = [drafts[draft].quantity] }
            for quantity in quantities where definitions[quantity] != nil {
                if waiting[quantity]?.last != index { waiting[quantity, default: []].append(index) }
                isWaiting = true
            }
            _ = isWaiting
        }
        for index in indexOrder {
            guard let state = states[index] else { continue }
            if state.bounds == nil, !state.hasFailed {
                states[index]?.hasFailed = true
                if failedNames.isEmpty || state.uses.isEmpty {
                    report(
                        "the range of '\(state.name.text)' does not follow from what it indexes", state.name.range,
                        notes: [.init("write it: '\(state.name.text) in 0..<N'")])
                }
            }
            checkCandidates(index)
        }
        indexOrder = []
    }

    /// Those that wait for the quantity on whose left side the index stands look again.
    private mutating func wake(_ index: IndexID, _ waiting: inout [QuantityID: [IndexID]], _ queue: inout [IndexID]) {
        guard let (draft, _) = states[index]?.axis else { return }
        let quantity = drafts[draft].quantity
        if let others = waiting.removeValue(forKey: quantity) {
            for other in others where states[other]?.bounds == nil { queue.append(other) }
        }
    }

    /// The range that an index's uses give, from the first one that is known.
    private mutating func candidate(for state: IndexState) -> ((AffineID, AffineID), SourceRange)? {
        var partial: ((AffineID, AffineID), SourceRange)?
        for use in state.uses {
            for piece in pieces(of: use) {
                guard piece.isWhole else {
                    if partial == nil { partial = (piece.bounds, tree.range(use.access)) }
                    continue
                }
                return (piece.bounds, tree.range(use.access))
            }
        }
        if let partial { return partial }
        guard state.uses.isEmpty, let (draft, position) = state.axis else { return nil }
        // Only the left side mentions it: as in the quantity's other equations.
        for other in definitions[drafts[draft].quantity] ?? [] where other != draft {
            guard let bounds = axisBounds(other, position) else { continue }
            var map: [IndexID: Affine] = [:]
            for (theirs, ours) in zip(drafts[other].axes, drafts[draft].axes) {
                map[theirs.index] = ours.isPoint ? system.graph[ours.lower] : Affine(.index(ours.index))
            }
            guard let lower = system.graph.substitute(bounds.lower, map),
                let upper = system.graph.substitute(bounds.upper, map)
            else { continue }
            return ((lower, upper), targetRange(other))
        }
        return nil
    }

    /// The range of an axis of an equation's left side, if it is known.
    private func axisBounds(_ draft: Int, _ position: Int) -> (lower: AffineID, upper: AffineID)? {
        guard drafts[draft].axes.indices.contains(position) else { return nil }
        let axis = drafts[draft].axes[position]
        if axis.isPoint { return (axis.lower, axis.upper) }
        return states[axis.index]?.bounds
    }

    /// What one use says of the range: one candidate for each part of the quantity that the access may read.
    private mutating func pieces(
        of use: IndexUse
    ) -> [(bounds: (AffineID, AffineID), isWhole: Bool, map: [IndexID: Affine])] {
        guard case .application(let application) = tree[use.access] else { return [] }
        let arguments = (application.parenthesised ?? []) + (application.bracketed ?? [])
        let values = arguments.map { affines[$0] }
        var result: [(bounds: (AffineID, AffineID), isWhole: Bool, map: [IndexID: Affine])] = []
        guard let own = definitions[use.quantity] else {
            guard let domain = system[use.quantity].domains.first,
                let bounds = instantiated(
                    domain, use.position, (domain[use.position].lower, domain[use.position].upper), values)
            else { return [] }
            return [(bounds, true, [:])]
        }
        // Parts that share out the range of this very axis make it together: p[0] and p[i in 1..<N] give 0..<N.
        let isShared = isPartial(use)
        var shares: [(AffineID, AffineID)] = []
        let key = UInt64(use.quantity.raw) << 32 | UInt64(truncatingIfNeeded: use.position)
        if let known = sharedRanges[key] { return [(known, true, [:])] }
        for draft in own {
            guard drafts[draft].axes.count == values.count, let bounds = axisBounds(draft, use.position) else {
                if isShared { return [] }
                continue
            }
            // A part at one stage says something of that stage only.
            var isWhole = true
            var map: [IndexID: Affine] = [:]
            var isImpossible = false
            for (position, axis) in drafts[draft].axes.enumerated() where axis.isPoint && position != use.position {
                guard let value = values[position] else { continue }
                if system.isEqual(value, axis.lower) { continue }
                let affine = system.graph[value]
                let difference = system.graph[axis.lower].adding(affine, times: -1)
                let place = system.graph[axis.lower]
                // A size is at least 1, so a(L) is never a(0), whatever L is.
                let isElsewhere = system.isLess(affine, place) || system.isLess(place, affine)
                if isElsewhere || difference.map({ system.expandingSizes($0) })?.asConstant.map({ $0 != 0 }) == true {
                    isImpossible = true
                    continue
                }
                isWhole = false
                for term in affine.terms {
                    guard case .index(let index) = term.atom, abs(term.coefficient) == 1,
                        let rest = system.graph[axis.lower].adding(affine.removing(term.atom), times: -1)?
                            .scaled(by: term.coefficient)
                    else { continue }
                    map[index] = rest
                    if let bounds = states[index]?.bounds {
                        // Where the index never has that value, the part is not read.
                        let below = system.isLess(rest, system.graph[bounds.lower])
                        let above = system.isLessOrEqual(system.graph[bounds.upper], rest)
                        if below || above { isImpossible = true }
                    }
                    break
                }
            }
            if isImpossible { continue }
            if isShared, isWhole {
                if let instance = instantiated(drafts[draft].axes, use.position, bounds, values) {
                    shares.append(instance)
                }
                continue
            }
            // The range of a part at one stage along this very axis is no range for an index.
            if drafts[draft].axes[use.position].isPoint { continue }
            guard let instance = instantiated(drafts[draft].axes, use.position, bounds, values) else { continue }
            result.append((instance, isWhole, map))
        }
        if let hull = hull(of: shares) {
            if values.count == 1 { sharedRanges[key] = hull }
            result.append((hull, true, [:]))
        }
        return result
    }

    /// The least range that holds all of these, where they can be ordered.
    private func hull(of ranges: [(AffineID, AffineID)]) -> (AffineID, AffineID)? {
        let lower = ranges.map(\.0).first { one in
            ranges.allSatisfy { system.isLessOrEqual(system.graph[one], system.graph[$0.0]) }
        }
        let upper = ranges.map(\.1).first { one in
            ranges.allSatisfy { system.isLessOrEqual(system.graph[$0.1], system.graph[one]) }
        }
        guard let lower, let upper else { return nil }
        return (lower, upper)
    }

    /// Bounds in terms of the indices of the access.
    private mutating func instantiated(
        _ axes: [Axis], _ position: Int, _ bounds: (lower: AffineID, upper: AffineID), _ values: [AffineID?]
    ) -> (AffineID, AffineID)? {
        var map: [IndexID: Affine] = [:]
        for (axis, value) in zip(axes.prefix(position), values) {
            if let value { map[axis.index] = system.graph[value] }
        }
        guard let lower = system.graph.substitute(bounds.lower, map),
            let upper = system.graph.substitute(bounds.upper, map)
        else { return nil }
        return (lower, upper)
    }

    /// Two different inferred ranges for one index are an error, which shows both places.
    private mutating func checkCandidates(_ index: IndexID) {
        guard let state = states[index], let bounds = state.bounds, !state.isWritten, !state.hasFailed,
            stageNames[state.name.text] == nil
        else { return }
        for use in state.uses {
            // Along a stage a quantity's parts together make the range: the check of accesses sees to that.
            if use.position < system[use.quantity].stageCount { continue }
            for piece in pieces(of: use) {
                guard let lower = system.graph.substitute(bounds.lower, piece.map),
                    let upper = system.graph.substitute(bounds.upper, piece.map),
                    let otherLower = system.graph.substitute(piece.bounds.0, piece.map),
                    let otherUpper = system.graph.substitute(piece.bounds.1, piece.map)
                else { continue }
                if system.isEqual(lower, otherLower), system.isEqual(upper, otherUpper) { continue }
                if definitions[use.quantity].map({ $0.count > 1 }) == true, isPartial(use) { continue }
                states[index]?.hasFailed = true
                var notes: [Diagnostic.Note] = []
                if let origin = state.origin {
                    notes.append(
                        .init(
                            "'\(state.name.text)' runs over \(system.description(from: bounds.lower, to: bounds.upper)) here",
                            range: origin))
                }
                notes.append(.init("write the range that is meant: '\(state.name.text) in …'"))
                report(
                    "'\(state.name.text)' would run over \(system.description(from: piece.bounds.0, to: piece.bounds.1)) here, but over another range elsewhere",
                    tree.range(use.access), notes: notes)
                return
            }
        }
    }

    /// Whether the parts of a quantity share out the range of this very axis among them.
    private func isPartial(_ use: IndexUse) -> Bool {
        let own = definitions[use.quantity] ?? []
        return own.contains { draft in
            drafts[draft].axes.indices.contains(use.position)
                && (drafts[draft].axes[use.position].isPoint || drafts[draft].axes[use.position].isWritten)
        }
    }
}

extension Lowerer {
    /// Gives a quantity of its own to every reduction that stands inside loops over indices it does not depend on, where a
    /// loop over an index it does depend on lies further in: computed in place it would be computed again and again.
    ///
    /// `s[j] = sum(k: f(j,k))` inside `y[i,j]` is an example. The products of all factors but one become two running products.
    mutating func extractReductions() {
        let recurrences = Recurrences(pieces, system)
        var position = 0
        while position < pieces.count {
            defer { position += 1 }
            let piece = pieces[position]
            guard graph.containsReductions(piece.body) else { continue }
            let ranges = IndexRanges(piece, graph)
            var map: [ExprID: ExprID] = [:]
            for id in graph.reachable(from: piece.body) {
                let current = graph.rebuilding(id) { map[$0] ?? $0 }
                let new =
                    staysInside(current, piece, ranges, recurrences)
                    ? current : extraction(of: current, piece, ranges) ?? current
                if new != id { map[id] = new }
            }
            pieces[position].body = map[piece.body] ?? piece.body
        }
    }

    /// Whether a reduction needs the loops over stages in which its piece is computed: it reads what the same recurrence
    /// computes, so that a quantity without these stages could not be computed at any time.
    private mutating func staysInside(
        _ id: ExprID, _ piece: Piece, _ ranges: IndexRanges, _ recurrences: Recurrences
    ) -> Bool {
        let stages = piece.axes.prefix(system[piece.quantity].stageCount)
        guard graph.node(id).kind == .reduce || graph.node(id).kind == .extremum, !stages.isEmpty,
            graph.reachable(from: id).contains(where: { node in
                graph.quantity(node).map { recurrences.haveInCommon($0, piece.quantity) } ?? false
            })
        else { return false }
        let needed = ranges.closure(of: freeIndices(id), &free, graph)
        return !stages.allSatisfy { !$0.isPoint && needed.contains($0.index) }
    }

    private mutating func extraction(of id: ExprID, _ piece: Piece, _ ranges: IndexRanges) -> ExprID? {
        switch graph.form(of: id) {
        case .reduce(.product, let binders, let body):
            if let others = productOfOthers(binders, body, piece, ranges) { return others }
            return isRepeated(id, ranges) && isSafe(id, ranges)
                ? extract(id, id, from: piece, ranges, suffix: "_product") : nil
        case .reduce(let kind, _, _):
            guard isRepeated(id, ranges), isSafe(id, ranges) else { return nil }
            return extract(id, id, from: piece, ranges, suffix: "_" + kind.keyword)
        case .extremum(let kind, let binders, let body, let targets):
            return positions(kind, binders, body, targets, piece, ranges)
        default: return nil
        }
    }

    /// Whether a loop over an index that the expression does not mention lies around one over an index that it mentions.
    private mutating func isRepeated(_ id: ExprID, _ ranges: IndexRanges) -> Bool {
        let needed = ranges.closure(of: freeIndices(id), &free, graph)
        guard let innermost = needed.last, let chain = ranges.chains[innermost] else { return false }
        return chain.contains { !needed.contains($0) }
    }

    /// The places of largest elements as numbers of their own, where they would be looked for again and again.
    private mutating func positions(
        _ kind: ReductionKind, _ binders: [Binder], _ body: ExprID, _ targets: [AffineID], _ piece: Piece,
        _ ranges: IndexRanges
    ) -> ExprID? {
        // The condition that each index is at itself depends on what the search depends on, and on no target.
        let own = binders.map { graph.affine(Affine(.index($0.index))) }
        let search = graph.makeSearch(kind, binders, body)
        guard isRepeated(search, ranges), isSafe(search, ranges) else { return nil }
        var conditions: [ExprID] = []
        for (binder, target) in zip(binders, targets) {
            // Σ over the indices of (this is the place ? index : 0): the place as a number.
            let fresh = binders.map { Binder(index: graph.makeIndex(like: $0.index), lower: $0.lower, upper: $0.upper) }
            var map: [IndexID: Affine] = [:]
            for (old, new) in zip(binders, fresh) { map[old.index] = Affine(.index(new.index)) }
            let renamed = fresh.map { graph.substitute($0, map) }
            let places = own.map { graph.substitute($0, map) ?? $0 }
            let isHere = graph.makeExtremum(kind, binders, body, targets: places)
            let place = graph.makeInteger(graph.substitute(graph.affine(Affine(.index(binder.index))), map) ?? own[0])
            let zero = graph.makeNumber(0)
            let term = graph.makeSelect(isHere, then: place, otherwise: zero)
            let sum = graph.makeReduction(.sum, renamed, term)
            let access = extract(search, sum, from: piece, ranges, suffix: "_arg\(kind.keyword)")
            let number = graph.makeInteger(target)
            conditions.append(graph.makeComparison(.equal, access, number))
        }
        return conditions.count == 1 ? conditions[0] : graph.makeAnd(conditions)
    }

    // MARK: All factors but one

    /// `prod(j: (j == v ? 1 : e))` as the product of the factors before v times the product of those after it.
    ///
    /// With p[j] = e(lower)⋯e(j-1) and s[j] = e(j+1)⋯e(upper-1), both running products, all of them cost as much as one.
    /// With several indices: the other rows, each as one product, times the other factors of the same row.
    private mutating func productOfOthers(
        _ binders: [Binder], _ body: ExprID, _ piece: Piece, _ ranges: IndexRanges
    ) -> ExprID? {
        guard let (places, factor) = leftOut(of: binders, body) else { return nil }
        var products: [ExprID] = []
        var known: [IndexID: Affine] = [:]
        for (position, binder) in binders.enumerated() {
            // Indices before this one are at the place itself; those behind it run over all their values.
            guard let lower = graph.substitute(binder.lower, known), let upper = graph.substitute(binder.upper, known),
                var row = graph.substitute(factor, known)
            else { return nil }
            let inner = Array(binders.dropFirst(position + 1))
            if !inner.isEmpty {
                var bounds: [Binder] = []
                for other in inner {
                    guard let low = graph.substitute(other.lower, known),
                        let high = graph.substitute(other.upper, known)
                    else { return nil }
                    bounds.append(Binder(index: other.index, lower: low, upper: high))
                }
                row = graph.makeReduction(.product, bounds, row)
            }
            let own = Binder(index: binder.index, lower: lower, upper: upper)
            guard let product = productOfOthers(own, places[position], row, piece, ranges) else { return nil }
            products.append(product)
            known[binder.index] = places[position]
        }
        return products.count == 1 ? products[0] : graph.makeProduct(products)
    }

    private mutating func productOfOthers(
        _ binder: Binder, _ left: Affine, _ factor: ExprID, _ piece: Piece, _ ranges: IndexRanges
    ) -> ExprID? {
        let place = graph.affine(left)
        // Worth it only where the product is needed for many places.
        let scope = ranges.scope(of: [place, binder.lower, binder.upper], &free, graph)
        guard left.asConstant == nil, !freeIndices(place).isEmpty,
            system.isLessOrEqual(graph[binder.lower], left, in: scope),
            system.isLess(left, graph[binder.upper], in: scope), isSafe(factor, ranges)
        else { return nil }
        let index = graph.affine(Affine(.index(binder.index)))
        // Its own range is the binder's: the same index may be bound once more, with the bounds of another sum around.
        let needed = (freeIndices(factor) + freeIndices(binder.lower) + freeIndices(binder.upper)).filter {
            $0 != binder.index
        }
        let outer = ranges.closure(of: needed, &free, graph).filter { $0 != binder.index }
        // Where the factors depend on the place itself, nothing is gained.
        guard freeIndices(place).contains(where: { !outer.contains($0) }) else { return nil }
        var axes = outer.compactMap { index in
            ranges.range(of: index).map { Axis(index: index, lower: $0.lower, upper: $0.upper) }
        }
        guard let next = graph[index].offset(by: 1), let previous = graph[index].offset(by: -1),
            let last = graph[binder.upper].offset(by: -1)
        else { return nil }
        axes.append(Axis(index: binder.index, lower: binder.lower, upper: binder.upper))
        let before = running(axes, factor, step: graph.affine(previous), end: binder.lower, piece, "_before")
        let after = running(axes, factor, step: graph.affine(next), end: graph.affine(last), piece, "_after")
        let indices = outer.map { graph.affine(Affine(.index($0))) } + [place]
        return graph.makeProduct([graph.makeAccess(before, indices), graph.makeAccess(after, indices)])
    }

    /// A quantity that is 1 at one end of its last axis and elsewhere its neighbour towards that end times the neighbour's factor.
    private mutating func running(
        _ axes: [Axis], _ factor: ExprID, step: AffineID, end: AffineID, _ piece: Piece, _ suffix: String
    ) -> QuantityID {
        let quantity = makeQuantity(suffix, axes, from: piece)
        let index = axes[axes.count - 1].index
        let indices = axes.dropLast().map { graph.affine(Affine(.index($0.index))) }
        let value = graph.substitute(factor, [index: graph[step]]) ?? factor
        let neighbour = graph.makeAccess(quantity, indices + [step])
        let product = graph.makeProduct([neighbour, value])
        let one = graph.makeNumber(1)
        let last = axes[axes.count - 1]
        // The end by itself, so that no loop asks for it; an empty range has none.
        if system.isLess(graph[last.lower], graph[last.upper], in: Scope(Array(axes.dropLast()))),
            let next = graph[end].offset(by: 1)
        {
            let isFirst = end == last.lower
            var point = last
            point.lower = end
            point.upper = graph.affine(next)
            point.isPoint = true
            point.index = graph.makeIndex(like: index)
            var rest = last
            if isFirst { rest.lower = point.upper } else { rest.upper = end }
            addPiece(quantity, axes.dropLast() + [point], one, from: piece)
            addPiece(quantity, axes.dropLast() + [rest], product, from: piece)
            return quantity
        }
        let here = graph.makeInteger(graph.affine(Affine(.index(index))))
        let there = graph.makeInteger(end)
        let isEnd = graph.makeComparison(.equal, here, there)
        let body = graph.makeSelect(isEnd, then: one, otherwise: product)
        addPiece(quantity, axes, body, from: piece)
        return quantity
    }

    /// The v and the e of a body `(j == v ? 1 : e)`, or of the same written the other way round; for several indices, of
    /// `(i == v && j == w ? 1 : e)`.
    private func leftOut(of binders: [Binder], _ body: ExprID) -> (places: [Affine], factor: ExprID)? {
        guard case .select(let condition, let then, let otherwise) = graph.form(of: body) else { return nil }
        var parts = [condition]
        var comparison = Comparison.equal
        var factor = otherwise
        if graph.number(then)?.isOne == true {
            if case .and(let operands) = graph.form(of: condition) { parts = operands }
        } else if graph.number(otherwise)?.isOne == true {
            if case .or(let operands) = graph.form(of: condition) { parts = operands }
            comparison = .notEqual
            factor = then
        } else {
            return nil
        }
        guard parts.count == binders.count else { return nil }
        var places: [Affine?] = Array(repeating: nil, count: binders.count)
        for part in parts {
            guard case .compare(comparison, let left, let right) = graph.form(of: part),
                let first = graph.affineValue(left), let second = graph.affineValue(right),
                let difference = first.adding(second, times: -1)
            else { return nil }
            let mentioned = binders.indices.filter { graph.depends(difference, on: binders[$0].index) }
            guard mentioned.count == 1 else { return nil }
            let index = binders[mentioned[0]].index
            let rest = difference.removing(.index(index))
            guard !graph.depends(rest, on: index), places[mentioned[0]] == nil else { return nil }
            switch difference.coefficient(of: index) {
            case 1: places[mentioned[0]] = rest.scaled(by: -1)
            case -1: places[mentioned[0]] = rest
            default: return nil
            }
        }
        let known = places.compactMap { $0 }
        return known.count == binders.count ? (known, factor) : nil
    }
}

extension ExprGraph {
    /// What stands for the search for an extreme place, whatever it is compared with: no bound, since those may mention the
    /// search's own indices.
    mutating func makeSearch(_ kind: ReductionKind, _ binders: [Binder], _ body: ExprID) -> ExprID {
        let zero = affine(Affine(0))
        return makeExtremum(kind, binders, body, targets: binders.map { _ in zero })
    }

    /// Whether an index stands in an affine expression, also inside a size's stage.
    func depends(_ affine: Affine, on index: IndexID) -> Bool {
        affine.terms.contains { term in
            switch term.atom {
            case .index(let other): other == index
            case .size: false
            case .stagedSize(_, let stage): depends(stage, on: index)
            }
        }
    }
}

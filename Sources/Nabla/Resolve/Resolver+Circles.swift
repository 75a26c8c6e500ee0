extension Resolver {
    /// Of each quantity, the computed quantities that its equations mention, each once.
    func quantityReads() -> PositionLists {
        var reads: [(list: Int32, entry: Int32)] = []
        reads.reserveCapacity(drafts.count)
        var stack: [SyntaxID] = []
        for draft in drafts where !draft.hasFailed {
            let reader = Int32(truncatingIfNeeded: draft.quantity.raw)
            if let first = draft.plainStart {
                forEachMention(from: first, to: draft.body) { quantity in
                    if definitions.isDefined(quantity) {
                        reads.append((reader, Int32(truncatingIfNeeded: quantity.raw)))
                    }
                }
                continue
            }
            stack.append(draft.body)
            while let id = stack.popLast() {
                if case .access(let quantity) = meanings[id], definitions.isDefined(quantity) {
                    let read = Int32(truncatingIfNeeded: quantity.raw)
                    if reads.last.map({ $0 != (reader, read) }) ?? true { reads.append((reader, read)) }
                }
                tree.forEachChild(of: id) { stack.append($0) }
            }
        }
        return PositionLists(count: system.quantities.count, reads)
    }

    /// Notes which equations an access may read.
    mutating func noteRead(
        _ id: SyntaxID, _ quantity: QuantityID, _ values: [AffineID], _ draft: Int, _ scope: Scope
    ) {
        guard let own = definitions[quantity] else { return }
        var found: [(piece: Int, scope: Scope)] = []
        if let parts = trees[quantity] {
            var work = [(parts.root, scope)]
            while let (node, scope) = work.popLast() {
                switch parts.nodes[node] {
                case .piece(let piece): found.append((piece, scope))
                case .branch(let axis, let shares):
                    for share in self.shares(shares, axis, parts.indices, values, scope) {
                        work.append((share.child, share.scope))
                    }
                }
            }
        } else {
            found = [(0, scope)]
        }
        for (piece, scope) in found where own.indices.contains(piece) {
            let writer = own[piece]
            guard mayRead(drafts[writer].axes, values, scope) else { continue }
            circles.reads.append(
                CircleSearch.Read(
                    reader: draft, writer: writer, directions: directions(values, draft, writer, scope),
                    aligned: alignment(values, draft, writer), place: tree.range(id)))
        }
    }

    /// Whether an access may be inside an equation's domain.
    private mutating func mayRead(_ domain: [Axis], _ values: [AffineID], _ scope: Scope) -> Bool {
        var claims: [Affine] = []
        let indices = domain.map(\.index)
        for (axis, value) in zip(domain, values) {
            guard let lower = boundInstance(axis.lower, indices, values),
                let upper = boundInstance(axis.upper, indices, values),
                let above = system.graph[value].adding(system.graph[lower], times: -1),
                let below = system.graph[upper].adding(system.graph[value], times: -1)?.offset(by: -1)
            else { continue }
            claims.append(above)
            claims.append(below)
        }
        return claims.isEmpty || system.mayHold(claims, in: scope)
    }

    /// The axes that a recurrence may run over: stages, and indices of a layer or a step in brackets.
    private mutating func recurrentAxes(_ quantity: QuantityID) -> [Int] {
        if let known = stageAxes[quantity] { return known }
        let axes = system[quantity].domains.first?.indices ?? 0..<0
        let result = axes.filter { position in
            position < system[quantity].stageCount
                || system[quantity].domains.contains { system.graph.kind(of: $0[position].index).isStage }
        }
        stageAxes[quantity] = result
        return result
    }

    private mutating func directions(
        _ values: [AffineID], _ reader: Int, _ writer: Int, _ scope: Scope
    ) -> [[CircleSearch.Direction]] {
        let readerAxes = recurrentAxes(drafts[reader].quantity)
        let writerAxes = recurrentAxes(drafts[writer].quantity)
        return readerAxes.map { own in
            let axis = drafts[reader].axes[own]
            let here = axis.isPoint ? system.graph[axis.lower] : Affine(.index(axis.index))
            return writerAxes.map { other in
                guard let ahead = system.graph[values[other]].adding(here, times: -1), let behind = ahead.scaled(by: -1)
                else { return .unknown }
                if let known = system.expandingSizes(ahead).asConstant {
                    return known < 0 ? .earlier : known > 0 ? .later : .same
                }
                func holds(_ affine: Affine?) -> Bool { affine.map { system.proves($0, in: scope) } ?? false }
                if holds(behind.offset(by: -1)) { return .earlier }
                if holds(ahead.offset(by: -1)) { return .later }
                if holds(behind) { return .notLater }
                if holds(ahead) { return .notEarlier }
                return .unknown
            }
        }
    }

    private mutating func alignment(_ values: [AffineID], _ reader: Int, _ writer: Int) -> [Int?] {
        let writerAxes = recurrentAxes(drafts[writer].quantity)
        return recurrentAxes(drafts[reader].quantity).map { own in
            let index = drafts[reader].axes[own].index
            return writerAxes.firstIndex { system.graph[values[$0]].coefficient(of: index) == 1 }
        }
    }

    /// A quantity that depends on itself, other than from stage to stage, is an error that names the circle.
    mutating func checkCircles() {
        if circles.reads.isEmpty { return }
        let quantities = drafts.map(\.quantity)
        for circle in circles.circles(quantities) {
            guard let first = circle.first else { continue }
            func name(_ draft: Int) -> String { system[drafts[draft].quantity].name }
            let isOwn = circle.count == 1
            let shown = circle.prefix(8)
            var notes: [Diagnostic.Note] = []
            if isOwn {
                if !drafts[first.reader].axes.allSatisfy(\.isPoint) {
                    notes.append(.init("a recurrence runs over a stage, upwards or downwards: 'step t in 1...T'"))
                }
            } else {
                for read in shown.dropFirst() {
                    notes.append(.init("'\(name(read.reader))' reads '\(name(read.writer))' here", range: read.place))
                }
            }
            let path = ([name(first.reader)] + shown.map { name($0.writer) }).joined(separator: " → ")
            let dots = circle.count > shown.count ? " → …" : ""
            report(
                isOwn
                    ? "'\(name(first.reader))' depends on itself"
                    : "'\(name(first.reader))' depends on itself: \(path)\(dots)",
                first.place, notes: notes)
        }
    }
}

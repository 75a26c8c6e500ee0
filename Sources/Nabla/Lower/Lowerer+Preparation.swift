extension Lowerer {
    /// From the system's equations to pieces: only needed ones, with simple bodies, with everything that is to be
    /// computed in a place of its own in an equation of its own.
    mutating func prepare() throws {
        try collectPieces()
        classifyExamples()
        try separateExampleReductions()
        try inlineGathered()
        extractReductions()
        extractInvariants()
        cutDeepNests()
    }

    // MARK: Needed equations

    private mutating func collectPieces() throws {
        var equations: [[Int]] = Array(repeating: [], count: system.quantities.count)
        for (position, equation) in system.equations.enumerated() {
            equations[Int(equation.quantity.raw)].append(position)
        }
        var isNeeded = Array(repeating: false, count: system.quantities.count)
        var isEquationNeeded = Array(repeating: false, count: system.equations.count)
        var stack = results
        var rewriter = BodyRewriter()
        var bodies: [ExprID?] = Array(repeating: nil, count: system.equations.count)
        var visited = Visited()
        while let quantity = stack.popLast() {
            guard !isNeeded[Int(quantity.raw)] else { continue }
            isNeeded[Int(quantity.raw)] = true
            for position in equations[Int(quantity.raw)] {
                isEquationNeeded[position] = true
                let equation = system.equations[position]
                let body = try rewriter.rewrite(equation.body, &program.system, at: equation.range)
                bodies[position] = body
                for id in graph.reachable(from: [body], &visited) {
                    if let read = graph.quantity(id), !isNeeded[Int(read.raw)] { stack.append(read) }
                }
            }
        }
        for (position, body) in bodies.enumerated() {
            guard let body else { continue }
            let equation = system.equations[position]
            pieces.append(
                Piece(equation: position, quantity: equation.quantity, axes: equation.axes, body: body, gather: nil))
        }
    }

    // MARK: Examples

    /// What depends on the training examples, directly or through quantities, outside a reduction over them.
    private mutating func classifyExamples() {
        var readers: [[Int]] = Array(repeating: [], count: system.quantities.count)
        var visited = Visited()
        for (position, piece) in pieces.enumerated() {
            for read in graph.accessesOutsideExamples(piece.body, &visited) {
                readers[Int(read.raw)].append(position)
            }
        }
        isPerExample = system.quantities.map { $0.role == .input || $0.role == .target }
        var stack: [Int] = isPerExample.indices.filter { isPerExample[$0] }
        while let quantity = stack.popLast() {
            for reader in readers[quantity] {
                let defined = Int(pieces[reader].quantity.raw)
                if !isPerExample[defined] {
                    isPerExample[defined] = true
                    stack.append(defined)
                }
            }
        }
    }

    private func dependsOnExamples(_ body: ExprID, _ visited: inout Visited) -> Bool {
        graph.accessesOutsideExamples(body, &visited).contains { isPerExample[Int($0.raw)] }
    }

    /// Gives every sum and mean over the examples an equation of its own.
    private mutating func separateExampleReductions() throws {
        var visited = Visited()
        var position = 0
        // The list grows: the new equations have a reduction on top, and are looked at as well.
        while position < pieces.count {
            defer { position += 1 }
            let piece = pieces[position]
            guard graph.containsReductions(piece.body) else { continue }
            let nodes = graph.reachable(from: [piece.body], &visited)
            guard nodes.contains(where: { graph.isReductionOverExamples($0) }) else { continue }
            if case .reduceExamples(let kind, let body) = graph.form(of: piece.body) {
                guard !graph.reachable(from: [body], &visited).contains(where: { graph.isReductionOverExamples($0) })
                else {
                    throw LoweringError("a sum over the examples stands inside another", at: range(of: piece))
                }
                pieces[position] = gathering(kind, body, piece, &visited)
                continue
            }
            let ranges = IndexRanges(piece, graph)
            let body = piece.body
            var map: [ExprID: ExprID] = [:]
            for id in nodes where graph.isReductionOverExamples(id) {
                if let known = extracted[id] {
                    map[id] = known
                    continue
                }
                guard isSafe(id, ranges) || !isConditional(id, below: body) else {
                    throw LoweringError(
                        "a sum over the examples stands under a condition, and it is not certain that it can be"
                            + " computed without it", at: range(of: piece))
                }
                map[id] = extract(id, id, from: piece, ranges, suffix: "_mean")
            }
            pieces[position].body = graph.replacing(map, in: body)
        }
    }

    private mutating func gathering(
        _ kind: ReductionKind, _ body: ExprID, _ piece: Piece, _ visited: inout Visited
    ) -> Piece {
        var piece = piece
        if dependsOnExamples(body, &visited) {
            piece.body = body
            piece.gather = kind
        } else if kind == .mean {
            piece.body = body
        } else {
            let count = program.read(.exampleCount)
            piece.body = graph.makeProduct([count, body])
        }
        return piece
    }

    /// Whether a node stands in a branch, so that it may not be needed.
    private func isConditional(_ target: ExprID, below root: ExprID) -> Bool {
        var seen: Set<ExprID> = []
        var stack = [root]
        while let id = stack.popLast() {
            if id == target { return false }
            guard seen.insert(id).inserted else { continue }
            graph.forEachUnconditionalChild(of: id) { stack.append($0) }
        }
        return true
    }

    // MARK: Equations of their own

    /// A new quantity whose value is `body`, for all values of the indices that stand free in `node`; gives an access to it.
    mutating func extract(
        _ node: ExprID, _ body: ExprID, from piece: Piece, _ ranges: IndexRanges, suffix: String
    ) -> ExprID {
        let indices = ranges.closure(of: freeIndices(node), &free, graph)
        let axes = indices.compactMap { index in
            ranges.range(of: index).map { Axis(index: index, lower: $0.lower, upper: $0.upper) }
        }
        let access = define(suffix, axes, body, from: piece)
        if axes.isEmpty { extracted[node] = access }
        return access
    }

    /// A new quantity with one equation; gives an access to it, in terms of its own axes.
    mutating func define(_ suffix: String, _ axes: [Axis], _ body: ExprID, from piece: Piece) -> ExprID {
        let quantity = makeQuantity(suffix, axes, from: piece)
        addPiece(quantity, axes, body, from: piece)
        let indices = axes.map { graph.affine($0.isPoint ? graph[$0.lower] : Affine(.index($0.index))) }
        return graph.makeAccess(quantity, indices)
    }

    mutating func makeQuantity(_ suffix: String, _ axes: [Axis], from piece: Piece) -> QuantityID {
        let name = freshName(system[piece.quantity].name + suffix)
        let stageCount = axes.prefix { graph.kind(of: $0.index).isStage }.count
        program.system.quantities.append(Quantity(name: name, role: .computed, stageCount: stageCount, domains: []))
        isPerExample.append(false)
        return QuantityID(system.quantities.count - 1)
    }

    mutating func addPiece(_ quantity: QuantityID, _ axes: [Axis], _ body: ExprID, from piece: Piece) {
        var equation = Equation(quantity: quantity, axes: axes, body: body)
        equation.range = range(of: piece)
        program.system[quantity].domains.append(axes)
        program.system.equations.append(equation)
        var new = Piece(
            equation: system.equations.count - 1, quantity: quantity, axes: axes, body: body, gather: nil)
        if case .reduceExamples(let kind, let inner) = graph.form(of: body) {
            var visited = Visited()
            new = gathering(kind, inner, new, &visited)
        } else {
            var visited = Visited()
            isPerExample[Int(quantity.raw)] = isPerExample[Int(quantity.raw)] || dependsOnExamples(body, &visited)
        }
        pieces.append(new)
    }

    // MARK: Sums over examples of what has no other use

    /// Puts a per-example quantity that only sums over the examples read into those sums, so that the gradient of the
    /// parameters never exists for one example by itself.
    private mutating func inlineGathered() throws {
        var visited = Visited()
        var definitions: [[Int]] = Array(repeating: [], count: system.quantities.count)
        // Of each quantity, the one quantity whose sums read it; nil where others do too.
        var reader: [QuantityID?] = Array(repeating: nil, count: system.quantities.count)
        var isExcluded = isPerExample.map { !$0 }
        for result in results { isExcluded[Int(result.raw)] = true }
        for (position, piece) in pieces.enumerated() {
            definitions[Int(piece.quantity.raw)].append(position)
            for id in graph.reachable(from: [piece.body], &visited) {
                guard let read = graph.quantity(id) else { continue }
                let position = Int(read.raw)
                if piece.gather == nil || reader[position] ?? piece.quantity != piece.quantity {
                    isExcluded[position] = true
                }
                reader[position] = piece.quantity
            }
        }
        var removed = Array(repeating: false, count: pieces.count)
        var position = 0
        while position < pieces.count {
            defer { position += 1 }
            guard !removed[position], pieces[position].gather != nil else { continue }
            // Each round puts in one quantity; the new pieces are looked at again.
            if let split = inlining(pieces[position], definitions, isExcluded, &visited) {
                removed[position] = true
                for _ in split { removed.append(false) }
                pieces.append(contentsOf: split)
            }
        }
        // What was put in everywhere is read no more.
        var isRead = Array(repeating: false, count: system.quantities.count)
        for result in results { isRead[Int(result.raw)] = true }
        for (position, piece) in pieces.enumerated() where !removed[position] {
            for id in graph.reachable(from: [piece.body], &visited) {
                if let read = graph.quantity(id) { isRead[Int(read.raw)] = true }
            }
        }
        var kept: [Piece] = []
        for (position, piece) in pieces.enumerated() where !removed[position] && isRead[Int(piece.quantity.raw)] {
            kept.append(piece)
        }
        pieces = kept
    }

    /// The sum split into one for each definition of a quantity that it alone reads; nil where there is none.
    private mutating func inlining(
        _ piece: Piece, _ definitions: [[Int]], _ isExcluded: [Bool], _ visited: inout Visited
    ) -> [Piece]? {
        let own = piece.axes.map { $0.isPoint ? $0.lower : graph.affine(Affine(.index($0.index))) }
        for id in graph.reachable(from: [piece.body], &visited) {
            // A scalar costs nothing to keep, and reads better by itself.
            guard case .access(let quantity, let indices) = graph.form(of: id), !indices.isEmpty,
                !isExcluded[Int(quantity.raw)], indices == own, !definitions[Int(quantity.raw)].isEmpty
            else { continue }
            // Other accesses to it, at other places, would stay.
            let all = graph.reachable(from: [piece.body], &visited).filter {
                graph.quantity($0) == quantity
            }
            guard all == [id] else { continue }
            var split: [Piece] = []
            var isPossible = true
            for position in definitions[Int(quantity.raw)] {
                let definition = pieces[position]
                guard definition.gather == nil else {
                    isPossible = false
                    break
                }
                if areDisjoint(piece.axes, definition.axes) { continue }
                guard let (axes, points) = intersection(piece.axes, definition.axes),
                    let body = graph.substitute(definition.body, renaming(definition.axes, to: piece.axes)),
                    let new = graph.substitute(graph.replacing([id: body], in: piece.body), points)
                else {
                    isPossible = false
                    break
                }
                split.append(
                    Piece(
                        equation: piece.equation, quantity: piece.quantity, axes: axes, body: new,
                        gather: piece.gather))
            }
            if isPossible, !split.isEmpty { return split }
        }
        return nil
    }

    private func renaming(_ axes: [Axis], to others: [Axis]) -> [IndexID: Affine] {
        var map: [IndexID: Affine] = [:]
        for (axis, other) in zip(axes, others) where axis.index != other.index {
            map[axis.index] = other.isPoint ? graph[other.lower] : Affine(.index(other.index))
        }
        return map
    }

    private func areDisjoint(_ left: [Axis], _ right: [Axis]) -> Bool {
        for (one, two) in zip(left, right) {
            if system.isLessOrEqual(graph[one.upper], graph[two.lower]) { return true }
            if system.isLessOrEqual(graph[two.upper], graph[one.lower]) { return true }
        }
        return false
    }

    /// What two boxes have in common, in terms of the first one's indices, and the values of those that have only one there;
    /// nil where that cannot be told.
    private mutating func intersection(_ left: [Axis], _ right: [Axis]) -> ([Axis], [IndexID: Affine])? {
        guard left.count == right.count else { return nil }
        let map = renaming(right, to: left)
        var points: [IndexID: Affine] = [:]
        var scope = Scope()
        var result: [Axis] = []
        for (one, two) in zip(left, right) {
            var axis = one
            guard let lower = graph.substitute(two.lower, map).flatMap({ graph.substitute($0, points) }),
                let upper = graph.substitute(two.upper, map).flatMap({ graph.substitute($0, points) }),
                let ownLower = graph.substitute(one.lower, points), let ownUpper = graph.substitute(one.upper, points)
            else { return nil }
            if system.isLessOrEqual(graph[ownLower], graph[lower], in: scope) {
                axis.lower = lower
            } else if system.isLessOrEqual(graph[lower], graph[ownLower], in: scope) {
                axis.lower = ownLower
            } else {
                return nil
            }
            if system.isLessOrEqual(graph[upper], graph[ownUpper], in: scope) {
                axis.upper = upper
            } else if system.isLessOrEqual(graph[ownUpper], graph[upper], in: scope) {
                axis.upper = ownUpper
            } else {
                return nil
            }
            if two.isPoint, !one.isPoint {
                axis.isPoint = true
                points[one.index] = graph[lower]
            }
            scope.enter(axis.index, lower: axis.lower, upper: axis.upper)
            result.append(axis)
        }
        return (result, points)
    }
}

extension ExprGraph {
    func isReductionOverExamples(_ id: ExprID) -> Bool {
        let node = node(id)
        return node.kind == .reduce && node.tag & Node.overExamples != 0
    }

    /// The quantities that an expression reads, outside of reductions over the examples.
    func accessesOutsideExamples(_ root: ExprID, _ visited: inout Visited) -> [QuantityID] {
        visited.begin(count)
        var found: [QuantityID] = []
        var stack: [ExprID] = []
        if visited.insert(root) { stack.append(root) }
        while let id = stack.popLast() {
            if let quantity = quantity(id) { found.append(quantity) }
            if isReductionOverExamples(id) { continue }
            forEachChild(of: id) { if visited.insert($0) { stack.append($0) } }
        }
        return found
    }

    /// The expression with some nodes replaced.
    mutating func replacing(_ map: [ExprID: ExprID], in root: ExprID) -> ExprID {
        if map.isEmpty { return root }
        return rewrite(
            root, replace: { _, id in map[id] },
            transform: { graph, id, children in graph.rebuilding(id, children) })
    }

    /// Calls `body` with the children that are evaluated whenever the node is: not the branches of a condition, and not what
    /// stands after the first operand of `and` and `or`. The body of a reduction counts as one of them.
    func forEachUnconditionalChild(of id: ExprID, _ body: (ExprID) -> Void) {
        switch node(id).kind {
        case .select: body(ExprID(node(id).a))
        case .and, .or:
            var isFirst = true
            forEachChild(of: id) { child in
                if isFirst { body(child) }
                isFirst = false
            }
        default: forEachChild(of: id, body)
        }
    }
}

/// Loops around straight-line code that computes one element of one quantity: the form in which nests are analysed.
struct LoopNest {
    /// A reduction inside: `result` is what ``LoopStatement/finish(_:)`` defines.
    struct Reduction {
        var accumulator: AccumulatorID
        /// How many of the nest's loops are around it.
        var depth: Int
        var dimensions: [Dimension]
        /// What is gathered; locals are written out.
        var value: ExprID
    }

    /// The outermost first.
    var dimensions: [Dimension]
    var reductions: [Reduction]
    var quantity: QuantityID
    var indices: [AffineID]
    /// What is stored, or added; locals are written out, but for the results of the reductions.
    var value: ExprID
    var isSum: Bool
}

extension LoopProgram {
    /// The nest that a statement is; nil where it is none.
    mutating func nest(_ statement: LoopStatement) -> LoopNest? {
        var dimensions: [Dimension] = []
        var definitions: [LocalID: ExprID] = [:]
        var reductions: [LoopNest.Reduction] = []
        var open: Set<AccumulatorID> = []
        var statements: [LoopStatement]
        switch statement {
        case .examples(let block):
            dimensions.append(.examples)
            statements = self[block].statements
        case .loop: statements = [statement]
        default: return nil
        }
        // Each round is one level of loops.
        while true {
            var inner: [LoopStatement]?
            var found: LoopNest?
            for statement in statements {
                // What follows an inner loop or a store belongs to another nest.
                guard inner == nil, found == nil else { return nil }
                switch statement {
                case .comment, .declare:
                    if case .declare = statement { return nil }
                case .define(let local, let value): definitions[local] = writtenOut(value, definitions)
                case .begin(let id):
                    guard case .value = self[id].kind else { return nil }
                    open.insert(id)
                case .finish(let id): guard open.remove(id) != nil else { return nil }
                case .loop(let loop):
                    guard let dimension = dimension(loop) else { return nil }
                    switch loop.purpose {
                    case .elements:
                        guard open.isEmpty else { return nil }
                        dimensions.append(dimension)
                        inner = self[loop.body].statements
                    case .reduction:
                        guard let reduction = reduction(loop, dimension, definitions, dimensions.count),
                            open.contains(reduction.accumulator)
                        else { return nil }
                        reductions.append(reduction)
                    case .recurrence: return nil
                    }
                case .store(let quantity, let indices, let value):
                    found = LoopNest(
                        dimensions: dimensions, reductions: reductions, quantity: quantity, indices: indices,
                        value: writtenOut(value, definitions), isSum: false)
                case .add(let quantity, let indices, let value):
                    found = LoopNest(
                        dimensions: dimensions, reductions: reductions, quantity: quantity, indices: indices,
                        value: writtenOut(value, definitions), isSum: true)
                default: return nil
                }
            }
            if let found { return open.isEmpty ? found : nil }
            guard let next = inner else { return nil }
            statements = next
        }
    }

    private func dimension(_ loop: Loop) -> Dimension? {
        guard !loop.isReversed, loop.solution == nil, let lower = loop.lower.asAffine, let upper = loop.upper.asAffine
        else { return nil }
        return .index(loop.index, lower: lower, upper: upper)
    }

    /// Loops that do nothing but feed one accumulator, which begins elsewhere.
    mutating func reduction(_ loop: Loop) -> LoopNest.Reduction? {
        guard loop.purpose == .reduction, let dimension = dimension(loop) else { return nil }
        return reduction(loop, dimension, [:], 0)
    }

    /// Loops that do nothing but feed one accumulator.
    private mutating func reduction(
        _ loop: Loop, _ first: Dimension, _ outer: [LocalID: ExprID], _ depth: Int
    ) -> LoopNest.Reduction? {
        var definitions = outer
        var dimensions = [first]
        var statements = self[loop.body].statements
        while true {
            var inner: [LoopStatement]?
            var found: LoopNest.Reduction?
            for statement in statements {
                guard inner == nil, found == nil else { return nil }
                switch statement {
                case .define(let local, let value): definitions[local] = writtenOut(value, definitions)
                case .loop(let loop):
                    guard loop.purpose == .reduction, let dimension = dimension(loop) else { return nil }
                    dimensions.append(dimension)
                    inner = self[loop.body].statements
                case .accumulate(let id, let value):
                    found = LoopNest.Reduction(
                        accumulator: id, depth: depth, dimensions: dimensions, value: writtenOut(value, definitions))
                default: return nil
                }
            }
            if let found { return found }
            guard let next = inner else { return nil }
            statements = next
        }
    }

    /// An expression with locals replaced by their definitions.
    mutating func writtenOut(_ root: ExprID, _ definitions: [LocalID: ExprID]) -> ExprID {
        if definitions.isEmpty { return root }
        return system.graph.rewrite(root) { graph, id, children in
            if case .argument(let position) = graph.form(of: id) { return definitions[LocalID(position)] ?? id }
            return graph.rebuilding(id, children)
        }
    }

    /// Whether an expression's value differs from one round of a dimension to the next.
    func depends(_ root: ExprID, on dimension: Dimension) -> Bool {
        switch dimension {
        case .index(let index, _, _): system.graph.depends(root, on: index)
        case .examples:
            system.graph.reachable(from: root).contains { id in
                system.graph.quantity(id).flatMap { buffer(of: $0) }.map { $0.examples != .shared } ?? false
            }
        }
    }

    /// Whether neighbours in a dimension are neighbours in memory.
    func isSideBySide(_ quantity: QuantityID, _ indices: [AffineID], _ dimension: Dimension) -> Bool {
        guard let index = dimension.index else {
            return indices.isEmpty && buffer(of: quantity)?.examples != .shared
        }
        guard system[quantity].stageCount < indices.count, let last = indices.last,
            system.graph[last].coefficient(of: index) == 1
        else { return false }
        return !indices.dropLast().contains { system.graph.depends(system.graph[$0], on: index) }
    }

    /// Whether the elements of a nest lie side by side along both dimensions together: the inner one fills the last axis.
    func isSideBySide(_ nest: LoopNest, _ outer: Dimension, _ inner: Dimension) -> Bool {
        guard case .index(let index, let first, let last) = inner, case .index(let other, let lower, let upper) = outer,
            system[nest.quantity].domains.count == 1, let axes = system[nest.quantity].domains.first,
            axes.count == nest.indices.count, let axis = axes.last, !axis.isPoint,
            axes.count >= system[nest.quantity].stageCount + 2
        else { return false }
        let place = system.graph[nest.indices[axes.count - 2]]
        let others = nest.indices.dropLast(2).map { system.graph[$0] } + [system.graph[nest.indices[axes.count - 1]]]
        let bounds = [axis.lower, axis.upper, first, last, lower, upper].map { system.graph[$0] }
        // Bounds that mention an axis of their own quantity differ from row to row.
        return place.coefficient(of: other) == 1 && !system.graph.depends(place, on: index)
            && !others.contains { system.graph.depends($0, on: other) }
            && system.graph[first].asConstant == 0 && system.graph[axis.lower].asConstant == 0 && axis.upper == last
            && !bounds.contains { bound in
                system.graph.depends(bound, on: other) || system.graph.depends(bound, on: index)
                    || axes.contains { system.graph.depends(bound, on: $0.index) }
            }
    }

    /// How many rounds a dimension has, where that is known.
    func count(of dimension: Dimension) -> Int? {
        guard case .index(_, let lower, let upper) = dimension else { return nil }
        return system.knownDistance(from: lower, to: upper)
    }

    /// Whether the range of a dimension depends on another one.
    func isRangeDependent(_ dimension: Dimension, on other: Dimension) -> Bool {
        guard case .index(_, let lower, let upper) = dimension, let index = other.index else { return false }
        return system.graph.depends(system.graph[lower], on: index)
            || system.graph.depends(system.graph[upper], on: index)
    }

    /// Statements inside of a loop over lanes.
    mutating func lanes(
        _ dimension: Dimension, _ statements: [LoopStatement], _ purpose: Loop.Purpose = .elements
    ) -> LoopStatement {
        let body = makeBlock()
        self[body].statements = statements
        return .lanes(Lanes(dimension: dimension, purpose: purpose, body: body))
    }

    /// Statements inside of loops, the first dimension outermost; the examples always are.
    mutating func loops(
        _ dimensions: [Dimension], _ statements: [LoopStatement], _ purpose: Loop.Purpose = .elements
    ) -> [LoopStatement] {
        var result = statements
        for dimension in dimensions.reversed() {
            guard case .index(let index, let lower, let upper) = dimension else { continue }
            let body = makeBlock()
            self[body].statements = result
            result = [
                .loop(
                    Loop(
                        index: index, lower: LoopBound(lower), upper: LoopBound(upper, choice: .smallest),
                        isReversed: false, purpose: purpose, body: body))
            ]
        }
        if dimensions.contains(.examples) {
            let body = makeBlock()
            self[body].statements = result
            result = [.examples(body)]
        }
        return result
    }
}

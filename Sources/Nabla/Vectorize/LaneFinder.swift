extension LoopProgram {
    /// The program with loops whose rounds can run side by side as ``Lanes``: over elements that lie side by side in memory where
    /// a nest has such, else over what a reduction gathers.
    func findingLanes() -> LoopProgram {
        var finder = LaneFinder(program: self)
        finder.run()
        return finder.program
    }
}

/// Chooses, for each nest, the dimension that the lanes of a vector run over.
struct LaneFinder {
    var program: LoopProgram
    /// So many elements of each example that sums over the examples are added in memory (``isFarApart(_:)``).
    private static let farApart = 512...2048

    init(program: LoopProgram) { self.program = program }

    private var graph: ExprGraph { program.system.graph }

    mutating func run() {
        var pending: [(block: BlockID, around: [Dimension])] = [(program.root, [])]
        while let (block, around) = pending.popLast() {
            var result: [LoopStatement] = []
            for statement in program[block].statements {
                if let found = replacement(for: statement, around) {
                    result.append(contentsOf: found)
                    continue
                }
                result.append(statement)
                var inside = around
                switch statement {
                case .contraction, .lanes: continue
                case .loop(let loop):
                    if let dimension = loop.dimension { inside.append(dimension) }
                default: break
                }
                for inner in statement.blocks { pending.append((inner, inside)) }
            }
            program[block].statements = result
        }
    }

    private mutating func replacement(for statement: LoopStatement, _ around: [Dimension]) -> [LoopStatement]? {
        guard var nest = program.nest(statement) else { return innerReduction(statement, around) }
        if nest.isSum, nest.reductions.isEmpty, graph.number(nest.value)?.isZero == true { return [] }
        if nest.isSum { gatherExamples(&nest) }
        guard isVectorizable(nest, around) else { return nil }
        let dimension = elementLanes(nest)
        let inner = dimension.map { innermost(nest, $0) } ?? []
        if dimension == nil, !nest.reductions.contains(where: { isReducible($0) }) { return nil }
        return statements(nest, inner: inner, dimension)
    }

    /// The reductions inside the loop over a dimension.
    private func innermost(_ nest: LoopNest, _ dimension: Dimension) -> [LoopNest.Reduction] {
        let position = nest.dimensions.firstIndex(of: dimension) ?? 0
        return nest.reductions.filter { $0.depth > position }
    }

    /// A sum over the examples as a reduction of its own, so that it stays in registers.
    private mutating func gatherExamples(_ nest: inout LoopNest) {
        guard nest.dimensions.contains(.examples), nest.reductions.isEmpty, !isFarApart(nest),
            !nest.dimensions.contains(where: { program.isRangeDependent($0, on: .examples) })
        else { return }
        let result = program.makeLocal("sum", .real)
        let sum = program.makeAccumulator(
            Accumulator(kind: .value(.sum), indices: [], result: result, isNeverEmpty: true, equation: 0))
        nest.dimensions.removeAll { $0 == .examples }
        nest.reductions = [
            LoopNest.Reduction(
                accumulator: sum, depth: nest.dimensions.count, dimensions: [.examples], value: nest.value)
        ]
        nest.value = program.read(result)
    }

    /// Whether an example has so many elements that those of a block's examples for one lane lie in more pages than the processor keeps
    /// addresses of, and so few that all sums stay in the first cache: then each example's are added in memory.
    private func isFarApart(_ nest: LoopNest) -> Bool {
        var elements = 1
        for dimension in nest.dimensions where dimension != .examples {
            guard let count = program.count(of: dimension), count > 0, count <= Self.farApart.upperBound else {
                return false
            }
            elements *= count
            if elements > Self.farApart.upperBound { return false }
        }
        return elements >= Self.farApart.lowerBound
    }

    /// Whether a dimension is known to have so few rounds that no vector gets full.
    private func isShort(_ dimension: Dimension) -> Bool {
        program.count(of: dimension).map { $0 < 4 } ?? false
    }

    // MARK: What vectors can do

    private func isVectorizable(_ nest: LoopNest, _ around: [Dimension]) -> Bool {
        isVectorizable(nest.value, scope(around + nest.dimensions))
            && areVectorizable(nest.reductions, around + nest.dimensions)
    }

    private func scope(_ dimensions: [Dimension]) -> Scope {
        var scope = Scope()
        for case .index(let index, let lower, let upper) in dimensions {
            scope.enter(index, lower: lower, upper: upper)
        }
        return scope
    }

    private func areVectorizable(_ reductions: [LoopNest.Reduction], _ around: [Dimension]) -> Bool {
        reductions.allSatisfy { reduction in
            guard case .value(let kind) = program[reduction.accumulator].kind, kind != .mean,
                !program[reduction.accumulator].mayFail
            else { return false }
            var inner = scope(around)
            for case .index(let index, let lower, let upper) in reduction.dimensions {
                inner.enter(index, lower: lower, upper: upper)
            }
            return isVectorizable(reduction.value, inner)
        }
    }

    /// Whether an expression may be computed in all lanes: of a choice, vectors compute both sides.
    private func isVectorizable(_ root: ExprID, _ scope: Scope) -> Bool {
        let nodes = graph.reachable(from: root)
        guard nodes.count <= 400 else { return false }
        var isChoice = false
        for id in nodes {
            switch graph.form(of: id) {
            case .call(.standard, _): break
            case .select, .and, .or: isChoice = true
            case .argument(let position):
                // Scalars that were computed before; those of the nest itself are checked there.
                if program[LocalID(position)].kind == .condition { return false }
            case .number, .pi, .integer, .access, .add, .multiply, .negate, .divide, .power, .compare, .not, .boolean:
                break
            default: return false
            }
        }
        return !isChoice || nodes.allSatisfy { isAlwaysInside($0, scope) }
    }

    /// Whether an access can be read wherever its indices run, whatever choice guards it.
    private func isAlwaysInside(_ id: ExprID, _ scope: Scope) -> Bool {
        guard case .access(let quantity, let indices) = graph.form(of: id) else { return true }
        guard program.system[quantity].domains.count == 1, let axes = program.system[quantity].domains.first,
            axes.count == indices.count
        else { return indices.isEmpty }
        var system = program.system
        var map: [IndexID: Affine] = [:]
        for (axis, index) in zip(axes, indices) {
            guard let lower = system.graph.substitute(axis.lower, map),
                let upper = system.graph.substitute(axis.upper, map)
            else { return false }
            let value = system.graph[index]
            guard system.isLessOrEqual(system.graph[lower], value, in: scope),
                system.isLess(value, system.graph[upper], in: scope)
            else { return false }
            map[axis.index] = value
        }
        return true
    }

    // MARK: Elements side by side

    private func elementLanes(_ nest: LoopNest) -> Dimension? {
        guard let chosen = nest.dimensions.first(where: { program.isSideBySide(nest.quantity, nest.indices, $0) })
        else {
            return nil
        }
        let inner = innermost(nest, chosen)
        guard !inner.contains(where: { program[$0.accumulator].kind == .value(.logSumExp) }),
            !(nest.dimensions + inner.flatMap(\.dimensions)).contains(where: {
                program.isRangeDependent($0, on: chosen)
            })
        else { return nil }
        let values = [nest.value] + inner.map(\.value)
        return values.allSatisfy { isSideBySide($0, chosen) } ? chosen : nil
    }

    /// Whether all that an expression reads is the same for all lanes, or lies side by side.
    private func isSideBySide(_ root: ExprID, _ dimension: Dimension) -> Bool {
        graph.reachable(from: root).allSatisfy { id in
            guard case .access(let quantity, let indices) = graph.form(of: id) else { return true }
            return !program.depends(id, on: dimension) || program.isSideBySide(quantity, indices, dimension)
        }
    }

    // MARK: Reductions

    /// Whether what a reduction gathers lies side by side along its last dimension.
    private func isReducible(_ reduction: LoopNest.Reduction) -> Bool {
        guard let last = reduction.dimensions.last,
            program[reduction.accumulator].kind != .value(.logSumExp) || reduction.dimensions.count == 1
        else { return false }
        return isSideBySide(reduction.value, last)
    }

    /// A reduction inside of loops that are no nest, in the lanes of its last dimension.
    private mutating func innerReduction(_ statement: LoopStatement, _ around: [Dimension]) -> [LoopStatement]? {
        guard case .loop(let loop) = statement, let reduction = program.reduction(loop),
            let last = reduction.dimensions.last, !isShort(last), isReducible(reduction),
            areVectorizable([reduction], around),
            // A log-sum-exp needs its largest exponent before all else: not that of one row of several.
            program[reduction.accumulator].kind != .value(.logSumExp)
                || program[reduction.accumulator].indices.count == reduction.dimensions.count
        else { return nil }
        return loops(reduction)
    }

    /// The loops of a nest, its innermost part in lanes of a dimension where there is one; what is reduced further out is reduced there.
    private mutating func statements(
        _ nest: LoopNest, inner: [LoopNest.Reduction], _ lanes: Dimension?
    ) -> [LoopStatement] {
        let isInner = Set(inner.map(\.accumulator))
        var result: [LoopStatement] = []
        for reduction in inner {
            result.append(.begin(reduction.accumulator))
            result += program.loops(
                reduction.dimensions, [.accumulate(reduction.accumulator, reduction.value)], .reduction)
            result.append(.finish(reduction.accumulator))
        }
        result.append(
            nest.isSum
                ? .add(nest.quantity, nest.indices, nest.value) : .store(nest.quantity, nest.indices, nest.value))
        if let lanes { result = [program.lanes(lanes, result)] }
        let outer = nest.reductions.filter { !isInner.contains($0.accumulator) }
        for depth in (0...nest.dimensions.count).reversed() {
            var before: [LoopStatement] = []
            for reduction in outer where reduction.depth == depth { before += reduced(reduction) }
            result = before + result
            if depth > 0, nest.dimensions[depth - 1] != lanes {
                result = program.loops([nest.dimensions[depth - 1]], result)
            }
        }
        return result
    }

    /// A reduction in the lanes of its last dimension, or as a plain loop.
    private mutating func reduced(_ reduction: LoopNest.Reduction) -> [LoopStatement] {
        [.begin(reduction.accumulator)] + loops(reduction) + [.finish(reduction.accumulator)]
    }

    private mutating func loops(_ reduction: LoopNest.Reduction) -> [LoopStatement] {
        let feed = LoopStatement.accumulate(reduction.accumulator, reduction.value)
        guard isReducible(reduction), let last = reduction.dimensions.last else {
            return program.loops(reduction.dimensions, [feed], .reduction)
        }
        let lanes = program.lanes(last, [feed], .reduction)
        return program.loops(Array(reduction.dimensions.dropLast()), [lanes], .reduction)
    }
}

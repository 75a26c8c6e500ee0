extension TangentBuilder {
    /// One mention in an equation, with the stages at which its tangent is not 0.
    private struct Use {
        var leaf: ExprID
        var context: Int?
        var derivative: ExprID
        var bounds: [(lower: [Affine], upper: [Affine])]
    }

    /// The tangent's equations on one equation's part of the quantity.
    mutating func equations(_ position: Int, _ family: inout Family) -> [(axes: [Axis], body: ExprID)] {
        let equation = simplifier.system.equations[position]
        let stageCount = simplifier.system[equation.quantity].stageCount
        let leaves = variedLeaves(equation.body, family)
        let sweep = LocalDerivative(of: equation.body, leaves: leaves, &simplifier.system.graph)
        var uses: [Use] = []
        for mention in sweep.mentions {
            let bounds = stageBounds(mention.leaf, equation, &family)
            uses.append(
                Use(leaf: mention.leaf, context: mention.context, derivative: mention.derivative, bounds: bounds))
        }
        let ranges = equation.axes.prefix(stageCount).map {
            (lower: simplifier.system.graph[$0.lower], upper: simplifier.system.graph[$0.upper])
        }
        // The seed is everywhere.
        let everywhere: [(lower: [Affine], upper: [Affine])] = Array(repeating: ([], []), count: stageCount)
        let split = BoxCells(ranges: Array(ranges), bounds: uses.map(\.bounds) + [everywhere], simplifier)
        for left in split.leftOver where left.contribution < uses.count {
            readEverywhere(uses[left.contribution].leaf, &family)
        }
        var result: [(axes: [Axis], body: ExprID)] = []
        for cell in split.cells(simplifier) {
            for piece in directions(family) {
                let own = cellAxes(equation.axes, cell)
                let (further, element) = directionAxes(piece, beside: own.axes, family)
                var buckets: [Int: [ExprID]] = [:]
                var terms: [ExprID] = []
                for number in cell.contributions where number < uses.count {
                    let use = uses[number]
                    let tangent = tangent(of: use.leaf, element, family)
                    let isOne = simplifier.system.graph.number(use.derivative)?.isOne == true
                    let term = isOne ? tangent : simplifier.system.graph.makeProduct([use.derivative, tangent])
                    if let context = use.context {
                        buckets[context, default: []].append(term)
                    } else {
                        terms.append(term)
                    }
                }
                for context in sweep.contexts.indices.reversed() {
                    guard let inside = buckets[context] else { continue }
                    let (parent, frame) = sweep.contexts[context]
                    let wrapped = wrap(sum(inside), frame, family)
                    if let parent { buckets[parent, default: []].append(wrapped) } else { terms.append(wrapped) }
                }
                if isSeed(equation.quantity, family) {
                    let indices = equation.axes.map { axis in
                        axis.isPoint ? axis.lower : simplifier.system.graph.affine(Affine(.index(axis.index)))
                    }
                    terms.append(seed(equation.quantity, indices, element, family))
                }
                let raw = sum(terms)
                let renamed = simplifier.system.graph.substitute(raw, own.map) ?? raw
                let body = simplifier.simplify(renamed)
                result.append((merged(own.axes, further, stageCount, family), body))
            }
        }
        return result
    }

    private mutating func sum(_ terms: [ExprID]) -> ExprID {
        if terms.isEmpty { return simplifier.system.graph.makeNumber(0) }
        return terms.count == 1 ? terms[0] : simplifier.system.graph.makeSum(terms)
    }

    // MARK: Mentions

    /// The mentions of what is varied, and of what is computed from it.
    private func variedLeaves(_ body: ExprID, _ family: Family) -> ExprSet {
        var leaves = ExprSet()
        for id in simplifier.system.graph.reachable(from: body) where simplifier.system.graph.node(id).kind == .access {
            let quantity = QuantityID(Int(simplifier.system.graph.node(id).a))
            if isSeed(quantity, family) {
                leaves.insert(id)
                continue
            }
            guard family.tangents[quantity] != nil else { continue }
            if let constant = family.constants[quantity], simplifier.system.graph.number(constant)?.isZero == true {
                continue
            }
            let reaches = family.dependencies.definitions[Int(quantity.raw)].contains { position in
                family.dependencies.isActive[position] && family.dependencies.mayRead(id, position, simplifier)
            }
            if reaches { leaves.insert(id) }
        }
        return leaves
    }

    /// For which stages of an equation a mention's tangent is not 0, as far as bounds can say it; zeros that may be read are noted.
    private mutating func stageBounds(
        _ leaf: ExprID, _ equation: Equation, _ family: inout Family
    ) -> [(lower: [Affine], upper: [Affine])] {
        let stageCount = simplifier.system[equation.quantity].stageCount
        var bounds: [(lower: [Affine], upper: [Affine])] = Array(repeating: ([], []), count: stageCount)
        guard case .access(let quantity, let indices) = simplifier.system.graph.form(of: leaf),
            !isSeed(quantity, family), family.tangents[quantity] != nil, family.constants[quantity] == nil
        else { return bounds }
        let definitions = family.dependencies.definitions[Int(quantity.raw)]
        let active = definitions.filter { family.dependencies.isActive[$0] }
        for zero in definitions
        where !family.dependencies.isActive[zero] && family.dependencies.mayRead(leaf, zero, simplifier) {
            if !exclude(zero, active, quantity, indices, equation, &bounds), let place = family.tangents[quantity] {
                tangents[place].readZeros.insert(zero)
            }
        }
        return bounds
    }

    /// Bounds a mention's stages so that an equation is not read; false where that takes more than a bound.
    private func exclude(
        _ zero: Int, _ active: [Int], _ quantity: QuantityID, _ indices: [AffineID], _ equation: Equation,
        _ bounds: inout [(lower: [Affine], upper: [Affine])]
    ) -> Bool {
        let graph = simplifier.system.graph
        for place in 0..<simplifier.system[quantity].stageCount {
            let box = simplifier.system.equations[zero].axes[place]
            let component = graph[indices[place]]
            guard
                let own = equation.axes.prefix(bounds.count).firstIndex(where: {
                    !$0.isPoint && component.coefficient(of: $0.index) == 1
                })
            else { continue }
            let shift = component.removing(.index(equation.axes[own].index))
            guard isFixed(shift), isFixed(graph[box.lower]), isFixed(graph[box.upper]) else { continue }
            let others = active.map { simplifier.system.equations[$0].axes[place] }
            if others.allSatisfy({ simplifier.isLessOrEqual(graph[box.upper], graph[$0.lower]) }),
                let bound = graph[box.upper].adding(shift, times: -1)
            {
                bounds[own].lower.append(bound)
                return true
            }
            if others.allSatisfy({ simplifier.isLessOrEqual(graph[$0.upper], graph[box.lower]) }),
                let bound = graph[box.lower].adding(shift, times: -1)
            {
                bounds[own].upper.append(bound)
                return true
            }
        }
        return false
    }

    /// Whether an expression mentions no index.
    private func isFixed(_ affine: Affine) -> Bool {
        affine.terms.allSatisfy { term in
            switch term.atom {
            case .index: false
            case .size: true
            case .stagedSize(_, let stage): simplifier.system.graph.mask(of: stage) == 0
            }
        }
    }

    /// All zeros of a quantity's tangent are to be there.
    private mutating func readEverywhere(_ leaf: ExprID, _ family: inout Family) {
        let quantity = QuantityID(Int(simplifier.system.graph.node(leaf).a))
        guard let place = family.tangents[quantity] else { return }
        for position in family.dependencies.definitions[Int(quantity.raw)]
        where !family.dependencies.isActive[position] {
            tangents[place].readZeros.insert(position)
        }
    }

    /// The tangent of one element.
    private mutating func tangent(of leaf: ExprID, _ element: [AffineID], _ family: Family) -> ExprID {
        guard case .access(let quantity, let indices) = simplifier.system.graph.form(of: leaf) else { return leaf }
        guard let place = family.tangents[quantity] else { return seed(quantity, indices, element, family) }
        if let constant = family.constants[quantity] { return constant }
        let stageCount = simplifier.system[quantity].stageCount
        let elementStages = directionStageCount(family)
        let all =
            Array(indices.prefix(stageCount)) + Array(element.prefix(elementStages))
            + Array(indices.dropFirst(stageCount)) + Array(element.dropFirst(elementStages))
        if let (axes, body) = family.written[quantity] {
            var map: [IndexID: Affine] = [:]
            for (axis, index) in zip(axes, all) { map[axis.index] = simplifier.system.graph[index] }
            return simplifier.system.graph.substitute(body, map) ?? body
        }
        return simplifier.system.graph.makeAccess(tangents[place].placeholder, all)
    }

    /// The tangent of what is varied: 1 for the element itself and 0 for others, or the direction's element.
    private mutating func seed(
        _ quantity: QuantityID, _ indices: [AffineID], _ element: [AffineID], _ family: Family
    ) -> ExprID {
        if case .vector(let components) = family.direction, let component = components[quantity] {
            return simplifier.system.graph.makeAccess(component, indices)
        }
        let one = simplifier.system.graph.makeNumber(1)
        var conditions: [ExprID] = []
        for (index, other) in zip(indices, element) {
            let left = simplifier.system.graph.makeInteger(index)
            let right = simplifier.system.graph.makeInteger(other)
            conditions.append(simplifier.system.graph.makeComparison(.equal, left, right))
        }
        if conditions.isEmpty { return one }
        let condition = conditions.count == 1 ? conditions[0] : simplifier.system.graph.makeAnd(conditions)
        let zero = simplifier.system.graph.makeNumber(0)
        return simplifier.system.graph.makeSelect(condition, then: one, otherwise: zero)
    }

    private mutating func wrap(_ inner: ExprID, _ frame: LocalDerivative.Frame, _ family: Family) -> ExprID {
        switch frame {
        case .binders(let binders): return simplifier.system.graph.makeReduction(.sum, binders, inner)
        case .condition(let condition, let holds):
            let zero = simplifier.system.graph.makeNumber(0)
            return holds
                ? simplifier.system.graph.makeSelect(condition, then: inner, otherwise: zero)
                : simplifier.system.graph.makeSelect(condition, then: zero, otherwise: inner)
        case .examples(let kind):
            guard case .element(let seed) = family.direction, simplifier.system[seed].dependsOnExamples else {
                return simplifier.system.graph.makeReductionOverExamples(kind, inner)
            }
            // One example's element is varied: only that example's term changes.
            guard kind == .mean else { return inner }
            let one = simplifier.system.graph.makeNumber(1)
            let count = simplifier.system.graph.makeReductionOverExamples(.sum, one)
            return simplifier.system.graph.makeQuotient(inner, count)
        }
    }

    // MARK: Axes

    /// The boxes of what is varied; one without axes for a vector.
    func directions(_ family: Family) -> [[Axis]] {
        switch family.direction {
        case .element(let seed): simplifier.system[seed].domains
        case .vector: [[]]
        }
    }

    func directionStageCount(_ family: Family) -> Int {
        if case .element(let seed) = family.direction { return simplifier.system[seed].stageCount }
        return 0
    }

    /// The stages of both, then the elements of both.
    func merged(_ own: [Axis], _ further: [Axis], _ stageCount: Int, _ family: Family) -> [Axis] {
        let count = directionStageCount(family)
        return Array(own.prefix(stageCount)) + Array(further.prefix(count)) + Array(own.dropFirst(stageCount))
            + Array(further.dropFirst(count))
    }

    /// An equation's own axes with fresh indices, its stages cut to a cell.
    private mutating func cellAxes(_ axes: [Axis], _ cell: BoxCells.Cell) -> (axes: [Axis], map: [IndexID: Affine]) {
        var result: [Axis] = []
        var map: [IndexID: Affine] = [:]
        for (position, axis) in axes.enumerated() {
            var copy = axis
            if position < cell.ranges.count {
                let (lower, upper) = cell.ranges[position]
                copy.lower = simplifier.system.graph.affine(lower)
                copy.upper = simplifier.system.graph.affine(upper)
                let isCut = (copy.lower, copy.upper) != (axis.lower, axis.upper)
                copy.isWritten = isCut || axis.isWritten
                if isCut, upper.adding(lower, times: -1)?.asConstant == 1 { copy.isPoint = true }
            }
            copy.lower = simplifier.system.graph.substitute(copy.lower, map) ?? copy.lower
            copy.upper = simplifier.system.graph.substitute(copy.upper, map) ?? copy.upper
            copy.index = simplifier.system.graph.makeIndex(like: axis.index)
            map[axis.index] = copy.isPoint ? simplifier.system.graph[copy.lower] : Affine(.index(copy.index))
            simplifier.declare([copy])
            result.append(copy)
        }
        return (result, map)
    }

    /// Axes for the element that is varied, under names that are free beside an equation's own; and its indices.
    mutating func directionAxes(
        _ piece: [Axis], beside own: [Axis], _ family: Family
    ) -> (axes: [Axis], element: [AffineID]) {
        guard case .element(let seed) = family.direction else { return ([], []) }
        var used = Set(own.map { simplifier.system.graph.name(of: $0.index) })
        used.formUnion(simplifier.system.sizes.map(\.name))
        let preferred = preferredNames(seed, piece)
        var map: [IndexID: Affine] = [:]
        var axes: [Axis] = []
        var element: [AffineID] = []
        for (position, axis) in piece.enumerated() {
            let isStage = position < simplifier.system[seed].stageCount
            let kind = simplifier.system.graph.kind(of: axis.index)
            var name = preferred[position]
            if used.contains(name) {
                let spare = isStage ? ["m", "s", "r", "n", "q"] : ["j", "k", "p", "q", "r", "s", "u", "i"]
                let quantities = Set(simplifier.system.quantities.map(\.name))
                name = spare.first { !used.contains($0) && !quantities.contains($0) } ?? name + "_"
                while used.contains(name) { name += "_" }
            }
            if !axis.isPoint { used.insert(name) }
            var copy = axis
            copy.index = simplifier.system.graph.makeIndex(name, kind)
            copy.lower = simplifier.system.graph.substitute(axis.lower, map) ?? axis.lower
            copy.upper = simplifier.system.graph.substitute(axis.upper, map) ?? axis.upper
            copy.isWritten = axis.isWritten || isStage
            let value = axis.isPoint ? simplifier.system.graph[copy.lower] : Affine(.index(copy.index))
            map[axis.index] = value
            simplifier.declare([copy])
            axes.append(copy)
            element.append(simplifier.system.graph.affine(value))
        }
        return (axes, element)
    }

    /// What the gradient calls the indices of a quantity.
    private func preferredNames(_ quantity: QuantityID, _ piece: [Axis]) -> [String] {
        let adjoint = derived.gradient.first { $0.wrt == quantity }?.derivative
        let named = adjoint.flatMap { simplifier.system[$0].domains.first } ?? piece
        return piece.indices.map { position in
            let axis = named.indices.contains(position) ? named[position] : piece[position]
            return simplifier.system.graph.name(of: axis.index)
        }
    }
}

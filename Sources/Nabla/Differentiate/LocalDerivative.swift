/// The derivative of one expression with respect to each mention in it, by one sweep from the expression down to its leaves.
///
/// A mention under reductions stands for one leaf for each value of their indices; its derivative is in terms of these, every
/// other occurrence held fixed. What a mention's derivative is subject to, from the outside in, is its context.
struct LocalDerivative {
    /// What stands between the expression and a mention.
    enum Frame {
        /// A reduction binds these.
        case binders([Binder])
        /// The derivative is there where the condition holds (or does not).
        case condition(ExprID, holds: Bool)
        /// A reduction over the examples.
        case examples(ReductionKind)
    }

    /// One mention in one context.
    struct Mention {
        var leaf: ExprID
        /// A position in ``contexts``, or nil for the expression's own level.
        var context: Int?
        /// Raw: rules applied, nothing simplified.
        var derivative: ExprID
    }

    private(set) var contexts: [(parent: Int?, frame: Frame)] = []
    private(set) var mentions: [Mention] = []

    /// What has arrived at a node so far, the latest first.
    private struct Arrival {
        var context: Int?
        var factor: ExprID
        /// A position in ``arrivals``, or −1.
        var earlier: Int
    }

    private var arrivals: [Arrival] = []
    /// Of each node the last of its arrivals.
    private var latest = ExprMap<Int>()
    /// The nodes that depend on a leaf.
    private var active = ExprSet()

    /// Nothing swept yet.
    init() {}

    /// Sweeps `body`, whose binders must be named and bound once, with respect to leaves in it.
    init(of body: ExprID, leaves: ExprSet, _ graph: inout ExprGraph) {
        sweep(body, graph.reachable(from: body), leaves, &graph)
    }

    /// The same, in place of what was swept before, whose memory is used again.
    ///
    /// - Parameter order: the nodes below `body`, children first.
    mutating func sweep(_ body: ExprID, _ order: [ExprID], _ leaves: ExprSet, _ graph: inout ExprGraph) {
        contexts.removeAll(keepingCapacity: true)
        mentions.removeAll(keepingCapacity: true)
        arrivals.removeAll(keepingCapacity: true)
        latest.removeAll()
        active.removeAll()
        for id in order where leaves.contains(id) || graph.carries(id, active) { active.insert(id) }
        guard active.contains(body) else { return }
        add(body, nil, graph.makeNumber(1))
        for id in order.reversed() {
            guard let last = latest[id] else { continue }
            let isLeaf = leaves.contains(id)
            if arrivals[last].earlier < 0 {
                pass(arrivals[last].factor, arrivals[last].context, id, isLeaf, &graph)
                continue
            }
            for (context, factors) in grouped(last) {
                let adjoint = factors.count == 1 ? factors[0] : graph.makeSum(factors)
                pass(adjoint, context, id, isLeaf, &graph)
            }
        }
        mentions.reverse()  // in the order in which leaves were made, which is the order of the text
    }

    /// The derivative of a function's body with respect to one of its arguments.
    static func derivative(of body: ExprID, withRespectToArgument argument: Int, _ graph: inout ExprGraph) -> ExprID {
        let opened = graph.opening(body)
        let order = graph.reachable(from: opened)
        var leaves = ExprSet()
        for id in order where graph.form(of: id) == .argument(argument) { leaves.insert(id) }
        let sweep = LocalDerivative(of: opened, leaves: leaves, &graph)
        let terms = sweep.mentions.map { sweep.wrapped($0.derivative, from: $0.context, &graph) }
        return graph.makeSum(terms)
    }

    /// An expression under all that its context puts around it.
    func wrapped(_ expression: ExprID, from context: Int?, _ graph: inout ExprGraph) -> ExprID {
        var result = expression
        var next = context
        while let position = next {
            switch contexts[position].frame {
            case .binders(let binders): result = graph.makeReduction(.sum, binders, result)
            case .condition(let condition, let holds):
                let zero = graph.makeNumber(0)
                result =
                    holds
                    ? graph.makeSelect(condition, then: result, otherwise: zero)
                    : graph.makeSelect(condition, then: zero, otherwise: result)
            case .examples: break
            }
            next = contexts[position].parent
        }
        return result
    }

    /// The frames around a context, the outermost first.
    func frames(_ context: Int?) -> [Frame] {
        var result: [Frame] = []
        var next = context
        while let position = next {
            result.append(contexts[position].frame)
            next = contexts[position].parent
        }
        return result.reversed()
    }

    // MARK: The sweep

    /// A node's adjoint: at a leaf a mention, elsewhere what its operands get of it.
    private mutating func pass(
        _ adjoint: ExprID, _ context: Int?, _ id: ExprID, _ isLeaf: Bool, _ graph: inout ExprGraph
    ) {
        if isLeaf {
            mentions.append(Mention(leaf: id, context: context, derivative: adjoint))
        } else {
            propagate(adjoint, context, through: id, &graph)
        }
    }

    private mutating func add(_ child: ExprID, _ context: Int?, _ factor: ExprID) {
        arrivals.append(Arrival(context: context, factor: factor, earlier: latest[child] ?? -1))
        latest[child] = arrivals.count - 1
    }

    /// Factors by context, in the order of first occurrence.
    private func grouped(_ last: Int) -> [(Int?, [ExprID])] {
        var entries: [Arrival] = []
        var next = last
        while next >= 0 {
            entries.append(arrivals[next])
            next = arrivals[next].earlier
        }
        var order: [Int?] = []
        var groups: [Int: [ExprID]] = [:]
        for entry in entries.reversed() {
            let key = entry.context ?? -1
            if groups[key] == nil { order.append(entry.context) }
            groups[key, default: []].append(entry.factor)
        }
        return order.map { ($0, groups[$0 ?? -1] ?? []) }
    }

    private mutating func enter(_ frame: Frame, _ parent: Int?) -> Int {
        contexts.append((parent, frame))
        return contexts.count - 1
    }

    private mutating func propagate(
        _ adjoint: ExprID, _ context: Int?, through id: ExprID, _ graph: inout ExprGraph
    ) {
        if propagateFew(adjoint, context, through: id, &graph) { return }
        func times(_ factors: [ExprID], _ graph: inout ExprGraph) -> ExprID {
            let all = graph.number(adjoint)?.isOne == true ? factors : [adjoint] + factors
            return all.count == 1 ? all[0] : graph.makeProduct(all)
        }
        switch graph.form(of: id) {
        case .number, .pi, .integer, .argument, .access, .compare, .and, .or, .not, .boolean, .extremum: break
        case .add(let terms):
            for term in terms where active.contains(term) { add(term, context, adjoint) }
        case .negate(let operand): add(operand, context, graph.makeNegation(adjoint))
        case .multiply(let factors):
            let others = LocalDerivative.productsOfOthers(factors, active, &graph)
            for (factor, rest) in zip(factors, others) where active.contains(factor) {
                add(factor, context, rest.isEmpty ? adjoint : times(rest, &graph))
            }
        case .divide(let dividend, let divisor):
            if active.contains(dividend) { add(dividend, context, graph.makeQuotient(adjoint, divisor)) }
            if active.contains(divisor) {
                let two = graph.makeNumber(2)
                let square = graph.makePower(divisor, two)
                let quotient = graph.makeQuotient(dividend, square)
                add(divisor, context, graph.makeNegation(times([quotient], &graph)))
            }
        case .power(let base, let exponent):
            if active.contains(base) {
                add(base, context, times(LocalDerivative.powerByBase(base, exponent, &graph), &graph))
            }
            if active.contains(exponent) {
                // ∂(u^v)/∂v = u^v log u, and 0 at u = 0, where u^v stays 0 for v > 0.
                let zero = graph.makeNumber(0)
                let atZero = graph.makeComparison(.equal, base, zero)
                let logarithm = graph.makeCall(.standard(.log), [base])
                let inner = enter(.condition(atZero, holds: false), context)
                add(exponent, inner, times([id, logarithm], &graph))
            }
        case .call(let function, let arguments):
            if case .standard(let row) = function, row == .min || row == .max {
                propagateSelection(adjoint, context, row, arguments, &graph)
                return
            }
            for (position, argument) in arguments.enumerated() where active.contains(argument) {
                let local = graph.makeDerivativeCall(function, positions: [position], arguments)
                add(argument, context, times([local], &graph))
            }
        case .derivativeCall(let function, let positions, let arguments):
            for (position, argument) in arguments.enumerated() where active.contains(argument) {
                let local = graph.makeDerivativeCall(function, positions: positions + [position], arguments)
                add(argument, context, times([local], &graph))
            }
        case .select(let condition, let then, let otherwise):
            if active.contains(then) { add(then, enter(.condition(condition, holds: true), context), adjoint) }
            if active.contains(otherwise) {
                add(otherwise, enter(.condition(condition, holds: false), context), adjoint)
            }
        case .reduce(let kind, let binders, let body):
            let inner = enter(.binders(binders), context)
            propagateReduction(adjoint, inner, kind, binders, body, id, &graph, times)
        case .reduceExamples(let kind, let body): add(body, enter(.examples(kind), context), adjoint)
        }
    }

    /// Sums, products and functions of a few operands, which most nodes are, without an array; false for all else.
    private mutating func propagateFew(
        _ adjoint: ExprID, _ context: Int?, through id: ExprID, _ graph: inout ExprGraph
    ) -> Bool {
        let node = graph.node(id)
        let count = Int(node.c)
        switch node.kind {
        case .add:
            for position in 0..<count {
                let term = graph.operand(id, position)
                if active.contains(term) { add(term, context, adjoint) }
            }
            return true
        case .multiply:
            if count >= Operands.most || count < 2 { return false }
            let isOne = graph.number(adjoint)?.isOne == true
            for position in 0..<count {
                let factor = graph.operand(id, position)
                guard active.contains(factor) else { continue }
                var product = Operands()
                if !isOne { product.append(adjoint) }
                for other in 0..<count where other != position { product.append(graph.operand(id, other)) }
                add(factor, context, product.count == 1 ? product[0] : graph.makeList(.multiply, product))
            }
            return true
        case .call:
            let argument = graph.operand(id, 0)
            if count != 1 || !active.contains(argument) { return false }
            let local = graph.makeDerivativeCall(node.a, of: argument)
            add(argument, context, graph.number(adjoint)?.isOne == true ? local : graph.makeProduct(adjoint, local))
            return true
        default: return false
        }
    }

    /// For each factor the product of the others, as factors; long products by prefixes and suffixes, so that all is linear.
    private static func productsOfOthers(
        _ factors: [ExprID], _ active: ExprSet, _ graph: inout ExprGraph
    ) -> [[ExprID]] {
        if factors.count <= 8 {
            return factors.indices.map { position in
                guard active.contains(factors[position]) else { return [] }
                var others = factors
                others.remove(at: position)
                return others
            }
        }
        var prefixes = [factors[0]]
        for factor in factors.dropFirst() {
            prefixes.append(graph.makeProduct([prefixes[prefixes.count - 1], factor]))
        }
        var suffix: ExprID?
        var result: [[ExprID]] = Array(repeating: [], count: factors.count)
        for position in factors.indices.reversed() {
            result[position] = (position > 0 ? [prefixes[position - 1]] : []) + (suffix.map { [$0] } ?? [])
            suffix = suffix.map { graph.makeProduct([factors[position], $0]) } ?? factors[position]
        }
        return result
    }

    /// ∂(u^v)/∂u = v u^(v−1); where v is no number it may be 0, and 0 · u^(−1) would be NaN at u = 0.
    private static func powerByBase(_ base: ExprID, _ exponent: ExprID, _ graph: inout ExprGraph) -> [ExprID] {
        if let value = graph.number(exponent) {
            if value.isZero { return [graph.makeNumber(0)] }
            let less = graph.makeNumber(value - 1)
            return [exponent, graph.makePower(base, less)]
        }
        let one = graph.makeNumber(1)
        let zero = graph.makeNumber(0)
        let less = graph.makeSum([exponent, graph.makeNegation(one)])
        let power = graph.makePower(base, less)
        let product = graph.makeProduct([exponent, power])
        let condition = graph.makeComparison(.equal, exponent, zero)
        return [graph.makeSelect(condition, then: zero, otherwise: product)]
    }

    /// max and min: all of it to the first argument that is selected.
    private mutating func propagateSelection(
        _ adjoint: ExprID, _ context: Int?, _ function: FunctionID, _ arguments: [ExprID], _ graph: inout ExprGraph
    ) {
        // A chain of pairs: the running extreme against the next argument, which wins only where it is strictly beyond.
        var running = [arguments[0]]
        for argument in arguments.dropFirst() {
            running.append(graph.makeCall(.standard(function), [running[running.count - 1], argument]))
        }
        var outer = context
        for position in arguments.indices.reversed() {
            if position == 0 {
                if active.contains(arguments[0]) { add(arguments[0], outer, adjoint) }
                break
            }
            let keeps = graph.makeComparison(
                function == .max ? .greaterOrEqual : .lessOrEqual, running[position - 1], arguments[position])
            if active.contains(arguments[position]) {
                add(arguments[position], enter(.condition(keeps, holds: false), outer), adjoint)
            }
            outer = enter(.condition(keeps, holds: true), outer)
        }
    }

    private mutating func propagateReduction(
        _ adjoint: ExprID, _ inner: Int, _ kind: ReductionKind, _ binders: [Binder], _ body: ExprID, _ id: ExprID,
        _ graph: inout ExprGraph, _ times: ([ExprID], inout ExprGraph) -> ExprID
    ) {
        switch kind {
        case .sum: add(body, inner, adjoint)
        case .mean:
            let (copies, _) = graph.named(binders, of: nil, body)
            let one = graph.makeNumber(1)
            let count = graph.makeReduction(.sum, copies, one)
            add(body, inner, graph.makeQuotient(adjoint, count))
        case .product:
            // The product of the other factors, without dividing: one of them may be 0.
            let (copies, copy) = graph.named(binders, of: nil, body)
            var same: [ExprID] = []
            for (binder, other) in zip(binders, copies) {
                let left = graph.makeInteger(graph.affine(Affine(.index(other.index))))
                let right = graph.makeInteger(graph.affine(Affine(.index(binder.index))))
                same.append(graph.makeComparison(.equal, left, right))
            }
            let condition = same.count == 1 ? same[0] : graph.makeAnd(same)
            let one = graph.makeNumber(1)
            let others = graph.makeSelect(condition, then: one, otherwise: copy)
            add(body, inner, times([graph.makeReduction(.product, copies, others)], &graph))
        case .maximum, .minimum:
            let (copies, copy) = graph.named(binders, of: nil, body)
            let targets = binders.map { graph.affine(Affine(.index($0.index))) }
            let isExtreme = graph.makeExtremum(kind, copies, copy, targets: targets)
            add(body, enter(.condition(isExtreme, holds: true), inner), adjoint)
        case .logSumExp:
            let difference = graph.makeSum([body, graph.makeNegation(id)])
            add(body, inner, times([graph.makeCall(.standard(.exp), [difference])], &graph))
        }
    }
}

extension ExprGraph {
    /// Whether a derivative goes through a node to one of its children, some of which are active.
    fileprivate func carries(_ id: ExprID, _ active: ExprSet) -> Bool {
        let node = node(id)
        switch node.kind {
        case .number, .pi, .integer, .argument, .access, .compare, .and, .or, .not, .boolean, .extremum: return false
        case .add, .multiply, .call:
            for position in 0..<Int(node.c) where active.contains(operand(id, position)) { return true }
            return false
        case .select: return active.contains(ExprID(node.b)) || active.contains(ExprID(node.c))
        case .negate, .divide, .power, .derivativeCall, .reduce:
            var found = false
            forEachChild(of: id) { if active.contains($0) { found = true } }
            return found
        }
    }
}

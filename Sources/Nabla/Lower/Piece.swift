/// An equation on its way into loops: ready to be computed, its body without user functions and canonical indices.
struct Piece {
    /// The position of the equation that it comes from, for comments and errors.
    var equation: Int
    var quantity: QuantityID
    var axes: [Axis]
    var body: ExprID
    /// Set where the value is the sum or the mean of `body` over the training examples.
    var gather: ReductionKind?
}

/// The ranges of the indices of one piece: of its axes and of all binders in its body.
struct IndexRanges {
    private var ranges: [IndexID: (lower: AffineID, upper: AffineID, order: Int)] = [:]
    /// Of each binder, the indices of the axes and binders around it, outermost first (at its first occurrence).
    private(set) var chains: [IndexID: [IndexID]] = [:]

    /// The ranges of some axes alone.
    init(_ axes: [Axis]) {
        var chain: [IndexID] = []
        for axis in axes where !axis.isPoint {
            enter(axis.index, axis.lower, axis.upper, chain: chain)
            chain.append(axis.index)
        }
    }

    init(_ piece: Piece, _ graph: ExprGraph) {
        self.init(piece.axes)
        let axes = piece.axes.filter { !$0.isPoint }.map(\.index)
        guard graph.containsReductions(piece.body) else { return }
        // Reductions from the outside in: a node is looked at once, in the context in which it is first met.
        var seen: Set<ExprID> = []
        var stack: [(id: ExprID, chain: [IndexID])] = [(piece.body, axes)]
        while let (id, chain) = stack.popLast() {
            guard seen.insert(id).inserted else { continue }
            var inner = chain
            switch graph.node(id).kind {
            case .reduce, .extremum:
                for binder in graph.binders(of: id) {
                    enter(binder.index, binder.lower, binder.upper, chain: inner)
                    inner.append(binder.index)
                }
            default: break
            }
            graph.forEachChild(of: id) { stack.append(($0, inner)) }
        }
    }

    private mutating func enter(_ index: IndexID, _ lower: AffineID, _ upper: AffineID, chain: [IndexID]) {
        if ranges[index] != nil { return }
        ranges[index] = (lower, upper, chain.count)
        chains[index] = chain
    }

    /// How deep an index's range is nested.
    func order(of index: IndexID) -> Int? { ranges[index]?.order }

    func range(of index: IndexID) -> (lower: AffineID, upper: AffineID)? { ranges[index].map { ($0.lower, $0.upper) } }

    /// The indices and those that their bounds mention, outermost first.
    func closure(of indices: [IndexID], _ free: inout FreeIndices, _ graph: ExprGraph) -> [IndexID] {
        var found: [IndexID] = []
        var stack = indices
        while let index = stack.popLast() {
            guard let range = ranges[index], !found.contains(index) else { continue }
            found.append(index)
            stack.append(contentsOf: free.indices(of: range.lower, in: graph))
            stack.append(contentsOf: free.indices(of: range.upper, in: graph))
        }
        return found.sorted { (ranges[$0]?.order ?? 0, $0) < (ranges[$1]?.order ?? 0, $1) }
    }

    /// What is known of the indices in some affine expressions.
    func scope(of affines: [AffineID], _ free: inout FreeIndices, _ graph: ExprGraph) -> Scope {
        var indices: [IndexID] = []
        for affine in affines { indices.append(contentsOf: free.indices(of: affine, in: graph)) }
        var scope = Scope()
        for index in closure(of: indices, &free, graph) {
            if let range = ranges[index] { scope.enter(index, lower: range.lower, upper: range.upper) }
        }
        return scope
    }
}

extension ExprGraph {
    /// The indices that a reduction or an extremum binds; empty for other nodes.
    func binders(of id: ExprID) -> [Binder] {
        switch form(of: id) {
        case .reduce(_, let binders, _), .extremum(_, let binders, _, _): binders
        default: []
        }
    }

    /// Whether an expression has a reduction, over indices or over examples.
    func containsReductions(_ root: ExprID) -> Bool {
        var seen: Set<ExprID> = []
        var stack = [root]
        while let id = stack.popLast() {
            switch node(id).kind {
            case .reduce, .extremum: return true
            case .number, .pi, .integer, .argument, .access, .boolean: continue
            default: break
            }
            guard seen.insert(id).inserted else { continue }
            forEachChild(of: id) { stack.append($0) }
        }
        return false
    }

    /// An expression of numbers and indices as an affine expression, where it is one.
    func affineValue(_ id: ExprID, depth: Int = 0) -> Affine? {
        guard depth < 8 else { return nil }
        switch form(of: id) {
        case .number(let value, _): return value.asInt.map { Affine($0) }
        case .integer(let affine): return self[affine]
        case .negate(let operand): return affineValue(operand, depth: depth + 1)?.scaled(by: -1)
        case .add(let terms):
            guard terms.count <= 16 else { return nil }
            var sum = Affine(0)
            for term in terms {
                guard let value = affineValue(term, depth: depth + 1), let next = sum.adding(value) else { return nil }
                sum = next
            }
            return sum
        case .multiply(let factors):
            guard factors.count == 2, let left = affineValue(factors[0], depth: depth + 1),
                let right = affineValue(factors[1], depth: depth + 1)
            else { return nil }
            if let factor = left.asConstant { return right.scaled(by: factor) }
            if let factor = right.asConstant { return left.scaled(by: factor) }
            return nil
        default: return nil
        }
    }
}

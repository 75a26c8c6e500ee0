/// The exact sets of indices that stand free in expressions, each distinct set stored once.
///
/// ``ExprGraph`` keeps masks that may say yes too often; what is hoisted out of a loop needs the truth.
struct FreeIndices {
    /// The place of a set; equal sets have equal ids. The empty set is 0.
    typealias SetID = UInt32

    private var sets: [[IndexID]] = [[]]
    private var ids: [[IndexID]: SetID] = [[]: 0]
    private var unions: [UInt64: SetID] = [:]
    private var ofNode: [SetID] = []  // set + 1, or 0 where unknown
    private var ofAffine: [SetID] = []

    /// The indices that stand free in an expression.
    mutating func set(of root: ExprID, in graph: ExprGraph) -> SetID {
        if ofNode.count < graph.count {
            // Well ahead: the graph grows by a few nodes between calls.
            let size = max(graph.count, ofNode.count * 2)
            ofNode.append(contentsOf: repeatElement(0, count: size - ofNode.count))
        }
        if ofNode[Int(root.raw)] != 0 { return ofNode[Int(root.raw)] - 1 }
        var stack: [(id: ExprID, expanded: Bool)] = [(root, false)]
        while let (id, expanded) = stack.popLast() {
            if ofNode[Int(id.raw)] != 0 { continue }
            if expanded {
                ofNode[Int(id.raw)] = compute(id, graph) + 1
            } else {
                stack.append((id, true))
                graph.forEachChild(of: id) { if ofNode[Int($0.raw)] == 0 { stack.append(($0, false)) } }
            }
        }
        return ofNode[Int(root.raw)] - 1
    }

    /// The indices in an affine expression.
    mutating func set(of affine: AffineID, in graph: ExprGraph) -> SetID {
        let position = Int(affine.raw)
        if ofAffine.count <= position {
            let size = max(position + 1, ofAffine.count * 2)
            ofAffine.append(contentsOf: repeatElement(0, count: size - ofAffine.count))
        }
        if ofAffine[position] != 0 { return ofAffine[position] - 1 }
        var found: Set<IndexID> = []
        var stack = [affine]
        while let next = stack.popLast() {
            for term in graph[next].terms {
                switch term.atom {
                case .index(let index): found.insert(index)
                case .size: break
                case .stagedSize(_, let stage): stack.append(stage)
                }
            }
        }
        let set = intern(found.sorted())
        ofAffine[position] = set + 1
        return set
    }

    /// The indices that stand free in an expression, ascending.
    mutating func indices(of root: ExprID, in graph: ExprGraph) -> [IndexID] {
        let set = set(of: root, in: graph)
        return sets[Int(set)]
    }

    /// The indices in an affine expression, ascending.
    mutating func indices(of affine: AffineID, in graph: ExprGraph) -> [IndexID] {
        let set = set(of: affine, in: graph)
        return sets[Int(set)]
    }

    /// The indices that are in one set or in the other.
    mutating func union(_ left: SetID, _ right: SetID) -> SetID {
        if left == right || right == 0 { return left }
        if left == 0 { return right }
        let key = UInt64(min(left, right)) << 32 | UInt64(max(left, right))
        if let known = unions[key] { return known }
        let set = intern(Set(sets[Int(left)]).union(sets[Int(right)]).sorted())
        unions[key] = set
        return set
    }

    private mutating func intern(_ indices: [IndexID]) -> SetID {
        if let known = ids[indices] { return known }
        let id = SetID(truncatingIfNeeded: sets.count)
        sets.append(indices)
        ids[indices] = id
        return id
    }

    private mutating func compute(_ id: ExprID, _ graph: ExprGraph) -> SetID {
        var result: SetID = 0
        switch graph.node(id).kind {
        case .integer, .access, .reduce, .extremum:
            switch graph.form(of: id) {
            case .integer(let affine): return set(of: affine, in: graph)
            case .access(_, let indices):
                for index in indices { result = union(result, set(of: index, in: graph)) }
                return result
            case .reduce(_, let binders, let body):
                return removing(binders, from: setWithBounds(binders, body, graph))
            case .extremum(_, let binders, let body, let targets):
                result = removing(binders, from: setWithBounds(binders, body, graph))
                for target in targets { result = union(result, set(of: target, in: graph)) }
                return result
            default: break
            }
        default: break
        }
        graph.forEachChild(of: id) { child in result = union(result, ofNode[Int(child.raw)] &- 1) }
        return result
    }

    private mutating func setWithBounds(_ binders: [Binder], _ body: ExprID, _ graph: ExprGraph) -> SetID {
        var result = ofNode[Int(body.raw)] &- 1
        for binder in binders {
            result = union(result, union(set(of: binder.lower, in: graph), set(of: binder.upper, in: graph)))
        }
        return result
    }

    private mutating func removing(_ binders: [Binder], from set: SetID) -> SetID {
        let bound = binders.map(\.index)
        return intern(sets[Int(set)].filter { !bound.contains($0) })
    }
}

/// Marks nodes as visited, again and again without clearing: for passes that start from many roots.
struct Visited {
    private var epochs: [UInt32] = []
    private var epoch: UInt32 = 0

    mutating func begin(_ count: Int) {
        if epochs.count < count { epochs.append(contentsOf: repeatElement(0, count: count - epochs.count)) }
        epoch &+= 1
        if epoch == 0 {
            epochs = Array(repeating: 0, count: epochs.count)
            epoch = 1
        }
    }

    mutating func insert(_ id: ExprID) -> Bool {
        if epochs[Int(id.raw)] == epoch { return false }
        epochs[Int(id.raw)] = epoch
        return true
    }
}

extension ExprGraph {
    /// Every node below `root`, `root` too, in ascending order: children before parents.
    ///
    /// Takes time and memory by what it finds, not by the size of the graph.
    public func reachable(from root: ExprID) -> [ExprID] {
        let few = withNodes(below: root, atMost: 16) { nodes -> [ExprID] in
            var found = Array(nodes)
            // By insertion: they are few, and nearly in order.
            for position in found.indices.dropFirst() {
                let id = found[position]
                var place = position
                while place > 0, id < found[place - 1] {
                    found[place] = found[place - 1]
                    place -= 1
                }
                found[place] = id
            }
            return found
        }
        if let few { return few }
        var seen = ExprSet()
        seen.insert(root)
        var next = 0
        while next < seen.inOrder.count {
            forEachChild(of: seen.inOrder[next]) { seen.insert($0) }
            next += 1
        }
        return seen.inOrder.sorted()
    }

    /// Calls `body` with the nodes below `root`, `root` first, in no certain order; nil where there are more than so many, of which no more
    /// are looked at. On the stack: most right sides have a handful of nodes.
    @inline(__always)
    func withNodes<Result>(
        below root: ExprID, atMost limit: Int, _ body: (UnsafeBufferPointer<ExprID>) -> Result
    ) -> Result? {
        withUnsafeTemporaryAllocation(of: ExprID.self, capacity: limit) { buffer -> Result? in
            buffer.initializeElement(at: 0, to: root)
            var count = 1
            var next = 0
            var isSmall = true
            while next < count {
                forEachChild(of: buffer[next]) { child in
                    for position in 0..<count where buffer[position] == child { return }
                    if count == limit {
                        isSmall = false
                        return
                    }
                    buffer.initializeElement(at: count, to: child)
                    count += 1
                }
                if !isSmall { return nil }
                next += 1
            }
            return body(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(buffer)[..<count]))
        }
    }

    func reachable(from roots: [ExprID], _ visited: inout Visited) -> [ExprID] {
        visited.begin(count)
        var found: [ExprID] = []
        var stack: [ExprID] = []
        for root in roots where visited.insert(root) { stack.append(root) }
        while let id = stack.popLast() {
            found.append(id)
            forEachChild(of: id) { if visited.insert($0) { stack.append($0) } }
        }
        found.sort()
        return found
    }

    /// Replaces indices by affine expressions: nil where a coefficient overflows.
    public mutating func substitute(_ affine: AffineID, _ map: [IndexID: Affine]) -> AffineID? {
        let old = self[affine]
        var result = Affine(old.constant)
        var changed = false
        for term in old.terms {
            var replacement = Affine(term.atom)
            switch term.atom {
            case .index(let index):
                if let new = map[index] {
                    replacement = new
                    changed = true
                }
            case .size: break
            case .stagedSize(let size, let stage):
                guard let new = substitute(stage, map) else { return nil }
                if new != stage {
                    replacement = Affine(.stagedSize(size, new))
                    changed = true
                }
            }
            guard let sum = result.adding(replacement, times: term.coefficient) else { return nil }
            result = sum
        }
        return changed ? self.affine(result) : affine
    }

    /// Replaces indices in a binder's bounds; a bound whose coefficient would overflow stays as it is.
    mutating func substitute(_ binder: Binder, _ map: [IndexID: Affine]) -> Binder {
        Binder(
            index: binder.index, lower: substitute(binder.lower, map) ?? binder.lower,
            upper: substitute(binder.upper, map) ?? binder.upper)
    }

    /// Replaces indices by affine expressions throughout an expression, wherever they stand free.
    ///
    /// The replacements must not mention an index that the expression binds: binders are unique, so that this holds by
    /// construction. Gives nil on overflow.
    public mutating func substitute(_ root: ExprID, _ map: [IndexID: Affine]) -> ExprID? {
        var mask: UInt64 = 0
        for index in map.keys { mask |= index.maskBit }
        if self.mask(of: root) & mask == 0 { return root }
        var failed = false
        let result = rewrite(
            root, descend: { graph, id in graph.mask(of: id) & mask != 0 },
            replace: { graph, id in
                // A derivative may stand beside the very sum that binds its index: there the index is another one. Each
                // level takes an index out of the map, so that the recursion is as deep as the map is long.
                guard graph.node(id).kind == .reduce || graph.node(id).kind == .extremum else { return nil }
                let bound = graph.boundIndices(id).filter { map[$0] != nil }
                if bound.isEmpty { return nil }
                var rest = map
                for index in bound { rest[index] = nil }
                guard let result = graph.substitute(id, rest) else {
                    failed = true
                    return id
                }
                return result
            },
            transform: { graph, id, children in
                graph.rebuilding(id, children) { graph, affine in
                    guard graph.mask(of: affine) & mask != 0 else { return affine }
                    guard let new = graph.substitute(affine, map) else {
                        failed = true
                        return affine
                    }
                    return new
                }
            })
        return failed ? nil : result
    }

    /// The indices that a reduction binds.
    func boundIndices(_ id: ExprID) -> [IndexID] {
        switch form(of: id) {
        case .reduce(_, let binders, _), .extremum(_, let binders, _, _): binders.map(\.index)
        default: []
        }
    }

    /// Rebuilds an expression from the leaves up: `transform` gets a node's id and its rebuilt children.
    ///
    /// Where `descend` says no, the node stays as it is; where `replace` gives a node, that stands in its place.
    public mutating func rewrite(
        _ root: ExprID, descend: (ExprGraph, ExprID) -> Bool = { _, _ in true },
        replace: (inout ExprGraph, ExprID) -> ExprID? = { _, _ in nil },
        transform: (inout ExprGraph, ExprID, [ExprID]) -> ExprID
    ) -> ExprID {
        var results = ExprMap<ExprID>()
        var stack: [(id: ExprID, expanded: Bool)] = [(root, false)]
        while let (id, expanded) = stack.popLast() {
            if expanded {
                var children: [ExprID] = []
                forEachChild(of: id) { children.append(results[$0] ?? $0) }
                results[id] = transform(&self, id, children)
            } else if results[id] == nil {
                if let replacement = replace(&self, id) {
                    results[id] = replacement
                } else if descend(self, id) {
                    stack.append((id, true))
                    forEachChild(of: id) { if results[$0] == nil { stack.append(($0, false)) } }
                } else {
                    results[id] = id
                }
            }
        }
        return results[root] ?? root
    }

    /// The node `id` with its children mapped; itself where they stay what they are.
    mutating func rebuilding(_ id: ExprID, mapping map: (ExprID) -> ExprID) -> ExprID {
        var children: [ExprID] = []
        var isChanged = false
        forEachChild(of: id) { child in
            let new = map(child)
            isChanged = isChanged || new != child
            children.append(new)
        }
        return isChanged ? rebuilding(id, children) : id
    }

    /// The node `id` with other children and with its affine expressions mapped, as raw as it was.
    public mutating func rebuilding(
        _ id: ExprID, _ children: [ExprID], affine map: (inout ExprGraph, AffineID) -> AffineID = { $1 }
    ) -> ExprID {
        func mapped(_ graph: inout ExprGraph, _ binders: [Binder]) -> [Binder] {
            binders.map { Binder(index: $0.index, lower: map(&graph, $0.lower), upper: map(&graph, $0.upper)) }
        }
        switch form(of: id) {
        case .number, .pi, .argument, .boolean: return id
        case .integer(let affine): return makeInteger(map(&self, affine))
        case .access(let quantity, let indices):
            let indices = indices.map { map(&self, $0) }
            return makeAccess(quantity, indices)
        case .add: return makeSum(children)
        case .multiply: return makeProduct(children)
        case .negate: return makeNegation(children[0])
        case .divide: return makeQuotient(children[0], children[1])
        case .power: return makePower(children[0], children[1])
        case .call(let function, _): return makeCall(function, children)
        case .derivativeCall(let function, let positions, _):
            return makeDerivativeCall(function, positions: positions, children)
        case .select: return makeSelect(children[0], then: children[1], otherwise: children[2])
        case .compare(let comparison, _, _): return makeComparison(comparison, children[0], children[1])
        case .and: return makeAnd(children)
        case .or: return makeOr(children)
        case .not: return makeNot(children[0])
        case .reduce(let kind, let binders, _):
            let binders = mapped(&self, binders)
            let new = makeReduction(kind, binders, children[0])
            if let names = binderNames[id] { rememberNames(names, of: new) }
            return new
        case .reduceExamples(let kind, _): return makeReductionOverExamples(kind, children[0])
        case .extremum(let kind, let binders, _, let targets):
            let binders = mapped(&self, binders)
            let targets = targets.map { map(&self, $0) }
            let new = makeExtremum(kind, binders, children[0], targets: targets)
            if let names = binderNames[id] { rememberNames(names, of: new) }
            return new
        }
    }

    /// Whether an index stands free in an expression.
    public func depends(_ root: ExprID, on index: IndexID) -> Bool {
        let bit = index.maskBit
        if mask(of: root) & bit == 0 { return false }
        var seen = ExprSet()
        var stack = [root]
        while let id = stack.popLast() {
            guard mask(of: id) & bit != 0, seen.insert(id) else { continue }
            if mentions(id, index) { return true }
            // A canonical index that is bound here does not stand free below.
            if index.isCanonical, binds(id, index) { continue }
            forEachChild(of: id) { stack.append($0) }
        }
        return false
    }

    /// Whether the affine expressions of the node itself mention an index.
    private func mentions(_ id: ExprID, _ index: IndexID) -> Bool {
        switch form(of: id) {
        case .integer(let affine): depends(affine, on: index)
        case .access(_, let indices): indices.contains { depends($0, on: index) }
        case .reduce(_, let binders, _):
            binders.contains { depends($0.lower, on: index) || depends($0.upper, on: index) }
        case .extremum(_, let binders, _, let targets):
            targets.contains { depends($0, on: index) }
                || binders.contains { depends($0.lower, on: index) || depends($0.upper, on: index) }
        default: false
        }
    }

    private func binds(_ id: ExprID, _ index: IndexID) -> Bool {
        switch form(of: id) {
        case .reduce(_, let binders, _), .extremum(_, let binders, _, _): binders.contains { $0.index == index }
        default: false
        }
    }

    /// Whether an index stands in an affine expression.
    public func depends(_ affine: AffineID, on index: IndexID) -> Bool {
        if mask(of: affine) & index.maskBit == 0 { return false }
        for term in self[affine].terms {
            switch term.atom {
            case .index(let other): if other == index { return true }
            case .size: break
            case .stagedSize(_, let stage): if depends(stage, on: index) { return true }
            }
        }
        return false
    }
}

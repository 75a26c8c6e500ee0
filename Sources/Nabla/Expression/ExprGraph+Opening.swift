extension ExprGraph {
    private enum OpeningTask {
        case visit(ExprID)
        case rebuild(ExprID)
        case copy(from: ExprID, to: ExprID)
    }

    /// The expression with a named index of its own for every canonical one, so that each is bound in one place.
    ///
    /// From the outside in: a reduction that two others share is, under their different indices, two reductions, and each gets
    /// indices of its own.
    mutating func opening(_ root: ExprID) -> ExprID {
        if height(of: root) == 0 { return root }
        return naming(root) { $0.isCanonical }
    }

    /// The expression with indices of its own for each reduction, where two reductions bind one index to different ranges.
    mutating func separating(_ root: ExprID) -> ExprID {
        var ranges: [IndexID: Binder] = [:]
        var shared: Set<IndexID> = []
        for id in reachable(from: root) where kind(of: id) == .reduce || kind(of: id) == .extremum {
            for binder in binders(of: id) {
                if let known = ranges[binder.index] {
                    if known != binder { shared.insert(binder.index) }
                } else {
                    ranges[binder.index] = binder
                }
            }
        }
        return shared.isEmpty ? root : naming(root) { shared.contains($0) }
    }

    /// Gives new named indices to the reductions that bind one of these.
    private mutating func naming(_ root: ExprID, _ isOld: (IndexID) -> Bool) -> ExprID {
        var results = ExprMap<ExprID>()
        var stack: [OpeningTask] = [.visit(root)]
        while let task = stack.popLast() {
            switch task {
            case .visit(let id):
                if results[id] != nil { continue }
                if let opened = namingBinders(of: id, isOld) {
                    stack.append(.copy(from: opened, to: id))
                    stack.append(.visit(opened))
                } else {
                    stack.append(.rebuild(id))
                    forEachChild(of: id) { stack.append(.visit($0)) }
                }
            case .rebuild(let id):
                var children: [ExprID] = []
                forEachChild(of: id) { children.append(results[$0] ?? $0) }
                results[id] = rebuilding(id, children)
            case .copy(let from, let to):
                if let result = results[from] { results[to] = result }
            }
        }
        return results[root] ?? root
    }

    /// A reduction with new indices in place of old ones; nil for anything else.
    private mutating func namingBinders(of id: ExprID, _ isOld: (IndexID) -> Bool) -> ExprID? {
        switch kind(of: id) {
        case .reduce, .extremum: break
        default: return nil
        }
        switch form(of: id) {
        case .reduce(let kind, let binders, let body) where binders.contains { isOld($0.index) }:
            let (named, inner) = named(binders, of: id, body)
            return makeReduction(kind, named, inner)
        case .extremum(let kind, let binders, let body, let targets) where binders.contains { isOld($0.index) }:
            let (named, inner) = named(binders, of: id, body)
            return makeExtremum(kind, named, inner, targets: targets)
        default: return nil
        }
    }

    /// Binders with new named indices, and the body in terms of those.
    mutating func named(_ binders: [Binder], of id: ExprID?, _ body: ExprID) -> ([Binder], ExprID) {
        let names = id.flatMap { binderNames[$0] }
        var map: [IndexID: Affine] = [:]
        var named: [Binder] = []
        for (position, binder) in binders.enumerated() {
            let lower = substitute(binder.lower, map) ?? binder.lower
            let upper = substitute(binder.upper, map) ?? binder.upper
            let index = makeIndex(names?[position] ?? name(of: binder.index), kind(of: binder.index))
            map[binder.index] = Affine(.index(index))
            named.append(Binder(index: index, lower: lower, upper: upper))
        }
        return (named, substitute(body, map) ?? body)
    }
}

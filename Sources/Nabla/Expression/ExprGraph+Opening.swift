extension ExprGraph {
    /// The expression with a named index of its own for every canonical one, so that each is bound in one place.
    mutating func opening(_ root: ExprID) -> ExprID {
        if height(of: root) == 0 { return root }
        return rewrite(root, descend: { $0.height(of: $1) > 0 }, transform: ExprGraph.openingNode)
    }

    private static func openingNode(_ graph: inout ExprGraph, _ id: ExprID, _ children: [ExprID]) -> ExprID {
        switch graph.form(of: id) {
        case .reduce(let kind, let binders, _) where binders.contains { $0.index.isCanonical }:
            let (named, body) = graph.named(binders, of: id, children[0])
            return graph.makeReduction(kind, named, body)
        case .extremum(let kind, let binders, _, let targets) where binders.contains { $0.index.isCanonical }:
            let (named, body) = graph.named(binders, of: id, children[0])
            return graph.makeExtremum(kind, named, body, targets: targets)
        default: return graph.rebuilding(id, children)
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

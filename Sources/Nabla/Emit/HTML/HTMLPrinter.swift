/// Prints the derivation of a cost's gradient as one page for a browser, with nothing from elsewhere and no script: formulas in
/// MathML, the dependency graph as a picture, the steps behind disclosure triangles.
public struct HTMLPrinter: Sendable {
    /// The widest line of a formula, in em: on a telephone, too, most lines fit.
    static let limit = 29.0

    /// The page of a derived system.
    public static func text(of derived: DerivedSystem) -> String {
        var builder = DerivationBuilder(PathGrouping.grouped(derived), limit: limit)
        let document = builder.document()
        var graph: DependencyGraph?
        if case .access(let cost, _) = derived.system.graph.form(of: derived.cost) {
            let wrt = derived.gradient.map { $0.0 }
            graph = DependencyGraph(derived.system, cost: cost, wrt: wrt.count == 1 ? wrt : [])
        }
        return HTMLRenderer(limit: limit).page(of: document, graph: graph)
    }
}

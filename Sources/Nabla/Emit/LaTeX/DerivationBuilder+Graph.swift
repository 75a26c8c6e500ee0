// The dependency graph, as a drawing.

extension DerivationBuilder {
    /// More nodes than this make no picture that one reads.
    private static let mostNodes = 20

    func addGraph(to document: inout LaTeXDocument) {
        guard case .access(let cost, _) = system.graph.form(of: derived.cost) else { return }
        let marked = options.element.map { [$0.quantity] } ?? []
        let graph = DependencyGraph(derived.system, cost: cost, wrt: marked)
        let layout = GraphLayout(graph)
        guard graph.nodes.count > 2, graph.nodes.count <= Self.mostNodes, layout.rows <= 7, layout.columns <= 9
        else { return }
        document.blocks.append(.heading("What depends on what"))
        var text =
            "An arrow leads from a quantity to those whose equations mention it. "
            + "Boxes are given, rounded boxes are learned, the cost has a double line."
        if graph.edges.contains(where: \.isRecurrent) {
            text += " A dashed arrow leads on to the next stage."
        }
        if graph.hasPath { text += " Thick blue arrows are the paths along which a nudge reaches the cost." }
        document.blocks.append(.paragraph(Prose(text)))
        document.blocks.append(.picture(.graph(graph)))
    }
}

/// Prints a dependency graph in a drawing language.
public struct GraphPrinter: Sendable {
    /// The languages.
    public enum Format: String, CaseIterable, Sendable {
        /// A `tikzpicture` for LaTeX.
        case tikz
        /// Graphviz.
        case dot
        /// A flowchart as GitHub and many notebooks draw it.
        case mermaid
        /// A picture that needs nothing else.
        case svg
    }

    /// The graph's text in a format.
    public static func text(of graph: DependencyGraph, format: Format) -> String {
        switch format {
        case .tikz: TikZGraph(graph).text
        case .dot: dot(graph)
        case .mermaid: mermaid(graph)
        case .svg: SVGGraph(graph).text
        }
    }

    // MARK: Text for browsers

    /// Text inside an element or an attribute of HTML, SVG or an HTML-like label.
    static func escaped(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            case "\n", "\r", "\t": output += " "
            default:
                // Control characters are not allowed in XML.
                if scalar.value >= 0x20, scalar.value != 0x7F, scalar.value < 0xFFFE {
                    output.unicodeScalars.append(scalar)
                }
            }
        }
        return output
    }

    // MARK: Graphviz

    private static func dot(_ graph: DependencyGraph) -> String {
        var text = "digraph {\n  rankdir=LR;\n"
        text += "  label=<\(escaped(graph.title))>;\n"
        text += "  node [fontname=\"Latin Modern Math, STIX Two Text, serif\", shape=ellipse];\n"
        for (position, node) in graph.nodes.enumerated() {
            var attributes = ["label=<\(htmlLabel(node.label))>"]
            switch node.role {
            case .input, .target: attributes.append("shape=box")
            case .parameter: attributes.append("shape=box, style=rounded")
            case .constant: attributes.append("shape=plaintext")
            case .computed, .derivative: if node.isCost { attributes.append("shape=doublecircle") }
            }
            if node.isOnPath { attributes.append("color=\"#0072B2\", penwidth=2") }
            text += "  n\(position) [\(attributes.joined(separator: ", "))];\n"
        }
        for edge in graph.edges {
            var attributes: [String] = []
            if !edge.label.isEmpty { attributes.append("label=<\(escaped(edge.label))>") }
            if edge.isRecurrent { attributes.append("style=dashed, constraint=false") }
            if edge.isOnPath { attributes.append("color=\"#0072B2\", penwidth=2") }
            let list = attributes.isEmpty ? "" : " [\(attributes.joined(separator: ", "))]"
            text += "  n\(edge.from) -> n\(edge.to)\(list);\n"
        }
        return text + "}\n"
    }

    /// A label in the tags that Graphviz and Mermaid know.
    private static func htmlLabel(_ label: GraphLabel) -> String {
        var text = label.isItalic ? "<i>\(escaped(label.base))</i>" : escaped(label.base)
        if !label.below.isEmpty { text += "<sub>\(escaped(label.below))</sub>" }
        if !label.above.isEmpty { text += "<sup>\(escaped(label.above))</sup>" }
        return text
    }

    // MARK: Mermaid

    private static func mermaid(_ graph: DependencyGraph) -> String {
        var text = "flowchart LR\n"
        for (position, node) in graph.nodes.enumerated() {
            // Mermaid reads entities with a number sign; a quotation mark would end the label.
            let label = htmlLabel(node.label).replacing("&#39;", with: "#39;").replacing("&quot;", with: "#quot;")
                .replacing("&lt;", with: "#lt;").replacing("&gt;", with: "#gt;").replacing("&amp;", with: "#amp;")
            let shape: (String, String) =
                switch node.role {
                case .input, .target: ("[", "]")
                case .parameter: ("(", ")")
                case .constant: ("[", "]")
                case .computed, .derivative: node.isCost ? ("(((", ")))") : ("([", "])")
                }
            text += "  n\(position)\(shape.0)\"\(label)\"\(shape.1)\n"
        }
        for edge in graph.edges {
            let arrow = edge.isRecurrent ? "-.->" : edge.isOnPath ? "==>" : "-->"
            let label = edge.label.isEmpty ? "" : "|\"\(escaped(edge.label))\"|"
            text += "  n\(edge.from) \(arrow)\(label) n\(edge.to)\n"
        }
        let path = graph.nodes.indices.filter { graph.nodes[$0].isOnPath }
        if !path.isEmpty {
            text += "  classDef path stroke:#0072B2,stroke-width:3px\n"
            text += "  class \(path.map { "n\($0)" }.joined(separator: ",")) path\n"
        }
        return text
    }
}

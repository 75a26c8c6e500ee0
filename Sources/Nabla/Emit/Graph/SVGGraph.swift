/// A dependency graph as a self-contained SVG picture: no script, no font and no file from elsewhere; readable in light and dark.
struct SVGGraph {
    private let graph: DependencyGraph
    private let layout: GraphLayout
    private let column: Double
    private let row = 72.0
    private let margin = 40.0
    /// Where the first column stands: half of the widest node from the edge.
    private let left: Double

    init(_ graph: DependencyGraph) {
        self.graph = graph
        layout = GraphLayout(graph)
        left = max(margin, (graph.nodes.map { Self.halfWidth($0.label) }.max() ?? 0) + 8)
        column = max(104, 70 + 9 * (graph.nodes.map(\.label.width).max() ?? 1))
    }

    /// The picture's size in pixels.
    var size: (width: Double, height: Double) {
        let lanes = Double(layout.lanes.max() ?? 0)
        return (
            2 * left + column * Double(max(0, layout.columns - 1)),
            2 * margin + row * (layout.rows - 1) + (lanes > 0 ? 20 + 26 * lanes : hasLoop ? 12 : 0)
        )
    }

    private var hasLoop: Bool { graph.edges.contains { $0.from == $0.to && layout.loopsBelow[$0.from] } }

    /// The picture as a document, or inside a page.
    var text: String { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + element }

    /// The `svg` element alone.
    var element: String {
        let (width, height) = size
        var text =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"nabla-graph\" role=\"img\" "
            + "aria-labelledby=\"nabla-graph-title nabla-graph-desc\" width=\"\(Self.number(width))\" "
            + "height=\"\(Self.number(height))\" viewBox=\"0 0 \(Self.number(width)) \(Self.number(height))\">\n"
        text += "<title id=\"nabla-graph-title\">The dependency graph of \(GraphPrinter.escaped(graph.title))</title>\n"
        text += "<desc id=\"nabla-graph-desc\">\(GraphPrinter.escaped(description))</desc>\n"
        text += Self.style
        for (position, edge) in graph.edges.enumerated() { text += draw(edge, position) }
        for (position, node) in graph.nodes.enumerated() { text += draw(node, position) }
        return text + "</svg>\n"
    }

    private static let style = """
        <style>
        .nabla-graph{--ink:#222;--paper:#fff;--path:#0072B2;font-family:"Latin Modern Math","STIX Two Text",Cambria,serif}
        @media (prefers-color-scheme:dark){.nabla-graph{--ink:#ddd;--paper:#16181c;--path:#56B4E9}}
        .nabla-graph .n{fill:var(--paper);stroke:var(--ink);stroke-width:1.2}
        .nabla-graph .e{fill:none;stroke:var(--ink);stroke-width:1.2}
        .nabla-graph .h{fill:var(--ink)}
        .nabla-graph text{fill:var(--ink);font-size:18px}
        .nabla-graph .s{font-size:12px}
        .nabla-graph .i{font-style:italic}
        .nabla-graph .l{paint-order:stroke;stroke:var(--paper);stroke-width:4px;font-size:12px;text-anchor:middle}
        .nabla-graph .back{stroke-dasharray:5 3}
        .nabla-graph .path{stroke:var(--path);stroke-width:2.6}
        .nabla-graph .h.path{fill:var(--path);stroke:none}
        </style>

        """

    /// The graph in words, for who cannot see it.
    private var description: String {
        graph.nodes.enumerated().compactMap { position, node -> String? in
            let from = graph.edges.filter { $0.to == position }.map { edge in
                graph.nodes[edge.from].label.plain + (edge.label.isEmpty ? "" : " at stage \(edge.label)")
            }
            return from.isEmpty ? nil : "\(node.label.plain) is computed from \(from.joined(separator: ", "))."
        }
        .joined(separator: " ")
    }

    // MARK: Nodes

    private static func halfWidth(_ label: GraphLabel) -> Double { max(20, 9 * label.width + 12) }

    private func center(_ place: GraphLayout.Point) -> (x: Double, y: Double) {
        (left + column * place.x, margin + row * place.y)
    }

    private func draw(_ node: DependencyGraph.Node, _ position: Int) -> String {
        let (x, y) = center(layout.places[position])
        let half = Self.halfWidth(node.label)
        let kind = node.isOnPath ? "n path" : "n"
        func box(_ radius: Double) -> String {
            "<rect class=\"\(kind)\" x=\"\(Self.number(x - half))\" y=\"\(Self.number(y - 19))\" width=\"\(Self.number(2 * half))\" height=\"38\" rx=\"\(Self.number(radius))\"/>"
        }
        func ellipse(_ inset: Double) -> String {
            "<ellipse class=\"\(kind)\" cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" rx=\"\(Self.number(half - inset))\" ry=\"\(Self.number(20 - inset))\"/>"
        }
        var text = "<g>"
        let remark = node.documentation.isEmpty ? node.role.rawValue : node.documentation
        text += "<title>\(GraphPrinter.escaped(remark))</title>"
        switch node.role {
        case .input, .target: text += box(0)
        case .parameter: text += box(12)
        case .constant: break
        case .computed, .derivative: text += ellipse(0) + (node.isCost ? ellipse(3) : "")
        }
        return text + label(node.label, x, y) + "</g>\n"
    }

    /// The symbol with its superscript above its subscript, as on paper.
    private func label(_ label: GraphLabel, _ x: Double, _ y: Double) -> String {
        let base = 9 * 1.05 * Double(label.base.unicodeScalars.count)
        let side = 6.2 * Double(max(label.below.unicodeScalars.count, label.above.unicodeScalars.count))
        let start = x - (base + side) / 2
        var text =
            "<text\(label.isItalic ? " class=\"i\"" : "") x=\"\(Self.number(start))\" y=\"\(Self.number(y + 5))\" textLength=\"\(Self.number(base))\" lengthAdjust=\"spacingAndGlyphs\">\(GraphPrinter.escaped(label.base))</text>"
        func script(_ content: String, _ offset: Double) -> String {
            let width = 6.2 * Double(content.unicodeScalars.count)
            return
                "<text class=\"s i\" x=\"\(Self.number(start + base + 1))\" y=\"\(Self.number(y + offset))\" textLength=\"\(Self.number(width))\" lengthAdjust=\"spacingAndGlyphs\">\(GraphPrinter.escaped(content))</text>"
        }
        if !label.below.isEmpty { text += script(label.below, 11) }
        if !label.above.isEmpty { text += script(label.above, -3) }
        return text
    }

    // MARK: Edges

    private func draw(_ edge: DependencyGraph.Edge, _ position: Int) -> String {
        var kind = "e"
        if edge.isRecurrent { kind += " back" }
        if edge.isOnPath { kind += " path" }
        let (from, to) = (center(layout.places[edge.from]), center(layout.places[edge.to]))
        var points: [(x: Double, y: Double)]
        var data: String
        if edge.from == edge.to {
            let side: Double = layout.loopsBelow[edge.from] ? 1 : -1
            points = [(from.x + 26, from.y + 44 * side), (from.x + 10, from.y + 21 * side)]
            let start = at((from.x - 10, from.y + 18 * side))
            data = "M\(start) C\(at((from.x - 26, from.y + 44 * side))) \(at(points[0])) \(at(points[1]))"
            return line(kind, data, points) + stage(edge.label, (from.x, from.y + 38 * side + 4))
        }
        if edge.isRecurrent {
            let bottom = margin + row * (layout.rows - 1) + 34 + 26 * Double(layout.lanes[position])
            let end = (x: to.x, y: to.y + 22)
            data =
                "M\(at((from.x, from.y + 20))) C\(at((from.x, bottom))) \(at((to.x, bottom))) \(at(end))"
            let middle = (x: (from.x + to.x) / 2, y: (from.y + to.y + 42) / 8 + bottom * 0.75 + 4)
            return line(kind, data, [(to.x, bottom), end]) + stage(edge.label, middle)
        }
        let half = Self.halfWidth(graph.nodes[edge.from].label)
        let other = Self.halfWidth(graph.nodes[edge.to].label)
        let isPlain = graph.nodes[edge.from].role == .constant
        points = [(from.x + half - (isPlain ? 6 : 0), from.y)]
        points += layout.bends[position].map { center($0) }
        points.append((to.x - other - 1, to.y))
        data = "M\(at(points[0]))"
        for (one, two) in zip(points, points.dropFirst()) {
            let middle = (one.x + two.x) / 2
            data += " C\(at((middle, one.y))) \(at((middle, two.y))) \(at(two))"
        }
        let last = points[points.count - 1]
        let place = points.count / 2
        let middle = ((points[place - 1].x + points[place].x) / 2, (points[place - 1].y + points[place].y) / 2 + 4)
        return line(kind, data, [(last.x - 10, last.y), last]) + stage(edge.label, middle)
    }

    /// A line with its head, which is drawn by hand: markers do not take the colour of their line.
    private func line(_ kind: String, _ data: String, _ end: [(x: Double, y: Double)]) -> String {
        let (before, tip) = (end[0], end[1])
        let (dx, dy) = (tip.x - before.x, tip.y - before.y)
        let length = max(1, (dx * dx + dy * dy).squareRoot())
        let (ux, uy) = (dx / length, dy / length)
        let back = (x: tip.x - 9 * ux, y: tip.y - 9 * uy)
        let head =
            "M\(at(tip)) L\(at((back.x - 4 * uy, back.y + 4 * ux))) L\(at((back.x + 4 * uy, back.y - 4 * ux))) Z"
        let onPath = kind.hasSuffix("path") ? " path" : ""
        return "<path class=\"\(kind)\" d=\"\(data)\"/><path class=\"h\(onPath)\" d=\"\(head)\"/>"
    }

    private func stage(_ label: String, _ place: (x: Double, y: Double)) -> String {
        if label.isEmpty { return "\n" }
        return
            "<text class=\"l i\" x=\"\(Self.number(place.x))\" y=\"\(Self.number(place.y))\">\(GraphPrinter.escaped(label))</text>\n"
    }

    private func at(_ point: (x: Double, y: Double)) -> String { "\(Self.number(point.x)) \(Self.number(point.y))" }

    /// A tenth of a pixel is enough.
    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        return tenths % 10 == 0 ? "\(sign)\(abs(tenths) / 10)" : "\(sign)\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }
}

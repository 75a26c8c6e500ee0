/// A dependency graph as a `tikzpicture`, which needs the packages tikz and xcolor and the library arrows.meta.
struct TikZGraph {
    private let graph: DependencyGraph
    private let layout: GraphLayout

    /// The widest and the tallest picture, in cm.
    private let widest: Double
    private let tallest: Double

    /// - Parameters:
    ///   - widest: as wide as it may be, in cm: the text of a page.
    ///   - tallest: as tall as it may be, in cm.
    init(_ graph: DependencyGraph, widest: Double = 14.5, tallest: Double = 22) {
        self.graph = graph
        self.widest = widest
        self.tallest = tallest
        layout = GraphLayout(graph)
    }

    /// In cm, before it is made smaller.
    private var naturalHeight: Double {
        let lanes = Double(layout.lanes.max() ?? 0)
        let hasLoop = graph.edges.contains { $0.from == $0.to }
        return (layout.rows - 1 + 0.5 * lanes) * Self.row + 0.8 + (lanes > 0 ? 0.3 : 0) + (hasLoop ? 0.8 : 0)
    }

    /// In cm.
    var height: Double { naturalHeight * scale }

    /// How far rows stand apart, in cm.
    private static let row = 1.15

    /// Columns as wide as their labels need.
    private var natural: Double { max(1.9, 0.9 + 0.28 * (graph.nodes.map(\.label.width).max() ?? 1)) }

    /// Made smaller where the page asks for it.
    private var scale: Double {
        let width = natural * Double(max(1, layout.columns - 1)) + 1.5
        return min(1, widest / width, tallest / naturalHeight)
    }

    var text: String {
        let natural = natural
        var lines = [
            "% \\usepackage{amsmath,tikz} \\usetikzlibrary{arrows.meta}",
            "\\begin{tikzpicture}[>={Stealth[length=2mm]},",
            "  every node/.style={draw,inner sep=2.5pt,minimum height=7mm,minimum width=8mm,font=\\small},",
            "  given/.style={},learned/.style={rounded corners=1.5mm},",
            "  fixed/.style={draw=none},computed/.style={rounded corners=3.5mm},cost/.style={rounded corners=3.5mm,double},",
            "  path/.style={very thick,draw={rgb,255:red,0;green,114;blue,178}},back/.style={dashed},",
            "  stage/.style={draw=none,font=\\scriptsize,inner sep=1pt,minimum size=0pt,fill=white},",
            "  scale=\(number(scale)),transform shape]",
        ]
        for (position, node) in graph.nodes.enumerated() {
            var style: String =
                switch node.role {
                case .input, .target: "given"
                case .parameter: "learned"
                case .constant: "fixed"
                case .computed, .derivative: node.isCost ? "cost" : "computed"
                }
            if node.isOnPath { style += ",path" }
            lines.append(
                "\\node[\(style)] (n\(position)) at \(point(layout.places[position], natural)) {$\(tex(node.label))$};")
        }
        for (position, edge) in graph.edges.enumerated() {
            var style = "->"
            if edge.isOnPath { style += ",path" }
            if edge.isRecurrent { style += ",back" }
            let stage = edge.label.isEmpty ? "" : "node[stage]{$\(tex(edge.label))$} "
            if edge.from == edge.to {
                lines.append(
                    "\\draw[\(style)] (n\(edge.from)) to[\(loop(edge.from)),looseness=5] \(stage)(n\(edge.to));")
            } else if edge.isRecurrent {
                let (from, to) = (layout.places[edge.from], layout.places[edge.to])
                let y = layout.rows - 0.35 + 0.5 * Double(layout.lanes[position])
                let one = point(GraphLayout.Point(x: from.x, y: y), natural)
                let two = point(GraphLayout.Point(x: to.x, y: y), natural)
                lines.append("\\draw[\(style)] (n\(edge.from)) .. controls \(one) and \(two) .. \(stage)(n\(edge.to));")
            } else {
                let through = layout.bends[position].map { point($0, natural) + " -- " }.joined()
                lines.append("\\draw[\(style),rounded corners=3mm] (n\(edge.from)) -- \(through)\(stage)(n\(edge.to));")
            }
        }
        lines.append("\\end{tikzpicture}")
        return lines.joined(separator: "\n") + "\n"
    }

    private func loop(_ node: Int) -> String { layout.loopsBelow[node] ? "out=240,in=300" : "out=120,in=60" }

    private func point(_ place: GraphLayout.Point, _ natural: Double) -> String {
        "(\(number(place.x * natural)),\(number(-place.y * Self.row)))"
    }

    /// Two digits behind the point are a tenth of a millimetre.
    private func number(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
        let sign = hundredths < 0 ? "-" : ""
        return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }

    private func tex(_ label: GraphLabel) -> String {
        let base =
            label.isItalic ? LaTeXNotation.symbol(MathSymbol(label.base).stem) : LaTeXText.upright(label.base).tex
        var text = base
        if !label.belowParts.isEmpty {
            let isCompact = label.belowParts.allSatisfy { $0.unicodeScalars.count == 1 }
            text += "_{\(label.belowParts.map { tex($0) }.joined(separator: isCompact ? "" : ","))}"
        }
        if !label.above.isEmpty { text += "^{\(tex(label.above))}" }
        return text
    }

    /// Indices and their arithmetic.
    private func tex(_ text: String) -> String {
        var output = ""
        var word = ""
        func flush() {
            if !word.isEmpty { output += MathSymbol(word).tex }
            word = ""
        }
        for character in text {
            if character.isLetter || character == "_" {
                word.append(character)
            } else if character.isNumber, !word.isEmpty {
                word.append(character)
            } else {
                flush()
                switch character {
                case "−": output += "-"
                case "⟨": output += "\\langle "
                case "⟩": output += "\\rangle "
                case "(", ")", "+", ",", "0"..."9": output.append(character)
                default: output += LaTeXText.prose(String(character))
                }
            }
        }
        flush()
        return output
    }
}

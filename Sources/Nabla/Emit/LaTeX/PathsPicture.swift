/// The paths from one quantity to the cost, and how they are drawn as a `tikzpicture`.
struct PathsPicture: Sendable {
    let from: FormulaPrinter.Text
    /// Of each path, what it leads through.
    let through: [[FormulaPrinter.Text]]
    let to: FormulaPrinter.Text
    /// Whether no path was left out before the last one.
    let isAll: Bool

    /// The kinds of line, beside the colours.
    private static let lines = ["solid", "dashed", "dash dot", "densely dotted"]

    /// The rows of paths, with one for those left out.
    private var places: Int { through.count + (isAll ? 0 : 1) }

    /// In cm.
    var height: Double { Double(places - 1) * 1.1 + 0.7 }

    /// Nil where it would be wider than the page.
    var text: String? {
        guard let columns = through.map(\.count).max() else { return nil }
        let widest = ([from, to] + through.flatMap { $0 }).reduce(0) { max($0, $1.width) }
        // A letter's em is 0.35 cm in small type.
        let step = max(2.1, 1.1 + 0.36 * widest)
        if step * Double(columns + 1) > 13.5 { return nil }
        var text = "\\begin{tikzpicture}[>={Stealth[length=2mm]},"
        text += "n/.style={draw,rounded corners=3.5mm,minimum height=7mm,minimum width=8mm,"
        text += "inner sep=2.5pt,font=\\small}]\n"
        let middle = Double(places - 1) / 2
        func y(_ row: Int) -> Double { middle - Double(!isAll && row == through.count - 1 ? row + 1 : row) }
        text += "\\node[n] (s) at (0,0) {\(label(from))};\n"
        text += "\\node[n] (c) at (\(tenths(step * Double(columns + 1))),0) {\(label(to))};\n"
        for (row, path) in through.enumerated() {
            for (column, node) in path.enumerated() {
                let x = tenths(step * Double(column + 1))
                text += "\\node[n] (p\(row)x\(column)) at (\(x),\(tenths(y(row) * 1.1))) {\(label(node))};\n"
            }
        }
        if !isAll {
            for column in 0..<columns {
                let x = tenths(step * Double(column + 1))
                text += "\\node at (\(x),\(tenths((middle - Double(through.count - 1)) * 1.1))) {$\\vdots$};\n"
            }
        }
        for (row, path) in through.enumerated() {
            let colour = LaTeXNotation.pathColours[row % LaTeXNotation.pathColours.count]
            let style = "->,very thick,\(colour),\(Self.lines[row % Self.lines.count])"
            let nodes = ["s"] + path.indices.map { "p\(row)x\($0)" } + ["c"]
            for (one, next) in zip(nodes, nodes.dropFirst()) { text += "\\draw[\(style)] (\(one)) -- (\(next));\n" }
        }
        return text + "\\end{tikzpicture}\n"
    }

    private func label(_ text: FormulaPrinter.Text) -> String { "$\(LaTeXNotation.text(of: text.tokens))$" }

    private func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        return "\(sign)\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    }
}

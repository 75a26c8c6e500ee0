/// The paths from one quantity to the cost, and how they are drawn as a `tikzpicture`.
struct PathsPicture: Sendable {
    struct Path: Sendable {
        /// What it leads through.
        var through: [FormulaPrinter.Text]
        /// Its colour and kind of line.
        var mark: Int
        /// Whether paths were left out before it.
        var isAfterGap: Bool
    }

    let from: FormulaPrinter.Text
    let paths: [Path]
    let to: FormulaPrinter.Text
    /// The tallest that it may be, in cm; scaled down to that.
    var tallest = 22.0

    /// The kinds of line, beside the colours.
    private static let lines = ["solid", "dashed", "dash dot", "densely dotted"]
    /// Rows that one sees at a glance.
    private static let mostRows = 9

    /// The rows of paths, with one for those left out.
    private var rows: Int { paths.count + paths.lazy.filter(\.isAfterGap).count }

    /// In cm.
    var height: Double { min(naturalHeight, tallest) }

    private var naturalHeight: Double { Double(rows - 1) * Self.rowHeight + 0.7 }

    private static let rowHeight = 1.1

    /// Nil where it would be larger than what fits a page well.
    var text: String? {
        guard let columns = paths.map(\.through.count).max() else { return nil }
        let widest = ([from, to] + paths.flatMap(\.through)).reduce(0) { max($0, $1.width) }
        // A letter's em is 0.35 cm in small type.
        let step = max(2.1, 1.1 + 0.36 * widest)
        if step * Double(columns + 1) > 13.5 || rows > Self.mostRows { return nil }
        var text = "\\begin{tikzpicture}[>={Stealth[length=2mm]},"
        if naturalHeight > tallest {
            let percent = Int(100 * tallest / naturalHeight)
            text += "scale=0.\(percent < 10 ? "0" : "")\(percent),transform shape,"
        }
        text += "n/.style={draw,rounded corners=3.5mm,minimum height=7mm,minimum width=8mm,"
        text += "inner sep=2.5pt,font=\\small}]\n"
        func x(_ column: Int) -> String { tenths(step * Double(column)) }
        func y(_ row: Int) -> String { tenths((Double(rows - 1) / 2 - Double(row)) * Self.rowHeight) }
        text += "\\node[n] (s) at (0,0) {\(label(from))};\n"
        text += "\\node[n] (c) at (\(x(columns + 1)),0) {\(label(to))};\n"
        var arrows = ""
        var row = 0
        for (number, path) in paths.enumerated() {
            if path.isAfterGap {
                for column in path.through.indices {
                    text += "\\node at (\(x(column + 1)),\(y(row))) {$\\vdots$};\n"
                }
                row += 1
            }
            for (column, node) in path.through.enumerated() {
                text += "\\node[n] (p\(number)x\(column)) at (\(x(column + 1)),\(y(row))) {\(label(node))};\n"
            }
            let colour = LaTeXNotation.pathColours[path.mark % LaTeXNotation.pathColours.count]
            let style = "->,very thick,\(colour),\(Self.lines[path.mark % Self.lines.count])"
            var nodes = ["s"] + path.through.indices.map { "p\(number)x\($0)" }
            for (one, next) in zip(nodes, nodes.dropFirst()) { arrows += "\\draw[\(style)] (\(one)) -- (\(next));\n" }
            // A shorter path stays in its row, so that it crosses no other.
            var way = "(\(nodes.removeLast()))"
            if path.through.count < columns {
                if path.through.isEmpty { way += " -- (\(x(1)),\(y(row)))" }
                if columns > 1 { way += " -- (\(x(columns)),\(y(row)))" }
            }
            arrows += "\\draw[\(style),rounded corners=2mm] \(way) -- (c);\n"
            row += 1
        }
        return text + arrows + "\\end{tikzpicture}\n"
    }

    private func label(_ text: FormulaPrinter.Text) -> String { "$\(LaTeXNotation.text(of: text.tokens))$" }

    private func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        return "\(sign)\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    }
}

/// A table of a document: as wide as its cells need, and as a list where that is wider than the page.
struct LaTeXTable {
    /// The first row is the head.
    let rows: [[LaTeXDocument.Cell]]
    /// The width of the page, in em.
    let limit: Double

    /// The column that may break its text: the one with words in it.
    private static let flexible = 1
    private static let gap = 1.6
    /// The most lines of a part.
    var tallest = 28

    var text: String { parts.map(\.text).joined() }

    /// The table in parts that a page or a slide has room for, each with its lines.
    var parts: [(text: String, lines: Int)] {
        guard let head = rows.first else { return [] }
        var widths = head.map(\.width)
        for row in rows {
            for (position, cell) in row.enumerated() where widths.indices.contains(position) {
                widths[position] = max(widths[position], cell.width)
            }
        }
        let fixed = widths.enumerated().reduce(0) { $0 + ($1.offset == Self.flexible ? 0 : $1.element) }
        let room = limit - fixed - Self.gap * Double(widths.count - 1) - 1
        return room < 9 ? list : table(widths, room)
    }

    private func table(_ widths: [Double], _ room: Double) -> [(text: String, lines: Int)] {
        var columns = ""
        for position in widths.indices {
            if position == Self.flexible, widths[position] > room {
                columns += "p{\(Int(room * 10) / 10)em}"
            } else {
                columns += "l"
            }
        }
        // No page breaks inside of a table: a tall one is set in parts.
        var parts: [(rows: [[LaTeXDocument.Cell]], lines: Int)] = [([], 1)]
        for row in rows.dropFirst() {
            let lines = row.enumerated().map { position, cell in
                position == Self.flexible ? Int(cell.width / room) + 1 : cell.lines.count
            }
            let own = lines.max() ?? 1
            if parts[parts.count - 1].lines + own > tallest + 1, !parts[parts.count - 1].rows.isEmpty {
                parts.append(([], 1))
            }
            parts[parts.count - 1].lines += own
            parts[parts.count - 1].rows.append(row)
        }
        return parts.map { (part($0.rows, columns), $0.lines) }
    }

    private func part(_ body: [[LaTeXDocument.Cell]], _ columns: String) -> String {
        let rows = rows.prefix(1) + body
        var text = "\\begin{center}\n\\renewcommand{\\arraystretch}{1.25}\n"
        text += "\\begin{tabular}{@{}\(columns)@{}}\n\\hline\n"
        for (number, row) in rows.enumerated() {
            text += row.map { Self.text(of: $0) }.joined(separator: " & ") + " \\\\\n"
            if number == 0 { text += "\\hline\n" }
        }
        return text + "\\hline\n\\end{tabular}\n\\end{center}\n"
    }

    /// A paragraph for each row.
    private var list: [(text: String, lines: Int)] {
        rows.dropFirst().map { row in
            let width = row.reduce(0) { $0 + $1.width }
            let text =
                row.flatMap(\.lines).map { LaTeXNotation.text(of: $0) }.filter { !$0.isEmpty }
                .joined(separator: "; ") + "\n\n"
            return (text, Int(width / limit) + 1)
        }
    }

    private static func text(of cell: LaTeXDocument.Cell) -> String {
        let lines = cell.lines.map { LaTeXNotation.text(of: $0) }
        if lines.count < 2 { return lines.joined() }
        return "\\begin{tabular}[t]{@{}l@{}}" + lines.joined(separator: "\\\\") + "\\end{tabular}"
    }
}

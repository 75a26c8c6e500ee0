// Tables and drawings of a page.

extension HTMLRenderer {
    /// The first row is the head; the first cell of each other row says what the row is about.
    func table(_ rows: [[LaTeXDocument.Cell]]) -> String {
        var output = "<div class=\"wide\"><table>\n"
        for (number, row) in rows.enumerated() {
            output += number == 0 ? "<thead><tr>" : "<tr>"
            for (position, cell) in row.enumerated() {
                let text = cell.lines.map { Self.html($0) }.joined(separator: "<br/>")
                if number == 0 {
                    output += "<th scope=\"col\">\(text)</th>"
                } else if position == 0 {
                    output += "<th scope=\"row\">\(text)</th>"
                } else {
                    output += "<td>\(text)</td>"
                }
            }
            output += number == 0 ? "</tr></thead>\n<tbody>\n" : "</tr>\n"
        }
        return output + (rows.isEmpty ? "" : "</tbody>") + "</table></div>\n"
    }

    static func figure(_ graph: DependencyGraph) -> String {
        "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"The dependency graph\">\n"
            + SVGGraph(graph).element + "</div>\n"
    }

    /// Paths, each in its colour, as the terms that they give below.
    static func list(_ paths: PathsPicture) -> String {
        var output = "<ul class=\"paths\" aria-label=\"The paths\">\n"
        for path in paths.paths {
            if path.isAfterGap { output += "<li>⋮</li>\n" }
            let colour = path.mark % LaTeXNotation.pathColours.count
            let stations = ([paths.from] + path.through + [paths.to]).map { MathMLNotation.inline($0.tokens) }
            output += "<li class=\"path\(colour)\">\(stations.joined(separator: " → "))</li>\n"
        }
        return output + "</ul>\n"
    }
}

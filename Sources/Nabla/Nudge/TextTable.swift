import Foundation

/// A table in plain text: names to the left, numbers with their decimal points one below the other.
struct TextTable {
    /// One line.
    enum Line {
        case cells([String])
        /// Text over all columns.
        case note(String)
        case rule
    }

    /// What stands above the columns.
    var head: [String]
    /// How many columns from the left are names.
    var nameColumns = 1
    var lines: [Line] = []

    /// The lines, each indented and ended.
    var text: String {
        let rows = lines.compactMap { if case .cells(let cells) = $0 { cells } else { nil } }
        var whole = Array(repeating: 0, count: head.count)
        var fraction = whole
        for row in rows {
            for (column, cell) in row.enumerated() where column < head.count {
                let (left, right) = split(cell, column)
                whole[column] = max(whole[column], left.columns)
                fraction[column] = max(fraction[column], right.columns)
            }
        }
        let widths = head.indices.map { max(head[$0].columns, whole[$0] + fraction[$0]) }
        func pad(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
        func joined(_ cells: [String]) -> String {
            var line = "  " + cells.joined(separator: "   ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }
        var output = joined(
            head.enumerated().map { column, title in
                column < nameColumns
                    ? title + pad(widths[column] - title.columns) : pad(widths[column] - title.columns) + title
            })
        let rule = "  " + String(repeating: "─", count: widths.reduce(3 * (widths.count - 1), +)) + "\n"
        output += rule
        for line in lines {
            switch line {
            case .rule: output += rule
            case .note(let text): output += "  \(text)\n"
            case .cells(let cells):
                output += joined(
                    cells.enumerated().map { column, cell in
                        guard column >= nameColumns else { return cell + pad(widths[column] - cell.columns) }
                        let (left, right) = split(cell, column)
                        return pad(widths[column] - fraction[column] - left.columns) + cell
                            + pad(fraction[column] - right.columns)
                    })
            }
        }
        return output
    }

    /// A number before and from its decimal point.
    private func split(_ cell: String, _ column: Int) -> (Substring, Substring) {
        guard column >= nameColumns, let point = cell.firstIndex(where: { $0 == "." || $0 == "e" }) else {
            return (cell[...], "")
        }
        return (cell[..<point], cell[point...])
    }

    /// A number with this many digits, for a reader: no exponent where it can be read without.
    static func number(_ value: Double, digits: Int = 6) -> String {
        guard value.isFinite else { return NumberText.json(value) }
        if value == 0 { return "0" }
        let scientific = String(format: "%.\(digits - 1)e", value)
        let parts = scientific.split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1]) else { return scientific }
        if exponent >= digits || exponent < -4 { return "\(parts[0])e\(exponent)" }
        return String(format: "%.\(digits - 1 - exponent)f", value)
    }
}

extension StringProtocol {
    /// How many columns of a terminal the text takes.
    fileprivate var columns: Int {
        reduce(0) { sum, character in
            let isWide = character.unicodeScalars.first.map { scalar in
                (0x1100...0x115F).contains(scalar.value) || (0x2E80...0xA4CF).contains(scalar.value)
                    || (0xAC00...0xD7A3).contains(scalar.value) || (0xF900...0xFAFF).contains(scalar.value)
                    || (0xFE30...0xFE6F).contains(scalar.value) || (0xFF00...0xFF60).contains(scalar.value)
                    || (0x1F300...0x1FAFF).contains(scalar.value)
            }
            return sum + (isWide == true ? 2 : 1)
        }
    }
}

/// Prints diagnostics as cli.md says: `file:line:column: error: message`, the source line, a caret under the range.
public struct DiagnosticRenderer: Sendable {
    public var source: SourceText
    public var usesColor: Bool
    private let starts: [Int]
    /// Longer source lines are cut around the caret.
    private static let widest = 160

    public init(source: SourceText, usesColor: Bool = false) {
        self.source = source
        self.usesColor = usesColor
        starts = source.lineStarts
    }

    /// The text of a diagnostic with its notes, each line ended.
    public func text(_ diagnostic: Diagnostic) -> String {
        var result = heading(diagnostic.range, diagnostic.severity.rawValue, diagnostic.message)
        result += excerpt(diagnostic.range)
        for note in diagnostic.notes {
            if let range = note.range {
                result += heading(range, "note", note.message) + excerpt(range)
            } else {
                result += styled("note: ", "36") + printable(note.message) + "\n"
            }
        }
        return result
    }

    /// The diagnostic as one JSON object on a line of its own.
    public func json(_ diagnostic: Diagnostic) -> String {
        var fields = [
            "\"file\":\(JSONText.quoted(source.name))", place(diagnostic.range),
            "\"severity\":\"\(diagnostic.severity.rawValue)\"", "\"message\":\(JSONText.quoted(diagnostic.message))",
        ]
        let notes = diagnostic.notes.map { note -> String in
            var parts: [String] = []
            if let range = note.range { parts += ["\"file\":\(JSONText.quoted(source.name))", place(range)] }
            parts.append("\"message\":\(JSONText.quoted(note.message))")
            return "{\(parts.joined(separator: ","))}"
        }
        fields.append("\"notes\":[\(notes.joined(separator: ","))]")
        return "{\(fields.joined(separator: ","))}\n"
    }

    private func place(_ range: SourceRange) -> String {
        let start = source.place(of: Int(range.lower), starts)
        let end = source.place(of: Int(range.upper), starts)
        return
            "\"line\":\(start.line),\"column\":\(start.column),\"endLine\":\(end.line),\"endColumn\":\(end.column)"
    }

    private func heading(_ range: SourceRange, _ kind: String, _ message: String) -> String {
        let place = source.place(of: Int(range.lower), starts)
        let head = styled("\(source.name):\(place.line):\(place.column): ", "1")
        return head + styled("\(kind): ", kind == "error" ? "1;31" : kind == "warning" ? "1;35" : "36")
            + styled(printable(message), "1") + "\n"
    }

    /// The line and, below it, a caret under the range's first scalar and tildes under the others.
    private func excerpt(_ range: SourceRange) -> String {
        let start = source.place(of: Int(range.lower), starts)
        let end = source.place(of: Int(range.upper), starts)
        var line = Array(source.line(start.line, starts).unicodeScalars)
        if start.line == 1, line.first == "\u{FEFF}" { line.removeFirst() }
        let column = min(start.column - 1, line.count)
        let last = end.line == start.line ? max(end.column - 1, column + 1) : max(line.count, column + 1)
        var first = 0
        if line.count > DiagnosticRenderer.widest {
            first = max(0, min(column - 60, line.count - DiagnosticRenderer.widest))
        }
        let shown = line[first..<min(line.count, first + DiagnosticRenderer.widest)]
        var text = first > 0 ? "…" : ""
        var below = first > 0 ? " " : ""
        var marks = 0
        for (offset, scalar) in shown.enumerated() {
            let position = first + offset
            let visible = DiagnosticRenderer.visible(scalar)
            text += visible
            if position < column { below += DiagnosticRenderer.blank(scalar, visible) }
            if position >= column, position < last {
                marks += scalar == "\t" ? 1 : DiagnosticRenderer.blank(scalar, visible).utf8.count
            }
        }
        if first + shown.count < line.count { text += "…" }
        below += styled("^" + String(repeating: "~", count: max(0, marks - 1)), "1;32")
        return text + "\n" + below + "\n"
    }

    private static func blank(_ scalar: Unicode.Scalar, _ visible: String) -> String {
        if scalar == "\t" { return "\t" }
        // Marks that sit on the letter before take no column.
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return ""
        default: return String(repeating: " ", count: isWide(scalar) ? 2 : visible.unicodeScalars.count)
        }
    }

    /// Whether a terminal draws the scalar two columns wide.
    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }

    /// Control characters must not reach a terminal.
    private static func visible(_ scalar: Unicode.Scalar) -> String {
        switch scalar.properties.generalCategory {
        case .control where scalar != "\t", .lineSeparator, .paragraphSeparator: "\u{FFFD}"
        default: String(scalar)
        }
    }

    private func printable(_ text: String) -> String {
        text.unicodeScalars.map { DiagnosticRenderer.visible($0) }.joined()
    }

    private func styled(_ text: String, _ code: String) -> String {
        usesColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

/// Text inside JSON.
enum JSONText {
    /// A string in quotes, with what JSON does not allow escaped.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                if scalar.value < 0x20 || scalar.value == 0x2028 || scalar.value == 0x2029 {
                    let hex = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}

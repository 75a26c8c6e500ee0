/// Writes diagnostics as text: `file:line:column: error: message`, the source line, a caret under the range, notes.
public struct DiagnosticRenderer: Sendable {
    private let source: SourceText
    private let lines: SourceLines
    private let usesColor: Bool

    /// The most columns of a source line that are shown; of a longer line, the part around the range.
    static let widestLine = 120

    /// A renderer for the diagnostics of one text.
    public init(_ source: SourceText, usesColor: Bool = false) {
        self.source = source
        self.usesColor = usesColor
        lines = SourceLines(source)
    }

    /// All of a list, each diagnostic's lines ended by a line feed.
    public func text(_ list: DiagnosticList) -> String {
        var result = ""
        for diagnostic in list.shown { write(diagnostic, to: &result) }
        if list.omittedErrors > 0 {
            let errors = list.omittedErrors == 1 ? "1 more error is" : "\(list.omittedErrors) more errors are"
            result += "\(errors) not shown\n"
        }
        return result
    }

    /// All of a list as JSON, one object a line.
    public func json(_ list: DiagnosticList) -> String {
        var result = ""
        for diagnostic in list.shown {
            result += "{"
            result += place(diagnostic.range)
            result += ",\"severity\":\"\(diagnostic.severity.rawValue)\""
            result += ",\"message\":\(DiagnosticRenderer.quoted(diagnostic.message)),\"notes\":["
            for (position, note) in diagnostic.notes.enumerated() {
                if position > 0 { result += "," }
                result += "{"
                if let range = note.range { result += place(range) + "," }
                result += "\"message\":\(DiagnosticRenderer.quoted(note.message))}"
            }
            result += "]}\n"
        }
        return result
    }

    private func place(_ range: SourceRange) -> String {
        let start = lines.position(of: range.lower)
        let end = lines.position(of: max(range.lower, range.upper))
        return "\"file\":\(DiagnosticRenderer.quoted(source.name)),\"line\":\(start.line),\"column\":\(start.column)"
            + ",\"endLine\":\(end.line),\"endColumn\":\(end.column)"
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7F {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }

    // MARK: Text

    private func write(_ diagnostic: Diagnostic, to result: inout String) {
        write(
            diagnostic.severity.rawValue, color: diagnostic.severity == .error ? "1;31" : "1;35", diagnostic.message,
            at: diagnostic.range, to: &result)
        for note in diagnostic.notes { write("note", color: "1;36", note.message, at: note.range, to: &result) }
    }

    private func write(
        _ label: String, color: String, _ message: String, at range: SourceRange?, to result: inout String
    ) {
        let message = DiagnosticRenderer.harmless(message)
        guard let range else {
            result += "\(painted("\(label):", color)) \(painted(message, "1"))\n"
            return
        }
        let position = lines.position(of: range.lower)
        let place = "\(DiagnosticRenderer.harmless(source.name)):\(position.line):\(position.column):"
        result += "\(painted(place, "1")) \(painted("\(label):", color)) \(painted(message, "1"))\n"
        let (line, caret) = excerpt(range)
        result += "\(line)\n"
        result += caret.prefix + painted(caret.mark, "1;32") + "\n"
    }

    private func painted(_ text: String, _ color: String) -> String {
        usesColor ? "\u{1B}[\(color)m\(text)\u{1B}[0m" : text
    }

    /// A text without what could command a terminal.
    static func harmless(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = ""
        for scalar in text.unicodeScalars { result.unicodeScalars.append(isControl(scalar) ? "\u{FFFD}" : scalar) }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// The source line, or the part of it around the range, and the line with the caret below it.
    private func excerpt(_ range: SourceRange) -> (line: String, caret: (prefix: String, mark: String)) {
        let line = lines.lineRange(of: range.lower)
        let lower = min(max(Int(range.lower), line.lowerBound), line.upperBound)
        let upper = min(max(Int(range.upper), lower), line.upperBound)
        let (first, last) = window(line, around: lower..<upper)
        var text = first > line.lowerBound ? "…" : ""
        var prefix = text.isEmpty ? "" : " "
        var mark = ""
        var at = first
        while at < last {
            let reading = ScalarReading(source.bytes, at: at)
            var scalar = reading.scalar ?? "\u{FFFD}"
            if DiagnosticRenderer.isControl(scalar), scalar != "\t" { scalar = "\u{FFFD}" }
            text.unicodeScalars.append(scalar)
            // A tab stays a tab before the caret, so that both lines stop at the same column.
            if at < lower {
                prefix += scalar == "\t" ? "\t" : String(repeating: " ", count: DiagnosticRenderer.width(of: scalar))
            } else if at < upper {
                mark += String(repeating: "~", count: scalar == "\t" ? 1 : DiagnosticRenderer.width(of: scalar))
            }
            at += reading.length
        }
        if last < line.upperBound { text += "…" }
        return (text, (prefix, "^" + mark.dropFirst()))
    }

    /// The bytes of a line to show: all of it, or at most ``widestLine`` scalars around the range's start.
    private func window(_ line: Range<Int>, around range: Range<Int>) -> (first: Int, last: Int) {
        if line.count <= DiagnosticRenderer.widestLine { return (line.lowerBound, line.upperBound) }
        var first = range.lowerBound
        var before = 0
        while first > line.lowerBound, before < DiagnosticRenderer.widestLine / 3 {
            first -= 1
            // Step over the continuation bytes of one scalar.
            var steps = 0
            while first > line.lowerBound, steps < 3, source.bytes[first] & 0xC0 == 0x80 {
                first -= 1
                steps += 1
            }
            before += 1
        }
        var last = first
        var count = 0
        while last < line.upperBound, count < DiagnosticRenderer.widestLine {
            last += ScalarReading(source.bytes, at: last).length
            count += 1
        }
        return (first, last)
    }

    /// How many columns of a terminal a scalar takes: East Asian wide characters two, combining marks none.
    static func width(of scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
            0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}

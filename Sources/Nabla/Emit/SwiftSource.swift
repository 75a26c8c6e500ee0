/// Swift source as a tree: what the Swift printer builds and ``SwiftRenderer`` writes.
///
/// In a text, ``softBreak`` is a space at which a line may be broken.
enum SwiftSource: Sendable {
    case blank
    /// A statement or a declaration on one line.
    case line(String)
    /// `//` before each line of the text.
    case comment(String)
    /// `///` before each line of the text.
    case documentation(String)
    /// `head { … }`.
    case braces(String, [SwiftSource])
    /// `call { parameter in … }`: the head ends in `in`.
    case closure(String, [SwiftSource])
    /// `if … { … } else { … }`: each branch with its head (`if x`, `else`).
    case branches([(head: String, body: [SwiftSource])])
    /// `head(items)tail { … }`; without a body no braces.
    case list(head: String, items: [String], tail: String, body: [SwiftSource]?)
    /// `head = [numbers]`, as many on a line as fit.
    case table(head: String, items: [String])
    /// `guard condition else { throw Error("message") }`.
    case require(String, error: String)
    /// Several, one after another.
    case sequence([SwiftSource])

    /// A space where the line may be broken.
    static let softBreak: Character = "\u{1}"
}

/// Writes a tree of Swift source: indentation, line breaks, nothing else.
struct SwiftRenderer {
    private(set) var text = ""
    private let width = 120

    /// The text of the sources, each line ended.
    static func render(_ sources: [SwiftSource]) -> String {
        var renderer = SwiftRenderer()
        renderer.write(sources, 0)
        return renderer.text
    }

    // As deep as the printer nests, which it bounds.
    private mutating func write(_ sources: [SwiftSource], _ level: Int) {
        for source in sources { write(source, level) }
    }

    private mutating func write(_ source: SwiftSource, _ level: Int) {
        switch source {
        case .blank: text += "\n"
        case .line(let line): writeLine(line, level)
        case .comment(let comment): writeComment("//", comment, level)
        case .documentation(let comment): writeComment("///", comment, level)
        case .braces(let head, let body): writeBraces(head, body, level)
        case .closure(let head, let body):
            writeLine(head, level)
            write(body, level + 1)
            writeLine("}", level)
        case .branches(let branches): writeBranches(branches, level)
        case .list(let head, let items, let tail, let body): writeList(head, items, tail, body, level)
        case .table(let head, let items): writeTable(head, items, level)
        case .require(let condition, let error):
            writeBraces("guard \(condition) else", [.line("throw \(error)")], level)
        case .sequence(let sources): write(sources, level)
        }
    }

    private func indentation(_ level: Int) -> String { String(repeating: "    ", count: level) }

    private mutating func writeComment(_ mark: String, _ comment: String, _ level: Int) {
        for line in comment.split(separator: "\n", omittingEmptySubsequences: false) {
            text += indentation(level) + mark + (line.isEmpty ? "" : " \(line)") + "\n"
        }
    }

    private mutating func writeLine(_ line: String, _ level: Int) {
        var current = indentation(level)
        var isFirst = true
        for piece in line.split(separator: SwiftSource.softBreak) {
            if isFirst {
                current += piece
            } else if current.count + 1 + piece.count <= width {
                current += " " + piece
            } else {
                text += current + "\n"
                current = indentation(level + 1) + piece
            }
            isFirst = false
        }
        text += current + "\n"
    }

    private func joined(_ line: String) -> String {
        line.contains(SwiftSource.softBreak)
            ? String(line.map { $0 == SwiftSource.softBreak ? " " : $0 }) : line
    }

    /// A body of one short line stands on the line of its head.
    private mutating func writeBraces(_ head: String, _ body: [SwiftSource], _ level: Int) {
        if body.isEmpty {
            writeLine("\(head) {}", level)
            return
        }
        if body.count == 1, case .line(let line) = body[0] {
            let whole = "\(joined(head)) { \(joined(line)) }"
            if 4 * level + whole.count <= 100 {
                writeLine(whole, level)
                return
            }
        }
        writeLine("\(head) {", level)
        write(body, level + 1)
        writeLine("}", level)
    }

    private mutating func writeBranches(_ branches: [(head: String, body: [SwiftSource])], _ level: Int) {
        if branches.count == 1 {
            writeBraces(branches[0].head, branches[0].body, level)
            return
        }
        for (position, branch) in branches.enumerated() {
            writeLine("\(position == 0 ? "" : "} ")\(branch.head) {", level)
            write(branch.body, level + 1)
        }
        writeLine("}", level)
    }

    private mutating func writeList(
        _ head: String, _ items: [String], _ tail: String, _ body: [SwiftSource]?, _ level: Int
    ) {
        let brace = body == nil ? "" : " {"
        let whole = "\(head)(\(items.joined(separator: ", ")))\(tail)"
        if 4 * level + whole.count + brace.count <= width {
            if let body { writeBraces(whole, body, level) } else { writeLine(whole, level) }
            return
        }
        writeLine("\(head)(", level)
        var current = indentation(level + 1)
        for (position, item) in items.enumerated() {
            let piece = item + (position + 1 < items.count ? "," : "")
            if position > 0 {
                if current.count + 1 + piece.count <= width {
                    current += " "
                } else {
                    text += current + "\n"
                    current = indentation(level + 1)
                }
            }
            current += piece
        }
        text += current + "\n"
        writeLine(")\(tail)\(brace)", level)
        if let body {
            write(body, level + 1)
            writeLine("}", level)
        }
    }

    private mutating func writeTable(_ head: String, _ items: [String], _ level: Int) {
        let whole = "\(head) = [\(items.joined(separator: ", "))]"
        if items.count <= 40, 4 * level + whole.count <= width {
            writeLine(whole, level)
            return
        }
        writeLine("\(head) = [", level)
        var current = indentation(level + 1)
        var isFirst = true
        for item in items {
            if !isFirst {
                if current.count + 2 + item.count <= width {
                    current += " "
                } else {
                    text += current + "\n"
                    current = indentation(level + 1)
                }
            }
            current += item + ","
            isFirst = false
        }
        text += current + "\n"
        writeLine("]", level)
    }
}

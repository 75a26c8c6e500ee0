/// A JSON text (RFC 8259), read strictly: one flat list of values, children behind their parents' last sibling.
struct JSONTree: Sendable {
    /// The place of a value.
    typealias ID = Int

    enum Kind: UInt8, Sendable {
        case null, boolean, number, string, array, object
    }

    struct Node: Sendable {
        var kind: Kind
        /// Of a boolean, whether it is true.
        var isTrue = false
        var number = 0.0
        /// Of a string, its place in `strings`; of an array or object, the first of its children in `children`.
        var first = 0
        var count = 0
        var range: SourceRange
    }

    private(set) var nodes: [Node] = []
    private(set) var strings: [String] = []
    /// Of arrays the elements, of objects keys (strings) and values in turn.
    private var children: [ID] = []
    private(set) var root: ID = 0

    /// - Throws: the first thing that is wrong, as a diagnostic.
    init(_ source: SourceText) throws(Diagnostic) {
        var reader = JSONReader(source.bytes)
        root = try reader.read(into: &self)
    }

    subscript(id: ID) -> Node { nodes[id] }

    func elements(of id: ID) -> ArraySlice<ID> {
        let node = nodes[id]
        return children[node.first..<node.first + node.count]
    }

    /// The members of an object, in their order.
    func members(of id: ID) -> [(key: String, keyID: ID, value: ID)] {
        let entries = elements(of: id)
        return stride(from: entries.startIndex, to: entries.endIndex - 1, by: 2).map { place in
            (string(entries[place]), entries[place], entries[place + 1])
        }
    }

    func string(_ id: ID) -> String { strings[nodes[id].first] }

    mutating func add(_ node: Node) -> ID {
        nodes.append(node)
        return nodes.count - 1
    }

    mutating func add(string: String, _ range: SourceRange) -> ID {
        strings.append(string)
        return add(Node(kind: .string, first: strings.count - 1, range: range))
    }

    mutating func add(_ kind: Kind, _ members: [ID], _ range: SourceRange) -> ID {
        let first = children.count
        children.append(contentsOf: members)
        return add(Node(kind: kind, first: first, count: members.count, range: range))
    }
}

/// Reads JSON with an explicit stack, so that brackets may be nested as deep as the text has them.
private struct JSONReader {
    let bytes: [UInt8]
    var position = 0

    /// An array or object that is open.
    private struct Open {
        var isObject: Bool
        var start: Int
        var members: [JSONTree.ID] = []
        var keys: Set<String> = []
    }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    mutating func read(into tree: inout JSONTree) throws(Diagnostic) -> JSONTree.ID {
        var open: [Open] = []
        skipSpace()
        while true {
            // A value, or the end of an empty array or object.
            var value: JSONTree.ID
            switch peek {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let isObject = peek == UInt8(ascii: "{")
                open.append(Open(isObject: isObject, start: position))
                position += 1
                skipSpace()
                if peek == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    position += 1
                    value = close(&open, &tree)
                } else {
                    if isObject { try readKey(&open, &tree) }
                    continue
                }
            default: value = try readScalar(&tree)
            }
            // What follows a value.
            while true {
                skipSpace()
                guard let last = open.indices.last else {
                    guard position == bytes.count else { throw error("there is something after the end of the values") }
                    return value
                }
                open[last].members.append(value)
                let closing = open[last].isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
                if peek == UInt8(ascii: ",") {
                    position += 1
                    skipSpace()
                    if open[last].isObject { try readKey(&open, &tree) }
                    break
                }
                guard peek == closing else {
                    if peek == nil { throw unclosed(open[last]) }
                    throw error(open[last].isObject ? "',' or '}' is expected here" : "',' or ']' is expected here")
                }
                position += 1
                value = close(&open, &tree)
            }
        }
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func range(from start: Int, to end: Int? = nil) -> SourceRange {
        SourceRange(
            lower: UInt32(truncatingIfNeeded: start),
            upper: UInt32(truncatingIfNeeded: min(end ?? position, bytes.count)))
    }

    private func error(_ message: String, at start: Int? = nil) -> Diagnostic {
        let start = start ?? position
        return Diagnostic(message, range: range(from: start, to: max(start + 1, position)))
    }

    private func unclosed(_ open: Open) -> Diagnostic {
        Diagnostic(
            "this '\(open.isObject ? "{" : "[")' is never closed", range: range(from: open.start, to: open.start + 1))
    }

    private func close(_ open: inout [Open], _ tree: inout JSONTree) -> JSONTree.ID {
        guard let last = open.popLast() else { return 0 }
        return tree.add(last.isObject ? .object : .array, last.members, range(from: last.start))
    }

    private mutating func readKey(_ open: inout [Open], _ tree: inout JSONTree) throws(Diagnostic) {
        guard let last = open.indices.last else { return }
        guard peek == UInt8(ascii: "\"") else {
            if peek == nil { throw unclosed(open[last]) }
            throw error("a name in double quotes is expected here")
        }
        let start = position
        let key = try readString()
        let keyRange = range(from: start)
        guard open[last].keys.insert(key).inserted else {
            throw Diagnostic("\"\(key)\" stands twice in the same object", range: keyRange)
        }
        open[last].members.append(tree.add(string: key, keyRange))
        skipSpace()
        guard peek == UInt8(ascii: ":") else { throw error("':' is expected here") }
        position += 1
        skipSpace()
    }

    private mutating func readScalar(_ tree: inout JSONTree) throws(Diagnostic) -> JSONTree.ID {
        let start = position
        switch peek {
        case nil: throw error("a value is expected here", at: max(0, bytes.count - 1))
        case UInt8(ascii: "\""):
            let text = try readString()
            return tree.add(string: text, range(from: start))
        case .some(let byte) where byte == UInt8(ascii: "-") || isDigit(byte):
            let number = try readNumber()
            return tree.add(JSONTree.Node(kind: .number, number: number, range: range(from: start)))
        default:
            for (word, node) in [
                ("true", JSONTree.Node(kind: .boolean, isTrue: true, range: .none)),
                ("false", JSONTree.Node(kind: .boolean, range: .none)),
                ("null", JSONTree.Node(kind: .null, range: .none)),
            ] where bytes[start...].starts(with: word.utf8) {
                position += word.utf8.count
                var found = node
                found.range = range(from: start)
                return tree.add(found)
            }
            throw error("a value is expected here")
        }
    }

    private mutating func readNumber() throws(Diagnostic) -> Double {
        let start = position
        func digits() -> Bool {
            let first = position
            while let byte = peek, isDigit(byte) { position += 1 }
            return position > first
        }
        if peek == UInt8(ascii: "-") { position += 1 }
        let isZero = peek == UInt8(ascii: "0")
        let first = position
        guard digits() else { throw error("a number needs digits here", at: start) }
        guard !isZero || position == first + 1 else { throw error("a number has no leading zeros", at: start) }
        if peek == UInt8(ascii: ".") {
            position += 1
            guard digits() else { throw error("a number needs digits after the point", at: start) }
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            position += 1
            if peek == UInt8(ascii: "-") || peek == UInt8(ascii: "+") { position += 1 }
            guard digits() else { throw error("a number needs digits in its exponent", at: start) }
        }
        guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)), value.isFinite else {
            throw error("this number is too large", at: start)
        }
        return value
    }

    private mutating func readString() throws(Diagnostic) -> String {
        let start = position
        position += 1
        var text: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let result = String(validating: text, as: UTF8.self) else {
                    throw error("this text is not valid UTF-8", at: start)
                }
                return result
            case UInt8(ascii: "\\"): try readEscape(&text)
            case 0..<0x20: throw error("a control character stands in a text", at: position - 1)
            default: text.append(byte)
            }
        }
        throw Diagnostic("this text is never closed", range: range(from: start, to: start + 1))
    }

    private mutating func readEscape(_ text: inout [UInt8]) throws(Diagnostic) {
        let start = position - 1
        guard let byte = peek else { return }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try readHex(start)
            if (0xD800..<0xDC00).contains(code), peek == UInt8(ascii: "\\"), position + 1 < bytes.count,
                bytes[position + 1] == UInt8(ascii: "u")
            {
                position += 2
                let low = try readHex(start)
                guard (0xDC00..<0xE000).contains(low) else { throw error("this escape is no character", at: start) }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw error("this escape is no character", at: start) }
            text.append(contentsOf: String(Character(scalar)).utf8)
        default: throw error("this escape is unknown", at: start)
        }
    }

    private mutating func readHex(_ start: Int) throws(Diagnostic) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw error("'\\u' needs four hexadecimal digits", at: start)
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}

/// Finds its way in LaTeX that the printers wrote: groups in braces, and what stands at the top.
struct LaTeXScanner {
    private let bytes: [UInt8]

    init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

    /// A piece of the text.
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    var count: Int { bytes.count }

    /// Whether the text has these characters at a place.
    func has(_ characters: String, at place: Int) -> Bool { bytes[place...].starts(with: characters.utf8) }

    /// What stands in the braces that open at a place; nil where none do, or they do not close.
    func group(at open: Int) -> Range<Int>? {
        guard open < bytes.count, bytes[open] == UInt8(ascii: "{") else { return nil }
        var depth = 0
        var place = open
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\\"): place += 1
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 { return open + 1..<place }
            default: break
            }
            place += 1
        }
        return nil
    }

    /// The labels of all braces under formulas: what `\underbrace{…}_{…}` says.
    var labels: [Range<Int>] {
        let command = #"\underbrace"#
        var labels: [Range<Int>] = []
        var place = 0
        while place < bytes.count {
            guard has(command, at: place), let over = group(at: place + command.utf8.count),
                has("_", at: over.upperBound + 1), let label = group(at: over.upperBound + 2)
            else {
                place += 1
                continue
            }
            labels.append(label)
            place = label.upperBound
        }
        return labels
    }

    /// The places where some characters stand at the top: in no group, and not between `\left` and `\right`.
    func places(of characters: String) -> [Int] {
        var places: [Int] = []
        var depth = 0
        var place = 0
        while place < bytes.count {
            if depth == 0, has(characters, at: place) { places.append(place) }
            switch bytes[place] {
            case UInt8(ascii: "\\"):
                if isCommand("left", at: place) || isCommand("begin", at: place) { depth += 1 }
                if isCommand("right", at: place) || isCommand("end", at: place) { depth -= 1 }
                place += 1
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"): depth -= 1
            default: break
            }
            place += 1
        }
        return places
    }

    /// Whether a command of just this name stands at a backslash: `\left` is no `\leftarrow`.
    private func isCommand(_ name: String, at backslash: Int) -> Bool {
        guard has(name, at: backslash + 1) else { return false }
        let next = backslash + 1 + name.utf8.count
        guard next < bytes.count else { return true }
        return !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[next] | 0x20)
    }
}

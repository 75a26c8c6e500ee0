/// A spec's text with its name: what ranges and places refer to.
public struct SourceText: Sendable {
    /// The file's name as diagnostics print it.
    public let name: String
    /// The text in UTF-8; any bytes.
    public let bytes: [UInt8]

    /// The largest text whose offsets fit ``SourceRange``.
    public static let largest = Int(UInt32.max) - 1

    /// A text from a string.
    public init(name: String, text: String) {
        self.init(name: name, bytes: Array(text.utf8))
    }

    /// A text from bytes, which need not be valid UTF-8.
    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// A place as people count: lines and columns from 1, columns in Unicode scalars.
    public struct Place: Hashable, Sendable {
        public var line: Int
        public var column: Int
    }

    /// The text of a range; bytes that are no UTF-8 become U+FFFD.
    public func text(_ range: SourceRange) -> String {
        let lower = min(Int(range.lower), bytes.count)
        let upper = min(max(Int(range.upper), lower), bytes.count)
        return String(decoding: bytes[lower..<upper], as: UTF8.self)
    }

    /// Where lines start, for many look-ups of places.
    public var lineStarts: [Int] {
        var starts = [0]
        for (offset, byte) in bytes.enumerated() where byte == 0x0A { starts.append(offset + 1) }
        return starts
    }

    /// The place of an offset, given ``lineStarts``.
    public func place(of offset: Int, _ starts: [Int]) -> Place {
        let offset = min(max(offset, 0), bytes.count)
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return Place(line: low + 1, column: scalars(from: starts[low], to: offset) + 1)
    }

    /// How many scalars start between two offsets; a stray byte counts as one.
    private func scalars(from start: Int, to end: Int) -> Int {
        var count = 0
        for byte in bytes[min(start, end)..<end] where byte & 0xC0 != 0x80 { count += 1 }
        return count
    }

    /// The line's text without its end.
    public func line(_ number: Int, _ starts: [Int]) -> String {
        guard starts.indices.contains(number - 1) else { return "" }
        let start = starts[number - 1]
        var end = number < starts.count ? starts[number] - 1 : bytes.count
        if end > start, bytes[end - 1] == 0x0D { end -= 1 }
        return String(decoding: bytes[start..<max(start, end)], as: UTF8.self)
    }
}

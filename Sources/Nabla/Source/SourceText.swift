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
        var at = low == 0 ? start : starts[low]
        var column = 1
        while at < offset {
            at += ScalarReading(bytes, at: at).length
            column += 1
        }
        return Place(line: low + 1, column: column)
    }

    /// Where the text starts: behind the byte order mark, if there is one, which is no column.
    var start: Int { bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }

    /// The last line that has text, without the white space at its ends; empty where there is none.
    var lastLine: SourceRange {
        var upper = bytes.count
        while upper > start, SourceText.isBlank(bytes[upper - 1]) { upper -= 1 }
        if upper <= start { return .none }
        var lower = upper
        while lower > start, bytes[lower - 1] != 0x0A { lower -= 1 }
        while lower < upper, SourceText.isBlank(bytes[lower]) { lower += 1 }
        return SourceRange(lower: UInt32(clamping: lower), upper: UInt32(clamping: upper))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// One range for each run of bytes that are no UTF-8, up to a hundred of them.
    var invalidRanges: [SourceRange] {
        var ranges: [SourceRange] = []
        var at = start
        while at < bytes.count, ranges.count < 100 {
            if bytes[at] < 0x80 {
                at += 1
                continue
            }
            let lower = at
            let first = ScalarReading(bytes, at: at)
            at += first.length
            if first.scalar != nil { continue }
            while at < bytes.count, bytes[at] >= 0x80 {
                let next = ScalarReading(bytes, at: at)
                if next.scalar != nil { break }
                at += next.length
            }
            ranges.append(SourceRange(lower: UInt32(clamping: lower), upper: UInt32(clamping: at)))
        }
        return ranges
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

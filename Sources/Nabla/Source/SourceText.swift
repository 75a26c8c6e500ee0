/// The text of one file: a name for messages, and bytes that should be UTF-8 but may be anything.
public struct SourceText: Sendable {
    /// What messages call the file.
    public let name: String
    /// The bytes as they were read.
    public let bytes: [UInt8]

    /// A text from bytes.
    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// A text from a string.
    public init(name: String, text: String) {
        self.init(name: name, bytes: Array(text.utf8))
    }

    /// The most bytes that a text may have, so that every offset fits in a ``SourceRange``.
    public static let mostBytes = Int(UInt32.max) - 1

    /// Where the text starts: after the byte order mark, if there is one.
    var start: Int {
        bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
    }

    /// The text in a range, with a replacement character for what is no UTF-8. What lies outside the text is left out.
    public func text(_ range: SourceRange) -> String {
        let upper = min(Int(range.upper), bytes.count)
        let lower = min(Int(range.lower), upper)
        return String(decoding: bytes[lower..<upper], as: UTF8.self)
    }

    /// The last line that has text other than white space, without the white space at its ends; empty where there is none.
    public var lastLine: SourceRange {
        var upper = bytes.count
        while upper > start, SourceText.isBlank(bytes[upper - 1]) { upper -= 1 }
        if upper <= start { return .none }
        var lower = upper
        while lower > start, bytes[lower - 1] != 0x0A, bytes[lower - 1] != 0x0D { lower -= 1 }
        while lower < upper, SourceText.isBlank(bytes[lower]) { lower += 1 }
        return SourceRange(lower: UInt32(clamping: lower), upper: UInt32(clamping: upper))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

/// One Unicode scalar in a sequence of bytes.
struct ScalarReading {
    /// Nil where the bytes are no UTF-8.
    var scalar: Unicode.Scalar?
    /// How many bytes it takes; at least 1, also where it is nil.
    var length: Int

    /// Reads the scalar that starts at `offset`, which lies inside `bytes`.
    ///
    /// The well-formed sequences are those of the Unicode standard, table 3-7: no overlong forms, no surrogates.
    init(_ bytes: [UInt8], at offset: Int) {
        let first = bytes[offset]
        if first < 0x80 {
            scalar = Unicode.Scalar(first)
            length = 1
            return
        }
        scalar = nil
        length = 1
        let count: Int
        var low: UInt8 = 0x80
        var high: UInt8 = 0xBF
        switch first {
        case 0xC2...0xDF: count = 2
        case 0xE0...0xEF:
            count = 3
            if first == 0xE0 { low = 0xA0 }
            if first == 0xED { high = 0x9F }
        case 0xF0...0xF4:
            count = 4
            if first == 0xF0 { low = 0x90 }
            if first == 0xF4 { high = 0x8F }
        default: return
        }
        var value = UInt32(first) & (0x7F >> UInt32(count))
        for position in 1..<count {
            guard offset + position < bytes.count else { return }
            let next = bytes[offset + position]
            guard next >= low, next <= high else { return }
            (low, high) = (0x80, 0xBF)
            value = value << 6 | UInt32(next & 0x3F)
            length = position + 1
        }
        scalar = Unicode.Scalar(value)
        if scalar == nil { length = 1 }
    }
}

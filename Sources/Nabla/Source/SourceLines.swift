/// A place in a text: line and column start at 1, a column is a Unicode scalar.
public struct SourcePosition: Hashable, Sendable {
    public var line: Int
    public var column: Int
}

/// Where the lines of a text start: made when the first place is asked for.
///
/// A line ends at LF, CR LF or CR. A byte order mark is no column.
public struct SourceLines: Sendable {
    private let source: SourceText
    private let starts: [UInt32]

    /// Finds the lines of a text.
    public init(_ source: SourceText) {
        self.source = source
        let bytes = source.bytes
        var starts = [UInt32(clamping: source.start)]
        for offset in source.start..<max(source.start, min(bytes.count, SourceText.mostBytes)) {
            let byte = bytes[offset]
            let isEnd = byte == 0x0A || byte == 0x0D && !(offset + 1 < bytes.count && bytes[offset + 1] == 0x0A)
            if isEnd { starts.append(UInt32(clamping: offset + 1)) }
        }
        self.starts = starts
    }

    /// The line, counted from 0, that an offset lies in.
    private func line(of offset: Int) -> Int {
        var lower = 0
        var upper = starts.count
        while upper - lower > 1 {
            let middle = lower + (upper - lower) / 2
            if Int(starts[middle]) <= offset { lower = middle } else { upper = middle }
        }
        return lower
    }

    /// The line and column of an offset; an offset behind the text is taken as its end.
    public func position(of offset: UInt32) -> SourcePosition {
        let offset = min(Int(offset), source.bytes.count)
        let line = line(of: offset)
        var column = 1
        var at = Int(starts[line])
        while at < offset {
            at += ScalarReading(source.bytes, at: at).length
            column += 1
        }
        return SourcePosition(line: line + 1, column: column)
    }

    /// The bytes of the line that an offset lies in, without the line's end.
    func lineRange(of offset: UInt32) -> Range<Int> {
        let offset = min(Int(offset), source.bytes.count)
        let line = line(of: offset)
        let lower = Int(starts[line])
        var upper = line + 1 < starts.count ? Int(starts[line + 1]) : source.bytes.count
        while upper > lower, source.bytes[upper - 1] == 0x0A || source.bytes[upper - 1] == 0x0D { upper -= 1 }
        return lower..<upper
    }
}

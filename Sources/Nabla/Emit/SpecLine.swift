/// A statement of a spec as pieces of text, laid out in lines that the language reads as one.
///
/// A line ends where a bracket is open or after an operator; among the places that fill a line well, the least nested
/// one wins.
struct SpecLine {
    /// The widest line, in Unicode scalars.
    static let limit = 100

    private struct Piece {
        /// Its bytes in `text`.
        var start: UInt32
        var end: UInt32
        /// In Unicode scalars.
        var width: UInt32
        /// How many brackets are open after the piece.
        var depth: UInt16
        /// Whether a line may end after the piece.
        var breaks: Bool
        /// Whether the piece joins tighter than its neighbours, so that a line should rather end elsewhere.
        var isTight = false

        /// The lower, the better does a line end here.
        var rank: Int { 2 * Int(depth) + (isTight ? 1 : 0) }
    }

    /// The pieces' text in UTF-8, one after another: one allocation for all of them.
    private var text: [UInt8] = []
    private var pieces: [Piece] = []
    private var depth = 0

    /// Empties the line and keeps its memory.
    mutating func clear() {
        text.removeAll(keepingCapacity: true)
        pieces.removeAll(keepingCapacity: true)
        depth = 0
    }

    /// Appends text after which no line ends.
    mutating func write(_ text: String) { append(text, breaks: false) }

    /// Appends text after which a line may end.
    mutating func writeBreakable(_ text: String, isTight: Bool = false) {
        append(text, breaks: true)
        pieces[pieces.count - 1].isTight = isTight
    }

    /// Appends an opening bracket.
    mutating func open(_ text: String) {
        depth += 1
        append(text, breaks: true)
    }

    /// Appends a closing bracket.
    mutating func close(_ text: String) {
        depth -= 1
        append(text, breaks: false)
    }

    private mutating func append(_ text: String, breaks: Bool) {
        let (start, width) = store(text)
        pieces.append(
            Piece(
                start: start, end: UInt32(truncatingIfNeeded: self.text.count), width: width,
                depth: UInt16(clamping: depth), breaks: breaks))
    }

    private mutating func store(_ string: String) -> (start: UInt32, width: UInt32) {
        let start = text.count
        text.append(contentsOf: string.utf8)
        var width = 0
        // A scalar has one byte that does not continue another.
        for position in start..<text.count where text[position] & 0xC0 != 0x80 { width += 1 }
        return (UInt32(truncatingIfNeeded: start), UInt32(truncatingIfNeeded: width))
    }

    /// Keeps a place for text that is known later.
    mutating func reserve() -> Int {
        write("")
        return pieces.count - 1
    }

    /// Fills a place that was kept.
    mutating func fill(_ place: Int, _ text: String) {
        let (start, width) = store(text)
        pieces[place].start = start
        pieces[place].end = UInt32(truncatingIfNeeded: self.text.count)
        pieces[place].width = width
    }

    /// All on one line.
    var singleLine: String {
        var line: [UInt8] = []
        for piece in pieces { line.append(contentsOf: text[Int(piece.start)..<Int(piece.end)]) }
        return String(decoding: line, as: UTF8.self)
    }

    /// The laid out lines, each with its end.
    var lines: String {
        var output: [UInt8] = []
        lay(out: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends the laid out lines, with the last line's end, to `output`.
    func lay(out output: inout [UInt8]) {
        var lineStart = 0
        var indent = 0
        var width = 0
        var lastBreak: Int?
        var position = 0
        while position < pieces.count {
            width += Int(pieces[position].width)
            if width > Self.limit, let reached = lastBreak {
                let end = bestBreak(from: lineStart, through: reached, indent: indent)
                write(lineStart...end, indent, isLast: false, to: &output)
                lineStart = end + 1
                indent = 4 + 2 * min(Int(pieces[end].depth), 12)
                // What is left of the line is shorter than a line: scanning it again costs little.
                position = lineStart
                width = indent
                lastBreak = nil
                continue
            }
            if pieces[position].breaks { lastBreak = position }
            position += 1
        }
        if lineStart < pieces.count { write(lineStart...pieces.count - 1, indent, isLast: true, to: &output) }
    }

    /// The least nested break in the last three fifths of a line, or the last break.
    private func bestBreak(from start: Int, through end: Int, indent: Int) -> Int {
        var best = end
        var width = indent
        for position in start...end {
            width += Int(pieces[position].width)
            guard pieces[position].breaks, width >= Self.limit * 2 / 5 else { continue }
            let (rank, known) = (pieces[position].rank, pieces[best].rank)
            if rank < known || best != end && rank == known { best = position }
        }
        return best
    }

    private func write(_ range: ClosedRange<Int>, _ indent: Int, isLast: Bool, to output: inout [UInt8]) {
        let space = UInt8(ascii: " ")
        if indent > 0 { output.append(contentsOf: repeatElement(space, count: indent)) }
        // Pieces whose text lies together are copied together.
        var start = pieces[range.lowerBound].start
        var end = start
        for position in range {
            let piece = pieces[position]
            if piece.start != end {
                output.append(contentsOf: text[Int(start)..<Int(end)])
                start = piece.start
            }
            end = piece.end
        }
        output.append(contentsOf: text[Int(start)..<Int(end)])
        let last = pieces[range.upperBound]
        if !isLast, last.end > last.start, output.last == space { output.removeLast() }
        output.append(UInt8(ascii: "\n"))
    }
}

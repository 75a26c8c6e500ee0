/// A statement of a spec as pieces of text, laid out in lines that the language reads as one.
///
/// A line ends where a bracket is open or after an operator; among the places that fill a line well, the least nested
/// one wins.
struct SpecLine {
    /// The widest line, in Unicode scalars.
    static let limit = 100

    private struct Piece {
        var text: String
        /// How many brackets are open after the piece.
        var depth: UInt16
        /// Whether a line may end after the piece.
        var breaks: Bool
        /// Whether the piece joins tighter than its neighbours, so that a line should rather end elsewhere.
        var isTight = false

        /// The lower, the better does a line end here.
        var rank: Int { 2 * Int(depth) + (isTight ? 1 : 0) }
    }

    private var pieces: [Piece] = []
    private var depth = 0

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
        pieces.append(Piece(text: text, depth: UInt16(clamping: depth), breaks: breaks))
    }

    /// Keeps a place for text that is known later.
    mutating func reserve() -> Int {
        write("")
        return pieces.count - 1
    }

    /// Fills a place that was kept.
    mutating func fill(_ place: Int, _ text: String) { pieces[place].text = text }

    /// All on one line.
    var singleLine: String { pieces.reduce(into: "") { $0 += $1.text } }

    /// Appends the laid out lines, with the last line's end, to `output`.
    func lay(out output: inout String) {
        var lineStart = 0
        var indent = 0
        var width = 0
        var lastBreak: Int?
        var position = 0
        while position < pieces.count {
            width += pieces[position].text.unicodeScalars.count
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
            width += pieces[position].text.unicodeScalars.count
            guard pieces[position].breaks, width >= Self.limit * 2 / 5 else { continue }
            let (rank, known) = (pieces[position].rank, pieces[best].rank)
            if rank < known || best != end && rank == known { best = position }
        }
        return best
    }

    private func write(_ range: ClosedRange<Int>, _ indent: Int, isLast: Bool, to output: inout String) {
        output += String(repeating: " ", count: indent)
        for position in range {
            let text = pieces[position].text
            if position == range.upperBound, !isLast {
                output += text.hasSuffix(" ") ? String(text.dropLast()) : text
            } else {
                output += text
            }
        }
        output += "\n"
    }
}

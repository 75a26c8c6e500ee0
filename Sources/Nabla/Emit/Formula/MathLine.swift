/// A formula as pieces with their widths, so that a printer can break it before it leaves the page.
///
/// Widths are estimates in em, rather too wide than too narrow: nothing is set here.
struct MathLine: Sendable {
    /// Where a line may end.
    enum Break: UInt8, Sendable {
        case none
        /// Before the piece, a plus or minus.
        case beforeTerm
        /// Before the piece, a thin space between factors; on the new line a dot stands for it.
        case beforeFactor
        /// After the piece, a comma.
        case afterComma
    }

    struct Piece: Sendable {
        var tokens: [MathToken]
        var width: Double
        /// How many brackets are open around the piece.
        var depth: UInt16
        var mayBreak: Break
    }

    private(set) var pieces: [Piece] = []
    private(set) var width = 0.0
    private var depth = 0
    /// How many groups are open that no line ends in: fractions, exponents, roots.
    private var groups = 0

    mutating func write(_ token: MathToken, width: Double, mayBreak: Break = .none) {
        write([token], width: width, mayBreak: mayBreak)
    }

    mutating func write(_ tokens: [MathToken], width: Double, mayBreak: Break = .none) {
        let isSolid = groups > 0
        pieces.append(
            Piece(
                tokens: tokens, width: isSolid ? 0 : width, depth: UInt16(clamping: depth),
                mayBreak: isSolid ? .none : mayBreak))
        if !isSolid { self.width += width }
    }

    mutating func write(_ text: FormulaPrinter.Text) { write(text.tokens, width: text.width) }

    /// Opens a bracket.
    mutating func open(_ bracket: MathToken.Bracket, _ size: MathToken.BracketSize, width: Double) {
        write(.open(bracket, size), width: width)
        depth += 1
    }

    /// Closes a bracket.
    mutating func close(_ bracket: MathToken.Bracket, _ size: MathToken.BracketSize, width: Double) {
        depth -= 1
        write(.close(bracket, size), width: width)
    }

    /// Begins what no line ends in and what is this wide altogether.
    mutating func beginGroup(_ group: MathToken.Group, width: Double) {
        write(.begin(group), width: width)
        groups += 1
    }

    mutating func endGroup() {
        groups -= 1
        write(.end, width: 0)
    }

    mutating func append(_ line: MathLine) {
        for piece in line.pieces {
            pieces.append(piece)
            if groups > 0 {
                pieces[pieces.count - 1].width = 0
                pieces[pieces.count - 1].mayBreak = .none
            }
            pieces[pieces.count - 1].depth = UInt16(clamping: Int(piece.depth) + depth)
        }
        if groups == 0 { width += line.width }
    }

    /// Appends a term of a sum.
    mutating func appendTerm(_ term: MathLine) {
        guard let first = term.pieces.first else { return }
        if isEmpty {
            append(term)
        } else if first.tokens == [.negation] {
            // Its sign is the sum's.
            write(.operation(.minus, isTight: false), width: 1.25, mayBreak: .beforeTerm)
            var rest = term
            rest.pieces.removeFirst()
            rest.width -= first.width
            append(rest)
        } else {
            write(.operation(.plus, isTight: false), width: 1.25, mayBreak: .beforeTerm)
            append(term)
        }
    }

    var isEmpty: Bool { pieces.isEmpty }

    /// All on one line.
    var tokens: [MathToken] { pieces.flatMap(\.tokens) }

    /// The formula in lines of at most these widths; a piece that is wider stands alone.
    func lines(first: Double, rest: Double) -> [[MathToken]] {
        if width <= first { return [tokens] }
        var lines: [[MathToken]] = []
        var start = 0
        var leadsWithDot = false
        var position = 0
        var width = 0.0
        var limit = first
        // The last place of the line where it may break: the next line starts there.
        var reached: Int?
        while position < pieces.count {
            let piece = pieces[position]
            if piece.mayBreak == .beforeTerm || piece.mayBreak == .beforeFactor, position > start { reached = position }
            width += piece.width
            if width > limit, let last = reached {
                let next = best(from: start, through: last, limit: limit)
                lines.append(line(start..<next, leadsWithDot))
                leadsWithDot = pieces[next].mayBreak == .beforeFactor
                start = leadsWithDot ? next + 1 : next
                position = start
                width = leadsWithDot ? 0.8 : 0
                limit = rest
                reached = nil
                continue
            }
            position += 1
            if piece.mayBreak == .afterComma, position < pieces.count { reached = position }
        }
        if start < pieces.count { lines.append(line(start..<pieces.count, leadsWithDot)) }
        return lines
    }

    /// The least nested place in the last two thirds of the line; among equal ones terms before factors, then the last.
    private func best(from start: Int, through last: Int, limit: Double) -> Int {
        var best = last
        var bestRank = rank(last)
        var width = 0.0
        for position in start..<last {
            if position > start, width >= limit / 3, isPlace(position) {
                let rank = rank(position)
                if rank < bestRank || rank == bestRank && best != last {
                    best = position
                    bestRank = rank
                }
            }
            width += pieces[position].width
        }
        return best
    }

    private func isPlace(_ position: Int) -> Bool {
        let piece = pieces[position]
        if piece.mayBreak == .beforeTerm || piece.mayBreak == .beforeFactor { return true }
        return position > 0 && pieces[position - 1].mayBreak == .afterComma
    }

    private func rank(_ position: Int) -> Int {
        let piece = pieces[position]
        let depth = Int(piece.depth)
        switch piece.mayBreak {
        case .beforeTerm: return 2 * depth
        case .beforeFactor: return 2 * depth + 1
        default: return 2 * depth
        }
    }

    private func line(_ range: Range<Int>, _ leadsWithDot: Bool) -> [MathToken] {
        var tokens: [MathToken] = leadsWithDot ? [.leadingDot] : []
        if !leadsWithDot, pieces[range.lowerBound].mayBreak == .beforeTerm { tokens = [.leadingOperator] }
        for position in range { tokens += pieces[position].tokens }
        return tokens
    }
}

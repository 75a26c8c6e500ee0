/// The text of the product with a triangle on the left: terms that count for some of the rows only.
///
/// Away from the diagonal it is a product of whole blocks. A tile on the diagonal is copied with zeros, so that it is one product as
/// well; a product for each of its rows would take longer than all the rest.
enum ProductLeftTriangle {
    static let kernel = VectorKernel("productLeftTriangle", uses: ["product"]) { _ in text }

    private static let text = """
        /// Whether all numbers of a matrix are finite, so that zeros may stand beside them for what does not count.
        static func areFinite(
            _ numbers: Input, rows: Int, rowStep: Int, columns: Int, columnStep: Int
        ) -> Bool {
            if columnStep != 1, rowStep == 1 {
                return areFinite(numbers, rows: columns, rowStep: columnStep, columns: rows, columnStep: 1)
            }
            var rest: Scalar = 0
            var row: Int = 0
            if columnStep == 1 && columns >= lanes {
                // Four rows at once: each is a chain of additions. A last vector overlaps the one before.
                var (one, two, three, four) = (Vector(), Vector(), Vector(), Vector())
                while row &+ 4 <= rows {
                    let from: Input = numbers + row &* rowStep
                    var next: Int = 0
                    while next < columns {
                        let column: Int = min(next, columns &- lanes)
                        one = multiplyAdd(one, load(from, column), Vector())
                        two = multiplyAdd(two, load(from, column &+ rowStep), Vector())
                        three = multiplyAdd(three, load(from, column &+ 2 &* rowStep), Vector())
                        four = multiplyAdd(four, load(from, column &+ 3 &* rowStep), Vector())
                        next &+= lanes
                    }
                    row &+= 4
                }
                rest += sum((one + two) + (three + four))
            }
            while row < rows {
                for column in 0..<columns { rest += numbers[row &* rowStep &+ column &* columnStep] * 0 }
                row &+= 1
            }
            return rest == 0
        }

        /// The sum of `product` over t < r + offset (lower) or t >= r + offset (upper), where r is the row.
        ///
        /// What is outside of the triangle is not read.
        static func productLeftTriangle(
            isUpper: Bool, offset: Int, rows: Int, columns: Int, terms: Int,
            left: Input, leftRow: Int, leftTerm: Int, right: Input, rightTerm: Int, rightColumn: Int,
            target: Output, targetRow: Int, factor: Scalar, adds: Bool, scratch: Output
        ) {
            let side: Int = triangleSide, tile: Output = scratch + tileStart
            func part(_ first: Int, _ last: Int, _ from: Int, _ to: Int, _ adds: Bool) {
                let start: Int = max(0, from), end: Int = min(terms, to)
                if first >= last || (adds && start >= end) { return }
                product(
                    rows: last &- first, columns: columns, terms: max(0, end &- start),
                    left: left + (first &* leftRow &+ start &* leftTerm), leftRow: leftRow, leftTerm: leftTerm,
                    right: right + start &* rightTerm, rightTerm: rightTerm, rightColumn: rightColumn,
                    target: target + first &* targetRow, targetRow: targetRow, factor: factor, adds: adds, scratch: scratch)
            }
            /// The terms from `from` to `to` that count, of the rows from `block` on, with zeros for the others.
            func diagonal(_ block: Int, _ end: Int, _ from: Int, _ to: Int, _ adds: Bool) {
                let terms: Int = to &- from, size: Int = end &- block
                let corner: Input = left + (block &* leftRow &+ from &* leftTerm)
                // The numbers stay in the order in which they lie, term after term or row after row.
                let isAlong: Bool = leftTerm == 1
                let (tileRow, tileTerm) = isAlong ? (2 &* side, 1) : (1, side)
                let count: Int = isAlong ? terms : size, next: Int = isAlong ? 1 : leftRow
                for run in 0..<(isAlong ? size : terms) {
                    let source: Input = corner + run &* (isAlong ? leftRow : leftTerm)
                    let copy: Output = tile + run &* (isAlong ? tileRow : side)
                    // Along the terms it is the first ones that count in a lower triangle, along the rows the last ones.
                    let bound: Int = isAlong
                        ? max(0, min(count, block &+ run &+ offset &- from))
                        : max(0, min(count, run &+ from &- offset &- block &+ 1))
                    let (first, last): (Int, Int) = isUpper == isAlong ? (bound, count) : (0, bound)
                    for place in 0..<first { copy[place] = 0 }
                    for place in first..<last { copy[place] = source[place &* next] }
                    for place in last..<count { copy[place] = 0 }
                }
                product(
                    rows: size, columns: columns, terms: terms, left: Input(tile), leftRow: tileRow, leftTerm: tileTerm,
                    right: right + from &* rightTerm, rightTerm: rightTerm, rightColumn: rightColumn,
                    target: target + block &* targetRow, targetRow: targetRow, factor: factor, adds: adds, scratch: scratch)
            }
            for block in stride(from: 0, to: rows, by: side) {
                let end: Int = min(block &+ side, rows)
                let from: Int = max(0, min(terms, block &+ offset))
                let to: Int = max(from, min(terms, end &- 1 &+ offset))
                let isFinite: Bool = from < to
                    && areFinite(
                        right + from &* rightTerm, rows: to &- from, rowStep: rightTerm, columns: columns,
                        columnStep: rightColumn)
                // The terms beside the diagonal come with it where they are few, and otherwise by themselves.
                let isLittle: Bool = isFinite && (isUpper ? terms &- from : to) <= 2 &* side
                if !isLittle {
                    if isUpper { part(block, end, to, terms, adds) } else { part(block, end, 0, from, adds) }
                }
                if isFinite {
                    let first: Int = isLittle && !isUpper ? 0 : from, last: Int = isLittle && isUpper ? terms : to
                    diagonal(block, end, first, last, adds || !isLittle)
                } else {
                    for i in block..<end {
                        part(i, i &+ 1, isUpper ? max(from, i &+ offset) : from, isUpper ? to : min(to, i &+ offset), true)
                    }
                }
            }
        }
        """
}

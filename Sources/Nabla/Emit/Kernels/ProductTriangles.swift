/// The text of products with a triangle: among the terms, or as the target.
///
/// Away from the diagonal they are products of whole blocks. A tile on the diagonal is copied with zeros, or computed as a whole, so
/// that it is one product as well; a product for each of its rows would take longer than all the rest.
enum ProductTriangles {
    static let kernels: [VectorKernel] = [
        VectorKernel("productTriangular", uses: ["product"]) { _ in productTriangular },
        VectorKernel("productOntoTriangle", uses: ["product"]) { _ in productOntoTriangle },
    ]

    private static let productTriangular = """
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

        /// The sum of `product` over t < i + offset (lower) or t >= i + offset (upper), where i is the row or the column.
        ///
        /// What is outside of the triangle is not read.
        static func productTriangular(
            isUpper: Bool, isByColumn: Bool, offset: Int, rows: Int, columns: Int, terms: Int,
            left: Input, leftRow: Int, leftTerm: Int, right: Input, rightTerm: Int, rightColumn: Int,
            target: Output, targetRow: Int, factor: Scalar, adds: Bool, scratch: Output
        ) {
            let count: Int = isByColumn ? columns : rows
            let side: Int = triangleSide, tile: Output = scratch + tileStart
            func part(_ first: Int, _ last: Int, _ from: Int, _ to: Int, _ adds: Bool) {
                let start: Int = max(0, from), end: Int = min(terms, to)
                if first >= last || (adds && start >= end) { return }
                let row: Int = isByColumn ? 0 : first, column: Int = isByColumn ? first : 0
                product(
                    rows: isByColumn ? rows : last &- first, columns: isByColumn ? last &- first : columns,
                    terms: max(0, end &- start), left: left + (row &* leftRow &+ start &* leftTerm), leftRow: leftRow,
                    leftTerm: leftTerm, right: right + (start &* rightTerm &+ column &* rightColumn),
                    rightTerm: rightTerm, rightColumn: rightColumn, target: target + (row &* targetRow &+ column),
                    targetRow: targetRow, factor: factor, adds: adds, scratch: scratch)
            }
            /// The terms from `from` to `to` that count, of the rows or columns from `block` on, with zeros for the others.
            func diagonal(_ block: Int, _ end: Int, _ from: Int, _ to: Int, _ adds: Bool) {
                let terms: Int = to &- from, size: Int = end &- block
                let corner: Input = isByColumn
                    ? right + (from &* rightTerm &+ block &* rightColumn) : left + (block &* leftRow &+ from &* leftTerm)
                let (step, termStep) = isByColumn ? (rightColumn, rightTerm) : (leftRow, leftTerm)
                // The numbers stay in the order in which they lie, term after term or place after place.
                let isAlong: Bool = termStep == 1
                let (tileStep, tileTerm) = isAlong ? (2 &* side, 1) : (1, side)
                let count: Int = isAlong ? terms : size, next: Int = isAlong ? 1 : step
                for run in 0..<(isAlong ? size : terms) {
                    let source: Input = corner + run &* (isAlong ? step : termStep)
                    let copy: Output = tile + run &* (isAlong ? tileStep : side)
                    // Along the terms it is the first ones that count in a lower triangle, along the places the last ones.
                    let bound: Int = isAlong
                        ? max(0, min(count, block &+ run &+ offset &- from))
                        : max(0, min(count, run &+ from &- offset &- block &+ 1))
                    let (first, last): (Int, Int) = isUpper == isAlong ? (bound, count) : (0, bound)
                    for place in 0..<first { copy[place] = 0 }
                    for place in first..<last { copy[place] = source[place &* next] }
                    for place in last..<count { copy[place] = 0 }
                }
                product(
                    rows: isByColumn ? rows : size, columns: isByColumn ? size : columns, terms: terms,
                    left: isByColumn ? left + from &* leftTerm : Input(tile), leftRow: isByColumn ? leftRow : tileStep,
                    leftTerm: isByColumn ? leftTerm : tileTerm, right: isByColumn ? Input(tile) : right + from &* rightTerm,
                    rightTerm: isByColumn ? tileTerm : rightTerm, rightColumn: isByColumn ? tileStep : rightColumn,
                    target: target + (isByColumn ? block : block &* targetRow), targetRow: targetRow, factor: factor,
                    adds: adds, scratch: scratch)
            }
            for block in stride(from: 0, to: count, by: side) {
                let end: Int = min(block &+ side, count)
                let from: Int = max(0, min(terms, block &+ offset))
                let to: Int = max(from, min(terms, end &- 1 &+ offset))
                let isFinite: Bool = from < to && (isByColumn
                    ? areFinite(
                        left + from &* leftTerm, rows: rows, rowStep: leftRow, columns: to &- from, columnStep: leftTerm)
                    : areFinite(
                        right + from &* rightTerm, rows: to &- from, rowStep: rightTerm, columns: columns,
                        columnStep: rightColumn))
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

    private static let productOntoTriangle = """
        /// `product` for the columns c < r + offset (lower) or c >= r + offset (upper) of each row r alone.
        static func productOntoTriangle(
            isUpper: Bool, offset: Int, rows: Int, columns: Int, terms: Int,
            left: Input, leftRow: Int, leftTerm: Int, right: Input, rightTerm: Int, rightColumn: Int,
            target: Output, targetRow: Int, factor: Scalar, adds: Bool, scratch: Output
        ) {
            let side: Int = triangleSide, tile: Output = scratch + tileStart
            for block in stride(from: 0, to: rows, by: side) {
                let end: Int = min(block &+ side, rows)
                let first: Int = max(0, min(columns, block &+ offset))
                let last: Int = max(first, min(columns, end &- 1 &+ offset))
                let from: Int = isUpper ? last : 0, to: Int = isUpper ? columns : first
                if from < to {
                    product(
                        rows: end &- block, columns: to &- from, terms: terms, left: left + block &* leftRow,
                        leftRow: leftRow, leftTerm: leftTerm, right: right + from &* rightColumn, rightTerm: rightTerm,
                        rightColumn: rightColumn, target: target + (block &* targetRow &+ from), targetRow: targetRow,
                        factor: factor, adds: adds, scratch: scratch)
                }
                if first == last { continue }
                product(
                    rows: end &- block, columns: last &- first, terms: terms, left: left + block &* leftRow,
                    leftRow: leftRow, leftTerm: leftTerm, right: right + first &* rightColumn, rightTerm: rightTerm,
                    rightColumn: rightColumn, target: tile, targetRow: side, factor: factor, adds: false,
                    scratch: scratch)
                for row in block..<end {
                    let begin: Int = isUpper ? max(first, row &+ offset) : first
                    let stop: Int = isUpper ? last : min(last, row &+ offset)
                    let to: Output = target + row &* targetRow
                    let own: Input = Input(tile) + ((row &- block) &* side &- first)
                    var column: Int = begin
                    while column < stop {
                        to[column] = adds ? to[column] + own[column] : own[column]
                        column &+= 1
                    }
                }
            }
        }
        """
}

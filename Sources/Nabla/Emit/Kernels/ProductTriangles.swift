/// The text of products with a triangle: among the terms, or as the target.
///
/// Away from the diagonal they are products of whole blocks. A tile on the diagonal is copied with zeros, or computed as a whole, so
/// that it is one product as well; a product for each of its rows would take longer than all the rest.
enum ProductTriangles {
    static let kernels: [VectorKernel] = [
        VectorKernel("triangleSide") { _ in triangleSide },
        VectorKernel("productTriangular", uses: ["product", "triangleSide"]) { _ in productTriangular },
        VectorKernel("productOntoTriangle", uses: ["product", "triangleSide"]) { _ in productOntoTriangle },
    ]

    private static let triangleSide = """
        /// Rows and columns of a tile on the diagonal of a triangle.
        static func triangleSide() -> Int { max(16, 2 &* Vector.scalarCount) }
        """

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
            if columnStep == 1 {
                // Four rows at once: each is a chain of additions.
                var (one, two, three, four) = (Vector(), Vector(), Vector(), Vector())
                while row &+ 4 <= rows {
                    let from: Input = numbers + row &* rowStep
                    var column: Int = 0
                    while column &+ lanes <= columns {
                        one = multiplyAdd(one, load(from, column), Vector())
                        two = multiplyAdd(two, load(from, column &+ rowStep), Vector())
                        three = multiplyAdd(three, load(from, column &+ 2 &* rowStep), Vector())
                        four = multiplyAdd(four, load(from, column &+ 3 &* rowStep), Vector())
                        column &+= lanes
                    }
                    while column < columns {
                        for step in 0..<4 { rest += from[column &+ step &* rowStep] * 0 }
                        column &+= 1
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
            let side: Int = triangleSide()
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
            /// The terms from `from` to `to` that count, of the tile that begins at `block`, with zeros for the others.
            func diagonal(_ block: Int, _ end: Int, _ from: Int, _ to: Int, _ tile: Output) {
                let terms: Int = to &- from, size: Int = end &- block
                let corner: Input = isByColumn
                    ? right + (from &* rightTerm &+ block &* rightColumn) : left + (block &* leftRow &+ from &* leftTerm)
                let (step, termStep) = isByColumn ? (rightColumn, rightTerm) : (leftRow, leftTerm)
                for term in 0..<terms {
                    for place in 0..<size {
                        let bound: Int = block &+ place &+ offset &- from
                        let counts: Bool = isUpper ? term >= bound : term < bound
                        tile[term &* side &+ place] = counts ? corner[place &* step &+ term &* termStep] : 0
                    }
                }
                product(
                    rows: isByColumn ? rows : size, columns: isByColumn ? size : columns, terms: terms,
                    left: isByColumn ? left + from &* leftTerm : Input(tile), leftRow: isByColumn ? leftRow : 1,
                    leftTerm: isByColumn ? leftTerm : side, right: isByColumn ? Input(tile) : right + from &* rightTerm,
                    rightTerm: isByColumn ? side : rightTerm, rightColumn: isByColumn ? 1 : rightColumn,
                    target: target + (isByColumn ? block : block &* targetRow), targetRow: targetRow, factor: factor,
                    adds: true, scratch: scratch)
            }
            withUnsafeTemporaryAllocation(of: Scalar.self, capacity: side &* side) { buffer in
                guard let tile: Output = buffer.baseAddress else { return }
                for block in stride(from: 0, to: count, by: side) {
                    let end: Int = min(block &+ side, count)
                    let from: Int = max(0, min(terms, block &+ offset))
                    let to: Int = max(from, min(terms, end &- 1 &+ offset))
                    if isUpper { part(block, end, to, terms, adds) } else { part(block, end, 0, from, adds) }
                    if from == to { continue }
                    // Whole vectors, where the terms that other tiles have allow it.
                    let firstTerm: Int = isUpper ? max(0, offset) : 0
                    let lastTerm: Int = isUpper ? terms : min(terms, count &- 1 &+ offset)
                    let width: Int = min(lastTerm &- firstTerm, (to &- from &+ lanes &- 1) / lanes &* lanes)
                    let begin: Int = max(firstTerm, min(from, lastTerm &- width))
                    let isFinite: Bool = isByColumn
                        ? areFinite(left + begin &* leftTerm, rows: rows, rowStep: leftRow, columns: width, columnStep: leftTerm)
                        : areFinite(
                            right + from &* rightTerm, rows: to &- from, rowStep: rightTerm, columns: columns,
                            columnStep: rightColumn)
                    if isFinite {
                        diagonal(block, end, from, to, tile)
                    } else {
                        for i in block..<end {
                            part(i, i &+ 1, isUpper ? max(from, i &+ offset) : from, isUpper ? to : min(to, i &+ offset), true)
                        }
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
            let side: Int = triangleSide()
            withUnsafeTemporaryAllocation(of: Scalar.self, capacity: side &* side) { buffer in
                guard let tile: Output = buffer.baseAddress else { return }
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
        }
        """
}

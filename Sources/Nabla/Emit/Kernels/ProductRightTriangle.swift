/// The text of the product with a triangle on the right: terms that count for some of the columns only.
///
/// A panel of two vectors of columns is walked from the end at which a term counts for all of them: the terms that count for one
/// vector alone come last. Zeros stand where a term does not count, which is wrong beside numbers that are not finite; a tile
/// sees these in its sums, and is computed once more.
struct ProductRightTriangle {
    static let kernel = VectorKernel("productRightTriangle", uses: ["product"]) { _ in
        ProductRightTriangle().lines().joined(separator: "\n")
    }

    private func lines() -> [String] {
        var lines = ProductKernels.split(
            """
            /// Which terms of a packed panel count for which columns.
            struct Triangle {
                /// Terms for all vectors of columns, then for the last one alone.
                var both: Int = 0, late: Int = 0
                /// A term counts for the lanes whose key is more than its place behind the bound; the next vector's is a vector further.
                var bound: Int, key: Vector
            }

            /// Whether all lanes of a vector are finite numbers.
            @inline(__always) static func isFinite(_ vector: Vector) -> Bool { sum(vector * Vector()) == 0 }

            /// A tile's rows one by one, without what does not count.
            @inline(never) static func countedRows(
                _ rows: Int, _ vectors: Int, _ walk: Walk, _ triangle: Triangle, _ left: Input, _ right: Input, _ target: Output
            ) {
                for row in 0..<rows {
                    for vector in 0..<vectors {
                        var result = Row1(), p: Input = left + row &* walk.leftRow, q: Input = right + vector &* lanes
                        let bound: Int = triangle.bound &+ vector &* lanes
                        for term in 0..<min(triangle.both &+ triangle.late, max(0, bound &+ lanes &- 1)) {
                            let counts = triangle.key .> Vector(repeating: Scalar(term &- bound))
                            let value: Vector = Vector().replacing(with: Vector(repeating: p[0]), where: counts)
                            result.a = multiplyAdd(result.a, value, load(q, 0))
                            p += walk.leftInner; q += vectors &* lanes
                        }
                        result.store(target + (row &* walk.targetRow &+ vector &* walk.last), 0, walk, row)
                    }
                }
            }
            """)
        for width in [1, 2] {
            for rows in [1, 4] { lines += tile(rows, width) }
            lines.append(ProductKernels.manyRegisters)
            for rows in ProductKernels.largeRows { lines += tile(rows, width) }
            lines.append("#else")
            for rows in ProductKernels.mediumRows { lines += tile(rows, width) }
            lines.append("#endif")
            lines += band(width)
        }
        return lines + ProductKernels.split(Self.entry)
    }

    /// Sums of rows × vectors in registers, over the terms that count.
    private func tile(_ rows: Int, _ width: Int) -> [String] {
        func groups(_ count: Int, _ line: (Int) -> String) -> [String] {
            ProductKernels.groups(of: count, in: rows, line)
        }
        func factor(_ row: Int) -> String { ProductKernels.number(of: row, from: "p") }
        let bases = Array(stride(from: 0, to: rows, by: 4))
        let starts = bases.map { $0 == 0 ? "p0: Input = left" : "p\($0): Input = left + \($0) &* row" }
        let advance = bases.map { "p\($0) += step" }.joined(separator: "; ") + "; p += \(width) &* lanes"
        var body = groups(4) { "var r\($0) = Row\(width)()" }
        body.append("let " + (rows > 1 ? "row: Int = walk.leftRow, " : "") + "step: Int = walk.leftInner")
        body.append("var " + (starts + ["p: Input = right"]).joined(separator: ", "))
        body += ["for _ in 0..<triangle.both {", "    let x = Row\(width)(p, lanes)"]
        body += groups(4) { "r\($0).add(\(factor($0)), x)" }.map { "    " + $0 }
        body += ["    " + advance, "}"]
        if width == 2 {
            body += ["for _ in 0..<triangle.late {", "    let x: Vector = load(p, lanes)"]
            body += groups(1) { "r\($0).b = multiplyAdd(r\($0).b, Vector(repeating: \(factor($0))), x)" }
                .map { "    " + $0 }
            body += ["    " + advance, "}"]
        }
        // Pairs of pairs: one sum of all would be a chain as long as there are rows.
        var sums = (0..<rows).map { width == 2 ? "r\($0).a + r\($0).b" : "r\($0).a" }
        for (name, size) in [("c", 2), ("d", 6)] where sums.count > 1 {
            let parts = stride(from: 0, to: sums.count, by: size).map { first in
                sums[first..<min(first + size, sums.count)].joined(separator: " + ")
            }
            body += parts.enumerated().map { "let \(name)\($0.offset): Vector = \($0.element)" }
            sums = parts.indices.map { "\(name)\($0)" }
        }
        body += [
            "if !isFinite(\(sums.joined(separator: " + "))) {",
            "    return countedRows(\(rows), \(width), walk, triangle, left, right, target)", "}",
        ]
        body += groups(2) { "r\($0).store(target + \($0) &* walk.targetRow, walk.last, walk, \($0))" }
        return [
            "",
            "/// \(rows) row\(rows == 1 ? "" : "s"), \(width) vector\(width == 1 ? "" : "s") of columns of a triangle.",
            "@inline(never) static func triangle\(rows)x\(width)(",
            "    _ walk: Walk, _ triangle: Triangle, _ left: Input, _ right: Input, _ target: Output", ") {",
        ] + body.map { "    " + $0 } + ["}"]
    }

    private func band(_ width: Int) -> [String] {
        func call(_ rows: Int) -> String { "triangle\(rows)x\(width)(walk, triangle, from, right, to)" }
        return [
            "", "/// All rows of \(width) vector\(width == 1 ? "" : "s") of columns of a triangle.",
            "static func triangleBand\(width)(",
            "    _ rows: Int, _ walk: Walk, _ triangle: Triangle, _ left: Input, _ right: Input, _ target: Output",
            ") {",
            "    var walk: Walk = walk, from: Input = left, to: Output = target, rest: Int = rows",
            "    while rest > 0 {",
            "        let count: Int = rest < 4 ? 1 : tileRows(rest)",
        ] + ProductKernels.choice(small: [4], call) + [
            "        from += count &* walk.leftRow; to += count &* walk.targetRow; rest &-= count",
            "    }",
            "}",
        ]
    }

    private static let entry = """

        /// The sum of `product` over t < c + offset (lower) or t >= c + offset (upper), where c is the column.
        ///
        /// What is outside of the triangle is not read.
        static func productRightTriangle(
            isUpper: Bool, offset: Int, rows: Int, columns: Int, terms: Int,
            left: Input, leftRow: Int, leftTerm: Int, right: Input, rightTerm: Int, rightColumn: Int,
            target: Output, targetRow: Int, factor: Scalar, adds: Bool, scratch: Output
        ) {
            let direction: Int = isUpper ? -1 : 1
            let ramp: Vector = ramp()
            let key: Vector = isUpper ? Vector(repeating: Scalar(lanes &- 1)) - ramp : ramp
            var column: Int = 0
            while column < columns {
                let rest: Int = columns &- column, width: Int = rest >= 2 &* lanes ? 2 : 1, step: Int = width &* lanes
                // Terms are counted from the end at which they count for all columns: up to the bound, then for fewer and fewer.
                let last: Int = column &+ step &- 1 &+ offset
                let bound: Int = max(0 &- step, min(terms, isUpper ? terms &- last : column &+ offset))
                // What a panel has no room for, or what need not be packed, is a product of whole columns.
                let most: Int = rightColumn == 1 ? 4 &* lanes : panelTerms &- step
                let skipped: Int = bound > most ? bound : 0
                if skipped > 0 {
                    let first: Int = isUpper ? terms &- skipped : 0
                    product(
                        rows: rows, columns: min(rest, step), terms: skipped, left: left + first &* leftTerm, leftRow: leftRow,
                        leftTerm: leftTerm, right: right + (first &* rightTerm &+ column &* rightColumn),
                        rightTerm: rightTerm, rightColumn: rightColumn, target: target + column, targetRow: targetRow,
                        factor: factor, adds: adds, scratch: scratch)
                }
                var triangle = Triangle(bound: bound &- skipped, key: key)
                let start: Int = isUpper ? terms &- 1 &- skipped : skipped, count: Int = terms &- skipped
                // The vector for which fewer terms count stands first.
                for vector in 0..<width {
                    let first: Int = column &+ (isUpper ? width &- 1 &- vector : vector) &* lanes
                    let bound: Int = triangle.bound &+ vector &* lanes
                    let whole: Int = max(0, min(count, bound)), end: Int = max(whole, min(count, bound &+ lanes &- 1))
                    packTriangle(
                        scratch + vector &* lanes, step, whole, end, right + (start &* rightTerm &+ first &* rightColumn),
                        direction &* rightTerm, rightColumn, min(lanes, columns &- first), isUpper, bound)
                    if vector == 0 { triangle.both = end } else { triangle.late = end &- triangle.both }
                }
                var walk = Walk(
                    terms: 1, inner: 0, leftRow: leftRow, leftTerm: 0, leftInner: direction &* leftTerm, rightTerm: 0,
                    rightInner: 0, targetRow: targetRow, factor: factor, adds: adds || skipped > 0)
                walk.columns = min(lanes, rest)
                walk.wholeRows = rest < lanes ? 0 : .max
                let from: Input = left + start &* leftTerm
                if triangle.both &+ triangle.late == 0 && walk.adds {
                    // Nothing counts.
                } else if width == 2 {
                    walk.last = direction &* lanes
                    triangleBand2(rows, walk, triangle, from, Input(scratch), target + (isUpper ? column &+ lanes : column))
                } else {
                    triangleBand1(rows, walk, triangle, from, Input(scratch), target + column)
                }
                column &+= step
            }
        }

        /// Packs a vector of columns: terms that count for all of them, then with zeros those up to `end` that count for some.
        @inline(never) static func packTriangle(
            _ to: Output, _ step: Int, _ whole: Int, _ end: Int, _ from: Input, _ term: Int, _ column: Int, _ columns: Int,
            _ isUpper: Bool, _ bound: Int
        ) {
            if whole > 0 {
                // In the order in which they lie.
                let isBackward: Bool = term < 0, last: Int = isBackward ? whole &- 1 : 0
                packRun(
                    to + last &* step, isBackward ? 0 &- step : step, from + last &* term, whole,
                    isBackward ? 0 &- term : term, Columns(step: column), 0, columns)
            }
            for place in whole..<end {
                let row: Output = to + place &* step, p: Input = from + place &* term
                store(row, 0, Vector())
                let passed: Int = place &- bound
                let stop: Int = isUpper ? min(columns, lanes &- 1 &- passed) : columns
                var lane: Int = isUpper ? 0 : passed &+ 1
                while lane < stop { row[lane] = p[lane &* column]; lane &+= 1 }
            }
        }
        """
}

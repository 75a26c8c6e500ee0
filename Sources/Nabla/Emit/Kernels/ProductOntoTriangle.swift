/// The text of the product whose target is a triangle.
///
/// Away from the diagonal it is a product of whole blocks. On the diagonal a tile has rows that reach into one vector of columns and
/// rows that reach into the next one; where it does not fit, the block is computed as a whole beside the target.
struct ProductOntoTriangle {
    let scalar: SwiftScalar

    static let kernel = VectorKernel("productOntoTriangle", uses: ["product"]) { format in
        ProductOntoTriangle(scalar: format.scalar).lines().joined(separator: "\n")
    }

    private func lines() -> [String] {
        var lines = ProductKernels.split(Self.types)
        let narrow = VectorFormat(scalar).laneCounts[2]
        for (condition, rows) in [("#if NABLA_AVX512", 8), ("#elseif NABLA_FMA", 4), ("#else", min(4, narrow))] {
            lines += [condition, "/// Rows of each kind in a tile of stairs.", "static let stairRows = \(rows)"]
            lines += tile(rows)
        }
        lines.append("#endif")
        return lines + ProductKernels.split(Self.entry)
    }

    private static let types = """
        /// Which columns count in which rows of a tile: those whose key is below the row's bound.
        struct Stairs {
            var key: Vector
            /// The bounds of the first short row and of the first long one, and by how much the next row's is larger.
            var short: Int, long: Int, step: Int
        }

        /// Stores or adds the columns of a row that count.
        @inline(__always) static func store(
            _ target: Output, _ old: Vector, _ value: Vector, _ walk: Walk, _ stairs: Stairs, _ bound: Int
        ) {
            let new: Vector = multiplyAdd(walk.adds ? old : Vector(), value, Vector(repeating: walk.factor))
            store(target, 0, old.replacing(with: new, where: stairs.key .< Vector(repeating: Scalar(bound))))
        }
        """

    /// Sums of short rows, of one vector, and of as many long rows, of two, in registers.
    private func tile(_ rows: Int) -> [String] {
        func groups(_ count: Int, _ line: (Int) -> String) -> [String] {
            ProductKernels.groups(of: count, in: rows, line)
        }
        func factor(_ pointer: String, _ row: Int) -> String { ProductKernels.number(of: row, from: pointer) }
        let bases = Array(stride(from: 0, to: rows, by: 4))
        func starts(_ base: String, _ from: String) -> String {
            bases.map { "\(base)\($0): Input = \(from) + \($0) &* row" }.joined(separator: ", ")
        }
        var body = groups(4) { "var s\($0): Vector = Vector()" } + groups(4) { "var r\($0) = Row2()" }
        body += [
            "let row: Int = walk.leftRow, step: Int = walk.leftInner, last: Int = walk.rightLast",
            "var \(starts("p", "short")), p: Input = right", "var \(starts("q", "long"))",
            "for _ in 0..<walk.inner {", "    let x = Row2(p, last)",
        ]
        body += groups(2) { "s\($0) = multiplyAdd(s\($0), Vector(repeating: \(factor("p", $0))), x.a)" }.map {
            "    " + $0
        }
        body += groups(4) { "r\($0).add(\(factor("q", $0)), x)" }.map { "    " + $0 }
        body.append(
            "    " + bases.map { "p\($0) += step; q\($0) += step" }.joined(separator: "; ") + "; p += walk.rightInner")
        body += ["}", "var to: Output = shortTarget, bound: Int = stairs.short"]
        for index in 0..<rows {
            body.append("store(to, load(Input(to), 0), s\(index), walk, stairs, bound)")
            if index < rows - 1 { body.append("to += walk.targetRow; bound &+= stairs.step") }
        }
        body += ["to = longTarget; bound = stairs.long", "let far: Int = last &* stairs.step"]
        for index in 0..<rows {
            // Both vectors are read before one is stored: they may overlap.
            body.append("let o\(index) = Row2(Input(to), last)")
            body.append("store(to, o\(index).a, r\(index).a, walk, stairs, bound)")
            body.append("store(to + last, o\(index).b, r\(index).b, walk, stairs, bound &- far)")
            if index < rows - 1 { body.append("to += walk.targetRow; bound &+= stairs.step") }
        }
        return [
            "", "/// \(rows) rows that reach into one vector of columns, and \(rows) that reach into two.",
            "@inline(never) static func stairTile(",
            "    _ walk: Walk, _ stairs: Stairs, _ short: Input, _ long: Input, _ right: Input, _ shortTarget: Output,",
            "    _ longTarget: Output", ") {",
        ] + body.map { "    " + $0 } + ["}"]
    }

    private static let entry = """

        /// The columns at the diagonal for twice as many rows as a vector has lanes.
        ///
        /// Short rows reach into one vector of columns, the near one; long ones also into the far one.
        static func stairs(
            _ isUpper: Bool, _ block: Int, _ corner: Int, _ columns: Int, _ walk: Walk, _ left: Input, _ right: Input,
            _ target: Output
        ) {
            let ramp: Vector = ramp(), most: Int = columns &- lanes
            let near: Int = max(0, min(most, isUpper ? corner &+ lanes : corner))
            let far: Int = max(0, min(most, isUpper ? corner : corner &+ lanes))
            var walk: Walk = walk
            walk.rightLast = far &- near
            for row in stride(from: 0, to: lanes, by: stairRows) {
                let short: Int = isUpper ? row &+ lanes : row, long: Int = isUpper ? row : row &+ lanes
                // The columns before the diagonal, from the near vector on.
                let (shortCount, longCount) = (corner &+ short &- near, corner &+ long &- near)
                let bounds = isUpper
                    ? Stairs(
                        key: Vector(repeating: Scalar(lanes &- 1)) - ramp, short: lanes &- shortCount,
                        long: lanes &- longCount, step: -1)
                    : Stairs(key: ramp, short: shortCount, long: longCount, step: 1)
                stairTile(
                    walk, bounds, left + (block &+ short) &* walk.leftRow, left + (block &+ long) &* walk.leftRow,
                    right + near, target + ((block &+ short) &* walk.targetRow &+ near),
                    target + ((block &+ long) &* walk.targetRow &+ near))
            }
        }

        /// `product` for the columns c < r + offset (lower) or c >= r + offset (upper) of each row r alone.
        static func productOntoTriangle(
            isUpper: Bool, offset: Int, rows: Int, columns: Int, terms: Int,
            left: Input, leftRow: Int, leftTerm: Int, right: Input, rightTerm: Int, rightColumn: Int,
            target: Output, targetRow: Int, factor: Scalar, adds: Bool, scratch: Output
        ) {
            // Vectors that are stored in part need as many columns, and columns that follow each other.
            let isDirect: Bool = rightColumn == 1 && columns >= lanes
            let side: Int = isDirect ? 2 &* lanes : triangleSide, tile: Output = scratch + tileStart
            for block in stride(from: 0, to: rows, by: side) {
                let end: Int = min(block &+ side, rows)
                let first: Int = max(0, min(columns, block &+ offset))
                let last: Int = max(first, min(columns, end &- 1 &+ offset))
                let isTiled: Bool = isDirect && first < last && end &- block == side
                // Columns of a row of tiles begin within the target, where they may stand before the diagonal.
                let near: Int = max(0, min(columns &- lanes, block &+ offset &+ (isUpper ? lanes : 0)))
                let from: Int = isUpper ? (isTiled ? near &+ lanes : last) : 0
                let to: Int = isUpper ? columns : isTiled ? near : first
                if from < to {
                    product(
                        rows: end &- block, columns: to &- from, terms: terms, left: left + block &* leftRow,
                        leftRow: leftRow, leftTerm: leftTerm, right: right + from &* rightColumn, rightTerm: rightTerm,
                        rightColumn: rightColumn, target: target + (block &* targetRow &+ from), targetRow: targetRow,
                        factor: factor, adds: adds, scratch: scratch)
                }
                if first == last { continue }
                if isTiled {
                    let walk = Walk(
                        terms: 1, inner: terms, leftRow: leftRow, leftTerm: 0, leftInner: leftTerm, rightTerm: 0,
                        rightInner: rightTerm, targetRow: targetRow, factor: factor, adds: adds)
                    stairs(isUpper, block, block &+ offset, columns, walk, left, right, target)
                    continue
                }
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

/// The text of the contraction kernels that generated Swift calls: sums of products over one or two indices.
///
/// One entry, `product`, chooses among a few forms by shape and strides; all of them end in register tiles, whose text is
/// written by loops over the tile's rows. Members of `Kernel`, rows of ``VectorKernels``.
struct ProductKernels {
    let scalar: SwiftScalar

    /// Rows of a tile on every target, and the large ones: with 32 registers, with 16.
    static let smallRows = [1, 2, 3, 4]
    static let largeRows = [8, 12]
    static let mediumRows = [6]
    static let manyRegisters = "#if NABLA_AVX512 || arch(arm64)"

    /// The work memory of a product, in numbers, where vectors are widest: the text's `scratchCount`.
    static func scratchCount(_ scalar: SwiftScalar) -> Int {
        let (lanes, rows) = scalar == .double ? (8, 240) : (16, 480)
        return 256 * (2 * lanes + rows + 1) + 2 * (2 * lanes) * (2 * lanes)
    }

    /// The rows of ``VectorKernels``.
    static let kernels: [VectorKernel] =
        [
            VectorKernel("product", uses: ["multiplyAdd", "load", "store", "sum", "ramp", "loadPart", "storePart"]) {
                format in
                ProductKernels(scalar: format.scalar).lines().joined(separator: "\n")
            },
            ProductLeftTriangle.kernel, ProductRightTriangle.kernel, ProductOntoTriangle.kernel,
        ]

    private func lines() -> [String] {
        var lines = types()
        for width in [1, 2, 3] { lines += vectors(width) }
        for width in [4, 8] { lines += pair(width) }
        lines += tiles()
        lines += ProductPacking(scalar: scalar).lines()
        lines += ProductDots(scalar: scalar).lines()
        lines += ProductEntry(scalar: scalar).lines()
        return lines
    }

    /// Lines of a text with `#if` unindented.
    static func split(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private func types() -> [String] {
        Self.split(
            """
            // MARK: Products

            typealias Input = UnsafePointer<Scalar>
            typealias Output = UnsafeMutablePointer<Scalar>

            /// Where columns stand on the right: so far from each other, or runs of some that are `innerStep` from each other.
            struct Columns {
                var step: Int, inner: Int = 1, innerStep: Int = 0
                @inline(__always) var isContiguous: Bool { inner == 1 && step == 1 }
                @inline(__always) func offset(_ column: Int) -> Int {
                    inner == 1 ? column &* step : column / inner &* step &+ column % inner &* innerStep
                }
            }

            /// How a tile walks: counts and steps of its two loops over terms, rows and columns.
            struct Walk {
                var terms: Int, inner: Int
                var leftRow: Int, leftTerm: Int, leftInner: Int
                var rightTerm: Int, rightInner: Int
                /// Where a tile's last vector of columns begins, in the target and on the right: it may overlap the one before.
                var last: Int = 0, rightLast: Int = 0
                /// Columns of a tile one vector wide, at most a vector's; rows that are stored as whole vectors all the same.
                var columns: Int = lanes, wholeRows: Int = .max
                var targetRow: Int
                var factor: Scalar
                var adds: Bool
                /// Whether each tile's rows are packed: one after another within a term.
                var isPacked: Bool = false

                /// One loop where two are one; else the longer one inside, or the one along which packing transposes.
                mutating func merge(_ rightColumn: Int) {
                    if terms == 1 { return }
                    if inner == 1 || (leftTerm == inner &* leftInner && rightTerm == inner &* rightInner) {
                        if inner == 1 { (leftInner, rightInner) = (leftTerm, rightTerm) }
                        (terms, inner) = (1, terms &* inner)
                    } else if rightColumn == 1 ? terms > inner : rightTerm == 1 {
                        (terms, inner) = (inner, terms)
                        (leftTerm, leftInner) = (leftInner, leftTerm)
                        (rightTerm, rightInner) = (rightInner, rightTerm)
                    }
                }
            }
            """)
    }

    /// A row of one, two or three vectors: the sums of one row of a tile, or the columns of one term.
    private func vectors(_ width: Int) -> [String] {
        let names = ["a", "b", "c"].prefix(width)
        let places = width == 1 ? ["0"] : (0..<width - 1).map { $0 == 0 ? "0" : "lanes" } + ["last"]
        func each(_ statement: (String, String) -> String) -> String {
            zip(names, places).map(statement).joined(separator: "; ")
        }
        var lines = [
            "", "/// \(width) vector\(width == 1 ? "" : "s") of columns in one row.", "struct Row\(width) {",
            "    var " + names.map { "\($0): Vector = Vector()" }.joined(separator: ", "),
            "    @inline(__always) init() {}",
            "    @inline(__always) init(_ from: Input, _ last: Int) {",
            "        " + each { "\($0) = load(from, \($1))" },
            "    }",
            "    @inline(__always) mutating func add(_ left: Scalar, _ right: Row\(width)) {",
            "        let value: Vector = Vector(repeating: left)",
            "        " + each { name, _ in "\(name) = multiplyAdd(\(name), value, right.\(name))" },
            "    }",
            "    @inline(__always) mutating func add(_ other: Row\(width)) {",
            "        " + each { name, _ in "\(name) += other.\(name)" },
            "    }",
            "    @inline(__always) func store(_ target: Output, _ last: Int, _ walk: Walk, _ index: Int) {",
            "        let factor: Vector = Vector(repeating: walk.factor)",
        ]
        if width == 1 {
            lines += [
                "        if index >= walk.wholeRows { return storePart(target, a * factor, walk.columns, walk.adds) }"
            ]
        }
        lines += [
            // One operation where a product and a sum are two: each costs the compiler a statement a lane.
            "        let old: Row\(width) = walk.adds ? Row\(width)(Input(target), last) : Row\(width)()"
        ]
        lines += zip(names, places).map { "        Kernel.store(target, \($1), multiplyAdd(old.\($0), \($0), factor))" }
        lines += ["    }", "}"]
        return lines
    }

    /// A row of two rows half as wide.
    private func pair(_ width: Int) -> [String] {
        let half = "Row\(width / 2)"
        let middle = "\(width / 2) * lanes"
        let halfLast = "\(width / 2 - 1) * lanes"
        return [
            "", "/// \(width) vectors of columns in one row.", "struct Row\(width) {",
            "    var a: \(half) = \(half)(), b: \(half) = \(half)()",
            "    @inline(__always) init() {}",
            "    @inline(__always) init(_ from: Input, _ last: Int) {",
            "        a = \(half)(from, \(halfLast)); b = \(half)(from + \(middle), last &- \(middle))",
            "    }",
            "    @inline(__always) mutating func add(_ left: Scalar, _ right: Row\(width)) {",
            "        a.add(left, right.a); b.add(left, right.b)",
            "    }",
            "    @inline(__always) func store(_ target: Output, _ last: Int, _ walk: Walk, _ index: Int) {",
            "        a.store(target, \(halfLast), walk, index); b.store(target + \(middle), last &- \(middle), walk, index)",
            "    }", "}",
        ]
    }

    // MARK: Tiles

    /// Statements for the rows of a tile, so many of them in a line.
    static func groups(of count: Int, in rows: Int, _ statement: (Int) -> String) -> [String] {
        stride(from: 0, to: rows, by: count).map { first in
            (first..<min(first + count, rows)).map(statement).joined(separator: "; ")
        }
    }

    /// The number of a tile's row on the left: every fourth row has a pointer.
    static func number(of row: Int, from pointer: String) -> String {
        "\(pointer)\(row / 4 * 4)[\(["0", "row", "2 &* row", "3 &* row"][row % 4])]"
    }

    private func tiles() -> [String] {
        var lines: [String] = []
        for rows in Self.smallRows { for width in widths(rows) { lines += tile(rows, width) } }
        lines.append(Self.manyRegisters)
        for rows in Self.largeRows { for width in widths(rows) { lines += tile(rows, width) } }
        lines.append("#else")
        for rows in Self.mediumRows { for width in widths(rows) { lines += tile(rows, width) } }
        lines.append("#endif")
        for width in [1, 2] { lines += band(width) }
        for width in [1, 2, 3] { lines += chains(width) }
        return lines
    }

    func widths(_ rows: Int) -> [Int] { rows == 1 ? [1, 2, 4, 8] : rows == 2 ? [1, 2, 4] : [1, 2] }

    /// Sums of rows × vectors in registers, over all terms.
    private func tile(_ rows: Int, _ width: Int) -> [String] {
        let row = "Row\(width)"
        func groups(_ count: Int, _ line: (Int) -> String) -> [String] { Self.groups(of: count, in: rows, line) }
        let bases = Array(stride(from: 0, to: rows, by: 4))
        var lines = [
            "", "/// \(rows) row\(rows == 1 ? "" : "s"), \(width) vector\(width == 1 ? "" : "s") of columns.",
            "@inline(never)",
            "static func tile\(rows)x\(width)(_ walk: Walk, _ left: Input, _ right: Input, _ target: Output) {",
        ]
        lines += groups(4) { "var r\($0) = \(row)()" }.map { "    " + $0 }
        let strides = "step: Int = walk.leftInner, last: Int = walk.rightLast"
        lines.append("    let " + (rows > 1 ? "row: Int = walk.leftRow, " : "") + strides)
        lines.append("    for term in 0..<walk.terms {")
        lines.append("        var p0: Input = left + term &* walk.leftTerm")
        for base in bases.dropFirst() { lines.append("        var p\(base): Input = p0 + \(base) &* row") }
        lines.append("        var p: Input = right + term &* walk.rightTerm")
        lines.append("        for _ in 0..<walk.inner {")
        lines.append("            let x = \(row)(p, last)")
        lines += groups(4) { "r\($0).add(\(Self.number(of: $0, from: "p")), x)" }.map { "            " + $0 }
        lines.append("            " + bases.map { "p\($0) += step" }.joined(separator: "; ") + "; p += walk.rightInner")
        lines.append("        }")
        lines.append("    }")
        lines += groups(2) { "r\($0).store(target + \($0) &* walk.targetRow, walk.last, walk, \($0))" }.map {
            "    " + $0
        }
        lines.append("}")
        return lines
    }

    /// One row of a few columns, its terms in four chains of sums: one would wait for each multiplication to end.
    private func chains(_ width: Int) -> [String] {
        let row = "Row\(width)"
        return Self.split(
            """

            /// One row, \(width) vector\(width == 1 ? "" : "s") of columns, every fourth term by itself.
            @inline(never) static func chains\(width)(_ walk: Walk, _ left: Input, _ right: Input, _ target: Output) {
                var r0 = \(row)(), r1 = \(row)(), r2 = \(row)(), r3 = \(row)()
                let step: Int = walk.leftInner, row: Int = walk.rightInner, last: Int = walk.rightLast
                for term in 0..<walk.terms {
                    var p: Input = left + term &* walk.leftTerm, q: Input = right + term &* walk.rightTerm
                    var rest: Int = walk.inner
                    while rest >= 4 {
                        r0.add(p[0], \(row)(q, last)); r1.add(p[step], \(row)(q + row, last))
                        r2.add(p[2 &* step], \(row)(q + 2 &* row, last)); r3.add(p[3 &* step], \(row)(q + 3 &* row, last))
                        p += 4 &* step; q += 4 &* row; rest &-= 4
                    }
                    while rest > 0 {
                        r0.add(p[0], \(row)(q, last))
                        p += step; q += row; rest &-= 1
                    }
                }
                r0.add(r1); r2.add(r3); r0.add(r2)
                r0.store(target, walk.last, walk, 0)
            }
            """)
    }

    /// All rows of some columns: tiles of as many rows as there are, none of one row beside large ones.
    private func band(_ width: Int) -> [String] {
        func call(_ rows: Int) -> String { "tile\(rows)x\(width)(walk, from, right, to)" }
        return [
            "", "/// All rows of \(width) vector\(width == 1 ? "" : "s") of columns.",
            "static func band\(width)(_ rows: Int, _ walk: Walk, _ left: Input, _ right: Input, _ target: Output) {",
            "    var walk: Walk = walk, from: Input = left, to: Output = target, rest: Int = rows",
            "    while rest > 0 {",
            "        let count: Int = tileRows(rest)",
            "        if walk.isPacked { walk.leftInner = count }",
        ] + Self.choice(small: Self.smallRows.dropFirst().reversed(), call) + [
            "        from += count &* (walk.isPacked ? walk.inner : walk.leftRow); to += count &* walk.targetRow; rest &-= count",
            "        walk.wholeRows &-= count",
            "    }",
            "}",
        ]
    }

    /// The call for a tile of `count` rows: those that the target has registers for, some small ones, and one row.
    static func choice(small: [Int], _ call: (Int) -> String) -> [String] {
        func cases(_ rows: [Int]) -> [String] { rows.map { "        case \($0): \(call($0))" } }
        return ["        switch count {", manyRegisters] + cases(largeRows.reversed()) + ["#else"]
            + cases(mediumRows.reversed()) + ["#endif"] + cases(small) + ["        default: \(call(1))", "        }"]
    }
}

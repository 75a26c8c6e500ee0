/// The text of what moves columns into panels: transposition, packing.
struct ProductPacking {
    let scalar: SwiftScalar

    func lines() -> [String] {
        ["", "@inline(__always) static var lanes: Int { Vector.scalarCount }"] + transpose() + packing()
    }

    // MARK: Transposition

    /// Columns and terms of a block that is transposed at a time: vectors of four or eight terms, whatever the target.
    var blockColumns: Int { 4 }
    var blockTerms: Int { scalar == .double ? 4 : 8 }

    private func transpose() -> [String] {
        var lines = [
            "", "/// Packs columns that are each contiguous, \(blockTerms) terms or more: transposes blocks.",
            "@inline(never) static func packAcross(",
            "    _ to: Output, _ step: Int, _ from: Input, _ terms: Int, _ right: Columns, _ first: Int, _ columns: Int",
            ") {",
            "    for c in stride(from: 0, to: columns, by: 4) {",
            "        // Where there is no such column, the last one stands in for it: nothing else reads it.",
            "        let most: Int = columns &- 1 &- c",
            "        let start: Int = right.offset(first &+ c), p: Input = from + start",
            "        let o1: Int = right.offset(first &+ c &+ min(1, most)) &- start",
            "        let o2: Int = right.offset(first &+ c &+ min(2, most)) &- start",
            "        let o3: Int = right.offset(first &+ c &+ min(3, most)) &- start",
            "        var t: Int = 0",
            "        while t < terms {",
            "            let first: Int = min(t, terms &- \(blockTerms))",
            "            let raw = UnsafeRawPointer(p + first), size: Int = MemoryLayout<Scalar>.size",
            "            let r = UnsafeMutableRawPointer(to + (first &* step &+ c)), row: Int = step &* size",
        ]
        for index in 0..<4 {
            let offset = index == 0 ? "0" : "o\(index) &* size"
            lines.append(
                "            let v\(index) = raw.loadUnaligned(fromByteOffset: \(offset), as: SIMD\(blockTerms)<Scalar>.self)"
            )
        }
        // Each round is of another lane size: the optimiser would dissolve two rounds of one size into single moves.
        func shuffle(_ name: String, _ type: String, _ a: String, _ b: String, _ lanes: [(Bool, Int)]) -> String {
            let parts = lanes.map { "\($0.0 ? b : a)[\($0.1)]" }
            return "            let \(name) = \(type)(" + parts.joined(separator: ", ") + ")"
        }
        func cast(_ name: String, _ type: String) {
            lines.append("            let \(name)w = unsafeBitCast(\(name), to: \(type).self)")
        }
        func storeRow(_ value: String, _ row: Int, _ type: String) {
            lines.append("            r.storeBytes(of: \(value), toByteOffset: \(row) &* row, as: \(type).self)")
        }
        let first =
            scalar == .double
            ? [(false, 0), (true, 0), (false, 2), (true, 2)]
            : [(false, 0), (true, 0), (false, 1), (true, 1), (false, 4), (true, 4), (false, 5), (true, 5)]
        let up = scalar == .double ? 1 : 2
        let wide = scalar == .double ? "SIMD8<Float>" : "SIMD4<Double>"
        for (index, pair) in [("v0", "v1"), ("v2", "v3")].enumerated() {
            lines.append(shuffle("l\(index)", "SIMD\(blockTerms)<Scalar>", pair.0, pair.1, first))
            lines.append(
                shuffle("h\(index)", "SIMD\(blockTerms)<Scalar>", pair.0, pair.1, first.map { ($0.0, $0.1 + up) }))
            cast("l\(index)", wide)
            cast("h\(index)", wide)
        }
        for row in 0..<4 {
            let name = scalar == .double ? (row % 2 == 0 ? "l" : "h") : (row < 2 ? "l" : "h")
            let base = scalar == .double ? row / 2 * 4 : row % 2
            if scalar == .double {
                let lanes = (0..<4).map { (false, base + $0) } + (0..<4).map { (true, base + $0) }
                lines.append(shuffle("r\(row)", wide, name + "0w", name + "1w", lanes))
                storeRow("r\(row)", row, wide)
            } else {
                lines.append(
                    shuffle(
                        "r\(row)", wide, name + "0w", name + "1w",
                        [(false, base), (true, base), (false, base + 2), (true, base + 2)]))
                storeRow("r\(row).lowHalf", row, "SIMD2<Double>")
                storeRow("r\(row).highHalf", row + 4, "SIMD2<Double>")
            }
        }
        lines += ["            t &+= \(blockTerms)", "        }", "    }", "}"]
        return lines
    }

    // MARK: Panels

    private func packing() -> [String] {
        ProductKernels.split(
            """

            /// Packs one or two vectors of columns into a panel, term after term.
            static func pack(_ panel: Output, _ walk: Walk, _ right: Input, _ columns: Columns, _ column: Int, _ width: Int) {
                let step: Int = width &* lanes
                for term in 0..<walk.terms {
                    let from: Input = right + term &* walk.rightTerm
                    let to: Output = panel + term &* walk.inner &* step
                    if width == 2 && columns.isContiguous {
                        for t in 0..<walk.inner {
                            let p: Input = from + (column &+ t &* walk.rightInner), row: Output = to + t &* step
                            store(row, 0, load(p, 0)); store(row, lanes, load(p, walk.last))
                        }
                        continue
                    }
                    for vector in 0..<width {
                        let first: Int = vector == 0 ? column : column &+ walk.last
                        packRun(to + vector &* lanes, step, from, walk.inner, walk.rightInner, columns, first, walk.columns)
                    }
                }
            }

            /// Packs a vector of columns along one index.
            @inline(never) static func packRun(
                _ to: Output, _ step: Int, _ from: Input, _ terms: Int, _ term: Int, _ right: Columns, _ first: Int,
                _ columns: Int
            ) {
                if right.isContiguous {
                    // Vectors that reach over into what follows are read as long as that is within these columns.
                    let end: Int = (terms &- 1) &* term &+ columns &- lanes
                    for t in 0..<terms {
                        let p: Input = from + (first &+ t &* term)
                        let isInside: Bool = columns == lanes || (term > 0 && t &* term <= end)
                        store(to, t &* step, isInside ? load(p, 0) : loadPart(p, columns))
                    }
                } else {
                    let zero: Vector = Vector()
                    if columns < lanes {
                        for t in 0..<terms { store(to, t &* step, zero) }
                    }
                    if term == 1 && terms >= \(blockTerms) && lanes >= 4 {
                        packAcross(to, step, from, terms, right, first, columns)
                    } else {
                        for c in 0..<columns {
                            let p: Input = from + right.offset(first &+ c)
                            for t in 0..<terms { to[t &* step &+ c] = p[t &* term] }
                        }
                    }
                }
            }
            """)
    }
}

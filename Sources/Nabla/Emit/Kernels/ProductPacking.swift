/// The text of what moves columns into panels: parts of vectors, transposition, packing.
struct ProductPacking {
    let scalar: SwiftScalar

    /// Lanes of the three vector sizes, widest first.
    var laneCounts: [Int] { scalar == .double ? [8, 4, 2] : [16, 8, 4] }

    func lines() -> [String] {
        parts() + transpose() + packing()
    }

    /// One text for each vector size, under `#if`.
    func byLanes(_ text: (Int) -> [String]) -> [String] {
        ["#if NABLA_AVX512"] + text(laneCounts[0]) + ["#elseif NABLA_FMA"] + text(laneCounts[1]) + ["#else"]
            + text(laneCounts[2]) + ["#endif"]
    }

    // MARK: Parts of vectors

    private func parts() -> [String] {
        var lines = ["", "@inline(__always) static var lanes: Int { Vector.scalarCount }"]
        lines += [
            "", "/// The first numbers, fewer than a vector; 0 in the other lanes.",
            "@inline(never) static func loadPart(_ from: Input, _ count: Int) -> Vector {",
            "    let raw = UnsafeRawPointer(from)",
            "    let size: Int = MemoryLayout<Scalar>.size",
        ]
        lines += loadPart()
        lines += [
            "}", "", "/// Stores or adds the first lanes, fewer than a vector.",
            "@inline(never) static func storePart(_ to: Output, _ value: Vector, _ count: Int, _ adds: Bool) {",
            "    var to: Output = to",
        ]
        lines += storePart()
        lines.append("}")
        return lines
    }

    /// From the end to the beginning: each round puts a piece before what is there.
    private func loadPart() -> [String] {
        var lines = [
            "    var part2 = SIMD2<Scalar>()",
            "    if count & 1 != 0 { part2[0] = from[count &- 1] }",
        ]
        var size = 4
        while size <= laneCounts[0] {
            let half = size / 2
            if size == laneCounts[0] { lines.append("#if NABLA_AVX512") }
            if size == laneCounts[1] { lines.append("#if NABLA_AVX512 || NABLA_FMA") }
            lines += [
                "    var part\(size) = SIMD\(size)<Scalar>(lowHalf: part\(half), highHalf: SIMD\(half)<Scalar>())",
                "    if count & \(half) != 0 {",
                "        let start: Int = (count & ~\(size - 1)) &* size",
                "        let low = raw.loadUnaligned(fromByteOffset: start, as: SIMD\(half)<Scalar>.self)",
                "        part\(size) = SIMD\(size)<Scalar>(lowHalf: low, highHalf: part\(half))", "    }",
            ]
            size *= 2
        }
        lines += [
            "    return part\(laneCounts[0])", "#else", "    return part\(laneCounts[1])", "#endif", "#else",
            "    return part\(laneCounts[2])", "#endif",
        ]
        return lines
    }

    /// From the beginning to the end: each round stores a piece of what is left.
    private func storePart() -> [String] {
        var lines: [String] = []
        var size = laneCounts[0] / 2
        while size >= 2 {
            let rest = size * 2 == laneCounts[0] ? "value" : "part\(2 * size)"
            if 2 * size == laneCounts[0] { lines.append("#if NABLA_AVX512") }
            if 2 * size == laneCounts[1] { lines.append("#if NABLA_AVX512 || NABLA_FMA") }
            lines += [
                "    var part\(size): SIMD\(size)<Scalar> = \(rest).lowHalf", "    if count & \(size) != 0 {",
                "        let raw = UnsafeMutableRawPointer(to)",
                "        if adds { part\(size) += raw.loadUnaligned(as: SIMD\(size)<Scalar>.self) }",
                "        raw.storeBytes(of: part\(size), as: SIMD\(size)<Scalar>.self)",
                "        to += \(size); part\(size) = \(rest).highHalf", "    }",
            ]
            if size == laneCounts[1] { lines += ["#else", "    let part\(size): Vector = value", "#endif"] }
            if size == laneCounts[2] { lines += ["#else", "    let part\(size): Vector = value", "#endif"] }
            size /= 2
        }
        lines.append("    if count & 1 != 0 { to[0] = adds ? to[0] + part2[0] : part2[0] }")
        return lines
    }

    // MARK: Transposition

    /// Columns and terms of a block that is transposed at a time: vectors of four or eight terms, whatever the target.
    var blockColumns: Int { 4 }
    var blockTerms: Int { scalar == .double ? 4 : 8 }

    private func transpose() -> [String] {
        var lines = [
            "", "/// Packs columns that are each contiguous, \(blockTerms) terms or more: transposes blocks.",
            "@inline(never) static func packAcross(",
            "    _ to: Output, _ step: Int, _ from: Input, _ terms: Int, _ column: Int, _ columns: Int", ") {",
            "    for c in stride(from: 0, to: columns, by: 4) {",
            "        // Where there is no such column, the last one stands in for it: nothing else reads it.",
            "        let most: Int = columns &- 1 &- c",
            "        let p: Input = from + c &* column",
            "        let o1: Int = min(1, most) &* column, o2: Int = min(2, most) &* column, o3: Int = min(3, most) &* column",
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
            static func pack(_ panel: Output, _ walk: Walk, _ right: Input, _ column: Int, _ width: Int) {
                let step: Int = width &* lanes
                for term in 0..<walk.terms {
                    let from: Input = right + term &* walk.rightTerm
                    let to: Output = panel + term &* walk.inner &* step
                    if width == 2 && column == 1 {
                        for t in 0..<walk.inner {
                            let p: Input = from + t &* walk.rightInner, row: Output = to + t &* step
                            store(row, 0, load(p, 0)); store(row, lanes, load(p, walk.last))
                        }
                        continue
                    }
                    for vector in 0..<width {
                        let p: Input = from + (vector == 0 ? 0 : walk.last &* column)
                        packRun(to + vector &* lanes, step, p, walk.inner, walk.rightInner, column, walk.columns)
                    }
                }
            }

            /// Packs a vector of columns along one index.
            @inline(never) static func packRun(
                _ to: Output, _ step: Int, _ from: Input, _ terms: Int, _ term: Int, _ column: Int, _ columns: Int
            ) {
                if column == 1 {
                    // Vectors that reach over into what follows are read as long as that is within these columns.
                    let end: Int = (terms &- 1) &* term &+ columns &- lanes
                    for t in 0..<terms {
                        let p: Input = from + t &* term
                        let isInside: Bool = columns == lanes || (term > 0 && t &* term <= end)
                        store(to, t &* step, isInside ? load(p, 0) : loadPart(p, columns))
                    }
                } else {
                    let zero: Vector = Vector()
                    if columns < lanes {
                        for t in 0..<terms { store(to, t &* step, zero) }
                    }
                    if term == 1 && terms >= \(blockTerms) && lanes >= 4 {
                        packAcross(to, step, from, terms, column, columns)
                    } else {
                        for t in 0..<terms {
                            for c in 0..<columns { to[t &* step &+ c] = from[t &* term &+ c &* column] }
                        }
                    }
                }
            }
            """)
    }
}

/// The text of matrix times vector along contiguous terms: rows at a time as dot products.
struct ProductDots {
    let scalar: SwiftScalar

    func lines() -> [String] {
        var lines: [String] = []
        for count in [8, 4] { lines += dots(count) }
        lines += finish()
        lines += ProductKernels.split(
            """

            /// One dot product, with four sums.
            @inline(never) static func dots1(_ terms: Int, _ x: Input, _ y: Input, _ row: Int, _ sums: Output) {
                var s0: Vector = Vector(), s1: Vector = Vector(), s2: Vector = Vector(), s3: Vector = Vector()
                var t: Int = 0
                while t &+ 4 &* lanes <= terms {
                    s0 = multiplyAdd(s0, load(x, t), load(y, t))
                    s1 = multiplyAdd(s1, load(x, t &+ lanes), load(y, t &+ lanes))
                    s2 = multiplyAdd(s2, load(x, t &+ 2 &* lanes), load(y, t &+ 2 &* lanes))
                    s3 = multiplyAdd(s3, load(x, t &+ 3 &* lanes), load(y, t &+ 3 &* lanes))
                    t &+= 4 &* lanes
                }
                while t &+ lanes <= terms {
                    s0 = multiplyAdd(s0, load(x, t), load(y, t))
                    t &+= lanes
                }
                if t < terms { s1 = multiplyAdd(s1, loadPart(x + t, terms &- t), loadPart(y + t, terms &- t)) }
                store(sums, 0, (s0 + s1) + (s2 + s3))
            }

            /// target[c] (+)= factor · Σ x[t] · y[c, t], where both run along t.
            static func dots(
                _ count: Int, _ terms: Int, _ x: Input, _ y: Input, _ row: Int, _ target: Output, _ step: Int,
                _ factor: Scalar, _ adds: Bool, _ sums: Output
            ) {
                var done: Int = 0
                while done < count {
                    let rest: Int = count &- done
                    let group: Int = rest > 4 && count >= 8 ? 8 : rest > 1 && count >= 4 ? 4 : 1
                    // A last group that is not full begins earlier: what stands already is left alone.
                    let first: Int = min(done, count &- group)
                    let from: Input = y + first &* row
                    switch group {
                    case 8: dots8(terms, x, from, row, sums); finish8(sums)
                    case 4: dots4(terms, x, from, row, sums); finish4(sums)
                    default: dots1(terms, x, from, row, sums); sums[0] = sum(load(Input(sums), 0))
                    }
                    for c in done..<(first &+ group) {
                        let value: Scalar = factor * sums[c &- first]
                        target[c &* step] = adds ? target[c &* step] + value : value
                    }
                    done = first &+ group
                }
            }
            """)
        return lines
    }

    private func dots(_ count: Int) -> [String] {
        let indices = Array(0..<count)
        func groups(_ size: Int, _ line: (Int) -> String) -> [String] {
            stride(from: 0, to: count, by: size).map { first in
                indices[first..<min(first + size, count)].map(line).joined(separator: "; ")
            }
        }
        func pointer(_ index: Int) -> String { "p\(index / 4 * 4) + \(index % 4) &* row" }
        var lines = [
            "", "/// \(count) dot products at a time; their sums are left by lanes.",
            "@inline(never) static func dots\(count)(_ terms: Int, _ x: Input, _ y: Input, _ row: Int, _ sums: Output) {",
        ]
        lines += groups(4) { "var s\($0): Vector = Vector()" }.map { "    " + $0 }
        lines.append(
            "    var "
                + stride(from: 0, to: count, by: 4).map { "p\($0): Input = y + \($0) &* row" }.joined(separator: ", "))
        lines.append("    var t: Int = 0")
        lines.append("    while t &+ lanes <= terms {")
        lines.append("        let v: Vector = load(x, t)")
        lines += groups(2) { "s\($0) = multiplyAdd(s\($0), v, load(\(pointer($0)), 0))" }.map { "        " + $0 }
        lines.append(
            "        " + stride(from: 0, to: count, by: 4).map { "p\($0) += lanes" }.joined(separator: "; ")
                + "; t &+= lanes")
        lines.append("    }")
        lines.append("    let rest: Int = terms &- t")
        lines.append("    if rest > 0 {")
        lines.append("        let v: Vector = loadPart(x + t, rest)")
        lines += groups(2) { "s\($0) = multiplyAdd(s\($0), v, loadPart(\(pointer($0)), rest))" }.map { "        " + $0 }
        lines.append("    }")
        lines += groups(4) { "store(sums, \($0) &* lanes, s\($0))" }.map { "    " + $0 }
        lines.append("}")
        return lines
    }

    // MARK: Sums of lanes

    /// Sums the lanes of some vectors at once, by adding pairs: apart from the loops, which have no register left for it.
    private func finish() -> [String] {
        let packing = ProductPacking(scalar: scalar)
        var lines = [
            "", "/// Sums of neighbouring lanes, of two vectors.",
            "@inline(__always) static func pairSums(_ a: Vector, _ b: Vector) -> Vector {",
        ]
        lines += packing.byLanes { count in
            func vector(_ odd: Int) -> String {
                let parts = ["a", "b"].flatMap { name in
                    stride(from: odd, to: count, by: 2).map { "\(name)[\($0)]" }
                }
                return "Vector(" + parts.joined(separator: ", ") + ")"
            }
            return ["    let even: Vector = \(vector(0))", "    let odd: Vector = \(vector(1))"]
        }
        lines += ["    return even + odd", "}"]
        for count in [8, 4] {
            lines += [
                "", "/// The sums of the lanes of \(count) vectors, in place of the first ones.",
                "@inline(never) static func finish\(count)(_ sums: Output) {", "    let from: Input = Input(sums)",
            ]
            lines += packing.byLanes { finish(count, $0) }
            lines.append("}")
        }
        return lines
    }

    private func finish(_ count: Int, _ lanes: Int) -> [String] {
        var lines: [String] = []
        var names = (0..<count).map { "load(from, \($0) &* lanes)" }
        var level = 0
        var width = lanes
        // Each round halves the lanes of a sum, and the vectors as long as there are two.
        while width > 1 && names.count > 1 {
            level += 1
            var next: [String] = []
            for index in stride(from: 0, to: names.count, by: 2) {
                let name = "s\(level)\(index / 2)"
                lines.append("    let \(name): Vector = pairSums(\(names[index]), \(names[index + 1]))")
                next.append(name)
            }
            names = next
            width /= 2
        }
        while width > 1 {
            level += 1
            lines.append("    let s\(level)0: Vector = pairSums(\(names[0]), \(names[0]))")
            names = ["s\(level)0"]
            width /= 2
        }
        lines += names.enumerated().map { "    store(sums, \($0.offset) &* lanes, \($0.element))" }
        return lines
    }
}

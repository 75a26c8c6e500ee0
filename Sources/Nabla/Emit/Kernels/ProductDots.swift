/// The text of matrix times vector along contiguous terms: rows at a time as dot products.
struct ProductDots {
    let scalar: SwiftScalar

    func lines() -> [String] {
        var lines: [String] = []
        lines += ProductSums(scalar: scalar).lines()
        for count in [8, 4] { lines += dots(count) }
        lines += ProductKernels.split(
            """

            /// One dot product, with four sums.
            @inline(never) static func dot(_ terms: Int, _ x: Input, _ y: Input) -> Scalar {
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
                return sum((s0 + s1) + (s2 + s3))
            }

            /// target[c] (+)= factor · Σ x[t] · y[c, t], where both run along t.
            static func dots(
                _ count: Int, _ terms: Int, _ x: Input, _ y: Input, _ row: Int, _ target: Output, _ step: Int,
                _ factor: Scalar, _ adds: Bool, _ sums: Output
            ) {
                var done: Int = 0
                if step == 1 {
                    dots8(count / 8, terms, x, y, row, target, factor, adds)
                    done = count & ~7
                }
                while done < count {
                    let rest: Int = count &- done
                    let group: Int = rest > 4 && count >= 8 ? 8 : rest > 1 && count >= 4 ? 4 : 1
                    // A last group that is not full begins earlier: what stands already is left alone.
                    let first: Int = min(done, count &- group)
                    let from: Input = y + first &* row
                    switch group {
                    case 8: dots8(1, terms, x, from, row, sums, factor, false)
                    case 4: dots4(1, terms, x, from, row, sums, factor, false)
                    default: sums[0] = factor * dot(terms, x, from)
                    }
                    for c in done..<(first &+ group) {
                        let value: Scalar = sums[c &- first]
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
        let bases = Array(stride(from: 0, to: count, by: 4))
        let starts = bases.map { "p\($0): Input = y + (\(count) &* group &+ \($0)) &* row" }
        var body = groups(4) { "var s\($0): Vector = Vector()" }
        body += [
            "var \(starts.joined(separator: ", "))", "var t: Int = 0",
            "// Up to where lines of the cache begin, where they begin alike in all rows: no load crosses one.",
            "let place: Int = Int(bitPattern: p0) / MemoryLayout<Scalar>.size",
            "let head: Int = row & (lanes &- 1) == 0 && terms >= 8 &* lanes ? (0 &- place) & (lanes &- 1) : 0",
            "if head > 0 {",
            "    let zero: Vector = Vector(), isLater = ramp() .>= Vector(repeating: Scalar(head))",
            "    let v: Vector = load(x, 0).replacing(with: zero, where: isLater)",
        ]
        body += indices.map { "    s\($0) = v * load(\(pointer($0)), 0).replacing(with: zero, where: isLater)" }
        body += [
            "    " + bases.map { "p\($0) += head" }.joined(separator: "; ") + "; t = head", "}",
            "while t &+ lanes <= terms {", "    let v: Vector = load(x, t)",
        ]
        body += groups(2) { "s\($0) = multiplyAdd(s\($0), v, load(\(pointer($0)), 0))" }.map { "    " + $0 }
        body += [
            "    " + bases.map { "p\($0) += lanes" }.joined(separator: "; ") + "; t &+= lanes", "}",
            "let rest: Int = terms &- t", "if rest > 0 && t > 0 {",
            "    // The last vector begins earlier, without what has been added.",
            "    let zero: Vector = Vector(), back: Int = lanes &- rest",
            "    let isOld = ramp() .< Vector(repeating: Scalar(back))",
            "    let v: Vector = load(x, t &- back).replacing(with: zero, where: isOld)",
        ]
        body += indices.map {
            "    s\($0) = multiplyAdd(s\($0), v, load(\(pointer($0)), 0 &- back).replacing(with: zero, where: isOld))"
        }
        body += ["} else if rest > 0 {", "    let v: Vector = loadPart(x, rest)"]
        body += groups(2) { "s\($0) = multiplyAdd(s\($0), v, loadPart(\(pointer($0)), rest))" }.map { "    " + $0 }
        body.append("}")
        let sums = ProductSums(scalar: scalar)
        body += VectorFormat(scalar).byLanes { sums.sums(count, $0) }
        body += [
            "let to = UnsafeMutableRawPointer(target + \(count) &* group)",
            "let old = adds ? to.loadUnaligned(as: SIMD\(count)<Scalar>.self) : SIMD\(count)<Scalar>()",
            "to.storeBytes(of: old + sums * factor, as: SIMD\(count)<Scalar>.self)",
        ]
        return [
            "", "/// target[c] (+)= factor · Σ x[t] · y[c, t], for groups of \(count) rows of y.",
            "@inline(never) static func dots\(count)(",
            "    _ groups: Int, _ terms: Int, _ x: Input, _ y: Input, _ row: Int, _ target: Output, _ factor: Scalar,",
            "    _ adds: Bool", ") {", "    for group in 0..<groups {",
        ] + body.map { $0.hasPrefix("#") ? $0 : "        " + $0 } + ["    }", "}"]
    }
}

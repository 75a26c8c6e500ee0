/// The text that adds up the lanes of several vectors at once: each round makes one vector of two, whose parts are sums of
/// neighbouring parts.
struct ProductSums {
    let scalar: SwiftScalar

    /// One round.
    private struct Join {
        var name: String
        /// What the lanes are read as, and its size: the optimiser dissolves two rounds of one lane size into single moves.
        var lane: String
        var size: Int
        /// How many of these lanes a part has.
        var part: Int
        /// The parts of the first vector and those of the second one take turns in blocks of so many lanes.
        var block: Int

        /// The lanes of the first summands, in a result with so many lanes; those of the second ones are a part further.
        func firsts(_ count: Int) -> [(isSecond: Bool, lane: Int)] {
            stride(from: 0, to: count, by: block).flatMap { start in
                [false, true].flatMap { isSecond in
                    stride(from: start, to: start + block, by: 2 * part).flatMap { first in
                        (first..<first + part).map { (isSecond, $0) }
                    }
                }
            }
        }
    }

    /// The rounds for vectors with so many lanes, as many as eight vectors need at most.
    private func joins(_ lanes: Int) -> [Join] {
        let bytes = lanes * scalar.size
        var joins: [Join] = []
        if bytes == 64 && scalar == .double {
            joins.append(Join(name: "joinHalves", lane: "Int64", size: 8, part: 4, block: 8))
            joins.append(Join(name: "joinQuarters", lane: "Float", size: 4, part: 4, block: 16))
        } else if bytes > 16 {
            joins.append(Join(name: "joinHalves", lane: "Int32", size: 4, part: bytes / 8, block: bytes / 4))
            if bytes == 64 { joins.append(Join(name: "joinQuarters", lane: "Double", size: 8, part: 2, block: 8)) }
        }
        let pair = scalar == .double ? "Int64" : "Double"
        joins.append(Join(name: "joinPairs", lane: pair, size: 8, part: 1, block: 2))
        if scalar == .float { joins.append(Join(name: "joinSingles", lane: "Int32", size: 4, part: 1, block: 4)) }
        return Array(joins.prefix(3))
    }

    /// The functions of the rounds.
    func lines() -> [String] {
        VectorFormat(scalar).byLanes { lanes in
            joins(lanes).flatMap { join in
                let count = lanes * scalar.size / join.size
                let type = "SIMD\(count)<\(join.lane)>"
                func vector(_ name: String, _ offset: Int) -> [String] {
                    let lanes = join.firsts(count).map { "\($0.isSecond ? "v" : "u")[\($0.lane + offset)]" }
                    let rows = stride(from: 0, to: count, by: 8).map { first in
                        "        " + lanes[first..<min(first + 8, count)].joined(separator: ", ")
                    }
                    return ["    let \(name) = \(type)("] + rows.dropLast().map { $0 + "," } + [(rows.last ?? "") + ")"]
                }
                return [
                    "", "/// Sums of neighbouring parts of two vectors.",
                    "@inline(__always) static func \(join.name)(_ a: Vector, _ b: Vector) -> Vector {",
                    "    let u = unsafeBitCast(a, to: \(type).self), v = unsafeBitCast(b, to: \(type).self)",
                ] + vector("first", 0) + vector("second", join.part) + [
                    "    return unsafeBitCast(first, to: Vector.self) + unsafeBitCast(second, to: Vector.self)", "}",
                ]
            }
        }
    }

    /// Declares `sums`, the sums of the lanes of vectors `s0`, `s1` and so on, so many lanes each.
    func sums(_ count: Int, _ lanes: Int) -> [String] {
        // Which lane belongs to which sum in the end says which vector must stand where.
        let ends = rounds((0..<count).map { "\($0)" }, lanes).ends
        let names = (0..<count).map { slot in "s\(ends.firstIndex(of: slot) ?? slot)" }
        return rounds(names, lanes).lines
    }

    private func rounds(_ names: [String], _ lanes: Int) -> (lines: [String], ends: [Int]) {
        var lines: [String] = []
        let units = scalar.size / 4
        // Of each vector, the sum that each 4 bytes are a part of.
        var vectors = names.enumerated().map { ($0.element, Array(repeating: $0.offset, count: lanes * units)) }
        for (round, join) in joins(lanes).enumerated() where vectors.count > 1 {
            vectors = stride(from: 0, to: vectors.count, by: 2).map { index in
                let (a, b) = (vectors[index], vectors[index + 1])
                let name = "r\(round)\(index / 2)"
                lines.append("let \(name): Vector = \(join.name)(\(a.0), \(b.0))")
                let width = join.size / 4
                let places = join.firsts(lanes * units / width).flatMap { place in
                    (0..<width).map { (place.isSecond ? b : a).1[place.lane * width + $0] }
                }
                return (name, places)
            }
        }
        var ends = vectors.flatMap { vector in stride(from: 0, to: lanes * units, by: units).map { vector.1[$0] } }
        var size = lanes
        var parts = vectors.map(\.0)
        while parts.count > 1 {
            size *= 2
            parts = stride(from: 0, to: parts.count, by: 2).map { index in
                let name = "h\(size)\(index / 2)"
                lines.append(
                    "let \(name) = SIMD\(size)<Scalar>(lowHalf: \(parts[index]), highHalf: \(parts[index + 1]))")
                return name
            }
        }
        var text = parts[0]
        // Sums that still have several lanes.
        while size > names.count {
            size /= 2
            lines.append("let e\(size) = \(text).evenHalf + \(text).oddHalf")
            text = "e\(size)"
            ends = stride(from: 0, to: ends.count, by: 2).map { ends[$0] }
        }
        lines.append("let sums: SIMD\(names.count)<Scalar> = \(text)")
        return (lines, ends)
    }
}

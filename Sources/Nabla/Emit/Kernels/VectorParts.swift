/// Parts of vectors: the first numbers of a row's end, read and written in pieces of 1, 2, 4 and 8 numbers.
enum VectorParts {
    static let kernels: [VectorKernel] = [loadPart, storePart]

    private static let loadPart = VectorKernel("loadPart") { format in
        """
        /// The first `count` numbers from a pointer on; zeros in the other lanes.
        @inline(__always) fileprivate static func load(_ numbers: UnsafePointer<Scalar>, count: Int) -> Vector {
            if count == Vector.scalarCount { return UnsafeRawPointer(numbers).loadUnaligned(as: Vector.self) }
            return loadPart(numbers, count)
        }

        @inline(never) fileprivate static func loadPart(_ from: UnsafePointer<Scalar>, _ count: Int) -> Vector {
            let raw = UnsafeRawPointer(from)
            let size: Int = MemoryLayout<Scalar>.size
            \(pieces(loading: format.laneCounts).joined(separator: "\n").indented())
        }
        """
    }

    private static let storePart = VectorKernel("storePart") { format in
        """
        /// Writes the first `count` lanes.
        @inline(__always) fileprivate static func store(
            _ vector: Vector, _ numbers: UnsafeMutablePointer<Scalar>, count: Int
        ) {
            if count == Vector.scalarCount {
                UnsafeMutableRawPointer(numbers).storeBytes(of: vector, as: Vector.self)
            } else {
                storePart(numbers, vector, count, false)
            }
        }

        /// Stores or adds the first lanes, fewer than a vector.
        @inline(never) fileprivate static func storePart(
            _ to: UnsafeMutablePointer<Scalar>, _ value: Vector, _ count: Int, _ adds: Bool
        ) {
            var to: UnsafeMutablePointer<Scalar> = to
            \(pieces(storing: format.laneCounts).joined(separator: "\n").indented())
        }
        """
    }

    /// From the end to the beginning: each round puts a piece before what is there.
    private static func pieces(loading laneCounts: [Int]) -> [String] {
        var lines = [
            "var part2 = SIMD2<Scalar>()",
            "if count & 1 != 0 { part2[0] = from[count &- 1] }",
        ]
        var size = 4
        while size <= laneCounts[0] {
            let half = size / 2
            if size == laneCounts[0] { lines.append("#if NABLA_AVX512") }
            if size == laneCounts[1] { lines.append("#if NABLA_AVX512 || NABLA_FMA") }
            lines += [
                "var part\(size) = SIMD\(size)<Scalar>(lowHalf: part\(half), highHalf: SIMD\(half)<Scalar>())",
                "if count & \(half) != 0 {",
                "    let start: Int = (count & ~\(size - 1)) &* size",
                "    let low = raw.loadUnaligned(fromByteOffset: start, as: SIMD\(half)<Scalar>.self)",
                "    part\(size) = SIMD\(size)<Scalar>(lowHalf: low, highHalf: part\(half))", "}",
            ]
            size *= 2
        }
        lines += [
            "return part\(laneCounts[0])", "#else", "return part\(laneCounts[1])", "#endif", "#else",
            "return part\(laneCounts[2])", "#endif",
        ]
        return lines
    }

    /// From the beginning to the end: each round stores a piece of what is left.
    private static func pieces(storing laneCounts: [Int]) -> [String] {
        var lines: [String] = []
        var size = laneCounts[0] / 2
        while size >= 2 {
            let rest = size * 2 == laneCounts[0] ? "value" : "part\(2 * size)"
            if 2 * size == laneCounts[0] { lines.append("#if NABLA_AVX512") }
            if 2 * size == laneCounts[1] { lines.append("#if NABLA_AVX512 || NABLA_FMA") }
            lines += [
                "var part\(size): SIMD\(size)<Scalar> = \(rest).lowHalf", "if count & \(size) != 0 {",
                "    let raw = UnsafeMutableRawPointer(to)",
                "    if adds { part\(size) += raw.loadUnaligned(as: SIMD\(size)<Scalar>.self) }",
                "    raw.storeBytes(of: part\(size), as: SIMD\(size)<Scalar>.self)",
                "    to += \(size); part\(size) = \(rest).highHalf", "}",
            ]
            if size == laneCounts[1] { lines += ["#else", "let part\(size): Vector = value", "#endif"] }
            if size == laneCounts[2] { lines += ["#else", "let part\(size): Vector = value", "#endif"] }
            size /= 2
        }
        lines.append("if count & 1 != 0 { to[0] = adds ? to[0] + part2[0] : part2[0] }")
        return lines
    }
}

/// What loops over lanes need beside functions: reading and writing whole vectors, and what gathers lanes.
enum VectorMemory {
    static let kernels: [VectorKernel] = [
        loadWhole, storeWhole, ramp, first, last, extreme("largest"), extreme("smallest"), productOfLanes,
    ]

    private static let loadWhole = VectorKernel("loadWhole") { _ in
        """
        /// The numbers from a pointer on.
        @inline(__always) fileprivate static func load(_ numbers: UnsafePointer<Scalar>) -> Vector {
            UnsafeRawPointer(numbers).loadUnaligned(as: Vector.self)
        }
        """
    }

    private static let storeWhole = VectorKernel("storeWhole") { _ in
        """
        /// Writes all lanes, also where the numbers that count end before the last one.
        @inline(__always) fileprivate static func store(_ vector: Vector, _ numbers: UnsafeMutablePointer<Scalar>) {
            UnsafeMutableRawPointer(numbers).storeBytes(of: vector, as: Vector.self)
        }
        """
    }

    private static let ramp = VectorKernel("ramp") { format in
        func numbers(_ bytes: Int) -> String {
            (0..<bytes / format.scalar.size).map { "\($0)" }.joined(separator: ", ")
        }
        return """
            /// 0, 1, 2 and so on.
            @inline(__always) fileprivate static func ramp() -> Vector {
                #if NABLA_AVX512
                    return Vector(\(numbers(64)))
                #elseif NABLA_FMA
                    return Vector(\(numbers(32)))
                #else
                    return Vector(\(numbers(16)))
                #endif
            }
            """
    }

    private static let first = VectorKernel("first", uses: ["ramp"]) { _ in
        """
        /// The first `count` lanes of a vector, and another value in the rest.
        @inline(__always) fileprivate static func first(_ count: Int, of vector: Vector, rest: Scalar) -> Vector {
            let end: Vector = Vector(repeating: Scalar(count))
            return vector.replacing(with: Vector(repeating: rest), where: ramp() .>= end)
        }
        """
    }

    private static let last = VectorKernel("last", uses: ["ramp"]) { _ in
        """
        /// The lanes of a vector but for the first so many, and another value in those.
        @inline(__always) fileprivate static func last(skipping skipped: Int, of vector: Vector, rest: Scalar) -> Vector {
            let start: Vector = Vector(repeating: Scalar(skipped))
            return vector.replacing(with: Vector(repeating: rest), where: ramp() .< start)
        }
        """
    }

    private static func extreme(_ name: String) -> VectorKernel {
        VectorKernel(name) { halves(name, $0.scalar).joined(separator: "\n") }
    }

    /// One half of the lanes against the other, until one is left.
    private static func halves(_ name: String, _ scalar: SwiftScalar) -> [String] {
        let sign = name == "smallest" ? "<" : ">"
        func step(_ lanes: Int) -> [String] {
            let half = lanes / 2
            let (low, high) = half == 1 ? ("rest2[0]", "rest2[1]") : ("rest\(lanes).lowHalf", "rest\(lanes).highHalf")
            let type = half == 1 ? "Scalar" : "SIMD\(half)<Scalar>"
            let start = ["        let low\(half): \(type) = \(low)", "        let high\(half): \(type) = \(high)"]
            if half == 1 { return start + ["        return high1 \(sign) low1 || high1.isNaN ? high1 : low1"] }
            let condition = "(high\(half) .\(sign) low\(half)) .| (high\(half) .!= high\(half))"
            return start + [
                "        let rest\(half): \(type) = low\(half).replacing(with: high\(half), where: \(condition))"
            ] + step(half)
        }
        func tree(bytes: Int) -> [String] {
            let lanes = bytes / scalar.size
            return ["        let rest\(lanes): Vector = vector"] + step(lanes)
        }
        return [
            "/// The \(name) lane; NaN where one is.",
            "@inline(__always) fileprivate static func \(name)(_ vector: Vector) -> Scalar {",
            "    #if NABLA_AVX512",
        ] + tree(bytes: 64) + ["    #elseif NABLA_FMA"] + tree(bytes: 32) + ["    #else"] + tree(bytes: 16)
            + ["    #endif", "}"]
    }

    private static let productOfLanes = VectorKernel("productOfLanes") { _ in
        """
        /// The product of the lanes.
        @inline(never) fileprivate static func productOfLanes(_ vector: Vector) -> Scalar {
            var result: Scalar = vector[0]
            for lane in 1..<Vector.scalarCount { result *= vector[lane] }
            return result
        }
        """
    }
}

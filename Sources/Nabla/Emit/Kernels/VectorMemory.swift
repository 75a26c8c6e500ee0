/// What loops over lanes need beside functions: reading and writing whole vectors, and what gathers lanes.
enum VectorMemory {
    static let kernels: [VectorKernel] = [
        loadWhole, storeWhole, ramp, first, extreme("largest", ">"), extreme("smallest", "<"),
        productOfLanes,
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
            (0..<bytes / format.choose(8, 4)).map { "\($0)" }.joined(separator: ", ")
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

    private static func extreme(_ name: String, _ comparison: String) -> VectorKernel {
        VectorKernel(name) { _ in
            """
            /// The \(name) lane; NaN where one is.
            @inline(never) fileprivate static func \(name)(_ vector: Vector) -> Scalar {
                var result: Scalar = vector[0]
                for lane in 1..<Vector.scalarCount {
                    let value: Scalar = vector[lane]
                    if value \(comparison) result || value.isNaN { result = value }
                    if result.isNaN { return result }
                }
                return result
            }
            """
        }
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

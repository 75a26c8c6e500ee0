/// What loops over lanes need beside functions: reading and writing vectors, also parts of them, and what gathers lanes.
enum VectorMemory {
    static let kernels: [VectorKernel] = [
        loadWhole, storeWhole, loadPart, storePart, ramp, first, extreme("largest", ">"), extreme("smallest", "<"),
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

    private static let loadPart = VectorKernel("loadPart") { _ in
        """
        /// The first `count` numbers from a pointer on; zeros in the other lanes.
        @inline(__always) fileprivate static func load(_ numbers: UnsafePointer<Scalar>, count: Int) -> Vector {
            if count == Vector.scalarCount { return UnsafeRawPointer(numbers).loadUnaligned(as: Vector.self) }
            return loadSome(numbers, count)
        }
        @inline(never) fileprivate static func loadSome(_ numbers: UnsafePointer<Scalar>, _ count: Int) -> Vector {
            var result: Vector = Vector()
            for lane in 0..<count { result[lane] = numbers[lane] }
            return result
        }
        """
    }

    private static let storePart = VectorKernel("storePart") { _ in
        """
        /// Writes the first `count` lanes.
        @inline(__always) fileprivate static func store(
            _ vector: Vector, _ numbers: UnsafeMutablePointer<Scalar>, count: Int
        ) {
            if count == Vector.scalarCount {
                UnsafeMutableRawPointer(numbers).storeBytes(of: vector, as: Vector.self)
            } else {
                storeSome(vector, numbers, count)
            }
        }
        @inline(never) fileprivate static func storeSome(
            _ vector: Vector, _ numbers: UnsafeMutablePointer<Scalar>, _ count: Int
        ) {
            for lane in 0..<count { numbers[lane] = vector[lane] }
        }
        """
    }

    private static let ramp = VectorKernel("ramp") { format in
        func numbers(_ bytes: Int) -> String {
            (0..<bytes / format.choose(8, 4)).map { "\($0)" }.joined(separator: ", ")
        }
        return """
            /// 0, 1, 2 and so on.
            @inline(__always) fileprivate static var ramp: Vector {
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
            return vector.replacing(with: Vector(repeating: rest), where: ramp .>= end)
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

/// What the product kernels need of `Kernel`, for their own tests: the file's prelude declares the same.
enum ProductPrelude {
    static func source(_ scalar: SwiftScalar) -> String {
        let lanes = scalar == .double ? 2 : 4
        return """
                typealias Scalar = \(scalar)
            #if NABLA_AVX512
                typealias Vector = SIMD\(4 * lanes)<Scalar>
            #elseif NABLA_FMA
                typealias Vector = SIMD\(2 * lanes)<Scalar>
            #else
                typealias Vector = SIMD\(lanes)<Scalar>
            #endif
                /// c + a·b.
                @inline(__always) static func multiplyAdd(_ c: Vector, _ a: Vector, _ b: Vector) -> Vector {
            #if NABLA_AVX512 || NABLA_FMA || arch(arm64)
                    return c.addingProduct(a, b)
            #else
                    return c + a * b
            #endif
                }
                @inline(__always) static func load(_ pointer: UnsafePointer<Scalar>, _ offset: Int) -> Vector {
                    UnsafeRawPointer(pointer + offset).loadUnaligned(as: Vector.self)
                }
                @inline(__always) static func store(_ pointer: UnsafeMutablePointer<Scalar>, _ offset: Int, _ value: Vector) {
                    UnsafeMutableRawPointer(pointer + offset).storeBytes(of: value, as: Vector.self)
                }
                /// The sum of a vector's lanes.
                @inline(__always) static func sum(_ value: Vector) -> Scalar {
            #if NABLA_AVX512
                    let half = value.lowHalf + value.highHalf
            \(sum("half", lanes * 2))
            #elseif NABLA_FMA
            \(sum("value", lanes * 2))
            #else
            \(sum("value", lanes))
            #endif
                }

            """
    }

    private static func sum(_ name: String, _ lanes: Int) -> String {
        var lines: [String] = []
        var name = name
        var count = lanes
        while count > 2 {
            count /= 2
            lines.append("        let half\(count) = \(name).lowHalf + \(name).highHalf")
            name = "half\(count)"
        }
        lines.append("        return \(name)[0] + \(name)[1]")
        return lines.joined(separator: "\n")
    }
}

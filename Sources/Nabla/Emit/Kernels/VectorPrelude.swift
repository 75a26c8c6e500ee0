/// The types that vector functions of a generated file work on, and the operations that all of them share.
enum VectorPrelude {
    /// The lines of the type aliases, for file level.
    static func types(for scalar: SwiftScalar) -> [String] {
        let format = VectorFormat(scalar)
        func aliases(bytes: Int) -> [String] {
            let lanes = bytes / scalar.size
            return [
                "fileprivate typealias Vector = SIMD\(lanes)<Scalar>",
                "fileprivate typealias VectorBits = SIMD\(lanes)<\(format.bits)>",
            ]
        }
        return [
            "// As many lanes as the target's registers have: compile with -DNABLA_AVX512 for 64 bytes, with -DNABLA_FMA for 32",
            "// bytes and fused multiplication and addition (both with the -march that has them), otherwise 16 bytes.",
            "#if NABLA_AVX512",
        ] + aliases(bytes: 64) + ["#elseif NABLA_FMA"] + aliases(bytes: 32) + ["#else"] + aliases(bytes: 16)
            + ["#endif"]
    }

    /// The lines of an extension that chooses between two vectors, for file level.
    ///
    /// The library's `replacing` is a branch for each lane to the optimiser, which then gives up inlining what calls it; vectors
    /// that are no arguments stay in one register.
    static func selection(for scalar: SwiftScalar) -> [String] {
        func type(bytes: Int) -> String { "SIMD\(bytes / scalar.size)<\(scalar)>" }
        func text(bytes: Int) -> [String] {
            [
                "fileprivate extension \(type(bytes: bytes)) {",
                "    /// The lanes of another vector where a condition is true: one instruction, and no branch to the optimiser.",
                "    @inline(__always) func replacing(with other: Self, where condition: SIMDMask<MaskStorage>) -> Self {",
                "        let own: MaskStorage = unsafeBitCast(self, to: MaskStorage.self)",
                "        let change: MaskStorage = unsafeBitCast(other, to: MaskStorage.self) &- own",
                "        let chosen: MaskStorage = MaskStorage() &- unsafeBitCast(condition, to: MaskStorage.self)",
                "        return unsafeBitCast(own &+ change &* chosen, to: Self.self)",
                "    }",
                "}",
            ]
        }
        return ["#if NABLA_AVX512"] + text(bytes: 64) + ["#elseif NABLA_FMA"] + text(bytes: 32) + ["#else"]
            + text(bytes: 16) + ["#endif"]
    }

    static let kernels: [VectorKernel] = [
        multiplyAdd, multiplySubtract, load, store, sum, isTrueAnywhere, withRareLanes, replacePairs,
    ]

    private static let multiplyAdd = VectorKernel("multiplyAdd") { _ in
        """
        /// c + a·b, with one rounding where the target can.
        @inline(__always) fileprivate static func multiplyAdd(_ c: Vector, _ a: Vector, _ b: Vector) -> Vector {
            #if NABLA_AVX512 || NABLA_FMA || arch(arm64)
                return c.addingProduct(a, b)
            #else
                return c + a * b
            #endif
        }
        """
    }

    private static let multiplySubtract = VectorKernel("multiplySubtract") { _ in
        """
        /// c − a·b, with one rounding where the target can.
        @inline(__always) fileprivate static func multiplySubtract(_ c: Vector, _ a: Vector, _ b: Vector) -> Vector {
            #if NABLA_AVX512 || NABLA_FMA || arch(arm64)
                // `-a` is computed as 0 - a, which nothing fuses.
                return c.addingProduct(a * Vector(repeating: -1), b)
            #else
                return c - a * b
            #endif
        }
        """
    }

    private static let load = VectorKernel("load") { _ in
        """
        /// The numbers from an offset on.
        @inline(__always) fileprivate static func load(_ numbers: UnsafePointer<Scalar>, _ offset: Int) -> Vector {
            UnsafeRawPointer(numbers + offset).loadUnaligned(as: Vector.self)
        }
        """
    }

    private static let store = VectorKernel("store") { _ in
        """
        /// Writes a vector to the numbers from an offset on.
        @inline(__always) fileprivate static func store(
            _ numbers: UnsafeMutablePointer<Scalar>, _ offset: Int, _ vector: Vector
        ) {
            UnsafeMutableRawPointer(numbers + offset).storeBytes(of: vector, as: Vector.self)
        }
        """
    }

    private static let sum = VectorKernel("sum") { format in
        let widest = 64 / format.scalar.size
        func halves(_ lanes: Int) -> String {
            guard lanes > 2 else { return "return rest\(lanes)[0] + rest\(lanes)[1]" }
            return """
                let rest\(lanes / 2): SIMD\(lanes / 2)<Scalar> = rest\(lanes).lowHalf + rest\(lanes).highHalf
                \(halves(lanes / 2))
                """
        }
        func tree(_ lanes: Int) -> String {
            let half = lanes / 2
            guard half * format.scalar.size > 8 else {
                return "    let rest\(lanes): SIMD\(lanes)<Scalar> = vector\n    \(halves(lanes).indented())"
            }
            let bits = format.choose("SIMD\(2 * lanes)<Int32>", "SIMD\(half)<Int64>")
            return """
                    // As lanes of another size: else the optimiser takes the loop before apart into the halves.
                    let bits: \(bits) = unsafeBitCast(vector, to: \(bits).self)
                    let low\(half): SIMD\(half)<Scalar> = unsafeBitCast(bits.lowHalf, to: SIMD\(half)<Scalar>.self)
                    let rest\(half): SIMD\(half)<Scalar> = low\(half) + unsafeBitCast(bits.highHalf, to: SIMD\(half)<Scalar>.self)
                    \(halves(half).indented())
                """
        }
        return """
            /// The sum of the lanes, one half onto the other.
            @inline(__always) fileprivate static func sum(_ vector: Vector) -> Scalar {
                #if NABLA_AVX512
                \(tree(widest).indented())
                #elseif NABLA_FMA
                \(tree(widest / 2).indented())
                #else
                \(tree(widest / 4).indented())
                #endif
            }
            """
    }

    private static let isTrueAnywhere = VectorKernel("isTrueAnywhere") { format in
        """
        /// Whether a condition is true in any lane.
        @inline(__always) fileprivate static func isTrueAnywhere(_ condition: SIMDMask<VectorBits>) -> Bool {
            let bits: VectorBits = VectorBits().replacing(with: VectorBits(repeating: -1), where: condition)
            var union: \(format.bits) = 0
            for lane in 0..<VectorBits.scalarCount { union |= bits[lane] }
            return union != 0
        }
        """
    }

    private static let withRareLanes = VectorKernel("withRareLanes") { _ in
        """
        /// A vector function, with a scalar function's values in the lanes where a condition is true.
        @inline(never) fileprivate static func withRareLanes(
            _ x: Vector, _ isRare: SIMDMask<VectorBits>, _ usual: (Vector) -> Vector, _ rare: (Scalar) -> Scalar
        ) -> Vector {
            var result: Vector = usual(x)
            for lane in 0..<Vector.scalarCount where isRare[lane] { result[lane] = rare(x[lane]) }
            return result
        }
        """
    }

    private static let replacePairs = VectorKernel("replacePairs") { _ in
        """
        /// The values, with those of a scalar function of two arguments in the lanes where a condition is true.
        @inline(never) fileprivate static func replacePairs(
            _ values: Vector, _ condition: SIMDMask<VectorBits>, _ x: Vector, _ y: Vector,
            _ function: (Scalar, Scalar) -> Scalar
        ) -> Vector {
            var result: Vector = values
            for lane in 0..<Vector.scalarCount where condition[lane] { result[lane] = function(x[lane], y[lane]) }
            return result
        }
        """
    }
}

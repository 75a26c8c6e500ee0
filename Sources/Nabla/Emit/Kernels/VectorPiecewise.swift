/// Functions that only choose, compare or change bits, and the square root.
enum VectorPiecewise {
    static let kernels: [VectorKernel] = [
        abs, withSign, sign, heaviside, relu, leakyrelu, elu, larger, smaller, sqrt,
    ]

    private static let abs = VectorKernel("abs") { f in
        """
        /// The absolute value.
        @inline(__always) fileprivate static func abs(_ x: Vector) -> Vector {
            let bits: VectorBits = \(f.bits(of: "x")) & \(f.pattern(f.magnitudeBits))
            return \(f.vector(of: "bits"))
        }
        """
    }

    private static let withSign = VectorKernel("withSign") { f in
        """
        /// A number with the sign of another one, where it is not negative or has that sign.
        @inline(__always) fileprivate static func withSign(_ magnitude: Vector, _ x: Vector) -> Vector {
            let sign: VectorBits = \(f.bits(of: "x")) & \(f.pattern(f.signBit))
            return \(f.vector(of: "\(f.bits(of: "magnitude")) | sign"))
        }
        """
    }

    private static let sign = VectorKernel("sign") { _ in
        """
        /// −1, 0 or 1, by the sign of x.
        @inline(__always) fileprivate static func sign(_ x: Vector) -> Vector {
            let zero: Vector = Vector(repeating: 0.0)
            let nonnegative: Vector = (x + zero).replacing(with: Vector(repeating: 1.0), where: x .> zero)
            return nonnegative.replacing(with: Vector(repeating: -1.0), where: x .< zero)
        }
        """
    }

    private static let heaviside = VectorKernel("heaviside") { _ in
        """
        /// 1 where x is positive, else 0.
        @inline(__always) fileprivate static func heaviside(_ x: Vector) -> Vector {
            let zero: Vector = Vector(repeating: 0.0)
            let step: Vector = x.replacing(with: zero, where: x .<= zero)
            return step.replacing(with: Vector(repeating: 1.0), where: x .> zero)
        }
        """
    }

    private static let relu = VectorKernel("relu") { _ in
        """
        /// The larger of x and 0.
        @inline(__always) fileprivate static func relu(_ x: Vector) -> Vector {
            let zero: Vector = Vector(repeating: 0.0)
            return x.replacing(with: zero, where: x .<= zero)
        }
        """
    }

    private static let leakyrelu = VectorKernel("leakyrelu") { _ in
        """
        /// x where that is positive, else s·x.
        @inline(__always) fileprivate static func leakyrelu(_ x: Vector, _ s: Vector) -> Vector {
            (s * x).replacing(with: x, where: x .> Vector(repeating: 0.0))
        }
        """
    }

    private static let elu = VectorKernel("elu", uses: ["expm1"]) { _ in
        """
        /// x where that is positive, else s·(e^x − 1); error below 2 ulp.
        @inline(__always) fileprivate static func elu(_ x: Vector, _ s: Vector) -> Vector {
            let zero: Vector = Vector(repeating: 0.0)
            return (s * expm1(x)).replacing(with: x, where: x .> zero)
        }
        """
    }

    private static let larger = VectorKernel("larger") { _ in
        """
        /// The larger of two numbers, the first of equal ones; a NaN where either is one.
        @inline(__always) fileprivate static func larger(_ x: Vector, _ y: Vector) -> Vector {
            let largest: Vector = x.replacing(with: y, where: y .> x)
            return largest.replacing(with: y, where: y .!= y)
        }
        """
    }

    private static let smaller = VectorKernel("smaller") { _ in
        """
        /// The smaller of two numbers, the first of equal ones; a NaN where either is one.
        @inline(__always) fileprivate static func smaller(_ x: Vector, _ y: Vector) -> Vector {
            let smallest: Vector = x.replacing(with: y, where: y .< x)
            return smallest.replacing(with: y, where: y .!= y)
        }
        """
    }

    private static let sqrt = VectorKernel("sqrt") { f in
        """
        /// The square root, rounded to nearest.
        @inline(__always) fileprivate static func sqrt(_ x: Vector) -> Vector {
            var root: Vector = x
            // Of magnitudes: the compiler makes one instruction of the loop, as it need not provide for negative numbers.
            for lane in 0..<Vector.scalarCount { root[lane] = x[lane].magnitude.squareRoot() }
            let zero: Vector = Vector(repeating: 0.0)
            let positive: Vector = root.replacing(with: x, where: x .== zero)
            return positive.replacing(with: Vector(repeating: Scalar.nan), where: x .< zero)
        }
        """
    }
}

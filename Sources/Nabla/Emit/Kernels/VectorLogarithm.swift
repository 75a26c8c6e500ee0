/// The logarithm, that of 1 + x, and what stands on it.
enum VectorLogarithm {
    static let kernels: [VectorKernel] = [splitPower, logarithmPlus, logarithm, usualLog, log, usualLog1p, log1p]

    private static let splitPower = VectorKernel("splitPower") { f in
        """
        /// x = 2^k·(1 + f) with 1 + f from √½ to √2, for a normal positive x: k, f, and 2^k's bits without those of 1.
        @inline(__always) fileprivate static func splitPower(_ x: Vector) -> (k: Vector, f: Vector, power: VectorBits) {
            let bits: VectorBits = \(f.bits(of: "x"))
            // From the bits of √½ on, numbers belong to the next power.
            let moved: VectorBits = bits &+ \(f.pattern(f.choose("0x0009_5F61_9980_C433", "0x004A_FB0D")))
            let power: VectorBits = moved & \(f.pattern(f.exponentBits))
            // An integer in the lowest bits of 2^\(f.fractionBits) reads as that power plus the integer.
            let biased: VectorBits = (power &>> \(f.pattern("\(f.fractionBits)"))) | \(f.pattern(f.choose("0x4330_0000_0000_0000", "0x4B00_0000")))
            let k: Vector = \(f.vector(of: "biased")) - Vector(repeating: \(f.choose("4503599627371519.0", "8388735.0")))
            let fraction: VectorBits = bits &- power &+ \(f.pattern(f.oneBits))
            return (k, \(f.vector(of: "fraction")) - Vector(repeating: 1.0), power)
        }
        """
    }

    private static let logarithmPlus = VectorKernel("logarithmPlus", uses: ["multiplyAdd"]) { f in
        """
        /// log(1 + f) + high + low for 1 + f from √½ to √2: high and low are k·ln 2, the second far smaller.
        ///
        /// log(1 + f) = 2s + s·R(s²) with s = f/(2 + f), and 2s = f − s·f, as f is exact and s is not; R is minimax (Remez),
        /// of \(f.choose(7, 3)) terms, with an error below \(f.choose("2⁻⁵⁹", "2⁻³⁰")) of the logarithm.
        @inline(__always) fileprivate static func logarithmPlus(_ high: Vector, _ low: Vector, _ f: Vector) -> Vector {
            let s: Vector = f / (Vector(repeating: 2.0) + f)
            let z: Vector = s * s
            \(f.polynomial(
                "p", of: "z",
                [
                    0.6666666666666734, 0.3999999999941462, 0.2857142874240131, 0.22222198571734064,
                    0.18183564404925934, 0.15314048392091045, 0.1479597336044985,
                ], [0.66666776, 0.39977542, 0.29871723]).indented())
            let half: Vector = Vector(repeating: 0.5) * f * f
            let inner: Vector = multiplyAdd(half, z, p)
            let rest: Vector = (half - multiplyAdd(low, s, inner)) - f
            return high - rest
        }
        """
    }

    private static let logarithm = VectorKernel("logarithm", uses: ["logarithmPlus"]) { f in
        """
        /// log(2^k·(1 + f)) for 1 + f from √½ to √2.
        @inline(__always) fileprivate static func logarithm(_ k: Vector, _ f: Vector) -> Vector {
            let high: Vector = k * \(f.highLogarithmOfTwo)
            return logarithmPlus(high, k * \(f.lowLogarithmOfTwo), f)
        }
        """
    }

    private static let usualLog = VectorKernel("usualLog", uses: ["splitPower", "logarithm"]) { _ in
        """
        /// The natural logarithm of normal positive numbers.
        @inline(__always) fileprivate static func usualLog(_ x: Vector) -> Vector {
            let (k, f, _) = splitPower(x)
            return logarithm(k, f)
        }
        """
    }

    private static let log = VectorKernel(
        "log", uses: ["usualLog", "isTrueAnywhere", "withRareLanes"]
    ) { _ in
        """
        /// The natural logarithm; error below 1 ulp.
        @inline(__always) fileprivate static func log(_ x: Vector) -> Vector {
            let isNormal = x .>= Vector(repeating: Scalar.leastNormalMagnitude)
            let isRare = .!(isNormal .& (x .< Vector(repeating: Scalar.infinity)))
            if isTrueAnywhere(isRare) {
                return withRareLanes(x, isRare, { usualLog($0) }, { Foundation.log($0) })
            }
            return usualLog(x)
        }
        """
    }

    private static let usualLog1p = VectorKernel("usualLog1p", uses: ["splitPower", "logarithm", "abs"]) { f in
        """
        /// log(1 + x) for numbers from above −1 to \(f.choose("2¹⁰⁰⁰", "2¹²⁰")).
        @inline(__always) fileprivate static func usualLog1p(_ x: Vector) -> Vector {
            let one: Vector = Vector(repeating: 1.0)
            let u: Vector = one + x
            let (k, f, power) = splitPower(u)
            // What rounding 1 + x lost, divided by 2^k.
            let inverse: VectorBits = \(f.pattern(f.choose("0x7FE0_0000_0000_0000", "0x7F00_0000"))) &- power
            let lost: Vector = (x - (u - one)) * \(f.vector(of: "inverse"))
            let value: Vector = logarithm(k, f + lost)
            let isTiny = abs(x) .< Vector(repeating: \(f.choose("0x1p-54", "0x1p-25")))
            return value.replacing(with: x, where: isTiny)
        }
        """
    }

    private static let log1p = VectorKernel(
        "log1p", uses: ["usualLog1p", "isTrueAnywhere", "withRareLanes"]
    ) { f in
        """
        /// log(1 + x), with all digits where x is small; error below 2 ulp.
        @inline(__always) fileprivate static func log1p(_ x: Vector) -> Vector {
            let isDefined = x .> Vector(repeating: -1.0)
            let isRare = .!(isDefined .& (x .< Vector(repeating: \(f.choose("0x1p1000", "0x1p120")))))
            if isTrueAnywhere(isRare) {
                return withRareLanes(x, isRare, { usualLog1p($0) }, { Foundation.log1p($0) })
            }
            return usualLog1p(x)
        }
        """
    }
}

/// Powers, and the exact products that they and the error function need.
enum VectorPower {
    static let kernels: [VectorKernel] = [leadingHalf, splitSquare, pow]

    private static let leadingHalf = VectorKernel("leadingHalf") { f in
        """
        /// The upper half of a number's digits: a product of two such halves is exact.
        @inline(__always) fileprivate static func leadingHalf(_ x: Vector) -> Vector {
            let bits: VectorBits = \(f.bits(of: "x")) & \(f.pattern(f.choose("-0x800_0000", "-0x1000")))
            return \(f.vector(of: "bits"))
        }
        """
    }

    private static let splitSquare = VectorKernel("splitSquare", uses: ["leadingHalf"]) { _ in
        """
        /// x² as a sum of two numbers, the second one far smaller.
        @inline(__always) fileprivate static func splitSquare(_ x: Vector) -> (square: Vector, tiny: Vector) {
            let half: Vector = leadingHalf(x)
            let square: Vector = x * x
            let tiny: Vector = (half * half - square) + (x + half) * (x - half)
            return (square, tiny)
        }
        """
    }

    private static let pow = VectorKernel(
        "pow",
        uses: [
            "multiplyAdd", "leadingHalf", "splitPower", "exponentialTail", "powerOfTwo", "abs", "isTrueAnywhere",
            "replacePairs",
        ]
    ) { f in
        """
        /// x to the power of y; error below 2 ulp. Results near the ends of the range take the scalar function.
        ///
        /// 2^(y·log₂|x|), the logarithm in two parts: ⅔·s·(3 + s² + s⁴·Q(s²)) with s = f/(2 + f) and |x| = 2^k·(1 + f), Q minimax
        /// (Remez) of \(f.choose(7, 3)) terms with an error below \(f.choose("2⁻⁶⁶", "2⁻³⁶")) of the logarithm.
        @inline(__always) fileprivate static func pow(_ x: Vector, _ y: Vector) -> Vector {
            let zero: Vector = Vector(repeating: 0.0)
            let two: Vector = Vector(repeating: 2.0)
            let three: Vector = Vector(repeating: 3.0)
            let shift: Vector = Vector(repeating: \(f.roundingShift))
            let magnitude: Vector = abs(x)
            let (k, f, _) = splitPower(magnitude)
            // s in two parts, the first of half the digits.
            let denominator: Vector = two + f
            let inverse: Vector = Vector(repeating: 1.0) / denominator
            let s: Vector = f * inverse
            let sHigh: Vector = leadingHalf(s)
            let dHigh: Vector = leadingHalf(denominator)
            let dLow: Vector = f - (dHigh - two)
            let sLow: Vector = inverse * ((f - sHigh * dHigh) - sHigh * dLow)
            let z: Vector = s * s
            \(f.polynomial(
                "p", of: "z",
                [
                    0.6000000000000338, 0.42857142855150093, 0.33333333779756735, 0.2727267656186796,
                    0.23080135475258762, 0.19885238966745522, 0.19794376528449625,
                ], [0.6000023, 0.42820692, 0.3512802]).indented())
            // log(1 + f)·3/2 = s·(3 + s² + …) in two parts.
            let rest: Vector = sLow * (sHigh + s) + z * z * p
            let squareHigh: Vector = sHigh * sHigh
            let innerHigh: Vector = leadingHalf((three + squareHigh) + rest)
            let innerLow: Vector = rest - ((innerHigh - three) - squareHigh)
            let productHigh: Vector = sHigh * innerHigh
            let productLow: Vector = sLow * innerHigh + innerLow * s
            let partHigh: Vector = leadingHalf(productHigh + productLow)
            let partLow: Vector = productLow - (partHigh - productHigh)
            // Times 2/(3·ln 2), plus k.
            let binaryHigh: Vector = \(f.constant(0.9617966860532761, 0.9616699)) * partHigh
            let mixed: Vector = \(f.constant(7.872699542894897e-09, 0.00012677205)) * partHigh
            let binaryLow: Vector = mixed + partLow * \(f.constant(0.9617966939259756))
            let logHigh: Vector = leadingHalf((binaryHigh + binaryLow) + k)
            let logLow: Vector = binaryLow - ((logHigh - k) - binaryHigh)
            // Times y.
            let yHigh: Vector = leadingHalf(y)
            let exponentLow: Vector = (y - yHigh) * logHigh + y * logLow
            let exponentHigh: Vector = yHigh * logHigh
            let exponent: Vector = exponentHigh + exponentLow
            let shifted: Vector = exponent + shift
            let fractionHigh: Vector = exponentHigh - (shifted - shift)
            let fraction: Vector = fractionHigh + exponentLow
            let fractionLow: Vector = exponentLow - (fraction - fractionHigh)
            let ln2: Vector = \(f.constant(0.6931471805599453))
            let r: Vector = fractionLow * ln2 + fraction * ln2
            let power: Vector = ((r + exponentialTail(r)) + Vector(repeating: 1.0)) * powerOfTwo(shifted)
            // A negative base needs an integer exponent, whose lowest bit decides the sign.
            let shiftedY: Vector = y + shift
            let isInteger = ((shiftedY - shift) .== y) .& (abs(y) .< \(f.constant(1_125_899_906_842_624, 2_097_152)))
            let odd: VectorBits = \(f.bits(of: "shiftedY")) &<< \(f.pattern("\(f.choose(63, 31))"))
            let sign: VectorBits = odd & \(f.bits(of: "x"))
            let value: Vector = \(f.vector(of: "\(f.bits(of: "power")) | sign"))
            let isNumber = magnitude .< Vector(repeating: Scalar.infinity)
            let hasLogarithm = isNumber .& (magnitude .>= Vector(repeating: Scalar.leastNormalMagnitude))
            let hasValue = (x .> zero) .| isInteger
            let isNormal = abs(exponent) .< \(f.constant(1022, 126))
            let isRare = .!(hasLogarithm .& hasValue .& isNormal)
            if isTrueAnywhere(isRare) { return replacePairs(value, isRare, x, y) { Foundation.pow($0, $1) } }
            return value
        }
        """
    }
}

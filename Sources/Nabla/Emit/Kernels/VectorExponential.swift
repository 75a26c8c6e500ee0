/// The exponential and the hyperbolic functions.
///
/// All of them write x = n·ln 2 + r with |r| ≤ ½·ln 2 and use one polynomial for e^r.
enum VectorExponential {
    static let kernels: [VectorKernel] = [
        exponentRemainder, splitExponent, exponentialQuotient, exponentialTail, smallExpm1, powerOfTwo, scaled, exp,
        quarterExpm1, expm1,
        sinh, cosh, tanh,
    ]

    private static let exponentRemainder = VectorKernel("exponentRemainder", uses: ["multiplySubtract"]) { f in
        """
        /// x − n·ln 2 for the integer n that `splitExponent` gives.
        ///
        /// ln 2 stands in two parts (Cody and Waite), the first so short that its product with n is exact.
        @inline(__always) fileprivate static func exponentRemainder(_ x: Vector, _ shifted: Vector) -> Vector {
            let n: Vector = shifted - Vector(repeating: \(f.roundingShift))
            let rest: Vector = multiplySubtract(x, n, \(f.highLogarithmOfTwo))
            return multiplySubtract(rest, n, \(f.lowLogarithmOfTwo))
        }
        """
    }

    private static let splitExponent = VectorKernel("splitExponent", uses: ["multiplyAdd", "exponentRemainder"]) { f in
        """
        /// x = n·ln 2 + r with an integer n and |r| ≤ 0.3467: n plus a shift that puts it in the lowest bits, and r.
        @inline(__always) fileprivate static func splitExponent(_ x: Vector) -> (shifted: Vector, r: Vector) {
            let shift: Vector = Vector(repeating: \(f.roundingShift))
            let shifted: Vector = multiplyAdd(shift, x, \(f.constant(1.4426950408889634)))
            return (shifted, exponentRemainder(x, shifted))
        }
        """
    }

    private static let exponentialQuotient = VectorKernel("exponentialQuotient", uses: ["multiplyAdd"]) { f in
        """
        /// (e^r − 1 − r)/r² for |r| ≤ 0.3467.
        ///
        /// 1/2 + r·P(r) with a minimax P of degree \(f.choose(8, 4)) (Remez); relative to e^r − 1 the error is below \(f.choose("2⁻⁵⁵", "2⁻³¹")).
        @inline(__always) fileprivate static func exponentialQuotient(_ r: Vector) -> Vector {
            \(f.polynomial(
                "p", of: "r",
                [
                    0.5, 0.1666666666666668, 0.041666666666619556, 0.00833333333331911, 0.001388888892070228,
                    0.00019841269893707914, 2.480151608324125e-05, 2.7557235926062695e-06, 2.762233954418192e-07,
                    2.5112046352236628e-08,
                ], [0.5, 0.16666667, 0.04166648, 0.008333282, 0.0013933346, 0.0001990989]).indented())
            return p
        }
        """
    }

    private static let exponentialTail = VectorKernel("exponentialTail", uses: ["exponentialQuotient"]) { _ in
        """
        /// e^r − 1 − r for |r| ≤ 0.3467.
        @inline(__always) fileprivate static func exponentialTail(_ r: Vector) -> Vector {
            r * r * exponentialQuotient(r)
        }
        """
    }

    private static let smallExpm1 = VectorKernel("smallExpm1", uses: ["exponentialQuotient", "multiplyAdd"]) { _ in
        """
        /// e^r − 1 for |r| ≤ 0.3467.
        @inline(__always) fileprivate static func smallExpm1(_ r: Vector) -> Vector {
            multiplyAdd(r, r * r, exponentialQuotient(r))
        }
        """
    }

    private static let powerOfTwo = VectorKernel("powerOfTwo") { f in
        """
        /// 2^n for n from \(f.choose("−1022 to 1023", "−126 to 127")), given as `splitExponent` gives it.
        @inline(__always) fileprivate static func powerOfTwo(_ shifted: Vector) -> Vector {
            let exponent: VectorBits = \(f.bits(of: "shifted")) &<< \(f.pattern("\(f.fractionBits)"))
            return \(f.vector(of: "exponent &+ \(f.pattern(f.oneBits))"))
        }
        """
    }

    private static let scaled = VectorKernel("scaled", uses: ["powerOfTwo"]) { f in
        """
        /// x·2^n, rounded once, also where it overflows or is subnormal; n is given as `splitExponent` gives it.
        @inline(__always) fileprivate static func scaled(_ x: Vector, _ shifted: Vector) -> Vector {
            let isTiny = shifted .< Vector(repeating: \(f.choose("6755399441054844.0", "12582812.0")))
            let offset: Vector = Vector(repeating: -1.0).replacing(with: \(f.constant(600, 60)), where: isTiny)
            let factor: Vector = Vector(repeating: 2.0).replacing(with: Vector(repeating: \(f.choose("0x1p-600", "0x1p-60"))), where: isTiny)
            return x * powerOfTwo(shifted + offset) * factor
        }
        """
    }

    private static let exp = VectorKernel("exp", uses: ["splitExponent", "smallExpm1", "scaled"]) { f in
        """
        /// e^x; error below 1 ulp.
        @inline(__always) fileprivate static func exp(_ x: Vector) -> Vector {
            let lowest: Vector = \(f.constant(-746, -105))
            let highest: Vector = \(f.constant(710, 89))
            let above: Vector = x.replacing(with: lowest, where: x .< lowest)
            let y: Vector = above.replacing(with: highest, where: above .> highest)
            let (shifted, r) = splitExponent(y)
            let power: Vector = smallExpm1(r) + Vector(repeating: 1.0)
            return scaled(power, shifted)
        }
        """
    }

    private static let quarterExpm1 = VectorKernel(
        "quarterExpm1", uses: ["splitExponent", "exponentialQuotient", "powerOfTwo"]
    ) { f in
        """
        /// (e^x − 1)/4 as a sum of two numbers, the second one far smaller; x is from \(f.choose("−40 to 710.6", "−20 to 89.5")).
        ///
        /// (2^n − 1) + 2^n·r + 2^n·(e^r − 1 − r), where the first sum cancels without error. A quarter does not overflow.
        @inline(__always) fileprivate static func quarterExpm1(_ x: Vector) -> (high: Vector, low: Vector) {
            let (shifted, r) = splitExponent(x)
            let power: Vector = powerOfTwo(shifted - Vector(repeating: 2.0))
            let base: Vector = power - Vector(repeating: 0.25)
            let step: Vector = power * r
            let sum: Vector = base + step
            let lost: Vector = step - (sum - base)
            let rest: Vector = multiplyAdd(lost, power * (r * r), exponentialQuotient(r))
            let high: Vector = sum + rest
            return (high, rest - (high - sum))
        }
        """
    }

    private static let expm1 = VectorKernel("expm1", uses: ["quarterExpm1", "abs"]) { f in
        """
        /// e^x − 1, with all digits where x is small; error below 2 ulp.
        @inline(__always) fileprivate static func expm1(_ x: Vector) -> Vector {
            let lowest: Vector = \(f.constant(-40, -20))
            let highest: Vector = \(f.constant(710, 89))
            let above: Vector = x.replacing(with: lowest, where: x .< lowest)
            let y: Vector = above.replacing(with: highest, where: above .> highest)
            let value: Vector = quarterExpm1(y).high * Vector(repeating: 4.0)
            return value.replacing(with: x, where: abs(x) .< Vector(repeating: \(f.choose("0x1p-54", "0x1p-25"))))
        }
        """
    }

    private static let sinh = VectorKernel("sinh", uses: ["quarterExpm1", "abs", "withSign"]) { f in
        """
        /// The hyperbolic sine, (E + E/(E + 1))/2 with E = e^|x| − 1; error below 2 ulp.
        @inline(__always) fileprivate static func sinh(_ x: Vector) -> Vector {
            let one: Vector = Vector(repeating: 1.0)
            let four: Vector = Vector(repeating: 4.0)
            let highest: Vector = \(f.constant(710.6, 89.5))
            let magnitude: Vector = abs(x)
            let y: Vector = magnitude.replacing(with: highest, where: magnitude .> highest)
            let (high, low) = quarterExpm1(y)
            // Where E/(E + 1) rounds to 1, E is large enough.
            let large: Vector = Vector(repeating: \(f.choose("0x1p60", "0x1p40")))
            let numerator: Vector = four * high.replacing(with: large, where: high .> large)
            let denominator: Vector = numerator + one
            let lost: Vector = (numerator - (denominator - one)) + four * low
            let quotient: Vector = numerator / denominator
            // What rounding the denominator did; 1/(E + 1) = 1 − E/(E + 1).
            let correction: Vector = (four * low - quotient * lost) * (one - quotient)
            let rest: Vector = low + Vector(repeating: 0.25) * (quotient + correction)
            let value: Vector = (high + rest) * Vector(repeating: 2.0)
            let isSmall = magnitude .< Vector(repeating: \(f.choose("0x1p-26", "0x1p-12")))
            return withSign(value.replacing(with: magnitude, where: isSmall), x)
        }
        """
    }

    private static let cosh = VectorKernel(
        "cosh", uses: ["splitExponent", "exponentialTail", "powerOfTwo", "abs"]
    ) { f in
        """
        /// The hyperbolic cosine, (e^|x| + e^−|x|)/2; error below 1 ulp.
        @inline(__always) fileprivate static func cosh(_ x: Vector) -> Vector {
            let one: Vector = Vector(repeating: 1.0)
            let highest: Vector = \(f.constant(710.6, 89.5))
            let magnitude: Vector = abs(x)
            let y: Vector = magnitude.replacing(with: highest, where: magnitude .> highest)
            let (shifted, r) = splitExponent(y)
            let quarter: Vector = powerOfTwo(shifted - Vector(repeating: 2.0))
            let sum: Vector = one + r
            let rest: Vector = (r - (sum - one)) + exponentialTail(r)
            let high: Vector = sum + rest
            let low: Vector = rest - (high - sum)
            let rising: Vector = quarter * high
            let falling: Vector = Vector(repeating: 0.0625) / rising
            let value: Vector = rising + (falling + quarter * low)
            return value * Vector(repeating: 2.0)
        }
        """
    }

    /// What rounding the numerator did, too: in Double, where the polynomial's error is not far below a rounding, tanh would be 2.2 ulp off
    /// at worst without it; in Float, all of whose numbers were tried, 1.97.
    private static let numeratorToo = """
        let low: Vector = (rest - (numerator - sum)) * (reciprocal * reciprocal)
        return withSign(quotient + multiplyAdd(low, quotient, minusLost * reciprocal), x)
        """

    private static let tanh = VectorKernel(
        "tanh", uses: ["exponentRemainder", "exponentialQuotient", "powerOfTwo", "multiplyAdd", "abs", "withSign"]
    ) { f in
        """
        /// The hyperbolic tangent, E/(E + 1) with E = (e^(2|x|) − 1)/2; error below 2 ulp.
        ///
        /// E is (2^n − 1)/2 + 2^n·r/2 + 2^n·(e^r − 1 − r)/2, where the first sum cancels without error.
        @inline(__always) fileprivate static func tanh(_ x: Vector) -> Vector {
            let zero: Vector = Vector(repeating: 0.0)
            let half: Vector = Vector(repeating: 0.5)
            let one: Vector = Vector(repeating: 1.0)
            let shift: Vector = Vector(repeating: \(f.roundingShift))
            let highest: Vector = \(f.constant(20, 10))
            let magnitude: Vector = abs(x)
            let y: Vector = magnitude.replacing(with: highest, where: magnitude .> highest)
            let shifted: Vector = multiplyAdd(shift, y, \(f.constant(2.8853900817779268)))
            let r: Vector = exponentRemainder(y + y, shifted)
            let power: Vector = powerOfTwo(shifted - one)
            let base: Vector = power - half
            let step: Vector = power * r
            let sum: Vector = base + step
            let rest: Vector = multiplyAdd(step - (sum - base), power * (r * r), exponentialQuotient(r))
            let numerator: Vector = sum + rest
            let denominator: Vector = numerator + one
            let quotient: Vector = numerator / denominator
            // What rounding the denominator did, in time for the division's result: 1/denominator is about 1.457 − denominator/2
            // up to 2; far beyond, where the quotient's last place is larger, nothing is needed.
            let minusLost: Vector = (denominator - one) - numerator
            let line: Vector = \(f.constant(1.457)) - half * denominator
            let reciprocal: Vector = line.replacing(with: zero, where: line .< zero)
            \(f.choose(numeratorToo, "return withSign(multiplyAdd(quotient, quotient, minusLost * reciprocal), x)").indented())
        }
        """
    }
}

/// The error function, its complement, and GELU.
enum VectorErrorFunction {
    static let kernels: [VectorKernel] = [smallErf, erfcFraction, erfcTail, erf, erfc, gelu]

    private static let smallErf = VectorKernel("smallErf", uses: ["multiplyAdd"]) { f in
        """
        /// erf(x) for |x| ≤ 0.65.
        ///
        /// x + x·P(x²) with a minimax P of \(f.choose(10, 6)) terms (Remez); its error is below \(f.choose("2⁻⁵⁷", "2⁻³¹")) of the value.
        @inline(__always) fileprivate static func smallErf(_ x: Vector) -> Vector {
            let z: Vector = x * x
            \(f.polynomial(
                "p", of: "z",
                [
                    0.12837916709551256, -0.37612638903183543, 0.11283791670938688, -0.026866170640175803,
                    0.005223977549420907, -0.0008548320310298883, 0.00012054971108914993, -1.4913528443323394e-05,
                    1.6214917189559217e-06, -1.3525840643781192e-07,
                ], [0.12837917, -0.37612635, 0.11283653, -0.026852211, 0.00515962, -0.00071559]).indented())
            return x + x * p
        }
        """
    }

    private static let erfcFraction = VectorKernel("erfcFraction", uses: ["multiplyAdd", "splitExponential"]) { f in
        """
        /// 2^n·numerator/denominator = erfc(x) for x from 0.46 to \(f.choose("28", "10.6")): n as `splitExponent` gives it.
        ///
        /// The square of x is square + tiny; excess is twice what x exceeds the number meant. The value is
        /// e^(−x²)·F(t)/(1 + 2x) with t = (x − \(f.choose("3", "2.5")))/(x + \(f.choose("3", "2.5"))) and a minimax F of \(f.choose(22, 10)) terms (Remez); its error is
        /// below \(f.choose("2⁻⁵⁷", "2⁻²⁹")) of the value. Numerator and denominator have what their rounding lost beside them.
        @inline(__always) fileprivate static func erfcFraction(
            _ x: Vector, excess: Vector, _ square: Vector, _ tiny: Vector
        ) -> (numerator: (Vector, Vector), denominator: (Vector, Vector), inverse: Vector, shifted: Vector) {
            let (shifted, high, low) = splitExponential(-square, less: tiny)
            let one: Vector = Vector(repeating: 1.0)
            let center: Vector = \(f.constant(3, 2.5))
            let t: Vector = (x - center) / (x + center)
            \(f.polynomial(
                "p", of: "t",
                [
                    -0.13562110612458134, -0.047562294353449004, 0.12964515870278254, -0.11927366341542704,
                    0.06830802734312728, -0.023770514915439807, 0.002529391831187722, 0.0018886903133655823,
                    -0.0007798324193439486, -0.00010515940829172787, 0.0001251002096844328, 4.947364716071019e-06,
                    -2.0103666856690538e-05, -7.240545052665292e-07, 3.4793536630436174e-06, 3.398124346284048e-07,
                    -6.257703674068279e-07, -1.1706426351011145e-07, 1.077332329426045e-07, 2.1107897761748588e-08,
                    -1.3745318482438423e-08,
                ],
                [
                    -0.12235677, -0.09902434, 0.15763037, -0.10297112, 0.032754797, 0.0009605971, -0.0043455604,
                    0.00040827357, 0.0005305826,
                ]).indented())
            let constant: Vector = \(f.constant(1.2530080582697296, 1.2648382))
            let step: Vector = t * p
            let factor: Vector = constant + step
            let lostFactor: Vector = step - (factor - constant)
            // factor·high as factor + factor·(high − 1): the smaller product rounds less.
            let more: Vector = factor * (high - one)
            let numerator: Vector = factor + more
            let lostNumerator: Vector = (more - (numerator - factor)) + (factor * low + lostFactor * high)
            let twice: Vector = x + x
            let denominator: Vector = one + twice
            let lostDenominator: Vector = (twice - (denominator - one)) - excess
            // 1/(1 + 2x), to a few parts in a hundred.
            let u: Vector = one - t
            let inverse: Vector = u * (\(f.constant(0.0833, 0.1)) + u * u * \(f.constant(0.0694, 0.072)))
            return ((numerator, lostNumerator), (denominator, lostDenominator), inverse, shifted)
        }
        """
    }

    private static let erfcTail = VectorKernel("erfcTail", uses: ["erfcFraction"]) { f in
        """
        /// 2^n·value = erfc(x) for x from 0.46 to \(f.choose("28", "10.6")), whose square is square + tiny.
        @inline(__always) fileprivate static func erfcTail(
            _ x: Vector, _ square: Vector, _ tiny: Vector
        ) -> (value: Vector, shifted: Vector) {
            let (numerator, denominator, inverse, shifted) = erfcFraction(
                x, excess: Vector(repeating: 0.0), square, tiny)
            let quotient: Vector = numerator.0 / denominator.0
            let correction: Vector = inverse * (numerator.1 - quotient * denominator.1)
            return (quotient + correction, shifted)
        }
        """
    }

    private static let erf = VectorKernel(
        "erf", uses: ["smallErf", "erfcTail", "powerOfTwo", "splitSquare", "abs", "withSign"]
    ) {
        f in
        """
        /// The error function; error below 2 ulp.
        @inline(__always) fileprivate static func erf(_ x: Vector) -> Vector {
            let border: Vector = Vector(repeating: 0.65)
            let highest: Vector = Vector(repeating: 6.0)
            let magnitude: Vector = abs(x)
            let isSmall = magnitude .< border
            let y: Vector = magnitude.replacing(with: highest, where: magnitude .> highest)
            let (square, tiny) = splitSquare(y)
            let (tail, shifted) = erfcTail(y.replacing(with: border, where: isSmall), square, tiny)
            let large: Vector = Vector(repeating: 1.0) - tail * powerOfTwo(shifted)
            let value: Vector = large.replacing(with: smallErf(magnitude), where: isSmall)
            return withSign(value, x)
        }
        """
    }

    private static let erfc = VectorKernel("erfc", uses: ["smallErf", "erfcTail", "scaled", "splitSquare", "abs"]) {
        f in
        """
        /// The complementary error function, 1 − erf(x); error below 2 ulp.
        @inline(__always) fileprivate static func erfc(_ x: Vector) -> Vector {
            let border: Vector = Vector(repeating: 0.46875)
            let highest: Vector = \(f.constant(28, 10.5))
            let magnitude: Vector = abs(x)
            let isSmall = magnitude .< border
            let y: Vector = magnitude.replacing(with: highest, where: magnitude .> highest)
            let (square, tiny) = splitSquare(y)
            let (tail, shifted) = erfcTail(y.replacing(with: border, where: isSmall), square, tiny)
            let large: Vector = scaled(tail, shifted)
            let mirrored: Vector = large.replacing(
                with: Vector(repeating: 2.0) - large, where: x .< Vector(repeating: 0.0))
            let small: Vector = Vector(repeating: 1.0) - smallErf(x)
            return mirrored.replacing(with: small, where: isSmall)
        }
        """
    }

    private static let gelu = VectorKernel(
        "gelu", uses: ["smallErf", "erfcFraction", "scaled", "powerOfTwo", "leadingHalf", "splitSquare", "abs"]
    ) {
        f in
        """
        /// x·Φ(x) = x/2·erfc(−x/√2) with the normal distribution Φ, also in the left tail; error below 2 ulp.
        @inline(__always) fileprivate static func gelu(_ x: Vector) -> Vector {
            let half: Vector = Vector(repeating: 0.5)
            let one: Vector = Vector(repeating: 1.0)
            let zero: Vector = Vector(repeating: 0.0)
            let shift: Vector = Vector(repeating: \(f.roundingShift))
            let border: Vector = Vector(repeating: 0.46875)
            let highest: Vector = \(f.constant(39.5, 14.8))
            let root: Vector = \(f.constant(0.7071067811865476))
            let magnitude: Vector = abs(x)
            let limited: Vector = magnitude.replacing(with: highest, where: magnitude .> highest)
            let y: Vector = limited * root
            let isSmall = y .< border
            let (square, tiny) = splitSquare(limited)
            // How far y is off: a product of half digits is exact. The tail changes by about 2/(1 + 2y) of that.
            let leading: Vector = leadingHalf(limited)
            let rootHigh: Vector = \(f.constant(0.7071067690849304, 0.70703125))
            let missed: Vector = (y - leading * rootHigh) - (limited - leading) * rootHigh
            let excess: Vector = missed - limited * \(f.constant(1.210161710447897e-08, 7.5531187e-05))
            let (numerator, denominator, inverse, shifted) = erfcFraction(
                y.replacing(with: border, where: isSmall), excess: excess + excess, square * half, tiny * half)
            // Left of 0 the numerator takes −|x|/2, by an exact product of half digits.
            let isNegative = x .< zero
            let scale: Vector = one.replacing(with: -half * limited, where: isNegative)
            let scaleHigh: Vector = leadingHalf(scale)
            let upper: Vector = leadingHalf(numerator.0)
            let product: Vector = scaleHigh * upper
            let rest: Vector = scaleHigh * ((numerator.0 - upper) + numerator.1) + (scale - scaleHigh) * numerator.0
            let sum: Vector = product + rest
            let lost: Vector = rest - (sum - product)
            let quotient: Vector = sum / denominator.0
            let tail: Vector = quotient + inverse * (lost - quotient * denominator.1)
            let lowest: Vector = Vector(repeating: \(f.choose("6755399441054744.0", "12582812.0")))
            let normal: Vector = shifted.replacing(with: lowest, where: shifted .< lowest)
            let right: Vector = one - half * (tail * powerOfTwo(normal))
            let small: Vector = half + half * smallErf(x * root)
            let isCentral = isSmall .| .!isNegative
            let central: Vector = x * right.replacing(with: small, where: isSmall)
            let value: Vector = tail.replacing(with: central, where: isCentral)
            // Scaled last: the left tail's product is normal where e^(−x²/2) is not.
            return scaled(value, shifted.replacing(with: shift, where: isCentral))
        }
        """
    }
}

/// The error function, its complement, and GELU.
enum VectorErrorFunction {
    static let kernels: [VectorKernel] = [smallErf, erfcTail, erf, erfc, gelu]

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

    private static let erfcTail = VectorKernel("erfcTail", uses: ["multiplyAdd", "splitExponential"]) { f in
        """
        /// 2^n·value = erfc(x) for x from 0.46 to \(f.choose("28", "10.6")): n as `splitExponent` gives it.
        ///
        /// The square of x is square + tiny; what x exceeds the number meant, times 1.9, is excess. The value is
        /// e^(−x²)·F(t)/(x + \(f.choose("2", "1.5"))) with t = (x − \(f.choose("2", "1.5")))/(x + \(f.choose("2", "1.5"))) and a minimax F of \(f.choose(23, 10)) terms (Remez); its error is
        /// below \(f.choose("2⁻⁵⁶", "2⁻²⁷")) of the value. What the last roundings lose is added to first order.
        @inline(__always) fileprivate static func erfcTail(
            _ x: Vector, excess: Vector, _ square: Vector, _ tiny: Vector
        ) -> (value: Vector, shifted: Vector) {
            let (shifted, high, low) = splitExponential(-square, less: tiny)
            let one: Vector = Vector(repeating: 1.0)
            let center: Vector = \(f.constant(2, 1.5))
            let denominator: Vector = x + center
            let t: Vector = (x - center) / denominator
            let inverse: Vector = (one - t) * \(f.constant(0.25, 0.33333334))
            \(f.polynomial(
                "p", of: "t",
                [
                    -0.6871606844138104, 0.2794720925560588, -0.03644223150691113, -0.02151066188980618,
                    0.006479185069462277, 0.0030906120687372828, -0.0008372961054560731, -0.0006630736442846687,
                    3.437203090755455e-05, 0.00014447183253762732, 3.4143918177433974e-05, -2.1700626511769546e-05,
                    -1.6094737391530976e-05, -1.1195305679596505e-06, 3.557067691275981e-06, 2.0234448307121334e-06,
                    1.7649717148575458e-07, -6.80341241023916e-07, -5.15583000624968e-07, 1.8527006813365555e-07,
                    1.9059240066247605e-07, -7.366156677147496e-08,
                ],
                [
                    -0.5078501, 0.07562146, 0.047772627, -0.00811495, -0.009513346, -0.0008198944, 0.002016653,
                    0.00080071186, -0.00046968446,
                ]).indented())
            let constant: Vector = \(f.constant(1.021582705242023, 0.96475625))
            let step: Vector = t * p
            let factor: Vector = constant + step
            let lostFactor: Vector = step - (factor - constant)
            // factor·high as factor + factor·(high − 1): the smaller product rounds less.
            let more: Vector = factor * (high - one)
            let numerator: Vector = factor + more
            let lostNumerator: Vector = (more - (numerator - factor)) + (factor * low + lostFactor * high)
            let quotient: Vector = numerator / denominator
            let lostDenominator: Vector = (x - (denominator - center)) - excess
            let correction: Vector = inverse * (lostNumerator - quotient * lostDenominator)
            return (quotient + correction, shifted)
        }
        """
    }

    private static let erf = VectorKernel("erf", uses: ["smallErf", "erfcTail", "powerOfTwo", "splitSquare", "abs", "withSign"]) {
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
            let (tail, shifted) = erfcTail(
                y.replacing(with: border, where: isSmall), excess: Vector(repeating: 0.0), square, tiny)
            let large: Vector = Vector(repeating: 1.0) - tail * powerOfTwo(shifted)
            let value: Vector = large.replacing(with: smallErf(magnitude), where: isSmall)
            return withSign(value, x)
        }
        """
    }

    private static let erfc = VectorKernel("erfc", uses: ["smallErf", "erfcTail", "scaled", "splitSquare", "abs"]) { f in
        """
        /// The complementary error function, 1 − erf(x); error below 2 ulp.
        @inline(__always) fileprivate static func erfc(_ x: Vector) -> Vector {
            let border: Vector = Vector(repeating: 0.46875)
            let highest: Vector = \(f.constant(28, 10.5))
            let magnitude: Vector = abs(x)
            let isSmall = magnitude .< border
            let y: Vector = magnitude.replacing(with: highest, where: magnitude .> highest)
            let (square, tiny) = splitSquare(y)
            let (tail, shifted) = erfcTail(
                y.replacing(with: border, where: isSmall), excess: Vector(repeating: 0.0), square, tiny)
            let large: Vector = scaled(tail, shifted)
            let mirrored: Vector = large.replacing(
                with: Vector(repeating: 2.0) - large, where: x .< Vector(repeating: 0.0))
            let small: Vector = Vector(repeating: 1.0) - smallErf(x)
            return mirrored.replacing(with: small, where: isSmall)
        }
        """
    }

    private static let gelu = VectorKernel("gelu", uses: ["multiplyAdd", "smallErf", "erfcTail", "scaled", "powerOfTwo", "leadingHalf", "splitSquare", "abs"]) {
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
            // How far y is off: a product of half digits is exact. The tail changes by 1.9/(y + \(f.choose("2", "1.5"))) of it.
            let leading: Vector = leadingHalf(limited)
            let rootHigh: Vector = \(f.constant(0.7071067690849304, 0.70703125))
            let missed: Vector = (y - leading * rootHigh) - (limited - leading) * rootHigh
            let excess: Vector = missed - limited * \(f.constant(1.210161710447897e-08, 7.5531187e-05))
            let (tail, shifted) = erfcTail(
                y.replacing(with: border, where: isSmall), excess: excess * Vector(repeating: 1.9), square * half,
                tiny * half)
            let isNegative = x .< zero
            // Left of 0 the tail is scaled last: its product with x is normal where it is not.
            let lowest: Vector = Vector(repeating: \(f.choose("6755399441054744.0", "12582812.0")))
            let normal: Vector = shifted.replacing(with: lowest, where: shifted .< lowest)
            let right: Vector = one - half * (tail * powerOfTwo(normal))
            let left: Vector = tail * half
            let large: Vector = right.replacing(with: left, where: isNegative)
            let small: Vector = half + half * smallErf(x * root)
            let factor: Vector = large.replacing(with: small, where: isSmall)
            let usesTail = isNegative .& .!isSmall
            let base: Vector = x.replacing(with: -highest, where: x .< -highest)
            return scaled(base * factor, shift.replacing(with: shifted, where: usesTail))
        }
        """
    }
}

/// Activations on top of e^−|x|: the logistic function, softplus and SiLU.
enum VectorSigmoid {
    static let kernels: [VectorKernel] = [splitExponential, fallingExponential, sigmoid, softplus, silu]

    private static let splitExponential = VectorKernel("splitExponential", uses: ["splitExponent", "exponentialTail"]) {
        _ in
        """
        /// e^x·(1 − tiny) = 2^n·(high + low): n as `splitExponent` gives it, high from 0.7 to 1.42, low far smaller.
        @inline(__always) fileprivate static func splitExponential(
            _ x: Vector, less tiny: Vector
        ) -> (shifted: Vector, high: Vector, low: Vector) {
            let one: Vector = Vector(repeating: 1.0)
            let (shifted, remainder) = splitExponent(x)
            let r: Vector = remainder - tiny
            let sum: Vector = one + r
            let rest: Vector = (r - (sum - one)) + exponentialTail(r)
            let high: Vector = sum + rest
            return (shifted, high, rest - (high - sum))
        }
        """
    }

    private static let fallingExponential = VectorKernel(
        "fallingExponential", uses: ["splitExponent", "smallExpm1"]
    ) { f in
        """
        /// e^−|x|, error below 1 ulp, also where it is subnormal, and what its rounding lost, divided by it.
        @inline(__always) fileprivate static func fallingExponential(_ x: Vector) -> (e: Vector, lost: Vector) {
            let one: Vector = Vector(repeating: 1.0)
            let lowest: Vector = \(f.constant(-746, -105))
            let falling: Vector = \(f.vector(of: "\(f.bits(of: "x")) | \(f.pattern(f.signBit))"))
            let (shifted, r) = splitExponent(falling.replacing(with: lowest, where: falling .< lowest))
            let rise: Vector = smallExpm1(r)
            let high: Vector = one + rise
            // 1/high is about 2 − high.
            let lost: Vector = (rise - (high - one)) * (Vector(repeating: 2.0) - high)
            // 2^n may be too small to be normal: by way of \(f.choose("2^(n + 600)", "2^(n + 60)")), where nothing is rounded.
            let exponent: VectorBits = \(f.bits(of: "shifted")) &<< \(f.pattern("\(f.fractionBits)"))
            let raised: VectorBits = exponent &+ \(f.pattern(f.choose("0x6570_0000_0000_0000", "0x5D80_0000")))
            return (high * \(f.vector(of: "raised")) * Vector(repeating: \(f.choose("0x1p-600", "0x1p-60"))), lost)
        }
        """
    }

    private static let sigmoid = VectorKernel(
        "sigmoid", uses: ["fallingExponential", "multiplyAdd", "multiplySubtract"]
    ) { f in
        """
        /// The logistic function 1/(1 + e^−x), by the exponential that does not overflow; error below 2 ulp.
        @inline(__always) fileprivate static func sigmoid(_ x: Vector) -> Vector {
            let zero: Vector = Vector(repeating: 0.0)
            let one: Vector = Vector(repeating: 1.0)
            let (e, lost) = fallingExponential(x)
            let isNegative = x .< zero
            let denominator: Vector = one + e
            let quotient: Vector = one.replacing(with: e, where: isNegative) / denominator
            // What rounding did to the numerator and to the denominator, in time for the division's result: 1/denominator is about
            // 1.457 − denominator/2.
            let lostAbove: Vector = zero.replacing(with: lost, where: isNegative)
            let lostBelow: Vector = e - (denominator - one)
            let reciprocal: Vector = \(f.constant(1.457)) - Vector(repeating: 0.5) * denominator
            return multiplyAdd(quotient, quotient, multiplySubtract(lostAbove, lostBelow, reciprocal))
        }
        """
    }

    private static let softplus = VectorKernel("softplus", uses: ["fallingExponential", "logarithmPlus"]) { f in
        """
        /// log(1 + e^x) = max(x, 0) + log(1 + e^−|x|), by the same exponential as its derivative; error below 2 ulp.
        @inline(__always) fileprivate static func softplus(_ x: Vector) -> Vector {
            let zero: Vector = Vector(repeating: 0.0)
            let one: Vector = Vector(repeating: 1.0)
            let (e, _) = fallingExponential(x)
            // 1 + e = 2^k·(1 + f) with k = 0 or 1, and k·ln 2 in two parts.
            let isLarge = e .> \(f.constant(0.41421356))
            let high: Vector = zero.replacing(with: \(f.highLogarithmOfTwo), where: isLarge)
            let low: Vector = zero.replacing(with: \(f.lowLogarithmOfTwo), where: isLarge)
            let f: Vector = e.replacing(with: Vector(repeating: 0.5) * (e - one), where: isLarge)
            return logarithmPlus(high, low, f) + x.replacing(with: zero, where: x .< zero)
        }
        """
    }

    private static let silu = VectorKernel(
        "silu", uses: ["splitExponential", "scaled", "abs", "withSign"]
    ) {
        f in
        """
        /// x/(1 + e^−x), by the exponential that does not overflow; error below 2 ulp.
        @inline(__always) fileprivate static func silu(_ x: Vector) -> Vector {
            let zero: Vector = Vector(repeating: 0.0)
            let one: Vector = Vector(repeating: 1.0)
            let shift: Vector = Vector(repeating: \(f.roundingShift))
            let lowest: Vector = \(f.constant(-760, -115))
            let falling: Vector = -abs(x)
            let (shifted, high, low) = splitExponential(
                falling.replacing(with: lowest, where: falling .< lowest), less: zero)
            let e: Vector = scaled(high, shifted)
            let isNegative = x .< zero
            // x·e^x is scaled last: it is normal where e^x is not.
            let factor: Vector = one.replacing(with: high, where: isNegative)
            let denominator: Vector = one + e
            let quotient: Vector = x.replacing(with: lowest, where: x .< lowest) * factor / denominator
            // What rounding the exponential and the denominator did, to first order: 1/high is about 2 − high, and
            // 1/denominator about 1.457 − denominator/2.
            let relative: Vector = low * (Vector(repeating: 2.0) - high)
            let lost: Vector = (e - (denominator - one)) + relative * e
            let reciprocal: Vector = \(f.constant(1.457)) - Vector(repeating: 0.5) * denominator
            let correction: Vector = zero.replacing(with: relative, where: isNegative) - lost * reciprocal
            let value: Vector = quotient + quotient * correction
            let result: Vector = scaled(value, shift.replacing(with: shifted, where: isNegative))
            return withSign(result.replacing(with: x, where: x .> Vector(repeating: 60.0)), x)
        }
        """
    }
}

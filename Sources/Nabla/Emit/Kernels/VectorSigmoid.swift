/// Activations on top of e^−|x|: the logistic function, softplus and SiLU.
enum VectorSigmoid {
    static let kernels: [VectorKernel] = [splitExponential, sigmoid, softplus, silu]

    private static let splitExponential = VectorKernel(
        "splitExponential", uses: ["splitExponent", "exponentialFactors"]
    ) {
        _ in
        """
        /// e^x·(1 − tiny) = 2^n·(high + low): n as `splitExponent` gives it, high from 0.7 to 1.42, low far smaller.
        @inline(__always) fileprivate static func splitExponential(
            _ x: Vector, less tiny: Vector
        ) -> (shifted: Vector, high: Vector, low: Vector) {
            let one: Vector = Vector(repeating: 1.0)
            let (shifted, remainder) = splitExponent(x)
            let r: Vector = remainder - tiny
            let (square, half) = exponentialFactors(r)
            let sum: Vector = one + r
            let rest: Vector = multiplyAdd(r - (sum - one), square, half)
            let high: Vector = sum + rest
            return (shifted, high, rest - (high - sum))
        }
        """
    }

    private static let sigmoid = VectorKernel(
        "sigmoid", uses: ["splitExponential", "powerOfTwo", "withSign", "multiplyAdd"]
    ) { f in
        """
        /// The logistic function 1/(1 + e^−x), by the exponential that does not overflow; error below 2 ulp.
        ///
        /// e^−|x| is 2^n·high. The fraction is expanded by 2^−n, which is there long before high: 2^−n/(2^−n + high) where x is
        /// positive, and otherwise high/(2^−n + high). Where 2^−n would overflow, a part of it multiplies the quotient.
        @inline(__always) fileprivate static func sigmoid(_ x: Vector) -> Vector {
            let zero: Vector = Vector(repeating: 0.0)
            let one: Vector = Vector(repeating: 1.0)
            let lowest: Vector = \(f.constant(-746, -105))
            let shift: Vector = Vector(repeating: \(f.roundingShift))
            let least: Vector = shift - \(f.constant(1000, 120))
            let falling: Vector = withSign(x, -one)
            let (shifted, high, _) = splitExponential(
                falling.replacing(with: lowest, where: falling .< lowest), less: zero)
            let isNegative = x .< zero
            let bounded: Vector = shifted.replacing(with: least, where: shifted .< least)
            let power: Vector = powerOfTwo(bounded)
            let inverse: Vector = powerOfTwo((shift + shift) - bounded)
            let factor: Vector = one.replacing(with: powerOfTwo(shift + (shifted - bounded)), where: isNegative)
            let denominator: Vector = inverse + high
            let quotient: Vector = inverse.replacing(with: high, where: isNegative) / denominator
            // What rounding the denominator did, in units of 2^−n; what rounding high did is at most half a unit of high.
            let minusLost: Vector = ((denominator - inverse) - high) * power
            let reciprocal: Vector = quotient.replacing(with: one - quotient, where: isNegative)
            return multiplyAdd(quotient * factor, quotient * minusLost, reciprocal)
        }
        """
    }

    private static let softplus = VectorKernel(
        "softplus", uses: ["splitExponential", "scaled", "logarithm", "abs"]
    ) { f in
        """
        /// log(1 + e^x) = max(x, 0) + log(1 + e^−|x|), by the same exponential as its derivative; error below 2 ulp.
        @inline(__always) fileprivate static func softplus(_ x: Vector) -> Vector {
            let zero: Vector = Vector(repeating: 0.0)
            let one: Vector = Vector(repeating: 1.0)
            let lowest: Vector = \(f.constant(-746, -105))
            let falling: Vector = -abs(x)
            let (shifted, high, _) = splitExponential(
                falling.replacing(with: lowest, where: falling .< lowest), less: zero)
            let e: Vector = scaled(high, shifted)
            // 1 + e = 2^k·(1 + f) with k = 0 or 1.
            let isLarge = e .> \(f.constant(0.41421356))
            let k: Vector = zero.replacing(with: one, where: isLarge)
            let f: Vector = e.replacing(with: Vector(repeating: 0.5) * (e - one), where: isLarge)
            return logarithm(k, f) + x.replacing(with: zero, where: x .< zero)
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

import Foundation

/// The functions of the language in more precision than the type under test.
enum VectorReference {
    #if arch(x86_64) && os(Linux)
        typealias Real = Float80
        /// Whether ``Real`` has enough digits to judge results in `Double`.
        static let judgesDouble = true
    #else
        typealias Real = Double
        static let judgesDouble = false
    #endif

    static let unary: [(name: String, function: @Sendable (Real) -> Real)] = [
        ("exp", { exp($0) }), ("expm1", { expm1($0) }), ("log", { log($0) }), ("log1p", { log1p($0) }),
        ("sinh", { sinh($0) }), ("cosh", { cosh($0) }), ("tanh", { tanh($0) }), ("sqrt", { $0.squareRoot() }),
        ("sin", { sin($0) }), ("cos", { cos($0) }), ("tan", { tan($0) }), ("asin", { asin($0) }),
        ("acos", { acos($0) }), ("atan", { atan($0) }), ("abs", { $0.magnitude }), ("erf", { erf($0) }),
        ("erfc", { erfc($0) }), ("sign", { $0 == 0 ? 0 : $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }),
        ("relu", { $0 <= 0 ? 0 : $0 }), ("heaviside", { $0 > 0 ? 1 : $0 <= 0 ? 0 : $0 }),
        ("sigmoid", sigmoid), ("softplus", { $0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0)) }),
        ("silu", { $0 == -.infinity ? -0.0 : $0 * sigmoid($0) }), ("gelu", gelu),
    ]

    static let binary: [(name: String, function: @Sendable (Real, Real) -> Real)] = [
        ("pow", { pow($0, $1) }), ("atan2", { atan2($0, $1) }), ("hypot", { hypot($0, $1) }),
        ("leakyrelu", { $0 > 0 ? $0 : $1 * $0 }), ("elu", { $0 > 0 ? $0 : $1 * expm1($0) }),
        ("larger", { $1 > $0 || $1.isNaN ? $1 : $0 }), ("smaller", { $1 < $0 || $1.isNaN ? $1 : $0 }),
    ]

    @Sendable private static func sigmoid(_ x: Real) -> Real { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }

    /// x/2·erfc(a) with a = −x/√2, whose rounding would count x² times: erfc(a)·e^(a² − x²/2) makes up for it.
    @Sendable private static func gelu(_ x: Real) -> Real {
        if x == 0 { return x }
        let a = -x * Real(0.5).squareRoot()
        if a < 1 || x.isNaN { return 0.5 * x * erfc(a) }
        if a > 100 { return -0.0 }
        let (x1, a1) = (leading(x), leading(a))
        let (x2, a2) = (x - x1, a - a1)
        let excess = (a1 * a1 - x1 * x1 / 2) + (2 * a1 * a2 - x1 * x2) + (a2 * a2 - x2 * x2 / 2)
        return 0.5 * x * erfc(a) * exp(excess)
    }

    /// The upper 24 bits of a number.
    private static func leading(_ x: Real) -> Real { Real(Float(x)) }

    /// How many units in the last place of `Scalar` a result is off.
    static func error<Scalar: BinaryFloatingPoint>(_ result: Scalar, _ exact: Real) -> Real {
        if result.isNaN || exact.isNaN { return result.isNaN && exact.isNaN ? 0 : .infinity }
        let largest = Real(Scalar.greatestFiniteMagnitude)
        // Where a result overflows, as the next number beyond the last one.
        let end = largest + Real(Scalar.greatestFiniteMagnitude.ulp)
        func limited(_ value: Real) -> Real { value > end ? end : value < -end ? -end : value }
        let least = Real(Scalar.leastNormalMagnitude)
        let magnitude = max(limited(exact).magnitude, least)
        // Beyond the range of `Double` there is no `Real` end, and both are infinite.
        if !end.isFinite { return Real(result) == exact ? 0 : (Real(result) - exact).magnitude / magnitude.ulp }
        let unit = min(
            Real(sign: .plus, exponent: magnitude.exponent, significand: 1) * Real(Scalar.ulpOfOne),
            Real(Scalar.greatestFiniteMagnitude.ulp))
        return (limited(Real(result)) - limited(exact)).magnitude / unit
    }
}

import Foundation

/// The functions of the language that the C library does not have, on `Double`.
///
/// Each follows IEEE habits: a NaN gives a NaN, an infinity gives the limit, and no intermediate result overflows or
/// cancels where the value itself does not. ``SwiftHelper`` has the same bodies as source text for generated code; a
/// test compiles that text and compares bit for bit.
enum ScalarFunctions {
    /// −1, 0 or 1, by the sign of `u`.
    static func sign(_ u: Double) -> Double {
        if u == 0 { return 0 }
        return u > 0 ? 1 : u < 0 ? -1 : u
    }

    /// 1/(1 + e^−u), by the exponential that does not overflow.
    static func sigmoid(_ u: Double) -> Double {
        if u >= 0 { return 1 / (1 + exp(-u)) }
        let e = exp(u)
        return e / (1 + e)
    }

    /// max(u, 0).
    static func relu(_ u: Double) -> Double {
        u <= 0 ? 0 : u
    }

    /// u for u > 0, else s·u.
    static func leakyrelu(_ u: Double, _ s: Double) -> Double {
        u > 0 ? u : s * u
    }

    /// u for u > 0, else s·(e^u − 1).
    static func elu(_ u: Double, _ s: Double) -> Double {
        u > 0 ? u : s * expm1(u)
    }

    /// log(1 + e^u), by the exponential that does not overflow.
    static func softplus(_ u: Double) -> Double {
        u > 0 ? u + log1p(exp(-u)) : log1p(exp(u))
    }

    /// u/(1 + e^−u); its limit at −∞ is 0.
    static func silu(_ u: Double) -> Double {
        if u >= 0 { return u / (1 + exp(-u)) }
        if u < -800 { return -0.0 }
        // e^u taken as a square keeps its digits where e^u itself is subnormal.
        let e = exp(0.5 * u)
        return u * e / (1 + e * e) * e
    }

    /// u·Φ(u) with the normal distribution Φ, by erfc, which keeps its digits in the left tail; its limit at −∞ is 0.
    static func gelu(_ u: Double) -> Double {
        if u < -40 { return -0.0 }
        return 0.5 * u * erfc(-u * 0.7071067811865476)
    }

    /// 1 for u > 0, else 0.
    static func heaviside(_ u: Double) -> Double {
        u > 0 ? 1 : u <= 0 ? 0 : u
    }

    /// The larger of two numbers, the first of equal ones; a NaN where either is one.
    static func larger(_ u: Double, _ v: Double) -> Double {
        v > u || v.isNaN ? v : u
    }

    /// The smaller of two numbers, the first of equal ones; a NaN where either is one.
    static func smaller(_ u: Double, _ v: Double) -> Double {
        v < u || v.isNaN ? v : u
    }
}

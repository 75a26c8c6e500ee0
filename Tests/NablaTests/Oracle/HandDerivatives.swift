import Foundation

/// The functions of the language and their derivatives, written a second time by hand from the definitions, with the
/// conventions of language.md at kinks. Nothing here reads the function table.
enum HandDerivatives {
    /// A value, its partial derivatives, and how far the arguments are from the nearest kink or jump.
    struct Result {
        var value: Double
        var partials: [Double]
        var distanceToKink = Double.infinity

        init(_ value: Double, _ partials: Double..., kink: Double = .infinity) {
            self.value = value
            self.partials = partials
            distanceToKink = abs(kink)
        }
    }

    /// The names that ``apply(_:_:)`` knows.
    static let names: Set<String> = Set(unary.keys).union(binary.keys).union(["min", "max"])

    /// Nil for an unknown name or a wrong number of arguments.
    static func apply(_ name: String, _ arguments: [Double]) -> Result? {
        if arguments.count == 1, let function = unary[name] { return function(arguments[0]) }
        if arguments.count == 2, let function = binary[name] { return function(arguments[0], arguments[1]) }
        guard name == "min" || name == "max", arguments.count >= 2 else { return nil }
        return selection(arguments) { name == "max" ? $0 > $1 : $0 < $1 }
    }

    /// The first of the best numbers; the distance to a tie is the gap to the runner-up.
    private static func selection(_ arguments: [Double], _ better: (Double, Double) -> Bool) -> Result {
        var best = 0
        for position in arguments.indices where better(arguments[position], arguments[best]) { best = position }
        var gap = Double.infinity
        for position in arguments.indices where position != best {
            gap = Swift.min(gap, abs(arguments[position] - arguments[best]))
        }
        var result = Result(arguments[best], kink: gap)
        result.partials = arguments.indices.map { $0 == best ? 1 : 0 }
        return result
    }

    private static func logistic(_ u: Double) -> Double {
        u >= 0 ? 1 / (1 + exp(-u)) : exp(u) / (1 + exp(u))
    }

    /// e^−|u| / (1 + e^−|u|)², which does not cancel in either tail.
    private static func logisticSlope(_ u: Double) -> Double {
        let tail = exp(-abs(u))
        return tail / ((1 + tail) * (1 + tail))
    }

    private static func normalDensity(_ u: Double) -> Double { exp(-u * u / 2) / (2 * Double.pi).squareRoot() }
    private static func normalDistribution(_ u: Double) -> Double { erfc(-u / 2.0.squareRoot()) / 2 }

    private static let unary: [String: @Sendable (Double) -> Result] = [
        "exp": { Result(exp($0), exp($0)) },
        "log": { Result(log($0), 1 / $0) },
        "sqrt": { Result($0.squareRoot(), 0.5 / $0.squareRoot()) },
        "sin": { Result(sin($0), cos($0)) },
        "cos": { Result(cos($0), -sin($0)) },
        "tan": { Result(tan($0), 1 / (cos($0) * cos($0))) },
        "asin": { Result(asin($0), 1 / ((1 - $0) * (1 + $0)).squareRoot()) },
        "acos": { Result(acos($0), -1 / ((1 - $0) * (1 + $0)).squareRoot()) },
        "atan": { Result(atan($0), 1 / (1 + $0 * $0)) },
        "sinh": { Result(sinh($0), (exp($0) + exp(-$0)) / 2) },
        "cosh": { Result(cosh($0), (exp($0) - exp(-$0)) / 2) },
        "tanh": { Result(tanh($0), 1 / (cosh($0) * cosh($0))) },
        "abs": { Result(abs($0), $0 > 0 ? 1 : $0 < 0 ? -1 : 0, kink: $0) },
        "sign": { Result($0 > 0 ? 1 : $0 < 0 ? -1 : 0, 0, kink: $0) },
        "erf": { Result(erf($0), 2 * exp(-$0 * $0) / Double.pi.squareRoot()) },
        "erfc": { Result(erfc($0), -2 * exp(-$0 * $0) / Double.pi.squareRoot()) },
        "log1p": { Result(log1p($0), 1 / (1 + $0)) },
        "expm1": { Result(expm1($0), exp($0)) },
        "sigmoid": { Result(logistic($0), logisticSlope($0)) },
        "relu": { $0 > 0 ? Result($0, 1, kink: $0) : Result($0.isNaN ? .nan : 0, 0, kink: $0) },
        "softplus": { Result(Swift.max($0, 0) + log1p(exp(-abs($0))), logistic($0)) },
        "silu": { Result($0 * logistic($0), logistic($0) + $0 * logisticSlope($0)) },
        "gelu": { Result($0 * normalDistribution($0), normalDistribution($0) + $0 * normalDensity($0)) },
        "heaviside": { Result($0 > 0 ? 1 : 0, 0, kink: $0) },
    ]

    private static let binary: [String: @Sendable (Double, Double) -> Result] = [
        "atan2": { y, x in
            let square = x * x + y * y
            // The angle jumps on the negative x-axis and has none at the origin.
            let kink = x <= 0 ? abs(y) : square.squareRoot()
            return Result(atan2(y, x), x / square, -y / square, kink: kink)
        },
        "pow": power,
        "hypot": { u, v in
            let length = (u * u + v * v).squareRoot()
            return length == 0 ? Result(0, 0, 0, kink: 0) : Result(length, u / length, v / length, kink: length)
        },
        "leakyrelu": { u, s in u > 0 ? Result(u, 1, 0, kink: u) : Result(s * u, s, u, kink: u) },
        "elu": { u, s in
            u > 0 ? Result(u, 1, 0, kink: u) : Result(s * expm1(u), s * exp(u), expm1(u), kink: u)
        },
    ]

    /// u^v. The derivative by v at u = 0, v > 0 is 0.
    static let power: @Sendable (Double, Double) -> Result = { u, v in
        let value = pow(u, v)
        let byBase = v == 0 ? 0 : v * pow(u, v - 1)
        let byExponent = u == 0 && v > 0 ? 0 : value * log(u)
        return Result(value, byBase, byExponent)
    }
}

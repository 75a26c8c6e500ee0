import Foundation

// Derivatives are textbook ones (Abramowitz and Stegun, Handbook of Mathematical Functions, chapters 4 and 7) unless
// a comment says why a form was chosen: it keeps its digits where the plain form overflows or cancels. Those of sigmoid
// and tanh reuse the value, as the field writes them; where that rounds to ±1 they are right to 2⁻⁵², not to a digit.
extension FunctionTable {
    static let standardRows: [Function] = elementary + twoArguments + activations + extensions

    private static let elementary: [Function] = [
        Function(
            "exp", "u", summary: "the exponential function",
            derivative: .partials(["self"]),
            latex: .exponential, swift: .library("exp"), evaluate: .unary { exp($0) }),
        Function(
            "log", "u", summary: "the natural logarithm",
            derivative: .partials(["1/u"]), domain: "u > 0",
            latex: .command("log"), swift: .library("log"), evaluate: .unary { log($0) }),
        Function(
            "sqrt", "u", summary: "the square root",
            derivative: .partials(["1/(2*self)"]), domain: "u >= 0",
            latex: .radical, swift: .library("sqrt"), evaluate: .unary { $0.squareRoot() }),
        Function(
            "sin", "u", summary: "the sine",
            derivative: .partials(["cos(u)"]),
            latex: .command("sin"), swift: .library("sin"), evaluate: .unary { sin($0) }),
        Function(
            "cos", "u", summary: "the cosine",
            derivative: .partials(["-sin(u)"]),
            latex: .command("cos"), swift: .library("cos"), evaluate: .unary { cos($0) }),
        Function(
            "tan", "u", summary: "the tangent",
            derivative: .partials(["1 + self^2"]),
            latex: .command("tan"), swift: .library("tan"), evaluate: .unary { tan($0) }),
        // Two factors under the root: 1 − u² cancels near ±1.
        Function(
            "asin", "u", summary: "the inverse sine",
            derivative: .partials(["1/sqrt((1 - u)*(1 + u))"]), domain: "u >= -1 && u <= 1",
            latex: .command("arcsin"), swift: .library("asin"), evaluate: .unary { asin($0) }),
        Function(
            "acos", "u", summary: "the inverse cosine",
            derivative: .partials(["-1/sqrt((1 - u)*(1 + u))"]), domain: "u >= -1 && u <= 1",
            latex: .command("arccos"), swift: .library("acos"), evaluate: .unary { acos($0) }),
        Function(
            "atan", "u", summary: "the inverse tangent",
            derivative: .partials(["1/(1 + u^2)"]),
            latex: .command("arctan"), swift: .library("atan"), evaluate: .unary { atan($0) }),
        Function(
            "sinh", "u", summary: "the hyperbolic sine",
            derivative: .partials(["cosh(u)"]),
            latex: .command("sinh"), swift: .library("sinh"), evaluate: .unary { sinh($0) }),
        Function(
            "cosh", "u", summary: "the hyperbolic cosine",
            derivative: .partials(["sinh(u)"]),
            latex: .command("cosh"), swift: .library("cosh"), evaluate: .unary { cosh($0) }),
        Function(
            "tanh", "u", summary: "the hyperbolic tangent",
            derivative: .partials(["1 - self^2"]),
            latex: .command("tanh"), swift: .library("tanh"), evaluate: .unary { tanh($0) }),
        Function(
            "abs", "u", summary: "the absolute value",
            derivative: .partials(["sign(u)"]), kinks: ["u"],
            latex: .magnitude, swift: .library("abs"),
            evaluate: .unary { $0.magnitude }),
        Function(
            "sign", "u", summary: "−1, 0 or 1, by the sign",
            derivative: .partials(["0"]), kinks: ["u"],
            latex: .named("sgn"), swift: .helper(.sign), evaluate: .unary(ScalarFunctions.sign)),
        Function(
            "erf", "u", summary: "the error function",
            derivative: .partials(["2/sqrt(pi)*exp(-u^2)"]),
            latex: .named("erf"), swift: .library("erf"), evaluate: .unary { erf($0) }),
        Function(
            "log1p", "u", summary: "log(1 + u), with all digits where u is small",
            derivative: .partials(["1/(1 + u)"]), domain: "u > -1",
            latex: .named("log1p"), swift: .library("log1p"), evaluate: .unary { log1p($0) }),
        // Not self + 1, which cancels for u far below 0.
        Function(
            "expm1", "u", summary: "e^u − 1, with all digits where u is small",
            derivative: .partials(["exp(u)"]),
            latex: .named("expm1"), swift: .library("expm1"), evaluate: .unary { expm1($0) }),
    ]

    private static let twoArguments: [Function] = [
        // Divided twice: x² + y² overflows and underflows long before the quotient does.
        Function(
            "atan2", "y", "x", summary: "the angle of the point (x, y), from −π to π",
            derivative: .partials(["x/hypot(x, y)/hypot(x, y)", "-y/hypot(x, y)/hypot(x, y)"]),
            kinks: ["hypot(x, y)", "pi - abs(self)"],
            latex: .named("atan2"), swift: .library("atan2"), evaluate: .binary { atan2($0, $1) }),
        // u^v·log(u) tends to 0 with u^v, at u = 0 for v > 0 and at u = ∞ for v < 0, where IEEE has 0·∞.
        Function(
            "pow", "u", "v", summary: "u to the power of v",
            derivative: .partials(["(v == 0 ? 0 : v*u^(v - 1))", "(self == 0 ? 0 : self*log(u))"]),
            domain: "u > 0 || u == 0 && v >= 0",
            latex: .power, swift: .library("pow"), evaluate: .binary { pow($0, $1) }),
        Function(
            "hypot", "u", "v", summary: "√(u² + v²), without overflow",
            derivative: .partials(["(self == 0 ? 0 : u/self)", "(self == 0 ? 0 : v/self)"]), kinks: ["self"],
            latex: .rootOfSquares, swift: .library("hypot"), evaluate: .binary { hypot($0, $1) }),
        Function(
            "min", "u", "v", summary: "the smallest of two or more numbers",
            derivative: .selection(.smallest),
            latex: .command("min"), swift: .helper(.smaller), evaluate: .fold(ScalarFunctions.smaller)),
        Function(
            "max", "u", "v", summary: "the largest of two or more numbers",
            derivative: .selection(.largest),
            latex: .command("max"), swift: .helper(.larger), evaluate: .fold(ScalarFunctions.larger)),
    ]

    private static let activations: [Function] = [
        Function(
            "sigmoid", "u", summary: "the logistic function, 1/(1 + e^−u)",
            derivative: .partials(["self*(1 - self)"]),
            latex: .symbol("sigma"), swift: .helper(.sigmoid), evaluate: .unary(ScalarFunctions.sigmoid)),
        Function(
            "relu", "u", summary: "the rectifier, max(u, 0)",
            derivative: .partials(["heaviside(u)"]), kinks: ["u"],
            latex: .named("ReLU"), swift: .helper(.relu), evaluate: .unary(ScalarFunctions.relu)),
        Function(
            "leakyrelu", "u", "s", summary: "u for u > 0, else s·u",
            derivative: .partials(["(u > 0 ? 1 : s)", "(u > 0 ? 0 : u)"]), kinks: ["u"],
            latex: .namedWithSubscript("LeakyReLU"), swift: .helper(.leakyrelu),
            evaluate: .binary(ScalarFunctions.leakyrelu)),
        Function(
            "elu", "u", "s", summary: "u for u > 0, else s·(e^u − 1)",
            derivative: .partials(["(u > 0 ? 1 : s*exp(u))", "(u > 0 ? 0 : expm1(u))"]), kinks: ["u"],
            latex: .namedWithSubscript("ELU"), swift: .helper(.elu), evaluate: .binary(ScalarFunctions.elu)),
        Function(
            "softplus", "u", summary: "log(1 + e^u)",
            derivative: .partials(["sigmoid(u)"]),
            latex: .named("softplus"), swift: .helper(.softplus), evaluate: .unary(ScalarFunctions.softplus)),
        // Not self + sigmoid(u)·(1 − self), which cancels for large u.
        Function(
            "silu", "u", summary: "u·sigmoid(u)",
            derivative: .partials(["sigmoid(u) + self*(1 - sigmoid(u))"]),
            latex: .named("SiLU"), swift: .helper(.silu), evaluate: .unary(ScalarFunctions.silu)),
        // Φ(u) + u·Φ′(u); erfc, for 1 + erf cancels in the left tail.
        Function(
            "gelu", "u", summary: "u·Φ(u), with the normal distribution Φ",
            derivative: .partials(["1/2*erfc(-u/sqrt(2)) + u*exp(-u^2/2)/sqrt(2*pi)"]),
            latex: .named("GELU"), swift: .helper(.gelu), evaluate: .unary(ScalarFunctions.gelu)),
        Function(
            "heaviside", "u", summary: "1 for u > 0, else 0",
            derivative: .partials(["0"]), kinks: ["u"],
            latex: .indicatorOfPositive, swift: .helper(.heaviside), evaluate: .unary(ScalarFunctions.heaviside)),
    ]

    /// Functions beyond language.md that derivatives need.
    private static let extensions: [Function] = [
        Function(
            "erfc", "u", summary: "the complementary error function, 1 − erf(u)",
            derivative: .partials(["-2/sqrt(pi)*exp(-u^2)"]),
            latex: .named("erfc"), swift: .library("erfc"), evaluate: .unary { erfc($0) })
    ]
}

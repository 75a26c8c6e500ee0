/// A small function of generated Swift, as source text.
public struct SwiftHelper: Hashable, Sendable {
    /// The function's name.
    public let name: String
    /// A sentence for its doc comment.
    private let comment: String
    private let parameters: [String]
    /// The lines of its body, which are the same for every floating-point type.
    private let body: [String]

    /// The lines of the function, without indentation, for the type `scalar`.
    ///
    /// - Parameter modifiers: what stands before `func`, such as `private static`.
    public func lines(scalar: SwiftScalar, modifiers: String = "private static") -> [String] {
        let list = parameters.map { "_ \($0): \(scalar)" }.joined(separator: ", ")
        let head = modifiers.isEmpty ? "func" : "\(modifiers) func"
        return ["/// \(comment)", "\(head) \(name)(\(list)) -> \(scalar) {"] + body.map { "    \($0)" } + ["}"]
    }
}

// The bodies are those of `ScalarFunctions`; a test compiles them and compares.
extension SwiftHelper {
    static let sign = SwiftHelper(
        name: "sign", comment: "−1, 0 or 1, by the sign of `u`.", parameters: ["u"],
        body: ["if u == 0 { return 0 }", "return u > 0 ? 1 : u < 0 ? -1 : u"])

    static let sigmoid = SwiftHelper(
        name: "sigmoid", comment: "The logistic function 1/(1 + e^−u), without overflow.", parameters: ["u"],
        body: ["if u >= 0 { return 1 / (1 + exp(-u)) }", "let e = exp(u)", "return e / (1 + e)"])

    static let relu = SwiftHelper(
        name: "relu", comment: "The larger of `u` and 0.", parameters: ["u"], body: ["return u <= 0 ? 0 : u"])

    static let leakyrelu = SwiftHelper(
        name: "leakyrelu", comment: "`u` where that is positive, else `s * u`.", parameters: ["u", "s"],
        body: ["return u > 0 ? u : s * u"])

    static let elu = SwiftHelper(
        name: "elu", comment: "`u` where that is positive, else s·(e^u − 1).", parameters: ["u", "s"],
        body: ["return u > 0 ? u : s * expm1(u)"])

    static let softplus = SwiftHelper(
        name: "softplus", comment: "log(1 + e^u), without overflow.", parameters: ["u"],
        body: ["return u > 0 ? u + log1p(exp(-u)) : log1p(exp(u))"])

    static let silu = SwiftHelper(
        name: "silu", comment: "u/(1 + e^−u), without overflow.", parameters: ["u"],
        body: [
            "if u >= 0 { return u / (1 + exp(-u)) }",
            "if u < -800 { return -0.0 }",
            "let e = exp(0.5 * u)",
            "return u * e / (1 + e * e) * e",
        ])

    static let gelu = SwiftHelper(
        name: "gelu", comment: "u·Φ(u), with the normal distribution Φ.", parameters: ["u"],
        body: ["if u < -40 { return -0.0 }", "return 0.5 * u * erfc(-u * 0.7071067811865476)"])

    static let heaviside = SwiftHelper(
        name: "heaviside", comment: "1 where `u` is positive, else 0.", parameters: ["u"],
        body: ["return u > 0 ? 1 : u <= 0 ? 0 : u"])

    static let larger = SwiftHelper(
        name: "larger", comment: "The larger of two numbers; a NaN where either is one.", parameters: ["u", "v"],
        body: ["return v > u || v.isNaN ? v : u"])

    static let smaller = SwiftHelper(
        name: "smaller", comment: "The smaller of two numbers; a NaN where either is one.", parameters: ["u", "v"],
        body: ["return v < u || v.isNaN ? v : u"])
}

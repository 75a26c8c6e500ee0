/// Numbers as text, in the notation of each output.
///
/// All forms of a finite `Double` have the fewest digits that read back to the same number. Plain decimals stand for
/// what a reader takes in at a glance; beyond, there is an exponent without a plus sign or leading zeros.
public enum NumberText {
    /// A finite number as JSON and as a literal of the Nabla language: `3`, `0.2983`, `1e-5`, `1.5e20`, `-0.0`.
    ///
    /// A NaN and the infinities have no such literal, and give `nan`, `inf` and `-inf`: cli.md prints those as strings.
    public static func json(_ value: Double) -> String {
        guard let decimal = ShortestDecimal(value) else { return nonFinite(value) }
        // -0 would be read back as an integer without a sign.
        if decimal.digits == "0" { return decimal.isNegative ? "-0.0" : "0" }
        return decimal.sign + (decimal.plain(from: -4, to: 16, integerSuffix: "") ?? decimal.scientific)
    }

    /// A number as a Swift expression of the type `scalar`: `3.0`, `0.2983`, `1e-5`, `Double.nan`, `-Double.infinity`.
    ///
    /// A finite one is a floating-point literal, so that `1.0 / 2.0` stays a fraction whatever type is inferred; only a
    /// subnormal one, for which the compiler warns of a loss even where there is none, is given by its bits. For
    /// ``SwiftScalar/float`` the number is rounded first.
    public static func swift(_ value: Double, scalar: SwiftScalar = .double) -> String {
        let rounded = scalar == .float ? Double(Float(value)) : value
        if rounded.isNaN { return "\(scalar).nan" }
        let sign = rounded.sign == .minus ? "-" : ""
        if rounded.isInfinite { return "\(sign)\(scalar).infinity" }
        let decimal: ShortestDecimal?
        switch scalar {
        case .double:
            if rounded.isSubnormal { return "\(sign)Double(bitPattern: \(rounded.magnitude.bitPattern))" }
            decimal = ShortestDecimal(rounded)
        case .float:
            let float = Float(value).magnitude
            if float.isSubnormal { return "\(sign)Float(bitPattern: \(float.bitPattern))" }
            decimal = ShortestDecimal(description: float.description, isNegative: rounded.sign == .minus)
        }
        guard let decimal else { return "\(scalar).nan" }
        return decimal.sign + (decimal.plain(from: -4, to: 16, integerSuffix: ".0") ?? decimal.scientific)
    }

    /// A number in LaTeX's math mode: `3`, `0.2983`, `1.5 \times 10^{-5}`, `10^{20}`, `-\infty`, `\mathrm{NaN}`.
    public static func latex(_ value: Double) -> String {
        guard let decimal = ShortestDecimal(value) else {
            if value.isNaN { return #"\mathrm{NaN}"# }
            return value < 0 ? #"-\infty"# : #"\infty"#
        }
        return decimal.sign + (decimal.plain(from: -4, to: 7, integerSuffix: "") ?? decimal.latexPower)
    }

    /// A literal of the language in LaTeX's math mode, digit for digit as it was written: `0.10` stays `0.10`, and
    /// `12.5E+4` gives `12.5 \times 10^{4}`.
    public static func latex(literal: some StringProtocol) -> String {
        let parts = parts(ofLiteral: literal)
        guard let exponent = parts.exponent else { return parts.mantissa ?? "1" }
        let power = "10^{\(exponent.isNegative ? "-" : "")\(exponent.digits)}"
        return parts.mantissa.map { #"\#($0) \times \#(power)"# } ?? power
    }

    /// A literal in parts; without an exponent that is 0, without a mantissa that is 1.
    static func parts(
        ofLiteral literal: some StringProtocol
    ) -> (mantissa: String?, exponent: (digits: String, isNegative: Bool)?) {
        guard let mark = literal.firstIndex(where: { $0 == "e" || $0 == "E" }) else { return (String(literal), nil) }
        let mantissa = String(literal[..<mark])
        let exponent = literal[literal.index(after: mark)...]
        let digits = exponent.drop { $0 == "-" || $0 == "+" }.drop { $0 == "0" }
        if digits.isEmpty { return (mantissa, nil) }
        return (mantissa == "1" ? nil : mantissa, (String(digits), exponent.first == "-"))
    }

    private static func nonFinite(_ value: Double) -> String {
        value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
    }
}

/// The shortest decimal that reads back to a double: digits d₁d₂d₃… that stand for d₁.d₂d₃… times 10 to the exponent.
private struct ShortestDecimal {
    var isNegative: Bool
    /// Without zeros at either end; `0` for zero.
    var digits: String
    var exponent: Int

    /// Nil for a NaN and the infinities.
    init?(_ value: Double) {
        guard value.isFinite else { return nil }
        self.init(description: value.magnitude.description, isNegative: value.sign == .minus)
    }

    /// Reads the standard library's description, which has the shortest digits in a notation that no output wants.
    init?(description: String, isNegative: Bool) {
        guard let literal = DecimalLiteral(description) else { return nil }
        self.isNegative = isNegative
        digits = literal.digits.isEmpty ? "0" : literal.digits.map { String($0) }.joined()
        exponent = literal.digits.isEmpty ? 0 : literal.scale - 1
    }

    var sign: String { isNegative ? "-" : "" }

    /// The number without an exponent; nil outside of 10^`from` ≤ number < 10^`to`.
    func plain(from: Int, to: Int, integerSuffix: String) -> String? {
        guard exponent >= from && exponent < to else { return nil }
        if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + digits }
        let whole = exponent + 1
        if digits.count <= whole {
            return digits + String(repeating: "0", count: whole - digits.count) + integerSuffix
        }
        return "\(digits.prefix(whole)).\(digits.dropFirst(whole))"
    }

    var scientific: String { "\(mantissa)e\(exponent)" }

    var latexPower: String {
        let power = "10^{\(exponent)}"
        return digits == "1" ? power : #"\#(mantissa) \times \#(power)"#
    }

    private var mantissa: String {
        digits.count == 1 ? digits : "\(digits.prefix(1)).\(digits.dropFirst())"
    }
}

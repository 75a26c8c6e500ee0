/// What the text of a vector function takes from the scalar type: its bits, and constants that hang on them.
struct VectorFormat: Sendable {
    let scalar: SwiftScalar

    init(_ scalar: SwiftScalar) { self.scalar = scalar }

    private var isDouble: Bool { scalar == .double }

    /// The one of two values that belongs to the type.
    func choose<Value>(_ double: Value, _ float: Value) -> Value { isDouble ? double : float }

    /// The type of the bit pattern.
    var bits: String { choose("Int64", "Int32") }
    /// The number of bits after the binary point of a normal number.
    var fractionBits: Int { choose(52, 23) }
    /// The bits of the sign alone, as a literal of ``bits``.
    var signBit: String { "\(bits).min" }
    /// The bits of everything but the sign.
    var magnitudeBits: String { "\(bits).max" }
    /// The bits of 1.
    var oneBits: String { choose("0x3FF0_0000_0000_0000", "0x3F80_0000") }
    /// The bits of the exponent.
    var exponentBits: String { choose("0x7FF0_0000_0000_0000", "0x7F80_0000") }
    /// 1.5·2^fractionBits: what is added to it is rounded to an integer, which then stands in its lowest bits.
    var roundingShift: String { choose("6755399441055744.0", "12582912.0") }

    /// `Vector(repeating: value)`.
    func constant(_ value: Double) -> String { "Vector(repeating: \(NumberText.swift(value, scalar: scalar)))" }
    /// `Vector(repeating: value)` with a value for each type.
    func constant(_ double: Double, _ float: Float) -> String {
        constant(isDouble ? double : Double(float))
    }
    /// `VectorBits(repeating: value)`.
    func pattern(_ value: String) -> String { "VectorBits(repeating: \(value))" }
    /// `unsafeBitCast(value, to: VectorBits.self)`.
    func bits(of value: String) -> String { "unsafeBitCast(\(value), to: VectorBits.self)" }
    /// `unsafeBitCast(value, to: Vector.self)`.
    func vector(of value: String) -> String { "unsafeBitCast(\(value), to: Vector.self)" }

    /// Statements that evaluate a polynomial, coefficients from the constant one on.
    ///
    /// Even and odd powers run side by side, which halves the time that each result waits for the one before.
    func polynomial(_ name: String, of variable: String, _ double: [Double], _ float: [Float]) -> String {
        let coefficients = isDouble ? double : float.map { Double($0) }
        guard coefficients.count > 4 else { return horner(name, of: variable, coefficients) }
        let even = stride(from: 0, to: coefficients.count, by: 2).map { coefficients[$0] }
        let odd = stride(from: 1, to: coefficients.count, by: 2).map { coefficients[$0] }
        return """
            let \(name)Square: Vector = \(variable) * \(variable)
            \(horner("\(name)Even", of: "\(name)Square", even))
            \(horner("\(name)Odd", of: "\(name)Square", odd))
            let \(name): Vector = multiplyAdd(\(name)Even, \(variable), \(name)Odd)
            """
    }

    private func horner(_ name: String, of variable: String, _ coefficients: [Double]) -> String {
        guard let last = coefficients.last else { return "let \(name): Vector = \(constant(0))" }
        let rest = coefficients.dropLast().reversed()
        let first = "\(rest.isEmpty ? "let" : "var") \(name): Vector = \(constant(last))"
        let steps = rest.map { "\(name) = multiplyAdd(\(constant($0)), \(name), \(variable))" }
        return ([first] + steps).joined(separator: "\n")
    }
}

extension String {
    /// The lines of the text after the first one moved to the right, for a place inside another text.
    func indented(by spaces: Int = 4) -> String {
        split(separator: "\n", omittingEmptySubsequences: false).joined(
            separator: "\n" + String(repeating: " ", count: spaces))
    }
}

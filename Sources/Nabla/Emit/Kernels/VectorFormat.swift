/// What the text of a vector function takes from the scalar type: its bits, and constants that hang on them.
struct VectorFormat: Sendable {
    let scalar: SwiftScalar

    /// Lanes of the three vector sizes, widest first.
    var laneCounts: [Int] { choose([8, 4, 2], [16, 8, 4]) }

    /// One text for each vector size, under `#if`.
    func byLanes(_ text: (Int) -> [String]) -> [String] {
        ["#if NABLA_AVX512"] + text(laneCounts[0]) + ["#elseif NABLA_FMA"] + text(laneCounts[1]) + ["#else"]
            + text(laneCounts[2]) + ["#endif"]
    }

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

    /// ln 2 in two parts as vectors: the first so short that its product with the exponent of a number is exact.
    var highLogarithmOfTwo: String { constant(0.6931471805598903, 0.69314575) }
    var lowLogarithmOfTwo: String { constant(5.497923018708371e-14, 1.4286068e-06) }

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
    /// Pairs c₀ + c₁·x by powers of x², or where there are more than three of them pairs of pairs by powers of x⁴, so that few
    /// steps wait for each other; terms of alternating signs cancel inside a pair, where they are small.
    func polynomial(_ name: String, of variable: String, _ double: [Double], _ float: [Float]) -> String {
        let coefficients = isDouble ? double : float.map { Double($0) }
        var terms = stride(from: 0, to: coefficients.count, by: 2).map { first -> String in
            guard first + 1 < coefficients.count else { return constant(coefficients[first]) }
            return "multiplyAdd(\(constant(coefficients[first])), \(constant(coefficients[first + 1])), \(variable))"
        }
        var lines = ["let \(name)Square: Vector = \(variable) * \(variable)"]
        var power = "\(name)Square"
        if terms.count > 3 {
            // Each pair in a line of its own.
            for (position, pair) in terms.dropLast(terms.count % 2).enumerated() {
                lines.append("let \(name)\(2 * position): Vector = \(pair)")
                terms[position] = "\(name)\(2 * position)"
            }
            let pairs = terms
            terms = stride(from: 0, to: pairs.count, by: 2).map { first in
                first + 1 < pairs.count ? "multiplyAdd(\(pairs[first]), \(pairs[first + 1]), \(power))" : pairs[first]
            }
            lines.append("let \(name)Fourth: Vector = \(name)Square * \(name)Square")
            power = "\(name)Fourth"
        }
        guard let last = terms.popLast() else { return "let \(name): Vector = \(constant(0))" }
        let steps = terms.reversed().map { "\(name) = multiplyAdd(\($0), \(name), \(power))" }
        return (lines + ["var \(name): Vector = \(last)"] + steps).joined(separator: "\n")
    }
}

extension String {
    /// The lines of the text after the first one moved to the right, for a place inside another text.
    func indented(by spaces: Int = 4) -> String {
        split(separator: "\n", omittingEmptySubsequences: false).joined(
            separator: "\n" + String(repeating: " ", count: spaces))
    }
}

// Fractions as text: reading the literals of a spec, printing.

extension Rational {
    /// Why a literal is not a number.
    public enum LiteralError: Error, Hashable, Sendable {
        /// It is not written like `3`, `0.5`, `1e-3` or `12.5E+4`.
        case malformed
        /// It is larger than every `Double`: it would round to infinity.
        case tooLarge
        /// It is smaller than every `Double`: it is not zero and would round to zero.
        case tooSmall
        /// It has more than ``Rational/mostSignificantDigits`` digits that count.
        case tooManyDigits
    }

    /// The most digits that a literal may have, zeros at either end aside.
    public static let mostSignificantDigits = 4096

    /// The number that a literal of the language stands for, exactly: digits, then a fraction, an exponent, both or
    /// neither, as in `3`, `0.5`, `1e-3` and `12.5E+4`. There is no sign.
    ///
    /// Nil where it is malformed, or where no finite `Double` other than zero is near; `1e999999999` costs nothing.
    public init?(decimal text: some StringProtocol) {
        guard case .success(let value) = Self.reading(decimal: text) else { return nil }
        self = value
    }

    /// As ``init(decimal:)``, with the reason why a literal is refused.
    public static func reading(decimal text: some StringProtocol) -> Result<Rational, LiteralError> {
        guard let literal = DecimalLiteral(text) else { return .failure(.malformed) }
        guard let first = literal.digits.first else { return .success(.zero) }
        // The literal is 0.d₁d₂… times 10^scale, with d₁ above zero.
        if literal.scale > 310 { return .failure(.tooLarge) }
        if literal.scale < -324 { return .failure(.tooSmall) }
        if literal.digits.count > mostSignificantDigits { return .failure(.tooManyDigits) }
        let exponent = literal.scale - literal.digits.count
        if literal.digits.count <= 18 && exponent <= 0 && exponent >= -18 {
            let numerator = literal.digits.reduce(0) { $0 * 10 + Int($1) }
            let denominator = (0..<(-exponent)).reduce(1) { product, _ in product * 10 }
            return Rational(numerator: numerator, denominator: denominator).map { .success($0) }
                ?? .failure(.malformed)
        }
        var numerator = BigInteger(magnitude: UInt(first))
        for digit in literal.digits.dropFirst() { numerator.multiplyAdd(10, UInt(digit)) }
        let power = BigInteger(10).power(exponent.magnitude)
        let value =
            exponent >= 0
            ? Rational(inLowestTerms: numerator * power, over: .one)
            : Rational(reducing: numerator, over: power)
        switch value.double {
        case .infinity: return .failure(.tooLarge)
        case 0: return .failure(.tooSmall)
        default: return .success(value)
        }
    }

    /// The number as a decimal without an exponent, such as `3`, `0.125` or `-2.5`, where it has one of at most 20
    /// characters; it reads back to the same number.
    public var decimalText: String? {
        let longest = 20
        guard case .small(let numerator, let denominator) = storage else {
            guard isInteger else { return nil }
            let text = description
            return text.utf8.count <= longest ? text : nil
        }
        // d = 2^a · 5^b needs max(a, b) digits.
        let twos = denominator.trailingZeroBitCount
        var rest = denominator >> twos
        var fives = 0
        while rest % 5 == 0 {
            rest /= 5
            fives += 1
        }
        guard rest == 1 else { return nil }
        let places = max(twos, fives)
        guard places > 0 else { return String(numerator) }
        guard places < longest else { return nil }
        var factor = BigInteger(magnitude: numerator.magnitude)
        for _ in twos..<places { factor.multiplyAdd(2, 0) }
        for _ in fives..<places { factor.multiplyAdd(5, 0) }
        let digits = factor.description
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let text = (numerator < 0 ? "-" : "") + padded.dropLast(places) + "." + padded.suffix(places)
        return text.utf8.count <= longest ? text : nil
    }
}

extension Rational: CustomStringConvertible {
    /// `3`, `1/2` or `-3/4`.
    public var description: String {
        switch storage {
        case .small(let numerator, 1): "\(numerator)"
        case .small(let numerator, let denominator): "\(numerator)/\(denominator)"
        case .large(let fraction):
            fraction.denominator.isOne ? "\(fraction.numerator)" : "\(fraction.numerator)/\(fraction.denominator)"
        }
    }
}

/// The parts of a decimal literal: the digits that count, and where the point stands.
struct DecimalLiteral {
    /// The digits from 0 to 9, without zeros at either end; empty for zero.
    var digits: [UInt8] = []
    /// The literal is 0.d₁d₂… times 10 to this power; far out of range it is cut off.
    var scale = 0

    /// Nil where the text is not `digits[.digits][(e|E)[+|-]digits]`.
    init?(_ text: some StringProtocol) {
        var before = 0
        var after = 0
        var exponent = 0
        var exponentIsNegative = false
        var state = State.start
        for byte in text.utf8 {
            switch (byte, state) {
            case (UInt8(ascii: "0")...UInt8(ascii: "9"), .start), (UInt8(ascii: "0")...UInt8(ascii: "9"), .whole):
                state = .whole
                digits.append(byte - UInt8(ascii: "0"))
                before += 1
            case (UInt8(ascii: "0")...UInt8(ascii: "9"), .point), (UInt8(ascii: "0")...UInt8(ascii: "9"), .fraction):
                state = .fraction
                digits.append(byte - UInt8(ascii: "0"))
                after += 1
            case (UInt8(ascii: "0")...UInt8(ascii: "9"), _):
                state = .exponent
                // Far beyond the length of any text; more would only overflow.
                if exponent < 1 << 40 { exponent = exponent * 10 + Int(byte - UInt8(ascii: "0")) }
            case (UInt8(ascii: "."), .whole):
                state = .point
            case (UInt8(ascii: "e"), .whole), (UInt8(ascii: "e"), .fraction), (UInt8(ascii: "E"), .whole),
                (UInt8(ascii: "E"), .fraction):
                state = .exponentMark
            case (UInt8(ascii: "+"), .exponentMark), (UInt8(ascii: "-"), .exponentMark):
                state = .exponentSign
                exponentIsNegative = byte == UInt8(ascii: "-")
            default:
                return nil
            }
        }
        guard state == .whole || state == .fraction || state == .exponent else { return nil }
        let leadingZeros = digits.prefix { $0 == 0 }.count
        digits.removeFirst(leadingZeros)
        while digits.last == 0 { digits.removeLast() }
        scale = before - leadingZeros + (exponentIsNegative ? -exponent : exponent)
    }

    private enum State {
        case start, whole, point, fraction, exponentMark, exponentSign, exponent
    }
}

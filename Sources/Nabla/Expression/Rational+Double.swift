// Conversion between fractions and IEEE doubles, exact or correctly rounded.

extension Rational {
    /// The nearest `Double`, ties to the even one: an infinity above its range, zero or a subnormal number below.
    public var double: Double {
        if case .small(let numerator, let denominator) = storage {
            let exact: UInt = 1 << 53
            // One IEEE division of two exact operands rounds once.
            if denominator == 1 || numerator.magnitude <= exact && denominator.magnitude <= exact {
                return Double(numerator) / Double(denominator)
            }
        }
        let magnitude = Self.roundedQuotient(numerator.magnitude, denominator)
        return sign < 0 ? -magnitude : magnitude
    }

    /// The number that a finite `Double` stands for, exactly; nil for a NaN or an infinity.
    public init?(exactly value: Double) {
        guard value.isFinite else { return nil }
        if value == 0 {
            self = .zero
            return
        }
        if let integer = Int(exactly: value) {
            self.init(integer)
            return
        }
        // A finite double is an integer below 2⁵³ times 2^exponent.
        let exponent = value.isNormal ? Int(value.exponent) - 52 : -1074
        let bits = UInt(value.significandBitPattern) | (value.isNormal ? 1 << 52 : 0)
        let trailing = bits.trailingZeroBitCount
        let significand = BigInteger(limbs: [bits >> UInt(trailing)], isNegative: value < 0)
        let shift = exponent + trailing
        self.init(
            inLowestTerms: shift > 0 ? significand.shiftedLeft(by: shift) : significand,
            over: BigInteger.one.shiftedLeft(by: -shift))
    }

    /// `numerator / denominator`, rounded once; both are above zero.
    private static func roundedQuotient(_ numerator: BigInteger, _ denominator: BigInteger) -> Double {
        // A quotient of 63 or 64 bits holds all bits that count; what is cut off only decides a tie.
        let shift = 63 - (numerator.bitWidth - denominator.bitWidth)
        let dividend = shift > 0 ? numerator.shiftedLeft(by: shift) : numerator
        let divisor = shift < 0 ? denominator.shiftedLeft(by: -shift) : denominator
        guard let (quotient, remainder) = dividend.dividing(by: divisor), let bits = quotient.limbs.first else {
            return 0
        }
        // quotient · 2^−shift has its leading bit at this exponent, and its last representable bit at the next.
        let exponent = bits.bitWidth - bits.leadingZeroBitCount - 1 - shift
        if exponent > 1023 { return .infinity }
        let lastExponent = max(exponent - 52, -1074)
        let dropped = lastExponent + shift
        if dropped > UInt.bitWidth { return 0 }
        // The quotient has at least 63 bits, so that at least 10 of them are dropped.
        var kept = dropped == UInt.bitWidth ? 0 : bits >> UInt(dropped)
        let half: UInt = 1 << UInt(dropped - 1)
        let rest = dropped == UInt.bitWidth ? bits : bits & (half << 1 &- 1)
        let isOdd = kept & 1 == 1
        if rest > half || rest == half && (isOdd || !remainder.isZero) { kept += 1 }
        return Double(sign: .plus, exponent: lastExponent, significand: Double(kept))
    }
}

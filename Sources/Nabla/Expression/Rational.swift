/// An exact fraction, always in lowest terms with a denominator above zero.
///
/// Fractions whose numerator and denominator fit in 64 bits are stored inline and need no allocation; longer ones move
/// to big integers, so that no operation overflows. Who folds constants stops where ``bitWidth`` grows too large.
public struct Rational: Hashable, Sendable {
    enum Storage: Hashable, Sendable {
        case small(numerator: Int, denominator: Int)
        /// Only where the numerator or the denominator does not fit in an `Int`: equal numbers are stored alike.
        case large(LargeFraction)
    }

    /// A fraction of big integers in lowest terms, on the heap, so that ``Rational`` stays small.
    final class LargeFraction: Hashable, Sendable {
        let numerator: BigInteger
        let denominator: BigInteger

        init(numerator: BigInteger, denominator: BigInteger) {
            self.numerator = numerator
            self.denominator = denominator
        }

        static func == (left: LargeFraction, right: LargeFraction) -> Bool {
            left === right || left.numerator == right.numerator && left.denominator == right.denominator
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(numerator)
            hasher.combine(denominator)
        }
    }

    let storage: Storage

    private init(storage: Storage) {
        self.storage = storage
    }

    /// The integer `value`.
    public init(_ value: Int) {
        storage = .small(numerator: value, denominator: 1)
    }

    /// `numerator / denominator`; nil where the denominator is zero.
    public init?(numerator: Int, denominator: Int) {
        guard denominator != 0 else { return nil }
        self.init(
            reducing: numerator.magnitude, over: denominator.magnitude,
            isNegative: (numerator < 0) != (denominator < 0))
    }

    public static let zero = Rational(0)
    public static let one = Rational(1)
    public static let minusOne = Rational(-1)
    public static let two = Rational(2)
    public static let half = Rational(storage: .small(numerator: 1, denominator: 2))

    /// Reduces a fraction of machine words; the denominator is not zero.
    private init(reducing numerator: UInt, over denominator: UInt, isNegative: Bool) {
        let divisor = greatestCommonDivisor(numerator, denominator)
        let (n, d) = divisor <= 1 ? (numerator, denominator) : (numerator / divisor, denominator / divisor)
        if let n = Int(exactly: n), let d = Int(exactly: d) {
            self.init(storage: .small(numerator: isNegative ? -n : n, denominator: d))
        } else {
            self.init(inLowestTerms: BigInteger(limbs: [n], isNegative: isNegative), over: BigInteger(magnitude: d))
        }
    }

    /// Reduces a fraction of big integers; the denominator is not zero.
    init(reducing numerator: BigInteger, over denominator: BigInteger) {
        let divisor = BigInteger.greatestCommonDivisor(numerator, denominator)
        var (n, d) = (numerator, denominator)
        if !divisor.isOne, let reduced = n.dividing(by: divisor), let under = d.dividing(by: divisor) {
            (n, d) = (reduced.quotient, under.quotient)
        }
        if d.isNegative { (n, d) = (n.negated, d.negated) }
        self.init(inLowestTerms: n, over: d)
    }

    /// A fraction of big integers without a common factor; the denominator is above zero.
    init(inLowestTerms numerator: BigInteger, over denominator: BigInteger) {
        if let numerator = numerator.asInt, let denominator = denominator.asInt {
            storage = .small(numerator: numerator, denominator: denominator)
        } else {
            storage = .large(LargeFraction(numerator: numerator, denominator: denominator))
        }
    }

    /// The numerator, with the number's sign.
    var numerator: BigInteger {
        switch storage {
        case .small(let numerator, _): BigInteger(numerator)
        case .large(let fraction): fraction.numerator
        }
    }

    /// The denominator, above zero.
    var denominator: BigInteger {
        switch storage {
        case .small(_, let denominator): BigInteger(denominator)
        case .large(let fraction): fraction.denominator
        }
    }
}

extension Rational: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int) {
        self.init(value)
    }
}

// MARK: - What a number is

extension Rational {
    public var isZero: Bool { isSmall(0) }
    public var isOne: Bool { isSmall(1) }
    public var isMinusOne: Bool { isSmall(-1) }

    private func isSmall(_ value: Int) -> Bool {
        if case .small(value, 1) = storage { return true }
        return false
    }

    public var isInteger: Bool {
        switch storage {
        case .small(_, let denominator): denominator == 1
        case .large(let fraction): fraction.denominator.isOne
        }
    }

    /// −1, 0 or 1.
    public var sign: Int {
        switch storage {
        case .small(let numerator, _): numerator.signum()
        case .large(let fraction): fraction.numerator.sign
        }
    }

    /// The number as an `Int`, where it is one.
    public var asInt: Int? {
        if case .small(let numerator, 1) = storage { return numerator }
        return nil
    }

    /// Numerator and denominator, where both fit in an `Int`.
    public var asFraction: (numerator: Int, denominator: Int)? {
        if case .small(let numerator, let denominator) = storage { return (numerator, denominator) }
        return nil
    }

    /// The bits of the numerator or of the denominator, whichever has more: what a computation with the number costs.
    public var bitWidth: Int {
        switch storage {
        case .small(let numerator, let denominator):
            UInt.bitWidth - (numerator.magnitude | denominator.magnitude).leadingZeroBitCount
        case .large(let fraction):
            max(fraction.numerator.bitWidth, fraction.denominator.bitWidth)
        }
    }
}

// MARK: - Arithmetic

extension Rational {
    public static func + (left: Rational, right: Rational) -> Rational {
        if case .small(let a, let b) = left.storage, case .small(let c, let d) = right.storage {
            if b == 1 && d == 1 {
                let (sum, overflow) = a.addingReportingOverflow(c)
                if !overflow { return Rational(sum) }
            } else {
                let (first, overflowFirst) = a.multipliedReportingOverflow(by: d)
                let (second, overflowSecond) = c.multipliedReportingOverflow(by: b)
                let (sum, overflowSum) = first.addingReportingOverflow(second)
                let (product, overflowProduct) = b.multipliedReportingOverflow(by: d)
                if !(overflowFirst || overflowSecond || overflowSum || overflowProduct) {
                    return Rational(reducing: sum.magnitude, over: product.magnitude, isNegative: sum < 0)
                }
            }
        }
        return Rational(
            reducing: left.numerator * right.denominator + right.numerator * left.denominator,
            over: left.denominator * right.denominator)
    }

    public static func - (left: Rational, right: Rational) -> Rational { left + right.negated }

    public static func * (left: Rational, right: Rational) -> Rational {
        if case .small(let a, let b) = left.storage, case .small(let c, let d) = right.storage {
            let (numerator, overflow) = a.multipliedReportingOverflow(by: c)
            let (denominator, overflowBelow) = b.multipliedReportingOverflow(by: d)
            if !overflow && !overflowBelow {
                if denominator == 1 { return Rational(numerator) }
                return Rational(
                    reducing: numerator.magnitude, over: denominator.magnitude, isNegative: numerator < 0)
            }
        }
        return Rational(reducing: left.numerator * right.numerator, over: left.denominator * right.denominator)
    }

    public static func += (left: inout Rational, right: Rational) { left = left + right }
    public static func -= (left: inout Rational, right: Rational) { left = left - right }
    public static func *= (left: inout Rational, right: Rational) { left = left * right }
    public static prefix func - (value: Rational) -> Rational { value.negated }

    public var negated: Rational {
        switch storage {
        case .small(let numerator, let denominator):
            if numerator != .min { return Rational(storage: .small(numerator: -numerator, denominator: denominator)) }
            return Rational(inLowestTerms: BigInteger(numerator).negated, over: BigInteger(denominator))
        case .large(let fraction):
            // This may move to the small form: −(2⁶³) fits in 64 bits although 2⁶³ does not.
            return Rational(inLowestTerms: fraction.numerator.negated, over: fraction.denominator)
        }
    }

    public var magnitude: Rational { sign < 0 ? negated : self }

    /// 1 over this number; nil for zero.
    public var reciprocal: Rational? {
        guard !isZero else { return nil }
        if case .small(let numerator, let denominator) = storage, numerator != .min {
            return Rational(
                storage: .small(
                    numerator: numerator < 0 ? -denominator : denominator, denominator: Swift.abs(numerator)))
        }
        return Rational(reducing: denominator, over: numerator)
    }

    /// This number over `divisor`; nil where that is zero.
    public func dividing(by divisor: Rational) -> Rational? {
        divisor.reciprocal.map { self * $0 }
    }

    /// The widest result of ``power(_:)``, in bits of its numerator or denominator.
    public static let widestPower = 2048

    /// This number to an integer power; `0^0` is 1.
    ///
    /// Nil for zero to a negative power, and where the result needs more than ``widestPower`` bits.
    public func power(_ exponent: Int) -> Rational? {
        if exponent == 0 || isOne { return .one }
        if isZero { return exponent > 0 ? .zero : nil }
        if isMinusOne { return exponent & 1 == 0 ? .one : self }
        // A number of w bits is at least 2^(w−1).
        let (leastBits, overflow) = (bitWidth - 1).multipliedReportingOverflow(by: Int(clamping: exponent.magnitude))
        guard !overflow && leastBits <= Self.widestPower else { return nil }
        let (n, d) = (numerator.power(exponent.magnitude), denominator.power(exponent.magnitude))
        let result =
            exponent > 0
            ? Rational(inLowestTerms: n, over: d)
            : Rational(inLowestTerms: n.isNegative ? d.negated : d, over: n.magnitude)
        return result.bitWidth <= Self.widestPower ? result : nil
    }

    /// The square root, where it is a fraction itself.
    public var squareRoot: Rational? {
        guard sign >= 0, let n = numerator.exactSquareRoot, let d = denominator.exactSquareRoot else { return nil }
        return Rational(inLowestTerms: n, over: d)
    }
}

extension Rational: Comparable {
    public static func < (left: Rational, right: Rational) -> Bool {
        if case .small(let a, let b) = left.storage, case .small(let c, let d) = right.storage {
            let first = a.multipliedFullWidth(by: d)
            let second = c.multipliedFullWidth(by: b)
            return (first.high, first.low) < (second.high, second.low)
        }
        return left.numerator * right.denominator < right.numerator * left.denominator
    }
}

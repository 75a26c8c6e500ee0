/// An integer of any size: a sign and a magnitude in base 2⁶⁴.
///
/// ``Rational`` falls back on it where 64 bits are not enough. The algorithms are the schoolbook ones (Knuth, The Art
/// of Computer Programming 2, 4.3.1): numbers in a spec are short, and the simplifier stops folding long before their
/// quadratic cost shows.
struct BigInteger: Hashable, Sendable {
    /// The magnitude, least significant limb first, without leading zeros: zero has none.
    private(set) var limbs: [UInt]
    /// Whether the number is below zero; never true for zero.
    private(set) var isNegative: Bool

    init(limbs: [UInt], isNegative: Bool = false) {
        var limbs = limbs
        while limbs.last == 0 { limbs.removeLast() }
        self.limbs = limbs
        self.isNegative = isNegative && !limbs.isEmpty
    }

    init(_ value: Int) {
        self.init(limbs: [value.magnitude], isNegative: value < 0)
    }

    init(magnitude: UInt) {
        self.init(limbs: [magnitude])
    }

    static let zero = BigInteger(limbs: [])
    static let one = BigInteger(limbs: [1])

    var isZero: Bool { limbs.isEmpty }
    var isOne: Bool { !isNegative && limbs == [1] }
    var isEven: Bool { limbs.first.map { $0 & 1 == 0 } ?? true }
    /// −1, 0 or 1.
    var sign: Int { isZero ? 0 : isNegative ? -1 : 1 }
    var magnitude: BigInteger { BigInteger(limbs: limbs) }
    var negated: BigInteger { BigInteger(limbs: limbs, isNegative: !isNegative) }

    /// The number of bits of the magnitude; 0 for zero.
    var bitWidth: Int {
        guard let top = limbs.last else { return 0 }
        return limbs.count * UInt.bitWidth - top.leadingZeroBitCount
    }

    /// The number as an `Int`, where it is one.
    var asInt: Int? {
        guard limbs.count <= 1 else { return nil }
        let low = limbs.first ?? 0
        if isNegative {
            return low <= Int.min.magnitude ? Int(truncatingIfNeeded: 0 &- low) : nil
        }
        return Int(exactly: low)
    }
}

// MARK: - Order

extension BigInteger: Comparable {
    static func < (left: BigInteger, right: BigInteger) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        let order = compareMagnitudes(left.limbs, right.limbs)
        return left.isNegative ? order > 0 : order < 0
    }

    private static func compareMagnitudes(_ left: [UInt], _ right: [UInt]) -> Int {
        if left.count != right.count { return left.count < right.count ? -1 : 1 }
        for index in left.indices.reversed() where left[index] != right[index] {
            return left[index] < right[index] ? -1 : 1
        }
        return 0
    }
}

// MARK: - Sums and products

extension BigInteger {
    static func + (left: BigInteger, right: BigInteger) -> BigInteger {
        if left.isNegative == right.isNegative {
            return BigInteger(limbs: addMagnitudes(left.limbs, right.limbs), isNegative: left.isNegative)
        }
        if compareMagnitudes(left.limbs, right.limbs) >= 0 {
            return BigInteger(limbs: subtractMagnitudes(left.limbs, right.limbs), isNegative: left.isNegative)
        }
        return BigInteger(limbs: subtractMagnitudes(right.limbs, left.limbs), isNegative: right.isNegative)
    }

    static func - (left: BigInteger, right: BigInteger) -> BigInteger { left + right.negated }

    static func * (left: BigInteger, right: BigInteger) -> BigInteger {
        if left.isZero || right.isZero { return .zero }
        var product = [UInt](repeating: 0, count: left.limbs.count + right.limbs.count)
        for (offset, factor) in left.limbs.enumerated() {
            var carry: UInt = 0
            for (index, limb) in right.limbs.enumerated() {
                let (high, low) = factor.multipliedFullWidth(by: limb)
                let (first, carriedFirst) = low.addingReportingOverflow(product[offset + index])
                let (second, carriedSecond) = first.addingReportingOverflow(carry)
                product[offset + index] = second
                // The high word of a product is at most 2⁶⁴ − 2, and both carries together still fit.
                carry = high &+ (carriedFirst ? 1 : 0) &+ (carriedSecond ? 1 : 0)
            }
            product[offset + right.limbs.count] = carry
        }
        return BigInteger(limbs: product, isNegative: left.isNegative != right.isNegative)
    }

    /// This magnitude times `factor` plus `summand`: one step of reading digits.
    mutating func multiplyAdd(_ factor: UInt, _ summand: UInt) {
        var carry = summand
        for index in limbs.indices {
            let (high, low) = limbs[index].multipliedFullWidth(by: factor)
            let (sum, overflow) = low.addingReportingOverflow(carry)
            limbs[index] = sum
            carry = high &+ (overflow ? 1 : 0)
        }
        if carry != 0 { limbs.append(carry) }
    }

    /// This number to the power of `exponent`, which is not negative.
    func power(_ exponent: UInt) -> BigInteger {
        var result = BigInteger.one
        var base = self
        var remaining = exponent
        while remaining > 0 {
            if remaining & 1 == 1 { result = result * base }
            remaining >>= 1
            if remaining > 0 { base = base * base }
        }
        return result
    }

    private static func addMagnitudes(_ left: [UInt], _ right: [UInt]) -> [UInt] {
        let (long, short) = left.count >= right.count ? (left, right) : (right, left)
        var sum = long
        var carry: UInt = 0
        for index in long.indices {
            if index >= short.count && carry == 0 { break }
            let (first, overflowFirst) = long[index].addingReportingOverflow(index < short.count ? short[index] : 0)
            let (second, overflowSecond) = first.addingReportingOverflow(carry)
            sum[index] = second
            carry = overflowFirst || overflowSecond ? 1 : 0
        }
        if carry != 0 { sum.append(carry) }
        return sum
    }

    /// `left − right`, for `left ≥ right`.
    private static func subtractMagnitudes(_ left: [UInt], _ right: [UInt]) -> [UInt] {
        var difference = left
        var borrow: UInt = 0
        for index in left.indices {
            if index >= right.count && borrow == 0 { break }
            let (first, overflowFirst) = left[index].subtractingReportingOverflow(
                index < right.count ? right[index] : 0)
            let (second, overflowSecond) = first.subtractingReportingOverflow(borrow)
            difference[index] = second
            borrow = overflowFirst || overflowSecond ? 1 : 0
        }
        return difference
    }
}

// MARK: - Shifts

extension BigInteger {
    /// This number times 2 to the power of `count`, which is not negative.
    func shiftedLeft(by count: Int) -> BigInteger {
        if isZero || count <= 0 { return self }
        let (words, bits) = count.quotientAndRemainder(dividingBy: UInt.bitWidth)
        var shifted = [UInt](repeating: 0, count: words)
        shifted.reserveCapacity(words + limbs.count + 1)
        var carry: UInt = 0
        for limb in limbs {
            shifted.append(limb << UInt(bits) | carry)
            carry = bits == 0 ? 0 : limb >> UInt(UInt.bitWidth - bits)
        }
        shifted.append(carry)
        return BigInteger(limbs: shifted, isNegative: isNegative)
    }

    /// The magnitude divided by 2 to the power of `count` and cut off, with the sign of this number.
    func shiftedRight(by count: Int) -> BigInteger {
        if isZero || count <= 0 { return self }
        let (words, bits) = count.quotientAndRemainder(dividingBy: UInt.bitWidth)
        guard words < limbs.count else { return .zero }
        var shifted = Array(limbs[words...])
        if bits > 0 {
            for index in shifted.indices {
                let above = index + 1 < shifted.count ? shifted[index + 1] : 0
                shifted[index] = shifted[index] >> UInt(bits) | above << UInt(UInt.bitWidth - bits)
            }
        }
        return BigInteger(limbs: shifted, isNegative: isNegative)
    }

    /// The number of times that 2 divides the magnitude; 0 for zero.
    var trailingZeroBitCount: Int {
        for (index, limb) in limbs.enumerated() where limb != 0 {
            return index * UInt.bitWidth + limb.trailingZeroBitCount
        }
        return 0
    }
}

// MARK: - Division, greatest common divisor, square root

extension BigInteger {
    /// Quotient, cut off towards zero, and remainder, with the sign of this number; nil for the divisor zero.
    func dividing(by divisor: BigInteger) -> (quotient: BigInteger, remainder: BigInteger)? {
        guard let top = divisor.limbs.last else { return nil }
        if Self.compareMagnitudes(limbs, divisor.limbs) < 0 { return (.zero, self) }
        let quotientIsNegative = isNegative != divisor.isNegative
        if divisor.limbs.count == 1 {
            let (quotient, remainder) = Self.divideMagnitude(limbs, by: top)
            return (
                BigInteger(limbs: quotient, isNegative: quotientIsNegative),
                BigInteger(limbs: [remainder], isNegative: isNegative)
            )
        }
        let (quotient, remainder) = Self.divideMagnitudes(self.magnitude, by: divisor.magnitude)
        return (
            BigInteger(limbs: quotient, isNegative: quotientIsNegative),
            BigInteger(limbs: remainder.limbs, isNegative: isNegative)
        )
    }

    /// Quotient and remainder of a magnitude by one limb that is not zero.
    private static func divideMagnitude(_ limbs: [UInt], by divisor: UInt) -> (quotient: [UInt], remainder: UInt) {
        var quotient = limbs
        var remainder: UInt = 0
        for index in limbs.indices.reversed() {
            (quotient[index], remainder) = divisor.dividingFullWidth((remainder, limbs[index]))
        }
        return (quotient, remainder)
    }

    /// Knuth's algorithm D, for magnitudes with a divisor of two limbs or more that is not above the dividend.
    private static func divideMagnitudes(
        _ dividend: BigInteger, by divisor: BigInteger
    ) -> (quotient: [UInt], remainder: BigInteger) {
        // Scaled so that the divisor's top bit is set, a guessed digit is at most two too large.
        let shift = divisor.limbs[divisor.limbs.count - 1].leadingZeroBitCount
        let v = divisor.shiftedLeft(by: shift).limbs
        var u = dividend.shiftedLeft(by: shift).limbs
        u += [UInt](repeating: 0, count: dividend.limbs.count + 1 - u.count)
        let size = v.count
        let (top, next) = (v[size - 1], v[size - 2])
        var quotient = [UInt](repeating: 0, count: u.count - size)
        for position in quotient.indices.reversed() {
            let high = u[position + size]
            var guess = UInt.max
            var rest: UInt
            var restOverflows = false
            if high < top {
                (guess, rest) = top.dividingFullWidth((high, u[position + size - 1]))
            } else {
                (rest, restOverflows) = u[position + size - 1].addingReportingOverflow(top)
            }
            while !restOverflows {
                let product = guess.multipliedFullWidth(by: next)
                guard (product.high, product.low) > (rest, u[position + size - 2]) else { break }
                guess -= 1
                (rest, restOverflows) = rest.addingReportingOverflow(top)
            }
            if subtract(guess, v, from: &u, at: position) {
                guess -= 1
                addBack(v, to: &u, at: position)
            }
            quotient[position] = guess
        }
        return (quotient, BigInteger(limbs: u).shiftedRight(by: shift))
    }

    /// Subtracts `digit · v` from `u` at `position`; whether that went below zero.
    private static func subtract(_ digit: UInt, _ v: [UInt], from u: inout [UInt], at position: Int) -> Bool {
        var carry: UInt = 0
        for index in v.indices {
            let product = digit.multipliedFullWidth(by: v[index])
            let (low, carried) = product.low.addingReportingOverflow(carry)
            let (difference, borrowed) = u[position + index].subtractingReportingOverflow(low)
            u[position + index] = difference
            carry = product.high &+ (carried ? 1 : 0) &+ (borrowed ? 1 : 0)
        }
        let (difference, borrowed) = u[position + v.count].subtractingReportingOverflow(carry)
        u[position + v.count] = difference
        return borrowed
    }

    private static func addBack(_ v: [UInt], to u: inout [UInt], at position: Int) {
        var carry: UInt = 0
        for index in v.indices {
            let (first, overflowFirst) = u[position + index].addingReportingOverflow(v[index])
            let (second, overflowSecond) = first.addingReportingOverflow(carry)
            u[position + index] = second
            carry = overflowFirst || overflowSecond ? 1 : 0
        }
        u[position + v.count] &+= carry
    }

    /// The greatest common divisor of two magnitudes; that of zero and a number is the number.
    static func greatestCommonDivisor(_ left: BigInteger, _ right: BigInteger) -> BigInteger {
        var (a, b) = (left.magnitude, right.magnitude)
        while !b.isZero {
            if a.limbs.count == 1 && b.limbs.count == 1 {
                return BigInteger(magnitude: Nabla.greatestCommonDivisor(a.limbs[0], b.limbs[0]))
            }
            guard let (_, remainder) = a.dividing(by: b) else { break }
            (a, b) = (b, remainder)
        }
        return a
    }

    /// The square root, where this is the square of an integer.
    var exactSquareRoot: BigInteger? {
        if isNegative { return nil }
        if isZero { return .zero }
        // Newton's iteration from above falls monotonically to the floor of the root.
        var root = BigInteger.one.shiftedLeft(by: (bitWidth + 1) / 2)
        while let (quotient, _) = dividing(by: root) {
            let next = (root + quotient).shiftedRight(by: 1)
            if next >= root { break }
            root = next
        }
        return root * root == self ? root : nil
    }
}

/// The greatest common divisor of two machine words; that of zero and a number is the number.
func greatestCommonDivisor(_ left: UInt, _ right: UInt) -> UInt {
    var (a, b) = (left, right)
    while b != 0 { (a, b) = (b, a % b) }
    return a
}

// MARK: - Text

extension BigInteger: CustomStringConvertible {
    /// The decimal digits, with a minus sign where below zero.
    var description: String {
        // 10¹⁹ is the largest power of ten in a limb.
        let chunk: UInt = 10_000_000_000_000_000_000
        var rest = limbs
        var parts: [String] = []
        while rest.count > 1 {
            let (quotient, remainder) = Self.divideMagnitude(rest, by: chunk)
            parts.append(String(remainder).leftPadded(to: 19))
            rest = BigInteger(limbs: quotient).limbs
        }
        let low = rest.first ?? 0
        if low >= chunk {
            parts.append(String(low % chunk).leftPadded(to: 19))
            parts.append(String(low / chunk))
        } else if low > 0 || parts.isEmpty {
            parts.append(String(low))
        }
        return (isNegative ? "-" : "") + parts.reversed().joined()
    }
}

extension String {
    /// This text with zeros put before it up to a length.
    fileprivate func leftPadded(to length: Int) -> String {
        String(repeating: "0", count: Swift.max(0, length - count)) + self
    }
}

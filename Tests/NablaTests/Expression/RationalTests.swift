import Foundation
import Testing

@testable import Nabla

/// A small generator with a fixed seed (SplitMix64, public domain algorithm of S. Vigna), so that a failure repeats.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct RationalTests {
    /// Fractions of all lengths: small ones, ones at the edge of 64 bits, and products far beyond.
    private static func random(_ generator: inout SeededGenerator) -> Rational {
        let edges = [0, 1, -1, 2, .max, .min, .max - 1, .min + 1, 1 << 32, 3_037_000_500]
        func word() -> Int {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: edges.randomElement(using: &generator) ?? 0
            case 1: Int.random(in: -20...20, using: &generator)
            default: Int(truncatingIfNeeded: generator.next()) >> Int.random(in: 0..<60, using: &generator)
            }
        }
        func fraction() -> Rational { Rational(numerator: word(), denominator: word()) ?? Rational(word()) }
        var value = fraction()
        for _ in 0..<Int.random(in: 0..<4, using: &generator) { value = value * fraction() }
        return value
    }

    @Test func lowestTermsAndSign() throws {
        #expect(Rational(numerator: 6, denominator: -4)?.description == "-3/2")
        #expect(Rational(numerator: 0, denominator: -7) == .zero)
        #expect(Rational(numerator: 1, denominator: 0) == nil)
        #expect(Rational(numerator: .min, denominator: .min) == .one)
        #expect(Rational(numerator: .min, denominator: 1)?.asInt == .min)
        #expect(Rational(numerator: .min, denominator: -1)?.description == "9223372036854775808")
        #expect(Rational(numerator: 1, denominator: .min)?.description == "-1/9223372036854775808")
        #expect(Rational(Int.min).negated.negated == Rational(Int.min))
        #expect(Rational(Int.min).negated.asInt == nil)
        #expect(Rational(Int.min).reciprocal?.reciprocal == Rational(Int.min))
        #expect(Rational.zero.reciprocal == nil)
        #expect(Rational.one.dividing(by: .zero) == nil)
        let third = try #require(Rational(numerator: 1, denominator: 3))
        #expect((third * 3).isOne)
        #expect(Rational(decimal: "0.1").map { $0 * 3 } == Rational(decimal: "0.3"))
    }

    @Test func fieldAxiomsAtEveryLength() throws {
        var generator = SeededGenerator(state: 1)
        var large = 0
        for _ in 0..<800 {
            let (a, b, c) = (Self.random(&generator), Self.random(&generator), Self.random(&generator))
            if (a * b).asFraction == nil { large += 1 }
            #expect(a + b == b + a)
            #expect(a * b == b * a)
            #expect((a + b) + c == a + (b + c))
            #expect((a * b) * c == a * (b * c))
            #expect(a * (b + c) == a * b + a * c)
            #expect((a - a).isZero)
            #expect(a + b - b == a)
            #expect((a + b - b).hashValue == a.hashValue)
            if let quotient = a.dividing(by: b) { #expect(quotient * b == a) }
            #expect((a < b) == ((a - b).sign < 0))
            #expect((a == b) == (a - b).isZero)
            #expect(a.magnitude.sign == abs(a.sign))
            #expect((a * a).squareRoot == a.magnitude)
        }
        #expect(large > 150, "the long form must be exercised")
    }

    @Test func agreesWithIntegersWhereTheyFit() {
        var generator = SeededGenerator(state: 2)
        for _ in 0..<2000 {
            let a = Int.random(in: -1_000_000...1_000_000, using: &generator)
            let b = Int.random(in: -1_000_000...1_000_000, using: &generator)
            #expect((Rational(a) + Rational(b)).asInt == a + b)
            #expect((Rational(a) * Rational(b)).asInt == a * b)
            if let quotient = Rational(numerator: a, denominator: b) {
                #expect(quotient.double == Double(a) / Double(b))
            }
        }
    }

    /// 30!, 2^200 − 1 and 3^100 from the On-Line Encyclopedia of Integer Sequences (A000142, A000225, A000244).
    @Test func publishedIntegers() throws {
        let factorial = (1...30).reduce(Rational.one) { $0 * Rational($1) }
        #expect(factorial.description == "265252859812191058636308480000000")
        let power = try #require(Rational(2).power(200))
        #expect((power - 1).description == "1606938044258990275541962092341162602522202993782792835301375")
        #expect(Rational(3).power(100)?.description == "515377520732011331036461129765621272702107522001")
    }

    /// The sum of 1/k for k up to 100, from A001008 and A002805.
    @Test func harmonicNumber() {
        let sum = (1...100).reduce(Rational.zero) { $0 + (Rational(numerator: 1, denominator: $1) ?? .zero) }
        #expect(
            sum.description
                == "14466636279520351160221518043104131447711/2788815009188499086581352357412492142272")
    }

    @Test func powers() {
        #expect(Rational(0).power(0) == .one)
        #expect(Rational(0).power(3) == .zero)
        #expect(Rational(0).power(-1) == nil)
        #expect(Rational(-1).power(.min) == .one)
        #expect(Rational(-1).power(.max) == .minusOne)
        #expect(Rational(1).power(.min) == .one)
        #expect(Rational(-2).power(-3) == Rational(numerator: -1, denominator: 8))
        #expect(Rational(numerator: -2, denominator: 3)?.power(-2) == Rational(numerator: 9, denominator: 4))
        #expect(Rational(2).power(2047)?.bitWidth == 2048)
        #expect(Rational(2).power(2048) == nil)
        #expect(Rational(2).power(.max) == nil)
        #expect(Rational.half.power(.min) == nil)
        #expect(Rational(2).squareRoot == nil)
        #expect(Rational(-4).squareRoot == nil)
        #expect(Rational(0).squareRoot == .zero)
        #expect(Rational(numerator: 9, denominator: 16)?.squareRoot == Rational(numerator: 3, denominator: 4))
    }

    @Test func properties() {
        #expect(Rational.zero.isZero && Rational.zero.isInteger && Rational.zero.sign == 0)
        #expect(Rational.minusOne.isMinusOne && !Rational.minusOne.isOne)
        #expect(!Rational.half.isInteger && Rational.half.asInt == nil)
        #expect(Rational.half.asFraction.map { [$0.numerator, $0.denominator] } == [1, 2])
        #expect(Rational(255).bitWidth == 8)
        #expect(Rational(numerator: 1, denominator: 256)?.bitWidth == 9)
    }

    /// Quotients that make Knuth's first guess of a digit too large, and the step that adds back: a = q·b + r holds.
    @Test func longDivision() throws {
        var generator = SeededGenerator(state: 3)
        let special: [UInt] = [0, 1, 2, .max, .max - 1, 1 << 63, (1 << 63) - 1, (1 << 63) + 1]
        func limbs(_ count: Int) -> [UInt] {
            (0..<count).map { _ in
                Bool.random(using: &generator)
                    ? special.randomElement(using: &generator) ?? 0 : UInt(generator.next())
            }
        }
        for _ in 0..<8000 {
            let dividend = BigInteger(
                limbs: limbs(Int.random(in: 0...6, using: &generator)), isNegative: .random(using: &generator))
            let divisor = BigInteger(
                limbs: limbs(Int.random(in: 1...4, using: &generator)), isNegative: .random(using: &generator))
            guard !divisor.isZero else { continue }
            let (quotient, remainder) = try #require(dividend.dividing(by: divisor))
            #expect(quotient * divisor + remainder == dividend)
            #expect(remainder.magnitude < divisor.magnitude)
            #expect(remainder.isZero || remainder.isNegative == dividend.isNegative)
        }
        // Operands that need the rare step D6, which adds the divisor back.
        let dividend = BigInteger(limbs: [0, 0, 1 << 63, (1 << 63) - 1])
        let divisor = BigInteger(limbs: [1, 0, 1 << 63])
        let (quotient, remainder) = try #require(dividend.dividing(by: divisor))
        #expect(quotient * divisor + remainder == dividend)
        #expect(remainder < divisor)
        #expect(BigInteger.one.dividing(by: .zero) == nil)
    }
}

@Suite struct RationalTextTests {
    @Test func literals() {
        #expect(Rational(decimal: "3") == 3)
        #expect(Rational(decimal: "007") == 7)
        #expect(Rational(decimal: "0.5") == .half)
        #expect(Rational(decimal: "1e-3") == Rational(numerator: 1, denominator: 1000))
        #expect(Rational(decimal: "12.5E+4") == 125_000)
        #expect(Rational(decimal: "0e99999999999999999999999") == .zero)
        #expect(Rational(decimal: "0.000") == .zero)
        #expect(Rational(decimal: "9223372036854775808")?.description == "9223372036854775808")
        #expect(Rational(decimal: "1e30")?.description == "1000000000000000000000000000000")
        #expect(Rational(decimal: "0.1234567890123456789")?.denominator.description == "10000000000000000000")
        #expect(
            Rational(decimal: String(repeating: "0", count: 9000) + "1.5" + String(repeating: "0", count: 9000))
                == Rational(numerator: 3, denominator: 2))
    }

    @Test(arguments: [
        "", ".", ".5", "5.", "1e", "1e+", "e5", "1.e5", "1e5.5", "+1", "-1", "1 ", "1_000", "0x10", "１", "inf",
    ])
    func malformedLiterals(text: String) {
        #expect(Rational(decimal: text) == nil)
        #expect(Rational.reading(decimal: text) == .failure(.malformed))
    }

    @Test func literalsOutOfRange() {
        #expect(Rational.reading(decimal: "1e999999999") == .failure(.tooLarge))
        #expect(Rational.reading(decimal: "1e99999999999999999999") == .failure(.tooLarge))
        #expect(Rational.reading(decimal: "1e-99999999999999999999") == .failure(.tooSmall))
        #expect(Rational.reading(decimal: "1e309") == .failure(.tooLarge))
        #expect(Rational.reading(decimal: "1.8e308") == .failure(.tooLarge))
        #expect(Rational.reading(decimal: "2e-324") == .failure(.tooSmall))
        #expect(Rational(decimal: "1.7976931348623157e308")?.double == .greatestFiniteMagnitude)
        #expect(Rational(decimal: "4.9e-324")?.double == .leastNonzeroMagnitude)
        #expect(Rational.reading(decimal: String(repeating: "7", count: 300) + ".1") != .failure(.tooManyDigits))
        #expect(Rational.reading(decimal: "0." + String(repeating: "7", count: 9000)) == .failure(.tooManyDigits))
        #expect(Rational.reading(decimal: String(repeating: "7", count: 2_000_000)) == .failure(.tooLarge))
    }

    @Test func decimalText() {
        #expect(Rational(3).decimalText == "3")
        #expect(Rational.half.decimalText == "0.5")
        #expect(Rational(numerator: -1, denominator: 8)?.decimalText == "-0.125")
        #expect(Rational(numerator: 1, denominator: 3)?.decimalText == nil)
        #expect(Rational(numerator: 5, denominator: 2)?.decimalText == "2.5")
        #expect(Rational(decimal: "1e-18")?.decimalText == "0.000000000000000001")
        #expect(Rational(decimal: "1e-30")?.decimalText == nil)
        #expect(Rational(decimal: "1e19")?.decimalText == "10000000000000000000")
        #expect(Rational(decimal: "1e20")?.decimalText == nil)
        var generator = SeededGenerator(state: 4)
        var printed = 0
        for _ in 0..<2000 {
            let numerator = Int(truncatingIfNeeded: generator.next()) >> Int.random(in: 0..<63, using: &generator)
            let denominator = 1 << Int.random(in: 0..<10, using: &generator) * 5
            guard let value = Rational(numerator: numerator, denominator: denominator),
                let text = value.magnitude.decimalText
            else { continue }
            printed += 1
            #expect(Rational(decimal: text) == value.magnitude)
        }
        #expect(printed > 500)
    }
}

@Suite struct RationalDoubleTests {
    /// The C library's `strtod` rounds correctly: decimals of every length and exponent must agree with it.
    @Test func roundsLikeTheStandardLibrary() throws {
        var generator = SeededGenerator(state: 5)
        var subnormal = 0
        for round in 0..<20000 {
            let length = Int.random(in: 1...40, using: &generator)
            let digits = (0..<length).map { _ in String(Int.random(in: 0...9, using: &generator)) }.joined()
            let exponents = round % 2 == 0 ? -330 ... -300 : -340...300
            let text =
                "\(Int.random(in: 1...9, using: &generator)).\(digits)e\(Int.random(in: exponents, using: &generator))"
            let expected = try #require(Double(text))
            if expected.isSubnormal { subnormal += 1 }
            switch Rational.reading(decimal: text) {
            case .success(let value):
                #expect(value.double == expected, "\(text)")
                #expect(value.negated.double == -expected)
            case .failure(let error):
                #expect(expected == 0 && error == .tooSmall, "\(text)")
            }
        }
        #expect(subnormal > 2000)
    }

    /// Halfway between two doubles the even one wins, and the least bit beyond decides otherwise.
    @Test func tiesToEven() throws {
        var generator = SeededGenerator(state: 6)
        var tested = 0
        while tested < 3000 {
            let low = Double(bitPattern: generator.next() >> 1)
            guard low.isFinite, low.nextUp.isFinite, let below = Rational(exactly: low),
                let above = Rational(exactly: low.nextUp)
            else { continue }
            tested += 1
            let middle = (below + above) * .half
            let even = low.bitPattern & 1 == 0 ? low : low.nextUp
            #expect(middle.double == even)
            let crumb = (above - below) * (try #require(Rational(2).power(-200)))
            #expect((middle + crumb).double == low.nextUp)
            #expect((middle - crumb).double == low)
        }
    }

    @Test func exactValuesComeBack() {
        var generator = SeededGenerator(state: 7)
        let edges: [Double] = [
            0, 1, -1, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude,
            Double.leastNormalMagnitude.nextDown, .greatestFiniteMagnitude, 9_223_372_036_854_775_808, 0.1, 1e22, 1e23,
        ]
        let values = edges + (0..<5000).map { _ in Double(bitPattern: generator.next()) }.filter(\.isFinite)
        for value in values { #expect(Rational(exactly: value)?.double == value) }
        #expect(Rational(exactly: 0.1)?.description == "3602879701896397/36028797018963968")
        #expect(Rational(exactly: .nan) == nil)
        #expect(Rational(exactly: .infinity) == nil)
    }

    @Test func fractionsOfWords() {
        var generator = SeededGenerator(state: 8)
        for _ in 0..<3000 {
            // Exact operands: IEEE division is the correctly rounded quotient.
            let a = Int(generator.next() >> 11)
            let b = Int(generator.next() >> 11) | 1
            let power = Rational(1 << 60)
            let value = Rational(numerator: a, denominator: b) ?? .zero
            #expect(value.double == Double(a) / Double(b))
            // The same number by the long way, through a denominator that does not fit.
            let scaled = value.dividing(by: power).flatMap { $0.dividing(by: power) } ?? .zero
            #expect(scaled.double == Double(a) / Double(b) * 0x1p-120)
        }
    }

    @Test func beyondTheRange() throws {
        let huge = try #require(Rational(2).power(1024))
        #expect(huge.double == .infinity)
        #expect(huge.negated.double == -.infinity)
        let largest = try #require(Rational(exactly: .greatestFiniteMagnitude))
        let halfStep = try #require(Rational(2).power(970))
        #expect((largest + halfStep).double == .infinity)
        #expect((largest + halfStep - 1).double == .greatestFiniteMagnitude)
        let tiny = try #require(Rational(2).power(-1075))
        #expect(tiny.double == 0)
        #expect((tiny + (try #require(Rational(2).power(-2000)))).double == .leastNonzeroMagnitude)
        #expect((tiny * .half).double == 0)
        #expect(try #require(Rational(2).power(-2000)).double == 0)
    }
}

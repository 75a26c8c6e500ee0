import Foundation
import Testing

@testable import Nabla

@Suite struct NumberTextTests {
    @Test(
        arguments: [
            (3, "3"), (0, "0"), (-0.0, "-0.0"), (0.2983, "0.2983"), (-2.5, "-2.5"), (1e-5, "1e-5"), (1.5e-7, "1.5e-7"),
            (0.0001, "0.0001"), (1e15, "1000000000000000"), (1e16, "1e16"), (-1.5e300, "-1.5e300"),
            (.leastNonzeroMagnitude, "5e-324"),
            (0.1 + 0.2, "0.30000000000000004"), (1.7976931348623157e308, "1.7976931348623157e308"),
            (.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf"),
        ] as [(Double, String)])
    func json(value: Double, text: String) {
        #expect(NumberText.json(value) == text)
    }

    @Test(
        arguments: [
            (3, "3.0"), (0, "0.0"), (-0.0, "-0.0"), (0.5, "0.5"), (1e-5, "1e-5"), (-1e16, "-1e16"),
            (1e15, "1000000000000000.0"),
            (.nan, "Double.nan"), (.infinity, "Double.infinity"), (-.infinity, "-Double.infinity"),
        ] as [(Double, String)])
    func swift(value: Double, text: String) {
        #expect(NumberText.swift(value) == text)
    }

    @Test(
        arguments: [
            (3, "3"), (-0.5, "-0.5"), (1e-4, "0.0001"), (1.5e-5, #"1.5 \times 10^{-5}"#), (1e7, "10^{7}"),
            (-6.02e23, #"-6.02 \times 10^{23}"#), (.nan, #"\mathrm{NaN}"#), (-.infinity, #"-\infty"#), (-0.0, "-0"),
        ] as [(Double, String)])
    func latex(value: Double, text: String) {
        #expect(NumberText.latex(value) == text)
    }

    @Test func swiftScalars() {
        #expect(NumberText.swift(0.1, scalar: .float) == "0.1")
        #expect(NumberText.swift(1e300, scalar: .float) == "Float.infinity")
        #expect(NumberText.swift(1e-300, scalar: .float) == "0.0")
        #expect(NumberText.swift(-1e-40, scalar: .float) == "-Float(bitPattern: 71362)")
        #expect(Float(bitPattern: 71362) == Float("1e-40"))
        #expect(NumberText.swift(-3 * .leastNonzeroMagnitude) == "-Double(bitPattern: 3)")
        #expect(NumberText.swift(1.0 / 3, scalar: .float) == "0.33333334")
    }

    @Test func latexLiterals() {
        #expect(NumberText.latex(literal: "0.10") == "0.10")
        #expect(NumberText.latex(literal: "1e-3") == "10^{-3}")
        #expect(NumberText.latex(literal: "12.5E+04") == #"12.5 \times 10^{4}"#)
        #expect(NumberText.latex(literal: "1.5e-3") == #"1.5 \times 10^{-3}"#)
        #expect(NumberText.latex(literal: "2e0") == "2")
    }

    /// Every form reads back to the same bits.
    @Test func roundTrips() throws {
        var generator = SeededGenerator(state: 9)
        let values =
            (0..<20000).map { _ in Double(bitPattern: generator.next()) }.filter(\.isFinite)
            + (0..<20000).map { _ in Double.random(in: -1000...1000, using: &generator) }
            + (-320...308).compactMap { Double("1e\($0)") }
        #expect(values.count > 30000)
        for value in values {
            let json = NumberText.json(value)
            #expect(Double(json)?.bitPattern == value.bitPattern)
            if value.isNormal { #expect(Double(NumberText.swift(value))?.bitPattern == value.bitPattern) }
            let float = Float(value)
            if float.isNormal {
                #expect(Float(NumberText.swift(value, scalar: .float))?.bitPattern == float.bitPattern)
            }
            // The library's own reader of the language agrees, on the magnitude.
            #expect(Rational(decimal: NumberText.json(value.magnitude))?.double == value.magnitude)
        }
        #expect(Double(NumberText.json(-0.0))?.sign == .minus)
    }
}

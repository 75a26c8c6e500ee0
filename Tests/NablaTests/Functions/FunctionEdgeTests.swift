import Foundation
import Testing

@testable import Nabla

/// Every function in a spec, derived, simplified and evaluated: values and derivatives over its whole domain and at its edges.
@Suite struct FunctionEdgeTests {
    private typealias Line = (arguments: [Double], value: Double, partials: [Double])

    /// Published values by function.
    private static func published() throws -> [String: [Line]] {
        var result: [String: [Line]] = [:]
        for text in PublishedValues.lines.split(separator: "\n") {
            let fields = text.split(separator: "|").map { $0.split(separator: " ").map(String.init) }
            try #require(fields.count == 3)
            let line = Line(
                fields[0].dropFirst().compactMap { Double($0) }, try #require(Double(fields[1][0])),
                fields[2].compactMap { Double($0) })
            result[fields[0][0], default: []].append(line)
        }
        return result
    }

    private static func isSame(_ value: Double, _ wanted: Double, _ relative: Double, _ absolute: Double) -> Bool {
        value == wanted || value.isNaN && wanted.isNaN || abs(value - wanted) <= max(relative * abs(wanted), absolute)
    }

    /// The whole pipeline at the published points; independent numbers, computed with mpmath.
    @Test func publishedPointsThroughThePipeline() throws {
        var compared = 0
        for (name, lines) in try Self.published().sorted(by: { $0.key < $1.key }) {
            let letters = ["u", "v"].prefix(lines[0].arguments.count)
            let access = letters.map { "\($0)[i]" }.joined(separator: ", ")
            var text = "size N = \(lines.count)\nparam \(letters.map { "\($0)[N]" }.joined(separator: ", "))\n"
            text += "y[i] = \(name)(\(access))\ncost C = sum(i: y[i])"
            let values = letters.indices.map { position in
                "\"\(letters[position])\": [\(lines.map { "\($0.arguments[position])" }.joined(separator: ", "))]"
            }
            let result = try SpecEvaluation(text, at: "{\(values.joined(separator: ", "))}", all: true)
            let y = try #require(result.results.quantities?.first { $0.name == "y" }?.value.all.first).values
            // Where a derivative is small beside its greatest value, 1 − σ and 1 − tanh² have cancelled: half an ulp of 1.
            let cancels = ["sigmoid", "tanh", "silu", "gelu"].contains(name)
            for (position, line) in lines.enumerated() {
                #expect(
                    Self.isSame(y[position], line.value, 1e-12, .leastNonzeroMagnitude),
                    "\(name)\(line.arguments): \(y[position]), not \(line.value)")
                for (argument, wanted) in line.partials.enumerated() {
                    let got = try result.entries(letters[argument])[position]
                    #expect(
                        Self.isSame(got, wanted, 4e-12, cancels ? 4e-16 : 4 * .leastNonzeroMagnitude),
                        "∂\(name)/∂\(letters[argument])\(line.arguments): \(got), not \(wanted)")
                    compared += 1
                }
            }
        }
        #expect(compared > 350)
    }

    /// Where arguments are infinite, NaN, zeros of either sign, subnormal or huge: limits by hand.
    ///
    /// The argument is an intermediate quantity p·q, and what is derived, so that it may be anything.
    @Test(
        arguments: [
            ("exp", "-inf", 0.0, 0.0), ("exp", "inf", .infinity, .infinity), ("exp", "-0.0", 1, 1),
            ("exp", "800", .infinity, .infinity),
            ("log", "0", -.infinity, .infinity), ("log", "inf", .infinity, 0),
            ("log", "5e-324", -744.4400719213812, .infinity),
            ("sqrt", "0", 0, .infinity), ("sqrt", "inf", .infinity, 0),
            ("sin", "5e-324", .leastNonzeroMagnitude, 1), ("sin", "-0.0", -0.0, 1), ("sin", "inf", .nan, .nan),
            ("cos", "0", 1, 0),
            ("tan", "0", 0, 1), ("asin", "1", .pi / 2, .infinity), ("asin", "2", .nan, .nan),
            ("acos", "-1", .pi, -.infinity), ("atan", "inf", .pi / 2, 0), ("atan", "-1.7e308", -.pi / 2, 0),
            ("sinh", "-inf", -.infinity, .infinity), ("cosh", "inf", .infinity, .infinity),
            ("cosh", "-800", .infinity, -.infinity),
            ("tanh", "900", 1, 0), ("tanh", "-inf", -1, 0), ("tanh", "1e-300", 1e-300, 1),
            ("abs", "-inf", .infinity, -1), ("abs", "-0.0", 0, 0), ("abs", "-5e-324", .leastNonzeroMagnitude, -1),
            ("sign", "0", 0, 0),
            ("sign", "inf", 1, 0), ("erf", "inf", 1, 0), ("erf", "-30", -1, 0), ("erfc", "-inf", 2, 0),
            ("erfc", "30", 0, 0),
            ("log1p", "1e-20", 1e-20, 1), ("log1p", "-1", -.infinity, .infinity), ("log1p", "inf", .infinity, 0),
            ("expm1", "1e-20", 1e-20, 1), ("expm1", "-800", -1, 0), ("expm1", "inf", .infinity, .infinity),
            ("sigmoid", "-800", 0, 0), ("sigmoid", "800", 1, 0), ("sigmoid", "-inf", 0, 0), ("sigmoid", "0", 0.5, 0.25),
            ("relu", "5e-324", .leastNonzeroMagnitude, 1), ("relu", "-5e-324", 0, 0), ("relu", "inf", .infinity, 1),
            ("relu", "-inf", 0, 0),
            ("softplus", "900", 900, 1), ("softplus", "-900", 0, 0), ("softplus", "inf", .infinity, 1),
            ("softplus", "-inf", 0, 0),
            ("silu", "900", 900, 1), ("silu", "-900", 0, 0), ("gelu", "900", 900, 1), ("gelu", "-900", 0, 0),
            ("gelu", "1.7e308", 1.7e308, 1), ("gelu", "-1.7e308", 0, 0), ("silu", "-1.7e308", 0, 0),
            ("heaviside", "5e-324", 1, 0), ("heaviside", "-0.0", 0, 0), ("heaviside", "inf", 1, 0),
        ] as [(String, String, Double, Double)])
    func limits(_ name: String, _ argument: String, _ value: Double, _ slope: Double) throws {
        // 1e308·10 overflows to the infinity that no values file can hold.
        let (p, q): (String, String) =
            argument == "inf" ? ("1e308", "10") : argument == "-inf" ? ("-1e308", "10") : (argument, "1")
        let text = "param p, q\nz = p*q\ny = \(name)(z)\ncost C = y"
        let result = try SpecEvaluation(text, at: #"{"p": \#(p), "q": \#(q)}"#, wrt: ["z"])
        #expect(Self.isSame(result.cost, value, 1e-15, 0), "\(result.cost)")
        let got = try result.entry("z")
        #expect(Self.isSame(got, slope, 1e-15, 0), "\(got)")
    }

    /// atan2 in four quadrants and on the axes: the angle, and (x, −y)/(x² + y²).
    @Test func fourQuadrants() throws {
        let points: [(y: Double, x: Double, angle: Double)] = [
            (1, 1, .pi / 4), (1, -1, 3 * .pi / 4), (-1, -1, -3 * .pi / 4), (-1, 1, -.pi / 4), (0, 2, 0), (0, -2, .pi),
            (3, 0, .pi / 2), (-3, 0, -.pi / 2), (1e200, 1e200, .pi / 4), (1e-200, -1e-200, 3 * .pi / 4),
            (1e-300, 1e300, 0),
        ]
        for (y, x, angle) in points {
            let result = try SpecEvaluation("param y, x\ncost C = atan2(y, x)", at: #"{"y": \#(y), "x": \#(x)}"#)
            #expect(Self.isSame(result.cost, angle, 1e-15, 0), "atan2(\(y), \(x))")
            // In units of the larger one, so that nothing overflows.
            let unit = max(abs(y), abs(x))
            let (b, a) = (y / unit, x / unit)
            #expect(Self.isSame(try result.entry("y"), a / (a * a + b * b) / unit, 1e-14, 0), "atan2(\(y), \(x))")
            #expect(Self.isSame(try result.entry("x"), -b / (a * a + b * b) / unit, 1e-14, 0), "atan2(\(y), \(x))")
        }
    }

    /// u^v and pow(u, v) where u is 0 or negative, and v whole, fractional or variable.
    @Test(
        arguments: [
            (0.0, 0.0, 1.0, 0.0, Double.nan), (0, 1, 0, 1, 0), (0, 2, 0, 0, 0), (0, 0.5, 0, .infinity, 0),
            (0, 3, 0, 0, 0),
            (-2, 2, 4, -4, .nan), (-2, 3, -8, 12, .nan), (-2, -1, -0.5, -0.25, .nan), (-2, 0.5, .nan, .nan, .nan),
            (-2, 0, 1, 0, .nan), (2, -2, 0.25, -0.25, 0.17328679513998632), (4, 0.5, 2, 0.25, 2.772588722239781),
            (2, 0, 1, 0, 0.6931471805599453), (-1, 1e15, 1, -1e15, .nan), (1e-200, 2, 0, 2e-200, 0),
            (1e200, 2, .infinity, 2e200, .infinity),
        ] as [(Double, Double, Double, Double, Double)])
    func powers(_ u: Double, _ v: Double, _ value: Double, _ byBase: Double, _ byExponent: Double) throws {
        for body in ["u^v", "pow(u, v)"] {
            let result = try SpecEvaluation("param u, v\ncost C = \(body)", at: #"{"u": \#(u), "v": \#(v)}"#)
            #expect(Self.isSame(result.cost, value, 1e-15, 0), "\(body) is \(result.cost)")
            let (base, exponent) = (try result.entry("u"), try result.entry("v"))
            #expect(Self.isSame(base, byBase, 1e-15, 0), "by u: \(base)")
            // 0^0·log 0 is not defined by language.md.
            if !byExponent.isNaN { #expect(Self.isSame(exponent, byExponent, 1e-15, 0), "by v: \(exponent)") }
        }
        // The same exponent as a number of the spec.
        if v.magnitude < 1e3 {
            let result = try SpecEvaluation("param u\ncost C = u^(\(v))", at: #"{"u": \#(u)}"#)
            #expect(Self.isSame(result.cost, value, 1e-15, 0), "\(result.cost)")
            let slope = try result.entry("u")
            #expect(Self.isSame(slope, byBase, 1e-15, 0), "\(slope)")
        }
    }
}

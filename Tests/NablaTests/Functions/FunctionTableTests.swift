import Foundation
import Testing

@testable import Nabla

@Suite struct FunctionTableTests {
    private static let table = FunctionTable.standard

    private static func row(_ name: String) throws -> Function {
        table[try #require(table.id(named: name))]
    }

    private static func value(_ name: String, _ arguments: Double...) throws -> Double {
        try #require(try row(name).evaluate(arguments))
    }

    private static func partials(_ name: String, _ arguments: Double...) throws -> [Double] {
        try PartialEvaluator.partials(of: try row(name), at: arguments)
    }

    /// Equal, also as NaNs; zeros of either sign are equal.
    private static func same(_ left: Double, _ right: Double) -> Bool {
        left == right || left.isNaN && right.isNaN
    }

    @Test func everyFunctionOfTheLanguageHasItsRow() {
        let language =
            "exp log sqrt sin cos tan asin acos atan sinh cosh tanh abs sign erf log1p expm1 atan2 pow hypot min max"
            + " sigmoid relu leakyrelu elu softplus silu gelu heaviside"
        let names = language.split(separator: " ").map(String.init)
        #expect(names.count == 30)
        #expect(Self.table.names == names + ["erfc"])
        for (index, name) in Self.table.names.enumerated() {
            #expect(Self.table.id(named: name)?.raw == UInt16(index))
        }
        #expect(Self.table.id(named: "swish") == nil)
    }

    @Test func idsNameTheirRows() {
        let ids: [(FunctionID, String)] = [
            (.exp, "exp"), (.log, "log"), (.sqrt, "sqrt"), (.sin, "sin"), (.cos, "cos"), (.tan, "tan"),
            (.asin, "asin"), (.acos, "acos"), (.atan, "atan"), (.sinh, "sinh"), (.cosh, "cosh"), (.tanh, "tanh"),
            (.abs, "abs"), (.sign, "sign"), (.erf, "erf"), (.log1p, "log1p"), (.expm1, "expm1"), (.atan2, "atan2"),
            (.pow, "pow"), (.hypot, "hypot"), (.min, "min"), (.max, "max"), (.sigmoid, "sigmoid"), (.relu, "relu"),
            (.leakyrelu, "leakyrelu"), (.elu, "elu"), (.softplus, "softplus"), (.silu, "silu"), (.gelu, "gelu"),
            (.heaviside, "heaviside"), (.erfc, "erfc"),
        ]
        #expect(ids.count == Self.table.rows.count)
        for (id, name) in ids { #expect(Self.table[id].name == name) }
    }

    @Test func rowsAreWhole() throws {
        for row in Self.table.rows {
            #expect(row.isVariadic || row.partials.count == row.parameters.count)
            #expect(row.isVariadic == row.partials.isEmpty)
            #expect(row.accepts(argumentCount: row.parameters.count))
            #expect(!row.accepts(argumentCount: 1) || row.parameters.count == 1)
            #expect(row.accepts(argumentCount: 3) == row.isVariadic)
            #expect(row.evaluate([]) == nil)
            #expect(!row.summary.isEmpty)
            // Every text reads as an expression; conditions too.
            let arguments = row.parameters.map { _ in 0.5 }
            _ = try PartialEvaluator.partials(of: row, at: arguments)
            var values = Dictionary(uniqueKeysWithValues: zip(row.parameters, arguments))
            values["self"] = row.evaluate(arguments)
            values["pi"] = .pi
            for condition in row.kinkConditions + (row.domain.map { [$0] } ?? []) {
                let truth = try PartialEvaluator.value(of: condition, with: values)
                #expect(truth == 0 || truth == 1)
            }
        }
    }

    @Test func publishedValues() throws {
        var count: [String: Int] = [:]
        for line in PublishedValues.lines.split(separator: "\n") {
            let fields = line.split(separator: "|").map { $0.split(separator: " ").map(String.init) }
            try #require(fields.count == 3)
            let name = fields[0][0]
            let arguments = fields[0].dropFirst().compactMap { Double($0) }
            let expected = try #require(Double(fields[1][0]))
            let derivatives = fields[2].compactMap { Double($0) }
            count[name, default: 0] += 1
            let row = try Self.row(name)
            let value = try #require(row.evaluate(arguments))
            // The C library's functions are within an ulp or two; gelu multiplies the rounding of −u/√2 by u².
            #expect(
                same(value, expected, relative: name == "gelu" ? 1e-12 : 2e-15, absolute: .leastNonzeroMagnitude),
                "\(line): \(value)")
            let partials = try PartialEvaluator.partials(of: row, at: arguments)
            try #require(partials.count == derivatives.count)
            // Where a derivative is small beside its greatest value, 1 − σ and 1 − tanh² have cancelled.
            let cancels = ["sigmoid", "tanh", "silu", "gelu"].contains(name) && arguments[0] > -2
            for (partial, derivative) in zip(partials, derivatives) {
                #expect(
                    same(
                        partial, derivative, relative: 2e-12,
                        absolute: cancels || name == "tanh" ? 4e-16 : 4 * .leastNonzeroMagnitude),
                    "\(line): \(partial)")
            }
        }
        #expect(count.count == 25)
        #expect(count.values.allSatisfy { $0 >= 5 })
    }

    private func same(_ value: Double, _ expected: Double, relative: Double, absolute: Double) -> Bool {
        if value == expected || value.isNaN && expected.isNaN { return true }
        return abs(value - expected) <= max(relative * abs(expected), absolute)
    }

    /// The limits at ±∞, by hand.
    @Test func limits() throws {
        let infinity = Double.infinity
        let expected: [(String, Double, Double)] = [
            ("exp", 0, infinity), ("sigmoid", 0, 1), ("tanh", -1, 1), ("relu", 0, infinity),
            ("softplus", 0, infinity), ("silu", 0, infinity), ("gelu", 0, infinity), ("heaviside", 0, 1),
            ("sign", -1, 1), ("abs", infinity, infinity), ("erf", -1, 1), ("erfc", 2, 0), ("expm1", -1, infinity),
            ("atan", -Double.pi / 2, Double.pi / 2), ("sinh", -infinity, infinity), ("cosh", infinity, infinity),
            ("log", .nan, infinity), ("log1p", .nan, infinity), ("sqrt", .nan, infinity), ("sin", .nan, .nan),
        ]
        for (name, atMinus, atPlus) in expected {
            #expect(Self.same(try Self.value(name, -infinity), atMinus), "\(name)(-inf)")
            #expect(Self.same(try Self.value(name, infinity), atPlus), "\(name)(inf)")
            if name != "log" && name != "sqrt" && name != "log1p" && name != "cosh" && name != "abs" {
                // The largest numbers go where the infinities go, except that those of slow growth stay finite.
                let huge = try Self.value(name, -.greatestFiniteMagnitude)
                #expect(huge == atMinus || huge.isNaN || !atMinus.isFinite || name == "sin", "\(name)(-huge)")
            }
        }
        let derivatives: [(String, Double, Double)] = [
            ("exp", 0, infinity), ("sigmoid", 0, 0), ("tanh", 0, 0), ("relu", 0, 1), ("softplus", 0, 1),
            ("heaviside", 0, 0), ("abs", -1, 1), ("erf", 0, 0), ("erfc", 0, 0), ("atan", 0, 0), ("expm1", 0, infinity),
        ]
        for (name, atMinus, atPlus) in derivatives {
            #expect(try Self.partials(name, -infinity) == [atMinus], "\(name)'(-inf)")
            #expect(try Self.partials(name, infinity) == [atPlus], "\(name)'(inf)")
            #expect(try Self.partials(name, -.greatestFiniteMagnitude) == [atMinus], "\(name)'(-huge)")
            #expect(try Self.partials(name, .greatestFiniteMagnitude) == [atPlus], "\(name)'(huge)")
        }
        for name in ["silu", "gelu"] {
            #expect(try Self.partials(name, -.greatestFiniteMagnitude) == [0])
            #expect(try Self.partials(name, .greatestFiniteMagnitude) == [1])
        }
        #expect(try Self.partials("sqrt", 0) == [infinity])
        #expect(try Self.partials("asin", 1) == [infinity])
        #expect(try Self.partials("acos", -1) == [-infinity])
        #expect(try Self.value("log", 0) == -infinity)
        #expect(try Self.value("log1p", -1) == -infinity)
    }

    @Test func issueExamples() throws {
        #expect(try Self.value("sigmoid", -800) == 0)
        #expect(try Self.value("log1p", 1e-20) == 1e-20)
        #expect(try Self.value("softplus", 900) == 900)
        #expect(try Self.value("softplus", -900) == 0)
        #expect(try Self.value("softplus", 0) == 0.6931471805599453)
        #expect(try Self.value("gelu", 900) == 900)
        #expect(try Self.value("gelu", -900) == 0)
    }

    /// A NaN in gives a NaN out, whichever argument it is, also in the derivative, unless that is constant.
    @Test func notANumber() throws {
        for row in Self.table.rows {
            for position in row.parameters.indices {
                var arguments = row.parameters.map { _ in 2.0 }
                arguments[position] = .nan
                // The slope counts only where u is not positive.
                if position == 1 && (row.name == "leakyrelu" || row.name == "elu") { arguments[0] = -1 }
                #expect(try #require(row.evaluate(arguments)).isNaN, "\(row.name) \(arguments)")
            }
        }
        #expect(try Self.partials("relu", .nan)[0].isNaN)
        #expect(try Self.partials("abs", .nan)[0].isNaN)
        #expect(try #require(try Self.row("max").evaluate([1, .nan, 2])).isNaN)
        #expect(try #require(try Self.row("min").evaluate([.nan, -.infinity, 2])).isNaN)
    }

    /// language.md's conventions where the derivative is one-sided.
    @Test func kinks() throws {
        for zero in [0.0, -0.0] {
            #expect(try Self.partials("relu", zero) == [0])
            #expect(try Self.partials("abs", zero) == [0])
            #expect(try Self.value("sign", zero) == 0)
            #expect(try Self.value("heaviside", zero) == 0)
            #expect(try Self.partials("heaviside", zero) == [0])
            #expect(try Self.partials("sign", zero) == [0])
            #expect(try Self.partials("leakyrelu", zero, 0.25) == [0.25, zero])
            #expect(try Self.partials("elu", zero, 1.5) == [1.5, zero])
            #expect(try Self.partials("hypot", zero, 0) == [0, 0])
            #expect(try Self.partials("hypot", zero, -0.0) == [0, 0])
        }
        #expect(try Self.row("max").derivative == .selection(.largest))
        #expect(try Self.row("min").derivative == .selection(.smallest))
        // The first of equal arguments: visible in the sign of zero.
        #expect(try #require(try Self.row("max").evaluate([-0.0, 0.0])).sign == .minus)
        #expect(try #require(try Self.row("min").evaluate([0.0, -0.0])).sign == .plus)
        #expect(try Self.row("max").evaluate([1, 7, -3, 7]) == 7)
        #expect(try Self.row("min").evaluate([1, 7, -3, 7]) == -3)
    }

    /// A kink's expression vanishes there and only there.
    @Test func kinksVanish() throws {
        func kinks(_ name: String, _ arguments: Double...) throws -> [Double] {
            let row = try Self.row(name)
            var values = Dictionary(uniqueKeysWithValues: zip(row.parameters, arguments))
            values["self"] = row.evaluate(arguments)
            values["pi"] = .pi
            return try row.kinks.map { try PartialEvaluator.value(of: $0, with: values) }
        }
        for name in ["relu", "abs", "sign", "heaviside"] {
            #expect(try kinks(name, 0) == [0])
            #expect(try kinks(name, 1e-9) == [1e-9])
        }
        #expect(try kinks("elu", 0, 1) == [0])
        #expect(try kinks("hypot", 0, 0) == [0])
        #expect(try kinks("hypot", 3, 4) == [5])
        #expect(try kinks("atan2", 0, -2) == [2, 0])
        #expect(try kinks("atan2", -1e-300, -2)[1] == 0)
        #expect(try kinks("atan2", 0, 2) == [2, .pi])
    }

    /// `^` and `pow` at the corners of IEEE 754-2019, 9.2.1, and the derivative that language.md fixes there.
    @Test func powerAtZeroAndInfinity() throws {
        #expect(try Self.value("pow", 0, 0) == 1)
        #expect(try Self.value("pow", -8, 1.0 / 3).isNaN)
        #expect(try Self.value("pow", 0, -1) == .infinity)
        #expect(try Self.partials("pow", 0, 2) == [0, 0])
        #expect(try Self.partials("pow", -0.0, 3) == [0, 0])
        #expect(try Self.partials("pow", 0, 1) == [1, 0])
        #expect(try Self.partials("pow", 0, 0.5) == [.infinity, 0])
        #expect(try Self.partials("pow", 0, 0)[0] == 0)
        #expect(try Self.partials("pow", 5, 0)[0] == 0)
        #expect(try Self.partials("pow", .infinity, -1) == [0, 0])
        #expect(try Self.partials("pow", .infinity, 0)[0] == 0)
        #expect(try Self.partials("pow", -3, 2)[0] == -6)
        #expect(try Self.partials("pow", -3, 2)[1].isNaN)
    }

    /// Identities over the whole line that do not depend on how a function is computed.
    @Test func identities() throws {
        var generator = SeededGenerator(state: 10)
        for _ in 0..<2000 {
            let u = Double.random(in: -30...30, using: &generator)
            let ulp = 4e-15
            #expect(abs(try Self.value("sigmoid", u) + Self.value("sigmoid", -u) - 1) < ulp)
            #expect(abs(try Self.value("softplus", u) - Self.value("softplus", -u) - u) < 30 * ulp)
            #expect(abs(try Self.value("silu", u) + Self.value("silu", -u) - u * Self.value("tanh", u / 2)) < 30 * ulp)
            #expect(abs(try Self.value("gelu", u) - Self.value("gelu", -u) - u) < 30 * ulp)
            #expect(try Self.value("relu", u) - Self.value("relu", -u) == u)
            #expect(try Self.value("leakyrelu", u, 1) == u)
            #expect(try Self.value("abs", u) == u * Self.value("sign", u))
            #expect(abs(try Self.value("erf", u) + Self.value("erfc", u) - 1) < ulp)
        }
    }

    @Test func formsInPrint() throws {
        #expect(try Self.row("sigmoid").latex == .symbol("sigma"))
        #expect(try Self.row("relu").latex == .named("ReLU"))
        #expect(try Self.row("sin").latex == .command("sin"))
        #expect(try Self.row("sqrt").latex == .radical)
    }
}

import Foundation
import Testing

@testable import Nabla

/// Files of values: what is read, and what is said of what cannot be read.
@Suite struct ValuesReaderTests {
    private static let network = """
        size L = 2
        size n(0...L) = [2, 3, 2]
        size N
        layer l in 1...L
        input x[n(0)]
        target y[n(L)] distribution
        param w(l)[n(l), n(l-1)], scale
        const rate, c[2] = [1, 2], v[N]
        a(0)[k] = x[k] * scale
        a(l)[j] = sum(k: w(l)[j,k] * a(l-1)[k])
        cost C0 = sum(j: (a(L)[j] - y[j])^2) * rate + sum(i: c[i]) + sum(i: v[i])
        cost C = mean(examples: C0)
        """

    private static let good = """
        {"N": 3, "w": {"1": [[1, 2], [3, 4], [5, 6]], "2": [[1, 0, 0], [0, 1e0, -0.0]]}, "scale": 0.5, "rate": 2,
         "v": [1, 2, 3], "examples": [{"x": [1, 1], "y": [0.25, 0.75]}]}
        """

    private static func diagnostics(_ text: String, _ spec: String = network) throws -> [Diagnostic] {
        let system = try Evaluation.resolve(spec)
        do {
            _ = try ValuesReader.read(SourceText(name: "values.json", text: text), for: system)
            return []
        } catch let error as ValuesError {
            return error.diagnostics
        }
    }

    @Test func goodValues() throws {
        #expect(try Self.diagnostics(Self.good).isEmpty)
        // a(1) = (1.5, 3.5, 5.5), a(2) = (1.5, 3.5).
        let result = try Evaluation(Self.network, Self.good)
        #expect(result.cost == 2 * (1.25 * 1.25 + 2.75 * 2.75) + 3 + 6)
    }

    /// One replacement in the good values, the message that it gets, and the text that is marked.
    @Test(
        arguments: [
            (#""N": 3"#, #""N": 0"#, "N: a size is an integer of at least 1", "0"),
            (#""N": 3"#, #""N": 2.5"#, "N: a size is an integer of at least 1", "2.5"),
            (#""N": 3, "#, "", "N: no value is given for this size", "}"),
            (#""rate": 2,"#, "", "rate: no value is given", "}"),
            (#""rate": 2"#, #""rate": "two""#, "rate: expected a number, found a text", #""two""#),
            (#""rate": 2"#, #""rate": null"#, "rate: expected a number, found null", "null"),
            (#""rate": 2"#, #""rate": [2]"#, "rate: expected a number, found an array", "[2]"),
            ("[1, 2, 3]", "[1, 2]", "v: expected 3 numbers, found 2", "[1, 2]"),
            ("[1, 2, 3]", "[1, true, 3]", "v[1]: expected a number, found true", "true"),
            ("[3, 4]", "[3]", #"w."1"[1]: expected 2 numbers, found 1"#, "[3]"),
            ("[3, 4], ", "", #"w."1": expected 3 arrays, found 2"#, "[[1, 2], [5, 6]]"),
            (#""2": [[1"#, #""3": [[1"#, #"w: there is no stage "3", only 1 to 2"#, #""3""#),
            (#""w": {"1""#, #""w": {"01""#, #"w: there is no stage "01", only 1 to 2"#, #""01""#),
            (#""scale": 0.5"#, #""scal": 0.5"#, "nothing that the spec declares is called 'scal'", #""scal""#),
            (#""scale": 0.5"#, #""scale": 0.5, "L": 2"#, "the size 'L' has its value in the spec", #""L""#),
            (#""scale": 0.5"#, #""scale": 0.5, "c": [1, 2]"#, "the constant 'c' has its value in the spec", #""c""#),
            (#""scale": 0.5"#, #""scale": 0.5, "a": 2"#, "'a' is computed, not given", #""a""#),
            (#""scale": 0.5"#, #""scale": 0.5, "scale": 1"#, #""scale" stands twice in the same object"#, #""scale""#),
            (
                "[0.25, 0.75]", "[0.25, 0.5]", "examples[0].y: a distribution sums to 1, but this sums to 0.75",
                "[0.25, 0.5]"
            ),
            (#""x": [1, 1]"#, #""x": [1]"#, "examples[0].x: expected 2 numbers, found 1", "[1]"),
            (#""x": [1, 1], "#, "", "examples[0].x: no value is given", "}"),
            (#""x": [1, 1]"#, #""x": [1, 1], "z": 1"#, "examples[0]: no input or target is called 'z'", #""z""#),
            (
                #"[{"x": [1, 1], "y": [0.25, 0.75]}]"#, "[]",
                "examples: expected an array of at least one object, found an empty array", "[]"
            ),
            (
                #""scale": 0.5"#, #""scale": 0.5, "x": [1, 1]"#,
                #"x: where there are "examples", its values stand inside of them"#, "[1, 1]"
            ),
            ("0.5", "05", "a number has no leading zeros", "05"),
            ("0.5", "1e999", "this number is too large", "1e999"),
            ("0.5", "1.", "a number needs digits after the point", "1."),
            ("0.5", "nan", "a value is expected here", "n"),
            (#""rate": 2"#, "rate: 2", "a name in double quotes is expected here", "r"),
            (#""rate": 2"#, #""rate" 2"#, "':' is expected here", "2"),
            (#"[1, 2, 3], "#, "[1, 2, 3,], ", "a value is expected here", "]"),
            (#"0.75]}]"#, "0.75]}", "',' or ']' is expected here", "}"),
        ])
    func badValues(old: String, new: String, message: String, marked: String) throws {
        let text = Self.good.replacingOccurrences(of: old, with: new)
        #expect(text != Self.good)
        let found = try Self.diagnostics(text)
        let first = try #require(found.first { $0.message == message }, "\(found.map(\.message))")
        #expect(SourceText(name: "", text: text).text(first.range) == marked)
    }

    @Test func allErrorsAtOnce() throws {
        let text =
            #"{"N": 3, "w": {"1": [[1, 2], [3], [5, "x"]]}, "scal": 0.5, "v": [1], "rate": 1, "x": [1, 2], "y": [1, 1]}"#
        let found = try Self.diagnostics(text)
        #expect(found.count == 7)
        #expect(found.contains { $0.notes.contains { $0.message == "did you mean 'scale'?" } })
    }

    @Test func nonFiniteNumbers() throws {
        let spec = "size N = 3\nparam x[N]\ny[i in 0..<N] = x[i]\ncost C = y[0]"
        let result = try Evaluation(spec, #"{"x": ["nan", "inf", "-inf"]}"#, all: true)
        let expected =
            #"{"cost": {"name": "C", "value": "nan"}, "quantities": {"y": ["nan", "inf", "-inf"], "C": "nan"}}"#
        #expect(result.results.json == expected)
    }

    @Test func symbolicStages() throws {
        let spec = """
            size L
            size n(0...L)
            layer l in 1...L
            param w(l)[n(l), n(l-1)]
            cost C = sum(l, j, k: w(l)[j,k])
            """
        let values = #"{"L": 2, "n": {"0": 1, "1": 2, "2": 1}, "w": {"1": [[1], [2]], "2": [[3, 4]]}}"#
        #expect(try Evaluation(spec, values, wrt: []).cost == 10)
        let missing = #"{"L": 2, "n": {"0": 1, "2": 1}, "w": {"1": [[1], [2]], "2": [[3, 4]]}}"#
        #expect(try Self.diagnostics(missing, spec).map(\.message) == [#"n: no value is given for stage "1""#])
    }

    /// No text crashes the reader, and what is cut off is an error.
    @Test func everyPrefixAndMutation() throws {
        let bytes = Array(Self.good.utf8)
        let system = try Evaluation.resolve(Self.network)
        for length in 0..<bytes.count {
            let source = SourceText(name: "values.json", bytes: Array(bytes.prefix(length)))
            #expect(throws: ValuesError.self) { try ValuesReader.read(source, for: system) }
        }
        var state: UInt64 = 42
        for _ in 0..<2000 {
            var mutated = bytes
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let place = Int(state >> 33) % mutated.count
                mutated[place] = UInt8(truncatingIfNeeded: state >> 20)
            }
            _ = try? ValuesReader.read(SourceText(name: "values.json", bytes: mutated), for: system)
        }
    }

    /// Brackets nested as deep as the file is long overflow no stack.
    @Test func deepNesting() throws {
        let deep = #"{"v": "# + String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000) + "}"
        #expect(try !Self.diagnostics(deep).isEmpty)
        #expect(try !Self.diagnostics(String(repeating: "[", count: 200_000)).isEmpty)
    }
}

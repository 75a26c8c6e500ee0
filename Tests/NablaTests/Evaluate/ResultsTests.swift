import Foundation
import Testing

@testable import Nabla

/// What `nabla eval` prints: the form that cli.md gives.
@Suite struct ResultsTests {
    private static let spec = """
        size N = 2
        input x[N]
        target y
        param w[N], unused[N]
        z = sum(i: w[i] * x[i])
        cost C0 = (z - y)^2
        cost C = mean(examples: C0)
        """
    private static let batch =
        #"{"w": [1, 2], "unused": [0, 0], "examples": [{"x": [1, 1], "y": 1}, {"x": [0, 3], "y": 2}]}"#
    private static let single = #"{"w": [1, 2], "unused": [0, 0], "x": [1, 1], "y": 1}"#

    @Test func batchOfExamples() throws {
        // z = 3, 6; C0 = 4, 16; ∂C/∂w = mean of 2(z − y)x = (2·2·(1, 1) + 2·4·(0, 3))/2.
        let result = try Evaluation(Self.spec, Self.batch, wrt: [])
        let expected = #"{"cost": {"name": "C", "value": 10}, "gradient": {"w": [2, 14], "unused": [0, 0]}}"#
        #expect(result.results.json == expected)
    }

    @Test func allQuantities() throws {
        let result = try Evaluation(Self.spec, Self.batch, all: true)
        let expected = #"{"cost": {"name": "C", "value": 10}, "quantities": {"z": [3, 6], "C0": [4, 16], "C": 10}}"#
        #expect(result.results.json == expected)
    }

    /// The gradient with respect to data has an entry for each example; with one example at the top level there is no list.
    @Test func gradientOfData() throws {
        let result = try Evaluation(Self.spec, Self.batch, wrt: ["x", "z"])
        // ∂C/∂x_i = (z − y)·w_i for the mean of two, and ∂C/∂z = z − y.
        let expected = #""gradient": {"x": [[2, 4], [4, 8]], "z": [2, 4]}}"#
        #expect(result.results.json.hasSuffix(expected))
        let one = try Evaluation(Self.spec, Self.single, wrt: ["x", "z"])
        #expect(one.results.json == #"{"cost": {"name": "C", "value": 4}, "gradient": {"x": [4, 8], "z": 4}}"#)
    }

    /// The cost of one example, with one entry for each, even for a single one.
    @Test func costOfOneExample() throws {
        let spec = Self.spec.replacingOccurrences(of: "cost C = mean(examples: C0)", with: "")
        let result = try Evaluation(spec, Self.batch, wrt: [])
        let expected =
            #"{"cost": {"name": "C0", "value": [4, 16]}, "gradient": {"w": [[4, 4], [0, 24]], "unused": [[0, 0], [0, 0]]}}"#
        #expect(result.results.json == expected)
        let list = #"{"w": [1, 2], "unused": [0, 0], "examples": [{"x": [1, 1], "y": 1}]}"#
        #expect(try Evaluation(spec, list, wrt: []).results.json.contains(#""value": [4]}"#))
        #expect(try Evaluation(spec, Self.single, wrt: []).results.json.contains(#""value": 4}"#))
    }

    /// A body without data: its mean is itself, and its sum is it as many times as there are examples.
    @Test func reductionsWithoutData() throws {
        let spec = """
            input x
            param w
            cost C = mean(examples: w) + 10 * sum(examples: w) + 100 * sum(examples: x)
            """
        let values = #"{"w": 3, "examples": [{"x": 1}, {"x": 5}]}"#
        let result = try Evaluation(spec, values, wrt: [])
        #expect(result.cost == 3 + 60 + 600)
        #expect(try result.gradient("w")[] == 21)
    }

    /// Several stages, ragged, and pieces of one vector.
    @Test func shapes() throws {
        let spec = """
            size T = 2
            size L = 2
            size n(1...L) = [1, 2]
            step t in 1...T
            layer l in 1...L
            param w(t, l)[n(l)]
            p[0] = 7
            p[i in 1..<3] = p[0] + i
            cost C = sum(t, l, i: w(t,l)[i]^2) + p[1]
            """
        let values = #"{"w": {"1": {"1": [1], "2": [2, 3]}, "2": {"1": [4], "2": [5, 6]}}}"#
        let result = try Evaluation(spec, values, wrt: [], all: true)
        let gradient = #""gradient": {"w": {"1": {"1": [2], "2": [4, 6]}, "2": {"1": [8], "2": [10, 12]}}}"#
        #expect(result.results.json.contains(gradient))
        #expect(result.results.json.contains(#""p": [7, 8, 9]"#))
    }

    @Test func numbersReadBack() throws {
        let spec = "param x\ncost C = x"
        for value in [0.1, 1.0 / 3, 1e-300, 1.7976931348623157e308, Double.leastNonzeroMagnitude, -0.0, 123456789.125] {
            let json = try Evaluation(spec, "{\"x\": \(value)}").results.json
            let text = try #require(json.components(separatedBy: "\"value\": ").last).dropLast(2)
            #expect(Double(text)?.bitPattern == value.bitPattern)
        }
    }
}

import Foundation
import Testing

@testable import Nabla

/// The oracle on specs whose derivatives are known: it proves others only if it is right itself.
@Suite struct OracleTests {
    private static func gradient(
        _ text: String, _ json: String, of cost: String? = nil, wrt name: String
    ) throws -> (value: Double, entries: [[Int]: Double], nearKinks: Int) {
        let system = try Comparison.resolve(text)
        var oracle = Oracle(system, try OracleValues(json: json))
        let target = try #require(system.quantities.firstIndex { $0.name == name })
        let result = try oracle.gradient(of: try #require(system.costs.last), wrt: [QuantityID(target)])
        var entries: [[Int]: Double] = [:]
        for (element, value) in result.entries { entries[element.indices] = value }
        return (result.value, entries, oracle.nearKinks)
    }

    /// Matt Mazur's network, as in PublishedGradientTests.
    @Test func mazurNetwork() throws {
        let text = """
            layer l in 1...2
            input x[2]
            target y[2]
            param w(l)[2,2], b(l)
            a(0)[k] = x[k]
            z(l)[j in 0..<2] = sum(k: w(l)[j,k] * a(l-1)[k]) + b(l)
            a(l)[j] = sigmoid(z(l)[j])
            cost E = mean(examples: 1/2 * sum(j: (y[j] - a(2)[j])^2))
            """
        let json = """
            {"w": {"1": [[0.15, 0.2], [0.25, 0.3]], "2": [[0.4, 0.45], [0.5, 0.55]]}, "b": {"1": 0.35, "2": 0.6},
             "examples": [{"x": [0.05, 0.1], "y": [0.01, 0.99]}]}
            """
        let result = try Self.gradient(text, json, wrt: "w")
        #expect(agrees(result.value, 0.2983711087600027))
        #expect(agrees(try #require(result.entries[[2, 0, 0]]), 0.08216704056423077))
        #expect(agrees(try #require(result.entries[[1, 0, 0]]), 0.0004385677344743465))
    }

    @Test func rosenbrock() throws {
        let text = """
            size N
            param x[N]
            cost f = sum(i in 0..<N-1: 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)
            """
        let json = #"{"N": 9, "x": [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]}"#
        let result = try Self.gradient(text, json, wrt: "x")
        for (position, expected) in [-2, 10.6, 15.6, 13.4, 6.4, -3, -12.4, -19.4, 62].enumerated() {
            #expect(agrees(try #require(result.entries[[position]]), expected))
        }
    }

    /// A step function of an intermediate: the derivative is with respect to the quantity, whatever it is made of.
    @Test func intermediateQuantities() throws {
        let result = try Self.gradient(
            "size N = 2\nparam u[N]\nz[i] = u[i]^2\ncost f = z[0] * z[1]", #"{"u": [2, 3]}"#, wrt: "z")
        #expect(result.entries == [[0]: 9, [1]: 4])
    }

    @Test func kinksAreCounted() throws {
        let near = try Self.gradient("param u\ncost f = relu(u)", #"{"u": 1e-7}"#, wrt: "u")
        #expect(near.nearKinks == 1)
        let far = try Self.gradient("param u\ncost f = relu(u)", #"{"u": 0.1}"#, wrt: "u")
        #expect(far.nearKinks == 0)
        let tie = try Self.gradient(
            "size N = 3\nparam u[N]\ncost f = max(i: u[i])", #"{"u": [1, 2, 2.000001]}"#, wrt: "u")
        #expect(tie.nearKinks == 1)
        let indices = try Self.gradient(
            "size N = 3\nparam u[N]\ncost f = sum(i: (i == 1 ? u[i] : 0))", #"{"u": [1, 2, 2]}"#, wrt: "u")
        #expect(indices.nearKinks == 0)
        #expect(indices.entries == [[0]: 0, [1]: 1, [2]: 0])
    }

    /// No stack as deep as the network.
    @Test func longRecurrences() throws {
        let text = """
            size T = 20000
            step t in 1...T
            param w
            h(0) = 1
            h(t) = w * h(t-1)
            cost f = h(T)
            """
        let result = try Self.gradient(text, #"{"w": 1}"#, wrt: "w")
        #expect(result.entries == [[]: 20_000])
    }
}

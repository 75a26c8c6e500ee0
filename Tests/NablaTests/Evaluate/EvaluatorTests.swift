import Foundation
import Testing

@testable import Nabla

/// Values and gradients against numbers that were published or worked out by hand.
@Suite struct EvaluatorTests {
    /// "A Step by Step Backpropagation Example", Matt Mazur, 2015: the total error, and what he prints of its gradient.
    @Test func stepByStepExample() throws {
        let spec = """
            size L = 2
            size n(0...L) = [2, 2, 2]
            layer l in 1...L
            input x[n(0)]
            target y[n(L)]
            param w(l)[n(l), n(l-1)], b(l)[n(l)]
            a(0)[k] = x[k]
            z(l)[j] = sum(k: w(l)[j,k] * a(l-1)[k]) + b(l)[j]
            a(l)[j] = sigmoid(z(l)[j])
            cost C0 = sum(j: 1/2 * (y[j] - a(L)[j])^2)
            cost C = mean(examples: C0)
            """
        let values = """
            {"w": {"1": [[0.15, 0.2], [0.25, 0.3]], "2": [[0.4, 0.45], [0.5, 0.55]]},
             "b": {"1": [0.35, 0.35], "2": [0.6, 0.6]},
             "examples": [{"x": [0.05, 0.1], "y": [0.01, 0.99]}]}
            """
        let result = try Evaluation(spec, values, wrt: [])
        #expect(isClose(result.cost, 0.298371109, 1e-9))
        let w = try result.gradient("w")
        #expect(isClose(try #require(w[2, 0, 0]), 0.082167041, 1e-9))
        #expect(isClose(try #require(w[1, 0, 0]), 0.000438568, 1e-9))
        #expect(result.results.json.hasPrefix(#"{"cost": {"name": "C", "value": 0.29837110876000"#))
    }

    // MARK: Recurrences

    /// h(t,l) = h(t-1,l) + h(t,l-1) from ones counts lattice paths: binomial(t + l, t).
    @Test func recurrenceOverTwoStages() throws {
        let spec = """
            size T = 6
            size L = 4
            step t in 1...T
            layer l in 1...L
            h(0,0) = 1
            h(0,l) = 1
            h(t,0) = 1
            h(t,l) = h(t-1,l) + h(t,l-1)
            cost C = h(T,L)
            """
        let result = try Evaluation(spec, all: true)
        #expect(result.cost == 210)  // binomial(10, 4)
        let h = try result.quantity("h")
        for t in 0...6 {
            for l in 0...4 {
                var binomial = 1
                for factor in 0..<t { binomial = binomial * (l + factor + 1) / (factor + 1) }
                #expect(h[t, l] == Double(binomial))
            }
        }
    }

    /// r(t) = x(t) + r(t+1)/2 runs backwards.
    @Test func backwardRecurrence() throws {
        let spec = """
            size T = 5
            step t in 1...T
            input x(t)
            r(T) = x(T)
            r(t in 1..<T) = x(t) + 1/2 * r(t+1)
            cost C = r(1)
            """
        let result = try Evaluation(spec, #"{"x": {"1": 1, "2": 2, "3": 4, "4": 8, "5": 16}}"#, wrt: ["x"])
        #expect(result.cost == 5)
        let x = try result.gradient("x")
        #expect((1...5).map { x[$0] } == [1, 0.5, 0.25, 0.125, 0.0625])
        #expect(result.program.description.contains("reversed"))
    }

    /// Fibonacci's numbers: a recurrence that reads two stages back, with two base cases.
    @Test func recurrenceThatSkips() throws {
        let spec = """
            size T = 20
            step t in 0...T
            f(0) = 0
            f(1) = 1
            f(t in 2...T) = f(t-1) + f(t-2)
            cost C = f(T)
            """
        #expect(try Evaluation(spec).cost == 6765)
    }

    /// A bidirectional network: one recurrence runs up, the other down, and both meet in the output.
    @Test func bidirectional() throws {
        let spec = """
            size T = 4
            step t in 1...T
            input x(t)
            f(0) = 0
            f(t) = f(t-1) + x(t)
            g(T+1) = 0
            g(t) = g(t+1) + x(t)
            o(t) = f(t) * g(t)
            cost C = sum(t: o(t))
            """
        let result = try Evaluation(spec, #"{"x": {"1": 1, "2": 2, "3": 3, "4": 4}}"#)
        #expect(result.cost == 119)  // 1·10 + 3·9 + 6·7 + 10·4
    }

    /// A million layers are one loop: the program is as long as for three.
    @Test func depthIsNotUnrolled() throws {
        func spec(_ depth: Int) -> String {
            """
            size L = \(depth)
            layer l in 1...L
            param w
            a(0) = 1
            a(l) = w * a(l-1) + 1
            cost C = a(L)
            """
        }
        let shallow = try Evaluation(spec(3), #"{"w": 0.5}"#, wrt: [])
        let deep = try Evaluation(spec(100_000), #"{"w": 0.5}"#, wrt: [])
        #expect(shallow.cost == 1.875)
        #expect(deep.cost == 2)
        // d/dw of 1/(1-w) is 1/(1-w)^2.
        #expect(isClose(try #require(deep.gradient("w")[]), 4))
        #expect(shallow.program.description == deep.program.description)
    }

    // MARK: Index ranges

    /// Σ over all weights of layers of different widths.
    @Test func raggedStages() throws {
        let spec = """
            size L = 3
            size n(0...L) = [2, 3, 1, 2]
            layer l in 1...L
            param w(l)[n(l), n(l-1)]
            cost C = sum(l, j, k: w(l)[j,k] * (100*l + 10*j + k))
            """
        let values = """
            {"w": {"1": [[1, 2], [3, 4], [5, 6]], "2": [[7, 8, 9]], "3": [[10], [11]]}}
            """
        let result = try Evaluation(spec, values, wrt: [])
        let factors = [100, 101, 110, 111, 120, 121, 200, 201, 202, 300, 310]
        var expected = 0
        for (position, factor) in factors.enumerated() { expected += (position + 1) * factor }
        #expect(result.cost == Double(expected))
        let text =
            #""gradient": {"w": {"1": [[100, 101], [110, 111], [120, 121]], "2": [[200, 201, 202]], "3": [[300], [310]]}}}"#
        #expect(result.results.json.hasSuffix(text))
    }

    /// Σ_{i} Σ_{j<i} x_i x_j = ((Σx)² − Σx²)/2.
    @Test func triangularSum() throws {
        let spec = """
            size N = 5
            input x[N]
            cost C = sum(i in 0..<N, j in 0..<i: x[i] * x[j])
            """
        let result = try Evaluation(spec, #"{"x": [1, 2, 3, 4, 5]}"#, wrt: ["x"])
        #expect(result.cost == (15 * 15 - 55) / 2)
        #expect(try result.gradient("x").values == [14, 13, 12, 11, 10])
    }

    /// A convolution with stride 2 and its transpose.
    @Test func stride() throws {
        let spec = """
            size M = 4
            size K = 3
            size N = 2*M + K - 2
            input x[N]
            param w[K]
            y[i in 0..<M] = sum(p: w[p] * x[2*i+p])
            cost C = sum(i: y[i] * (i + 1))
            """
        let result = try Evaluation(
            spec, #"{"x": [1, 2, 3, 4, 5, 6, 7, 8, 9], "w": [1, 10, 100]}"#, wrt: ["w", "x"])
        #expect(result.cost == 7650)  // 321 + 2·543 + 3·765 + 4·987
        #expect(try result.gradient("w").values == [50, 60, 70])  // Σ (i+1)·x_{2i+p}
        #expect(try result.gradient("x").values == [1, 10, 102, 20, 203, 30, 304, 40, 400])
        // The adjoint of x solves 2*i + p == u: no loop over both i and p.
        let text = result.program.description
        let backward = try #require(text.components(separatedBy: "// dC_dx\n").last)
        let nest = try #require(backward.components(separatedBy: "for each").first)
        #expect(nest.components(separatedBy: "for ").count - 1 == 2)
    }

    /// Padding: what is outside is not read.
    @Test func guardedAccess() throws {
        let spec = """
            size N = 4
            param y[N]
            d[i in 0..<N] = (i > 0 ? y[i-1] : 0) - (i < N-1 ? y[i+1] : 0)
            cost C = sum(i: d[i] * y[i] * (i + 1))
            """
        let result = try Evaluation(spec, #"{"y": [3, 5, 7, 11]}"#, wrt: [])
        let y: [Double] = [0, 3, 5, 7, 11, 0]
        var expected = 0.0
        for i in 1...4 { expected += (y[i - 1] - y[i + 1]) * y[i] * Double(i) }
        #expect(result.cost == expected)
        // Terms (i+1)·y_i·(y_{i-1} − y_{i+1}) telescope to Σ y_i·y_{i-1}: its derivative is the sum of both neighbours.
        #expect(try result.gradient("y").values == (1...4).map { y[$0 - 1] + y[$0 + 1] })
    }

    /// Rosenbrock's function at (0, 0.1, 0.2, 0.3).
    @Test func rosenbrock() throws {
        let spec = """
            size N = 4
            param x[N]
            cost C = sum(i in 0..<N-1: 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)
            """
        let result = try Evaluation(spec, #"{"x": [0, 0.1, 0.2, 0.3]}"#, wrt: [])
        #expect(isClose(result.cost, 13.82))
        let x = [0.0, 0.1, 0.2, 0.3]
        var expected = [0.0, 0, 0, 0]
        for i in 0..<3 {
            let difference: Double = x[i + 1] - x[i] * x[i]
            expected[i] += -400 * x[i] * difference
            expected[i] -= 2 * (1 - x[i])
            expected[i + 1] += 200 * difference
        }
        #expect(isClose(try result.gradient("x").values, expected))
    }

    // MARK: Reductions

    @Test(
        arguments: [
            ("sum", "[1, 2, 4]", 7), ("prod", "[2, 3, 7]", 42), ("mean", "[1, 2, 6]", 3), ("max", "[1, 5, 2]", 5),
            ("min", "[4, -5, 2]", -5), ("max", "[1, \"nan\", 2]", .nan), ("min", "[1, 2, \"nan\"]", .nan),
            ("max", "[\"-inf\", \"-inf\", \"-inf\"]", -.infinity), ("min", "[\"inf\", \"nan\", 0]", .nan),
            ("logsumexp", "[0, 0, 0]", 1.0986122886681098), ("logsumexp", "[1000, 1000, -1000]", 1000.6931471805599453),
            ("logsumexp", "[\"-inf\", \"-inf\", \"-inf\"]", -.infinity), ("logsumexp", "[\"-inf\", 2, \"-inf\"]", 2),
            ("logsumexp", "[3, \"inf\", 1]", .infinity), ("logsumexp", "[\"inf\", \"inf\", 1]", .infinity),
            ("logsumexp", "[\"inf\", \"nan\", 1]", .nan), ("logsumexp", "[-1000, -1001, -1002]", -999.59239403555562),
        ] as [(String, String, Double)])
    func reduction(keyword: String, values: String, expected: Double) throws {
        let spec = "size N = 3\nparam x[N]\ncost C = \(keyword)(i: x[i])"
        #expect(isClose(try Evaluation(spec, "{\"x\": \(values)}").cost, expected))
    }

    /// The first largest element, also where several are, or none can be compared.
    @Test(arguments: [("[1, 3, 3]", 1.0), ("[3, 3, 3]", 0), ("[1, \"nan\", 5]", 1), ("[\"-inf\", \"-inf\", 1]", 2)])
    func argmax(values: String, expected: Double) throws {
        let spec = "size N = 3\nparam x[N]\ncost C = sum(k in 0..<N: (argmax(i: x[i]) == k ? k : 0))"
        #expect(try Evaluation(spec, "{\"x\": \(values)}").cost == expected)
        let negated = "size N = 3\nparam x[N]\ncost C = sum(k in 0..<N: (argmin(i: -x[i]) == k ? k : 0))"
        #expect(try Evaluation(negated, "{\"x\": \(values)}").cost == expected)
    }

    @Test func argmaxOfTwoIndices() throws {
        let spec = """
            size N = 2
            size M = 3
            param A[N,M]
            cost C = sum(p in 0..<N, q in 0..<M: (argmax(i, j: A[i,j]) == (p, q) ? 10*p + q : 0))
            """
        #expect(try Evaluation(spec, #"{"A": [[1, 7, 2], [3, 4, 7]]}"#).cost == 1)
    }

    @Test func emptyReductions() throws {
        let sums = """
            size N
            param x[N]
            cost C = sum(i in 1..<N: x[i]) + prod(i in 1..<N: x[i])
            """
        #expect(try Evaluation(sums, #"{"N": 1, "x": [5]}"#).cost == 1)
        for keyword in ["max", "min", "mean", "logsumexp"] {
            let spec = "size N\nparam x[N]\ncost C = \(keyword)(i in 1..<N: x[i])"
            #expect(try Evaluation(spec, #"{"N": 2, "x": [5, 6]}"#).cost == 6)
            #expect(throws: (any Error).self) { try Evaluation(spec, #"{"N": 1, "x": [5]}"#) }
            // In a branch that is not taken there is no error.
            let guarded = "size N\nparam x[N]\ncost C = (N > 1 ? \(keyword)(i in 1..<N: x[i]) : 3)"
            #expect(try Evaluation(guarded, #"{"N": 1, "x": [5]}"#).cost == 3)
            #expect(try Evaluation(guarded, #"{"N": 2, "x": [5, 6]}"#).cost == 6)
        }
    }

    /// The derivative of a product by each factor, also where factors are 0.
    @Test(arguments: [([2.0, 3, 5, 7]), ([2, 0, 5, 7]), ([0, 3, 0, 7])])
    func productOfOthers(values: [Double]) throws {
        let spec = "size N = 4\nparam x[N]\ncost C = prod(i: x[i])"
        let result = try Evaluation(spec, "{\"x\": \(values)}", wrt: [])
        #expect(result.cost == values.reduce(1, *))
        let expected = values.indices.map { left in
            values.indices.reduce(1) { $1 == left ? $0 : $0 * values[$1] }
        }
        #expect(try result.gradient("x").values == expected)
    }

    // MARK: Conditions

    /// A branch that is not taken gives no NaN, in the value or in the gradient.
    @Test func branchNotTaken() throws {
        let spec = """
            size N = 3
            param x[N]
            cost C = sum(i: (x[i] > 0 ? log(x[i]) : 2*x[i]))
            """
        let result = try Evaluation(spec, #"{"x": [-1, 0, 1]}"#, wrt: [])
        #expect(result.cost == -2)
        #expect(try result.gradient("x").values == [2, 2, 1])
    }

    /// Conditions of conditions, with sums that are needed in one branch only.
    @Test func sumsInBranches() throws {
        let spec = """
            size N = 4
            param x[N], c
            s[j in 0..<N] = (j > 1 && c > 0 ? sum(i: x[i]) / x[j] : (j == 0 || c < -1 ? sum(i in 0..<j: x[i]) : -1))
            cost C = sum(j: s[j] * 10^j)
            """
        for (c, expected) in [(-2.0, 7310.0), (-1, -1110), (0.5, 2240)] {
            let cost = try Evaluation(spec, "{\"x\": [1, 2, 4, 8], \"c\": \(c)}").cost
            #expect(isClose(cost, expected))
        }
    }

    /// NaN compares with nothing, also where a condition is negated.
    @Test func comparisonsWithNaN() throws {
        let spec = "param x\ncost C = (x < 1 ? 1 : (x >= 1 ? 2 : (x == x ? 3 : (x != x ? 4 : 5))))"
        #expect(try Evaluation(spec, #"{"x": "nan"}"#).cost == 4)
        #expect(try Evaluation(spec, #"{"x": 0}"#).cost == 1)
        #expect(try Evaluation(spec, #"{"x": 1}"#).cost == 2)
    }

    // MARK: Functions and constants

    @Test func userFunctionsAndConstants() throws {
        let spec = """
            size N = 3
            const c[N] = [1, 2.5, -3], lambda = 0.1*3, third = 1/3
            func square(u) = u^2
            func poly(u, v) = square(u) + sum(i in 0..<3: v^i) * square(v)
            param x
            cost C = sum(i: c[i] * poly(x, c[i])) + lambda * third * 10
            """
        let result = try Evaluation(spec, #"{"x": 2}"#, wrt: [])
        var expected = 1.0
        for v in [1.0, 2.5, -3] {
            let square: Double = v * v
            let factor: Double = 1 + v + square
            expected += v * (4 + factor * square)
        }
        #expect(isClose(result.cost, expected))
        #expect(isClose(try #require(result.gradient("x")[]), 2))
    }

    @Test func exactNumbers() throws {
        #expect(try Evaluation("param x\ncost C = x + 0.1*3", #"{"x": 0}"#).cost == 0.3)
        #expect(try Evaluation("param x\ncost C = x + 1/3*3", #"{"x": 0}"#).cost == 1)
    }

    @Test func abstractFunctionsAreAnError() {
        #expect(throws: LoweringError.self) {
            try Evaluation("func sigma(u)\nparam x\ncost C = sigma(x)", #"{"x": 0}"#)
        }
    }
}

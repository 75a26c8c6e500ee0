import Foundation
import Testing

@testable import Nabla

/// What broke others.
@Suite struct ReplayTests {
    /// SymPy #21891: d/dx_i of Σ_i c_i x_i is c_i, not Σ c; the bound index is renamed.
    @Test func theBoundIndexIsNotCaptured() throws {
        let text = "size N = 3\nparam x[N]\nconst c[N] = [2, 3, 5]\ncost f = sum(i: c[i] * x[i])"
        let sum = try SpecEvaluation(text, at: #"{"x": [7, 11, 13]}"#)
        #expect(try sum.entries("x") == [2, 3, 5])
        #expect(try sum.equations(of: "x").count == 1)
        let body = try #require(try sum.equations(of: "x").first)
        #expect(body.firstMatch(of: /^c\[\w+\]$/) != nil, "\(body)")
    }

    /// SymPy #13994: a product over an index; with a factor of zero nothing is divided by it.
    @Test func productsOverAnIndex() throws {
        let text = "size N = 4\nparam x[N]\ncost f = prod(i: x[i])"
        #expect(try SpecEvaluation(text, at: #"{"x": [2, 3, 5, 7]}"#).entries("x") == [105, 70, 42, 30])
        #expect(try SpecEvaluation(text, at: #"{"x": [2, 0, 5, 7]}"#).entries("x") == [0, 70, 0, 0])
        #expect(try SpecEvaluation(text, at: #"{"x": [0, 0, 5, 7]}"#).entries("x") == [0, 0, 0, 0])
    }

    /// SymPy's matrix expressions, "TODO: wrong": sin(log(X)) elementwise is cos(log x) / x for each element.
    @Test func composedElementwiseFunctions() throws {
        let text = "size N = 3\nparam x[N]\ncost f = sum(i: sin(log(x[i])))"
        let values = [0.5, 2, 7]
        let entries = try SpecEvaluation(text, at: #"{"x": \#(values)}"#).entries("x")
        for (value, entry) in zip(values, entries) { #expect(agrees(entry, cos(log(value)) / value)) }
    }

    /// Symbolics.jl #461: a symbolic sum that derived to 0.
    @Test func aSumOverASymbolicSizeIsNotConstant() throws {
        let text = "size N\nparam x[N]\ncost f = sum(i: x[i]^2)"
        #expect(try SpecEvaluation(text, at: #"{"N": 4, "x": [1, 2, 3, 4]}"#).entries("x") == [2, 4, 6, 8])
    }

    /// symforce #445: max at a tie; language.md gives all of it to the first one.
    @Test func aTieGoesToTheFirst() throws {
        let pair = try SpecEvaluation("param u, v\ncost f = max(u, v) + 10*min(u, v)", at: #"{"u": 3, "v": 3}"#)
        #expect(try pair.entry("u") == 11)
        #expect(try pair.entry("v") == 0)
        let swapped = try SpecEvaluation("param u, v\ncost f = max(v, u)", at: #"{"u": 3, "v": 3}"#)
        #expect(try swapped.entry("v") == 1)
        let vector = try SpecEvaluation(
            "size N = 4\nparam x[N]\ncost f = max(i: x[i]) + 10*min(i: x[i])", at: #"{"x": [1, 5, 5, 1]}"#)
        #expect(try vector.entries("x") == [10, 1, 0, 0])
    }

    /// casadi #1878: the branch not taken gives no NaN, in the value or in the gradient.
    @Test(arguments: [
        ("(u > 0 ? log(u) : u^2)", -2.0, 4.0, -4.0),
        ("(u > 0 ? sqrt(u) : 3*u)", 0.0, 0.0, 3.0),
        ("(u != 0 ? sin(u)/u : 1)", 0.0, 1.0, 0.0),
        ("(u > 0 ? u^0.5 : 0) + u", -1.0, -1.0, 1.0),
        ("(u < 0 ? u : (u > 1 ? log(u - 1) : 0))", -3.0, -3.0, 1.0),
    ])
    func theBranchNotTaken(_ body: String, _ u: Double, _ value: Double, _ slope: Double) throws {
        let result = try SpecEvaluation("param u\ncost f = \(body)", at: #"{"u": \#(u)}"#)
        #expect(result.cost == value)
        #expect(try result.entry("u") == slope)
    }

    /// SymPy #24673: no recursion on depth; a sum of 108,000 terms and a chain of 108,000 operations.
    @Test(arguments: [true, false]) func depthAndWidthAreNoLimit(_ isChain: Bool) throws {
        let count = 108_000
        var text = "param u\ncost f = "
        if isChain {
            for _ in 0..<count { text += "-(" }
            text += "u"
            for _ in 0..<count { text += ")" }
        } else {
            text += Array(repeating: "u", count: count).joined(separator: " + ")
        }
        let result = try SpecEvaluation(text, at: #"{"u": 0.5}"#)
        #expect(try result.entry("u") == (isChain ? 1 : Double(count)))
    }

    /// language.md: what stands at a kink.
    @Test(arguments: [
        ("relu(u)", 0.0), ("abs(u)", 0.0), ("sign(u)", 0.0), ("heaviside(u)", 0.0), ("leakyrelu(u, 0.1)", 0.1),
        ("elu(u, 1.5)", 1.5), ("hypot(u, 0)", 0.0), ("max(u, 0)", 1.0), ("max(0, u)", 0.0), ("min(u, 0)", 1.0),
    ])
    func kinks(_ body: String, _ slope: Double) throws {
        let result = try SpecEvaluation("param u\ncost f = \(body)", at: #"{"u": 0}"#)
        #expect(try result.entry("u") == slope)
    }

    /// u^v at u = 0: ∂/∂v is 0 for v > 0, and ∂/∂u is v u^(v−1).
    @Test func powersAtZero() throws {
        let power = try SpecEvaluation("param u, v\ncost f = u^v", at: #"{"u": 0, "v": 2}"#)
        #expect(try power.entry("u") == 0)
        #expect(try power.entry("v") == 0)
        let negative = try SpecEvaluation("param u\ncost f = u^3 + u^-2", at: #"{"u": -2}"#)
        #expect(agrees(negative.cost, -8 + 0.25))
        #expect(agrees(try negative.entry("u"), 12 + 0.25))
    }

    /// Softmax, cross-entropy, log of sigmoid and log(1 + exp) at logits of ±1,000, as written plainly.
    @Test func logitsOfAThousand() throws {
        let softmax = """
            size K = 3
            param z[K]
            target y[K] distribution
            p[k] = exp(z[k]) / sum(j: exp(z[j]))
            cost C = -sum(k: y[k] * log(p[k]))
            """
        let loss = try SpecEvaluation(softmax, at: #"{"z": [1000, 0, -1000], "y": [0, 1, 0]}"#)
        #expect(agrees(loss.cost, 1000))
        #expect(try loss.entries("z") == [1, -1, 0])
        let sigmoid = try SpecEvaluation("param u\ncost C = log(sigmoid(u))", at: #"{"u": -1000}"#)
        #expect(agrees(sigmoid.cost, -1000))
        #expect(agrees(try sigmoid.entry("u"), 1))
        let softplus = try SpecEvaluation("param v\ncost C = log(1 + exp(v))", at: #"{"v": 1000}"#)
        #expect(agrees(softplus.cost, 1000))
        #expect(agrees(try softplus.entry("v"), 1))
        let sum = try SpecEvaluation(
            "size K = 2\nparam z[K]\ncost C = log(sum(k: exp(z[k])))", at: #"{"z": [1000, 1000]}"#)
        #expect(agrees(sum.cost, 1000 + log(2)))
        // u − logsumexp is rounded at the size of the logits: 1000 · 2⁻⁵³.
        for entry in try sum.entries("z") { #expect(agrees(entry, 0.5, within: 1e-12)) }
    }

    /// A recurrence over many stages: its evaluation and its derivation do not recurse, and the derived system has a size
    /// that does not depend on the number of layers.
    @Test func aHundredThousandLayers() throws {
        func text(_ layers: Int) -> String {
            "size L = \(layers)\nlayer l in 1...L\nparam w\na(0) = 1\na(l) = tanh(w * a(l-1)) + a(l-1)\ncost f = a(L)"
        }
        let deep = try SpecEvaluation(text(100_000), at: #"{"w": 1e-6}"#)
        #expect(deep.cost.isFinite)
        let slope = try deep.entry("w")
        // a(L) ≈ (1 + w)^L.
        #expect(agrees(deep.cost, pow(1 + 1e-6, 100_000), within: 1e-6))
        #expect(agrees(slope, 100_000 * pow(1 + 1e-6, 99_999), within: 1e-6))
        let shallow = try SpecEvaluation(text(3), at: #"{"w": 0.5}"#)
        #expect(deep.derived.system.equations.count == shallow.derived.system.equations.count)
    }
}

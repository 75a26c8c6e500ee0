import Foundation
import Testing

@testable import Nabla

/// Derivatives that have a name: their values, and the form in which a textbook prints them.
@Suite struct IdentityTests {
    private static let softmax = """
        size K = 4
        param z[K]
        target y[K]
        p[k] = exp(z[k]) / sum(j: exp(z[j]))
        cost C = -sum(k: y[k] * log(p[k]))

        """

    /// p Σy − y, and p − y where Σy = 1 is declared.
    @Test func softmaxWithCrossEntropyCollapses() throws {
        let at = #"{"z": [0, 1, 2, -1], "y": [0.25, 0.5, 0.25, 0]}"#
        let plain = try SpecEvaluation(Self.softmax, at: at)
        #expect(try plain.equations(of: "z") == ["p[k] * sum(j: y[j]) - y[k]"])
        let declared = Self.softmax.replacingOccurrences(of: "target y[K]", with: "target y[K] distribution")
        let collapsed = try SpecEvaluation(declared, at: at)
        #expect(try collapsed.equations(of: "z") == ["p[k] - y[k]"])
        let numerators = [0.0, 1, 2, -1].map { exp($0) }
        let total = numerators.reduce(0, +)
        for (entry, (numerator, y)) in zip(try collapsed.entries("z"), zip(numerators, [0.25, 0.5, 0.25, 0])) {
            #expect(agrees(entry, numerator / total - y))
        }
        for (one, other) in zip(try plain.entries("z"), try collapsed.entries("z")) { #expect(agrees(one, other)) }
    }

    /// Binary cross-entropy of a sigmoid: a − y, whatever y is.
    @Test func sigmoidWithCrossEntropyCollapses() throws {
        let text = "param z\ntarget y\na = sigmoid(z)\ncost C = -(y*log(a) + (1 - y)*log(1 - a))"
        #expect(try SpecEvaluation(text, at: #"{"z": 1, "y": 0.25}"#).equations(of: "z") == ["a - y"])
    }

    /// diag(p) − ppᵀ.
    @Test func hessianOfSoftmaxWithCrossEntropy() throws {
        let declared = Self.softmax.replacingOccurrences(of: "target y[K]", with: "target y[K] distribution")
        let first = try SpecEvaluation(declared, at: #"{"z": [0, 1, 2, -1], "y": [0, 1, 0, 0]}"#)
        let gradient = SpecPrinter.text(of: first.derived.system)
        let numerators = [0.0, 1, 2, -1].map { exp($0) }
        let p = numerators.map { $0 / numerators.reduce(0, +) }
        for row in 0..<4 {
            let second = try SpecEvaluation(
                gradient, at: #"{"z": [0, 1, 2, -1], "y": [0, 1, 0, 0]}"#, of: "dC_dz[\(row)]", wrt: ["z"])
            for (column, entry) in try second.entries("z").enumerated() {
                #expect(agrees(entry, (row == column ? p[row] : 0) - p[row] * p[column]))
            }
            #expect(try second.equations(of: "z") == ["(\(row) == k ? p[k] : 0) - p[\(row)] * p[k]"])
        }
        // Finite far out, too.
        let far = try SpecEvaluation(
            gradient, at: #"{"z": [1000, 0, -1000, 1000], "y": [0, 1, 0, 0]}"#, of: "dC_dz[0]", wrt: ["z"])
        for (entry, value) in zip(try far.entries("z"), [0.25, 0, 0, -0.25]) {
            #expect(agrees(entry, value, within: 1e-12))
        }
    }

    /// A + Aᵀ.
    @Test func hessianOfAQuadraticForm() throws {
        let text = "size N = 3\nparam x[N]\nconst A[N,N]\ncost f = sum(i, j: x[i] * A[i,j] * x[j])"
        let at = #"{"x": [7, -1, 0.5], "A": [[1, 2, 3], [5, 8, 13], [21, 34, 55]]}"#
        let gradient = SpecPrinter.text(of: try SpecEvaluation(text, at: at).derived.system)
        let rows: [[Double]] = [[2, 7, 24], [7, 16, 47], [24, 47, 110]]
        for row in 0..<3 {
            let second = try SpecEvaluation(gradient, at: at, of: "df_dx[\(row)]", wrt: ["x"])
            #expect(try second.entries("x") == rows[row])
            #expect(try second.equations(of: "x") == ["A[\(row),j] + A[j,\(row)]"])
        }
    }

    /// Rosenbrock's Hessian at 0.1 · (0, 1, 2, 3), exactly.
    @Test func hessianOfRosenbrock() throws {
        let text = """
            size N = 4
            param x[N]
            cost f = sum(i in 0..<N-1: 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)
            """
        let at = #"{"x": [0, 0.1, 0.2, 0.3]}"#
        let gradient = SpecPrinter.text(of: try SpecEvaluation(text, at: at).derived.system)
        let rows: [[Double]] = [[-38, 0, 0, 0], [0, 134, -40, 0], [0, -40, 130, -80], [0, 0, -80, 200]]
        for row in 0..<4 {
            let second = try SpecEvaluation(gradient, at: at, of: "df_dx[\(row)]", wrt: ["x"])
            #expect(try second.entries("x") == rows[row])
        }
    }

    /// Forms that are right on the whole domain: a negative base keeps its value, and a value that is not there is not made up.
    @Test(arguments: [
        ("(u^2)^(1/2)", -3.0, 3.0), ("log(u^2)", -2.0, 2 * 0.6931471805599453), ("sqrt(u^2)", -3.0, 3.0),
        ("(u^2)^0.5*(u^2)^0.5", -3.0, 9.0), ("(u^4)^(1/4)", -2.0, 2.0), ("(u^3)^3", -2.0, -512.0),
        ("pow(u, 3)", -2.0, -8.0), ("u^-3", -2.0, -0.125), ("(-u)^2 * u", -2.0, -8.0), ("exp(log(u))", 3.0, 3.0),
        ("(u^(2/3))^3", 8.0, 64.0), ("u/u", -5.0, 1.0), ("(u*u)^1.5", -2.0, 8.0), ("(u^2*v^2)^0.5", -3.0, 6.0),
        ("(u^-2)^(1/2)", -2.0, 0.5), ("abs(u)^2", -3.0, 9.0),
    ])
    func powersKeepTheirDomain(_ expression: String, _ u: Double, _ expected: Double) throws {
        let result = try SpecEvaluation("param u\nconst v = 2\ncost f = \(expression)", at: #"{"u": \#(u)}"#)
        #expect(agrees(result.cost, expected))
        let step = 1e-6
        let above = try SpecEvaluation("param u\nconst v = 2\ncost f = \(expression)", at: #"{"u": \#(u + step)}"#)
        let below = try SpecEvaluation("param u\nconst v = 2\ncost f = \(expression)", at: #"{"u": \#(u - step)}"#)
        #expect(agrees(try result.entry("u"), (above.cost - below.cost) / (2 * step), within: 1e-7))
    }

    /// What stands under a condition stays there: neither the value nor the gradient sees the other branch.
    @Test(arguments: [
        ("(u > 0 ? log(exp(1/u)) : u)", -2.0, -2.0, 1.0), ("(u > 0 ? log(u)*2 : 0) * u + u", -2.0, -2.0, 1.0),
        ("(u != 0 ? u/u : 5)", 0.0, 5.0, 0.0), ("(u > 0 ? u^-1 : 0)^2 + u", 0.0, 0.0, 1.0),
        ("(u > 0 ? log(u) : 0) + (u > 0 ? 1/u : 0) + u", 0.0, 0.0, 1.0),
    ])
    func branchesStayApart(_ expression: String, _ u: Double, _ value: Double, _ slope: Double) throws {
        let result = try SpecEvaluation("param u\ncost f = \(expression)", at: #"{"u": \#(u)}"#)
        #expect(result.cost == value)
        #expect(try result.entry("u") == slope)
    }
}

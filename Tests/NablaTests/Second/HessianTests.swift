import Foundation
import Testing

@testable import Nabla

/// The Hessian against what is known of it.
@Suite struct HessianTests {
    static let rosenbrock = """
        size N = 4
        param x[N]
        cost C = sum(i in 0..<N-1: 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)
        """

    static let softmax = """
        size N
        target y[N] distribution
        param z[N]
        p[i] = exp(z[i])/sum(k: exp(z[k]))
        cost C = -sum(i: y[i]*log(p[i]))
        """

    static let quadratic = """
        size N
        const A[N,N]
        param x[N]
        cost C = sum(i, j: x[i]*A[i,j]*x[j])
        """

    /// Published with SciPy: scipy.optimize.rosen_hess(0.1 * np.arange(4)).
    @Test func rosenbrock() throws {
        let results = try SecondSpecs.evaluate(Self.rosenbrock, #"{"x": [0, 0.1, 0.2, 0.3]}"#, .hessian)
        let expected: [Double] = [-38, 0, 0, 0, 0, 134, -40, 0, 0, -40, 130, -80, 0, 0, -80, 200]
        let block = try SecondSpecs.block(results, "x", "x")
        for (value, wanted) in zip(block, expected) { #expect(agrees(value, wanted, within: 1e-13)) }
        #expect(block.count == 16)
    }

    private static func equation(_ text: String) throws -> String {
        var spec = try SecondSpecs.spec(text)
        let derived = try spec.derive(second: .hessian)
        let lines = SpecPrinter.text(of: derived.system).split(separator: "\n")
        return String(try #require(lines.last))
    }

    /// ∂²C/∂z∂z = diag(p) − ppᵀ, in form and in numbers.
    @Test func softmaxCrossEntropy() throws {
        #expect(
            try Self.equation(Self.softmax)
                == "derivative d2C_dz_dz[i,j] of dC_dz[i] wrt z = (i == j ? p[i] : 0) - p[i] * p[j]")
        let logits = [0.3, -1.2, 2]
        let results = try SecondSpecs.evaluate(
            Self.softmax, #"{"N": 3, "z": \#(logits), "y": [0.2, 0.3, 0.5]}"#, .hessian)
        let exponentials = logits.map { exp($0) }
        let p = exponentials.map { $0 / exponentials.reduce(0, +) }
        let block = try SecondSpecs.block(results, "z", "z")
        for i in 0..<3 {
            for j in 0..<3 { #expect(agrees(block[3 * i + j], (i == j ? p[i] : 0) - p[i] * p[j])) }
        }
    }

    /// The Hessian of xᵀAx is A + Aᵀ.
    @Test func quadraticForm() throws {
        #expect(
            try Self.equation(Self.quadratic)
                == "derivative d2C_dx_dx[i,j] of dC_dx[i] wrt x = A[i,j] + A[j,i]")
        let results = try SecondSpecs.evaluate(
            Self.quadratic, #"{"N": 2, "A": [[1, 2], [5, 7]], "x": [3, 4]}"#, .hessian)
        #expect(try SecondSpecs.block(results, "x", "x") == [2, 7, 7, 14])
    }

    /// The JSON has each block under both names, its indices nested: stages of both first.
    @Test func nestedResults() throws {
        let text = """
            size L = 2
            layer l in 1...L
            param w(l), c
            cost C = sum(l: w(l)^2 * c) + w(1) * w(2)
            """
        let results = try SecondSpecs.evaluate(text, #"{"w": {"1": 3, "2": 5}, "c": 7}"#, .hessian)
        #expect(
            results.json.hasSuffix(
                #""hessian": {"w": {"w": {"1": {"1": 14, "2": 1}, "2": {"1": 1, "2": 14}}, "c": {"1": 6, "2": 10}}, "c": {"c": 0}}}"#
            ), "\(results.json)")
    }

    /// With respect to data: for each example its own block, of the whole cost.
    @Test func dataOfEachExample() throws {
        let text = """
            input x
            param w
            cost C = mean(examples: w * x^3) + w^2
            """
        let results = try SecondSpecs.evaluate(
            text, #"{"w": 2, "examples": [{"x": 1}, {"x": 3}]}"#, .hessian, wrt: ["w", "x"])
        #expect(results.json.contains(#""hessian": {"w": {"w": 2, "x": [1.5, 13.5]}, "x": {"x": [6, 18]}}"#))
        // 3x²/2 and 6wx/2, by hand.
        let product = try SecondSpecs.evaluate(
            text, #"{"w": 2, "v_w": 10, "examples": [{"x": 1, "v_x": 1}, {"x": 3, "v_x": -1}]}"#,
            .product(along: "v"), wrt: ["w", "x"])
        #expect(product.json.contains(#""hvp": {"w": 8, "x": [21, 117]}"#), "\(product.json)")
    }

    /// An intermediate quantity is moved by itself: what it is computed from stays, what is computed from it follows.
    @Test func intermediateQuantities() throws {
        let text = """
            param u
            z = u^2
            y = z^3 + u
            cost C = y * z
            """
        // C = z⁴ + uz, with z moved: 12z²; with u and z: ∂²/∂u∂z of (u² + ε)⁴ + u(u² + ε).
        let results = try SecondSpecs.evaluate(text, #"{"u": 2}"#, .hessian, wrt: ["u", "z"])
        #expect(try SecondSpecs.block(results, "z", "z") == [192])
        #expect(try SecondSpecs.block(results, "u", "z") == [12 * 16 * 4 + 1])
    }

    /// Where the cost does not depend on something, its blocks are zeros.
    @Test func zeros() throws {
        let text = "size N = 2\nparam x[N], u[N]\ncost C = sum(i: x[i])"
        let results = try SecondSpecs.evaluate(text, #"{"x": [1, 2], "u": [0, 0]}"#, .hessian)
        #expect(try SecondSpecs.block(results, "x", "u") == [0, 0, 0, 0])
        let product = try SecondSpecs.evaluate(
            text, #"{"x": [1, 2], "u": [0, 0], "v_x": [1, 1], "v_u": [1, 1]}"#, .product(along: "v"))
        #expect(product.product?.map { $0.value.all.flatMap(\.values) } == [[0, 0], [0, 0]])
    }

    /// A row of the Hessian is what deriving twice gives.
    @Test func rowsAreGradientsOfComponents() throws {
        let text = """
            size L = 2
            size n(0...L) = [2, 3, 2]
            layer l in 1...L
            input x[n(0)]
            param w(l)[n(l), n(l-1)]
            a(0)[k] = x[k]
            a(l)[j] = tanh(sum(k: w(l)[j,k] * a(l-1)[k]))
            cost C = mean(examples: sum(j: a(L)[j]^3))
            """
        let json =
            #"{"w": {"1": [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]], "2": [[0.7, -0.8, 0.9], [-1, 1.1, 1.2]]}, "#
            + #""examples": [{"x": [0.5, -0.3]}, {"x": [1, 2]}]}"#
        let hessian = try SecondSpecs.evaluate(text, json, .hessian)
        let block = try #require(hessian.hessian?.first?.blocks.first?.value.all.first)
        var spec = try SecondSpecs.spec(text)
        let once = try spec.derive()
        let twice = try SpecEvaluation(SpecPrinter.text(of: once.system), at: json, of: "dC_dw(2)[1,2]", wrt: ["w"])
        for (m, j, k) in [(1, 0, 0), (1, 2, 1), (2, 0, 1), (2, 1, 2)] {
            let entry = try twice.entry("w", m, j, k)
            let value = try #require(block[2, m, 1, 2, j, k])
            #expect(agrees(value, entry, within: 1e-13))
        }
    }
}

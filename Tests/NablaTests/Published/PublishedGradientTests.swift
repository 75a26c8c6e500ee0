import Foundation
import Testing

@testable import Nabla

/// Gradients that others have published.
@Suite struct PublishedGradientTests {
    /// Matt Mazur, "A Step by Step Backpropagation Example" (2015), with all digits from an independent computation.
    @Test func mazurNetwork() throws {
        let text = """
            layer l in 1...2
            input x[2]
            target y[2]
            param w(l)[2,2], b(l)
            a(0)[k] = x[k]
            z(l)[j in 0..<2] = sum(k: w(l)[j,k] * a(l-1)[k]) + b(l)
            a(l)[j] = sigmoid(z(l)[j])
            cost E = 1/2 * sum(j: (y[j] - a(2)[j])^2)
            """
        let json = """
            {"w": {"1": [[0.15, 0.2], [0.25, 0.3]], "2": [[0.4, 0.45], [0.5, 0.55]]},
             "b": {"1": 0.35, "2": 0.6},
             "examples": [{"x": [0.05, 0.1], "y": [0.01, 0.99]}]}
            """
        let network = try SpecEvaluation(text, at: json)
        #expect(agrees(network.cost, 0.2983711087600027))
        #expect(agrees(try network.entry("w", 2, 0, 0), 0.08216704056423077))
        #expect(agrees(try network.entry("w", 1, 0, 0), 0.0004385677344743465))
    }

    /// Stanford CS231n, "Backpropagation, Intuitions": the sigmoid neuron.
    @Test func neuronOfCS231n() throws {
        let text = """
            param w[3], x[2]
            cost f = sigmoid(w[0]*x[0] + w[1]*x[1] + w[2])
            """
        let neuron = try SpecEvaluation(text, at: #"{"w": [2, -3, -3], "x": [-1, -2]}"#)
        let x = try neuron.entries("x")
        let w = try neuron.entries("w")
        for (value, expected) in zip(x, [0.3932238664829637, -0.5898357997244456]) {
            #expect(agrees(value, expected))
        }
        for (value, expected) in zip(w, [-0.19661193324148185, -0.3932238664829637, 0.19661193324148185]) {
            #expect(agrees(value, expected))
        }
        #expect(x.count == 2 && w.count == 3)
    }

    /// Baydin, Pearlmutter, Radul, Siskind, "Automatic Differentiation in Machine Learning: a Survey" (2018), table 2.
    @Test func surveyOfAutomaticDifferentiation() throws {
        let function = try SpecEvaluation(
            "param x1, x2\ncost f = log(x1) + x1*x2 - sin(x2)", at: #"{"x1": 2, "x2": 5}"#)
        #expect(agrees(function.cost, 11.652, within: 5e-5))
        #expect(agrees(try function.entry("x1"), 5.5))
        #expect(agrees(try function.entry("x2"), 1.716, within: 5e-4))
    }

    /// SciPy's documentation of `scipy.optimize.rosen_der`, at 0.1·(0…8).
    @Test func rosenbrockOfSciPy() throws {
        let text = """
            size N = 9
            param x[N]
            cost f = sum(i in 0..<N-1: 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)
            """
        let function = try SpecEvaluation(text, at: #"{"x": [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]}"#)
        let expected = [-2, 10.6, 15.6, 13.4, 6.4, -3, -12.4, -19.4, 62]
        let gradient = try function.entries("x")
        #expect(gradient.count == expected.count)
        for (value, expected) in zip(gradient, expected) { #expect(agrees(value, expected)) }
    }

    /// SciPy's documentation of `rosen_hess`, at 0.1·(0…3): each row is the gradient of one component of the gradient.
    @Test func rosenbrockHessianByDerivingTwice() throws {
        let text = """
            size N = 4
            param x[N]
            cost f = sum(i in 0..<N-1: 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)
            """
        var spec = Spec(SourceText(name: "rosenbrock.nabla", text: text))
        let once = SpecPrinter.text(of: try spec.derive().system)
        let expected: [[Double]] = [[-38, 0, 0, 0], [0, 134, -40, 0], [0, -40, 130, -80], [0, 0, -80, 200]]
        for row in 0..<4 {
            let second = try SpecEvaluation(once, at: #"{"x": [0, 0.1, 0.2, 0.3]}"#, of: "df_dx[\(row)]")
            for (value, entry) in zip(try second.entries("x"), expected[row]) {
                #expect(agrees(value, entry, within: 1e-13), "row \(row)")
            }
        }
    }

    /// The Hessian of xᵀAx is A + Aᵀ.
    @Test func quadraticForm() throws {
        let text = "size N = 3\nparam x[N]\nconst A[N,N]\ncost f = sum(i, j: x[i] * A[i,j] * x[j])"
        var spec = Spec(SourceText(name: "quadratic.nabla", text: text))
        let once = SpecPrinter.text(of: try spec.derive().system)
        let a: [[Double]] = [[1, 2, 3], [5, 8, 13], [21, 34, 55]]
        for row in 0..<3 {
            let second = try SpecEvaluation(once, at: #"{"x": [0.5, -1, 2], "A": \#(a)}"#, of: "df_dx[\(row)]")
            let entries = try second.entries("x")
            for column in 0..<3 { #expect(agrees(entries[column], a[row][column] + a[column][row])) }
        }
    }
}

// The chain of three weights by the compiler's own differentiation.
import Foundation
import _Differentiation

private struct Weights: Differentiable {
    var w1: Number, w2: Number, w3: Number
    var b1: Number, b2: Number, b3: Number
}

@differentiable(reverse)
private func sigmoid(_ z: Number) -> Number { 1 / (1 + exp(-z)) }

@differentiable(reverse,wrt: weights)
private func cost(_ weights: Weights, _ x: Number, _ y: Number) -> Number {
    let a1 = sigmoid(weights.w1 * x + weights.b1)
    let a2 = sigmoid(weights.w2 * a1 + weights.b2)
    let a3 = sigmoid(weights.w3 * a2 + weights.b3)
    return (a3 - y) * (a3 - y)
}

struct Chain: Evaluation {
    private let weights: Weights
    private let x: Number
    private let y: Number
    private var result = Weights.TangentVector.zero

    init(_ numbers: Numbers) {
        let p = numbers.parameters
        weights = Weights(w1: p[0], w2: p[1], w3: p[2], b1: p[3], b2: p[4], b3: p[5])
        x = numbers.x[0]
        y = numbers.y[0]
    }

    var gradient: [Number] { [result.w1, result.w2, result.w3, result.b1, result.b2, result.b3] }

    mutating func evaluate() -> Number {
        let (value, gradient) = valueWithGradient(at: weights) { [x, y] in cost($0, x, y) }
        result = gradient
        return value
    }
}

@main struct Main {
    static func main() throws { try serve(Chain.self) }
}

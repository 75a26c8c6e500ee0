// Rosenbrock's function by the compiler's own differentiation.
import _Differentiation

@differentiable(reverse)
private func cost(_ x: [Number]) -> Number {
    var total: Number = 0
    for i in 0..<withoutDerivative(at: x.count - 1) {
        let rise = x[i + 1] - x[i] * x[i]
        let run = 1 - x[i]
        total = total + 100 * rise * rise + run * run
    }
    return total
}

struct Rosenbrock: Evaluation {
    private let x: [Number]
    private(set) var gradient: [Number] = []

    init(_ numbers: Numbers) { x = numbers.parameters }

    mutating func evaluate() -> Number {
        let result = valueWithGradient(at: x, of: cost)
        gradient = result.gradient.base
        return result.value
    }
}

@main struct Main {
    static func main() throws { try serve(Rosenbrock.self) }
}

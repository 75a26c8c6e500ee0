// Loops over pointers, as one writes them by hand in Swift, one example after the other: what every peer of this folder shares.
import Foundation

typealias Input = UnsafePointer<Number>
typealias Output = UnsafeMutablePointer<Number>

/// Zeros that stay until the program ends.
func allocate(_ count: Int) -> Output {
    let result = Output.allocate(capacity: count)
    result.initialize(repeating: 0, count: count)
    return result
}

private func copy(_ numbers: [Number]) -> Input {
    let result = allocate(numbers.count)
    for i in numbers.indices { result[i] = numbers[i] }
    return Input(result)
}

struct PointerLoops: Evaluation {
    private let loops = Loops()
    private let parameters: Input
    private let x: Input
    private let y: Input
    private let result: Output
    private let count: Int

    init(_ numbers: Numbers) {
        parameters = copy(numbers.parameters)
        x = copy(numbers.x)
        y = copy(numbers.y)
        count = numbers.parameters.count
        result = allocate(count)
    }

    var gradient: [Number] { Array(UnsafeBufferPointer(start: result, count: count)) }

    mutating func evaluate() -> Number {
        result.update(repeating: 0, count: count)
        return loops.evaluate(parameters, x, y, result)
    }
}

func sigmoid(_ z: Number) -> Number { 1 / (1 + exp(-z)) }

@main struct Main {
    static func main() throws { try serve(PointerLoops.self) }
}

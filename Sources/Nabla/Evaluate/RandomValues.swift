/// Draws sizes and values for a system, as a check or a test needs them.
public struct RandomValues {
    var generator: SplitMix64

    public init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    /// Gives every symbolic size a small value that the spec allows.
    ///
    /// - Throws: ``EvaluationError`` where none was found.
    public mutating func sizes(for system: System) throws -> BoundSystem {
        var failure = EvaluationError("no sizes were found that the spec allows")
        for attempt in 0..<200 {
            let largest = 3 + attempt / 20
            do {
                var bound = system
                var given: [SizeID: [Int]] = [:]
                for position in bound.sizes.indices {
                    let id = SizeID(position)
                    if case .symbolic = bound[id].definition {
                        var count = 1
                        if let range = bound[id].stageRange {
                            let extent = bound.graph[range.upper].adding(bound.graph[range.lower], times: -1)
                            count = extent.map { bound.expandingSizes($0) }?.asConstant ?? 1
                            guard count >= 0, count < 10_000 else {
                                throw EvaluationError("there are too many stages to draw sizes for")
                            }
                        }
                        given[id] = (0..<max(1, count)).map { _ in Int.random(in: 1...largest, using: &generator) }
                    }
                    try BoundSystem.bind(id, given[id], &bound)
                }
                return try BoundSystem(system, sizes: given)
            } catch let error as EvaluationError {
                failure = error
            }
        }
        throw failure
    }

    /// Values for everything that is given: parameters and inputs around 0, targets and consts between 0 and 1, distributions that
    /// sum to 1.
    ///
    /// - Parameter scale: how large the numbers get.
    mutating func values(for bound: BoundSystem, exampleCount: Int, scale: Double) throws -> Values {
        var shared: [QuantityID: [Double]] = [:]
        var examples = Array(repeating: [QuantityID: [Double]](), count: exampleCount)
        for quantity in bound.givenQuantities {
            let shape = try bound.shape(of: quantity)
            switch bound.system[quantity].role {
            case .input, .target:
                for example in examples.indices { examples[example][quantity] = numbers(quantity, shape, bound, scale) }
            default: shared[quantity] = numbers(quantity, shape, bound, scale)
            }
        }
        return Values(bound, shared: shared, examples: examples, isBatch: true)
    }

    private mutating func numbers(
        _ quantity: QuantityID, _ shape: TensorShape, _ bound: BoundSystem, _ scale: Double
    ) -> [Double] {
        let role = bound.system[quantity].role
        let isSigned = role == .parameter || role == .input
        var result = (0..<shape.count).map { _ in
            (isSigned ? Double.random(in: -1...1, using: &generator) : Double.random(in: 0.1...1, using: &generator))
                * scale
        }
        if bound.system[quantity].isDistribution {
            for index in result.indices { result[index] = Double.random(in: 0.1...1, using: &generator) }
            shape.forEachRow { row in
                let total = result[row].reduce(0, +)
                for index in row { result[index] /= total }
            }
        }
        return result
    }
}

/// Values for a system: sizes, parameters, constants, and the inputs and targets of one or more examples.
///
/// The numbers of a quantity are in the order of its ``TensorShape``.
public struct Values: Sendable {
    /// The system with its sizes.
    public let bound: BoundSystem
    /// Parameters and constants without a value in the spec.
    public var shared: [QuantityID: [Double]]
    /// Of each example, its inputs and targets; at least one.
    public var examples: [[QuantityID: [Double]]]
    /// Whether the examples were given as a list, so that results come as lists, too.
    public var isBatch: Bool

    /// - Parameters:
    ///   - bound: the system with its sizes.
    ///   - shared: for each parameter and each constant without a value, its numbers.
    ///   - examples: for each example, its inputs and targets.
    public init(
        _ bound: BoundSystem, shared: [QuantityID: [Double]], examples: [[QuantityID: [Double]]], isBatch: Bool
    ) {
        self.bound = bound
        self.shared = shared
        self.examples = examples
        self.isBatch = isBatch
    }
}

extension BoundSystem {
    /// How the values of a quantity lie in memory.
    ///
    /// - Throws: ``EvaluationError`` where it is too large.
    public func shape(of quantity: QuantityID) throws -> TensorShape {
        var system = system
        let buffer = Buffer(quantity, role: .intermediate, examples: .shared, in: &system)
        return try TensorShape(buffer, in: system, SizeArithmetic(system))
    }

    /// The indices of all elements of a quantity, stages first, in the order in which they print.
    func forEachElement(of quantity: QuantityID, _ body: ([Int]) throws -> Void) throws {
        let arithmetic = SizeArithmetic(system)
        for axes in system[quantity].domains {
            var indices: [IndexID: Int] = [:]
            var odometer = Odometer(axes, system.graph, arithmetic)
            while let element = try odometer.next(&indices) { try body(element) }
        }
    }

    /// The names of what a file of values gives, in the order of declaration.
    var givenQuantities: [QuantityID] {
        system.quantities.indices.map { QuantityID($0) }.filter { id in
            switch system[id].role {
            case .input, .target, .parameter: true
            case .constant: system[id].constantValues == nil
            case .computed, .derivative: false
            }
        }
    }
}

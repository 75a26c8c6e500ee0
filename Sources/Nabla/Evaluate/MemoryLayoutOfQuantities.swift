/// Where the quantities of a ``LoopProgram`` lie in one flat memory.
struct MemoryLayoutOfQuantities: Sendable {
    struct Place: Sendable {
        var start: Int
        var shape: TensorShape
        /// Whether there are as many copies as examples, one behind the other.
        var isStored: Bool
    }

    private var places: [Place?]
    let exampleCount: Int
    /// How many numbers there are in all.
    private(set) var count = 0

    /// - Throws: ``EvaluationError`` where it would be too much.
    init(_ program: LoopProgram, _ arithmetic: SizeArithmetic, exampleCount: Int) throws {
        places = Array(repeating: nil, count: program.system.quantities.count)
        self.exampleCount = exampleCount
        for buffer in program.buffers {
            let shape = try TensorShape(buffer, in: program.system, arithmetic)
            let isStored = buffer.examples == .stored
            places[Int(buffer.quantity.raw)] = Place(start: count, shape: shape, isStored: isStored)
            let (size, overflow) = shape.count.multipliedReportingOverflow(by: isStored ? exampleCount : 1)
            guard !overflow, size <= TensorShape.largest, count <= TensorShape.largest else {
                throw EvaluationError("the quantities are too large for these sizes")
            }
            count += size
        }
    }

    func place(of quantity: QuantityID) -> Place? {
        places.indices.contains(Int(quantity.raw)) ? places[Int(quantity.raw)] : nil
    }
}

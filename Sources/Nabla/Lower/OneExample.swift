extension LoopProgram {
    /// Whether there is nothing to add up over examples: each has a cost of its own, or there are no data.
    func isOfOneExample(_ cost: QuantityID) -> Bool {
        if let buffer = buffer(of: cost), buffer.examples != .shared { return true }
        return !system.quantities.contains { $0.role == .input || $0.role == .target }
    }

    /// The program for exactly one example: what would run for each one runs once, and nothing is kept for others.
    func ofOneExample() -> LoopProgram {
        var program = self
        for position in blocks.indices {
            program.blocks[position].statements = blocks[position].statements.flatMap { statement in
                if case .examples(let body) = statement { return self[body].statements }
                return [statement]
            }
        }
        program.setBuffers(
            buffers.map { buffer in
                var buffer = buffer
                buffer.examples = .shared
                return buffer
            })
        return program
    }
}

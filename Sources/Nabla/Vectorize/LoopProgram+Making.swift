extension LoopProgram {
    /// A new quantity in the work memory with the domains of another one.
    mutating func makeQuantity(like original: QuantityID, suffix: String) -> QuantityID {
        makeQuantity(
            named: system[original].name + suffix, stageCount: system[original].stageCount,
            domains: system[original].domains, examples: .shared)
    }

    /// A new quantity in the work memory.
    mutating func makeQuantity(
        named wish: String, stageCount: Int, domains: [[Axis]], examples: Buffer.Examples
    ) -> QuantityID {
        let name = system.freeName(wish)
        system.quantities.append(Quantity(name: name, role: .computed, stageCount: stageCount, domains: domains))
        let id = QuantityID(system.quantities.count - 1)
        let buffer = Buffer(id, role: .intermediate, examples: examples, in: &system)
        setBuffers(buffers + [buffer])
        return id
    }

    /// Loops over all elements of a domain, with indices of their own, and the element that they are at.
    mutating func elements(of axes: [Axis]) -> (dimensions: [Dimension], indices: [AffineID]) {
        var dimensions: [Dimension] = []
        var indices: [AffineID] = []
        var map: [IndexID: Affine] = [:]
        for axis in axes {
            let index = system.graph.makeIndex(like: axis.index)
            dimensions.append(
                .index(
                    index, lower: system.graph.substitute(axis.lower, map) ?? axis.lower,
                    upper: system.graph.substitute(axis.upper, map) ?? axis.upper))
            map[axis.index] = Affine(.index(index))
            indices.append(system.graph.affine(Affine(.index(index))))
        }
        return (dimensions, indices)
    }
}

extension SwiftFile {
    /// How many examples a block has at least and at most.
    static let blockSizes = 128...1024
    /// What all of a block's examples have, in bytes, where blocks are larger than the smallest: it stays in the first cache.
    private static let blockBytes = 48 << 10

    /// How many examples a block has, the last one what is left: more where each has little data and leaves little for other equations.
    func blockSize(for programs: [LoopProgram], _ blocks: SwiftBlocks) throws -> Int {
        let smallest = SwiftFile.blockSizes.lowerBound
        // A look at the layouts leaves no trace in the file.
        var trial = self
        let kept = try programs.map { program in
            total(
                try program.buffers.filter { $0.examples == .blocked }.map {
                    try trial.layout(of: $0.quantity, $0, program.system)
                })
        }
        guard let data = total(blocks.data.items.map(\.layout)), !kept.contains(nil),
            case let numbers = data + (kept.compactMap { $0 }.max() ?? 0), numbers > 0
        else { return smallest }
        let room = SwiftFile.blockBytes / (numbers * options.scalar.size)
        var size = smallest
        while size < SwiftFile.blockSizes.upperBound, 2 * size <= room { size *= 2 }
        return size
    }

    /// How many numbers quantities have; nil where that is not known, or one alone is too large for a larger block.
    private func total(_ layouts: [SwiftLayout]) -> Int? {
        var sum = 0
        for layout in layouts {
            guard let count = layout.count.known, count <= SwiftFile.blockBytes else { return nil }
            sum += count
        }
        return sum
    }
}

extension SwiftFile {
    /// How many examples a block has at least and at most.
    static let blockSizes = 128...1024
    /// What all of a block's examples have, in bytes, where blocks are larger than the smallest: it stays in the first cache.
    private static let blockBytes = 48 << 10

    /// How many examples a block has, the last one what is left: more where each has little data and leaves little for other equations.
    func blockSize(for programs: [LoopProgram], _ blocks: SwiftBlocks) throws -> Int {
        let smallest = SwiftFile.blockSizes.lowerBound
        var numbers = 0
        func add(_ counts: [SwiftInteger], to sum: inout Int) -> Bool {
            for count in counts {
                guard let known = count.known, known <= SwiftFile.blockBytes else { return false }
                sum += known
            }
            return true
        }
        guard add(blocks.data.items.map(\.layout.count), to: &numbers) else { return smallest }
        // A look at the layouts leaves no trace in the file.
        var trial = self
        var most = 0
        for program in programs {
            var own = 0
            let kept = try program.buffers.filter { $0.examples == .blocked }.map {
                try trial.layout(of: $0.quantity, $0, program.system).count
            }
            guard add(kept, to: &own) else { return smallest }
            most = max(most, own)
        }
        numbers += most
        guard numbers > 0 else { return smallest }
        let room = SwiftFile.blockBytes / (numbers * options.scalar.size)
        var size = smallest
        while size < SwiftFile.blockSizes.upperBound, 2 * size <= room { size *= 2 }
        return size
    }
}

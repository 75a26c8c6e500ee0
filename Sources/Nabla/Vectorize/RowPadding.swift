extension LoopProgram {
    /// The program with the rows of what it computes on the way as long as whole vectors, where that is not much longer: then
    /// a row's last vector is loaded and stored whole, and no vector of one row reaches into the next one.
    ///
    /// It depends on a quantity alone and not on what the program does with it: the programs of one file share storage.
    func paddingRows(to lanes: Int, except given: Set<QuantityID> = []) -> LoopProgram {
        var result = self
        var buffers = self.buffers
        for position in buffers.indices where !given.contains(buffers[position].quantity) {
            result.pad(&buffers[position], lanes)
        }
        result.setBuffers(buffers)
        return result
    }

    private mutating func pad(_ buffer: inout Buffer, _ lanes: Int) {
        guard buffer.role == .intermediate, buffer.examples == .shared || buffer.examples == .reused,
            var extents = buffer.uniformExtents, let last = extents.last,
            let count = system.expandingSizes(system.graph[last]).asConstant,
            let padded = LoopProgram.paddedCount(count, lanes)
        else { return }
        let extent = system.graph.affine(Affine(padded))
        extents[extents.count - 1] = extent
        buffer.uniformExtents = extents
        for box in buffer.boxes.indices where !buffer.boxes[box].extents.isEmpty {
            buffer.boxes[box].extents[extents.count - 1] = extent
        }
    }

    /// The next multiple of the lanes; nil where a row is one already, or would more than double.
    static func paddedCount(_ count: Int, _ lanes: Int) -> Int? {
        guard count > 0, count % lanes != 0 else { return nil }
        let (padded, overflow) = (count / lanes + 1).multipliedReportingOverflow(by: lanes)
        return overflow || padded / 2 > count ? nil : padded
    }
}

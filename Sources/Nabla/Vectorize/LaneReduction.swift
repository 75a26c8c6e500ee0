/// A reduction that one loop over lanes feeds, with one value a round: `begin`, the loop, `finish`.
struct LaneReduction {
    var accumulator: AccumulatorID
    var dimension: Dimension
    /// What is gathered.
    var value: ExprID
    /// The quantities that it reads.
    var reads: Set<QuantityID>
    var result: LocalID
    /// How many statements it takes.
    static let length = 3
}

extension LoopProgram {
    /// The reduction whose `begin` stands at a position of a block.
    func laneReduction(in block: BlockID, at position: Int) -> LaneReduction? {
        let statements = self[block].statements
        guard position + 2 < statements.count, case .begin(let id) = statements[position],
            case .lanes(let lanes) = statements[position + 1], case .finish(id) = statements[position + 2],
            self[lanes.body].statements.count == 1, case .accumulate(id, let value) = self[lanes.body].statements[0],
            let result = self[id].result
        else { return nil }
        let reads = Set(system.graph.reachable(from: value).compactMap { system.graph.quantity($0) })
        return LaneReduction(
            accumulator: id, dimension: lanes.dimension, value: value, reads: reads, result: result)
    }
}

/// What is known while the body of a loop over lanes is written.
struct SwiftLanes {
    var dimension: Dimension
    /// Whether there certainly is a first round, so that what it reads may be read before the loop.
    var isNeverEmpty = true
    /// Whether every vector is a whole one, however wide vectors are.
    var isWhole = false
    /// Whether computing an element twice does no harm, so that a last vector that would not be full begins earlier.
    var mayRepeat = false
    /// Whether there certainly are as many rounds as a vector has lanes, however wide vectors are, so that a last vector that is not full
    /// can begin earlier.
    var isLong = false
    /// Accumulators that began inside: each lane has its own.
    var accumulators: Set<AccumulatorID> = []
    /// Locals that are defined inside: vectors.
    var locals: Set<LocalID> = []
    /// Values that are the same in all lanes and in all loops inside, as vectors.
    var uniforms: [ExprID: String] = [:]
    /// Their declarations, to stand before the loop.
    var before: [SwiftSource] = []
    /// Values that have a name, by the block where it is visible.
    var names: [[ExprID: String]] = [[:]]
    /// Values that several statements of a block use, by the block.
    var shared: [Set<ExprID>] = []
    /// The loops inside that are open.
    var inner: [Dimension] = []
    /// Quantities that are stored inside: what is stored gets a name, for it may be read again.
    var readLater: Set<QuantityID> = []
    /// Quantities that the body reads from memory before it stores them.
    var rereads: Set<QuantityID> = []
    /// Whether the body asks how many lanes count.
    var usesCount = false
    /// Whether the body asks how many of the first lanes have had their turn.
    var usesSkipped = false
    /// Whether expressions differ from lane to lane.
    var varies: [ExprID: Bool] = [:]

    init(_ dimension: Dimension) { self.dimension = dimension }

    /// Whether all lanes may be read and written in every round.
    var isAlwaysWhole: Bool { isWhole || isLong }

    func name(of id: ExprID) -> String? {
        for names in names.reversed() { if let name = names[id] { return name } }
        return nil
    }
}

/// The head of a loop over lanes.
struct SwiftLaneLoop {
    var name: String
    var lower: SwiftInteger
    var upper: SwiftInteger
    /// What writing the body has found.
    var lanes: SwiftLanes
}

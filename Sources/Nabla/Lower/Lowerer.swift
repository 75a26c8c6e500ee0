extension LoopProgram {
    /// Turns a system into loops that compute some of its quantities.
    ///
    /// Equations that no result needs are left out. Depth is not unrolled: a recurrence over a stage becomes a loop.
    ///
    /// - Parameters:
    ///   - system: original or derived, simplified or not. Known sizes help to prove which order of evaluation is right.
    ///   - results: the quantities whose values are wanted.
    /// - Throws: ``LoweringError`` where a function has no body, or where no order of evaluation can be proved to be right
    ///   (with symbolic sizes; ``Evaluator`` lowers with known ones).
    public static func lowering(_ system: System, results: [QuantityID]) throws -> LoopProgram {
        var lowerer = Lowerer(system, results: results)
        try lowerer.prepare()
        try lowerer.schedule()
        return lowerer.finish()
    }
}

/// The state of turning one system into a ``LoopProgram``.
struct Lowerer {
    /// Grows: it holds the system, with auxiliary quantities, and the statements made so far.
    var program: LoopProgram
    var results: [QuantityID]
    var free = FreeIndices()
    /// What is to be computed, in the order of the equations.
    var pieces: [Piece] = []
    /// Whether a quantity has a value for each training example; by quantity.
    var isPerExample: [Bool] = []
    /// Per-example quantities that are read in a later pass over the examples than the one that computes them.
    var isReadLater: [Bool] = []

    // While statements are made.

    /// Blocks that are open, from the outermost in; empty between blocks.
    var frames: [Frame] = []
    /// Where the innermost open loop over an index is.
    var frameOfIndex: [IndexID: Int] = [:]
    /// What has been computed, and in which frame it is visible.
    var values: [ExprID: ComputedValue] = [:]
    /// The positions of largest and smallest elements, by a condition with its targets left out.
    var positions: [ExprID: FoundPositions] = [:]
    var nextFrameID = 0
    /// Counts the pieces that were computed.
    var nestCount = 0
    /// The equation that is being computed.
    var currentEquation = 0
    /// What is known of the piece that is being computed.
    var nest: Nest
    /// How many conditional blocks and reductions are open.
    var nesting = 0

    // Names and extracted parts.

    var takenNames: Set<String>?
    var extracted: [ExprID: ExprID] = [:]

    init(_ system: System, results: [QuantityID]) {
        program = LoopProgram(system: system)
        self.results = results
        nest = Nest(ranges: IndexRanges([]))
        program.results = results
    }

    var graph: ExprGraph {
        get { program.system.graph }
        _modify { yield &program.system.graph }
    }

    var system: System { program.system }

    func range(of piece: Piece) -> SourceRange { program.system.equations[piece.equation].range }

    /// A name that nothing else has.
    mutating func freshName(_ wish: String) -> String {
        var taken = takenNames ?? program.system.takenNames()
        var name = wish
        while taken.contains(name) { name += "_" }
        taken.insert(name)
        takenNames = taken
        return name
    }

    /// The indices that stand free in an expression, ascending.
    mutating func freeIndices(_ id: ExprID) -> [IndexID] { free.indices(of: id, in: program.system.graph) }

    mutating func freeIndices(_ affine: AffineID) -> [IndexID] { free.indices(of: affine, in: program.system.graph) }
}

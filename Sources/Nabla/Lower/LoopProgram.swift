/// What a system computes, as loops over named indices: what the evaluator runs and what the Swift printer prints.
///
/// One program serves every value of the symbolic sizes, and its length depends neither on widths nor on depths.
/// Scalar expressions live in ``System/graph``. They have no reductions, no calls of user functions and at most
/// a few dozen nodes each; `ExpressionForm.argument(n)` reads local `n`, and an access reads the quantity's buffer, at
/// the current example where the buffer has one value for each. `select`, `and` and `or` evaluate only what decides.
public struct LoopProgram: Sendable {
    /// Names, sizes and expressions: the system that was lowered, its equations first, then auxiliary ones.
    public var system: System
    /// One for each quantity that the program reads or computes, in the order of the quantities.
    public internal(set) var buffers: [Buffer] = []
    /// Scalars. ``LocalID/exampleCount`` is always the first one.
    public internal(set) var locals: [Local] = [Local(name: "m", kind: .integer)]
    /// The states of reductions.
    public internal(set) var accumulators: [Accumulator] = []
    /// Lists of statements.
    public internal(set) var blocks: [LoopBlock] = [LoopBlock()]
    /// What runs: the first block.
    public var root: BlockID { BlockID(0) }
    /// The passes over blocks of examples that may run in chunks.
    public internal(set) var chunks: [BlockID: ExampleChunks] = [:]
    /// The quantities that were asked for.
    public internal(set) var results: [QuantityID] = []
    /// Of each quantity, its position in ``buffers``.
    private(set) var bufferPositions: [Int?] = []

    init(system: System) {
        self.system = system
    }

    public subscript(_ id: BlockID) -> LoopBlock {
        get { blocks[Int(id.raw)] }
        // In place: a copy for each statement that is added would be quadratic.
        _modify { yield &blocks[Int(id.raw)] }
    }

    public subscript(_ id: LocalID) -> Local { locals[Int(id.raw)] }

    public subscript(_ id: AccumulatorID) -> Accumulator { accumulators[Int(id.raw)] }

    /// The buffer of a quantity; nil where the program does not use it.
    public func buffer(of quantity: QuantityID) -> Buffer? {
        let position = Int(quantity.raw)
        return bufferPositions.indices.contains(position) ? bufferPositions[position].map { buffers[$0] } : nil
    }

    /// The expression that reads a local.
    mutating func read(_ local: LocalID) -> ExprID { system.graph.makeArgument(Int(local.raw)) }

    mutating func makeLocal(_ name: String, _ kind: Local.Kind) -> LocalID {
        locals.append(Local(name: name, kind: kind))
        return LocalID(locals.count - 1)
    }

    mutating func makeBlock() -> BlockID {
        blocks.append(LoopBlock())
        return BlockID(blocks.count - 1)
    }

    mutating func makeAccumulator(_ accumulator: Accumulator) -> AccumulatorID {
        accumulators.append(accumulator)
        return AccumulatorID(accumulators.count - 1)
    }

    mutating func setBuffers(_ buffers: [Buffer]) {
        self.buffers = buffers
        bufferPositions = Array(repeating: nil, count: system.quantities.count)
        for (position, buffer) in buffers.enumerated() { bufferPositions[Int(buffer.quantity.raw)] = position }
    }
}

/// The place of a local in ``LoopProgram/locals``; `ExpressionForm.argument` reads it.
public struct LocalID: Hashable, Sendable {
    public let raw: UInt32

    init(_ raw: Int) { self.raw = UInt32(truncatingIfNeeded: raw) }

    /// The number of training examples: set before the program runs.
    public static let exampleCount = LocalID(0)
}

/// The place of a block in ``LoopProgram/blocks``.
public struct BlockID: Hashable, Sendable {
    public let raw: UInt32

    init(_ raw: Int) { self.raw = UInt32(truncatingIfNeeded: raw) }
}

/// The place of an accumulator in ``LoopProgram/accumulators``.
public struct AccumulatorID: Hashable, Sendable {
    public let raw: UInt32

    init(_ raw: Int) { self.raw = UInt32(truncatingIfNeeded: raw) }
}

/// A scalar variable of the program, assigned on every path before it is read.
public struct Local: Hashable, Sendable {
    /// What it holds.
    public enum Kind: Sendable {
        case real, integer, condition
    }

    /// A hint for printing, from the quantity or the function that it holds; not unique.
    public var name: String
    public var kind: Kind
}

/// A list of statements, run one after another.
public struct LoopBlock: Sendable {
    public var statements: [LoopStatement] = []
}

/// A statement of a ``LoopProgram``.
public enum LoopStatement: Sendable {
    /// What follows, up to the next comment of the same block, computes the equation at this position of ``System/equations``.
    case comment(equation: Int)
    /// Runs its body for each value of an index.
    case loop(Loop)
    /// Runs its body for each training example, the first one first; inside of ``exampleBlocks(_:)`` for each one of the block.
    case examples(BlockID)
    /// Runs its body for consecutive blocks of training examples; what is of an example stands in ``examples(_:)`` inside.
    case exampleBlocks(BlockID)
    /// Runs one of two blocks.
    case conditional(ExprID, then: BlockID, otherwise: BlockID?)
    /// A new scalar with its value, never assigned again. Visible in the rest of its block and in blocks inside.
    case define(LocalID, ExprID)
    /// A new scalar that each branch of a conditional below assigns.
    case declare(LocalID)
    /// Gives a declared scalar its value.
    case assign(LocalID, ExprID)
    /// Starts a reduction: gives the accumulator its initial state.
    case begin(AccumulatorID)
    /// Feeds one value to a reduction.
    case accumulate(AccumulatorID, ExprID)
    /// Ends a reduction: defines ``Accumulator/result``, or ``Accumulator/positions``; fails where a maximum, a minimum, a
    /// mean or a log-sum-exp has got no value.
    case finish(AccumulatorID)
    /// `quantity[indices] = value`.
    case store(QuantityID, [AffineID], ExprID)
    /// `quantity[indices] += value`, as a sum over the training examples does.
    case add(QuantityID, [AffineID], ExprID)
    /// Sets every element of a quantity to 0.
    case clear(QuantityID)
    /// A sum of products, in one piece.
    case contraction(Contraction)
    /// Runs a block for the values of one dimension, as many at a time as a vector has lanes.
    case lanes(Lanes)
}

/// A loop over the values of one index.
public struct Loop: Hashable, Sendable {
    /// What the loop is for.
    public enum Purpose: Sendable {
        /// Elements of a quantity: each iteration stands by itself.
        case elements
        /// Feeds an accumulator that begins outside.
        case reduction
        /// A recurrence: iterations depend on earlier ones.
        case recurrence
    }

    public var index: IndexID
    public var lower: LoopBound
    /// Exclusive; the loop does not run where it is not above `lower`.
    public var upper: LoopBound
    /// Whether the last value comes first.
    public var isReversed: Bool
    public var purpose: Purpose
    public var body: BlockID

    /// The one value that the index can have: an equation `divisor * index = affine` was solved for it, and the body
    /// runs once where the divisor divides, and other bounds hold, and otherwise not at all.
    ///
    /// It is the term that stands in `lower` as `⌈affine / divisor⌉` and in `upper` as `⌈(affine + 1) / divisor⌉`.
    public var solution: LoopBound.Term?
}

/// A loop whose rounds run side by side, in the lanes of a vector.
public struct Lanes: Hashable, Sendable {
    public var dimension: Dimension
    /// ``Loop/Purpose/elements``, or ``Loop/Purpose/reduction`` where it feeds accumulators that begin outside.
    public var purpose: Loop.Purpose
    public var body: BlockID
}

/// An end of a loop's range: the largest or the smallest of some terms.
public struct LoopBound: Hashable, Sendable {
    /// An affine expression over a positive constant, rounded up: `⌈affine / divisor⌉`.
    public struct Term: Hashable, Sendable {
        public var affine: AffineID
        public var divisor: Int

        init(_ affine: AffineID, over divisor: Int = 1) {
            self.affine = affine
            self.divisor = divisor
        }
    }

    /// Which term it is where there are several.
    public enum Choice: Sendable {
        case largest, smallest
    }

    public var choice: Choice
    /// Never empty.
    public var terms: [Term]

    init(_ affine: AffineID, choice: Choice = .largest) {
        terms = [Term(affine)]
        self.choice = choice
    }

    init(_ choice: Choice, _ terms: [Term]) {
        self.choice = choice
        self.terms = terms
    }

    /// The affine expression where the bound is just that.
    public var asAffine: AffineID? { terms.count == 1 && terms[0].divisor == 1 ? terms[0].affine : nil }
}

/// The state of one reduction while its loops run.
public struct Accumulator: Sendable {
    /// How values are gathered.
    public enum Kind: Hashable, Sendable {
        /// A value.
        case value(ReductionKind)
        /// The first place of the largest (`maximum`) or smallest value; the first NaN counts as both.
        case position(ReductionKind)
    }

    public var kind: Kind
    /// The indices of the loops that feed it, the outermost first.
    public var indices: [IndexID]
    /// What ``LoopStatement/finish(_:)`` defines: a real scalar.
    public var result: LocalID?
    /// For a position: one integer scalar for each of `indices`.
    public var positions: [LocalID] = []
    /// Whether it is certain to get at least one value.
    public var isNeverEmpty: Bool
    /// The position in ``System/equations`` of the equation where it stands.
    public var equation: Int
}

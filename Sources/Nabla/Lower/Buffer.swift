/// The storage of one quantity.
public struct Buffer: Sendable {
    /// What the numbers are for.
    public enum Role: Sendable {
        case parameter, input, target, constant
        /// Computed on the way.
        case intermediate
        /// Computed, and asked for.
        case result
    }

    /// How values of different training examples are kept.
    public enum Examples: Sendable {
        /// They are the same for all examples.
        case shared
        /// One value at a time: each example overwrites the one before.
        case reused
        /// One value for each example of a block: each block overwrites the one before.
        case blocked
        /// One value for each example.
        case stored
    }

    public var quantity: QuantityID
    public var role: Role
    public var examples: Examples
    /// What there is storage for: one box for each of the quantity's domains, in their order.
    public var boxes: [StorageBox]
    /// The range of each stage axis, over all boxes.
    public var stageRanges: [(lower: LoopBound, upper: LoopBound)]
    /// The extent of each element axis, the same at every stage; nil where they differ or may differ (ragged stages).
    public var uniformExtents: [AffineID]?
    /// Whether one expression gives the extents of every stage: then the first box's, read with any stage's indices.
    public var hasOneFormula: Bool
    /// Where not all stages are kept at a time: which.
    public var ring: Ring?

    /// A few places that the stages of a quantity use in turn.
    public struct Ring: Hashable, Sendable {
        /// How many stages are kept.
        public var count: Int
        /// The most elements that a stage has, where stages differ in size.
        public var capacity: Int?
    }
}

/// Part of a quantity's storage: for each value of its stage indices, a dense row-major array from 0 up to the extents.
///
/// Where boxes overlap, or several have the same stages, the larger extent counts.
public struct StorageBox: Sendable {
    /// The stage axes; bounds of one may mention indices of earlier ones.
    public var stages: [Axis]
    /// For each element axis, how many values there are to be, in terms of the stage indices: where the range of an axis depends on
    /// other elements, the most that it gets to.
    public var extents: [AffineID]
}

/// What a loop of a nest runs over.
public enum Dimension: Hashable, Sendable {
    /// The training examples of the current block.
    case examples
    /// The values of an index.
    case index(IndexID, lower: AffineID, upper: AffineID)

    /// The index; nil for the examples.
    public var index: IndexID? {
        switch self {
        case .examples: nil
        case .index(let index, _, _): index
        }
    }
}

extension Loop {
    /// The values of the loop's index, by its first bounds; of several, these are the widest that are known.
    var dimension: Dimension? {
        guard let lower = lower.terms.first?.affine, let upper = upper.terms.first?.affine else { return nil }
        return .index(index, lower: lower, upper: upper)
    }
}

/// A sum of products of two arrays, `target[row, column] (+)= factor · Σ_term left[row, term] · right[term, column]`: the product of two
/// matrices, of a matrix and a vector, or of two vectors, by which dimensions there are.
public struct Contraction: Sendable {
    /// What becomes of the target's old value.
    public enum Old: Sendable {
        case overwritten
        case added
        /// Overwritten in the first block of examples, then added to: a sum over all examples.
        case addedAfterFirstBlock
    }

    public var target: QuantityID
    public var indices: [AffineID]
    public var old: Old
    /// Accesses.
    public var left: ExprID
    public var right: ExprID
    /// The same for all rows, columns and terms.
    public var factor: ExprID
    /// Of the target and of `left`.
    public var rows: Dimension?
    /// Of the target, where it is the one whose elements lie side by side, and of `right`.
    public var columns: Dimension?
    /// Columns within each of `columns`, which lie side by side with them in the target, but not in `right`: the taps of a convolution.
    public var innerColumns: Dimension?
    /// One or two.
    public var terms: [Dimension]
    /// Where the terms of a row, or of a column, end or begin at the diagonal of a triangle.
    public var triangle: Triangle?
    /// The triangle of rows and columns that the target is; its places are columns, for row i.
    var targetTriangle: Triangle?
    /// The same as plain loops.
    public var plain: BlockID

    /// Which terms t count for row or column i, or which columns t for row i.
    public struct Triangle: Hashable, Sendable {
        /// t ≥ i + offset; else t < i + offset.
        public var isUpper: Bool
        public var isByColumn: Bool
        public var offset: Int
    }
}

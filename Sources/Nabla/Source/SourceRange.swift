/// A half-open range of UTF-8 byte offsets in one source text.
public struct SourceRange: Hashable, Sendable {
    /// The offset of the first byte.
    public var lower: UInt32
    /// The offset after the last byte.
    public var upper: UInt32

    /// The range from `lower` up to, not including, `upper`.
    public init(lower: UInt32, upper: UInt32) {
        self.lower = lower
        self.upper = upper
    }

    /// The empty range at the start: for what stands in no source.
    public static let none = SourceRange(lower: 0, upper: 0)

    /// The smallest range that contains both.
    public func union(_ other: SourceRange) -> SourceRange {
        SourceRange(lower: min(lower, other.lower), upper: max(upper, other.upper))
    }
}

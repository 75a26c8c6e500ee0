/// The floating-point type that generated Swift computes in.
public enum SwiftScalar: String, CaseIterable, Sendable, CustomStringConvertible {
    case double = "Double"
    case float = "Float"

    /// The type's name in Swift.
    public var description: String { rawValue }

    /// A number's bytes.
    var size: Int { self == .double ? 8 : 4 }

    /// How many numbers the widest vectors have, those of 64 bytes, and a line of the cache.
    var widestVector: Int { 64 / size }
}

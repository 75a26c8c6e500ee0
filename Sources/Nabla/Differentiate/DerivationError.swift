/// Why a derivative cannot be derived.
public struct DerivationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in a sentence without a full stop.
    public var message: String
    /// Where, in the spec that the system was read from.
    public var range: SourceRange

    public init(_ message: String, range: SourceRange = .none) {
        self.message = message
        self.range = range
    }

    public var description: String { message }
}

/// A row of the table of functions.
public struct FunctionID: Hashable, Sendable {
    /// The row's position.
    public let raw: UInt16

    init(raw: UInt16) { self.raw = raw }
}

/// What generated Swift looks like.
public struct SwiftOptions: Sendable {
    /// Who may use the generated type.
    public enum Access: String, CaseIterable, Sendable {
        case `internal`, `package`, `public`

        /// What stands before a declaration.
        var modifier: String { self == .internal ? "" : "\(rawValue) " }
    }

    public var access: Access
    public var scalar: SwiftScalar
    /// The spec's file name, without a path, for the first line; nil where it came from standard input.
    public var sourceName: String?
    /// The text of an equation, for comments: of a system, the one at this position of ``System/equations``.
    public var equationText: @Sendable (System, Int) -> String?

    public init(
        access: Access = .internal, scalar: SwiftScalar = .double, sourceName: String? = nil,
        equationText: @escaping @Sendable (System, Int) -> String? = { _, _ in nil }
    ) {
        self.access = access
        self.scalar = scalar
        self.sourceName = sourceName
        self.equationText = equationText
    }
}

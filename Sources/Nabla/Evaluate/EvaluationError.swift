/// Why a system cannot be evaluated at some values, though they have the right form.
public struct EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public var message: String
    /// The place in the spec that it is about; ``SourceRange/none`` where there is none.
    public var range: SourceRange

    init(_ message: String, at range: SourceRange = .none) {
        self.message = message
        self.range = range
    }

    public var description: String { message }
}

/// What is wrong with a file of values: all independent errors, with their places in that file.
public struct ValuesError: Error, Hashable, Sendable, CustomStringConvertible {
    /// In the order of their places; at least one.
    public var diagnostics: [Diagnostic]

    public var description: String { diagnostics.map(\.message).joined(separator: "\n") }
}

/// Something to tell about a spec: what, where, and what else helps.
public struct Diagnostic: Hashable, Sendable {
    /// How bad it is.
    public enum Severity: String, Sendable {
        case error, warning
    }

    /// More about a diagnostic: another place, a suggestion.
    public struct Note: Hashable, Sendable {
        /// The other place; nil for a remark.
        public var range: SourceRange?
        public var message: String

        public init(_ message: String, at range: SourceRange? = nil) {
            self.range = range
            self.message = message
        }
    }

    public var severity: Severity
    public var range: SourceRange
    /// One sentence, without a full stop.
    public var message: String
    public var notes: [Note]

    public init(_ severity: Severity = .error, _ message: String, at range: SourceRange, notes: [Note] = []) {
        self.severity = severity
        self.range = range
        self.message = message
        self.notes = notes
    }

    /// "did you mean 'sigmoid'?" where there is a name to suggest.
    static func suggestion(_ name: String?) -> [Note] {
        name.map { [Note("did you mean '\($0)'?")] } ?? []
    }
}

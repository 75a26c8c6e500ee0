/// Something to tell about a spec, with its place.
public struct Diagnostic: Hashable, Sendable, Error {
    public enum Severity: String, Sendable {
        case error, warning
    }

    /// What helps to understand it: another place, or a suggestion.
    public struct Note: Hashable, Sendable {
        public var message: String
        /// Nil for a note without a place of its own.
        public var range: SourceRange?

        public init(_ message: String, range: SourceRange? = nil) {
            self.message = message
            self.range = range
        }
    }

    public var severity: Severity
    public var message: String
    public var range: SourceRange
    public var notes: [Note]

    public init(_ message: String, range: SourceRange, notes: [Note] = [], severity: Severity = .error) {
        self.severity = severity
        self.message = message
        self.range = range
        self.notes = notes
    }
}

/// Diagnostics in the order of their places, each once.
public struct DiagnosticList: Sendable {
    private var items: [Diagnostic] = []
    private var seen: Set<Key> = []
    /// How many are shown: the first ones by place are what a person mends.
    public static let most = 100
    /// How many are kept until they are sorted; a spec with more is not worth the memory.
    private static let mostKept = 100_000

    /// One place and one message are one problem, whatever the notes say.
    private struct Key: Hashable {
        var range: SourceRange
        var message: String
    }

    public init() {}

    public mutating func append(_ diagnostic: Diagnostic) {
        guard items.count < DiagnosticList.mostKept,
            seen.insert(Key(range: diagnostic.range, message: diagnostic.message)).inserted
        else { return }
        items.append(diagnostic)
    }

    public mutating func append(contentsOf other: [Diagnostic]) {
        for diagnostic in other { append(diagnostic) }
    }

    /// The first ``most`` by place; equal places in the order in which they were found.
    public var sorted: [Diagnostic] {
        items.enumerated().sorted {
            ($0.element.range.lower, $0.element.range.upper, $0.offset)
                < ($1.element.range.lower, $1.element.range.upper, $1.offset)
        }.prefix(DiagnosticList.most).map(\.element)
    }

    public var isEmpty: Bool { items.isEmpty }

    /// How many there are.
    public var count: Int { items.count }
}

/// Diagnostics as they are shown: in the order of their places, each once, not more than a reader can use.
public struct DiagnosticList: Sendable {
    /// What is shown.
    public let shown: [Diagnostic]
    /// How many errors are left out.
    public let omittedErrors: Int
    /// Whether any diagnostic, shown or not, is an error.
    public let hasErrors: Bool

    /// Sorts `diagnostics`, drops repeated ones, and keeps the first `limit`.
    public init(_ diagnostics: [Diagnostic], limit: Int = 100) {
        let order = diagnostics.indices.sorted { left, right in
            let (a, b) = (diagnostics[left].range, diagnostics[right].range)
            return (a.lower, a.upper, left) < (b.lower, b.upper, right)
        }
        var shown: [Diagnostic] = []
        var seen: Set<Key> = []
        var omitted = 0
        for position in order {
            let diagnostic = diagnostics[position]
            // One place and one message is one problem, whatever the notes say.
            guard seen.insert(Key(range: diagnostic.range, message: diagnostic.message)).inserted else { continue }
            if shown.count < limit {
                shown.append(diagnostic)
            } else if diagnostic.severity == .error {
                omitted += 1
            }
        }
        self.shown = shown
        omittedErrors = omitted
        hasErrors = diagnostics.contains { $0.severity == .error }
    }

    private struct Key: Hashable {
        var range: SourceRange
        var message: String
    }
}

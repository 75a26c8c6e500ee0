import Testing

@testable import Nabla

@Suite("Diagnostics")
struct DiagnosticTests {
    func render(_ text: String, _ lower: UInt32, _ upper: UInt32, color: Bool = false) -> String {
        let source = SourceText(name: "dir/a.nabla", text: text)
        let diagnostic = Diagnostic(
            "wrong", range: SourceRange(lower: lower, upper: upper),
            notes: [
                Diagnostic.Note("did you mean 'y'?"), Diagnostic.Note("first", range: SourceRange(lower: 0, upper: 1)),
            ])
        return DiagnosticRenderer(source: source, usesColor: color).text(diagnostic)
    }

    @Test func layout() {
        #expect(
            render("a = 1\n\tb = foo(2)\n", 11, 14) == """
                dir/a.nabla:2:6: error: wrong
                \tb = foo(2)
                \t    ^~~
                note: did you mean 'y'?
                dir/a.nabla:1:1: note: first
                a = 1
                ^

                """)
    }

    @Test func wideAndLongLines() {
        #expect(render("σ = 漢字 + x", 5, 11).contains("σ = 漢字 + x\n    ^~~~\n"))
        #expect(render("漢 = x", 6, 7).contains("\n     ^\n"))
        let long = String(repeating: "x", count: 500) + "?" + String(repeating: "y", count: 500)
        let text = render(long, 500, 501)
        #expect(text.contains("…" + String(repeating: "x", count: 60) + "?"))
        #expect(text.contains("\n" + String(repeating: " ", count: 61) + "^\n"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count < 170 })
        // A range over several lines is marked to the end of the first one.
        #expect(render("ab cd\nef", 3, 8).contains("ab cd\n   ^~\n"))
        // Nothing in a source commands the terminal.
        #expect(!render("x\u{1B}[31m", 0, 1).contains("\u{1B}"))
        #expect(render("x", 0, 1, color: true).contains("\u{1B}[1;31merror: \u{1B}[0m"))
    }

    @Test func json() {
        let source = SourceText(name: "a\"b", text: "x\nyσz")
        let diagnostic = Diagnostic(
            "a\\b", range: SourceRange(lower: 2, upper: 5),
            notes: [Diagnostic.Note("n", range: SourceRange(lower: 0, upper: 1)), Diagnostic.Note("m")])
        #expect(
            DiagnosticRenderer(source: source).json(diagnostic) == """
                {"file":"a\\"b","line":2,"column":1,"endLine":2,"endColumn":3,"severity":"error","message":"a\\\\b",\
                "notes":[{"file":"a\\"b","line":1,"column":1,"endLine":1,"endColumn":2,"message":"n"},{"message":"m"}]}

                """)
    }

    @Test func listsAreSortedAndShort() {
        var all = (0..<250).map { position in
            Diagnostic("e", range: SourceRange(lower: UInt32(999 - position), upper: 1000))
        }
        all.append(all[0])
        var list = DiagnosticList()
        list.append(contentsOf: all)
        #expect(list.count == 250)
        #expect(list.sorted.map(\.range.lower) == Array(750..<850))
    }

    @Test func suggestions() {
        let names = ["sigmoid", "softmax", "relu", "w", "Lambda", "tan", "tanh"]
        func nearest(_ name: String) -> String? { Suggestion.closest(to: name, among: names) }
        #expect(nearest("sigmod") == "sigmoid")
        #expect(nearest("tahn") == "tanh")
        #expect(nearest("tann") == "tanh")
        #expect(nearest("tn") == "tan")
        #expect(nearest("lambda") == "Lambda")
        #expect(nearest("x") == nil)
        #expect(nearest("W") == "w")
        #expect(nearest("gelu") == "relu")
        #expect(nearest(String(repeating: "a", count: 1_000_000)) == nil)
    }
}

import Testing

@testable import Nabla

@Suite("Diagnostics")
struct DiagnosticTests {
    func render(_ text: String, _ lower: UInt32, _ upper: UInt32, color: Bool = false) -> String {
        let source = SourceText(name: "dir/a.nabla", text: text)
        let diagnostic = Diagnostic(
            .error, "wrong", at: SourceRange(lower: lower, upper: upper),
            notes: [
                Diagnostic.Note("did you mean 'y'?"), Diagnostic.Note("first", at: SourceRange(lower: 0, upper: 1)),
            ])
        return DiagnosticRenderer(source, usesColor: color).text(DiagnosticList([diagnostic]))
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
        #expect(text.contains("…" + String(repeating: "x", count: 40) + "?"))
        #expect(text.contains("\n" + String(repeating: " ", count: 41) + "^\n"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count < 140 })
        // A range over several lines is marked to the end of the first one.
        #expect(render("ab cd\nef", 3, 8).contains("ab cd\n   ^~\n"))
        // Nothing in a source commands the terminal.
        #expect(!render("x\u{1B}[31m", 0, 1).contains("\u{1B}"))
        #expect(render("x", 0, 1, color: true).contains("\u{1B}[1;31merror:\u{1B}[0m"))
    }

    @Test func json() {
        let source = SourceText(name: "a\"b", text: "x\nyσz")
        let diagnostic = Diagnostic(
            .error, "a\\b", at: SourceRange(lower: 2, upper: 5),
            notes: [Diagnostic.Note("n", at: SourceRange(lower: 0, upper: 1)), Diagnostic.Note("m")])
        #expect(
            DiagnosticRenderer(source).json(DiagnosticList([diagnostic])) == """
                {"file":"a\\"b","line":2,"column":1,"endLine":2,"endColumn":3,"severity":"error","message":"a\\\\b",\
                "notes":[{"file":"a\\"b","line":1,"column":1,"endLine":1,"endColumn":2,"message":"n"},{"message":"m"}]}

                """)
    }

    @Test func listsAreSortedAndShort() {
        var all = (0..<250).map { position in
            Diagnostic(.error, "e", at: SourceRange(lower: UInt32(999 - position), upper: 1000))
        }
        all.append(all[0])
        let list = DiagnosticList(all)
        #expect(list.shown.count == 100)
        #expect(list.omittedErrors == 150)
        #expect(list.shown.map(\.range.lower) == Array(750..<850))
        #expect(!DiagnosticList([]).hasErrors)
    }

    @Test func suggestions() {
        var suggester = NameSuggester()
        let names = ["sigmoid", "softmax", "relu", "w", "Lambda", "tanh"]
        #expect(suggester.nearest(to: "sigmod", among: names) == "sigmoid")
        #expect(suggester.nearest(to: "tahn", among: names) == "tanh")
        #expect(suggester.nearest(to: "lambda", among: names) == "Lambda")
        #expect(suggester.nearest(to: "x", among: names) == nil)
        #expect(suggester.nearest(to: "W", among: names) == "w")
        #expect(suggester.nearest(to: "gelu", among: names) == "relu")
        #expect(suggester.nearest(to: String(repeating: "a", count: 1_000_000), among: names) == nil)
        #expect(NameSuggester.distance(Array("kitten".unicodeScalars), Array("sitting".unicodeScalars)) == 3)
        var poor = NameSuggester(budget: 3)
        #expect(poor.nearest(to: "tahn", among: names) == nil)
    }
}

import Testing

@testable import Nabla

@Suite("Syntax of statements")
struct StatementSyntaxTests {
    @Test func everyDeclaration() {
        let (statements, errors) = SyntaxDump.spec(
            """
            /// A network.
            network Digits
            size L = 3, M = 2*L - 1
            size N
            size n(0...L) = [784, 16,
                16, 10]
            size m(0...L)
            layer l in 1...L
            step t in 1...T
            input x(1...T+1)[B], u
            target y[n(L)] distribution, z distribution
            param w(l)[n(l), n(l-1)], b(l)[n(l)]
            const lambda = 0.01, c[3] = [1, -2, 1/3], A[N,M], B[2,2] = [[1, 2], [3, 4]]
            func swish(u) = u * sigmoid(u)
            func sigma(u)
            a(0)[k] = x[k]
            a(l in 1..<L)[i in 0..<n(l)] = relu(z(l)[i])
            p[0] = 1
            s = 2
            cost C = mean(examples: C0)
            derivative dC_dw(l)[j,k] of C wrt w = a(l-1)[k] * dC_dz(l)[j]
            derivative H[i] of dC_dw(2)[0,1] wrt x = 0
            """)
        #expect(errors.isEmpty)
        #expect(
            statements == [
                "network Digits", "size L = 3, M = {+ {* 2 L} -1}", "size N",
                "size n(0...L) = {list 784 16 16 10}", "size m(0...L)", "layer l in 1...L", "step t in 1...T",
                "input x(1...{+ T 1})[B], u", "target y[n(L)] distribution, z distribution",
                "parameter w(l)[n(l) n({+ l -1})], b(l)[n(l)]",
                "constant lambda = 0.01, c[3] = {list 1 {neg 2} {* 1 /3}}, A[N M], B[2 2] = {list {list 1 2} {list 3 4}}",
                "function swish(u) = {* u sigmoid(u)}", "function sigma(u)", "equation a(0)[k] = x[k]",
                "equation a(l in 1..<L)[i in 0..<n(l)] = relu(z(l)[i])", "equation p[0] = 1", "equation s = 2",
                "cost C = {mean examples: C0}",
                "derivative dC_dw(l)[j k] of C wrt w = {* a({+ l -1})[k] dC_dz(l)[j]}",
                "derivative H[i] of dC_dw(2)[0 1] wrt x = 0",
            ])
    }

    @Test func errorsAreIndependent() {
        let (statements, errors) = SyntaxDump.spec(
            """
            size N = 
            n = 1 * 
            parm v
            parm w[N]
            param sum[N], v[N]
            x = (a + b
            y = f(a,
            z = 3 4
            cost C = z +
            param k = 3
            layer l
            const c = [1, 2
            derivative d C wrt w = 3
            q == 3
            )
            r(3
            cost D = 1
            """)
        #expect(
            errors == [
                "expected an expression, but the line ends @ =", "an operator is missing before 'v' @ v",
                "'parm' starts no declaration @ parm", "'sum' is a reserved word @ sum", "this '(' is not closed @ (",
                "this '(' is not closed @ (", "an operator is missing before '4' @ 4",
                "expected an expression, but the line ends @ +", "only a const has a value in the spec @ =",
                "expected 'in' and a range, but the line ends @ l", "this '[' is not closed @ [",
                "expected 'of' and the cost, but found 'C' @ C", "expected '=', but found '==' @ ==",
                "expected a declaration or an equation, but found ')' @ )", "this '(' is not closed @ (",
            ])
        #expect(statements == ["cost D = 1"])
    }

    @Test func documentationBelongsToTheNextStatement() {
        let source = SourceText(
            name: "test",
            text: """
                /// First.
                ///  Second.
                //// No documentation.
                x = 1 /// Not here either.
                // a comment
                y = (2 /
                /// nor here
                3)
                ///Third.
                cost C = 1
                """)
        let (tree, diagnostics) = Parser.parse(source)
        #expect(diagnostics.isEmpty)
        #expect(tree.statements.map(\.documentation) == ["First.\n Second.", "", "Third."])
    }

    @Test func damagedNamesAreKnown() {
        let source = SourceText(name: "test", text: "param a[2, b[3]\nx(l)[j] = y +\ncost C = ,")
        let (tree, _) = Parser.parse(source)
        #expect(tree.unreadNames == ["a", "b", "x", "C"])
    }

    @Test func lineEndsAndMarks() {
        let text = "\u{FEFF}size N = 3\r\ncost C = N +\r\n  $ 1"
        let source = SourceText(name: "test", text: text)
        let (tree, diagnostics) = Parser.parse(source)
        #expect(tree.statements.count == 1)
        #expect(diagnostics.map(\.message) == ["'$' has no meaning here"])
        let starts = source.lineStarts
        #expect(
            diagnostics.first.map { source.place(of: Int($0.range.lower), starts) }
                == SourceText.Place(line: 3, column: 3))
        #expect(source.place(of: 3, starts) == SourceText.Place(line: 1, column: 1))
    }
}

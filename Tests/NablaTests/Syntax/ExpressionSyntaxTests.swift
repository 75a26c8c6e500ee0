import Testing

@testable import Nabla

@Suite("Syntax of expressions")
struct ExpressionSyntaxTests {
    @Test(
        "operators bind as the language says",
        arguments: [
            ("a + b - c + d", "{+ a b -c d}"),
            ("a * b / c * d", "{* a b /c d}"),
            ("a + b * c", "{+ a {* b c}}"),
            ("a * b + c * d", "{+ {* a b} {* c d}}"),
            ("a - (b - c)", "{+ a -{+ b -c}}"),
            ("(a + b) + c", "{+ {+ a b} c}"),
            ("a / (b * c)", "{* a /{* b c}}"),
            ("-x^2", "{neg {^ x 2}}"),
            ("-a * b", "{* {neg a} b}"),
            ("a * -b", "{* a {neg b}}"),
            ("-a + b", "{+ {neg a} b}"),
            ("a - -b", "{+ a -{neg b}}"),
            ("v^-2", "{^ v {neg 2}}"),
            ("v^-2*w", "{* {^ v {neg 2}} w}"),
            ("a^b^c", "{^ a {^ b c}}"),
            ("a^-b^c", "{^ a {neg {^ b c}}}"),
            ("(-x)^2", "{^ {neg x} 2}"),
            ("2^-x^-y", "{^ 2 {neg {^ x {neg y}}}}"),
            ("a < b && c >= d || e == f", "{|| {&& {< a b} {>= c d}} {== e f}}"),
            ("a || b || c && d && e", "{|| a b {&& c d e}}"),
            ("c ? a : b", "{? c a b}"),
            ("c ? a : d ? e : f", "{? c a {? d e f}}"),
            ("c ? d ? e : f : b", "{? c {? d e f} b}"),
            ("a + 1 < b ? a - 1 : b * 2", "{? {< {+ a 1} b} {+ a -1} {* b 2}}"),
            ("(i == j ? 1 : 0) * x", "{* {? {== i j} 1 0} x}"),
        ])
    func precedence(_ text: String, _ expected: String) { #expect(SyntaxDump.of(text) == expected) }

    @Test(
        "calls, accesses and reductions",
        arguments: [
            ("w(l)[j,k]", "w(l)[j k]"),
            ("w(l) * x[k]", "{* w(l) x[k]}"),
            ("a(l-1)[2*i+p]", "a({+ l -1})[{+ {* 2 i} p}]"),
            ("sigmoid(z(l)[j])", "sigmoid(z(l)[j])"),
            ("max(a, b, c)", "max(a b c)"),
            ("max(k: e)", "{max k: e}"),
            ("max(c ? a : b, d)", "max({? c a b} d)"),
            ("max(k in 0..<n: c ? a : b)", "{max k in 0..<n: {? c a b}}"),
            ("sum(i, j in 0..<i: A[i,j])", "{sum i j in 0..<i: A[i j]}"),
            ("sum(i in 1...n-1, j: x)", "{sum i in 1...{+ n -1} j: x}"),
            ("mean(examples: C0)", "{mean examples: C0}"),
            ("sum(k: a) + b", "{+ {sum k: a} b}"),
            ("sum(k: a + b)", "{sum k: {+ a b}}"),
            ("argmax(i, j: e) == (i, j)", "{== {argmax i j: e} {tuple i j}}"),
            ("prod(j: (j == i ? 1 : e))", "{prod j: {? {== j i} 1 e}}"),
            ("logsumexp(k: z[k])", "{logsumexp k: z[k]}"),
            ("s'(u) + s''(u) * f'2(u, v) / f'1'2(u, v)", "{+ s'1(u) {* s'1'1(u) f'2(u v) /f'1'2(u v)}}"),
            ("σ(λ)", "σ(λ)"),
            ("((((x))))", "x"),
            ("1e-3 + 0.5 + 12.25E+4", "{+ 1e-3 0.5 12.25E+4}"),
            ("(a\n + b\n\n * c)", "{+ a {* b c}}"),
            ("a +\n b", "{+ a b}"),
            ("f(a,\n b) // comment", "f(a b)"),
        ])
    func applications(_ text: String, _ expected: String) { #expect(SyntaxDump.of(text) == expected) }

    @Test(
        "errors",
        arguments: [
            ("2 x", "an operator is missing before 'x'"),
            ("2x", "a number right before a name"),
            ("a < b < c", "comparisons do not chain"),
            ("a +", "expected an expression, but the line ends"),
            ("", "expected an expression, but the spec ends"),
            ("(a", "this '(' is not closed"),
            ("a[1", "this '[' is not closed"),
            ("(a]", "expected an operator, ',' or ')', but found ']'"),
            ("f(a))", "this ')' closes nothing"),
            ("f()", "an index or an argument is missing between the brackets"),
            ("f(a,)", "expected an expression, but found ')'"),
            ("c ? a", "expected ':' and the other branch, but the line ends"),
            ("(c ? a)", "expected ':' and the other branch, but found ')'"),
            ("a : b", "this ':' belongs to no '?' and to no reduction"),
            ("sum(a)", "expected ':' and what to reduce, but found ')'"),
            ("sum k", "'sum' is a reserved word"),
            ("sum(k+1: x)", "expected ':' and what to reduce, but found '+'"),
            ("sum(k in n: x)", "expected '..<' or '...' and the end of the range, but found ':'"),
            ("sum(k: x, y)", "a reduction has one body"),
            ("sum(k: x: y)", "expected an operator, ',' or ')', but found ':'"),
            ("prod(examples: x)", "'examples' stands alone in a sum or a mean"),
            ("sum(examples, k: x)", "'examples' stands alone in a sum or a mean"),
            ("x[i](l)", "stages stand before elements"),
            ("x[i][j]", "indices stand in one pair of brackets"),
            ("a $ b", "'$' has no meaning here"),
            ("a − b", "'−' has no meaning here"),
            ("size", "'size' is a reserved word"),
            ("s'0(u)", "which argument? They count from 1"),
            ("+a", "expected an expression, but found '+'"),
            (".5", "'.' has no meaning here"),
            ("w₁", "'₁' has no meaning here"),
            ("a...b", "expected the end, but found '...'"),
            ("(a in 0...1)", "expected an operator, ',' or ')', but found 'in'"),
        ])
    func errors(_ text: String, _ message: String) { #expect(SyntaxDump.of(text) == "error: " + message) }

    @Test func conditionsAreNegated() { #expect(SyntaxDump.of("!(a < b) && !c") == "{&& {! {< a b}} {! c}}") }
}

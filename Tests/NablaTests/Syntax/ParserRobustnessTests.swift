import Testing

@testable import Nabla

/// A small generator of reproducible random numbers (SplitMix64; Steele, Lea and Flood 2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

@Suite("The parser survives everything")
struct ParserRobustnessTests {
    static let spec = """
        /// The digit network σ.
        network Digits
        size L = 3
        size n(0...L) = [784, 16, 16, 10]
        layer l in 1...L
        input  x[n(0)]
        target y[n(L)] distribution  // a comment
        param  w(l)[n(l), n(l-1)], b(l)[n(l)]
        const c[2] = [1.5, -2e-3]
        func f(u) = u^2 / (1 + exp(-u))
        a(0)[k] = x[k]
        z(l)[j] = sum(k: w(l)[j,k] * a(l-1)[k]) + b(l)[j]
        a(l in 1...L)[j] = (j > 0 && l != 2 ? sigmoid(z(l)[j]) : max(z(l)[j], f'(0)))
        cost C0 = sum(j in 0..<n(L): (a(L)[j] - y[j])^2)
        cost C  = mean(examples: C0)
        derivative dC_dw(l)[j,k] of C wrt w = 1
        """

    /// Parses, renders all diagnostics, and checks what every tree promises.
    @discardableResult
    func check(_ bytes: [UInt8]) -> (tree: SyntaxTree, diagnostics: [Diagnostic]) {
        let source = SourceText(name: "fuzz", bytes: bytes)
        let (tree, diagnostics) = Parser.parse(source)
        #expect(diagnostics.allSatisfy { $0.range.lower <= $0.range.upper && Int($0.range.upper) <= bytes.count })
        #expect(
            (0..<tree.count).map { tree.range(SyntaxID($0)) }
                .allSatisfy { $0.lower <= $0.upper && Int($0.upper) <= bytes.count })
        let renderer = DiagnosticRenderer(source: source)
        for diagnostic in diagnostics.prefix(10) {
            #expect(!renderer.text(diagnostic).isEmpty)
            #expect(!renderer.json(diagnostic).isEmpty)
        }
        return (tree, diagnostics)
    }

    @Test func truncatedSpecs() {
        let bytes = Array(Self.spec.utf8)
        #expect(check(bytes).diagnostics.isEmpty)
        for count in 0..<bytes.count { check(Array(bytes[..<count])) }
        for first in 0..<bytes.count { check(Array(bytes[first...])) }
    }

    @Test func randomBytes() {
        var random = SplitMix64(state: 1)
        var errors = 0
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            errors += check(bytes).diagnostics.count
        }
        #expect(errors > 500)
    }

    @Test func randomTokens() {
        var random = SplitMix64(state: 2)
        let tokens =
            ExpressionParser.reserved.sorted() + [
                "a", "b", "f", "i", "1", "2.5", "(", ")", "[", "]", "(", ")", "[", "]", ",", ":", "?", "=", "...",
                "..<",
                "||", "&&", "<", ">=", "==", "+", "-", "*", "/", "^", "'", "'2", "\n", "\n", "/// d\n", "distribution",
                "of",
                "wrt", "$", "é",
            ]
        var statements = 0
        for _ in 0..<3000 {
            let words = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                tokens.randomElement(using: &random) ?? ""
            }
            statements += check(Array(words.joined(separator: " ").utf8)).tree.statements.count
        }
        #expect(statements > 5)
    }

    @Test func damagedSpecs() {
        var random = SplitMix64(state: 3)
        let bytes = Array(Self.spec.utf8)
        for _ in 0..<1000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let at = Int.random(in: 0..<damaged.count, using: &random)
                switch Int.random(in: 0...3, using: &random) {
                case 0: damaged.remove(at: at)
                case 1: damaged[at] = UInt8.random(in: 0...255, using: &random)
                case 2: damaged.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: at)
                default: damaged.swapAt(at, Int.random(in: 0..<damaged.count, using: &random))
                }
            }
            check(damaged)
        }
    }

    @Test(
        "a hundred thousand levels",
        arguments: [
            ("(", "x", ")"), ("f(", "x", ")"), ("-", "x", ""), ("x[", "1", "]"), ("sum(k: ", "x", ")"),
            ("x + ", "x", ""), ("x / ", "x", ""), ("x^", "x", ""), ("c ? a : ", "x", ""), ("c ? ", "x", " : a"),
            ("x && ", "x", ""), ("f(x, ", "x", ")"), ("(x - ", "x", ")"), ("(", "", ""), ("f[", "", ""), ("", "", ")"),
            ("x ? ", "", ""), ("f(x)[", "", ""),
        ])
    func depth(_ opening: String, _ middle: String, _ closing: String) {
        let count = 100_000
        let bytes =
            Array("cost C = ".utf8) + Array(repeatElement(Array(opening.utf8), count: count).joined())
            + Array(middle.utf8)
            + Array(repeatElement(Array(closing.utf8), count: count).joined())
        let (tree, diagnostics) = Parser.parse(SourceText(name: "deep", bytes: bytes))
        if middle.isEmpty {
            #expect(diagnostics.count == 1)
        } else {
            #expect(diagnostics.isEmpty)
            #expect(tree.statements.count == 1)
        }
    }

    @Test func aMillionParentheses() {
        let count = 1_000_000
        let text = String(repeating: "(", count: count) + "x" + String(repeating: ")", count: count)
        #expect(SyntaxDump.of(text) == "x")
        let sum = String(repeating: "x + ", count: count) + "x"
        let (tree, _, diagnostics) = Parser.parseExpression(SourceText(name: "sum", text: sum))
        #expect(diagnostics.isEmpty)
        #expect(tree.count == count + 2)
    }

    @Test func manyDamagedLinesTakeLinearTime() {
        let text = String(repeating: "x = )\n", count: 100_000)
        let (_, diagnostics) = Parser.parse(SourceText(name: "lines", text: text))
        #expect(diagnostics.count == 100_000)
    }
}

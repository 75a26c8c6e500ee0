import Testing

@testable import Nabla

/// Specs that are nested deeply: they evaluate, and what is derived of them is as long as they are, not as its square.
@Suite struct DeepNestTests {
    /// x above 1/n gives the value 2w, above 2/n (from the highest down) 3w, and so on: exactly one branch is taken.
    private static func elseIfs(_ count: Int) -> String {
        let branches = (0..<count).map { "(x > \(count - $0)/\(count) ? w*\($0 + 2) : " }.joined()
        return "param x, w\n\ny = \(branches)w^2\(String(repeating: ")", count: count))\ncost C = y^2\n"
    }

    private static func values(_ x: Double) -> String { "{\"x\": \(x), \"w\": 3}" }

    @Test(arguments: [1, 20, 100, 200, 350, 399]) func branchesOfAnElseIfChain(_ branch: Int) throws {
        let x = (Double(400 - branch) + 0.5) / 400
        let found = try Evaluation(Self.elseIfs(400), Self.values(x), wrt: [])
        let factor = Double(branch + 2)
        #expect(isClose(found.cost, 9 * factor * factor))
        #expect(isClose(try found.gradient("w").values, [6 * factor * factor]))
        #expect(isClose(try found.gradient("x").values, [0]))
    }

    @Test func theLastBranch() throws {
        let found = try Evaluation(Self.elseIfs(400), Self.values(-1), wrt: [])
        #expect(isClose(found.cost, 81))
        #expect(isClose(try found.gradient("w").values, [108]))
    }

    /// A branch not taken has no value, and leaves no trace.
    @Test func aBranchNotTaken() throws {
        let nest =
            String(repeating: "(x > 0 ? x + ", count: 100) + "w" + String(repeating: " : log(x) * w)", count: 100)
        let found = try Evaluation("param x, w\n\ncost C = \(nest)\n", "{\"x\": 0.5, \"w\": 3}", wrt: [])
        #expect(isClose(found.cost, 53))
        #expect(isClose(try found.gradient("x").values, [100]))
        #expect(isClose(try found.gradient("w").values, [1]))
    }

    private static func shape(_ name: String, _ count: Int) -> String {
        func nest(_ open: String, _ inside: String, _ close: String) -> String {
            String(repeating: open, count: count) + inside + String(repeating: close, count: count)
        }
        switch name {
        case "conditions": return elseIfs(count)
        case "functions": return "param x\ncost C = \(nest("sin(x * ", "x", ")"))\n"
        case "quotients": return "param x, w\ncost C = \(nest("x / (w + ", "1", ")"))\n"
        case "maxima":
            let arguments = (0..<count).map { "w[\($0)]^2" }.joined(separator: ", ")
            return "param w[\(count)]\ncost C = max(\(arguments))\n"
        case "products":
            let factors = (0..<count).map { "(w[\($0)] + 1)" }.joined(separator: " * ")
            return "param w[\(count)]\ncost C = \(factors)\n"
        default:
            let functions = (1..<count).map { "func f\($0)(u) = f\($0 - 1)(u) + sin(u)\n" }.joined()
            return "func f0(u) = u^2\n\(functions)param x\ncost C = f\(count - 1)(x)\n"
        }
    }

    @Test(arguments: ["conditions", "functions", "quotients", "maxima", "products", "user functions"])
    func derivedSystemsAreAsLongAsTheSpec(_ name: String) throws {
        let sizes = try [100, 200].map { count in
            var spec = Spec(SourceText(name: "deep.nabla", text: Self.shape(name, count)))
            return SpecPrinter.text(of: try spec.derive().system).utf8.count
        }
        #expect(Double(sizes[1]) < 2.6 * Double(sizes[0]), "\(sizes)")
    }

    /// Σ_k sin x + x² has the derivative n cos x + 2x.
    @Test func aLongChainOfFunctions() throws {
        let found = try Evaluation(Self.shape("user functions", 400), "{\"x\": 0}", wrt: [])
        #expect(isClose(found.cost, 0))
        #expect(isClose(try found.gradient("x").values, [399]))
    }

    /// Sizes by stage: the one stage that a piece has is not left out of what is checked once they are known.
    @Test func aPieceOfOneStage() throws {
        let spec = """
            size H = 2
            layer h in 1...H
            size n(0...H)
            param w(h)[n(h)]
            d(H)[j in 0..<n(H)] = 1
            d(h in 1..<H)[j in 0..<n(h)] = w(h)[j]
            e(H)[j in 0..<n(H)] = 1
            e(h in 1..<H)[k in 0..<n(h)] = d(h)[k]
            cost C = sum(h: sum(k: e(h)[k]*w(h)[k]))
            """
        let values = #"{"n": {"0": 4, "1": 3, "2": 2}, "w": {"1": [1, 2, 3], "2": [4, 5]}}"#
        #expect(try Evaluation(spec, values).cost == 23)
    }

    @Test func aLetterForAnElementIsExplained() {
        var spec = Spec(SourceText(name: "element.nabla", text: "param w[3]\nz[i] = w[i]^2\ncost C = sum(i: z[i])\n"))
        let error = #expect(throws: DerivationError.self) { try spec.derive(of: "z[i]") }
        #expect(error?.message.contains("as in 'z[0]'") == true)
    }
}

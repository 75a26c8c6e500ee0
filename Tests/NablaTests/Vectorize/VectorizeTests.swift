import Foundation
import TestSupport
import Testing

@testable import Nabla

/// The passes that make a program fast: each one's program computes what the one before does, and has the shape that it is for.
@Suite struct VectorizeTests {
    private static let passes: [(name: String, run: @Sendable (LoopProgram) -> LoopProgram)] = [
        ("ranges", { $0.splittingRanges(ofRecurrences: false).splittingRanges(ofRecurrences: true) }),
        ("constants", { $0.splittingRanges(ofRecurrences: false).foldingConstants() }),
        ("sums", { $0.splittingRanges(ofRecurrences: false).findingLanes().fusingReductions() }),
        ("carried scalars", { $0.splittingRanges(ofRecurrences: true).carryingScalars() }),
        ("scalars", { $0.carryingScalars().replacingWithScalars().removingDeadCode() }),
        ("blocks", { $0.blockingExamples() }),
        ("contractions", { $0.blockingExamples().findingContractions() }),
        ("lanes", { $0.blockingExamples().findingContractions().findingLanes() }),
        ("fusion", { $0.blockingExamples().findingContractions().findingLanes().fusingLanes() }),
        ("rings", { $0.keepingFewStages() }),
        ("calls", { $0.blockingExamples().findingContractions().findingLanes().keepingCalls() }),
        ("loops", { $0.blockingExamples().findingContractions().findingLanes().fusingLoops() }),
        (
            "reductions",
            { $0.blockingExamples().findingContractions().findingLanes().fusingLoops().sharingReductions() }
        ),
        ("rows", { $0.findingLanes().copyingRows(of: 4).paddingRows(to: 4) }),
        ("factors", { $0.findingLanes().fusingLanes().sharingFactors() }),
        ("ranges of vectors", { $0.findingLanes().splittingRanges(ofRecurrences: true).fusingLanes() }),
        ("sums", { $0.blockingExamples().findingContractions().findingLanes().fusingLanes().fusingSums() }),
        ("all", { $0.vectorized() }),
    ]

    /// The numbers that a program computes: the cost, then the gradient.
    static func numbers(
        _ program: LoopProgram, _ bound: BoundSystem, _ derived: DerivedSystem, _ values: Values
    ) throws -> [Double] {
        guard case .access(let cost, let indices) = bound.system.graph.form(of: derived.cost), indices.isEmpty else {
            return []
        }
        let results = try PreparedEvaluation(
            program, bound, cost: (cost, []), gradient: derived.gradient, second: nil, quantities: nil,
            exampleCount: max(1, values.examples.count)
        ).run(values)
        return results.cost.all + (results.gradient ?? []).flatMap { $0.value.all.flatMap(\.values) }
    }

    static func lowered(_ text: String) throws -> (LoopProgram, DerivedSystem) {
        var spec = Spec(SourceText(name: "test.nabla", text: text))
        #expect(spec.isValid, "\(spec.diagnostics.map(\.message))")
        let derived = try spec.derive()
        guard case .access(let cost, _) = derived.system.graph.form(of: derived.cost) else {
            throw EvaluationError("no cost")
        }
        return (
            try LoopProgram.lowering(derived.lowered(), results: [cost] + derived.gradient.compactMap(\.derivative)),
            derived
        )
    }

    @Test func passesKeepTheValuesOfRandomSpecs() throws {
        var compared = 0
        for seed in UInt64(20_000)..<20_150 {
            let random = RandomSpecs.make(seed: seed)
            var spec = Spec(SourceText(name: "random.nabla", text: random.text))
            let values = try ValuesReader.read(SourceText(name: "values.json", text: random.json), for: spec.system)
            let derived = try spec.derive()
            let evaluator = Evaluator(derived.lowered(), cost: derived.cost, gradient: derived.gradient)
            guard let prepared = try? evaluator.prepare(values.bound, exampleCount: values.examples.count) else {
                continue
            }
            let own = try BoundSystem(derived.lowered(), sizes: Evaluator.sizes(of: values.bound))
            guard let expected = try? Self.numbers(prepared.program, own, derived, values), !expected.isEmpty else {
                continue
            }
            let largest = max(1e-3, expected.map(abs).filter(\.isFinite).max() ?? 0)
            for (name, pass) in Self.passes {
                let found = try Self.numbers(pass(prepared.program), own, derived, values)
                #expect(found.count == expected.count)
                for (one, two) in zip(expected, found) {
                    let isSame = one.isFinite ? abs(one - two) <= 1e-11 * largest : one.isNaN == two.isNaN
                    #expect(isSame, "seed \(seed), \(name): \(one) became \(two)")
                    compared += 1
                }
            }
        }
        #expect(compared >= 2_000)
    }

    static func count(_ program: LoopProgram, _ isCounted: (LoopStatement) -> Bool) -> Int {
        var count = 0
        program.forEachStatement(in: program[program.root].statements) { if isCounted($0) { count += 1 } }
        return count
    }

    private static func contractions(_ program: LoopProgram) -> [Contraction] {
        var found: [Contraction] = []
        program.forEachStatement(in: program[program.root].statements) {
            if case .contraction(let contraction) = $0 { found.append(contraction) }
        }
        return found
    }

    /// A loop that stands for itself: not in the plain form of a product, not around one, not around lanes.
    private static func scalarLoops(_ program: LoopProgram) -> Int {
        func isPlain(_ block: BlockID) -> Bool {
            program[block].statements.contains {
                switch $0 {
                case .store, .accumulate: true
                default: false
                }
            }
        }
        var pending = [program.root]
        var count = 0
        while let block = pending.popLast() {
            for statement in program[block].statements {
                switch statement {
                case .contraction, .lanes: break
                case .loop(let loop):
                    if isPlain(loop.body) { count += 1 }
                    pending.append(loop.body)
                default: pending.append(contentsOf: statement.blocks)
                }
            }
        }
        return count
    }

    @Test func aNetworkIsThreeProductsALayer() throws {
        let text = try Fixtures.text(try Fixtures.path("Examples/MultiNeuron.nabla"))
        let program = try Self.lowered(text).0.vectorized()
        let products = Self.contractions(program)
        // z = W a for all examples; the data's adjoint Wᵀ δ; the weights' δ aᵀ, summed over the examples.
        #expect(products.count == 3)
        #expect(products.filter { $0.rows == .examples }.count == 2)
        #expect(products.filter { $0.terms == [.examples] && $0.old == .addedAfterFirstBlock }.count == 1)
        #expect(Self.scalarLoops(program) == 0)
    }

    @Test func productsAreFoundInsideLargerExpressions() throws {
        // Two products, a bias and a function around them.
        let program = try Self.lowered(
            """
            size N = 5
            input x[N]
            param W[N, N], U[N, N], b[N]
            h[i] = tanh(2 * sum(j: W[i,j] * x[j]) - sum(j: U[j,i] * x[j]) + b[i])
            cost C0 = sum(i: h[i]^2)
            cost C = mean(examples: C0)
            """
        ).0.vectorized()
        let products = Self.contractions(program).filter { $0.rows == .examples || $0.columns == .examples }
        #expect(products.count == 2)
        #expect(products.map(\.old) == [.added, .added])
    }

    @Test func trianglesAndConvolutionsAreProducts() throws {
        let triangle = try Self.lowered(
            """
            size N = 6
            input x[N]
            param F[N, N]
            e[i] = x[i] + sum(j in 0..<i: F[i,j] * x[j])
            cost C = mean(examples: sum(i: e[i]^2))
            """
        ).0.vectorized()
        #expect(
            Self.contractions(triangle).contains { $0.triangle == .init(isUpper: false, isByColumn: true, offset: 0) })
        let target = try Self.lowered(
            """
            size N = 6
            input x[N]
            param F[N, N]
            e[i] = sum(j in 0..<i: F[i,j] * x[j]) + sum(j in i+1..<N: F[i,j]^2 * x[i])
            cost C = mean(examples: sum(i: e[i]^2))
            """
        ).0.vectorized()
        // The gradient by F below the diagonal.
        #expect(
            Self.contractions(target).contains {
                $0.targetTriangle == .init(isUpper: false, isByColumn: false, offset: 0) && $0.terms == [.examples]
            })
        let convolution = try Self.lowered(
            """
            size N = 9
            size P = 3
            size A = 2
            size B = 4
            input x[A, N]
            param w[B, A, P]
            z[f, i in 0..<N-P+1] = sum(c, p: w[f,c,p] * x[c,i+p])
            cost C = mean(examples: sum(f, i: z[f,i]^2))
            """
        ).0.vectorized()
        #expect(Self.contractions(convolution).contains { $0.terms.count == 2 && $0.rows != nil && $0.columns != nil })
        // The weights' derivative: channel and tap together are the columns.
        let weights = Self.contractions(convolution).filter { $0.innerColumns != nil }
        #expect(weights.count == 1)
        #expect(weights.allSatisfy { convolution.system[$0.target].name == "dC_dw" && $0.terms.count == 2 })
    }

    @Test func columnsThatAreNoRunsStayApart() throws {
        // A part of the last axis, and a last axis as long as a tile: c is a loop around the product.
        for (range, width) in [("1..<P", 3), ("0..<P", 60)] {
            let program = try Self.lowered(
                """
                size N = 70
                size P = \(width)
                size A = 2
                size B = 4
                input x[A, N]
                param w[B, A, P]
                z[f, i in 0..<N-P+1] = sum(c, p in \(range): w[f,c,p] * x[c,i+p])
                cost C = mean(examples: sum(f, i: z[f,i]^2))
                """
            ).0.vectorized()
            #expect(!Self.contractions(program).isEmpty)
            #expect(Self.contractions(program).allSatisfy { $0.innerColumns == nil }, "\(range)")
        }
    }

    /// Scalars of the examples run in the lanes of one loop, the sums over the examples with them.
    @Test func scalarsOfTheExamplesShareALoop() throws {
        let program = try Self.lowered(
            """
            size N = 3
            input x[N]
            target y
            param w[N], b
            z = sum(k: w[k] * x[k]) + b
            cost C0 = softplus(z) - y * z
            cost C = mean(examples: C0)
            """
        ).0.vectorized()
        var sums = 0
        var stores = 0
        var loops = 0
        program.forEachStatement(in: program[program.root].statements) { statement in
            guard case .lanes(let lanes) = statement, lanes.dimension == .examples, lanes.purpose == .reduction else {
                return
            }
            loops += 1
            for inner in program[lanes.body].statements {
                if case .accumulate = inner { sums += 1 }
                if case .store = inner { stores += 1 }
            }
        }
        // The cost and db, in the loop that stores dz alone: the product for dw reads it, nobody reads the cost and db of one example.
        #expect(loops == 1 && sums == 2 && stores == 1, "\(loops), \(sums), \(stores)")
    }

    @Test func neighboursWithOneRangeShareALoop() throws {
        let text = """
            size N = 7
            param x[N], y[N]
            a[i] = exp(x[i])
            b[j] = a[j] * y[j]
            c[k] = b[k] + a[N-1-k]
            cost C = sum(k: c[k]^2)
            """
        let derived = try Self.lowered(text).0
        let apart = derived.blockingExamples().findingContractions().findingLanes()
        let isElements: (LoopStatement) -> Bool = {
            if case .lanes(let lanes) = $0 { return lanes.purpose == .elements }
            return false
        }
        // a and b together; c reads other elements of a.
        #expect(Self.count(apart, isElements) > Self.count(apart.fusingLanes(), isElements))
        var isRight = false
        let fused = apart.fusingLanes()
        fused.forEachStatement(in: fused[fused.root].statements) { statement in
            guard case .lanes(let lanes) = statement else { return }
            var names: [String] = []
            for inner in fused[lanes.body].statements {
                if case .store(let quantity, _, _) = inner { names.append(fused.system[quantity].name) }
            }
            if names.starts(with: ["a", "b"]) { isRight = true }
            #expect(!(names.contains("a") && names.contains("c")))
        }
        #expect(isRight)
    }
}

import Foundation
import Testing

@testable import Nabla

/// The shape of programs: what is computed where, how often, and what is stored.
@Suite struct LoweringTests {
    /// How often the innermost statements run: accumulations and stores, counted by walking the loops.
    static func work(_ program: LoopProgram, sizes: [SizeID: [Int]] = [:]) throws -> Int {
        let arithmetic = SizeArithmetic(program.system)
        func count(_ block: BlockID, _ indices: [IndexID: Int]) throws -> Int {
            var total = 0
            for statement in program[block].statements {
                switch statement {
                case .loop(let loop):
                    // No value where a condition around it does not hold.
                    guard let lower = arithmetic.value(loop.lower, indices, in: program.system.graph),
                        let upper = arithmetic.value(loop.upper, indices, in: program.system.graph)
                    else { continue }
                    for value in lower..<max(lower, upper) {
                        var inner = indices
                        inner[loop.index] = value
                        total += try count(loop.body, inner)
                    }
                case .examples(let body), .exampleBlocks(let body): total += try count(body, indices)
                case .contraction(let contraction): total += try count(contraction.plain, indices)
                case .lanes(let lanes): total += try count(lanes.body, indices)
                case .conditional(_, let then, let otherwise):
                    total += try count(then, indices) + (otherwise.map { try count($0, indices) } ?? 0)
                case .accumulate, .store, .add: total += 1
                case .comment, .define, .declare, .assign, .begin, .finish, .clear: break
                }
            }
            return total
        }
        return try count(program.root, [:])
    }

    /// A program for the cost and its gradient, with known sizes.
    static func lower(_ spec: String, gradient: Bool = true) throws -> LoopProgram {
        let system = try Evaluation.resolve(spec)
        let cost = try #require(system.costs.last)
        guard gradient else { return try LoopProgram.lowering(system, results: [cost]) }
        let wrt = system.quantities.indices.map { QuantityID($0) }.filter { system[$0].role == .parameter }
        let derived = try Differentiator.derive(system, of: (cost, []), wrt: wrt)
        return try LoopProgram.lowering(derived.lowered(), results: [cost] + derived.gradient.compactMap(\.derivative))
    }

    /// The work for a spec with N twice as large is at most this many times the work.
    private func growth(_ spec: (Int) -> String, gradient: Bool = true) throws -> Double {
        let small = try Self.work(Self.lower(spec(40), gradient: gradient))
        let large = try Self.work(Self.lower(spec(80), gradient: gradient))
        return Double(large) / Double(small)
    }

    @Test func softmaxIsLinear() throws {
        let ratio = try growth { size in
            """
            size N = \(size)
            param z[N]
            target y[N]
            p[j] = exp(z[j]) / sum(k: exp(z[k]))
            cost C0 = -sum(j: y[j] * log(p[j]))
            cost C = mean(examples: C0)
            """
        }
        #expect(ratio < 2.2)
    }

    /// Normalising the columns of a matrix takes as many steps as it has elements.
    @Test func columnSumsAreComputedOnce() throws {
        let ratio = try growth { size in
            """
            size N = \(size)
            param s[N, N]
            A[i, j] = exp(s[i,j]) / sum(k: exp(s[k,j]))
            cost C = sum(i, j: A[i,j]^2 * i)
            """
        }
        #expect(ratio < 4.4)
    }

    /// A sum inside a sum that does not depend on the outer index.
    @Test func innerSumsAreComputedOnce() throws {
        let ratio = try growth(
            { size in
                """
                size N = \(size)
                input x[N], y[N]
                cost C = sum(i, j: x[i] * y[j] * sum(k: x[k] * y[k] * (j + 1)))
                """
            }, gradient: false)
        #expect(ratio < 4.4)
    }

    /// The derivative of a maximum looks for it once.
    @Test func maximumIsLinear() throws {
        let ratio = try growth { size in
            "size N = \(size)\nparam x[N]\ncost C = max(i: x[i]^2)^3"
        }
        #expect(ratio < 2.2)
    }

    @Test func maximumOfRowsIsQuadraticInTheWidth() throws {
        let ratio = try growth { size in
            """
            size N = \(size)
            param A[N, N]
            r[i] = max(j: A[i,j])
            cost C = sum(i: r[i]^2)
            """
        }
        #expect(ratio < 4.4)
    }

    @Test func productIsLinear() throws {
        let ratio = try growth { size in
            "size N = \(size)\nparam x[N]\ncost C = prod(i: 1 + x[i]^2)"
        }
        #expect(ratio < 2.2)
    }

    @Test func productOfAMatrixIsLinearInItsElements() throws {
        let ratio = try growth { size in
            "size N = \(size)\nparam x[N, N]\ncost C = prod(i, j: 1 + x[i,j]^2)"
        }
        #expect(ratio < 4.4)
    }

    @Test func stridedConvolutionIsLinear() throws {
        let ratio = try growth { size in
            """
            size M = \(size)
            size N = 2*M + 1
            param x[N], w[3]
            y[i in 0..<M] = sum(p: w[p] * x[2*i+p])
            cost C = sum(i: y[i]^2)
            """
        }
        #expect(ratio < 2.2)
    }

    /// The sum over the paths of one weight that all time steps share does not need T² steps.
    @Test func recurrenceIsLinear() throws {
        let ratio = try growth { size in
            """
            size T = \(size)
            step t in 1...T
            param w, u
            h(0) = 0
            h(t) = tanh(w * h(t-1) + u)
            cost C = sum(t: h(t)^2)
            """
        }
        #expect(ratio < 2.2)
    }

    private static let network = """
        size L = 3
        size n(0...L) = [8, 7, 6, 5]
        layer l in 1...L
        input x[n(0)]
        target y[n(L)]
        param w(l)[n(l), n(l-1)], b(l)[n(l)]
        a(0)[k] = x[k]
        z(l)[j] = sum(k: w(l)[j,k] * a(l-1)[k]) + b(l)[j]
        a(l)[j] = sigmoid(z(l)[j])
        cost C0 = sum(j: (a(L)[j] - y[j])^2)
        cost C = mean(examples: C0)
        """

    /// The gradient of the parameters is summed over the examples where it arises: no copy of it for one example.
    @Test func gradientIsAccumulatedInPlace() throws {
        let program = try Self.lower(Self.network)
        let names = program.buffers.map { program.system[$0.quantity].name }
        #expect(!names.contains("dC0_dw"))
        #expect(!names.contains("dC0_db"))
        for buffer in program.buffers where program.system[buffer.quantity].dependsOnExamples {
            #expect(buffer.examples == (buffer.role == .input || buffer.role == .target ? .stored : .reused))
        }
        // One pass over the examples.
        #expect(program.description.components(separatedBy: "for each example").count == 2)
    }

    /// Cost and gradient take at most 3.2 times the multiplications of the cost alone.
    @Test func networkGradientIsCheap() throws {
        let forward = try Self.work(Self.lower(Self.network, gradient: false))
        let both = try Self.work(Self.lower(Self.network))
        #expect(Double(both) <= 3.6 * Double(forward))
    }

    /// The program does not depend on the sizes where they are letters.
    @Test func symbolicSizes() throws {
        let program = try Self.lower(
            """
            size L = 3
            size n(0...L)
            layer l in 1...L
            input x[n(0)]
            target y[n(L)]
            param w(l)[n(l), n(l-1)], b(l)[n(l)]
            a(0)[k] = x[k]
            z(l)[j] = sum(k: w(l)[j,k] * a(l-1)[k]) + b(l)[j]
            a(l)[j] = sigmoid(z(l)[j])
            cost C0 = sum(j: (a(L)[j] - y[j])^2)
            cost C = mean(examples: C0)
            """)
        #expect(program.description.contains("for l in 1..<L+1 reversed"))
        #expect(program.buffers.contains { $0.uniformExtents == nil })
    }

    /// Several passes: a mean over the examples that each example needs.
    @Test func secondPass() throws {
        let spec = """
            input x
            param w
            m = mean(examples: x)
            d = (x - m)^2 * w
            cost C = d
            """
        let values = #"{"w": 2, "examples": [{"x": 1}, {"x": 2}, {"x": 6}]}"#
        let result = try Evaluation(spec, values)
        #expect(result.results.cost.all == [8, 2, 18])
        #expect(result.program.description.components(separatedBy: "for each example").count == 3)
    }

    /// A circle that no order of evaluation resolves names itself.
    @Test func circles() throws {
        var system = try Evaluation.resolve(
            "size T = 5\nstep t in 1...T\nparam x\nh(0) = x\nh(t) = h(t-1)\ncost C = h(T)")
        // h(t) = h(T-t), which the resolver would not let through.
        let position = try #require(
            system.equations.firstIndex { system[$0.quantity].name == "h" && !$0.axes[0].isPoint })
        let equation = system.equations[position]
        let index = Affine(.index(equation.axes[0].index))
        let mirrored = system.graph.affine(try #require(Affine(5).adding(index, times: -1)))
        system.equations[position].body = system.graph.makeAccess(equation.quantity, [mirrored])
        #expect(throws: LoweringError.self) { try LoopProgram.lowering(system, results: [equation.quantity]) }
    }

    /// A million nested operators in one expression neither overflow a stack nor take long.
    @Test(arguments: [false, true])
    func hugeExpressions(deep: Bool) throws {
        var system = System(name: "Huge")
        system.quantities.append(Quantity(name: "x", role: .parameter, stageCount: 0, domains: [[]]))
        system.quantities.append(Quantity(name: "C", role: .computed, stageCount: 0, domains: [[]]))
        let x = system.graph.makeAccess(QuantityID(0), [])
        var body = x
        let count = 20_000
        if deep {
            for position in 0..<count {
                let number = system.graph.makeNumber(position % 7)
                body = position % 2 == 0 ? system.graph.makeSum([body, number]) : system.graph.makeNegation(body)
            }
        } else {
            let terms = (0..<count).map { position in
                let number = system.graph.makeNumber(position)
                return system.graph.makeProduct([number, x])
            }
            body = system.graph.makeSum(terms)
        }
        system.equations = [Equation(quantity: QuantityID(1), axes: [], body: body)]
        let bound = try BoundSystem(system)
        let cost = system.graph.makeAccess(QuantityID(1), [])
        let values = Values(bound, shared: [QuantityID(0): [2]], examples: [[:]], isBatch: false)
        let result = try Evaluator(system, cost: cost).run(values)
        var expected = 2.0
        if deep {
            for position in 0..<count { expected = position % 2 == 0 ? expected + Double(position % 7) : -expected }
        } else {
            expected = Double(count) * Double(count - 1)
        }
        #expect(result.cost.all == [expected])
    }
}

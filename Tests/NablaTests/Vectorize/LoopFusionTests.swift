import Testing

@testable import Nabla

/// Loops over stages: what is fused, gathered, kept and shared in a small recurrent network.
@Suite struct LoopFusionTests {
    private static let recurrent = """
        size T = 9
        size D = 6
        step t in 1...T
        const x[T, D]
        param w[D], v[D], b[D]
        u(t)[k] = v[k] * x[t-1, k]
        s(0)[k] = 0
        s(t)[k] = tanh(w[k] * s(t-1)[k] + u(t)[k] + b[k])
        h(t)[k] = tanh(s(t)[k])
        cost C = sum(t in 1..<T: logsumexp(k: h(t)[k]) - sum(k: x[t, k] * h(t)[k]))
        """

    private static func lanes() throws -> LoopProgram {
        try VectorizeTests.lowered(recurrent).0.blockingExamples().findingContractions().findingLanes()
    }

    /// The statements of every block, with how many loops over stages are around.
    private static func loopsOverStages(_ program: LoopProgram) -> Int {
        VectorizeTests.count(program) { statement in
            guard case .loop(let loop) = statement else { return false }
            return program.system.graph.name(of: loop.index) == "t"
        }
    }

    /// Sums that a loop in lanes gathers by itself.
    private static func sumsInLanes(_ program: LoopProgram) -> Int {
        VectorizeTests.count(program) { statement in
            guard case .lanes(let lanes) = statement, lanes.purpose == .elements else { return false }
            return program[lanes.body].statements.contains {
                if case .begin = $0 { return true }
                return false
            }
        }
    }

    private static func calls(of function: FunctionID, _ program: LoopProgram) -> Int {
        var count = 0
        program.forEachStatement(in: program[program.root].statements) { statement in
            program.forEachExpression(of: statement) { root in
                for id in program.system.graph.reachable(from: root) {
                    if case .call(.standard(function), _) = program.system.graph.form(of: id) { count += 1 }
                }
            }
        }
        return count
    }

    @Test func loopsOverOneRangeAreOne() throws {
        let apart = try Self.lanes()
        let fused = apart.fusingLoops()
        #expect(Self.loopsOverStages(apart) >= 9)
        #expect(Self.loopsOverStages(fused) <= Self.loopsOverStages(apart) / 2)
        // The gradients by w, v and b are gathered where the recurrence runs backwards.
        #expect(Self.sumsInLanes(apart) == 3)
        #expect(Self.sumsInLanes(fused) == 0)
        let additions: (LoopStatement) -> Bool = {
            if case .add = $0 { return true }
            return false
        }
        #expect(VectorizeTests.count(fused, additions) == 3)
    }

    @Test func whatALaterRoundNeedsKeepsLoopsApart() throws {
        // b reads what a round of a later t writes, d what an earlier one does.
        let program = try VectorizeTests.lowered(
            """
            size T = 9
            size D = 6
            step t in 1...T
            param w[D]
            a(t)[k] = exp(t * w[k])
            b(t)[k] = a(T+1-t)[k]^2
            cost C = sum(t, k: a(t)[k] * b(t)[k])
            """
        ).0.blockingExamples().findingContractions().findingLanes().fusingLoops()
        program.forEachStatement(in: program[program.root].statements) { statement in
            guard case .loop(let loop) = statement else { return }
            var stored: Set<String> = []
            program.forEachStatement(in: program[loop.body].statements) { inner in
                if case .store(let quantity, _, _) = inner { stored.insert(program.system[quantity].name) }
            }
            #expect(!stored.isSuperset(of: ["a", "b"]))
        }
    }

    @Test func valuesOfFunctionsAreKept() throws {
        let apart = try Self.lanes()
        let kept = apart.keepingCalls()
        // tanh(s) stands in the network, and in the derivative by s where it is a loop of its own.
        #expect(Self.calls(of: .tanh, kept) < Self.calls(of: .tanh, apart) || Self.calls(of: .tanh, apart) == 2)
        #expect(Self.calls(of: .tanh, kept) == 2)
    }

    @Test func oneLogSumExpServesTheCostAndItsDerivative() throws {
        let begins: (LoopProgram) -> Int = { program in
            VectorizeTests.count(program) {
                guard case .begin(let id) = $0 else { return false }
                return program[id].kind == .value(.logSumExp)
            }
        }
        let fused = try Self.lanes().fusingLoops()
        #expect(begins(fused) == 2)
        #expect(begins(fused.sharingReductions()) == 1)
    }

    @Test func rowsAreWholeVectors() throws {
        let program = try Self.lanes().copyingRows(of: 4).paddingRows(to: 4)
        var seen = 0
        for buffer in program.buffers where buffer.role == .intermediate {
            guard let last = buffer.uniformExtents?.last else { continue }
            #expect(program.system.graph[last].asConstant == 8)
            seen += 1
        }
        #expect(seen >= 8)
        // Params that every round reads lie there, too; what others see stays as it is.
        #expect(program.system.quantities.contains { $0.name == "w_rows" })
        let s = try #require(program.buffers.first { program.system[$0.quantity].name == "s" }?.quantity)
        let kept = try Self.lanes().paddingRows(to: 4, except: [s]).buffer(of: s)
        let extent = try #require(kept?.uniformExtents?.last)
        #expect(program.system.expandingSizes(program.system.graph[extent]).asConstant == 6)
        #expect(LoopProgram.paddedCount(3, 8) == nil)
        #expect(LoopProgram.paddedCount(8, 8) == nil)
        #expect(LoopProgram.paddedCount(14, 8) == 16)
    }

    @Test func commonFactorsAreMultipliedOnce() throws {
        let program = try VectorizeTests.lowered(
            """
            size D = 6
            param a[D], b[D], c[D], d[D]
            p[k] = a[k] * b[k] * c[k]
            q[k] = a[k] * b[k] * d[k]
            cost C = sum(k: p[k] * exp(q[k]))
            """
        ).0.findingLanes().fusingLanes()
        let shared = program.sharingFactors()
        // a·b is one node in both products.
        func products(_ program: LoopProgram, of quantity: String) -> Set<ExprID> {
            var found: Set<ExprID> = []
            program.forEachStatement(in: program[program.root].statements) { statement in
                guard case .store(let id, _, let value) = statement, program.system[id].name == quantity else { return }
                for id in program.system.graph.reachable(from: value) {
                    if case .multiply = program.system.graph.form(of: id) { found.insert(id) }
                }
            }
            return found
        }
        #expect(products(program, of: "p").isDisjoint(with: products(program, of: "q")))
        #expect(products(shared, of: "p").intersection(products(shared, of: "q")).count == 1)
    }
}

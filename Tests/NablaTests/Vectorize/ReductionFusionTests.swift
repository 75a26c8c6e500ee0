import TestSupport
import Testing

@testable import Nabla

/// Sums in the loop over elements that reads the same numbers.
@Suite struct ReductionFusionTests {
    /// Loops in lanes at the program's top: what they gather, what they store, and their range's size.
    private static func loops(_ program: LoopProgram) -> [(sums: Int, stores: [String], rounds: Int?)] {
        program[program.root].statements.compactMap { statement in
            guard case .lanes(let lanes) = statement, case .index(_, let lower, let upper) = lanes.dimension else {
                return nil
            }
            let graph = program.system.graph
            let count = graph[upper].adding(graph[lower], times: -1).flatMap { program.system.expandingSizes($0) }
            var sums = 0
            var stores: [String] = []
            for inner in program[lanes.body].statements {
                if case .accumulate = inner { sums += 1 }
                if case .store(let quantity, _, _) = inner { stores.append(program.system[quantity].name) }
            }
            return (sums, stores, count?.asConstant)
        }
    }

    private static func apart(_ text: String) throws -> LoopProgram {
        try VectorizeTests.lowered(text).0.splittingRanges(ofRecurrences: false).foldingConstants().findingLanes()
    }

    @Test func roundsThatOnlyOneHasStandByThemselves() throws {
        let apart = try Self.apart(
            """
            size N = 40
            param x[N]
            cost C = sum(i in 0..<N-1: (x[i+1] - x[i]^2)^2)
            """)
        #expect(Self.loops(apart).map(\.rounds) == [39, 38])
        let fused = apart.fusingReductions()
        let loops = Self.loops(fused)
        #expect(loops.count == 1)
        #expect(loops.first?.sums == 1)
        #expect(loops.first?.stores == ["dC_dx"])
        #expect(loops.first?.rounds == 38)
        // The sum's first round, before the loop.
        let single = fused[fused.root].statements.filter { if case .accumulate = $0 { true } else { false } }
        #expect(single.count == 1)
    }

    @Test func elementsThatNeedTheSumStayBehindIt() throws {
        let apart = try Self.apart(
            """
            size N = 40
            param x[N]
            s = sum(i: x[i]^2)
            cost C = s * s
            """)
        #expect(Self.loops(apart).count == 2)
        #expect(Self.loops(apart.fusingReductions()).map(\.stores) == Self.loops(apart).map(\.stores))
    }

    @Test func loopsOverOtherNumbersStayApart() throws {
        let apart = try Self.apart(
            """
            size N = 40
            param x[N], y[N]
            cost C = sum(i: x[i]) + sum(i: sin(y[i]))
            """)
        // dC/dx is 1 and reads nothing; dC/dy reads y, which the second sum reads.
        let loops = Self.loops(apart.fusingReductions())
        #expect(loops.count == Self.loops(apart).count - 1)
        #expect(loops.contains { $0.sums == 1 && $0.stores == ["dC_dy"] })
        #expect(loops.contains { $0.sums == 1 && $0.stores.isEmpty })
    }

    /// Where nothing is known of a size, a range may be empty, and no round may be taken out of it.
    @Test func rangesOfUnknownSizeStayApart() throws {
        let apart = try Self.apart(
            """
            size N
            param x[N]
            cost C = sum(i in 0..<N-1: (x[i+1] - x[i]^2)^2)
            """)
        #expect(Self.loops(apart).count == 2)
        #expect(Self.loops(apart.fusingReductions()).count == 2)
    }

    /// A term that a loop's range makes 0 is gone.
    @Test func whatARangeDecidesIsFolded() throws {
        let program = try VectorizeTests.lowered(
            """
            size N = 40
            param x[N]
            cost C = sum(i in 0..<N-1: (x[i+1] - x[i]^2)^2)
            """
        ).0.splittingRanges(ofRecurrences: false)
        func zeros(_ program: LoopProgram) -> Int {
            var count = 0
            program.forEachStatement(in: program[program.root].statements) { statement in
                program.forEachExpression(of: statement) { root in
                    guard case .add(let terms) = program.system.graph.form(of: root) else { return }
                    for term in terms {
                        guard case .argument(let position) = program.system.graph.form(of: term) else { continue }
                        program.forEachStatement(in: program[program.root].statements) { other in
                            if case .define(LocalID(position), let value) = other,
                                program.system.graph.number(value)?.isZero == true
                            {
                                count += 1
                            }
                        }
                    }
                }
            }
            return count
        }
        #expect(zeros(program) == 2)
        #expect(zeros(program.foldingConstants()) == 0)
        #expect(VectorizeTests.count(program.foldingConstants().removingDeadCode()) { Self.isZero($0, program) } == 0)
    }

    private static func isZero(_ statement: LoopStatement, _ program: LoopProgram) -> Bool {
        guard case .define(_, let value) = statement else { return false }
        return program.system.graph.number(value)?.isZero == true
    }
}

import TestSupport
import Testing

@testable import Nabla

/// What nothing reads is taken away, and nothing else is.
@Suite struct DeadCodeTests {
    private static func program() throws -> LoopProgram {
        try VectorizeTests.lowered("size N = 3\nparam w[N]\ncost C = sum(i: w[i]^2)").0
    }

    private static func statements(_ program: LoopProgram) -> Int { VectorizeTests.count(program) { _ in true } }

    /// A program with statements before all that it computes.
    private static func adding(
        _ make: (inout LoopProgram) -> [LoopStatement]
    ) throws -> (before: LoopProgram, after: LoopProgram) {
        var program = try Self.program()
        let new = make(&program)
        program[program.root].statements.insert(contentsOf: new, at: 0)
        return (program, program.removingDeadCode())
    }

    @Test func aProgramThatNeedsAllOfItselfStaysAsItIs() throws {
        let program = try Self.program()
        #expect(Self.statements(program) > 5)
        #expect(Self.statements(program.removingDeadCode()) == Self.statements(program))
    }

    /// b is read by a alone, which nothing reads: both go, in one pass.
    @Test func chainsOfLocalsGoFromTheLastToTheFirst() throws {
        let (before, after) = try Self.adding { program in
            let b = program.makeLocal("b", .real)
            let a = program.makeLocal("a", .real)
            let two = program.system.graph.makeNumber(2)
            let sum = program.system.graph.makeSum([program.read(b), two])
            return [.define(b, two), .define(a, sum)]
        }
        #expect(Self.statements(before) == Self.statements(after) + 2)
        #expect(Self.statements(after) == Self.statements(try Self.program()))
    }

    /// A reduction with its loop, and a comment that describes nothing else.
    @Test func aReductionThatNothingReadsGoesWithItsLoopAndComment() throws {
        func sum(mayFail: Bool) throws -> (before: LoopProgram, after: LoopProgram) {
            try Self.adding { program in
                let result = program.makeLocal("unused", .real)
                var accumulator = Accumulator(
                    kind: .value(.sum), indices: [], result: result, isNeverEmpty: true, equation: 0)
                if mayFail {
                    accumulator.kind = .value(.maximum)
                    accumulator.isNeverEmpty = false
                }
                let id = program.makeAccumulator(accumulator)
                let body = program.makeBlock()
                program[body].statements = [.accumulate(id, program.system.graph.makeNumber(1))]
                let index = program.system.graph.makeIndex("k", .element)
                let loop = Loop(
                    index: index, lower: LoopBound(program.system.graph.affine(Affine(0))),
                    upper: LoopBound(program.system.graph.affine(Affine(4)), choice: .smallest), isReversed: false,
                    purpose: .reduction, body: body)
                return [.comment(equation: 0), .begin(id), .loop(loop), .finish(id)]
            }
        }
        let dead = try sum(mayFail: false)
        #expect(Self.statements(dead.before) == Self.statements(dead.after) + 5)
        // The largest of nothing is an error, which stays one.
        let failing = try sum(mayFail: true)
        #expect(Self.statements(failing.before) == Self.statements(failing.after))
    }

    /// Both branches give a scalar its value that nothing reads; with one that something reads, the conditional stays.
    @Test func aConditionalThatDoesNothingGoes() throws {
        func program(isRead: Bool) throws -> (before: LoopProgram, after: LoopProgram) {
            try Self.adding { program in
                let local = program.makeLocal("chosen", .real)
                let (one, two) = (program.system.graph.makeNumber(1), program.system.graph.makeNumber(2))
                let (then, otherwise) = (program.makeBlock(), program.makeBlock())
                program[then].statements = [.assign(local, one)]
                program[otherwise].statements = [.assign(local, two)]
                let condition = program.system.graph.makeComparison(.less, one, two)
                var result: [LoopStatement] = [
                    .declare(local), .conditional(condition, then: then, otherwise: otherwise),
                ]
                if isRead, let weights = program.system.quantities.firstIndex(where: { $0.name == "dC_dw" }) {
                    let place = program.system.graph.affine(Affine(0))
                    result.append(.store(QuantityID(weights), [place], program.read(local)))
                }
                return result
            }
        }
        let dead = try program(isRead: false)
        #expect(Self.statements(dead.before) == Self.statements(dead.after) + 4)
        let alive = try program(isRead: true)
        #expect(Self.statements(alive.before) == Self.statements(dead.before) + 1)
        #expect(Self.statements(alive.before) == Self.statements(alive.after))
    }
}

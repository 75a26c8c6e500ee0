import Testing

@testable import Nabla

/// Sums over the examples that one loop gathers. That values stay, ``VectorizeTests`` says of random specs.
@Suite struct SumFusionTests {
    /// How many sums each loop over the examples inside of lanes gathers.
    private static func sums(_ program: LoopProgram) -> [Int] {
        var found: [Int] = []
        program.forEachStatement(in: program[program.root].statements) { statement in
            guard case .lanes(let lanes) = statement else { return }
            for case .examples(let body) in program[lanes.body].statements {
                found.append(program[body].statements.count)
            }
        }
        return found.sorted()
    }

    private static let text = """
        size D = 8
        input x[D]
        param m[D], q[D]
        d[i] = x[i] - m[i]
        cost C0 = sum(i: tanh(q[i] * d[i])^2)
        cost C = mean(examples: C0)
        """

    @Test func sumsOverOneRangeShareALoop() throws {
        let (program, _) = try VectorizeTests.lowered(Self.text)
        let before = program.blockingExamples().findingContractions().findingLanes().fusingLanes()
        #expect(Self.sums(before) == [1, 1])
        #expect(Self.sums(before.fusingSums()) == [2])
    }
}

import Testing

@testable import Nabla

/// Recurrences of vectors, cut where a condition asks for the stage.
@Suite struct VectorRecurrenceTests {
    private static let text = """
        size T = 6
        size D = 4
        layer l in 1...2
        step t in 1...T
        const x[T, D]
        param w(l)[D], v(l)[D], r[D]
        h(0, t)[k] = x[t-1, k]
        s(l, 0)[k] = 0
        s(l, t)[k] = v(l)[k] * s(l, t-1)[k] + tanh(w(l)[k] * h(l-1, t)[k])
        h(l, t)[k] = tanh(s(l, t)[k])
        cost C = sum(t: sum(k: (r[k] * h(2, t)[k])^2))
        """

    private static func conditions(_ program: LoopProgram) -> Int {
        VectorizeTests.count(program) {
            if case .conditional = $0 { return true }
            return false
        }
    }

    @Test func noRoundAsksForItsPlace() throws {
        let (program, _) = try VectorizeTests.lowered(Self.text)
        let before = program.findingLanes().fusingLoops()
        #expect(Self.conditions(before) > 0)
        #expect(Self.conditions(before.splittingRanges(ofRecurrences: true)) == 0)
    }
}

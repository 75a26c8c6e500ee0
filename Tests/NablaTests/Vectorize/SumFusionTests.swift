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

    /// How many sums over the examples are added to memory, and how many loops over the examples stand around what does so.
    private static func added(_ program: LoopProgram) -> (sums: Int, loops: Int) {
        var (sums, loops) = (0, 0)
        program.forEachStatement(in: program[program.root].statements) { statement in
            guard case .examples(let body) = statement else { return }
            var own = 0
            program.forEachStatement(in: program[body].statements) { inner in
                if case .add(_, let indices, _) = inner, !indices.isEmpty { own += 1 }
            }
            sums += own
            loops += own > 0 ? 1 : 0
        }
        return (sums, loops)
    }

    private static func grid(_ rows: Int) -> String {
        """
        size K = \(rows)
        size D = 32
        input x[D]
        param m[K, D], q[K, D]
        e[k, i] = tanh(q[k, i] * (x[i] - m[k, i]))
        cost C0 = logsumexp(k: sum(i: e[k, i]^2))
        cost C = mean(examples: C0)
        """
    }

    /// The rows of 16 · 32 numbers of a block's examples lie in more pages than a lane of its own should walk over.
    @Test func sumsOfManyElementsAreAddedInMemory() throws {
        func lanes(_ rows: Int) throws -> LoopProgram {
            try VectorizeTests.lowered(Self.grid(rows)).0.blockingExamples().findingContractions().findingLanes()
        }
        let few = try lanes(4)
        #expect(Self.added(few).sums == 0)
        #expect(Self.sums(few) == [1, 1])
        let many = try lanes(16)
        #expect(Self.added(many).sums == 2)
        #expect(Self.sums(many).isEmpty)
        // What does not hang on each other need not be neighbours to share a loop.
        #expect(Self.added(many.fusingLanes()).loops == 1)
        // More sums than the first cache holds are gathered lane by lane.
        #expect(Self.added(try lanes(128)).sums == 0)
    }
}

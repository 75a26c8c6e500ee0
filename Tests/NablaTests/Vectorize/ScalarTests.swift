import Foundation
import TestSupport
import Testing

@testable import Nabla

/// The passes that keep values out of memory: elements in locals, ranges without conditions, values carried from round to round.
@Suite struct ScalarTests {
    private static func names(_ program: LoopProgram) -> Set<String> {
        Set(program.buffers.map { program.system[$0.quantity].name })
    }

    private static func count(_ program: LoopProgram, _ isCounted: (LoopStatement) -> Bool) -> Int {
        var count = 0
        program.forEachStatement(in: program[program.root].statements) { if isCounted($0) { count += 1 } }
        return count
    }

    private static func isConditional(_ statement: LoopStatement) -> Bool {
        if case .conditional = statement { return true }
        return false
    }

    private static let chain = """
        layer l in 1...3
        input x
        target y
        param w(l), b(l)
        a(0) = x
        z(l) = w(l) * a(l-1) + b(l)
        a(l) = sigmoid(z(l))
        cost C0 = (a(3) - y)^2
        """

    @Test func whatOneRoundReadsAloneIsNotInMemory() throws {
        let program = try VectorizeTests.lowered(Self.chain).0
        let before = Self.names(program)
        let after = Self.names(program.replacingWithScalars())
        #expect(before.isSuperset(of: ["z", "a", "dC0_dz"]))
        // z(l) is read where it is computed; a(l) by the next round, and on the way back.
        #expect(!after.contains("z"))
        #expect(after.contains("a"))
        #expect(before.subtracting(after).allSatisfy { !["w", "b", "x", "y", "C0", "dC0_dw", "dC0_db"].contains($0) })
    }

    @Test func aRecurrenceWithoutItsLastRoundAsksNothing() throws {
        let program = try VectorizeTests.lowered(Self.chain).0
        #expect(Self.count(program, Self.isConditional) == 1)
        let cut = program.splittingRanges(ofRecurrences: true)
        #expect(Self.count(cut, Self.isConditional) == 0)
        // The adjoint of a is then read only where it is computed, too.
        #expect(Self.names(cut.replacingWithScalars()).isDisjoint(with: ["z", "dC0_da"]))
    }

    @Test func aRoundGetsTheLastOnesValueFromAScalar() throws {
        let program = try VectorizeTests.lowered(Self.chain).0.carryingScalars().replacingWithScalars()
        let graph = program.system.graph
        var loops = 0
        program.forEachStatement(in: program[program.root].statements) { statement in
            guard case .loop(let loop) = statement, loop.purpose == .recurrence, !loop.isReversed else { return }
            loops += 1
            program.forEachStatement(in: program[loop.body].statements) { inner in
                program.forEachExpression(of: inner) { root in
                    for id in graph.reachable(from: root) {
                        guard let quantity = graph.quantity(id) else { continue }
                        // Nothing that the loop itself computes is read from an array.
                        #expect(["w", "b", "a_previous"].contains(program.system[quantity].name))
                    }
                }
            }
        }
        #expect(loops == 1)
    }

    @Test func neighboursInARangeAreLanesWithoutAQuestion() throws {
        let program = try VectorizeTests.lowered(
            """
            size N = 40
            param x[N]
            cost C = sum(i in 0..<N-1: 100 * (x[i+1] - x[i]^2)^2 + (1 - x[i])^2)
            """
        ).0
        #expect(Self.count(program, Self.isConditional) > 0)
        let fast = program.vectorized()
        #expect(Self.count(fast, Self.isConditional) == 0)
        var purposes: [Loop.Purpose] = []
        var plainLoops = 0
        fast.forEachStatement(in: fast[fast.root].statements) { statement in
            if case .lanes(let lanes) = statement { purposes.append(lanes.purpose) }
            if case .loop = statement { plainLoops += 1 }
        }
        // The sum, with the derivative by all variables but the first and the last.
        #expect(purposes == [.reduction])
        #expect(plainLoops == 0)
    }

    /// Where parts of a range may overlap, as for N = 1, elements are computed twice and nothing else happens.
    @Test(arguments: [1, 2, 3, 9]) func symbolicRangesAreCutRight(size: Int) throws {
        let text = """
            size N
            param x[N]
            cost C = sum(i in 0..<N-1: (x[i+1] - x[i]^2)^2) + sum(i: x[i])
            """
        let (program, derived) = try VectorizeTests.lowered(text)
        #expect(Self.count(program.splittingRanges(ofRecurrences: false), Self.isConditional) < 3)
        let x = (0..<size).map { 0.3 + 0.2 * Double($0) }
        let json = "{\"N\": \(size), \"x\": \(x)}"
        var spec = Spec(SourceText(name: "test.nabla", text: text))
        let values = try ValuesReader.read(SourceText(name: "values.json", text: json), for: spec.system)
        _ = try spec.derive()
        let bound = try BoundSystem(derived.lowered(), sizes: Evaluator.sizes(of: values.bound))
        var expected = [0.0] + Array(repeating: 1.0, count: size)
        for i in 0..<size { expected[0] += x[i] }
        for i in 0..<max(0, size - 1) {
            let difference = x[i + 1] - x[i] * x[i]
            expected[0] += difference * difference
            expected[1 + i] -= 4 * difference * x[i]
            expected[2 + i] += 2 * difference
        }
        for pass in [program.splittingRanges(ofRecurrences: false), program.vectorized()] {
            let found = try VectorizeTests.numbers(pass, bound, derived, values)
            #expect(found.count == expected.count)
            for (one, two) in zip(found, expected) { #expect(abs(one - two) < 1e-12) }
        }
    }

    @Test func anElementThatMayBeOverwrittenIsReadAgain() throws {
        // c reads a[j] of all j after a[i] was stored for one i: nothing may be replaced.
        let program = try VectorizeTests.lowered(
            """
            size N = 6
            param x[N]
            a[i] = exp(x[i])
            cost C = sum(i, j: a[i] * a[j] * x[j])
            """
        ).0.replacingWithScalars()
        #expect(Self.names(program).contains("a"))
    }
}

import Foundation
import TestSupport
import Testing

@testable import Nabla

/// Loops over lanes stay apart where calls in one round would wait for each other.
@Suite struct CallChainTests {
    /// Of each loop over lanes with calls: how many there are one after another.
    private static func chains(_ program: LoopProgram) -> [Int] {
        var found: [Int] = []
        program.forEachStatement(in: program[program.root].statements) { statement in
            guard case .lanes(let lanes) = statement else { return }
            let chain = CallChains(program[lanes.body].statements, program).longest
            if chain > 0 { found.append(chain) }
        }
        return found
    }

    /// Those of the cost alone.
    private static func chains(of equations: String) throws -> [Int] {
        let text = "size N = 20\nparam w[N], v[N]\n\(equations)\ncost C = sum(i: c[i]^2)\n"
        let derived = try VectorizeTests.lowered(text).1
        guard case .access(let cost, _) = derived.system.graph.form(of: derived.cost) else { return [] }
        return chains(try LoopProgram.lowering(derived.lowered(), results: [cost]).findingLanes().fusingLanes())
    }

    @Test func aCallThatWaitsHasALoopOfItsOwn() throws {
        #expect(try Self.chains(of: "a[i] = sigmoid(w[i])\nb[i] = a[i] * v[i]\nc[i] = tanh(b[i])") == [1, 1])
        // By way of a third equation, and twice.
        #expect(try Self.chains(of: "a[i] = exp(w[i])\nb[i] = sin(a[i])\nc[i] = erf(a[i]) * cos(b[i])") == [1, 1, 1])
    }

    @Test func callsSideBySideShareALoop() throws {
        #expect(try Self.chains(of: "a[i] = sigmoid(w[i])\nb[i] = tanh(v[i])\nc[i] = a[i] * b[i]") == [1])
        // What is fast is no call, and one expression stays one.
        #expect(try Self.chains(of: "a[i] = exp(w[i])\nb[i] = relu(a[i])\nc[i] = sqrt(b[i]) + v[i]") == [1])
        #expect(try Self.chains(of: "a[i] = tanh(sin(w[i]))\nb[i] = a[i] + v[i]\nc[i] = tanh(exp(v[i])) * b[i]") == [2])
    }

    @Test func gatesAndTheCellOfAnLSTMHaveTwoLoops() throws {
        let text = try Fixtures.text(try Fixtures.path("Sources/NablaBench/Specs/LSTM.nabla"))
        let chains = Self.chains(try VectorizeTests.lowered(text).0.vectorized())
        #expect(chains.count >= 3)
        #expect(chains.allSatisfy { $0 == 1 })
    }
}

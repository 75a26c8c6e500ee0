import Foundation
import TestSupport
import Testing

@testable import Nabla

/// A log-sum-exp as a maximum and a sum, with the exponentials kept for its derivative.
@Suite struct LogSumTests {
    private static func split(_ program: LoopProgram) -> LoopProgram {
        program.blockingExamples().findingContractions().findingLanes().fusingLoops().sharingReductions()
            .splittingLogSums()
    }

    /// How many exponentials a program writes down.
    private static func exponentials(_ program: LoopProgram) -> Int {
        var count = 0
        program.forEachStatement(in: program[program.root].statements) { statement in
            program.forEachExpression(of: statement) { root in
                for id in program.system.graph.reachable(from: root) {
                    if case .call(.standard(.exp), _) = program.system.graph.form(of: id) { count += 1 }
                }
            }
        }
        return count
    }

    @Test(arguments: [
        "logsumexp(k: z[k]) - sum(k: y[k] * z[k])",
        // The derivative's exponent is z[k] + u − logsumexp, of which u − logsumexp is the same for all k.
        "logsumexp(k: z[k] + u) - sum(k: y[k] * z[k])", "logsumexp(k: z[k] * y[k]) - z[0]^2",
        "-sum(k: y[k] * log(exp(z[k]) / sum(j: exp(z[j]))))",
    ])
    func eachExponentialIsComputedOnce(_ cost: String) throws {
        let text = """
            size N = 5
            size K = 9
            input x[N]
            target y[K]
            param w[K, N], u
            z[k] = sum(i: w[k,i] * x[i])
            cost C0 = \(cost)
            cost C = mean(examples: C0)
            """
        let program = try VectorizeTests.lowered(text).0
        #expect(Self.exponentials(Self.split(program)) == 1)
        #expect(Self.exponentials(program.vectorized()) == 1)
    }

    @Test func exponentialsOfOtherValuesAreNotShared() throws {
        // Another row, half of the range, and another exponent.
        for (cost, count) in [
            ("logsumexp(k: z[0,k]) + sum(k: exp(z[1,k] - logsumexp(j: z[0,j])))", 3),
            ("logsumexp(k in 0..<5: z[0,k]) + sum(k: exp(z[0,k] - logsumexp(j in 0..<5: z[0,j])))", 3),
        ] {
            let program = try VectorizeTests.lowered("size K = 9\nparam z[2, K]\ncost C = \(cost)\n").0
            #expect(Self.exponentials(Self.split(program)) >= count, "\(cost)")
        }
    }

    /// A log-sum-exp that two loops feed: the same numbers twice are log 2 more.
    @Test func severalLoopsFeedOneByOne() throws {
        let (lowered, derived) = try VectorizeTests.lowered("size K = 9\nparam z[K]\ncost C = logsumexp(k: z[k])\n")
        let bound = try BoundSystem(derived.lowered(), sizes: [:])
        let parameter = try #require(derived.gradient.first?.wrt)
        let z = (0..<9).map { Double($0 * $0 % 7) }
        let values = Values(bound, shared: [parameter: z], examples: [[:]], isBatch: false)
        var program = lowered.findingLanes()
        var fed = 0
        for block in program.blocks.indices {
            for place in program.blocks[block].statements.indices.reversed() {
                guard case .lanes(let lanes) = program.blocks[block].statements[place], lanes.purpose == .reduction
                else { continue }
                program.blocks[block].statements.insert(.lanes(lanes), at: place)
                fed += 1
            }
        }
        #expect(fed == 1)
        let expected = log(2) + log(z.reduce(0) { $0 + exp($1) })
        let found = try VectorizeTests.numbers(program.splittingLogSums(), bound, derived, values)
        #expect(abs(try #require(found.first) - expected) < 1e-14 * expected)
    }

    /// Infinite and undefined exponents: an infinite one among others is all there is, of −∞ alone nothing is left.
    @Test(
        arguments: [
            ([1, 2, 3, 4, 5], 5.451914395937593, [0.011656230956039609, 0.03168492079612427, 0.0861285444362687]),
            ([1, .infinity, 3, 4, 5], .infinity, [0, .nan, 0]),
            ([1, .nan, 3, 4, 5], .nan, [.nan, .nan, .nan]),
            ([-.infinity, 0, -.infinity, 0, -.infinity], 0.6931471805599453, [0, 0.5, 0]),
            ([-.infinity, -.infinity, -.infinity, -.infinity, -.infinity], -.infinity, [.nan, .nan, .nan]),
            ([-1e308, 1e308, 0, 0, 0], 1e308, [0, 1, 0]),
        ] as [([Double], Double, [Double])])
    func specialExponents(_ z: [Double], _ cost: Double, _ gradient: [Double]) throws {
        let (lowered, derived) = try VectorizeTests.lowered("size K = 5\nparam z[K]\ncost C = logsumexp(k: z[k])\n")
        let bound = try BoundSystem(derived.lowered(), sizes: [:])
        let parameter = try #require(derived.gradient.first?.wrt)
        let values = Values(bound, shared: [parameter: z], examples: [[:]], isBatch: false)
        for program in [lowered, Self.split(lowered), lowered.vectorized()] {
            let found = try VectorizeTests.numbers(program, bound, derived, values)
            try #require(found.count == 6)
            let expected: [Double] = [cost] + gradient
            for (one, two) in zip(expected, found) {
                #expect(one.isNaN ? two.isNaN : one == two || abs(one - two) <= 1e-15 * abs(one), "\(one), not \(two)")
            }
        }
    }
}

import Foundation
import TestSupport
import Testing

@testable import Nabla

/// Quantities that are stored where another one, needed no longer, is read.
@Suite struct InPlaceStoresTests {
    /// What the quantity `a` overwrites, in the program of the cost alone or with the gradient.
    private static func predecessor(
        _ definition: String, size: Int = 16, lanes: Int = 8, withGradient: Bool = false
    ) throws -> String? {
        let text = """
            size N = \(size)
            input x[N]
            param F[N, N], G[N, N], w[N]
            z[i] = sum(k: F[i,k] * x[k])
            a[i] = \(definition)
            v[i] = sum(k: G[i,k] * a[k])
            cost C = mean(examples: sum(i: v[i]^2))
            """
        let (lowered, derived) = try VectorizeTests.lowered(text)
        var program = lowered
        if !withGradient, case .access(let cost, _) = derived.system.graph.form(of: derived.cost) {
            program = try LoopProgram.lowering(derived.lowered(), results: [cost])
        }
        program = program.vectorized(lanes: lanes)
        let ranges = LiveRanges(program, lanes: lanes)
        let target = try #require(program.system.quantities.firstIndex { $0.name == "a" })
        return ranges.predecessor(of: QuantityID(target)).map { program.system[$0].name }
    }

    @Test func anElementOverwritesTheOneItIsMadeOf() throws {
        #expect(try Self.predecessor("sin(z[i])") == "z")
        #expect(try Self.predecessor("z[i] * w[i] + x[i]") == "z")
        // The derivative by F needs no z.
        #expect(try Self.predecessor("z[i] * w[i]^2 + z[i]") == "z")
    }

    @Test func whatIsStillNeededStays() throws {
        // The cosine of z, on the way back.
        #expect(try Self.predecessor("sin(z[i])", withGradient: true) == nil)
        // Another round reads the element.
        #expect(try Self.predecessor("z[i] + z[N-1-i]") == nil)
        #expect(try Self.predecessor("(i > 0 ? z[i-1] : 0) * z[i]") == nil)
        // A last vector that is not full begins earlier, and would read what it has written.
        #expect(try Self.predecessor("sin(z[i])", size: 17) == nil)
        #expect(try Self.predecessor("sin(z[i])", size: 24, lanes: 16) == nil)
        #expect(try Self.predecessor("sin(z[i])", size: 24) == "z")
    }

    /// In generated code: of z, a and v two places are left.
    @Test func generatedCodeHasOnePlaceForBoth() throws {
        func places(_ size: Int) throws -> Int {
            let text = """
                size N = \(size)
                input x[N]
                param F[N, N], G[N, N]
                z[i] = sum(k: F[i,k] * x[k])
                a[i] = sin(z[i])
                v[i] = sum(k: G[i,k] * a[k])
                cost C = mean(examples: sum(i: v[i]^2))
                """
            return try StorageReuseTests.room(text, wrt: ["G"])
        }
        #expect(try places(32) == 2 * 32)
        #expect(try places(33) == 3 * 33)
    }
}

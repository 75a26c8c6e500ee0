import Foundation
import TestSupport
import Testing

@testable import Nabla

/// The passes that need less memory: stages that are used in turn, quantities that share a place.
@Suite struct StorageReuseTests {
    private static func rings(_ program: LoopProgram) -> [String: Int] {
        var found: [String: Int] = [:]
        for buffer in program.buffers { found[program.system[buffer.quantity].name] = buffer.ring?.count }
        return found
    }

    private static func ranges(_ program: LoopProgram) -> [String: ClosedRange<Int>] {
        let live = LiveRanges(program)
        var found: [String: ClosedRange<Int>] = [:]
        for buffer in program.buffers { found[program.system[buffer.quantity].name] = live[buffer.quantity] }
        return found
    }

    private static let network = """
        layer l in 1...4
        size n(0...4) = [6, 5, 7, 4, 3]
        input x[n(0)]
        target y[n(4)]
        param w(l)[n(l), n(l-1)]
        a(0)[k] = x[k]
        z(l)[j] = sum(k: w(l)[j,k] * a(l-1)[k])
        a(l)[j] = tanh(z(l)[j])
        cost C0 = sum(j: (a(4)[j] - y[j])^2)
        cost C = mean(examples: C0)
        """

    @Test func aStageIsKeptAsLongAsItIsNeeded() throws {
        var spec = Spec(SourceText(name: "test.nabla", text: Self.network))
        let derived = try spec.derive()
        let system = derived.lowered()
        guard case .access(let cost, _) = system.graph.form(of: derived.cost) else {
            Issue.record("no cost")
            return
        }
        // The cost alone: a layer needs the one before it, and its own sums.
        let value = try LoopProgram.lowering(system, results: [cost]).blockingExamples().findingContractions()
            .keepingFewStages()
        #expect(Self.rings(value)["a"] == 2)
        #expect(Self.rings(value)["z"] == 1)
        let gradient = try LoopProgram.lowering(system, results: [cost] + derived.gradient.compactMap(\.derivative))
            .blockingExamples().findingContractions().keepingFewStages()
        let kept = Self.rings(gradient)
        // The way back needs all activations; of the adjoints of a each layer its own alone.
        #expect(kept["a"] == nil)
        #expect(kept["dC0_da"] == 1)
        let count = gradient.buffers.first { gradient.system[$0.quantity].name == "dC0_da" }?.ring?.capacity
        #expect(count == 7)
    }

    @Test func aSecondOrderRecurrenceKeepsThreeStages() throws {
        let program = try VectorizeTests.lowered(
            """
            size N = 5
            step t in 1...9
            param c[N]
            u(0)[i] = c[i]
            u(1)[i] = c[i] * c[i]
            u(t in 2...9)[i] = sin(u(t-1)[i]) - 0.5 * u(t-2)[i]
            cost C = sum(i: u(9)[i]^2)
            """
        ).0
        // Without the gradient.
        guard case .some(let cost) = program.system.quantities.firstIndex(where: { $0.name == "C" }) else {
            Issue.record("no cost")
            return
        }
        let value = try LoopProgram.lowering(program.system, results: [QuantityID(cost)]).keepingFewStages()
        #expect(Self.rings(value)["u"] == 3)
        // All stages are needed on the way back.
        #expect(Self.rings(program.keepingFewStages())["u"] == nil)
    }

    @Test func whatIsNotNeededAtOneTimeMayShareMemory() throws {
        let program = try VectorizeTests.lowered(Self.network).0.blockingExamples().findingContractions()
        let ranges = Self.ranges(program)
        let (z, a) = (try #require(ranges["z"]), try #require(ranges["a"]))
        let (back, own) = (try #require(ranges["dC0_dz"]), try #require(ranges["dC0_da"]))
        // tanh's derivative is read off a: z is not needed on the way back.
        #expect(!z.overlaps(own))
        #expect(a.overlaps(z) && a.overlaps(back) && back.overlaps(own))
        // Given and asked for: from start to end.
        let all = try #require(ranges["w"])
        for range in ranges.values { #expect(all.lowerBound <= range.lowerBound && range.upperBound <= all.upperBound) }
        #expect(ranges["C"] == all)
    }

    /// The block of all that a program computes on the way, and what each quantity needs of it: its numbers, and when.
    private static func block(
        _ program: LoopProgram, sharing: Bool
    ) throws -> (count: Int, items: [(numbers: Range<Int>, live: ClosedRange<Int>)]) {
        var file = SwiftFile(program.system, SwiftOptions())
        var quantities: [(id: QuantityID, name: String, layout: SwiftLayout)] = []
        let live = LiveRanges(program)
        for buffer in program.buffers where buffer.role == .intermediate && live[buffer.quantity] != nil {
            let layout = try file.layout(of: buffer.quantity, buffer, program.system)
            guard layout.count.known != nil else { continue }
            quantities.append((buffer.quantity, program.system[buffer.quantity].name, layout))
        }
        let block = try file.block(quantities, from: SwiftInteger(10), liveIn: sharing ? live : nil)
        let items = try quantities.map { quantity in
            let item = try #require(block[quantity.id])
            let (base, count) = (try #require(item.base.known), try #require(item.layout.count.known))
            return (base..<base + count, try #require(live[quantity.id]))
        }
        return (try #require(block.count.known), items)
    }

    /// Linear scan by itself: what is needed at one time has numbers of its own, all within the block.
    @Test func noTwoThatAreNeededAtOneTimeShareNumbers() throws {
        var shared = 0
        var programs = 0
        for seed in UInt64(30_000)..<30_120 {
            guard let lowered = try? VectorizeTests.lowered(RandomSpecs.make(seed: seed).text).0 else { continue }
            for program in [lowered, lowered.vectorized()] {
                let (count, items) = try Self.block(program, sharing: true)
                let apart = try Self.block(program, sharing: false)
                programs += 1
                #expect(count <= apart.count)
                #expect(items.allSatisfy { $0.numbers.lowerBound >= 10 && $0.numbers.upperBound <= count }, "\(seed)")
                for (position, one) in items.enumerated() {
                    for other in items.dropFirst(position + 1) where one.numbers.overlaps(other.numbers) {
                        shared += 1
                        #expect(!one.live.overlaps(other.live), "\(seed)")
                    }
                }
                for (position, one) in apart.items.enumerated() {
                    let others = apart.items.dropFirst(position + 1)
                    #expect(others.allSatisfy { !$0.numbers.overlaps(one.numbers) }, "\(seed)")
                }
            }
        }
        #expect(programs >= 100)
        #expect(shared >= 50)
    }

    /// The work memory of generated code for each example of a block, in numbers.
    static func room(_ text: String, wrt names: [String] = []) throws -> Int {
        var spec = Spec(SourceText(name: "test.nabla", text: text))
        let source = try SwiftPrinter.text(of: spec.derive(wrt: names), options: SwiftOptions(kernels: .simd))
        let line = try #require(
            source.split(separator: "\n").first { $0.contains("checkedProduct(min(exampleCount, 128) + 16, ") })
        let number = line.split(separator: ",").last.map { $0.filter(\.isNumber) }
        return try #require(number.flatMap { Int($0) })
    }

    /// Fewer than there are elements of what is computed on the way.
    @Test func generatedCodeHasOnePlaceForBoth() throws {
        // a has 25 numbers for each example, the adjoint of z 19; one stage of z and one of the adjoint of a share 7.
        #expect(try Self.room(Self.network) == 25 + 7 + 19)
    }
}

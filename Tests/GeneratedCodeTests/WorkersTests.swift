import Foundation
import TestSupport
import Testing

@testable import Nabla

/// Batches whose examples are split over threads.
@Suite struct WorkersTests {
    /// A spec, and how the program makes its network, its parameters and its data.
    private struct Network {
        var name: String
        var spec: String
        /// The numbers of one example's x and y, and of the parameters.
        var counts: (x: Int, y: Int, parameters: Int)
        /// The arguments of its initializer where it has symbolic sizes.
        var sizes = ""
        /// Whether the cost is a mean of what each example costs by itself.
        var isMean = true
    }

    private static let networks = [
        Network(
            name: "Dense",
            spec: """
                network Dense
                size L = 2
                size n(0...L)
                layer l in 1...L
                input x[n(0)]
                target y[n(L)]
                param w(l)[n(l), n(l-1)], b(l)[n(l)]
                a(0)[k] = x[k]
                z(l)[j] = sum(k: w(l)[j,k] * a(l-1)[k]) + b(l)[j]
                a(l)[j] = sigmoid(z(l)[j])
                cost C = mean(examples: sum(j: (a(L)[j] - y[j])^2))
                """, counts: (5, 3, 4 * 5 + 3 * 4 + 7), sizes: "n: [5, 4, 3]"),
        // Something is computed before the examples, and something after them.
        Network(
            name: "Weighted",
            spec: """
                network Weighted
                size N = 6
                input x[N]
                target y
                param v[N], s
                e[i] = exp(v[i]) / sum(k: exp(v[k]))
                r = sum(i: e[i] * x[i]) - y
                cost C = mean(examples: log(1 + r^2) + s * r) + sum(i: v[i]^2) + s^2
                """, counts: (6, 1, 7)),
        // Two passes over the examples: the second one needs the statistics of the first.
        Network(
            name: "Normalized",
            spec: """
                network Normalized
                size N = 4
                input x[N]
                target y
                param w[N], g
                z = sum(i: w[i] * x[i])
                m = mean(examples: z)
                q = mean(examples: (z - m)^2)
                cost C = mean(examples: (g * (z - m) / sqrt(q + 1) - y)^2)
                """, counts: (4, 1, 5), isMean: false),
    ]

    private static let exampleCounts = [1, 128, 256, 257, 511, 512, 513, 1000, 1024, 1025, 4095, 4096, 5000]

    private func text(_ network: Network, _ kernels: SwiftOptions.Kernels) throws -> String {
        let name = kernels == .plain ? "Plain\(network.name)" : network.name
        let spec = network.spec.replacing("network \(network.name)", with: "network \(name)")
        var parsed = Spec(SourceText(name: "spec.nabla", text: spec))
        let derived = try parsed.derive()
        return try SwiftPrinter.text(of: derived, options: SwiftOptions(kernels: kernels))
    }

    /// Prints, for each number of examples, whether all numbers of workers give the same bits, how far the cost and the gradient are
    /// from those of plain loops, and how far from the mean of single examples.
    private func program(_ network: Network, _ exampleCounts: [Int]) -> String {
        func call(_ name: String, _ suffix: String) -> String {
            let isInstance = !network.sizes.isEmpty
            let first = isInstance ? "for: network\(suffix), " : ""
            return """
                \(isInstance ? "let network\(suffix) = try \(name)(\(network.sizes))" : "typealias Network\(suffix) = \(name)")
                let parameters\(suffix) = try \(name).Parameters(\(first)values: weights)
                let batch\(suffix) = try \(name).Batch(\(first)x: x, y: y)
                """
        }
        let isInstance = !network.sizes.isEmpty
        let (owner, plain) = isInstance ? ("network", "networkPlain") : (network.name, "Plain\(network.name)")
        return """
            func run\(network.name)() throws {
                let weights = numbers(\(network.counts.parameters), seed: 3)
                for count in \(exampleCounts) {
                    let x = numbers(count * \(network.counts.x), seed: 1)
                    let y = numbers(count * \(network.counts.y), seed: 2)
                    \(call(network.name, ""))
                    \(call("Plain\(network.name)", "Plain"))
                    let one = try \(owner).valueWithGradient(at: parameters, batch: batch)
                    var isSame = try \(owner).value(at: parameters, batch: batch, workers: 3).bitPattern
                        == \(owner).value(at: parameters, batch: batch).bitPattern
                    var workspace = \(network.name).Workspace(\(isInstance ? "for: network" : ""))
                    for workers in [2, 3, 5, 40, 1, 0] {
                        let some = try \(owner).valueWithGradient(
                            at: parameters, batch: batch, workers: workers, workspace: &workspace)
                        let bits = ([some.value] + some.gradient.values).map(\\.bitPattern)
                        isSame = isSame && bits == ([one.value] + one.gradient.values).map(\\.bitPattern)
                    }
                    let other = try \(plain).valueWithGradient(at: parametersPlain, batch: batchPlain)
                    var single = [one.value] + one.gradient.values
                    if \(network.isMean) {
                        single = Array(repeating: 0, count: single.count)
                        for position in 0..<count {
                            let part = try \(owner).valueWithGradient(
                                at: parameters, batch.example(at: position), workspace: &workspace)
                            for (place, number) in ([part.value] + part.gradient.values).enumerated() {
                                single[place] += number / Double(count)
                            }
                        }
                    }
                    let all = [one.value] + one.gradient.values
                    print("\(network.name)", count, isSame, distance(all, [other.value] + other.gradient.values), distance(all, single))
                }
            }
            """
    }

    private static let support = """
        func numbers(_ count: Int, seed: UInt64) -> [Double] {
            var state = seed
            return (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Double(state >> 40) / 16_777_216 * 2 - 1
            }
        }
        func distance(_ left: [Double], _ right: [Double]) -> Double {
            guard left.count == right.count else { return .infinity }
            let largest = right.map { abs($0) }.max() ?? 0
            return zip(left, right).map { abs($0 - $1) }.max().map { $0 / largest } ?? .infinity
        }
        """

    /// Compiles and runs the networks; threads run even where they do not pay.
    private func output(_ flags: [String], _ exampleCounts: [Int]) throws -> [[Substring]] {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        var files = ["main.swift"]
        for network in WorkersTests.networks {
            let threshold = ">= 2e6"
            let text = try text(network, .simd)
            #expect(text.contains(threshold))
            try folder.write(text.replacing(threshold, with: ">= 0"), to: "\(network.name).swift")
            try folder.write(try self.text(network, .plain), to: "Plain\(network.name).swift")
            files += ["\(network.name).swift", "Plain\(network.name).swift"]
        }
        let calls = WorkersTests.networks.map { "try run\($0.name)()" }
        let main = [WorkersTests.support] + WorkersTests.networks.map { program($0, exampleCounts) } + calls
        try folder.write(main.joined(separator: "\n"), to: "main.swift")
        let arguments = ["swiftc", "-swift-version", "6", "-warnings-as-errors", "-o", "program"] + flags + files
        let compiled = try Command(arguments, in: folder.url).run(seconds: 900)
        guard compiled.status == 0 else { throw EvaluationError(String(compiled.output.prefix(4000))) }
        let ran = try Command("./program", in: folder.url).run(seconds: 600)
        guard ran.status == 0 else { throw EvaluationError(String(ran.output.suffix(2000))) }
        return ran.output.split(separator: "\n").map { $0.split(separator: " ") }
    }

    @Test func theNumberOfWorkersDoesNotMatter() throws {
        let lines = try output(["-O"], WorkersTests.exampleCounts)
        #expect(lines.count == WorkersTests.networks.count * WorkersTests.exampleCounts.count)
        for line in lines {
            #expect(line.count == 5)
            guard line.count == 5 else { continue }
            #expect(line[2] == "true", "\(line.joined(separator: " "))")
            for distance in line[3...] {
                #expect((Double(distance) ?? .infinity) < 1e-12, "\(line.joined(separator: " "))")
            }
        }
    }

    /// No thread writes what another one reads or writes.
    @Test func threadsDoNotRace() throws {
        let lines = try output(["-Onone", "-sanitize=thread"], [300, 4400])
        #expect(lines.count == 2 * WorkersTests.networks.count)
    }

    /// Each pass over the examples is marked where its chunks have nothing in common but sums.
    @Test func passesAreMarked() throws {
        var parsed = Spec(SourceText(name: "spec.nabla", text: WorkersTests.networks[2].spec))
        let derived = try parsed.derive()
        guard case .access(let cost, _) = derived.lowered().graph.form(of: derived.cost) else { return }
        let program = try LoopProgram.lowering(derived.lowered(), results: [cost]).vectorized()
        let passes = program[program.root].statements.filter {
            if case .exampleBlocks = $0 { return true }
            return false
        }
        #expect(passes.count >= 2)
        #expect(program.chunks.count == passes.count)
        let sums = program.chunks.values.flatMap(\.sums).map { program.system[$0].name }
        #expect(Set(sums).isSuperset(of: ["m", "q", "C"]))
    }
}

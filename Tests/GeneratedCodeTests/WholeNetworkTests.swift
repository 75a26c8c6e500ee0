import Foundation
import TestSupport
import Testing

@testable import Nabla

/// Examples and the networks of the benchmark, optimised, in both types, with what each processor has: what they compute beside
/// the evaluator, batches beside their examples one by one, and no access outside of any array.
@Suite struct WholeNetworkTests {
    /// One way to compile all networks.
    struct Build: Sendable, CustomStringConvertible {
        var scalar: SwiftScalar
        var flags: [String]

        var description: String { "\(scalar) \(flags.joined(separator: " "))" }

        /// The widest vectors that this machine has and the narrowest, optimised; the other type of each in a debug build, the widest with
        /// the address sanitizer.
        static var all: [Build] {
            let widest = ProductKernelTests.Target.all.last { !$0.isSanitized }?.flags ?? []
            return [
                Build(scalar: .double, flags: ["-O"] + widest), Build(scalar: .float, flags: ["-O"]),
                Build(scalar: .float, flags: ["-Onone", "-sanitize=address", "-use-ld=lld"] + widest),
                Build(scalar: .double, flags: ["-Onone"]),
            ]
        }
    }

    /// Sizes in place of a spec's own: what is not a multiple of a vector, and small.
    private static let sizes: [String: [String: String]] = [
        "M128": ["n(0...L)": "[41, 33, 17, 10]"],
        "Recurrent": ["T": "7", "H": "19", "X": "5", "O": "3"], "LSTM": ["T": "9", "D": "14"],
        "Mixture": ["D": "7", "K": "5"], "Convolution": ["N": "21", "A": "3", "B": "5"],
        "Attention": ["S": "11", "D": "9"], "Logistic": ["N": "100"], "Rosenbrock": [:], "Chain": [:],
    ]

    /// All specs, with the number of examples that each is run on.
    private static func specs() throws -> [(source: SourceText, exampleCount: Int)] {
        var specs: [(SourceText, Int)] = []
        for name in ["MultiNeuron", "RecurrentNetwork", "SoftmaxClassifier"] {
            let text = try Fixtures.text(try Fixtures.path("Examples/\(name).nabla"))
            specs.append((SourceText(name: "\(name).nabla", text: text), 5))
        }
        for (name, sizes) in sizes.sorted(by: { $0.key < $1.key }) {
            var text = try Fixtures.text(try Fixtures.path("Sources/NablaBench/Specs/\(name).nabla"))
            for (size, value) in sizes.sorted(by: { $0.key < $1.key }) {
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                try #require(lines.contains { $0.hasPrefix("size \(size) = ") }, "\(name) has no size \(size)")
                text = lines.map { $0.hasPrefix("size \(size) = ") ? "size \(size) = \(value)" : String($0) }
                    .joined(separator: "\n")
            }
            // Two blocks and a rest where it is cheap.
            let exampleCount = name == "Logistic" ? 2 * SwiftFile.blockSizes.lowerBound + 3 : 5
            specs.append((SourceText(name: "\(name).nabla", text: text), exampleCount))
        }
        // A square of a sum of products, which is not a product with the sum as one factor.
        let square = """
            network Square
            size N = 5
            size H = 3
            input x[N]
            target y
            param w[H, N], v[H]
            h[j] = tanh(sum(k: w[j,k] * x[k]))
            cost C0 = (sum(j: v[j] * h[j]) - y)^2
            cost C = mean(examples: C0)
            """
        specs.append((SourceText(name: "Square.nabla", text: square), 5))
        // So many elements that their sums over the examples are added in memory.
        let far = """
            network Far
            size K = 16
            size D = 33
            input x[D]
            param m[K, D], q[K, D]
            e[k, i] = q[k, i] * (x[i] - m[k, i])
            cost C0 = logsumexp(k: -sum(i: e[k, i]^2))
            cost C = mean(examples: C0)
            """
        specs.append((SourceText(name: "Far.nabla", text: far), 5))
        // Rows of whole vectors: what is needed no longer is overwritten element by element, also where all examples do the same.
        let whole = """
            network Whole
            size D = 32
            input x[D]
            target y[D]
            param F[D, D], G[D, D], w[D]
            z[i] = sum(k: F[i, k] * x[k])
            a[i] = w[i] * z[i] + z[i] - x[i]
            b[i] = 2 * a[i] + w[i]
            v[i] = sum(k: G[i, k] * b[k])
            cost C0 = logsumexp(i: v[i]) - sum(i: y[i] * v[i]) + sum(i: sin(v[i] * w[i]))
            cost C = mean(examples: C0)
            """
        specs.append((SourceText(name: "Whole.nabla", text: whole), 5))
        specs.append((SourceText(name: "Known.nabla", text: remainders("Known", size: "N = 36") { "\($0)" }), 1))
        specs.append((SourceText(name: "Given.nabla", text: remainders("Given", size: "N") { "N + \($0 - 1)" }), 1))
        for size in [7, 20] {
            let text = try Fixtures.text(try Fixtures.path("Sources/NablaBench/Specs/Rosenbrock.nabla"))
            let lines = text.split(separator: "\n").map { line in
                line.hasPrefix("size N") ? "size N = \(size)" : line.hasPrefix("network") ? "\(line)\(size)" : "\(line)"
            }
            specs.append((SourceText(name: "Rosenbrock\(size).nabla", text: lines.joined(separator: "\n")), 1))
        }
        return specs
    }

    /// Reductions of every kind, over up to two of the widest vectors and two numbers more.
    private static func remainders(_ name: String, size: String, _ extent: (Int) -> String) -> String {
        let forms = [
            "sum(i in 0..<#: w * x[i] * x[i+1])", "max(i in 0..<#: w * x[i] - x[i+1])",
            "logsumexp(i in 0..<#: w * x[i])",
            "prod(i in 0..<#: 1 + w * x[i])", "min(i in 0..<#: w * x[i] - x[i+1])",
        ]
        let counts = 1...34
        let lines = counts.map { count in
            "r\(count) = "
                + forms[count % forms.count].replacingOccurrences(of: "#", with: extent(count))
        }
        let terms = counts.map { "r\($0)" }.joined(separator: " + ")
        return """
            network \(name)
            size \(size)
            const x[\(name == "Known" ? "N" : "N + 36")]
            param w
            \(lines.joined(separator: "\n"))
            cost C = \(terms)
            """
    }

    @Test(arguments: Build.all) func networksComputeWhatTheEvaluatorDoes(build: Build) throws {
        let isDouble = build.scalar == .double
        var harness = Harness(
            scalar: build.scalar, flags: build.flags, tolerance: isDouble ? 1e-12 : 1e-5, computesNumeric: false)
        harness.runsSingles = true
        var expected: [Results] = []
        for (source, exampleCount) in try Self.specs() {
            var draws = RandomValues(seed: 5)
            let bound = try draws.sizes(for: Spec(source).system)
            var values = try draws.values(for: bound, exampleCount: exampleCount, scale: 0.5)
            if !isDouble { values.round() }
            expected.append(try harness.add(source, nil, values))
        }
        #expect(harness.networks.count >= 12)
        let (entries, complaints) = try harness.differences(from: expected)
        #expect(complaints.isEmpty, "\(complaints.prefix(20).joined(separator: "\n"))")
        #expect(entries >= 2_000)
    }
}

extension Values {
    /// The nearest numbers that Float has: both sides start from the same.
    fileprivate mutating func round() {
        func rounded(_ values: [QuantityID: [Double]]) -> [QuantityID: [Double]] {
            values.mapValues { $0.map { Double(Float($0)) } }
        }
        shared = rounded(shared)
        examples = examples.map(rounded)
    }
}

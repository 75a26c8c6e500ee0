/// What the benchmark computes: a spec of `Specs`, its numbers, and which peers compute it too.
struct PeerProblem: Sendable {
    /// How many numbers, and between which bounds they lie.
    struct Numbers: Sendable {
        let count: Int
        let low: Double
        let high: Double

        init(_ count: Int, _ low: Double, _ high: Double) {
            self.count = count
            self.low = low
            self.high = high
        }
    }

    /// What the generated Swift takes beside its parameters.
    enum Call: Sendable { case nothing, constants, example, batch }

    let name: String
    /// The spec's file and the emitted type.
    let network: String
    let call: Call
    var batch = 1
    /// The peer in C, and what it is compiled with.
    let source: String
    var definitions: [String] = []
    /// The parameters in the order of the spec.
    let parameters: [Numbers]
    /// One example's `x`, and its `y` where there is one.
    var x = Numbers(0, 0, 0)
    var y = Numbers(0, 0, 0)
    /// The peers beside C loops.
    var peers: [Peer] = []
    /// Floating-point operations, where the share of the peak matters.
    var operations: Double?
    /// Whether time is that of a clock, not of one thread.
    var isOnClock = false

    /// All problems, in the order of the table.
    static let all: [PeerProblem] = [
        digits("N1", batch: 1, peers: [.openBLAS, .jax, .casadi]),
        digits("N100", batch: 100, peers: [.openBLAS, .jax]),
        classifier("M128", batch: 128, peers: [.openBLAS, .jax]),
        classifier("M1024", batch: 1024, peers: [.twoWorkers, .openBLAS, .openBLASTwoThreads], isOnClock: true),
        PeerProblem(
            name: "Recurrent", network: "Recurrent", call: .batch, batch: 32, source: "recurrent",
            parameters: [
                Numbers(64 * 64, -0.125, 0.125), Numbers(64 * 32, -0.2, 0.2), Numbers(64, -0.1, 0.1),
                Numbers(10 * 64, -0.125, 0.125), Numbers(10, -0.1, 0.1),
            ], x: Numbers(100 * 32, -1, 1), y: Numbers(100 * 10, -1, 1), peers: [.openBLAS, .jax]),
        PeerProblem(
            name: "LSTM", network: "LSTM", call: .constants, source: "lstm",
            parameters: [Numbers(16 * 14, -1, 1), Numbers(3 * 14, -1, 1)], x: Numbers(1024 * 14, 0, 1),
            peers: [.scalarCalls, .jax]),
        PeerProblem(
            name: "Mixture", network: "Mixture", call: .batch, batch: 1000, source: "mixture",
            parameters: [
                Numbers(25, -1, 1), Numbers(25 * 32, 0, 1), Numbers(25 * 32, -0.5, 0.5),
                Numbers(25 * 32 * 32, -0.2, 0.2),
            ], x: Numbers(32, 0, 1), peers: [.oneByOne, .jax]),
        PeerProblem(
            name: "Convolution", network: "Convolution", call: .batch, batch: 32, source: "convolution",
            parameters: [Numbers(32 * 32 * 5, -0.1, 0.1), Numbers(32, -0.1, 0.1)], x: Numbers(32 * 128, -1, 1),
            y: Numbers(32 * 124, -1, 1), peers: [.jax]),
        PeerProblem(
            name: "Attention", network: "Attention", call: .batch, batch: 8, source: "attention",
            parameters: [Numbers(3 * 32 * 32, -0.3, 0.3)], x: Numbers(64 * 32, -1, 1), y: Numbers(64 * 32, -1, 1),
            peers: [.openBLAS, .jax]),
        PeerProblem(
            name: "Logistic", network: "Logistic", call: .batch, batch: 1000, source: "logistic",
            parameters: [Numbers(21, -1, 1)], x: Numbers(20, -1, 1), y: Numbers(1, 0, 1), peers: [.jax]),
        PeerProblem(
            name: "Rosenbrock", network: "Rosenbrock", call: .nothing, source: "rosenbrock",
            parameters: [Numbers(100, -2, 2)], peers: [.jax, .casadi, .differentiation]),
        PeerProblem(
            name: "Chain", network: "Chain", call: .example, source: "chain", parameters: [Numbers(6, -1, 1)],
            x: Numbers(1, 0, 1), y: Numbers(1, 0, 1), peers: [.jax, .casadi, .differentiation]),
    ]

    /// The network of the video: sigmoid and squared error.
    private static func digits(_ name: String, batch: Int, peers: [Peer]) -> PeerProblem {
        layers(name, "N1", [784, 16, 16, 10], batch: batch, peers: peers)
    }

    /// Relu, softmax and cross-entropy.
    private static func classifier(
        _ name: String, batch: Int, peers: [Peer], isOnClock: Bool = false
    ) -> PeerProblem {
        var problem = layers(
            name, "M128", [784, 256, 128, 10], batch: batch, definitions: ["-DSOFTMAX"], peers: peers)
        problem.isOnClock = isOnClock
        return problem
    }

    private static func layers(
        _ name: String, _ network: String, _ widths: [Int], batch: Int, definitions: [String] = [], peers: [Peer]
    ) -> PeerProblem {
        let pairs = zip(widths, widths.dropFirst())
        let weights = pairs.map { below, above in
            let bound = 1 / Double(below).squareRoot()
            return Numbers(below * above, -bound, bound)
        }
        let products = pairs.enumerated().reduce(0) { $0 + $1.element.0 * $1.element.1 * ($1.offset == 0 ? 2 : 3) }
        return PeerProblem(
            name: name, network: network, call: .batch, batch: batch, source: "network",
            definitions: definitions + widths.enumerated().map { "-DW\($0)=\($1)" },
            parameters: weights + [Numbers(widths.dropFirst().reduce(0, +), -0.1, 0.1)],
            x: Numbers(widths[0], 0, 1), y: Numbers(widths[widths.count - 1], 0, 0.2), peers: peers,
            operations: 2 * Double(batch) * Double(products))
    }
}

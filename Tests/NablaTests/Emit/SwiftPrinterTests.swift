import Foundation
import TestSupport
import Testing

@testable import Nabla

/// Generated Swift: that it compiles without a warning and computes what the evaluator does.
@Suite struct SwiftPrinterTests {
    private static func check(_ programs: GeneratedPrograms, release: Bool = false) throws {
        #expect(!programs.expected.isEmpty)
        let results = try programs.run(release: release)
        for (name, expected, tolerance) in programs.expected {
            let result = try #require(results[name], "\(name) printed nothing")
            let scale = max(1, abs(expected.value), expected.gradient.map(abs).max() ?? 0)
            #expect(abs(result.both - expected.value) <= tolerance * scale, "\(name): the value")
            #expect(abs(result.alone - expected.value) <= tolerance * scale, "\(name): the value by itself")
            #expect(result.gradient.count == expected.gradient.count, "\(name): the gradient's count")
            let worst = zip(result.gradient, expected.gradient).map { abs($0 - $1) }.max() ?? 0
            #expect(worst <= tolerance * scale, "\(name): the gradient differs by \(worst)")
        }
    }

    static let features: [(name: String, text: String)] = [
        ("Convolution", """
            size N = 9
            size K = 3
            input x[N]
            target y[N - K + 1]
            param w[K], c
            z[i in 0..<N-K+1] = sum(p: w[p] * x[i+p]) + c
            cost C = mean(examples: sum(i: (tanh(z[i]) - y[i])^2))
            """),
        ("Stride", """
            size N = 11
            size M = 5
            input x[N]
            param w[3]
            z[i in 0..<M] = sum(p: w[p] * x[2*i + p])
            cost C = mean(examples: sum(i: exp(z[i])))
            """),
        ("Softmax", """
            size N
            size K
            input x[N]
            target y[K] distribution
            param w[K,N], b[K]
            const lambda = 1/100
            z[k] = sum(i: w[k,i] * x[i]) + b[k]
            p[k] = exp(z[k]) / sum(j: exp(z[j]))
            cost C = mean(examples: -sum(k: y[k] * log(p[k]))) + lambda/2 * sum(k, i: w[k,i]^2)
            """),
        ("Recurrent", """
            size T
            size H
            step t in 1...T
            input x(t)
            target y
            param U[H], W[H,H], V[H]
            h(0)[i] = 0
            h(t)[i] = tanh(sum(k: W[i,k] * h(t-1)[k]) + U[i] * x(t))
            cost C = mean(examples: (sum(i: V[i] * h(T)[i]) - y)^2)
            """),
        ("Ragged", """
            size L = 2
            size n(0...L)
            layer l in 1...L
            input x[n(0)]
            target y[n(L)]
            param w(l)[n(l), n(l-1)], b(l)[n(l)]
            a(0)[k] = x[k]
            a(l)[j] = sigmoid(sum(k: w(l)[j,k] * a(l-1)[k]) + b(l)[j])
            cost C = mean(examples: sum(j: (a(L)[j] - y[j])^2))
            """),
        ("Largest", """
            size N = 6
            input x[N]
            param w[N], s
            m = max(i: w[i] * x[i])
            q[i] = (argmax(j: w[j] + x[j]) == i ? w[i]^2 : s * w[i])
            cost C = mean(examples: m^2 + sum(i: q[i]) + logsumexp(i: s * w[i] * x[i]) + mean(i: w[i]^3) + min(i: w[i] - x[i]))
            """),
        ("Products", """
            size N = 5
            param w[N]
            const c[3] = [1, 2, 1/3]
            const A[N, 2]
            const scale
            cost C = prod(i: w[i] + A[i,0]) + scale * sum(j in 0..<3: c[j] * w[j]^2) + sum(i: A[i,1] * abs(w[i]))
            """),
        ("Triangular", """
            size N = 5
            param w[N, N], v[N]
            cost C = sum(i, j in 0..<i: w[i,j] * v[j]) ^ 2 + sum(i: (i > 0 ? w[i,i-1] * v[i] : v[0]^3))
            """),
        ("Functions", """
            input u
            param p, q
            func swish(u, s) = u * sigmoid(s * u)
            z = swish(p, q) + relu(p) + leakyrelu(q, 0.1) + elu(q - 2, 1.5) + softplus(p) + silu(q) + gelu(p) + erf(q)
            cost C = mean(examples: z * u + atan2(p, q) + hypot(p, q) + max(p, q, u) + sign(p) * p + log1p(p^2) + pow(2 + p, q))
            """),
        ("Backwards", """
            size T = 5
            step t in 1...T
            input x(t)
            param w, v
            r(T) = w * x(T)
            r(t in 1..<T) = tanh(w * r(t+1) + v * x(t))
            cost C = sum(examples: r(1)^2) + v^2
            """),
    ]

    @Test func computesWhatTheEvaluatorDoes() throws {
        var programs = GeneratedPrograms()
        for (name, text) in Self.features { try programs.add(.init(name: name, text: text)) }
        for (name, text) in Self.features {
            let options = SwiftOptions(access: .public, scalar: .float)
            try programs.add(.init(name: name + "Float", text: text, options: options))
        }
        try Self.check(programs)
    }

    @Test func gradientsWithRespectToAnything() throws {
        var programs = GeneratedPrograms()
        let ragged = try #require(Self.features.first { $0.name == "Ragged" }).text
        try programs.add(.init(name: "OfInputs", text: ragged, wrt: ["x"]))
        try programs.add(.init(name: "OfSome", text: ragged, wrt: ["b"]))
        try programs.add(.init(name: "OfIntermediates", text: ragged, wrt: ["a"]))
        try programs.add(.init(name: "OfMany", text: ragged, wrt: ["y", "b", "w"]))
        let single = """
            input x[2]
            param w[3]
            cost C = sigmoid(w[0] * x[0] + w[1] * x[1] + w[2])
            """
        try programs.add(.init(name: "OneExample", text: single, exampleCount: 1))
        try programs.add(.init(name: "OneExampleInputs", text: single, wrt: ["x", "w"], exampleCount: 1))
        try Self.check(programs)
    }

    @Test func randomSpecs() throws {
        var programs = GeneratedPrograms()
        var seed: UInt64 = 1
        var skipped: [String] = []
        while programs.expected.count < 60, seed < 200 {
            let spec = RandomSpecs.make(seed: seed)
            do {
                let name = "Random\(seed)"
                let text = spec.text.replacingOccurrences(of: "network Random\n", with: "network \(name)\n")
                try programs.add(.init(name: name, text: text, seed: seed))
            } catch {
                skipped.append("\(seed): \(error)")
            }
            seed += 1
        }
        #expect(programs.expected.count == 60, "\(skipped.joined(separator: "\n"))")
        try Self.check(programs)
    }
}

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
        (
            "Convolution",
            """
            size N = 9
            size K = 3
            input x[N]
            target y[N - K + 1]
            param w[K], c
            z[i in 0..<N-K+1] = sum(p: w[p] * x[i+p]) + c
            cost C = mean(examples: sum(i: (tanh(z[i]) - y[i])^2))
            """
        ),
        (
            "Stride",
            """
            size N = 11
            size M = 5
            input x[N]
            param w[3]
            z[i in 0..<M] = sum(p: w[p] * x[2*i + p])
            cost C = mean(examples: sum(i: exp(z[i])))
            """
        ),
        (
            "Softmax",
            """
            size N
            size K
            input x[N]
            target y[K] distribution
            param w[K,N], b[K]
            const lambda = 1/100
            z[k] = sum(i: w[k,i] * x[i]) + b[k]
            p[k] = exp(z[k]) / sum(j: exp(z[j]))
            cost C = mean(examples: -sum(k: y[k] * log(p[k]))) + lambda/2 * sum(k, i: w[k,i]^2)
            """
        ),
        (
            "Recurrent",
            """
            size T
            size H
            step t in 1...T
            input x(t)
            target y
            param U[H], W[H,H], V[H]
            h(0)[i] = 0
            h(t)[i] = tanh(sum(k: W[i,k] * h(t-1)[k]) + U[i] * x(t))
            cost C = mean(examples: (sum(i: V[i] * h(T)[i]) - y)^2)
            """
        ),
        (
            "Ragged",
            """
            size L = 2
            size n(0...L)
            layer l in 1...L
            input x[n(0)]
            target y[n(L)]
            param w(l)[n(l), n(l-1)], b(l)[n(l)]
            a(0)[k] = x[k]
            a(l)[j] = sigmoid(sum(k: w(l)[j,k] * a(l-1)[k]) + b(l)[j])
            cost C = mean(examples: sum(j: (a(L)[j] - y[j])^2))
            """
        ),
        (
            "Largest",
            """
            size N = 6
            input x[N]
            param w[N], s
            m = max(i: w[i] * x[i])
            q[i] = (argmax(j: w[j] + x[j]) == i ? w[i]^2 : s * w[i])
            cost C = mean(examples: m^2 + sum(i: q[i]) + logsumexp(i: s * w[i] * x[i]) + mean(i: w[i]^3) + min(i: w[i] - x[i]))
            """
        ),
        (
            "Products",
            """
            size N = 5
            param w[N]
            const c[3] = [1, 2, 1/3]
            const A[N, 2]
            const scale
            cost C = prod(i: w[i] + A[i,0]) + scale * sum(j in 0..<3: c[j] * w[j]^2) + sum(i: A[i,1] * abs(w[i]))
            """
        ),
        (
            "Triangular",
            """
            size N = 5
            param w[N, N], v[N]
            cost C = sum(i, j in 0..<i: w[i,j] * v[j]) ^ 2 + sum(i: (i > 0 ? w[i,i-1] * v[i] : v[0]^3))
            """
        ),
        (
            "Functions",
            """
            input u
            param p, q
            func swish(u, s) = u * sigmoid(s * u)
            z = swish(p, q) + relu(p) + leakyrelu(q, 0.1) + elu(q - 2, 1.5) + softplus(p) + silu(q) + gelu(p) + erf(q)
            cost C = mean(examples: z * u + atan2(p, q) + hypot(p, q) + max(p, q, u) + sign(p) * p + log1p(p^2) + pow(2 + p, q))
            """
        ),
        (
            "Backwards",
            """
            size T = 5
            step t in 1...T
            input x(t)
            param w, v
            r(T) = w * x(T)
            r(t in 1..<T) = tanh(w * r(t+1) + v * x(t))
            cost C = sum(examples: r(1)^2) + v^2
            """
        ),
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

    /// Names that Swift or the generated file has a use for.
    static let hostile: [(name: String, text: String)] = [
        (
            "HostileOne",
            """
            network Double
            size count = 3
            size Parameters = 2
            layer self in 1...2
            input values[count], batch
            target Target[Parameters]
            param class(self)[Parameters, count], exp, zero[Parameters], newValue
            const work = 2
            a[index] = sum(example: class(1)[index,example] * values[example]) + zero[index] * sigmoid(exp)
            t[index] = a[index]^2 + sum(example: class(2)[index,example]) * work + newValue * batch
            cost memory = mean(examples: sum(index: (t[index] - Target[index])^2))
            """
        ),
        (
            "HostileTwo",
            """
            network Float
            size struct
            input Example[struct], σ[struct], _
            param init[struct], `w`
            cost C = mean(examples: sum(i: Example[i] * init[i] * σ[i]) + _)
            """.replacingOccurrences(of: ", `w`", with: ", __, w_")
                .replacingOccurrences(of: " + _)", with: " + _ * __ * w_)")
        ),
        (
            "HostileThree",
            """
            network Sendable
            size memory
            param gradient[memory], Gradient, sum1, func1, nablaÅ, 名
            const constants, lambda = 1/3, Constants[2] = [1, 2]
            t1 = sum(workspace: gradient[workspace] ^ 3) * Gradient
            t2 = t1 * sum1 * func1 + constants * lambda
            value = t2 * log(t1^2 + 1) * nablaÅ * 名 + Constants[1] * Gradient
            cost Int = value + exp(sum(k: gradient[k]) * memory) / 100
            """
        ),
        (
            "HostileFour",
            """
            network Array
            size entry(0...2)
            layer stride2 in 1...2
            input Range[entry(0)]
            param zip(stride2)[entry(stride2), entry(stride2-1)]
            stride(0)[i] = Range[i]
            stride(stride2)[i] = tanh(sum(k: zip(stride2)[i,k] * stride(stride2-1)[k]))
            cost Error = mean(examples: logsumexp(i: stride(2)[i]))
            """
        ),
    ]

    @Test func namesCannotClash() throws {
        var programs = GeneratedPrograms()
        for (name, text) in Self.hostile { try programs.add(.init(name: name, text: text)) }
        try Self.check(programs)
    }

    private static func text(_ spec: String, name: String = "Test", wrt: [String] = []) throws -> String {
        var spec = Spec(SourceText(name: "\(name).nabla", bytes: Array(spec.utf8)))
        let derived = try spec.derive(wrt: wrt)
        return try SwiftPrinter.text(
            of: derived.lowered(), cost: derived.cost, gradient: derived.gradient,
            options: SwiftOptions(sourceName: "\(name).nabla"))
    }

    /// Runs statements beside a generated file.
    private static func run(_ files: [String], _ main: String) throws -> String {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        var arguments = [
            "swiftc", "-swift-version", "6", "-warnings-as-errors", "-Onone", "-o", "program", "main.swift",
        ]
        for (position, text) in files.enumerated() {
            try folder.write(text, to: "file\(position).swift")
            arguments.append("file\(position).swift")
        }
        try folder.write(main, to: "main.swift")
        let compiled = try Command(arguments, in: folder.url).run(seconds: 600)
        guard compiled.status == 0 else { return compiled.output }
        return try Command("./program", in: folder.url).run().output
    }

    @Test func wrongShapesThrow() throws {
        let ragged = try #require(Self.features.first { $0.name == "Ragged" }).text
        let softmax = """
            size N = 2
            size K = 3
            input x[N]
            target y[K] distribution
            param w[K,N]
            z[k] = sum(i: w[k,i] * x[i])
            cost C = mean(examples: logsumexp(k: z[k]) - sum(k: y[k] * z[k]))
            """
        let empty = """
            size N
            param w[N]
            cost C = max(i in 1..<N: w[i])
            """
        let many = """
            input a[2], b, c[3], d, e[1]
            target y
            param w
            cost C = mean(examples: (w * (a[0] + b * c[2] + d * e[0]) - y)^2)
            """
        let main = """
            import Foundation

            func attempt(_ name: String, _ body: () throws -> Void) {
                do {
                    try body()
                    print(name, "works")
                } catch { print(name, error) }
            }
            attempt("example") { _ = try Softmax.Example(x: [1], y: [1, 0, 0]) }
            attempt("batch") { _ = try Softmax.Batch(x: [], y: []) }
            attempt("ragged batch") { _ = try Softmax.Batch(x: [1, 2, 3], y: [1, 0, 0]) }
            attempt("no examples") { _ = try Softmax.Batch([]) }
            attempt("distribution") { _ = try Softmax.Example(x: [1, 2], y: [0.5, 0.5, 0.5]) }
            attempt("distribution in a batch") { _ = try Softmax.Batch(x: [1, 2, 3, 4], y: [1, 0, 0, 1, 1, 0]) }
            attempt("parameters") { _ = try Softmax.Parameters(values: [1]) }
            attempt("selection") { _ = try Softmax.Batch(x: [1, 2], y: [1, 0, 0]).selecting([1]) }
            attempt("good") {
                let batch = try Softmax.Batch(x: [1, 2, 3, 4], y: [1, 0, 0, 0, 1, 0])
                var parameters = Softmax.Parameters.zero
                parameters[w: 1, 0] = 2
                let both = try Softmax.valueWithGradient(at: parameters, batch: batch)
                let one = try Softmax.gradient(at: parameters, Softmax.Example(x: [1, 2], y: [1, 0, 0]))
                let two = try Softmax.gradient(at: parameters, Softmax.Example(x: [3, 4], y: [0, 1, 0]))
                let mean = 0.5 * (one + two)
                let difference = mean - both.gradient
                print(difference.values.allSatisfy { abs($0) < 1e-15 })
                let data = try JSONEncoder().encode(parameters)
                print(try JSONDecoder().decode(Softmax.Parameters.self, from: data) == parameters)
                print((try? JSONDecoder().decode(Softmax.Parameters.self, from: Data("{\\"values\\":[1]}".utf8))) == nil)
            }
            func address(_ numbers: [Double]?) -> UnsafePointer<Double>? {
                numbers?.withUnsafeBufferPointer { $0.baseAddress }
            }
            attempt("data without a copy") {
                let x: [Double] = [1, 2, 3, 4]
                let y: [Double] = [1, 0, 0, 0, 1, 0]
                let batch = try Softmax.Batch(x: x, y: y)
                print(address(Mirror(reflecting: batch).descendant("x", "array") as? [Double]) == address(x))
                try x.withUnsafeBufferPointer { x in
                    try y.withUnsafeBufferPointer { y in
                        let lent = try Softmax.Batch(x: x, y: y)
                        let memory = Mirror(reflecting: lent).descendant("x", "memory") as? UnsafeBufferPointer<Double>
                        print(memory?.baseAddress == x.baseAddress)
                        let second = try Softmax.Example(x: [3, 4], y: [0, 1, 0])
                        print(lent == batch, try lent == batch.selecting([1, 0]))
                        print(try lent.example(at: 1) == second, try lent.selecting([1]) == Softmax.Batch([second]))
                        let parameters = try Softmax.Parameters(values: [1, 2, 3, 4, 5, 6])
                        let value = try Softmax.value(at: parameters, batch: lent)
                        print(value == (try Softmax.value(at: parameters, batch: batch, workers: 2)))
                    }
                }
            }
            attempt("memory of another size") {
                let x: [Double] = [1, 2, 3]
                _ = try x.withUnsafeBufferPointer { try Softmax.Batch(x: $0, y: $0) }
            }
            attempt("no memory") {
                let nothing = UnsafeBufferPointer<Double>(start: nil, count: 0)
                _ = try Softmax.Batch(x: nothing, y: nothing)
            }
            attempt("position") { _ = try Softmax.Batch(x: [1, 2], y: [1, 0, 0]).example(at: -1) }
            attempt("many quantities") {
                let one = try Many.Example(a: [1, 2], b: 2, c: [0, 0, 3], d: 4, e: [5], y: 6)
                let parameters = try Many.Parameters(values: [1])
                print(try Many.value(at: parameters, one), try Many.value(at: parameters, batch: Many.Batch([one, one])))
            }
            attempt("size 0") { _ = try Ragged(n: [1, 0, 2]) }
            attempt("stages") { _ = try Ragged(n: [1, 2]) }
            attempt("huge") { _ = try Ragged(n: [Int.max, 1, 1]) }
            attempt("overflow") { _ = try Ragged(n: [2_147_483_647, 2_147_483_647, 2_147_483_647]) }
            attempt("other network") {
                let one = try Ragged(n: [1, 2, 1])
                let two = try Ragged(n: [1, 1, 1])
                _ = try one.value(at: Ragged.Parameters(for: two), batch: Ragged.Batch(for: one, x: [1], y: [1]))
            }
            attempt("sum of other networks") {
                _ = try Ragged.Parameters(for: Ragged(n: [1, 2, 1])) + Ragged.Parameters(for: Ragged(n: [1, 1, 1]))
            }
            attempt("network in JSON") {
                let network = try Ragged(n: [1, 2, 1])
                var generator = SystemRandomNumberGenerator()
                let parameters = Ragged.Parameters.random(for: network, using: &generator)
                let data = try JSONEncoder().encode(parameters)
                print(try JSONDecoder().decode(Ragged.Parameters.self, from: data) == parameters)
            }
            attempt("nothing to maximise") {
                let network = try Empty(N: 1)
                _ = try network.value(at: Empty.Parameters(for: network))
            }
            attempt("something to maximise") {
                let network = try Empty(N: 3)
                print(try network.valueWithGradient(at: Empty.Parameters(for: network, values: [5, 1, 2])).gradient.values)
            }
            """
        let output = try Self.run(
            [
                Self.text(softmax, name: "Softmax"), Self.text(ragged, name: "Ragged"), Self.text(empty, name: "Empty"),
                Self.text(many, name: "Many"),
            ],
            main)
        let expected = """
            example x has 1 values, expected 2
            batch a batch needs at least one example: x has 0 values, expected 2 for each
            ragged batch x has 3 values, expected 2 for each of 1 examples
            no examples a batch needs at least one example
            distribution y is a distribution, but its values sum to 1.5
            distribution in a batch y is a distribution, but its values sum to 2.0
            parameters Parameters has 1 values, expected 6
            selection there is no example 1 among 1
            true
            true
            true
            good works
            true
            true
            true false
            true true
            true
            data without a copy works
            memory of another size x has 3 values, expected 2 for each of 1 examples
            no memory a batch needs at least one example: x has 0 values, expected 2 for each
            position there is no example -1 among 1
            441.0 441.0
            many quantities works
            size 0 the size n is 0.0, not an integer from 1 to 2147483647
            stages n has 2 values, expected 3
            huge the size n is 9.223372036854776e+18, not an integer from 1 to 2147483647
            overflow the network is too large
            other network the parameters belong to a network of other sizes
            sum of other networks the networks have other sizes
            true
            network in JSON works
            nothing to maximise 'max' of an empty range
            [0.0, 0.0, 1.0]
            something to maximise works

            """
        #expect(output == expected)
    }

    /// A chain of many scalar equations and one expression of many terms: cut into functions that compile.
    @Test func longSpecs() throws {
        var chain = "param x\na0 = x\n"
        let count = 1000
        for position in 1...count { chain += "a\(position) = sin(a\(position - 1)) * 1.01 + x / \(position)\n" }
        chain += "cost C = a\(count)^2\n"
        let terms = (1...2000).map { "w[\($0 % 7)]^2 * \($0)" }.joined(separator: " + ")
        let wide =
            "param w[7]\nb = exp(\(terms.replacingOccurrences(of: "^2", with: "")) - 3)\ncost C = (\(terms)) / 1000 + b/(b + 1)\n"
        let nested =
            "param x\ncost C = " + (0..<60).map { "(x > \($0) ? x + \($0) : " }.joined() + "x^2"
            + String(repeating: ")", count: 60) + "\n"
        var programs = GeneratedPrograms()
        try programs.add(.init(name: "Chain", text: chain))
        try programs.add(.init(name: "Wide", text: wide))
        try programs.add(.init(name: "Nested", text: nested))
        try Self.check(programs)
    }

    @Test func sameInputSameBytes() throws {
        for (name, text) in Self.features.prefix(6) {
            #expect(try Self.text(text, name: name) == Self.text(text, name: name))
        }
    }

    @Test func lengthDoesNotGrowWithDepthOrWidth() throws {
        func lines(_ layers: Int, _ width: Int) throws -> Int {
            let spec = """
                size L = \(layers)
                size N = \(width)
                layer l in 1...L
                input x[N]
                param w(l)[N, N]
                a(0)[k] = x[k]
                a(l)[j] = tanh(sum(k: w(l)[j,k] * a(l-1)[k]))
                cost C = mean(examples: sum(j: a(L)[j]^2))
                """
            return try Self.text(spec).split(separator: "\n").count
        }
        // Longer numbers may break a line.
        #expect(try lines(1000, 512) - lines(3, 4) < 10)
    }

    @Test func randomSpecs() throws {
        var programs = GeneratedPrograms()
        var seed: UInt64 = 1
        var skipped: [String] = []
        let wanted = Int(ProcessInfo.processInfo.environment["NABLA_GENERATED_SPECS"] ?? "") ?? 24
        while programs.expected.count < wanted, seed < UInt64(4 * wanted) {
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
        #expect(programs.expected.count == wanted, "\(skipped.joined(separator: "\n"))")
        try Self.check(programs)
    }
}

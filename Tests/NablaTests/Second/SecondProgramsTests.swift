import Foundation
import TestSupport
import Testing

@testable import Nabla

/// Generated Swift of second derivatives, compiled without a warning and run beside the evaluator.
@Suite struct SecondProgramsTests {
    private static let network = """
        size L = 2
        size n(0...L) = [2, 3, 2]
        layer l in 1...L
        input x[n(0)]
        target y[n(L)]
        param w(l)[n(l), n(l-1)], b(l)[n(l)]
        a(0)[k] = x[k]
        z(l)[j] = sum(k: w(l)[j,k] * a(l-1)[k]) + b(l)[j]
        a(l)[j] = sigmoid(z(l)[j])
        cost C = mean(examples: sum(j: (a(L)[j] - y[j])^2))
        """

    private static let symbolic = """
        size N
        param x[N]
        cost C = sum(i in 0..<N-1: 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)
        """

    private static func numbers(_ results: Results) -> [Double] {
        if let product = results.product { return product.flatMap { $0.value.all.flatMap(\.values) } }
        return (results.hessian ?? []).flatMap { $0.blocks.flatMap { $0.value.all.flatMap(\.values) } }
    }

    private static func source(_ text: String, _ name: String, _ order: SecondOrder) throws -> String {
        var spec = Spec(SourceText(name: "\(name).nabla", text: text))
        let derived = try spec.derive(second: order)
        return try SwiftPrinter.text(
            of: derived.lowered(), cost: derived.cost, gradient: derived.gradient, second: derived.second)
    }

    @Test func compiledNumbersAreTheEvaluators() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try folder.write(Self.source(Self.network, "NetworkH", .hessian), to: "h.swift")
        try folder.write(Self.source(Self.network, "NetworkP", .product(along: "v")), to: "p.swift")
        try folder.write(Self.source(Self.symbolic, "ValleyH", .hessian), to: "vh.swift")
        try folder.write(Self.source(Self.symbolic, "ValleyP", .product(along: "v")), to: "vp.swift")
        // w(1), w(2), b(1), b(2): as they lie in Parameters.
        let weights = (0..<17).map { Double($0 % 7) * 0.25 - 0.6 }
        let direction = (0..<17).map { Double($0 % 5) - 1.5 }
        let point = [0.5, -1, 2]
        let main = """
            func show(_ values: [Double]) { print(values.map { "\\($0)" }.joined(separator: " ")) }
            let batchH = try NetworkH.Batch(x: [0.1, 0.2, 0.3, -0.4], y: [0, 1, 1, 0])
            show(try NetworkH.hessian(at: NetworkH.Parameters(values: \(weights)), batch: batchH).values)
            let batchP = try NetworkP.Batch(x: [0.1, 0.2, 0.3, -0.4], y: [0, 1, 1, 0])
            let v = try NetworkP.Parameters(values: \(direction))
            show(try NetworkP.hessianVectorProduct(
                at: NetworkP.Parameters(values: \(weights)), along: v, batch: batchP).values)
            let vh = try ValleyH(N: 3)
            show(try vh.hessian(at: ValleyH.Parameters(for: vh, values: \(point))).values)
            let vp = try ValleyP(N: 3)
            let along = try ValleyP.Parameters(for: vp, values: [1, 2, 3])
            show(try vp.hessianVectorProduct(at: ValleyP.Parameters(for: vp, values: \(point)), along: along).values)
            """
        try folder.write(main, to: "main.swift")
        let files = ["h.swift", "p.swift", "vh.swift", "vp.swift", "main.swift"]
        let compiled = try Command(
            ["swiftc", "-swift-version", "6", "-warnings-as-errors", "-Onone", "-o", "program"] + files, in: folder.url
        ).run(seconds: 600)
        try #require(compiled.status == 0, "\(compiled.output.prefix(3000))")
        let output = try Command("./program", in: folder.url).run()
        try #require(output.status == 0, "\(output.output)")
        let lines = output.output.split(separator: "\n").map { $0.split(separator: " ").compactMap { Double($0) } }

        func json(_ values: [Double], _ prefix: String) -> String {
            func rows(_ slice: ArraySlice<Double>, _ width: Int) -> String {
                let all = Array(slice)
                let parts = stride(from: 0, to: all.count, by: width).map { "\(Array(all[$0..<$0 + width]))" }
                return "[\(parts.joined(separator: ", "))]"
            }
            return
                #""\#(prefix)w": {"1": \#(rows(values[0..<6], 2)), "2": \#(rows(values[6..<12], 3))}, "#
                + #""\#(prefix)b": {"1": \#(Array(values[12..<15])), "2": \#(Array(values[15..<17]))}"#
        }
        let examples = #""examples": [{"x": [0.1, 0.2], "y": [0, 1]}, {"x": [0.3, -0.4], "y": [1, 0]}]"#
        let expected = [
            try SecondSpecs.evaluate(Self.network, "{\(json(weights, "")), \(examples)}", .hessian),
            try SecondSpecs.evaluate(
                Self.network, "{\(json(weights, "")), \(json(direction, "v_")), \(examples)}", .product(along: "v")),
            try SecondSpecs.evaluate(Self.symbolic, #"{"N": 3, "x": \#(point)}"#, .hessian),
            try SecondSpecs.evaluate(Self.symbolic, #"{"N": 3, "x": \#(point), "v": [1, 2, 3]}"#, .product(along: "v")),
        ].map(Self.numbers)
        #expect(lines.count == 4)
        for (line, wanted) in zip(lines, expected) {
            #expect(line.count == wanted.count)
            for (value, exact) in zip(line, wanted) { #expect(agrees(value, exact, within: 1e-12)) }
        }
    }
}

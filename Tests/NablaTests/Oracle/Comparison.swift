import Foundation

@testable import Nabla

/// The derived gradient of a spec beside the oracle's.
enum Comparison {
    /// What a comparison showed.
    enum Outcome {
        case same(entries: Int)
        /// Too close to a kink, or not finite: says nothing about the derivative.
        case notComparable(String)
        case different(String)
    }

    struct BadSpec: Error, CustomStringConvertible {
        var description: String
    }

    /// The spec as a system; an error lists what is wrong with it.
    static func resolve(_ text: String) throws -> System {
        let source = SourceText(name: "random.nabla", text: text)
        let (tree, syntaxErrors) = Parser.parse(source)
        let (system, errors) = Resolver.resolve(tree, source: source, name: "Random", isComplete: syntaxErrors.isEmpty)
        let renderer = DiagnosticRenderer(source: source)
        let all = (syntaxErrors + errors).filter { $0.severity == .error }
        if !all.isEmpty { throw BadSpec(description: all.map { renderer.text($0) }.joined()) }
        return system
    }

    /// Relative to the largest entry of the gradient.
    static let tolerance = 1e-8

    /// Compares ∂C/∂Q for the last cost and all parameters: dual numbers on the spec as written against the derived
    /// equations, each evaluated element by element.
    static func compare(_ text: String, json: String) throws -> Outcome {
        let system = try resolve(text)
        guard let cost = system.costs.last else { throw BadSpec(description: "no cost") }
        let wrt = system.quantities.indices.map { QuantityID($0) }.filter { system[$0].role == .parameter }
        let values = try OracleValues(json: json)
        let derived = try Differentiator.derive(system, of: (cost, []), wrt: wrt)
        var oracle = Oracle(system, values)
        var naive = Oracle(derived.system, values)
        let examples = oracle.isPerExample(cost) ? Array(0..<values.exampleCount) : [-1]
        var entries = 0
        for example in examples {
            let expected = try oracle.gradient(of: cost, example: example, wrt: wrt)
            guard oracle.nearKinks == 0 else { return .notComparable("close to a kink") }
            guard expected.value.isFinite, expected.entries.values.allSatisfy({ $0.isFinite && abs($0) < 1e8 }) else {
                return .notComparable("not finite, or huge")
            }
            let largest = expected.entries.values.map(abs).max() ?? 0
            for (quantity, derivative) in derived.gradient {
                for indices in try oracle.elements(of: quantity) {
                    let key = Oracle.Element(quantity: quantity, indices: indices, example: -1)
                    let want = expected.entries[key] ?? .nan
                    let got = try derivative.map { try naive.value($0, indices, example: example) } ?? 0
                    entries += 1
                    // A gradient of exact zeros leaves rounding only.
                    if !(abs(want - got) <= tolerance * max(largest, 1e-4)) {
                        return .different("∂C/∂\(system[quantity].name)\(indices) is \(want), derived \(got)")
                    }
                }
            }
        }
        return .same(entries: entries)
    }
}

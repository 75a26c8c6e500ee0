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
        let examples = oracle.isPerExample(cost) ? Array(0..<values.exampleCount) : [-1]
        var wanted: [(value: Double, entries: [Oracle.Element: Double])] = []
        for example in examples {
            let expected = try oracle.gradient(of: cost, example: example, wrt: wrt)
            guard oracle.nearKinks == 0 else { return .notComparable("close to a kink") }
            guard expected.value.isFinite, expected.entries.values.allSatisfy({ $0.isFinite && abs($0) < 1e8 }) else {
                return .notComparable("not finite, or huge")
            }
            wanted.append(expected)
        }
        var entries = 0
        /// Compares all entries with what one way of computing them gives, by the example's position.
        func difference(_ way: String, _ entry: (Int, QuantityID, Int, [Int]) throws -> Double?) throws -> String? {
            for (place, expected) in wanted.enumerated() {
                // A gradient of exact zeros leaves rounding only.
                let largest = max(expected.entries.values.map(abs).max() ?? 0, 1e-4)
                for (position, quantity) in wrt.enumerated() {
                    for indices in try oracle.elements(of: quantity) {
                        let key = Oracle.Element(quantity: quantity, indices: indices, example: -1)
                        let want = expected.entries[key] ?? .nan
                        let got = try entry(place, quantity, position, indices) ?? .nan
                        entries += 1
                        if !(abs(want - got) <= tolerance * largest) {
                            return "\(way): ∂C/∂\(system[quantity].name)\(indices) is \(want), not \(got)"
                        }
                    }
                }
            }
            return nil
        }

        // The derived equations themselves, element by element.
        var naive = Oracle(derived.system, values)
        let equations = try difference("derived") { place, _, position, indices in
            guard let derivative = derived.gradient[position].derivative else { return 0 }
            return try naive.value(derivative, indices, example: examples[place])
        }
        if let equations { return .different(equations) }

        // The evaluator: forward values and derivatives through loops.
        let read = try ValuesReader.read(SourceText(name: "values.json", text: json), for: system)
        let evaluator = Evaluator(derived.lowered(), cost: derived.cost, gradient: derived.gradient)
        let results = try evaluator.run(read)
        for (expected, value) in zip(wanted, results.cost.all)
        where !(abs(expected.value - value) <= 1e-9 * max(1, abs(expected.value))) {
            return .different("evaluated: the cost is \(expected.value), not \(value)")
        }
        let evaluated = try difference("evaluated") { place, _, position, indices in
            guard let tensors = results.gradient?[position].value.all, !tensors.isEmpty else { return nil }
            return tensors[min(place, tensors.count - 1)].element(indices)
        }
        if let evaluated { return .different(evaluated) }

        // What `derive` prints, read again.
        let printed = SpecPrinter.text(of: derived.system)
        let again: System
        do {
            again = try resolve(printed)
        } catch {
            return .different("printed: \(error)")
        }
        var reread = Oracle(again, values)
        let spec = try difference("printed") { place, _, position, indices in
            guard let derivative = derived.gradient[position].derivative else { return 0 }
            let name = derived.system[derivative].name
            guard let found = again.quantities.firstIndex(where: { $0.name == name }) else { return nil }
            return try reread.value(QuantityID(found), indices, example: examples[place])
        }
        if let spec { return .different(spec) }
        return .same(entries: entries)
    }
}

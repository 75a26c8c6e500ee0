import Testing

@testable import Nabla

/// A spec, evaluated: what the tests of lowering and of the evaluator look at.
struct Evaluation {
    let system: System
    let results: Results
    let program: LoopProgram

    /// - Parameters:
    ///   - spec: the text of a spec.
    ///   - values: the text of a file of values.
    ///   - wrt: what to derive the last cost with respect to; nil for no gradient, empty for all parameters.
    init(_ spec: String, _ values: String = "{}", wrt: [String]? = nil, all: Bool = false) throws {
        system = try Evaluation.resolve(spec)
        let read = try ValuesReader.read(SourceText(name: "values.json", text: values), for: system)
        let prepared = try Evaluation.evaluator(system, wrt, all).prepare(read.bound, exampleCount: read.examples.count)
        program = prepared.program
        results = try prepared.run(read)
    }

    static func resolve(_ spec: String) throws -> System {
        let source = SourceText(name: "Test.nabla", text: spec)
        let (tree, errors) = Parser.parse(source)
        let (system, more) = Resolver.resolve(tree, source: source, name: "Test", isComplete: errors.isEmpty)
        if let first = (errors + more).first { throw first }
        return system
    }

    static func evaluator(_ system: System, _ wrt: [String]?, _ all: Bool) throws -> Evaluator {
        let cost = try #require(system.costs.last)
        guard let wrt else {
            var copy = system
            let access = copy.graph.makeAccess(cost, [])
            return Evaluator(copy, cost: access, includesAll: all)
        }
        var quantities: [QuantityID] = []
        for (position, quantity) in system.quantities.enumerated() {
            if wrt.isEmpty ? quantity.role == .parameter : wrt.contains(quantity.name) {
                quantities.append(QuantityID(position))
            }
        }
        return Evaluator(try Differentiator.derive(system, of: (cost, []), wrt: quantities), includesAll: all)
    }

    var cost: Double { results.cost.all.first ?? .nan }

    /// The derivative with respect to a quantity, of the first example where there is one for each.
    func gradient(_ name: String) throws -> Tensor {
        let found = try #require(results.gradient?.first { $0.name == name })
        return try #require(found.value.all.first)
    }

    /// The values of a quantity, of the first example where there is one for each.
    func quantity(_ name: String) throws -> Tensor {
        let found = try #require(results.quantities?.first { $0.name == name })
        return try #require(found.value.all.first)
    }
}

/// Whether two numbers agree to 13 digits, or two lists do.
func isClose(_ left: Double, _ right: Double, _ tolerance: Double = 1e-13) -> Bool {
    left == right || (left - right).magnitude <= tolerance * max(1, left.magnitude, right.magnitude)
        || left.isNaN && right.isNaN
}

func isClose(_ left: [Double], _ right: [Double], _ tolerance: Double = 1e-13) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { isClose($0, $1, tolerance) }
}

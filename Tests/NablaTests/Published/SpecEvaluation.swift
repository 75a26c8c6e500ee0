import Testing

@testable import Nabla

/// A spec's cost and gradient at given values, through the whole pipeline.
struct SpecEvaluation {
    let results: Results
    let derived: DerivedSystem
    let spec: Spec

    init(_ text: String, at json: String, of cost: String? = nil, wrt names: [String] = [], all: Bool = false) throws {
        var spec = Spec(SourceText(name: "published.nabla", text: text))
        let renderer = DiagnosticRenderer(source: spec.source)
        try #require(spec.isValid, "\(spec.diagnostics.map { renderer.text($0) }.joined())")
        derived = try spec.derive(of: cost, wrt: names)
        let values = try ValuesReader.read(SourceText(name: "values.json", text: json), for: spec.system)
        let evaluator = Evaluator(
            derived.lowered(), cost: derived.cost, gradient: derived.gradient, includesAll: all)
        results = try evaluator.run(values)
        self.spec = spec
    }

    /// The cost, of the first example where there are several.
    var cost: Double { results.cost.all.first ?? .nan }

    /// One entry of the gradient.
    func entry(_ name: String, _ indices: Int...) throws -> Double {
        let entry = try #require(results.gradient?.first { $0.name == name }, "\(name)")
        return try #require(entry.value.all.first?.element(indices), "\(name)\(indices)")
    }

    /// All entries of one part of the gradient, row-major.
    func entries(_ name: String) throws -> [Double] {
        let entry = try #require(results.gradient?.first { $0.name == name }, "\(name)")
        return try #require(entry.value.all.first).values
    }

    /// The derived equations of ∂C/∂name, as the language writes them.
    func equations(of name: String) throws -> [String] {
        let wrt = try #require(derived.system.quantities.firstIndex { $0.name == name })
        let derivative = try #require(
            derived.gradient.first { $0.wrt == QuantityID(wrt) }?.derivative ?? nil, "\(name)")
        return derived.system.equations.filter { $0.quantity == derivative }.map {
            SpecPrinter.text(of: $0.body, in: derived.system)
        }
    }
}

/// Equal to a number of digits that the source prints.
func agrees(_ value: Double, _ expected: Double, within tolerance: Double = 1e-14) -> Bool {
    abs(value - expected) <= tolerance * max(1, abs(expected))
}

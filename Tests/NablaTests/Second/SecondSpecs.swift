import TestSupport
import Testing

@testable import Nabla

/// Specs that tests of second derivatives and of the ledger go through.
enum SecondSpecs {
    /// The examples, and every good golden spec.
    static func stored() throws -> [(name: String, text: String)] {
        var result: [(name: String, text: String)] = []
        for file in try Fixtures.contents(of: try Fixtures.path("Examples")) where file.pathExtension == "nabla" {
            result.append((file.lastPathComponent, try Fixtures.text(file)))
        }
        result.append(("Digits.nabla", try Fixtures.text(try Fixtures.path("Examples/Digits/Digits.nabla"))))
        for folder in try Fixtures.contents(of: try Fixtures.path("Tests/GoldenTests/Cases")) {
            let name = folder.lastPathComponent
            // Abstract functions have no value; examples are there already.
            if name.hasPrefix("bad-") || name.hasPrefix("example-") || name == "abstract" { continue }
            result.append((name, try Fixtures.text(folder.appendingPathComponent("spec.nabla"))))
        }
        return result
    }

    static func spec(_ text: String) throws -> Spec {
        let spec = Spec(SourceText(name: "Second.nabla", text: text))
        let renderer = DiagnosticRenderer(source: spec.source)
        try #require(spec.isValid, "\(spec.diagnostics.map { renderer.text($0) }.joined())\n\(text)")
        return spec
    }

    /// A spec's second derivatives at given values.
    static func evaluate(
        _ text: String, _ json: String, _ order: SecondOrder, wrt: [String] = []
    ) throws -> Results {
        var spec = try spec(text)
        let derived = try spec.derive(wrt: wrt, second: order)
        let values = try ValuesReader.read(SourceText(name: "values.json", text: json), for: derived.system)
        return try Evaluator(
            derived.lowered(), cost: derived.cost, gradient: derived.gradient, second: derived.second
        ).run(values)
    }

    /// One block of the Hessian, row-major.
    static func block(_ results: Results, _ first: String, _ second: String) throws -> [Double] {
        let row = try #require(results.hessian?.first { $0.name == first })
        return try #require(row.blocks.first { $0.name == second }?.value.all.first).values
    }
}

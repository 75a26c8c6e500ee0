import Foundation
import TestSupport

@testable import Nabla

/// A folder of Cases: `spec.nabla`, and the goldens, what the spec must give.
struct GoldenCase {
    var folder: URL

    var name: String { folder.lastPathComponent }
    /// Cases of specs that are wrong are called so: their golden is what the user reads.
    var isBad: Bool { name.hasPrefix("bad-") }

    /// Every case, by name.
    static func all() throws -> [GoldenCase] {
        try Fixtures.contents(of: try Fixtures.path("Tests/GoldenTests/Cases")).map { GoldenCase(folder: $0) }
    }

    /// What stands in a case's folder and is no golden.
    static let inputs: Set<String> = ["spec.nabla", "values.json"]

    /// The goldens as they are now.
    func stored() throws -> [String: String] {
        var result: [String: String] = [:]
        for file in try Fixtures.contents(of: folder) where !GoldenCase.inputs.contains(file.lastPathComponent) {
            result[file.lastPathComponent] = try Fixtures.text(file)
        }
        return result
    }

    /// The goldens as they should be: everything that Nabla makes of the spec.
    func made() throws -> [String: String] {
        let bytes = try Data(contentsOf: folder.appendingPathComponent("spec.nabla"))
        let source = SourceText(name: "spec.nabla", bytes: Array(bytes))
        var spec = Spec(source)
        let renderer = DiagnosticRenderer(source: source)
        let diagnostics = spec.diagnostics.map { renderer.text($0) }.joined()
        var files: [String: String] = [:]
        if !diagnostics.isEmpty { files["diagnostics.txt"] = diagnostics }
        guard spec.isValid else { return files }
        let derived = try spec.derive()
        files["derived.nabla"] = SpecPrinter.text(of: derived.system)
        files["derivation.tex"] = LaTeXPrinter.text(of: derived)
        files["document.tex"] = LaTeXPrinter.text(of: derived, options: .init(style: .document))
        do {
            files["generated.swift"] = try SwiftPrinter.text(
                of: derived, options: SwiftOptions(kernels: .plain, sourceName: "spec.nabla"))
        } catch let error as LoweringError {
            // An abstract function, say: fine in LaTeX.
            files["swift-error.txt"] = error.message + "\n"
        }
        if GoldenCase.withPage.contains(name) { files["page.html"] = HTMLPrinter.text(of: derived) }
        files.merge(try numbers(spec, derived)) { $1 }
        if GoldenCase.withSecond.contains(name) { files.merge(try second(&spec)) { $1 } }
        return files
    }

    /// Cases with values have the derivation in numbers, in all styles.
    private func numbers(_ spec: Spec, _ derived: DerivedSystem) throws -> [String: String] {
        let file = folder.appendingPathComponent("values.json")
        guard let bytes = try? Data(contentsOf: file) else { return [:] }
        var spec = spec
        let values = try ValuesReader.read(SourceText(name: "values.json", bytes: Array(bytes)), for: spec.system)
        let input = NumericInput(spec.system, cost: try spec.cost(named: nil), at: values)
        func text(_ options: LaTeXPrinter.Options) throws -> String {
            try LaTeXPrinter.text(of: derived, options: options, with: input)
        }
        return [
            "numbers.tex": try text(.init(style: .document)), "numbers-slides.tex": try text(.init(style: .beamer)),
            "numbers.md": try text(.init(style: .markdown, detail: .full)),
            "numbers-fragment.tex": try text(.init()), "numbers.html": try HTMLPrinter.text(of: derived, with: input),
        ]
    }

    /// Cases whose page is a golden, too.
    static let withPage: Set<String> = ["example-OneLayer", "names"]

    /// Cases whose second derivatives are goldens, too.
    static let withSecond: Set<String> = ["rosenbrock", "distribution", "example-OneLayer", "example-MultiNeuron"]

    private func second(_ spec: inout Spec) throws -> [String: String] {
        var files: [String: String] = [:]
        for (kind, order) in [("hessian", SecondOrder.hessian), ("product", .product(along: "v"))] {
            let derived = try spec.derive(second: order)
            files["\(kind).nabla"] = SpecPrinter.text(of: derived.system)
            files["\(kind).tex"] = LaTeXPrinter.text(of: derived, options: .init(style: .document))
            files["\(kind).swift"] = try SwiftPrinter.text(
                of: derived, options: SwiftOptions(kernels: .plain, sourceName: "spec.nabla"))
        }
        return files
    }
}

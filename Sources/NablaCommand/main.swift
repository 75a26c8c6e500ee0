import Foundation
import Nabla

for path in CommandLine.arguments.dropFirst() {
    let data = FileManager.default.contents(atPath: path) ?? Data()
    let source = SourceText(name: path, bytes: Array(data))
    let (tree, diagnostics) = Parser.parse(source)
    let renderer = DiagnosticRenderer(source: source)
    let (system, found) = Resolver.resolve(tree, source: source, name: "Main", isComplete: diagnostics.isEmpty)
    for diagnostic in diagnostics + found { print(renderer.text(diagnostic), terminator: "") }
    if !(diagnostics + found).isEmpty { continue }
    let wrt = system.quantities.indices.filter { system.quantities[$0].role == .parameter }.map { QuantityID($0) }
    guard let cost = system.costs.last else { continue }
    do {
        let derived = try Differentiator.derive(system, of: (cost, []), wrt: wrt)
        print(SpecPrinter.text(of: derived.system))
    } catch {
        print(error)
    }
}

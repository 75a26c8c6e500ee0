import Foundation
import Nabla

for path in CommandLine.arguments.dropFirst() {
    let data = FileManager.default.contents(atPath: path) ?? Data()
    let source = SourceText(name: path, bytes: Array(data))
    let (tree, diagnostics) = Parser.parse(source)
    print(path, tree.statements.count, tree.count, diagnostics.count)
    let renderer = DiagnosticRenderer(source: source)
    for diagnostic in diagnostics { print(renderer.text(diagnostic), terminator: "") }
}

import Foundation
import PackagePlugin

/// Turns every `.nabla` file of a target into Swift, as a part of the build.
///
///     .executableTarget(name: "Digits", plugins: ["NablaPlugin"])
///
/// `Digits.nabla` becomes `Digits.nabla.swift` in the build folder, with internal access; a spec's errors are the build's errors, at
/// their place in the spec. A file named `nabla.options` beside the specs holds further options for `nabla swift`, such as
/// `--access public`, separated by spaces or lines.
@main
struct NablaPlugin: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        guard let target = target as? SourceModuleTarget else { return [] }
        let tool = try context.tool(named: "NablaCommand").url
        let files = target.sourceFiles.map(\.url)
        let optionFile = files.first { $0.lastPathComponent == "nabla.options" }
        let options = try optionFile.map(NablaPlugin.options) ?? []
        let specs = files.filter { $0.pathExtension == "nabla" }.sorted { $0.path < $1.path }
        return specs.map { spec in
            // The whole name, so that no spec's output is a source file's name.
            let output = context.pluginWorkDirectoryURL.appendingPathComponent("\(spec.lastPathComponent).swift")
            return .buildCommand(
                displayName: "Deriving \(spec.lastPathComponent)", executable: tool,
                arguments: ["swift", spec.path, "-o", output.path] + options,
                inputFiles: [spec] + (optionFile.map { [$0] } ?? []), outputFiles: [output])
        }
    }

    private static func options(_ file: URL) throws -> [String] {
        try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isWhitespace).map(String.init)
    }
}

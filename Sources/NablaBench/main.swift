import Foundation

// `nabla-bench`: what nabla costs. Each benchmark is a word; timings are never tests.
let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "sizes"?: exit(SizeBenchmark.run(Array(arguments.dropFirst())))
case "--help"?, "-h"?:
    print(SizeBenchmark.usage, terminator: "")
    exit(0)
default:
    FileHandle.standardError.write(Data(SizeBenchmark.usage.utf8))
    exit(64)
}

import Foundation
import Nabla

// `nabla-bench`: what nabla costs. Each benchmark is a word; timings are never tests.
FreedMemory.keep()
let arguments = Array(CommandLine.arguments.dropFirst())
let usage = SizeBenchmark.usage + PeerBenchmark.usage + CompileBenchmark.usage
switch arguments.first {
case "sizes"?: exit(SizeBenchmark.run(Array(arguments.dropFirst())))
case "peers"?: exit(PeerBenchmark.run(Array(arguments.dropFirst())))
case "compile"?: exit(CompileBenchmark.run(Array(arguments.dropFirst())))
case "--help"?, "-h"?:
    print(usage, terminator: "")
    exit(0)
default:
    FileHandle.standardError.write(Data(usage.utf8))
    exit(64)
}

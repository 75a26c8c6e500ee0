import Foundation

// `nabla-bench`: what nabla costs. Each benchmark is a word; timings are never tests.
let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "sizes"?: exit(SizeBenchmark.run(Array(arguments.dropFirst())))
case "peers"?: exit(PeerBenchmark.run(Array(arguments.dropFirst())))
case "--help"?, "-h"?:
    print(SizeBenchmark.usage + PeerBenchmark.usage, terminator: "")
    exit(0)
default:
    FileHandle.standardError.write(Data((SizeBenchmark.usage + PeerBenchmark.usage).utf8))
    exit(64)
}

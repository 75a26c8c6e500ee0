import Foundation
import Nabla

/// `nabla-bench`: how long the stages of the pipeline take, and how much memory, as specs grow.
let arguments = Array(CommandLine.arguments.dropFirst())
let status = SizeBenchmark.run(arguments)
exit(status)

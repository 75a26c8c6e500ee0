import Foundation
import Nabla

// One command, then the exit status that it earned.
let status: ExitStatus
FreedMemory.keep()
do {
    if let arguments = try Arguments.read(Array(CommandLine.arguments.dropFirst()), { Console.print($0) }) {
        var session = try Session(arguments)
        status = try session.run()
    } else {
        status = .done
    }
} catch let failure as Failure {
    Console.complain(failure.message)
    status = failure.status
} catch {
    Console.complain("nabla: internal error: \(error)\n")
    status = .software
}
exit(status.rawValue)

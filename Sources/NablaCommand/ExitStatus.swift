/// What the process ends with: see Docs/CommandLine.md.
enum ExitStatus: Int32 {
    case done = 0
    /// A comparison or a check found a difference.
    case difference = 1
    /// The command line is wrong.
    case usage = 64
    /// The spec or the values are wrong.
    case data = 65
    /// A file cannot be read.
    case noInput = 66
    /// An error of nabla itself.
    case software = 70
    /// An output cannot be written.
    case cannotCreate = 73
}

/// What ends a command early: its message goes to standard error as it is.
struct Failure: Error {
    var status: ExitStatus
    var message: String
}

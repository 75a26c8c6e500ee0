import Foundation

/// Standard output, standard error, and files.
enum Console {
    /// Writes to standard output.
    ///
    /// A reader that went away is no error: `nabla … | head` ends quietly.
    static func print(_ text: String) { write(text, to: FileHandle.standardOutput) }

    /// Writes to standard error.
    static func complain(_ text: String) { write(text, to: FileHandle.standardError) }

    private static func write(_ text: String, to handle: FileHandle) {
        signal(SIGPIPE, SIG_IGN)
        try? handle.write(contentsOf: Data(text.utf8))
    }

    /// Whether standard error is a terminal that wants colours.
    static func wantsColor(_ choice: String?) -> Bool {
        switch choice {
        case "always": return true
        case "never": return false
        default:
            let noColor = ProcessInfo.processInfo.environment["NO_COLOR"] ?? ""
            return isatty(STDERR_FILENO) != 0 && noColor.isEmpty
        }
    }

    /// The bytes of a file, or of standard input for `-`.
    static func read(_ path: String) throws -> [UInt8] {
        if path == "-" {
            guard let data = try? FileHandle.standardInput.readToEnd() else { return [] }
            return Array(data)
        }
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
            throw Failure(status: .noInput, message: "nabla: '\(path)' is a folder, not a file\n")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            let reason = FileManager.default.fileExists(atPath: path) ? "cannot be read" : "does not exist"
            throw Failure(status: .noInput, message: "nabla: '\(path)' \(reason)\n")
        }
        return Array(data)
    }

    /// Writes a file whole or not at all: to a new file beside it, which then takes its place.
    static func write(_ text: String, to path: String) throws {
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        let url = URL(fileURLWithPath: path)
        do {
            // A device such as /dev/null cannot be replaced, only written.
            if exists, !isDirectory.boolValue,
                try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType != .typeRegular,
                try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType != .typeSymbolicLink
            {
                let handle = try FileHandle(forWritingTo: url)
                try handle.write(contentsOf: Data(text.utf8))
                try handle.close()
                return
            }
            try Data(text.utf8).write(to: url, options: .atomic)
        } catch {
            let reason = isDirectory.boolValue ? "it is a folder" : "the folder is missing or may not be written"
            throw Failure(status: .cannotCreate, message: "nabla: '\(path)' cannot be written: \(reason)\n")
        }
    }
}

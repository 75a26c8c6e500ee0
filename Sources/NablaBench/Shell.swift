import Foundation

/// Programs and files outside.
enum Shell {
    /// What a file holds; nothing where it cannot be read.
    static func read(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

    /// Runs a program to its end: its status, and what it printed to either output.
    static func run(_ words: [String], environment: [String: String] = [:]) -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        do { try process.run() } catch { return (127, "\(error)") }
        let data = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    /// Says on standard error what is wrong, and gives the exit status: 64, a wrong command line, unless it is another.
    static func complain(_ text: String, status: Int32 = 64) -> Int32 {
        FileHandle.standardError.write(Data(text.utf8))
        return status
    }
}

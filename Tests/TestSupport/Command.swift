import Foundation

/// A program that a test runs.
public struct Command {
    /// What a program left behind.
    public struct Result: Sendable {
        public var status: Int32
        /// Both outputs, in the order in which they came.
        public var output: String
    }

    public var arguments: [String]
    public var folder: URL?
    public var environment: [String: String] = [:]
    public var input: Data?

    public init(_ arguments: String..., in folder: URL? = nil) {
        self.arguments = arguments
        self.folder = folder
    }

    public init(_ arguments: [String], in folder: URL? = nil) {
        self.arguments = arguments
        self.folder = folder
    }

    /// Whether a program is installed.
    public static func exists(_ program: String) -> Bool {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }

    /// Whether a test that needs these programs runs: always on a CI machine, where a missing one is a failure.
    public static func runsTests(thatNeed programs: String...) -> Bool {
        ProcessInfo.processInfo.environment["CI"] != nil || programs.allSatisfy(exists)
    }

    /// Runs the program to its end, or to the end of its time, which gives the status 124.
    public func run(seconds: Int = 120) throws -> Result {
        let scratch = try TemporaryFolder()
        defer { scratch.remove() }
        // Files rather than pipes: nothing fills up, and nothing is lost.
        let output = try scratch.write("", to: "output")
        let handle = try FileHandle(forWritingTo: output)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["timeout", "\(seconds)"] + arguments
        if let folder { process.currentDirectoryURL = folder }
        var variables = ProcessInfo.processInfo.environment
        for (name, value) in environment { variables[name] = value }
        process.environment = variables
        process.standardOutput = handle
        process.standardError = handle
        if let input {
            try input.write(to: scratch.url.appendingPathComponent("input"))
            process.standardInput = try FileHandle(forReadingFrom: scratch.url.appendingPathComponent("input"))
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        try process.run()
        process.waitUntilExit()
        try handle.close()
        return Result(status: process.terminationStatus, output: try Fixtures.text(output))
    }
}

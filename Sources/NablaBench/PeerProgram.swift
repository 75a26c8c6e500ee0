import Foundation

/// A peer that runs: it has written its gradient, and times one batch of calls for each line that it is sent.
final class PeerProgram {
    struct Failure: Error, CustomStringConvertible { let description: String }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var rest = Data()

    /// Starts a program and waits until it is warm.
    init(_ words: [String], environment: [String: String]) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        guard try line() == "ready" else { throw Failure(description: "\(words) did not start") }
    }

    /// Nanoseconds of one call, the mean of a batch of calls.
    func time() throws -> Double {
        try input.fileHandleForWriting.write(contentsOf: Data("\n".utf8))
        guard let result = Double(try line()), result > 0 else {
            throw Failure(description: "a program printed no time")
        }
        return result
    }

    /// Ends the program: its input is closed.
    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    private func line() throws -> String {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                defer { rest = Data(rest[(end + 1)...]) }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure(description: "a program ended before its time") }
            rest.append(more)
        }
    }
}

import Foundation
import Testing

@testable import Nabla

/// The functions as generated Swift calls them, compiled and compared with the table's own evaluation.
@Suite struct SwiftHelperTests {
    private static let points: [Double] = [
        0, -0.0, 1, -1, 0.5, -0.3, 1e-20, -1e-20, 1e-300, 3.25, -7.5, 20, -20, 37, -37, 40.5, -40.5, 700, -700, 745,
        -745,
        800.5, -800.5, 1e10, -1e10, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .infinity, -.infinity, .nan,
    ]

    /// A program that prints the bits of every function at every point or pair of points, a line each.
    private static func program() -> String {
        var lines = ["import Foundation", "func bits(_ value: Double) { print(value.bitPattern) }"]
        for scalar in SwiftScalar.allCases {
            lines.append("enum Helpers\(scalar) {")
            for row in FunctionTable.standard.rows {
                if case .helper(let helper) = row.swift {
                    lines += helper.lines(scalar: scalar, modifiers: "static").map { "    \($0)" }
                }
                // One function a call: all of them must compile for either type, in a scope that has the helpers.
                let parameters = row.parameters.map { "_ \($0): \(scalar)" }.joined(separator: ", ")
                lines.append("    static func call_\(row.name)(\(parameters)) -> \(scalar) {")
                lines.append("        return \(row.swift.callee)(\(row.parameters.joined(separator: ", ")))")
                lines.append("    }")
            }
            lines.append("}")
        }
        let bits = points.map { String($0.bitPattern) }.joined(separator: ", ")
        lines.append("let bitPatterns: [UInt64] = [\(bits)]")
        lines.append("let points: [Double] = bitPatterns.map { Double(bitPattern: $0) }")
        for scalar in SwiftScalar.allCases {
            for row in FunctionTable.standard.rows {
                let call = "Helpers\(scalar).call_\(row.name)"
                lines.append(
                    row.parameters.count == 1
                        ? "for u in points { bits(Double(\(call)(\(scalar)(u)))) }"
                        : "for u in points { for v in points { bits(Double(\(call)(\(scalar)(u), \(scalar)(v)))) } }")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    @Test func generatedSwiftComputesTheSame() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nabla-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = folder.appendingPathComponent("main.swift")
        let binary = folder.appendingPathComponent("helpers")
        try Self.program().write(to: source, atomically: true, encoding: .utf8)
        let diagnostics = try Self.run(["swiftc", "-swift-version", "6", source.path, "-o", binary.path])
        #expect(diagnostics == "", "no warnings either")
        let results = try Self.run([binary.path]).split(separator: "\n").compactMap {
            UInt64($0).map { Double(bitPattern: $0) }
        }
        var next = 0
        var compared = 0
        for scalar in SwiftScalar.allCases {
            for row in FunctionTable.standard.rows {
                let tuples =
                    row.parameters.count == 1
                    ? Self.points.map { [$0] } : Self.points.flatMap { u in Self.points.map { [u, $0] } }
                for arguments in tuples {
                    try #require(next < results.count)
                    let result = results[next]
                    next += 1
                    let expected = try #require(row.evaluate(arguments))
                    if scalar == .double {
                        let same = result.bitPattern == expected.bitPattern || result.isNaN && expected.isNaN
                        #expect(same, "\(row.name)\(arguments): \(result), not \(expected)")
                    } else if arguments.allSatisfy({ abs($0) < 30 && Double(Float($0)) == $0 }) && expected.isFinite {
                        compared += 1
                        #expect(
                            abs(result - expected) <= 1e-5 * max(abs(expected), 1e-30),
                            "\(row.name)\(arguments) as Float: \(result), not \(expected)")
                    }
                }
            }
        }
        #expect(next == results.count)
        #expect(compared > 500)
    }

    /// What a command printed, on both outputs.
    private static func run(_ command: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(String(decoding: data, as: UTF8.self))")
        return String(decoding: data, as: UTF8.self)
    }
}

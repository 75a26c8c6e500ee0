import Foundation
import TestSupport

@testable import Nabla

/// All vector functions, compiled and run at points that a test chooses.
struct VectorProgram {
    /// How the program is compiled.
    struct Build: Sendable, CustomStringConvertible {
        var description: String
        var flags: [String]

        /// All builds that this machine can run.
        static let runnable: [Build] = {
            let processor = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
            let line = processor.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
            let features = Set(line.split(separator: " ").map(String.init))
            var builds = [Build(description: "plain", flags: ["-O"])]
            if features.isSuperset(of: ["avx2", "fma", "bmi2"]) {
                let flags = ["-O", "-Xcc", "-march=x86-64-v3", "-DNABLA_FMA"]
                builds.append(Build(description: "FMA", flags: flags))
            }
            if features.isSuperset(of: ["avx512f", "avx512dq", "avx512bw", "avx512vl"]) {
                let flags = ["-O", "-Xcc", "-march=x86-64-v4", "-DNABLA_AVX512"]
                builds.append(Build(description: "AVX-512", flags: flags))
            }
            return builds
        }()
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// The source of one scalar type's functions, with a function that applies all of them to what a folder holds.
    static func source(_ scalar: SwiftScalar, unary: [String], binary: [String]) -> String {
        var lines = ["import Foundation", "", "fileprivate typealias Scalar = \(scalar)", ""]
        lines += VectorKernels.lines(of: unary + binary + ["load", "store", "sum"], for: scalar)
        lines.append("enum Run\(scalar) {")
        for name in unary {
            lines.append("    @inline(never) static func \(name)_(_ x: [\(scalar)]) -> [\(scalar)] {")
            lines.append("        run(x) { Kernel.\(name)($0) }")
            lines.append("    }")
        }
        for name in binary {
            lines.append("    @inline(never) static func \(name)_(_ x: [\(scalar)], _ y: [\(scalar)]) -> [\(scalar)] {")
            lines.append("        run(x, y) { Kernel.\(name)($0, $1) }")
            lines.append("    }")
        }
        lines.append(
            """
                fileprivate static func run(_ x: [Scalar], _ function: (Vector) -> Vector) -> [Scalar] {
                    run(x, x) { a, _ in function(a) }
                }
                fileprivate static func run(
                    _ x: [Scalar], _ y: [Scalar], _ function: (Vector, Vector) -> Vector
                ) -> [Scalar] {
                    var result: [Scalar] = x
                    for start in stride(from: 0, to: x.count, by: Vector.scalarCount) {
                        let value: Vector = function(Kernel.load(x, start), Kernel.load(y, start))
                        result.withUnsafeMutableBufferPointer { buffer in
                            if let base = buffer.baseAddress { Kernel.store(base, start, value) }
                        }
                    }
                    return result
                }
                static func sums() -> Bool {
                    var vector: Vector = Vector()
                    for lane in 0..<Vector.scalarCount { vector[lane] = Scalar(lane + 1) }
                    return Kernel.sum(vector) == Scalar(Vector.scalarCount * (Vector.scalarCount + 1) / 2)
                }
                fileprivate static func read(_ path: String) throws -> [Scalar] {
                    let data: Data = try Data(contentsOf: URL(fileURLWithPath: path))
                    var result: [Scalar] = Array(repeating: 0, count: data.count / MemoryLayout<Scalar>.size)
                    _ = result.withUnsafeMutableBytes { data.copyBytes(to: $0) }
                    return result
                }
                static func all(_ folder: String) throws {
                    guard sums() else { exit(3) }
                    let points: [Scalar] = try read(folder + "/\(scalar).points")
                    let x: [Scalar] = try read(folder + "/\(scalar).x")
                    let y: [Scalar] = try read(folder + "/\(scalar).y")
                    var results: [Scalar] = []
            """)
        lines += unary.map { "        results += \($0)_(points)" } + binary.map { "        results += \($0)_(x, y)" }
        lines += [
            "        let data: Data = results.withUnsafeBytes { Data($0) }",
            "        try data.write(to: URL(fileURLWithPath: folder + \"/\(scalar).results\"))", "    }", "}", "",
        ]
        return lines.joined(separator: "\n")
    }

    let folder: TemporaryFolder
    private let sources: [String]

    init(unary: [String], binary: [String]) throws {
        folder = try TemporaryFolder()
        var sources: [String] = []
        for scalar in SwiftScalar.allCases {
            let text = Self.source(scalar, unary: unary, binary: binary)
            sources.append(try folder.write(text, to: "Vectors\(scalar).swift").path)
        }
        let main = SwiftScalar.allCases.map { "try Run\($0).all(CommandLine.arguments[1])\n" }.joined()
        sources.append(try folder.write("import Foundation\n" + main, to: "main.swift").path)
        self.sources = sources
    }

    /// Gives the program its points: a multiple of 16 each, so that every vector is full.
    func write<Scalar: BinaryFloatingPoint>(_ points: [Scalar], to name: String) throws {
        let data = points.withUnsafeBytes { Data($0) }
        try data.write(to: folder.url.appendingPathComponent("\(Scalar.self).\(name)"))
    }

    /// Compiles the program; a warning is an error.
    func compile(_ flags: [String]) throws {
        let binary = folder.url.appendingPathComponent("vectors").path
        let compiled = try Command(
            ["swiftc", "-swift-version", "6", "-warnings-as-errors", "-o", binary] + flags + sources
        ).run(seconds: 600)
        guard compiled.status == 0 else { throw Failure(description: String(compiled.output.prefix(3_000))) }
    }

    /// Runs what was compiled last.
    func run() throws {
        let ran = try Command([folder.url.appendingPathComponent("vectors").path, folder.url.path]).run(seconds: 300)
        guard ran.status == 0 else { throw Failure(description: "status \(ran.status): \(ran.output.suffix(2_000))") }
    }

    /// What the last run computed: the values of each function in turn.
    func results<Scalar: BinaryFloatingPoint>(_ type: Scalar.Type) throws -> [Scalar] {
        let data = try Data(contentsOf: folder.url.appendingPathComponent("\(Scalar.self).results"))
        var result = [Scalar](repeating: 0, count: data.count / MemoryLayout<Scalar>.size)
        _ = result.withUnsafeMutableBytes { data.copyBytes(to: $0) }
        return result
    }
}

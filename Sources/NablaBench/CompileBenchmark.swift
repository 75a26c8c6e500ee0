import Foundation
import Nabla

/// Times `swiftc` on what nabla writes: the examples and the benchmark's own specs, with each set of flags.
enum CompileBenchmark {
    static let usage = """
        usage: nabla-bench compile [--scalar Double|Float] [SPEC…]

        Prints, for each spec, the lines of its Swift and the processor's seconds of compiling it: with -Onone, and with -O without
        flags, for x86-64-v3, and for this machine. A warning is a failure. Without a SPEC: the examples and the specs of
        the other benchmarks.

        """

    /// Runs what the arguments ask for, and gives the exit status.
    static func run(_ arguments: [String]) -> Int32 {
        var paths: [String] = []
        var scalars = SwiftScalar.allCases
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h":
                print(usage, terminator: "")
                return 0
            case "--scalar":
                guard let scalar = rest.popFirst().flatMap({ SwiftScalar(rawValue: $0) }) else {
                    return Shell.complain(usage)
                }
                scalars = [scalar]
            default: paths.append(argument)
            }
        }
        if paths.isEmpty { paths = specs() }
        print("| spec | scalar | lines | -Onone | -O | -O, v3 | -O, native |")
        print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
        for path in paths {
            for scalar in scalars {
                do { print(try row(path, scalar)) } catch {
                    return Shell.complain("nabla-bench: \(path): \(error)\n", status: 1)
                }
                fflush(nil)
            }
        }
        return 0
    }

    private static func specs() -> [String] {
        let own = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let package = own.deletingLastPathComponent().deletingLastPathComponent()
        let folders = [
            package.appendingPathComponent("Examples"), package.appendingPathComponent("Examples/Digits"),
            own.appendingPathComponent("Specs"),
        ]
        return folders.flatMap { folder in
            ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
                .filter { $0.hasSuffix(".nabla") }.map { "\(folder.path)/\($0)" }
        }
    }

    private static func row(_ path: String, _ scalar: SwiftScalar) throws -> String {
        let file = URL(fileURLWithPath: path)
        var spec = Spec(SourceText(name: file.lastPathComponent, bytes: Array(try Data(contentsOf: file))))
        let text = try SwiftPrinter.text(
            of: try spec.derive(), options: SwiftOptions(scalar: scalar, sourceName: file.lastPathComponent))
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nabla-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = folder.appendingPathComponent("network.swift").path
        try text.write(toFile: source, atomically: true, encoding: .utf8)
        var cells = [
            file.deletingPathExtension().lastPathComponent, "\(scalar)", "\(text.split(separator: "\n").count)",
        ]
        let sets = [["-Onone"]] + [PeerTarget.none, .v3, .native].map { ["-O"] + $0.swift }
        for flags in sets {
            let words = ["swiftc", "-c", "-swift-version", "6", "-parse-as-library", "-warnings-as-errors"]
            let start = secondsOfChildren()
            let (status, output) = Shell.run(words + flags + ["-o", "\(folder.path)/network.o", source])
            guard status == 0 else { throw PeerBuilder.Failure(description: String(output.prefix(2_000))) }
            cells.append(String(format: "%.1f s", secondsOfChildren() - start))
        }
        return "| " + cells.joined(separator: " | ") + " |"
    }

    /// The processor's seconds of all programs that have ended.
    private static func secondsOfChildren() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}

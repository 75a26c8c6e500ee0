import Foundation
import Nabla

/// Makes the programs: generates, compiles, and gives the words that start one.
struct PeerBuilder {
    struct Failure: Error, CustomStringConvertible { let description: String }

    /// The peer's compiler or library is missing.
    struct NotInstalled: Error {}

    let problem: PeerProblem
    let scalar: SwiftScalar
    let target: PeerTarget

    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    private static let peers = sources.appendingPathComponent("Peers").path
    private static let folder =
        sources.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(".build/peers").path
    private static let hasGCC = Shell.run(["gcc", "--version"]).status == 0
    private static let hasOpenBLAS =
        Shell.run(["gcc", "-fsyntax-only", "-include", "cblas.h", "-x", "c", "/dev/null"]).status == 0
    private static let hasJAX = Shell.run(["python3", "-c", "import jax"]).status == 0
    private static let hasCasADi = Shell.run(["python3", "-c", "import casadi"]).status == 0

    private static let pinned = Shell.run(["taskset", "--version"]).status == 0 ? ["taskset", "-c", "0"] : []

    /// Where a file of this problem lies, such as `M128.Float.native.C`.
    private func path(_ name: String) -> String {
        "\(Self.folder)/\(problem.name).\(scalar.rawValue).\(target.rawValue).\(name.replacingOccurrences(of: " ", with: ""))"
    }

    /// Where a peer writes its cost and gradient.
    func gradientPath(_ peer: Peer) -> String { path("\(peer.rawValue).gradient") }

    /// Builds a peer and gives the words that start it.
    func build(_ peer: Peer) throws -> [String] {
        try FileManager.default.createDirectory(atPath: Self.folder, withIntermediateDirectories: true)
        let numbers = path("numbers")
        try PeerNumbers.input(problem).write(to: URL(fileURLWithPath: numbers))
        let arguments = [numbers, gradientPath(peer)]
        switch peer {
        case .nabla, .twoWorkers: return [try swift(peer, generated(peer))] + arguments
        case .differentiation:
            return [try swift(peer, ["\(Self.peers)/Differentiation/\(problem.source).swift"])] + arguments
        case .pointers:
            let files = ["Pointers", problem.source].map { "\(Self.peers)/Pointers/\($0).swift" }
            return [try swift(peer, files)] + arguments
        case .loops: return [try gcc(peer, problem.source)] + arguments
        // Without the macro that -ffast-math defines, glibc's headers declare no vector forms of exp and tanh.
        case .scalarCalls: return [try gcc(peer, problem.source, ["-U__FAST_MATH__"])] + arguments
        case .oneByOne: return [try gcc(peer, problem.source, ["-DLANES=1"])] + arguments
        case .openBLAS, .openBLASTwoThreads:
            guard Self.hasOpenBLAS else { throw NotInstalled() }
            return [try gcc(peer, problem.source, ["-DOPENBLAS", "-lopenblas"])] + arguments
        case .peak: return [try gcc(peer, "peak", ["-DWIDTH=\(target.width)"])] + arguments
        case .jax:
            guard Self.hasJAX else { throw NotInstalled() }
            // On one core: XLA has as many threads as it sees cores.
            return Self.pinned + ["python3", "\(Self.peers)/jax_peers.py"] + arguments
                + [problem.name, scalar.rawValue, String(problem.batch)]
        case .casadi:
            guard Self.hasCasADi else { throw NotInstalled() }
            let code = path("casadi.c")
            try call(["python3", "\(Self.peers)/casadi_peers.py", problem.name, code])
            return [try gcc(peer, "casadi", [code])] + arguments
        }
    }

    /// The generated Swift and the program around it.
    private func generated(_ peer: Peer) throws -> [String] {
        let specPath = Self.sources.appendingPathComponent("Specs/\(problem.network).nabla").path
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: specPath)))
        var spec = Spec(SourceText(name: "\(problem.network).nabla", bytes: bytes))
        let derived = try spec.derive()
        let text = try SwiftPrinter.text(
            of: derived.lowered(), cost: derived.cost, gradient: derived.gradient,
            options: SwiftOptions(scalar: scalar, sourceName: "\(problem.network).nabla"))
        try write(text, to: path("network.swift"))
        let main = path("\(peer.rawValue).main.swift")
        try write(PeerDriver.text(problem, scalar, workers: peer.threads), to: main)
        return [path("network.swift"), main]
    }

    private func swift(_ peer: Peer, _ files: [String]) throws -> String {
        let conditions = problem.definitions.filter { !$0.contains("=") }
        let flags =
            ["-parse-as-library", "-O", "-wmo", "-swift-version", "6", "-module-name", "Peer"] + target.swift
            + (problem.isOnClock ? ["-DON_CLOCK"] : [])
        // What gcc gets as macros, for the driver and the peers that are written by hand.
        let constants = problem.definitions.filter { $0.contains("=") }.map { "let \($0.dropFirst(2))\n" }
        let shared = path("shared.swift")
        try write(
            "typealias Number = \(scalar.rawValue)\nlet batch=\(problem.batch)\n\(constants.joined())", to: shared)
        return try compiled(peer, ["swiftc"] + flags + conditions, files + [shared, "\(Self.peers)/Driver.swift"], [])
    }

    private func gcc(_ peer: Peer, _ source: String, _ more: [String] = []) throws -> String {
        guard Self.hasGCC else { throw NotInstalled() }
        let flags =
            ["-std=gnu17", "-O3", "-ffast-math", "-DREAL=\(scalar == .float ? "float" : "double")"] + target.gcc
            + ["-DBATCH=\(problem.batch)"] + (problem.isOnClock ? ["-DON_CLOCK"] : []) + problem.definitions
            + more.filter { $0.hasPrefix("-D") || $0.hasPrefix("-U") }
        let files = ["\(source).c", "driver.c"].map { "\(Self.peers)/\($0)" } + more.filter { !$0.hasPrefix("-") }
        return try compiled(peer, ["gcc"] + flags, files, more.filter { $0.hasPrefix("-l") } + ["-lm"])
    }

    /// Compiles, unless the same command has compiled the same files before.
    private func compiled(_ peer: Peer, _ words: [String], _ files: [String], _ libraries: [String]) throws -> String {
        let binary = path(peer.rawValue)
        let command = words + ["-o", binary] + files + libraries
        let headers = ["peer.h", "products.h"].map { "\(Self.peers)/\($0)" }
        let stamp = command.joined(separator: " ") + (files + headers).map { Shell.read($0) }.joined()
        if Shell.read("\(binary).stamp") != stamp || !FileManager.default.isExecutableFile(atPath: binary) {
            try call(command)
            try write(stamp, to: "\(binary).stamp")
        }
        return binary
    }

    private func call(_ words: [String]) throws {
        let (status, output) = Shell.run(words)
        guard status != 0 else { return }
        let errors = output.split(separator: "\n").filter { $0.contains("rror") }.prefix(5)
        throw Failure(description: "\(words.joined(separator: " "))\n\(errors.joined(separator: "\n"))")
    }

    private func write(_ text: String, to path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
}

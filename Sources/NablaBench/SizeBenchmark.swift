import Foundation
import Nabla

/// Times parse, resolve, derive, simplify and emit on specs of growing size, each in a process of its own.
enum SizeBenchmark {
    static let usage = """
        usage: nabla-bench sizes [--shape chain|deep|wide|family]… [--count N]…

        Prints, for each shape and size, the seconds of each stage in the processor (not on the clock, which other programs
        share), the peak memory up to the simplified system and with the text, and what the first is for each node of that
        system. Sizes are 1,000 to 1,000,000 unless --count names others. Build with -c release.

        """

    /// Runs what the arguments ask for, and gives the exit status.
    static func run(_ arguments: [String]) -> Int32 {
        var shapes: [SyntheticSpec] = []
        var counts: [Int] = []
        var isChild = false
        var rest = arguments[...]
        while let option = rest.popFirst() {
            switch option {
            case "--child": isChild = true
            case "--help", "-h":
                print(usage, terminator: "")
                return 0
            case "--shape":
                guard let name = rest.popFirst(), let shape = SyntheticSpec(rawValue: name) else {
                    return Shell.complain(usage)
                }
                shapes.append(shape)
            case "--count":
                guard let text = rest.popFirst(), let count = Int(text), count > 0 else { return Shell.complain(usage) }
                counts.append(count)
            default: return Shell.complain(usage)
            }
        }
        if isChild, let shape = shapes.first, let count = counts.first { return measure(shape, count) }
        if shapes.isEmpty { shapes = SyntheticSpec.allCases }
        if counts.isEmpty { counts = [1_000, 10_000, 100_000, 1_000_000] }
        for shape in shapes {
            print("\(shape.rawValue): \(shape.title)")
            let stages = ["parse", "resolve", "derive", "simplify", "emit"]
            print(row(["n"] + stages + ["total s", "nodes", "MiB", "all MiB", "B/node"]))
            for count in counts {
                let status = child(["sizes", "--child", "--shape", shape.rawValue, "--count", String(count)])
                if status != 0 { return status }
            }
        }
        return 0
    }

    /// A process of its own, so that its peak memory is its own.
    private static func child(_ arguments: [String]) -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        process.arguments = arguments
        do {
            fflush(nil)
            try process.run()
        } catch {
            FileHandle.standardError.write(Data("nabla-bench: cannot start itself: \(error)\n".utf8))
            return 70
        }
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// One spec through all stages, in this process.
    private static func measure(_ shape: SyntheticSpec, _ count: Int) -> Int32 {
        var seconds: [Double] = []
        func timed<Result>(_ body: () throws -> Result) rethrows -> Result {
            let start = processorSeconds()
            let result = try body()
            seconds.append(processorSeconds() - start)
            return result
        }
        /// The spec's system, and nothing else of what led there.
        func resolved() -> System? {
            let source = SourceText(name: "\(shape.rawValue).nabla", bytes: Array(shape.text(count).utf8))
            let (tree, syntax) = timed { Parser.parse(source) }
            let (system, errors) = timed {
                Resolver.resolve(tree, source: source, name: "Network", isComplete: syntax.isEmpty)
            }
            return syntax.isEmpty && errors.isEmpty ? system : nil
        }
        do {
            var spec = resolved()
            guard let cost = spec?.costs.last else {
                FileHandle.standardError.write(Data("nabla-bench: the synthetic spec is wrong\n".utf8))
                return 70
            }
            let derived = try timed {
                // Handed over: what is derived grows out of it.
                let system = spec.take() ?? System(name: "")
                let wrt = system.quantities.indices.filter { system.quantities[$0].role == .parameter }
                return try Differentiator.derive(
                    system, of: (cost, []), wrt: wrt.map { QuantityID($0) }, isRecording: false)
            }
            let nodes = timed { derived.lowered() }.distinctNodeCount
            let derivedPeak = peakMemory()
            let text = timed { SpecPrinter.text(of: derived.system) }
            let peak = peakMemory()
            let cells =
                [String(count)] + seconds.map { decimal($0, 3) } + [decimal(seconds.reduce(0, +), 3), String(nodes)]
            let memory = [derivedPeak, peak].map { decimal(Double($0) / 1_048_576, 0) }
            print(row(cells + memory + [String(derivedPeak / max(nodes, 1))]))
            return text.isEmpty ? 70 : 0
        } catch {
            FileHandle.standardError.write(Data("nabla-bench: \(error)\n".utf8))
            return 70
        }
    }

    /// What this process has used of processors, in seconds.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// The most memory that this process has held, in bytes.
    private static func peakMemory() -> Int {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return 0 }
        for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
            return (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) * 1024
        }
        return 0
    }

    private static func decimal(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }

    private static func row(_ cells: [String]) -> String {
        cells.map { String(repeating: " ", count: max(0, 9 - $0.count)) + $0 }.joined(separator: " ")
    }
}

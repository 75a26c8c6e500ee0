import Foundation
import Nabla

/// Compiles generated networks together with a program that runs each of them at given values, and reads what it prints.
public struct Harness {
    /// What compiled code gave for one example, or for a batch.
    public struct Outcome {
        public var value: Double
        public var gradient: [Double]
        /// Richardson-extrapolated differences of the compiled cost.
        public var numeric: [Double]
    }

    /// One network with values.
    public struct Network {
        /// The generated type.
        public var name: String
        public var source: String
        public var system: System
        public var values: Values
        /// Whether the cost is one for all examples.
        public var hasBatches: Bool
    }

    public struct Failure: Error, CustomStringConvertible {
        public var description: String
    }

    public private(set) var networks: [Network] = []
    /// Whether a warning of the compiler about generated code is a failure.
    public var warningsAreErrors = true

    public init() {}

    /// Compiles and runs everything; the results by network, one for each example where there are no batches.
    public func run() throws -> [[Outcome]] {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        var files: [String] = []
        for (position, network) in networks.enumerated() {
            files.append(try folder.write(network.source, to: "network\(position).swift").path)
            files.append(try folder.write(try program(position), to: "run\(position).swift").path)
        }
        let calls = networks.indices.map { "try run\($0)()" }
        let main = Harness.support + calls.joined(separator: "\n") + "\n"
        files.append(try folder.write(main, to: "main.swift").path)
        let binary = folder.url.appendingPathComponent("networks").path
        let compiled = try Command(
            ["swiftc", "-swift-version", "6", "-Onone", "-o", binary]
                + (warningsAreErrors ? ["-warnings-as-errors"] : []) + files
        )
        .run(seconds: 900)
        guard compiled.status == 0 else {
            // With the lines that the compiler shows around each error.
            let lines = compiled.output.split(separator: "\n")
            let errors = lines.indices.filter { lines[$0].contains("error:") }.prefix(6)
            let shown = errors.map { lines[$0..<min($0 + 16, lines.count)].joined(separator: "\n") }
            throw Failure(description: shown.joined(separator: "\n\n"))
        }
        let ran = try Command([binary]).run(seconds: 300)
        guard ran.status == 0 else { throw Failure(description: String(ran.output.suffix(2_000))) }
        return try outcomes(ran.output)
    }

    private func outcomes(_ output: String) throws -> [[Outcome]] {
        var result = Array(repeating: [Outcome](), count: networks.count)
        for line in output.split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count >= 2, let position = Int(parts[0]), result.indices.contains(position) else {
                throw Failure(description: "the program printed '\(line)'")
            }
            let numbers = parts.dropFirst().compactMap { UInt64($0).map { Double(bitPattern: $0) } }
            let count = (numbers.count - 1) / 2
            result[position].append(
                Outcome(
                    value: numbers[0], gradient: Array(numbers[1...count]), numeric: Array(numbers[(count + 1)...])))
        }
        return result
    }

    // MARK: Comparison

    /// Adds the network of a spec; gives what the evaluator says.
    ///
    /// - Parameter generated: its Swift; nil to print it now.
    public mutating func add(_ source: SourceText, _ generated: String?, _ values: Values) throws -> Results {
        var spec = Spec(source)
        let system = spec.system
        guard spec.isValid, let cost = system.costs.last else { throw Failure(description: "\(source.name) is wrong") }
        let derived = try spec.derive()
        let text = try generated ?? SwiftPrinter.text(of: derived, options: SwiftOptions(sourceName: source.name))
        networks.append(
            Network(
                name: system.name, source: text, system: system, values: values,
                hasBatches: !system[cost].dependsOnExamples))
        return try Evaluator(derived.lowered(), cost: derived.cost, gradient: derived.gradient).run(values)
    }

    /// Runs everything and compares it with what the evaluator said and, on request, with numeric derivatives.
    ///
    /// - Returns: how many entries were compared, and what is different.
    public func differences(
        from expected: [Results], comparesNumeric: Bool = true
    ) throws -> (entries: Int, complaints: [String]) {
        let outcomes = try run()
        var entries = 0
        var complaints: [String] = []
        func check(_ ok: Bool, _ text: String) { if !ok { complaints.append(text) } }
        for (position, results) in expected.enumerated() {
            let name = networks[position].name
            let costs = results.cost.all
            check(outcomes[position].count == costs.count, "\(name): \(outcomes[position].count) results")
            for (outcome, (number, cost)) in zip(outcomes[position], costs.enumerated()) {
                let isClose = abs(outcome.value - cost) <= 1e-11 * max(1, abs(cost))
                check(isClose, "\(name): the cost is \(cost), compiled \(outcome.value)")
                let gradient = (results.gradient ?? []).flatMap { entry -> [Double] in
                    let all = entry.value.all
                    return all.isEmpty ? [] : all[min(number, all.count - 1)].values
                }
                check(gradient.count == outcome.gradient.count, "\(name): \(outcome.gradient.count) entries")
                let largest = max(1e-3, gradient.map(abs).max() ?? 0)
                for (place, pair) in zip(gradient, outcome.gradient).enumerated() {
                    let isClose = abs(pair.0 - pair.1) <= 1e-10 * largest
                    check(isClose, "\(name): entry \(place) is \(pair.0), compiled \(pair.1)")
                    entries += 1
                }
                guard comparesNumeric else { continue }
                for (place, pair) in zip(outcome.gradient, outcome.numeric).enumerated() {
                    let isClose = abs(pair.0 - pair.1) <= 1e-6 * largest
                    check(isClose, "\(name): entry \(place) is \(pair.0), numerically \(pair.1)")
                }
            }
        }
        return (entries, complaints)
    }

    // MARK: The program

    private static let support = """
        func report(_ network: Int, _ value: Double, _ gradient: [Double], _ numeric: [Double]) {
            print(network, ([value] + gradient + numeric).map { String($0.bitPattern) }.joined(separator: " "))
        }

        /// (4 D(h/2) − D(h)) / 3 for the central difference D.
        func slopes(_ point: [Double], _ function: ([Double]) throws -> Double) rethrows -> [Double] {
            try point.indices.map { position in
                func central(_ step: Double) throws -> Double {
                    var moved = point
                    moved[position] = point[position] + step
                    let above = try function(moved)
                    moved[position] = point[position] - step
                    return (above - (try function(moved))) / (2 * step)
                }
                return (4 * (try central(5e-4)) - (try central(1e-3))) / 3
            }
        }


        """

    private func program(_ position: Int) throws -> String {
        let network = networks[position]
        let system = network.system
        let sizes = system.sizes.enumerated().filter { _, size in
            if case .symbolic = size.definition { return true }
            return false
        }
        let hasSizes = !sizes.isEmpty
        let owner = hasSizes ? "network" : network.name
        let forNetwork = hasSizes ? ["for: network"] : []
        func literal(_ numbers: [Double]) -> String {
            "[" + numbers.map { NumberText.swift($0) }.joined(separator: ", ") + "] as [Double]"
        }
        func arguments(_ ids: [QuantityID], _ values: [QuantityID: [Double]]) -> String {
            let list = ids.map { id -> String in
                let numbers = values[id] ?? []
                let isScalar = system[id].axisCount == 0
                return "\(system[id].name): " + (isScalar ? NumberText.swift(numbers.first ?? .nan) : literal(numbers))
            }
            return (forNetwork + list).joined(separator: ", ")
        }
        let ids = system.quantities.indices.map { QuantityID($0) }
        let parameters = ids.filter { system[$0].role == .parameter }
        let data = ids.filter { system[$0].role == .input || system[$0].role == .target }
        let constants = ids.filter { system[$0].role == .constant && system[$0].constantValues == nil }
        var lines = ["func run\(position)() throws {"]
        if hasSizes {
            let bound = network.values.bound.system
            let list = sizes.map { number, size -> String in
                let known = bound.sizes[number]
                return "\(size.name): " + (known.values.map { "\($0)" } ?? "\(known.value ?? 0)")
            }
            lines.append("    let network = try \(network.name)(\(list.joined(separator: ", ")))")
        }
        let flat = parameters.flatMap { network.values.shared[$0] ?? [] }
        lines.append("    let start: [Double] = \(literal(flat))")
        let make = (forNetwork + ["values: "]).joined(separator: ", ")
        lines.append("    let parameters = try \(network.name).Parameters(\(make)start)")
        var rest = ""
        if !constants.isEmpty {
            lines.append(
                "    let constants = try \(network.name).Constants(\(arguments(constants, network.values.shared)))")
            rest = ", constants: constants"
        }
        var places = [""]
        if !data.isEmpty {
            for (number, example) in network.values.examples.enumerated() {
                lines.append(
                    "    let example\(number) = try \(network.name).Example(\(arguments(data, example)))")
            }
            let names = network.values.examples.indices.map { "example\($0)" }
            if network.hasBatches {
                lines.append("    let batch = try \(network.name).Batch([\(names.joined(separator: ", "))])")
                places = [", batch: batch"]
            } else {
                places = names.map { ", \($0)" }
            }
        }
        for place in places {
            lines += [
                "    do {",
                "        let result = try \(owner).valueWithGradient(at: parameters\(place)\(rest))",
                "        let numeric = try slopes(start) { values in",
                "            try \(owner).value(at: \(network.name).Parameters(\(make)values)\(place)\(rest))",
                "        }",
                "        report(\(position), result.value, result.gradient.values, numeric)",
                "    }",
            ]
        }
        lines.append("}")
        return lines.joined(separator: "\n") + "\n"
    }
}

import Foundation
import Nabla

/// Compiles generated networks together with a program that runs each of them at given values, and reads what it
/// prints.
public struct Harness {
    /// What compiled code gave for one example, or for a batch.
    public struct Outcome {
        public var value: Double
        /// What the function for the value alone gave.
        public var alone: Double
        public var gradient: [Double]
        /// Richardson-extrapolated differences of the compiled cost; none where they were not asked for.
        public var numeric: [Double]
        /// The mean over batches of one example: the value, then the gradient; none where they were not asked for.
        public var ofSingles: [Double]
        /// The mean over batches of one example of the absolute numbers: what each sum over the examples adds up.
        public var magnitudes: [Double]
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
    /// What the compiler is told of optimisation and of the processor.
    public var flags: [String]
    /// What generated code computes in.
    public var scalar: SwiftScalar
    /// What compiled code may differ by from the evaluator, relative to the largest entry; where single examples are run too,
    /// relative to what the entry's own sum over the examples adds up, of absolute numbers.
    public var tolerance: Double
    /// Whether compiled costs are differentiated numerically too.
    public var computesNumeric: Bool
    /// Whether each example of a batch is also run by itself.
    public var runsSingles = false

    public init(
        scalar: SwiftScalar = .double, flags: [String] = ["-Onone"], tolerance: Double = 1e-10,
        computesNumeric: Bool = true
    ) {
        self.scalar = scalar
        self.flags = flags
        self.tolerance = tolerance
        self.computesNumeric = computesNumeric
    }

    /// Compiles and runs everything; the results by network, one for each example where there are no batches.
    public func run() throws -> [[Outcome]] {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        var files: [String] = []
        for (position, network) in networks.enumerated() {
            files.append(try folder.write(network.source, to: "network\(position).swift").path)
            files.append(try folder.write(try program(position), to: "run\(position).swift").path)
            let numbers = numbers(position).map(\.bitPattern.littleEndian)
            try numbers.withUnsafeBytes { Data($0) }.write(to: folder.url.appendingPathComponent("numbers\(position)"))
        }
        let calls = networks.indices.map { "try run\($0)()" }
        let main = support + calls.joined(separator: "\n") + "\n"
        files.append(try folder.write(main, to: "main.swift").path)
        let binary = folder.url.appendingPathComponent("networks").path
        let compiled = try Command(
            ["swiftc", "-swift-version", "6", "-o", binary] + flags
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
        let ran = try Command([binary, folder.url.path]).run(seconds: 300)
        guard ran.status == 0 else { throw Failure(description: String(ran.output.suffix(2_000))) }
        return try outcomes(ran.output)
    }

    private func outcomes(_ output: String) throws -> [[Outcome]] {
        var result = Array(repeating: [Outcome](), count: networks.count)
        for line in output.split(separator: "\n") {
            let lists = line.split(separator: "|", omittingEmptySubsequences: false).map { part in
                part.split(separator: " ").compactMap { UInt64($0) }
            }
            guard lists.count == 6, let position = lists[0].first.map({ Int($0) }), result.indices.contains(position),
                let value = lists[1].first, let alone = lists[1].last
            else { throw Failure(description: "the program printed '\(line)'") }
            let numbers = lists.map { $0.map { Double(bitPattern: $0) } }
            result[position].append(
                Outcome(
                    value: Double(bitPattern: value), alone: Double(bitPattern: alone), gradient: numbers[2],
                    numeric: numbers[3], ofSingles: numbers[4], magnitudes: numbers[5]))
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
        let text =
            try generated
            ?? SwiftPrinter.text(
                of: derived, options: SwiftOptions(scalar: scalar, sourceName: source.name))
        networks.append(
            Network(
                name: system.name, source: text, system: system, values: values,
                hasBatches: !system[cost].dependsOnExamples))
        return try Evaluator(derived.lowered(), cost: derived.cost, gradient: derived.gradient).run(values)
    }

    /// Runs everything and compares it with what the evaluator said and, where these were asked for, with numeric
    /// derivatives and with the mean over single examples.
    ///
    /// - Returns: how many entries were compared, and what is different.
    public func differences(from expected: [Results]) throws -> (entries: Int, complaints: [String]) {
        let outcomes = try run()
        var entries = 0
        var complaints: [String] = []
        func check(_ ok: Bool, _ text: String) { if !ok { complaints.append(text) } }
        for (position, results) in expected.enumerated() {
            let name = networks[position].name
            let costs = results.cost.all
            check(outcomes[position].count == costs.count, "\(name): \(outcomes[position].count) results")
            for (outcome, (number, cost)) in zip(outcomes[position], costs.enumerated()) {
                let isClose = abs(outcome.value - cost) <= 0.1 * tolerance * max(1, abs(cost))
                check(isClose, "\(name): the cost is \(cost), compiled \(outcome.value)")
                let isCloseAlone = abs(outcome.alone - cost) <= 0.1 * tolerance * max(1, abs(cost))
                check(isCloseAlone, "\(name): the cost is \(cost), compiled by itself \(outcome.alone)")
                let gradient = (results.gradient ?? []).flatMap { entry -> [Double] in
                    let all = entry.value.all
                    return all.isEmpty ? [] : all[min(number, all.count - 1)].values
                }
                check(gradient.count == outcome.gradient.count, "\(name): \(outcome.gradient.count) entries")
                let largest = max(1e-3, gradient.map(abs).max() ?? 0)
                for (place, pair) in zip(gradient, outcome.gradient).enumerated() {
                    let size = runsSingles(networks[position]) ? scale(outcome, 1 + place, largest) : largest
                    let isClose = abs(pair.0 - pair.1) <= tolerance * size
                    check(isClose, "\(name): entry \(place) is \(pair.0), compiled \(pair.1)")
                    entries += 1
                }
                if runsSingles(networks[position]) {
                    let whole = [outcome.value] + outcome.gradient
                    check(whole.count == outcome.ofSingles.count, "\(name): \(outcome.ofSingles.count) of singles")
                    for (place, pair) in zip(whole, outcome.ofSingles).enumerated() {
                        let size = scale(outcome, place, largest)
                        let isClose = abs(pair.0 - pair.1) <= tolerance * size
                        check(isClose, "\(name): number \(place) is \(pair.0), of single examples \(pair.1)")
                    }
                }
                for (place, pair) in zip(outcome.gradient, outcome.numeric).enumerated() {
                    let isClose = abs(pair.0 - pair.1) <= 1e-6 * largest
                    check(isClose, "\(name): entry \(place) is \(pair.0), numerically \(pair.1)")
                }
            }
        }
        return (entries, complaints)
    }

    /// What one number's sum over the examples adds up; at least a hundredth of the largest entry, since its terms are sums too.
    private func scale(_ outcome: Outcome, _ place: Int, _ largest: Double) -> Double {
        max(outcome.magnitudes.indices.contains(place) ? outcome.magnitudes[place] : 0, 1e-2 * largest)
    }

    // MARK: The program

    private var support: String {
        """
        import Foundation

        typealias Number = \(scalar)

        /// The numbers of a network, in the order in which its program takes them.
        struct Numbers {
            private var rest: ArraySlice<Double>

            init(_ network: Int) throws {
                let file = URL(fileURLWithPath: CommandLine.arguments[1]).appendingPathComponent("numbers\\(network)")
                let bytes = try Data(contentsOf: file)
                rest = bytes.withUnsafeBytes { bytes in
                    (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Double.self) }
                }[...]
            }

            mutating func next(_ count: Int) -> [Number] {
                defer { rest = rest.dropFirst(count) }
                return rest.prefix(count).map { Number($0) }
            }

            mutating func next() -> Number { next(1)[0] }
        }

        func report(
            _ network: Int, _ value: Number, _ alone: Number, _ gradient: [Number], _ numeric: [Double],
            _ ofSingles: (numbers: [Double], magnitudes: [Double])
        ) {
            let gradient = gradient.map { Double($0) }
            let lists = [[Double(value), Double(alone)], gradient, numeric, ofSingles.numbers, ofSingles.magnitudes]
            print(network, lists.map { $0.map { String($0.bitPattern) }.joined(separator: " ") }.joined(separator: "|"),
                separator: "|")
        }

        /// (4 D(h/2) − D(h)) / 3 for the central difference D.
        func slopes(_ point: [Number], _ function: ([Number]) throws -> Number) rethrows -> [Double] {
            try point.indices.map { position in
                func central(_ step: Number) throws -> Number {
                    var moved = point
                    moved[position] = point[position] + step
                    let above = try function(moved)
                    moved[position] = point[position] - step
                    return (above - (try function(moved))) / (2 * step)
                }
                return Double((4 * (try central(5e-4)) - (try central(1e-3))) / 3)
            }
        }

        /// The mean of the value and of the gradient over calls, and that of their absolute numbers.
        func means(
            _ count: Int, _ call: (Int) throws -> (Number, [Number])
        ) rethrows -> (numbers: [Double], magnitudes: [Double]) {
            var total: [Double] = []
            var magnitudes: [Double] = []
            for position in 0..<count {
                let (value, gradient) = try call(position)
                let numbers = [Double(value)] + gradient.map { Double($0) }
                if total.isEmpty {
                    total = Array(repeating: 0, count: numbers.count)
                    magnitudes = total
                }
                for place in total.indices {
                    total[place] += numbers[place] / Double(count)
                    magnitudes[place] += abs(numbers[place]) / Double(count)
                }
            }
            return (total, magnitudes)
        }


        """
    }

    /// All numbers that a network's program takes, in its order.
    private func numbers(_ position: Int) -> [Double] {
        let network = networks[position]
        let (parameters, constants, data) = given(network.system)
        return parameters.flatMap { network.values.shared[$0] ?? [] }
            + constants.flatMap { network.values.shared[$0] ?? [] }
            + network.values.examples.flatMap { example in data.flatMap { example[$0] ?? [] } }
    }

    private func runsSingles(_ network: Network) -> Bool {
        runsSingles && network.hasBatches && !given(network.system).data.isEmpty
    }

    private func given(_ system: System) -> (parameters: [QuantityID], constants: [QuantityID], data: [QuantityID]) {
        let ids = system.quantities.indices.map { QuantityID($0) }
        return (
            ids.filter { system[$0].role == .parameter },
            ids.filter { system[$0].role == .constant && system[$0].constantValues == nil },
            ids.filter { system[$0].role == .input || system[$0].role == .target }
        )
    }

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
        func next(_ numbers: [Double]?, _ id: QuantityID) -> String {
            system[id].axisCount == 0 ? "numbers.next()" : "numbers.next(\(numbers?.count ?? 0))"
        }
        func arguments(_ ids: [QuantityID], _ values: [QuantityID: [Double]]) -> String {
            let list = ids.map { "\(system[$0].name): \(next(values[$0], $0))" }
            return (forNetwork + list).joined(separator: ", ")
        }
        let (parameters, constants, data) = given(system)
        let hasData = !data.isEmpty
        var lines = ["func run\(position)() throws {"]
        let isRead = !parameters.isEmpty || !constants.isEmpty || hasData
        if isRead { lines.append("    var numbers = try Numbers(\(position))") }
        if hasSizes {
            let bound = network.values.bound.system
            let list = sizes.map { number, size -> String in
                let known = bound.sizes[number]
                return "\(size.name): " + (known.values.map { "\($0)" } ?? "\(known.value ?? 0)")
            }
            lines.append("    let network = try \(network.name)(\(list.joined(separator: ", ")))")
        }
        let count = parameters.reduce(0) { $0 + (network.values.shared[$1]?.count ?? 0) }
        lines.append("    let start: [Number] = \(count == 0 ? "[]" : "numbers.next(\(count))")")
        let make = (forNetwork + ["values: "]).joined(separator: ", ")
        lines.append("    let parameters = try \(network.name).Parameters(\(make)start)")
        var rest = ""
        if !constants.isEmpty {
            lines.append(
                "    let constants = try \(network.name).Constants(\(arguments(constants, network.values.shared)))")
            rest = ", constants: constants"
        }
        var places = [""]
        if hasData {
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
        let singles = network.values.examples.indices.map { "example\($0)" }.joined(separator: ", ")
        for place in places {
            lines += [
                "    do {", "        let result = try \(owner).valueWithGradient(at: parameters\(place)\(rest))",
                "        let alone = try \(owner).value(at: parameters\(place)\(rest))",
            ]
            if computesNumeric {
                lines += [
                    "        let numeric = try slopes(start) { values in",
                    "            try \(owner).value(at: \(network.name).Parameters(\(make)values)\(place)\(rest))",
                    "        }",
                ]
            } else {
                lines.append("        let numeric: [Double] = []")
            }
            if runsSingles(network) {
                let one = "\(network.name).Batch(singles[position])"
                lines += [
                    "        let singles = [\(singles)]",
                    "        let ofSingles = try means(singles.count) { position in",
                    "            let one = try \(owner).valueWithGradient(at: parameters, batch: \(one)\(rest))",
                    "            return (one.value, one.gradient.values)", "        }",
                ]
            } else {
                lines.append("        let ofSingles: (numbers: [Double], magnitudes: [Double]) = ([], [])")
            }
            lines += [
                "        report(\(position), result.value, alone, result.gradient.values, numeric, ofSingles)", "    }",
            ]
        }
        lines.append("}")
        return lines.joined(separator: "\n") + "\n"
    }
}

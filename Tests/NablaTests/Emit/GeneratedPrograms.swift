import Foundation
import TestSupport

@testable import Nabla

/// Generated Swift, compiled and run beside the evaluator.
struct GeneratedPrograms {
    /// One spec with values.
    struct Case {
        var name: String
        var text: String
        var wrt: [String] = []
        var of: String?
        var seed: UInt64 = 1
        var options = SwiftOptions()
        /// How many examples; one where the cost is that of one example.
        var exampleCount = 3
    }

    /// What a program printed: the value and the gradient, or an error.
    struct Output: Equatable {
        var value: Double
        var gradient: [Double]
    }

    private var sources: [(name: String, text: String)] = []
    private var calls: [String] = []
    private(set) var expected: [(name: String, output: Output, tolerance: Double)] = []

    /// Prints a spec as Swift, draws values, and evaluates it.
    mutating func add(_ item: Case) throws {
        let source = SourceText(name: "\(item.name).nabla", bytes: Array(item.text.utf8))
        var spec = Spec(source)
        guard spec.isValid else { throw EvaluationError("\(spec.diagnostics.map(\.message))") }
        let derived = try spec.derive(of: item.of, wrt: item.wrt)
        let system = derived.lowered()
        let text = try SwiftPrinter.text(
            of: system, cost: derived.cost, gradient: derived.gradient, options: item.options)
        let evaluator = Evaluator(system, cost: derived.cost, gradient: derived.gradient)
        // Values at which everything is finite.
        var random = RandomValues(seed: item.seed)
        for _ in 0..<20 {
            let bound = try random.sizes(for: spec.system)
            let values = try random.values(for: bound, exampleCount: item.exampleCount, scale: 0.7)
            let results: Results
            do { results = try evaluator.run(values) } catch is EvaluationError { continue }
            // What is the same for all examples comes first, where there can be several.
            var gradient: [Double] = []
            var ofExamples: [Double] = []
            var isAlone = true
            if case .one = results.cost { isAlone = false }
            for entry in results.gradient ?? [] {
                switch entry.value {
                case .one(let tensor): gradient += tensor.values
                case .each(let tensors) where isAlone: gradient += tensors.flatMap(\.values)
                case .each(let tensors): ofExamples += tensors.flatMap(\.values)
                }
            }
            gradient += ofExamples
            guard case .one(let value) = results.cost else {
                guard item.exampleCount == 1, let value = results.cost.all.first else { continue }
                try record(item, spec.system, text, values, value, gradient, isBatch: false)
                return
            }
            if !value.isFinite || gradient.contains(where: { !$0.isFinite }) { continue }
            try record(item, spec.system, text, values, value, gradient, isBatch: true)
            return
        }
        throw EvaluationError("no finite values were found")
    }

    private mutating func record(
        _ item: Case, _ system: System, _ text: String, _ values: Values, _ value: Double, _ gradient: [Double],
        isBatch: Bool
    ) throws {
        sources.append((item.name, text))
        let isFloat = item.options.scalar == .float
        expected.append((item.name, Output(value: value, gradient: gradient), isFloat ? 2e-4 : 1e-10))
        calls.append(call(item, system, values, SwiftFile(system, item.options), isBatch: isBatch))
    }

    private func list(_ numbers: [Double]) -> String {
        "[\(numbers.map { NumberText.swift($0) }.joined(separator: ", "))]"
    }

    /// A function that makes the data, computes and prints.
    private func call(_ item: Case, _ system: System, _ values: Values, _ file: SwiftFile, isBatch: Bool) -> String {
        var file = file
        let network = file.network
        var lines: [String] = []
        var sizes: [String] = []
        for (position, size) in system.sizes.enumerated() {
            guard case .symbolic = size.definition else { continue }
            let bound = values.bound.system.sizes[position]
            let value = bound.values.map { "\($0)" } ?? "\(bound.value ?? 0)"
            sizes.append("\(SwiftNames.label(file.sizes[position])): \(value)")
        }
        let isInstance = file.isInstance
        if isInstance { lines.append("let network = try \(network)(\(sizes.joined(separator: ", ")))") }
        let target = isInstance ? "network" : network
        let first = isInstance ? "for: network, " : ""
        let type = item.options.scalar.description
        func quantities(_ roles: [Role]) -> [QuantityID] {
            system.quantities.indices.map { QuantityID($0) }.filter {
                roles.contains(system[$0].role) && system[$0].constantValues == nil
            }
        }
        var arguments: [String] = []
        let parameters = quantities([.parameter])
        if !parameters.isEmpty {
            let numbers = parameters.flatMap { values.shared[$0] ?? [] }
            lines.append("let numbers: [\(type)] = \(list(numbers))")
            lines.append("let parameters = try \(network).Parameters(\(first)values: numbers)")
            arguments.append("at: parameters")
        }
        let data = quantities([.input, .target])
        if !data.isEmpty {
            var parts: [String] = []
            for id in data {
                let numbers = values.examples.flatMap { $0[id] ?? [] }
                let name = SwiftNames.label(file.identifier(system[id].name))
                let isScalar = system[id].axisCount == 0 && !isBatch
                parts.append("\(name): \(isScalar ? NumberText.swift(numbers.first ?? 0) : list(numbers))")
            }
            let kind = isBatch ? "Batch" : "Example"
            lines.append("let data = try \(network).\(kind)(\(first)\(parts.joined(separator: ", ")))")
            arguments.append(isBatch ? "batch: data" : parameters.isEmpty ? "at: data" : "data")
        }
        let constants = quantities([.constant])
        if !constants.isEmpty {
            var parts: [String] = []
            for id in constants {
                let numbers = values.shared[id] ?? []
                let name = SwiftNames.label(file.identifier(system[id].name))
                parts.append(
                    "\(name): \(system[id].axisCount == 0 ? NumberText.swift(numbers.first ?? 0) : list(numbers))")
            }
            lines.append("let constants = try \(network).Constants(\(first)\(parts.joined(separator: ", ")))")
            arguments.append("constants: constants")
        }
        let list = arguments.joined(separator: ", ")
        lines.append("let (value, gradient) = try \(target).valueWithGradient(\(list))")
        lines.append("let alone = try \(target).value(\(list))")
        lines.append(
            "print(\"\(item.name)\", value, alone, gradient.allNumbers.map { \"\\($0)\" }.joined(separator: \" \"))")
        return """
            extension \(network).Gradient { fileprivate var allNumbers: [\(type)] { numbersOf(self) } }
            func run\(item.name)() {
                do {
            \(lines.map { "        \($0)" }.joined(separator: "\n"))
                } catch { print("\(item.name)", "error", error) }
            }
            """
    }

    /// Compiles all of them as one module without a warning, and runs them.
    ///
    /// - Returns: by name, the value of `valueWithGradient`, that of `value`, and the gradient.
    func run(release: Bool = false) throws -> [String: (both: Double, alone: Double, gradient: [Double])] {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        var arguments = [
            "swiftc", "-swift-version", "6", "-warnings-as-errors", release ? "-O" : "-Onone", "-o", "program",
        ]
        for (name, text) in sources {
            try folder.write(text, to: "\(name).swift")
            arguments.append("\(name).swift")
        }
        // Every gradient has its numbers in the same members.
        let main = """
            func numbersOf<Value>(_ value: Value) -> [Double] where Value: Encodable {
                Mirror(reflecting: value).children.flatMap { child -> [Double] in
                    guard child.label == "values" else { return [] }
                    if let numbers = child.value as? [Double] { return numbers }
                    return (child.value as? [Float])?.map { Double($0) } ?? []
                }
            }
            func numbersOf<Value>(_ value: Value) -> [Float] where Value: Encodable {
                let numbers: [Double] = numbersOf(value)
                return numbers.map { Float($0) }
            }
            \(calls.joined(separator: "\n"))
            \(expected.map { "run\($0.name)()" }.joined(separator: "\n"))
            """
        try folder.write(main, to: "main.swift")
        arguments.append("main.swift")
        let compiled = try Command(arguments, in: folder.url).run(seconds: 600)
        guard compiled.status == 0 else { throw EvaluationError(String(compiled.output.prefix(4000))) }
        let output = try Command("./program", in: folder.url).run()
        guard output.status == 0 else {
            throw EvaluationError("the program ended with \(output.status): \(output.output)")
        }
        var results: [String: (both: Double, alone: Double, gradient: [Double])] = [:]
        for line in output.output.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 3, let both = Double(words[1]), let alone = Double(words[2]) else {
                throw EvaluationError(String(line))
            }
            results[String(words[0])] = (both, alone, words.dropFirst(3).compactMap { Double($0) })
        }
        return results
    }
}

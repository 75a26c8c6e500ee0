/// Prints a derived system as Swift source: a type with the network's parameters, its cost and its gradient.
///
/// The source stands by itself: it needs nothing but the standard library, Foundation for functions like `exp`, and Dispatch where
/// examples are split over threads.
public enum SwiftPrinter {
    /// The source of a cost and its gradient.
    ///
    /// - Parameters:
    ///   - derived: a spec with its derivatives; what is emitted is its ``DerivedSystem/lowered()`` form.
    ///   - options: access level, type of the numbers and so on.
    /// - Throws: ``LoweringError`` or ``SwiftPrintingError`` where the system has no form as loops.
    public static func text(of derived: DerivedSystem, options: SwiftOptions = SwiftOptions()) throws -> String {
        try text(
            of: derived.lowered(), cost: derived.cost, gradient: derived.gradient, second: derived.second,
            options: options)
    }

    /// The source of a cost and, where there is one, its gradient.
    ///
    /// - Parameters:
    ///   - system: the spec with the equations of the derivatives.
    ///   - cost: an access to one element of a quantity, with constant indices.
    ///   - gradient: what the cost was derived with respect to, and the derivatives.
    ///   - second: the second derivatives, where they are wanted.
    /// - Throws: ``LoweringError`` or ``SwiftPrintingError`` where the system has no form as loops.
    public static func text(
        of system: System, cost: ExprID, gradient: [(wrt: QuantityID, derivative: QuantityID?)],
        second: SecondDerivatives? = nil, options: SwiftOptions = SwiftOptions()
    ) throws -> String {
        guard case .access(let quantity, let indices) = system.graph.form(of: cost) else {
            throw SwiftPrintingError("the cost is no element of a quantity")
        }
        func lowering(_ results: [QuantityID]) throws -> LoopProgram {
            try LoopProgram.lowering(
                options.kernels == .simd ? system.averagingEarly(for: results) : system, results: results)
        }
        let lowered = try lowering([quantity])
        let isOfOneExample = lowered.isOfOneExample(quantity)
        let given = Set(gradient.map(\.wrt))
        func program(_ results: [QuantityID]) throws -> SwiftProgram {
            SwiftProgram(
                try lowering(results), isOfOneExample: isOfOneExample,
                keepingRowsOf: given, options)
        }
        let value = SwiftProgram(lowered, isOfOneExample: isOfOneExample, keepingRowsOf: given, options)
        var wanted = [quantity]
        for entry in gradient { if let derivative = entry.derivative { wanted.append(derivative) } }
        let both = gradient.isEmpty ? nil : try program(wanted)
        let further = try second.map { try program([quantity] + $0.results) }
        var composer = try SwiftComposer(
            system, cost: (quantity, indices), gradient: gradient, second: second, value: value, both: both,
            further: further, isOfOneExample: isOfOneExample, options)
        return SwiftRenderer.render(try composer.compose())
    }
}

/// The loops of one function that a file has.
struct SwiftProgram {
    let loops: LoopProgram
    /// How many operations one example takes; nil where that depends on sizes that are given at run time, and where nobody asks.
    let operations: Double?

    init(
        _ lowered: LoopProgram, isOfOneExample: Bool, keepingRowsOf given: Set<QuantityID>, _ options: SwiftOptions
    ) {
        let program = isOfOneExample ? lowered.ofOneExample() : lowered
        loops =
            options.kernels == .plain
            ? program : program.vectorized(lanes: options.scalar.widestVector, keepingRowsOf: given)
        guard options.kernels == .simd, !isOfOneExample else {
            operations = nil
            return
        }
        let (formula, counted) = OperationCounter.count(lowered)
        if let two = try? formula.value(in: counted, exampleCount: 2).double,
            let one = try? formula.value(in: counted, exampleCount: 1).double
        {
            operations = two - one
        } else {
            operations = nil
        }
    }
}

/// Puts a generated file together.
struct SwiftComposer {
    let system: System
    let cost: (quantity: QuantityID, indices: [AffineID])
    private let value: SwiftProgram
    private let both: SwiftProgram?
    let second: SecondDerivatives?
    /// Computes the second derivatives.
    private let further: SwiftProgram?
    /// Where they are stored.
    var secondBlocks = SwiftBlocks()
    private let options: SwiftOptions
    var file: SwiftFile
    var blocks = SwiftBlocks()
    /// Whether a computation has one example, or none.
    private let isOfOneExample: Bool
    /// Whether the gradient is with respect to all params and nothing else: then it has their type.
    let isGradientOfParameters: Bool

    init(
        _ system: System, cost: (quantity: QuantityID, indices: [AffineID]),
        gradient: [(wrt: QuantityID, derivative: QuantityID?)], second: SecondDerivatives?, value: SwiftProgram,
        both: SwiftProgram?, further: SwiftProgram?, isOfOneExample: Bool, _ options: SwiftOptions
    ) throws {
        self.isOfOneExample = isOfOneExample
        self.second = second
        self.further = further
        self.system = system
        self.cost = cost
        self.value = value
        self.both = both
        self.options = options
        file = SwiftFile(system, options)
        isGradientOfParameters =
            gradient.map(\.wrt)
            == system.quantities.indices.map { QuantityID($0) }.filter { system[$0].role == .parameter }
        try makeBlocks(gradient)
    }

    private mutating func makeBlocks(_ gradient: [(wrt: QuantityID, derivative: QuantityID?)]) throws {
        var parameters: [(id: QuantityID, name: String, layout: SwiftLayout)] = []
        var data = parameters
        var constants = parameters
        var tables = parameters
        for position in system.quantities.indices {
            let id = QuantityID(position)
            let quantity = system[id]
            let isDirection = quantity.role == .constant && second?.direction.contains(id) ?? false
            if quantity.role.isComputed || isDirection { continue }
            let name = file.identifier(quantity.name)
            if let values = quantity.constantValues {
                if quantity.axisCount == 0 {
                    blocks.members[id] = name
                } else {
                    var layout = try file.layout(ofDeclared: id)
                    layout.count = SwiftInteger(values.count)
                    tables.append((id, name, layout))
                }
                continue
            }
            let layout = try file.layout(ofDeclared: id)
            switch quantity.role {
            case .parameter: parameters.append((id, name, layout))
            case .input, .target: data.append((id, name, layout))
            default: constants.append((id, name, layout))
            }
        }
        blocks.parameters = try file.block(parameters)
        for item in data {
            blocks.data.append(SwiftBlock.Item(quantity: item.id, layout: item.layout, base: SwiftInteger(0)))
        }
        blocks.constants = try file.block(constants)
        blocks.tables = try file.block(tables)
        try makeGradient(gradient)
        if let second, let further { try makeSecond(second, further.loops) }
    }

    private mutating func makeGradient(_ gradient: [(wrt: QuantityID, derivative: QuantityID?)]) throws {
        for (wrt, derivative) in gradient { if let derivative { blocks.gradientOf[derivative] = wrt } }
        if isGradientOfParameters {
            blocks.gradient = blocks.parameters
            return
        }
        var shared: [(id: QuantityID, name: String, layout: SwiftLayout)] = []
        var ofExamples = shared
        for (wrt, derivative) in gradient {
            let layout: SwiftLayout
            if let buffer = both?.loops.buffer(of: wrt), let program = both?.loops {
                layout = try file.layout(of: wrt, buffer, program.system)
            } else if system[wrt].role.isComputed, let derivative, let program = both?.loops,
                let buffer = program.buffer(of: derivative)
            {
                layout = try file.layout(of: derivative, buffer, program.system)
            } else if system[wrt].role.isComputed {
                let program = try LoopProgram.lowering(system, results: [wrt])
                guard let buffer = program.buffer(of: wrt) else { continue }
                layout = try file.layout(of: wrt, buffer, program.system)
            } else {
                layout = try file.layout(ofDeclared: wrt)
            }
            let isOfExample = derivative.flatMap { both?.loops.buffer(of: $0) }.map { $0.examples == .stored } ?? false
            let item = (wrt, file.identifier(system[wrt].name), layout)
            if isOfExample { ofExamples.append(item) } else { shared.append(item) }
        }
        blocks.gradient = try file.block(shared)
        blocks.exampleGradient = try file.block(ofExamples)
    }

    // MARK: The file

    mutating func compose() throws -> [SwiftSource] {
        if file.splitsExamples(isOfOneExample: isOfOneExample) {
            file.blockSize = try file.blockSize(for: [value, both, further].compactMap(\.?.loops), blocks)
        }
        // The computation first: it says what members and helpers the rest needs.
        var valueBody = try SwiftBody(value.loops, blocks, cost: cost.quantity, isOfOneExample: isOfOneExample, file)
        let valueFunctions = try valueBody.write("computeValue", cost: cost)
        file = valueBody.file
        var gradientBody: SwiftBody?
        var gradientFunctions: [SwiftSource] = []
        if let both {
            var body = try SwiftBody(both.loops, blocks, cost: cost.quantity, isOfOneExample: isOfOneExample, file)
            gradientFunctions = try body.write("computeGradient", cost: cost)
            file = body.file
            gradientBody = body
        }
        var secondBody: SwiftBody?
        var secondFunctions: [SwiftSource] = []
        if let further {
            var body = try SwiftBody(
                further.loops, secondBlocks, cost: cost.quantity, isOfOneExample: isOfOneExample, file)
            secondFunctions = try body.write("computeSecond", cost: cost)
            file = body.file
            secondBody = body
        }
        let bodies = [valueBody, gradientBody, secondBody].compactMap { $0 }
        let storages = bodies.map(\.storage)
        let entry = SwiftEntry(
            file: file, blocks: blocks, hasBatches: !isOfOneExample, hasGradient: both != nil,
            cost: system[cost.quantity].name,
            canThrow: (
                valueBody.plan.functions.last?.canThrow ?? false, gradientBody?.plan.functions.last?.canThrow ?? false
            ),
            needsReserve: storages.contains { $0.workCountOfExample.known != 0 },
            stacks: [
                .value: valueBody.storage.stackCount, .gradient: gradientBody?.storage.stackCount,
                .second: secondBody?.storage.stackCount,
            ].compactMapValues { $0 },
            splits: file.splitsExamples(isOfOneExample: isOfOneExample)
                ? [
                    .value: SwiftSplit(valueBody.storage, value.operations),
                    .gradient: gradientBody.map { SwiftSplit($0.storage, both?.operations) },
                    .second: secondBody.map { SwiftSplit($0.storage, further?.operations) },
                ].compactMapValues { $0 } : [:], second: secondEntry(secondBody))

        var types = SwiftTypes(file, blocks, isOfOneExample: isOfOneExample)
        var body: [SwiftSource] = []
        body.append(contentsOf: types.sizes())
        let constants = try types.knownConstants()
        if !constants.isEmpty, !body.isEmpty { body.append(.blank) }
        body.append(contentsOf: constants)
        var nested = try nestedTypes(&types, storages, hasBatches: !isOfOneExample)
        if entry.canThrow.value || entry.canThrow.gradient || entry.second?.canThrow ?? false {
            nested += [.blank] + errorType(types, "EmptyReductionError", "A maximum, a mean or the like of no values.")
        }
        if file.isInstance {
            body.append(.blank)
            body.append(contentsOf: try types.networkInitializer())
            body.append(.blank)
            body.append(contentsOf: types.networkConformances())
        }
        body.append(contentsOf: nested)
        body.append(contentsOf: entry.functions())
        body.append(.blank)
        body.append(contentsOf: entry.runners())
        body.append(.blank)
        body.append(contentsOf: valueFunctions)
        if !gradientFunctions.isEmpty {
            body.append(.blank)
            body.append(contentsOf: gradientFunctions)
        }
        if !secondFunctions.isEmpty {
            body.append(.blank)
            body.append(contentsOf: secondFunctions)
        }
        let members = types.members()
        if !members.isEmpty { body += [.blank] + members }
        let helpers = bodies.reduce(into: Set<SwiftHelper>()) { $0.formUnion($1.helpers) }
        let usesLogSum = bodies.contains { $0.usesLogSum }
        let functions = SwiftHelpers(types.file, isInstance: file.isInstance)
        body.append(contentsOf: functions.functions(helpers, usesLogSum: usesLogSum))
        body.append(contentsOf: functions.integers(types.file.helpers))
        body.append(contentsOf: kernels(bodies))
        return header() + [.blank] + documentation()
            + [
                .braces(
                    "\(options.access.modifier)struct \(file.network): Sendable"
                        + (file.isInstance ? ", Equatable, Codable" : ""), trimmed(body))
            ] + selection(bodies)
    }

    /// The kernels that the loops call.
    private func kernels(_ bodies: [SwiftBody]) -> [SwiftSource] {
        let names = bodies.reduce(into: Set<String>()) { $0.formUnion($1.kernelNames) }
        if names.isEmpty { return [] }
        var sources: [SwiftSource] = []
        for kernel in VectorKernels.closure(of: names) {
            if !sources.isEmpty { sources.append(.blank) }
            sources += kernel.lines(for: options.scalar).map { $0.isEmpty ? .blank : .line($0) }
        }
        // Inside of the type: a module may have a `Vector` of its own.
        return [.blank, .line("fileprivate typealias Scalar = \(options.scalar)")]
            + VectorPrelude.types(for: options.scalar).map { .line($0) } + [
                .blank, .documentation("What many equations share: functions of vectors, products of matrices."),
                .braces("fileprivate enum Kernel", sources),
            ]
    }

    /// The choice between vectors, which can only stand outside of the type.
    private func selection(_ bodies: [SwiftBody]) -> [SwiftSource] {
        guard bodies.contains(where: { !$0.kernelNames.isEmpty }) else { return [] }
        return [.blank] + VectorPrelude.selection(for: options.scalar).map { $0.isEmpty ? .blank : .line($0) }
    }

    private func trimmed(_ sources: [SwiftSource]) -> [SwiftSource] {
        Array(
            sources.drop {
                if case .blank = $0 { return true }
                return false
            })
    }

    private func header() -> [SwiftSource] {
        let name = options.sourceName.map { SwiftText.comment($0).split(separator: "\n").joined(separator: " ") }
        // Foundation links the mathematical library, which even arithmetic needs without optimisation.
        return [
            .line("// Generated by nabla from \(name ?? "standard input"), do not edit."),
            .line("// swift-format-ignore-file"), .blank,
        ] + (splitsExamples ? [.line("import Dispatch")] : []) + [.line("import Foundation")]
    }

    private var splitsExamples: Bool { file.splitsExamples(isOfOneExample: isOfOneExample) }

    /// The network's own documentation, and its equations.
    private func documentation() -> [SwiftSource] {
        var text = system.documentation.isEmpty ? "The network \(system.name)." : system.documentation
        var positions: [Int] = []
        for statement in system.statements {
            if case .equation(let position) = statement { positions.append(position) }
        }
        if positions.isEmpty { positions = Array(system.equations.indices) }
        let added = Set(second?.equations ?? [])
        positions = positions.filter {
            system[system.equations[$0].quantity].role == .computed && !added.contains($0)
        }
        let most = 60
        var comments = EquationComments(system)
        if !positions.isEmpty { text += "\n" }
        for position in positions.prefix(most) {
            for line in comments.text(position).split(separator: "\n") { text += "\n    \(line)" }
        }
        if positions.count > most { text += "\n    … and \(positions.count - most) more equations" }
        return [.documentation(SwiftText.comment(text))]
    }

    private func nestedTypes(
        _ types: inout SwiftTypes, _ storages: [SwiftStorage], hasBatches: Bool
    ) throws -> [SwiftSource] {
        var sources: [SwiftSource] = []
        if !blocks.parameters.items.isEmpty {
            let shape = isGradientOfParameters && both != nil ? " The gradient has the same type." : ""
            sources.append(.blank)
            sources.append(
                types.numbers(
                    "Parameters", documentation: "All that is learned, in one contiguous block.\(shape)",
                    blocks.parameters, isInitialized: true))
        }
        if both != nil {
            sources.append(.blank)
            if isGradientOfParameters {
                sources.append(
                    .documentation(
                        "The derivative of \(system[cost.quantity].name) with respect to each parameter, of the same shape."
                    ))
                sources.append(.line("\(types.access)typealias Gradient = Parameters"))
            } else {
                sources.append(
                    types.numbers(
                        "Gradient", documentation: "Derivatives of \(system[cost.quantity].name).", blocks.gradient,
                        ofExamples: blocks.exampleGradient, isInitialized: false))
            }
        }
        if !blocks.data.items.isEmpty {
            sources.append(.blank)
            sources.append(types.example())
            if hasBatches {
                sources.append(.blank)
                sources.append(types.batch())
            }
            if hasBatches || types.lendsInLoop {
                sources.append(.blank)
                sources.append(types.numbersOfBatch())
            }
            sources.append(.blank)
            sources.append(types.dataPointers())
        }
        if !blocks.constants.items.isEmpty {
            sources.append(.blank)
            sources.append(
                types.given(
                    "Constants", documentation: "Fixed quantities that the spec gives no values to.", blocks.constants))
        }
        sources.append(contentsOf: secondTypes(&types))
        sources.append(.blank)
        sources.append(try workspace(&types, storages))
        sources.append(.blank)
        sources.append(contentsOf: errorType(types, "ShapeError", "Something has another shape than the network."))
        return sources
    }

    private func errorType(_ types: SwiftTypes, _ name: String, _ documentation: String) -> [SwiftSource] {
        [
            .documentation(documentation),
            .braces(
                "\(types.access)struct \(name): Error, Equatable, CustomStringConvertible",
                [
                    .line("\(types.access)let description: String"), .blank,
                    .braces("fileprivate init(_ description: String)", [.line("self.description = description")]),
                ]),
        ]
    }

    private func workspace(_ types: inout SwiftTypes, _ storages: [SwiftStorage]) throws -> SwiftSource {
        func text(_ value: SwiftInteger) -> SwiftInteger {
            guard value.known == nil else { return value }
            return SwiftInteger(types.count(value), value.precedence)
        }
        var count = SwiftInteger.largest([SwiftInteger(1)] + storages.map { text($0.workCount) })
        // The consts' tables, and what is skipped up to a line of the cache.
        if file.hasWorkInLines {
            count = count + SwiftInteger((blocks.tables.count.known ?? 0) + file.options.scalar.widestVector)
        }
        let isOnStack = storages.allSatisfy { $0.stackCount != nil }
        var body: [SwiftSource] = []
        if file.isInstance { body.append(.line("fileprivate let network: \(file.network)")) }
        if !isOnStack { body.append(.line("fileprivate var values: [\(file.scalar)]")) }
        if !body.isEmpty { body.append(.blank) }
        var code: [SwiftSource] = file.isInstance ? [.line("self.network = network")] : []
        if !isOnStack { code.append(.line("values = Array(repeating: 0, count: \(count.text))")) }
        for item in blocks.tables.items {
            let name = types.file.identifier(system[item.quantity].name)
            let base = item.base.known ?? 0
            let size = item.layout.count.known ?? 0
            let source = file.isInstance ? "network.\(name)" : name
            code.append(.line("values.replaceSubrange(\(base)..<\(base + size), with: \(source))"))
        }
        body.append(.list(head: "\(types.access)init", items: types.networkParameter, tail: "", body: code))
        let perExample = SwiftInteger.largest(storages.map { text($0.workCountOfExample) })
        let place = file.isInstance ? 2 : 1
        if splitsExamples {
            body.insert(.line("private var reserved: (examples: Int, workers: Int, sets: Int) = (0, 0, 0)"), at: place)
            body.append(.blank)
            body.append(reservingForWorkers(&types, storages, count, perExample))
        } else if perExample.known != 0 {
            let product = types.file.call(.checkedProduct, ["exampleCount", perExample.text])
            let sum = types.file.call(.checkedSum, [count.text, product.text])
            body.insert(.line("private var reservedCount: Int = 0"), at: place)
            body.append(.blank)
            body.append(
                .list(
                    head: "fileprivate mutating func reserve", items: ["exampleCount: Int"], tail: " throws",
                    body: [
                        .line("if exampleCount <= reservedCount { return }"),
                        .line("let count: Int = try \(sum.text)"),
                        SwiftComposer.growth,
                        .line("reservedCount = exampleCount"),
                    ]))
        }
        return .sequence([
            .documentation(
                isOnStack
                    ? "Work memory, for many calls one after another; this network needs little, which lies on the stack."
                    : "Work memory, for many calls one after another."),
            .braces("\(types.access)struct Workspace: Sendable", body),
        ])
    }
}

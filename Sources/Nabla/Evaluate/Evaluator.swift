import Foundation

/// Evaluates a cost, its gradient and other quantities of a system at given values.
///
///     let values = try ValuesReader.read(source, for: system)
///     let results = try Evaluator(system, cost: cost).run(values)
///     print(results.json)
public struct Evaluator: Sendable {
    private let system: System
    private let cost: ExprID
    private let gradient: [(wrt: QuantityID, derivative: QuantityID?)]?
    private let includesAll: Bool
    private let second: SecondDerivatives?

    /// Evaluates a cost.
    ///
    /// - Parameters:
    ///   - system: the spec.
    ///   - cost: an access to one element of a quantity, with constant indices, in the system's graph.
    ///   - gradient: what the cost was derived with respect to, and the derivatives; nil where no gradient is wanted.
    ///   - second: the second derivatives that are wanted.
    ///   - includesAll: whether all computed quantities are wanted.
    public init(
        _ system: System, cost: ExprID, gradient: [(wrt: QuantityID, derivative: QuantityID?)]? = nil,
        second: SecondDerivatives? = nil, includesAll: Bool = false
    ) {
        self.second = second
        self.system = system
        self.cost = cost
        self.gradient = gradient
        self.includesAll = includesAll
    }

    /// Evaluates a cost and its gradient.
    public init(_ derived: DerivedSystem, includesAll: Bool = false) {
        self.init(
            derived.system, cost: derived.cost, gradient: derived.gradient, second: derived.second,
            includesAll: includesAll)
    }

    /// Evaluates everything once.
    ///
    /// - Throws: ``LoweringError`` where the system cannot be turned into loops, ``EvaluationError`` where something has no
    ///   value (the maximum of nothing, say) or is too large.
    public func run(_ values: Values) throws -> Results {
        try prepare(values.bound, exampleCount: values.examples.count).run(values)
    }

    /// Makes a program for given sizes, to run it at many values.
    ///
    /// - Parameters:
    ///   - bound: the sizes: of this evaluator's system, or of the system that it was derived from.
    ///   - exampleCount: how many training examples there are, at least 1.
    /// - Throws: ``LoweringError`` and ``EvaluationError``, as ``run(_:)``.
    public func prepare(_ bound: BoundSystem, exampleCount: Int) throws -> PreparedEvaluation {
        guard case .access(let quantity, let indices) = system.graph.form(of: cost) else {
            throw EvaluationError("the cost is no element of a quantity")
        }
        let own = try BoundSystem(system, sizes: Evaluator.sizes(of: bound))
        var wanted = [quantity]
        for entry in gradient ?? [] { if let derivative = entry.derivative { wanted.append(derivative) } }
        wanted.append(contentsOf: second?.results ?? [])
        let all =
            includesAll
            ? own.system.quantities.indices.map { QuantityID($0) }.filter {
                [.computed, .derivative].contains(own.system[$0].role) && !own.system[$0].domains.isEmpty
            } : []
        wanted.append(contentsOf: all)
        let program = try LoopProgram.lowering(own.system, results: wanted)
        let arithmetic = SizeArithmetic(own.system)
        let places = try indices.map { index in
            guard let value = arithmetic.value(index, in: own.system.graph) else {
                throw EvaluationError("the cost is not one element of '\(system[quantity].name)'")
            }
            return value
        }
        return try PreparedEvaluation(
            program, own, cost: (quantity, places), gradient: gradient, second: second,
            quantities: includesAll ? all : nil, exampleCount: max(1, exampleCount))
    }

    static func sizes(of bound: BoundSystem) -> [SizeID: [Int]] {
        var sizes: [SizeID: [Int]] = [:]
        for (position, size) in bound.system.sizes.enumerated() {
            if let values = size.values ?? size.value.map({ [$0] }) { sizes[SizeID(position)] = values }
        }
        return sizes
    }
}

/// A program for known sizes and a known number of examples.
public struct PreparedEvaluation: Sendable {
    private let bound: BoundSystem
    /// The loops that run.
    public let program: LoopProgram
    private let memory: MemoryLayoutOfQuantities
    private let code: MachineCode
    private let cost: (quantity: QuantityID, indices: [Int])
    private let gradient: [(wrt: QuantityID, derivative: QuantityID?)]?
    private let second: SecondDerivatives?
    private let quantities: [QuantityID]?
    private let constants: [QuantityID: [Double]]

    init(
        _ program: LoopProgram, _ bound: BoundSystem, cost: (QuantityID, [Int]),
        gradient: [(wrt: QuantityID, derivative: QuantityID?)]?, second: SecondDerivatives?,
        quantities: [QuantityID]?, exampleCount: Int
    ) throws {
        self.second = second
        self.program = program
        self.bound = bound
        self.cost = cost
        self.gradient = gradient
        self.quantities = quantities
        let arithmetic = SizeArithmetic(bound.system)
        memory = try MemoryLayoutOfQuantities(program, arithmetic, exampleCount: exampleCount)
        var compiler = MachineCompiler(program, memory, arithmetic)
        code = try compiler.compile()
        constants = PreparedEvaluation.constants(bound.system)
    }

    /// The values of constants that the spec gives.
    private static func constants(_ system: System) -> [QuantityID: [Double]] {
        var evaluator = ConstantEvaluator(system)
        var constants: [QuantityID: [Double]] = [:]
        for position in system.quantities.indices {
            let id = QuantityID(position)
            guard let values = system[id].constantValues else { continue }
            if system[id].axisCount == 0, let value = values.first { evaluator.define(id, value) }
            constants[id] = values.map { evaluator.double($0) }
        }
        return constants
    }

    /// Evaluates everything at these values.
    ///
    /// - Throws: ``EvaluationError`` where a value is missing or has a wrong shape, or something has no value (the maximum of nothing, say).
    public func run(_ values: Values) throws -> Results {
        try run(values) { Machine.run($0, memory: $1) }
    }

    /// Evaluates everything, observed.
    func run(_ values: Values, _ observer: inout some Machine.Observer) throws -> Results {
        try run(values) { Machine.run($0, memory: $1, &observer) }
    }

    private func run(
        _ values: Values, _ machine: (MachineCode, UnsafeMutableBufferPointer<Double>) -> Machine.Outcome
    ) throws -> Results {
        guard values.examples.count == memory.exampleCount else {
            throw EvaluationError("the program was made for another number of examples")
        }
        guard let storage = Storage(count: max(1, memory.count)) else {
            throw EvaluationError("the quantities need more memory than there is")
        }
        try fill(storage, values)
        switch machine(code, storage.numbers) {
        case .done: break
        case .outside: throw EvaluationError("an element outside of a quantity is used")
        case .empty(let accumulator): throw emptyReduction(accumulator)
        }
        return try results(storage, isBatch: values.isBatch)
    }

    private func emptyReduction(_ position: Int) -> EvaluationError {
        guard program.accumulators.indices.contains(position) else {
            return EvaluationError("a reduction has no value")
        }
        let accumulator = program.accumulators[position]
        let name: String
        switch accumulator.kind {
        case .value(let kind): name = kind.keyword
        case .position(let kind): name = "arg" + kind.keyword
        }
        let range = program.system.equations[accumulator.equation].range
        return EvaluationError("this '\(name)' runs over no value at all", at: range)
    }

    // MARK: Memory

    /// A zeroed piece of memory; nothing else refers to it while a run lasts.
    private final class Storage {
        let numbers: UnsafeMutableBufferPointer<Double>

        init?(count: Int) {
            guard let start = calloc(count, MemoryLayout<Double>.stride) else { return nil }
            numbers = UnsafeMutableBufferPointer(start: start.assumingMemoryBound(to: Double.self), count: count)
        }

        deinit { free(numbers.baseAddress) }
    }

    private func fill(_ storage: Storage, _ values: Values) throws {
        for buffer in program.buffers {
            guard let place = memory.place(of: buffer.quantity) else { continue }
            let quantity = program.system[buffer.quantity]
            func copy(_ given: [Double]?, to start: Int) throws {
                guard let given else { throw EvaluationError("'\(quantity.name)' has no value", at: quantity.range) }
                guard given.count == place.shape.count else {
                    throw EvaluationError(
                        "'\(quantity.name)' has \(given.count) numbers, expected \(place.shape.count)",
                        at: quantity.range)
                }
                for (position, value) in given.enumerated() { storage.numbers[start + position] = value }
            }
            switch buffer.role {
            case .parameter: try copy(values.shared[buffer.quantity], to: place.start)
            case .constant: try copy(constants[buffer.quantity] ?? values.shared[buffer.quantity], to: place.start)
            case .input, .target:
                for (position, example) in values.examples.enumerated() {
                    try copy(example[buffer.quantity], to: place.start + position * place.shape.count)
                }
            case .intermediate, .result: break
            }
        }
    }

    // MARK: Results

    private func results(_ storage: Storage, isBatch: Bool) throws -> Results {
        let tensors = try read(cost.quantity, storage, isBatch: isBatch)
        func value(_ tensor: Tensor) throws -> Double {
            guard let value = tensor.element(cost.indices) else {
                throw EvaluationError("the cost is no element of '\(bound.system[cost.quantity].name)'")
            }
            return value
        }
        var name = bound.system[cost.quantity].name
        let stages = cost.indices.prefix(bound.system[cost.quantity].stageCount)
        let elements = cost.indices.dropFirst(stages.count)
        if !stages.isEmpty { name += "(\(stages.map(String.init).joined(separator: ",")))" }
        if !elements.isEmpty { name += "[\(elements.map(String.init).joined(separator: ","))]" }
        var results: Results
        switch tensors {
        case .one(let tensor): results = Results(costName: name, cost: .one(try value(tensor)))
        case .each(let tensors): results = Results(costName: name, cost: .each(try tensors.map(value)))
        }
        if let gradient {
            results.gradient = try gradient.map { entry in
                (bound.system[entry.wrt].name, try derivative(entry.derivative, entry.wrt, storage, isBatch))
            }
        }
        if let blocks = second?.hessian {
            var rows: [(name: String, blocks: [(name: String, value: Results.PerExample<Tensor>)])] = []
            var last: QuantityID?
            for block in blocks {
                if block.first != last { rows.append((bound.system[block.first].name, [])) }
                last = block.first
                let value = try read(block.derivative, storage, isBatch: isBatch)
                rows[rows.count - 1].blocks.append((bound.system[block.second].name, value))
            }
            results.hessian = rows
        }
        if let components = second?.product {
            results.product = try components.map {
                (bound.system[$0.wrt].name, try derivative($0.derivative, $0.wrt, storage, isBatch))
            }
        }
        if let quantities {
            results.quantities = try quantities.map {
                (bound.system[$0].name, try read($0, storage, isBatch: isBatch))
            }
        }
        return results
    }

    private func isStored(_ quantity: QuantityID) -> Bool { memory.place(of: quantity)?.isStored ?? false }

    private func read(
        _ quantity: QuantityID, _ storage: Storage, isBatch: Bool
    ) throws -> Results.PerExample<Tensor> {
        guard let place = memory.place(of: quantity) else { throw EvaluationError("a result was not computed") }
        func tensor(_ example: Int) -> Tensor {
            let start = place.start + example * place.shape.count
            return Tensor(
                bound: bound, quantity: quantity, shape: place.shape,
                values: Array(storage.numbers[start..<start + place.shape.count]))
        }
        guard place.isStored, isBatch else { return .one(tensor(0)) }
        return .each((0..<memory.exampleCount).map(tensor))
    }

    /// The derivative as a tensor of the shape of what it is taken with respect to: zeros where the cost does not depend on it.
    private func derivative(
        _ derivative: QuantityID?, _ quantity: QuantityID, _ storage: Storage, _ isBatch: Bool
    ) throws -> Results.PerExample<Tensor> {
        let shape = try bound.shape(of: quantity)
        let isData = isStored(quantity) || bound.system[quantity].dependsOnExamples
        let isPerExample = isBatch && (isStored(cost.quantity) || isData || derivative.map(isStored) ?? false)
        func reshaped(_ source: Tensor?) throws -> Tensor {
            var tensor = Tensor(
                bound: bound, quantity: quantity, shape: shape, values: Array(repeating: 0, count: shape.count))
            if let source {
                try bound.forEachElement(of: quantity) { indices in
                    if let value = source.element(indices), let place = shape.offset(of: indices) {
                        tensor.values[place] = value
                    }
                }
            }
            return tensor
        }
        guard let derivative else {
            let zeros = try reshaped(nil)
            return isPerExample ? .each(Array(repeating: zeros, count: memory.exampleCount)) : .one(zeros)
        }
        switch try read(derivative, storage, isBatch: isBatch) {
        case .one(let tensor):
            let value = try reshaped(tensor)
            return isPerExample ? .each(Array(repeating: value, count: memory.exampleCount)) : .one(value)
        case .each(let tensors): return .each(try tensors.map(reshaped))
        }
    }
}

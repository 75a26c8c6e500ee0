/// Turns a ``LoopProgram`` into ``MachineCode`` for known sizes and a known number of examples.
///
/// Integer arithmetic of index expressions is done at the outermost loop at which its indices are known, so that the innermost
/// loops find addresses ready but for one product.
struct MachineCompiler {
    let program: LoopProgram
    let memory: MemoryLayoutOfQuantities
    let arithmetic: SizeArithmetic
    var code = MachineCode()

    /// Code that is being made, from the outside in; a loop's or a branch's goes into the one around it at its end.
    var segments: [Segment] = [Segment()]
    /// The integer register of each index that has a loop, and the segment of that loop.
    private var registerOfIndex: [IndexID: IntegerRegister] = [:]
    private var constants: [UInt64: Int32] = [:]
    private var integerConstants: [Int: Int32] = [:]
    private var tableIDs: [TableKey: Int32] = [:]
    private var functionIDs: [FunctionID: Int32] = [:]
    /// Of each accumulator, its registers: the value, then what else it needs.
    private var states: [[Int32]] = []
    private var example: IntegerRegister?

    struct Segment {
        var instructions: [Instruction] = []
        /// Integers that were computed here.
        var integers: [IntegerKey: Int32] = [:]
    }

    /// An integer register, and the segment in which it gets its value.
    struct IntegerRegister {
        var register: Int32
        var level: Int
    }

    struct IntegerKey: Hashable {
        var operation: UInt8
        var operands: [Int32]
    }

    private enum TableKey: Hashable {
        case size(SizeID)
        case offsets(QuantityID)
        case stride(QuantityID, Int)
    }

    init(_ program: LoopProgram, _ memory: MemoryLayoutOfQuantities, _ arithmetic: SizeArithmetic) {
        self.program = program
        self.memory = memory
        self.arithmetic = arithmetic
        code.numbers = Array(repeating: 0, count: program.locals.count)
        if !code.numbers.isEmpty { code.numbers[0] = Double(memory.exampleCount) }
        code.memoryCount = memory.count
    }

    /// The code of the whole program.
    mutating func compile() throws -> MachineCode {
        for accumulator in program.accumulators { states.append(makeState(accumulator)) }
        try compile(program.root)
        emit(Instruction(operation: .halt))
        code.instructions = segments[0].instructions
        return code
    }

    // MARK: Registers

    private mutating func makeNumber(_ value: Double = 0) -> Int32 {
        code.numbers.append(value)
        return Int32(truncatingIfNeeded: code.numbers.count - 1)
    }

    private mutating func makeInteger(_ value: Int = 0) -> Int32 {
        code.integers.append(value)
        return Int32(truncatingIfNeeded: code.integers.count - 1)
    }

    private mutating func constant(_ value: Double) -> Int32 {
        if let known = constants[value.bitPattern] { return known }
        let register = makeNumber(value)
        constants[value.bitPattern] = register
        return register
    }

    private mutating func integerConstant(_ value: Int) -> IntegerRegister {
        if let known = integerConstants[value] { return IntegerRegister(register: known, level: 0) }
        let register = makeInteger(value)
        integerConstants[value] = register
        return IntegerRegister(register: register, level: 0)
    }

    private mutating func makeState(_ accumulator: Accumulator) -> [Int32] {
        let result = accumulator.result.map { Int32(truncatingIfNeeded: $0.raw) }
        return [result ?? makeNumber(), makeNumber(), makeNumber()]
    }

    // MARK: Code

    private mutating func emit(_ instruction: Instruction) {
        segments[segments.count - 1].instructions.append(instruction)
    }

    private mutating func emit(
        _ operation: Operation, _ a: Int32 = 0, _ b: Int32 = 0, _ c: Int32 = 0, _ d: Int32 = 0
    ) {
        emit(Instruction(operation: operation, a: a, b: b, c: c, d: d))
    }

    /// What `body` emits, as code of its own.
    private mutating func separate(
        _ body: (inout MachineCompiler) throws -> Void
    ) rethrows -> [Instruction] {
        segments.append(Segment())
        try body(&self)
        return segments.popLast()?.instructions ?? []
    }

    private mutating func append(_ instructions: [Instruction]) {
        segments[segments.count - 1].instructions.append(contentsOf: instructions)
    }

    // MARK: Statements

    private mutating func compile(_ block: BlockID) throws {
        for statement in program[block].statements { try compile(statement) }
    }

    private mutating func compile(_ statement: LoopStatement) throws {
        switch statement {
        case .comment, .declare: break
        case .loop(let loop): try compile(loop)
        case .examples(let body): try compileExamples(body)
        // Blocks of one example.
        case .exampleBlocks(let body): try compileExamples(body)
        case .contraction(let contraction): try compile(contraction.plain)
        case .lanes(let lanes):
            switch lanes.dimension {
            case .examples: try compileExamples(lanes.body)
            case .index(let index, let lower, let upper):
                let first = try bound(LoopBound(lower))
                let last = try bound(LoopBound(upper))
                try compileLoop(index, first, last, isReversed: false) { try $0.compile(lanes.body) }
            }
        case .conditional(let condition, let then, let otherwise):
            let tested = try number(condition)
            let first = try separate { try $0.compile(then) }
            let second = try otherwise.map { block in try separate { try $0.compile(block) } } ?? []
            appendChoice(tested, first, second)
        case .define(let local, let value), .assign(let local, let value):
            let register = Int32(truncatingIfNeeded: local.raw)
            let result = try number(value, into: register)
            if result != register { emit(.move, register, result) }
        case .begin(let accumulator): begin(accumulator)
        case .accumulate(let accumulator, let value): try accumulate(accumulator, value)
        case .finish(let accumulator): finish(accumulator)
        case .store(let quantity, let indices, let value):
            let register = try number(value)
            let place = try address(quantity, indices)
            emit(.store, register, place.base, place.index, place.factor)
        case .add(let quantity, let indices, let value):
            let register = try number(value)
            let place = try address(quantity, indices)
            emit(.addToMemory, register, place.base, place.index, place.factor)
        case .clear(let quantity):
            guard let place = memory.place(of: quantity) else { return }
            let start = integerConstant(place.start)
            let length = integerConstant(place.shape.count * (place.isStored ? memory.exampleCount : 1))
            emit(.clear, 0, start.register, length.register)
        }
    }

    /// `tested` ? `first` : `second`.
    private mutating func appendChoice(_ tested: Int32, _ first: [Instruction], _ second: [Instruction]) {
        var then = first
        if !second.isEmpty { then.append(Instruction(operation: .jump, d: Int32(truncatingIfNeeded: second.count))) }
        emit(.jumpIfZero, tested, 0, 0, Int32(truncatingIfNeeded: then.count))
        append(then)
        append(second)
    }

    private mutating func compile(_ loop: Loop) throws {
        let lower = try bound(loop.lower)
        let upper = try bound(loop.upper)
        try compileLoop(loop.index, lower, upper, isReversed: loop.isReversed) { try $0.compile(loop.body) }
    }

    private mutating func compileExamples(_ body: BlockID) throws {
        if example != nil {
            try compile(body)
            return
        }
        let count = integerConstant(memory.exampleCount)
        try compileLoop(nil, integerConstant(0), count, isReversed: false) { try $0.compile(body) }
    }

    /// A loop over an index, or over the examples.
    private mutating func compileLoop(
        _ index: IndexID?, _ lower: IntegerRegister, _ upper: IntegerRegister, isReversed: Bool,
        _ body: (inout MachineCompiler) throws -> Void
    ) throws {
        let counter = IntegerRegister(register: makeInteger(), level: segments.count)
        let hiddenExample = example
        let hidden = index.flatMap { registerOfIndex[$0] }
        if let index { registerOfIndex[index] = counter } else { example = counter }
        var instructions = try separate(body)
        if let index { registerOfIndex[index] = hidden } else { example = hiddenExample }
        let length = Int32(truncatingIfNeeded: instructions.count + 1)
        instructions.append(
            Instruction(
                operation: isReversed ? .reversedLoopNext : .loopNext, a: counter.register, b: lower.register,
                c: upper.register, d: -length))
        emit(
            isReversed ? .reversedLoopBegin : .loopBegin, counter.register, lower.register, upper.register, length)
        append(instructions)
    }

    // MARK: Reductions

    private mutating func begin(_ id: AccumulatorID) {
        let state = states[Int(id.raw)]
        switch program[id].kind {
        case .value(.sum): emit(.move, state[0], constant(0))
        case .value(.product): emit(.move, state[0], constant(1))
        case .value(.mean):
            emit(.move, state[0], constant(0))
            emit(.move, state[1], constant(0))
        case .value(.maximum):
            emit(.move, state[0], constant(-.infinity))
            emit(.move, state[1], constant(0))
        case .value(.minimum):
            emit(.move, state[0], constant(.infinity))
            emit(.move, state[1], constant(0))
        case .value(.logSumExp):
            emit(.move, state[0], constant(-.infinity))
            emit(.move, state[1], constant(0))
            emit(.move, state[2], constant(0))
        case .position: emit(.move, state[1], constant(0))
        }
    }

    private mutating func accumulate(_ id: AccumulatorID, _ value: ExprID) throws {
        let state = states[Int(id.raw)]
        let accumulator = program[id]
        switch accumulator.kind {
        case .value(.sum):
            if case .multiply(let factors) = program.system.graph.form(of: value), factors.count == 2 {
                let left = try number(factors[0])
                let right = try number(factors[1])
                emit(.multiplyAdd, state[0], left, right)
            } else {
                let register = try number(value)
                emit(.add, state[0], state[0], register)
            }
        case .value(.product):
            let register = try number(value)
            emit(.multiply, state[0], state[0], register)
        case .value(.mean):
            let register = try number(value)
            emit(.add, state[0], state[0], register)
            emit(.increment, state[1])
        case .value(.maximum): emit(.largest, state[0], try number(value), state[1])
        case .value(.minimum): emit(.smallest, state[0], try number(value), state[1])
        case .value(.logSumExp): emit(.logSumExp, state[0], try number(value), state[1], state[2])
        case .position(let kind):
            let register = try number(value)
            let keeping = separate { compiler in
                for (index, local) in zip(accumulator.indices, accumulator.positions) {
                    guard let source = compiler.registerOfIndex[index] else { continue }
                    compiler.emit(.toNumber, Int32(truncatingIfNeeded: local.raw), source.register)
                }
            }
            emit(
                kind == .maximum ? .keepLargest : .keepSmallest, state[0], register, state[1],
                Int32(truncatingIfNeeded: keeping.count))
            append(keeping)
        }
    }

    private mutating func finish(_ id: AccumulatorID) {
        let state = states[Int(id.raw)]
        let number = Int32(truncatingIfNeeded: id.raw)
        switch program[id].kind {
        case .value(.sum), .value(.product): break
        case .value(.mean):
            emit(.failIfZero, state[1], number)
            emit(.divide, state[0], state[0], state[1])
        case .value(.maximum), .value(.minimum), .position: emit(.failIfZero, state[1], number)
        case .value(.logSumExp):
            emit(.failIfZero, state[2], number)
            emit(.finishLogSumExp, state[0], state[0], state[1])
        }
    }

    // MARK: Numbers

    /// The register that holds an expression's value; `into` is used where one is needed.
    private mutating func number(_ id: ExprID, into wanted: Int32? = nil) throws -> Int32 {
        switch program.system.graph.form(of: id) {
        case .number(let value, _): return constant(value.double)
        case .pi: return constant(.pi)
        case .boolean(let value): return constant(value ? 1 : 0)
        case .argument(let local): return Int32(truncatingIfNeeded: local)
        case .integer(let affine):
            if let value = arithmetic.value(affine, in: program.system.graph) { return constant(Double(value)) }
            let source = try integer(program.system.graph[affine])
            let result = wanted ?? makeNumber()
            emit(.toNumber, result, source.register)
            return result
        case .access(let quantity, let indices):
            let place = try address(quantity, indices)
            let result = wanted ?? makeNumber()
            emit(.load, result, place.base, place.index, place.factor)
            return result
        case .add(let terms): return try sum(terms, wanted)
        case .multiply(let factors): return try fold(.multiply, factors, empty: 1, wanted)
        case .negate(let operand):
            let source = try number(operand)
            let result = wanted ?? makeNumber()
            emit(.negate, result, source)
            return result
        case .divide(let left, let right): return try pair(.divide, left, right, wanted)
        case .power(let left, let right): return try pair(.power, left, right, wanted)
        case .call(.standard(let function), let arguments): return try call(function, arguments, wanted)
        case .compare(let comparison, let left, let right):
            return try pair(MachineCompiler.operation(of: comparison), left, right, wanted)
        case .not(let operand):
            let source = try number(operand)
            let result = wanted ?? makeNumber()
            emit(.not, result, source)
            return result
        case .select(let condition, let then, let otherwise):
            // Not into the register that is wanted: a branch may read what it holds.
            let tested = try number(condition)
            let result = makeNumber()
            let first = try separate { try $0.move(then, into: result) }
            let second = try separate { try $0.move(otherwise, into: result) }
            appendChoice(tested, first, second)
            return result
        case .and(let operands): return try shortCircuit(operands, isAnd: true)
        case .or(let operands): return try shortCircuit(operands, isAnd: false)
        case .call, .derivativeCall, .reduce, .reduceExamples, .extremum:
            throw EvaluationError("an expression was not turned into loops")
        }
    }

    private mutating func move(_ id: ExprID, into register: Int32) throws {
        let result = try number(id, into: register)
        if result != register { emit(.move, register, result) }
    }

    private static func operation(of comparison: Comparison) -> Operation {
        switch comparison {
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .equal: .equal
        case .notEqual: .notEqual
        }
    }

    private mutating func pair(
        _ operation: Operation, _ left: ExprID, _ right: ExprID, _ wanted: Int32?
    ) throws -> Int32 {
        let first = try number(left)
        let second = try number(right)
        let result = wanted ?? makeNumber()
        emit(operation, result, first, second)
        return result
    }

    private mutating func fold(
        _ operation: Operation, _ operands: [ExprID], empty: Double, _ wanted: Int32?
    ) throws -> Int32 {
        guard let first = operands.first else { return constant(empty) }
        var total = try number(first)
        let result = makeNumber()
        for operand in operands.dropFirst() {
            let next = try number(operand)
            emit(operation, result, total, next)
            total = result
        }
        return total
    }

    /// A sum; negated terms are subtracted.
    private mutating func sum(_ terms: [ExprID], _ wanted: Int32?) throws -> Int32 {
        guard let first = terms.first else { return constant(0) }
        var total = try number(first)
        let result = makeNumber()
        for term in terms.dropFirst() {
            if case .negate(let operand) = program.system.graph.form(of: term) {
                let next = try number(operand)
                emit(.subtract, result, total, next)
            } else {
                let next = try number(term)
                emit(.add, result, total, next)
            }
            total = result
        }
        return total
    }

    private mutating func shortCircuit(_ operands: [ExprID], isAnd: Bool) throws -> Int32 {
        guard let first = operands.first else { return constant(isAnd ? 1 : 0) }
        let result = makeNumber()
        try move(first, into: result)
        // From the last operand back: each decides whether the ones behind it are looked at.
        var rest: [Instruction] = []
        for operand in operands.dropFirst().reversed() {
            var step = try separate { try $0.move(operand, into: result) }
            step.append(contentsOf: guarded(rest, result, isAnd))
            rest = step
        }
        append(guarded(rest, result, isAnd))
        return result
    }

    private func guarded(_ rest: [Instruction], _ result: Int32, _ isAnd: Bool) -> [Instruction] {
        if rest.isEmpty { return [] }
        let length = Int32(truncatingIfNeeded: rest.count)
        if isAnd { return [Instruction(operation: .jumpIfZero, a: result, d: length)] + rest }
        return [
            Instruction(operation: .jumpIfZero, a: result, d: 1), Instruction(operation: .jump, d: length),
        ] + rest
    }

    private mutating func call(_ function: FunctionID, _ arguments: [ExprID], _ wanted: Int32?) throws -> Int32 {
        let row = FunctionTable.standard[function]
        guard row.accepts(argumentCount: arguments.count) else {
            throw EvaluationError("'\(row.name)' has a wrong number of arguments")
        }
        switch row.evaluate {
        case .unary(let body):
            let source = try number(arguments[0])
            let id = functionIDs[function] ?? Int32(truncatingIfNeeded: code.unaryFunctions.count)
            if functionIDs[function] == nil { code.unaryFunctions.append(body) }
            functionIDs[function] = id
            let result = wanted ?? makeNumber()
            emit(.callUnary, result, source, id)
            return result
        case .binary(let body), .fold(let body):
            let id = functionIDs[function] ?? Int32(truncatingIfNeeded: code.binaryFunctions.count)
            if functionIDs[function] == nil { code.binaryFunctions.append(body) }
            functionIDs[function] = id
            var total = try number(arguments[0])
            let result = makeNumber()
            for argument in arguments.dropFirst() {
                let next = try number(argument)
                emit(.callBinary, result, total, next, id)
                total = result
            }
            return total
        }
    }

    // MARK: Integers

    /// An operation on integers at the outermost place at which its operands are known; done once there.
    private mutating func integer(
        _ operation: Operation, _ operands: [IntegerRegister], table: Int32? = nil
    ) -> IntegerRegister {
        let level = operands.map(\.level).max() ?? 0
        var places = operands.map(\.register)
        if let table { places.append(table) }
        let key = IntegerKey(operation: operation.rawValue, operands: places)
        if let known = segments[level].integers[key] { return IntegerRegister(register: known, level: level) }
        let register = makeInteger()
        let padded = places + [0, 0, 0]
        segments[level].instructions.append(
            Instruction(operation: operation, a: register, b: padded[0], c: padded[1], d: padded[2]))
        segments[level].integers[key] = register
        return IntegerRegister(register: register, level: level)
    }

    private mutating func sum(_ left: IntegerRegister?, _ right: IntegerRegister?) -> IntegerRegister? {
        guard let left else { return right }
        guard let right else { return left }
        return integer(.integerAdd, [left, right])
    }

    private mutating func atom(_ atom: AffineAtom) throws -> IntegerRegister {
        switch atom {
        case .index(let index):
            guard let register = registerOfIndex[index] else {
                throw EvaluationError("an index is used outside of its loop")
            }
            return register
        case .size:
            guard let value = arithmetic.value(Affine(atom), in: program.system.graph) else {
                throw EvaluationError("a size is not known")
            }
            return integerConstant(value)
        case .stagedSize(let size, let stage):
            guard let table = arithmetic.table(of: size) else { throw EvaluationError("a size is not known") }
            if let value = arithmetic.value(stage, in: program.system.graph) {
                return integerConstant(arithmetic.stagedValue(size, value) ?? MachineCode.nowhere)
            }
            guard let place = program.system.graph[stage].offset(by: -table.first) else { throw overflow }
            let index = try integer(place)
            return integer(.lookUp, [index], table: tableID(.size(size), table.values))
        }
    }

    private mutating func tableID(_ key: TableKey, _ make: @autoclosure () -> [Int]) -> Int32 {
        if let known = tableIDs[key] { return known }
        let entries = make()
        code.tables.append((code.tableEntries.count, entries.count))
        code.tableEntries.append(contentsOf: entries)
        let id = Int32(truncatingIfNeeded: code.tables.count - 1)
        tableIDs[key] = id
        return id
    }

    private var overflow: EvaluationError { EvaluationError("an index expression is too large for these sizes") }

    /// The terms of an affine expression, from those known furthest out to those known last.
    private mutating func terms(_ affine: Affine) throws -> [(register: IntegerRegister, factor: Int)] {
        var terms: [(register: IntegerRegister, factor: Int)] = []
        for term in affine.terms { terms.append((try atom(term.atom), term.coefficient)) }
        return terms.enumerated().sorted {
            ($0.element.register.level, $0.offset) < ($1.element.register.level, $1.offset)
        }
        .map(\.element)
    }

    private mutating func integer(_ affine: Affine) throws -> IntegerRegister {
        var total: IntegerRegister? =
            affine.constant != 0 || affine.terms.isEmpty ? integerConstant(affine.constant) : nil
        for (register, factor) in try terms(affine) { total = add(register, times: factor, to: total) }
        return total ?? integerConstant(0)
    }

    private mutating func add(_ register: IntegerRegister, times factor: Int, to total: IntegerRegister?)
        -> IntegerRegister
    {
        if factor == 1 { return sum(total, register) ?? register }
        guard let total else { return integer(.integerMultiply, [register, integerConstant(factor)]) }
        return integer(.integerMultiplyAdd, [total, register, integerConstant(factor)])
    }

    private mutating func bound(_ bound: LoopBound) throws -> IntegerRegister {
        var result: IntegerRegister?
        for term in bound.terms {
            var value = try integer(program.system.graph[term.affine])
            if term.divisor > 1 {
                value = integer(.integerCeilingQuotient, [value, integerConstant(term.divisor)])
            }
            if let known = result {
                result = integer(bound.choice == .largest ? .integerLargest : .integerSmallest, [known, value])
            } else {
                result = value
            }
        }
        return result ?? integerConstant(0)
    }

    // MARK: Addresses

    /// `base + index * factor`, all but the last product ready.
    private struct Address {
        var base: Int32
        var index: Int32
        var factor: Int32
    }

    private mutating func address(_ quantity: QuantityID, _ indices: [AffineID]) throws -> Address {
        guard let place = memory.place(of: quantity) else { throw EvaluationError("a quantity has no storage") }
        let shape = place.shape
        guard indices.count == shape.stageRanges.count + shape.elementAxisCount else {
            throw EvaluationError("a quantity is read with a wrong number of indices")
        }
        var start = integerConstant(place.start)
        if place.isStored {
            guard let example else { throw EvaluationError("a value of one example is read outside of the examples") }
            start = add(example, times: shape.count, to: start)
        }
        let graph = program.system.graph
        // The combination of stages as one number.
        var tuple = Affine(0)
        for (range, index) in zip(shape.stageRanges, indices) {
            guard let scaled = tuple.scaled(by: range.count)?.adding(graph[index])?.offset(by: -range.lowerBound) else {
                throw overflow
            }
            tuple = scaled
        }
        let elements = Array(indices.dropFirst(shape.stageRanges.count))
        if shape.isUniform || tuple.asConstant != nil {
            return try uniformAddress(place, start, tuple, elements)
        }
        let position = try integer(tuple)
        let offsets = tableID(.offsets(quantity), shape.offsets.map { $0 < 0 ? MachineCode.nowhere : $0 })
        let offset = integer(.lookUp, [position], table: offsets)
        var total = integer(.integerAdd, [start, offset])
        for (axis, index) in elements.enumerated() where axis + 1 < elements.count {
            let strides = tableID(.stride(quantity, axis), shape.strides(of: axis))
            let stride = integer(.lookUp, [position], table: strides)
            let value = try integer(graph[index])
            total = integer(.integerMultiplyAdd, [total, value, stride])
        }
        guard let last = elements.last else {
            return Address(base: total.register, index: integerConstant(0).register, factor: 0)
        }
        return try finish(graph[last], total)
    }

    private mutating func uniformAddress(
        _ place: MemoryLayoutOfQuantities.Place, _ start: IntegerRegister, _ tuple: Affine, _ elements: [AffineID]
    ) throws -> Address {
        let shape = place.shape
        var offset = Affine(0)
        var first = 0
        if let constant = tuple.asConstant {
            guard shape.offsets.indices.contains(constant), shape.offsets[constant] >= 0 else {
                // Never reached at run time, or an error there.
                let nowhere = integerConstant(MachineCode.nowhere)
                return Address(base: nowhere.register, index: integerConstant(0).register, factor: 0)
            }
            offset = Affine(shape.offsets[constant])
            first = constant
        } else {
            let size = shape.offsets.count > 1 ? shape.offsets[1] : shape.count
            guard let scaled = tuple.scaled(by: size) else { throw overflow }
            offset = scaled
        }
        for (axis, index) in elements.enumerated() {
            let stride = shape.stride(of: axis, tuple: first)
            guard let next = offset.adding(program.system.graph[index], times: stride) else { throw overflow }
            offset = next
        }
        return try finish(offset, start)
    }

    /// Adds all terms but the last one, which the access itself adds.
    private mutating func finish(_ offset: Affine, _ start: IntegerRegister) throws -> Address {
        var terms = try terms(offset)
        var total = offset.constant == 0 ? start : integer(.integerAdd, [start, integerConstant(offset.constant)])
        let zero = integerConstant(0).register
        guard let last = terms.popLast() else { return Address(base: total.register, index: zero, factor: 0) }
        for term in terms { total = add(term.register, times: term.factor, to: total) }
        // Where the last term is known further out than here, the sum is as well.
        if let factor = Int32(exactly: last.factor), last.register.level == segments.count - 1 {
            return Address(base: total.register, index: last.register.register, factor: factor)
        }
        total = add(last.register, times: last.factor, to: total)
        return Address(base: total.register, index: zero, factor: 0)
    }
}

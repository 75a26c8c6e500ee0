/// The names of the variables of one reduction.
struct SwiftAccumulatorNames {
    /// The sum, the product, the largest or smallest value so far.
    var value: String
    /// The sum of exponentials.
    var sum = ""
    /// How many values there were, where that matters.
    var count = ""
    var positions: [String] = []
}

extension SwiftBody {
    /// The place of a variable in the work memory, where several functions use it.
    mutating func slot(_ variable: SwiftFunctionPlan.Variable, component: Int = 0) -> String? {
        guard let position = variables.slots[variable] else { return nil }
        if variables.ofChunks.contains(variable) {
            return "\(array(.own))[\(storage.firstOwnSlot + position + component)]"
        }
        return "\(array(.work))[\(storage.firstSlot + position + component)]"
    }

    /// A name that no other local of the function has.
    mutating func freshName(_ wish: String) -> String {
        let number = nameCounts[wish] ?? 0
        nameCounts[wish] = number + 1
        return file.names.local(wish, number)
    }

    mutating func name(of local: LocalID) -> String {
        if let known = localNames[local] { return known }
        let name = freshName(program[local].name)
        localNames[local] = name
        return name
    }

    /// The text that reads a local, as what it is.
    mutating func read(_ local: LocalID) -> String {
        if local == .exampleCount { return exampleCount() }
        if let id = variables.accumulator(of: local) { return result(of: id, local) }
        guard let slot = slot(.local(local)) else { return name(of: local) }
        switch program[local].kind {
        case .real: return slot
        case .integer: return "Int(\(slot))"
        case .condition: return "(\(slot) != 0)"
        }
    }

    /// A value as the work memory holds it.
    func stored(_ text: String, _ kind: Local.Kind) -> String {
        switch kind {
        case .real: text
        case .integer: "\(scalar)(\(text))"
        case .condition: "(\(text)) ? 1 : 0"
        }
    }

    private mutating func result(of id: AccumulatorID, _ local: LocalID) -> String {
        let names = self.names(of: id)
        let accumulator = program[id]
        if let position = accumulator.positions.firstIndex(of: local) {
            let isInMemory = variables.slots[.accumulator(id)] != nil
            return isInMemory ? "Int(\(names.positions[position]))" : names.positions[position]
        }
        return names.value
    }

    mutating func accumulatorSum(_ id: AccumulatorID) -> String { names(of: id).sum }

    mutating func accumulatorName(_ id: AccumulatorID) -> String { names(of: id).value }

    private mutating func names(of id: AccumulatorID) -> SwiftAccumulatorNames {
        if let known = accumulatorNames[id] { return known }
        let accumulator = program[id]
        var names: SwiftAccumulatorNames
        let variable = SwiftFunctionPlan.Variable.accumulator(id)
        if let value = slot(variable), let second = slot(variable, component: 1),
            let third = slot(variable, component: 2)
        {
            names = SwiftAccumulatorNames(value: value, sum: third, count: second)
            for position in accumulator.positions.indices {
                names.positions.append(slot(variable, component: 2 + position) ?? "")
            }
        } else {
            let wish = accumulator.result.map { program[$0].name } ?? (accumulator.isLargest ? "largest" : "smallest")
            names = SwiftAccumulatorNames(value: freshName(wish))
            if accumulator.kind == .value(.logSumExp) { names.sum = freshName("sumOfExp") }
            if accumulator.isCounted { names.count = freshName("count") }
            for place in accumulator.positions { names.positions.append(freshName(program[place].name + "At")) }
        }
        accumulatorNames[id] = names
        return names
    }

    mutating func begin(_ id: AccumulatorID) {
        guard isNeeded(id) else { return }
        let accumulator = program[id]
        let names = self.names(of: id)
        let isInMemory = variables.slots[.accumulator(id)] != nil
        func start(_ name: String, _ type: String, _ value: String) {
            append(.line(isInMemory ? "\(name) = \(value)" : "var \(name): \(type) = \(value)"))
        }
        switch accumulator.kind {
        case .value(.sum), .value(.mean): start(names.value, scalar, "0")
        case .value(.product): start(names.value, scalar, "1")
        case .value(.maximum), .value(.logSumExp), .position(.maximum):
            start(names.value, scalar, "-\(scalar).infinity")
        default: start(names.value, scalar, "\(scalar).infinity")
        }
        if accumulator.kind == .value(.logSumExp) { start(names.sum, scalar, "0") }
        if accumulator.isCounted { start(names.count, "Int", "0") }
        for position in names.positions { start(position, "Int", "0") }
    }

    mutating func accumulate(_ id: AccumulatorID, _ value: ExprID) {
        guard isNeeded(id) else { return }
        let accumulator = program[id]
        let text = real(value).text
        let names = self.names(of: id)
        let isInMemory = variables.slots[.accumulator(id)] != nil
        switch accumulator.kind {
        case .value(.sum), .value(.mean): append(.line("\(names.value) +=\(SwiftSource.softBreak)\(text)"))
        case .value(.product):
            let factor = real(value)
            let operand = factor.precedence < .product ? "(\(factor.text))" : factor.text
            append(.line("\(names.value) *=\(SwiftSource.softBreak)\(operand)"))
        case .value(.maximum):
            helpers.insert(.larger)
            assign(names.value, "larger(\(names.value), \(text))")
        case .value(.minimum):
            helpers.insert(.smaller)
            assign(names.value, "smaller(\(names.value), \(text))")
        case .value(.logSumExp):
            usesLogSum = true
            append(.line("addToLogSum(\(text), &\(names.value), &\(names.sum))"))
        case .position(let kind):
            let candidate = freshName("candidate")
            append(.line("let \(candidate): \(scalar) =\(SwiftSource.softBreak)\(text)"))
            let sign = kind == .minimum ? "<" : ">"
            let condition = [
                "\(names.count) == 0", "\(candidate) \(sign) \(names.value)",
                "(\(candidate).isNaN && !\(names.value).isNaN)",
            ].joined(separator: "\(SwiftSource.softBreak)|| ")
            var body: [SwiftSource] = [.line("\(names.value) = \(candidate)")]
            for (position, index) in zip(names.positions, accumulator.indices) {
                let name = indexName(index)
                body.append(.line("\(position) = \(isInMemory ? "\(scalar)(\(name))" : name)"))
            }
            append(.braces("if \(condition)", body))
        }
        if accumulator.isCounted { append(.line("\(names.count) += 1")) }
    }

    mutating func finish(_ id: AccumulatorID) {
        guard isNeeded(id) else { return }
        let accumulator = program[id]
        let names = self.names(of: id)
        if accumulator.mayFail {
            let quantity = system[system.equations[accumulator.equation].quantity].name
            let message = "\(accumulator.article) of no values in the equation of '\(quantity)'"
            append(.require("\(names.count) > 0", error: "EmptyReductionError(\(SwiftText.literal(message)))"))
        }
        switch accumulator.kind {
        case .value(.mean): append(.line("\(names.value) /= \(scalar)(\(names.count))"))
        case .value(.logSumExp): append(.line("\(names.value) += log(\(names.sum))"))
        default: break
        }
    }

    /// What may fail is kept for its failure's sake.
    private func isNeeded(_ id: AccumulatorID) -> Bool {
        variables.isRead(.accumulator(id)) || program[id].mayFail
    }
}

extension Accumulator {
    /// Whether it matters how many values there were.
    var isCounted: Bool {
        switch kind {
        case .value(.sum), .value(.product): false
        case .value(.mean), .position: true
        case .value: mayFail
        }
    }

    var isLargest: Bool {
        switch kind {
        case .value(let kind), .position(let kind): kind != .minimum
        }
    }

    /// What it is called in a message.
    var article: String {
        switch kind {
        case .value(.mean): "the mean"
        case .value(.logSumExp): "the log-sum-exp"
        case .value(.minimum): "the minimum"
        case .position(.minimum): "the argmin"
        case .position: "the argmax"
        default: "the maximum"
        }
    }
}

extension SwiftBody {
    /// The pointer to an element.
    mutating func address(_ quantity: QuantityID, _ indices: [AffineID]) -> String {
        let start = start(of: quantity, indices, [])
        guard lanes?.dimension == .examples else { return start }
        return "\(start) + example"
    }

    /// An expression as a vector.
    mutating func vector(_ id: ExprID) -> SwiftExpression {
        if let name = lanes?.name(of: id), !graph.isCondition(id) { return SwiftExpression(name) }
        guard varies(id) else { return uniform(id) }
        switch graph.form(of: id) {
        case .argument(let position):
            if let accumulator = variables.accumulator(of: LocalID(position)), let name = laneAccumulators[accumulator]
            {
                return SwiftExpression(name)
            }
            return uniform(id)
        case .access(let quantity, let indices):
            let place = address(quantity, indices)
            // Behind everything in the work memory there is room for a vector.
            if isInWork(quantity) || lanes?.isWhole == true {
                kernelNames.insert("loadWhole")
                return SwiftExpression("Kernel.load(\(place))")
            }
            kernelNames.insert("loadPart")
            lanes?.usesCount = true
            return SwiftExpression("Kernel.load(\(place), count: lanes)")
        case .integer(let affine):
            kernelNames.insert("ramp")
            let first = integer(graph[affine])
            let coefficient = lanes?.dimension.index.map { graph[affine].coefficient(of: $0) } ?? 1
            let ramp = coefficient == 1 ? "Kernel.ramp" : "Vector(repeating: \(scalar)(\(coefficient))) * Kernel.ramp"
            return SwiftExpression("Vector(repeating: \(scalar)(\(first.text))) + \(ramp)", .sum)
        case .add(let terms): return vectorSum(terms)
        case .multiply(let factors):
            var text = ""
            for factor in factors {
                let value = vector(factor)
                text += text.isEmpty ? value.operand(.product) : "\(SwiftSource.softBreak)* \(value.operand(.prefix))"
            }
            return SwiftExpression(text, .product)
        case .negate(let operand): return SwiftExpression("-\(vector(operand).operand(.atom))", .prefix)
        case .divide(let dividend, let divisor):
            return SwiftExpression(
                "\(vector(dividend).operand(.product)) / \(vector(divisor).operand(.prefix))", .product)
        case .power(let base, let exponent): return vectorCall(.pow, [base, exponent])
        case .call(.standard(let function), let arguments): return vectorCall(function, arguments)
        case .select(let condition, let then, let otherwise) where !graph.isCondition(id):
            if let known = constant(condition) { return vector(known ? then : otherwise) }
            let (first, second) = (vector(then), vector(otherwise))
            guard varies(condition) else {
                let test = self.condition(condition).operand(.or)
                return SwiftExpression("(\(test) ? \(first.operand(.or)) : \(second.operand(.or)))")
            }
            let mask = vectorCondition(condition)
            return SwiftExpression("\(second.operand(.atom)).replacing(with: \(first.text), where: \(mask))")
        case .compare, .and, .or, .not, .boolean, .select:
            return SwiftExpression(
                "Vector().replacing(with: Vector(repeating: 1), where: \(vectorCondition(id)))")
        default: return uniform(id)
        }
    }

    mutating func vectorSum(_ terms: [ExprID]) -> SwiftExpression {
        var text = ""
        for term in terms {
            if !text.isEmpty, case .negate(let operand) = graph.form(of: term), lanes?.name(of: term) == nil {
                text += "\(SwiftSource.softBreak)- \(vector(operand).operand(.product))"
            } else {
                let value = vector(term)
                text += text.isEmpty ? value.operand(.sum) : "\(SwiftSource.softBreak)+ \(value.operand(.product))"
            }
        }
        return SwiftExpression(text, .sum)
    }

    mutating func vectorCall(_ function: FunctionID, _ arguments: [ExprID]) -> SwiftExpression {
        let row = FunctionTable.standard[function]
        kernelNames.insert(row.vectorKernel)
        let texts = arguments.map { vector($0).text }
        guard row.isVariadic, let first = texts.first else {
            return SwiftExpression(
                "Kernel.\(row.vectorKernel)(\(texts.joined(separator: ",\(SwiftSource.softBreak)")))")
        }
        return SwiftExpression(
            texts.dropFirst().reduce(first) { "Kernel.\(row.vectorKernel)(\($0),\(SwiftSource.softBreak)\($1))" })
    }

    /// A condition that differs from lane to lane.
    mutating func vectorCondition(_ id: ExprID) -> String {
        if let name = lanes?.name(of: id) { return name }
        guard varies(id) else { return "SIMDMask<VectorBits>(repeating: \(condition(id).text))" }
        switch graph.form(of: id) {
        case .compare(let comparison, let left, let right):
            return "(\(vector(left).operand(.sum)) .\(comparison.symbol) \(vector(right).operand(.sum)))"
        case .and(let operands): return "(" + operands.map { vectorCondition($0) }.joined(separator: " .& ") + ")"
        case .or(let operands): return "(" + operands.map { vectorCondition($0) }.joined(separator: " .| ") + ")"
        case .not(let operand): return "(.!\(vectorCondition(operand)))"
        case .select(let test, let then, let otherwise):
            let (first, second) = (vectorCondition(then), vectorCondition(otherwise))
            guard varies(test) else { return "(\(condition(test).operand(.or)) ? \(first) : \(second))" }
            let mask = vectorCondition(test)
            return "((\(mask) .& \(first)) .| (.!\(mask) .& \(second)))"
        default: return "SIMDMask<VectorBits>(repeating: \(condition(id).text))"
        }
    }

    /// A value that is the same in all lanes: computed before the loop, unless a loop inside changes it.
    mutating func uniform(_ id: ExprID) -> SwiftExpression {
        if let name = lanes?.uniforms[id] { return SwiftExpression(name) }
        let isInner = lanes?.inner.contains { program.depends(id, on: $0) } ?? false
        let text = "Vector(repeating: \(real(id).text))"
        if isInner
            || lanes?.isNeverEmpty == false
                && graph.reachable(from: id).contains(where: { graph.kind(of: $0) == .access })
        {
            if case .access = graph.form(of: id) { return SwiftExpression(text) }
            let name = freshName("c")
            append(.line("let \(name): Vector =\(SwiftSource.softBreak)\(text)"))
            if let last = lanes?.names.indices.last { lanes?.names[last][id] = name }
            return SwiftExpression(name)
        }
        let name = freshName("c")
        lanes?.before.append(.line("let \(name): Vector = \(text)"))
        lanes?.uniforms[id] = name
        return SwiftExpression(name)
    }
}

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
            if isInWork(quantity) || lanes?.isAlwaysWhole == true {
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
            let step = coefficient == 1 ? "" : "Vector(repeating: \(scalar)(\(coefficient))) * "
            return SwiftExpression("Vector(repeating: \(scalar)(\(first.text))) + \(step)Kernel.ramp()", .sum)
        case .add(let terms): return vectorSum(terms)
        case .multiply(let factors): return vectorProduct(factors)
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

    /// A sum: what is no product first, then one fused operation for each product.
    mutating func vectorSum(_ terms: [ExprID]) -> SwiftExpression {
        var plain: [(value: ExprID, isNegative: Bool)] = []
        var products: [(factors: [ExprID], isNegative: Bool)] = []
        for term in terms {
            var value = term
            var isNegative = false
            if case .negate(let operand) = graph.form(of: term), lanes?.name(of: term) == nil {
                value = operand
                isNegative = true
            }
            if case .multiply(let factors) = graph.form(of: value), factors.count > 1, lanes?.name(of: value) == nil,
                varies(value)
            {
                products.append((factors, isNegative))
            } else {
                plain.append((value, isNegative))
            }
        }
        var text = ""
        // Something to subtract from, or to add products to.
        let isBelow = plain.allSatisfy(\.isNegative)
        if isBelow, let first = products.firstIndex(where: { !$0.isNegative }) {
            text = vectorProduct(products.remove(at: first).factors).operand(.product)
        }
        for (value, isNegative) in plain.filter({ !$0.isNegative }) + plain.filter(\.isNegative) {
            let operand = vector(value)
            switch (text.isEmpty, isNegative) {
            case (true, true): text = "-\(operand.operand(.atom))"
            case (true, false): text = operand.operand(.sum)
            case (false, true): text += "\(SwiftSource.softBreak)- \(operand.operand(.product))"
            case (false, false): text += "\(SwiftSource.softBreak)+ \(operand.operand(.product))"
            }
        }
        return fused(text.isEmpty ? SwiftExpression("Vector()") : SwiftExpression(text, .sum), products)
    }

    private mutating func fused(
        _ start: SwiftExpression, _ products: [(factors: [ExprID], isNegative: Bool)]
    ) -> SwiftExpression {
        var result = start
        for (factors, isNegative) in products {
            guard let last = factors.last else { continue }
            let kernel = isNegative ? "multiplySubtract" : "multiplyAdd"
            kernelNames.insert(kernel)
            let parts = [result.text, vectorProduct(Array(factors.dropLast())).text, vector(last).text]
            result = SwiftExpression("Kernel.\(kernel)(\(parts.joined(separator: ",\(SwiftSource.softBreak)")))")
        }
        return result
    }

    private mutating func vectorProduct(_ factors: [ExprID]) -> SwiftExpression {
        if factors.count == 1 { return vector(factors[0]) }
        var text = ""
        for factor in factors {
            let value = vector(factor)
            text += text.isEmpty ? value.operand(.product) : "\(SwiftSource.softBreak)* \(value.operand(.prefix))"
        }
        return SwiftExpression(text, .product)
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

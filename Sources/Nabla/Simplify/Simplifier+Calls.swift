extension Simplifier {
    /// The normal form of a function of normal forms.
    mutating func call(_ function: FunctionReference, _ arguments: [ExprID]) -> ExprID {
        guard case .standard(let id) = function, let first = arguments.first else {
            return system.graph.makeCall(function, arguments)
        }
        if id == .exp || id == .sigmoid { hasExponentials = true }
        if id == .pow, arguments.count == 2 { return power(first, arguments[1]) }
        if let value = exactValue(id, arguments) {
            note(.functionValue)
            return value
        }
        if let rewritten = identity(id, first) { return rewritten }
        return system.graph.makeCall(function, arguments)
    }

    /// Values that are exact numbers.
    private mutating func exactValue(_ id: FunctionID, _ arguments: [ExprID]) -> ExprID? {
        for argument in arguments where system.graph.kind(of: argument) != .number { return nil }
        return exactValue(ofNumbers: id, arguments)
    }

    private mutating func exactValue(ofNumbers id: FunctionID, _ arguments: [ExprID]) -> ExprID? {
        let numbers = arguments.compactMap { system.graph.number($0) }
        guard let u = numbers.first else { return nil }
        var result: Rational?
        switch id {
        case .exp, .cos, .cosh: result = u.isZero ? .one : nil
        case .log: result = u.isOne ? .zero : nil
        case .sin, .tan, .asin, .atan, .sinh, .tanh, .erf, .log1p, .expm1, .silu, .gelu: result = u.isZero ? .zero : nil
        case .erfc: result = u.isZero ? .one : nil
        case .sqrt: result = u.sign >= 0 ? u.squareRoot : nil
        case .abs: result = u.magnitude
        case .sign: result = Rational(u.sign)
        case .heaviside: result = u.sign > 0 ? .one : .zero
        case .relu: result = u.sign > 0 ? u : .zero
        case .sigmoid: result = u.isZero ? .half : nil
        case .max: return arguments[numbers.indices.max { numbers[$0] < numbers[$1] } ?? 0]
        case .min: return arguments[numbers.indices.min { numbers[$0] < numbers[$1] } ?? 0]
        default: result = nil
        }
        guard let result, result.bitWidth <= Simplifier.widestNumber else { return nil }
        return system.graph.makeNumber(result)
    }

    /// The named identities: each holds wherever its left side has a value.
    private mutating func identity(_ id: FunctionID, _ u: ExprID) -> ExprID? {
        guard id == .log || id == .exp || id == .log1p else { return nil }
        switch (id, system.graph.form(of: u)) {
        case (.exp, .call(.standard(.log), let inner)):
            note(.inverseFunctions)
            return inner[0]
        case (.log, _): return logarithmIdentity(u)
        case (.log1p, _): return logarithmOfOnePlus(u)
        case (.exp, _): return exponentialIdentity(u)
        default: return nil
        }
    }

    /// The normal form of a function of one normal form.
    mutating func call(_ function: FunctionReference, _ argument: ExprID) -> ExprID {
        if case .standard(let id) = function {
            if system.graph.kind(of: argument) == .number || id == .log || id == .exp || id == .log1p {
                return call(function, [argument])
            }
            if id == .sigmoid { hasExponentials = true }
        }
        return system.graph.makeCall(function, argument)
    }

    /// A derivative of a function: spelled out by the table or by a derived function of the spec.
    mutating func derivativeCall(_ function: FunctionReference, _ positions: [Int], _ arguments: [ExprID]) -> ExprID {
        switch function {
        case .standard(let id):
            guard let template = derivativeTemplates.template(id, positions, &system.graph) else { break }
            note(.functionDerivative)
            return simplify(filled(template, arguments))
        case .user(let position):
            guard let derived = derivedFunction(position, positions) else { break }
            note(.userFunctionDerivative)
            // So short a body reads better in place than behind a name.
            if let body = system.functions[derived].body, system.graph.isSmall(body, 3) {
                return simplify(filled(body, arguments))
            }
            return system.graph.makeCall(.user(derived), arguments)
        }
        return system.graph.makeDerivativeCall(function, positions: positions, arguments)
    }

    /// The derivative of a function of the table that has one argument; nil where that is no plain expression.
    mutating func derivative(_ function: FunctionReference, _ argument: ExprID) -> ExprID? {
        guard case .standard(let id) = function, FunctionTable.standard[id].parameters.count == 1,
            let template = derivativeTemplates.template(id, [0], &system.graph),
            let few = filled(template, Operands(argument))
        else { return nil }
        note(.functionDerivative)
        return simplify(few)
    }

    /// A short plain body, as those of the derivatives in the table are, with its arguments put in; nil for others.
    private mutating func filled(_ body: ExprID, _ arguments: Operands) -> ExprID? {
        if system.graph.kind(of: body) == .call, system.graph.operandCount(body) == 1,
            system.graph.kind(of: system.graph.operand(body, 0)) == .argument, arguments.count == 1
        {
            return system.graph.rebuildingPlain(body) { _ in arguments[0] }
        }
        let order = system.graph.reachable(from: body)
        guard order.count <= Operands.most, order.allSatisfy({ !system.graph.bindsIndices($0) }) else { return nil }
        var results = Operands()
        for id in order {
            let node = system.graph.node(id)
            if node.kind == .argument, Int(node.a) < arguments.count {
                results.append(arguments[Int(node.a)])
            } else {
                let made = system.graph.rebuildingPlain(id) { child in
                    for position in 0..<results.count where order[position] == child { return results[position] }
                    return child
                }
                results.append(made)
            }
        }
        return results[results.count - 1]
    }

    /// A function's body with its arguments put in.
    mutating func filled(_ body: ExprID, _ arguments: [ExprID]) -> ExprID {
        if let few = Operands(arguments), let result = filled(body, few) { return result }
        return system.graph.rewrite(body) { graph, id, children in
            if case .argument(let position) = graph.form(of: id), arguments.indices.contains(position) {
                return arguments[position]
            }
            return graph.rebuilding(id, children)
        }
    }

    /// The function that is the derivative of a defined one, made where it is not there yet.
    private mutating func derivedFunction(_ position: Int, _ positions: [Int]) -> Int? {
        var current = position
        for argument in positions {
            guard let next = derivedFunction(current, argument: argument) else { return nil }
            current = next
        }
        return current
    }

    private mutating func derivedFunction(_ position: Int, argument: Int) -> Int? {
        if let known = system.functions[position].derivatives[argument] { return known }
        // A long chain of functions from its inner end, so that the depth here is not that of the chain.
        let chain = derivativesNeeded(position, argument)
        if chain.count > 32 { for (function, argument) in chain { _ = makeDerivedFunction(function, argument) } }
        return makeDerivedFunction(position, argument)
    }

    /// The derivatives of functions that this one is made of, inner ones first, itself last.
    private func derivativesNeeded(_ position: Int, _ argument: Int) -> [(function: Int, argument: Int)] {
        struct Need: Hashable {
            var function: Int
            var argument: Int
        }
        var result: [(function: Int, argument: Int)] = []
        var seen: Set<Need> = []
        var stack = [(need: Need(function: position, argument: argument), isLast: false)]
        while let (need, isLast) = stack.popLast() {
            if isLast {
                result.append((need.function, need.argument))
                continue
            }
            let function = system.functions[need.function]
            guard function.derivatives[need.argument] == nil, let body = function.body, seen.insert(need).inserted
            else { continue }
            stack.append((need, true))
            var depends = ExprSet()
            for id in system.graph.reachable(from: body) {
                if system.graph.form(of: id) == .argument(need.argument) { depends.insert(id) }
                var isActive = false
                system.graph.forEachChild(of: id) { if depends.contains($0) { isActive = true } }
                guard isActive else { continue }
                depends.insert(id)
                guard case .call(.user(let inner), let arguments) = system.graph.form(of: id) else { continue }
                for (place, expression) in arguments.enumerated() where depends.contains(expression) {
                    stack.append((Need(function: inner, argument: place), false))
                }
            }
        }
        return result
    }

    /// What the body calls is entered before it, as the order of functions wants.
    private mutating func makeDerivedFunction(_ position: Int, _ argument: Int) -> Int? {
        let function = system.functions[position]
        if let known = function.derivatives[argument] { return known }
        guard let body = function.body, function.parameters.indices.contains(argument) else { return nil }
        // Functions are not recursive, so that this does not come back for the one that is being made.
        var saved = ForwardValues()
        swap(&saved, &forwardValues)
        // Where a rule against overflow applies, what it gives is derived.
        let outer = stability
        stability = 0
        let normal = simplify(body)
        let stable = stability == 0 ? body : system.graph.opening(normal)
        stability |= outer
        let raw = LocalDerivative.derivative(of: stable, withRespectToArgument: argument, &system.graph)
        let simplified = simplify(raw)
        swap(&saved, &forwardValues)
        let index = system.functions.count
        let name = system.freeName("d\(function.name)_d\(function.parameters[argument])")
        var derived = UserFunction(name: name, parameters: function.parameters, body: simplified)
        derived.derivativeOf = (position, argument)
        system.functions.append(derived)
        system.functions[position].derivatives[argument] = index
        return index
    }
}

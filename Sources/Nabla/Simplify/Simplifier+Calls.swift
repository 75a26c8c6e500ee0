extension Simplifier {
    /// The normal form of a function of normal forms.
    mutating func call(_ function: FunctionReference, _ arguments: [ExprID]) -> ExprID {
        guard case .standard(let id) = function, let first = arguments.first else {
            return system.graph.makeCall(function, arguments)
        }
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
        guard id == .log || id == .exp else { return nil }
        switch (id, system.graph.form(of: u)) {
        case (.log, .call(.standard(.exp), let inner)):
            note(.inverseFunctions)
            return inner[0]
        case (.exp, .call(.standard(.log), let inner)):
            note(.inverseFunctions)
            return inner[0]
        case (.log, .call(.standard(.sigmoid), let inner)):
            note(.logSigmoid)
            let minusOne = system.graph.makeNumber(-1)
            let argument = product([minusOne, inner[0]])
            let value = call(.standard(.softplus), [argument])
            return product([minusOne, value])
        case (.log, .reduce(.sum, _, _)): return logarithmOfSum(u)
        case (.log, .add(let terms)) where terms.count == 2:
            guard let one = terms.firstIndex(where: { system.graph.number($0)?.isOne == true }),
                case .call(.standard(.exp), let inner) = system.graph.form(of: terms[1 - one])
            else { return nil }
            note(.softplus)
            return call(.standard(.softplus), [inner[0]])
        default: return nil
        }
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
            if let body = system.functions[derived].body, isSmall(body) { return simplify(filled(body, arguments)) }
            return system.graph.makeCall(.user(derived), arguments)
        }
        return system.graph.makeDerivativeCall(function, positions: positions, arguments)
    }

    /// A function's body with its arguments put in.
    mutating func filled(_ body: ExprID, _ arguments: [ExprID]) -> ExprID {
        system.graph.rewrite(body) { graph, id, children in
            if case .argument(let position) = graph.form(of: id), arguments.indices.contains(position) {
                return arguments[position]
            }
            return graph.rebuilding(id, children)
        }
    }

    /// Whether a body is short enough to read better in place than behind a name.
    private func isSmall(_ body: ExprID) -> Bool { system.graph.reachable(from: body).count <= 3 }

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
        let function = system.functions[position]
        if let known = function.derivatives[argument] { return known }
        guard let body = function.body, function.parameters.indices.contains(argument) else { return nil }
        let raw = LocalDerivative.derivative(of: body, withRespectToArgument: argument, &system.graph)
        // Functions are not recursive, so that this does not come back for the one that is being made; what the body
        // calls is entered before it, as the order of functions wants.
        let saved = forwardValues
        forwardValues = nil
        let simplified = simplify(raw)
        forwardValues = saved
        let index = system.functions.count
        let name = system.freeName("d\(function.name)_d\(function.parameters[argument])")
        var derived = UserFunction(name: name, parameters: function.parameters, body: simplified)
        derived.derivativeOf = (position, argument)
        system.functions.append(derived)
        system.functions[position].derivatives[argument] = index
        return index
    }
}

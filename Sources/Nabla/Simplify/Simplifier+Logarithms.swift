// Logarithms of what is made of exponentials, in forms that do not overflow.

extension Simplifier {
    /// Nesting that the search for exponentials follows, and the most nodes it looks at.
    private static let deepest = 12
    private static let mostVisits = 192

    /// log of a normal form: what is known to be positive and holds an exponential comes out of it as a sum; nil where nothing does.
    mutating func logarithmIdentity(_ id: ExprID) -> ExprID? {
        guard holdsExponential(id) else { return nil }
        var factors = [id]
        if case .multiply(let inner) = system.graph.form(of: id), inner.count <= Simplifier.flattening {
            factors = inner
        }
        var terms: [ExprID] = []
        var rest: [ExprID] = []
        for factor in factors {
            let before = mark()
            if let logarithm = logarithm(of: factor), logarithm.kind != .plain {
                if case .call(.standard(.exp), _) = system.graph.form(of: factor) { note(.inverseFunctions) }
                terms.append(logarithm.value)
            } else {
                rewind(to: before)
                rest.append(factor)
            }
        }
        if terms.isEmpty { return nil }
        if factors.count > 1 { note(.logOfProduct) }
        if !rest.isEmpty {
            let remaining = product(rest)
            terms.append(call(.standard(.log), [remaining]))
        }
        return sum(terms)
    }

    /// log(1 + u) for u that holds an exponential.
    mutating func logarithmOfOnePlus(_ id: ExprID) -> ExprID? {
        guard let logarithm = logarithm(of: id), logarithm.kind == .growing else { return nil }
        note(.softplus)
        return call(.standard(.softplus), [logarithm.value])
    }

    /// The logarithm of a normal form that is certainly positive, free of overflow; nil where the sign is not known.
    mutating func logarithm(of id: ExprID) -> Logarithm? {
        guard holdsExponential(id) else { return nil }
        var visits = Simplifier.mostVisits
        return logarithm(of: id, 0, &visits)
    }

    /// Whether an exponential is near enough to the top to be worth a closer look.
    func holdsExponential(_ root: ExprID) -> Bool {
        var stack = [root]
        var visits = 48
        while let id = stack.popLast(), visits > 0 {
            visits -= 1
            switch system.graph.form(of: id) {
            case .call(.standard(.exp), _), .call(.standard(.sigmoid), _), .call(.standard(.cosh), _): return true
            case .call(.user(let function), _): if let body = system.functions[function].body { stack.append(body) }
            case .access(let quantity, _): if definitions[quantity] != nil { return true }
            case .add(let terms): stack.append(contentsOf: terms.prefix(16))
            case .multiply(let factors): stack.append(contentsOf: factors.prefix(16))
            case .power(let base, _): stack.append(base)
            case .reduce(.sum, _, let body), .reduce(.product, _, let body): stack.append(body)
            // Raw forms, in the bodies of functions.
            case .negate(let operand): stack.append(operand)
            case .divide(let dividend, let divisor): stack += [dividend, divisor]
            default: continue
            }
        }
        return false
    }

    private mutating func logarithm(of id: ExprID, _ depth: Int, _ visits: inout Int) -> Logarithm? {
        guard depth < Simplifier.deepest, visits > 0 else { return nil }
        visits -= 1
        switch system.graph.form(of: id) {
        case .number(let value, _):
            if value.isOne { return Logarithm(value: system.graph.makeNumber(0), kind: .plain) }
            return value.sign > 0 ? Logarithm(value: call(.standard(.log), [id]), kind: .plain) : nil
        case .pi: return Logarithm(value: call(.standard(.log), [id]), kind: .plain)
        case .integer(let affine):
            guard let less = system.graph[affine].offset(by: -1), isNonNegative(less) else { return nil }
            return Logarithm(value: call(.standard(.log), [id]), kind: .plain)
        case .call(let function, let arguments): return logarithm(ofCall: function, arguments, depth, &visits)
        case .access: return logarithm(ofElement: id)
        case .power(let base, let exponent):
            guard let inner = logarithm(of: base, depth + 1, &visits) else { return nil }
            let isNegative = system.graph.number(exponent).map { $0.sign < 0 } ?? false
            return Logarithm(
                value: scaling(inner.value, by: exponent),
                kind: isNegative && inner.kind == .bounded ? .growing : inner.kind)
        case .multiply(let factors) where factors.count <= Simplifier.flattening:
            var terms: [ExprID] = []
            var kind = Logarithm.Kind.plain
            for factor in factors {
                guard let inner = logarithm(of: factor, depth + 1, &visits) else { return nil }
                terms.append(inner.value)
                kind = max(kind, inner.kind)
            }
            return Logarithm(value: sum(terms), kind: kind)
        case .add(let terms) where terms.count <= 16: return logarithm(ofSum: terms, depth, &visits)
        case .reduce(let kind, let binders, let body):
            return logarithm(ofReduction: id, kind, binders, body, depth, &visits)
        default: return nil
        }
    }

    private mutating func logarithm(
        ofCall function: FunctionReference, _ arguments: [ExprID], _ depth: Int, _ visits: inout Int
    ) -> Logarithm? {
        let minusOne = system.graph.makeNumber(-1)
        switch function {
        case .standard(.exp):
            return Logarithm(value: arguments[0], kind: isBounded(exponent: arguments[0]) ? .bounded : .growing)
        case .standard(.sigmoid):
            note(.logSigmoid)
            let argument = product([minusOne, arguments[0]])
            let value = call(.standard(.softplus), [argument])
            return Logarithm(value: product([minusOne, value]), kind: .bounded)
        case .standard(.cosh):
            // log cosh u = log(e^u + e^−u) − log 2
            note(.logSumExp)
            let opposite = product([minusOne, arguments[0]])
            let two = system.graph.makeNumber(2)
            let logarithmOfTwo = call(.standard(.log), [two])
            let total = addingExponentials(arguments[0], opposite)
            return Logarithm(value: sum([total, product([minusOne, logarithmOfTwo])]), kind: .growing)
        case .user(let position):
            guard let body = system.functions[position].body else { return nil }
            let spelled = simplify(filled(body, arguments))
            if case .call(.user(position), _) = system.graph.form(of: spelled) { return nil }
            guard let result = logarithm(of: spelled, depth + 1, &visits), result.kind != .plain else { return nil }
            note(.definition)
            return result
        default: return nil
        }
    }

    /// The logarithm of a quantity's element, where its definition has one.
    private mutating func logarithm(ofElement access: ExprID) -> Logarithm? {
        guard let (definition, map) = definition(of: access) else { return nil }
        guard let value = map.isEmpty ? definition.logarithm.value : substituting(map, in: definition.logarithm.value)
        else { return nil }
        note(.definition)
        return Logarithm(value: value, kind: definition.logarithm.kind)
    }

    /// log(e^u + e^v + …), and log(1 − sigmoid(u)).
    private mutating func logarithm(ofSum terms: [ExprID], _ depth: Int, _ visits: inout Int) -> Logarithm? {
        if let argument = argumentOfComplement(terms) {
            note(.logSigmoid)
            let value = call(.standard(.softplus), [argument])
            return Logarithm(value: product([system.graph.makeNumber(-1), value]), kind: .bounded)
        }
        var logarithms: [ExprID] = []
        var plain: [ExprID] = []
        var kind = Logarithm.Kind.plain
        for term in terms {
            guard let inner = logarithm(of: term, depth + 1, &visits) else { return nil }
            // What cannot overflow is joined first, so that log(1 + e^u) is softplus(u).
            if inner.kind == .plain { plain.append(inner.value) } else { logarithms.append(inner.value) }
            kind = max(kind, inner.kind)
        }
        guard kind == .growing else { return nil }
        let isSoftplus = terms.count == 2 && plain.first.map { system.graph.number($0)?.isZero == true } == true
        note(isSoftplus ? .softplus : .logSumExp)
        let all = plain + logarithms
        var total = all[0]
        for next in all.dropFirst() { total = addingExponentials(total, next) }
        return Logarithm(value: total, kind: .growing)
    }

    /// log(e^u + e^v) = u + softplus(v − u), from the larger one: from the other it would cancel.
    private mutating func addingExponentials(_ u: ExprID, _ v: ExprID) -> ExprID {
        let minusOne = system.graph.makeNumber(-1)
        let difference = sum([v, scaling(u, by: minusOne)])
        let fromFirst = sum([u, call(.standard(.softplus), [difference])])
        // A constant is as good a start as the larger one, and so is one of two that differ in their sign alone.
        let total = sum([u, v])
        if isConstant(u) || system.graph.number(total)?.isZero == true { return fromFirst }
        let opposite = scaling(difference, by: minusOne)
        let fromSecond = sum([v, call(.standard(.softplus), [opposite])])
        let isFirstLarger = compare(.greater, u, v)
        return select(isFirstLarger, fromFirst, fromSecond)
    }

    private func isConstant(_ id: ExprID) -> Bool {
        system.graph.isSmall(id, 16)
            && system.graph.reachable(from: id).allSatisfy { node in
                switch system.graph.node(node).kind {
                case .access, .argument, .reduce, .extremum: false
                default: true
                }
            }
    }

    private mutating func logarithm(
        ofReduction id: ExprID, _ kind: ReductionKind, _ binders: [Binder], _ body: ExprID, _ depth: Int,
        _ visits: inout Int
    ) -> Logarithm? {
        guard kind == .sum || kind == .product, holdsExponential(body) else { return nil }
        let (named, inner) = opened(id, binders, body)
        // The logarithm of an empty sum is none.
        if kind == .sum, !isNeverEmpty(named) { return nil }
        let normal = simplify(inner)
        guard let logarithm = logarithm(of: normal, depth + 1, &visits) else { return nil }
        if kind == .product {
            guard logarithm.kind != .plain else { return nil }
            note(.logOfProduct)
            return Logarithm(value: reduction(.sum, named, logarithm.value), kind: logarithm.kind)
        }
        guard logarithm.kind == .growing else { return nil }
        note(.logSumExp)
        return Logarithm(value: reduction(.logSumExp, named, logarithm.value), kind: .growing)
    }

    /// Whether every range certainly has a value.
    func isNeverEmpty(_ binders: [Binder]) -> Bool {
        binders.allSatisfy { binder in
            let extent = system.graph[binder.upper].adding(system.graph[binder.lower], times: -1)
            return extent?.offset(by: -1).map { isNonNegative($0) } ?? false
        }
    }

    /// The normal form of logsumexp: terms that it does not bind come out.
    mutating func logarithmicSummation(_ binders: [Binder], _ body: ExprID) -> ExprID {
        let closed = close(.reduce(.logSumExp, binders, body))
        guard isNeverEmpty(binders) else { return closed }
        var terms = [body]
        if case .add(let inner) = system.graph.form(of: body), inner.count <= Simplifier.flattening { terms = inner }
        var outside: [ExprID] = []
        var inside: [ExprID] = []
        for term in terms { if dependsOnAny(term, binders) { inside.append(term) } else { outside.append(term) } }
        if outside.isEmpty || inside.isEmpty { return closed }
        note(.shift)
        let rest = sum(inside)
        return sum(outside + [logarithmicSummation(binders, rest)])
    }

    // MARK: Parts

    /// A multiple of a logarithm, term by term, so that terms cancel.
    mutating func scaling(_ value: ExprID, by factor: ExprID) -> ExprID {
        if system.graph.number(value)?.isZero == true { return value }
        guard case .add(let terms) = system.graph.form(of: value), terms.count <= Simplifier.flattening else {
            return product([factor, value])
        }
        let scaled = terms.map { product([factor, $0]) }
        return sum(scaled)
    }

    /// Whether e^u is a quotient of exponentials, and so does not overflow where they do.
    private func isBounded(exponent: ExprID) -> Bool {
        var terms = [exponent]
        if case .add(let inner) = system.graph.form(of: exponent) { terms = inner }
        return terms.contains { term in
            let (factor, rest) = coefficient(of: term)
            guard factor.sign < 0, let rest, rest.count == 1 else { return false }
            switch system.graph.form(of: rest[0]) {
            case .call(.standard(.softplus), _), .reduce(.logSumExp, _, _): return true
            default: return false
            }
        }
    }

    /// u where the expression is sigmoid(u), by definition too.
    mutating func argumentOfSigmoid(_ id: ExprID) -> ExprID? {
        switch system.graph.form(of: id) {
        case .call(.standard(.sigmoid), let arguments): return arguments[0]
        case .call(.user(let position), let arguments):
            guard let body = system.functions[position].body, holdsExponential(body) else { return nil }
            let spelled = simplify(filled(body, arguments))
            guard case .call(.standard(.sigmoid), let inner) = system.graph.form(of: spelled) else { return nil }
            return inner[0]
        case .access:
            guard let (definition, map) = definition(of: id),
                case .call(.standard(.sigmoid), let arguments) = system.graph.form(of: definition.body)
            else { return nil }
            return map.isEmpty ? arguments[0] : substituting(map, in: arguments[0])
        case .add(let terms):
            guard let argument = argumentOfComplement(terms) else { return nil }
            return product([system.graph.makeNumber(-1), argument])
        default: return nil
        }
    }

    /// u where the terms are 1 − sigmoid(u).
    private mutating func argumentOfComplement(_ terms: [ExprID]) -> ExprID? {
        guard terms.count == 2,
            let one = terms.firstIndex(where: { system.graph.number($0)?.isOne == true })
        else { return nil }
        let (factor, rest) = coefficient(of: terms[1 - one])
        guard factor.isMinusOne, let rest, rest.count == 1 else { return nil }
        if case .add = system.graph.form(of: rest[0]) { return nil }
        return argumentOfSigmoid(rest[0])
    }

    /// Whether the expressions are 1 − sigmoid(u) and sigmoid(−u): one value in two forms.
    mutating func areComplements(_ complement: ExprID, _ sigmoid: ExprID) -> Bool {
        guard case .call(.standard(.sigmoid), let arguments) = system.graph.form(of: sigmoid),
            case .add(let terms) = system.graph.form(of: complement), let argument = argumentOfComplement(terms)
        else { return false }
        return scaling(argument, by: system.graph.makeNumber(-1)) == arguments[0]
    }

    /// e^(v − softplus v) = sigmoid(v), e^(−softplus v) = sigmoid(−v), which keep their digits.
    mutating func exponentialIdentity(_ exponent: ExprID) -> ExprID? {
        var terms = [exponent]
        if case .add(let inner) = system.graph.form(of: exponent), inner.count <= 16 { terms = inner }
        for (position, term) in terms.enumerated() {
            let (factor, rest) = coefficient(of: term)
            guard factor.isMinusOne, let rest, rest.count == 1,
                case .call(.standard(.softplus), let arguments) = system.graph.form(of: rest[0])
            else { continue }
            var others = terms
            others.remove(at: position)
            if others.isEmpty {
                note(.logistic)
                let opposite = scaling(arguments[0], by: system.graph.makeNumber(-1))
                return call(.standard(.sigmoid), [opposite])
            }
            if sum(others) == arguments[0] {
                note(.logistic)
                return call(.standard(.sigmoid), arguments)
            }
        }
        return nil
    }
}

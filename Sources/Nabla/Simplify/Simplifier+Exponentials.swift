// Products and quotients of exponentials, in forms that do not overflow.

extension Simplifier {
    /// A factor that is positive, with its logarithm.
    private struct Part {
        var position: Int
        var exponent: Rational
        var logarithm: ExprID
    }

    /// One round of e^u / Σ e^v = e^(u − logsumexp v) and its like; nil where there is nothing of the kind.
    mutating func mergedExponentials(_ factors: [ExprID]) -> [ExprID]? {
        var candidates: [Int] = []
        for (position, factor) in factors.enumerated() where mayHoldExponential(factor) { candidates.append(position) }
        guard candidates.count > 1, candidates.count <= 16 else { return nil }
        let before = mark()
        if let result = quotientOfExponentials(factors, candidates) { return result }
        rewind(to: before)
        if let result = hyperbolicTangent(factors, candidates) { return result }
        rewind(to: before)
        return nil
    }

    /// A cheap look, since every product is asked.
    func mayHoldExponential(_ factor: ExprID) -> Bool {
        let node = system.graph.node(factor)
        switch node.kind {
        case .call:
            guard case .standard(let function) = FunctionReference(encoded: node.a) else { return false }
            return function == .exp || function == .sigmoid || function == .sinh
        case .access: return !definitions.isEmpty && definitions[QuantityID(Int(node.a))] != nil
        case .power: return holdsExponential(factor)
        case .add, .reduce: return holdsExponential(factor)
        default: return false
        }
    }

    private mutating func quotientOfExponentials(_ factors: [ExprID], _ candidates: [Int]) -> [ExprID]? {
        var growing: [Part] = []
        var sigmoids: [(position: Int, exponent: Int, argument: ExprID)] = []
        for position in candidates {
            let (base, exponent) = baseAndExponent(factors[position])
            if let times = exponent.asInt, times > 0, let argument = argumentOfSigmoid(base) {
                sigmoids.append((position, times, argument))
            } else if let logarithm = logarithm(of: base), logarithm.kind == .growing {
                growing.append(Part(position: position, exponent: exponent, logarithm: logarithm.value))
            }
        }
        if growing.isEmpty { return nil }
        if let result = absorbed(growing, sigmoids, factors) { return result }
        if let result = logisticQuotient(growing, factors) { return result }
        guard growing.count > 1 else { return nil }
        if growing.contains(where: { $0.exponent.sign < 0 }), growing.contains(where: { $0.exponent.sign > 0 }) {
            note(.softmax)
            return joined(growing, factors)
        }
        return opposed(growing, factors)
    }

    /// e^u sigmoid(−u) = sigmoid(u).
    private mutating func absorbed(
        _ growing: [Part], _ sigmoids: [(position: Int, exponent: Int, argument: ExprID)], _ factors: [ExprID]
    ) -> [ExprID]? {
        for part in growing {
            for sigmoid in sigmoids {
                for times in 1...min(sigmoid.exponent, 4) {
                    let exponent = scaling(part.logarithm, by: system.graph.makeNumber(part.exponent))
                    let multiple = scaling(sigmoid.argument, by: system.graph.makeNumber(times))
                    let total = sum([exponent, multiple])
                    guard system.graph.number(total)?.isZero == true else { continue }
                    note(.logistic)
                    let opposite = scaling(sigmoid.argument, by: system.graph.makeNumber(-1))
                    let value = named(call(.standard(.sigmoid), [opposite]))
                    let (base, _) = baseAndExponent(factors[sigmoid.position])
                    var result = factors
                    result[part.position] = power(value, system.graph.makeNumber(times))
                    result[sigmoid.position] = power(base, system.graph.makeNumber(sigmoid.exponent - times))
                    return result
                }
            }
        }
        return nil
    }

    /// e^u / (e^u + e^v) = sigmoid(u − v).
    private mutating func logisticQuotient(_ growing: [Part], _ factors: [ExprID]) -> [ExprID]? {
        for below in growing where below.exponent.isInteger && below.exponent.sign < 0 {
            let (base, _) = baseAndExponent(factors[below.position])
            guard let pair = pair(base), pair.coefficients.0 == pair.coefficients.1 else { continue }
            for above in growing where above.exponent.isInteger && above.exponent.sign > 0 {
                guard above.logarithm == pair.exponents.0 || above.logarithm == pair.exponents.1 else { continue }
                note(.logistic)
                let isFirst = above.logarithm == pair.exponents.0
                let (one, two) = isFirst ? pair.exponents : (pair.exponents.1, pair.exponents.0)
                let opposite = scaling(two, by: system.graph.makeNumber(-1))
                let difference = sum([one, opposite])
                let value = named(call(.standard(.sigmoid), [difference]))
                let (numerator, _) = baseAndExponent(factors[above.position])
                var result = factors
                result[above.position] = power(numerator, system.graph.makeNumber(above.exponent - 1))
                result[below.position] = power(base, system.graph.makeNumber(below.exponent + 1))
                let front = power(system.graph.makeNumber(pair.coefficients.0), system.graph.makeNumber(-1))
                return result + [value, front]
            }
        }
        return nil
    }

    /// The factors with all of these parts as one exponential.
    private mutating func joined(_ parts: [Part], _ factors: [ExprID]) -> [ExprID] {
        let terms = parts.map { scaling($0.logarithm, by: system.graph.makeNumber($0.exponent)) }
        let total = sum(terms)
        var exponents = [total]
        if case .add(let inner) = system.graph.form(of: exponents[0]) { exponents = inner }
        var result: [ExprID] = []
        for (position, factor) in factors.enumerated() where !parts.contains(where: { $0.position == position }) {
            result.append(factor)
        }
        if let sigmoid = exponentialIdentity(total) {
            result.append(named(sigmoid))
            return result
        }
        // Numbers that stood in front of an exponential come out of it again.
        var kept: [ExprID] = []
        for exponent in exponents {
            let (times, rest) = coefficient(of: exponent)
            if let rest, rest.count == 1, times.isInteger,
                case .call(.standard(.log), let arguments) = system.graph.form(of: rest[0]),
                logarithmIsPlain(arguments[0])
            {
                result.append(power(arguments[0], system.graph.makeNumber(times)))
            } else {
                kept.append(exponent)
            }
        }
        let exponent = sum(kept)
        let value = named(call(.standard(.exp), [exponent]))
        result.append(value)
        return result
    }

    private func logarithmIsPlain(_ id: ExprID) -> Bool {
        switch system.graph.form(of: id) {
        case .number, .integer, .pi: true
        default: false
        }
    }

    /// e^u e^v, not both by their names, where one may overflow and the other underflow: where the exponents have terms in common, or opposite signs.
    private mutating func opposed(_ growing: [Part], _ factors: [ExprID]) -> [ExprID]? {
        func isWritten(_ part: Part) -> Bool {
            if case .call(.standard(.exp), _) = system.graph.form(of: baseAndExponent(factors[part.position]).0) {
                return true
            }
            return false
        }
        for (offset, first) in growing.enumerated() {
            for second in growing[(offset + 1)...]
            where (isWritten(first) || isWritten(second)) && mayOppose(first, second) {
                let one = scaling(first.logarithm, by: system.graph.makeNumber(first.exponent))
                let two = scaling(second.logarithm, by: system.graph.makeNumber(second.exponent))
                let total = sum([one, two])
                let isOpposed = isWritten(first) && isWritten(second) && startsNegative(one) != startsNegative(two)
                guard isOpposed || termCount(total) < termCount(one) + termCount(two) else { continue }
                note(.exponentials)
                return joined([first, second], factors)
            }
        }
        return nil
    }

    /// Whether two exponents have terms in common or begin with opposite signs: a look that makes nothing.
    private func mayOppose(_ first: Part, _ second: Part) -> Bool {
        let isNegative = startsNegative(first.logarithm) != (first.exponent.sign < 0)
        if isNegative != (startsNegative(second.logarithm) != (second.exponent.sign < 0)) { return true }
        for one in 0..<termTotal(first.logarithm) {
            for two in 0..<termTotal(second.logarithm)
            where areAlike(term(first.logarithm, one), term(second.logarithm, two)) {
                return true
            }
        }
        return false
    }

    private func termTotal(_ id: ExprID) -> Int {
        system.graph.kind(of: id) == .add ? system.graph.operandCount(id) : 1
    }

    private func term(_ id: ExprID, _ position: Int) -> ExprID {
        system.graph.kind(of: id) == .add ? system.graph.operand(id, position) : id
    }

    private func termCount(_ id: ExprID) -> Int {
        if case .add(let terms) = system.graph.form(of: id) { return terms.count }
        return system.graph.number(id)?.isZero == true ? 0 : 1
    }

    /// Whether an expression's first term has a minus.
    private func startsNegative(_ id: ExprID) -> Bool {
        isNegative(term(id, 0))
    }

    // MARK: tanh

    /// Two exponentials with numbers in front: c e^u + d e^v.
    private struct Pair {
        var coefficients: (Rational, Rational)
        var exponents: (ExprID, ExprID)
    }

    private mutating func pair(_ id: ExprID) -> Pair? {
        guard system.graph.kind(of: id) == .add, system.graph.operandCount(id) == 2,
            case .add(let terms) = system.graph.form(of: id)
        else { return nil }
        guard let first = exponentialTerm(terms[0]), let second = exponentialTerm(terms[1]) else { return nil }
        return Pair(coefficients: (first.0, second.0), exponents: (first.1, second.1))
    }

    private mutating func exponentialTerm(_ id: ExprID) -> (Rational, ExprID)? {
        let (factor, rest) = coefficient(of: id)
        guard let rest else { return (factor, system.graph.makeNumber(0)) }
        guard rest.count == 1 else { return nil }
        switch system.graph.form(of: rest[0]) {
        case .call(.standard(.exp), let arguments): return (factor, arguments[0])
        case .access, .power:
            guard let logarithm = logarithm(of: rest[0]), logarithm.kind == .growing else { return nil }
            return (factor, logarithm.value)
        default: return nil
        }
    }

    /// (e^u − e^v)/(e^u + e^v) = tanh((u − v)/2); sinh(u)/cosh(u) = tanh(u).
    private mutating func hyperbolicTangent(_ factors: [ExprID], _ candidates: [Int]) -> [ExprID]? {
        for above in candidates where mayBeNumerator(factors[above]) {
            for below in candidates where below != above {
                if let value = hyperbolicTangent(factors[above], factors[below]) {
                    note(.hyperbolicTangent)
                    var result = factors
                    result[above] = value
                    result.remove(at: below)
                    return result
                }
            }
        }
        return nil
    }

    /// Whether a factor can stand above in such a quotient: a difference of two terms, or sinh.
    private func mayBeNumerator(_ factor: ExprID) -> Bool {
        system.graph.kind(of: factor) == .add
            ? system.graph.operandCount(factor) == 2 : system.graph.argument(factor, ofCallTo: .sinh) != nil
    }

    private mutating func hyperbolicTangent(_ above: ExprID, _ below: ExprID) -> ExprID? {
        let (base, exponent) = baseAndExponent(below)
        if exponent.isMinusOne, case .call(.standard(.cosh), let one) = system.graph.form(of: base),
            case .call(.standard(.sinh), let two) = system.graph.form(of: above), one == two
        {
            return named(call(.standard(.tanh), one))
        }
        guard let top = pair(above) else { return nil }
        var bottom: Pair?
        let zero = system.graph.makeNumber(0)
        if exponent.isMinusOne {
            bottom = pair(base)
        } else if exponent.isOne, let argument = argumentOfSigmoid(base) {
            // sigmoid(w) = 1/(1 + e^−w)
            let opposite = scaling(argument, by: system.graph.makeNumber(-1))
            bottom = Pair(coefficients: (.one, .one), exponents: (zero, opposite))
        }
        guard let bottom, bottom.coefficients.0 == bottom.coefficients.1, bottom.coefficients.0.sign > 0,
            top.coefficients.0 == top.coefficients.1.negated,
            let ratio = top.coefficients.0.dividing(by: bottom.coefficients.0)
        else { return nil }
        let isSame = top.exponents == bottom.exponents
        guard isSame || (top.exponents.1, top.exponents.0) == bottom.exponents else { return nil }
        let opposite = scaling(top.exponents.1, by: system.graph.makeNumber(-1))
        let difference = sum([top.exponents.0, opposite])
        let argument = scaling(difference, by: system.graph.makeNumber(.half))
        let value = named(call(.standard(.tanh), [argument]))
        return product([system.graph.makeNumber(ratio), value])
    }
}

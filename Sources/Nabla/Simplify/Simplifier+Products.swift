extension Simplifier {
    /// The normal form of a product of normal forms.
    mutating func product(_ operands: [ExprID]) -> ExprID {
        if let short = Operands(operands), let plain = plainProduct(short) { return plain }
        let factors = flattened(operands, .multiply)
        var number = Rational.one
        var numberNodes: [ExprID] = []
        // Distinct bases, by first occurrence.
        var collected = Collected()
        var guarding: ExprID?
        var rest: [ExprID] = []
        for factor in factors {
            let node = system.graph.node(factor)
            switch node.kind {
            case .number:
                number *= system.graph.number(factor) ?? .one
                numberNodes.append(factor)
            case .select where guarding == nil && system.graph.number(ExprID(node.c))?.isZero == true:
                guarding = ExprID(node.a)
                rest.append(ExprID(node.b))
            default:
                let (base, exponent) = baseAndExponent(factor)
                if collected.add(exponent, of: base, factor) { note(.likePowers) }
            }
        }
        if number.isZero {
            note(.zeroProduct)
            return system.graph.makeNumber(0)
        }
        var result: [ExprID] = []
        var needsAnotherRound = false
        for entry in collected.entries {
            if !entry.isMerged {
                result.append(entry.node)
            } else if !entry.amount.isZero {
                let factor = power(entry.key, system.graph.makeNumber(entry.amount))
                result.append(factor)
                switch system.graph.form(of: factor) {
                case .number, .multiply, .select: needsAnotherRound = true
                default: break
                }
            }
        }
        if hasExponentials, let merged = mergedExponentials(result) {
            result = merged
            needsAnotherRound = true
        }
        if let guarding {
            note(.guardProduct)
            let inner = product(numberNodes + result + rest)
            return select(guarding, inner, system.graph.makeNumber(0))
        }
        if needsAnotherRound { return product(numberNodes + result) }
        if number.bitWidth > Simplifier.widestNumber, numberNodes.count > 1 {
            let sorted = sorted(result, .product)
            return system.graph.makeProduct(numberNodes + sorted)
        }
        // A sign is no arithmetic.
        if numberNodes.filter({ system.graph.number($0)?.magnitude.isOne != true }).count > 1 { note(.arithmetic) }
        if let multiplied = distributed(result) {
            note(.distribute)
            return product(numberNodes + [multiplied])
        }
        if number.sign < 0, let flipped = flippingSum(in: &result) {
            note(.sign)
            number = number.negated
            numberNodes = [system.graph.makeNumber(number)]
            return product(numberNodes + flipped)
        }
        if result.count == 1, let times = number.asInt, case .integer(let affine) = system.graph.form(of: result[0]),
            let scaled = system.graph[affine].scaled(by: times)
        {
            return integer(system.graph.affine(scaled))
        }
        if number.isOne {
            if result.isEmpty { return system.graph.makeNumber(1) }
            if result.count == 1 { return result[0] }
        } else if result.isEmpty {
            return numberNodes.count == 1 ? numberNodes[0] : system.graph.makeNumber(number)
        }
        var sorted = sorted(result, .product)
        if !number.isOne {
            // A number that nothing was computed with prints as it was written.
            let front = numberNodes.count == 1 ? numberNodes[0] : system.graph.makeNumber(number)
            if sorted.count == 1, number.isMinusOne, case .add(let terms) = system.graph.form(of: sorted[0]) {
                note(.sign)
                let negated = terms.map { product([front, $0]) }
                return sum(negated)
            }
            sorted.insert(front, at: 0)
        }
        return system.graph.makeProduct(sorted)
    }

    /// A short product of normal forms to which no rule applies but the order of its factors; nil where one may.
    mutating func plainProduct(_ operands: Operands) -> ExprID? {
        guard var factors = flattened(operands, .multiply) else { return nil }
        var hasNumber = false
        var exponentials = 0
        for position in 0..<factors.count {
            let factor = factors[position]
            if hasExponentials, mayHoldExponential(factor) {
                exponentials += 1
                if exponentials > 1 { return nil }
            }
            switch system.graph.kind(of: factor) {
            case .number:
                guard !hasNumber, let value = system.graph.number(factor), !value.isZero, !value.isOne else {
                    return nil
                }
                hasNumber = true
            case .multiply, .select, .add, .integer, .boolean: return nil
            case .call where system.graph.argument(factor, ofCallTo: .exp) != nil: return nil
            default: break
            }
            let base = powerBase(factor)
            for other in 0..<position where powerBase(factors[other]) == base { return nil }
        }
        if factors.count < 2 { return nil }
        sort(&factors, .product)  // numbers come first
        return system.graph.makeList(.multiply, factors)
    }

    /// The base of a factor with a number for its exponent; otherwise the factor.
    private func powerBase(_ factor: ExprID) -> ExprID {
        let node = system.graph.node(factor)
        return node.kind == .power && system.graph.kind(of: ExprID(node.b)) == .number ? ExprID(node.a) : factor
    }

    /// −2(y − a) as 2(a − y): turns the sign of the first sum that reads at least as well turned.
    private mutating func flippingSum(in factors: inout [ExprID]) -> [ExprID]? {
        for (position, factor) in factors.enumerated() {
            guard case .add(let terms) = system.graph.form(of: factor), terms.count <= Simplifier.flattening else {
                continue
            }
            var negative = 0
            var keepsSign = false
            for term in terms {
                let (coefficient, rest) = coefficient(of: term)
                if coefficient.sign < 0 { negative += 1 }
                if rest == nil, coefficient.sign > 0 { keepsSign = true }  // 1 − a reads better than a − 1
            }
            guard !keepsSign, negative > 0, negative * 2 >= terms.count else { continue }
            let minusOne = system.graph.makeNumber(-1)
            let turned = terms.map { product([minusOne, $0]) }
            var result = factors
            result[position] = sum(turned)
            return result
        }
        return nil
    }

    /// a(u/a + v/a²) as u + v/a: a sum is multiplied out where each of its terms has a divisor that is a factor here.
    private mutating func distributed(_ factors: [ExprID]) -> ExprID? {
        guard factors.count > 1, factors.count <= 16 else { return nil }
        let hasSum = factors.contains { system.graph.node($0).kind == .add }
        guard hasSum else { return nil }
        var positive: Set<ExprID> = []
        for factor in factors {
            let (base, exponent) = baseAndExponent(factor)
            if exponent.sign > 0 { positive.insert(base) }
        }
        for (position, factor) in factors.enumerated() {
            guard case .add(let terms) = system.graph.form(of: factor), terms.count <= 8 else { continue }
            let cancels = terms.allSatisfy { term in
                var parts = [term]
                if case .multiply(let inner) = system.graph.form(of: term) { parts = inner }
                return parts.contains { part in
                    let (base, exponent) = baseAndExponent(part)
                    return exponent.sign < 0 && base != factor && positive.contains(base)
                }
            }
            guard cancels else { continue }
            var others = factors
            others.remove(at: position)
            let products = terms.map { product([$0] + others) }
            return sum(products)
        }
        return nil
    }

    /// Whether a sum has a term with a sum among its factors.
    private func holdsProductOfSum(_ id: ExprID) -> Bool {
        func isOne(_ term: ExprID) -> Bool {
            guard system.graph.kind(of: term) == .multiply else { return false }
            for position in 0..<system.graph.operandCount(term)
            where system.graph.kind(of: system.graph.operand(term, position)) == .add {
                return true
            }
            return false
        }
        guard system.graph.kind(of: id) == .add else { return isOne(id) }
        for position in 0..<system.graph.operandCount(id) where isOne(system.graph.operand(id, position)) {
            return true
        }
        return false
    }

    /// A sum with its products of sums multiplied out; nil where there are none, or too many.
    mutating func multipliedOut(_ id: ExprID) -> ExprID? {
        guard holdsProductOfSum(id) else { return nil }
        var terms = [id]
        if case .add(let inner) = system.graph.form(of: id) { terms = inner }
        var result: [ExprID] = []
        var changed = false
        for term in terms {
            guard case .multiply(let factors) = system.graph.form(of: term) else {
                result.append(term)
                continue
            }
            var partial: [[ExprID]] = [[]]
            for factor in factors {
                if case .add(let inner) = system.graph.form(of: factor) {
                    changed = true
                    partial = partial.flatMap { product in inner.map { product + [$0] } }
                } else {
                    partial = partial.map { $0 + [factor] }
                }
                if partial.count > 32 { return nil }
            }
            result.append(contentsOf: partial.map { product($0) })
            if result.count > 64 { return nil }
        }
        guard changed else { return nil }
        note(.distribute)
        return sum(result)
    }

    /// a/N + b/N as (a + b)/N, for a size N; nil where the terms have no such divisor in common.
    mutating func withCommonDivisor(_ id: ExprID) -> ExprID? {
        guard system.graph.kind(of: id) == .add, case .add(let terms) = system.graph.form(of: id),
            terms.count <= Simplifier.flattening, let first = terms.first,
            case .multiply(let factors) = system.graph.form(of: first)
        else { return nil }
        let divisor = factors.first { factor in
            guard case .power(let base, let exponent) = system.graph.form(of: factor),
                case .integer = system.graph.form(of: base)
            else { return false }
            return system.graph.number(exponent)?.isMinusOne == true
        }
        guard let divisor else { return nil }
        var rest: [ExprID] = []
        for term in terms {
            guard case .multiply(var factors) = system.graph.form(of: term), let place = factors.firstIndex(of: divisor)
            else { return nil }
            factors.remove(at: place)
            rest.append(product(factors))
        }
        let total = sum(rest)
        return product([divisor, total])
    }

    /// A factor as a base with a rational exponent.
    func baseAndExponent(_ factor: ExprID) -> (ExprID, Rational) {
        let node = system.graph.node(factor)
        guard node.kind == .power, let value = system.graph.number(ExprID(node.b)) else { return (factor, .one) }
        return (ExprID(node.a), value)
    }

    /// Whether there may be a rule for a number as the exponent of this.
    private func hasPowerRule(_ base: ExprID) -> Bool {
        switch system.graph.kind(of: base) {
        case .number, .power, .multiply, .select: true
        case .call:
            system.graph.argument(base, ofCallTo: .exp) != nil || system.graph.argument(base, ofCallTo: .sqrt) != nil
        default: false
        }
    }

    /// The normal form of a power of normal forms.
    mutating func power(_ base: ExprID, _ exponent: ExprID) -> ExprID {
        guard let value = system.graph.number(exponent) else {
            return system.graph.makePower(base, exponent)
        }
        if value.isZero { return system.graph.makeNumber(1) }
        if value.isOne { return base }
        switch hasPowerRule(base) ? system.graph.form(of: base) : .boolean(true) {
        case .number(let number, _):
            if number.isOne { return base }
            if let whole = value.asInt, let result = number.power(whole), result.bitWidth <= Simplifier.widestNumber {
                note(.arithmetic)
                return system.graph.makeNumber(result)
            }
            if value == .half, number.sign >= 0, let root = number.squareRoot {
                note(.arithmetic)
                return system.graph.makeNumber(root)
            }
        case .power(let inner, let innerExponent):
            // (u^a)^b is u^(ab) for whole b; and for any b where u^a has a value for u >= 0 alone.
            if let first = system.graph.number(innerExponent), value.isInteger || !first.isInteger {
                note(.powerOfPower)
                let combined = system.graph.makeNumber(first * value)
                return power(inner, combined)
            }
        case .multiply(let factors) where value.isInteger && factors.count <= Simplifier.flattening:
            note(.powerOfProduct)
            let powers = factors.map { power($0, exponent) }
            return product(powers)
        case .call(.standard(.exp), let arguments) where value.isMinusOne:
            note(.reciprocalOfExponential)
            let scaled = product([exponent, arguments[0]])
            return call(.standard(.exp), [scaled])
        case .call(.standard(.sqrt), let arguments):
            if let whole = value.asInt, whole % 2 == 0 {
                note(.squareOfRoot)
                return power(arguments[0], system.graph.makeNumber(whole / 2))
            }
        case .select(let condition, let then, let otherwise)
        where value.sign > 0 && system.graph.number(otherwise)?.isZero == true:
            note(.guardProduct)
            return select(condition, power(then, exponent), otherwise)
        default: break
        }
        if value.isInteger, value.sign < 0, let logistic = logistic(of: base) {
            return power(logistic, system.graph.makeNumber(value.negated))
        }
        return system.graph.makePower(base, exponent)
    }

    /// 1/(1 + e^u) = sigmoid(−u), which does not overflow; 1 + e^u may have a name.
    private mutating func logistic(of base: ExprID) -> ExprID? {
        switch system.graph.kind(of: base) {
        case .add where system.graph.operandCount(base) == 2: break
        case .access: if definitions.isEmpty { return nil }
        default: return nil
        }
        var argument: ExprID?
        let before = mark()
        switch system.graph.form(of: base) {
        case .add(let terms) where terms.count == 2:
            guard let one = terms.firstIndex(where: { system.graph.number($0)?.isOne == true }),
                let logarithm = logarithm(of: terms[1 - one]), logarithm.kind == .growing
            else { break }
            argument = logarithm.value
        case .access:
            guard let logarithm = logarithm(of: base),
                case .call(.standard(.softplus), let arguments) = system.graph.form(of: logarithm.value)
            else { break }
            argument = arguments[0]
        default: break
        }
        guard let argument else {
            rewind(to: before)
            return nil
        }
        note(.logistic)
        let opposite = scaling(argument, by: system.graph.makeNumber(-1))
        return named(call(.standard(.sigmoid), [opposite]))
    }
}

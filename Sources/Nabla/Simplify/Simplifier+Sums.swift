extension Simplifier {
    /// A term as a number times the rest; the rest of a plain number is nil.
    func coefficient(of term: ExprID) -> (Rational, rest: [ExprID]?) {
        switch system.graph.form(of: term) {
        case .number(let value, _): return (value, nil)
        case .multiply(let factors):
            if let value = system.graph.number(factors[0]) { return (value, Array(factors.dropFirst())) }
            return (.one, factors)
        default: return (.one, [term])
        }
    }

    /// The normal form of a sum of normal forms.
    mutating func sum(_ operands: [ExprID]) -> ExprID {
        let terms = flattened(operands) { form in
            if case .add(let inner) = form { return inner }
            return nil
        }
        if terms.count == 1 { return terms[0] }
        var order: [ExprID] = []  // distinct rests, by first occurrence
        var collected: [ExprID: (coefficient: Rational, term: ExprID, isMerged: Bool)] = [:]
        var constant = Rational.zero
        var constantNodes: [ExprID] = []
        var whole = Affine(0)  // index and size terms with integer coefficients
        var wholeTerms = 0
        for term in terms {
            let (factor, rest) = coefficient(of: term)
            guard let rest else {
                constant += factor
                constantNodes.append(term)
                continue
            }
            if rest.count == 1, case .integer(let affine) = system.graph.form(of: rest[0]), let times = factor.asInt,
                let sum = whole.adding(system.graph[affine], times: times)
            {
                whole = sum
                wholeTerms += 1
                continue
            }
            let key = rest.count == 1 ? rest[0] : system.graph.makeProduct(rest)
            if let old = collected[key] {
                collected[key] = (old.coefficient + factor, old.term, true)
                note(.likeTerms)
            } else {
                collected[key] = (factor, term, false)
                order.append(key)
            }
        }
        var result: [ExprID] = []
        for key in order {
            guard let entry = collected[key] else { continue }
            if !entry.isMerged {
                result.append(entry.term)
            } else if !entry.coefficient.isZero {
                result.append(scaled(entry.coefficient, key))
            }
        }
        if wholeTerms > 0 {
            // Numbers join index arithmetic only where they are whole.
            if let number = constant.asInt, let sum = whole.offset(by: number), !sum.terms.isEmpty {
                whole = sum
                constant = .zero
                constantNodes = []
            }
            if !(whole.asConstant == 0) {
                let affine = system.graph.affine(whole)
                result.append(integer(affine))
            }
        }
        if !constant.isZero {
            if constantNodes.count == 1 {
                result.append(constantNodes[0])
            } else if constant.bitWidth > Simplifier.widestNumber {
                result.append(contentsOf: constantNodes)
            } else {
                note(.arithmetic)
                result.append(system.graph.makeNumber(constant))
            }
        }
        result = mergingBranches(result)
        if result.isEmpty { return system.graph.makeNumber(0) }
        if result.count == 1 { return result[0] }
        var sorted = sorted(result, .sum)
        // 1 − a rather than −a + 1.
        if coefficient(of: sorted[0]).0.sign < 0,
            let positive = sorted.firstIndex(where: { coefficient(of: $0).0.sign > 0 })
        {
            sorted.insert(sorted.remove(at: positive), at: 0)
        }
        return system.graph.makeSum(sorted)
    }

    /// A number times a normal form that is neither a number nor has one in front.
    private mutating func scaled(_ factor: Rational, _ rest: ExprID) -> ExprID {
        if factor.isOne { return rest }
        let number = system.graph.makeNumber(factor)
        if case .multiply(let factors) = system.graph.form(of: rest) {
            return system.graph.makeProduct([number] + factors)
        }
        return product([number, rest])
    }

    /// The operands with those of nested nodes in their place, up to a size that keeps building linear.
    func flattened(_ operands: [ExprID], _ inner: (ExpressionForm) -> [ExprID]?) -> [ExprID] {
        var result: [ExprID] = []
        result.reserveCapacity(operands.count)
        for operand in operands {
            if let nested = inner(system.graph.form(of: operand)), nested.count <= Simplifier.flattening {
                result.append(contentsOf: nested)
            } else {
                result.append(operand)
            }
        }
        return result
    }

    /// Joins `c ? a : 0` and `c ? b : 0`, and `c ? a : 0` with `!c ? b : 0`.
    private mutating func mergingBranches(_ terms: [ExprID]) -> [ExprID] {
        var firstOf: [ExprID: Int] = [:]
        var result: [ExprID] = []
        var changed = false
        for term in terms {
            guard case .select(let condition, let then, let otherwise) = system.graph.form(of: term),
                system.graph.number(otherwise)?.isZero == true
            else {
                result.append(term)
                continue
            }
            if let position = firstOf[condition],
                case .select(_, let first, let other) = system.graph.form(of: result[position])
            {
                note(.mergeBranches)
                let joined = sum([first, then])
                result[position] = select(condition, joined, other)
                changed = true
            } else if let position = firstOf[negation(condition)],
                case .select(let opposite, let first, let other) = system.graph.form(of: result[position]),
                system.graph.number(other)?.isZero == true
            {
                note(.mergeBranches)
                result[position] = select(opposite, first, then)
                changed = true
            } else {
                firstOf[condition] = result.count
                result.append(term)
            }
        }
        return changed ? result.filter { system.graph.number($0)?.isZero != true } : result
    }
}

extension Simplifier {
    /// A term as a number times the rest; the rest of a plain number is nil.
    func coefficient(of term: ExprID) -> (Rational, rest: [ExprID]?) {
        switch system.graph.kind(of: term) {
        case .number: return (system.graph.number(term) ?? .zero, nil)
        case .multiply:
            guard case .multiply(let factors) = system.graph.form(of: term) else { return (.one, [term]) }
            if let value = system.graph.number(factors[0]) { return (value, Array(factors.dropFirst())) }
            return (.one, factors)
        default: return (.one, [term])
        }
    }

    /// Whether the number in a term is below 0.
    func isNegative(_ term: ExprID) -> Bool {
        var leading = term
        if system.graph.kind(of: term) == .multiply { leading = system.graph.operand(term, 0) }
        return (system.graph.number(leading)?.sign ?? 1) < 0
    }

    /// A short sum of normal forms to which no rule applies but the order of its terms; nil where one may.
    mutating func plainSum(_ operands: Operands) -> ExprID? {
        guard var terms = flattened(operands, .add), terms.count > 1 else { return nil }
        var hasNumber = false
        for position in 0..<terms.count {
            let term = terms[position]
            switch system.graph.kind(of: term) {
            case .number:
                guard !hasNumber, system.graph.number(term)?.isZero == false else { return nil }
                hasNumber = true
            case .add, .select, .integer: return nil
            case .multiply where mentionsInteger(term): return nil
            default: break
            }
            for other in 0..<position where areAlike(term, terms[other]) { return nil }
        }
        sort(&terms, .sum)
        // 1 − a rather than −a + 1.
        if isNegative(terms[0]), let positive = (0..<terms.count).first(where: { !isNegative(terms[$0]) }) {
            terms.moveToFront(positive)
        }
        return system.graph.makeList(.add, terms)
    }

    /// A few operands with those of nested nodes of the same kind in their place; nil where they are too many.
    func flattened(_ operands: Operands, _ kind: NodeKind) -> Operands? {
        var result = Operands()
        for position in 0..<operands.count {
            let operand = operands[position]
            if system.graph.kind(of: operand) == kind {
                let count = system.graph.operandCount(operand)
                if result.count + count > Operands.most { return nil }
                for inner in 0..<count { result.append(system.graph.operand(operand, inner)) }
            } else {
                if result.isFull { return nil }
                result.append(operand)
            }
        }
        return result
    }

    /// Whether no rule applies to many terms but their order: none has a number, an index or a condition, and no two are the same.
    private func hasNoLikeTerms(_ terms: [ExprID]) -> Bool {
        if terms.count <= Operands.most { return false }
        var isAscending = true
        var isDescending = true
        for position in terms.indices {
            let term = terms[position]
            switch system.graph.kind(of: term) {
            case .access, .call, .power, .pi: break
            case .multiply:
                switch system.graph.kind(of: system.graph.operand(term, 0)) {
                case .number, .integer: return false
                default: break
                }
            default: return false
            }
            if position > 0 {
                if terms[position - 1] >= term { isAscending = false }
                if terms[position - 1] <= term { isDescending = false }
            }
        }
        if isAscending || isDescending { return true }
        let ordered = terms.sorted()
        for position in ordered.indices.dropFirst() where ordered[position] == ordered[position - 1] { return false }
        return true
    }

    private func mentionsInteger(_ product: ExprID) -> Bool {
        for position in 0..<system.graph.operandCount(product)
        where system.graph.kind(of: system.graph.operand(product, position)) == .integer {
            return true
        }
        return false
    }

    /// Whether two terms differ in their numbers alone.
    func areAlike(_ left: ExprID, _ right: ExprID) -> Bool {
        if left == right { return true }
        let (one, two) = (factorRange(left), factorRange(right))
        guard one.count == two.count else { return false }
        for offset in 0..<one.count
        where factor(left, one.lowerBound + offset) != factor(right, two.lowerBound + offset) {
            return false
        }
        return one.count > 0
    }

    /// The positions of a term's factors without the number in front; any other expression is its own one factor.
    private func factorRange(_ term: ExprID) -> Range<Int> {
        switch system.graph.kind(of: term) {
        case .multiply:
            let first = system.graph.kind(of: system.graph.operand(term, 0)) == .number ? 1 : 0
            return first..<system.graph.operandCount(term)
        case .number: return 0..<0
        default: return 0..<1
        }
    }

    private func factor(_ term: ExprID, _ position: Int) -> ExprID {
        system.graph.kind(of: term) == .multiply ? system.graph.operand(term, position) : term
    }

    /// The normal form of a sum of normal forms.
    mutating func sum(_ operands: [ExprID]) -> ExprID {
        if let short = Operands(operands), let plain = plainSum(short) { return plain }
        let terms = flattened(operands, .add)
        if terms.count == 1 { return terms[0] }
        if hasNoLikeTerms(terms) { return system.graph.makeSum(sorted(terms, .sum)) }
        // Distinct rests, by first occurrence.
        var collected = Collected()
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
            if collected.add(factor, of: key, term) { note(.likeTerms) }
        }
        var result: [ExprID] = []
        for entry in collected.entries {
            if !entry.isMerged {
                result.append(entry.node)
            } else if !entry.amount.isZero {
                result.append(scaled(entry.amount, entry.key))
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

    /// The operands with those of nested nodes of the same kind in their place, up to a size that keeps building linear.
    func flattened(_ operands: [ExprID], _ kind: NodeKind) -> [ExprID] {
        guard operands.contains(where: { system.graph.kind(of: $0) == kind }) else { return operands }
        var result: [ExprID] = []
        result.reserveCapacity(operands.count + 8)
        for operand in operands {
            let count = system.graph.operandCount(operand)
            if system.graph.kind(of: operand) == kind, count <= Simplifier.flattening {
                for position in 0..<count { result.append(system.graph.operand(operand, position)) }
            } else {
                result.append(operand)
            }
        }
        return result
    }

    /// Joins `c ? a : 0` and `c ? b : 0`, and `c ? a : 0` with `!c ? b : 0`.
    private mutating func mergingBranches(_ terms: [ExprID]) -> [ExprID] {
        let isBranching = terms.contains { system.graph.kind(of: $0) == .select }
        guard isBranching else { return terms }
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

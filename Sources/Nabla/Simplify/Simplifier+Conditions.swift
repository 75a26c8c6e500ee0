extension Simplifier {
    /// The normal form of `condition ? then : otherwise`.
    mutating func select(_ condition: ExprID, _ then: ExprID, _ otherwise: ExprID) -> ExprID {
        if case .boolean(let value) = system.graph.form(of: condition) {
            note(.knownCondition)
            return value ? then : otherwise
        }
        if then == otherwise {
            note(.sameBranches)
            return then
        }
        if areComplements(then, otherwise) {
            note(.sameBranches)
            return otherwise
        }
        if areComplements(otherwise, then) {
            note(.sameBranches)
            return then
        }
        // Zero stands in the second branch, where products and sums look for it.
        if system.graph.number(then)?.isZero == true { return select(negation(condition), otherwise, then) }
        if system.graph.number(otherwise)?.isZero == true,
            case .select(let inner, let value, let rest) = system.graph.form(of: then),
            system.graph.number(rest)?.isZero == true
        {
            let both = conjunction([condition, inner])
            if case .boolean = system.graph.form(of: both) { return select(both, value, otherwise) }
            return system.graph.makeSelect(both, then: value, otherwise: otherwise)
        }
        return system.graph.makeSelect(condition, then: then, otherwise: otherwise)
    }

    mutating func conjunction(_ operands: [ExprID]) -> ExprID { junction(operands, isConjunction: true) }

    mutating func disjunction(_ operands: [ExprID]) -> ExprID { junction(operands, isConjunction: false) }

    private mutating func junction(_ operands: [ExprID], isConjunction: Bool) -> ExprID {
        let flat = flattened(operands, isConjunction ? .and : .or)
        var result: [ExprID] = []
        var seen: Set<ExprID> = []
        for operand in flat {
            if case .boolean(let value) = system.graph.form(of: operand) {
                if value == isConjunction { continue }
                note(.knownCondition)
                return operand
            }
            if seen.insert(operand).inserted { result.append(operand) }
        }
        if result.isEmpty { return system.graph.makeBoolean(isConjunction) }
        if result.count == 1 { return result[0] }
        return isConjunction ? system.graph.makeAnd(result) : system.graph.makeOr(result)
    }

    /// The opposite condition. Comparisons of numbers keep a `not`, since neither holds where one is NaN.
    mutating func negation(_ condition: ExprID) -> ExprID {
        switch system.graph.form(of: condition) {
        case .boolean(let value): return system.graph.makeBoolean(!value)
        case .not(let inner): return inner
        case .compare(let comparison, let left, let right):
            let opposite: Comparison? =
                switch comparison {
                case .equal: .notEqual
                case .notEqual: .equal
                default: isWhole(left) && isWhole(right) ? comparison.opposite : nil
                }
            guard let opposite else { break }
            return compare(opposite, left, right)
        default: break
        }
        return system.graph.makeNot(condition)
    }

    /// The affine expression that a number is.
    func affine(_ id: ExprID) -> Affine? {
        switch system.graph.form(of: id) {
        case .integer(let affine): return system.graph[affine]
        case .number(let value, _): return value.asInt.map { Affine($0) }
        case .multiply(let factors):
            guard factors.count == 2, let number = system.graph.number(factors[0])?.asInt,
                case .integer(let affine) = system.graph.form(of: factors[1])
            else { return nil }
            return system.graph[affine].scaled(by: number)
        default: return nil
        }
    }

    private func isWhole(_ id: ExprID) -> Bool { affine(id) != nil }

    /// The normal form of a comparison.
    mutating func compare(_ comparison: Comparison, _ left: ExprID, _ right: ExprID) -> ExprID {
        if let one = system.graph.number(left), let two = system.graph.number(right) {
            note(.knownCondition)
            return system.graph.makeBoolean(comparison.holds(one, two))
        }
        if let one = affine(left), let two = affine(right), let holds = decide(comparison, one, two) {
            note(.knownCondition)
            return system.graph.makeBoolean(holds)
        }
        // i == j and j == i are one condition.
        if comparison == .equal || comparison == .notEqual, precedes(right, left, .product), isWhole(left),
            isWhole(right),
            system.graph.number(left) == nil
        {
            return system.graph.makeComparison(comparison, right, left)
        }
        return system.graph.makeComparison(comparison, left, right)
    }

    /// Whether an index comparison always (true) or never (false) holds in the ranges of its indices.
    func decide(_ comparison: Comparison, _ left: Affine, _ right: Affine) -> Bool? {
        switch comparison {
        case .less: isLess(left, right) ? true : isLessOrEqual(right, left) ? false : nil
        case .lessOrEqual: isLessOrEqual(left, right) ? true : isLess(right, left) ? false : nil
        case .greater: decide(.less, right, left)
        case .greaterOrEqual: decide(.lessOrEqual, right, left)
        case .equal:
            system.isEqual(left, right) || isLessOrEqual(left, right) && isLessOrEqual(right, left)
                ? true : isLess(left, right) || isLess(right, left) ? false : nil
        case .notEqual: decide(.equal, left, right).map { !$0 }
        }
    }
}

extension Comparison {
    /// What holds of integers where this does not.
    var opposite: Comparison {
        switch self {
        case .less: .greaterOrEqual
        case .lessOrEqual: .greater
        case .greater: .lessOrEqual
        case .greaterOrEqual: .less
        case .equal: .notEqual
        case .notEqual: .equal
        }
    }

    /// The same comparison with its sides exchanged.
    var mirrored: Comparison {
        switch self {
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        case .equal, .notEqual: self
        }
    }
}

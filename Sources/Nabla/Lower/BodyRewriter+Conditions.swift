/// Conditions that numbers and known sizes decide, such as `N/3 != 0`: a compiler warns of what stands behind those.
extension BodyRewriter {
    /// What stands for a condition, or for a choice by one, that is decided; nil where it is not.
    static func decided(_ id: ExprID, _ children: [ExprID], _ system: inout System) -> ExprID? {
        switch system.graph.form(of: id) {
        case .compare(let comparison, _, _):
            guard let left = exactValue(children[0], system), let right = exactValue(children[1], system) else {
                return nil
            }
            let holds =
                switch comparison {
                case .less: left < right
                case .lessOrEqual: !(right < left)
                case .greater: right < left
                case .greaterOrEqual: !(left < right)
                case .equal: left == right
                case .notEqual: left != right
                }
            return system.graph.makeBoolean(holds)
        case .and: return junction(children, isConjunction: true, &system.graph)
        case .or: return junction(children, isConjunction: false, &system.graph)
        case .not: return truth(children[0], system.graph).map { system.graph.makeBoolean(!$0) }
        case .select: return truth(children[0], system.graph).map { $0 ? children[1] : children[2] }
        default: return nil
        }
    }

    private static func truth(_ id: ExprID, _ graph: ExprGraph) -> Bool? {
        if case .boolean(let value) = graph.form(of: id) { return value }
        return nil
    }

    private static func junction(_ operands: [ExprID], isConjunction: Bool, _ graph: inout ExprGraph) -> ExprID? {
        let values = operands.map { truth($0, graph) }
        if values.allSatisfy({ $0 == nil }) { return nil }
        if values.contains(!isConjunction) { return graph.makeBoolean(!isConjunction) }
        let rest = zip(operands, values).filter { $0.1 == nil }.map(\.0)
        if rest.isEmpty { return graph.makeBoolean(isConjunction) }
        if rest.count == 1 { return rest[0] }
        return isConjunction ? graph.makeAnd(rest) : graph.makeOr(rest)
    }

    /// The value of a small expression of numbers and known sizes, where that is exact; `depth` is what is above it.
    private static func exactValue(_ id: ExprID, _ system: System, depth: Int = 0) -> Rational? {
        guard depth < 8 else { return nil }
        func exact(_ id: ExprID) -> Rational? { exactValue(id, system, depth: depth + 1) }
        func folded(_ ids: [ExprID], _ start: Rational, _ join: (Rational, Rational) -> Rational) -> Rational? {
            guard ids.count <= 8 else { return nil }
            var result = start
            for id in ids {
                guard let value = exact(id), value.bitWidth <= 256 else { return nil }
                result = join(result, value)
            }
            return result
        }
        switch system.graph.form(of: id) {
        case .number(let value, _): return value
        case .integer(let affine):
            return system.expandingSizes(system.graph[affine]).asConstant.map { Rational($0) }
        case .negate(let operand): return exact(operand)?.negated
        case .add(let terms): return folded(terms, .zero) { $0 + $1 }
        case .multiply(let factors): return folded(factors, .one) { $0 * $1 }
        case .divide(let dividend, let divisor):
            guard let above = exact(dividend), let below = exact(divisor), !below.isZero else { return nil }
            return above.dividing(by: below)
        case .power(let base, let exponent):
            guard let power = exact(exponent)?.asInt, power.magnitude <= 64 else { return nil }
            return exact(base).flatMap { $0.power(power) }
        default: return nil
        }
    }
}

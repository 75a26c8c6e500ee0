extension System {
    /// The exact value of an expression of numbers and known sizes; nil where there is none, or it is no such expression.
    public func exactValue(of root: ExprID) -> Rational? {
        if let number = graph.number(root) { return number }
        var values: [ExprID: Rational] = [:]
        var stack: [(id: ExprID, expanded: Bool)] = [(root, false)]
        while let (id, expanded) = stack.popLast() {
            if values[id] != nil { continue }
            if !expanded {
                switch graph.form(of: id) {
                case .number, .integer, .add, .multiply, .negate, .divide, .power: break
                default: return nil
                }
                stack.append((id, true))
                graph.forEachChild(of: id) { stack.append(($0, false)) }
                continue
            }
            guard let value = exactValue(id, values), value.bitWidth <= 4096 else { return nil }
            values[id] = value
        }
        return values[root]
    }

    private func exactValue(_ id: ExprID, _ values: [ExprID: Rational]) -> Rational? {
        func value(_ child: ExprID) -> Rational { values[child] ?? .zero }
        switch graph.form(of: id) {
        case .number(let number, _): return number
        case .integer(let affine): return expandingSizes(graph[affine]).asConstant.map { Rational($0) }
        case .add(let terms):
            var total = Rational.zero
            for term in terms {
                total += value(term)
                if total.bitWidth > 4096 { return nil }
            }
            return total
        case .multiply(let factors):
            var total = Rational.one
            for factor in factors {
                total *= value(factor)
                if total.bitWidth > 4096 { return nil }
            }
            return total
        case .negate(let operand): return value(operand).negated
        case .divide(let dividend, let divisor): return value(dividend).dividing(by: value(divisor))
        case .power(let base, let exponent): return value(exponent).asInt.flatMap { value(base).power($0) }
        default: return nil
        }
    }
}

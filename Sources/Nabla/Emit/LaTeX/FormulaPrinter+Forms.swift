// The choices of form that follow from how large a formula prints.

extension FormulaPrinter {
    /// How tightly a formula binds: like the spec's, but reductions and cases are not closed on their right.
    func precedence(of id: ExprID, negated: Bool = false) -> Precedence {
        switch system.graph.form(of: id) {
        case .number(let value, let literal):
            if value.sign < 0 { return .negation }
            return literal == nil && NumberForm(value).isFraction ? .negation : .atom
        case .reduce(let kind, _, _): return kind == .logSumExp ? .negation : .product
        case .reduceExamples: return .product
        case .select(let condition, let then, let otherwise):
            switch selectForm(condition, then, otherwise) {
            case .indicator: return .atom
            case .delta(_, let factor): return factor ? .product : .atom
            case .guarded: return .product
            case .cases: return .select
            case .call: return .atom
            }
        case .power(let base, let exponent):
            if isRoot(exponent), fits(known(base)) { return .atom }
            return system.graph.precedence(of: id)
        case .call(.standard(let function), _):
            switch FunctionTable.standard[function].latex {
            case .exponential, .power: return .power
            default: return .atom
            }
        default: return system.graph.precedence(of: id, negated: negated)
        }
    }

    func isRoot(_ exponent: ExprID) -> Bool { system.graph.number(exponent) == .half }

    enum SelectForm {
        /// \mathbf{1}[condition]
        case indicator
        /// \mathbf{1}[condition] with a factor behind it.
        case guarded
        /// \delta_{ij}, with or without a factor behind it.
        case delta([MathToken], hasFactor: Bool)
        case cases
        /// \operatorname{if}(condition; then; otherwise), which can be broken.
        case call
    }

    /// The form of `condition ? then : otherwise`.
    func selectForm(_ condition: ExprID, _ then: ExprID, _ otherwise: ExprID) -> SelectForm {
        if system.graph.number(otherwise)?.isZero == true {
            let isOne = system.graph.number(then)?.isOne == true
            if let delta = kroneckerDelta(condition) { return .delta(delta, hasFactor: !isOne) }
            return isOne ? .indicator : .guarded
        }
        let (first, second, test) = (known(then), known(otherwise), known(condition))
        let nesting = max(first.nesting, second.nesting, test.nesting)
        let width = max(first.width, second.width) + test.width + 4
        return width <= limit * 0.7 && nesting < 2 && first.height + second.height <= 8 ? .cases : .call
    }

    /// δ_{ij} where the condition is that two plain indices, or an index and a constant, are equal; a product of such
    /// for several.
    func kroneckerDelta(_ condition: ExprID) -> [MathToken]? {
        switch system.graph.form(of: condition) {
        case .and(let conditions) where !conditions.isEmpty && conditions.count <= 4:
            var deltas: [MathToken] = []
            for condition in conditions {
                guard let delta = kroneckerDelta(condition) else { return nil }
                deltas += delta
            }
            return deltas
        case .compare(.equal, let left, let right):
            guard case .integer(let first) = system.graph.form(of: left),
                case .integer(let second) = system.graph.form(of: right), isPlain(first), isPlain(second),
                system.graph[first].asIndex != nil || system.graph[second].asIndex != nil
            else { return nil }
            // The index that is looked for stands first: \delta_{i,0}.
            let pair = system.graph[first].asIndex == nil ? [second, first] : [first, second]
            return [.symbol(.greek("delta"))] + text(ofIndices: pair).tokens.grouped(.below(isIndex: false))
        default: return nil
        }
    }

    private func isPlain(_ affine: AffineID) -> Bool {
        system.graph[affine].asIndex != nil || system.graph[affine].terms.isEmpty && system.graph[affine].constant >= 0
    }
}

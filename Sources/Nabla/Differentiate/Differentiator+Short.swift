// Short adjoints, which are tried in place of their names where something may cancel: p(−y/p) is −y.
extension Differentiator {
    /// What a short adjoint that is another's name stands for.
    mutating func unaliased(_ body: ExprID, _ family: Family) -> ExprID {
        guard !family.short.isEmpty, simplifier.system.graph.kind(of: body) == .access,
            case .access(let adjoint, let indices) = simplifier.system.graph.form(of: body),
            let through = simplifier.system[adjoint].derivative?.wrt, family.adjoints[through] == adjoint,
            let (axes, inner) = family.short[through], axes.count == indices.count
        else { return body }
        var map: [IndexID: Affine] = [:]
        for (axis, index) in zip(axes, indices) { map[axis.index] = simplifier.system.graph[index] }
        return simplifier.system.graph.substitute(inner, map) ?? body
    }

    /// Whether an adjoint is worth trying in place of its name: few operations, no sum, and a divisor or a sign that may cancel.
    func isShort(_ body: ExprID) -> Bool {
        let result = simplifier.system.graph.withNodes(below: body, atMost: 24) { nodes -> Bool in
            var mayCancel = false
            for node in nodes {
                switch simplifier.system.graph.kind(of: node) {
                case .reduce, .extremum: return false
                // Sums over a Kronecker delta contract.
                case .select:
                    guard isDelta(node) else { return false }
                    mayCancel = true
                case .power:
                    let exponent = ExprID(simplifier.system.graph.node(node).b)
                    if let number = simplifier.system.graph.number(exponent), number.sign > 0 { continue }
                    mayCancel = true
                case .number: if node != body { mayCancel = mayCancel || isMinusOne(node) }
                default: continue
                }
            }
            return mayCancel
        }
        return result ?? false
    }

    private func isDelta(_ id: ExprID) -> Bool {
        guard case .select(let condition, _, let otherwise) = simplifier.system.graph.form(of: id),
            simplifier.system.graph.number(otherwise)?.isZero == true
        else { return false }
        var parts = [condition]
        if case .and(let inner) = simplifier.system.graph.form(of: condition) { parts = inner }
        return parts.allSatisfy { part in
            guard case .compare(.equal, let left, let right) = simplifier.system.graph.form(of: part) else {
                return false
            }
            return simplifier.affine(left) != nil && simplifier.affine(right) != nil
        }
    }

    private func isMinusOne(_ id: ExprID) -> Bool { simplifier.system.graph.number(id)?.isMinusOne == true }

    /// How much there is to compute in an expression: everything but numbers, names and sums' own heads.
    func weight(_ id: ExprID) -> Int {
        simplifier.system.graph.reachable(from: id).reduce(0) { total, node in
            switch simplifier.system.graph.form(of: node) {
            case .number, .pi, .integer, .access: total
            case .add(let terms), .multiply(let terms): total + terms.count - 1
            default: total + 1
            }
        }
    }

    /// The sum with short adjoints written out where that makes it shorter: p(−y/p) is −y.
    mutating func shorter(
        _ raw: ExprID, than result: ExprID, _ contributions: [Contribution], _ family: Family
    ) -> ExprID? {
        if family.short.isEmpty { return nil }
        var replacements: [ExprID: ExprID] = [:]
        for contribution in contributions {
            guard let (axes, body) = family.short[contribution.through],
                case .access(_, let indices) = simplifier.system.graph.form(of: contribution.adjoint)
            else { continue }
            var map: [IndexID: Affine] = [:]
            for (axis, index) in zip(axes, indices) { map[axis.index] = simplifier.system.graph[index] }
            replacements[contribution.adjoint] = simplifier.system.graph.substitute(body, map)
        }
        if replacements.isEmpty { return nil }
        let written = simplifier.system.graph.rewrite(
            raw, replace: { _, id in replacements[id] },
            transform: { graph, id, children in graph.rebuilding(id, children) })
        var alternative = simplifier.simplify(written)
        if let longer = simplifier.multipliedOut(alternative), weight(longer) < weight(alternative) {
            alternative = longer
        }
        return weight(alternative) < weight(result) ? alternative : nil
    }
}

// Where a maximum is: k = arg max over j.

extension FormulaPrinter {
    mutating func push(
        position id: ExprID, _ kind: ReductionKind, _ binders: [Binder], _ body: ExprID, _ targets: [AffineID],
        _ negated: Bool, _ isLast: Bool, _ line: inout MathLine, _ stack: inout [Work]
    ) {
        let (tokens, width) = text(ofIndices: targets)
        let tuple = targets.count > 1 ? [.open(.round, .normal)] + tokens + [.close(.round, .normal)] : tokens
        line.write(
            tuple + [.operation(negated ? .notEqual : .equal, isTight: false)],
            width: width + 1.4 + (targets.count > 1 ? 0.8 : 0))
        var entered: [(IndexID, String)] = []
        for (position, binder) in binders.enumerated() { enter(binder, position, of: id, &entered) }
        let limits = binders.map { isWholeRange(of: $0, in: body) ? name(of: $0.index) : range(of: $0) }
        let limit = Array(limits.map(\.tokens).joined(separator: [.comma(.tight)])).grouped(.lowerLimit)
        line.write(
            [.big(kind == .minimum ? .argumentOfMinimum : .argumentOfMaximum)] + limit + [.thinSpace],
            width: 3.8 + limits.reduce(0) { $0 + $1.width * 0.5 })
        stack.append(.leave(entered))
        stack.append(.expression(body, bodyPlace(body), isLast: isLast))
    }

    /// Whether an index runs over all that the elements which it is an index of have: then its range need not be said.
    mutating func isWholeRange(of binder: Binder, in body: ExprID) -> Bool {
        var isMentioned = false
        for id in system.graph.reachable(from: body) {
            guard case .access(let quantity, let indices) = system.graph.form(of: id) else { continue }
            for (position, index) in indices.enumerated() where system.graph[index].asIndex == binder.index {
                guard isWholeRange(of: binder, in: quantity, position, at: indices) else { return false }
                // A derivative shows other indices than its own.
                if system[quantity].derivative == nil { isMentioned = true }
            }
        }
        return isMentioned
    }

    /// Whether an index runs over all that one of a quantity's axes has, in each of its cases.
    mutating func isWholeRange(
        of binder: Binder, in quantity: QuantityID, _ position: Int, at indices: [AffineID]
    ) -> Bool {
        for domain in system[quantity].domains {
            // Layers differ in size: a bound may mention the layer.
            var map: [IndexID: Affine] = [:]
            for (axis, index) in zip(domain, indices).prefix(position) { map[axis.index] = system.graph[index] }
            guard domain.indices.contains(position),
                let lower = system.graph.substitute(domain[position].lower, map),
                let upper = system.graph.substitute(domain[position].upper, map),
                system.isEqual(lower, binder.lower), system.isEqual(upper, binder.upper)
            else { return false }
        }
        return true
    }
}

/// Which second derivatives of a cost are asked for.
public enum SecondOrder: Hashable, Sendable {
    /// All of them.
    case hessian
    /// Their product with a direction of this name, which is given at run time.
    case product(along: String)
}

/// The second derivatives in a ``DerivedSystem``.
public struct SecondDerivatives: Sendable {
    /// ∂²C/∂a∂b for a pair of quantities, a first in the order in which they were asked for.
    public struct Block: Hashable, Sendable {
        public var first: QuantityID
        public var second: QuantityID
        /// Its indices are the stages of both, then the elements of both, each a's before b's.
        public var derivative: QuantityID
    }

    /// Where the whole Hessian was asked for: a block for each pair; that of (b, a) is the same with its indices exchanged.
    public var hessian: [Block]?
    /// Where a product was asked for: for each quantity its component.
    public var product: [(wrt: QuantityID, derivative: QuantityID)]?
    /// For each quantity the direction's component, in the order in which they were asked for.
    public var direction: [QuantityID] = []
    /// The equations that were added: positions in ``System/equations``.
    public var equations: [Int] = []

    /// What has to be computed.
    public var results: [QuantityID] {
        (hessian ?? []).map(\.derivative) + (product ?? []).map(\.derivative)
    }
}

extension Spec {
    /// The derived system of a cost with its second derivatives.
    ///
    /// - Parameters:
    ///   - cost: as for ``derive(of:wrt:)``.
    ///   - names: as for ``derive(of:wrt:)``.
    ///   - order: the Hessian, or its product with a direction.
    /// - Throws: ``DerivationError``.
    public mutating func derive(
        of cost: String? = nil, wrt names: [String] = [], second order: SecondOrder
    ) throws -> DerivedSystem {
        try TangentBuilder.extend(try derive(of: cost, wrt: names), order)
    }
}

extension System {
    /// Splits the indices of an element of a derivative: those of what it is a derivative of, and those of what it is taken with
    /// respect to.
    mutating func ratio(of derivative: QuantityID, at indices: [AffineID]) -> (above: ExprID, below: [AffineID])? {
        guard let definition = self[derivative].derivative else { return nil }
        let own = self[derivative].domains.first ?? []
        var map: [IndexID: Affine] = [:]
        for (axis, index) in zip(own, indices) { map[axis.index] = graph[index] }
        let above = graph.substitute(definition.of, map) ?? definition.of
        return (above, indicesBelow(derivative, indices))
    }

    /// Of the indices of an element of a derivative those that belong to what it is taken with respect to.
    func indicesBelow(_ derivative: QuantityID, _ indices: [AffineID]) -> [AffineID] {
        guard let definition = self[derivative].derivative, let own = self[derivative].domains.first,
            case .access(_, let above) = graph.form(of: definition.of)
        else { return indices }
        let used = Set(above.compactMap { graph[$0].asIndex })
        var below = zip(own, indices).filter { !used.contains($0.0.index) }.map(\.1)
        // Constants on the left side that stand above, too: first, as the indices above are.
        let surplus = below.count - self[definition.wrt].axisCount
        if surplus > 0 { below.removeFirst(surplus) }
        return below
    }
}

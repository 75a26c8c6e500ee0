/// Which expressions the forward pass has a name for: the right sides of the original equations.
///
/// So σ′(z) is written a(1 − a) where a = σ(z) is there. An expression is an instance of an equation's right side when it
/// differs only in its indices; the indices of the equation's axes follow from those.
struct ForwardValues {
    private struct Pattern {
        var quantity: QuantityID
        var axes: [Axis]
        var body: ExprID
    }

    private var patterns: [UInt64: [Pattern]] = [:]
    /// Of each node, a hash of its structure without index expressions; 0 where it has not been asked for.
    private var skeletons: [UInt64] = []

    init() {}

    /// Takes in an equation with a normal right side, where that is worth a name.
    mutating func add(_ equation: Equation, _ graph: ExprGraph) {
        switch graph.form(of: equation.body) {
        case .call, .reduce: break
        case .add(let terms), .multiply(let terms):
            let isWorthIt = terms.contains {
                switch graph.form(of: $0) {
                case .call, .reduce, .power: true
                default: false
                }
            }
            if !isWorthIt { return }
        case .power(_, let exponent): if graph.number(exponent)?.isInteger == true { return }
        default: return
        }
        let pattern = Pattern(quantity: equation.quantity, axes: equation.axes, body: equation.body)
        patterns[skeleton(of: equation.body, graph), default: []].append(pattern)
    }

    /// The quantity's element whose value an expression is, if there is one.
    mutating func name(for id: ExprID, _ simplifier: inout Simplifier) -> ExprID? {
        if patterns.isEmpty { return nil }
        let found = patterns[skeleton(of: id, simplifier.system.graph)]
        for pattern in found ?? [] {
            guard let map = match(pattern, id, simplifier.system.graph) else { continue }
            guard simplifier.system.graph.substitute(pattern.body, map) == id else { continue }
            var isInside = true
            for axis in pattern.axes where isInside {
                guard let value = map[axis.index],
                    let lower = simplifier.system.graph.substitute(axis.lower, map),
                    let upper = simplifier.system.graph.substitute(axis.upper, map)
                else {
                    isInside = axis.isPoint
                    continue
                }
                let bounds = (simplifier.system.graph[lower], simplifier.system.graph[upper])
                isInside = simplifier.isLessOrEqual(bounds.0, value) && simplifier.isLess(value, bounds.1)
            }
            guard isInside else { continue }
            let indices = pattern.axes.map { axis in
                axis.isPoint
                    ? axis.lower
                    : simplifier.system.graph.affine(map[axis.index] ?? simplifier.system.graph[axis.lower])
            }
            simplifier.note(.forwardValue)
            return simplifier.system.graph.makeAccess(pattern.quantity, indices)
        }
        return nil
    }

    /// The values of a pattern's axes that its first index expressions ask for; to be verified by substitution.
    private func match(_ pattern: Pattern, _ id: ExprID, _ graph: ExprGraph) -> [IndexID: Affine]? {
        var map: [IndexID: Affine] = [:]
        var unknown = Set(pattern.axes.filter { !$0.isPoint }.map(\.index))
        var stack = [(pattern.body, id)]
        var seen: Set<ExprID> = []
        while let (left, right) = stack.popLast(), !unknown.isEmpty {
            if graph.node(left).kind != graph.node(right).kind { return nil }
            let (ours, theirs) = (affines(left, graph), affines(right, graph))
            if ours.count != theirs.count { return nil }
            for (one, two) in zip(ours, theirs) {
                let affine = graph[one]
                let bare = affine.terms.first { term in
                    if case .index(let index) = term.atom {
                        return unknown.contains(index) && abs(term.coefficient) == 1
                    }
                    return false
                }
                guard let bare, case .index(let index) = bare.atom, affine.terms.count == 1 else { continue }
                guard let value = graph[two].offset(by: -affine.constant)?.scaled(by: bare.coefficient) else {
                    return nil
                }
                map[index] = value
                unknown.remove(index)
            }
            guard seen.insert(left).inserted else { continue }
            var children: [ExprID] = []
            graph.forEachChild(of: right) { children.append($0) }
            var position = 0
            graph.forEachChild(of: left) { child in
                if position < children.count { stack.append((child, children[position])) }
                position += 1
            }
            if position != children.count { return nil }
        }
        return unknown.isEmpty ? map : nil
    }

    private func affines(_ id: ExprID, _ graph: ExprGraph) -> [AffineID] {
        switch graph.form(of: id) {
        case .integer(let affine): [affine]
        case .access(_, let indices): indices
        case .reduce(_, let binders, _): binders.flatMap { [$0.lower, $0.upper] }
        default: []
        }
    }

    /// Children before parents, so that a loop over ids is enough.
    private mutating func skeleton(of id: ExprID, _ graph: ExprGraph) -> UInt64 {
        while skeletons.count <= Int(id.raw) {
            let next = ExprID(UInt32(truncatingIfNeeded: skeletons.count))
            let node = graph.node(next)
            var hash = UInt64(node.kind.rawValue) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(node.tag) << 32
            switch node.kind {
            case .number, .argument, .access, .call, .derivativeCall: hash ^= UInt64(node.a) << 40
            default: break
            }
            hash ^= UInt64(node.c & 0xFFFF) << 16
            if node.kind == .select { hash ^= UInt64(node.c & 0xFFFF) << 16 }
            graph.forEachChild(of: next) { child in
                hash = (hash ^ skeletons[Int(child.raw)]) &* 0xD6E8_FEB8_6659_FD93
                hash ^= hash >> 31
            }
            skeletons.append(hash)
        }
        return skeletons[Int(id.raw)]
    }
}

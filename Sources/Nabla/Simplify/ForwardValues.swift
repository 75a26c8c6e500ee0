/// Which expressions the forward pass has a name for: the right sides of the original equations.
///
/// So σ′(z) is written a(1 − a) where a = σ(z) is there. An expression is an instance of an equation's right side when it
/// differs only in its indices; the indices of the equation's axes follow from those.
struct ForwardValues {
    fileprivate struct Pattern {
        var quantity: QuantityID
        var body: ExprID
        var axes: [Axis]
    }

    /// In the equations' order.
    private var patterns: [Pattern] = []
    /// Of right sides without an index of their own, the first pattern that is just this, + 1: by the node's id.
    private var exact: [Int32] = []
    /// The others by their structure.
    private var bySkeleton: [UInt64: [Int32]] = [:]
    /// Of each node, a hash of its structure without index expressions; made where there are patterns with indices.
    private var skeletons: [UInt64] = []

    var isEmpty: Bool { patterns.isEmpty }

    /// Makes room for so many equations.
    mutating func reserveCapacity(_ count: Int) { patterns.reserveCapacity(count) }

    /// Takes in an equation, whose right side is this in normal form, where that is worth a name.
    mutating func add(_ equation: Equation, _ body: ExprID, _ graph: ExprGraph) {
        switch graph.kind(of: body) {
        case .call: break
        case .reduce: if graph.node(body).tag & Node.overExamples != 0 { return }
        case .add, .multiply:
            let isWorthIt = (0..<graph.operandCount(body)).contains { position in
                let operand = graph.node(graph.operand(body, position))
                return operand.kind == .call || operand.kind == .power
                    || operand.kind == .reduce && operand.tag & Node.overExamples == 0
            }
            if !isWorthIt { return }
        case .power:
            if graph.number(ExprID(graph.node(body).b))?.isInteger == true { return }
        default: return
        }
        let number = Int32(truncatingIfNeeded: patterns.count)
        patterns.append(Pattern(quantity: equation.quantity, body: body, axes: equation.axes))
        if equation.axes.allSatisfy(\.isPoint) {
            let place = Int(body.raw)
            if place >= exact.count {
                exact.append(contentsOf: repeatElement(0, count: graph.count - exact.count))
            }
            if exact[place] == 0 { exact[place] = number + 1 }
        } else {
            bySkeleton[skeleton(of: body, graph), default: []].append(number)
        }
    }

    /// Whether an expression is a right side without an index.
    func hasName(_ id: ExprID) -> Bool { Int(id.raw) < exact.count && exact[Int(id.raw)] > 0 }

    /// The patterns that an expression may be an instance of, in the equations' order; those without indices are it.
    fileprivate mutating func candidates(for id: ExprID, _ graph: ExprGraph) -> (exact: Int32?, others: [Int32]) {
        (
            hasName(id) ? exact[Int(id.raw)] - 1 : nil,
            bySkeleton.isEmpty ? [] : bySkeleton[skeleton(of: id, graph)] ?? []
        )
    }

    fileprivate func pattern(_ number: Int32) -> Pattern { patterns[Int(number)] }

    /// The values of a pattern's axes that its first index expressions ask for; to be verified by substitution.
    fileprivate func match(_ pattern: Pattern, _ id: ExprID, _ graph: ExprGraph) -> [IndexID: Affine]? {
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

extension Simplifier {
    /// A template's expression over other leaves; nil where something that had no name has one there.
    mutating func made(_ template: ExprTemplate, of leaves: Operands) -> ExprID? {
        template.made(of: leaves, &system.graph) { forwardValues.hasName($0) }
    }

    /// The quantity's element whose value an expression is, if there is one.
    mutating func forwardName(of id: ExprID) -> ExprID? {
        guard let name = firstName(of: id) else {
            unnamed?.append(id)
            return nil
        }
        unnamed = nil
        return name
    }

    private mutating func firstName(of id: ExprID) -> ExprID? {
        let (exact, others) = forwardValues.candidates(for: id, system.graph)
        for number in others {
            if let exact, exact < number { break }
            let pattern = forwardValues.pattern(number)
            guard let map = forwardValues.match(pattern, id, system.graph),
                system.graph.substitute(pattern.body, map) == id, isInside(pattern.axes, map)
            else { continue }
            let indices = pattern.axes.map { axis in
                axis.isPoint ? axis.lower : system.graph.affine(map[axis.index] ?? system.graph[axis.lower])
            }
            note(.forwardValue)
            return system.graph.makeAccess(pattern.quantity, indices)
        }
        guard let exact else { return nil }
        let pattern = forwardValues.pattern(exact)
        note(.forwardValue)
        return system.graph.makeAccess(pattern.quantity, pattern.axes.map(\.lower))
    }

    private mutating func isInside(_ axes: [Axis], _ map: [IndexID: Affine]) -> Bool {
        for axis in axes {
            guard let value = map[axis.index], let lower = system.graph.substitute(axis.lower, map),
                let upper = system.graph.substitute(axis.upper, map)
            else {
                if axis.isPoint { continue }
                return false
            }
            let bounds = (system.graph[lower], system.graph[upper])
            if !isLessOrEqual(bounds.0, value) || !isLess(value, bounds.1) { return false }
        }
        return true
    }
}

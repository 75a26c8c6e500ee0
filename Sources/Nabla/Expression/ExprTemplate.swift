/// An expression without indices over leaves that are filled in: made once for all expressions that differ in their leaves alone.
struct ExprTemplate {
    /// One node to be made, or only to be looked for.
    private struct Step {
        var node: Node
        /// Its operands, among all.
        var first: Int
        var count: Int
        /// Whether it is a part of the result, not only something that must have no name.
        var isMade: Bool
        /// Whether the result holds only where this has no name in the forward pass.
        var isUnnamed: Bool
    }

    /// A node of the graph, a leaf that is filled in, or an earlier step, by the two bits at the top.
    private enum Operand {
        static let leaf: UInt32 = 1 << 30
        static let step: UInt32 = 2 << 30
        static let mask: UInt32 = 3 << 30
    }

    private var steps: [Step] = []
    private var operands: [UInt32] = []
    private var result: UInt32 = 0

    /// More steps are not worth it.
    private static let most = 32
    private static let absent = UInt32.max

    /// The template of an expression; nil where it has an index, or is large.
    ///
    /// - Parameters:
    ///   - leaves: what is filled in, by its position.
    ///   - unnamed: what was found to have no name when the expression came about.
    init?(of root: ExprID, leaves: Operands, unnamed: [ExprID], _ graph: ExprGraph) {
        let made = ExprSet(graph.reachable(from: root))
        let checked = ExprSet(unnamed)
        var all = made
        for id in unnamed { for node in graph.reachable(from: id) { all.insert(node) } }
        var places = ExprMap<UInt32>()
        for position in 0..<leaves.count { places[leaves[position]] = Operand.leaf | UInt32(position) }
        for id in all.inOrder.sorted() where places[id] == nil {
            let node = graph.node(id)
            switch node.kind {
            case .number, .pi, .boolean:
                guard id.raw < Operand.leaf else { return nil }
                places[id] = id.raw
                continue
            case .access, .integer, .argument, .derivativeCall, .reduce, .extremum: return nil
            default: break
            }
            guard steps.count < ExprTemplate.most else { return nil }
            let first = operands.count
            var isComplete = true
            graph.forEachChild(of: id) { child in
                if let place = places[child] { operands.append(place) } else { isComplete = false }
            }
            guard isComplete, operands.count - first <= Operands.most else { return nil }
            places[id] = Operand.step | UInt32(steps.count)
            let draft = Node(kind: node.kind, tag: node.tag, a: node.kind == .call ? node.a : 0)
            steps.append(
                Step(
                    node: draft, first: first, count: operands.count - first, isMade: made.contains(id),
                    isUnnamed: checked.contains(id)))
        }
        guard let place = places[root] else { return nil }
        result = place
    }
}

extension ExprTemplate {
    /// The expression over other leaves; nil where something that had no name has one there.
    ///
    /// - Parameter hasName: whether an expression has a name.
    @inline(__always)
    func made(of leaves: Operands, _ graph: inout ExprGraph, hasName: (ExprID) -> Bool) -> ExprID? {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: ExprTemplate.most) { values -> ExprID? in
            func value(_ operand: UInt32) -> UInt32 {
                switch operand & Operand.mask {
                case Operand.leaf: leaves[Int(operand & ~Operand.mask)].raw
                case Operand.step: values[Int(operand & ~Operand.mask)]
                default: operand
                }
            }
            for number in steps.indices {
                let step = steps[number]
                var node = step.node
                var list = Operands()
                for position in step.first..<step.first + step.count { list.append(raw: value(operands[position])) }
                let isThere = list.latest != ExprTemplate.absent
                if node.hasList {
                    node.c = UInt32(truncatingIfNeeded: step.count)
                } else {
                    node.a = list[0].raw
                    if step.count > 1 { node.b = list[1].raw }
                    if step.count > 2 { node.c = list[2].raw }
                }
                // Without an index there is neither a height nor a mask.
                var id: ExprID?
                if isThere, step.isMade {
                    id = node.hasList ? graph.intern(node, list, mask: 0) : graph.intern(node, mask: 0)
                } else if isThere {
                    id = graph.known(node, list)
                }
                if step.isUnnamed, let id, hasName(id) { return nil }
                values.initializeElement(at: number, to: id?.raw ?? ExprTemplate.absent)
            }
            return ExprID(value(result))
        }
    }
}

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
                guard let place = places[child] else { return isComplete = false }
                operands.append(place)
            }
            guard isComplete else { return nil }
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

    /// The expression over other leaves; nil where something that had no name has one there.
    func made(of leaves: Operands, _ graph: inout ExprGraph, _ names: ForwardValues) -> ExprID? {
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
                var isThere = true
                if node.hasList {
                    graph.beginList()
                    for position in step.first..<step.first + step.count {
                        let operand = value(operands[position])
                        if operand == ExprTemplate.absent { isThere = false }
                        graph.push(operand)
                    }
                } else {
                    node.a = value(operands[step.first])
                    if step.count > 1 { node.b = value(operands[step.first + 1]) }
                    if step.count > 2 { node.c = value(operands[step.first + 2]) }
                    let most = max(node.a, step.count > 1 ? node.b : 0, step.count > 2 ? node.c : 0)
                    isThere = most != ExprTemplate.absent
                }
                // Without an index there is neither a height nor a mask.
                let id = !isThere ? nil : step.isMade ? graph.intern(node, mask: 0) : graph.known(node)
                if step.isUnnamed, let id, names.hasName(id) { return nil }
                values.initializeElement(at: number, to: id?.raw ?? ExprTemplate.absent)
            }
            return ExprID(value(result))
        }
    }
}

/// Which quantities of a spec are computed from which: what one draws on the board before one derives.
///
/// A family of layers or steps is one node, whatever its depth; an edge from one stage to the next is a recurrence, which
/// closes a loop in the picture and none in the mathematics.
public struct DependencyGraph: Sendable {
    /// A quantity.
    public struct Node: Sendable {
        public var quantity: QuantityID
        public var label: GraphLabel
        public var role: Role
        /// Whether it is the cost that the graph ends in.
        public var isCost: Bool
        /// Whether the derivative in question flows through it.
        public var isOnPath = false
        /// The text of its `///` comments.
        public var documentation: String
    }

    /// One quantity in the equation of another.
    public struct Edge: Sendable {
        /// Positions in ``nodes``.
        public var from: Int
        public var to: Int
        /// The stage at which it is mentioned, where that is another one than the equation's own: `l−1`.
        public var label: String
        /// Whether the edge leads back to an earlier node: a recurrence.
        public var isRecurrent: Bool
        public var isOnPath = false
    }

    /// In the order of the system.
    public private(set) var nodes: [Node] = []
    /// By the node that they end in, then by the one that they start from.
    public private(set) var edges: [Edge] = []
    /// The network's name.
    public let title: String

    /// The graph of all that a cost is computed from.
    ///
    /// - Parameters:
    ///   - system: as resolved, or derived.
    ///   - cost: where the graph ends.
    ///   - wrt: quantities whose paths to the cost are marked; empty for none.
    public init(_ system: System, cost: QuantityID, wrt: [QuantityID] = []) {
        title = system.name
        var mentions: [(from: QuantityID, to: QuantityID, shift: String, isSame: Bool)] = []
        var incoming: [Int: [Int]] = [:]
        var names: [QuantityID: [String?]] = [:]
        var visited = Visited()
        for equation in system.equations {
            for id in system.graph.reachable(from: [equation.body], &visited) {
                guard case .access(let quantity, let indices) = system.graph.form(of: id) else { continue }
                let stages = Array(indices.prefix(system[quantity].stageCount))
                let own = equation.axes.prefix(system[equation.quantity].stageCount)
                if names[quantity] == nil {
                    names[quantity] = indices.map { index in
                        system.graph[index].asIndex.map { system.graph.name(of: $0) }
                    }
                }
                var shift = ""
                var isSame = quantity != equation.quantity
                for (position, stage) in stages.enumerated() {
                    let affine = system.graph[stage]
                    guard let axis = own.dropFirst(position).first, !axis.isPoint else { continue }
                    if affine.asIndex == axis.index || affine.coefficient(of: axis.index) == 0 { continue }
                    isSame = false
                    shift = GraphLabel.text(of: affine, system)
                }
                incoming[Int(equation.quantity.raw), default: []].append(mentions.count)
                mentions.append((quantity, equation.quantity, shift, isSame))
            }
        }
        collect(system, cost, mentions, incoming, names)
        markRecurrences()
        mark(wrt)
    }

    private typealias Mention = (from: QuantityID, to: QuantityID, shift: String, isSame: Bool)

    /// The nodes that the cost is reached from, and one edge for each pair and shift.
    private mutating func collect(
        _ system: System, _ cost: QuantityID, _ mentions: [Mention], _ incoming: [Int: [Int]],
        _ names: [QuantityID: [String?]]
    ) {
        var reached: Set<Int> = [Int(cost.raw)]
        var queue = [Int(cost.raw)]
        while let next = queue.popLast() {
            for mention in incoming[next] ?? [] {
                let from = Int(mentions[mention].from.raw)
                if reached.insert(from).inserted { queue.append(from) }
            }
        }
        var number: [QuantityID: Int] = [:]
        for position in reached.sorted() {
            let quantity = system.quantities[position]
            number[QuantityID(position)] = nodes.count
            nodes.append(
                Node(
                    quantity: QuantityID(position),
                    label: GraphLabel(quantity, in: system, names: names[QuantityID(position)] ?? []),
                    role: quantity.role,
                    isCost: QuantityID(position) == cost, documentation: quantity.documentation))
        }
        struct Key: Hashable {
            var from: Int
            var to: Int
            var shift: String
        }
        var known: Set<Key> = []
        for mention in mentions {
            guard let from = number[mention.from], let to = number[mention.to],
                known.insert(Key(from: from, to: to, shift: mention.shift)).inserted
            else { continue }
            edges.append(Edge(from: from, to: to, label: mention.shift, isRecurrent: !mention.isSame))
        }
        edges.sort { ($0.to, $0.from, $0.label) < ($1.to, $1.from, $1.label) }
    }

    /// A shifted edge is a recurrence only where it closes a circle; what closes one without a shift does as well.
    private mutating func markRecurrences() {
        var all: [[Int]] = Array(repeating: [], count: nodes.count)
        for edge in edges { all[edge.from].append(edge.to) }
        var component = Array(repeating: 0, count: nodes.count)
        for (position, members) in Components.ordered(all).enumerated() {
            for member in members { component[member] = position }
        }
        for position in edges.indices where component[edges[position].from] != component[edges[position].to] {
            edges[position].isRecurrent = false
        }
        for position in edges.indices where edges[position].from == edges[position].to {
            edges[position].isRecurrent = true
        }
        var forward: [[Int]] = Array(repeating: [], count: nodes.count)
        for edge in edges where !edge.isRecurrent { forward[edge.from].append(edge.to) }
        // Parts of one vector that read each other: the later one of the spec closes the circle.
        for members in Components.ordered(forward) where members.count > 1 {
            let circle = Set(members)
            for edge in edges.indices
            where circle.contains(edges[edge].from) && circle.contains(edges[edge].to)
                && edges[edge].from >= edges[edge].to
            {
                edges[edge].isRecurrent = true
            }
        }
    }

    /// Marks what lies on a path from one of the quantities to the cost.
    private mutating func mark(_ wrt: [QuantityID]) {
        let start = nodes.indices.filter { wrt.contains(nodes[$0].quantity) }
        if start.isEmpty { return }
        var outgoing: [[Int]] = Array(repeating: [], count: nodes.count)
        for edge in edges { outgoing[edge.from].append(edge.to) }
        var queue = start
        for position in start { nodes[position].isOnPath = true }
        while let next = queue.popLast() {
            for to in outgoing[next] where !nodes[to].isOnPath {
                nodes[to].isOnPath = true
                queue.append(to)
            }
        }
        // Every node here reaches the cost.
        for position in edges.indices { edges[position].isOnPath = nodes[edges[position].from].isOnPath }
    }

    /// Whether there is a path to show.
    public var hasPath: Bool { nodes.contains { $0.isOnPath } }
}

/// Which equations mention which quantities, and which of them depend on what a derivative is taken with respect to.
struct Dependencies {
    /// Of each equation, the accesses in its right side, in the order in which they were made.
    private(set) var accesses: [[ExprID]] = []
    /// Of each quantity, the equations that define it.
    private(set) var definitions: [[Int]]
    /// Of each equation, whether something it depends on is asked for.
    private(set) var isActive: [Bool] = []
    /// Of each quantity, whether its value takes a sum or a mean over the examples, directly or through others.
    private(set) var takesReduction: [Bool]

    /// Opens the right sides, so that every bound index is bound once, and declares all ranges to the simplifier.
    init(_ simplifier: inout Simplifier, wrt: Set<QuantityID>) {
        let count = simplifier.system.quantities.count
        definitions = Array(repeating: [], count: count)
        takesReduction = Array(repeating: false, count: count)
        var users: [[Int]] = Array(repeating: [], count: count)
        var visited = Visited()
        var reducing: [Int] = []
        for position in simplifier.system.equations.indices {
            let body = simplifier.system.graph.opening(simplifier.system.equations[position].body)
            simplifier.system.equations[position].body = body
            simplifier.declare(simplifier.system.equations[position].axes)
            definitions[Int(simplifier.system.equations[position].quantity.raw)].append(position)
            var found: [ExprID] = []
            var reduces = false
            for id in simplifier.system.graph.reachable(from: [body], &visited) {
                switch simplifier.system.graph.node(id).kind {
                case .access: found.append(id)
                case .reduce, .extremum:
                    switch simplifier.system.graph.form(of: id) {
                    case .reduce(_, let binders, _), .extremum(_, let binders, _, _): simplifier.declare(binders)
                    case .reduceExamples: reduces = true
                    default: break
                    }
                default: break
                }
            }
            accesses.append(found)
            for id in found { users[Int(simplifier.system.graph.node(id).a)].append(position) }
            if reduces { reducing.append(position) }
        }
        markActive(&simplifier, wrt, users)
        while let position = reducing.popLast() {
            let quantity = Int(simplifier.system.equations[position].quantity.raw)
            if takesReduction[quantity] { continue }
            takesReduction[quantity] = true
            reducing.append(contentsOf: users[quantity])
        }
    }

    private mutating func markActive(_ simplifier: inout Simplifier, _ wrt: Set<QuantityID>, _ users: [[Int]]) {
        isActive = Array(repeating: false, count: simplifier.system.equations.count)
        var queue: [Int] = []
        for quantity in wrt.sorted() {
            for user in users[Int(quantity.raw)] where !isActive[user] {
                isActive[user] = true
                queue.append(user)
            }
        }
        while let position = queue.popLast() {
            let quantity = simplifier.system.equations[position].quantity
            for user in users[Int(quantity.raw)] where !isActive[user] {
                let reaches = accesses[user].contains { mayRead($0, position, simplifier) }
                if reaches {
                    isActive[user] = true
                    queue.append(user)
                }
            }
        }
    }

    /// Whether an access may read an element that an equation defines: no only where that is certain.
    func mayRead(_ access: ExprID, _ position: Int, _ simplifier: Simplifier) -> Bool {
        let equation = simplifier.system.equations[position]
        guard case .access(let quantity, let indices) = simplifier.system.graph.form(of: access),
            quantity == equation.quantity
        else { return false }
        if definitions[Int(quantity.raw)].count == 1 { return true }
        for (index, axis) in zip(indices, equation.axes) {
            let value = simplifier.system.graph[index]
            if simplifier.isLess(value, simplifier.system.graph[axis.lower]) { return false }
            if simplifier.isLessOrEqual(simplifier.system.graph[axis.upper], value) { return false }
        }
        return true
    }
}

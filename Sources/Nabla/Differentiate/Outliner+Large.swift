extension Outliner {
    /// Names parts of a right side whose derivatives would be long.
    mutating func cutLarge(_ position: Int, _ simplifier: inout Simplifier) {
        var body = simplifier.system.equations[position].body
        var order = simplifier.system.graph.reachable(from: body)
        guard order.count > Outliner.largest || order.count > 2 * Outliner.partSize && isLong(order, simplifier) else {
            return
        }
        body = grouped(body, &simplifier)
        order = simplifier.system.graph.reachable(from: body)
        // Under a condition nothing may be computed ahead of it, and a bound index has no value outside its reduction.
        var isInside = ExprSet()
        for id in order.reversed() {
            switch simplifier.system.graph.form(of: id) {
            case .select, .reduce, .extremum, .compare, .and, .or, .not, .reduceExamples:
                simplifier.system.graph.forEachChild(of: id) { isInside.insert($0) }
            default:
                if isInside.contains(id) { simplifier.system.graph.forEachChild(of: id) { isInside.insert($0) } }
            }
        }
        var weights = ExprMap<Int>()
        var parts: [ExprID] = []
        for id in order {
            var weight = 1
            simplifier.system.graph.forEachChild(of: id) { weight = min(weight + (weights[$0] ?? 1), 1 << 30) }
            if weight > Outliner.partSize, id != body, !isInside.contains(id) {
                parts.append(id)
                weight = 1
            }
            weights[id] = weight
        }
        if parts.isEmpty { return }
        // Children first: each part mentions the names of those below it.
        var names = ExprMap<ExprID>()
        for part in parts {
            let inner = replaced(part, names, &simplifier)
            if let access = define(inner, of: position, [], "_part", &simplifier) { names[part] = access }
        }
        simplifier.system.equations[position].body = replaced(body, names, &simplifier)
    }

    /// Whether a right side's derivatives are too long to write out: each leaf's has a factor, as long as what it stands in, for every
    /// function and product around it.
    private func isLong(_ order: [ExprID], _ simplifier: Simplifier) -> Bool {
        var sizes = ExprMap<Int>()
        var leaves = ExprMap<Int>()
        var total = 0
        for id in order {
            var size = 1
            var below = 0
            simplifier.system.graph.forEachChild(of: id) {
                size = min(size + (sizes[$0] ?? 1), 1 << 24)
                below = min(below + (leaves[$0] ?? 0), 1 << 24)
            }
            switch simplifier.system.graph.kind(of: id) {
            case .access: below = 1
            case .add, .negate, .select, .reduce: break
            case .call, .multiply:
                // Each operand's derivative has the others in it.
                let operands = simplifier.system.graph.operandCount(id)
                total = min(total + size * below * (operands > 2 ? operands : 1), 1 << 50)
            default: total = min(total + size * below, 1 << 50)
            }
            sizes[id] = size
            leaves[id] = below
        }
        return total > Outliner.longestDerivative
    }

    /// Long products, maxima and minima as nests of shorter ones, which can be named.
    private func grouped(_ body: ExprID, _ simplifier: inout Simplifier) -> ExprID {
        let most = 8
        return simplifier.system.graph.rewrite(
            body, replace: { _, _ in nil },
            transform: { graph, id, children in
                let made = graph.rebuilding(id, children)
                var make: ((inout ExprGraph, [ExprID]) -> ExprID)?
                switch graph.form(of: made) {
                case .multiply: make = { $0.makeProduct($1) }
                case .call(let function, _) where function == .standard(.max) || function == .standard(.min):
                    make = { $0.makeCall(function, $1) }
                default: break
                }
                guard let make, children.count > 2 * most else { return made }
                // From the left, so that a tie still gives all of it to the first one.
                var group: [ExprID] = []
                for child in children {
                    if group.count == most { group = [make(&graph, group)] }
                    group.append(child)
                }
                return make(&graph, group)
            })
    }
}

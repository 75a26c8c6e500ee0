/// Deeply nested conditions: each leaf's derivative stands under all the conditions around it, which written out is the square of the
/// nest. Cut into parts that say once, as 1 or 0, whether they are reached, it is as long as the nest.
extension Outliner {
    /// Nests deeper than this are cut, every `levels` levels.
    private static let deepest = 24
    private static let levels = 8

    /// A condition inside a nest, which gets a name.
    private struct Case {
        var node: ExprID
        /// The one around it.
        var outer: Int?
        /// What must hold to come here from there.
        var conditions: [ExprID]
    }

    /// Gives the inner conditions of a deep nest names, each with a quantity that is 1 where it is reached and else 0.
    mutating func cutCases(_ position: Int, _ simplifier: inout Simplifier) {
        let body = simplifier.system.equations[position].body
        let cases = cases(in: body, &simplifier.system.graph)
        if cases.isEmpty { return }
        let one = simplifier.system.graph.makeNumber(1)
        let zero = simplifier.system.graph.makeNumber(0)
        var reached: [ExprID?] = []  // of each case the condition that it is reached
        for part in cases {
            var conditions = part.conditions
            if let outer = part.outer {
                guard let condition = reached[outer] else {
                    reached.append(nil)
                    continue
                }
                conditions.insert(condition, at: 0)
            }
            let all = conditions.count == 1 ? conditions[0] : simplifier.system.graph.makeAnd(conditions)
            let number = simplifier.system.graph.makeSelect(all, then: one, otherwise: zero)
            let access = define(number, of: position, [], "_case", &simplifier)
            reached.append(access.map { simplifier.system.graph.makeComparison(.equal, $0, one) })
        }
        // From the inside out: each part mentions the names of those in it.
        var names = ExprMap<ExprID>()
        for (part, condition) in zip(cases, reached).reversed() {
            guard let condition else { continue }
            let inner = replaced(part.node, names, &simplifier)
            let guarded = simplifier.system.graph.makeSelect(condition, then: inner, otherwise: zero)
            if let access = define(guarded, of: position, [], "_part", &simplifier) { names[part.node] = access }
        }
        simplifier.system.equations[position].body = replaced(body, names, &simplifier)
    }

    /// The conditions to be named, outer ones before inner ones; none where the nest is not deep.
    private func cases(in body: ExprID, _ graph: inout ExprGraph) -> [Case] {
        let order = graph.reachable(from: body)
        var depths = ExprMap<Int>()
        var uses = ExprMap<Int>()
        var deepest = 0
        for id in order {
            var depth = 0
            graph.forEachChild(of: id) { child in
                depth = max(depth, depths[child] ?? 0)
                uses[child, default: 0] += 1
            }
            if graph.kind(of: id) == .select { depth += 1 }
            if depth > 0 { depths[id] = depth }
            deepest = max(deepest, depth)
        }
        guard deepest > Outliner.deepest else { return [] }
        var result: [Case] = []
        var stack: [(id: ExprID, outer: Int?, conditions: [ExprID], isAlone: Bool)] = [(body, nil, [], true)]
        var seen = ExprSet()
        while let (id, outer, conditions, isAlone) = stack.popLast() {
            guard depths[id] != nil, seen.insert(id) else { continue }
            // What is reached on several ways has no one condition.
            let isAlone = isAlone && (uses[id] ?? 0) <= 1
            switch graph.form(of: id) {
            case .select(let condition, let then, let otherwise):
                var outer = outer
                var conditions = conditions
                if isAlone, conditions.count >= Outliner.levels {
                    result.append(Case(node: id, outer: outer, conditions: conditions))
                    outer = result.count - 1
                    conditions = []
                }
                // A condition on indices decides what may be accessed, and a reduction binds its indices in one place.
                let mayMove = isAlone && isPlain(condition, graph)
                let opposite = graph.makeNot(condition)
                stack.append((otherwise, outer, conditions + [opposite], mayMove))
                stack.append((then, outer, conditions + [condition], mayMove))
            case .add, .multiply, .negate, .divide, .power, .call:
                graph.forEachChild(of: id) { stack.append(($0, outer, conditions, isAlone)) }
            default: continue
            }
        }
        return result
    }

    /// Whether a condition compares numbers that are no indices, and has no reduction.
    private func isPlain(_ condition: ExprID, _ graph: ExprGraph) -> Bool {
        graph.reachable(from: condition).allSatisfy { id in
            switch graph.kind(of: id) {
            case .integer, .reduce, .extremum: false
            default: true
            }
        }
    }
}

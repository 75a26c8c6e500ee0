/// Gives parts of right sides names and equations of their own before they are derived, where that keeps the derivative small.
///
/// - What goes into a nonlinear function and has a sum with two kinds of indices in it (tanh(Σ_k w_jk a_k)): the factor that all
///   terms of that sum share is derived once, as textbooks do with the weighted input z.
/// - Parts of very large expressions: each derivative then mentions a few names, and the result is as long as the spec, not as
///   its square.
struct Outliner {
    /// The equations that were made: positions in the system.
    private(set) var made: [Int] = []
    private(set) var taken: TakenNames
    /// Of each wish for a name, the last number that was tried behind it.
    private var numbers: [String: Int] = [:]

    /// Larger right sides than this many nodes are cut into parts of at most about `partSize`.
    static let largest = 400
    static let partSize = 20
    /// Right sides whose derivatives would have more nodes than this in all, written out, are cut, too.
    static let longestDerivative = 20_000

    init(taken: TakenNames) { self.taken = taken }

    /// Cuts one equation's right side, which must be open; the parts are cut, too.
    mutating func outline(
        _ position: Int, _ simplifier: inout Simplifier, isActive: (QuantityID) -> Bool
    ) {
        var queue = [position]
        while let next = queue.popLast() {
            let before = simplifier.system.equations.count
            cutInputs(next, &simplifier, isActive)
            cutCases(next, &simplifier)
            cutLarge(next, &simplifier)
            queue.append(contentsOf: before..<simplifier.system.equations.count)
        }
    }

    // MARK: Inputs of nonlinear functions

    private mutating func cutInputs(_ position: Int, _ simplifier: inout Simplifier, _ isActive: (QuantityID) -> Bool) {
        let body = simplifier.system.equations[position].body
        let hasSum = simplifier.system.graph.reachable(from: body).contains {
            simplifier.system.graph.node($0).kind == .reduce
        }
        if !hasSum { return }
        var binders: [ExprID: [Binder]] = [:]  // around what is found
        var found: [ExprID] = []
        var stack: [(id: ExprID, around: [Binder])] = [(body, [])]
        var seen = ExprSet()
        while let (id, around) = stack.popLast() {
            guard seen.insert(id) else { continue }
            switch simplifier.system.graph.form(of: id) {
            case .call(_, let arguments):
                for argument in arguments {
                    if isMatrixSum(argument, simplifier, isActive) {
                        found.append(argument)
                        binders[argument] = around
                    } else {
                        stack.append((argument, around))
                    }
                }
            case .power(let base, _):
                if isMatrixSum(base, simplifier, isActive) {
                    found.append(base)
                    binders[base] = around
                } else {
                    stack.append((base, around))
                }
            case .reduce(.logSumExp, let inner, let body) where isMatrixSum(body, simplifier, isActive):
                found.append(body)
                binders[body] = around + inner
            case .reduce(_, let inner, let body): stack.append((body, around + inner))
            case .add, .multiply, .negate, .divide, .reduceExamples:
                simplifier.system.graph.forEachChild(of: id) { stack.append(($0, around)) }
            default: continue  // under a condition nothing may be computed ahead of it
            }
        }
        for part in found.sorted() { cut(part, of: position, binders[part] ?? [], "_in", &simplifier) }
    }

    /// Whether there is, as a term or a factor, a sum in which something that is derived has an index that the sum binds and another one: not an
    /// element of a vector summed by itself.
    private func isMatrixSum(_ root: ExprID, _ simplifier: Simplifier, _ isActive: (QuantityID) -> Bool) -> Bool {
        let graph = simplifier.system.graph
        if case .access = graph.form(of: root) { return false }
        var stack: [(id: ExprID, bound: Set<IndexID>)] = [(root, [])]
        var seen = ExprSet()
        while let (id, bound) = stack.popLast() {
            guard seen.insert(id) else { continue }
            switch graph.form(of: id) {
            case .access(let quantity, let indices):
                guard !bound.isEmpty, isActive(quantity) else { continue }
                var inner = false
                var outer = false
                for index in indices {
                    for term in graph[index].terms {
                        guard case .index(let atom) = term.atom else { continue }
                        if bound.contains(atom) { inner = true } else { outer = true }
                    }
                }
                if inner && outer { return true }
            case .reduce(.sum, let binders, let body): stack.append((body, bound.union(binders.map(\.index))))
            case .add, .multiply, .negate, .divide: graph.forEachChild(of: id) { stack.append(($0, bound)) }
            default: continue  // what goes into another function is looked at by itself
            }
        }
        return false
    }

    // MARK: Naming a part

    func replaced(_ root: ExprID, _ names: ExprMap<ExprID>, _ simplifier: inout Simplifier) -> ExprID {
        simplifier.system.graph.rewrite(
            root, replace: { _, id in names[id] }, transform: { graph, id, children in graph.rebuilding(id, children) })
    }

    private mutating func cut(
        _ part: ExprID, of position: Int, _ binders: [Binder], _ suffix: String, _ simplifier: inout Simplifier
    ) {
        guard let access = define(part, of: position, binders, suffix, &simplifier) else { return }
        let body = simplifier.system.equations[position].body
        var only = ExprMap<ExprID>()
        only[part] = access
        simplifier.system.equations[position].body = replaced(body, only, &simplifier)
    }

    /// The wish itself, or with the first number that makes it free: names stay short however many parts there are.
    private mutating func freeName(_ wish: String, _ system: System) -> String {
        var name = wish
        while !taken.take(name, system) {
            numbers[wish, default: 1] += 1
            name = "\(wish)\(numbers[wish, default: 1])"
        }
        return name
    }

    /// A quantity whose axes are the indices that the part mentions; nil where their ranges do not allow that.
    mutating func define(
        _ part: ExprID, of position: Int, _ binders: [Binder], _ suffix: String, _ simplifier: inout Simplifier
    ) -> ExprID? {
        let equation = simplifier.system.equations[position]
        var ranges = equation.axes.filter { !$0.isPoint }.map { ($0.index, $0.lower, $0.upper) }
        ranges += binders.map { ($0.index, $0.lower, $0.upper) }
        let graph = simplifier.system.graph
        var needed = Set(ranges.map(\.0).filter { graph.depends(part, on: $0) })
        for (index, lower, upper) in ranges.reversed() where needed.contains(index) {
            for other in ranges.map(\.0) where graph.depends(lower, on: other) || graph.depends(upper, on: other) {
                needed.insert(other)
            }
        }
        let used = ranges.filter { needed.contains($0.0) }
        let stages = used.filter { graph.kind(of: $0.0).isStage }
        let elements = used.filter { !graph.kind(of: $0.0).isStage }
        // A stage's range may not depend on an element's index.
        for (_, lower, upper) in stages
        where elements.contains(where: { graph.depends(lower, on: $0.0) || graph.depends(upper, on: $0.0) }) {
            return nil
        }
        var map: [IndexID: Affine] = [:]
        var axes: [Axis] = []
        for (index, lower, upper) in stages + elements {
            let copy = simplifier.system.graph.makeIndex(like: index)
            let axis = Axis(
                index: copy, lower: simplifier.system.graph.substitute(lower, map) ?? lower,
                upper: simplifier.system.graph.substitute(upper, map) ?? upper)
            map[index] = Affine(.index(copy))
            axes.append(axis)
        }
        simplifier.declare(axes)
        guard let renamed = simplifier.system.graph.substitute(part, map) else { return nil }
        // Its own bound indices, so that each is bound in one place.
        let owner = simplifier.system[equation.quantity]
        let name = freeName(owner.name + suffix, simplifier.system)
        var quantity = Quantity(name: name, role: .computed, stageCount: stages.count, domains: [axes])
        quantity.documentation = suffix == "_in" ? "What goes into \(owner.name)." : "A part of \(owner.name)."
        quantity.dependsOnExamples = simplifier.system.graph.reachable(from: part).contains { id in
            if case .access(let mentioned, _) = simplifier.system.graph.form(of: id) {
                return simplifier.system[mentioned].dependsOnExamples
            }
            return false
        }
        let id = QuantityID(simplifier.system.quantities.count)
        simplifier.system.quantities.append(quantity)
        made.append(simplifier.system.equations.count)
        simplifier.system.equations.append(Equation(quantity: id, axes: axes, body: renamed))
        let indices = (stages + elements).map { simplifier.system.graph.affine(Affine(.index($0.0))) }
        return simplifier.system.graph.makeAccess(id, indices)
    }
}

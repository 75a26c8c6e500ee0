/// Rewrites expressions into normal forms that have the same value, in real arithmetic, wherever the original has one.
///
/// Sums and products are flat, sorted, with like terms and powers collected and numbers exact; quotients and negations
/// are products; reductions bind canonical indices, so that equal sums are equal nodes. Each normal form is built
/// from normal forms by one function of this type, which is why simplifying twice changes nothing.
struct Simplifier {
    /// The system whose graph is extended; its sizes and quantities decide what can be proved.
    var system: System
    /// Which expressions already have a name in the forward pass; empty while these names are made.
    var forwardValues = ForwardValues()
    /// What has been found to have no name in the forward pass, while that is asked for; nil once something has one.
    var unnamed: [ExprID]?
    /// What the rules against overflow see behind the names of quantities.
    var definitions = VisibleDefinitions()
    /// The rules against overflow that were applied since the present node was begun: bits by their place in the list.
    var stability: UInt64 = 0
    /// Whether there is anything that the rules against overflow are about.
    var hasExponentials: Bool
    /// Whether it is kept which rules against overflow were applied where.
    var recordsStability = false
    /// Of raw expressions, the rules against overflow that were applied in them.
    private var stabilityRules: [ExprID: UInt64] = [:]
    /// Names of the rules that were applied since this was last emptied, in the order of their first use.
    private(set) var rules: [Rule] = []
    /// Raw id to normal id + 1; a normal form maps to itself.
    private var memo: [UInt32] = []
    /// The ranges of named indices; each index is bound in one place only.
    private var ranges: [IndexID: (lower: AffineID, upper: AffineID)] = [:]
    private var spareStack: [Task] = []
    /// Indices that were made here to enter a reduction.
    private var fresh: Set<IndexID> = []
    /// The derivatives in the table of functions, parsed when first used.
    var derivativeTemplates = DerivativeTemplates()

    /// A flat sum or product takes in the operands of one below it only up to this many, so that building is linear.
    static let flattening = 64
    /// Exact numbers stop growing here; longer ones stay as they stand.
    static let widestNumber = 512

    init(_ system: consuming System) {
        hasExponentials = system.graph.mentionsExponentials
        self.system = system
    }

    // MARK: Rules

    mutating func note(_ rule: Rule) {
        if rule.overflowBit != 0 { stability |= rule.overflowBit }
        if !rules.contains(rule) { rules.append(rule) }  // A handful.
    }

    /// What was noted so far: to go back to where a rule turned out not to apply.
    func mark() -> (count: Int, stability: UInt64) { (rules.count, stability) }

    mutating func rewind(to mark: (count: Int, stability: UInt64)) {
        rules.removeLast(max(0, rules.count - mark.count))
        stability = mark.stability
    }

    /// The rules against overflow that were applied in a raw expression when it was simplified.
    func stabilityRules(of id: ExprID) -> [Rule] {
        guard let bits = stabilityRules[id] else { return [] }
        return Rule.againstOverflow.filter { bits & $0.overflowBit != 0 }
    }

    mutating func forgetStability() { stabilityRules = [:] }

    mutating func forgetRules() {
        rules.removeAll(keepingCapacity: true)
    }

    /// Makes it known that an expression is in normal form.
    mutating func enter(normal id: ExprID) { remember(id, id) }

    /// Puts other results in the place of those that are kept, and these there: for something that must not depend on them.
    mutating func exchangeResults(with other: inout [UInt32]) { swap(&memo, &other) }

    /// Forgets normal forms, so that names that are known from now on are put in.
    mutating func forgetResults() { memo.removeAll(keepingCapacity: true) }

    // MARK: Scopes

    /// Makes an index's range known.
    mutating func declare(_ index: IndexID, lower: AffineID, upper: AffineID) { ranges[index] = (lower, upper) }

    mutating func declare(_ axes: [Axis]) {
        for axis in axes { declare(axis.index, lower: axis.lower, upper: axis.upper) }
    }

    mutating func declare(_ binders: [Binder]) {
        for binder in binders { declare(binder.index, lower: binder.lower, upper: binder.upper) }
    }

    /// The ranges of all indices that an inequality depends on, directly or through bounds, outermost first.
    func scope(for affine: Affine) -> Scope {
        var found: Set<IndexID> = []
        var stack = [affine]
        while let next = stack.popLast() {
            for term in next.terms {
                switch term.atom {
                case .index(let index):
                    if found.insert(index).inserted, let range = ranges[index] {
                        stack.append(system.graph[range.lower])
                        stack.append(system.graph[range.upper])
                    }
                case .size: break
                case .stagedSize(_, let stage): stack.append(system.graph[stage])
                }
            }
        }
        var scope = Scope()
        // A bound mentions indices that were made before the one that it bounds.
        for index in found.sorted() {
            if let range = ranges[index] { scope.enter(index, lower: range.lower, upper: range.upper) }
        }
        return scope
    }

    /// Whether `affine >= 0` for all values of the indices in it.
    func isNonNegative(_ affine: Affine) -> Bool { system.isNonNegative(affine, in: scope(for: affine)) }

    func isLessOrEqual(_ left: Affine, _ right: Affine) -> Bool {
        right.adding(left, times: -1).map(isNonNegative) ?? false
    }

    func isLess(_ left: Affine, _ right: Affine) -> Bool {
        right.adding(left, times: -1)?.offset(by: -1).map(isNonNegative) ?? false
    }

    // MARK: The walk

    private enum Task {
        case visit(ExprID)
        case combine(ExprID)
        case copy(from: ExprID, to: ExprID)
    }

    private func known(_ id: ExprID) -> ExprID? {
        guard Int(id.raw) < memo.count, memo[Int(id.raw)] != 0 else { return nil }
        return ExprID(memo[Int(id.raw)] - 1)
    }

    private mutating func remember(_ id: ExprID, _ result: ExprID) {
        let needed = max(Int(id.raw), Int(result.raw)) + 1
        if memo.count < needed {
            // All nodes that there are and some more, but not twice as many: room costs nothing, memory that is written to does.
            let room = system.graph.count + system.graph.count / 8 + 64
            if memo.capacity < needed { memo.reserveCapacity(max(system.graph.capacity, 2 * needed)) }
            memo.append(contentsOf: repeatElement(0, count: max(needed, min(room, 2 * memo.count + 64)) - memo.count))
        }
        memo[Int(id.raw)] = result.raw + 1
        memo[Int(result.raw)] = result.raw + 1
    }

    /// The normal form of an expression. Indices that stand free in it must have been declared.
    mutating func simplify(_ root: ExprID) -> ExprID {
        if let result = known(root) { return result }
        // Borrowed: simplification calls itself with parts that it makes, each with a stack of its own.
        var stack: [Task] = []
        swap(&stack, &spareStack)
        stack.append(.visit(root))
        defer {
            stack.removeAll(keepingCapacity: true)
            swap(&stack, &spareStack)
        }
        while let task = stack.popLast() {
            switch task {
            case .visit(let id):
                if known(id) != nil { continue }
                switch system.graph.kind(of: id) {
                case .number, .pi, .argument, .boolean, .access:
                    remember(id, id)
                    continue
                default: break
                }
                if let opened = open(id) {
                    stack.append(.copy(from: opened, to: id))
                    stack.append(.visit(opened))
                    continue
                }
                stack.append(.combine(id))
                if system.graph.kind(of: id) == .multiply, !isFlat(id) {
                    for factor in factors(id) { stack.append(.visit(factor)) }
                } else {
                    system.graph.forEachChild(of: id) { stack.append(.visit($0)) }
                }
            case .combine(let id):
                if known(id) != nil { continue }
                let outer = stability
                stability = 0
                remember(id, combine(id))
                noteStability(of: id)
                stability |= outer
            case .copy(let from, let to):
                if let result = known(from) { remember(to, result) }
                if recordsStability, let bits = stabilityRules[from] { stabilityRules[to] = bits }
            }
        }
        return known(root) ?? root
    }

    private mutating func noteStability(of id: ExprID) {
        if !recordsStability { return }
        var bits = stability
        if !stabilityRules.isEmpty { system.graph.forEachChild(of: id) { bits |= stabilityRules[$0] ?? 0 } }
        if bits != 0 { stabilityRules[id] = bits }
    }

    /// A reduction that is about to be entered, with fresh indices: named after all that is free in it, so that
    /// operands sort alike in sums that are alike.
    private mutating func open(_ id: ExprID) -> ExprID? {
        let kind = system.graph.kind(of: id)
        guard kind == .reduce || kind == .extremum else { return nil }
        switch system.graph.form(of: id) {
        case .reduce(let kind, let binders, let body):
            if binders.allSatisfy({ fresh.contains($0.index) }) { return nil }
            let (named, inner) = opened(id, binders, body)
            return system.graph.makeReduction(kind, named, inner)
        case .extremum(let kind, let binders, let body, let targets):
            if binders.allSatisfy({ fresh.contains($0.index) }) { return nil }
            let (named, inner) = opened(id, binders, body)
            return system.graph.makeExtremum(kind, named, inner, targets: targets)
        default: return nil
        }
    }

    /// The binders and the body of a reduction with fresh named indices, declared.
    mutating func opened(_ id: ExprID, _ binders: [Binder], _ body: ExprID) -> ([Binder], ExprID) {
        let names = system.graph.binderNames[id]
        var map: [IndexID: Affine] = [:]
        var named: [Binder] = []
        for (position, binder) in binders.enumerated() {
            var lower = binder.lower
            var upper = binder.upper
            if !map.isEmpty {
                lower = system.graph.substitute(lower, map) ?? lower
                upper = system.graph.substitute(upper, map) ?? upper
            }
            let kind = system.graph.kind(of: binder.index)
            let name = names?[position] ?? system.graph.name(of: binder.index)
            let index = system.graph.makeIndex(name, kind)
            fresh.insert(index)
            map[binder.index] = Affine(.index(index))
            named.append(Binder(index: index, lower: lower, upper: upper))
        }
        declare(named)
        return (named, system.graph.substitute(body, map) ?? body)
    }

    /// Replaces named indices throughout a normal form, and simplifies what comes out.
    mutating func substituting(_ map: [IndexID: Affine], in expression: ExprID) -> ExprID? {
        system.graph.substitute(expression, map).map { simplify($0) }
    }

    private func normal(_ id: ExprID) -> ExprID { known(id) ?? id }

    private func normal(_ ids: [ExprID]) -> [ExprID] {
        var result = ids
        for position in ids.indices { result[position] = normal(ids[position]) }
        return result
    }

    /// Whether no factor of a product is a product that nobody has asked for.
    private func isFlat(_ id: ExprID) -> Bool {
        for position in 0..<system.graph.operandCount(id) {
            let factor = system.graph.operand(id, position)
            if system.graph.kind(of: factor) == .multiply, known(factor) == nil { return false }
        }
        return true
    }

    /// The factors of a product, and of products in it that nobody has asked for: in a chain of products, each the first factor
    /// of the next, every factor is then sorted in once and not once for each link.
    private func factors(_ id: ExprID) -> [ExprID] {
        var result: [ExprID] = []
        var stack = [id]
        while let next = stack.popLast() {
            let isOpen = result.count + stack.count <= Simplifier.flattening
            guard system.graph.kind(of: next) == .multiply, next == id || isOpen && known(next) == nil else {
                result.append(next)
                continue
            }
            for position in (0..<system.graph.operandCount(next)).reversed() {
                stack.append(system.graph.operand(next, position))
            }
        }
        return result
    }

    /// The normal forms of the operands of a sum, a product or a call.
    private func normalOperands(_ id: ExprID) -> [ExprID] {
        let count = system.graph.operandCount(id)
        var result = [ExprID](repeating: id, count: count)
        for position in 0..<count { result[position] = normal(system.graph.operand(id, position)) }
        return result
    }

    /// The normal forms of a few operands; nil where they are many, or where one is a product that has none.
    private func fewOperands(_ id: ExprID) -> Operands? {
        let count = system.graph.operandCount(id)
        if count > Operands.most { return nil }
        var result = Operands()
        for position in 0..<count {
            guard let operand = known(system.graph.operand(id, position)) else { return nil }
            result.append(operand)
        }
        return result
    }

    /// The normal form of a node whose children have theirs.
    private mutating func combine(_ id: ExprID) -> ExprID {
        let node = system.graph.node(id)
        switch node.kind {
        case .number, .pi, .argument, .boolean, .access: return id
        case .add:
            if let few = fewOperands(id), let plain = plainSum(few) { return named(plain) }
            return named(sum(normalOperands(id)))
        case .multiply:
            if let few = fewOperands(id), let plain = plainProduct(few) { return named(plain) }
            return named(product(normal(factors(id))))
        case .call:
            let function = FunctionReference(encoded: node.a)
            if node.c == 1 { return named(call(function, normal(system.graph.operand(id, 0)))) }
            return named(call(function, normalOperands(id)))
        case .derivativeCall where node.tag == 1 && node.c == 2:
            // One function of one argument, differentiated once.
            if let derivative = derivative(FunctionReference(encoded: node.a), normal(system.graph.operand(id, 1))) {
                return derivative
            }
        case .negate:
            let minusOne = system.graph.makeNumber(-1)
            if let plain = plainProduct(Operands(minusOne, normal(ExprID(node.a)))) { return plain }
        default: break
        }
        switch system.graph.form(of: id) {
        case .number, .pi, .argument, .boolean, .access, .add, .multiply, .call: return id
        case .integer(let affine): return integer(affine)
        case .negate(let operand): return product([system.graph.makeNumber(-1), normal(operand)])
        case .divide(let dividend, let divisor):
            note(.quotient)
            let reciprocal = power(normal(divisor), system.graph.makeNumber(-1))
            return named(product([normal(dividend), reciprocal]))
        case .power(let base, let exponent): return named(power(normal(base), normal(exponent)))
        case .derivativeCall(let function, let positions, let arguments):
            return derivativeCall(function, positions, normal(arguments))
        case .select(let condition, let then, let otherwise):
            return named(select(normal(condition), normal(then), normal(otherwise)))
        case .compare(let comparison, let left, let right):
            return compare(comparison, normal(left), normal(right))
        case .and(let conditions): return conjunction(normal(conditions))
        case .or(let conditions): return disjunction(normal(conditions))
        case .not(let condition): return negation(normal(condition))
        case .reduce(let kind, let binders, let body): return named(reduction(kind, binders, normal(body)))
        case .reduceExamples(let kind, let body): return reductionOverExamples(kind, normal(body))
        case .extremum(let kind, let binders, let body, let targets):
            return close(.extremum(kind, binders, normal(body), targets: targets))
        }
    }

    /// The forward pass's name for an expression, where it has one.
    mutating func named(_ id: ExprID) -> ExprID {
        if forwardValues.isEmpty { return id }
        if let name = forwardName(of: id) { return name }
        // Where a = sigmoid(u) has a name, sigmoid(−u) is 1 − a.
        guard let argument = system.graph.argument(id, ofCallTo: .sigmoid) else { return id }
        let minusOne = system.graph.makeNumber(-1)
        // What is looked for has no names in it.
        var values = ForwardValues()
        swap(&values, &forwardValues)
        let opposite = scaling(argument, by: minusOne)
        swap(&values, &forwardValues)
        let mirrored = system.graph.makeCall(.standard(.sigmoid), opposite)
        guard let value = forwardName(of: mirrored) else { return id }
        swap(&values, &forwardValues)
        let one = system.graph.makeNumber(1)
        let result = sum([one, product([minusOne, value])])
        swap(&values, &forwardValues)
        return result
    }

    /// An index or a size as a number: a plain number where it is one.
    mutating func integer(_ affine: AffineID) -> ExprID {
        if let value = system.graph[affine].asConstant { return system.graph.makeNumber(value) }
        return system.graph.makeInteger(affine)
    }
}

extension Simplifier: AffineOrder {
    func isSame(_ left: Affine, _ right: Affine) -> Bool { system.isEqual(left, right) }
}

/// Writes bodies as code can compute them: functions of the spec expanded, bound indices named, quotients for negative powers.
///
/// Every node is rewritten once, whatever it is part of, so that shared expressions stay shared.
struct BodyRewriter {
    private var results: [ExprID?] = []
    private var functionBodies: [ExprID?] = []
    /// Of each function that cannot be computed, the abstract one that it calls.
    private var withoutBody: [Int: Int] = [:]
    /// The indices that were given to the binders of a reduction with this body: equal ones share them.
    private var opened: [Opened: ([Binder], ExprID)] = [:]

    private struct Opened: Hashable {
        var binders: [Binder]
        var body: ExprID
    }

    /// Expanding functions may make an expression exponentially long; nothing useful has this many nodes.
    private static let mostNodes = 1 << 26

    /// Rewrites one body.
    mutating func rewrite(_ root: ExprID, _ system: inout System, at range: SourceRange) throws -> ExprID {
        if functionBodies.isEmpty, !system.functions.isEmpty { try rewriteFunctions(&system, range) }
        let rewritten = try rewriteTree(root, &system, range)
        // Equal reductions share their indices; those in them may then stand under indices that differ.
        return system.graph.separating(rewritten)
    }

    /// Bodies of functions, each after those of the functions that it calls.
    private mutating func rewriteFunctions(_ system: inout System, _ range: SourceRange) throws {
        functionBodies = Array(repeating: nil, count: system.functions.count)
        var visited = Visited()
        let calls = system.functions.map { function in
            function.body.map { body in
                system.graph.reachable(from: [body], &visited).compactMap { id -> Int? in
                    guard case .call(.user(let callee), _) = system.graph.form(of: id),
                        system.functions.indices.contains(callee)
                    else { return nil }
                    return callee
                }
            } ?? []
        }
        for component in Components.ordered(calls) where component.count == 1 {
            let position = component[0]
            // What calls an abstract function is an error where it is called, not here.
            if let body = system.functions[position].body, calls[position].allSatisfy({ functionBodies[$0] != nil }) {
                functionBodies[position] = try rewriteTree(body, &system, range)
            } else {
                withoutBody[position] = calls[position].compactMap { withoutBody[$0] }.first ?? position
            }
        }
    }

    private mutating func rewriteTree(_ root: ExprID, _ system: inout System, _ range: SourceRange) throws -> ExprID {
        var stack: [(id: ExprID, expanded: Bool)] = [(root, false)]
        while let (id, expanded) = stack.popLast() {
            if result(id) != nil { continue }
            if expanded {
                var children: [ExprID] = []
                var changed = false
                system.graph.forEachChild(of: id) { child in
                    let new = result(child) ?? child
                    if new != child { changed = true }
                    children.append(new)
                }
                let new = try rewriteNode(id, children, changed: changed, &system, range)
                remember(id, new)
            } else {
                stack.append((id, true))
                system.graph.forEachChild(of: id) { if result($0) == nil { stack.append(($0, false)) } }
            }
        }
        return result(root) ?? root
    }

    private func result(_ id: ExprID) -> ExprID? {
        results.indices.contains(Int(id.raw)) ? results[Int(id.raw)] : nil
    }

    private mutating func remember(_ id: ExprID, _ new: ExprID) {
        let position = Int(id.raw)
        if results.count <= position {
            results.append(contentsOf: repeatElement(nil, count: max(position + 1, results.count * 2) - results.count))
        }
        results[position] = new
    }

    private mutating func rewriteNode(
        _ id: ExprID, _ children: [ExprID], changed: Bool, _ system: inout System, _ range: SourceRange
    ) throws -> ExprID {
        if let folded = BodyRewriter.fold(id, children, system.graph) { return system.graph.makeNumber(folded) }
        switch system.graph.node(id).kind {
        case .call, .derivativeCall: return try rewriteCall(id, children, &system, range)
        case .reduce, .extremum: return openBinders(id, children, &system.graph)
        case .multiply: return BodyRewriter.product(children, &system.graph)
        case .power: return BodyRewriter.power(children[0], children[1], &system.graph)
        case .compare, .and, .or, .not, .select:
            if let decided = BodyRewriter.decided(id, children, &system) { return decided }
            return changed ? system.graph.rebuilding(id, children) : id
        default: return changed ? system.graph.rebuilding(id, children) : id
        }
    }

    private mutating func rewriteCall(
        _ id: ExprID, _ children: [ExprID], _ system: inout System, _ range: SourceRange
    ) throws -> ExprID {
        switch system.graph.form(of: id) {
        case .call(.standard(let function), _):
            if function == .pow, children.count == 2 {
                return BodyRewriter.power(children[0], children[1], &system.graph)
            }
            return system.graph.rebuilding(id, children)
        case .call(.user(let position), _):
            guard functionBodies.indices.contains(position), let body = functionBodies[position] else {
                let missing = withoutBody[position] ?? position
                let name = system.functions.indices.contains(missing) ? system.functions[missing].name : "?"
                throw LoweringError("the function '\(name)' has no body, so its value cannot be computed", at: range)
            }
            guard system.graph.count < BodyRewriter.mostNodes else {
                throw LoweringError("the functions of this equation are too long when written out", at: range)
            }
            return BodyRewriter.instantiate(body, children, &system.graph)
        case .derivativeCall(let reference, _, _):
            var name = "?"
            switch reference {
            case .user(let position):
                if system.functions.indices.contains(position) { name = system.functions[position].name }
            case .standard(let function): name = FunctionTable.standard[function].name
            }
            throw LoweringError("the derivative of the function '\(name)' has no formula here", at: range)
        default: return id
        }
    }

    /// A function's body with arguments put in, and with bound indices of its own.
    private static func instantiate(_ body: ExprID, _ arguments: [ExprID], _ graph: inout ExprGraph) -> ExprID {
        graph.rewrite(body) { graph, id, children in
            switch graph.form(of: id) {
            case .argument(let position): return arguments.indices.contains(position) ? arguments[position] : id
            case .reduce(let kind, let binders, _):
                let (named, body) = graph.named(binders, of: nil, children[0])
                return graph.makeReduction(kind, named, body)
            case .extremum(let kind, let binders, _, let targets):
                let (named, body) = graph.named(binders, of: nil, children[0])
                return graph.makeExtremum(kind, named, body, targets: targets)
            default: return graph.rebuilding(id, children)
            }
        }
    }

    private mutating func openBinders(_ id: ExprID, _ children: [ExprID], _ graph: inout ExprGraph) -> ExprID {
        func open(_ binders: [Binder]) -> ([Binder], ExprID) {
            guard binders.contains(where: { $0.index.isCanonical }) else { return (binders, children[0]) }
            let key = Opened(binders: binders, body: children[0])
            if let known = opened[key] { return known }
            let new = graph.named(binders, of: id, children[0])
            opened[key] = new
            return new
        }
        switch graph.form(of: id) {
        case .reduce(let kind, let binders, _):
            let (named, body) = open(binders)
            return graph.makeReduction(kind, named, body)
        case .extremum(let kind, let binders, _, let targets):
            let (named, body) = open(binders)
            return graph.makeExtremum(kind, named, body, targets: targets)
        default: return graph.rebuilding(id, children)
        }
    }

    /// Numbers and their quotients are exact: what is computed with numbers alone is computed here.
    private static func fold(_ id: ExprID, _ children: [ExprID], _ graph: ExprGraph) -> Rational? {
        guard !children.isEmpty else { return nil }
        switch graph.node(id).kind {
        case .add, .multiply, .negate, .divide, .power: break
        default: return nil
        }
        var numbers: [Rational] = []
        for child in children {
            guard let number = graph.number(child), number.bitWidth < 512 else { return nil }
            numbers.append(number)
        }
        // Many long numbers would make a longer one.
        guard numbers.count <= 64 else { return nil }
        switch graph.node(id).kind {
        case .add: return numbers.reduce(Rational(0), +)
        case .multiply: return numbers.reduce(Rational(1), *)
        case .negate: return numbers[0].negated
        case .divide: return numbers[0].dividing(by: numbers[1])
        case .power: return numbers[1].asInt.flatMap { $0.magnitude <= 64 ? numbers[0].power($0) : nil }
        default: return nil
        }
    }

    /// A product as a quotient where factors have negative powers, and without a factor of ±1.
    private static func product(_ factors: [ExprID], _ graph: inout ExprGraph) -> ExprID {
        var above: [ExprID] = []
        var below: [ExprID] = []
        var isNegative = false
        for factor in factors {
            switch graph.form(of: factor) {
            case .number(let value, _) where value.isOne: break
            case .number(let value, _) where value == .minusOne: isNegative.toggle()
            default:
                if let divisors = reciprocal(factor, graph) {
                    below.append(contentsOf: divisors)
                } else {
                    above.append(factor)
                }
            }
        }
        var result =
            switch above.count {
            case 0: graph.makeNumber(1)
            case 1: above[0]
            default: graph.makeProduct(above)
            }
        // One after another: the product of the divisors may overflow where the quotient does not.
        for divisor in below { result = graph.makeQuotient(result, divisor) }
        return isNegative ? graph.makeNegation(result) : result
    }

    /// Squares, cubes and reciprocals as products and quotients, which are faster than `pow` and at least as exact.
    private static func power(_ base: ExprID, _ exponent: ExprID, _ graph: inout ExprGraph) -> ExprID {
        guard let value = graph.number(exponent)?.asInt, value != 0, (-4...4).contains(value) else {
            return graph.makePower(base, exponent)
        }
        let positive =
            switch value.magnitude {
            case 1: base
            case 4:
                graph.makeProduct([graph.makeProduct([base, base]), graph.makeProduct([base, base])])
            default: graph.makeProduct(Array(repeating: base, count: Int(value.magnitude)))
            }
        if value > 0 { return positive }
        var result = graph.makeNumber(1)
        for _ in 0..<value.magnitude { result = graph.makeQuotient(result, base) }
        return result
    }

    /// The divisors of a quotient `1 / u / v`.
    private static func reciprocal(_ id: ExprID, _ graph: ExprGraph) -> [ExprID]? {
        var divisors: [ExprID] = []
        var rest = id
        while divisors.count < 8, case .divide(let dividend, let divisor) = graph.form(of: rest) {
            divisors.append(divisor)
            rest = dividend
        }
        return !divisors.isEmpty && graph.number(rest)?.isOne == true ? divisors : nil
    }
}

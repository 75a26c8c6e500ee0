extension Resolver {
    /// Makes the expressions of a walked tree, children before parents. What failed stays without one.
    mutating func build(_ root: SyntaxID) {
        // Children have smaller ids, so that ascending order is enough.
        buildOrder.removeAll(keepingCapacity: true)
        buildStack.append(root)
        while let id = buildStack.popLast() {
            buildOrder.append(id)
            tree.forEachChild(of: id) { buildStack.append($0) }
        }
        buildOrder.sort()
        for position in buildOrder.indices {
            let id = buildOrder[position]
            if expressions[id] == nil { expressions[id] = made(id) }
        }
    }

    /// A child's expression where it is a number.
    private mutating func number(_ id: SyntaxID) -> ExprID? {
        guard let expression = expressions[id] else {
            if case .list = tree[id] { report("a number, not a list", tree.range(id)) }
            return nil
        }
        if conditions.contains(id) {
            report("a condition is not a number", tree.range(id), notes: [.init("write '(condition ? 1 : 0)'")])
            return nil
        }
        return expression
    }

    private mutating func condition(_ id: SyntaxID) -> ExprID? {
        guard let expression = expressions[id] else { return nil }
        if !conditions.contains(id) {
            report("a number is not a condition", tree.range(id), notes: [.init("compare it: '… != 0'")])
            return nil
        }
        return expression
    }

    private mutating func numbers(_ ids: [SyntaxID]) -> [ExprID]? {
        let result = ids.map { number($0) }
        let complete = result.compactMap { $0 }
        return complete.count == ids.count ? complete : nil
    }

    mutating func made(_ id: SyntaxID) -> ExprID? {
        switch tree[id] {
        case .number: return makeLiteral(id)
        case .application(let application): return made(id, application)
        case .sum(let terms):
            guard let operands = numbers(terms.map(\.term)) else { return nil }
            var signed: [ExprID] = []
            for (operand, term) in zip(operands, terms) {
                signed.append(term.isNegative ? system.graph.makeNegation(operand) : operand)
            }
            return system.graph.makeSum(signed)
        case .product(let factors): return madeProduct(factors)
        case .negate(let operand): return number(operand).map { system.graph.makeNegation($0) }
        case .power(let base, let exponent):
            guard let pair = numbers([base, exponent]) else { return nil }
            return system.graph.makePower(pair[0], pair[1])
        case .compare(let comparison, let left, let right): return madeComparison(id, comparison, left, right)
        case .and(let items), .or(let items):
            conditions.insert(id)
            let operands = items.map { condition($0) }
            let complete = operands.compactMap { $0 }
            guard complete.count == items.count else { return nil }
            if case .and = tree[id] { return system.graph.makeAnd(complete) }
            return system.graph.makeOr(complete)
        case .not(let operand):
            conditions.insert(id)
            return condition(operand).map { system.graph.makeNot($0) }
        case .conditional(let test, let then, let otherwise):
            let condition = condition(test)
            guard let branches = numbers([then, otherwise]), let condition else { return nil }
            return system.graph.makeSelect(condition, then: branches[0], otherwise: branches[1])
        case .reduction(let kind, _, let body):
            guard let body = number(body), let binders = binders(id) else { return nil }
            return system.graph.makeReduction(kind, binders, body)
        case .examples(let kind, let body):
            return number(body).map { system.graph.makeReductionOverExamples(kind, $0) }
        case .extremum(_, _, let body):
            _ = number(body)
            return nil  // made by the comparison that it stands in
        case .list, .error: return nil
        }
    }

    private mutating func makeLiteral(_ id: SyntaxID) -> ExprID? {
        let text = source.text(tree.range(id))
        switch Rational.reading(decimal: text) {
        case .success(let value):
            return system.graph.makeNumber(value, literal: text == value.description ? nil : text)
        case .failure(let reason):
            let message =
                switch reason {
                case .tooLarge: "the number is too large for a Double"
                case .tooSmall: "the number is too small for a Double"
                case .tooManyDigits: "the number has too many digits"
                case .malformed: "this is not a number"
                }
            report(message, tree.range(id))
            return nil
        }
    }

    private mutating func binders(_ id: SyntaxID) -> [Binder]? {
        var result: [Binder] = []
        for index in boundIndices[id] ?? [] {
            guard let state = states[index], !state.hasFailed, let bounds = state.bounds else { return nil }
            result.append(Binder(index: index, lower: bounds.lower, upper: bounds.upper))
        }
        return result
    }

    /// `a * b / c * d`: the operators of a chain apply from left to right.
    private mutating func madeProduct(_ factors: [(isDivisor: Bool, factor: SyntaxID)]) -> ExprID? {
        if (2...Operands.most).contains(factors.count), !factors.contains(where: \.isDivisor) {
            var product = Operands()
            var isComplete = true
            for item in factors {
                if let operand = number(item.factor) { product.append(operand) } else { isComplete = false }
            }
            return isComplete ? system.graph.makeList(.multiply, product) : nil
        }
        guard let operands = numbers(factors.map(\.factor)) else { return nil }
        var run: [ExprID] = []
        for (operand, item) in zip(operands, factors) {
            if item.isDivisor {
                if system.exactValue(of: operand)?.isZero == true {
                    report("a division by zero", tree.range(item.factor))
                    return nil
                }
                let dividend = run.count == 1 ? run[0] : system.graph.makeProduct(run)
                run = [system.graph.makeQuotient(dividend, operand)]
            } else {
                run.append(operand)
            }
        }
        return run.count == 1 ? run[0] : system.graph.makeProduct(run)
    }

    private mutating func madeComparison(
        _ id: SyntaxID, _ comparison: Comparison, _ left: SyntaxID, _ right: SyntaxID
    ) -> ExprID? {
        conditions.insert(id)
        var extremum: (ReductionKind, SyntaxID)?
        var other = right
        if case .extremum(let kind, _, _) = tree[left] { extremum = (kind, left) }
        if case .extremum(let kind, _, _) = tree[right] {
            extremum = (kind, right)
            other = left
        }
        guard let (kind, node) = extremum else {
            guard let pair = numbers([left, right]) else { return nil }
            return system.graph.makeComparison(comparison, pair[0], pair[1])
        }
        guard case .extremum(_, _, let body) = tree[node] else { return nil }
        guard comparison == .equal || comparison == .notEqual else {
            report("an argmax or argmin is compared with '==' or '!='", tree.range(id))
            return nil
        }
        var targets: [SyntaxID] = [other]
        if case .list(let items, false) = tree[other] { targets = items }
        guard let binders = binders(node), let value = expressions[body], !conditions.contains(body) else {
            return nil
        }
        guard targets.count == binders.count else {
            report(
                binders.count == 1
                    ? "compare with one index" : "compare with \(binders.count) indices in parentheses",
                tree.range(other))
            return nil
        }
        var places: [AffineID] = []
        for target in targets {
            guard let place = requiredAffine(target) else { return nil }
            places.append(place)
        }
        let result = system.graph.makeExtremum(kind, binders, value, targets: places)
        return comparison == .equal ? result : system.graph.makeNot(result)
    }

    private mutating func made(_ id: SyntaxID, _ application: SyntaxApplication) -> ExprID? {
        switch meanings[id] {
        case .access(let quantity)
        where parameters == nil && application.parenthesised == nil && application.bracketed == nil:
            return system.graph.makeAccess(quantity, [])
        case .call(let function):
            guard let arguments = application.parenthesised, arguments.count == 1 else { break }
            return number(arguments[0]).map { system.graph.makeCall(function, $0) }
        default: break
        }
        let arguments = (application.parenthesised ?? []) + (application.bracketed ?? [])
        switch meanings[id] {
        case .unknown, .failed: return nil
        case .index, .size, .stagedSize: return affines[id].map { system.graph.makeInteger($0) }
        case .pi: return system.graph.makePi()
        case .argument(let position): return system.graph.makeArgument(position)
        case .access(let quantity):
            let indices = arguments.compactMap { affines[$0] }
            guard indices.count == arguments.count else { return nil }
            if parameters != nil, system[quantity].role != .constant || !indices.isEmpty {
                report(
                    "a function sees its parameters, sizes and scalar consts, not '\(application.name.text)'",
                    tree.range(id))
                return nil
            }
            return system.graph.makeAccess(quantity, indices)
        case .call(let function): return numbers(arguments).map { system.graph.makeCall(function, $0) }
        case .derivative(let function):
            return numbers(arguments).map {
                system.graph.makeDerivativeCall(function, positions: application.primes.map { $0 - 1 }, $0)
            }
        }
    }
}

extension Resolver {
    private enum Task {
        case enter(SyntaxID)
        case bind(IndexID)
        case unbind(SyntaxID)
        case assume(SyntaxID, holds: Bool)
        case forget(Int)
    }

    /// Every access stands inside its quantity's range, under the index conditions that guard it.
    mutating func checkAccesses() {
        checkStagesOfDeclarations()
        for draft in drafts.indices where !drafts[draft].hasFailed {
            if drafts[draft].plainStart != nil {
                // Nothing has a range to be inside of; only a circle is looked at more closely.
                guard circles.isInCircle(drafts[draft].quantity) else { continue }
                walk(drafts[draft].body, allowsQuantities: true)
            }
            var scope = Scope()
            if !drafts[draft].axes.isEmpty {
                for (axis, place) in zip(drafts[draft].axes, places(of: draft)) {
                    checkStages(of: axis.lower, place, scope)
                    if !axis.isPoint {
                        checkStages(of: axis.upper, place, scope)
                        scope.enter(axis.index, lower: axis.lower, upper: axis.upper)
                    }
                }
                if isEmpty(scope) { continue }
            }
            checkAccesses(drafts[draft].body, draft, &scope)
        }
    }

    /// Where the indices on a left side stand.
    private func places(of draft: Int) -> [SourceRange] {
        let target = target(of: draft)
        return ((target?.stages ?? []) + (target?.elements ?? [])).map { component in
            switch component {
            case .ranged(_, let bounds), .bounds(let bounds): tree.range(bounds.lower).union(tree.range(bounds.upper))
            case .plain(let id): tree.range(id)
            }
        }
    }

    func isEmpty(_ scope: Scope) -> Bool {
        if scope.axes.isEmpty { return false }
        return isAnyEmpty(scope)
    }

    private func isAnyEmpty(_ scope: Scope) -> Bool {
        scope.axes.contains { axis in
            system.isLessOrEqual(system.graph[axis.upper], system.graph[axis.lower], in: scope)
        }
    }

    private mutating func checkAccesses(_ root: SyntaxID, _ draft: Int, _ scope: inout Scope) {
        var stack: [Task] = [.enter(root)]
        while let task = stack.popLast() {
            switch task {
            case .enter(let id):
                switch tree[id] {
                case .reduction(_, let binders, let body), .extremum(_, let binders, let body):
                    checkNotEmpty(id, scope)
                    stack.append(.unbind(id))
                    stack.append(.enter(body))
                    for (index, binder) in zip(boundIndices[id] ?? [], binders).reversed() {
                        stack.append(.bind(index))
                        if let bounds = binder.bounds {
                            stack.append(.enter(bounds.upper))
                            stack.append(.enter(bounds.lower))
                        }
                    }
                case .conditional(let condition, let then, let otherwise):
                    stack.append(.forget(scope.facts.count))
                    stack.append(.enter(otherwise))
                    stack.append(.assume(condition, holds: false))
                    stack.append(.forget(scope.facts.count))
                    stack.append(.enter(then))
                    stack.append(.assume(condition, holds: true))
                    stack.append(.enter(condition))
                case .and(let items), .or(let items):
                    // What stands further right is looked at only where the left says so.
                    var holds = false
                    if case .and = tree[id] { holds = true }
                    stack.append(.forget(scope.facts.count))
                    for (position, item) in items.enumerated().reversed() {
                        stack.append(.enter(item))
                        if position > 0 { stack.append(.assume(items[position - 1], holds: holds)) }
                    }
                case .application(let application):
                    if case .access(let quantity) = meanings[id] {
                        check(id, quantity, application, draft, scope)
                        for argument in application.parenthesised ?? [] { stack.append(.enter(argument)) }
                        for argument in application.bracketed ?? [] { stack.append(.enter(argument)) }
                    } else if case .stagedSize = meanings[id], let affine = affines[id] {
                        checkStages(of: affine, tree.range(id), scope)
                    } else if case .call = meanings[id] {
                        for argument in application.parenthesised ?? [] { stack.append(.enter(argument)) }
                    } else if case .derivative = meanings[id] {
                        for argument in application.parenthesised ?? [] { stack.append(.enter(argument)) }
                    }
                default: tree.forEachChild(of: id) { stack.append(.enter($0)) }
                }
            case .bind(let index):
                if let bounds = states[index]?.bounds {
                    scope.enter(index, lower: bounds.lower, upper: bounds.upper)
                }
            case .unbind(let id): scope.leave((boundIndices[id] ?? []).filter { states[$0]?.bounds != nil }.count)
            case .assume(let condition, let holds): assume(condition, holds, &scope)
            case .forget(let count): scope.forgetFacts(beyond: count)
            }
        }
    }

    /// Adds what a condition says of indices.
    private mutating func assume(_ condition: SyntaxID, _ holds: Bool, _ scope: inout Scope) {
        var stack = [(condition, holds)]
        while let (id, holds) = stack.popLast() {
            switch tree[id] {
            case .and(let items) where holds: stack.append(contentsOf: items.map { ($0, true) })
            case .or(let items) where !holds: stack.append(contentsOf: items.map { ($0, false) })
            case .not(let inner): stack.append((inner, !holds))
            case .compare(let comparison, let left, let right):
                guard let one = affines[left], let two = affines[right],
                    let difference = system.graph[one].adding(system.graph[two], times: -1),
                    let opposite = difference.scaled(by: -1)
                else { continue }
                func fact(_ affine: Affine?) {
                    if let affine { scope.assume(nonNegative: system.graph.affine(affine)) }
                }
                switch holds ? comparison : comparison.opposite {
                case .less: fact(opposite.offset(by: -1))
                case .lessOrEqual: fact(opposite)
                case .greater: fact(difference.offset(by: -1))
                case .greaterOrEqual: fact(difference)
                case .equal:
                    fact(difference)
                    fact(opposite)
                case .notEqual:
                    if system.isNonNegative(difference, in: scope) {
                        fact(difference.offset(by: -1))
                    } else if system.isNonNegative(opposite, in: scope) {
                        fact(opposite.offset(by: -1))
                    }
                }
            default: continue
            }
        }
    }
}

extension Resolver {
    private enum Task {
        case enter(SyntaxID)
        case bind(SyntaxID)
        case unbind(SyntaxID)
        case assume(SyntaxID, holds: Bool)
        case forget(Int)
    }

    /// Every access stands inside its quantity's range, under the index conditions that guard it.
    mutating func checkAccesses() {
        for draft in drafts.indices where !drafts[draft].hasFailed {
            var scope = Scope(drafts[draft].axes.filter { !$0.isPoint })
            if isEmpty(scope) { continue }
            checkAccesses(drafts[draft].body, draft, &scope)
        }
    }

    private func isEmpty(_ scope: Scope) -> Bool {
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
                case .reduction(_, _, let body), .extremum(_, _, let body):
                    stack.append(.unbind(id))
                    stack.append(.enter(body))
                    stack.append(.bind(id))
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
                    if case .access(let quantity) = meanings[Int(id.raw)] {
                        check(id, quantity, application, draft, scope)
                    } else if case .call = meanings[Int(id.raw)] {
                        for argument in application.parenthesised ?? [] { stack.append(.enter(argument)) }
                    } else if case .derivative = meanings[Int(id.raw)] {
                        for argument in application.parenthesised ?? [] { stack.append(.enter(argument)) }
                    }
                default: tree.forEachChild(of: id) { stack.append(.enter($0)) }
                }
            case .bind(let id):
                for index in boundIndices[id] ?? [] {
                    guard let bounds = states[index]?.bounds else { continue }
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
                guard let one = affines[Int(left.raw)], let two = affines[Int(right.raw)],
                    let difference = system.graph[one].adding(system.graph[two], times: -1),
                    let opposite = difference.scaled(by: -1)
                else { continue }
                func fact(_ affine: Affine?) { if let affine { scope.assume(nonNegative: system.graph.affine(affine)) } }
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

    private mutating func check(
        _ id: SyntaxID, _ quantity: QuantityID, _ application: SyntaxApplication, _ draft: Int, _ outer: Scope
    ) {
        let arguments = (application.parenthesised ?? []) + (application.bracketed ?? [])
        let values = arguments.compactMap { affines[Int($0.raw)] }
        guard values.count == arguments.count else { return }
        if definitions[quantity] != nil, !isEmpty(outer) { noteReads(draft, quantity, values, outer) }
        guard !values.isEmpty || outer.axes.isEmpty else { return }
        let parts = system[quantity].domains
        guard let first = parts.first, first.count == values.count, !isEmpty(outer) else { return }
        if let own = definitions[quantity], own.contains(where: { drafts[$0].hasFailed }) { return }
        for position in values.indices {
            // The parts together have no gap, so the first and the last of their ends count.
            let isShared = parts.count > 1 && isLimited(position, parts, system[quantity].stageCount)
            if isShared {
                checkHull(id, quantity, parts, position, values, arguments[position], outer)
            } else {
                for part in parts {
                    guard let scope = inside(part, values, parts, system[quantity].stageCount, outer) else { continue }
                    var map: [IndexID: Affine] = [:]
                    for (axis, value) in zip(part.prefix(position), values) { map[axis.index] = system.graph[value] }
                    guard let lower = system.graph.substitute(part[position].lower, map),
                        let upper = system.graph.substitute(part[position].upper, map)
                    else { continue }
                    if !check(values[position], lower, upper, quantity, arguments[position], scope) { break }
                }
            }
        }
    }

    /// Whether the parts of a quantity share an axis's range out among them.
    private func isLimited(_ position: Int, _ parts: [[Axis]], _ stageCount: Int) -> Bool {
        position < stageCount || parts.contains { $0[position].isPoint || $0[position].isWritten }
    }

    /// The scope of an access where it reads one part; nil where it never does.
    private mutating func inside(
        _ part: [Axis], _ values: [AffineID], _ parts: [[Axis]], _ stageCount: Int, _ outer: Scope
    ) -> Scope? {
        guard parts.count > 1 else { return outer }
        var scope = outer
        for (position, axis) in part.enumerated() where isLimited(position, parts, stageCount) {
            let value = system.graph[values[position]]
            if system.isLess(value, system.graph[axis.lower], in: outer) { return nil }
            if system.isLessOrEqual(system.graph[axis.upper], value, in: outer) { return nil }
            if let above = value.adding(system.graph[axis.lower], times: -1),
                let below = system.graph[axis.upper].adding(value, times: -1)?.offset(by: -1)
            {
                scope.assume(nonNegative: system.graph.affine(above))
                scope.assume(nonNegative: system.graph.affine(below))
                narrow(&scope, value, axis)
            }
        }
        return scope
    }

    /// Where an index has one value in a part, bounds such as n(l) are those of that value.
    private mutating func narrow(_ scope: inout Scope, _ value: Affine, _ axis: Axis) {
        guard axis.isPoint else { return }
        for term in value.terms {
            guard case .index(let index) = term.atom, abs(term.coefficient) == 1,
                let rest = system.graph[axis.lower].adding(value.removing(term.atom), times: -1)?.scaled(by: term.coefficient)
            else { continue }
            scope.fix(index, rest)
            return
        }
    }

    private mutating func checkHull(
        _ id: SyntaxID, _ quantity: QuantityID, _ parts: [[Axis]], _ position: Int, _ values: [AffineID],
        _ argument: SyntaxID, _ scope: Scope
    ) {
        let lowers = parts.map { system.graph[$0[position].lower] }
        let uppers = parts.map { system.graph[$0[position].upper] }
        guard let lower = lowers.first(where: { one in lowers.allSatisfy { system.isLessOrEqual(one, $0) } }),
            let upper = uppers.first(where: { one in uppers.allSatisfy { system.isLessOrEqual($0, one) } })
        else { return }
        _ = check(
            values[position], system.graph.affine(lower), system.graph.affine(upper), quantity, argument, scope)
    }

    /// `lower <= value < upper`; false where an error was reported.
    private mutating func check(
        _ value: AffineID, _ lower: AffineID, _ upper: AffineID, _ quantity: QuantityID, _ argument: SyntaxID, _ scope: Scope
    ) -> Bool {
        let affine = system.graph[value]
        guard let above = affine.adding(system.graph[lower], times: -1),
            let below = system.graph[upper].adding(affine, times: -1)?.offset(by: -1)
        else { return true }
        for difference in [above, below] {
            let fixed = scope.fixing(difference, &system.graph)
            if system.isNonNegative(fixed, in: scope) { continue }
            switch verdict(fixed, scope) {
            case .holds: continue
            case .fails:
                report(
                    "'\(describe(value))' is outside the range of '\(system[quantity].name)', \(system.description(from: lower, to: upper))",
                    tree.range(argument), notes: [.init("'\(system[quantity].name)' is introduced here", range: system[quantity].range)])
                return false
            case .depends(let requirement):
                system.sizeRequirements.append(
                    SizeRequirement(
                        axes: [], affine: system.graph.affine(requirement),
                        message:
                            "'\(describe(value))' is outside the range of '\(system[quantity].name)', \(system.description(from: lower, to: upper))",
                        range: tree.range(argument)))
            case .unknown: continue
            }
        }
        return true
    }

    private enum Verdict {
        case holds, fails, unknown
        /// Holds where this is at least 0, an expression of sizes.
        case depends(Affine)
    }

    /// What becomes of an inequality that could not be proved.
    private func verdict(_ affine: Affine, _ scope: Scope) -> Verdict {
        if let exact = IndexSpace(scope, system).allSatisfy(affine) { return exact ? .holds : .fails }
        guard let least = system.minimized(affine, in: scope) else { return .unknown }
        if scope.facts.isEmpty {
            if let constant = least.asConstant { return constant >= 0 ? .holds : .fails }
            // Below 0 for every size: an error now, not when the size is known.
            if let most = least.scaled(by: -1)?.offset(by: -1), system.isNonNegative(most) { return .fails }
            return .depends(least)
        }
        return .unknown
    }
}

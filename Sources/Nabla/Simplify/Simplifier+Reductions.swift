extension Simplifier {
    /// The normal form of a reduction with named, declared binders over a normal body.
    mutating func reduction(_ kind: ReductionKind, _ binders: [Binder], _ body: ExprID) -> ExprID {
        if binders.isEmpty { return body }
        switch kind {
        case .sum: return summation(binders, body)
        case .mean:
            guard let count = positiveCount(binders) else { break }
            note(.mean)
            let total = summation(binders, body)
            let reciprocal = power(count, system.graph.makeNumber(-1))
            return product([reciprocal, total])
        case .product:
            if system.graph.number(body)?.isOne == true { return body }
        case .maximum, .minimum:
            if positiveCount(binders) != nil, !dependsOnAny(body, binders) { return body }
        case .logSumExp: return logarithmicSummation(binders, body)
        }
        return close(.reduce(kind, binders, body))
    }

    mutating func reductionOverExamples(_ kind: ReductionKind, _ body: ExprID) -> ExprID {
        if system.graph.number(body)?.isZero == true { return body }
        return system.graph.makeReductionOverExamples(kind, body)
    }

    func dependsOnAny(_ id: ExprID, _ binders: [Binder]) -> Bool {
        binders.contains { system.graph.depends(id, on: $0.index) }
    }

    /// How many values the binders take, where no range can be empty and none depends on another.
    private mutating func positiveCount(_ binders: [Binder]) -> ExprID? {
        var counts: [ExprID] = []
        for binder in binders {
            guard let extent = extent(binder), isNonNegative(extent.offset(by: -1) ?? Affine(-1)) else { return nil }
            if extent.terms.contains(where: { mentions($0.atom, binders) }) { return nil }
            counts.append(integer(system.graph.affine(extent)))
        }
        return product(counts)
    }

    private func mentions(_ atom: AffineAtom, _ binders: [Binder]) -> Bool {
        switch atom {
        case .index(let index): binders.contains { $0.index == index }
        case .size: false
        case .stagedSize(_, let stage): binders.contains { system.graph.depends(stage, on: $0.index) }
        }
    }

    /// `upper - lower`.
    private func extent(_ binder: Binder) -> Affine? {
        system.graph[binder.upper].adding(system.graph[binder.lower], times: -1)
    }

    // MARK: Sums

    /// The normal form of Σ over named, declared binders of a normal body.
    mutating func summation(_ binders: [Binder], _ body: ExprID) -> ExprID {
        if binders.isEmpty { return body }
        if system.graph.number(body)?.isZero == true { return body }
        if let trivial = trivialRange(binders, body) { return trivial }
        switch system.graph.form(of: body) {
        case .reduce(.sum, let inner, let innerBody):
            note(.nestedSums)
            let (named, opened) = opened(body, inner, innerBody)
            return summation(binders + named, simplify(opened))
        case .select(let condition, let value, let otherwise) where system.graph.number(otherwise)?.isZero == true:
            if let result = guardedSummation(binders, condition, value) { return result }
        case .add(let terms) where terms.count <= Simplifier.flattening:
            if let result = splitSummation(binders, terms) { return result }
        default: break
        }
        return factoredSummation(binders, body)
    }

    /// Ranges that are empty or hold one value.
    private mutating func trivialRange(_ binders: [Binder], _ body: ExprID) -> ExprID? {
        for (position, binder) in binders.enumerated() {
            guard let extent = extent(binder) else { continue }
            if isNonNegative(extent.scaled(by: -1) ?? Affine(-1)) {
                note(.emptyRange)
                return system.graph.makeNumber(0)
            }
            if system.expandingSizes(extent).asConstant == 1 {
                note(.singleTerm)
                return replacing(position, by: system.graph[binder.lower], binders, body)
            }
        }
        return nil
    }

    /// The sum without one of its binders, whose index has one value.
    private mutating func replacing(
        _ position: Int, by value: Affine, _ binders: [Binder], _ body: ExprID
    ) -> ExprID? {
        let map = [binders[position].index: value]
        var rest: [Binder] = []
        for (other, binder) in binders.enumerated() where other != position {
            guard let lower = system.graph.substitute(binder.lower, map),
                let upper = system.graph.substitute(binder.upper, map)
            else { return nil }
            let changed = Binder(index: binder.index, lower: lower, upper: upper)
            declare([changed])
            rest.append(changed)
        }
        // Ranges have changed, so what was proved with the old ones is proved again.
        guard let raw = system.graph.substitute(body, map) else { return nil }
        return summation(rest, simplify(raw))
    }

    /// Σ of what a condition guards: equalities select a term, inequalities bound a range, the rest stays.
    private mutating func guardedSummation(_ binders: [Binder], _ condition: ExprID, _ value: ExprID) -> ExprID? {
        var conditions = [condition]
        if case .and(let parts) = system.graph.form(of: condition) { conditions = parts }
        let zero = system.graph.makeNumber(0)
        for (position, part) in conditions.enumerated() {
            let rest = conditions.enumerated().filter { $0.offset != position }.map(\.element)
            if !dependsOnAny(part, binders) {
                note(.factorOut)
                let others = conjunction(rest)
                let inner = select(others, value, zero)
                return select(part, summation(binders, inner), zero)
            }
            guard case .compare(let comparison, let left, let right) = system.graph.form(of: part),
                let one = affine(left), let two = affine(right), let difference = one.adding(two, times: -1)
            else { continue }
            // The innermost binder in the condition, so that the rest of it is known outside.
            guard let innermost = binders.lastIndex(where: { depends(difference, on: $0.index) }) else { continue }
            let binder = binders[innermost]
            let coefficient = difference.coefficient(of: binder.index)
            let remainder = difference.removing(.index(binder.index))
            guard coefficient == 1 || coefficient == -1, !depends(remainder, on: binder.index),
                let bound = remainder.scaled(by: -coefficient)
            else { continue }
            let sense = coefficient == 1 ? comparison : comparison.mirrored
            if sense == .equal {
                guard let result = contracted(binders, innermost, bound, rest, value) else { continue }
                return result
            }
            if let narrowed = narrowed(binder, sense, bound) {
                note(.guardedRange)
                var changed = binders
                changed[innermost] = narrowed
                declare([narrowed])
                let inner = select(conjunction(rest), value, zero)
                return summation(changed, inner)
            }
        }
        return nil
    }

    private func depends(_ affine: Affine, on index: IndexID) -> Bool {
        affine.terms.contains { term in
            switch term.atom {
            case .index(let other): other == index
            case .size: false
            case .stagedSize(_, let stage): system.graph.depends(stage, on: index)
            }
        }
    }

    /// Σ_b [b == value] e = e at b = value, where value is in the range.
    private mutating func contracted(
        _ binders: [Binder], _ position: Int, _ value: Affine, _ conditions: [ExprID], _ expression: ExprID
    ) -> ExprID? {
        let binder = binders[position]
        let index = system.graph.makeInteger(system.graph.affine(Affine(.index(binder.index))))
        let lower = system.graph.makeComparison(.greaterOrEqual, index, system.graph.makeInteger(binder.lower))
        let upper = system.graph.makeComparison(.less, index, system.graph.makeInteger(binder.upper))
        // The range first: it guards what the other conditions access.
        let all = system.graph.makeAnd([lower, upper] + conditions)
        let zero = system.graph.makeNumber(0)
        let body = system.graph.makeSelect(all, then: expression, otherwise: zero)
        note(.kroneckerDelta)
        return replacing(position, by: value, binders, body)
    }

    /// The binder with a range that ends where the condition `index <sense> bound` does, if that is certainly inside the old one.
    private mutating func narrowed(_ binder: Binder, _ sense: Comparison, _ bound: Affine) -> Binder? {
        var lower = system.graph[binder.lower]
        var upper = system.graph[binder.upper]
        let limit: Affine?
        switch sense {
        case .greaterOrEqual, .less: limit = bound
        case .greater, .lessOrEqual: limit = bound.offset(by: 1)
        case .equal, .notEqual: limit = nil
        }
        guard let limit else { return nil }
        if sense == .greater || sense == .greaterOrEqual {
            guard isLessOrEqual(lower, limit) else { return nil }
            lower = limit
        } else {
            guard isLessOrEqual(limit, upper) else { return nil }
            upper = limit
        }
        return Binder(index: binder.index, lower: system.graph.affine(lower), upper: system.graph.affine(upper))
    }

    /// Σ (a + b): parts, where one of them gets simpler by itself.
    private mutating func splitSummation(_ binders: [Binder], _ terms: [ExprID]) -> ExprID? {
        var apart: [ExprID] = []
        var together: [ExprID] = []
        for term in terms {
            if getsSimpler(term, binders) { apart.append(term) } else { together.append(term) }
        }
        if apart.isEmpty { return nil }
        note(.linearity)
        var parts = apart.map { summation(binders, $0) }
        if !together.isEmpty { parts.append(summation(binders, sum(together))) }
        return sum(parts)
    }

    private func getsSimpler(_ term: ExprID, _ binders: [Binder]) -> Bool {
        if binders.contains(where: { binder in !dependsOnIndexOrRange(term, binder, binders) }) { return true }
        if case .select(let condition, _, let otherwise) = system.graph.form(of: term),
            system.graph.number(otherwise)?.isZero == true
        {
            var conditions = [condition]
            if case .and(let parts) = system.graph.form(of: condition) { conditions = parts }
            return conditions.contains { part in
                guard case .compare(let comparison, let left, let right) = system.graph.form(of: part),
                    comparison != .notEqual
                else { return !dependsOnAny(part, binders) }
                return affine(left) != nil && affine(right) != nil
            }
        }
        return false
    }

    /// Whether a term, or the range of another binder, mentions a binder's index.
    private func dependsOnIndexOrRange(_ term: ExprID, _ binder: Binder, _ binders: [Binder]) -> Bool {
        if system.graph.depends(term, on: binder.index) { return true }
        return binders.contains {
            system.graph.depends($0.lower, on: binder.index) || system.graph.depends($0.upper, on: binder.index)
        }
    }

    /// Σ of a product: what is not bound comes out, independent parts are summed by themselves, unused indices count.
    private mutating func factoredSummation(_ binders: [Binder], _ body: ExprID) -> ExprID {
        for (position, binder) in binders.enumerated().reversed()
        where !dependsOnIndexOrRange(body, binder, binders) {
            guard let extent = extent(binder), isNonNegative(extent) else { continue }
            note(.constantTerms)
            var rest = binders
            rest.remove(at: position)
            let count = integer(system.graph.affine(extent))
            let inner = product([count, body])
            return summation(rest, inner)
        }
        var factors = [body]
        if case .multiply(let parts) = system.graph.form(of: body) { factors = parts }
        // Binders that share a factor or a range are summed together: groups by the smallest position.
        var group = Array(binders.indices)
        func join(_ positions: [Int], _ group: inout [Int]) {
            guard let least = positions.map({ group[$0] }).min() else { return }
            let old = Set(positions.map { group[$0] })
            for position in group.indices where old.contains(group[position]) { group[position] = least }
        }
        var used: [[Int]] = []
        for factor in factors {
            let positions = binders.indices.filter { system.graph.depends(factor, on: binders[$0].index) }
            used.append(positions)
            join(positions, &group)
        }
        for (position, binder) in binders.enumerated() {
            let others = binders.indices.filter {
                system.graph.depends(binder.lower, on: binders[$0].index)
                    || system.graph.depends(binder.upper, on: binders[$0].index)
            }
            join(others + [position], &group)
        }
        let groups = Set(group).sorted()
        let outside = zip(factors, used).filter { $0.1.isEmpty }.map(\.0)
        // A sum of ones over a range that may be empty stays: taking the 1 out leaves the same sum.
        if groups.count == 1, outside.isEmpty || system.graph.number(body)?.isOne == true {
            return closedSum(binders, body)
        }
        note(outside.isEmpty ? .separate : .factorOut)
        var parts = outside
        for leader in groups {
            let members = binders.indices.filter { group[$0] == leader }
            let inside = zip(factors, used).filter { pair in pair.1.contains { members.contains($0) } }.map(\.0)
            let bound = members.map { binders[$0] }
            let inner = product(inside)
            parts.append(
                groups.count == 1 && inside.count == factors.count ? closedSum(bound, inner) : summation(bound, inner))
        }
        return product(parts)
    }

    private mutating func closedSum(_ binders: [Binder], _ body: ExprID) -> ExprID {
        if binders.count == 1, sumsToOne(binders[0], body) {
            note(.distribution)
            return system.graph.makeNumber(1)
        }
        return close(.reduce(.sum, binders, body))
    }

    /// Whether the body is a distribution's element, and the binder runs over all of its last index.
    private mutating func sumsToOne(_ binder: Binder, _ body: ExprID) -> Bool {
        guard case .access(let id, let indices) = system.graph.form(of: body), let last = indices.last,
            system[id].isDistribution, let domain = system[id].domains.first, let axis = domain.last,
            system.graph[last].asIndex == binder.index,
            !indices.dropLast().contains(where: { system.graph.depends($0, on: binder.index) })
        else { return false }
        // The axis's bounds may mention the quantity's earlier indices.
        var map: [IndexID: Affine] = [:]
        for (axis, value) in zip(domain, indices.dropLast()) { map[axis.index] = system.graph[value] }
        guard let lower = system.graph.substitute(axis.lower, map), let upper = system.graph.substitute(axis.upper, map)
        else { return false }
        return system.isEqual(lower, binder.lower) && system.isEqual(upper, binder.upper)
    }

    // MARK: Canonical indices

    /// A reduction whose named indices become canonical ones, by height.
    mutating func close(_ form: ExpressionForm) -> ExprID {
        switch form {
        case .reduce(let kind, let binders, let body):
            let (names, closed, inner) = closing(binders, body)
            let result = system.graph.makeReduction(kind, closed, inner)
            system.graph.rememberNames(names, of: result)
            return result
        case .extremum(let kind, let binders, let body, let targets):
            let (names, closed, inner) = closing(binders, body)
            let result = system.graph.makeExtremum(kind, closed, inner, targets: targets)
            system.graph.rememberNames(names, of: result)
            return result
        default: return system.graph.makeNumber(0)
        }
    }

    private mutating func closing(_ binders: [Binder], _ body: ExprID) -> ([String], [Binder], ExprID) {
        let height = Int(system.graph.height(of: body))
        var map: [IndexID: Affine] = [:]
        var names: [String] = []
        var closed: [Binder] = []
        for (position, binder) in binders.enumerated() {
            let kind = system.graph.kind(of: binder.index)
            let index = IndexID.canonical(level: height + binders.count - position, kind: kind)
            let lower = system.graph.substitute(binder.lower, map) ?? binder.lower
            let upper = system.graph.substitute(binder.upper, map) ?? binder.upper
            map[binder.index] = Affine(.index(index))
            names.append(system.graph.name(of: binder.index))
            closed.append(Binder(index: index, lower: lower, upper: upper))
        }
        return (names, closed, system.graph.substitute(body, map) ?? body)
    }
}

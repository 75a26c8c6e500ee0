extension Resolver {
    /// Checks one access, and notes what it reads where that may lead in a circle.
    mutating func check(
        _ id: SyntaxID, _ quantity: QuantityID, _ application: SyntaxApplication, _ draft: Int, _ scope: Scope
    ) {
        if application.parenthesised == nil, application.bracketed == nil {
            // A scalar has no range to be inside of.
            if circles.mayMeet(drafts[draft].quantity, quantity),
                definitions[quantity]?.contains(where: { drafts[$0].hasFailed }) != true
            {
                noteRead(id, quantity, [], draft, scope)
            }
            return
        }
        let arguments = (application.parenthesised ?? []) + (application.bracketed ?? [])
        let values = arguments.compactMap { affines[$0] }
        guard values.count == arguments.count else { return }
        if let own = definitions[quantity], own.contains(where: { drafts[$0].hasFailed }) { return }
        if circles.mayMeet(drafts[draft].quantity, quantity) { noteRead(id, quantity, values, draft, scope) }
        guard !values.isEmpty, !isEmpty(scope) else { return }
        let places = arguments.map { tree.range($0) }
        if let parts = trees[quantity] {
            check(parts, quantity, values, places, scope)
        } else if let domain = system[quantity].domains.first, domain.count == values.count {
            check(domain, Array(domain.indices), domain.map(\.index), quantity, values, places, scope)
        }
    }

    /// The parts of a quantity's domain, one after another along the axes that they share out.
    private mutating func check(
        _ parts: PieceTree, _ quantity: QuantityID, _ values: [AffineID], _ places: [SourceRange], _ scope: Scope
    ) {
        guard parts.indices.count == values.count else { return }
        var work: [(node: Int, axes: [Int], scope: Scope)] = [(parts.root, Array(values.indices), scope)]
        while let (node, axes, scope) = work.popLast() {
            switch parts.nodes[node] {
            case .piece(let piece):
                check(parts.pieces[piece], axes, parts.indices, quantity, values, places, scope)
            case .branch(let axis, let shares):
                guard let first = shares.first, let last = shares.last else { continue }
                let lower = system.graph.affine(first.lower)
                let upper = system.graph.affine(last.upper)
                guard
                    check(axis, lower, upper, parts.indices, quantity, values, places, scope)
                else { return }
                let rest = axes.filter { $0 != axis }
                if rest.isEmpty { continue }
                for share in self.shares(shares, axis, parts.indices, values, scope) {
                    work.append((share.child, rest, share.scope))
                }
            }
        }
    }

    /// The shares that an access may read, each with what is known where it does.
    mutating func shares(
        _ shares: [PieceTree.Share], _ axis: Int, _ indices: [IndexID], _ values: [AffineID], _ scope: Scope
    ) -> [(child: Int, scope: Scope)] {
        let value = system.graph[values[axis]]
        var candidates = shares[...]
        if let constant = system.expandingSizes(value).asConstant,
            shares.allSatisfy({ $0.lower.asConstant != nil && $0.upper.asConstant != nil })
        {
            // In ascending order: the only share that can hold it is the last that does not begin behind it.
            var low = 0
            var high = shares.count
            while low < high {
                let middle = (low + high) / 2
                if shares[middle].lower.constant <= constant { low = middle + 1 } else { high = middle }
            }
            candidates = shares[max(0, low - 1)..<min(shares.count, max(low, 1))]
        }
        var result: [(child: Int, scope: Scope)] = []
        for share in candidates {
            guard let lower = boundInstance(system.graph.affine(share.lower), indices, values),
                let upper = boundInstance(system.graph.affine(share.upper), indices, values),
                let above = value.adding(system.graph[lower], times: -1),
                let below = system.graph[upper].adding(value, times: -1)?.offset(by: -1)
            else { continue }
            if system.isLess(value, system.graph[lower], in: scope) { continue }
            if system.isLessOrEqual(system.graph[upper], value, in: scope) { continue }
            if !system.mayHold([above, below], in: scope) { continue }
            var inner = scope
            inner.assume(nonNegative: system.graph.affine(above))
            inner.assume(nonNegative: system.graph.affine(below))
            if system.graph[lower].offset(by: 1) == system.graph[upper] { narrow(&inner, value, system.graph[lower]) }
            result.append((share.child, inner))
        }
        return result
    }

    /// Where a value is known to be `point`, an index in it is what makes it so, and bounds such as n(l) are those of that stage.
    private func narrow(_ scope: inout Scope, _ value: Affine, _ point: Affine) {
        for term in value.terms {
            guard case .index(let index) = term.atom, abs(term.coefficient) == 1,
                let rest = point.adding(value.removing(term.atom), times: -1)?.scaled(by: term.coefficient)
            else { continue }
            scope.fix(index, rest)
            return
        }
    }

    private mutating func check(
        _ domain: [Axis], _ axes: [Int], _ indices: [IndexID], _ quantity: QuantityID, _ values: [AffineID],
        _ places: [SourceRange], _ scope: Scope
    ) {
        for axis in axes {
            let isInside = check(
                axis, domain[axis].lower, domain[axis].upper, indices, quantity, values, places, scope)
            if !isInside { return }
        }
    }

    /// Checks one index of an access; false where it reported an error.
    private mutating func check(
        _ axis: Int, _ lower: AffineID, _ upper: AffineID, _ indices: [IndexID], _ quantity: QuantityID,
        _ values: [AffineID], _ places: [SourceRange], _ scope: Scope
    ) -> Bool {
        guard let lower = boundInstance(lower, indices, values), let upper = boundInstance(upper, indices, values)
        else {
            return true
        }
        let value = values[axis]
        let message = { (resolver: Resolver) -> String in
            let range = resolver.system.description(from: lower, to: upper)
            return "'\(resolver.describe(value))' is outside the range of '\(resolver.system[quantity].name)', \(range)"
        }
        let note = Diagnostic.Note(
            "'\(system[quantity].name)' is introduced here", range: system[quantity].range)
        return require(value, from: lower, to: upper, places[axis], scope, note, message)
    }

    /// A bound in terms of the indices of an access.
    mutating func boundInstance(_ bound: AffineID, _ indices: [IndexID], _ values: [AffineID]) -> AffineID? {
        if system.graph.mask(of: bound) == 0 { return bound }
        var map: [IndexID: Affine] = [:]
        for (index, value) in zip(indices, values) { map[index] = system.graph[value] }
        return system.graph.substitute(bound, map)
    }

    /// `lower <= value < upper`; false where an error was reported.
    private mutating func require(
        _ value: AffineID, from lower: AffineID, to upper: AffineID, _ place: SourceRange, _ scope: Scope,
        _ note: Diagnostic.Note, _ message: (Resolver) -> String
    ) -> Bool {
        let affine = system.graph[value]
        guard let above = affine.adding(system.graph[lower], times: -1),
            let below = system.graph[upper].adding(affine, times: -1)?.offset(by: -1)
        else { return true }
        for difference in [above, below] where !require(difference, place, scope, [note], message) { return false }
        return true
    }

    /// `affine >= 0` in a scope: false where that is wrong, which is reported; noted where it depends on sizes.
    mutating func require(
        _ affine: Affine, _ place: SourceRange, _ scope: Scope, _ notes: [Diagnostic.Note],
        _ message: (Resolver) -> String
    ) -> Bool {
        let fixed = scope.fixing(affine, &system.graph)
        switch verdict(fixed, scope) {
        case .holds: return true
        case .fails:
            report(message(self), place, notes: notes)
            return false
        case .depends(let axes, let guards, let affine):
            system.sizeRequirements.append(
                SizeRequirement(
                    axes: axes, guards: guards, affine: system.graph.affine(affine), message: message(self),
                    range: place))
            return true
        }
    }

    private enum Verdict {
        case holds, fails
        /// Holds where this is at least 0 for all values of the axes at which the guards are at least 0.
        case depends(axes: [Axis], guards: [AffineID], Affine)
    }

    /// Whether `affine >= 0` wherever the scope's facts hold.
    private mutating func verdict(_ affine: Affine, _ scope: Scope) -> Verdict {
        if system.proves(affine, in: scope) { return .holds }
        let (axes, guards) = related(to: affine, scope)
        var near = Scope(axes)
        for fact in guards { near.assume(nonNegative: fact) }
        if let exact = IndexSpace(near, system).allSatisfy(affine) { return exact ? .holds : .fails }
        if certainlyFails(affine, near) { return .fails }
        if guards.isEmpty, let least = system.minimized(affine, in: near), !mentionsStages(least), areFilled(axes) {
            return .depends(axes: [], guards: [], least)
        }
        return .depends(axes: axes, guards: guards, affine)
    }

    /// The axes and facts of a scope that have to do with an affine expression, directly or through one another. Facts that
    /// follow from the ranges alone say nothing and are left out.
    private func related(to affine: Affine, _ scope: Scope) -> (axes: [Axis], guards: [AffineID]) {
        var found: Set<IndexID> = []
        var stack = [affine]
        func enter(_ affine: Affine) {
            for term in affine.terms {
                switch term.atom {
                case .index(let index):
                    if found.insert(index).inserted, let axis = scope.axes.last(where: { $0.index == index }) {
                        stack.append(system.graph[axis.lower])
                        stack.append(system.graph[axis.upper])
                    }
                case .size: break
                case .stagedSize(_, let stage): stack.append(system.graph[stage])
                }
            }
        }
        func settle() { while let next = stack.popLast() { enter(next) } }
        settle()
        let ranges = Scope(scope.axes.map { Axis(index: $0.index, lower: $0.lower, upper: $0.upper) })
        var facts = scope.facts.filter { !system.proves(system.graph[$0], in: ranges) }
        var guards: [AffineID] = []
        while true {
            let near = facts.filter { fact in
                !system.graph[fact].terms.contains {
                    if case .index = $0.atom { return true }
                    return false
                }
                    || system.graph[fact].terms.contains {
                        if case .index(let index) = $0.atom { return found.contains(index) }
                        return false
                    }
            }
            if near.isEmpty { break }
            for fact in near { stack.append(system.graph[fact]) }
            settle()
            guards.append(contentsOf: near)
            facts.removeAll { near.contains($0) }
        }
        let axes = scope.axes.filter { found.contains($0.index) }.map {
            Axis(index: $0.index, lower: $0.lower, upper: $0.upper)
        }
        return (axes, guards)
    }

    /// Whether a size in an expression is that of a stage that an index says, n(l), which is none without the index.
    private func mentionsStages(_ affine: Affine) -> Bool {
        affine.terms.contains { term in
            if case .stagedSize(_, let stage) = term.atom { return system.graph.mask(of: stage) != 0 }
            return false
        }
    }

    /// Whether no range among these is ever empty.
    private func areFilled(_ axes: [Axis]) -> Bool {
        var outer = Scope()
        for axis in axes {
            guard system.isLess(system.graph[axis.lower], system.graph[axis.upper], in: outer) else { return false }
            outer.enter(axis.index, lower: axis.lower, upper: axis.upper)
        }
        return true
    }

    /// Whether `affine` is below 0 somewhere, for all sizes for which there is anything at all: at the ends of the ranges
    /// that make it least, provided that the facts hold there.
    private mutating func certainlyFails(_ affine: Affine, _ scope: Scope) -> Bool {
        var map: [IndexID: Affine] = [:]
        var value = system.expandingSizes(affine)
        var outer: [(index: IndexID, end: Affine)] = []
        for axis in scope.axes.reversed() {
            let coefficient = value.coefficient(of: axis.index)
            guard let last = system.graph[axis.upper].offset(by: -1) else { return false }
            let end = coefficient > 0 ? system.graph[axis.lower] : last
            outer.append((axis.index, end))
            guard let replaced = value.removing(.index(axis.index)).adding(end, times: coefficient) else {
                return false
            }
            value = system.expandingSizes(replaced)
        }
        // From the outermost in: the ends in terms of sizes alone.
        for (index, end) in outer.reversed() {
            let id = system.graph.affine(end)
            guard let plain = system.graph.substitute(id, map) else { return false }
            map[index] = system.graph[plain]
        }
        func at(_ affine: AffineID) -> Affine? { system.graph.substitute(affine, map).map { system.graph[$0] } }
        guard let failing = at(system.graph.affine(affine)), let negative = failing.scaled(by: -1)?.offset(by: -1),
            system.proves(negative, in: scope)
        else { return false }
        for fact in scope.facts {
            guard let there = at(fact), system.proves(there, in: scope) else { return false }
        }
        for axis in scope.axes {
            guard let lower = at(axis.lower), let upper = at(axis.upper),
                let extent = upper.adding(lower, times: -1)?.offset(by: -1), system.proves(extent, in: scope)
            else { return false }
        }
        return true
    }

    // MARK: Stages of sizes, empty ranges

    /// `n(l)` has a stage that `n` has.
    mutating func checkStages(of affine: AffineID, _ place: SourceRange, _ scope: Scope) {
        for term in system.graph[affine].terms {
            guard case .stagedSize(let size, let stage) = term.atom, let range = system[size].stageRange else {
                continue
            }
            let name = system[size].name
            let note = Diagnostic.Note("'\(name)' is declared here", range: system[size].range)
            _ = require(stage, from: range.lower, to: range.upper, place, scope, note) { resolver in
                "'\(name)' has no size at stage '\(resolver.describe(stage))': its stages are "
                    + resolver.system.description(from: range.lower, to: range.upper)
            }
        }
    }

    mutating func checkStagesOfDeclarations() {
        for quantity in system.quantities.indices where !definitions.isDefined(QuantityID(quantity)) {
            var scope = Scope()
            guard let domain = system.quantities[quantity].domains.first else { continue }
            for axis in domain {
                checkStages(of: axis.lower, system.quantities[quantity].range, scope)
                checkStages(of: axis.upper, system.quantities[quantity].range, scope)
                scope.enter(axis.index, lower: axis.lower, upper: axis.upper)
            }
        }
    }

    /// A maximum, a minimum, a mean or a log-sum-exp, an argmax or an argmin over nothing.
    mutating func checkNotEmpty(_ id: SyntaxID, _ scope: Scope) {
        let keyword: String
        switch tree[id] {
        case .reduction(let kind, _, _):
            if kind == .sum || kind == .product { return }
            keyword = kind.keyword
        case .extremum(let kind, _, _): keyword = kind == .maximum ? "argmax" : "argmin"
        default: return
        }
        // Each range has an element where the outer indices of the same reduction are best for it.
        var extents: [Affine] = []
        for index in (boundIndices[id] ?? []).reversed() {
            guard let bounds = states[index]?.bounds, let last = system.graph[bounds.upper].offset(by: -1),
                let extent = last.adding(system.graph[bounds.lower], times: -1)
            else { return }
            for position in extents.indices {
                let coefficient = extents[position].coefficient(of: index)
                let end = coefficient > 0 ? last : system.graph[bounds.lower]
                guard let best = extents[position].removing(.index(index)).adding(end, times: coefficient) else {
                    return
                }
                extents[position] = best
            }
            extents.append(extent)
        }
        for extent in extents.reversed() {
            guard require(extent, tree.range(id), scope, [], { _ in "'\(keyword)' of an empty range" }) else { return }
        }
    }
}

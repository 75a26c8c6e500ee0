/// One mention Q[f(p, r)] of a quantity in P(p) = e, seen from Q's element u: for which (p, r) is f(p, r) = u?
struct SolvedMention {
    /// P.
    var through: QuantityID
    /// The element of P, in terms of u and of `binders`.
    var indices: [AffineID]
    /// The part of (p, r) that u does not determine.
    var binders: [Binder]
    /// Conditions on u and on `binders` under which there is such a (p, r); those on a stage alone are in `stageBounds`.
    var guards: [ExprID]
    /// Names of the indices that u determines: free for others.
    var solvedNames: [String]
    /// ∂e/∂(this mention).
    var local: ExprID
    /// Of each stage of u, expressions that it must be at least and below.
    var stageBounds: [(lower: [Affine], upper: [Affine])]
}

/// Solves f(p, r) = u, index by index.
///
/// A bare index `k` gives k := u; `l - 1` gives l := u + 1; `2*i + p` gives p := u − 2i with i still summed; what has no
/// unknown with coefficient ±1 stays as a condition. The ranges of what was solved for become conditions unless they
/// certainly hold.
struct MentionSolver {
    /// The quantity's indices, fresh and declared, and how many of them are stages.
    var target: [Axis]
    var stageCount: Int

    private struct Unknown {
        var index: IndexID
        var lower: AffineID
        var upper: AffineID
    }

    /// - Returns: nil where the mention can certainly not be this part of the quantity.
    func solve(
        _ components: [AffineID], in equation: (quantity: QuantityID, axes: [Axis]), frames: [LocalDerivative.Frame],
        local: ExprID, _ simplifier: inout Simplifier
    ) -> SolvedMention? {
        if components.isEmpty, equation.axes.isEmpty, frames.isEmpty {
            // One scalar in the equation of another: nothing to solve.
            return SolvedMention(
                through: equation.quantity, indices: [], binders: [], guards: [], solvedNames: [], local: local,
                stageBounds: [])
        }
        return attempt(components, equation, frames, local, &simplifier, solving: true)
            ?? attempt(components, equation, frames, local, &simplifier, solving: false)
    }

    private func attempt(
        _ components: [AffineID], _ equation: (quantity: QuantityID, axes: [Axis]), _ frames: [LocalDerivative.Frame],
        _ local: ExprID, _ simplifier: inout Simplifier, solving: Bool
    ) -> SolvedMention? {
        // Fresh copies of the equation's indices and of the bound ones: they may end up in several equations.
        var renaming: [IndexID: Affine] = [:]
        var unknowns: [Unknown] = []
        // Ranges come before the conditions around the mention, which may read elements that are there only inside of them.
        var guards: [ExprID] = []
        var conditions: [ExprID] = []
        var indices: [Affine] = []
        func enter(_ index: IndexID, _ lower: AffineID, _ upper: AffineID, _ simplifier: inout Simplifier) {
            let copy = simplifier.system.graph.makeIndex(like: index)
            let lower = simplifier.system.graph.substitute(lower, renaming) ?? lower
            let upper = simplifier.system.graph.substitute(upper, renaming) ?? upper
            renaming[index] = Affine(.index(copy))
            unknowns.append(Unknown(index: copy, lower: lower, upper: upper))
        }
        for axis in equation.axes {
            if axis.isPoint {
                indices.append(simplifier.system.graph[axis.lower])
            } else {
                enter(axis.index, axis.lower, axis.upper, &simplifier)
                indices.append(renaming[axis.index] ?? Affine(0))
            }
        }
        for frame in frames {
            switch frame {
            case .binders(let binders):
                for binder in binders { enter(binder.index, binder.lower, binder.upper, &simplifier) }
            case .condition(let condition, let holds):
                let renamed = simplifier.system.graph.substitute(condition, renaming) ?? condition
                conditions.append(holds ? renamed : simplifier.system.graph.makeNot(renamed))
            case .examples: break
            }
        }
        var left: [Affine] = components.map {
            // Before the graph is read: the new expression would not be in the copy.
            let renamed = simplifier.system.graph.substitute($0, renaming) ?? $0
            return simplifier.system.graph[renamed]
        }
        let right = target.map { $0.isPoint ? simplifier.system.graph[$0.lower] : Affine(.index($0.index)) }

        // Solve.
        var solutions: [IndexID: Affine] = [:]
        var open = Array(left.indices)
        func put(_ index: IndexID, _ value: Affine, _ simplifier: inout Simplifier) {
            let map = [index: value]
            for (other, solution) in solutions {
                solutions[other] = substituted(solution, map, &simplifier)
            }
            solutions[index] = value
            for position in open { left[position] = substituted(left[position], map, &simplifier) }
        }
        if solving {
            for position in left.indices {
                guard let index = left[position].asIndex, unknowns.contains(where: { $0.index == index }) else {
                    continue
                }
                open.removeAll { $0 == position }
                put(index, right[position], &simplifier)
            }
            var progress = true
            while progress {
                progress = false
                for position in open {
                    // The innermost unknown, so that its value is known from the outer ones.
                    guard
                        let unknown = unknowns.last(where: {
                            solutions[$0.index] == nil && abs(left[position].coefficient(of: $0.index)) == 1
                                && !isInsideStagedSize($0.index, left[position], simplifier)
                        })
                    else { continue }
                    let coefficient = left[position].coefficient(of: unknown.index)
                    let rest = left[position].removing(.index(unknown.index))
                    guard let value = right[position].adding(rest, times: -1)?.scaled(by: coefficient) else {
                        return nil
                    }
                    open.removeAll { $0 == position }
                    put(unknown.index, value, &simplifier)
                    progress = true
                    break
                }
            }
        }

        // What is not solved for stays summed, with its range in terms of what is known.
        var binders: [Binder] = []
        var seen = Set(unknowns.map(\.index))
        for unknown in unknowns where solutions[unknown.index] == nil {
            let lower = simplifier.system.graph.substitute(unknown.lower, solutions) ?? unknown.lower
            let upper = simplifier.system.graph.substitute(unknown.upper, solutions) ?? unknown.upper
            seen.remove(unknown.index)
            for later in seen where solutions[later] == nil {
                // A bound that needs a later index cannot be printed: keep everything summed instead.
                if simplifier.system.graph.depends(lower, on: later)
                    || simplifier.system.graph.depends(upper, on: later)
                {
                    return nil
                }
            }
            let binder = Binder(index: unknown.index, lower: lower, upper: upper)
            simplifier.declare([binder])
            binders.append(binder)
        }

        // What must hold besides.
        var stageBounds: [(lower: [Affine], upper: [Affine])] = Array(repeating: ([], []), count: stageCount)
        for position in open {
            let isKnown = left[position].terms.allSatisfy { term in
                if case .index = term.atom { return false }
                return true
            }
            if position < stageCount, isKnown, !target[position].isPoint, let next = left[position].offset(by: 1) {
                stageBounds[position].lower.append(left[position])
                stageBounds[position].upper.append(next)
            } else {
                require(.equal, left[position], right[position], &guards, &simplifier)
            }
        }
        for unknown in unknowns {
            guard let value = solutions[unknown.index] else { continue }
            let lower = simplifier.system.graph.substitute(unknown.lower, solutions) ?? unknown.lower
            let upper = simplifier.system.graph.substitute(unknown.upper, solutions) ?? unknown.upper
            atLeast(value, simplifier.system.graph[lower], isUpper: false, &stageBounds, &guards, &simplifier)
            atLeast(simplifier.system.graph[upper], value, isUpper: true, &stageBounds, &guards, &simplifier)
        }
        let map = renaming.mapValues { substituted($0, solutions, &simplifier) }
        var finalGuards: [ExprID] = []
        for condition in guards + conditions {
            finalGuards.append(simplifier.system.graph.substitute(condition, solutions) ?? condition)
        }
        guard let renamed = simplifier.system.graph.substitute(local, map) else { return nil }
        let elements = indices.map { affine in
            let value = substituted(affine, solutions, &simplifier)
            return simplifier.system.graph.affine(value)
        }
        return SolvedMention(
            through: equation.quantity, indices: elements, binders: binders, guards: finalGuards,
            solvedNames: unknowns.filter { solutions[$0.index] != nil }.map {
                simplifier.system.graph.name(of: $0.index)
            },
            local: renamed,
            stageBounds: stageBounds)
    }

    private func isInsideStagedSize(_ index: IndexID, _ affine: Affine, _ simplifier: Simplifier) -> Bool {
        affine.terms.contains { term in
            if case .stagedSize(_, let stage) = term.atom { return simplifier.system.graph.depends(stage, on: index) }
            return false
        }
    }

    private func substituted(_ affine: Affine, _ map: [IndexID: Affine], _ simplifier: inout Simplifier) -> Affine {
        let id = simplifier.system.graph.affine(affine)
        let renamed = simplifier.system.graph.substitute(id, map) ?? id
        return simplifier.system.graph[renamed]
    }

    private func require(
        _ comparison: Comparison, _ left: Affine, _ right: Affine, _ guards: inout [ExprID],
        _ simplifier: inout Simplifier
    ) {
        if simplifier.decide(comparison, left, right) == true { return }
        let one = simplifier.system.graph.makeInteger(simplifier.system.graph.affine(left))
        let two = simplifier.system.graph.makeInteger(simplifier.system.graph.affine(right))
        guards.append(simplifier.system.graph.makeComparison(comparison, one, two))
    }

    /// `value >= lower`, or `value` (an upper bound) `> lower`: where only a stage of u is in it, a bound on that stage.
    private func atLeast(
        _ value: Affine, _ lower: Affine, isUpper: Bool, _ stageBounds: inout [(lower: [Affine], upper: [Affine])],
        _ guards: inout [ExprID], _ simplifier: inout Simplifier
    ) {
        let holds = isUpper ? simplifier.isLess(lower, value) : simplifier.isLessOrEqual(lower, value)
        if holds { return }
        if let difference = value.adding(lower, times: -1)?.offset(by: isUpper ? -1 : 0) {
            let indices = difference.terms.filter { term in
                if case .size = term.atom { return false }
                return true
            }
            if indices.count == 1, case .index(let index) = indices[0].atom, abs(indices[0].coefficient) == 1,
                let position = target.prefix(stageCount).firstIndex(where: { $0.index == index && !$0.isPoint })
            {
                let rest = difference.removing(.index(index))
                if indices[0].coefficient == 1, let bound = rest.scaled(by: -1) {
                    stageBounds[position].lower.append(bound)
                    return
                }
                if indices[0].coefficient == -1, let bound = rest.offset(by: 1) {
                    stageBounds[position].upper.append(bound)
                    return
                }
            }
        }
        if isUpper {
            require(.less, lower, value, &guards, &simplifier)
        } else {
            require(.greaterOrEqual, value, lower, &guards, &simplifier)
        }
    }
}

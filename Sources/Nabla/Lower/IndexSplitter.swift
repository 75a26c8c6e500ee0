/// Splits equations of derivatives where a comparison of two of their indices chooses what is computed: `(j < i ? e : 0)` becomes an
/// equation for j < i and one for the other j, so that no loop asks, and what is 0 costs nothing.
struct IndexSplitter {
    private var simplifier: Simplifier

    /// More pieces than this are not worth it.
    private static let mostPieces = 4

    private init(_ system: System) { simplifier = Simplifier(system) }

    /// The system with such equations split, right sides in normal form.
    static func split(_ system: System) -> System {
        var splitter = IndexSplitter(system)
        for position in system.equations.indices
        where system.equations[position].axes.count > 1
            && system[system.equations[position].quantity].role == .derivative
        {
            splitter.split(position)
        }
        return splitter.simplifier.system
    }

    private mutating func split(_ first: Int) {
        var queue = [first]
        var count = 1
        while let position = queue.popLast(), count < IndexSplitter.mostPieces {
            let equation = simplifier.system.equations[position]
            guard let place = place(in: equation) else { continue }
            count += 1
            // The indices of each equation are its own.
            var other = simplifier.system.withOwnIndices(equation)
            other.axes[other.axes.count - 1].lower = place.upper(&simplifier.system.graph, other, equation)
            var own = equation
            own.axes[own.axes.count - 1].upper = place.value
            own = simplified(own)
            other = simplified(other)
            simplifier.system.equations[position] = own
            let added = simplifier.system.equations.count
            simplifier.system.equations.append(other)
            simplifier.system.statements.append(.equation(added))
            simplifier.system[equation.quantity].domains = simplifier.system.equations.filter {
                $0.quantity == equation.quantity
            }.map(\.axes)
            queue += [position, added]
        }
    }

    private mutating func simplified(_ equation: Equation) -> Equation {
        var result = equation
        for position in result.axes.indices where !result.axes[position].isPoint {
            result.axes[position].isWritten = true
        }
        simplifier.forgetResults()
        simplifier.declare(result.axes)
        result.body = simplifier.simplify(result.body)
        return result
    }

    /// Where the last index's range is cut, in terms of the equation's own indices.
    private struct Place {
        var value: AffineID

        /// The same in terms of another copy's indices.
        func upper(_ graph: inout ExprGraph, _ copy: Equation, _ original: Equation) -> AffineID {
            var map: [IndexID: Affine] = [:]
            for (one, two) in zip(original.axes, copy.axes) where !one.isPoint {
                map[one.index] = Affine(.index(two.index))
            }
            return graph.substitute(value, map) ?? value
        }
    }

    /// The first comparison of the last index with one before it that cuts the range into two that may both be there.
    private mutating func place(in equation: Equation) -> Place? {
        let stageCount = simplifier.system[equation.quantity].stageCount
        guard equation.axes.count >= stageCount + 2, let last = equation.axes.last, !last.isPoint else { return nil }
        let before = Set(equation.axes.dropLast().filter { !$0.isPoint }.map(\.index))
        let scope = Scope(Array(equation.axes.dropLast()))
        for id in simplifier.system.graph.reachable(from: equation.body) {
            guard case .compare(let comparison, let left, let right) = simplifier.system.graph.form(of: id),
                let one = simplifier.system.graph.affineValue(left),
                let two = simplifier.system.graph.affineValue(right), let difference = one.adding(two, times: -1)
            else { continue }
            let coefficient = difference.coefficient(of: last.index)
            let rest = difference.removing(.index(last.index))
            let atoms = rest.terms.compactMap { term -> IndexID? in
                if case .index(let index) = term.atom { return index }
                return nil
            }
            guard abs(coefficient) == 1, !atoms.isEmpty, atoms.allSatisfy({ before.contains($0) }),
                let cut = rest.scaled(by: -coefficient)
            else { continue }
            let value: Affine?
            switch (comparison, coefficient) {
            case (.less, 1), (.greater, -1), (.greaterOrEqual, 1), (.lessOrEqual, -1): value = cut
            case (.lessOrEqual, 1), (.greaterOrEqual, -1), (.greater, 1), (.less, -1): value = cut.offset(by: 1)
            default: value = nil
            }
            let system = simplifier.system
            guard let value, system.isLessOrEqual(system.graph[last.lower], value, in: scope),
                system.isLessOrEqual(value, system.graph[last.upper], in: scope),
                !system.isEqual(value, system.graph[last.lower]), !system.isEqual(value, system.graph[last.upper])
            else { continue }
            return Place(value: simplifier.system.graph.affine(value))
        }
        return nil
    }
}

extension System {
    /// A copy of an equation with indices of its own.
    mutating func withOwnIndices(_ equation: Equation) -> Equation {
        var map: [IndexID: Affine] = [:]
        var result = equation
        for (position, axis) in equation.axes.enumerated() {
            var copy = axis
            copy.index = graph.makeIndex(like: axis.index)
            copy.lower = graph.substitute(axis.lower, map) ?? axis.lower
            copy.upper = graph.substitute(axis.upper, map) ?? axis.upper
            map[axis.index] = axis.isPoint ? graph[copy.lower] : Affine(.index(copy.index))
            result.axes[position] = copy
        }
        result.body = graph.substitute(equation.body, map) ?? equation.body
        return result
    }
}

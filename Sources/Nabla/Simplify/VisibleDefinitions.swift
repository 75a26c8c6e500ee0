/// The logarithm of an expression that is positive wherever it has a value.
struct Logarithm {
    /// How large the expression can be.
    enum Kind: Int, Comparable {
        /// No exponential in it.
        case plain
        /// A quotient of exponentials: it may underflow, and cannot overflow.
        case bounded
        /// An exponential, or a sum of some: it overflows long before its logarithm does.
        case growing

        static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
    }

    /// In normal form.
    var value: ExprID
    var kind: Kind
}

/// What quantities are, as far as the rules against overflow must see through their names: those made of exponentials.
struct VisibleDefinitions {
    struct Definition {
        var axes: [Axis]
        /// In normal form.
        var body: ExprID
        var logarithm: Logarithm
    }

    private var byQuantity: [QuantityID: [Definition]] = [:]

    var isEmpty: Bool { byQuantity.isEmpty }

    subscript(quantity: QuantityID) -> [Definition]? { byQuantity[quantity] }

    mutating func add(_ definition: Definition, of quantity: QuantityID) {
        byQuantity[quantity, default: []].append(definition)
    }
}

extension Simplifier {
    /// Larger logarithms than this many nodes are not put in for a name.
    private static let largestDefinition = 128

    /// The normal forms of all right sides, each after those that it mentions, and the rules against overflow that led there.
    ///
    /// - Parameters:
    ///   - hidden: quantities that a derivative is taken with respect to, whose names must stay.
    ///   - isNormal: of each equation, whether its right side is in normal form already; nil where none is.
    mutating func simplifyEquations(
        hiding hidden: Set<QuantityID> = [], isNormal: [Bool]? = nil
    ) -> [(body: ExprID, rules: [Rule])] {
        var results = system.equations.map { (body: $0.body, rules: [Rule]()) }
        let seesThrough = hasExponentials
        recordsStability = seesThrough
        defer {
            recordsStability = false
            forgetStability()
        }
        if seesThrough { for equation in system.equations { declare(equation.axes) } }
        for position in seesThrough ? definitionOrder() : Array(system.equations.indices) {
            if isNormal?[position] == true { continue }
            let equation = system.equations[position]
            declare(equation.axes)
            let body = simplify(equation.body)
            results[position] = (body, stabilityRules(of: equation.body))
            if seesThrough, !hidden.contains(equation.quantity) { define(equation, body) }
        }
        return results
    }

    private mutating func define(_ equation: Equation, _ body: ExprID) {
        guard let logarithm = logarithm(of: body), logarithm.kind != .plain,
            system.graph.isSmall(logarithm.value, Simplifier.largestDefinition)
        else { return }
        definitions.add(
            VisibleDefinitions.Definition(axes: equation.axes, body: body, logarithm: logarithm), of: equation.quantity)
    }

    /// The equations, each after those of the quantities that it mentions, as far as recurrences allow: inside one, after those of
    /// the same stage.
    private func definitionOrder() -> [Int] {
        let count = system.equations.count
        // Quantities are vertices too: one with many equations that is mentioned often stays linear.
        var all: [[Int]] = Array(repeating: [], count: count + system.quantities.count)
        var unshifted = all
        var visited = Visited()
        for (position, equation) in system.equations.enumerated() {
            all[count + Int(equation.quantity.raw)].append(position)
            for id in system.graph.reachable(from: [equation.body], &visited) {
                guard case .access(let quantity, let indices) = system.graph.form(of: id) else { continue }
                let vertex = count + Int(quantity.raw)
                all[position].append(vertex)
                if system.isSameStage(indices, of: quantity, in: equation) { unshifted[position].append(vertex) }
            }
        }
        for equation in system.equations.indices {
            unshifted[count + Int(system.equations[equation].quantity.raw)].append(equation)
        }
        var order: [Int] = []
        order.reserveCapacity(count)
        for component in Components.ordered(all) {
            if component.count == 1 {
                order.append(component[0])
                continue
            }
            var place: [Int: Int] = [:]
            for (offset, member) in component.enumerated() { place[member] = offset }
            let inner = Components.ordered(component.map { unshifted[$0].compactMap { place[$0] } })
            order += inner.flatMap { $0 }.map { component[$0] }
        }
        return order.filter { $0 < count }
    }

    /// The definition that a quantity's element falls under, with what stands for its axes; nil where that is not certain.
    func definition(of access: ExprID) -> (VisibleDefinitions.Definition, [IndexID: Affine])? {
        guard !definitions.isEmpty, case .access(let quantity, let indices) = system.graph.form(of: access),
            let candidates = definitions[quantity]
        else { return nil }
        // Where there is one equation, all elements are its.
        let isCertain = system[quantity].domains.count == 1
        for candidate in candidates where candidate.axes.count == indices.count {
            var map: [IndexID: Affine] = [:]
            for (axis, index) in zip(candidate.axes, indices) where !axis.isPoint {
                map[axis.index] = system.graph[index]
            }
            if isCertain || isInside(indices, candidate.axes, map) { return (candidate, map) }
        }
        return nil
    }

    private func isInside(_ indices: [AffineID], _ axes: [Axis], _ map: [IndexID: Affine]) -> Bool {
        zip(axes, indices).allSatisfy { axis, index in
            let value = system.graph[index]
            if axis.isPoint { return system.isEqual(axis.lower, index) }
            // Bounds that mention other axes are left undecided.
            if axes.contains(where: {
                system.graph.depends(axis.lower, on: $0.index) || system.graph.depends(axis.upper, on: $0.index)
            }) {
                return false
            }
            return isLessOrEqual(system.graph[axis.lower], value) && isLess(value, system.graph[axis.upper])
        }
    }
}

extension ExprGraph {
    /// Whether a function, by its code, is one that overflows.
    static func isExponential(_ code: UInt32) -> Bool {
        guard case .standard(let function) = FunctionReference(encoded: code) else { return false }
        return function == .exp || function == .sigmoid || function == .cosh
    }

    /// Whether at most so many nodes are below an expression; looks at no more than that.
    func isSmall(_ root: ExprID, _ limit: Int) -> Bool {
        if limit <= 64 { return withNodes(below: root, atMost: limit) { _ in true } ?? false }
        var seen = ExprSet()
        seen.insert(root)
        var next = 0
        while next < seen.inOrder.count {
            forEachChild(of: seen.inOrder[next]) { if seen.inOrder.count <= limit { seen.insert($0) } }
            if seen.inOrder.count > limit { return false }
            next += 1
        }
        return true
    }
}

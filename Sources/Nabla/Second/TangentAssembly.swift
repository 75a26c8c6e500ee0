/// Puts the tangents that results need into the derived system, under their names.
struct TangentAssembly {
    /// The direction's name, behind the names of tangents along it.
    var suffix = ""
    /// Of each tangent, what is varied; nil for a vector.
    private var seeds: [Int: QuantityID?] = [:]
    /// The tangents of the quantities that adjoints are derivatives of.
    private var costs: [QuantityID: Int] = [:]
    private var results: [Int] = []
    private let count: Int

    init(_ builder: TangentBuilder) { count = builder.derived.system.quantities.count }

    /// Takes the tangents of a family, and makes those zeros of theirs that may be read.
    mutating func take(_ builder: inout TangentBuilder, _ family: TangentBuilder.Family) {
        let seed: QuantityID?
        if case .element(let quantity) = family.direction { seed = quantity } else { seed = nil }
        for quantity in family.tangents.keys.sorted() {
            guard let place = family.tangents[quantity] else { continue }
            seeds[place] = .some(seed)
            costs[quantity] = seed == nil ? place : costs[quantity]
            for position in builder.tangents[place].readZeros.sorted() {
                let axes = builder.simplifier.system.equations[position].axes
                let zero = builder.zeroEquations(quantity, axes, family)
                builder.tangents[place].equations.append(contentsOf: zero)
            }
        }
    }

    /// ∂²C/∂a∂b: the tangent of ∂C/∂a.
    mutating func block(
        _ builder: inout TangentBuilder, _ first: QuantityID, _ second: QuantityID, _ derivative: QuantityID?,
        _ family: TangentBuilder.Family
    ) -> QuantityID {
        let system = builder.simplifier.system
        let cost = system.derivedCostName(builder.derived.cost)
        let name = "d2\(cost)_d\(system[first].name)_d\(system[second].name)"
        return result(&builder, derivative ?? first, name, derivative == nil, family, second)
    }

    /// The component of the product for one quantity.
    mutating func component(
        _ builder: inout TangentBuilder, _ wrt: QuantityID, _ derivative: QuantityID?,
        _ family: TangentBuilder.Family
    ) -> QuantityID {
        let system = builder.simplifier.system
        let name = "d\(system.derivedCostName(builder.derived.cost))_\(suffix)_d\(system[wrt].name)"
        return result(&builder, derivative ?? wrt, name, derivative == nil, family, nil)
    }

    private mutating func result(
        _ builder: inout TangentBuilder, _ quantity: QuantityID, _ name: String, _ isMissing: Bool,
        _ family: TangentBuilder.Family, _ seed: QuantityID?
    ) -> QuantityID {
        if !isMissing, let place = family.tangents[quantity] {
            results.append(place)
            return builder.tangents[place].placeholder
        }
        // It does not vary at all.
        let original = builder.simplifier.system[quantity]
        let placeholder = QuantityID(builder.simplifier.system.quantities.count)
        builder.simplifier.system.quantities.append(
            Quantity(name: "", role: .computed, stageCount: original.stageCount, domains: []))
        var tangent = TangentBuilder.Tangent(
            quantity: quantity, placeholder: placeholder, name: name, dependsOnExamples: original.dependsOnExamples)
        for domain in original.domains {
            tangent.equations.append(contentsOf: builder.zeroEquations(quantity, domain, family))
        }
        let place = builder.tangents.count
        builder.tangents.append(tangent)
        seeds[place] = .some(seed)
        results.append(place)
        return placeholder
    }

    // MARK: Finishing

    /// The derived system with all that the results need.
    mutating func finish(_ builder: inout TangentBuilder, _ second: SecondDerivatives) -> DerivedSystem {
        writeOut(&builder)
        let needed = neededTangents(builder)
        var derived = builder.derived
        // Bodies as they were: the builder worked on copies.
        var system = derived.system
        system.graph = builder.simplifier.system.graph
        system.functions = builder.simplifier.system.functions
        for position in derived.system.functions.count..<max(derived.system.functions.count, system.functions.count) {
            system.statements.append(.function(position))
        }
        var places: [QuantityID: QuantityID] = [:]
        for (position, id) in second.direction.enumerated() {
            places[id] = QuantityID(system.quantities.count)
            if position == 0 { insertDeclaration(&system, count: second.direction.count) }
            system.quantities.append(builder.simplifier.system[id])
        }
        for place in needed {
            places[builder.tangents[place].placeholder] = QuantityID(system.quantities.count)
            system.quantities.append(quantity(place, builder))
        }
        for place in needed { define(place, builder, places, &system) }
        var result = second
        result.equations = Array(derived.system.equations.count..<system.equations.count)
        for position in result.equations {
            let body = system.equations[position].body
            system.equations[position].body = system.graph.replacingQuantities(body, places)
            system.statements.append(.equation(position))
        }
        func moved(_ id: QuantityID) -> QuantityID { places[id] ?? id }
        result.direction = second.direction.map(moved)
        result.hessian = second.hessian?.map {
            .init(first: $0.first, second: $0.second, derivative: moved($0.derivative))
        }
        result.product = second.product?.map { ($0.wrt, moved($0.derivative)) }
        derived.system = system
        derived.second = result
        return derived
    }

    /// The direction is declared behind the other declarations.
    private func insertDeclaration(_ system: inout System, count: Int) {
        let last = system.statements.lastIndex {
            switch $0 {
            case .declaration, .size, .stage: true
            default: false
            }
        }
        let first = system.quantities.count
        for offset in 0..<count {
            system.statements.insert(.declaration([QuantityID(first + offset)]), at: (last ?? -1) + 1 + offset)
        }
    }

    private func quantity(_ place: Int, _ builder: TangentBuilder) -> Quantity {
        let tangent = builder.tangents[place]
        let original = builder.simplifier.system[tangent.quantity]
        var stageCount = original.stageCount
        if case .some(.some(let seed)) = seeds[place] { stageCount += builder.simplifier.system[seed].stageCount }
        var quantity = Quantity(
            name: tangent.name, role: .computed, stageCount: stageCount, domains: tangent.equations.map(\.axes))
        quantity.dependsOnExamples = tangent.dependsOnExamples
        return quantity
    }

    /// Gives a tangent its name, its equations, and what it is a derivative of.
    private func define(
        _ place: Int, _ builder: TangentBuilder, _ places: [QuantityID: QuantityID], _ system: inout System
    ) {
        let tangent = builder.tangents[place]
        guard let id = places[tangent.placeholder] else { return }
        let original = system[tangent.quantity]
        let domain = tangent.equations.first?.axes ?? []
        var name = tangent.name
        if case .some(.some(let seed)) = seeds[place] {
            if original.role == .computed || original.role == .derivative {
                // The stages of Q, those of b, the elements of Q, those of b.
                let all = domain.map { system.graph.affine(Affine(.index($0.index))) }
                let own =
                    all.prefix(original.stageCount)
                    + all.dropFirst(original.stageCount + system[seed].stageCount).prefix(
                        max(0, original.axisCount - original.stageCount))
                system[id].derivative = (system.graph.makeAccess(tangent.quantity, Array(own)), seed)
                system[id].role = .derivative
            }
        } else if let definition = original.derivative,
            case .access(let cost, let indices) = system.graph.form(of: definition.of), let of = costs[cost],
            let above = places[builder.tangents[of].placeholder],
            indices.allSatisfy({ system.graph.mask(of: $0) == 0 })
        {
            // ∂C/∂a changes along the direction as the change of C does with a.
            name = "d\(system[cost].name)_\(suffix)_d\(system[definition.wrt].name)"
            system[id].derivative = (system.graph.makeAccess(above, indices), definition.wrt)
            system[id].role = .derivative
        } else {
            name = tangent.name.isEmpty ? name : "\(original.name)_\(suffix)"
            if original.role == .parameter || original.derivative != nil { name = tangent.name }
            system[id].documentation = "The derivative of \(original.name) along \(suffix)."
        }
        system[id].name = ""
        system[id].name = system.freeName(name)
        for (position, equation) in tangent.equations.enumerated() {
            var copy = Equation(quantity: id, axes: equation.axes, body: equation.body)
            if position == 0, system[id].role == .computed { copy.documentation = system[id].documentation }
            system.equations.append(copy)
        }
    }

    /// The tangents that the results need, in the order in which they were made.
    private func neededTangents(_ builder: TangentBuilder) -> [Int] {
        var byPlaceholder: [QuantityID: Int] = [:]
        for (place, tangent) in builder.tangents.enumerated() { byPlaceholder[tangent.placeholder] = place }
        var needed: Set<Int> = []
        var queue = results
        // What the components are derivatives of.
        for place in results {
            let definition = builder.simplifier.system[builder.tangents[place].quantity].derivative
            guard let definition, case .some(nil) = seeds[place],
                case .access(let cost, _) = builder.simplifier.system.graph.form(of: definition.of)
            else { continue }
            if let of = costs[cost] { queue.append(of) }
        }
        while let place = queue.popLast() {
            guard needed.insert(place).inserted else { continue }
            for equation in builder.tangents[place].equations {
                for id in builder.simplifier.system.graph.reachable(from: equation.body) {
                    guard case .access(let quantity, _) = builder.simplifier.system.graph.form(of: id) else { continue }
                    if let other = byPlaceholder[quantity] { queue.append(other) }
                }
            }
            let definition = builder.simplifier.system[builder.tangents[place].quantity].derivative
            if let definition, case .some(nil) = seeds[place],
                case .access(let cost, _) = builder.simplifier.system.graph.form(of: definition.of),
                let of = costs[cost]
            {
                queue.append(of)
            }
        }
        return needed.sorted()
    }

    /// Writes a tangent that is only another one's name out as that: ∂²C/∂z∂z = ∂p/∂z is what ∂p/∂z is.
    private func writeOut(_ builder: inout TangentBuilder) {
        var byPlaceholder: [QuantityID: Int] = [:]
        for (place, tangent) in builder.tangents.enumerated() { byPlaceholder[tangent.placeholder] = place }
        for place in builder.tangents.indices {
            for position in builder.tangents[place].equations.indices {
                let body = builder.tangents[place].equations[position].body
                guard case .access(let quantity, let indices) = builder.simplifier.system.graph.form(of: body),
                    let other = byPlaceholder[quantity], other != place, !results.contains(other),
                    builder.tangents[other].equations.count == 1
                else { continue }
                let (axes, inner) = builder.tangents[other].equations[0]
                var map: [IndexID: Affine] = [:]
                for (axis, index) in zip(axes, indices) { map[axis.index] = builder.simplifier.system.graph[index] }
                let written = builder.simplifier.system.graph.substitute(inner, map) ?? inner
                builder.tangents[place].equations[position].body = builder.simplifier.simplify(written)
            }
        }
    }
}

extension TangentBuilder {
    /// Equations that say that a tangent is 0 on a part of the quantity.
    mutating func zeroEquations(
        _ quantity: QuantityID, _ axes: [Axis], _ family: Family
    ) -> [(axes: [Axis], body: ExprID)] {
        let zero = simplifier.system.graph.makeNumber(0)
        var result: [(axes: [Axis], body: ExprID)] = []
        for piece in directions(family) {
            var map: [IndexID: Affine] = [:]
            var own: [Axis] = []
            for axis in axes {
                var copy = axis
                copy.index = simplifier.system.graph.makeIndex(like: axis.index)
                copy.lower = simplifier.system.graph.substitute(axis.lower, map) ?? axis.lower
                copy.upper = simplifier.system.graph.substitute(axis.upper, map) ?? axis.upper
                copy.isWritten = !axis.isPoint
                map[axis.index] = Affine(.index(copy.index))
                simplifier.declare([copy])
                own.append(copy)
            }
            var (further, _) = directionAxes(piece, beside: own, family)
            // Nothing mentions these indices, so that no range can be inferred.
            for position in further.indices { further[position].isWritten = !further[position].isPoint }
            result.append((merged(own, further, simplifier.system[quantity].stageCount, family), zero))
        }
        return result
    }
}

extension System {
    /// The name of the quantity that a cost is, or is an element of.
    func derivedCostName(_ cost: ExprID) -> String {
        if case .access(let quantity, _) = graph.form(of: cost) { return self[quantity].name }
        return "C"
    }
}

extension ExprGraph {
    /// An expression with other quantities in its accesses.
    mutating func replacingQuantities(_ root: ExprID, _ places: [QuantityID: QuantityID]) -> ExprID {
        rewrite(
            root,
            replace: { graph, id in
                guard case .access(let quantity, let indices) = graph.form(of: id), let place = places[quantity] else {
                    return nil
                }
                return graph.makeAccess(place, indices)
            },
            transform: { graph, id, children in graph.rebuilding(id, children) })
    }
}

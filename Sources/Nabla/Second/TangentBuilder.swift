/// Adds second derivatives to a derived system: derivatives of the gradient's equations, forwards from what is varied.
///
/// Each equation Q(p) = e gets a tangent Q̇(p) = Σ over the mentions m in e of ∂e/∂m · ṁ, in the order in which values are computed; so
/// the tangents of the gradient come out at the end, for a small multiple of the gradient's own operations (Pearlmutter, "Fast
/// exact multiplication by the Hessian", 1994). For the whole Hessian ṁ is ∂m/∂b[u], with u as further indices: one equation for
/// all its entries.
struct TangentBuilder {
    /// What is varied.
    enum Direction {
        /// One element of a quantity, any: its indices are further indices of each tangent.
        case element(of: QuantityID)
        /// All quantities asked for at once, by the direction's component for each.
        case vector([QuantityID: QuantityID])
    }

    /// The tangent of one quantity, before it is known whether it is needed.
    struct Tangent {
        /// Q.
        var quantity: QuantityID
        /// Stands for the tangent in right sides until it gets its place.
        var placeholder: QuantityID
        var name: String
        var dependsOnExamples: Bool
        var equations: [(axes: [Axis], body: ExprID)] = []
        /// Q's equations whose tangent is 0 and has no equation.
        var zeros: Set<Int> = []
        /// Those of them that may be read all the same.
        var readZeros: Set<Int> = []
    }

    /// The tangents along one direction.
    struct Family {
        var direction: Direction
        var dependencies: Dependencies
        var tangents: [QuantityID: Int] = [:]
        /// Tangents that are one number throughout.
        var constants: [QuantityID: ExprID] = [:]
        /// Tangents that are a short choice by indices, written out where they are used.
        var written: [QuantityID: (axes: [Axis], body: ExprID)] = [:]
    }

    var simplifier: Simplifier
    let derived: DerivedSystem
    let wrt: [QuantityID]
    var tangents: [Tangent] = []
    var taken: Set<String>
    /// The adjoint that each derivative quantity of the cost is.
    var costNames: [QuantityID: String] = [:]

    private init(_ derived: DerivedSystem) {
        self.derived = derived
        wrt = derived.gradient.map(\.wrt)
        taken = derived.system.takenNames()
        var system = derived.system
        for (position, body) in derived.evaluatedBodies { system.equations[position].body = body }
        simplifier = Simplifier(system)
        var values = ForwardValues()
        for position in system.equations.indices {
            simplifier.declare(system.equations[position].axes)
            let body = simplifier.simplify(system.equations[position].body)
            values.add(system.equations[position], body, simplifier.system.graph)
        }
        simplifier.forwardValues = values
        simplifier.forgetResults()
    }

    /// The derived system with its second derivatives.
    ///
    /// - Throws: ``DerivationError`` where the direction's name is taken, or a quantity has no one shape.
    static func extend(_ derived: DerivedSystem, _ order: SecondOrder) throws -> DerivedSystem {
        var builder = TangentBuilder(derived)
        switch order {
        case .hessian: return builder.hessian()
        case .product(let name): return try builder.product(along: name)
        }
    }

    // MARK: The Hessian

    private mutating func hessian() -> DerivedSystem {
        var blocks: [SecondDerivatives.Block] = []
        var assembly = TangentAssembly(self)
        for (position, second) in wrt.enumerated() {
            let firsts = derived.gradient.prefix(position + 1)
            let family = family(.element(of: second), of: firsts.compactMap(\.derivative))
            assembly.take(&self, family)
            for (first, derivative) in firsts {
                let block = assembly.block(&self, first, second, derivative, family)
                blocks.append(SecondDerivatives.Block(first: first, second: second, derivative: block))
            }
        }
        var second = SecondDerivatives()
        second.hessian = blocks.sorted { left, right in
            let places = [left, right].map { block in
                (wrt.firstIndex(of: block.first) ?? 0, wrt.firstIndex(of: block.second) ?? 0)
            }
            return places[0] < places[1]
        }
        return assembly.finish(&self, second)
    }

    // MARK: The product with a direction

    private mutating func product(along name: String) throws -> DerivedSystem {
        var components: [QuantityID: QuantityID] = [:]
        var second = SecondDerivatives()
        for quantity in wrt {
            let wish = wrt.count == 1 ? name : "\(name)_\(simplifier.system[quantity].name)"
            guard !taken.contains(wish) else {
                throw DerivationError("--hvp '\(name)': '\(wish)' is the name of something else")
            }
            guard simplifier.system[quantity].domains.count == 1 else {
                throw DerivationError(
                    "--hvp '\(name)': '\(simplifier.system[quantity].name)' is defined in pieces; a direction has one shape"
                )
            }
            taken.insert(wish)
            let original = simplifier.system[quantity]
            let axes = declaredAxes(original.domains[0])
            var component = Quantity(
                name: wish, role: original.dependsOnExamples ? .input : .constant, stageCount: original.stageCount,
                domains: [axes])
            component.dependsOnExamples = original.dependsOnExamples
            component.documentation = "The direction in \(original.name)."
            let id = QuantityID(simplifier.system.quantities.count)
            simplifier.system.quantities.append(component)
            components[quantity] = id
            second.direction.append(id)
        }
        var assembly = TangentAssembly(self)
        assembly.suffix = name
        let costs = adjointCosts()
        let family = family(.vector(components), of: derived.gradient.compactMap(\.derivative) + costs)
        assembly.take(&self, family)
        second.product = derived.gradient.map { entry in
            (entry.wrt, assembly.component(&self, entry.wrt, entry.derivative, family))
        }
        return assembly.finish(&self, second)
    }

    /// What the adjoints are derivatives of.
    private func adjointCosts() -> [QuantityID] {
        var found: [QuantityID] = []
        for step in derived.derivation.steps {
            guard let definition = derived.system[step.adjoint].derivative,
                case .access(let cost, _) = derived.system.graph.form(of: definition.of), !found.contains(cost)
            else { continue }
            found.append(cost)
        }
        return found
    }

    /// Fresh axes of a declaration, with the ranges that the quantity has.
    private mutating func declaredAxes(_ domain: [Axis]) -> [Axis] {
        var map: [IndexID: Affine] = [:]
        return domain.map { axis in
            var copy = axis
            copy.index = simplifier.system.graph.makeIndex(like: axis.index)
            copy.lower = simplifier.system.graph.substitute(axis.lower, map) ?? axis.lower
            copy.upper = simplifier.system.graph.substitute(axis.upper, map) ?? axis.upper
            map[axis.index] = Affine(.index(copy.index))
            simplifier.declare([copy])
            return copy
        }
    }

    // MARK: Families

    /// The tangents that these quantities' tangents need, each after those that it mentions.
    private mutating func family(_ direction: Direction, of results: [QuantityID]) -> Family {
        let seeds: Set<QuantityID>
        switch direction {
        case .element(let quantity): seeds = [quantity]
        case .vector(let components): seeds = Set(components.keys)
        }
        var family = Family(direction: direction, dependencies: Dependencies(&simplifier, wrt: seeds))
        var edges: [QuantityID: [QuantityID]] = [:]
        var queue = results
        while let quantity = queue.popLast() {
            if edges[quantity] != nil || !isActive(quantity, family) { continue }
            var mentioned: [QuantityID] = []
            for position in family.dependencies.definitions[Int(quantity.raw)]
            where family.dependencies.isActive[position] {
                for access in family.dependencies.accesses[position] {
                    let other = QuantityID(Int(simplifier.system.graph.node(access).a))
                    if isActive(other, family) { mentioned.append(other) }
                }
            }
            edges[quantity] = mentioned
            queue.append(contentsOf: mentioned)
        }
        let quantities = edges.keys.sorted()
        var number: [QuantityID: Int] = [:]
        for (position, quantity) in quantities.enumerated() { number[quantity] = position }
        let components = Components.ordered(
            quantities.map { (edges[$0] ?? []).compactMap { number[$0] } })
        for component in components {
            // All names first: in a recurrence tangents mention each other.
            for member in component { reserve(quantities[member], &family) }
            for member in component { define(quantities[member], &family) }
            if component.count == 1 { settle(quantities[component[0]], edges, &family) }
        }
        return family
    }

    /// Whether a quantity is computed from what is varied.
    func isActive(_ quantity: QuantityID, _ family: Family) -> Bool {
        family.dependencies.definitions[Int(quantity.raw)].contains { family.dependencies.isActive[$0] }
    }

    private mutating func reserve(_ quantity: QuantityID, _ family: inout Family) {
        let original = simplifier.system[quantity]
        var dependsOnExamples = original.dependsOnExamples
        if case .element(let seed) = family.direction, simplifier.system[seed].dependsOnExamples {
            dependsOnExamples = true
        }
        let placeholder = QuantityID(simplifier.system.quantities.count)
        simplifier.system.quantities.append(
            Quantity(name: "", role: .computed, stageCount: original.stageCount, domains: []))
        family.tangents[quantity] = tangents.count
        tangents.append(
            Tangent(
                quantity: quantity, placeholder: placeholder, name: name(quantity, family),
                dependsOnExamples: dependsOnExamples))
    }

    /// `dz_dw` and `d2C_da_dw`, `z_v` and `dC_v_da`.
    private func name(_ quantity: QuantityID, _ family: Family) -> String {
        let original = simplifier.system[quantity]
        switch family.direction {
        case .element(let seed):
            let below = simplifier.system[seed].name
            guard let definition = original.derivative,
                case .access(let cost, _) = simplifier.system.graph.form(of: definition.of)
            else { return "d\(original.name)_d\(below)" }
            return "d2\(simplifier.system[cost].name)_d\(simplifier.system[definition.wrt].name)_d\(below)"
        case .vector: return original.name
        }
    }

    private mutating func define(_ quantity: QuantityID, _ family: inout Family) {
        guard let place = family.tangents[quantity] else { return }
        for position in family.dependencies.definitions[Int(quantity.raw)] {
            if family.dependencies.isActive[position] || isSeed(quantity, family) {
                let equations = equations(position, &family)
                tangents[place].equations.append(contentsOf: equations)
            } else {
                tangents[place].zeros.insert(position)
            }
        }
    }

    func isSeed(_ quantity: QuantityID, _ family: Family) -> Bool {
        switch family.direction {
        case .element(let seed): seed == quantity
        case .vector(let components): components[quantity] != nil
        }
    }

    /// Tangents that are a number, or a short choice, need no name.
    private mutating func settle(_ quantity: QuantityID, _ edges: [QuantityID: [QuantityID]], _ family: inout Family) {
        guard let place = family.tangents[quantity], edges[quantity]?.contains(quantity) != true else { return }
        let bodies = Set(tangents[place].equations.map(\.body))
        let zero = simplifier.system.graph.makeNumber(0)
        if bodies.count == 1, let body = bodies.first {
            let isNumber = simplifier.system.graph.number(body) != nil
            if body == zero || isNumber && tangents[place].zeros.isEmpty { family.constants[quantity] = body }
        }
        if tangents[place].equations.count == 1, tangents[place].zeros.isEmpty,
            isShort(tangents[place].equations[0].body)
        {
            family.written[quantity] = tangents[place].equations[0]
        }
    }

    /// Whether a tangent is few operations and 0 but for some indices: under a sum over these nothing is left to add up.
    private func isShort(_ body: ExprID) -> Bool {
        let graph = simplifier.system.graph
        guard case .select(_, let then, let otherwise) = graph.form(of: body) else {
            if case .access = graph.form(of: body) { return true }
            return false
        }
        guard graph.number(otherwise)?.isZero == true || graph.number(then)?.isZero == true else { return false }
        let nodes = graph.reachable(from: body)
        return nodes.count <= 16
            && !nodes.contains { graph.node($0).kind == .reduce || graph.node($0).kind == .extremum }
    }
}

/// Derives the adjoint system of a cost: one adjoint for each quantity on a path from what the derivative is taken with
/// respect to, each the sum over all mentions and paths (Docs: "How the derivative is derived").
public struct Differentiator {
    /// A cost and the adjoints with respect to it.
    struct Family {
        /// What the adjoints are derivatives of, as an access.
        var cost: ExprID
        /// The cost's name, in the names of the adjoints.
        var label: String
        /// How the names of the adjoints begin.
        lazy var prefix = "d\(label)_d"
        /// Whether no other name begins like that; nil until it is known.
        var isPrefixFree: Bool?
        /// Whether the cost has a value for each example.
        var isPerExample: Bool
        /// The indices of the cost, where it has any: each adjoint has a copy of these behind its own.
        var axes: [Axis] = []
        /// How many of these are stages.
        var stageCount = 0
        /// Of each adjoint, the copy that the access in its ``Quantity/derivative`` mentions.
        var ownAxes: [QuantityID: [Axis]] = [:]
        /// The adjoint of each quantity.
        var adjoints = QuantityMap<QuantityID>()
        /// Adjoints that are one number throughout.
        var constants = QuantityMap<ExprID>()
        /// Short adjoints of one case, which are tried in place of their name.
        var short: [QuantityID: (axes: [Axis], body: ExprID)] = [:]
        /// What mentions each quantity, in the order in which it was found.
        var uses = QuantityLists<Use>()
        /// The mentions that are not those of a form.
        var mentions: [Mention] = []
        /// The equations whose mentions are in `uses`.
        var collected = PositionSet()
    }

    /// A mention of a quantity in an equation, or in the cost's own right side.
    struct Use {
        /// −1: the cost's right side.
        var number: Int32
        /// A place in ``Family/mentions``, or, of an equation that is like others, −1 − the leaf's position.
        var place: Int32

        /// nil: the cost's right side.
        var equation: Int? { number < 0 ? nil : Int(number) }
        /// Of an equation that is like others, the leaf's position.
        var leaf: Int? { place < 0 ? -1 - Int(place) : nil }
    }

    /// What is known of a mention.
    struct Mention {
        var indices: [AffineID]
        var frames: [LocalDerivative.Frame]
        var local: ExprID
    }

    /// A sum or a mean over the examples on the way to the cost.
    struct Reduction {
        var node: ExprID
        var kind: ReductionKind
        var body: ExprID
        var equation: Int?
        var frames: [LocalDerivative.Frame]
        /// ∂(the equation's quantity)/∂(the reduction).
        var local: ExprID
    }

    var simplifier: Simplifier
    var dependencies: Dependencies
    let wrt: [QuantityID]
    let wrtSet: Set<QuantityID>
    var derivation = Derivation()
    /// Whether the steps are entered in it.
    let isRecording: Bool
    var taken = TakenNames()
    /// What right sides have in common.
    var forms = RightSideForms()
    /// So many equations must have a form for it to be derived once for all; nil where none is.
    let fewestAlike: Int?
    /// The equations of adjoints.
    var normalEquations = PositionSet()
    /// The original equations that are in normal form as they are written.
    private(set) var unchangedEquations = PositionSet()
    /// The rules of the last step, with their names.
    var lastRules: (rules: [Rule], names: [String]) = ([], [])
    var newEquations: [Int] = []
    /// The right sides as the spec has them, and how many functions it has.
    let writtenBodies: [ExprID]
    let writtenFunctionCount: Int
    /// The right sides with names for the parts that were given some.
    var cutBodies: [ExprID] = []
    /// Whose memory is used again for each right side.
    var sweep = LocalDerivative()
    private var leaves = ExprSet()

    /// Derives a cost with respect to quantities.
    ///
    /// - Parameters:
    ///   - system: as resolved; its equations stay in the result.
    ///   - cost: a scalar quantity, or one element of an indexed one.
    ///   - wrt: parameters, inputs, or intermediate quantities.
    ///   - isRecording: whether the steps are kept in ``DerivedSystem/derivation``, as a printed derivation needs them; the system is the
    ///     same without, in a fraction of the time and of the memory.
    /// - Throws: ``DerivationError`` where the cost is none, or where what is asked for has no form in the language.
    public static func derive(
        _ system: consuming System, of cost: (quantity: QuantityID, indices: [AffineID]), wrt: [QuantityID],
        isRecording: Bool = true
    ) throws -> DerivedSystem {
        var differentiator = Differentiator(system, wrt, isRecording: isRecording, fewestAlike: 8)
        return try differentiator.run(cost)
    }

    /// The same without a record, and with a choice of how many equations must be alike to be derived once for all.
    static func derive(
        _ system: consuming System, of cost: (quantity: QuantityID, indices: [AffineID]), wrt: [QuantityID],
        fewestAlike: Int
    ) throws -> DerivedSystem {
        var differentiator = Differentiator(system, wrt, isRecording: false, fewestAlike: fewestAlike)
        return try differentiator.run(cost)
    }

    private init(_ system: consuming System, _ wrt: [QuantityID], isRecording: Bool, fewestAlike: Int) {
        writtenBodies = system.equations.map(\.body)
        writtenFunctionCount = system.functions.count
        simplifier = Simplifier(system)
        self.isRecording = isRecording
        self.fewestAlike = isRecording ? nil : fewestAlike
        self.wrt = wrt
        wrtSet = Set(wrt)
        // What would overflow is derived in the form that does not.
        let stable = simplifier.hasExponentials ? simplifier.simplifyEquations(hiding: wrtSet) : []
        for (position, normal) in stable.enumerated() where !normal.rules.isEmpty {
            let body = simplifier.system.graph.opening(normal.body)
            simplifier.system.equations[position].body = body
            derivation.rewritings.append(
                Rewriting(equation: position, body: body, rules: normal.rules.map(\.rawValue)))
        }
        dependencies = Dependencies(&simplifier, wrt: wrtSet)
        reserveCapacity()
        var outliner = Outliner(taken: taken)
        let active = dependencies.isActive
        var dependent = Array(repeating: false, count: simplifier.system.quantities.count)
        for quantity in wrt { dependent[Int(quantity.raw)] = true }
        for position in active.indices where active[position] {
            dependent[Int(simplifier.system.equations[position].quantity.raw)] = true
        }
        for position in active.indices where active[position] && !dependencies.isShort[position] {
            outliner.outline(
                position, &simplifier, isActive: { Int($0.raw) < dependent.count && dependent[Int($0.raw)] })
        }
        taken = outliner.taken
        if !outliner.made.isEmpty {
            newEquations = outliner.made
            dependencies = Dependencies(&simplifier, wrt: wrtSet)
        }
        var values = ForwardValues()
        values.reserveCapacity(simplifier.system.equations.count)
        cutBodies = simplifier.system.equations.map(\.body)
        enterForms()
        for position in simplifier.system.equations.indices {
            let body = normalForm(of: position)
            if position < writtenBodies.count, body == writtenBodies[position] { unchangedEquations.insert(position) }
            values.add(simplifier.system.equations[position], body, simplifier.system.graph)
        }
        simplifier.forwardValues = values
        simplifier.forgetResults()
        simplifier.forgetRules()
    }

    /// Makes room for the adjoints: one for each equation on a path, as a rule, whose right side is half as long again.
    private mutating func reserveCapacity() {
        let count = simplifier.system.equations.count
        let active = dependencies.isActive.count { $0 }
        simplifier.system.reserveCapacity(active + wrt.count)
        newEquations.reserveCapacity(newEquations.count + active + wrt.count)
        // At most half as many again as there are nodes, however many are asked for.
        let share = Double(active) / Double(max(1, count))
        simplifier.system.graph.reserveCapacity(Int(1.5 * share * Double(simplifier.system.graph.count)))
    }

    private mutating func run(_ cost: (quantity: QuantityID, indices: [AffineID])) throws -> DerivedSystem {
        let (root, rootEquation) = try rightSide(of: cost)
        let access = simplifier.system.graph.makeAccess(cost.quantity, cost.indices)
        var family = Family(
            cost: access, label: simplifier.system[cost.quantity].name,
            isPerExample: simplifier.system[cost.quantity].dependsOnExamples)
        family.uses.reserveCapacity(dependencies.accesses.count, quantities: simplifier.system.quantities.count)
        var reductions: [Reduction] = []
        if wrtSet.contains(cost.quantity) {
            throw DerivationError("'\(family.label)' is the cost; take its derivative with respect to something else")
        }
        collect(root, nil, &family, &reductions)
        try derive(family: &family, reductions, cost: cost.quantity, rootEquation)
        return assemble(family, access)
    }

    /// The right side that defines the cost, for this element.
    private mutating func rightSide(
        of cost: (quantity: QuantityID, indices: [AffineID])
    ) throws -> (ExprID, Int) {
        let name = simplifier.system[cost.quantity].name
        var found: [(body: ExprID, position: Int, requirements: [Affine])] = []
        for position in dependencies.definitions[Int(cost.quantity.raw)] {
            let equation = simplifier.system.equations[position]
            guard equation.axes.count == cost.indices.count else { continue }
            var map: [IndexID: Affine] = [:]
            var isPossible = true
            var requirements: [Affine] = []
            for (axis, index) in zip(equation.axes, cost.indices) {
                let value = simplifier.system.graph[index]
                let lowerID = simplifier.system.graph.substitute(axis.lower, map) ?? axis.lower
                let upperID = simplifier.system.graph.substitute(axis.upper, map) ?? axis.upper
                let lower = simplifier.system.graph[lowerID]
                let upper = simplifier.system.graph[upperID]
                map[axis.index] = value
                if simplifier.isLess(value, lower) || simplifier.isLessOrEqual(upper, value) { isPossible = false }
                if !simplifier.isLessOrEqual(lower, value), let difference = value.adding(lower, times: -1) {
                    requirements.append(difference)
                }
                if !simplifier.isLess(value, upper), let difference = upper.adding(value, times: -1)?.offset(by: -1) {
                    requirements.append(difference)
                }
            }
            guard isPossible else { continue }
            let body = simplifier.system.graph.substitute(equation.body, map) ?? equation.body
            found.append((body, position, requirements))
        }
        if dependencies.definitions[Int(cost.quantity.raw)].isEmpty {
            throw DerivationError("'\(name)' is given, not computed, so there is nothing to derive")
        }
        // Where a size is a letter, whether the element is there is checked when it is known.
        let certain = found.first { $0.requirements.isEmpty }
        guard let chosen = certain ?? (found.count == 1 ? found[0] : nil) else {
            throw DerivationError(
                found.isEmpty
                    ? "the element of '\(name)' is outside its range"
                    : "which equation defines the element of '\(name)' depends on sizes that are not known")
        }
        for requirement in chosen.requirements {
            simplifier.system.sizeRequirements.append(
                SizeRequirement(
                    axes: [], affine: simplifier.system.graph.affine(requirement),
                    message: "the element of '\(name)' that was derived is outside its range",
                    range: simplifier.system[cost.quantity].range))
        }
        return (chosen.body, chosen.position)
    }

    // MARK: Collecting mentions

    /// Finds all mentions from a right side on, through the equations of what it mentions.
    ///
    /// In a family of a per-example quantity that stands in a reduction, quantities without examples are where the paths
    /// leave it: `onlyPerExample` says not to go on there.
    mutating func collect(
        _ root: ExprID, _ rootEquation: Int?, _ family: inout Family, _ reductions: inout [Reduction],
        onlyPerExample: Bool = false
    ) {
        var queue: [Int32] = []
        collectMentions(root, rootEquation, &family, &reductions, &queue, onlyPerExample)
        var next = 0
        while next < queue.count {
            let position = Int(queue[next])
            next += 1
            if collectAlike(position, &family, &queue, onlyPerExample) { continue }
            let body = simplifier.system.equations[position].body
            collectMentions(body, position, &family, &reductions, &queue, onlyPerExample)
        }
    }

    /// Finds the mentions in one right side, and lists the equations to go on with.
    private mutating func collectMentions(
        _ body: ExprID, _ equation: Int?, _ family: inout Family, _ reductions: inout [Reduction],
        _ queue: inout [Int32], _ onlyPerExample: Bool
    ) {
        let order = simplifier.system.graph.reachable(from: body)
        findActiveLeaves(among: order, &leaves)
        if leaves.isEmpty { return }
        sweep.sweep(body, order, leaves, &simplifier.system.graph)
        let number = equation.map { Int32(truncatingIfNeeded: $0) } ?? -1
        for mention in sweep.mentions {
            let frames = sweep.frames(mention.context)
            switch simplifier.system.graph.form(of: mention.leaf) {
            case .access(let quantity, let indices):
                let place = Int32(truncatingIfNeeded: family.mentions.count)
                family.mentions.append(Mention(indices: indices, frames: frames, local: mention.derivative))
                family.uses.append(Use(number: number, place: place), of: quantity)
                follow(mention.leaf, quantity, &family, &queue, onlyPerExample)
            case .reduceExamples(let kind, let inner):
                reductions.append(
                    Reduction(
                        node: mention.leaf, kind: kind, body: inner, equation: equation, frames: frames,
                        local: mention.derivative))
            default: break
            }
        }
    }

    /// Lists the equations that define what an access may read, each once.
    mutating func follow(
        _ leaf: ExprID, _ quantity: QuantityID, _ family: inout Family, _ queue: inout [Int32], _ onlyPerExample: Bool
    ) {
        if onlyPerExample, !simplifier.system.quantities[Int(quantity.raw)].dependsOnExamples { return }
        for entry in dependencies.definitions.range(of: Int(quantity.raw)) {
            let position = dependencies.definitions.entry(entry)
            guard dependencies.isActive[position], !family.collected.contains(position),
                dependencies.mayRead(leaf, position, simplifier)
            else { continue }
            family.collected.insert(position)
            queue.append(Int32(truncatingIfNeeded: position))
        }
    }

    /// The leaves that the derivative is taken through: accesses, and reductions over examples.
    func activeLeaves(_ body: ExprID) -> ExprSet {
        var leaves = ExprSet()
        findActiveLeaves(among: simplifier.system.graph.reachable(from: body), &leaves)
        return leaves
    }

    /// - Parameter nodes: all of an expression's, children first.
    private func findActiveLeaves(among nodes: [ExprID], _ leaves: inout ExprSet) {
        leaves.removeAll()
        for id in nodes {
            switch simplifier.system.graph.kind(of: id) {
            case .access: if isActiveAccess(id) { leaves.insert(id) }
            case .reduce:
                guard case .reduceExamples(_, let inner) = simplifier.system.graph.form(of: id) else { continue }
                // Children come before parents, so that the accesses inside have been asked already.
                if simplifier.system.graph.reachable(from: inner).contains(where: { leaves.contains($0) }) {
                    leaves.insert(id)
                }
            default: break
            }
        }
    }

    func isActiveAccess(_ id: ExprID) -> Bool {
        let quantity = Int(simplifier.system.graph.node(id).a)
        // Adjoints and helpers that were made since are held fixed.
        guard quantity < dependencies.definitions.count else { return false }
        if dependencies.isAsked[quantity] { return true }
        for entry in dependencies.definitions.range(of: quantity) {
            let position = dependencies.definitions.entry(entry)
            if dependencies.isActive[position], dependencies.mayRead(id, position, simplifier) { return true }
        }
        return false
    }

    // MARK: Order

    /// The quantities of a family from the cost backwards: each after all that it reaches the cost through, as far as a
    /// recurrence allows; inside a recurrence, after what it reaches at the same stage.
    func order(_ family: Family) -> [QuantityID] {
        let quantities = family.uses.keys
        var number = Array(repeating: Int32(-1), count: simplifier.system.quantities.count)
        for (position, quantity) in quantities.enumerated() {
            number[Int(quantity.raw)] = Int32(truncatingIfNeeded: position)
        }
        /// The quantities that one is mentioned by.
        func users(of vertex: Int, atSameStage: Bool, _ body: (Int32) -> Void) {
            family.uses.forEach(of: quantities[vertex]) { use in
                guard let position = use.equation else { return }
                let user = number[Int(simplifier.system.equations[position].quantity.raw)]
                if user < 0 { return }
                if atSameStage {
                    let equation = simplifier.system.equations[position]
                    let indices = use.leaf == nil ? family.mentions[Int(use.place)].indices : []
                    guard simplifier.system.isSameStage(indices, of: quantities[vertex], in: equation) else { return }
                }
                body(user)
            }
        }
        let edges = PositionLists(count: quantities.count) { take in
            for vertex in quantities.indices {
                users(of: vertex, atSameStage: false) { take(Int32(truncatingIfNeeded: vertex), $0) }
            }
        }
        let components = Components(edges)
        if components.count == quantities.count { return components.vertices.map { quantities[Int($0)] } }
        var result: [QuantityID] = []
        for component in 0..<components.count {
            let members = components[component].map { Int($0) }
            if members.count == 1 {
                result.append(quantities[members[0]])
                continue
            }
            var place: [Int: Int] = [:]
            for (offset, member) in members.enumerated() { place[member] = offset }
            let inner = Components.ordered(
                members.map { vertex in
                    var same: [Int] = []
                    users(of: vertex, atSameStage: true) { if let user = place[Int($0)] { same.append(user) } }
                    return same
                })
            result += inner.flatMap { $0 }.map { quantities[members[$0]] }
        }
        return result
    }
}

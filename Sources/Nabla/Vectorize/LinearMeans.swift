extension System {
    /// The system with means over the examples taken before the sums that are linear in what is averaged: mean(Σ_j F[j,i]·v[j]) becomes
    /// Σ_j F[j,i]·mean(v[j]), a product of a matrix and one vector in place of one for each example.
    ///
    /// - Parameter results: the quantities that are asked for.
    func averagingEarly(for results: [QuantityID]) -> System {
        var pass = LinearMeans(self, results)
        pass.run()
        return pass.system
    }
}

/// Exchanges means over the examples with linear maps.
///
/// A quantity goes where all that mentions it are such means, and other quantities of that kind, and where a product of a matrix with each
/// example's vector is saved: its equations then compute its mean from the means of what they mention.
struct LinearMeans {
    private(set) var system: System
    /// Of each quantity, the positions of its equations.
    private var definitions: [[Int]]
    private var isPerExample: [Bool]
    /// Quantities of which only the mean is computed.
    private var isAveraged: [Bool]
    private var means: [QuantityID: QuantityID] = [:]
    /// Per-example quantities whose mean some equation needs, in the order in which they were met.
    private var pending: [QuantityID] = []
    private var names = TakenNames()
    /// What ``varies(_:)`` has found.
    private var isVarying: [ExprID: Bool] = [:]

    init(_ system: System, _ results: [QuantityID]) {
        self.system = system
        definitions = Array(repeating: [], count: system.quantities.count)
        for (position, equation) in system.equations.enumerated() {
            definitions[Int(equation.quantity.raw)].append(position)
        }
        isPerExample = system.quantities.map { $0.dependsOnExamples || $0.role == .input || $0.role == .target }
        isAveraged = Array(repeating: false, count: system.quantities.count)
        if isPerExample.contains(true) { findAveraged(results) }
    }

    mutating func run() {
        guard isAveraged.contains(true) else { return }
        for position in system.equations.indices {
            let body = system.equations[position].body
            var map: [ExprID: ExprID] = [:]
            for node in averagedMeans(in: body) { map[node.mean] = averaged(node.inner) }
            system.equations[position].body = system.graph.replacing(map, in: body)
        }
        while let quantity = pending.popLast() { define(quantity) }
    }

    // MARK: What is linear

    /// What an expression mentions of each example, where it is linear in that with coefficients that all examples share, and whether
    /// it is a matrix that meets a vector there: a coefficient with the index of a sum and with one of the axes that the vector lacks. Nil
    /// where it is not linear.
    private mutating func linearMentions(
        _ root: ExprID, axes: [Axis] = []
    ) -> (accesses: [ExprID], hasMatrix: Bool)? {
        var accesses: [ExprID] = []
        var hasMatrix = false
        var seen: Set<ExprID> = []
        var stack: [(id: ExprID, binders: [Binder])] = [(root, [])]
        while let (id, binders) = stack.popLast() {
            guard seen.insert(id).inserted, varies(id) else { continue }
            switch system.graph.form(of: id) {
            case .access: accesses.append(id)
            case .add(let terms): stack += terms.map { ($0, binders) }
            case .negate(let operand): stack.append((operand, binders))
            case .multiply(let factors):
                var varying: [ExprID] = []
                for factor in factors where varies(factor) { varying.append(factor) }
                guard varying.count == 1 else { return nil }
                hasMatrix = hasMatrix || isMatrix(factors.filter { $0 != varying[0] }, binders, axes, varying[0])
                stack.append((varying[0], binders))
            case .divide(let dividend, let divisor):
                if varies(divisor) { return nil }
                stack.append((dividend, binders))
            case .select(let condition, let then, let otherwise):
                if varies(condition) { return nil }
                stack += [(then, binders), (otherwise, binders)]
            case .reduce(.sum, let inner, let body): stack.append((body, binders + inner))
            default: return nil
            }
        }
        return (accesses, hasMatrix)
    }

    private func isMatrix(_ coefficients: [ExprID], _ binders: [Binder], _ axes: [Axis], _ vector: ExprID) -> Bool {
        func mention(_ index: IndexID) -> Bool {
            coefficients.contains { system.graph.depends($0, on: index) }
        }
        return binders.contains { mention($0.index) }
            && axes.contains { !$0.isPoint && mention($0.index) && !system.graph.depends(vector, on: $0.index) }
    }

    /// Whether an expression has a value of its own for each example.
    private mutating func varies(_ root: ExprID) -> Bool {
        if let known = isVarying[root] { return known }
        for id in system.graph.reachable(from: root) where isVarying[id] == nil {
            var result = system.graph.quantity(id).map { isPerExample[Int($0.raw)] } ?? false
            if !system.graph.isReductionOverExamples(id) {
                system.graph.forEachChild(of: id) { result = result || isVarying[$0] ?? false }
            }
            isVarying[id] = result
        }
        return isVarying[root] ?? false
    }

    // MARK: What is averaged

    private mutating func findAveraged(_ results: [QuantityID]) {
        var isPossible = system.quantities.indices.map { isPerExample[$0] && !definitions[$0].isEmpty }
        var hasMatrix = Array(repeating: false, count: isPossible.count)
        for result in results { isPossible[Int(result.raw)] = false }
        /// The quantities that the equations of each one mention, linearly.
        var below: [[Int]] = Array(repeating: [], count: isPossible.count)
        for (position, equation) in system.equations.enumerated() {
            let quantity = Int(equation.quantity.raw)
            var linear: Set<ExprID> = []
            if isPerExample[quantity], let mentions = linearMentions(equation.body, axes: equation.axes) {
                linear = Set(mentions.accesses)
                hasMatrix[quantity] = hasMatrix[quantity] || mentions.hasMatrix
                below[quantity] += mentions.accesses.compactMap { system.graph.quantity($0).map { Int($0.raw) } }
            } else if !isPerExample[quantity] {
                linear = meanMentions(in: equation.body)
            }
            for id in system.graph.reachable(from: system.equations[position].body) where !linear.contains(id) {
                if let read = system.graph.quantity(id) { isPossible[Int(read.raw)] = false }
            }
        }
        // What an equation mentions that stays for each example stays as well.
        var stack = isPossible.indices.filter { !isPossible[$0] }
        while let quantity = stack.popLast() {
            for read in below[quantity] where isPossible[read] {
                isPossible[read] = false
                stack.append(read)
            }
        }
        // Worth it where a product is saved, and what stands above such a quantity.
        var above: [[Int]] = Array(repeating: [], count: isPossible.count)
        for (quantity, reads) in below.enumerated() { for read in reads { above[read].append(quantity) } }
        stack = isPossible.indices.filter { isPossible[$0] && hasMatrix[$0] }
        while let quantity = stack.popLast() {
            guard isPossible[quantity], !isAveraged[quantity] else { continue }
            isAveraged[quantity] = true
            stack += above[quantity]
        }
    }

    /// The accesses of each example inside of means over the examples that are linear in them.
    private mutating func meanMentions(in root: ExprID) -> Set<ExprID> {
        var result: Set<ExprID> = []
        for id in system.graph.reachable(from: root) {
            guard case .reduceExamples(.mean, let inner) = system.graph.form(of: id),
                let mentions = linearMentions(inner)
            else { continue }
            result.formUnion(mentions.accesses)
        }
        return result
    }

    /// The means in an expression that mention an averaged quantity.
    private mutating func averagedMeans(in root: ExprID) -> [(mean: ExprID, inner: ExprID)] {
        var result: [(mean: ExprID, inner: ExprID)] = []
        for id in system.graph.reachable(from: root) {
            guard case .reduceExamples(.mean, let inner) = system.graph.form(of: id),
                let mentions = linearMentions(inner),
                mentions.accesses.contains(where: { system.graph.quantity($0).map { isAveraged[Int($0.raw)] } ?? false }
                )
            else { continue }
            result.append((id, inner))
        }
        return result
    }

    // MARK: The new equations

    /// The mean of a linear expression: itself, with means in place of what it mentions of each example.
    private mutating func averaged(_ root: ExprID) -> ExprID {
        var map: [ExprID: ExprID] = [:]
        for access in linearMentions(root)?.accesses ?? [] {
            guard case .access(let quantity, let indices) = system.graph.form(of: access) else { continue }
            map[access] = system.graph.makeAccess(mean(of: quantity), indices)
        }
        return system.graph.replacing(map, in: root)
    }

    private mutating func mean(of quantity: QuantityID) -> QuantityID {
        if let known = means[quantity] { return known }
        let original = system[quantity]
        var name = original.name + "_mean"
        while !names.take(name, system) { name += "_" }
        system.quantities.append(
            Quantity(name: name, role: .computed, stageCount: original.stageCount, domains: []))
        let mean = QuantityID(system.quantities.count - 1)
        isPerExample.append(false)
        isAveraged.append(false)
        means[quantity] = mean
        pending.append(quantity)
        return mean
    }

    private mutating func define(_ quantity: QuantityID) {
        let mean = mean(of: quantity)
        if isAveraged[Int(quantity.raw)] {
            for position in definitions[Int(quantity.raw)] {
                var equation = system.withOwnIndices(system.equations[position])
                equation.body =
                    linearMentions(equation.body) != nil
                    ? averaged(equation.body) : system.graph.makeReductionOverExamples(.mean, equation.body)
                add(equation, to: mean)
            }
            return
        }
        for axes in system[quantity].domains {
            let indices = axes.map { axis in
                axis.isPoint ? axis.lower : system.graph.affine(Affine(.index(axis.index)))
            }
            let access = system.graph.makeAccess(quantity, indices)
            let body = system.graph.makeReductionOverExamples(.mean, access)
            add(system.withOwnIndices(Equation(quantity: quantity, axes: axes, body: body)), to: mean)
        }
    }

    private mutating func add(_ equation: Equation, to mean: QuantityID) {
        var equation = equation
        equation.quantity = mean
        system.equations.append(equation)
        system[mean].domains.append(equation.axes)
    }
}

/// Runs a spec before and after a nudge, and derives what is seen to change.
struct NudgeExperiment {
    /// The elements of one quantity at one stage that change.
    struct Group: Sendable {
        var quantity: QuantityID
        var stages: [Int]
        /// In the order in which they print.
        var changed: [(element: Nudge.Element, value: Double, change: Double)]
    }

    /// The most elements that are shown of one quantity at one stage.
    static let mostElements = 4
    /// The most quantities that are shown: the first and the last ones.
    static let mostGroups = 12

    /// With its sizes.
    let system: System
    let cost: Nudge.Element
    private(set) var nudged: Nudge.Row
    private let wrt: Nudge.Element
    /// Where the nudged number is among the values.
    private let place: Int
    private let values: Values
    private let example: Int
    private let prepared: PreparedEvaluation

    init(
        _ original: System, _ cost: (quantity: QuantityID, indices: [AffineID]),
        _ wrt: (quantity: QuantityID, indices: [AffineID]), _ values: Values, example: Int
    ) throws {
        try values.check(example: example)
        // Indices may mention sizes that only the values give.
        var bound = original
        for (position, size) in values.bound.system.sizes.enumerated() where position < bound.sizes.count {
            bound.sizes[position].value = size.value
            bound.sizes[position].values = size.values
        }
        let arithmetic = SizeArithmetic(bound)
        func element(_ access: (quantity: QuantityID, indices: [AffineID])) throws -> Nudge.Element {
            let name = bound[access.quantity].name
            let indices = access.indices.compactMap { arithmetic.value($0, in: bound.graph) }
            guard indices.count == access.indices.count else {
                throw EvaluationError("which element of '\(name)'? Write its indices, as in '\(name)[0]'")
            }
            return Nudge.Element(quantity: access.quantity, indices: indices)
        }
        self.cost = try element(cost)
        self.wrt = try element(wrt)
        let quantity = bound[wrt.quantity]
        let name = bound.name(of: self.wrt)
        switch quantity.role {
        case .parameter, .input, .target: break
        case .constant:
            throw EvaluationError("'\(quantity.name)' is a const, which does not vary; declare it as a param")
        case .computed, .derivative:
            throw EvaluationError("'\(quantity.name)' is computed; nudge a param, an input or a target")
        }
        guard let place = try values.bound.shape(of: wrt.quantity).offset(of: self.wrt.indices) else {
            throw EvaluationError("there is no element \(name) for these sizes")
        }
        self.place = place
        self.values = values
        self.example = example
        let access = bound.graph.makeAccess(self.cost.quantity, bound.affines(self.cost.indices))
        let evaluator = Evaluator(bound, cost: access, includesAll: true)
        prepared = try evaluator.prepare(values.bound, exampleCount: values.examples.count)
        system = bound
        let given = quantity.role == .parameter ? values.shared[wrt.quantity] : values.examples[example][wrt.quantity]
        guard let given, given.indices.contains(place) else { throw EvaluationError("'\(name)' has no value") }
        nudged = Nudge.Row(element: self.wrt, name: name, value: given[place], change: Nudge.step, derivative: 1)
    }

    // MARK: Running

    private func run(nudgedBy step: Double) throws -> Results {
        var moved = values
        if system[wrt.quantity].role == .parameter {
            moved.shared[wrt.quantity]?[place] += step
        } else {
            moved.examples[example][wrt.quantity]?[place] += step
        }
        return try prepared.run(moved)
    }

    private func own<Value>(_ value: Results.PerExample<Value>) -> Value? {
        let all = value.all
        return all.indices.contains(example) ? all[example] : all.first
    }

    /// What a nudge does to the cost, divided by the nudge.
    func costRatio(at step: Double) throws -> Double {
        let (after, before) = (own(try run(nudgedBy: step).cost) ?? .nan, own(try run(nudgedBy: 0).cost) ?? .nan)
        return (after - before) / step
    }

    /// The same with half of the nudge to either side, whose error shrinks with the square of the nudge.
    func centralRatio(at step: Double) throws -> Double {
        let (after, before) = (own(try run(nudgedBy: step).cost) ?? .nan, own(try run(nudgedBy: -step).cost) ?? .nan)
        return (after - before) / (2 * step)
    }

    /// What changes and reaches the cost, in the order in which it is computed; the cost is last, also where it does not change.
    func groups() throws -> [Group] {
        let before = try run(nudgedBy: 0).quantities ?? []
        let after = try run(nudgedBy: Nudge.step).quantities ?? []
        let isOnTheWay = system.quantities(reaching: cost.quantity)
        var groups: [Group] = []
        var last = Group(quantity: cost.quantity, stages: [], changed: [])
        for (old, new) in zip(before, after) {
            guard let old = own(old.value), let new = own(new.value), isOnTheWay[Int(old.quantity.raw)] else {
                continue
            }
            var places: [[Int]: Int] = [:]
            let stageCount = system[old.quantity].stageCount
            try old.bound.forEachElement(of: old.quantity) { indices in
                guard let value = old.element(indices), let changed = new.element(indices) else { return }
                let element = Nudge.Element(quantity: old.quantity, indices: indices)
                if element == cost {
                    last.changed = [(element, value, changed - value)]
                    return
                }
                guard changed != value, !(changed.isNaN && value.isNaN) else { return }
                let stages = Array(indices.prefix(stageCount))
                let place = places[stages] ?? groups.count
                if place == groups.count {
                    places[stages] = place
                    groups.append(Group(quantity: old.quantity, stages: stages, changed: []))
                }
                groups[place].changed.append((element, value, changed - value))
            }
        }
        return NudgeOrder(system, groups).sorted + [last]
    }

    // MARK: What is shown

    /// A readable number of lines: of each quantity the elements that change most, of many quantities the first and the last.
    func lines(of groups: [Group]) throws -> [Nudge.Line] {
        var lines: [Nudge.Line] = []
        let isLong = groups.count > NudgeExperiment.mostGroups
        let (first, last) = (5, groups.count - 6)
        for (position, group) in groups.enumerated() {
            if isLong, position >= first, position < last {
                if position == first { lines.append(.more(last - first, of: "quantities on the way")) }
                continue
            }
            var shown = group.changed
            // One more line would take the place of the one that says how many are left out.
            if shown.count > NudgeExperiment.mostElements + 1 {
                shown.sort { left, right in
                    let (first, second) = (left.change.magnitude, right.change.magnitude)
                    if first != second { return first > second || second.isNaN && !first.isNaN }
                    return left.element.indices.lexicographicallyPrecedes(right.element.indices)
                }
                shown.removeLast(shown.count - NudgeExperiment.mostElements)
                shown.sort { $0.element.indices.lexicographicallyPrecedes($1.element.indices) }
            }
            for (element, value, change) in shown {
                lines.append(
                    .row(
                        Nudge.Row(
                            element: element, name: system.name(of: element), value: value, change: change,
                            derivative: try derivative(of: element, isCost: position == groups.count - 1))))
            }
            if shown.count < group.changed.count {
                let stages = group.stages.isEmpty ? "" : "(\(group.stages.map(String.init).joined(separator: ",")))"
                lines.append(.more(group.changed.count - shown.count, of: "of " + system[group.quantity].name + stages))
            }
        }
        return lines
    }

    /// The symbolic derivative of an element with respect to what is nudged.
    private func derivative(of element: Nudge.Element, isCost: Bool) throws -> Double? {
        var copy = system
        let indices = copy.affines(element.indices)
        do {
            let derived = try Differentiator.derive(
                copy, of: (element.quantity, indices), wrt: [wrt.quantity], isRecording: false)
            let results = try Evaluator(derived.lowered(), cost: derived.cost, gradient: derived.gradient)
                .prepare(values.bound, exampleCount: values.examples.count).run(values)
            return results.gradient?.first.flatMap { own($0.value) }?.element(wrt.indices)
        } catch  where !isCost {
            return nil
        }
    }

    /// How many lines form one path: each element is computed from the one before and from nothing else that changes.
    ///
    /// The average over the examples ends a path that a parameter begins: it reaches the average through all of them.
    func pathLength(_ groups: [Group]) -> Int {
        guard groups.count <= NudgeExperiment.mostGroups, groups.allSatisfy({ $0.changed.count == 1 }) else { return 0 }
        var before = [wrt]
        let order = NudgeOrder(system, groups)
        for group in groups {
            guard let element = group.changed.first?.element else { return 0 }
            if values.examples.count > 1, system[wrt.quantity].role == .parameter, order.isOverExamples(element) {
                return before.count - 1
            }
            let touched = before.indices.filter { order.mayUse(element, before[$0]) }
            guard touched == [before.count - 1] else { return 0 }
            before.append(element)
        }
        return before.count - 1
    }
}

extension System {
    /// An element as the language writes it: `w(2)[0,1]`.
    func name(of element: Nudge.Element) -> String {
        let stages = element.indices.prefix(self[element.quantity].stageCount).map(String.init)
        let others = element.indices.dropFirst(stages.count).map(String.init)
        return self[element.quantity].name + (stages.isEmpty ? "" : "(\(stages.joined(separator: ",")))")
            + (others.isEmpty ? "" : "[\(others.joined(separator: ","))]")
    }

    /// Indices that are numbers.
    mutating func affines(_ indices: [Int]) -> [AffineID] { indices.map { graph.affine(Affine($0)) } }

    /// Of each quantity, whether the given one is computed from it.
    func quantities(reaching target: QuantityID) -> [Bool] {
        var mentions: [[QuantityID]] = Array(repeating: [], count: quantities.count)
        for equation in equations {
            for id in graph.reachable(from: equation.body) {
                if case .access(let quantity, _) = graph.form(of: id) {
                    mentions[Int(equation.quantity.raw)].append(quantity)
                }
            }
        }
        var isReached = Array(repeating: false, count: quantities.count)
        var open = [target]
        while let next = open.popLast() {
            if isReached[Int(next.raw)] { continue }
            isReached[Int(next.raw)] = true
            open += mentions[Int(next.raw)]
        }
        return isReached
    }
}

/// The order in which groups of elements are computed: each after those that it is computed from.
struct NudgeOrder {
    private let system: System
    private let arithmetic: SizeArithmetic
    private let groups: [NudgeExperiment.Group]
    /// Of each group, by what it is a group of.
    private var places: [Key: Int] = [:]
    /// Of each quantity, its groups.
    private var byQuantity: [QuantityID: [Int]] = [:]

    private struct Key: Hashable {
        var quantity: QuantityID
        var stages: [Int]
    }

    init(_ system: System, _ groups: [NudgeExperiment.Group]) {
        self.system = system
        self.groups = groups
        arithmetic = SizeArithmetic(system)
        for (position, group) in groups.enumerated() {
            places[Key(quantity: group.quantity, stages: group.stages)] = position
            byQuantity[group.quantity, default: []].append(position)
        }
    }

    /// The groups, those first that need the fewest steps from what is nudged; a circle of groups stands at the end as it is.
    var sorted: [NudgeExperiment.Group] {
        var users: [[Int]] = Array(repeating: [], count: groups.count)
        var missing = Array(repeating: 0, count: groups.count)
        for position in groups.indices {
            for used in used(by: position) where used != position {
                users[used].append(position)
                missing[position] += 1
            }
        }
        var result: [NudgeExperiment.Group] = []
        var isDone = Array(repeating: false, count: groups.count)
        var ready = groups.indices.filter { missing[$0] == 0 }
        while !ready.isEmpty {
            var next: [Int] = []
            for position in ready {
                result.append(groups[position])
                isDone[position] = true
                for user in users[position] {
                    missing[user] -= 1
                    if missing[user] == 0 { next.append(user) }
                }
            }
            ready = next.sorted()
        }
        for position in groups.indices where !isDone[position] { result.append(groups[position]) }
        return result
    }

    /// The groups that the elements of one use, as far as stages tell.
    private func used(by position: Int) -> [Int] {
        guard let element = groups[position].changed.first?.element, let (equation, indices) = equation(of: element)
        else { return [] }
        var found: Set<Int> = []
        for id in system.graph.reachable(from: equation.body) {
            guard case .access(let quantity, let at) = system.graph.form(of: id), let candidates = byQuantity[quantity]
            else { continue }
            let stages = at.prefix(system[quantity].stageCount).compactMap {
                arithmetic.value($0, indices, in: system.graph)
            }
            if stages.count == system[quantity].stageCount {
                if let place = places[Key(quantity: quantity, stages: stages)] { found.insert(place) }
            } else {
                found.formUnion(candidates)
            }
        }
        return found.sorted()
    }

    /// Whether an element's equation may use another element directly.
    func mayUse(_ element: Nudge.Element, _ other: Nudge.Element) -> Bool {
        guard let (equation, indices) = equation(of: element) else { return true }
        return system.graph.reachable(from: equation.body).contains { id in
            guard case .access(other.quantity, let at) = system.graph.form(of: id) else { return false }
            return zip(at, other.indices).allSatisfy { index, place in
                arithmetic.value(index, indices, in: system.graph).map { $0 == place } ?? true
            }
        }
    }

    /// Whether an element's equation adds up or averages over the training examples.
    func isOverExamples(_ element: Nudge.Element) -> Bool {
        guard let (equation, _) = equation(of: element) else { return false }
        return system.graph.reachable(from: equation.body).contains { id in
            if case .reduceExamples = system.graph.form(of: id) { true } else { false }
        }
    }

    /// The equation that defines an element, and the values of its indices there.
    private func equation(of element: Nudge.Element) -> (Equation, [IndexID: Int])? {
        for equation in system.equations where equation.quantity == element.quantity {
            var indices: [IndexID: Int] = [:]
            let isInside = zip(equation.axes, element.indices).allSatisfy { axis, place in
                guard let lower = arithmetic.value(axis.lower, indices, in: system.graph),
                    let upper = arithmetic.value(axis.upper, indices, in: system.graph)
                else { return false }
                indices[axis.index] = place
                return lower <= place && place < upper
            }
            if isInside { return (equation, indices) }
        }
        return nil
    }
}

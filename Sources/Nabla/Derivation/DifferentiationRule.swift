/// The rules of differentiation that lead from an equation's right side down to a mention, by the names that derivations print.
enum DifferentiationRule: String, CaseIterable {
    case sum = "sum rule"
    case product = "product rule"
    case quotient = "quotient rule"
    case power = "power rule"
    case function = "chain rule"
    case selection = "the selected term"
    case softmax = "softmax of the terms"
    case branch = "the branch taken"

    /// The names of the rules from a right side to its mentions of a quantity, from the outside in.
    static func names(from body: ExprID, to quantity: QuantityID, in system: System) -> [String] {
        rules(from: body, in: system) { id in
            if case .access(let mentioned, _) = system.graph.form(of: id) { return mentioned == quantity }
            return false
        }
    }

    private static func rules(from body: ExprID, in system: System, isMention: (ExprID) -> Bool) -> [String] {
        let order = system.graph.reachable(from: body)
        var active: Set<ExprID> = []
        for id in order {
            var carries = isMention(id)
            system.graph.forEachChild(of: id) { if active.contains($0) { carries = true } }
            if carries { active.insert(id) }
        }
        var found: [DifferentiationRule] = []
        for id in order.reversed() where active.contains(id) {
            if let rule = rule(for: id, active, system), !found.contains(rule) { found.append(rule) }
        }
        return found.map(\.rawValue)
    }

    private static func rule(for id: ExprID, _ active: Set<ExprID>, _ system: System) -> DifferentiationRule? {
        switch system.graph.form(of: id) {
        case .multiply(let factors): return factors.count { active.contains($0) } > 1 ? .product : nil
        case .divide(_, let divisor): return active.contains(divisor) ? .quotient : nil
        case .power: return .power
        case .call: return .function
        case .select: return .branch
        case .reduce(let kind, _, _):
            switch kind {
            case .maximum, .minimum: return .selection
            case .logSumExp: return .softmax
            case .product: return .product
            default: return nil
            }
        default: return nil
        }
    }
}

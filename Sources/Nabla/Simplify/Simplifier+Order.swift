extension Simplifier {
    /// Whether the operands are those of a sum or of a product: they sort differently.
    enum OrderContext { case sum, product }

    /// The order of terms and factors, by structure alone, so that it is the same in every run.
    ///
    /// In a product: numbers, parameters and data, computed quantities, functions, sums, adjoints. In a sum computed
    /// quantities come first and numbers last, as in a − y and 2x + 1.
    func precedes(_ left: ExprID, _ right: ExprID, _ context: OrderContext) -> Bool {
        if left == right { return false }
        let ranks = (rank(left, context), rank(right, context))
        if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
        let order = compare(left, right, depth: 12)
        return order == 0 ? left < right : order < 0
    }

    /// Operands in their order.
    func sorted(_ operands: [ExprID], _ context: OrderContext) -> [ExprID] {
        if operands.count > 24 { return operands.sorted { precedes($0, $1, context) } }
        if operands.count < 2 { return operands }
        // By insertion and without a closure, which would copy the simplifier at each comparison.
        var result = operands
        for position in result.indices.dropFirst() {
            let operand = result[position]
            var place = position
            while place > 0, precedes(operand, result[place - 1], context) {
                result[place] = result[place - 1]
                place -= 1
            }
            result[place] = operand
        }
        return result
    }

    /// Puts a few operands in their order.
    func sort(_ operands: inout Operands, _ context: OrderContext) {
        for position in 1..<max(1, operands.count) {
            let operand = operands[position]
            var place = position
            while place > 0, precedes(operand, operands[place - 1], context) {
                operands[place] = operands[place - 1]
                place -= 1
            }
            operands[place] = operand
        }
    }

    private func rank(_ id: ExprID, _ context: OrderContext) -> Int {
        let node = system.graph.node(id)
        switch node.kind {
        case .number: return context == .sum ? 100 : 0
        case .pi: return context == .sum ? 99 : 1
        case .integer: return context == .sum ? 98 : 2
        case .argument: return 3
        case .access:
            switch system.quantities[Int(node.a)].role {
            case .constant: return 10
            case .parameter: return 11
            case .input, .target: return 12
            case .computed: return context == .sum ? 9 : 13
            case .derivative: return context == .sum ? 8 : 90
            }
        case .power: return rankOfBase(ExprID(node.a), context)
        case .multiply:
            // A product stands where its last, weightiest factor would.
            guard context == .sum else { return 45 }
            return node.c == 0 ? 0 : rankOfBase(system.graph.operand(id, Int(node.c) - 1), .sum)
        case .add: return 40
        case .call, .derivativeCall: return 50
        case .select: return 70
        case .reduce: return context == .sum ? 7 : 80
        default: return 95
        }
    }

    private func rankOfBase(_ id: ExprID, _ context: OrderContext) -> Int {
        switch system.graph.kind(of: id) {
        case .power, .multiply: 41
        default: rank(id, context)
        }
    }

    /// Compares by structure down to a fixed depth: negative, zero or positive.
    private func compare(_ left: ExprID, _ right: ExprID, depth: Int) -> Int {
        if left == right || depth == 0 { return 0 }
        let one = system.graph.node(left)
        let two = system.graph.node(right)
        if one.kind != two.kind { return Int(one.kind.rawValue) - Int(two.kind.rawValue) }
        if one.tag != two.tag { return Int(one.tag) - Int(two.tag) }
        switch one.kind {
        case .add, .multiply, .call:
            // The common forms, without an array for each.
            if one.kind == .call, one.a != two.a { return one.a < two.a ? -1 : 1 }
            if one.c != two.c { return Int(one.c) - Int(two.c) }
            for position in 0..<min(Int(one.c), 8) {
                let order = compare(
                    system.graph.operand(left, position), system.graph.operand(right, position), depth: depth - 1)
                if order != 0 { return order }
            }
            return 0
        case .access where one.a != two.a: return one.a < two.a ? -1 : 1
        default: break
        }
        switch (system.graph.form(of: left), system.graph.form(of: right)) {
        case (.number(let first, _), .number(let second, _)): return first < second ? -1 : first == second ? 0 : 1
        case (.integer(let first), .integer(let second)): return compare(first, second)
        case (.argument(let first), .argument(let second)): return first - second
        case (.access(let first, let indices), .access(let second, let others)):
            if first != second { return first < second ? -1 : 1 }
            return compare(indices, others)
        case (.call(let first, _), .call(let second, _)),
            (.derivativeCall(let first, _, _), .derivativeCall(let second, _, _)):
            if first != second { return first.encoded < second.encoded ? -1 : 1 }
        case (.reduce(_, let first, _), .reduce(_, let second, _)):
            let bounds = (first.flatMap { [$0.lower, $0.upper] }, second.flatMap { [$0.lower, $0.upper] })
            let order = compare(bounds.0, bounds.1)
            if order != 0 { return order }
        default: break
        }
        var children: [ExprID] = []
        system.graph.forEachChild(of: left) { children.append($0) }
        var others: [ExprID] = []
        system.graph.forEachChild(of: right) { others.append($0) }
        if children.count != others.count { return children.count - others.count }
        for (child, other) in zip(children, others.prefix(8)) where child != other {
            let order = compare(child, other, depth: depth - 1)
            if order != 0 { return order }
        }
        return 0
    }

    private func compare(_ left: [AffineID], _ right: [AffineID]) -> Int {
        if left.count != right.count { return left.count - right.count }
        for (one, two) in zip(left, right) {
            let order = compare(one, two)
            if order != 0 { return order }
        }
        return 0
    }

    private func compare(_ left: AffineID, _ right: AffineID) -> Int {
        if left == right { return 0 }
        let one = system.graph[left]
        let two = system.graph[right]
        if one.terms.count != two.terms.count { return one.terms.count - two.terms.count }
        for (first, second) in zip(one.terms, two.terms) where first != second {
            if first.atom != second.atom { return first.atom < second.atom ? -1 : 1 }
            return first.coefficient < second.coefficient ? -1 : 1
        }
        return one.constant < two.constant ? -1 : one.constant == two.constant ? 0 : 1
    }
}

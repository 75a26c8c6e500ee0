// Equations of scalars whose right sides are names, numbers, operators and functions of the table: nothing in them has a range, a
// scope or a shape, and there may be millions.
extension Resolver {
    /// Finds the drafts that are such equations, in which every name is defined, and notes where their right sides begin in the tree.
    mutating func findPlain() {
        var stack: [SyntaxID] = []
        for position in drafts.indices where drafts[position].isScalar {
            stack.append(drafts[position].body)
            if let first = plainStart(&stack, tree) { drafts[position].plainStart = first }
            stack.removeAll(keepingCapacity: true)
        }
    }

    /// Where the right side begins whose root stands in `stack`; nil where it is not plain.
    private mutating func plainStart(_ stack: inout [SyntaxID], _ tree: SyntaxTree) -> SyntaxID? {
        guard let root = stack.last else { return nil }
        var first = root
        var count = 0
        while let id = stack.popLast() {
            count += 1
            first = min(first, id)
            switch tree.kind(id) {
            case .number, .sum, .product, .negate, .power: break
            case .name: if scalar(id) == nil { return nil }
            case .call: if tree.operandCount(id) > Operands.most || function(id) == nil { return nil }
            case .other: return nil
            }
            tree.forEachChild(of: id) { stack.append($0) }
        }
        // All that lies between is its own.
        return count == Int(root.raw - first.raw) + 1 ? first : nil
    }

    /// The quantity without indices that a name stands for.
    @inline(__always)
    private func scalar(_ id: SyntaxID) -> QuantityID? {
        guard case .quantity(let quantity)? = symbols[number: tree.nameNumber(id)],
            system.quantities[Int(quantity.raw)].axisCount == 0
        else { return nil }
        return quantity
    }

    /// The function of the table that a call calls, with as many arguments as it has.
    private mutating func function(_ id: SyntaxID) -> FunctionID? {
        let number = tree.nameNumber(id)
        if tableFunctions.count <= number {
            tableFunctions.append(contentsOf: repeatElement(nil, count: tree.names.count - tableFunctions.count))
        }
        let known = tableFunctions[number] ?? tableFunction(named: tree.names[number])
        tableFunctions[number] = known
        guard case .some(.some(let function)) = known, symbols[number: number] == nil,
            FunctionTable.standard[function].parameters.count == tree.operandCount(id)
        else { return nil }
        return function
    }

    private func tableFunction(named name: String) -> FunctionID?? {
        guard let function = FunctionTable.standard.id(named: Resolver.standardName(name)),
            !FunctionTable.standard[function].isVariadic
        else { return .some(nil) }
        return .some(function)
    }

    /// Makes the expressions of a plain right side; gives the last.
    mutating func builtPlain(from first: SyntaxID, to root: SyntaxID) -> ExprID? {
        plainExpressions.cover(first.raw...root.raw)
        swap(&expressions, &plainExpressions)
        for number in first.raw...root.raw {
            let id = SyntaxID(Int(number))
            expressions[id] = madePlain(id)
        }
        let result = expressions[root]
        swap(&expressions, &plainExpressions)
        return result
    }

    private mutating func madePlain(_ id: SyntaxID) -> ExprID? {
        switch tree.kind(id) {
        case .name: return scalar(id).map { system.graph.makeScalar($0) }
        case .call:
            guard let function = function(id), let arguments = plainOperands(id) else { return nil }
            return system.graph.makeList(.call, arguments, a: FunctionReference.standard(function).encoded)
        case .product where (2...Operands.most).contains(tree.operandCount(id)):
            for position in 0..<tree.operandCount(id) where tree.isInverse(id, position) { return made(id) }
            return plainOperands(id).map { system.graph.makeList(.multiply, $0) }
        default: return made(id)
        }
    }

    @inline(__always)
    private func plainOperands(_ id: SyntaxID) -> Operands? {
        var result = Operands()
        for position in 0..<tree.operandCount(id) {
            guard let operand = expressions[tree.operand(id, position)] else { return nil }
            result.append(operand)
        }
        return result
    }

    /// Calls `body` with the quantities that a plain right side mentions.
    func forEachMention(from first: SyntaxID, to root: SyntaxID, _ body: (QuantityID) -> Void) {
        for number in first.raw...root.raw {
            let id = SyntaxID(Int(number))
            if tree.kind(id) == .name, let quantity = scalar(id) { body(quantity) }
        }
    }
}

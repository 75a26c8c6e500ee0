/// The partial derivatives of the table of functions as expressions over `ExpressionForm.argument`, read when first used.
struct DerivativeTemplates {
    private struct Key: Hashable {
        var function: FunctionID
        var positions: [Int]
    }

    private var known: [Key: ExprID] = [:]
    /// Of each function the derivative with respect to its first argument, as far as known.
    private var first: [ExprID?] = []

    /// The derivative with respect to these arguments, one after another; nil for functions whose derivative is a choice of an argument.
    mutating func template(_ id: FunctionID, _ positions: [Int], _ graph: inout ExprGraph) -> ExprID? {
        // One differentiation of a function of one argument is by far the most common.
        if positions.count == 1, positions[0] == 0, Int(id.raw) < first.count, let template = first[Int(id.raw)] {
            return template
        }
        let key = Key(function: id, positions: positions)
        if let template = known[key] { return template }
        guard let last = positions.last else { return nil }
        var template: ExprID?
        if positions.count == 1 {
            template = read(id, last, &graph)
        } else if let inner = self.template(id, Array(positions.dropLast()), &graph) {
            template = LocalDerivative.derivative(of: inner, withRespectToArgument: last, &graph)
        }
        known[key] = template
        if positions == [0] {
            while first.count <= Int(id.raw) { first.append(nil) }
            first[Int(id.raw)] = template
        }
        return template
    }

    private func read(_ id: FunctionID, _ position: Int, _ graph: inout ExprGraph) -> ExprID? {
        let row = FunctionTable.standard[id]
        guard row.partials.indices.contains(position),
            let formula = Resolver.formula(row.partials[position], parameters: row.parameters + ["self"])
        else { return nil }
        let imported = graph.importing(formula.root, from: formula.graph)
        // `self` is the function at the same arguments.
        let arguments = row.parameters.indices.map { graph.makeArgument($0) }
        let value = graph.makeCall(.standard(id), arguments)
        let own = row.parameters.count
        return graph.rewrite(imported) { graph, node, children in
            if case .argument(own) = graph.form(of: node) { return value }
            return graph.rebuilding(node, children)
        }
    }
}

extension ExprGraph {
    /// A copy of an expression of another graph that mentions no index and no quantity.
    mutating func importing(_ root: ExprID, from other: ExprGraph) -> ExprID {
        var copies: [ExprID: ExprID] = [:]
        for id in other.reachable(from: root) {
            var children: [ExprID] = []
            other.forEachChild(of: id) { children.append(copies[$0] ?? $0) }
            switch other.form(of: id) {
            case .number(let value, let literal): copies[id] = makeNumber(value, literal: literal)
            case .pi: copies[id] = makePi()
            case .argument(let position): copies[id] = makeArgument(position)
            case .add: copies[id] = makeSum(children)
            case .multiply: copies[id] = makeProduct(children)
            case .negate: copies[id] = makeNegation(children[0])
            case .divide: copies[id] = makeQuotient(children[0], children[1])
            case .power: copies[id] = makePower(children[0], children[1])
            case .call(let function, _): copies[id] = makeCall(function, children)
            case .derivativeCall(let function, let positions, _):
                copies[id] = makeDerivativeCall(function, positions: positions, children)
            case .select: copies[id] = makeSelect(children[0], then: children[1], otherwise: children[2])
            case .compare(let comparison, _, _): copies[id] = makeComparison(comparison, children[0], children[1])
            case .and: copies[id] = makeAnd(children)
            case .or: copies[id] = makeOr(children)
            case .not: copies[id] = makeNot(children[0])
            case .boolean(let value): copies[id] = makeBoolean(value)
            case .integer(let affine):
                let affine = self.affine(other[affine])
                copies[id] = makeInteger(affine)
            case .access, .reduce, .reduceExamples, .extremum: copies[id] = makeNumber(0)
            }
        }
        return copies[root] ?? root
    }
}

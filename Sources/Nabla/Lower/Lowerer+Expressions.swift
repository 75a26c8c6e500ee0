extension Lowerer {
    /// An expression of the program has at most about three times this many nodes; larger ones are cut into locals.
    static let longestExpression = 12

    /// Computes expressions in the innermost block: what is used twice, what can be taken out of a loop and what needs statements
    /// becomes a local; gives the expressions that are left.
    ///
    /// Nodes are worked through from the leaves up. What stands in a branch is computed in that branch.
    mutating func evaluate(_ roots: [ExprID]) throws -> [ExprID] {
        var region = collect(roots)
        findHomes(&region, roots)
        for id in region.nodes { try build(id, &region) }
        return roots.map { region.results[$0] ?? $0 }
    }

    /// The nodes that are evaluated unconditionally for some roots.
    struct Region {
        var roots: [ExprID]
        /// Ascending: children before parents.
        var nodes: [ExprID] = []
        var uses: [ExprID: Int] = [:]
        var homes: [ExprID: Int] = [:]
        /// Which ones become locals.
        var isKept: Set<ExprID> = []
        /// What stands for each node.
        var results: [ExprID: ExprID] = [:]
    }

    private func collect(_ roots: [ExprID]) -> Region {
        var region = Region(roots: roots)
        var hasHiddenParts = false
        var stack: [ExprID] = []
        func visit(_ id: ExprID) {
            region.uses[id, default: 0] += 1
            if region.uses[id] == 1 {
                region.nodes.append(id)
                stack.append(id)
            }
        }
        roots.forEach(visit)
        while let id = stack.popLast() {
            if value(of: id) != nil { continue }
            switch graph.node(id).kind {
            case .reduce, .extremum: hasHiddenParts = true
            case .select, .and, .or:
                hasHiddenParts = true
                graph.forEachUnconditionalChild(of: id, visit)
            default: graph.forEachChild(of: id, visit)
            }
        }
        region.nodes.sort()
        if hasHiddenParts { countHiddenUses(&region) }
        return region
    }

    /// Counts uses in branches and in reductions, too: what they use is computed before them where that is done anyway.
    private func countHiddenUses(_ region: inout Region) {
        var seen: Set<ExprID> = []
        var stack: [ExprID] = []
        func visit(_ id: ExprID) {
            if region.uses[id] != nil {
                region.uses[id, default: 0] += 1
            } else if value(of: id) == nil, seen.insert(id).inserted {
                stack.append(id)
            }
        }
        for id in region.nodes where value(of: id) == nil {
            switch graph.node(id).kind {
            case .reduce, .extremum: graph.forEachChild(of: id, visit)
            case .select, .and, .or:
                var isFirst = true
                graph.forEachChild(of: id) { child in
                    if !isFirst { visit(child) }
                    isFirst = false
                }
            default: break
            }
        }
        while let id = stack.popLast() { graph.forEachChild(of: id, visit) }
    }

    private mutating func findHomes(_ region: inout Region, _ roots: [ExprID]) {
        let here = frames.count - 1
        for id in region.nodes {
            if let value = value(of: id) {
                region.homes[id] = value.frame
                continue
            }
            switch graph.node(id).kind {
            case .number, .pi, .integer, .boolean, .argument: region.homes[id] = 0
            case .reduce, .extremum: region.homes[id] = home(of: id, isReduction: true)
            case .select, .and, .or:
                var home = home(of: id, isReduction: false)
                graph.forEachUnconditionalChild(of: id) { home = max(home, region.homes[$0] ?? here) }
                region.homes[id] = home
            default:
                var home = home(of: id, isReduction: false)
                graph.forEachChild(of: id) { home = max(home, region.homes[$0] ?? here) }
                region.homes[id] = home
            }
            if region.uses[id] ?? 0 > 1 { region.isKept.insert(id) }
        }
        for id in region.nodes where value(of: id) == nil {
            let home = region.homes[id] ?? here
            func visit(_ child: ExprID) {
                if region.homes[child] ?? here < home { region.isKept.insert(child) }
            }
            switch graph.node(id).kind {
            case .reduce, .extremum: break
            case .select, .and, .or: graph.forEachUnconditionalChild(of: id, visit)
            default: graph.forEachChild(of: id, visit)
            }
        }
        for root in roots where region.homes[root] ?? here < here { region.isKept.insert(root) }
    }

    private mutating func build(_ id: ExprID, _ region: inout Region) throws {
        if let value = value(of: id) {
            region.results[id] = value.expression
            return
        }
        let home = region.homes[id] ?? frames.count - 1
        var result: ExprID
        switch graph.node(id).kind {
        case .number, .pi, .integer, .boolean, .argument:
            region.results[id] = id
            return
        case .access: result = id
        case .reduce: result = try within(home) { lowerer in try lowerer.nested { try $0.reduce(id) } }
        case .extremum: result = try within(home) { lowerer in try lowerer.nested { try $0.locate(id) } }
        case .select:
            guard case .select(let condition, let then, let otherwise) = graph.form(of: id) else { return }
            let tested = region.results[condition] ?? condition
            result = try within(home) { lowerer in
                try lowerer.nested { try $0.branch(id, tested, then, otherwise) }
            }
        case .and, .or:
            var operands: [ExprID] = []
            graph.forEachChild(of: id) { operands.append($0) }
            let first = operands.first.map { region.results[$0] ?? $0 }
            result = try within(home) { lowerer in try lowerer.nested { try $0.shortCircuit(id, first, operands) } }
        default: result = rebuild(id, home, region)
        }
        let isRead = graph.node(result).kind == .argument
        // A long root is not cut off the statement that it is for.
        let isLong = weight(result) > Lowerer.longestExpression && !region.roots.contains(id)
        if !isRead, region.isKept.contains(id) || isLong {
            result = keep(result, as: name(for: id), in: home)
        }
        if graph.node(result).kind == .argument { remember(id, result, in: home) }
        region.results[id] = result
    }

    /// Makes a local with this value.
    private mutating func keep(_ expression: ExprID, as name: String, in frame: Int) -> ExprID {
        let local = program.makeLocal(name, isCondition(expression) ? .condition : .real)
        append(.define(local, expression), to: frame)
        return program.read(local)
    }

    private func name(for id: ExprID) -> String {
        switch graph.form(of: id) {
        case .access(let quantity, _): system[quantity].name
        case .call(.standard(let function), _): FunctionTable.standard[function].name
        case .compare, .and, .or, .not, .boolean, .extremum: "condition"
        default: "t"
        }
    }

    func isCondition(_ id: ExprID) -> Bool {
        graph.isCondition(id) { program.locals.indices.contains($0) && program.locals[$0].kind == .condition }
    }

    // MARK: Operators

    func weight(_ id: ExprID) -> Int { nest.weights[id] ?? 1 }

    private mutating func weigh(_ id: ExprID) -> ExprID {
        if nest.weights[id] == nil {
            var total = 1
            graph.forEachChild(of: id) { total += weight($0) }
            nest.weights[id] = total
        }
        return id
    }

    private mutating func rebuild(_ id: ExprID, _ home: Int, _ region: Region) -> ExprID {
        var children: [ExprID] = []
        graph.forEachChild(of: id) { children.append(region.results[$0] ?? $0) }
        switch graph.form(of: id) {
        case .add: return chunked(children, home) { $0.makeSum($1) }
        case .multiply: return chunked(children, home) { $0.makeProduct($1) }
        case .call(let function, _) where children.count > 2:
            return chunked(children, home) { $0.makeCall(function, $1) }
        default: return weigh(graph.rebuilding(id, children))
        }
    }

    /// A long sum or product as several, each one's result the first operand of the next.
    private mutating func chunked(
        _ operands: [ExprID], _ home: Int, _ make: (inout ExprGraph, [ExprID]) -> ExprID
    ) -> ExprID {
        var chunk: [ExprID] = []
        var total = 0
        for operand in operands {
            if chunk.count > 1, total + weight(operand) > Lowerer.longestExpression {
                chunk = [keep(make(&graph, chunk), as: "t", in: home)]
                total = 1
            }
            chunk.append(operand)
            total += weight(operand)
        }
        if chunk.count == 1 { return chunk[0] }
        return weigh(make(&graph, chunk))
    }

    // MARK: Branches

    /// `condition ? then : otherwise`: in one expression where both branches are, otherwise as a conditional.
    private mutating func branch(
        _ id: ExprID, _ condition: ExprID, _ then: ExprID, _ otherwise: ExprID
    ) throws -> ExprID {
        let frame = frames.count - 1
        openBranch()
        let first = try evaluate([then])[0]
        let thenBlock = closeFrame() ?? program.root
        openBranch()
        let second = try evaluate([otherwise])[0]
        let otherwiseBlock = closeFrame() ?? program.root
        let isShort = weight(first) + weight(second) <= 2 * Lowerer.longestExpression
        if isShort, program[thenBlock].statements.isEmpty, program[otherwiseBlock].statements.isEmpty {
            return weigh(graph.makeSelect(condition, then: first, otherwise: second))
        }
        let local = program.makeLocal(name(for: id), isCondition(first) ? .condition : .real)
        append(.declare(local), to: frame)
        program[thenBlock].statements.append(.assign(local, first))
        program[otherwiseBlock].statements.append(.assign(local, second))
        append(.conditional(condition, then: thenBlock, otherwise: otherwiseBlock), to: frame)
        return program.read(local)
    }

    /// `and` and `or`: what stands behind the first operand is computed only where it decides.
    private mutating func shortCircuit(_ id: ExprID, _ first: ExprID?, _ operands: [ExprID]) throws -> ExprID {
        let isAnd = graph.node(id).kind == .and
        guard let first, operands.count > 1 else {
            return first ?? graph.makeBoolean(isAnd)
        }
        // From the right: each one is the branch of the one before it.
        let rest = Array(operands.dropFirst())
        if rest.allSatisfy({ isSimple($0) }) {
            var made = [first]
            for operand in rest {
                openBranch()
                made.append(try evaluate([operand])[0])
                closeFrame()
            }
            return weigh(isAnd ? graph.makeAnd(made) : graph.makeOr(made))
        }
        let remaining = rest.count == 1 ? rest[0] : isAnd ? graph.makeAnd(rest) : graph.makeOr(rest)
        let constant = graph.makeBoolean(!isAnd)
        return isAnd
            ? try branch(id, first, remaining, constant) : try branch(id, first, constant, remaining)
    }

    /// Whether a condition is a comparison of so little that it needs no statement.
    private func isSimple(_ root: ExprID) -> Bool {
        var count = 0
        var stack = [root]
        while let id = stack.popLast() {
            count += 1
            switch graph.node(id).kind {
            case .reduce, .extremum, .select: return false
            default: break
            }
            if count > Lowerer.longestExpression { return false }
            graph.forEachChild(of: id) { stack.append($0) }
        }
        // The count goes by uses, so that nothing in it is shared with itself and large.
        return !hasSharedOperators(root)
    }

    private func hasSharedOperators(_ root: ExprID) -> Bool {
        var seen: Set<ExprID> = []
        var stack = [root]
        while let id = stack.popLast() {
            switch graph.node(id).kind {
            case .number, .pi, .integer, .boolean, .argument: continue
            default: break
            }
            if !seen.insert(id).inserted { return true }
            graph.forEachChild(of: id) { stack.append($0) }
        }
        return false
    }
}

extension Resolver {
    /// Sizes first, then stages, then everything else, so that declarations may stand in any order where nothing says otherwise.
    mutating func declare() {
        for statement in declarations {
            if case .network(let name) = statement.form {
                if symbols.range(of: "network ") != nil {
                    report("a second 'network'", statement.range)
                } else if !system.statements.isEmpty || tree.statements.first?.range != statement.range {
                    report("'network' stands first", statement.range)
                }
                symbols.setRange(statement.range, of: "network ")
                system.name = name.text
                system.documentation = statement.documentation
            }
        }
        for statement in declarations {
            if case .sizes(let items) = statement.form {
                for item in items { declareSize(item.target, item.value, statement.documentation) }
            }
        }
        for statement in declarations {
            if case .stage(let kind, let name, let bounds) = statement.form {
                declareStage(kind, name, bounds, statement.documentation)
            }
        }
        for statement in declarations {
            if case .quantities(let role, let items) = statement.form {
                for item in items { declareQuantity(role, item.target, item.isDistribution, statement.documentation) }
            }
        }
        declareFunctions()
        for statement in declarations {
            guard case .quantities(.constant, let items) = statement.form else { continue }
            for item in items {
                if let value = item.value { setConstant(item.target, value) }
            }
        }
        listStatements()
    }

    /// The order of the statements, for printing; equations are entered when they are built.
    private mutating func listStatements() {
        var nextSize = 0
        var nextStage = 0
        for statement in declarations {
            switch statement.form {
            case .sizes(let items):
                for item in items {
                    guard case .size(let id)? = symbols[item.target.name.text],
                        system[id].range == item.target.name.range
                    else { continue }
                    system.statements.append(.size(id))
                    nextSize += 1
                }
            case .stage(_, let name, _):
                if let position = stageNames[name.text], system.stages[position].range == name.range {
                    system.statements.append(.stage(position))
                    nextStage += 1
                }
            case .quantities(_, let items):
                let ids = items.compactMap { item -> QuantityID? in
                    guard case .quantity(let id)? = symbols[item.target.name.text],
                        system[id].range == item.target.name.range
                    else { return nil }
                    return id
                }
                if !ids.isEmpty { system.statements.append(.declaration(ids)) }
            case .function(let name, _, _):
                if case .function(let position)? = symbols[name.text], system.functions[position].range == name.range {
                    system.statements.append(.function(position))
                }
            case .network, .equation, .derivative: break
            }
        }
    }

    // MARK: Sizes

    private mutating func declareSize(_ target: SyntaxTarget, _ value: SyntaxID?, _ documentation: String) {
        if target.elements != nil {
            report("a size has stages in parentheses, not brackets", target.range)
            return
        }
        var size = Size(name: target.name.text, definition: .symbolic)
        size.range = target.name.range
        size.documentation = documentation
        if let stages = target.stages {
            guard stages.count == 1, case .bounds(let bounds) = stages[0] else {
                report("a size with stages says their range: 'size n(0...L)'", target.range)
                return
            }
            guard let (lower, upper) = resolveBounds(bounds) else { return }
            size.stageRange = (lower, upper)
        }
        if let value {
            if size.stageRange != nil {
                guard case .list(let items, true) = tree[value] else {
                    report("one size for each stage, in brackets: '[784, 16, 10]'", tree.range(value))
                    return
                }
                setTable(&size, items, tree.range(value))
            } else {
                guard let (expression, exact) = sizeFormula(value) else { return }
                size.definition = .formula(expression)
                size.affine = affines[value]
                size.value = exact
            }
        }
        let id = SizeID(system.sizes.count)
        guard enter(target.name, .size(id)) else { return }
        system.sizes.append(size)
    }

    private mutating func setTable(_ size: inout Size, _ items: [SyntaxID], _ range: SourceRange) {
        var formulas: [ExprID] = []
        var values: [Int]? = []
        for item in items {
            guard let (expression, exact) = sizeFormula(item) else { return }
            formulas.append(expression)
            if let exact { values?.append(exact) } else { values = nil }
        }
        size.definition = .table(formulas)
        size.values = values
        guard let (lower, upper) = size.stageRange,
            let extent = system.graph[upper].adding(system.graph[lower], times: -1)
        else { return }
        let count = system.expandingSizes(extent)
        if let known = count.asConstant {
            if known != items.count {
                report("'\(size.name)' has \(known) stages, but \(items.count) sizes are given", range)
            }
        } else if let more = count.offset(by: -items.count), let less = more.scaled(by: -1) {
            for affine in [more, less] {
                system.sizeRequirements.append(
                    SizeRequirement(
                        axes: [], affine: system.graph.affine(affine),
                        message: "'\(size.name)' has a size for \(items.count) stages, but not that many stages",
                        range: range))
            }
        }
    }

    /// A formula of numbers and earlier sizes, with its value where that is known; an integer of at least 1.
    private mutating func sizeFormula(_ root: SyntaxID) -> (ExprID, Int?)? {
        let before = diagnostics.count
        walk(root, allowsQuantities: false)
        build(root)
        guard let expression = expressions[root] else {
            if diagnostics.count == before { report("a size is a formula of numbers and sizes", tree.range(root)) }
            return nil
        }
        if conditions.contains(root) {
            report("a condition is not a number", tree.range(root))
            return nil
        }
        let value = system.exactValue(of: expression)
        if let value {
            guard let whole = value.asInt, whole >= 1 else {
                report("a size is an integer of at least 1, not \(value)", tree.range(root))
                return nil
            }
            return (expression, whole)
        }
        return (expression, nil)
    }

    /// A written range: its first value and the value behind its last.
    mutating func resolveBounds(_ bounds: SyntaxBounds) -> (AffineID, AffineID)? {
        walk(bounds.lower, allowsQuantities: false)
        walk(bounds.upper, allowsQuantities: false)
        return affineBounds(bounds)
    }

    /// The same where the bounds have been walked already.
    mutating func affineBounds(_ bounds: SyntaxBounds) -> (AffineID, AffineID)? {
        guard let lower = requiredAffine(bounds.lower), let upper = requiredAffine(bounds.upper) else { return nil }
        if !bounds.isClosed { return (lower, upper) }
        guard let next = system.graph[upper].offset(by: 1) else {
            report("the end of the range is too large", tree.range(bounds.upper))
            return nil
        }
        return (lower, system.graph.affine(next))
    }

    /// The affine expression that a node is; an error where it is none.
    mutating func requiredAffine(_ id: SyntaxID) -> AffineID? {
        if let affine = affines[id] { return affine }
        if !hasFailed(id) {
            report(
                "an index is a sum of whole multiples of indices and sizes", tree.range(id),
                notes: [.init("for example 'i+p', '2*i-1' or 'n(l-1)'")])
            meanings[id] = .failed
        }
        return nil
    }

    // MARK: Stages

    private mutating func declareStage(
        _ kind: IndexKind, _ name: SyntaxName, _ bounds: SyntaxBounds, _ documentation: String
    ) {
        guard let (lower, upper) = resolveBounds(bounds) else { return }
        if let known = stageNames[name.text] {
            report(
                "'\(name.text)' is declared twice", name.range,
                notes: [.init("the first one is here", range: system.stages[known].range)])
            return
        }
        if case .size? = symbols[name.text], let first = symbols.range(of: name.text) {
            report(
                "an index and a size may not share the name '\(name.text)'", name.range,
                notes: [.init("the size is declared here", range: first)])
            return
        }
        var stage = Stage(name: name.text, kind: kind, lower: lower, upper: upper)
        stage.range = name.range
        stage.documentation = documentation
        stageNames[name.text] = system.stages.count
        system.stages.append(stage)
    }

    // MARK: Quantities

    private mutating func declareQuantity(
        _ role: Role, _ target: SyntaxTarget, _ isDistribution: Bool, _ documentation: String
    ) {
        var axes: [Axis] = []
        inScope = [:]
        defer { inScope = [:] }
        for component in target.stages ?? [] {
            switch component {
            case .plain(let id):
                guard case .application(let application) = tree[id], application.parenthesised == nil,
                    application.bracketed == nil, let position = stageNames[application.name.text]
                else {
                    report(
                        "a stage is a declared layer or step, or a range", tree.range(id),
                        notes: [.init("for example 'w(l)' with 'layer l in 1...L', or 'x(1...T+1)'")])
                    return
                }
                let stage = system.stages[position]
                let index = system.graph.makeIndex(stage.name, stage.kind)
                inScope[stage.name, default: []].append(index)
                axes.append(Axis(index: index, lower: stage.lower, upper: stage.upper))
            case .bounds(let bounds):
                guard let (lower, upper) = resolveBounds(bounds) else { return }
                let (name, kind) = stageLike(upper)
                axes.append(
                    Axis(index: system.graph.makeIndex(name, kind), lower: lower, upper: upper, isWritten: true))
            case .ranged(let name, let bounds):
                guard let (lower, upper) = resolveBounds(bounds) else { return }
                let kind = stageNames[name.text].map { system.stages[$0].kind } ?? stageLike(upper).kind
                let index = system.graph.makeIndex(name.text, kind)
                inScope[name.text, default: []].append(index)
                axes.append(Axis(index: index, lower: lower, upper: upper, isWritten: true))
            }
        }
        let stageCount = axes.count
        let letters = ["i", "j", "k", "p", "q", "r", "s"]
        for (position, component) in (target.elements ?? []).enumerated() {
            guard case .plain(let id) = component else {
                report("a dimension is one size: its index runs from 0", target.range)
                return
            }
            walk(id, allowsQuantities: false)
            guard let extent = requiredAffine(id) else { return }
            let zero = system.graph.affine(Affine(0))
            if let known = system.expandingSizes(system.graph[extent]).asConstant, known < 1 {
                report("a dimension is at least 1, not \(known)", tree.range(id))
                return
            }
            let index = system.graph.makeIndex(letters[position % letters.count], .element)
            axes.append(Axis(index: index, lower: zero, upper: extent))
        }
        if isDistribution, axes.count == stageCount {
            report("a distribution has at least one index to sum over", target.range)
        }
        var quantity = Quantity(name: target.name.text, role: role, stageCount: stageCount, domains: [axes])
        quantity.isDistribution = isDistribution
        quantity.dependsOnExamples = role == .input || role == .target
        quantity.documentation = documentation
        quantity.range = target.name.range
        let id = QuantityID(system.quantities.count)
        guard enter(target.name, .quantity(id)) else { return }
        system.quantities.append(quantity)
    }

    /// The declared stage index that a range without one is most like.
    private func stageLike(_ upper: AffineID) -> (name: String, kind: IndexKind) {
        let atoms = Set(system.graph[upper].terms.map(\.atom))
        for stage in system.stages where system.graph[stage.upper].terms.contains(where: { atoms.contains($0.atom) }) {
            return (stage.name, stage.kind)
        }
        return system.stages.first.map { ($0.name, $0.kind) } ?? ("l", .layer)
    }

    private mutating func setConstant(_ target: SyntaxTarget, _ value: SyntaxID) {
        guard case .quantity(let id)? = symbols[target.name.text], system[id].range == target.name.range else { return }
        let quantity = system[id]
        if quantity.stageCount > 0 {
            report("the values of a const with stages are given at run time", tree.range(value))
            return
        }
        let extents = quantity.domains[0].map(\.upper)
        var level = [value]
        for (depth, extent) in extents.enumerated() {
            var next: [SyntaxID] = []
            for item in level {
                guard case .list(let items, true) = tree[item] else {
                    report("expected a list of \(describe(extent)) values in brackets", tree.range(item))
                    return
                }
                if let known = system.expandingSizes(system.graph[extent]).asConstant {
                    if known != items.count {
                        report(
                            "'\(quantity.name)' has \(known) elements here, but \(items.count) are given",
                            tree.range(item))
                        return
                    }
                } else if depth == 0 || item == level[0],
                    let more = system.graph[extent].offset(by: -items.count), let less = more.scaled(by: -1)
                {
                    for affine in [more, less] {
                        system.sizeRequirements.append(
                            SizeRequirement(
                                axes: [], affine: system.graph.affine(affine),
                                message: "'\(quantity.name)' has \(items.count) values in the spec, but not that size",
                                range: tree.range(item)))
                    }
                }
                next.append(contentsOf: items)
            }
            level = next
        }
        var values: [ExprID] = []
        for item in level {
            walk(item, allowsQuantities: true)
            build(item)
            guard let expression = expressions[item], !conditions.contains(item) else {
                if case .list = tree[item] { report("a number, not a list", tree.range(item)) }
                if conditions.contains(item) { report("a condition is not a number", tree.range(item)) }
                return
            }
            for node in system.graph.reachable(from: expression) {
                guard case .access(let other, _) = system.graph.form(of: node) else { continue }
                if system[other].role != .constant || system[other].axisCount > 0 || other >= id {
                    report(
                        "the value of a const is in terms of numbers, sizes and earlier scalar consts, not '\(system[other].name)'",
                        tree.range(item))
                    return
                }
            }
            values.append(expression)
        }
        system[id].constantValues = values
    }

    // MARK: Functions

    /// Bodies after the functions that they call.
    private mutating func declareFunctions() {
        var bodies: [(name: SyntaxName, parameters: [SyntaxName], body: SyntaxID?, documentation: String)] = []
        for statement in declarations {
            guard case .function(let name, let parameters, let body) = statement.form else { continue }
            var seen: [String: SourceRange] = [:]
            var isGood = true
            for parameter in parameters {
                if let first = seen[parameter.text] {
                    report(
                        "the parameter '\(parameter.text)' stands twice", parameter.range,
                        notes: [.init("the first one is here", range: first)])
                    isGood = false
                }
                seen[parameter.text] = parameter.range
            }
            guard enter(name, .function(bodies.count)) else { continue }
            guard isGood else {
                fail(name.text)
                continue
            }
            bodies.append((name, parameters, body, statement.documentation))
        }
        var position: [String: Int] = [:]
        for (number, function) in bodies.enumerated() { position[function.name.text] = number }
        let edges = bodies.map { function -> [Int] in
            guard let body = function.body else { return [] }
            let own = Set(function.parameters.map(\.text))
            return applications(below: body).filter { !own.contains($0) }.compactMap { position[$0] }
        }
        for component in Components.ordered(edges) {
            if component.count > 1 || edges[component[0]].contains(component[0]) {
                let names = component.map { "'\(bodies[$0].name.text)'" }.joined(separator: ", ")
                report("functions are not recursive: \(names)", bodies[component[0]].name.range)
                for number in component { fail(bodies[number].name.text) }
                continue
            }
            let function = bodies[component[0]]
            symbols[function.name.text] = nil  // until its body is done
            parameters = [:]
            for (number, parameter) in function.parameters.enumerated() { parameters?[parameter.text] = number }
            var expression: ExprID?
            var hasFailed = false
            if let body = function.body {
                walk(body, allowsQuantities: true)
                inferRanges()
                build(body)
                expression = expressions[body]
                hasFailed = expression == nil
                if conditions.contains(body) {
                    report("a condition is not a number", tree.range(body))
                    hasFailed = true
                }
            }
            parameters = nil
            var result = UserFunction(
                name: function.name.text, parameters: function.parameters.map(\.text),
                body: hasFailed ? nil : expression)
            result.range = function.name.range
            result.documentation = function.documentation
            symbols[function.name.text] = .function(system.functions.count)
            system.functions.append(result)
        }
    }

    /// Takes a name back that could not be declared: nothing that mentions it is reported.
    private mutating func fail(_ name: String) {
        symbols[name] = nil
        failedNames.insert(name)
    }

    /// The names of all applications in an expression.
    private func applications(below root: SyntaxID) -> [String] {
        var names: [String] = []
        var stack = [root]
        while let id = stack.popLast() {
            if case .application(let application) = tree[id] { names.append(application.name.text) }
            tree.forEachChild(of: id) { stack.append($0) }
        }
        return names
    }
}

extension Resolver {
    /// Enters what equations define, before their right sides are read: they stand in any order.
    mutating func draftEquations() {
        for position in tree.statements.indices {
            switch tree.statements[position].form {
            case .equation(let target, let body, let isCost): draft(target, body, position, isCost: isCost)
            case .derivative(let target, _, _, let body):
                draft(target, body, position, isCost: false, isDerivative: true)
            default: continue
            }
        }
    }

    private mutating func draft(
        _ target: SyntaxTarget, _ body: SyntaxID, _ statement: Int, isCost: Bool, isDerivative: Bool = false
    ) {
        let stageCount = target.stages?.count ?? 0
        let count = stageCount + (target.elements?.count ?? 0)
        let name = target.name
        let id: QuantityID
        let number = target.nameNumber
        switch symbols[number: number] {
        case .quantity(let known)?:
            let quantity = system[known]
            guard quantity.role == .computed || quantity.role == .derivative else {
                report(
                    "'\(name.text)' is declared as \(Resolver.article(quantity.role)), so no equation defines it",
                    name.range,
                    notes: [.init("it is declared here", range: quantity.range)])
                return
            }
            guard quantity.stageCount == stageCount, quantity.axisCount == count else {
                report(
                    "'\(name.text)' has other indices here than where it is first defined", target.range,
                    notes: [.init("it is first defined here", range: quantity.range)])
                return
            }
            id = known
        case .size?, .function?:
            report(
                "'\(name.text)' is the name of a \(isFunction(name.text) ? "function" : "size")", name.range,
                notes: [.init("it is declared here", range: symbols.range(of: name.text))])
            return
        case nil:
            id = QuantityID(system.quantities.count)
            guard enter(name, number, .quantity(id)) else {
                if symbols[name.text] == nil { failedNames.insert(name.text) }
                return
            }
            // Until its equations are built, a placeholder says how many axes there are.
            let domains = count == 0 ? Resolver.scalar : [Resolver.placeholder(count, &system)]
            let role: Role = isDerivative ? .derivative : .computed
            system.quantities.append(Quantity(name: name.text, role: role, stageCount: stageCount, domains: domains))
            system[id].range = name.range
        }
        if isCost {
            if count > 0 {
                report("a cost is a scalar: it has no indices", target.range)
            } else if system.costs.contains(id) {
                report("'\(name.text)' is a cost already", name.range)
            } else {
                system.costs.append(id)
            }
        }
        definitions.append(drafts.count, of: id)
        drafts.append(
            Draft(
                quantity: id, body: body, statement: Int32(truncatingIfNeeded: statement),
                axisCount: Int32(truncatingIfNeeded: count),
                isScalar: target.stages == nil && target.elements == nil && !isDerivative))
    }

    /// The left side of a draft.
    func target(of draft: Int) -> SyntaxTarget? {
        switch tree.statements[Int(drafts[draft].statement)].form {
        case .equation(let target, _, _), .derivative(let target, _, _, _): target
        default: nil
        }
    }

    /// Where the left side of a draft stands.
    func targetRange(_ draft: Int) -> SourceRange { target(of: draft)?.range ?? .none }

    /// Of a derivative, what it is a derivative of.
    private func derivative(_ draft: Int) -> (of: SyntaxID, wrt: SyntaxName)? {
        guard case .derivative(_, let cost, let quantity, _) = tree.statements[Int(drafts[draft].statement)].form else {
            return nil
        }
        return (cost, quantity)
    }

    /// The domains of a scalar, one array for all of them.
    private static let scalar: [[Axis]] = [[]]

    private static func placeholder(_ count: Int, _ system: inout System) -> [Axis] {
        let zero = system.graph.affine(Affine(0))
        return (0..<count).map { _ in
            Axis(index: system.graph.makeIndex("_", .element), lower: zero, upper: zero)
        }
    }

    private func isFunction(_ name: String) -> Bool {
        if case .function? = symbols[name] { return true }
        return false
    }

    static func article(_ role: Role) -> String {
        switch role {
        case .input: "an input"
        case .target: "a target"
        case .parameter: "a param"
        case .constant: "a const"
        case .computed: "a computed quantity"
        case .derivative: "a derivative"
        }
    }

    // MARK: Reading

    /// Reads the left side's indices and finds what the names on the right side mean.
    mutating func walkDraft(_ position: Int) {
        if !inScope.isEmpty { inScope = [:] }
        let target = target(of: position)
        let stageCount = target?.stages?.count ?? 0
        var axes: [Axis] = []
        let zero = system.graph.affine(Affine(0))
        let components = drafts[position].axisCount == 0 ? [] : (target?.stages ?? []) + (target?.elements ?? [])
        for (number, component) in components.enumerated() {
            switch component {
            case .ranged(let name, let bounds):
                let range = resolveBounds(bounds)
                guard let index = leftIndex(name, position, number, isStage: number < stageCount) else { continue }
                states[index]?.isWritten = true
                if let (lower, upper) = range {
                    states[index]?.bounds = (lower, upper)
                } else {
                    states[index]?.hasFailed = true
                }
                axes.append(Axis(index: index, lower: range?.0 ?? zero, upper: range?.1 ?? zero, isWritten: true))
            case .plain(let id):
                if let name = newIndex(id) {
                    guard let index = leftIndex(name, position, number, isStage: number < stageCount) else { continue }
                    meanings[id] = .index(index)
                    if let stage = stageNames[name.text] {
                        states[index]?.bounds = (system.stages[stage].lower, system.stages[stage].upper)
                    }
                    axes.append(Axis(index: index, lower: zero, upper: zero))
                } else {
                    walk(id, allowsQuantities: false)
                    guard let affine = requiredAffine(id) else {
                        drafts[position].hasFailed = true
                        continue
                    }
                    let mentionsIndex = system.graph[affine].terms.contains { term in
                        switch term.atom {
                        case .index: true
                        case .size: false
                        case .stagedSize(_, let stage): system.graph.mask(of: stage) != 0
                        }
                    }
                    if mentionsIndex {
                        report(
                            "on the left side stand an index, an index with a range, or a constant", tree.range(id),
                            notes: [.init("shift the indices of the right side instead")])
                        drafts[position].hasFailed = true
                        continue
                    }
                    let next = system.graph[affine].offset(by: 1).map { system.graph.affine($0) } ?? affine
                    let kind: IndexKind = number < stageCount ? stageKind(affine) : .element
                    let index = system.graph.makeIndex(number < stageCount ? stageName(kind) : "i", kind)
                    axes.append(Axis(index: index, lower: affine, upper: next, isPoint: true))
                }
            case .bounds: drafts[position].hasFailed = true
            }
        }
        drafts[position].axes = axes
        walk(drafts[position].body, allowsQuantities: true)
        if let (cost, _) = derivative(position) { walk(cost, allowsQuantities: true) }
        if !inScope.isEmpty { inScope = [:] }
    }

    /// The name where a component is a new index: a plain name that is no size.
    private func newIndex(_ id: SyntaxID) -> SyntaxName? {
        guard case .application(let application) = tree[id], application.parenthesised == nil,
            application.bracketed == nil, application.primes.isEmpty
        else { return nil }
        if case .size? = symbols[application.name.text] { return nil }
        return application.name
    }

    private mutating func leftIndex(_ name: SyntaxName, _ draft: Int, _ position: Int, isStage: Bool) -> IndexID? {
        if inScope[name.text]?.isEmpty == false {
            report("the index '\(name.text)' stands twice on the left side", name.range)
            drafts[draft].hasFailed = true
            return nil
        }
        if case .size? = symbols[name.text], let first = symbols.range(of: name.text) {
            report(
                "an index and a size may not share the name '\(name.text)'", name.range,
                notes: [.init("the size is declared here", range: first)])
        }
        let index = makeIndex(name)
        if isStage, stageNames[name.text] == nil { system.graph.setKind(stageKind(nil), of: index) }
        states[index]?.axis = (draft, position)
        inScope[name.text, default: []].append(index)
        return index
    }

    /// The kind of a stage without a declared letter: that of the first declared stage whose range mentions the same size.
    private func stageKind(_ constant: AffineID?) -> IndexKind {
        if let constant {
            let atoms = Set(system.graph[constant].terms.map(\.atom))
            for stage in system.stages
            where system.graph[stage.upper].terms.contains(where: { atoms.contains($0.atom) }) {
                return stage.kind
            }
        }
        return system.stages.first?.kind ?? .layer
    }

    private func stageName(_ kind: IndexKind) -> String {
        system.stages.first { $0.kind == kind }?.name ?? (kind == .step ? "t" : "l")
    }

    // MARK: Building

    /// Makes the equations, now that all ranges are known.
    mutating func buildEquations() {
        for quantity in definitions.keys { system[quantity].domains = [] }
        system.graph.reserveCapacity(2 * tree.count)
        for position in drafts.indices {
            let draft = drafts[position]
            let before = diagnostics.count
            let made: ExprID?
            if let first = draft.plainStart {
                made = builtPlain(from: first, to: draft.body)
            } else {
                build(draft.body)
                made = expressions[draft.body]
            }
            guard let body = made else {
                drafts[position].hasFailed = true
                if diagnostics.count == before, case .list = tree[draft.body] {
                    report("a number, not a list", tree.range(draft.body))
                }
                continue
            }
            if conditions.contains(draft.body) {
                report(
                    "a condition is not a number", tree.range(draft.body), notes: [.init("write '(condition ? 1 : 0)'")]
                )
                drafts[position].hasFailed = true
            }
            guard !drafts[position].hasFailed, draft.axes.count == Int(draft.axisCount),
                draft.axes.isEmpty || draft.axes.allSatisfy({ hasRange($0) })
            else {
                drafts[position].hasFailed = true
                continue
            }
            var axes = draft.axes
            if !axes.isEmpty {
                for number in axes.indices {
                    guard let bounds = states[axes[number].index]?.bounds else { continue }
                    (axes[number].lower, axes[number].upper) = bounds
                }
                drafts[position].axes = axes
            }
            var equation = Equation(quantity: draft.quantity, axes: axes, body: body)
            equation.range = tree.statements[Int(draft.statement)].range
            equation.documentation = tree.statements[Int(draft.statement)].documentation
            if !equation.documentation.isEmpty, system[draft.quantity].documentation.isEmpty {
                system[draft.quantity].documentation = equation.documentation
            }
            system.statements.append(.equation(system.equations.count))
            system.equations.append(equation)
            if axes.isEmpty, system[draft.quantity].domains.isEmpty {
                system[draft.quantity].domains = Resolver.scalar
            } else {
                system[draft.quantity].domains.append(axes)
            }
            // The indices of what is derived are those of the first equation.
            if system[draft.quantity].domains.count == 1, let (cost, quantity) = derivative(position) {
                setDerivative(draft.quantity, cost, quantity)
            }
        }
    }

    private func hasRange(_ axis: Axis) -> Bool {
        if axis.isPoint { return true }
        guard let state = states[axis.index] else { return true }
        return state.bounds != nil && !state.hasFailed
    }

    private mutating func setDerivative(_ id: QuantityID, _ cost: SyntaxID, _ wrt: SyntaxName) {
        build(cost)
        guard case .quantity(let quantity)? = symbols[wrt.text] else {
            report("'\(wrt.text)' is not a quantity", wrt.range, notes: suggestion(wrt.text))
            return
        }
        guard let of = expressions[cost] else { return }
        guard case .access = system.graph.form(of: of) else {
            report("a derivative is that of a quantity or of one of its elements", tree.range(cost))
            return
        }
        // The first equation says it: its indices are those of the quantity's first box.
        if system[id].derivative == nil { system[id].derivative = (generalized(of, id, quantity), quantity) }
    }

    /// What a derivative is taken of, with the left side's own index in place of a constant that stands there, too: of
    /// `d2C_da_db(0, m)` the derivative of `dC_da(0)`, so that other equations say it of other stages.
    private mutating func generalized(_ of: ExprID, _ id: QuantityID, _ wrt: QuantityID) -> ExprID {
        guard case .access(let quantity, let indices) = system.graph.form(of: of),
            let axes = system[id].domains.first
        else { return of }
        // Equations of its own may not be built yet.
        var surplus = axes.count - (definitions[wrt]?.first.map { Int(drafts[$0].axisCount) } ?? system[wrt].axisCount)
        surplus -= indices.filter { system.graph[$0].asIndex != nil }.count
        var points = axes.filter(\.isPoint)[...]
        let own = indices.map { index -> AffineID in
            guard surplus > 0, system.graph[index].asIndex == nil,
                let place = points.firstIndex(where: { $0.lower == index })
            else { return index }
            let axis = points[place]
            points = points[(place + 1)...]
            surplus -= 1
            return system.graph.affine(Affine(.index(axis.index)))
        }
        return own == indices ? of : system.graph.makeAccess(quantity, own)
    }
}

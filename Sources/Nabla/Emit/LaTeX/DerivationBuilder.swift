/// Turns a derived system and the record of its derivation into the blocks of a document.
struct DerivationBuilder {
    let derived: DerivedSystem
    var formulas: FormulaPrinter
    /// The steps that define each adjoint.
    private(set) var stepsByAdjoint: [QuantityID: [Int]] = [:]
    /// The equations that define each quantity.
    private(set) var definitions: [QuantityID: [Int]] = [:]
    /// The right sides that were derived in place of those that the spec writes, by equation.
    private(set) var rewritten: [Int: ExprID] = [:]
    var visited = Visited()
    /// Of each quantity, the indices that another one's equation first mentions it with.
    private(set) var mentionNames: [Mention: [String?]] = [:]
    /// What the indices of each adjoint are called where it is derived.
    var namesByAdjoint: [QuantityID: [String]] = [:]
    private(set) var options: LaTeXPrinter.Options
    /// The record's steps without the paths that never exist.
    private(set) var steps: [AdjointStep] = []
    /// The steps that are shown, by adjoint.
    private(set) var groups: [[AdjointStep]] = []
    /// The number of each adjoint's step.
    private(set) var numbers: [QuantityID: Int] = [:]
    /// Where the derivation is worked out in numbers, these.
    var table: NumberTable?
    /// Kinks that were spoken of.
    var saidKinks: Set<String> = []
    /// Whether it was said why one adds over paths.
    var hasSaidWhyPathsAdd = false
    /// Whether the paths of a parameter were drawn.
    var hasDrawnParameter = false
    /// Of each ratio that was derived by itself, the number of the step.
    var knownRatios: [RatioKey: Int] = [:]

    struct Mention: Hashable {
        var of: QuantityID
        var by: QuantityID
    }

    var system: System { formulas.system }

    init(_ derived: DerivedSystem, limit: Double, options: LaTeXPrinter.Options = .init()) {
        self.derived = derived
        self.options = options
        formulas = FormulaPrinter(derived.system, limit: limit)
        self.options.element = options.element.map { Self.naming($0, as: derived) }
        if options.notation == .nielsen, NielsenForm(derived) != nil { formulas.bracketsLayers = false }
        for (position, step) in derived.derivation.steps.enumerated() {
            stepsByAdjoint[step.adjoint, default: []].append(position)
        }
        for rewriting in derived.derivation.rewritings { rewritten[rewriting.equation] = rewriting.body }
        steps = derived.derivation.steps
        for position in steps.indices where steps[position].contributions.count > 1 {
            let step = steps[position]
            let possible = step.contributions.filter { !isImpossible($0, step) }
            steps[position].contributions = possible
        }
        let graph = derived.system.graph
        for (position, equation) in derived.system.equations.enumerated() {
            definitions[equation.quantity, default: []].append(position)
        }
        for (position, equation) in derived.system.equations.enumerated()
        where derived.system[equation.quantity].role != .derivative {
            for id in graph.reachable(from: [rewritten[position] ?? equation.body], &visited) {
                guard case .access(let quantity, let indices) = graph.form(of: id) else { continue }
                let key = Mention(of: quantity, by: equation.quantity)
                if mentionNames[key] == nil {
                    mentionNames[key] = indices.map { index in graph[index].asIndex.map { graph.name(of: $0) } }
                }
            }
        }
    }

    mutating func document() -> LaTeXDocument {
        var document = LaTeXDocument()
        groups = Self.groups(of: shownSteps())
        for (position, group) in groups.enumerated() {
            if let step = group.first { numbers[step.adjoint] = position + 1 }
        }
        document.blocks.append(.title("\(derived.system.name): \(title)"))
        if !derived.system.documentation.isEmpty {
            document.blocks.append(.paragraph(Prose(derived.system.documentation)))
        }
        addNetwork(to: &document)
        if options.detail != .brief {
            addNotation(to: &document)
            if formulas.bracketsLayers { addGraph(to: &document) }
        }
        if options.notation == .nielsen, let form = NielsenForm(derived) {
            add(form, to: &document)
            return document
        }
        addRewritings(to: &document)
        addSteps(to: &document)
        addExamples(to: &document, listsAll: options.element != nil)
        if options.element == nil { addGradient(to: &document) }
        addSecond(to: &document)
        return document
    }

    /// An element whose stages are called as the spec calls them: 3 is L where the last layer has equations of its own.
    private static func naming(_ element: PartialElement, as derived: DerivedSystem) -> PartialElement {
        let system = derived.system
        var named = element
        for position in element.indices.indices.prefix(system[element.quantity].stageCount) {
            guard case .at(let value) = element.indices[position], let number = value.asConstant else { continue }
            for axis in derived.derivation.steps.lazy.flatMap(\.axes) where axis.isPoint {
                let point = system.graph[axis.lower]
                if point.asConstant == nil, system.expandingSizes(point).asConstant == number {
                    named.indices[position] = .at(point)
                    break
                }
            }
        }
        return named
    }

    private var title: Prose {
        var formulas = formulas
        let cost = formulas.formula(derived.cost, .atom)
        guard let element = options.element else { return "the gradient of \(cost)" }
        return "the derivative of \(cost) with respect to \(text(of: element))"
    }

    // MARK: The network

    private mutating func addNetwork(to document: inout LaTeXDocument) {
        document.blocks.append(.heading("The network"))
        var remarks: [String] = []
        if system.stages.contains(where: { $0.kind == .layer }) {
            remarks.append(
                formulas.bracketsLayers
                    ? "Superscripts in parentheses are layers, not exponents."
                    : "Superscripts are layers, not exponents.")
        }
        if system.stages.contains(where: { $0.kind == .step }) {
            remarks.append("Superscripts in angle brackets are time steps.")
        }
        if !remarks.isEmpty { document.blocks.append(.paragraph(Prose(remarks.joined(separator: " ")))) }
        for function in system.functions.indices { add(function: function, to: &document) }
        let added = Set(derived.second?.equations ?? [])
        for (position, equation) in system.equations.enumerated()
        where system[equation.quantity].role != .derivative && !added.contains(position) {
            if !equation.documentation.isEmpty {
                document.blocks.append(.remark(Prose(equation.documentation)))
            } else if isHelper(equation.quantity), definitions[equation.quantity]?.first == position {
                // What the differentiator has named says why; what the spec documents says so at its own equations.
                document.blocks.append(.remark(Prose(system[equation.quantity].documentation)))
            }
            formulas.scope.clear()
            enter(equation.axes, names: equation.axes.map { system.graph.name(of: $0.index) })
            let left = formulas.access(equation.quantity, indices(of: equation.axes))
            let right = formulas.formula(shownForm(equation.body))
            document.append(
                LaTeXDocument.Row(
                    left: left, right: [right], condition: condition(of: equation.axes, equation.quantity)))
        }
        addExampleRemark(to: &document)
    }

    /// Whether a quantity has words that none of its equations brings.
    private func isHelper(_ quantity: QuantityID) -> Bool {
        !system[quantity].documentation.isEmpty
            && (definitions[quantity] ?? []).allSatisfy { system.equations[$0].documentation.isEmpty }
    }

    /// The equations that were derived in a form that does not overflow, with the rules that led there.
    private mutating func addRewritings(to document: inout LaTeXDocument) {
        if derived.derivation.rewritings.isEmpty { return }
        document.blocks.append(.heading("The same without overflow"))
        document.blocks.append(
            .paragraph("Exponentials overflow long before their logarithms do. What follows is derived in these forms.")
        )
        for rewriting in derived.derivation.rewritings {
            let equation = system.equations[rewriting.equation]
            formulas.scope.clear()
            enter(equation.axes, names: equation.axes.map { system.graph.name(of: $0.index) })
            let left = formulas.access(equation.quantity, indices(of: equation.axes))
            let right = formulas.formula(rewriting.body)
            var names = MathLine()
            for (position, rule) in rewriting.rules.enumerated() {
                if position > 0 { names.write(.comma(.wide), width: 0.8, mayBreak: .afterComma) }
                names.write(.text(rule), width: Double(rule.count) * 0.45)
            }
            document.append(LaTeXDocument.Row(left: left, right: [right], condition: names))
        }
    }

    /// What C_i is.
    private mutating func addExampleRemark(to document: inout LaTeXDocument) {
        for equation in system.equations where system[equation.quantity].role != .derivative {
            for id in formulas.system.graph.reachable(from: [equation.body], &visited) {
                guard case .reduceExamples(_, let body) = system.graph.form(of: id),
                    case .access(let quantity, let indices) = system.graph.form(of: body), indices.isEmpty
                else { continue }
                let (index, count) = (formulas.exampleIndex, formulas.exampleCount)
                let (one, all) = (formulas.exampleSymbol(quantity), formulas.symbol(of: quantity))
                document.blocks.append(
                    .paragraph("Here \(one) is \(all) for the training example \(index) of \(count)."))
                return
            }
        }
    }

    private mutating func add(function position: Int, to document: inout LaTeXDocument) {
        let function = system.functions[position]
        if !function.documentation.isEmpty {
            document.blocks.append(.remark(Prose(function.documentation)))
        }
        guard let body = function.body, let head = formulas.head(of: .user(position)) else { return }
        formulas.scope.clear()
        let parameters = function.parameters.map { MathSymbol($0) }
        let names = Array(parameters.map { $0.tokens() }.joined(separator: [.comma(.normal)]))
        let left = head.tokens + [.open(.round, .normal)] + names + [.close(.round, .normal)]
        let width = parameters.reduce(head.width + 0.8) { $0 + $1.baseWidth + $1.belowWidth + 0.45 }
        let right = formulas.formula(body, parameters: function.parameters)
        document.append(LaTeXDocument.Row(left: (left, width), right: [right]))
    }

    // MARK: Indices

    /// Takes an equation's axes into scope under these names, as far as they are free.
    mutating func enter(_ axes: [Axis], names: [String]) {
        for (axis, name) in zip(axes, names) where !axis.isPoint {
            _ = formulas.scope.enter(axis.index, preferring: name, isGiven: true)
        }
    }

    func indices(of axes: [Axis]) -> [AffineID] { formulas.ownIndices(axes) }

    /// What a step derives with respect to; the indices of a cost that has some are none of its own.
    func subject(of step: AdjointStep) -> FormulaPrinter.Text {
        formulas.access(step.quantity, system.indicesBelow(step.adjoint, indices(of: step.axes)))
    }

    /// What a step's indices are called: as the equation that mentions the quantity calls them.
    func names(of step: AdjointStep) -> [String] {
        var names = step.axes.map { system.graph.name(of: $0.index) }
        if let element = options.element, element.quantity == step.quantity, element.indices.count == names.count {
            for (position, index) in element.indices.enumerated() {
                if case .any(let name) = index { names[position] = name }
            }
            return names
        }
        guard let first = step.contributions.first else { return names }
        if first.overExamples != nil {
            if case .access(let inner, _) = system.graph.form(of: first.adjoint), let known = namesByAdjoint[inner],
                known.count == names.count
            {
                return known
            }
            return names
        }
        let mentioned = mentionNames[Mention(of: step.quantity, by: first.through)] ?? []
        for (position, name) in mentioned.enumerated() where position < names.count {
            if let name, !system.graph.kind(of: step.axes[position].index).isStage { names[position] = name }
        }
        return names
    }

    /// For which indices an equation holds: those of stages, and ranges that the spec writes.
    func condition(of axes: [Axis], _ quantity: QuantityID, all: Bool = false) -> MathLine? {
        var line = MathLine()
        for (position, axis) in axes.enumerated() where !axis.isPoint {
            let isStage = position < system[quantity].stageCount
            guard isStage || axis.isWritten || all else { continue }
            if !line.isEmpty { line.write(all ? .semicolon : .comma(.wide), width: 0.8, mayBreak: .afterComma) }
            line.write(formulas.range(of: axis))
        }
        return line.isEmpty ? nil : line
    }
}

extension FormulaPrinter {
    /// The indices of an equation's left side.
    func ownIndices(_ axes: [Axis]) -> [AffineID] {
        axes.map { axis in
            let place = Int(axis.index.raw)
            return axis.isPoint || !plainIndices.indices.contains(place) ? axis.lower : plainIndices[place]
        }
    }

    /// An index with its range: `l = 1, …, L`, or `l < L` where the declared range is cut.
    func range(of axis: Axis) -> Text {
        let index = name(of: axis.index)
        let (lower, upper) = (text(of: axis.lower), text(of: axis.upper))
        if let stage = system.stages.first(where: { $0.name == system.graph.name(of: axis.index) }) {
            let startsThere = system.isEqual(stage.lower, axis.lower)
            let endsThere = system.isEqual(stage.upper, axis.upper)
            if startsThere && !endsThere {
                return (
                    index.tokens + [.operation(.less, isTight: false)] + upper.tokens, index.width + upper.width + 1.4
                )
            }
            if endsThere && !startsThere {
                return (
                    index.tokens + [.operation(.greaterOrEqual, isTight: false)] + lower.tokens,
                    index.width + lower.width + 1.4
                )
            }
        }
        let last = text(of: system.graph[axis.upper].offset(by: -1) ?? Affine(0))
        return (
            index.tokens + [.operation(.equal, isTight: false)] + lower.tokens
                + [.comma(.normal), .dots, .comma(.normal)] + last.tokens, index.width + lower.width + last.width + 3.8
        )
    }
}

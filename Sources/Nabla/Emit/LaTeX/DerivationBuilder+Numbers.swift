// The derivation worked out in numbers: the values, each derivative with numbers put in, the gradient.

extension DerivationBuilder {
    /// The part with numbers, once for what has to be computed first and then as it prints.
    ///
    /// - Throws: ``LoweringError`` and ``EvaluationError``, as evaluating the cost with its gradient.
    mutating func addNumbers(_ input: NumericInput, to document: inout LaTeXDocument) throws {
        table = try NumberTable(derived, input.values, example: input.example)
        let nudge = options.detail == .brief ? nil : try self.nudge(input)
        // What a condition leads to is known only when the condition is.
        for _ in 0..<10 {
            var builder = self
            let blocks = builder.numberBlocks(nudge)
            guard let wanted = builder.table?.wanted, !wanted.isEmpty else {
                document.blocks.append(.answers)
                for block in blocks { document.blocks.append(block) }
                return
            }
            formulas.system.graph = builder.formulas.system.graph
            var whole = derived
            whole.system.graph = formulas.system.graph
            table = builder.table
            try table?.evaluate(whole)
        }
        throw EvaluationError("the conditions of this derivation lead one into another too deeply to put numbers in")
    }

    private mutating func numberBlocks(_ nudge: Nudge?) -> [LaTeXDocument.Block] {
        var document = LaTeXDocument()
        document.blocks.append(.heading("With numbers, rounded to \(RoundedNumber.digitsInWords) significant digits"))
        document.blocks.append(.paragraph(numberRemarks))
        let isBrief = options.detail == .brief
        if !isBrief {
            addGiven(to: &document)
            addForwardPass(to: &document)
        }
        if options.notation == .video || isBrief { addNumberSteps(to: &document) }
        addNumberExamples(to: &document)
        if options.element == nil { addNumberGradient(to: &document) }
        if let nudge { add(nudge, to: &document) }
        return document.blocks
    }

    private var numberRemarks: Prose {
        var text: Prose =
            "What is rounded stands behind \([.operation(.approximatelyEqual, isTight: true)] as [MathToken]); the computation itself goes on with all digits."
        if options.detail != .brief {
            text.parts.append(
                .text(
                    " Where a derivative has indices, one of them is worked out: the last layer or time step, the first element, "
                        + "unless another one was asked for. Dots stand for what is left out of long sums and large matrices."
                ))
        }
        if let table, table.values.isBatch, table.values.examples.count > 1 {
            let last = table.values.examples.count - 1
            text.parts.append(.text(" The numbers are those of training example \(table.example) of 0 to \(last)."))
        }
        return text
    }

    // MARK: Values

    private mutating func addGiven(to document: inout LaTeXDocument) {
        document.blocks.append(.heading("The values"))
        formulas.scope.clear()
        guard let table else { return }
        for (position, size) in system.sizes.enumerated() {
            guard case .symbolic = size.definition else { continue }
            let bound = table.values.bound.system.sizes[position]
            let first = bound.stageRange.flatMap {
                table.arithmetic.value($0.lower, in: table.values.bound.system.graph)
            }
            let id = SizeID(position)
            for (offset, value) in (bound.values ?? bound.value.map { [$0] } ?? []).enumerated() {
                let atom: AffineAtom =
                    first.map { .stagedSize(id, formulas.system.graph.affine(Affine($0 + offset))) } ?? .size(id)
                addNumber(formulas.text(of: Affine(atom)), Double(value), to: &document)
            }
        }
        for position in system.quantities.indices {
            let id = QuantityID(position)
            switch system[id].role {
            case .parameter, .input, .target, .constant: addTensors(of: id, to: &document)
            case .computed, .derivative: continue
            }
        }
    }

    private mutating func addNumber(_ left: FormulaPrinter.Text, _ value: Double, to document: inout LaTeXDocument) {
        let part = part(of: value)
        document.append(LaTeXDocument.Row(left: left, right: [part.line], rounded: [!part.isExact]))
    }

    /// Every stage of a quantity, or the first two and the last.
    private mutating func addTensors(of id: QuantityID, to document: inout LaTeXDocument) {
        let stages = stages(of: id)
        let isLong = stages.count > Self.mostShown
        for (position, stage) in stages.enumerated() {
            if isLong, position >= 2, position < stages.count - 1 {
                if position == 2 { addDots(to: &document) }
                continue
            }
            addTensor(of: id, stage, to: &document)
        }
    }

    private func addDots(to document: inout LaTeXDocument) {
        document.append(LaTeXDocument.Row(left: ([.dots], 1.2), right: []))
    }

    private mutating func addTensor(of id: QuantityID, _ stage: [Int], to document: inout LaTeXDocument) {
        let whole = text(of: id, stage)
        for (name, part) in tensorParts(of: id, stage) {
            document.append(LaTeXDocument.Row(left: name ?? whole, right: [part.line], rounded: [!part.isExact]))
        }
    }

    /// A quantity at indices that are numbers, all of them or the first ones.
    mutating func text(of id: QuantityID, _ indices: [Int]) -> FormulaPrinter.Text {
        let places = formulas.system.affines(indices)
        return formulas.access(id, places)
    }

    /// The stages that a quantity has, in order.
    private func stages(of id: QuantityID) -> [[Int]] {
        guard let table else { return [] }
        let count = system[id].stageCount
        if count == 0 { return [[]] }
        var stages: Set<[Int]> = []
        for axes in system[id].domains {
            var indices: [IndexID: Int] = [:]
            var odometer = Odometer(Array(axes.prefix(count)), system.graph, table.arithmetic)
            while stages.count < 10_000, let stage = try? odometer.next(&indices) { stages.insert(stage) }
        }
        return stages.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// The elements of a quantity at one stage: a number, a list, a matrix, or, of more indices, some matrices with their names.
    mutating func tensorParts(
        of id: QuantityID, _ stage: [Int], _ element: (([Int]) -> Double?)? = nil
    ) -> [(name: FormulaPrinter.Text?, part: NumberPart)] {
        let rank = system[id].axisCount - stage.count
        let elements = elements(of: id, stage)
        var numbers: [[Int]: Double] = [:]
        for index in elements { numbers[index] = element.map { $0(index) ?? 0 } ?? self.number(id, index) }
        func number(_ index: [Int]) -> Double { numbers[index] ?? .nan }
        if rank == 0 { return [(nil, part(of: number(stage)))] }
        if rank == 1 { return [(nil, list(elements.map { number($0) }))] }
        var matrices: [(name: FormulaPrinter.Text?, rows: [[[Int]]])] = []
        var last: [Int] = []
        for element in elements {
            let slice = Array(element.dropLast(2))
            if matrices.isEmpty || Array(last.dropLast(2)) != slice {
                let name = rank > 2 ? text(of: id, slice) : nil
                matrices.append((name, []))
                last = []
            }
            if last.isEmpty || last.dropLast() != element.dropLast() { matrices[matrices.count - 1].rows.append([]) }
            let row = matrices[matrices.count - 1].rows.count - 1
            matrices[matrices.count - 1].rows[row].append(element)
            last = element
        }
        let shown = matrices.count > Self.mostShown ? Array(matrices.prefix(2)) + matrices.suffix(1) : matrices
        return shown.map { name, rows in (name, matrix(rows.map { row in row.map { number($0) } })) }
    }

    /// An element's value; a constant of the spec is computed first.
    private mutating func number(_ id: QuantityID, _ index: [Int]) -> Double {
        if let value = table?.element(id, index) { return value }
        let places = formulas.system.affines(index)
        let access = formulas.system.graph.makeAccess(id, places)
        return table?.value(of: access) ?? 0
    }

    private func elements(of id: QuantityID, _ stage: [Int]) -> [[Int]] {
        guard let table else { return [] }
        var elements: [[Int]] = []
        for axes in system[id].domains {
            var indices: [IndexID: Int] = [:]
            // The odometer starts at the stage: axes of one value each.
            var graph = system.graph
            var own = axes
            for (position, value) in stage.enumerated() where own.indices.contains(position) {
                guard let lower = table.arithmetic.value(own[position].lower, indices, in: graph),
                    let upper = table.arithmetic.value(own[position].upper, indices, in: graph),
                    value >= lower, value < upper
                else {
                    own = []
                    break
                }
                own[position].lower = graph.affine(Affine(value))
                own[position].upper = graph.affine(Affine(value + 1))
                indices[own[position].index] = value
            }
            if own.count < axes.count { continue }
            indices = [:]
            var odometer = Odometer(own, graph, table.arithmetic)
            while let element = try? odometer.next(&indices) { elements.append(element) }
        }
        return elements.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private func list(_ numbers: [Double]) -> NumberPart {
        var part = NumberPart()
        part.line.open(.round, .normal, width: 0.4)
        let isCut = numbers.count > 2 * Self.mostShown
        for (position, number) in numbers.enumerated() {
            if isCut, position >= 3, position < numbers.count - 1 { continue }
            if position > 0 { part.line.write(.comma(.normal), width: 0.6, mayBreak: .afterComma) }
            if isCut, position == numbers.count - 1 {
                part.line.write([.dots, .comma(.normal)], width: 1.8, mayBreak: .afterComma)
            }
            let rounded = RoundedNumber(number)
            part.line.write(rounded.tokens, width: rounded.width)
            part.isExact = part.isExact && rounded.isExact
        }
        part.line.close(.round, .normal, width: 0.4)
        return part
    }

    /// Numbers in rows, of many the first two and the last.
    private func matrix(_ rows: [[Double]]) -> NumberPart {
        func cut<Item>(_ items: [Item]) -> [Item?] {
            items.count > Self.mostShown ? [items[0], items[1], nil] + items.suffix(1) : items
        }
        var part = NumberPart()
        var widths: [Double] = []
        var tokens: [MathToken] = [.begin(.matrix)]
        for (number, row) in cut(rows).enumerated() {
            if number > 0 { tokens.append(.next) }
            guard let row else {
                let columns = cut(rows.first ?? []).count
                tokens += Array(repeating: [MathToken.verticalDots], count: columns).joined(separator: [.nextCell])
                continue
            }
            for (column, value) in cut(row).enumerated() {
                if column > 0 { tokens.append(.nextCell) }
                if widths.count <= column { widths.append(1.2) }
                guard let value else {
                    tokens.append(.dots)
                    continue
                }
                let rounded = RoundedNumber(value)
                tokens += rounded.tokens
                part.isExact = part.isExact && rounded.isExact
                widths[column] = max(widths[column], rounded.width)
            }
        }
        tokens.append(.end)
        part.isTall = true
        part.line.write(tokens, width: widths.reduce(1.2) { $0 + $1 + 1 })
        return part
    }

    /// Everything that is computed on the way to the cost, each after what it is computed from.
    private mutating func addForwardPass(to document: inout LaTeXDocument) {
        document.blocks.append(.heading("The forward pass"))
        formulas.scope.clear()
        guard let table else { return }
        var groups: [NudgeExperiment.Group] = []
        for position in system.quantities.indices where system.quantities[position].role == .computed {
            let id = QuantityID(position)
            if table.computed.tensors[id] == nil { continue }
            for stage in stages(of: id) {
                guard let first = elements(of: id, stage).first else { continue }
                groups.append(
                    NudgeExperiment.Group(
                        quantity: id, stages: stage,
                        changed: [(Nudge.Element(quantity: id, indices: first), 0, 0)]))
            }
        }
        var ordered = system
        for (position, size) in table.values.bound.system.sizes.enumerated() where position < ordered.sizes.count {
            ordered.sizes[position] = size
        }
        for (position, body) in derived.evaluatedBodies { ordered.equations[position].body = body }
        groups = NudgeOrder(ordered, groups).sorted
        let isLong = groups.count > NudgeExperiment.mostGroups
        for (position, group) in groups.enumerated() {
            if isLong, position >= 5, position < groups.count - 6 {
                if position == 5 { addDots(to: &document) }
                continue
            }
            addTensor(of: group.quantity, group.stages, to: &document)
        }
    }

    // MARK: Derivatives

    private mutating func addNumberSteps(to document: inout LaTeXDocument) {
        let isBrief = options.detail == .brief
        if !isBrief { document.blocks.append(.heading("The derivatives in numbers")) }
        for group in groups {
            let ordered = group.filter { isDirect($0) } + group.filter { !isDirect($0) }
            for step in ordered {
                guard let one = representative(of: step) else { continue }
                if !isBrief { add(one.step, one.indices, to: &document) }
                addResults(of: step, isFirst: isBrief, to: &document)
            }
        }
    }

    /// A step at one element: the last stages, the first elements; nil where it has none for these sizes.
    private mutating func representative(of step: AdjointStep) -> (step: AdjointStep, indices: [Int])? {
        guard let table else { return nil }
        let stageCount = system[step.quantity].stageCount
        var values: [Int: Affine] = [:]
        var indices: [Int] = []
        var map: [IndexID: Affine] = [:]
        for (position, axis) in step.axes.enumerated() {
            let bounds = [axis.lower, axis.upper].map { formulas.system.graph.substitute($0, map) ?? $0 }
            guard let lower = table.arithmetic.value(bounds[0], in: system.graph),
                let upper = table.arithmetic.value(bounds[1], in: system.graph), lower < upper
            else { return nil }
            let isLast = position < stageCount && !axis.isPoint
            let value = isLast ? system.graph[bounds[1]].offset(by: -1) ?? Affine(upper - 1) : system.graph[bounds[0]]
            map[axis.index] = value
            if !axis.isPoint { values[position] = value }
            indices.append(isLast ? upper - 1 : lower)
        }
        return (values.isEmpty ? step : instance(of: step, putting: values), indices)
    }

    /// A derivative: what its ratios work out to, with numbers put in, and worked out.
    private mutating func add(_ step: AdjointStep, _ indices: [Int], to document: inout LaTeXDocument) {
        formulas.scope.clear()
        let own = self.indices(of: step.axes)
        let element = formulas.access(step.quantity, own)
        let cost = costText(step)
        // Text between them also keeps displays from being parted in the middle of a derivative.
        let number = numbers[step.adjoint].map { "Step \($0)" } ?? "The derivative"
        document.blocks.append(.paragraph("\(number), with respect to \(element):"))
        if options.detail == .full { addNumberRatios(of: step, element, cost, to: &document) }
        var symbols = MathLine()
        var terms: [NumberPart] = []
        for contribution in step.contributions where !isImpossible(contribution, step) {
            symbols.appendTerm(self.terms(of: contribution, element, cost, step).1)
            let factors = chain(from: contribution, element, cost, step).compactMap { $0.value ?? $0.derivative }
            let part = sum(over: contribution.binders, guards: contribution.guards, factors: factors)
            if let part, part.line.tokens != [.number("0")] || step.contributions.count == 1 { terms.append(part) }
        }
        var row = LaTeXDocument.Row(left: formulas.ratio(cost, element), right: [])
        if !symbols.isEmpty { append(symbols, isExact: true, to: &row) }
        if !terms.isEmpty {
            let sum = joined(terms)
            append(sum.line, isExact: sum.isExact, to: &row)
        }
        let result = part(of: table?.element(step.adjoint, indices) ?? .nan)
        append(result.line, isExact: result.isExact, to: &row)
        document.append(row)
    }

    private func append(_ line: MathLine, isExact: Bool, to row: inout LaTeXDocument.Row) {
        // A line that repeats the one before says nothing.
        if row.right.last?.tokens == line.tokens { return }
        row.right.append(line)
        // What is exact is still but about equal to rounded numbers before it.
        row.rounded.append(!isExact || row.rounded.last == true)
    }

    /// Each ratio by itself; of several paths, the first one's.
    private mutating func addNumberRatios(
        of step: AdjointStep, _ element: FormulaPrinter.Text, _ cost: FormulaPrinter.Text,
        to document: inout LaTeXDocument
    ) {
        for contribution in step.contributions where !isImpossible(contribution, step) && contribution.isRatio {
            guard let table, !isCost(contribution, step) else { continue }
            var map: [IndexID: Affine] = [:]
            for binder in contribution.binders {
                guard let lower = formulas.system.graph.substitute(binder.lower, map),
                    let first = table.arithmetic.value(lower, in: system.graph)
                else { return }
                map[binder.index] = Affine(first)
            }
            var path = substituted(contribution, map)
            path.binders = []
            if path.guards.contains(where: { condition in
                guard let part = sum(over: [], guards: [condition], factors: []) else { return true }
                return part.line.tokens == [.number("0")]
            }) {
                continue
            }
            for factor in chain(from: path, element, cost, step) {
                guard let value = factor.value ?? factor.derivative else { continue }
                let ratio = formulas.ratio(factor.above, factor.below)
                var row = LaTeXDocument.Row(left: ratio, right: [])
                let symbols = formulas.formula(value)
                if symbols.tokens != ratio.tokens { append(symbols, isExact: true, to: &row) }
                let numbers = part(of: value)
                append(numbers.line, isExact: numbers.isExact, to: &row)
                if !numbers.isNumber, let worked = self.table?.value(of: value) {
                    let result = part(of: worked)
                    append(result.line, isExact: result.isExact, to: &row)
                }
                document.append(row)
            }
        }
    }

    /// A derivative for all elements, stage by stage; not where it is the one number that was just worked out.
    private mutating func addResults(of step: AdjointStep, isFirst: Bool, to document: inout LaTeXDocument) {
        formulas.scope.clear()
        guard let table else { return }
        let stageCount = system[step.quantity].stageCount
        var stages: [[Int]] = []
        var indices: [IndexID: Int] = [:]
        var odometer = Odometer(Array(step.axes.prefix(stageCount)), system.graph, table.arithmetic)
        while stages.count < Self.mostValues, let stage = try? odometer.next(&indices) { stages.append(stage) }
        if !isFirst, stages.count == 1, step.axes.count == stageCount { return }
        let cost = costText(step)
        for (number, stage) in stages.enumerated() {
            if stages.count > Self.mostShown, number >= 2, number < stages.count - 1 {
                if number == 2 { addDots(to: &document) }
                continue
            }
            let whole = text(of: step.quantity, stage)
            for (name, part) in tensorParts(of: step.quantity, stage, { table.element(step.adjoint, $0) }) {
                document.append(
                    LaTeXDocument.Row(
                        left: formulas.ratio(cost, name ?? whole), right: [part.line], rounded: [!part.isExact]))
            }
        }
    }

    /// From one example to all, in numbers.
    private mutating func addNumberExamples(to document: inout LaTeXDocument) {
        if options.detail == .brief || (table?.values.examples.count ?? 1) < 2 { return }
        let over = steps.filter { $0.contributions.contains { $0.overExamples != nil } }.compactMap { targeted($0) }
        if over.isEmpty { return }
        document.blocks.append(.heading("All training examples in numbers"))
        for step in over {
            guard let (one, indices) = representative(of: step) else { continue }
            formulas.scope.clear()
            let element = formulas.access(one.quantity, self.indices(of: one.axes))
            document.blocks.append(.paragraph("With respect to \(element):"))
            let left = formulas.ratio(costText(one), element)
            var row = LaTeXDocument.Row(left: left, right: [])
            append(formulas.formula(one.result), isExact: true, to: &row)
            let numbers = part(of: one.result)
            append(numbers.line, isExact: numbers.isExact, to: &row)
            let result = part(of: table?.element(one.adjoint, indices) ?? .nan)
            append(result.line, isExact: result.isExact, to: &row)
            document.append(row)
        }
    }

    private mutating func addNumberGradient(to document: inout LaTeXDocument) {
        document.blocks.append(.heading("The gradient in numbers"))
        formulas.scope.clear()
        let cost = formulas.formula(derived.cost, .atom)
        guard let table else { return }
        for (position, (wrt, _)) in derived.gradient.enumerated() {
            guard table.computed.gradient.indices.contains(position) else { continue }
            let tensor = table.one(table.computed.gradient[position].value)
            let stages = stages(of: wrt)
            for (number, stage) in stages.enumerated() {
                if stages.count > Self.mostShown, number >= 2, number < stages.count - 1 {
                    if number == 2 { addDots(to: &document) }
                    continue
                }
                let whole = text(of: wrt, stage)
                for (name, part) in tensorParts(of: wrt, stage, { tensor?.element($0) }) {
                    document.append(
                        LaTeXDocument.Row(
                            left: formulas.ratio((cost.tokens, cost.width), name ?? whole), right: [part.line],
                            rounded: [!part.isExact]))
                }
            }
        }
    }
}

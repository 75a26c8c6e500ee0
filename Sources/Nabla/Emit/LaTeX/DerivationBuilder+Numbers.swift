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
        let element = subject(of: step)
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
        if !isFirst { document.blocks.append(.paragraph("All values of this derivative:")) }
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
            let element = subject(of: one)
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

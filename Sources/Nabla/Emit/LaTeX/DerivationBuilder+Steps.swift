// The chain rule, step by step, from the cost backwards.

extension DerivationBuilder {
    /// The most ratios that one line multiplies: the rest stands as one ratio, which has a step of its own.
    static let longestChain = 4

    mutating func addSteps(to document: inout LaTeXDocument) {
        for group in groups { add(group, to: &document) }
    }

    /// The steps of each adjoint.
    static func groups(of steps: [AdjointStep]) -> [[AdjointStep]] {
        var groups: [[AdjointStep]] = []
        for step in steps where !step.contributions.contains(where: { $0.overExamples != nil }) {
            if let last = groups.last?.first, last.adjoint == step.adjoint {
                groups[groups.count - 1].append(step)
            } else {
                groups.append([step])
            }
        }
        return groups
    }

    /// The cases of one adjoint, those next to the cost first.
    private mutating func add(_ group: [AdjointStep], to document: inout LaTeXDocument) {
        func freedom(_ step: AdjointStep) -> Int { step.axes.lazy.filter { !$0.isPoint }.count }
        guard var general = group.first else { return }
        for step in group where freedom(step) > freedom(general) { general = step }
        let names = names(of: general)
        namesByAdjoint[general.adjoint] = names
        formulas.scope.clear()
        enter(general.axes, names: names)
        let element = subject(of: general)
        if options.detail == .brief {
            if group.first?.adjoint == groups.first?.first?.adjoint {
                document.blocks.append(.heading("The derivatives"))
            }
        } else {
            let number = numbers[general.adjoint].map { "\($0). " } ?? ""
            document.blocks.append(.heading("\(number)The derivative with respect to \(element)"))
        }
        let ordered = group.filter { isDirect($0) } + group.filter { !isDirect($0) }
        for step in ordered { add(step, to: &document) }
    }

    func isDirect(_ step: AdjointStep) -> Bool { step.contributions.contains { isCost($0, step) } }

    /// A step: at the last stage, where the chain goes through to the cost, and in general.
    private mutating func add(_ step: AdjointStep, to document: inout LaTeXDocument) {
        let names = names(of: step)
        formulas.scope.clear()
        enter(step.axes, names: names)
        if options.detail == .brief {
            document.append(briefRow(of: step))
            return
        }
        if let reason = reason(for: step) { document.blocks.append(.paragraph(reason)) }
        if options.detail == .full { addRatios(of: step, to: &document) }
        if let instance = lastStage(of: step), reachesCost(instance) {
            formulas.scope.clear()
            enter(instance.axes, names: names)
            addPathsPicture(of: instance, to: &document)
            var row = row(of: instance, isInstance: true)
            row.condition = condition(of: cutAxes(of: instance), instance.quantity)
            document.append(row)
            formulas.scope.clear()
            enter(step.axes, names: names)
            let stages = condition(of: step.axes, step.quantity).map { ", for \($0)" as Prose } ?? ""
            document.blocks.append(.paragraph("In general\(stages):"))
            document.append(self.row(of: step, listsPaths: false))
        } else {
            addPathsPicture(of: step, to: &document)
            document.append(row(of: step))
        }
        addKinks(of: step, to: &document)
    }

    /// Whether the chain of a step goes through to the cost: otherwise its last stage looks like any other.
    private mutating func reachesCost(_ step: AdjointStep) -> Bool {
        guard let contribution = step.contributions.first else { return false }
        let element = subject(of: step)
        return chain(from: contribution, element, costText(step), step).last?.value != nil
    }

    /// A step's axes, as points where the range is that of all of the quantity: it stands in the general step.
    private mutating func cutAxes(of step: AdjointStep) -> [Axis] {
        let indices = indices(of: step.axes)
        var axes = step.axes
        for (position, axis) in step.axes.enumerated() where !axis.isPoint {
            let range = Binder(index: axis.index, lower: axis.lower, upper: axis.upper)
            axes[position].isPoint = formulas.isWholeRange(of: range, in: step.quantity, position, at: indices)
        }
        return axes
    }

    /// The result alone.
    private mutating func briefRow(of step: AdjointStep) -> LaTeXDocument.Row {
        let left = formulas.ratio(costText(step), subject(of: step))
        return LaTeXDocument.Row(
            left: left, right: [formulas.formula(shownForm(step.result))],
            condition: condition(of: step.axes, step.quantity))
    }

    // MARK: One equation

    /// A line of a derivation, with the rule that led to it.
    private typealias Line = (formula: MathLine, note: MathLine?)

    /// - Parameters:
    ///   - isInstance: whether the step is shown at one stage: then its result follows in general.
    ///   - listsPaths: whether each path is shown before the sum over all.
    private mutating func row(
        of step: AdjointStep, isInstance: Bool = false, listsPaths: Bool = true
    ) -> LaTeXDocument.Row {
        let element = subject(of: step)
        let cost = costText(step)
        let left = formulas.ratio(cost, element)
        let paths = listsPaths ? listedPaths(of: step, element, cost) : nil
        let expanded = expanded(step)
        var terms: [(ratios: MathLine, values: MathLine)] = []
        var values = MathLine()
        var seen: Set<[MathToken]> = []
        for contribution in expanded.contributions where !isImpossible(contribution, expanded) {
            var (first, second) = self.terms(of: contribution, element, cost, expanded)
            values.appendTerm(second)
            // Several mentions in one equation are one ratio.
            let isNew = isCost(contribution, expanded) || !contribution.isRatio || seen.insert(first.tokens).inserted
            if !isNew { first = MathLine() }
            terms.append((first, second))
        }
        if values.isEmpty { values.write(.number("0"), width: 0.52) }
        var right: [Line] = []
        // Where each quantity carries one path, the list is the sum itself.
        let isListed = paths.map { $0.count > terms.count || expanded.contributions != step.contributions } ?? false
        if let paths, isListed {
            right.append((pathList(of: paths), FormulaPrinter.words("one product for each path")))
        }
        var ratios = MathLine()
        let marks = paths.map { self.marks(of: $0, terms.map(\.ratios)) } ?? []
        for (position, term) in terms.enumerated() {
            ratios.appendTerm(
                marks.indices.contains(position)
                    ? FormulaPrinter.coloured(term.ratios, path: marks[position]) : term.ratios)
        }
        // Written out term by term, the list says the same.
        if let diagonal = diagonal(of: step) {
            let lines = lines(of: diagonal, element, cost)
            right.append((lines.ratios, ratioNote(step, isSumOfPaths: false, hasList: false)))
            right.append((lines.values, FormulaPrinter.words("the ratio worked out")))
            right.append((ratios, deltaNote(diagonal)))
        } else if !ratios.isEmpty, !(isListed && expanded.contributions != step.contributions) {
            right.append((ratios, ratioNote(step, isSumOfPaths: paths != nil, hasList: isListed)))
        }
        let collapse = collapseLine(of: step)
        if let collapse { right.append(collapse) }
        right.append((values, valueNote(step, collapses: collapse != nil)))
        if !isInstance { right.append((formulas.formula(shownForm(step.result)), resultNote(step, after: values))) }
        // A line that repeats the one before says nothing.
        var lines: [Line] = []
        for line in right where lines.last?.formula.tokens != line.formula.tokens && line.formula.tokens != left.tokens
        {
            lines.append(line)
        }
        return LaTeXDocument.Row(
            left: left, right: lines.map(\.formula), condition: condition(of: step.axes, step.quantity),
            notes: lines.map(\.note))
    }

    /// The colours of a sum's terms: those of its paths, where each quantity has one; empty where a term is too wide for one piece.
    private func marks(of paths: [ListedPath], _ terms: [MathLine]) -> [Int] {
        let marks = paths.map(\.mark)
        // The paths through one quantity have a colour each: their sum has none.
        guard Set(marks).count == terms.count, terms.allSatisfy({ !$0.isEmpty && $0.width < formulas.limit * 0.5 })
        else { return [] }
        return terms.indices.map { $0 }
    }

    /// The cost that a step's adjoint is a derivative of.
    func costText(_ step: AdjointStep) -> FormulaPrinter.Text {
        guard let derivative = system[step.adjoint].derivative,
            case .access(let cost, let at) = system.graph.form(of: derivative.of)
        else { return ([.symbol(.letter("C"))], 0.8) }
        return formulas.access(cost, at)
    }

    /// What one mention adds, as ratios and as what they work out to.
    mutating func terms(
        of contribution: Contribution, _ element: FormulaPrinter.Text, _ cost: FormulaPrinter.Text, _ step: AdjointStep
    ) -> (MathLine, MathLine) {
        var entered: [(IndexID, String)] = []
        var head = sums(over: contribution.binders, &entered)
        if let condition = guards(of: contribution, step) {
            write(condition: condition, to: &head)
            head.write(.gap, width: 0.17, mayBreak: .beforeFactor)
        }
        // What is no ratio by itself stands as what it works out to.
        let isDirect = isCost(contribution, step) || !contribution.isRatio
        let factors = chain(from: contribution, element, cost, step)
        var ratios = head
        // The sign of what is summed stands before the sum.
        let isNegative = !head.isEmpty && factors.first?.value.map { system.graph.printsNegative($0) } == true
        var values = MathLine()
        if isNegative { values.write(.negation, width: 0.8) }
        values.append(head)
        if isDirect {
            write(values: factors, dropsSign: isNegative, to: &values)
            // Where it is not the only path, or there is a sum, what it works out to stands for the ratio.
            ratios =
                step.contributions.count > 1 || !head.isEmpty || !contribution.isRatio
                ? values : directRatio(contribution.through, element)
        } else {
            for (position, factor) in factors.enumerated() {
                write(ratio: factor, isFirst: position == 0, to: &ratios)
            }
            write(values: factors, dropsSign: isNegative, to: &values)
        }
        for (index, preferred) in entered.reversed() { formulas.scope.leave(index, preferred: preferred) }
        return (ratios, values)
    }

    /// The heads of sums; their indices stay in scope.
    mutating func sums(over binders: [Binder], _ entered: inout [(IndexID, String)]) -> MathLine {
        var head = MathLine()
        for (position, binder) in binders.enumerated() {
            formulas.enter(binder, position, of: nil, &entered)
            let (tokens, width) = formulas.bounded(.sum, binder)
            head.write(tokens + [.blank], width: width)
        }
        return head
    }

    /// A condition as a factor: a Kronecker delta, or an indicator.
    mutating func write(condition: ExprID, to line: inout MathLine) {
        if let delta = formulas.kroneckerDelta(condition) {
            line.write(delta, width: 1.3)
        } else {
            let (size, width) = FormulaPrinter.brackets(formulas.measure(condition).height)
            line.write(.indicator, width: 0.6)
            line.open(.square, size, width: width)
            line.append(formulas.formula(condition))
            line.close(.square, size, width: width)
        }
    }

    /// ∂/∂Q of the cost's own right side, where it fits on a line.
    mutating func directRatio(_ quantity: QuantityID, _ element: FormulaPrinter.Text) -> MathLine {
        guard let position = definitions[quantity]?.first,
            case let equation = system.equations[position], equation.axes.isEmpty,
            case let body = shownForm(rewritten[position] ?? equation.body),
            formulas.measure(body).width < formulas.limit * 0.6
        else { return MathLine() }
        var line = MathLine()
        let head = FormulaPrinter.partial(by: element)
        line.write(head)
        formulas.write(body, system.graph.printsNegative(body) || isSum(body) ? .atom : .product, to: &line)
        return line
    }

    func isSum(_ id: ExprID) -> Bool {
        if case .add = system.graph.form(of: id) { return true }
        return false
    }
}

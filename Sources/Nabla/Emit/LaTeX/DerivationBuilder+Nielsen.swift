// The four equations of backpropagation, BP1 to BP4.

extension DerivationBuilder {
    mutating func add(_ form: NielsenForm, to document: inout LaTeXDocument) {
        let cost = costText(form.weightedStep)
        document.blocks.append(.heading("The error of a neuron"))
        document.blocks.append(
            .paragraph(
                "A nudge to the weighted sum of a neuron changes the cost by the neuron's error times the nudge. "
                    + "The four equations are all of backpropagation: the error of the last layer, the error of a layer "
                    + "from the next one, and what an error says of biases and weights."
            ))
        let names = names(of: form.weightedStep)
        enterFresh(form.weightedStep.axes, names)
        let own = indices(of: form.weightedStep.axes)
        let element = formulas.access(form.weighted, own)
        let ratio = formulas.ratio(cost, element)
        document.append(
            LaTeXDocument.Row(
                left: delta(own), right: [FormulaPrinter.line(ratio)],
                condition: condition(of: form.weightedStep.axes, form.weighted),
                notes: [FormulaPrinter.words("definition")]))
        let sum = derivedFactor(form.weightedStep)
        addFirst(form, cost, to: &document)
        addSecond(form, to: &document)
        document.blocks.append(.heading("Biases and weights"))
        for (step, name) in [(form.biasStep, "BP3"), (form.weightStep, "BP4")] {
            let contribution = step.contributions[0]
            enterFresh(step.axes, self.names(of: step))
            let left = formulas.ratio(cost, subject(of: step))
            var ratios = MathLine()
            let middle = formulas.access(contribution.through, contribution.indices)
            let first = formulas.ratio(middle, subject(of: step))
            ratios.append(FormulaPrinter.line(first))
            ratios.write(.gap, width: 0.17, mayBreak: .beforeFactor)
            ratios.append(FormulaPrinter.line(formulas.ratio(cost, middle)))
            var line = MathLine()
            if system.graph.number(contribution.localResult)?.isOne != true {
                formulas.write(contribution.localResult, .product, isLast: false, to: &line)
                line.write(.gap, width: 0.17, mayBreak: .beforeFactor)
            }
            line.append(FormulaPrinter.line(delta(contribution.indices)))
            document.append(
                LaTeXDocument.Row(
                    left: left, right: [ratios, line], condition: condition(of: step.axes, step.quantity),
                    notes: [FormulaPrinter.words("chain rule"), FormulaPrinter.words(name)]))
        }
        addElementwise(form, sum, to: &document)
        addExamples(to: &document, listsAll: true)
    }

    private mutating func enterFresh(_ axes: [Axis], _ names: [String]) {
        formulas.scope.clear()
        enter(axes, names: names)
    }

    /// The error of a neuron.
    private func delta(_ indices: [AffineID]) -> FormulaPrinter.Text {
        formulas.delta(indices)
    }

    /// f′(z), as the record has it.
    private mutating func derivedFactor(_ step: AdjointStep) -> ExprID { shown(step.contributions[0]) }

    /// BP1: the last layer.
    private mutating func addFirst(
        _ form: NielsenForm, _ cost: FormulaPrinter.Text, to document: inout LaTeXDocument
    ) {
        guard let point = form.lastStep.axes.first?.lower else { return }
        let step = instance(of: form.weightedStep, putting: [0: system.graph[point]])
        enterFresh(step.axes, names(of: form.weightedStep))
        let contribution = step.contributions[0]
        let above = formulas.access(contribution.through, contribution.indices)
        let factor = shown(contribution)
        var line = FormulaPrinter.line(formulas.ratio(cost, above))
        line.write(.gap, width: 0.17, mayBreak: .beforeFactor)
        formulas.write(factor, .product, to: &line)
        // ∂C/∂a at this neuron, as the record worked it out.
        var map: [IndexID: Affine] = [:]
        for (axis, index) in zip(form.lastStep.axes, contribution.indices) where !axis.isPoint {
            map[axis.index] = system.graph[index]
        }
        var worked = MathLine()
        let result = formulas.system.graph.substitute(form.lastStep.result, map) ?? form.lastStep.result
        formulas.write(result, .product, isLast: false, to: &worked)
        worked.write(.gap, width: 0.17, mayBreak: .beforeFactor)
        formulas.write(factor, .product, to: &worked)
        document.append(
            LaTeXDocument.Row(
                left: delta(indices(of: step.axes)), right: [line, worked],
                notes: [FormulaPrinter.words("chain rule, BP1"), FormulaPrinter.words("for this cost")]))
    }

    /// BP2: from the layer behind.
    private mutating func addSecond(_ form: NielsenForm, to document: inout LaTeXDocument) {
        let back = form.earlierStep.contributions[0]
        enterFresh(form.earlierStep.axes, names(of: form.weightedStep))
        var entered: [(IndexID, String)] = []
        let own = indices(of: form.earlierStep.axes)
        var map: [IndexID: Affine] = [:]
        for (axis, index) in zip(form.weightedStep.axes, own) where !axis.isPoint {
            map[axis.index] = system.graph[index]
        }
        let factor = shown(form.weightedStep.contributions[0])
        let here = formulas.system.graph.substitute(factor, map) ?? factor
        // A nudge to z goes through its own a to every z of the next layer.
        let weighted = formulas.access(form.weighted, own)
        let activation = formulas.access(form.activation, own)
        var paths = sums(over: back.binders, &entered)
        let next = formulas.access(form.weighted, back.indices)
        for ratio in [formulas.ratio(activation, weighted), formulas.ratio(next, activation), delta(back.indices)] {
            if paths.pieces.count > (back.binders.isEmpty ? 0 : 1) {
                paths.write(.gap, width: 0.17, mayBreak: .beforeFactor)
            }
            paths.append(FormulaPrinter.line(ratio))
        }
        for (index, preferred) in entered.reversed() { formulas.scope.leave(index, preferred: preferred) }
        entered = []
        var line = MathLine()
        let isSum = !back.binders.isEmpty
        if isSum { line.open(.round, .large, width: 0.75) }
        line.append(sums(over: back.binders, &entered))
        formulas.write(back.localResult, .product, isLast: false, to: &line)
        line.write(.gap, width: 0.17, mayBreak: .beforeFactor)
        line.append(FormulaPrinter.line(delta(back.indices)))
        for (index, preferred) in entered.reversed() { formulas.scope.leave(index, preferred: preferred) }
        if isSum { line.close(.round, .large, width: 0.75) }
        line.write(.gap, width: 0.17, mayBreak: .beforeFactor)
        formulas.write(here, .product, to: &line)
        document.append(
            LaTeXDocument.Row(
                left: delta(own), right: [paths, line],
                condition: condition(of: form.earlierStep.axes, form.activation),
                notes: [FormulaPrinter.words(isSum ? "sum over the paths" : "chain rule"), FormulaPrinter.words("BP2")])
        )
    }

    /// The same for whole layers.
    private mutating func addElementwise(_ form: NielsenForm, _ factor: ExprID, to document: inout LaTeXDocument) {
        guard system[form.weighted].axisCount == 2, let last = form.lastStep.axes.first?.lower,
            let axis = form.weightedStep.axes.first,
            case .derivativeCall(let function, _, _) = system.graph.form(of: factor),
            let head = formulas.head(of: function)
        else { return }
        enterFresh([axis], [system.graph.name(of: axis.index)])
        document.blocks.append(.heading("For whole layers"))
        document.blocks.append(
            .paragraph(
                "The same equations, elementwise: \([MathToken.elementwise]) multiplies two vectors element by element, "
                    + "\([MathToken.nabla]) collects the derivatives with respect to the last activations."
            ))
        let cost = costText(form.weightedStep)
        let layer = system.graph[indices(of: [axis])[0]]
        let next = formulas.system.graph.affine(layer.offset(by: 1) ?? layer)
        let before = formulas.system.graph.affine(layer.offset(by: -1) ?? layer)
        let here = formulas.system.graph.affine(layer)
        for row in formulas.elementwise(
            form, cost: cost, function: head, last: last, here: here, next: next, before: before)
        {
            document.append(row)
        }
    }
}

extension FormulaPrinter {
    /// δ at a layer, of a neuron where indices say which.
    func delta(_ indices: [AffineID]) -> Text {
        let above = indices.first.map { text(of: $0) } ?? Text([], 0)
        let below = text(ofIndices: indices.dropFirst())
        let symbol = MathSymbol("delta")
        return (
            symbol.tokens(below: below.tokens, above: above.tokens), 0.7 + 0.75 * max(below.width, above.width + 0.8)
        )
    }

    /// A quantity of a whole layer.
    private func layer(_ quantity: QuantityID, _ stage: AffineID) -> Text {
        let above = text(of: stage)
        let symbol = symbol(of: quantity)
        return (symbol.tokens(above: above.tokens), symbol.baseWidth + 0.75 * above.width + 0.6)
    }

    private func bracketed(_ tokens: [MathToken], _ size: MathToken.BracketSize = .normal) -> [MathToken] {
        [.open(.round, size)] + tokens + [.close(.round, size)]
    }

    /// BP1 to BP4 for vectors and matrices.
    func elementwise(
        _ form: NielsenForm, cost: Text, function: Text, last: AffineID, here: AffineID, next: AffineID,
        before: AffineID
    ) -> [LaTeXDocument.Row] {
        func slope(_ stage: AffineID) -> [MathToken] {
            function.tokens + [.prime(1)] + bracketed(layer(form.weighted, stage).tokens)
        }
        func row(_ left: Text, _ right: [MathToken], _ width: Double, _ name: String) -> LaTeXDocument.Row {
            LaTeXDocument.Row(left: left, right: [Self.line((right, width))], notes: [Self.words(name)])
        }
        func partial(_ quantity: QuantityID) -> Text { ratio(cost, layer(quantity, here)) }
        let activation = symbol(of: form.activation).tokens().grouped(.below(isIndex: true))
        let collected: [MathToken] = [.nabla] + activation + [.blank] + cost.tokens
        let matrix = bracketed(layer(form.weight, next).tokens) + [.transposed, .blank]
        let back = bracketed(matrix + delta([next]).tokens, .big)
        let row1 = collected + [.elementwise] + slope(last)
        let row4 = delta([here]).tokens + [.blank] + bracketed(layer(form.activation, before).tokens) + [.transposed]
        return [
            row(delta([last]), row1, 8, "BP1"), row(delta([here]), back + [.elementwise] + slope(here), 14, "BP2"),
            row(partial(form.bias), delta([here]).tokens, 2, "BP3"), row(partial(form.weight), row4, 6, "BP4"),
        ]
    }
}

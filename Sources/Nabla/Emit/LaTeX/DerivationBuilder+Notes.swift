// The rules' names beside the lines.

extension DerivationBuilder {
    /// Of a sum that is written out term by term.
    private static let oneDelta = "one delta is 1, the others 0"

    /// What a Kronecker delta leaves of a sum.
    mutating func deltaNote(_ diagonal: Diagonal) -> MathLine {
        if options.expandsSums, expanded(diagonal.every).count > 1 { return FormulaPrinter.words(Self.oneDelta) }
        var entered: [(IndexID, String)] = []
        _ = sums(over: diagonal.every.binders, &entered)
        var note = FormulaPrinter.words("of the first part only ")
        note.append(formulas.formula(diagonal.delta))
        note.append(FormulaPrinter.words(" counts"))
        for (index, preferred) in entered.reversed() { formulas.scope.leave(index, preferred: preferred) }
        return note
    }

    /// The chain rule, and where its later factors come from.
    mutating func ratioNote(_ step: AdjointStep, isSumOfPaths: Bool, hasList: Bool) -> MathLine? {
        guard let contribution = step.contributions.first else { return nil }
        if step.contributions.allSatisfy({ isCost($0, step) }), step.contributions.count > 1 {
            return FormulaPrinter.words("sum rule")
        }
        if step.contributions.count == 1, isCost(contribution, step) {
            var note = FormulaPrinter.words("definition of ")
            let cost = costText(step)
            note.write(cost)
            return note
        }
        let rule = hasList ? "add them up" : isSumOfPaths ? "one product for each path" : "chain rule"
        var from: [Int] = []
        for contribution in step.contributions where !isCost(contribution, step) {
            for number in earlierSteps(contribution, step) where !from.contains(number) { from.append(number) }
        }
        let known = from.sorted().map { "\($0)" }
        if known.isEmpty { return FormulaPrinter.words(rule) }
        return FormulaPrinter.words("\(rule), step\(known.count == 1 ? "" : "s") \(known.joined(separator: ", "))")
    }

    /// The steps before this one that the chain uses.
    private func earlierSteps(_ contribution: Contribution, _ step: AdjointStep) -> [Int] {
        guard let own = numbers[step.adjoint] else { return [] }
        var found: [Int] = []
        var adjoint = contribution.adjoint
        var depth = 0
        while depth < Self.longestChain, case .access(let quantity, _) = system.graph.form(of: adjoint) {
            depth += 1
            if let number = numbers[quantity], number < own, !found.contains(number) { found.append(number) }
            guard let position = stepsByAdjoint[quantity]?.first else { break }
            guard let next = steps[position].contributions.first else { break }
            adjoint = next.adjoint
        }
        return found
    }

    /// The rules of differentiation from the equation of the next quantity down to the one in question.
    ///
    /// - Parameter scope: where the path's indices stand, if that is not the step's own.
    func rules(of contribution: Contribution, _ step: AdjointStep, in scope: Scope? = nil) -> [String] {
        var own = Scope(step.axes)
        for binder in contribution.binders { own.enter(binder) }
        guard let place = equation(of: contribution, in: scope ?? own) else { return [] }
        let body = rewritten[place] ?? system.equations[place].body
        return DifferentiationRule.names(from: body, to: step.quantity, in: system)
    }

    func valueNote(_ step: AdjointStep, collapses: Bool) -> MathLine? {
        guard let contribution = step.contributions.first, step.contributions.count == 1 else { return nil }
        if collapses {
            guard let collapse = contribution.collapse else {
                return FormulaPrinter.words("of that sum one term is left")
            }
            if collapse.deltas.count == 1 { return FormulaPrinter.words("the sum keeps that one term") }
            return FormulaPrinter.words("the sums keep that one term")
        }
        if isCost(contribution, step) {
            let rules = rules(of: contribution, step)
            return rules.isEmpty ? nil : FormulaPrinter.words(Array(rules.prefix(3)))
        }
        return FormulaPrinter.words("the ratios worked out")
    }

    /// The rules of the simplifier, or the step that the line refers to.
    mutating func resultNote(_ step: AdjointStep, after values: MathLine) -> MathLine? {
        var references: [Int] = []
        var hasDerivative = false
        for id in system.graph.reachable(from: step.result) {
            switch system.graph.form(of: id) {
            case .access(let quantity, let at):
                guard let number = numbers[quantity], quantity != step.adjoint, !references.contains(number),
                    let (above, below) = formulas.ratio(of: quantity, at), !values.contains(above, below)
                else { continue }
                references.append(number)
            case .derivativeCall: hasDerivative = true
            default: break
            }
        }
        if !references.isEmpty {
            let list = references.sorted().map { "\($0)" }.joined(separator: ", ")
            return FormulaPrinter.words("by step\(references.count == 1 ? "" : "s") \(list)")
        }
        let wasCalled = step.contributions.contains { contribution in
            system.graph.reachable(from: contribution.local).contains {
                if case .derivativeCall = system.graph.form(of: $0) { true } else { false }
            }
        }
        if wasCalled, !hasDerivative { return functionNote(step) }
        let plain = step.rules.filter { rule in
            rule != Rule.arithmetic.rawValue && rule != Rule.functionDerivative.rawValue
                && rule.unicodeScalars.allSatisfy { $0 == " " || LaTeXText.isASCIILetterOrDigit($0) }
        }
        if plain.isEmpty { return FormulaPrinter.words("simplified") }
        return FormulaPrinter.words(Array(plain.prefix(options.detail == .full ? 3 : 1)))
    }

    /// σ′ in terms of a, say.
    private mutating func functionNote(_ step: AdjointStep) -> MathLine {
        guard step.contributions.count == 1, let contribution = step.contributions.first else {
            return FormulaPrinter.words("the known derivative")
        }
        return functionNote(contribution, step.result)
    }

    /// The same for one ratio.
    mutating func functionNote(_ contribution: Contribution, _ result: ExprID) -> MathLine {
        for id in system.graph.reachable(from: contribution.local) {
            guard case .derivativeCall(let function, let positions, _) = system.graph.form(of: id),
                positions.count == 1, let head = formulas.head(of: function)
            else { continue }
            var note = MathLine()
            note.write(head.tokens + [.prime(1)], width: head.width + 0.3)
            let usesValue = system.graph.reachable(from: result).contains {
                if case .access(contribution.through, _) = system.graph.form(of: $0) { true } else { false }
            }
            if !usesValue {
                note.append(FormulaPrinter.words(" is known"))
                return note
            }
            note.append(FormulaPrinter.words(" in terms of "))
            let value = formulas.access(contribution.through, contribution.indices)
            note.write(value)
            return note
        }
        return FormulaPrinter.words("the known derivative")
    }

    /// Before a sum collapses: all of its terms, with the Kronecker deltas that leave one.
    mutating func collapseLine(of step: AdjointStep) -> (formula: MathLine, note: MathLine?)? {
        guard step.contributions.count == 1, let contribution = step.contributions.first,
            isCost(contribution, step), guards(of: contribution, step) == nil
        else { return nil }
        let names = Array(rules(of: contribution, step).prefix(2))
        if let collapse = contribution.collapse {
            var entered: [(IndexID, String)] = []
            defer { leave(entered) }
            let line = line(of: collapse, under: contribution.binders, &entered)
            if contribution.binders.isEmpty, expandedTerms(collapse) != nil {
                return (line, FormulaPrinter.words(names + [Self.oneDelta]))
            }
            return (line, note(names, collapse.deltas))
        }
        // Several mentions in one equation: each with its own sum.
        let mentions = contribution.mentions
        guard contribution.binders.isEmpty, mentions.contains(where: { $0.collapse != nil && $0.binders.isEmpty }),
            mentions.allSatisfy({ guards(of: $0, step) == nil })
        else { return nil }
        var line = MathLine()
        var note: MathLine?
        for mention in mentions {
            var entered: [(IndexID, String)] = []
            defer { leave(entered) }
            // Under other sums the term that is left says more than the sum that it is left of.
            if let collapse = mention.collapse, mention.binders.isEmpty {
                line.appendTerm(self.line(of: collapse, under: [], &entered))
                if expandedTerms(collapse) != nil {
                    note = FormulaPrinter.words(names + [Self.oneDelta])
                } else if note == nil {
                    note = self.note(names, collapse.deltas)
                }
            } else {
                var term = sums(over: mention.binders, &entered)
                let local = shownForm(mention.localResult)
                formulas.write(local, term.isEmpty ? .sum : .product, to: &term)
                line.appendTerm(term)
            }
        }
        return (line, note)
    }

    private mutating func leave(_ entered: [(IndexID, String)]) {
        for (index, preferred) in entered.reversed() { formulas.scope.leave(index, preferred: preferred) }
    }

    /// Which term counts.
    private mutating func note(_ names: [String], _ deltas: [ExprID]) -> MathLine {
        var note = FormulaPrinter.words((names + ["only "]).joined(separator: ", "))
        for (position, delta) in deltas.enumerated() {
            if position > 0 { note.append(FormulaPrinter.words(", ")) }
            note.append(formulas.formula(delta))
        }
        note.append(FormulaPrinter.words(" counts"))
        return note
    }

    /// Σ of the terms' derivatives with their Kronecker deltas.
    mutating func line(
        of collapse: Collapse, under outer: [Binder], _ entered: inout [(IndexID, String)]
    ) -> MathLine {
        if outer.isEmpty, let terms = expandedTerms(collapse) {
            var written = MathLine()
            for term in terms { written.appendTerm(line(of: term, under: [], &entered)) }
            return written
        }
        var line = sums(over: outer + collapse.binders, &entered)
        let local = shownForm(collapse.local)
        let isOne = system.graph.number(local)?.isOne == true
        if !isOne {
            formulas.write(local, system.graph.printsNegative(local) ? .atom : .product, isLast: false, to: &line)
        }
        for delta in collapse.deltas {
            if !isOne { line.write(.gap, width: 0.17, mayBreak: .beforeFactor) }
            write(condition: delta, to: &line)
        }
        return line
    }
}

extension MathLine {
    /// Whether a ratio stands in the line.
    func contains(_ above: FormulaPrinter.Text, _ below: FormulaPrinter.Text) -> Bool {
        let ratio = [MathToken].fraction(above.tokens, below.tokens)
        let all = tokens
        guard all.count >= ratio.count else { return false }
        return (0...all.count - ratio.count).contains { all[$0..<$0 + ratio.count].elementsEqual(ratio) }
    }
}

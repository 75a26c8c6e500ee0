extension CountFormula {
    /// The formula in the language's own notation: `6*N*K + 2*K`, `sum(l in 1...L: 2*n(l)*n(l-1))`.
    func text(in system: System) -> String { CountPrinter(system: system).text(self) }
}

/// Prints counts.
private struct CountPrinter {
    let system: System

    func text(_ formula: CountFormula) -> String {
        var text = ""
        for (term, body) in merged(formula) {
            let isNegative = term.coefficient < 0
            let part = body ?? self.text(term)
            if text.isEmpty {
                text = isNegative ? "-" + part : part
            } else {
                text += (isNegative ? " - " : " + ") + part
            }
        }
        return text.isEmpty ? "0" : text
    }

    /// The terms in order, sums over the same range as one.
    private func merged(_ formula: CountFormula) -> [(CountFormula.Term, String?)] {
        var result: [(CountFormula.Term, String?)] = []
        var sums: [CountFormula.Term: Int] = [:]
        var bodies: [Int: CountFormula] = [:]
        for term in formula.terms {
            let sum = term.factors.firstIndex {
                if case .sum = $0.atom { return $0.exponent == 1 }
                return false
            }
            guard let place = sum,
                case .sum(let index, let lower, let upper, let body) = term.factors[place].atom
            else {
                result.append((term, nil))
                continue
            }
            // Alike but for what is summed, which takes in the coefficient.
            var frame = term
            frame.coefficient = 1
            frame.factors[place].atom = .sum(index, lower: lower, upper: upper, CountFormula(0))
            let inner = body * CountFormula(term.coefficient)
            if let known = sums[frame] {
                bodies[known] = (bodies[known] ?? CountFormula(0)) + inner
            } else {
                sums[frame] = result.count
                bodies[result.count] = inner
                result.append((frame, nil))
            }
        }
        for (position, body) in bodies {
            var term = result[position].0
            for place in term.factors.indices {
                if case .sum(let index, let lower, let upper, let old) = term.factors[place].atom, old.terms.isEmpty {
                    term.factors[place].atom = .sum(index, lower: lower, upper: upper, body)
                }
            }
            result[position] = (term, nil)
        }
        return result
    }

    private func text(_ term: CountFormula.Term) -> String {
        let magnitude = term.coefficient < 0 ? term.coefficient.negated : term.coefficient
        var parts = term.factors.map { text($0) }
        // Letters before sums.
        if magnitude != 1 || parts.isEmpty { parts.insert(magnitude.description, at: 0) }
        return parts.joined(separator: "*")
    }

    private func text(_ factor: CountFormula.Factor) -> String {
        let atom = text(factor.atom)
        return factor.exponent == 1 ? atom : "\(atom)^\(factor.exponent)"
    }

    private func text(_ atom: CountFormula.Atom) -> String {
        switch atom {
        case .index(let index): system.graph.name(of: index)
        case .size(let size): system[size].name
        case .stagedSize(let size, let stage): "\(system[size].name)(\(system.description(of: stage)))"
        case .examples: "examples"
        case .larger(let left, let right): "max(\(text(left)), \(text(right)))"
        case .holds(let condition): "[\(text(condition: condition))]"
        case .sum(let index, let lower, let upper, let body):
            "sum(\(system.graph.name(of: index)) in \(range(lower, upper)): \(text(body)))"
        }
    }

    private func text(condition: ExprID) -> String {
        guard case .compare(let comparison, let left, let right) = system.graph.form(of: condition) else { return "?" }
        func side(_ id: ExprID) -> String {
            if case .integer(let affine) = system.graph.form(of: id) { return system.description(of: affine) }
            return system.graph.number(id)?.description ?? "?"
        }
        return "\(side(left)) \(comparison.symbol) \(side(right))"
    }

    private func range(_ lower: LoopBound, _ upper: LoopBound) -> String {
        if let low = lower.asAffine, let high = upper.asAffine {
            if let last = system.graph[high].offset(by: -1), !last.terms.isEmpty || !system.graph[low].terms.isEmpty,
                system.graph[low].constant != 0
            {
                return "\(system.description(of: low))...\(system.description(of: last))"
            }
            return "\(system.description(from: low, to: high))"
        }
        return "\(lower.description(in: system))..<\(upper.description(in: system))"
    }
}

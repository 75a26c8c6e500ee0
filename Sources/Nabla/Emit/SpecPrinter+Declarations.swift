// Sizes, stages, declared quantities and functions.

extension SpecPrinter {
    func text(of size: Size) -> String {
        var text = "size \(size.name)"
        if let (lower, upper) = size.stageRange { text += "(\(rangeText(lower, upper, closed: true)))" }
        switch size.definition {
        case .symbolic: break
        case .formula(let formula): text += " = \(plain(formula))"
        case .table(let formulas): text += " = [\(formulas.map { plain($0) }.joined(separator: ", "))]"
        }
        return text + "\n"
    }

    func text(of stage: Stage) -> String {
        let keyword = stage.kind == .step ? "step" : "layer"
        return "\(keyword) \(stage.name) in \(rangeText(stage.lower, stage.upper, closed: true))\n"
    }

    mutating func text(of function: UserFunction) -> String {
        var line = SpecLine()
        line.write("func \(function.name)(\(function.parameters.joined(separator: ", ")))")
        if let body = function.body {
            line.write(" = ")
            var scope = makeScope(for: [])
            var records = RangeRecords()
            print(body, .select, parameters: function.parameters, to: &line, scope: &scope, records: &records)
        }
        return line.lines
    }

    /// Quantities that are declared together; one line for each part that has one role and one documentation.
    func declarations(_ ids: [QuantityID]) -> String {
        var text = ""
        var line = SpecLine()
        var previous: Quantity?
        for id in ids where system.quantities.indices.contains(Int(id.raw)) {
            let quantity = system[id]
            if let previous, previous.role == quantity.role, previous.documentation == quantity.documentation {
                line.writeBreakable(", ")
            } else {
                if previous != nil { text += line.lines }
                text += documented(quantity.documentation)
                line = SpecLine()
                line.write(quantity.role.keyword + " ")
            }
            previous = quantity
            write(declaration: quantity, to: &line)
        }
        if previous != nil { text += line.lines }
        return text
    }

    private func write(declaration quantity: Quantity, to line: inout SpecLine) {
        line.write(quantity.name)
        let axes = quantity.domains.first ?? []
        let stages = axes.prefix(quantity.stageCount)
        let elements = axes.dropFirst(quantity.stageCount)
        if !stages.isEmpty {
            let texts = stages.enumerated().map { position, axis -> String in
                let name = system.graph.name(of: axis.index)
                if let stage = stagesByName[name], stage.kind == system.graph.kind(of: axis.index),
                    system.isEqual(stage.lower, axis.lower), system.isEqual(stage.upper, axis.upper)
                {
                    return name
                }
                let range = rangeText(axis.lower, axis.upper, closed: true)
                let isUsed = axes.dropFirst(position + 1).contains {
                    system.graph.depends($0.lower, on: axis.index) || system.graph.depends($0.upper, on: axis.index)
                }
                return isUsed ? "\(name) in \(range)" : range
            }
            line.write("(\(texts.joined(separator: ", ")))")
        }
        if !elements.isEmpty {
            line.write("[\(elements.map { text(of: $0.upper) }.joined(separator: ", "))]")
        }
        if quantity.isDistribution { line.write(" distribution") }
        if let values = quantity.constantValues {
            line.write(" = ")
            write(values: values, axes: axes, to: &line)
        }
    }

    /// The values of a constant, one list inside another for each axis.
    private func write(values: [ExprID], axes: [Axis], to line: inout SpecLine) {
        if axes.isEmpty {
            if let value = values.first { line.write(plain(value)) }
            return
        }
        var map: [IndexID: Affine] = [:]
        // Of each open list, its axis's next value and the end.
        var lists: [(next: Int, end: Int)] = []
        var graph = system.graph
        func bound(_ affine: AffineID) -> Int? {
            graph.substitute(affine, map).flatMap { system.expandingSizes(graph[$0]).asConstant }
        }
        var position = 0
        while position < values.count {
            if lists.count < axes.count {
                let axis = axes[lists.count]
                // Where a size is not known the values cannot be told apart: one list for all.
                guard let lower = bound(axis.lower), let upper = bound(axis.upper), lower < upper else { break }
                line.open("[")
                lists.append((lower, upper))
                map[axis.index] = Affine(lower)
                continue
            }
            line.write(plain(values[position]))
            position += 1
            while var list = lists.popLast() {
                list.next += 1
                if list.next < list.end {
                    map[axes[lists.count].index] = Affine(list.next)
                    lists.append(list)
                    line.writeBreakable(", ")
                    break
                }
                line.close("]")
            }
            if lists.isEmpty { return }
        }
        if position == 0 { line.write("[" + values.map { plain($0) }.joined(separator: ", ") + "]") }
        while lists.popLast() != nil { line.close("]") }
    }

    /// An expression without indices and reductions, such as a size's formula, on one line.
    func plain(_ expression: ExprID) -> String {
        var copy = self
        var line = SpecLine()
        var scope = IndexScope(reserved: [], avoided: []) { base, number in "\(base)\(number)" }
        var records = RangeRecords()
        copy.print(expression, .select, parameters: [], to: &line, scope: &scope, records: &records)
        return line.singleLine
    }

    // MARK: Affine expressions

    /// An affine expression of the system, tight: `2*i+p-1`, `n(l-1)`.
    func text(of affine: AffineID, _ scope: IndexScope? = nil) -> String { text(of: system.graph[affine], scope) }

    func text(of affine: Affine, _ scope: IndexScope? = nil, separator: String = "") -> String {
        var result = ""
        func add(_ isNegative: Bool, _ part: String) {
            if result.isEmpty {
                result = (isNegative ? "-" : "") + part
            } else {
                result += separator + (isNegative ? "-" : "+") + separator + part
            }
        }
        func add(_ term: Affine.Term) {
            let magnitude = term.coefficient.magnitude
            let atom = text(of: term.atom, scope)
            add(term.coefficient < 0, magnitude == 1 ? atom : "\(magnitude)*\(atom)")
        }
        let terms = scope?.ordered(affine.terms) ?? affine.terms
        for term in terms where term.coefficient > 0 { add(term) }
        if affine.constant > 0 && result.isEmpty || affine.terms.isEmpty {
            add(affine.constant < 0, "\(affine.constant.magnitude)")
            for term in terms where term.coefficient < 0 { add(term) }
            return result
        }
        for term in terms where term.coefficient < 0 { add(term) }
        if affine.constant != 0 { add(affine.constant < 0, "\(affine.constant.magnitude)") }
        return result
    }

    private func text(of atom: AffineAtom, _ scope: IndexScope?) -> String {
        switch atom {
        case .index(let index): scope?.name(of: index) ?? system.graph.name(of: index)
        case .size(let id): system[id].name
        case .stagedSize(let id, let stage):
            "\(system[id].name)(\(text(of: system.graph[stage], scope)))"
        }
    }

    /// A range: half-open, or closed where that is asked for and where the end is written shorter so.
    func rangeText(_ lower: AffineID, _ upper: AffineID, closed: Bool, _ scope: IndexScope? = nil) -> String {
        let first = text(of: lower, scope)
        let end = system.graph[upper]
        if end.asConstant != nil ? closed : end.constant > 0, let last = end.offset(by: -1) {
            return "\(first)...\(text(of: last, scope))"
        }
        return "\(first)..<\(text(of: upper, scope))"
    }
}

// How large each node prints, from the leaves up.

extension FormulaPrinter {
    /// The widest fraction, root or list of cases, in em: what is wider takes a form that can be broken.
    var widestBlock: Double { limit * 0.5 }
    static let deepestNesting = 4

    /// The measure of an expression, measured before or now.
    mutating func measure(_ root: ExprID) -> Measure {
        if measures.count < system.graph.count {
            measures.append(contentsOf: repeatElement(nil, count: system.graph.count - measures.count))
        }
        if let known = measures[Int(root.raw)] { return known }
        var stack: [(id: ExprID, expanded: Bool)] = [(root, false)]
        while let (id, expanded) = stack.popLast() {
            if expanded {
                measures[Int(id.raw)] = computed(id)
            } else if measures[Int(id.raw)] == nil {
                stack.append((id, true))
                system.graph.forEachChild(of: id) { if measures[Int($0.raw)] == nil { stack.append(($0, false)) } }
            }
        }
        return known(root)
    }

    /// The measure of an expression whose parents are being measured.
    func known(_ id: ExprID) -> Measure {
        Int(id.raw) < measures.count
            ? measures[Int(id.raw)] ?? Measure(width: 1, height: 1) : Measure(width: 1, height: 1)
    }

    /// An operand with the brackets that its place asks for.
    func operand(_ id: ExprID, _ place: Precedence) -> Measure {
        var measure = known(id)
        if precedence(of: id) < place {
            measure.width += 2 * FormulaPrinter.brackets(measure.height).width
            measure.height += 0.1
        }
        return measure
    }

    /// Whether a formula may stand inside a fraction or under a root.
    func fits(_ measure: Measure) -> Bool {
        measure.width <= widestBlock && measure.nesting < Self.deepestNesting && measure.height <= 6
    }

    /// Whether a formula may stand as an exponent.
    func fitsExponent(_ measure: Measure) -> Bool {
        measure.width <= 9 && measure.nesting < 2 && measure.height <= 1.7
    }

    // MARK: Nodes

    private mutating func computed(_ id: ExprID) -> Measure {
        switch system.graph.form(of: id) {
        case .number(let value, let literal):
            let text = text(of: value, literal)
            let isFraction = literal == nil && NumberForm(value).isFraction
            return Measure(width: text.width + (value.sign < 0 ? 0.8 : 0), height: isFraction ? 1.9 : 1)
        case .pi: return Measure(width: 0.6, height: 1)
        case .integer(let affine): return Measure(width: text(of: affine).width * 1.3, height: 1.1)
        case .argument: return Measure(width: 0.7, height: 1)
        case .access(let quantity, let indices):
            if let (above, below) = peekedRatio(quantity, indices) {
                return Measure(width: max(above, below) + 0.3, height: 2.4, nesting: 1)
            }
            let hasStages = system[quantity].stageCount > 0
            return Measure(
                width: access(quantity, indices).width, height: hasStages ? 1.35 : indices.isEmpty ? 1 : 1.15,
                nesting: 0)
        case .add(let terms):
            var sum = Measure(width: terms.isEmpty ? 0.5 : 0, height: 1)
            for (position, term) in terms.enumerated() {
                let part = operand(term, position == 0 ? .sum : .product)
                sum.width += part.width + (position == 0 ? 0 : 1.25)
                sum.include(part)
            }
            return sum
        case .multiply: return measure(of: ProductShape(of: id, in: system.graph, movesNumber: true))
        case .negate(let inner):
            var measure = operand(inner, .product)
            measure.width += 0.8
            return measure
        case .divide(let dividend, let divisor):
            return fraction(operand(dividend, .select), operand(divisor, .select))
        case .power(let base, let exponent):
            if (system.graph.number(exponent)?.sign ?? 1) < 0 {
                return measure(of: ProductShape(of: id, in: system.graph, movesNumber: true))
            }
            if isRoot(exponent), fits(known(base)) { return root(known(base)) }
            return power(operand(base, .atom), known(exponent))
        case .call(let function, let arguments): return call(function, arguments)
        case .derivativeCall(_, let positions, let arguments):
            return arguments.reduce(into: Measure(width: 2.5 + 0.4 * Double(positions.count), height: 1.1)) {
                let part = known($1)
                $0.width += part.width + 0.5
                $0.include(part)
            }
        case .select(let condition, let then, let otherwise):
            let (test, first, second) = (known(condition), known(then), known(otherwise))
            switch selectForm(condition, then, otherwise) {
            case .indicator: return Measure(width: test.width + 1.6, height: test.height, nesting: test.nesting)
            case .guarded:
                var all = operand(then, .product)
                all.width += test.width + 1.8
                all.include(test)
                return all
            case .delta(_, let hasFactor):
                if !hasFactor { return Measure(width: 1.3, height: 1.15) }
                let factor = operand(then, .product)
                return Measure(width: 1.5 + factor.width, height: factor.height, nesting: factor.nesting)
            case .cases:
                return Measure(
                    width: max(first.width, second.width) + test.width + 4, height: first.height + second.height + 1,
                    nesting: max(test.nesting, first.nesting, second.nesting) + 1)
            case .call:
                var all = Measure(width: test.width + first.width + second.width + 3, height: 1.1)
                all.include(test)
                all.include(first)
                all.include(second)
                return all
            }
        case .compare(_, let left, let right):
            var measure = operand(left, .sum)
            let second = operand(right, .sum)
            measure.width += second.width + 1.4
            measure.include(second)
            return measure
        case .and(let conditions), .or(let conditions):
            return conditions.reduce(into: Measure(width: 0.5, height: 1)) {
                let part = operand($1, .comparison)
                $0.width += part.width + 2.6
                $0.include(part)
            }
        case .not(let condition):
            var measure = known(condition)
            measure.width += 1.7
            return measure
        case .boolean: return Measure(width: 2.2, height: 1)
        case .reduceExamples(let kind, let body):
            if system.graph.number(body)?.isOne == true, kind == .sum { return Measure(width: 1, height: 1) }
            var measure = operand(body, .product)
            measure.width += kind == .mean ? 5.6 : 4
            measure.height = max(measure.height, 2.6)
            return measure
        case .reduce(let kind, let binders, let body):
            var measure = kind == .logSumExp ? known(body) : operand(body, .product)
            for binder in binders {
                let bounds = max(
                    1.5 + 0.75 * text(of: binder.lower).width, 0.75 * text(of: binder.upper).width + 1)
                measure.width += max(1.5, bounds) + 0.2
            }
            measure.width += kind == .mean ? 3 : kind == .logSumExp ? 3 : 0
            measure.height = max(measure.height, 2.6)
            return measure
        case .extremum(_, let binders, let body, let targets):
            var measure = operand(body, .product)
            measure.width += 5 + 2 * Double(binders.count) + text(ofIndices: targets).width
            for binder in binders where !isWholeRange(of: binder, in: body) {
                measure.width += 0.5 * (text(of: binder.lower).width + text(of: binder.upper).width)
            }
            measure.height = max(measure.height, 1.8)
            return measure
        }
    }

    /// The widths of a derivative's numerator and denominator; nil where the quantity is none.
    private func peekedRatio(_ quantity: QuantityID, _ indices: [AffineID]) -> (Double, Double)? {
        var below = 0.0
        var current = quantity
        var at = indices
        var order = 0
        while let definition = system[current].derivative, order < 8 {
            below += access(definition.wrt, system.indicesBelow(current, at)).width + 0.8
            guard case .access(let cost, let costIndices) = system.graph.form(of: definition.of) else { return nil }
            at = costIndices
            current = cost
            order += 1
        }
        return order == 0 ? nil : (access(current, at).width + 1, below)
    }

    func fraction(_ above: Measure, _ below: Measure) -> Measure {
        let nesting = max(above.nesting, below.nesting)
        let stacked = Measure(
            width: max(above.width, below.width) + 0.3, height: above.height * 0.85 + below.height * 0.85 + 0.2,
            nesting: nesting + 1)
        if fits(above) && fits(below) { return stacked }
        return Measure(
            width: above.width + below.width + 2.5, height: max(above.height, below.height), nesting: nesting)
    }

    func root(_ base: Measure) -> Measure {
        Measure(width: base.width + 0.95, height: base.height + 0.3, nesting: base.nesting + 1)
    }

    func power(_ base: Measure, _ exponent: Measure) -> Measure {
        if !fitsExponent(exponent) {
            return Measure(
                width: base.width + exponent.width + 3, height: max(base.height, exponent.height),
                nesting: max(base.nesting, exponent.nesting))
        }
        return Measure(
            width: base.width + exponent.width * 0.75, height: base.height + exponent.height * 0.35,
            nesting: max(base.nesting, exponent.nesting + 1))
    }

    private func call(_ function: FunctionReference, _ arguments: [ExprID]) -> Measure {
        if case .standard(let id) = function {
            let parts = arguments.map { known($0) }
            switch FunctionTable.standard[id].latex {
            case .exponential where parts.count == 1 && fitsExponent(parts[0]):
                return power(Measure(width: 0.5, height: 0.8), parts[0])
            case .magnitude where parts.count == 1:
                return Measure(width: parts[0].width + 0.8, height: parts[0].height, nesting: parts[0].nesting)
            case .radical where parts.count == 1 && fits(parts[0]): return root(parts[0])
            case .power where parts.count == 2 && fitsExponent(parts[1]):
                return power(operand(arguments[0], .atom), parts[1])
            default: break
            }
        }
        var measure = Measure(width: head(of: function)?.width ?? 2, height: 1.1)
        for argument in arguments {
            let part = known(argument)
            measure.width += part.width + 0.5
            measure.include(part)
        }
        measure.width += 2 * FormulaPrinter.brackets(measure.height).width
        return measure
    }
}

extension FormulaPrinter.Measure {
    /// Makes room for another formula beside this one.
    mutating func include(_ other: FormulaPrinter.Measure) {
        height = max(height, other.height)
        nesting = max(nesting, other.nesting)
    }
}

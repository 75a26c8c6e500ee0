// Expressions with numbers put in for their symbols.

extension DerivationBuilder {
    /// A formula of numbers.
    struct NumberPart {
        var line = MathLine()
        /// How tightly its outermost operator binds.
        var binding = Precedence.atom
        /// Whether it is taller than a line of digits.
        var isTall = false
        /// Whether no number in it is rounded.
        var isExact = true
        /// Whether it is one number, whose sign is its own.
        var isNumber = false
        /// A product that begins with a negative number, with that in brackets: behind another term it stands so.
        var asTerm: MathLine?
    }

    /// Deeper in an expression, the value of a part stands for the part.
    private static let deepest = 6
    /// Longer sums show their first two terms and the last.
    static let mostShown = 4
    /// The most values of a sum that are looked at for those that count.
    static let mostValues = 100_000

    // MARK: Values

    func part(of value: Double) -> NumberPart {
        let number = RoundedNumber(value)
        var line = MathLine()
        line.write(number.tokens, width: number.width)
        return NumberPart(
            line: line, binding: number.isNegative ? .negation : number.tokens.count > 1 ? .product : .atom,
            isExact: number.isExact, isNumber: true)
    }

    private mutating func value(of id: ExprID, _ example: Int?) -> NumberPart {
        part(of: table?.value(of: id, example: example) ?? 0)
    }

    /// An expression without free indices, with numbers put in.
    ///
    /// - Parameter example: in a sum over the examples, which one; otherwise the one that is shown.
    mutating func part(of id: ExprID, depth: Int = 0, isInSum: Bool = false, example: Int? = nil) -> NumberPart {
        guard depth < Self.deepest else { return value(of: id, example) }
        func inner(_ id: ExprID, _ builder: inout Self) -> NumberPart {
            builder.part(of: id, depth: depth + 1, isInSum: isInSum, example: example)
        }
        switch system.graph.form(of: id) {
        case .number(let number, let literal):
            let text = formulas.text(of: number.magnitude, literal)
            var part = NumberPart(isNumber: true)
            part.isTall = text.tokens.first == .begin(.fraction)
            part.line.write((number.sign < 0 ? [.negation] : []) + text.tokens, width: text.width + 0.8)
            if number.sign < 0 { part.binding = .negation }
            return part
        case .pi:
            var part = NumberPart()
            part.line = formulas.formula(id)
            return part
        case .integer(let affine):
            guard let value = table?.arithmetic.value(affine, in: system.graph) else { return value(of: id, example) }
            return part(of: Double(value))
        case .access(let quantity, let indices):
            let places = indices.compactMap { table?.arithmetic.value($0, in: system.graph) }
            if places.count == indices.count,
                let value = table?.element(quantity, places, example: example)
            {
                return part(of: value)
            }
            return value(of: id, example)
        case .negate(let operand):
            return negated(inner(operand, &self))
        case .add(let terms): return sum(of: terms.map { inner($0, &self) })
        case .multiply, .divide: return quotient(id) { inner($0, &$1) } ?? value(of: id, example)
        case .power(let base, let exponent):
            guard let number = system.graph.number(exponent) else { return value(of: id, example) }
            if number.sign < 0 { return quotient(id) { inner($0, &$1) } ?? value(of: id, example) }
            let base = inner(base, &self)
            if base.line.width > formulas.limit * 0.4 { return value(of: id, example) }
            let text = formulas.text(of: number, nil)
            var part = NumberPart(binding: .power)
            append(base, .atom, to: &part)
            part.line.write(text.tokens.grouped(.above(isIndex: false)), width: 0.75 * text.width)
            return part
        case .select(let condition, let then, let otherwise):
            guard let holds = holds(condition, [:], example) else { return NumberPart() }
            return inner(holds ? then : otherwise, &self)
        case .reduce(.sum, let binders, let body) where !isInSum:
            return sum(over: binders, guards: [], factors: factors(of: body), depth: depth, example: example)
                ?? value(of: id, example)
        case .reduceExamples(let kind, let body) where !isInSum && (kind == .sum || kind == .mean):
            return overExamples(body, isMean: kind == .mean, depth: depth)
        default: return value(of: id, example)
        }
    }

    /// Whether a condition holds; nil where that has to be computed first.
    private mutating func holds(_ condition: ExprID, _ indices: [IndexID: Int], _ example: Int?) -> Bool? {
        if let known = known(condition, indices) { return known }
        guard indices.isEmpty else { return nil }
        let one = formulas.system.graph.makeNumber(1)
        let zero = formulas.system.graph.makeNumber(0)
        let indicator = formulas.system.graph.makeSelect(condition, then: one, otherwise: zero)
        return table?.value(of: indicator, example: example).map { $0 != 0 }
    }

    /// Whether a condition on indices holds; nil for others.
    private func known(_ condition: ExprID, _ indices: [IndexID: Int]) -> Bool? {
        switch system.graph.form(of: condition) {
        case .boolean(let value): return value
        case .compare(let comparison, let left, let right):
            guard let first = affine(left).flatMap({ value(of: $0, indices) }),
                let second = affine(right).flatMap({ value(of: $0, indices) })
            else { return nil }
            return comparison.holds(first, second)
        case .and(let conditions):
            var holds = true
            for condition in conditions {
                // Flat: a condition inside of a condition is computed.
                guard case .compare = system.graph.form(of: condition), let own = known(condition, indices) else {
                    return nil
                }
                holds = holds && own
            }
            return holds
        default: return nil
        }
    }

    private func value(of affine: Affine, _ indices: [IndexID: Int]) -> Int? {
        var graph = system.graph
        return table?.arithmetic.value(graph.affine(affine), indices, in: graph)
    }

    // MARK: Operators

    /// Writes an operand, in brackets where it binds looser than its place asks for.
    private func append(_ operand: NumberPart, _ place: Precedence, to part: inout NumberPart) {
        part.isExact = part.isExact && operand.isExact
        part.isTall = part.isTall || operand.isTall
        if operand.binding >= place {
            part.line.append(operand.line)
            return
        }
        let (size, width) = FormulaPrinter.brackets(operand.isTall ? 2 : 1)
        part.line.open(.round, size, width: width)
        part.line.append(operand.line)
        part.line.close(.round, size, width: width)
    }

    /// Terms added up.
    func joined(_ terms: [NumberPart]) -> NumberPart { sum(of: terms) }

    private func sum(of terms: [NumberPart], leavingOut isCut: Bool = false) -> NumberPart {
        guard terms.count != 1, let first = terms.first else { return terms.first ?? part(of: 0) }
        var part = NumberPart(binding: .sum)
        part.line.append(first.line)
        part.isExact = first.isExact
        part.isTall = first.isTall
        for (position, term) in terms.enumerated().dropFirst() {
            if isCut, position == terms.count - 1 { part.line.appendTerm(FormulaPrinter.leftOut) }
            var own = NumberPart()
            // The sign of a number is its own; an operator's is the sum's.
            var behind = term
            if let line = term.asTerm { behind.line = line }
            append(behind, term.isNumber && term.binding == .negation ? .atom : .product, to: &own)
            part.line.appendTerm(own.line)
            part.isExact = part.isExact && own.isExact
            part.isTall = part.isTall || own.isTall
        }
        return part
    }

    /// Factors side by side, in their order.
    private func product(of factors: [NumberPart]) -> NumberPart {
        guard factors.count != 1, let first = factors.first else { return factors.first ?? part(of: 1) }
        var part = product(of: factors, first: .product)
        if first.isNumber, first.binding == .negation { part.asTerm = product(of: factors, first: .power).line }
        return part
    }

    private func product(of factors: [NumberPart], first: Precedence) -> NumberPart {
        var part = NumberPart(binding: .product)
        for (position, factor) in factors.enumerated() {
            let place: Precedence = position == 0 ? first : factor.binding == .product ? .product : .power
            let isBracketed = factor.binding < place
            if position > 0, !isBracketed {
                part.line.write(.dot, width: 0.75, mayBreak: .beforeFactor)
            } else if position > 0, factors[position - 1].binding >= .product, !part.line.isEmpty {
                part.line.write(.implied, width: 0.05)
            }
            append(factor, place, to: &part)
        }
        return part
    }

    /// A product or a quotient; nil where its fraction is too wide.
    private mutating func quotient(
        _ id: ExprID, _ inner: (ExprID, inout Self) -> NumberPart
    ) -> NumberPart? {
        var above: [NumberPart] = []
        var below: [NumberPart] = []
        var isNegative = false
        if case .divide(let dividend, let divisor) = system.graph.form(of: id) {
            above = [inner(dividend, &self)]
            below = [inner(divisor, &self)]
        } else {
            let shape = ProductShape(of: id, in: system.graph, movesNumber: true)
            isNegative = shape.isNegative
            if let (magnitude, literal) = shape.coefficient {
                let text = formulas.text(of: magnitude, literal)
                var part = NumberPart(isNumber: true)
                part.isTall = text.tokens.first == .begin(.fraction)
                part.line.write(text)
                above.append(part)
            }
            for factor in shape.numerator { above.append(self.factor(factor, inner)) }
            for factor in shape.denominator { below.append(self.factor(factor, inner)) }
        }
        var part = product(of: above)
        if !below.isEmpty {
            let divisor = product(of: below)
            let width = max(part.line.width, divisor.line.width) + 0.3
            if width > formulas.limit * 0.5 { return nil }
            var fraction = NumberPart(isTall: true, isExact: part.isExact && divisor.isExact)
            fraction.line.beginGroup(.fraction, width: width)
            fraction.line.append(part.line)
            fraction.line.write(.next, width: 0)
            fraction.line.append(divisor.line)
            fraction.line.endGroup()
            part = fraction
        }
        return isNegative ? negated(part) : part
    }

    private func negated(_ operand: NumberPart) -> NumberPart {
        var part = NumberPart(binding: .negation)
        part.line.write(.negation, width: 0.8)
        var behind = operand
        if let line = operand.asTerm { behind.line = line }
        append(behind, operand.isNumber && operand.binding == .negation ? .atom : .product, to: &part)
        return part
    }

    private mutating func factor(
        _ factor: ProductShape.Factor, _ inner: (ExprID, inout Self) -> NumberPart
    ) -> NumberPart {
        switch factor {
        case .expression(let id): return inner(id, &self)
        case .power(let base, let exponent):
            let text = formulas.text(of: exponent, nil)
            var part = NumberPart(binding: .power)
            append(inner(base, &self), .atom, to: &part)
            part.line.write(text.tokens.grouped(.above(isIndex: false)), width: 0.75 * text.width)
            return part
        }
    }

    private func factors(of body: ExprID) -> [ExprID] {
        if case .multiply(let factors) = system.graph.form(of: body) { return factors }
        return [body]
    }

    // MARK: Sums

    /// Σ over `binders` of a product, where `guards` hold; nil where there are too many values to look at.
    mutating func sum(
        over binders: [Binder], guards: [ExprID], factors: [ExprID], depth: Int = 0, example: Int? = nil
    ) -> NumberPart? {
        guard let table else { return nil }
        var conditions = guards
        var body = factors
        // A factor that is 0 elsewhere says which terms there are.
        for position in body.indices {
            while case .select(let condition, let then, let otherwise) = system.graph.form(of: body[position]),
                system.graph.number(otherwise)?.isZero == true
            {
                conditions.append(condition)
                body[position] = then
            }
        }
        let axes = binders.map { Axis(index: $0.index, lower: $0.lower, upper: $0.upper) }
        var indices: [IndexID: Int] = [:]
        var odometer = Odometer(axes, system.graph, table.arithmetic)
        var shown: [[IndexID: Int]] = []
        var last: [IndexID: Int] = [:]
        var count = 0
        var looked = 0
        while looked <= Self.mostValues, (try? odometer.next(&indices)) != nil {
            looked += 1
            if conditions.contains(where: { known($0, indices) == false }) { continue }
            count += 1
            if count <= Self.mostShown { shown.append(indices) }
            last = indices
        }
        if looked > Self.mostValues { return nil }
        if count > Self.mostShown { shown = Array(shown.prefix(2)) + [last] }
        var terms: [NumberPart] = []
        for place in shown {
            let map = place.mapValues { Affine($0) }
            var isThere = true
            for condition in conditions where known(condition, place) == nil {
                let here = formulas.system.graph.substitute(condition, map) ?? condition
                if holds(here, [:], example) == false { isThere = false }
            }
            if !isThere { continue }
            var parts: [NumberPart] = []
            for factor in body where !isOne(factor) {
                let here = formulas.system.graph.substitute(factor, map) ?? factor
                parts.append(part(of: here, depth: depth + 1, isInSum: !binders.isEmpty, example: example))
            }
            terms.append(product(of: parts))
        }
        return sum(of: terms, leavingOut: count > Self.mostShown)
    }

    /// A sum or a mean over the training examples, example by example.
    private mutating func overExamples(_ body: ExprID, isMean: Bool, depth: Int) -> NumberPart {
        let count = table?.values.examples.count ?? 1
        let isCut = count > Self.mostShown
        let shown = isCut ? [0, 1, count - 1] : Array(0..<count)
        var terms: [NumberPart] = []
        for example in shown { terms.append(part(of: body, depth: depth + 1, isInSum: true, example: example)) }
        let sum = sum(of: terms, leavingOut: isCut)
        if !isMean || count == 1 { return sum }
        var part = NumberPart(binding: .product, isTall: true)
        let width = 0.3 + 0.52 * Double("\(count)".utf8.count)
        part.line.write(.fraction([.number("1")], [.number("\(count)")]), width: width)
        append(sum, .atom, to: &part)
        return part
    }
}

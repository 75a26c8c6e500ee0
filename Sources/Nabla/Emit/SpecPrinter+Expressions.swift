// Expressions, with an explicit stack: their depth is the spec's.

extension SpecPrinter {
    /// What remains to be printed, innermost last.
    private enum Work {
        /// An expression whose place asks for a precedence; with the sign dropped, or the condition negated.
        case expression(ExprID, Precedence, dropsSign: Bool = false, negated: Bool = false)
        case factor(ProductShape.Factor, Precedence)
        case text(String)
        case breakable(String)
        /// An operator of a product, where a line ends only if it must.
        case tight(String)
        case open(String)
        case close(String)
        /// Lets the indices of a reduction go, and fills in their names and ranges.
        case leave([(binder: Binder, place: Int, name: String, preferred: String)])
    }

    /// Prints an expression.
    ///
    /// - Parameters:
    ///   - precedence: what its place asks for.
    ///   - parameters: the names of the function's parameters where it is a function's body.
    ///   - records: what the accesses say about the ranges of indices.
    mutating func print(
        _ root: ExprID, _ precedence: Precedence, parameters: [String], to line: inout SpecLine,
        scope: inout IndexScope, records: inout RangeRecords
    ) {
        var stack: [Work] = [.expression(root, precedence)]
        while let work = stack.popLast() {
            switch work {
            case .text(let text): line.write(text)
            case .breakable(let text): line.writeBreakable(text)
            case .tight(let text): text.hasSuffix(" ") ? line.writeBreakable(text, isTight: true) : line.write(text)
            case .open(let text): line.open(text)
            case .close(let text): line.close(text)
            case .leave(let binders): leave(binders, &line, &scope, &records)
            case .factor(.expression(let id), let place): stack.append(.expression(id, place))
            case .factor(.power(let base, let exponent), let place):
                let wraps = place > .power
                if wraps {
                    line.open("(")
                    stack.append(.close(")"))
                }
                let text = numberText(exponent, nil)
                let exponentText = NumberForm(exponent).isFraction ? "^(\(text))" : "^\(text)"
                stack.append(.text(exponentText))
                stack.append(.expression(base, .atom))
            case .expression(let id, let place, let dropsSign, let negated):
                if let quantity = system.graph.quantity(id), system.graph.operandCount(id) == 0 {
                    line.write(system.quantities[Int(quantity.raw)].name)
                    continue
                }
                var own = system.graph.precedence(of: id, negated: negated)
                if dropsSign { own = max(own, .product) }
                if own < place {
                    line.open("(")
                    stack.append(.close(")"))
                }
                print(
                    node: id, place: own < place ? .select : place, dropsSign, negated, parameters, to: &line, &stack,
                    &scope, &records)
            }
        }
    }

    private mutating func print(
        node id: ExprID, place: Precedence, _ dropsSign: Bool, _ negated: Bool, _ parameters: [String],
        to line: inout SpecLine, _ stack: inout [Work], _ scope: inout IndexScope, _ records: inout RangeRecords
    ) {
        switch system.graph.form(of: id) {
        case .number(let value, let literal):
            line.write((value.sign < 0 && !dropsSign ? "-" : "") + numberText(value, literal))
        case .pi:
            let isHidden = shadowedNames.contains("pi") || scope.isUsed("pi") || parameters.contains("pi")
            line.write(isHidden ? "\\pi" : "pi")
        case .integer(let affine):
            let affine = system.graph[affine]
            note(mentions: affine, &records)
            var text = text(of: affine, scope, separator: " ")
            if dropsSign, text.hasPrefix("-") { text.removeFirst() }
            line.write(text)
        case .argument(let position):
            line.write(parameters.indices.contains(position) ? parameters[position] : "u\(position)")
        case .access(let quantity, let indices):
            note(access: quantity, indices, &records)
            line.write(accessText(quantity, indices, scope))
        case .add(let terms): push(sum: terms, &stack)
        case .multiply(let factors):
            if isPlain(factors) {
                for position in factors.indices.reversed() {
                    stack.append(.expression(factors[position], position == 0 ? .product : .power))
                    if position > 0 { stack.append(.tight(" * ")) }
                }
            } else {
                let shape = ProductShape(of: id, in: system.graph)
                if shape.coefficient == nil, !shape.isNegative, shape.denominator.isEmpty, shape.numerator.count == 1 {
                    // 1 times a factor prints as the factor.
                    stack.append(.factor(shape.numerator[0], place))
                } else {
                    push(product: shape, place, dropsSign, &stack)
                }
            }
        case .negate(let operand):
            if dropsSign {
                stack.append(.expression(operand, .product))
            } else {
                // A second sign would read as a decrement.
                let isNegative = system.graph.printsNegative(operand)
                line.write("-")
                stack.append(.expression(operand, isNegative ? .atom : .power))
            }
        case .divide(let dividend, let divisor):
            stack.append(.expression(divisor, .power))
            stack.append(.tight(isShort(dividend) ? "/" : " / "))
            stack.append(.expression(dividend, .product))
        case .power(let base, let exponent):
            if (system.graph.number(exponent)?.sign ?? 1) < 0, place <= .product {
                push(product: ProductShape(of: id, in: system.graph), place, false, &stack)
                return
            }
            var exponentPlace = Precedence.power
            switch system.graph.form(of: exponent) {
            case .negate(let operand) where system.graph.precedence(of: operand) == .atom:
                exponentPlace = .negation
            case .multiply(let factors)
            where factors.count == 2 && system.graph.number(factors[0])?.isMinusOne == true
                && system.graph.precedence(of: factors[1]) == .atom:
                // The normal form of -v, which is read back as the negation that it looks like.
                exponentPlace = .product
            default: break
            }
            if let written = system.graph.writtenNumber(exponent) {
                let text = written.literal ?? numberText(written.magnitude, nil)
                if text.contains("/") {
                    // In one piece, whether it was written or computed.
                    stack.append(.text("^(\(written.isNegative ? "-" : "")\(text))"))
                    stack.append(.expression(base, .atom))
                    return
                }
            }
            stack.append(.expression(exponent, exponentPlace))
            stack.append(.text("^"))
            stack.append(.expression(base, .atom))
        case .call(let function, let arguments): push(call: name(of: function), arguments, &line, &stack)
        case .derivativeCall(let function, let positions, let arguments):
            let marks = positions.map { arguments.count == 1 ? "'" : "'\($0 + 1)" }.joined()
            push(call: name(of: function) + marks, arguments, &line, &stack)
        case .select(let condition, let then, let otherwise):
            line.open("(")
            stack.append(.close(")"))
            stack.append(.expression(otherwise, .select))
            stack.append(.breakable(" : "))
            stack.append(.expression(then, .select))
            stack.append(.breakable(" ? "))
            stack.append(.expression(condition, .disjunction))
        case .compare(let comparison, let left, let right):
            if negated {
                push(negated: id, comparison, left, right, &line, &stack)
            } else {
                stack.append(.expression(right, .sum))
                stack.append(.breakable(" \(comparison.symbol) "))
                stack.append(.expression(left, .sum))
            }
        case .and(let conditions): push(connective: !negated, conditions, negated, &line, &stack)
        case .or(let conditions): push(connective: negated, conditions, negated, &line, &stack)
        case .not(let condition): stack.append(.expression(condition, place, negated: !negated))
        case .boolean(let value): line.write(value != negated ? "0 == 0" : "0 == 1")
        case .reduceExamples(let kind, let body):
            line.open("\(kind.keyword)(examples: ")
            stack.append(.close(")"))
            stack.append(.expression(body, .select))
        case .reduce(let kind, let binders, let body):
            push(reduction: id, kind.keyword, binders, body, &line, &stack, &scope, &records)
        case .extremum(let kind, let binders, let body, let targets):
            if negated {
                // The language negates no condition: 1 or 0 is compared instead.
                push(asNumber: id, &line, &stack)
                return
            }
            for target in targets { note(mentions: system.graph[target], &records) }
            let texts = targets.map { text(of: $0, scope) }.joined(separator: ", ")
            stack.append(.text(targets.count == 1 ? " == \(texts)" : " == (\(texts))"))
            push(
                reduction: id, kind == .minimum ? "argmin" : "argmax", binders, body, &line, &stack, &scope, &records)
        }
    }

    // MARK: Leaves

    func accessText(_ quantity: QuantityID, _ indices: [AffineID], _ scope: IndexScope?) -> String {
        let quantity = system[quantity]
        var text = quantity.name
        let stages = indices.prefix(quantity.stageCount)
        let elements = indices.dropFirst(quantity.stageCount)
        if !stages.isEmpty { text += "(\(stages.map { self.text(of: $0, scope) }.joined(separator: ", ")))" }
        if !elements.isEmpty { text += "[\(elements.map { self.text(of: $0, scope) }.joined(separator: ","))]" }
        return text
    }

    /// A number's magnitude as literals of the language.
    func numberText(_ value: Rational, _ literal: String?) -> String {
        if let literal { return literal }
        switch NumberForm(value) {
        case .decimal(let text): return integerText(text)
        case .fraction(let numerator, let denominator):
            return "\(integerText(numerator.description))/\(integerText(denominator.description))"
        }
    }

    /// Digits in parts, where the whole is too large for a literal of the language.
    private func integerText(_ digits: String) -> String {
        let longest = 300
        if digits.utf8.count <= longest { return digits }
        let first = digits.utf8.count % longest
        var rest = Substring(digits)
        var text = ""
        if first > 0 {
            text = String(rest.prefix(first))
            rest = rest.dropFirst(first)
        }
        while !rest.isEmpty {
            let part = rest.prefix(longest)
            rest = rest.dropFirst(longest)
            text = text.isEmpty ? String(part) : "(\(text)*1e\(longest) + \(part))"
        }
        return text
    }

    func name(of function: FunctionReference) -> String {
        switch function {
        case .standard(let id):
            shadowedNames.contains(FunctionTable.standard[id].name)
                ? "\\" + FunctionTable.standard[id].name : FunctionTable.standard[id].name
        case .user(let position):
            system.functions.indices.contains(position) ? system.functions[position].name : "f\(position)"
        }
    }

    /// Whether a dividend is at most a number and one factor, so that no space is needed around the operator.
    private func isShort(_ id: ExprID) -> Bool {
        switch system.graph.form(of: id) {
        case .negate(let operand): system.graph.printsNegative(operand) || isSimple(operand)

        default: isSimple(id)
        }
    }

    private func isSimple(_ id: ExprID) -> Bool {
        switch system.graph.form(of: id) {
        case .number, .pi, .integer, .argument, .access, .call, .derivativeCall, .reduce, .reduceExamples, .power,
            .select, .add:
            return true
        case .multiply:
            let shape = ProductShape(of: id, in: system.graph)
            return shape.numerator.count <= 1 && shape.denominator.isEmpty
        default: return false
        }
    }

    // MARK: Operators

    private func push(sum terms: [ExprID], _ stack: inout [Work]) {
        if terms.isEmpty {
            stack.append(.text("0"))
            return
        }
        for position in terms.indices.reversed() {
            let term = terms[position]
            if position == 0 {
                stack.append(.expression(term, .sum))
            } else if system.graph.printsNegative(term) {
                stack.append(.expression(term, .product, dropsSign: true))
                stack.append(.breakable(" - "))
            } else {
                stack.append(.expression(term, .product))
                stack.append(.breakable(" + "))
            }
        }
    }

    /// Whether a product has neither a number nor a divisor: it prints as its factors, one after another.
    private func isPlain(_ factors: [ExprID]) -> Bool {
        factors.count > 1
            && factors.allSatisfy { factor in
                switch system.graph.kind(of: factor) {
                case .access, .call, .add, .reduce, .derivativeCall, .select: true
                default: false
                }
            }
    }

    private func push(product shape: ProductShape, _ place: Precedence, _ dropsSign: Bool, _ stack: inout [Work]) {
        var above: [Work] = []
        above.reserveCapacity(2 * shape.numerator.count + 2)
        var coefficientBelow: String?
        if let (magnitude, literal) = shape.coefficient {
            if literal == nil, case .fraction(let numerator, let denominator) = NumberForm(magnitude),
                !shape.denominator.isEmpty
            {
                // (p/q)·x/y prints as p*x/(q*y).
                if !numerator.isOne || shape.numerator.isEmpty {
                    above.append(.text(integerText(numerator.description)))
                }
                coefficientBelow = integerText(denominator.description)
            } else {
                above.append(.text(numberText(magnitude, literal)))
            }
        }
        let leads = above.isEmpty
        let spaced = shape.numerator.count > 1
        for (position, factor) in shape.numerator.enumerated() {
            if !above.isEmpty { above.append(.tight(position == 0 && !leads ? "*" : " * ")) }
            // A raw product's first factor may be a quotient or a product: both associate to the left.
            let isFirst = position == 0 && leads && !shape.isNegative
            above.append(.factor(factor, isFirst ? .product : .power))
        }
        if above.isEmpty { above.append(.text("1")) }
        var below: [Work] = []
        if let coefficientBelow { below.append(.text(coefficientBelow)) }
        for factor in shape.denominator {
            if !below.isEmpty { below.append(.tight(below.count == 1 && coefficientBelow != nil ? "*" : " * ")) }
            below.append(.factor(factor, .power))
        }
        if !below.isEmpty {
            above.append(.tight(spaced ? " / " : "/"))
            if below.count > 1 {
                above.append(.open("("))
                above.append(contentsOf: below)
                above.append(.close(")"))
            } else {
                above.append(contentsOf: below)
            }
        }
        if shape.isNegative && !dropsSign { above.insert(.text("-"), at: 0) }
        stack.append(contentsOf: above.reversed())
    }

    private func push(call name: String, _ arguments: [ExprID], _ line: inout SpecLine, _ stack: inout [Work]) {
        line.write(name)
        line.open("(")
        stack.append(.close(")"))
        for position in arguments.indices.reversed() {
            stack.append(.expression(arguments[position], .select))
            if position > 0 { stack.append(.breakable(", ")) }
        }
    }

    private func push(
        connective isAnd: Bool, _ conditions: [ExprID], _ negated: Bool, _ line: inout SpecLine, _ stack: inout [Work]
    ) {
        if conditions.isEmpty {
            line.write(isAnd ? "0 == 0" : "0 == 1")
            return
        }
        let place = isAnd ? Precedence.conjunction : .disjunction
        let operand = isAnd ? Precedence.comparison : .conjunction
        for position in conditions.indices.reversed() {
            stack.append(.expression(conditions[position], position == 0 ? place : operand, negated: negated))
            if position > 0 { stack.append(.breakable(isAnd ? " && " : " || ")) }
        }
    }

    /// The negation of a comparison: turned round between integers, which are never NaN, else tested by 1 or 0.
    private func push(
        negated id: ExprID, _ comparison: Comparison, _ left: ExprID, _ right: ExprID, _ line: inout SpecLine,
        _ stack: inout [Work]
    ) {
        func isInteger(_ id: ExprID) -> Bool {
            switch system.graph.form(of: id) {
            case .integer, .number: true
            default: false
            }
        }
        let isTotal = isInteger(left) && isInteger(right)
        let opposite: Comparison? =
            switch comparison {
            case .equal: .notEqual
            case .notEqual: .equal
            case .less: isTotal ? .greaterOrEqual : nil
            case .lessOrEqual: isTotal ? .greater : nil
            case .greater: isTotal ? .lessOrEqual : nil
            case .greaterOrEqual: isTotal ? .less : nil
            }
        if let opposite {
            stack.append(.expression(right, .sum))
            stack.append(.breakable(" \(opposite.symbol) "))
            stack.append(.expression(left, .sum))
        } else {
            push(asNumber: id, &line, &stack)
        }
    }

    /// The negation of a condition that has no other: it is 1 or 0, and that is compared.
    private func push(asNumber condition: ExprID, _ line: inout SpecLine, _ stack: inout [Work]) {
        line.open("(")
        stack.append(.text("0"))
        stack.append(.breakable(" == "))
        stack.append(.close(")"))
        stack.append(.text("0"))
        stack.append(.breakable(" : "))
        stack.append(.text("1"))
        stack.append(.breakable(" ? "))
        stack.append(.expression(condition, .disjunction))
    }

    // MARK: Reductions

    private mutating func push(
        reduction id: ExprID, _ keyword: String, _ binders: [Binder], _ body: ExprID, _ line: inout SpecLine,
        _ stack: inout [Work], _ scope: inout IndexScope, _ records: inout RangeRecords
    ) {
        line.open(keyword + "(")
        var entered: [(binder: Binder, place: Int, name: String, preferred: String)] = []
        for (position, binder) in binders.enumerated() {
            if position > 0 { line.writeBreakable(", ") }
            // A bound mentions outer indices and earlier ones of the list.
            note(mentions: system.graph[binder.lower], &records)
            note(mentions: system.graph[binder.upper], &records)
            let (preferred, isGiven) = system.preferredName(of: binder.index, at: position, of: id)
            let name = scope.enter(binder.index, preferring: preferred, isGiven: isGiven)
            records.enter(binder.index, binder.lower, binder.upper)
            entered.append((binder, line.reserve(), name, preferred))
        }
        line.writeBreakable(": ")
        stack.append(.close(")"))
        stack.append(.leave(entered))
        stack.append(.expression(body, .select))
    }

    private func leave(
        _ binders: [(binder: Binder, place: Int, name: String, preferred: String)], _ line: inout SpecLine,
        _ scope: inout IndexScope, _ records: inout RangeRecords
    ) {
        for (binder, place, name, preferred) in binders.reversed() {
            let record = records.leave(binder.index)
            var isInferred = record.map { $0.isConfirmed && !$0.isContradicted } ?? false
            if let isDeclared = isRangeOfStage(name, binder.lower, binder.upper) { isInferred = isDeclared }
            let closed = system.graph.kind(of: binder.index).isStage
            line.fill(
                place, isInferred ? name : "\(name) in \(rangeText(binder.lower, binder.upper, closed: closed, scope))")
            scope.leave(binder.index, preferred: preferred)
        }
    }
}

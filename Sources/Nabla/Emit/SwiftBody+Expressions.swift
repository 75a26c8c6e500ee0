/// A scalar expression of generated Swift.
struct SwiftExpression {
    var text: String
    var precedence: Precedence

    enum Precedence: Int, Comparable {
        case ternary, or, and, comparison, sum, product, prefix, atom

        static func < (left: Precedence, right: Precedence) -> Bool { left.rawValue < right.rawValue }
    }

    init(_ text: String, _ precedence: Precedence = .atom) {
        self.text = text
        self.precedence = precedence
    }

    /// The text as an operand of something that binds this tightly.
    func operand(_ outer: Precedence) -> String { precedence < outer ? "(\(text))" : text }
}

// Expressions of a loop program have at most a few dozen nodes, which bounds these recursions.
extension SwiftBody {
    /// The value of an expression as what a local holds.
    mutating func value(_ id: ExprID, _ kind: Local.Kind) -> String {
        switch kind {
        case .real: real(id).text
        case .condition: condition(id).text
        case .integer: integerValue(id)?.text ?? "Int(\(real(id).text))"
        }
    }

    // MARK: Numbers

    mutating func real(_ id: ExprID) -> SwiftExpression {
        switch graph.form(of: id) {
        case .number(let value, _): return literal(value.double)
        case .pi: return SwiftExpression("\(scalar).pi")
        case .integer(let affine):
            let value = integer(graph[affine])
            if let known = value.known { return literal(Double(known)) }
            return SwiftExpression("\(scalar)(\(value.text))")
        case .argument(let position):
            let local = LocalID(position)
            let text = read(local)
            return SwiftExpression(program[local].kind == .integer ? "\(scalar)(\(text))" : text)
        case .access(let quantity, let indices): return SwiftExpression(read(quantity, indices))
        case .add(let terms): return sum(terms)
        case .multiply(let factors): return product(factors)
        case .negate(let operand):
            return SwiftExpression("-\(real(operand).operand(.atom))", .prefix)
        case .divide(let dividend, let divisor):
            let text = "\(real(dividend).operand(.product)) / \(real(divisor).operand(.prefix))"
            return SwiftExpression(text, .product)
        case .power(let base, let exponent): return call(.pow, [base, exponent])
        case .call(.standard(let function), let arguments): return call(function, arguments)
        case .select(let condition, let then, let otherwise):
            if let known = constant(condition) { return real(known ? then : otherwise) }
            let test = self.condition(condition).operand(.or)
            let first = real(then).operand(.or)
            let second = real(otherwise).operand(.or)
            let space = SwiftSource.softBreak
            return SwiftExpression("\(test)\(space)? \(first)\(space): \(second)", .ternary)
        case .compare, .and, .or, .not, .boolean:
            return SwiftExpression("\(condition(id).operand(.or)) ? 1 : 0", .ternary)
        case .call, .derivativeCall, .reduce, .reduceExamples, .extremum:
            // The lowering has made statements of these.
            return SwiftExpression("\(scalar).nan")
        }
    }

    private func literal(_ value: Double) -> SwiftExpression {
        let text = NumberText.swift(value, scalar: file.options.scalar)
        return SwiftExpression(text, text.hasPrefix("-") ? .prefix : .atom)
    }

    private mutating func sum(_ terms: [ExprID]) -> SwiftExpression {
        var text = ""
        for (position, term) in terms.enumerated() {
            let (isNegative, value) = splitSign(term, isFirst: position == 0)
            if position == 0 {
                text = isNegative ? "-\(value.operand(.prefix))" : value.operand(.sum)
            } else {
                let operand = value.operand(.product)
                text += "\(SwiftSource.softBreak)\(isNegative ? "-" : "+") \(operand)"
            }
        }
        if terms.isEmpty { return literal(0) }
        return terms.count == 1 ? SwiftExpression("(\(text))") : SwiftExpression(text, .sum)
    }

    /// A term without its sign, so that it can be subtracted.
    private mutating func splitSign(_ term: ExprID, isFirst: Bool) -> (Bool, SwiftExpression) {
        if isFirst { return (false, real(term)) }
        switch graph.form(of: term) {
        case .negate(let operand): return (true, real(operand))
        case .number(let value, _) where value.sign < 0: return (true, literal(value.magnitude.double))
        case .multiply(let factors):
            if let first = factors.first, let value = graph.number(first), value.sign < 0, factors.count > 1 {
                return (true, product(Array(factors.dropFirst()), leading: literal(value.magnitude.double)))
            }
            return (false, real(term))
        default: return (false, real(term))
        }
    }

    private mutating func product(_ factors: [ExprID], leading: SwiftExpression? = nil) -> SwiftExpression {
        var text = leading?.text ?? ""
        for factor in factors {
            let value = real(factor)
            if text.isEmpty {
                text = value.operand(.product)
            } else {
                text += "\(SwiftSource.softBreak)* \(value.operand(.prefix))"
            }
        }
        if text.isEmpty { return literal(1) }
        return factors.count == 1 && leading == nil ? SwiftExpression("(\(text))") : SwiftExpression(text, .product)
    }

    private mutating func call(_ function: FunctionID, _ arguments: [ExprID]) -> SwiftExpression {
        let row = FunctionTable.standard[function]
        switch row.swift {
        case .library: break
        case .helper(let helper): helpers.insert(helper)
        }
        let texts = arguments.map { real($0).text }
        guard row.isVariadic, let first = texts.first else {
            return SwiftExpression("\(row.swift.callee)(\(texts.joined(separator: ",\(SwiftSource.softBreak)")))")
        }
        let text = texts.dropFirst().reduce(first) { "\(row.swift.callee)(\($0),\(SwiftSource.softBreak)\($1))" }
        return SwiftExpression(text)
    }

    // MARK: Conditions

    mutating func condition(_ id: ExprID) -> SwiftExpression {
        if let known = constant(id) { return SwiftExpression(known ? "true" : "false") }
        switch graph.form(of: id) {
        case .compare(let comparison, let left, let right):
            if let one = integerValue(left), let two = integerValue(right) {
                return SwiftExpression("\(one.text) \(comparison.symbol) \(two.text)", .comparison)
            }
            let text =
                "\(real(left).operand(.sum))\(SwiftSource.softBreak)\(comparison.symbol) \(real(right).operand(.sum))"
            return SwiftExpression(text, .comparison)
        case .and(let operands): return join(operands.filter { constant($0) != true }, "&&", .and)
        case .or(let operands): return join(operands.filter { constant($0) != false }, "||", .or)
        case .not(let operand): return SwiftExpression("!\(condition(operand).operand(.atom))", .prefix)
        case .argument(let position): return SwiftExpression(read(LocalID(position)))
        case .select(let test, let then, let otherwise):
            if let known = constant(test) { return condition(known ? then : otherwise) }
            let text =
                "\(condition(test).operand(.or)) ? \(condition(then).operand(.or)) : \(condition(otherwise).operand(.or))"
            return SwiftExpression(text, .ternary)
        default: return SwiftExpression("false")
        }
    }

    private mutating func join(
        _ operands: [ExprID], _ symbol: String, _ precedence: SwiftExpression.Precedence
    ) -> SwiftExpression {
        if operands.count == 1 { return condition(operands[0]) }
        let texts = operands.map { operand in
            let value = condition(operand)
            return value.precedence <= precedence && value.precedence != precedence
                ? "(\(value.text))" : value.operand(.and)
        }
        return SwiftExpression(texts.joined(separator: "\(SwiftSource.softBreak)\(symbol) "), precedence)
    }

    /// The truth of a condition that numbers and known sizes decide: the compiler warns of code behind those.
    func constant(_ id: ExprID) -> Bool? {
        switch graph.form(of: id) {
        case .boolean(let value): return value
        case .not(let operand): return constant(operand).map { !$0 }
        case .and(let operands):
            let values = operands.map { constant($0) }
            if values.contains(false) { return false }
            return values.allSatisfy { $0 == true } ? true : nil
        case .or(let operands):
            let values = operands.map { constant($0) }
            if values.contains(true) { return true }
            return values.allSatisfy { $0 == false } ? false : nil
        case .compare(let comparison, let left, let right):
            guard let one = knownNumber(left), let two = knownNumber(right) else { return nil }
            return comparison.holds(one, two)
        default: return nil
        }
    }

    private func knownNumber(_ id: ExprID) -> Rational? {
        switch graph.form(of: id) {
        case .number(let value, _): value
        case .integer(let affine): system.expandingSizes(graph[affine]).asConstant.map { Rational($0) }
        default: nil
        }
    }

    // MARK: Integers

    /// An expression of indices, sizes and integers as one of integers; nil for others.
    private mutating func integerValue(_ id: ExprID) -> SwiftInteger? {
        switch graph.form(of: id) {
        case .integer(let affine): return integer(graph[affine])
        case .number(let value, _): return value.asInt.map { SwiftInteger($0) }
        case .argument(let position):
            let local = LocalID(position)
            return program[local].kind == .integer ? SwiftInteger(atom: read(local)) : nil
        default: return nil
        }
    }

    mutating func integer(_ affine: Affine) -> SwiftInteger {
        if let known = system.expandingSizes(affine).asConstant { return SwiftInteger(known) }
        var terms: [(coefficient: Int, atom: SwiftInteger)] = []
        for term in affine.terms {
            terms.append((term.coefficient, atom(term.atom)))
        }
        return SwiftInteger.combination(affine.constant, terms)
    }

    private mutating func atom(_ atom: AffineAtom) -> SwiftInteger {
        switch atom {
        case .index(let index): return SwiftInteger(atom: indexName(index))
        case .size(let size): return SwiftInteger(atom: file.sizes[Int(size.raw)])
        case .stagedSize(let size, let stage): return SwiftInteger(atom: stagedSize(size, stage))
        }
    }

    mutating func indexName(_ index: IndexID) -> String {
        usedIndices.insert(index)
        return indexNames[index] ?? "0"
    }

    mutating func bound(_ bound: LoopBound) -> SwiftInteger {
        let terms = bound.terms.map { integer($0) }
        if terms.count == 1, let affine = bound.asAffine { return named(graph[affine], terms[0]) }
        return bound.choice == .largest ? .largest(terms) : .smallest(terms)
    }

    /// A loop's end by its size's name, for the reader's sake.
    private func named(_ affine: Affine, _ value: SwiftInteger) -> SwiftInteger {
        guard let known = value.known, case .size(let size) = affine.asAtom else { return value }
        var result = SwiftInteger(atom: file.sizes[Int(size.raw)])
        result.known = known
        return result
    }

    mutating func integer(_ term: LoopBound.Term) -> SwiftInteger {
        let value = integer(graph[term.affine])
        if term.divisor == 1 { return value }
        if let known = value.known {
            return SwiftInteger(known / term.divisor + (known % term.divisor > 0 ? 1 : 0))
        }
        return file.call(.ceilingQuotient, [value.text, String(term.divisor)])
    }
}

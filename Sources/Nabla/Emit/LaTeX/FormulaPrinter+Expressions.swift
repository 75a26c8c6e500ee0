// Writing expressions, with an explicit stack.

extension FormulaPrinter {
    /// What remains to be written, innermost last.
    enum Work {
        /// An expression at a place; `isLast`: nothing follows that it could swallow.
        case expression(ExprID, Precedence, isLast: Bool = true, dropsSign: Bool = false, negated: Bool = false)
        case factor(ProductShape.Factor, Precedence, isLast: Bool)
        case text([MathToken], Double)
        case breakable(MathToken, Double, MathLine.Break)
        case open(MathToken.Bracket, MathToken.BracketSize, Double)
        case close(MathToken.Bracket, MathToken.BracketSize, Double)
        case beginGroup(MathToken.Group, Double)
        case endGroup
        case leave([(IndexID, String)])
    }

    /// A formula.
    ///
    /// - Parameters:
    ///   - place: how tightly what surrounds it binds.
    ///   - parameters: the names of the function's parameters where it is a function's body.
    mutating func formula(_ root: ExprID, _ place: Precedence = .select, parameters: [String] = []) -> MathLine {
        var line = MathLine()
        write(root, place, parameters: parameters, to: &line)
        return line
    }

    /// Writes an expression.
    mutating func write(
        _ root: ExprID, _ place: Precedence, isLast: Bool = true, dropsSign: Bool = false, parameters: [String] = [],
        to line: inout MathLine
    ) {
        _ = measure(root)
        var stack: [Work] = [.expression(root, place, isLast: isLast, dropsSign: dropsSign)]
        while let work = stack.popLast() {
            switch work {
            case .text(let tokens, let width): line.write(tokens, width: width)
            case .breakable(let token, let width, let mayBreak): line.write(token, width: width, mayBreak: mayBreak)
            case .open(let bracket, let size, let width): line.open(bracket, size, width: width)
            case .close(let bracket, let size, let width): line.close(bracket, size, width: width)
            case .beginGroup(let group, let width): line.beginGroup(group, width: width)
            case .endGroup: line.endGroup()
            case .leave(let indices):
                for (index, preferred) in indices.reversed() { scope.leave(index, preferred: preferred) }
            case .factor(.expression(let id), let place, let isLast):
                stack.append(.expression(id, place, isLast: isLast))
            case .factor(.power(let base, let exponent), _, _):
                let (tokens, width) = text(of: exponent, nil)
                stack.append(.text(tokens.grouped(.above(isIndex: true)), 0.75 * width))
                push(base: base, &stack)
            case .expression(let id, let place, let isLast, let dropsSign, let negated):
                var own = precedence(of: id, negated: negated)
                if dropsSign { own = max(own, .product) }
                if own < place || !isLast && swallows(id) {
                    let (size, width) = brackets(around: id)
                    line.open(.round, size, width: width)
                    stack.append(.close(.round, size, width))
                    write(node: id, true, dropsSign, negated, parameters, to: &line, &stack)
                } else {
                    write(node: id, isLast, dropsSign, negated, parameters, to: &line, &stack)
                }
            }
        }
    }

    /// Whether a formula is open on its right, so that factors behind it would seem to belong to it.
    private func swallows(_ id: ExprID) -> Bool {
        switch system.graph.form(of: id) {
        case .reduce, .reduceExamples: true
        default: false
        }
    }

    /// Cases grow as their rows do: only what sets them knows how tall they are.
    private func hasCases(_ id: ExprID) -> Bool {
        if case .select(let condition, let then, let otherwise) = system.graph.form(of: id),
            case .cases = selectForm(condition, then, otherwise)
        {
            return true
        }
        return false
    }

    func brackets(around id: ExprID) -> (size: MathToken.BracketSize, width: Double) {
        hasCases(id) ? (.fitting, 0.9) : FormulaPrinter.brackets(known(id).height)
    }

    private mutating func write(
        node id: ExprID, _ isLast: Bool, _ dropsSign: Bool, _ negated: Bool, _ parameters: [String],
        to line: inout MathLine, _ stack: inout [Work]
    ) {
        switch system.graph.form(of: id) {
        case .number(let value, let literal):
            if value.sign < 0 && !dropsSign { line.write(.negation, width: 0.8) }
            line.write(text(of: value, literal))
        case .pi: line.write(.symbol(.greek("pi")), width: 0.6)
        case .integer(let affine):
            var (tokens, width) = text(of: affine)
            if dropsSign, tokens.first == .negation {
                tokens.removeFirst()
                width -= 0.8
            }
            line.write(tokens, width: width)
        case .argument(let position):
            line.write(MathSymbol(parameters.indices.contains(position) ? parameters[position] : "u\(position)").text)
        case .access(let quantity, let indices):
            if let (above, below) = ratio(of: quantity, indices) {
                line.write(.fraction(above.tokens, below.tokens), width: max(above.width, below.width) + 0.3)
            } else {
                line.write(access(quantity, indices))
            }
        case .add(let terms): push(sum: terms, isLast, &line, &stack)
        case .multiply:
            push(product: ProductShape(of: id, in: system.graph, movesNumber: true), isLast, dropsSign, &line, &stack)
        case .negate(let operand):
            if !dropsSign { line.write(.negation, width: 0.8) }
            let isNegative = system.graph.printsNegative(operand)
            stack.append(.expression(operand, isNegative ? .atom : .product, isLast: isLast))
        case .divide(let dividend, let divisor): push(quotient: dividend, divisor, &line, &stack)
        case .power(let base, let exponent):
            if (system.graph.number(exponent)?.sign ?? 1) < 0 {
                push(
                    product: ProductShape(of: id, in: system.graph, movesNumber: true), isLast, dropsSign, &line, &stack
                )
            } else if isRoot(exponent), fits(known(base)) {
                line.beginGroup(.root, width: known(id).width)
                stack.append(.endGroup)
                stack.append(.expression(base, .select))
            } else {
                push(power: base, exponent, &line, &stack)
            }
        case .call(let function, let arguments): push(call: function, arguments, isLast, &line, &stack)
        case .derivativeCall(let function, let positions, let arguments):
            push(derivative: function, positions, arguments, &line, &stack)
        case .select(let condition, let then, let otherwise):
            push(select: condition, then, otherwise, isLast, &line, &stack)
        case .compare(let comparison, let left, let right):
            stack.append(.expression(right, .sum))
            stack.append(
                .text([.operation(FormulaPrinter.relation(comparison, negated: negated), isTight: false)], 1.35))
            stack.append(.expression(left, .sum))
        case .and(let conditions): push(connective: !negated, conditions, negated, &line, &stack)
        case .or(let conditions): push(connective: negated, conditions, negated, &line, &stack)
        case .not(let condition): stack.append(.expression(condition, .select, negated: !negated))
        case .boolean(let value): line.write(.text(value != negated ? "true" : "false"), width: 2.2)
        case .reduceExamples(let kind, let body): push(examples: kind, body, isLast, &line, &stack)
        case .reduce(let kind, let binders, let body): push(reduction: id, kind, binders, body, isLast, &line, &stack)
        case .extremum(let kind, let binders, let body, let targets):
            push(position: id, kind, binders, body, targets, negated, isLast, &line, &stack)
        }
    }

    static func relation(_ comparison: Comparison, negated: Bool) -> MathToken.Operation {
        // Of two reals one of the two holds.
        switch comparison {
        case .less: negated ? .greaterOrEqual : .less
        case .lessOrEqual: negated ? .greater : .lessOrEqual
        case .greater: negated ? .lessOrEqual : .greater
        case .greaterOrEqual: negated ? .less : .greaterOrEqual
        case .equal: negated ? .notEqual : .equal
        case .notEqual: negated ? .equal : .notEqual
        }
    }
}

// Powers, and calls of functions.

extension FormulaPrinter {
    /// The base of a power: in brackets where it has a superscript of its own.
    func push(base: ExprID, _ stack: inout [Work]) {
        var needsBrackets = precedence(of: base) < .atom
        if case .access(let quantity, _) = system.graph.form(of: base) {
            needsBrackets = system[quantity].stageCount > 0 || system[quantity].derivative != nil
        }
        switch system.graph.form(of: base) {
        case .number(_, let literal?): if literal.contains(where: { $0 == "e" || $0 == "E" }) { needsBrackets = true }
        case .call, .derivativeCall, .reduce, .reduceExamples, .select: needsBrackets = true
        default: break
        }
        if needsBrackets {
            let (size, width) = brackets(around: base)
            stack.append(.close(.round, size, width))
            stack.append(.expression(base, .select))
            stack.append(.open(.round, size, width))
        } else {
            stack.append(.expression(base, .atom))
        }
    }

    func push(power base: ExprID, _ exponent: ExprID, _ line: inout MathLine, _ stack: inout [Work]) {
        let size = known(exponent)
        if !fitsExponent(size) {
            push(head: [.function("pow", isKnown: false)], 2.2, [base, exponent], &line, &stack)
            return
        }
        if let value = system.graph.number(exponent), let digits = value.asInt {
            let power: [MathToken] = digits < 0 ? [.negation, .number("\(digits.magnitude)")] : [.number("\(digits)")]
            stack.append(.text(power.grouped(.above(isIndex: true)), 0.45 * Double("\(digits)".utf8.count)))
        } else {
            stack.append(.endGroup)
            stack.append(.expression(exponent, .select))
            stack.append(.beginGroup(.above(isIndex: false), 0.75 * size.width))
        }
        push(base: base, &stack)
    }

    func push(
        head: [MathToken], _ width: Double, _ arguments: [ExprID], _ line: inout MathLine, _ stack: inout [Work]
    ) {
        var height = 1.0
        for argument in arguments { height = max(height, known(argument).height) }
        let (size, bracketWidth) = FormulaPrinter.brackets(height)
        line.write(head, width: width)
        line.open(.round, size, width: bracketWidth)
        stack.append(.close(.round, size, bracketWidth))
        for position in arguments.indices.reversed() {
            stack.append(.expression(arguments[position], .select))
            if position > 0 { stack.append(.breakable(.comma(.normal), 0.45, .afterComma)) }
        }
    }

    func push(
        call function: FunctionReference, _ arguments: [ExprID], _ isLast: Bool, _ line: inout MathLine,
        _ stack: inout [Work]
    ) {
        let head = head(of: function)
        guard case .standard(let id) = function else {
            push(head: head?.tokens ?? [.symbol(.letter("f"))], head?.width ?? 0.6, arguments, &line, &stack)
            return
        }
        let row = FunctionTable.standard[id]
        let name: [MathToken] = [.function(row.name, isKnown: false)]
        let nameWidth = 0.56 * Double(row.name.utf8.count)
        switch (row.latex, arguments.count) {
        case (.command(let command), 1) where isLast && isShortArgument(arguments[0]):
            line.write([.function(command, isKnown: true), .blank], width: (head?.width ?? 1.6) + 0.17)
            stack.append(.expression(arguments[0], .atom))
        case (.exponential, 1) where fitsExponent(known(arguments[0])):
            line.write(.symbol(.letter("e")), width: 0.47)
            line.beginGroup(.above(isIndex: false), width: 0.75 * known(arguments[0]).width)
            stack.append(.endGroup)
            stack.append(.expression(arguments[0], .select))
        case (.magnitude, 1):
            let size = FormulaPrinter.brackets(known(arguments[0]).height).size
            line.open(.bar, size, width: 0.35)
            stack.append(.close(.bar, size, 0.35))
            stack.append(.expression(arguments[0], .select))
        case (.radical, 1) where fits(known(arguments[0])):
            line.beginGroup(.root, width: known(arguments[0]).width + 0.95)
            stack.append(.endGroup)
            stack.append(.expression(arguments[0], .select))
        case (.rootOfSquares, 2) where fits(known(arguments[0])) && fits(known(arguments[1])):
            line.beginGroup(
                .root, width: known(arguments[0]).width + known(arguments[1]).width + 4.5)
            stack.append(.endGroup)
            let square = [MathToken.number("2")].grouped(.above(isIndex: true))
            stack.append(.text(square, 0))
            push(base: arguments[1], &stack)
            stack.append(.text(square + [.operation(.plus, isTight: false)], 0))
            push(base: arguments[0], &stack)
        case (.power, 2) where fitsExponent(known(arguments[1])):
            push(power: arguments[0], arguments[1], &line, &stack)
        case (.namedWithSubscript(let text), 2) where known(arguments[1]).width < 6 && known(arguments[1]).nesting == 0:
            line.write(.function(text, isKnown: false), width: 0.56 * Double(text.utf8.count))
            line.beginGroup(.below(isIndex: false), width: 0.75 * known(arguments[1]).width)
            let (size, width) = FormulaPrinter.brackets(known(arguments[0]).height)
            stack.append(.close(.round, size, width))
            stack.append(.expression(arguments[0], .select))
            stack.append(.open(.round, size, width))
            stack.append(.endGroup)
            stack.append(.expression(arguments[1], .select))
        case (.indicatorOfPositive, 1):
            let (size, width) = FormulaPrinter.brackets(known(arguments[0]).height)
            line.write(.indicator, width: 0.6)
            line.open(.square, size, width: width)
            stack.append(.close(.square, size, width))
            stack.append(.text([.operation(.greater, isTight: false), .number("0")], 1.9))
            stack.append(.expression(arguments[0], .sum))
        default: push(head: head?.tokens ?? name, head?.width ?? nameWidth, arguments, &line, &stack)
        }
    }

    /// Whether an argument needs no brackets: log p_k, sin x.
    private func isShortArgument(_ id: ExprID) -> Bool {
        switch system.graph.form(of: id) {
        case .access(let quantity, _): system[quantity].derivative == nil
        case .argument, .pi: true
        default: false
        }
    }

    func push(
        derivative function: FunctionReference, _ positions: [Int], _ arguments: [ExprID], _ line: inout MathLine,
        _ stack: inout [Work]
    ) {
        var head = head(of: function)
        if head == nil, case .standard(let id) = function {
            let name = FunctionTable.standard[id].name
            head = ([.function(name, isKnown: false)], 0.56 * Double(name.utf8.count))
        }
        let (tokens, width) = head ?? ([.symbol(.letter("f"))], 0.6)
        if arguments.count == 1 {
            push(
                head: tokens + [.prime(positions.count)], width + 0.3 * Double(positions.count), arguments, &line,
                &stack)
        } else {
            let places = positions.map { [MathToken.number("\($0 + 1)")] }.joined(separator: [.comma(.tight)])
            push(
                head: [.partial] + Array(places).grouped(.below(isIndex: false)) + tokens,
                width + 1 + 0.4 * Double(positions.count), arguments, &line,
                &stack)
        }
    }
}

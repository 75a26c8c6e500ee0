// Conditions: indicators, cases, and connectives.

extension FormulaPrinter {
    func push(
        select condition: ExprID, _ then: ExprID, _ otherwise: ExprID, _ isLast: Bool, _ line: inout MathLine,
        _ stack: inout [Work]
    ) {
        switch selectForm(condition, then, otherwise) {
        case .indicator:
            let (size, width) = FormulaPrinter.brackets(known(condition).height)
            line.write(.indicator, width: 0.6)
            line.open(.square, size, width: width)
            stack.append(.close(.square, size, width))
            stack.append(.expression(condition, .select))
        case .guarded:
            stack.append(.expression(then, bodyPlace(then), isLast: isLast))
            stack.append(.breakable(.gap, 0.17, .beforeFactor))
            let (size, width) = FormulaPrinter.brackets(known(condition).height)
            line.write(.indicator, width: 0.6)
            line.open(.square, size, width: width)
            stack.append(.close(.square, size, width))
            stack.append(.expression(condition, .select))
        case .delta(let tokens, let hasFactor):
            line.write(tokens, width: 1.2)
            if hasFactor {
                stack.append(.expression(then, bodyPlace(then), isLast: isLast))
                stack.append(.breakable(.gap, 0.17, .beforeFactor))
            }
        case .cases:
            let width = max(known(then).width, known(otherwise).width) + known(condition).width + 4
            line.beginGroup(.cases, width: width)
            stack.append(.endGroup)
            stack.append(.expression(otherwise, .select))
            stack.append(.text([.next], 0))
            stack.append(.expression(condition, .select))
            stack.append(.text([.caseCondition], 0))
            stack.append(.expression(then, .select))
        case .call:
            line.write(.function("if", isKnown: false), width: 0.9)
            line.open(.round, .bigger, width: 0.6)
            stack.append(.close(.round, .bigger, 0.6))
            stack.append(.expression(otherwise, .select))
            stack.append(.breakable(.semicolon, 0.6, .afterComma))
            stack.append(.expression(then, .select))
            stack.append(.breakable(.semicolon, 0.6, .afterComma))
            stack.append(.expression(condition, .select))
        }
    }

    func push(
        connective isAnd: Bool, _ conditions: [ExprID], _ negated: Bool, _ line: inout MathLine, _ stack: inout [Work]
    ) {
        if conditions.isEmpty { line.write(.text(isAnd ? "true" : "false"), width: 2.2) }
        let operand = isAnd ? Precedence.comparison : .conjunction
        var groups: [[Work]] = []
        var position = 0
        while position < conditions.count {
            // x >= a and x < b is a <= x < b.
            if isAnd, !negated, position + 1 < conditions.count,
                case .compare(.greaterOrEqual, let value, let lower) = system.graph.form(of: conditions[position]),
                case .compare(let second, value, let upper) = system.graph.form(of: conditions[position + 1]),
                second == .less || second == .lessOrEqual
            {
                groups.append([
                    .expression(lower, .sum), .text([.operation(.lessOrEqual, isTight: false)], 1.35),
                    .expression(value, .sum),
                    .text([.operation(FormulaPrinter.relation(second, negated: false), isTight: false)], 1.35),
                    .expression(upper, .sum),
                ])
                position += 2
            } else {
                groups.append([.expression(conditions[position], operand, negated: negated)])
                position += 1
            }
        }
        for (number, group) in groups.enumerated().reversed() {
            stack.append(contentsOf: group.reversed())
            if number > 0 { stack.append(.breakable(.word(isAnd ? "and" : "or"), 2.4, .afterComma)) }
        }
    }
}

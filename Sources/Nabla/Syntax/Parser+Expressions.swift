// Operator precedence with an explicit stack of frames: no depth of nesting reaches the machine's stack.

extension Parser {
    /// Reads one expression, up to the first token that cannot go on with it; nil where it has an error, which is reported.
    mutating func expression(allowsRange: Bool = false, allowsLists: Bool = false) -> Operand? {
        frames.removeAll(keepingCapacity: true)
        operands.removeAll(keepingCapacity: true)
        primes.removeAll(keepingCapacity: true)
        frames.append(Frame(kind: .bottom, tag: allowsRange ? 1 : 0, base: 0, lower: token.lower))
        var expectsOperand = true
        while tree.count < SyntaxTree.mostNodes {
            if expectsOperand {
                guard let isComplete = operand(allowsLists) else { return nil }
                expectsOperand = !isComplete
            } else {
                switch operation() {
                case .operand: expectsOperand = true
                case .operation: break
                case .failure: return nil
                case .end:
                    guard finishRanges() else { return nil }
                    return operands.last
                }
            }
        }
        return nil
    }

    /// What the parser does next.
    enum Next {
        case operand, operation, end, failure
    }

    // MARK: Where an operand is expected

    /// Reads an operand or what opens one: true where it is complete, nil where it has an error.
    private mutating func operand(_ allowsLists: Bool) -> Bool? {
        if isAtEnd { return failMissingOperand() }
        if token.startsLine, token.lower > statementStart, token.kind == .identifier, startsEquation() {
            return failMissingOperand()
        }
        let start = token
        switch token.kind {
        case .number:
            push(SyntaxNode(kind: .number, lower: start.lower, upper: start.upper))
            advance()
            return true
        case .identifier: return name()
        case .examples:
            push(SyntaxNode(kind: .examples, lower: start.lower, upper: start.upper, a: start.name.raw))
            advance()
            return true
        case .minus:
            frames.append(Frame(kind: .negate, base: operands.count, lower: start.lower))
            advance()
            return false
        case .leftParenthesis:
            open(Frame(kind: .group, base: operands.count, lower: start.lower, open: start.lower))
            return false
        case .leftBracket where allowsLists:
            open(Frame(kind: .list, base: operands.count, lower: start.lower, open: start.lower))
            return false
        case .leftBracket:
            report("a list of values can stand only behind 'size … =' and 'const … ='", token.range)
            return nil
        case .invalid: return nil
        default: break
        }
        if let reduction = token.kind.reduction {
            advance()
            guard token.kind == .leftParenthesis, !isAtEnd else {
                report(
                    "'\(reduction.keyword)' needs '(' behind it", start.range,
                    [Diagnostic.Note("write '\(reduction.keyword)(i: …)'")])
                return nil
            }
            open(
                Frame(
                    kind: .binders, tag: reduction.rawValue, base: operands.count, lower: start.lower,
                    open: token.lower,
                    name: start.name, nameLength: start.upper - start.lower))
            return false
        }
        return failMissingOperand()
    }

    private mutating func failMissingOperand() -> Bool? {
        if failUnclosed() { return nil }
        if token.kind == .assign, previous.kind == .assign {
            report("'= =' is no operator", token.range)
        } else if token.lower == statementStart, token.kind == .endOfText {
            report("an expression is missing", token.range)
        } else if isAtEnd || token.startsLine && token.lower > statementStart {
            report("an expression is missing behind \(text(previous))", previous.range)
        } else if token.kind.isReserved {
            report("\(text(token)) is a reserved word and cannot stand here", token.range)
        } else if token.kind == .plus {
            report("'+' needs a term before it", token.range)
        } else {
            report("an expression is missing before \(text(token))", token.range)
        }
        return nil
    }

    private mutating func push(_ node: SyntaxNode) {
        operands.append(Operand(id: tree.add(node), lower: node.lower, upper: node.upper))
    }

    /// Opens a bracket at the current token.
    private mutating func open(_ frame: Frame) {
        frames.append(frame)
        depth += 1
        advance()
    }

    /// A name, and the bracket behind it where there is one: then more operands follow.
    private mutating func name() -> Bool? {
        let start = token
        advance()
        let firstPrime = primes.count
        while token.kind == .prime, !isAtEnd {
            guard let position = argumentPosition(token) else { return nil }
            primes.append(position)
            advance()
        }
        let isParenthesis = token.kind == .leftParenthesis
        guard !isAtEnd, isParenthesis || token.kind == .leftBracket else {
            if primes.count > firstPrime {
                report("a derivative of a function needs its arguments", start.range.union(previous.range))
                return nil
            }
            push(SyntaxNode(kind: .name, lower: start.lower, upper: start.upper, a: start.name.raw))
            return true
        }
        open(
            Frame(
                kind: isParenthesis ? .parentheses : .brackets, base: operands.count, lower: start.lower,
                open: token.lower, name: start.name, nameLength: start.upper - start.lower, primes: firstPrime))
        return false
    }

    /// The argument that a mark names: the first one, or the one with the number behind it.
    private mutating func argumentPosition(_ prime: Token) -> UInt32? {
        let digits = source.text(SourceRange(lower: prime.lower + 1, upper: prime.upper))
        if digits.isEmpty { return 1 }
        if let position = UInt32(digits), position >= 1, position <= 255 { return position }
        report("a function has no argument of this number", prime.range)
        return nil
    }

    // MARK: Where an operator is expected

    /// Reads an operator, a comma or what closes a bracket.
    private mutating func operation() -> Next {
        if isAtEnd { return depth > 0 ? unclosedOrUnexpected() : .end }
        switch token.kind {
        case .plus: return chain(.sum, isInverted: false)
        case .minus: return chain(.sum, isInverted: true)
        case .times: return chain(.product, isInverted: false)
        case .divide: return chain(.product, isInverted: true)
        case .and: return chain(.and, isInverted: false)
        case .or: return chain(.or, isInverted: false)
        case .power:
            finishOperators(above: Frame.Kind.power.precedence)
            return pushOperator(.power)
        case .less: return compare(.less)
        case .lessOrEqual: return compare(.lessOrEqual)
        case .greater: return compare(.greater)
        case .greaterOrEqual: return compare(.greaterOrEqual)
        case .equal: return compare(.equal)
        case .notEqual: return compare(.notEqual)
        case .question:
            finishOperators(above: Frame.Kind.then.precedence)
            return pushOperator(.then)
        case .colon: return colon()
        case .in, .closedRange, .halfOpenRange: return rangePart()
        case .comma: return comma()
        case .rightParenthesis, .rightBracket: return close()
        default: return unclosedOrUnexpected()
        }
    }

    private mutating func pushOperator(_ kind: Frame.Kind, tag: UInt8 = 0) -> Next {
        let base = operands.count - 1
        frames.append(Frame(kind: kind, tag: tag, base: base, lower: operands[base].lower))
        advance()
        return .operand
    }

    /// An operator of which a chain is one node.
    private mutating func chain(_ kind: Frame.Kind, isInverted: Bool) -> Next {
        finishOperators(above: kind.precedence)
        if let last = frames.indices.last, frames[last].kind == kind {
            operands[operands.count - 1].isInverted = frames[last].tag != 0
            frames[last].tag = isInverted ? 1 : 0
            advance()
            return .operand
        }
        return pushOperator(kind, tag: isInverted ? 1 : 0)
    }

    private mutating func compare(_ comparison: Comparison) -> Next {
        finishOperators(above: Frame.Kind.compare.precedence)
        if frames.last?.kind == .compare {
            failUnexpected()
            return .failure
        }
        return pushOperator(.compare, tag: comparison.rawValue)
    }

    /// `:` of a condition, or behind the indices of a reduction.
    private mutating func colon() -> Next {
        finishOperators(above: Frame.Kind.then.precedence)
        while frames.last?.kind == .otherwise { finishOperator() }
        if let last = frames.indices.last, frames[last].kind == .then {
            frames[last].kind = .otherwise
            advance()
            return .operand
        }
        guard finishRanges() else { return .failure }
        guard let last = frames.indices.last, frames[last].kind == .binders else {
            if frames.last?.kind == .body {
                report("a reduction has one ':'", token.range)
            } else {
                report("':' belongs to no '?' and to no reduction", token.range)
            }
            return .failure
        }
        let base = frames[last].base
        for position in base..<operands.count {
            let operand = operands[position]
            switch tree[operand.id].kind {
            case .binder, .examples: break
            case .name where tree[operand.id].lower == operand.lower:
                tree.makeBinder(operand.id, range: nil, upper: operand.upper)
            default:
                report(
                    "an index is expected here", SourceRange(lower: operand.lower, upper: operand.upper),
                    [Diagnostic.Note("write 'i' or 'i in 0..<N'")])
                return .failure
            }
        }
        frames[last].kind = .body
        frames[last].count = operands.count - base
        advance()
        return .operand
    }

    /// `in`, `...` or `..<`, where a range may stand.
    private mutating func rangePart() -> Next {
        finishOperators(above: Frame.Kind.then.precedence)
        while frames.last?.kind == .otherwise { finishOperator() }
        let inner = frames.last?.kind ?? .bottom
        let mayStand: Bool =
            switch inner {
            case .parentheses, .brackets, .binders: true
            case .bottom: (frames.last?.tag ?? 0) != 0
            case .binder: token.kind != .in
            default: false
            }
        guard mayStand else {
            if inner == .then {
                report("'?' needs ':' behind its first branch", token.range)
            } else {
                report("\(text(token)) is unexpected here", token.range)
            }
            return .failure
        }
        let base = operands.count - 1
        if token.kind == .in {
            let node = tree[operands[base].id]
            guard node.kind == .name, node.lower == operands[base].lower else {
                report(
                    "an index is expected before 'in'",
                    SourceRange(lower: operands[base].lower, upper: operands[base].upper))
                return .failure
            }
            return pushOperator(.binder)
        }
        return pushOperator(.range, tag: token.kind == .closedRange ? 1 : 0)
    }

    /// Finishes all operators and ranges inside the innermost bracket; false where one lacks a part.
    private mutating func finishRanges() -> Bool {
        while let frame = frames.last, !frame.kind.isBracket {
            let last = operands.count - 1
            switch frame.kind {
            case .then:
                report("'?' needs ':' behind its first branch", SourceRange(lower: frame.lower, upper: previous.upper))
                return false
            case .range:
                frames.removeLast()
                let node = SyntaxNode(
                    kind: .range, tag: frame.tag, lower: operands[frame.base].lower, upper: operands[last].upper,
                    a: operands[frame.base].id.raw, b: operands[last].id.raw)
                replaceOperands(from: frame.base, by: node, node.lower, node.upper)
            case .binder:
                frames.removeLast()
                guard tree[operands[last].id].kind == .range else {
                    report(
                        "a range is expected behind 'in'",
                        SourceRange(lower: operands[last].lower, upper: operands[last].upper),
                        [Diagnostic.Note("write 'i in 0..<N' or 'i in 1...N'")])
                    return false
                }
                tree.makeBinder(operands[frame.base].id, range: operands[last].id, upper: operands[last].upper)
                operands[frame.base].upper = operands[last].upper
                operands.removeLast(last - frame.base)
            default: finishOperator()
            }
        }
        return true
    }

    private mutating func comma() -> Next {
        // At the bottom a comma separates what a line declares.
        if depth == 0 { return .end }
        guard finishRanges(), let frame = frames.last else { return .failure }
        if frame.kind == .body {
            report("a reduction has one body", token.range, [Diagnostic.Note("put the sum's indices before the ':'")])
            return .failure
        }
        advance()
        if token.kind == .rightParenthesis || token.kind == .rightBracket, !isAtEnd {
            report("an expression is missing behind ','", previous.range)
            return .failure
        }
        return .operand
    }

    /// `)` or `]`.
    private mutating func close() -> Next {
        if depth == 0 { return .end }
        guard finishRanges(), let frame = frames.last else { return .failure }
        let isParenthesis = token.kind == .rightParenthesis
        let expectsParenthesis = frame.kind != .brackets && frame.kind != .list
        guard isParenthesis == expectsParenthesis else {
            report(
                "\(text(token)) does not close '\(expectsParenthesis ? "(" : "[")'", token.range,
                [Diagnostic.Note("it was opened here", at: SourceRange(lower: frame.open, upper: frame.open + 1))])
            return .failure
        }
        let upper = token.upper
        depth -= 1
        advance()
        return closed(frame, upper)
    }

    /// Makes the node of a bracket that was closed before the current token.
    private mutating func closed(_ frame: Frame, _ upper: UInt32) -> Next {
        var node = list(.tuple, from: frame.base, frame.lower, upper)
        switch frame.kind {
        case .group:
            frames.removeLast()
            if operands.count - frame.base == 1 {
                // Parentheses are no node; what stands in them has to be one of its own.
                operands[frame.base].lower = frame.lower
                operands[frame.base].upper = upper
                return .operation
            }
        case .list:
            frames.removeLast()
            node.kind = .list
        case .binders:
            return reductionWithoutColon(frame, upper)
        case .body:
            frames.removeLast()
            let body = operands[operands.count - 1].id
            node = SyntaxNode(
                kind: .reduction, tag: frame.tag, lower: frame.lower, upper: upper, a: body.raw,
                b: UInt32(truncatingIfNeeded: tree.pool.count), c: UInt32(truncatingIfNeeded: frame.count))
            for position in frame.base..<frame.base + frame.count { tree.addToPool(operands[position].id.raw) }
        case .parentheses where token.kind == .leftBracket && !isAtEnd:
            frames[frames.count - 1].count = operands.count - frame.base
            frames[frames.count - 1].kind = .brackets
            frames[frames.count - 1].open = token.lower
            depth += 1
            advance()
            return .operand
        default:
            frames.removeLast()
            if frame.kind == .brackets, token.kind == .leftParenthesis, !isAtEnd {
                report(
                    "stages stand before elements", token.range,
                    [Diagnostic.Note("write '\(findings.names[frame.name])(…)[…]'")])
                return .failure
            }
            node = application(frame, upper)
        }
        replaceOperands(from: frame.base, by: node, node.lower, upper)
        return .operation
    }

    /// `name(…)[…]`: takes its operands into the pool, counts first.
    private mutating func application(_ frame: Frame, _ upper: UInt32) -> SyntaxNode {
        let node = SyntaxNode(
            kind: .application, lower: frame.lower, upper: upper, a: frame.name.raw,
            b: UInt32(truncatingIfNeeded: tree.pool.count), c: frame.nameLength)
        let total = operands.count - frame.base
        let hasBrackets = frame.kind == .brackets
        let inParentheses = hasBrackets ? frame.count : total
        tree.addToPool(UInt32(truncatingIfNeeded: primes.count - frame.primes))
        tree.addToPool(UInt32(truncatingIfNeeded: inParentheses + 1))
        tree.addToPool(hasBrackets ? UInt32(truncatingIfNeeded: total - max(0, inParentheses) + 1) : 0)
        for position in frame.primes..<primes.count { tree.addToPool(primes[position]) }
        primes.removeLast(primes.count - frame.primes)
        for position in frame.base..<operands.count { tree.addToPool(operands[position].id.raw) }
        return node
    }

    /// `max(a, b)` and `min(a, b)` are functions; other reductions need indices.
    private mutating func reductionWithoutColon(_ frame: Frame, _ upper: UInt32) -> Next {
        frames.removeLast()
        let reduction = SyntaxReduction(rawValue: frame.tag) ?? .sum
        guard reduction == .maximum || reduction == .minimum else {
            report(
                "'\(reduction.keyword)' needs an index and ':'", SourceRange(lower: frame.lower, upper: upper),
                [Diagnostic.Note("write '\(reduction.keyword)(i: …)'")])
            return .failure
        }
        var call = frame
        call.kind = .parentheses
        call.primes = primes.count
        let node = application(call, upper)
        replaceOperands(from: frame.base, by: node, node.lower, upper)
        return .operation
    }

    // MARK: Brackets that nobody closes

    /// Reports the innermost open bracket where the current token shows that it was forgotten; then reading goes on at
    /// the line that showed it.
    private mutating func failUnclosed() -> Bool {
        guard depth > 0, let frame = frames.last(where: { $0.kind.isBracket && $0.kind != .bottom }) else {
            return false
        }
        let isForgotten =
            switch token.kind {
            case .endOfText, .assign: true
            default: token.startsLine && (token.kind.startsStatement || token.kind == .identifier && startsEquation())
            }
        guard isForgotten else { return false }
        let bracket = frame.kind == .brackets || frame.kind == .list ? "[" : "("
        report("this '\(bracket)' is not closed", SourceRange(lower: frame.open, upper: frame.open + 1))
        if token.kind == .assign, lineStart.token.kind == .identifier, lineStart.token.lower > frame.open {
            (token, lexer) = lineStart
        }
        return true
    }

    private mutating func unclosedOrUnexpected() -> Next {
        if depth == 0 { return .end }
        if failUnclosed() { return .failure }
        failUnexpected()
        return .failure
    }
}

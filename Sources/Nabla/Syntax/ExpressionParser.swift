/// Parses one expression with an explicit stack, so that nesting may be as deep as memory allows.
///
/// Operators wait on the stack until one that binds less tightly, or a delimiter, shows that their right operand is complete.
struct ExpressionParser {
    /// What waits for its operand to be completed.
    private enum Frame {
        case group(open: Token)
        /// Arguments of a name, in parentheses or brackets.
        case arguments(SyntaxApplication, list: [SyntaxID], open: Token)
        /// Values in brackets: `[1, 2]`, or an index tuple `(i, j)`.
        case list([SyntaxID], open: Token)
        /// The lower, then the upper bound of a reduction's last binder.
        case lower(Header)
        case upper(Header, lower: SyntaxID, isClosed: Bool)
        case body(Header)
        case condition(SyntaxID)
        case branches(SyntaxID, then: SyntaxID)
        case or([SyntaxID])
        case and([SyntaxID])
        case compare(Comparison, SyntaxID)
        case sum([(isNegative: Bool, term: SyntaxID)], isNegative: Bool)
        case product([(isDivisor: Bool, factor: SyntaxID)], isDivisor: Bool)
        case negate(Token)
        case not(Token)
        case power(SyntaxID)

        /// How tightly it binds; delimiters bind not at all.
        var level: Int {
            switch self {
            case .group, .arguments, .list, .lower, .upper, .body, .condition: -1
            case .branches: 0
            case .or: 1
            case .and: 2
            case .compare: 3
            case .sum: 4
            case .product: 5
            case .negate, .not: 6
            case .power: 7
            }
        }
    }

    /// A reduction that is being read.
    private struct Header {
        enum Kind {
            case reduction(ReductionKind)
            case extremum(ReductionKind)
            case examples(ReductionKind)
        }

        var kind: Kind
        var keyword: Token
        var open: Token
        var binders: [SyntaxBinder] = []
    }

    private let source: SourceText
    private let tokens: [Token]
    private var frames: [Frame] = []
    private var bracketDepth = 0

    init(_ source: SourceText, _ tokens: [Token]) {
        self.source = source
        self.tokens = tokens
    }

    static let reductions: [String: ReductionKind] = [
        "sum": .sum, "prod": .product, "mean": .mean, "max": .maximum, "min": .minimum, "logsumexp": .logSumExp,
    ]
    static let extrema: [String: ReductionKind] = ["argmax": .maximum, "argmin": .minimum]

    /// Words that may not name anything.
    static let reserved: Set<String> = Lexer.declarations.union([
        "sum", "prod", "mean", "max", "min", "logsumexp", "argmax", "argmin", "examples", "in",
    ])

    private func kind(_ position: Int) -> TokenKind { position < tokens.count ? tokens[position].kind : .end }

    private func range(_ position: Int) -> SourceRange {
        tokens[min(position, tokens.count - 1)].range
    }

    private func text(_ position: Int) -> String { source.text(range(position)) }

    /// Reads an expression from `position` on, up to what cannot belong to it.
    ///
    /// - Throws: ``Diagnostic`` for the first thing that is wrong.
    mutating func parse(_ position: inout Int, _ tree: inout SyntaxTree) throws -> SyntaxID {
        frames.removeAll(keepingCapacity: true)
        while true {
            guard var operand = try readOperand(&position, &tree) else { continue }
            // An operator, a delimiter, or the end.
            while true {
                if let result = try afterOperand(&operand, &position, &tree) {
                    if let complete = result { return complete }
                    break
                }
            }
        }
    }

    // MARK: Operands

    /// Reads a prefix, an opening delimiter (nil: go on with an operand), or a leaf.
    private mutating func readOperand(_ position: inout Int, _ tree: inout SyntaxTree) throws -> SyntaxID? {
        let token = tokens[min(position, tokens.count - 1)]
        switch token.kind {
        case .number:
            position += 1
            // `2x` is no product.
            if [.identifier, .standardName].contains(kind(position)), range(position).lower == token.range.upper {
                throw Diagnostic(
                    "a number right before a name", range: range(position),
                    notes: [
                        .init("there is no implicit product: write '\(source.text(token.range))*\(text(position))'")
                    ])
            }
            return tree.add(.number, token.range)
        case .minus:
            position += 1
            frames.append(.negate(token))
            return nil
        case .not:
            position += 1
            frames.append(.not(token))
            return nil
        case .leftParenthesis:
            position += 1
            frames.append(.group(open: token))
            return nil
        case .leftBracket:
            position += 1
            frames.append(.list([], open: token))
            return nil
        case .identifier, .standardName: return try readName(&position, &tree)
        default: throw unexpected(position, "an expression")
        }
    }

    private mutating func readName(_ position: inout Int, _ tree: inout SyntaxTree) throws -> SyntaxID? {
        let token = tokens[position]
        let next = kind(position + 1)
        let isOpen = next == .leftParenthesis
        if !isOpen, next != .leftBracket, next != .prime, let plain = plainName(token.range, &tree) {
            position += 1
            return plain
        }
        let name = source.text(token.range)
        if isOpen, ExpressionParser.reductions[name] != nil || ExpressionParser.extrema[name] != nil,
            let header = try readHeader(&position, name)
        {
            try continueHeader(header, &position, &tree)
            return nil
        }
        if ExpressionParser.reserved.contains(name), !["max", "min"].contains(name) || !isOpen {
            let reduces = ExpressionParser.reductions[name] != nil || ExpressionParser.extrema[name] != nil
            throw Diagnostic(
                "'\(name)' is a reserved word", range: token.range,
                notes: reduces ? [.init("write '\(name)(i: …)'")] : [])
        }
        position += 1
        var application = SyntaxApplication(name: SyntaxName(name, token.range))
        while kind(position) == .prime {
            let digits = text(position).dropFirst()
            guard digits.isEmpty || (Int(digits) ?? 0) > 0 else {
                throw Diagnostic("which argument? They count from 1", range: range(position))
            }
            application.primes.append(digits.isEmpty ? 1 : Int(digits) ?? 1)
            application.name.range = application.name.range.union(range(position))
            position += 1
        }
        return try open(application, token.range, &position, &tree)
    }

    /// A name with nothing behind it; nil for a reserved word, and for one that is not ASCII.
    private func plainName(_ range: SourceRange, _ tree: inout SyntaxTree) -> SyntaxID? {
        let number = source.bytes.withUnsafeBufferPointer { bytes -> Int? in
            let own = UnsafeBufferPointer(rebasing: bytes[Int(range.lower)..<Int(range.upper)])
            return NameTable.isASCII(own) ? tree.names.number(of: own) : nil
        }
        guard let number, !tree.names.isReserved(number) else { return nil }
        return tree.add(name: number, range)
    }

    /// Goes into the parentheses or brackets behind a name, or completes it.
    private mutating func open(
        _ application: SyntaxApplication, _ range: SourceRange, _ position: inout Int, _ tree: inout SyntaxTree
    ) throws -> SyntaxID? {
        let next = kind(position)
        let canOpen =
            next == .leftParenthesis && application.parenthesised == nil && application.bracketed == nil
            || next == .leftBracket && application.bracketed == nil
        guard canOpen else { return tree.add(.application(application), range) }
        let open = tokens[position]
        position += 1
        if kind(position) == (next == .leftParenthesis ? .rightParenthesis : .rightBracket) {
            throw Diagnostic("an index or an argument is missing between the brackets", range: self.range(position))
        }
        frames.append(.arguments(application, list: [], open: open))
        return nil
    }

    /// `sum(` and what follows, if it is a reduction: `max(a, b)` is a function.
    private func readHeader(_ position: inout Int, _ name: String) throws -> Header? {
        let keyword = tokens[position]
        let open = tokens[position + 1]
        if name == "max" || name == "min", !isReduction(position + 2) { return nil }
        let kind: Header.Kind =
            if let extremum = ExpressionParser.extrema[name] {
                .extremum(extremum)
            } else {
                .reduction(ExpressionParser.reductions[name] ?? .sum)
            }
        position += 2
        return Header(kind: kind, keyword: keyword, open: open)
    }

    /// Whether names with commas between them and then a colon or `in` stand here.
    private func isReduction(_ start: Int) -> Bool {
        var position = start
        while kind(position) == .identifier {
            switch kind(position + 1) {
            case .colon: return true
            case .identifier: return text(position + 1) == "in"
            case .comma: position += 2
            default: return false
            }
        }
        return false
    }

    /// Reads binders up to a range, whose bounds are expressions, or up to the colon.
    private mutating func continueHeader(
        _ start: Header, _ position: inout Int, _ tree: inout SyntaxTree
    ) throws {
        var header = start
        while true {
            guard kind(position) == .identifier else { throw unexpected(position, "an index to reduce over") }
            let name = SyntaxName(text(position), range(position))
            if name.text == "examples" {
                guard case .reduction(let kind) = header.kind, header.binders.isEmpty, kind == .sum || kind == .mean
                else {
                    throw Diagnostic(
                        "'examples' stands alone in a sum or a mean", range: name.range,
                        notes: [.init("write 'sum(examples: …)' or 'mean(examples: …)'")])
                }
                position += 1
                header.kind = .examples(kind)
            } else {
                if ExpressionParser.reserved.contains(name.text) {
                    throw Diagnostic("'\(name.text)' is a reserved word", range: name.range)
                }
                position += 1
                header.binders.append(SyntaxBinder(name: name))
                if kind(position) == .identifier, text(position) == "in" {
                    position += 1
                    frames.append(.lower(header))
                    return
                }
            }
            if kind(position) == .comma {
                if case .examples = header.kind {
                    throw Diagnostic("'examples' stands alone in a sum or a mean", range: name.range)
                }
                position += 1
                continue
            }
            try endHeader(header, &position)
            return
        }
    }

    private mutating func endHeader(_ header: Header, _ position: inout Int) throws {
        guard kind(position) == .colon else {
            throw unexpected(position, "':' and what to reduce")
        }
        position += 1
        frames.append(.body(header))
    }

    // MARK: Operators

    /// Takes what stands behind an operand.
    ///
    /// - Returns: nil to look again, behind a larger operand; `.some(nil)` to read the next operand; `.some(id)` at the end.
    private mutating func afterOperand(
        _ operand: inout SyntaxID, _ position: inout Int, _ tree: inout SyntaxTree
    ) throws -> SyntaxID?? {
        let token = tokens[min(position, tokens.count - 1)]
        switch token.kind {
        case .caret:
            position += 1
            frames.append(.power(operand))
        case .star, .slash:
            operand = reduce(operand, to: 5, &tree)
            let isDivisor = token.kind == .slash
            if case .product(var factors, let wasDivisor)? = frames.last {
                frames.removeLast()  // gives the list up, so that it grows in place
                factors.append((wasDivisor, operand))
                frames.append(.product(factors, isDivisor: isDivisor))
            } else {
                frames.append(.product([(false, operand)], isDivisor: isDivisor))
            }
            position += 1
        case .plus, .minus:
            operand = reduce(operand, to: 4, &tree)
            let isNegative = token.kind == .minus
            if case .sum(var terms, let wasNegative)? = frames.last {
                frames.removeLast()
                terms.append((wasNegative, operand))
                frames.append(.sum(terms, isNegative: isNegative))
            } else {
                frames.append(.sum([(false, operand)], isNegative: isNegative))
            }
            position += 1
        case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual:
            operand = reduce(operand, to: 3, &tree)
            if case .compare? = frames.last {
                throw Diagnostic(
                    "comparisons do not chain", range: token.range, notes: [.init("join two comparisons with '&&'")])
            }
            position += 1
            frames.append(.compare(ExpressionParser.comparison(token.kind), operand))
        case .and:
            operand = reduce(operand, to: 2, &tree)
            if case .and(var parts)? = frames.last {
                frames.removeLast()
                parts.append(operand)
                frames.append(.and(parts))
            } else {
                frames.append(.and([operand]))
            }
            position += 1
        case .or:
            operand = reduce(operand, to: 1, &tree)
            if case .or(var parts)? = frames.last {
                frames.removeLast()
                parts.append(operand)
                frames.append(.or(parts))
            } else {
                frames.append(.or([operand]))
            }
            position += 1
        case .question:
            operand = reduce(operand, to: 1, closingChains: true, &tree)
            position += 1
            frames.append(.condition(operand))
        default: return try close(&operand, token, &position, &tree)
        }
        return .some(nil)
    }

    private static func comparison(_ kind: TokenKind) -> Comparison {
        switch kind {
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .notEqual: .notEqual
        default: .equal
        }
    }

    /// Completes everything on the stack that binds at least as tightly as `level`; chains at the level itself stay open.
    private mutating func reduce(
        _ operand: SyntaxID, to level: Int, closingChains: Bool = false, _ tree: inout SyntaxTree
    ) -> SyntaxID {
        var result = operand
        while let frame = frames.last, frame.level >= level {
            if !closingChains, frame.level == level, [1, 2, 3, 4, 5].contains(level) { break }
            frames.removeLast()
            result = completed(frame, result, &tree)
        }
        return result
    }

    /// Completes everything up to the next delimiter.
    private mutating func reduceAll(_ operand: SyntaxID, _ tree: inout SyntaxTree) -> SyntaxID {
        var result = operand
        while let frame = frames.last, frame.level >= 0 {
            frames.removeLast()
            result = completed(frame, result, &tree)
        }
        return result
    }

    private func completed(_ frame: Frame, _ operand: SyntaxID, _ tree: inout SyntaxTree) -> SyntaxID {
        let range = tree.range(operand)
        switch frame {
        case .branches(let condition, let then):
            return tree.add(
                .conditional(condition, then: then, otherwise: operand), tree.range(condition).union(range))
        case .or(let parts):
            return tree.add(.or(parts + [operand]), tree.range(parts[0]).union(range))
        case .and(let parts):
            return tree.add(.and(parts + [operand]), tree.range(parts[0]).union(range))
        case .compare(let comparison, let left):
            return tree.add(.compare(comparison, left, operand), tree.range(left).union(range))
        case .sum(let terms, let isNegative):
            return tree.add(.sum(terms + [(isNegative, operand)]), tree.range(terms[0].term).union(range))
        case .product(let factors, let isDivisor):
            return tree.add(.product(factors + [(isDivisor, operand)]), tree.range(factors[0].factor).union(range))
        case .negate(let token): return tree.add(.negate(operand), token.range.union(range))
        case .not(let token): return tree.add(.not(operand), token.range.union(range))
        case .power(let base): return tree.add(.power(base, operand), tree.range(base).union(range))
        case .group, .arguments, .list, .lower, .upper, .body, .condition: return operand
        }
    }

    // MARK: Delimiters

    private mutating func close(
        _ operand: inout SyntaxID, _ token: Token, _ position: inout Int, _ tree: inout SyntaxTree
    ) throws -> SyntaxID?? {
        operand = reduceAll(operand, &tree)
        guard let frame = frames.last else { return .some(.some(operand)) }
        switch frame {
        case .condition(let condition):
            guard token.kind == .colon else { throw unexpected(position, "':' and the other branch") }
            position += 1
            frames[frames.count - 1] = .branches(condition, then: operand)
            return .some(nil)
        case .group(let open):
            if token.kind == .comma {
                position += 1
                frames[frames.count - 1] = .list([operand], open: open)
                return .some(nil)
            }
            guard token.kind == .rightParenthesis else { throw unclosed(open, position) }
            position += 1
            frames.removeLast()
            return nil
        case .list(var items, let open):
            frames[frames.count - 1] = .group(open: open)
            items.append(operand)
            let isBracketed = open.kind == .leftBracket
            if token.kind == .comma {
                position += 1
                frames[frames.count - 1] = .list(items, open: open)
                return .some(nil)
            }
            guard token.kind == (isBracketed ? .rightBracket : .rightParenthesis) else {
                throw unclosed(open, position)
            }
            position += 1
            frames.removeLast()
            operand = tree.add(.list(items, isBracketed: isBracketed), open.range.union(token.range))
            return nil
        case .arguments(var application, var items, let open):
            frames[frames.count - 1] = .group(open: open)
            items.append(operand)
            if token.kind == .comma {
                position += 1
                frames[frames.count - 1] = .arguments(application, list: items, open: open)
                return .some(nil)
            }
            let isParenthesis = open.kind == .leftParenthesis
            guard token.kind == (isParenthesis ? .rightParenthesis : .rightBracket) else {
                throw unclosed(open, position)
            }
            position += 1
            frames.removeLast()
            if isParenthesis { application.parenthesised = items } else { application.bracketed = items }
            let range = application.name.range.union(token.range)
            guard let complete = try self.open(application, range, &position, &tree) else { return .some(nil) }
            operand = complete
            return nil
        case .lower(let header):
            guard token.kind == .halfOpenRange || token.kind == .closedRange else {
                throw unexpected(position, "'..<' or '...' and the end of the range")
            }
            position += 1
            frames[frames.count - 1] = .upper(header, lower: operand, isClosed: token.kind == .closedRange)
            return .some(nil)
        case .upper(var header, let lower, let isClosed):
            frames.removeLast()
            header.binders[header.binders.count - 1].bounds = SyntaxBounds(
                lower: lower, upper: operand, isClosed: isClosed)
            if token.kind == .comma {
                position += 1
                try continueHeader(header, &position, &tree)
            } else {
                try endHeader(header, &position)
            }
            return .some(nil)
        case .body(let header):
            guard token.kind == .rightParenthesis else {
                if token.kind == .comma {
                    throw Diagnostic(
                        "a reduction has one body", range: token.range,
                        notes: [.init("its indices stand before the ':'")])
                }
                throw unclosed(header.open, position)
            }
            position += 1
            frames.removeLast()
            let range = header.keyword.range.union(token.range)
            switch header.kind {
            case .reduction(let kind): operand = tree.add(.reduction(kind, header.binders, body: operand), range)
            case .extremum(let kind): operand = tree.add(.extremum(kind, header.binders, body: operand), range)
            case .examples(let kind): operand = tree.add(.examples(kind, body: operand), range)
            }
            return nil
        default: return .some(.some(operand))
        }
    }

    private func unclosed(_ open: Token, _ position: Int) -> Diagnostic {
        let next = kind(position)
        if next == .newline || next == .end {
            return Diagnostic("this '\(source.text(open.range))' is not closed", range: open.range)
        }
        return unexpected(
            position, "an operator, ',' or '\(open.kind == .leftParenthesis ? ")" : "]")'",
            note: .init("the bracket opens here", range: open.range))
    }

    private func unexpected(_ position: Int, _ wanted: String, note: Diagnostic.Note? = nil) -> Diagnostic {
        let token = tokens[min(position, tokens.count - 1)]
        let found =
            switch token.kind {
            case .newline: "the line ends"
            case .end: "the spec ends"
            default: "found '\(source.text(token.range))'"
            }
        // An open bracket is the likelier mistake where the text just ends.
        if token.kind == .newline || token.kind == .end, let open = innermostOpen {
            return Diagnostic("this '\(source.text(open.range))' is not closed", range: open.range)
        }
        var notes = note.map { [$0] } ?? []
        var range = token.range
        switch token.kind {
        case .newline, .end: if position > 0 { range = self.range(position - 1) }
        case .identifier, .standardName, .number:
            if note != nil { notes.insert(.init("there is no implicit product: write '*'"), at: 0) }
        case .plus where wanted == "an expression": notes.append(.init("'+' needs a term before it"))
        default: break
        }
        return Diagnostic("expected \(wanted), but \(found)", range: range, notes: notes)
    }

    private var innermostOpen: Token? {
        for frame in frames.reversed() {
            switch frame {
            case .group(let open), .arguments(_, _, let open), .list(_, let open): return open
            case .lower(let header), .upper(let header, _, _), .body(let header): return header.open
            default: continue
            }
        }
        return nil
    }
}

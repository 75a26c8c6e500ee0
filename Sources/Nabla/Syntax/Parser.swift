/// Reads a spec: statement by statement, each expression by ``Parser/expression(allowsRange:allowsLists:)``.
///
/// An error ends its statement; reading goes on at the next one, so that all independent errors are found.
public struct Parser {
    let source: SourceText
    var lexer: Lexer
    var findings = Lexer.Findings()
    var tree = SyntaxTree()
    var token = Token(kind: .endOfText, lower: 0, upper: 0)
    var previous = Token(kind: .endOfText, lower: 0, upper: 0)
    /// How many brackets are open at the current token.
    var depth = 0
    /// Where the statement starts that is being read.
    var statementStart: UInt32 = 0
    /// The first token of the latest line, and the reader behind it.
    var lineStart: (token: Token, lexer: Lexer)
    /// The end of the latest statement: comments before it document nothing.
    private var lastEnd: UInt32 = 0
    private var documented = 0
    private var suggester = NameSuggester(budget: 10_000)
    let distribution: NameID
    let of: NameID
    let wrt: NameID

    // The stacks of the expression parser, kept from expression to expression.
    var frames: [Frame] = []
    var operands: [Operand] = []
    var primes: [UInt32] = []

    private init(_ source: SourceText) {
        self.source = source
        lexer = Lexer(source)
        lineStart = (token, lexer)
        distribution = findings.names.intern("distribution")
        of = findings.names.intern("of")
        wrt = findings.names.intern("wrt")
    }

    /// The syntax tree of a spec, and what is wrong with its syntax.
    public static func parse(_ source: SourceText) -> (tree: SyntaxTree, diagnostics: [Diagnostic]) {
        guard source.bytes.count <= SourceText.mostBytes else {
            return (SyntaxTree(), [Diagnostic(.error, "the file is larger than 4 GiB", at: .none)])
        }
        var parser = Parser(source)
        parser.findings.diagnostics = Lexer.invalidBytes(of: source)
        parser.run()
        return (parser.tree, parser.findings.diagnostics)
    }

    /// One expression that is all of a text, as the tree's last node.
    static func parseExpression(_ source: SourceText) -> (tree: SyntaxTree, root: SyntaxNodeID?, [Diagnostic]) {
        var parser = Parser(source)
        parser.findings.diagnostics = Lexer.invalidBytes(of: source)
        parser.advance()
        parser.statementStart = parser.token.lower
        var root = parser.expression()?.id
        if root != nil, parser.token.kind != .endOfText {
            parser.failUnexpected()
            root = nil
        }
        parser.finish()
        return (parser.tree, parser.findings.diagnostics.isEmpty ? root : nil, parser.findings.diagnostics)
    }

    private mutating func run() {
        advance()
        while token.kind != .endOfText, tree.count < SyntaxTree.mostNodes { statement() }
        if token.kind != .endOfText { report("the spec is too large", token.range) }
        finish()
    }

    private mutating func finish() {
        tree.names = findings.names
        tree.documentation = findings.documentation
        tree.lastLine = source.lastLine
    }

    // MARK: Tokens

    mutating func advance() {
        previous = token
        token = lexer.next(&findings)
        if token.startsLine { lineStart = (token, lexer) }
    }

    /// Whether the statement ended before the current token.
    var isAtEnd: Bool {
        token.kind == .endOfText
            || token.startsLine && depth == 0 && token.lower > statementStart && !previous.kind.continuesLine
    }

    func text(_ token: Token) -> String {
        token.kind == .endOfText ? "the end of the file" : "'\(source.text(token.range))'"
    }

    mutating func report(_ message: String, _ range: SourceRange, _ notes: [Diagnostic.Note] = []) {
        findings.diagnostics.append(Diagnostic(.error, message, at: range, notes: notes))
    }

    /// Reports the current token as one that cannot stand there.
    mutating func failUnexpected() {
        if token.kind == .invalid { return }  // reported by the lexer
        if token.kind == .endOfText || isAtEnd {
            report("the statement ends too early", previous.range)
            return
        }
        switch token.kind {
        case .identifier, .number, .leftParenthesis:
            report(
                "an operator is missing before \(text(token))", token.range,
                [Diagnostic.Note("there is no implicit product: write '*'")])
        case .leftBracket where previous.kind == .rightBracket:
            report("indices stand in one pair of brackets", token.range, [Diagnostic.Note("write 'x[i, j]'")])
        case .rightParenthesis, .rightBracket: report("\(text(token)) closes nothing", token.range)
        case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual:
            report("comparisons do not chain", token.range, [Diagnostic.Note("write 'a < b && b < c'")])
        default: report("\(text(token)) is unexpected here", token.range)
        }
    }

    // MARK: Statements

    private mutating func statement() {
        let start = token
        statementStart = start.lower
        depth = 0
        let documentation = takeDocumentation()
        let firstItem = tree.items.count
        let kind: StatementKind
        switch token.kind {
        case .network: kind = .network
        case .size: kind = .size
        case .layer: kind = .layer
        case .step: kind = .step
        case .input: kind = .input
        case .target: kind = .target
        case .parameter: kind = .parameter
        case .constant: kind = .constant
        case .function: kind = .function
        case .cost: kind = .cost
        case .derivative: kind = .derivative
        default: kind = .equation
        }
        if kind != .equation { advance() }
        var isRead: Bool
        switch kind {
        case .equation: isRead = equation(start)
        case .cost: isRead = cost()
        case .derivative: isRead = derivative()
        case .network: isRead = network()
        default: isRead = declarations(kind)
        }
        if isRead, !isAtEnd {
            failBehind(start)
            isRead = false
        }
        if !isRead { recover(kind, start) }
        lastEnd = max(previous.upper, start.upper)
        let range = SourceRange(lower: start.lower, upper: lastEnd)
        // What was read of a statement before its error still declares its names.
        if tree.items.count > firstItem {
            tree.statements.append(
                StatementSyntax(
                    kind: kind, range: range, items: firstItem..<tree.items.count, documentation: documentation))
        }
    }

    /// Reports the current token, which cannot go on with a statement that seemed complete.
    private mutating func failBehind(_ start: Token) {
        guard token.kind == .assign, lineStart.token.kind == .identifier, lineStart.token.lower > start.lower else {
            return failUnexpected()
        }
        report(
            "a statement starts here, but the one before it is not complete", lineStart.token.range,
            [Diagnostic.Note("a line that ends in an operator or a comma goes on in the next one")])
        (token, lexer) = lineStart
    }

    /// The `///` comments between the statement before and this one.
    private mutating func takeDocumentation() -> Range<Int> {
        let count = findings.documentation.count
        var first = documented
        while first < count, findings.documentation[first].lower < lastEnd { first += 1 }
        var end = first
        while end < count, findings.documentation[end].upper <= token.lower { end += 1 }
        documented = end
        return first..<end
    }

    private mutating func network() -> Bool {
        guard let name = expectName("the network") else { return false }
        let left = tree.add(SyntaxNode(kind: .name, lower: name.lower, upper: name.upper, a: name.name.raw))
        tree.items.append(ItemSyntax(left: left))
        return true
    }

    private mutating func expectName(_ what: String) -> Token? {
        if token.kind == .identifier, !isAtEnd {
            defer { advance() }
            return token
        }
        if token.kind == .invalid { return nil }
        if token.kind.isReserved, !isAtEnd {
            report("\(text(token)) is a reserved word and cannot name anything", token.range)
        } else {
            report("a name for \(what) is missing", isAtEnd ? previous.range : token.range)
        }
        return nil
    }

    private mutating func cost() -> Bool {
        guard let left = leftSide("the cost") else { return false }
        return definition(ItemSyntax(left: left))
    }

    private mutating func derivative() -> Bool {
        guard let left = leftSide("the derivative") else { return false }
        guard accept(of, "of"), let cost = leftSide("the cost"), accept(wrt, "wrt"),
            let quantity = leftSide("the quantity")
        else { return false }
        return definition(ItemSyntax(left: left, of: cost, wrt: quantity))
    }

    private mutating func accept(_ word: NameID, _ text: String) -> Bool {
        if token.kind == .identifier, token.name == word, !isAtEnd {
            advance()
            return true
        }
        if token.kind != .invalid {
            report(
                "'\(text)' is missing", isAtEnd ? previous.range : token.range,
                [Diagnostic.Note("write 'derivative NAME[…] of COST wrt QUANTITY = …'")])
        }
        return false
    }

    private mutating func equation(_ start: Token) -> Bool {
        guard start.kind == .identifier else {
            if start.kind.isReserved {
                report("a statement cannot start with the reserved word \(text(start))", start.range)
            } else if start.kind == .rightParenthesis || start.kind == .rightBracket {
                failUnexpected()
            } else if start.kind != .invalid {
                report(
                    "a declaration or an equation is expected, not \(text(start))", start.range,
                    start.kind.continuesLine
                        ? [Diagnostic.Note("a statement that goes on in the next line ends its line in an operator")]
                        : [])
            }
            return false
        }
        guard let left = leftSide("the equation") else { return false }
        if token.kind == .identifier, !isAtEnd, tree[left].kind == .name {
            // Two names side by side: perhaps a declaration with a misspelt keyword.
            let keywords = TokenKind.reservedWords.filter { $0.kind.startsStatement }.map(\.word)
            let nearest = suggester.nearest(to: findings.names[start.name], among: keywords)
            report(
                "\(text(start)) starts no statement", start.range, Diagnostic.suggestion(nearest))
            return false
        }
        return definition(ItemSyntax(left: left))
    }

    /// `= expression`, which ends the item.
    private mutating func definition(_ item: ItemSyntax) -> Bool {
        var item = item
        guard token.kind == .assign, !isAtEnd else {
            if token.kind == .invalid { return false }
            let isEqual = token.kind == .equal
            report(
                "'=' is missing", isAtEnd ? previous.range : token.range,
                isEqual ? [Diagnostic.Note("'==' compares; '=' defines")] : [])
            return false
        }
        advance()
        guard let value = expression() else { return false }
        item.value = value.id
        tree.items.append(item)
        return true
    }

    /// A quantity with its indices, where a name must come first.
    private mutating func leftSide(_ what: String) -> SyntaxNodeID? {
        guard token.kind == .identifier, !isAtEnd else {
            _ = expectName(what)
            return nil
        }
        guard let operand = expression() else { return nil }
        let node = tree[operand.id]
        let isPlain: Bool =
            switch node.kind {
            case .name: true
            case .application: tree.parts(ofApplication: node).primes.isEmpty
            default: false
            }
        // A parenthesised name is no name.
        guard isPlain, node.lower == operand.lower else {
            report(
                "a quantity with its indices is expected here",
                SourceRange(lower: operand.lower, upper: operand.upper))
            return nil
        }
        return operand.id
    }

    private mutating func declarations(_ kind: StatementKind) -> Bool {
        while true {
            guard declaration(kind) else { return false }
            guard token.kind == .comma, !isAtEnd else { return true }
            advance()
        }
    }

    private mutating func declaration(_ kind: StatementKind) -> Bool {
        if kind == .layer || kind == .step { return stage() }
        guard let left = leftSide("the declaration") else { return false }
        var item = ItemSyntax(left: left)
        if kind == .input || kind == .target, token.kind == .identifier, token.name == distribution, !isAtEnd {
            item.isDistribution = true
            advance()
        }
        if token.kind == .assign, !isAtEnd {
            guard kind == .size || kind == .constant || kind == .function else {
                let word = kind == .parameter ? "param" : kind == .input ? "input" : "target"
                report(
                    "a value cannot be given here", token.range,
                    [
                        Diagnostic.Note("the values of \(word) quantities are given at run time")
                    ])
                tree.items.append(item)
                return false
            }
            advance()
            guard let value = expression(allowsLists: kind != .function) else { return false }
            item.value = value.id
        }
        tree.items.append(item)
        return true
    }

    /// `l in 1...L`.
    private mutating func stage() -> Bool {
        guard token.kind == .identifier, !isAtEnd else {
            _ = expectName("the stage index")
            return false
        }
        guard let operand = expression(allowsRange: true) else { return false }
        let node = tree[operand.id]
        guard node.kind == .binder, tree.range(ofBinder: node) != nil else {
            report(
                "a stage index needs a range", SourceRange(lower: operand.lower, upper: operand.upper),
                [Diagnostic.Note("write 'l in 1...L'")])
            return false
        }
        tree.items.append(ItemSyntax(left: operand.id))
        return true
    }

    // MARK: Recovery

    /// Passes over the rest of a statement that has an error.
    private mutating func recover(_ kind: StatementKind, _ start: Token) {
        if kind == .cost { tree.mayLackCost = true }
        if kind == .equation, start.kind == .identifier { tree.damagedNames.insert(start.name) }
        // Read the names of the statement again: any of them may have been declared by it.
        var again = Lexer(source, at: start.lower)
        var isFirst = true
        while again.offset < Int(token.lower), isFirst || !kind.definesOneName {
            let passed = again.next(&findings)
            if passed.kind == .endOfText || passed.lower >= token.lower { break }
            note(passed, kind, &isFirst)
        }
        while token.kind != .endOfText {
            if token.startsLine, token.lower > start.lower {
                if token.kind.startsStatement { break }
                if token.kind == .identifier, depth == 0 && !previous.kind.continuesLine || startsEquation() { break }
            }
            note(token, kind, &isFirst)
            switch token.kind {
            case .leftParenthesis, .leftBracket: depth += 1
            case .rightParenthesis, .rightBracket: depth = max(0, depth - 1)
            default: break
            }
            advance()
        }
        depth = 0
    }

    /// Marks the names that a damaged statement may have declared: of a declaration all, of an equation the first.
    private mutating func note(_ token: Token, _ kind: StatementKind, _ isFirst: inout Bool) {
        guard token.kind == .identifier else { return }
        if kind.definesOneName {
            if isFirst { tree.damagedNames.insert(token.name) }
            isFirst = false
        } else {
            tree.damagedNames.insert(token.name)
        }
    }

    /// Whether the line of the current token begins like an equation: a name, brackets, `=`.
    mutating func startsEquation() -> Bool {
        var reader = lexer
        var depth = 0
        while true {
            let next = reader.next(&findings)
            if next.startsLine { return false }
            switch next.kind {
            case .assign: return depth == 0
            case .leftParenthesis, .leftBracket: depth += 1
            case .rightParenthesis, .rightBracket:
                depth -= 1
                if depth < 0 { return false }
            case .endOfText, .invalid: return false
            default: if depth == 0 { return false }
            }
        }
    }
}

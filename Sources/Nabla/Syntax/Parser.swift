/// Parses a spec: statements here, expressions by ``ExpressionParser``. An error ends its statement, not the spec.
public struct Parser {
    private let source: SourceText
    private let tokens: [Token]
    private var position = 0
    private var tree = SyntaxTree()
    private var expressions: ExpressionParser
    private var diagnostics: [Diagnostic]

    private init(_ source: SourceText) {
        self.source = source
        let (tokens, found) = Lexer.tokens(of: source)
        self.tokens = tokens
        diagnostics = found
        expressions = ExpressionParser(source, tokens)
    }

    /// Reads a spec; what could not be read is left out of the tree and reported.
    public static func parse(_ source: SourceText) -> (tree: SyntaxTree, diagnostics: [Diagnostic]) {
        guard source.bytes.count <= SourceText.largest else {
            return (SyntaxTree(), [Diagnostic("the spec is larger than 4 GiB", range: .none)])
        }
        var parser = Parser(source)
        parser.run()
        return (parser.tree, parser.diagnostics)
    }

    /// Reads one expression by itself, such as `dC_dw(2)[0,1]` on a command line.
    static func parseExpression(_ source: SourceText) -> (tree: SyntaxTree, root: SyntaxID?, diagnostics: [Diagnostic])
    {
        var parser = Parser(source)
        do {
            let root = try parser.expression()
            if parser.kind == .newline { parser.position += 1 }
            guard parser.kind == .end else { throw parser.surplus("the end") }
            return (parser.tree, root, parser.diagnostics)
        } catch let diagnostic as Diagnostic {
            return (parser.tree, nil, parser.diagnostics.isEmpty ? [diagnostic] : parser.diagnostics)
        } catch {
            return (parser.tree, nil, parser.diagnostics)
        }
    }

    // MARK: Tokens

    private var token: Token { tokens[min(position, tokens.count - 1)] }
    private var kind: TokenKind { token.kind }
    private var text: String { source.text(token.range) }

    private func isWord(_ word: String) -> Bool { kind == .identifier && text == word }

    private mutating func take(_ wanted: TokenKind, _ description: String) throws {
        guard kind == wanted else { throw unexpected(description) }
        position += 1
    }

    private func unexpected(_ wanted: String) -> Diagnostic {
        let found =
            switch kind {
            case .newline: "the line ends"
            case .end: "the spec ends"
            default: "found '\(text)'"
            }
        return Diagnostic("expected \(wanted), but \(found)", range: place)
    }

    /// The place of the current token; of a line's end, the last token before it.
    private var place: SourceRange {
        (kind == .newline || kind == .end) && position > 0 ? tokens[position - 1].range : token.range
    }

    /// What stands behind a statement or an expression that is complete.
    private func surplus(_ wanted: String) -> Diagnostic {
        let before = position > 0 ? tokens[position - 1].kind : .newline
        switch kind {
        case .identifier, .number, .leftParenthesis:
            if kind == .leftParenthesis, before == .rightBracket {
                return Diagnostic(
                    "stages stand before elements", range: token.range, notes: [.init("write 'x(stage)[element]'")])
            }
            return Diagnostic(
                "an operator is missing before '\(text)'", range: token.range,
                notes: [.init("there is no implicit product: write '*'")])
        case .leftBracket where before == .rightBracket:
            return Diagnostic(
                "indices stand in one pair of brackets", range: token.range, notes: [.init("write 'x[i, j]'")])
        case .rightParenthesis, .rightBracket:
            return Diagnostic("this '\(text)' closes nothing", range: token.range)
        case .colon: return Diagnostic("this ':' belongs to no '?' and to no reduction", range: token.range)
        default: return unexpected(wanted)
        }
    }

    private mutating func expression() throws -> SyntaxID { try expressions.parse(&position, &tree) }

    /// A new name: no reserved word.
    private mutating func name(_ description: String) throws -> SyntaxName { try numberedName(description).name }

    private mutating func numberedName(_ description: String) throws -> (name: SyntaxName, number: Int) {
        guard kind == .identifier else { throw unexpected(description) }
        let number = tree.names.number(of: text)
        let name = SyntaxName(text, token.range)
        if tree.names.isReserved(number) {
            throw Diagnostic("'\(name.text)' is a reserved word", range: name.range)
        }
        position += 1
        if kind == .prime {
            throw Diagnostic("a name has no primes: they stand for derivatives of functions", range: token.range)
        }
        return (name, number)
    }

    // MARK: Statements

    private mutating func run() {
        var documentation: [String] = []
        while kind != .end {
            switch kind {
            case .newline: position += 1
            case .documentation:
                var line = text.dropFirst(3)
                if line.first == " " { line = line.dropFirst() }
                documentation.append(String(line))
                position += 1
            default:
                let start = token.range
                let first = position
                do {
                    let form = try statement()
                    guard kind == .newline || kind == .end else { throw surplus("the end of the line") }
                    let end = tokens[max(0, position - 1)].range
                    tree.statements.append(
                        SyntaxStatement(
                            form: form, range: start.union(end), documentation: documentation.joined(separator: "\n")))
                } catch let diagnostic as Diagnostic {
                    // A character without meaning has been reported already.
                    if kind != .invalid || diagnostic.range != token.range { diagnostics.append(diagnostic) }
                    skipStatement(from: first)
                } catch {
                    skipStatement(from: first)
                }
                documentation = []
            }
        }
    }

    /// Goes to the end of a statement that has an error, and notes the names that it may have introduced: of a declaration
    /// all, of an equation the first.
    private mutating func skipStatement(from start: Int) {
        while kind != .newline && kind != .end { position += 1 }
        var names = tokens[start..<max(start, position)].lazy.filter { $0.kind == .identifier }.makeIterator()
        guard let first = names.next() else { return }
        let word = source.text(first.range)
        let definesOne = word == "cost" || word == "derivative"
        if !Lexer.declarations.contains(word) { tree.unreadNames.insert(word) }
        // A misspelt keyword before a name makes a declaration look like an equation.
        let looksLikeEquation = start + 1 < tokens.count && tokens[start + 1].kind != .identifier
        if !Lexer.declarations.contains(word), looksLikeEquation { return }
        while let next = names.next() {
            tree.unreadNames.insert(source.text(next.range))
            if definesOne { return }
        }
    }

    private mutating func statement() throws -> SyntaxStatement.Form {
        guard kind == .identifier else { throw unexpected("a declaration or an equation") }
        let word = text
        let next = position + 1 < tokens.count ? tokens[position + 1].kind : .end
        guard Lexer.declarations.contains(word) else {
            if next == .identifier, let close = Suggestion.closest(to: word, among: Lexer.declarations.sorted()) {
                throw Diagnostic(
                    "'\(word)' starts no declaration", range: token.range, notes: [.init("did you mean '\(close)'?")])
            }
            return try equation(isCost: false)
        }
        position += 1
        switch word {
        case "network": return .network(try name("the network's name"))
        case "size": return try sizes()
        case "layer", "step": return try stage(word == "layer" ? .layer : .step)
        case "input": return try quantities(.input)
        case "target": return try quantities(.target)
        case "param": return try quantities(.parameter)
        case "const": return try quantities(.constant)
        case "func": return try function()
        case "cost": return try equation(isCost: true)
        default: return try derivative()
        }
    }

    private mutating func sizes() throws -> SyntaxStatement.Form {
        var items: [(target: SyntaxTarget, value: SyntaxID?)] = []
        repeat {
            if !items.isEmpty { position += 1 }
            let target = try target("the size's name", isDeclaration: true)
            var value: SyntaxID?
            if kind == .assign {
                position += 1
                value = try expression()
            }
            items.append((target, value))
        } while kind == .comma
        return .sizes(items)
    }

    private mutating func stage(_ stage: IndexKind) throws -> SyntaxStatement.Form {
        let name = try name("the index's name")
        guard isWord("in") else { throw unexpected("'in' and a range") }
        position += 1
        let lower = try expression()
        return .stage(stage, name, try bounds(from: lower))
    }

    private mutating func bounds(from lower: SyntaxID) throws -> SyntaxBounds {
        guard kind == .closedRange || kind == .halfOpenRange else {
            throw unexpected("'...' or '..<' and the end of the range")
        }
        let isClosed = kind == .closedRange
        position += 1
        return SyntaxBounds(lower: lower, upper: try expression(), isClosed: isClosed)
    }

    private mutating func quantities(_ role: Role) throws -> SyntaxStatement.Form {
        var items: [(target: SyntaxTarget, value: SyntaxID?, isDistribution: Bool)] = []
        repeat {
            if !items.isEmpty { position += 1 }
            let target = try target("a name to declare", isDeclaration: true)
            var value: SyntaxID?
            var isDistribution = false
            if isWord("distribution") {
                isDistribution = true
                guard role == .input || role == .target else {
                    throw Diagnostic("only an input or a target can be a distribution", range: token.range)
                }
                position += 1
            }
            if kind == .assign {
                guard role == .constant else {
                    throw Diagnostic(
                        "only a const has a value in the spec", range: token.range,
                        notes: [.init("values of params, inputs and targets are given at run time")])
                }
                position += 1
                value = try expression()
            }
            items.append((target, value, isDistribution))
        } while kind == .comma
        return .quantities(role, items)
    }

    private mutating func function() throws -> SyntaxStatement.Form {
        let name = try name("the function's name")
        try take(.leftParenthesis, "'(' and the function's parameters")
        var parameters: [SyntaxName] = []
        repeat {
            if !parameters.isEmpty { position += 1 }
            parameters.append(try self.name("a parameter"))
        } while kind == .comma
        try take(.rightParenthesis, "',' or ')'")
        var body: SyntaxID?
        if kind == .assign {
            position += 1
            body = try expression()
        }
        return .function(name, parameters: parameters, body: body)
    }

    private mutating func equation(isCost: Bool) throws -> SyntaxStatement.Form {
        let target = try target(isCost ? "the cost's name" : "a quantity", isDeclaration: false)
        try take(.assign, "'='")
        return .equation(target, body: try expression(), isCost: isCost)
    }

    private mutating func derivative() throws -> SyntaxStatement.Form {
        let target = try target("the derivative's name", isDeclaration: false)
        guard isWord("of") else { throw unexpected("'of' and the cost") }
        position += 1
        let cost = try expression()
        guard isWord("wrt") else { throw unexpected("'wrt' and a quantity") }
        position += 1
        let quantity = try name("the quantity that the derivative is taken with respect to")
        try take(.assign, "'='")
        return .derivative(target, of: cost, wrt: quantity, body: try expression())
    }

    /// A name with stages in parentheses and elements in brackets.
    private mutating func target(_ description: String, isDeclaration: Bool) throws -> SyntaxTarget {
        let start = token.range
        let (name, number) = try numberedName(description)
        var target = SyntaxTarget(name: name, nameNumber: number, range: start)
        if kind == .leftParenthesis { target.stages = try components(isDeclaration) }
        if kind == .leftBracket { target.elements = try components(isDeclaration) }
        target.range = start.union(tokens[position - 1].range)
        return target
    }

    private mutating func components(_ isDeclaration: Bool) throws -> [SyntaxComponent] {
        let open = token
        let closing: TokenKind = kind == .leftParenthesis ? .rightParenthesis : .rightBracket
        position += 1
        var result: [SyntaxComponent] = []
        repeat {
            if !result.isEmpty { position += 1 }
            let next = position + 1 < tokens.count ? tokens[position + 1] : token
            if kind == .identifier, next.kind == .identifier, source.text(next.range) == "in" {
                let name = try name("an index")
                position += 1
                let lower = try expression()
                result.append(.ranged(name, try bounds(from: lower)))
                continue
            }
            let value = try expression()
            if kind == .closedRange || kind == .halfOpenRange {
                guard isDeclaration else {
                    throw Diagnostic(
                        "a range without an index", range: token.range, notes: [.init("write 'i in lower..<upper'")])
                }
                result.append(.bounds(try bounds(from: value)))
            } else {
                result.append(.plain(value))
            }
        } while kind == .comma
        guard kind == closing else {
            if kind == .newline || kind == .end {
                throw Diagnostic("this '\(source.text(open.range))' is not closed", range: open.range)
            }
            throw Diagnostic(
                "expected ',' or '\(closing == .rightParenthesis ? ")" : "]")', but found '\(text)'",
                range: token.range,
                notes: [.init("the bracket opens here", range: open.range)])
        }
        position += 1
        return result
    }
}

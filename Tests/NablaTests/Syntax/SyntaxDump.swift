@testable import Nabla

/// Syntax trees as S-expressions. Only for tests: it recurses.
struct SyntaxDump {
    let tree: SyntaxTree
    let source: SourceText

    func expression(_ id: SyntaxID) -> String {
        func all(_ ids: [SyntaxID]) -> String { ids.map(expression).joined(separator: " ") }
        switch tree[id] {
        case .number: return source.text(tree.range(id))
        case .application(let application):
            return application.name.text + application.primes.map { "'\($0)" }.joined()
                + (application.parenthesised.map { "(" + all($0) + ")" } ?? "")
                + (application.bracketed.map { "[" + all($0) + "]" } ?? "")
        case .sum(let terms):
            return "{+" + terms.map { ($0.isNegative ? " -" : " ") + expression($0.term) }.joined() + "}"
        case .product(let factors):
            return "{*" + factors.map { ($0.isDivisor ? " /" : " ") + expression($0.factor) }.joined() + "}"
        case .negate(let operand): return "{neg \(expression(operand))}"
        case .not(let operand): return "{! \(expression(operand))}"
        case .power(let base, let exponent): return "{^ \(expression(base)) \(expression(exponent))}"
        case .conditional(let test, let then, let otherwise): return "{? \(all([test, then, otherwise]))}"
        case .or(let items): return "{|| \(all(items))}"
        case .and(let items): return "{&& \(all(items))}"
        case .compare(let comparison, let left, let right): return "{\(comparison.symbol) \(all([left, right]))}"
        case .reduction(let kind, let binders, let body):
            return "{\(kind.keyword) \(text(binders)): \(expression(body))}"
        case .extremum(let kind, let binders, let body):
            return "{arg\(kind.keyword) \(text(binders)): \(expression(body))}"
        case .examples(let kind, let body): return "{\(kind.keyword) examples: \(expression(body))}"
        case .list(let items, let isBracketed): return isBracketed ? "{list \(all(items))}" : "{tuple \(all(items))}"
        case .error: return "error"
        }
    }

    private func text(_ bounds: SyntaxBounds) -> String {
        "\(expression(bounds.lower))\(bounds.isClosed ? "..." : "..<")\(expression(bounds.upper))"
    }

    private func text(_ binders: [SyntaxBinder]) -> String {
        binders.map { binder in binder.name.text + (binder.bounds.map { " in " + text($0) } ?? "") }.joined(
            separator: " ")
    }

    private func text(_ target: SyntaxTarget) -> String {
        func all(_ components: [SyntaxComponent]) -> String {
            components.map { component in
                switch component {
                case .ranged(let name, let bounds): "\(name.text) in \(text(bounds))"
                case .plain(let id): expression(id)
                case .bounds(let bounds): text(bounds)
                }
            }.joined(separator: " ")
        }
        return target.name.text + (target.stages.map { "(" + all($0) + ")" } ?? "")
            + (target.elements.map { "[" + all($0) + "]" } ?? "")
    }

    private func value(_ id: SyntaxID?) -> String { id.map { " = " + expression($0) } ?? "" }

    var statements: [String] {
        tree.statements.map { statement in
            switch statement.form {
            case .network(let name): "network \(name.text)"
            case .sizes(let items): "size " + items.map { text($0.target) + value($0.value) }.joined(separator: ", ")
            case .stage(let kind, let name, let bounds): "\(kind) \(name.text) in \(text(bounds))"
            case .quantities(let role, let items):
                "\(role) "
                    + items.map { text($0.target) + ($0.isDistribution ? " distribution" : "") + value($0.value) }
                    .joined(separator: ", ")
            case .function(let name, let parameters, let body):
                "function \(name.text)(" + parameters.map(\.text).joined(separator: " ") + ")" + value(body)
            case .equation(let target, let body, let isCost):
                (isCost ? "cost " : "equation ") + text(target) + value(body)
            case .derivative(let target, let of, let wrt, let body):
                "derivative \(text(target)) of \(expression(of)) wrt \(wrt.text)" + value(body)
            }
        }
    }

    /// The dump of an expression's text, or its errors.
    static func of(_ text: String) -> String {
        let source = SourceText(name: "test", text: text)
        let (tree, root, diagnostics) = Parser.parseExpression(source)
        guard let root, diagnostics.isEmpty else {
            return "error: " + diagnostics.map(\.message).joined(separator: "; ")
        }
        return SyntaxDump(tree: tree, source: source).expression(root)
    }

    /// The dumps of a spec's statements, and its errors with their texts.
    static func spec(_ text: String) -> (statements: [String], errors: [String]) {
        let source = SourceText(name: "test", text: text)
        let (tree, diagnostics) = Parser.parse(source)
        var list = DiagnosticList()
        list.append(contentsOf: diagnostics)
        let errors = list.sorted.map { "\($0.message) @ \(source.text($0.range))" }
        return (SyntaxDump(tree: tree, source: source).statements, errors)
    }
}

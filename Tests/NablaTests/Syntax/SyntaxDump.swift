@testable import Nabla

/// Syntax trees as S-expressions. Only for tests: it recurses.
struct SyntaxDump {
    let tree: SyntaxTree
    let source: SourceText

    func expression(_ id: SyntaxNodeID) -> String {
        let node = tree[id]
        func text(_ raw: UInt32) -> String { expression(SyntaxNodeID(raw)) }
        func chain(_ plain: String, _ inverse: String) -> String {
            tree.entries(node).map { entry in
                let isInverted = entry & SyntaxTree.inverted != 0
                return " " + (isInverted ? inverse : plain) + text(entry & ~SyntaxTree.inverted)
            }.joined()
        }
        func all(_ ids: ArraySlice<UInt32>) -> String { ids.map(text).joined(separator: " ") }
        switch node.kind {
        case .number: return source.text(node.range)
        case .name: return tree.names[node.name]
        case .application:
            let parts = tree.parts(ofApplication: node)
            return tree.names[node.name] + parts.primes.map { "'\($0)" }.joined()
                + (parts.parenthesised.map { "(" + all($0) + ")" } ?? "")
                + (parts.bracketed.map { "[" + all($0) + "]" } ?? "")
        case .sum: return "{+" + chain("", "-") + "}"
        case .product: return "{*" + chain("", "/") + "}"
        case .negate: return "{neg \(text(node.a))}"
        case .power: return "{^ \(text(node.a)) \(text(node.b))}"
        case .select: return "{? \(text(node.a)) \(text(node.b)) \(text(node.c))}"
        case .or: return "{|| \(all(tree.entries(node)))}"
        case .and: return "{&& \(all(tree.entries(node)))}"
        case .compare: return "{\(Comparison(rawValue: node.tag)?.symbol ?? "?") \(text(node.a)) \(text(node.b))}"
        case .reduction:
            let keyword = SyntaxReduction(rawValue: node.tag)?.keyword ?? "?"
            return "{\(keyword) \(all(tree.entries(node))): \(text(node.a))}"
        case .binder: return tree.names[node.name] + (tree.range(ofBinder: node).map { " in " + expression($0) } ?? "")
        case .range: return "\(text(node.a))\(node.tag == 1 ? "..." : "..<")\(text(node.b))"
        case .examples: return "examples"
        case .tuple: return "{tuple \(all(tree.entries(node)))}"
        case .list: return "{list \(all(tree.entries(node)))}"
        }
    }

    var statements: [String] {
        tree.statements.map { statement in
            let items = statement.items.map { position in
                let item = tree.items[position]
                var text = expression(item.left)
                if let of = item.of { text += " of " + expression(of) }
                if let wrt = item.wrt { text += " wrt " + expression(wrt) }
                if item.isDistribution { text += " distribution" }
                if let value = item.value { text += " = " + expression(value) }
                return text
            }
            return "\(statement.kind) " + items.joined(separator: ", ")
        }
    }

    /// The dump of an expression's text, or its errors.
    static func of(_ text: String) -> String {
        let source = SourceText(name: "test", text: text)
        let (tree, root, diagnostics) = Parser.parseExpression(source)
        guard let root else { return "error: " + diagnostics.map(\.message).joined(separator: "; ") }
        return SyntaxDump(tree: tree, source: source).expression(root)
    }

    /// The dumps of a spec's statements, and its errors with their texts.
    static func spec(_ text: String) -> (statements: [String], errors: [String]) {
        let source = SourceText(name: "test", text: text)
        let (tree, diagnostics) = Parser.parse(source)
        let errors = DiagnosticList(diagnostics).shown.map { "\($0.message) @ \(source.text($0.range))" }
        return (SyntaxDump(tree: tree, source: source).statements, errors)
    }
}

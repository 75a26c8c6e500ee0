/// Turns a syntax tree into a system: names, stages, index ranges, shapes, definedness; all independent errors at once.
///
/// It goes on behind an error: what could not be understood is left out, and nothing that depends on it is reported again.
public struct Resolver {
    /// What a name of the spec stands for.
    enum Symbol {
        case size(SizeID)
        case function(Int)
        case quantity(QuantityID)
    }

    /// What an application turned out to be.
    enum Meaning {
        case unknown
        case failed
        case index(IndexID)
        case size(SizeID)
        case stagedSize(SizeID)
        case pi
        case argument(Int)
        case access(QuantityID)
        case call(FunctionReference)
        case derivative(FunctionReference)
    }

    /// A mention of a quantity at an index by itself: where the index's range may come from.
    struct IndexUse {
        var quantity: QuantityID
        /// Of the quantity's axes, stages first.
        var position: Int
        /// The access.
        var access: SyntaxID
    }

    /// What is known of an index while ranges are inferred.
    struct IndexState {
        var index: IndexID
        var name: SyntaxName
        var bounds: (lower: AffineID, upper: AffineID)?
        var isWritten = false
        var uses: [IndexUse] = []
        /// Where the range came from, for the error about two of them.
        var origin: SourceRange?
        /// The equation on whose left side it stands, and at which axis.
        var axis: (equation: Int, position: Int)?
        var hasFailed = false
    }

    /// An equation while it is being resolved.
    struct Draft {
        var quantity: QuantityID
        var body: SyntaxID
        var axes: [Axis] = []
        /// Its place among the tree's statements.
        var statement: Int32
        /// How many indices stand on the left side.
        var axisCount: Int32
        /// Of a plain equation of scalars, where its right side begins in the tree; it is neither walked nor checked.
        var plainStart: SyntaxID?
        /// Whether it may be plain, as far as the left side says.
        var isScalar: Bool
        var hasFailed = false
    }

    let source: SourceText
    let tree: SyntaxTree
    /// The statements that are no equations.
    let declarations: [SyntaxStatement]
    var system: System
    var diagnostics = DiagnosticList()
    var symbols: SymbolTable
    var stageNames: [String: Int] = [:]
    var drafts: [Draft] = []
    /// Of each quantity, the drafts that define it.
    var definitions = DraftLists()
    /// Of each index by its number.
    var states: [IndexID: IndexState] = [:]
    /// In the order in which they were met.
    var indexOrder: [IndexID] = []
    // Of each syntax node:
    var meanings: SyntaxMap<Meaning>
    var affines: SyntaxMap<AffineID?>
    var expressions: SyntaxMap<ExprID?>
    /// The expressions of the plain right side that is being built.
    var plainExpressions = SyntaxMap<ExprID?>(nil, count: 0)
    var conditions: Set<SyntaxID> = []
    var constants: [SyntaxID: Rational] = [:]
    /// Of a reduction, its indices.
    var boundIndices: [SyntaxID: [IndexID]] = [:]
    /// Indices in scope, by name, the innermost last.
    var inScope: [String: [IndexID]] = [:]
    /// Names whose definition failed: what mentions them is not reported again.
    var failedNames: Set<String> = []
    /// Ranges that the parts of a quantity share out, by quantity and axis: the same for every use.
    var sharedRanges: [UInt64: (AffineID, AffineID)] = [:]
    /// How many more names suggestions may be compared with in this run.
    var suggestionBudget = 1_000_000
    /// How the equations of each computed quantity with indices share out its range.
    var trees: [QuantityID: PieceTree] = [:]
    /// Which quantities may depend on themselves, and by what.
    var circles = CircleSearch()
    /// Of each quantity in question, the axes that a recurrence may run over.
    var stageAxes: [QuantityID: [Int]] = [:]
    /// The parameters of the function whose body is being resolved.
    var parameters: [String: Int]?
    /// Of each name's number, the function of the table that it names; nil where that is not known yet.
    var tableFunctions: [FunctionID??] = []
    /// The nodes of one right side in their order, and those to come: kept for the next one.
    var buildOrder: [SyntaxID] = []
    var buildStack: [SyntaxID] = []

    private init(_ tree: SyntaxTree, _ source: SourceText, name: String) {
        self.source = source
        self.tree = tree
        declarations = tree.declarations
        system = System(name: name)
        symbols = SymbolTable(tree.names)
        meanings = SyntaxMap(.unknown, count: tree.count)
        affines = SyntaxMap(nil, count: tree.count)
        expressions = SyntaxMap(nil, count: tree.count)
    }

    /// Resolves a spec.
    ///
    /// - Parameters:
    ///   - tree: what the parser could read.
    ///   - source: the text that the tree's ranges refer to.
    ///   - name: the network's name where the spec does not give one.
    ///   - isComplete: whether the parser read all; if not, what is missing is not reported as undefined.
    /// - Returns: the system, which is complete only where no diagnostic is an error.
    public static func resolve(
        _ tree: SyntaxTree, source: SourceText, name: String, isComplete: Bool = true
    ) -> (system: System, diagnostics: [Diagnostic]) {
        var resolver = Resolver(tree, source, name: name)
        resolver.run(isComplete)
        return (resolver.system, resolver.diagnostics.sorted)
    }

    private mutating func run(_ isComplete: Bool) {
        failedNames = tree.unreadNames
        declare()
        drafts.reserveCapacity(tree.statements.count)
        // Twice as many as are needed: a derivative of each will follow, and room by itself costs nothing.
        system.reserveCapacity(2 * (tree.statements.count + system.quantities.count))
        draftEquations()
        noteFailures()
        findPlain()
        for position in drafts.indices where drafts[position].plainStart == nil { walkDraft(position) }
        inferRanges()
        buildEquations()
        if diagnostics.isEmpty || isComplete {
            checkDefinitions()
            circles = CircleSearch(quantityReads())
            checkAccesses()
            checkCircles()
            checkExamples()
        }
        checkCosts(isComplete)
    }

    /// What was to be declared and could not be is not reported again where it is mentioned.
    private mutating func noteFailures() {
        for statement in declarations {
            var names: [String] = []
            switch statement.form {
            case .equation: continue
            case .sizes(let items): names = items.map(\.target.name.text)
            case .stage(_, let name, _): if stageNames[name.text] == nil { names = [name.text] }
            case .quantities(_, let items): names = items.map(\.target.name.text)
            case .function(let name, _, _): names = [name.text]
            case .derivative(let target, _, _, _): names = [target.name.text]
            case .network: break
            }
            for name in names where symbols[name] == nil { failedNames.insert(name) }
        }
    }

    // MARK: Errors

    mutating func report(_ message: String, _ range: SourceRange, notes: [Diagnostic.Note] = []) {
        diagnostics.append(Diagnostic(message, range: range, notes: notes))
    }

    /// "did you mean", where a known name is close.
    ///
    /// The searches of one run share a budget of names to compare with, so that many unknown names beside many known ones
    /// take no longer than a fixed time.
    mutating func suggestion(_ word: String) -> [Diagnostic.Note] {
        suggestionBudget -= symbols.count + 50
        guard suggestionBudget > 0 else { return [] }
        return Suggestion.closest(to: word, among: knownNames).map { [.init("did you mean '\($0)'?")] } ?? []
    }

    /// Enters a name that sizes, functions and quantities share.
    mutating func enter(_ name: SyntaxName, _ symbol: Symbol) -> Bool {
        enter(name, symbols.number(of: name.text), symbol)
    }

    /// - Parameter number: the name's.
    mutating func enter(_ name: SyntaxName, _ number: Int, _ symbol: Symbol) -> Bool {
        if let first = symbols.enter(symbol, name.range, number: number) {
            report(
                "'\(name.text)' is declared twice", name.range, notes: [.init("the first one is here", range: first)])
            return false
        }
        return true
    }

    /// All names that an expression could mention here, for suggestions.
    var knownNames: [String] {
        (symbols.keys + Array(inScope.filter { !$0.value.isEmpty }.keys) + Array((parameters ?? [:]).keys)
            + FunctionTable.standard.names + ["pi"]).sorted()
    }

    /// An affine expression as a reader writes it.
    func describe(_ affine: AffineID) -> String { system.description(of: affine) }
}

extension Resolver {
    /// Reads a formula of scalars: how the table of functions writes derivatives.
    ///
    /// - Returns: a graph with the formula, its names being `ExpressionForm.argument`s by position; nil where it is wrong.
    static func formula(_ text: String, parameters: [String]) -> (graph: ExprGraph, root: ExprID)? {
        let source = SourceText(name: "formula", text: text)
        let (tree, root, errors) = Parser.parseExpression(source)
        guard let root, errors.isEmpty else { return nil }
        var resolver = Resolver(tree, source, name: "formula")
        var positions: [String: Int] = [:]
        for (position, name) in parameters.enumerated() { positions[name] = position }
        resolver.parameters = positions
        resolver.walk(root, allowsQuantities: true)
        resolver.build(root)
        guard resolver.diagnostics.isEmpty, let expression = resolver.expressions[root] else { return nil }
        return (resolver.system.graph, expression)
    }

    /// Reads one element of a quantity, such as `dC_dw(2)[0,1]` on a command line, in terms of a system's names.
    public static func element(
        _ text: String, of system: inout System
    ) -> Result<(quantity: QuantityID, indices: [AffineID]), Diagnostic> {
        let source = SourceText(name: "--of", text: text)
        let (tree, root, errors) = Parser.parseExpression(source)
        guard let root else { return .failure(errors.first ?? Diagnostic("not a quantity", range: .none)) }
        var resolver = Resolver(tree, source, name: "element")
        resolver.system = system
        for (position, size) in system.sizes.enumerated() { resolver.symbols[size.name] = .size(SizeID(position)) }
        for (position, quantity) in system.quantities.enumerated() {
            resolver.symbols[quantity.name] = .quantity(QuantityID(position))
        }
        resolver.walk(root, allowsQuantities: true)
        resolver.build(root)
        if var error = resolver.diagnostics.sorted.first {
            if let example = exampleElement(text, of: system) {
                error.notes.append(
                    .init("name one element by numbers and sizes, as in '\(example)'; --hessian derives all of them"))
            }
            return .failure(error)
        }
        guard let expression = resolver.expressions[root],
            case .access(let quantity, let indices) = resolver.system.graph.form(of: expression)
        else { return .failure(Diagnostic("'\(text)' is no quantity or element of one", range: .none)) }
        system = resolver.system
        return .success((quantity, indices))
    }

    /// The first element of the quantity that a text begins with, where it has indices.
    private static func exampleElement(_ text: String, of system: System) -> String? {
        let name = text.prefix { $0 != "(" && $0 != "[" }
        guard name.count < text.count, let quantity = system.quantities.first(where: { $0.name == name }),
            let axes = quantity.domains.first, !axes.isEmpty
        else { return nil }
        let first = axes.map { system.graph[$0.lower].asConstant.map(String.init) ?? "0" }
        let stages = first.prefix(quantity.stageCount).joined(separator: ",")
        let elements = first.dropFirst(quantity.stageCount).joined(separator: ",")
        return name + (stages.isEmpty ? "" : "(\(stages))") + (elements.isEmpty ? "" : "[\(elements)]")
    }
}

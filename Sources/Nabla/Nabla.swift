/// A spec and everything that can be made of it: the whole pipeline on one screen.
///
///     text ─Parser▶ SyntaxTree ─Resolver▶ System ─Differentiator▶ DerivedSystem ─▶ SpecPrinter, LaTeXPrinter
///                                                                     └─Lowerer▶ LoopProgram ─▶ SwiftPrinter, evaluator
public struct Spec: Sendable {
    /// The text that diagnostics point into.
    public let source: SourceText
    /// What it means; complete only where `diagnostics` has no error.
    public private(set) var system: System
    /// All errors, by place.
    public let diagnostics: [Diagnostic]

    /// Reads a spec: never fails, but `diagnostics` may say that it is wrong.
    ///
    /// - Parameter source: its name without folder and ending names the network where the spec does not.
    public init(_ source: SourceText) {
        self.source = source
        let (tree, syntaxErrors) = Parser.parse(source)
        let (system, errors) = Resolver.resolve(
            tree, source: source, name: Spec.networkName(source.name), isComplete: syntaxErrors.isEmpty)
        self.system = system
        var all = DiagnosticList()
        all.append(contentsOf: syntaxErrors)
        all.append(contentsOf: errors)
        diagnostics = all.sorted
    }

    /// Whether the spec is free of errors.
    public var isValid: Bool { diagnostics.allSatisfy { $0.severity != .error } }

    /// The costs that `--of` may name, and what `--wrt` may.
    private static func networkName(_ file: String) -> String {
        let base = file.split(separator: "/").last.map(String.init) ?? file
        let stem = base.hasSuffix(".nabla") ? String(base.dropLast(6)) : base
        var name = ""
        for scalar in stem.unicodeScalars {
            let fits = name.isEmpty ? scalar.properties.isXIDStart || scalar == "_" : scalar.properties.isXIDContinue
            if fits { name.unicodeScalars.append(scalar) } else if !name.isEmpty { name += "_" }
        }
        return name.isEmpty || ExpressionParser.reserved.contains(name) ? "Network" : name
    }

    /// Whether a text can be the name of a quantity.
    public static func isName(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, first.properties.isXIDStart || first == "_" else { return false }
        return text.unicodeScalars.allSatisfy { $0.properties.isXIDContinue }
            && !ExpressionParser.reserved.contains(text)
    }

    /// The element that a derivative is taken of.
    ///
    /// - Parameter text: a cost, or one component of a quantity, such as `dC_dw(2)[0,1]`; nil for the last cost.
    /// - Throws: ``DerivationError``.
    public mutating func cost(named text: String?) throws -> (quantity: QuantityID, indices: [AffineID]) {
        guard let text else {
            guard let last = system.costs.last else { throw DerivationError("the spec has no cost") }
            return (last, [])
        }
        return try element(named: text, option: "--of")
    }

    /// One element of a quantity.
    ///
    /// - Parameters:
    ///   - text: as the language writes it, `w(L)[0,2]`.
    ///   - option: what a message calls the text.
    /// - Throws: ``DerivationError``.
    public mutating func element(
        named text: String, option: String
    ) throws -> (quantity: QuantityID, indices: [AffineID]) {
        switch Resolver.element(text, of: &system) {
        case .success(let element): return element
        case .failure(let diagnostic):
            let notes = diagnostic.notes.map { "; \($0.message)" }.joined()
            throw DerivationError("\(option) '\(text)': \(diagnostic.message)\(notes)")
        }
    }

    /// One component of a quantity, `dC_dw(2)[0,1]`, by the spec's names.
    mutating func resolved(
        element text: String
    ) -> Result<(quantity: QuantityID, indices: [AffineID]), Diagnostic> {
        Resolver.element(text, of: &system)
    }

    /// What a derivative is taken with respect to.
    ///
    /// - Parameter names: quantities; empty for all params.
    /// - Throws: ``DerivationError`` for a name that is none.
    public func quantities(named names: [String]) throws -> [QuantityID] {
        if names.isEmpty {
            return system.quantities.indices.filter { system.quantities[$0].role == .parameter }.map { QuantityID($0) }
        }
        var result: [QuantityID] = []
        for name in names {
            guard let position = system.quantities.firstIndex(where: { $0.name == name }) else {
                let close = Suggestion.closest(to: name, among: system.quantities.map(\.name))
                throw DerivationError(
                    "--wrt '\(name)': there is no such quantity" + (close.map { "; did you mean '\($0)'?" } ?? ""))
            }
            if system.quantities[position].role == .constant {
                throw DerivationError("--wrt '\(name)': a const does not vary; declare it as a param")
            }
            if !result.contains(QuantityID(position)) { result.append(QuantityID(position)) }
        }
        return result
    }

    /// The derived system of a cost.
    ///
    /// - Parameters:
    ///   - cost: as for ``cost(named:)``.
    ///   - names: as for ``quantities(named:)``.
    ///   - isRecording: whether the steps are kept, as a printed derivation needs them.
    /// - Throws: ``DerivationError``.
    public mutating func derive(
        of cost: String? = nil, wrt names: [String] = [], isRecording: Bool = true
    ) throws -> DerivedSystem {
        let element = try self.cost(named: cost)
        let wrt = try quantities(named: names)
        if wrt.isEmpty {
            throw DerivationError("the spec has no params; name what to derive with respect to with --wrt")
        }
        return try Differentiator.derive(system, of: element, wrt: wrt, isRecording: isRecording)
    }
}

extension System {
    /// The system with every right side in normal form: what is evaluated and emitted, free of overflow where the rules make it so.
    public func simplified() -> System {
        simplified(isNormal: Array(repeating: false, count: equations.count))
    }

    /// - Parameter isNormal: of each equation, whether its right side is in normal form already.
    func simplified(isNormal: [Bool]) -> System {
        var simplifier = Simplifier(self)
        for (position, normal) in simplifier.simplifyEquations(isNormal: isNormal).enumerated()
        where simplifier.system.equations[position].body != normal.body {
            simplifier.system.equations[position].body = normal.body
        }
        for position in functions.indices {
            guard let body = functions[position].body else { continue }
            let normal = simplifier.simplify(body)
            simplifier.system.functions[position].body = normal
        }
        return simplifier.system
    }
}

extension DerivedSystem {
    /// The system with every right side in normal form: what is evaluated and emitted.
    public func lowered() -> System {
        var evaluated = system
        for (position, body) in evaluatedBodies { evaluated.equations[position].body = body }
        let seesThrough = evaluated.graph.mentionsExponentials
        let isNormal = evaluated.equations.indices.map { position in
            normalEquations.contains(position) || !seesThrough && unchangedEquations.contains(position)
        }
        return IndexSplitter.split(evaluated.simplified(isNormal: isNormal))
    }
}

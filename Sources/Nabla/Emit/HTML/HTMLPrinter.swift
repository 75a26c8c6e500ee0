/// Prints the derivation of a cost's gradient as one page for a browser, with nothing from elsewhere and no script: formulas in
/// MathML, the dependency graph as a picture, the steps behind disclosure triangles.
public struct HTMLPrinter: Sendable {
    /// The widest line of a formula, in em: on a telephone, too, most lines fit.
    static let limit = 29.0

    /// The page of a derived system.
    ///
    /// - Parameter options: as for LaTeX; a page has no styles.
    public static func text(of derived: DerivedSystem, options: LaTeXPrinter.Options = .init()) -> String {
        var builder = DerivationBuilder(PathGrouping.grouped(derived), limit: limit, options: options)
        return HTMLRenderer(limit: limit).page(of: builder.document())
    }

    /// The page, with the derivation in numbers as its last part.
    ///
    /// - Throws: as for LaTeX.
    public static func text(
        of derived: DerivedSystem, options: LaTeXPrinter.Options = .init(), with numbers: NumericInput
    ) throws -> String {
        var builder = DerivationBuilder(PathGrouping.grouped(derived), limit: limit, options: options)
        var document = builder.document()
        try builder.addNumbers(numbers, to: &document)
        return HTMLRenderer(limit: limit).page(of: document)
    }
}

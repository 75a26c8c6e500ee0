/// Prints the derivation of a cost's gradient as LaTeX, in the notation of the video on backpropagation calculus.
///
/// First the network's equations; then, from the cost backwards, each derivative by the chain rule as a product of
/// ratios, what each ratio works out to, and the result; then the average over the training examples and the gradient.
/// All of it is read from the record that the differentiator made. Lines are broken here, never wider than the page.
public struct LaTeXPrinter: Sendable {
    /// What surrounds the formulas.
    public enum Style: String, CaseIterable, Sendable {
        /// Only formulas and headings, for `\input`; the formulas are legal in KaTeX and MathJax too.
        case fragment
        /// A document that pdflatex compiles as it is, with prose.
        case document
        /// Slides for pdflatex: one factor a click.
        case beamer
        /// For a README or a notebook: formulas between dollars, as GitHub, KaTeX and MathJax take them.
        case markdown
    }

    /// Whether a network has the shape that a notation is for.
    public static func fits(_ derived: DerivedSystem, _ notation: Notation) -> Bool {
        notation == .video || NielsenForm(derived) != nil
    }

    /// The derivation of a derived system.
    public static func text(of derived: DerivedSystem, options: Options = Options()) -> String {
        var builder = builder(of: derived, options)
        return text(of: builder.document(), options)
    }

    /// The derivation, and then the same with numbers.
    ///
    /// - Throws: ``LoweringError`` and ``EvaluationError``, as evaluating the cost with its gradient, and ``DerivationError``, as a nudge.
    public static func text(
        of derived: DerivedSystem, options: Options = Options(), with numbers: NumericInput
    ) throws -> String {
        var builder = builder(of: derived, options)
        var document = builder.document()
        try builder.addNumbers(numbers, to: &document)
        return text(of: document, options)
    }

    private static func builder(of derived: DerivedSystem, _ options: Options) -> DerivationBuilder {
        DerivationBuilder(PathGrouping.grouped(derived), limit: limit(of: options.style), options: options)
    }

    private static func text(of document: LaTeXDocument, _ options: Options) -> String {
        LaTeXRenderer(style: options.style, limit: limit(of: options.style), fade: options.fade).text(of: document)
    }

    /// The widest line, in em: the standard article's text is 34.5 wide at 10 pt, the document's own 40 at 11 pt.
    private static func limit(of style: Style) -> Double {
        switch style {
        case .fragment, .markdown: 32.0
        case .document: 37.5
        case .beamer: SlideRenderer.limit
        }
    }
}

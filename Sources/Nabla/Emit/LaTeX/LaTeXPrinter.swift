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
        // In em: the standard article's text is 34.5 wide at 10 pt, the document's own 40 at 11 pt.
        let limit =
            switch options.style {
            case .fragment, .markdown: 32.0
            case .document: 37.5
            case .beamer: SlideRenderer.limit
            }
        var builder = DerivationBuilder(PathGrouping.grouped(derived), limit: limit, options: options)
        let document = builder.document()
        return LaTeXRenderer(style: options.style, limit: limit, fade: options.fade).text(of: document)
    }
}

/// What generated Swift looks like.
public struct SwiftOptions: Sendable {
    /// Who may use the generated type.
    public enum Access: String, CaseIterable, Sendable {
        case `internal`, `package`, `public`

        /// What stands before a declaration.
        var modifier: String { self == .internal ? "" : "\(rawValue) " }
    }

    /// How the loops are written.
    public enum Kernels: String, CaseIterable, Sendable {
        /// Batches in blocks, products of matrices as tiled kernels, the rest in vectors.
        case simd
        /// Short loops, one example after another: for reading.
        case plain
    }

    public var access: Access
    public var scalar: SwiftScalar
    public var kernels: Kernels
    /// The spec's file name, without a path, for the first line; nil where it came from standard input.
    public var sourceName: String?

    public init(
        access: Access = .internal, scalar: SwiftScalar = .double, kernels: Kernels = .simd, sourceName: String? = nil
    ) {
        self.access = access
        self.scalar = scalar
        self.kernels = kernels
        self.sourceName = sourceName
    }
}

/// The equations of a system as comments, in the spec's own notation.
struct EquationComments {
    private var printer: SpecPrinter

    init(_ system: System) { printer = SpecPrinter(system) }

    /// `z(l)[j] = …`, without what says whether it is a cost or a derivative.
    mutating func text(_ position: Int) -> String {
        var groundings = Groundings()
        var line = SpecLine()
        _ = printer.write(position, to: &line, groundings: &groundings)
        var text = line.lines
        while text.last == "\n" { text.removeLast() }
        if text.hasPrefix("cost ") { return String(text.dropFirst(5)) }
        guard text.hasPrefix("derivative ") else { return text }
        text = String(text.dropFirst(11))
        guard let start = text.firstRange(of: " of "), let end = text.firstRange(of: " = "),
            start.lowerBound < end.lowerBound
        else { return text }
        return String(text[..<start.lowerBound] + text[end.lowerBound...])
    }
}

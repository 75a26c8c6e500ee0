extension LaTeXPrinter {
    /// How much a derivation says.
    public enum Detail: String, CaseIterable, Sendable, Comparable {
        /// The results, one line each.
        case brief
        /// The chain rule with what each ratio works out to.
        case course
        /// Each ratio by itself, too, rule by rule.
        case full

        private var rank: Int { self == .brief ? 0 : self == .course ? 1 : 2 }

        public static func < (left: Detail, right: Detail) -> Bool { left.rank < right.rank }
    }

    /// Whose symbols a derivation uses.
    public enum Notation: String, CaseIterable, Sendable {
        /// Ratios, as in the video on backpropagation calculus.
        case video
        /// The four equations BP1 to BP4 of Nielsen's "Neural Networks and Deep Learning", chapter 2, for networks of that shape.
        case nielsen
    }

    /// How a derivation is printed.
    public struct Options: Sendable {
        public var style: Style
        public var detail: Detail
        public var notation: Notation
        /// Whether sums over a few values are written term by term.
        public var expandsSums: Bool
        /// The one partial derivative to print with what it needs; nil for all of the gradient.
        public var element: PartialElement?
        /// How many of the last factors and results of each derivation are left blank, with the answers at the end.
        public var fade: Int

        public init(
            style: Style = .fragment, detail: Detail = .course, notation: Notation = .video, expandsSums: Bool = false,
            element: PartialElement? = nil, fade: Int = 0
        ) {
            self.style = style
            self.detail = detail
            self.notation = notation
            self.expandsSums = expandsSums
            self.element = element
            self.fade = fade
        }
    }
}

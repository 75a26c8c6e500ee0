/// An expression of a generated spec: text with holes, so that a shrinker can put less into a hole.
struct SpecExpression: Sendable {
    /// From loosest to tightest, as language.md lists them.
    enum Level: Int, Comparable, Sendable {
        case select, or, and, comparison, sum, product, negation, power, atom

        static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    /// A hole: what stands in it, and how tightly that must bind to stand without parentheses.
    struct Hole: Sendable {
        var content: SpecExpression
        var level: Level
    }

    var level: Level
    /// One more piece than there are holes: text, hole, text, hole, …, text.
    var pieces: [String]
    var holes: [Hole] = []
    /// Indices that stand by themselves in some access, so that their range can be inferred.
    var direct: Set<String> = []
    var isCondition = false

    /// Text without holes.
    init(_ text: String, level: Level = .atom, direct: Set<String> = []) {
        pieces = [text]
        self.level = level
        self.direct = direct
    }

    /// Children between pieces.
    init(_ level: Level, _ pieces: [String], _ children: [(SpecExpression, Level)], isCondition: Bool = false) {
        self.level = level
        self.pieces = pieces
        self.isCondition = isCondition
        for (child, level) in children {
            holes.append(Hole(content: child, level: level))
            direct.formUnion(child.direct)
        }
    }

    var text: String {
        var result = pieces[0]
        for (hole, piece) in zip(holes, pieces.dropFirst()) {
            let inner = hole.content.text
            result += hole.content.level < hole.level ? "(\(inner))" : inner
            result += piece
        }
        return result
    }

    /// How many holes there are at any depth: what shrinking makes smaller.
    var weight: Int { holes.reduce(1) { $0 + $1.content.weight } }

    static func call(_ name: String, _ arguments: [SpecExpression]) -> SpecExpression {
        let pieces = ["\(name)("] + Array(repeating: ", ", count: max(0, arguments.count - 1)) + [")"]
        return SpecExpression(.atom, pieces, arguments.map { ($0, .select) })
    }

    static func infix(_ level: Level, _ symbol: String, _ operands: [SpecExpression], last: Level? = nil)
        -> SpecExpression
    {
        let pieces = [""] + Array(repeating: " \(symbol) ", count: operands.count - 1) + [""]
        var children = operands.map { ($0, level) }
        if let last { children[children.count - 1].1 = last }
        return SpecExpression(level, pieces, children)
    }

    static func select(_ condition: SpecExpression, _ then: SpecExpression, _ otherwise: SpecExpression)
        -> SpecExpression
    {
        SpecExpression(
            .select, ["", " ? ", " : ", ""], [(condition, .or), (then, .or), (otherwise, .select)])
    }
}

/// A line of a generated spec.
struct SpecStatement: Sendable {
    /// Everything before the expression; the whole line where there is none.
    var head: String
    var body: SpecExpression?
    /// The declared names that have values.
    var declares: [String] = []

    var text: String { head + (body?.text ?? "") }

    /// The quantity that an equation defines; nil for costs and declarations.
    var defines: String? {
        guard head.contains("= "), !head.hasPrefix("cost "), !head.hasPrefix("func "), !head.hasPrefix("const "),
            !head.hasPrefix("size ")
        else { return nil }
        return String(head.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
    }
}

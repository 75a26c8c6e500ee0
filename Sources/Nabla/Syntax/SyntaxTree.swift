/// The place of an expression in its ``SyntaxTree``. Children come before parents.
public struct SyntaxID: Hashable, Comparable, Sendable {
    public let raw: UInt32

    init(_ raw: Int) { self.raw = UInt32(truncatingIfNeeded: raw) }

    public static func < (left: SyntaxID, right: SyntaxID) -> Bool { left.raw < right.raw }
}

/// An identifier with its place.
public struct SyntaxName: Hashable, Sendable {
    public var text: String
    public var range: SourceRange

    public init(_ text: String, _ range: SourceRange) {
        self.text = text
        self.range = range
    }
}

/// An index with a range that may be written: in a reduction, or on the left of an equation.
public struct SyntaxBinder: Sendable {
    public var name: SyntaxName
    /// Nil where the range is to be inferred.
    public var bounds: SyntaxBounds?
}

/// `lower..<upper` or `lower...upper`.
public struct SyntaxBounds: Sendable {
    public var lower: SyntaxID
    public var upper: SyntaxID
    public var isClosed: Bool
}

/// A name with what stands in parentheses and in brackets behind it: a call, an access, or a plain name.
public struct SyntaxApplication: Sendable {
    public var name: SyntaxName
    /// Of a derivative of a function, `f'` or `f'2'1`: the arguments it is taken with respect to, from 1.
    public var primes: [Int] = []
    /// Nil without parentheses.
    public var parenthesised: [SyntaxID]?
    /// Nil without brackets.
    public var bracketed: [SyntaxID]?
}

/// An expression as written, one level deep.
public enum SyntaxForm: Sendable {
    /// A number; its text is that of its range.
    case number
    case application(SyntaxApplication)
    /// Terms with their signs: `a - b + c`.
    case sum([(isNegative: Bool, term: SyntaxID)])
    /// Factors with their operators: `a * b / c`.
    case product([(isDivisor: Bool, factor: SyntaxID)])
    case negate(SyntaxID)
    case power(SyntaxID, SyntaxID)
    case compare(Comparison, SyntaxID, SyntaxID)
    case and([SyntaxID])
    case or([SyntaxID])
    /// `!condition`.
    case not(SyntaxID)
    case conditional(SyntaxID, then: SyntaxID, otherwise: SyntaxID)
    case reduction(ReductionKind, [SyntaxBinder], body: SyntaxID)
    /// Over the training examples.
    case examples(ReductionKind, body: SyntaxID)
    /// argmax (`maximum`) or argmin of the body.
    case extremum(ReductionKind, [SyntaxBinder], body: SyntaxID)
    /// `(i, j)`, beside an argmax; `[1, 2]`, the values of a const.
    case list([SyntaxID], isBracketed: Bool)
    /// Something that could not be read; an error has been reported.
    case error
}

/// One index on the left of an equation, or a stage in a declaration.
public enum SyntaxComponent: Sendable {
    /// `k in 0..<n`.
    case ranged(SyntaxName, SyntaxBounds)
    /// An index, a constant; in a declaration an extent or a stage range.
    case plain(SyntaxID)
    /// `1...T+1`, in a declaration.
    case bounds(SyntaxBounds)
}

/// A name with stages and elements: what a declaration declares, and what an equation defines.
public struct SyntaxTarget: Sendable {
    public var name: SyntaxName
    /// Nil without parentheses.
    public var stages: [SyntaxComponent]?
    /// Nil without brackets.
    public var elements: [SyntaxComponent]?
    public var range: SourceRange
}

/// A statement of a spec.
public struct SyntaxStatement: Sendable {
    public enum Form: Sendable {
        case network(SyntaxName)
        case sizes([(target: SyntaxTarget, value: SyntaxID?)])
        case stage(IndexKind, SyntaxName, SyntaxBounds)
        case quantities(Role, [(target: SyntaxTarget, value: SyntaxID?, isDistribution: Bool)])
        case function(SyntaxName, parameters: [SyntaxName], body: SyntaxID?)
        case equation(SyntaxTarget, body: SyntaxID, isCost: Bool)
        /// `derivative TARGET of COST wrt NAME = body`.
        case derivative(SyntaxTarget, of: SyntaxID, wrt: SyntaxName, body: SyntaxID)
    }

    public var form: Form
    public var range: SourceRange
    /// The text of the `///` comments before it, a line each.
    public var documentation: String
}

/// A parsed spec: statements over an arena of expressions, every one with its place in the text.
public struct SyntaxTree: Sendable {
    public internal(set) var statements: [SyntaxStatement] = []
    /// Names in statements that could not be read: perhaps defined there.
    public internal(set) var unreadNames: Set<String> = []
    private var forms: [SyntaxForm] = []
    private var ranges: [SourceRange] = []

    /// How many expressions there are.
    public var count: Int { forms.count }

    public subscript(_ id: SyntaxID) -> SyntaxForm { forms[Int(id.raw)] }

    public func range(_ id: SyntaxID) -> SourceRange { ranges[Int(id.raw)] }

    mutating func add(_ form: SyntaxForm, _ range: SourceRange) -> SyntaxID {
        forms.append(form)
        ranges.append(range)
        return SyntaxID(forms.count - 1)
    }
}

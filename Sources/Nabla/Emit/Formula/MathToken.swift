/// One typed piece of a formula. A stream of them says what stands where; a ``Notation`` spells it.
///
/// Groups open with ``begin(_:)`` and close with ``end``; scripts and limits belong to what stands before them.
enum MathToken: Hashable, Sendable {
    /// A letter or a word without its scripts.
    case symbol(SymbolName.Stem)
    /// Letters and digits side by side, each a symbol: the subscript of `w_ih` where it is short.
    case letters(String)
    /// Digits, with or without a point.
    case number(String)
    /// The name of a function; `isKnown`: one that mathematics has a sign for, such as log.
    case function(String, isKnown: Bool)
    /// Words in place of a formula.
    case text(String)
    /// A word between two formulas.
    case word(String)
    /// Primes behind a function's name.
    case prime(Int)
    case big(BigOperator)
    /// 𝟏, whose condition follows in brackets.
    case indicator
    case partial
    case nabla

    /// A minus before what it negates.
    case negation
    /// Between two operands; `isTight`: inside scripts and indices.
    case operation(Operation, isTight: Bool)
    /// Factors side by side: nothing is seen, or next to nothing.
    case implied
    /// Factors side by side, a little apart.
    case gap
    /// Ratios side by side.
    case wideGap
    /// Parts of an operator side by side.
    case thinSpace
    /// Between an operator and its operand.
    case blank
    case dot
    case times
    /// A fraction's line where the fraction stands on one line.
    case slash
    case comma(Spacing)
    case semicolon
    case dots
    /// Rows that are left out.
    case verticalDots
    /// Terms of a sum that are left out.
    case moreTerms
    /// Between vectors that are multiplied element by element.
    case elementwise
    /// Behind a matrix or a vector.
    case transposed

    case open(Bracket, BracketSize)
    case close(Bracket, BracketSize)

    case begin(Group)
    /// From a fraction's numerator to its denominator, from a brace to its label, from one case to the next.
    case next
    /// From a case's value to its condition.
    case caseCondition
    /// From one cell of a row to the next.
    case nextCell
    /// Below the head of a table.
    case rule
    /// From one index to the next where no comma stands between.
    case nextIndex
    case end

    /// What a broken line starts with instead of the space where it was broken.
    case leadingDot
    /// A line that starts with an operator between two operands.
    case leadingOperator

    enum Operation: Hashable, Sendable {
        case plus, minus, equal, notEqual, approximatelyEqual, less, lessOrEqual, greater, greaterOrEqual
    }

    enum BigOperator: Hashable, Sendable {
        case sum, product, maximum, minimum, mean, argumentOfMaximum, argumentOfMinimum
    }

    enum Spacing: Hashable, Sendable {
        case tight, normal, wide
    }

    enum Bracket: Hashable, Sendable {
        case round, square, angle, bar
    }

    enum BracketSize: Hashable, Sendable {
        case normal, big, bigger, large, largest
        /// As tall as what is inside.
        case fitting
    }

    enum Group: Hashable, Sendable {
        case fraction
        case root
        /// `isIndex`: of a symbol, not an expression.
        case below(isIndex: Bool)
        case above(isIndex: Bool)
        /// Below and above a big operator.
        case lowerLimit
        case upperLimit
        /// A formula, then what stands below its brace.
        case underbrace
        /// The factors of one path, in its colour.
        case path(Int)
        /// Values with their conditions; the last value holds otherwise.
        case cases
        /// Rows of cells in round brackets.
        case matrix
        /// Rows of cells, the first row a head, the first cell of each a name; of so many columns.
        case grid(Int)
        /// Indices side by side.
        case indices
    }
}

extension [MathToken] {
    /// A group around this.
    func grouped(_ group: MathToken.Group) -> [MathToken] { [.begin(group)] + self + [.end] }

    static func fraction(_ above: [MathToken], _ below: [MathToken]) -> [MathToken] {
        [.begin(.fraction)] + above + [.next] + below + [.end]
    }
}

/// Spells formulas in a language.
protocol Notation {
    static func text(of tokens: [MathToken]) -> String
}

/// A comparison between numbers.
public enum Comparison: UInt8, Sendable, CaseIterable {
    case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual

    /// As the language writes it.
    public var symbol: String {
        switch self {
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        case .equal: "=="
        case .notEqual: "!="
        }
    }

    /// Whether it holds between two values.
    func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
        switch self {
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        case .equal: left == right
        case .notEqual: left != right
        }
    }
}

/// What a reduction does with the values of its body.
public enum ReductionKind: UInt8, Sendable, CaseIterable {
    case sum, product, mean, maximum, minimum, logSumExp

    /// As the language writes it.
    public var keyword: String {
        switch self {
        case .sum: "sum"
        case .product: "prod"
        case .mean: "mean"
        case .maximum: "max"
        case .minimum: "min"
        case .logSumExp: "logsumexp"
        }
    }
}

/// One index that a reduction binds, with its range.
public struct Binder: Hashable, Sendable {
    /// The bound index.
    public var index: IndexID
    /// Its first value.
    public var lower: AffineID
    /// The value after its last; the range is empty where this is not above `lower`.
    public var upper: AffineID

    /// Binds `index` from `lower` up to, not including, `upper`.
    public init(index: IndexID, lower: AffineID, upper: AffineID) {
        self.index = index
        self.lower = lower
        self.upper = upper
    }
}

/// The form of a node.
enum NodeKind: UInt8 {
    case number, pi, integer, argument, access
    case add, multiply, negate, divide, power
    case call, derivativeCall
    case select, compare, and, or, not, boolean
    case reduce, extremum
}

/// A node as it lies in the arena: 16 bytes. `ExprGraph.form(of:)` reads it as an ``ExpressionForm``.
struct Node: Hashable {
    var kind: NodeKind
    /// The comparison, the reduction's kind, the truth value, the number of derivative indices.
    var tag: UInt8 = 0
    /// The highest level of a canonical index bound inside.
    var height: UInt16 = 0
    var a: UInt32 = 0
    var b: UInt32 = 0
    var c: UInt32 = 0

    /// Whether entries of the pool belong to it, be they none.
    var hasList: Bool {
        switch kind {
        case .access, .add, .multiply, .and, .or, .call, .derivativeCall, .extremum: true
        case .reduce: tag & Node.overExamples == 0
        default: false
        }
    }

    /// Set in the tag of a reduction over the training examples.
    static let overExamples: UInt8 = 0x80
}

/// An expression, one level deep.
///
/// Numbers are numbers and conditions are conditions; the resolver sees to it. `negate`, `divide` and nested sums are
/// the forms in which specs are written; the simplifier's normal forms use `add`, `multiply` and `power` alone.
public enum ExpressionForm: Hashable, Sendable {
    /// An exact number; `literal` is its text where the spec wrote it so and nothing was computed with it.
    case number(Rational, literal: String?)
    /// The circle constant.
    case pi
    /// An index or a size, or an affine combination of such, as a number.
    case integer(AffineID)
    /// A parameter of the user function whose body this is.
    case argument(Int)
    /// A quantity's element: stage indices first, then element indices.
    case access(QuantityID, [AffineID])
    /// A sum of any number of terms.
    case add([ExprID])
    /// A product of any number of factors.
    case multiply([ExprID])
    /// −u.
    case negate(ExprID)
    /// u / v.
    case divide(ExprID, ExprID)
    /// u ^ v, IEEE pow.
    case power(ExprID, ExprID)
    /// A function of the table or of the spec.
    case call(FunctionReference, [ExprID])
    /// A partial derivative of a function: `positions` says with respect to which arguments, one after another.
    case derivativeCall(FunctionReference, positions: [Int], [ExprID])
    /// `condition ? then : otherwise`.
    case select(ExprID, then: ExprID, otherwise: ExprID)
    /// A comparison of numbers: a condition.
    case compare(Comparison, ExprID, ExprID)
    /// True where all are.
    case and([ExprID])
    /// True where one is.
    case or([ExprID])
    /// True where the condition is not.
    case not(ExprID)
    /// True or false.
    case boolean(Bool)
    /// A reduction over indices, the outermost first.
    case reduce(ReductionKind, [Binder], ExprID)
    /// `sum` or `mean` over the training examples.
    case reduceExamples(ReductionKind, ExprID)
    /// The condition `argmax(binders: body) == targets` (`maximum`) or argmin (`minimum`).
    case extremum(ReductionKind, [Binder], ExprID, targets: [AffineID])
}

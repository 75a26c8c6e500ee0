/// All that the compiler knows about one function of the language: a row of ``FunctionTable``.
public struct Function: Sendable {
    /// The name in a spec.
    public let name: String
    /// What the function is, in a few words.
    public let summary: String
    /// The parameters' names, which ``derivative``, ``kinks`` and ``domain`` use.
    public let parameters: [String]
    /// The partial derivatives.
    public let derivative: FunctionDerivative
    /// Expressions of the language that are zero where the derivative is one-sided or the value jumps: there a
    /// convention stands for the derivative, and a numeric derivative means nothing. `self` is the function's value.
    ///
    /// A tie in `min` and `max` is one too, and follows from ``FunctionDerivative/selection(_:)``.
    public let kinks: [String]
    /// A condition of the language under which the value is a real number; nil where it always is.
    ///
    /// For `pow` the condition is sufficient: a negative base may have an integer exponent.
    public let domain: String?
    /// How the function looks in print.
    public let latex: LatexForm
    /// How generated Swift calls it.
    public let swift: SwiftForm
    /// The function on doubles.
    public let evaluate: ScalarEvaluation

    init(
        _ name: String, _ parameters: String..., summary: String, derivative: FunctionDerivative,
        kinks: [String] = [], domain: String? = nil, latex: LatexForm, swift: SwiftForm, evaluate: ScalarEvaluation
    ) {
        self.name = name
        self.summary = summary
        self.parameters = parameters
        self.derivative = derivative
        self.kinks = kinks
        self.domain = domain
        self.latex = latex
        self.swift = swift
        self.evaluate = evaluate
    }

    /// Whether the function takes two or more arguments rather than one for each parameter.
    public var isVariadic: Bool {
        if case .fold = evaluate { return true }
        return false
    }

    /// Whether a call may have this many arguments.
    public func accepts(argumentCount: Int) -> Bool {
        isVariadic ? argumentCount >= 2 : argumentCount == parameters.count
    }

    /// The partial derivatives as expressions of the language, one for each parameter; empty for `min` and `max`.
    public var partials: [String] {
        if case .partials(let texts) = derivative { return texts }
        return []
    }

    /// ``kinks`` as conditions: `u == 0`.
    public var kinkConditions: [String] { kinks.map { "\($0) == 0" } }
}

/// The derivative of a function.
public enum FunctionDerivative: Hashable, Sendable {
    /// The partial derivatives as expressions of the language, one for each parameter, in terms of the parameters, of
    /// `pi`, of functions of the table, and of `self`, the function's own value, which the forward pass already has.
    ///
    /// They hold on the whole domain; at a kink they give the language's convention.
    case partials([String])
    /// 1 for the argument that was selected, the first one of a tie, and 0 for the others.
    case selection(Selection)

    /// Which argument is selected.
    public enum Selection: Hashable, Sendable {
        case largest
        case smallest
    }
}

/// The shape of a function in print, whatever the notation.
public enum LatexForm: Hashable, Sendable {
    /// An operator that mathematics has a sign for, such as sin: a short argument may stand without parentheses.
    case command(String)
    /// An upright name, softplus(u): arguments in parentheses.
    case named(String)
    /// A Greek letter by its name, σ(u): arguments in parentheses.
    case symbol(String)
    /// An upright name with the second argument as its subscript: ELU_s(u).
    case namedWithSubscript(String)
    /// e to the power u, or exp(u) where the exponent is tall.
    case exponential
    /// The argument between bars.
    case magnitude
    /// √u.
    case radical
    /// √(u² + v²).
    case rootOfSquares
    /// u to the power v.
    case power
    /// 𝟏[u > 0]: 1 where the condition holds, else 0.
    case indicatorOfPositive
}

/// How generated Swift calls a function.
public enum SwiftForm: Hashable, Sendable {
    /// A function of Foundation or of the standard library, for `Double` and `Float` alike.
    case library(String)
    /// A function whose source stands in the generated file. That of `min` and `max` takes two arguments; a call with
    /// more of them folds from the left.
    case helper(SwiftHelper)

    /// The name that a call uses.
    public var callee: String {
        switch self {
        case .library(let name): name
        case .helper(let helper): helper.name
        }
    }
}

/// A function on doubles.
public enum ScalarEvaluation: Sendable {
    case unary(@Sendable (Double) -> Double)
    case binary(@Sendable (Double, Double) -> Double)
    /// Two or more arguments, folded from the left.
    case fold(@Sendable (Double, Double) -> Double)

    /// The value at these arguments; nil where their number is wrong.
    public func callAsFunction(_ arguments: [Double]) -> Double? {
        switch (self, arguments.count) {
        case (.unary(let function), 1): function(arguments[0])
        case (.binary(let function), 2): function(arguments[0], arguments[1])
        case (.fold(let function), 2...): arguments.dropFirst().reduce(arguments[0], function)
        default: nil
        }
    }
}

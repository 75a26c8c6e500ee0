/// The record of a differentiation: what a printed derivation shows, in the order in which it was derived.
///
/// Expressions live in the derived system's graph. Nothing here is computed a second time: the printers read it.
public struct Derivation: Sendable {
    /// Equations of the spec that were derived in another form, one that does not overflow; in the spec's order.
    public var rewritings: [Rewriting] = []
    /// One step for each equation of each adjoint, from the cost backwards.
    public var steps: [AdjointStep] = []

    public init() {}
}

/// A right side in a form that does not overflow: the same value in real arithmetic.
public struct Rewriting: Sendable {
    /// The position of the equation in the derived system.
    public var equation: Int
    /// The right side that was derived.
    public var body: ExprID
    /// Names of the rules that led there.
    public var rules: [String]
}

/// How one equation of an adjoint ∂C/∂Q(u) came about: the sum over all paths from Q to the cost.
public struct AdjointStep: Sendable {
    /// The adjoint that the step defines, a ``Role/derivative``.
    public var adjoint: QuantityID
    /// With respect to what.
    public var quantity: QuantityID
    /// The position of the adjoint's equation in the derived system.
    public var equation: Int
    /// The cases of u: the left side of the adjoint's equation.
    public var axes: [Axis]
    /// One for each mention of the quantity that reaches the cost.
    public var contributions: [Contribution]
    /// The contributions added up, before any simplification.
    public var raw: ExprID
    /// The same, simplified: the right side of the adjoint's equation.
    public var result: ExprID
    /// Names of the rules that led from `raw` to `result`, in the order of their first use.
    public var rules: [String]
}

/// What one mention of Q in the equation of P adds to ∂C/∂Q(u): Σ over `binders` of ∂P/∂Q · ∂C/∂P.
public struct Contribution: Hashable, Sendable {
    /// P, whose equation mentions Q.
    public var through: QuantityID
    /// The element of P, in terms of the step's axes and of `binders`.
    public var indices: [AffineID]
    /// What stays summed: the paths, one for each value. Empty where exactly one element of P mentions Q(u).
    public var binders: [Binder]
    /// Conditions under which the path exists.
    public var guards: [ExprID]
    /// ∂P/∂Q for this mention, as the table of functions and the rules gave it.
    public var local: ExprID
    /// The same, simplified.
    public var localResult: ExprID
    /// ∂C/∂P at `indices`: an access to an adjoint, or the number 1 where P is the cost itself.
    public var adjoint: ExprID
    /// Whether the path leads through a sum or a mean over the training examples, from what depends on them to what does not.
    public var overExamples: ReductionKind?
    /// Whether `local` is all of ∂P/∂Q; otherwise other mentions in P's equation add to it.
    public var isRatio = true
    /// The sum around the mention of which only one term is left; nil where there is none.
    public var collapse: Collapse?
    /// What it was put together from, where several mentions in one equation are one ratio.
    var mentions: [Contribution] = []
}

/// A sum that a derivative collapses: ∂P/∂Q(u) is Σ over `binders` of `local` · δ, since only the term whose index is u mentions Q(u).
public struct Collapse: Hashable, Sendable {
    /// The sums, over all their values.
    public var binders: [Binder]
    /// For each, the condition of its Kronecker delta: that the index is u's.
    public var deltas: [ExprID]
    /// The derivative of one term with respect to its own mention, simplified.
    public var local: ExprID
}

/// A spec with its derivatives.
public struct DerivedSystem: Sendable {
    /// The original equations, then auxiliary ones, then the adjoints'; simplified.
    public var system: System
    /// The cost that was derived, an access to one element.
    public var cost: ExprID
    /// For each quantity asked for, in that order, its derivative; nil where the cost does not depend on it.
    public var gradient: [(wrt: QuantityID, derivative: QuantityID?)]
    /// How it came about; without steps where none were to be recorded.
    public var derivation: Derivation
    /// Of the original equations, right sides to evaluate instead: the same values, with names for parts that have equations of
    /// their own now.
    public var evaluatedBodies: [Int: ExprID] = [:]
    /// The equations of adjoints, whose right sides are in normal form.
    var normalEquations = PositionSet()
    /// The original equations whose right sides are in normal form as long as there are no exponentials, which see through names.
    var unchangedEquations = PositionSet()
    /// The second derivatives, where they were asked for.
    public var second: SecondDerivatives?
}

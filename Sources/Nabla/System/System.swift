/// What a spec means: declared quantities, and equations between them over affine domains.
///
/// Differentiation, simplification, printing, lowering all take and give a `System`. It survives without its source.
public struct System: Sendable {
    /// The network's name: from `network Name`, otherwise from the file's name.
    public var name: String
    /// The text of `///` comments before `network`.
    public var documentation: String = ""
    /// Where all expressions of the system live.
    public var graph = ExprGraph()
    /// Dimensions, in the order of their declaration; a formula mentions earlier ones only.
    public var sizes: [Size] = []
    /// Declared stage indices (`layer l in 1...L`, `step t in 1...T`).
    public var stages: [Stage] = []
    /// Functions that the spec defines, in dependency order: a body calls earlier ones only.
    public var functions: [UserFunction] = []
    /// Everything with a name and a value, in the order of declaration or first definition.
    public var quantities: [Quantity] = []
    /// The equations, in the spec's order.
    public var equations: [Equation] = []
    /// The spec's statements in its order, for printing.
    public var statements: [Statement] = []
    /// What must hold of symbolic sizes and could not be decided while they are letters.
    public var sizeRequirements: [SizeRequirement] = []
    /// The costs, in the spec's order; the last is the one that is derived by default.
    public var costs: [QuantityID] = []

    /// An empty system.
    public init(name: String) { self.name = name }

    /// Makes room for so many more equations, each of a quantity of its own.
    mutating func reserveCapacity(_ count: Int) {
        quantities.reserveCapacity(quantities.count + count)
        equations.reserveCapacity(equations.count + count)
        statements.reserveCapacity(statements.count + count)
    }

    public subscript(_ id: QuantityID) -> Quantity {
        get { quantities[Int(id.raw)] }
        _modify { yield &quantities[Int(id.raw)] }
    }

    /// Whether an access in an equation is at the equation's own stage: its stage indices are those of the left side, each
    /// by itself.
    func isSameStage(_ indices: [AffineID], of quantity: QuantityID, in equation: Equation) -> Bool {
        for (offset, stage) in indices.prefix(quantities[Int(quantity.raw)].stageCount).enumerated() {
            guard offset < equation.axes.count, !equation.axes[offset].isPoint,
                graph[stage].asIndex == equation.axes[offset].index
            else { return false }
        }
        return true
    }

    public subscript(_ id: SizeID) -> Size {
        get { sizes[Int(id.raw)] }
        _modify { yield &sizes[Int(id.raw)] }
    }
}

/// A dimension: a positive integer, or one for each stage.
public struct Size: Sendable {
    /// Where the value comes from.
    public enum Definition: Sendable {
        /// Given at run time: a letter in LaTeX.
        case symbolic
        /// A formula of numbers and earlier sizes, `2*N - 1`; a number by itself too.
        case formula(ExprID)
        /// One formula for each stage, first to last.
        case table([ExprID])
    }

    public var name: String
    /// The stages that it has a value for: `size n(0...L)`; nil for a size without stages.
    public var stageRange: (lower: AffineID, upper: AffineID)?
    public var definition: Definition
    /// The formula as an affine expression, where it is one.
    public var affine: AffineID?
    /// The value, where it is known (no stages).
    public var value: Int?
    /// The values, where all are known (with stages), starting at the first stage, which is then known too.
    public var values: [Int]?
    public var documentation = ""
    public var range = SourceRange.none

    public init(name: String, definition: Definition) {
        self.name = name
        self.definition = definition
    }
}

/// A declared stage index with its range.
public struct Stage: Sendable {
    public var name: String
    /// ``IndexKind/layer`` or ``IndexKind/step``.
    public var kind: IndexKind
    public var lower: AffineID
    /// Exclusive.
    public var upper: AffineID
    public var documentation = ""
    public var range = SourceRange.none

    public init(name: String, kind: IndexKind, lower: AffineID, upper: AffineID) {
        self.name = name
        self.kind = kind
        self.lower = lower
        self.upper = upper
    }
}

/// A function of scalars that the spec defines or leaves abstract.
public struct UserFunction: Sendable {
    public var name: String
    public var parameters: [String]
    /// In terms of `ExpressionForm.argument`; nil for an abstract function.
    public var body: ExprID?
    /// Of a derived function: which one it is a derivative of, and with respect to which argument.
    public var derivativeOf: (function: Int, argument: Int)?
    /// The functions that are this one's partial derivatives, by argument, as far as they were needed.
    var derivatives: [Int: Int] = [:]
    public var documentation = ""
    public var range = SourceRange.none

    public init(name: String, parameters: [String], body: ExprID?) {
        self.name = name
        self.parameters = parameters
        self.body = body
    }
}

/// One index of a quantity or of an equation's left side, with its range.
public struct Axis: Hashable, Sendable {
    /// The axis's own index, free in the bounds of later axes and in the equation's right side.
    public var index: IndexID
    public var lower: AffineID
    /// Exclusive.
    public var upper: AffineID
    /// Whether the left side has a constant here (`a(0)`, `c[0]`): then `upper` is `lower + 1` and nothing mentions `index`.
    public var isPoint = false
    /// Whether the spec writes the range here, so that the spec printer does too.
    public var isWritten = false

    public init(index: IndexID, lower: AffineID, upper: AffineID, isPoint: Bool = false, isWritten: Bool = false) {
        self.index = index
        self.lower = lower
        self.upper = upper
        self.isPoint = isPoint
        self.isWritten = isWritten
    }
}

/// What a quantity is for.
public enum Role: String, Sendable {
    case input, target, parameter, constant
    /// Defined by equations; costs are among these.
    case computed
    /// A derivative of a cost with respect to a quantity, defined by `derivative` equations.
    case derivative
}

/// Something with a name and a value for each element of its domain.
public struct Quantity: Sendable {
    // In an order without gaps: there may be millions.
    public var name: String
    /// Declared: its one box. Computed: one for each equation, in the order of the equations, together the domain without gap or overlap.
    /// All have the same number of axes. Bounds of an axis may mention the indices of earlier ones.
    public var domains: [[Axis]]
    /// Of a const with a value: the elements' expressions (numbers, sizes, earlier scalar consts), row-major; nil otherwise.
    public var constantValues: [ExprID]?
    public var documentation = ""
    public var range = SourceRange.none
    private var stages: Int32
    /// Of a derivative: of which cost (an access; its indices are constants, or the derivative's own), and with respect to what.
    public var derivative: (of: ExprID, wrt: QuantityID)?
    public var role: Role
    /// Its elements sum to 1 over the last index.
    public var isDistribution = false
    /// Whether it has a value for each training example.
    public var dependsOnExamples = false

    public init(name: String, role: Role, stageCount: Int, domains: [[Axis]]) {
        self.name = name
        self.role = role
        stages = Int32(truncatingIfNeeded: stageCount)
        self.domains = domains
    }

    /// How many of the axes are stages: they come first.
    public var stageCount: Int {
        get { Int(stages) }
        set { stages = Int32(truncatingIfNeeded: newValue) }
    }

    /// How many indices it has.
    public var axisCount: Int { domains.first?.count ?? 0 }
}

/// `Q(stages)[indices] = body`, for all values of its axes.
public struct Equation: Sendable {
    public var quantity: QuantityID
    /// As written until a pass rewrites it.
    public var body: ExprID
    public var axes: [Axis]
    public var documentation = ""
    public var range = SourceRange.none

    public init(quantity: QuantityID, axes: [Axis], body: ExprID) {
        self.quantity = quantity
        self.axes = axes
        self.body = body
    }
}

/// A statement of the spec, for printing in its order.
public enum Statement: Hashable, Sendable {
    case size(SizeID)
    /// A position in ``System/stages``.
    case stage(Int)
    /// Declared quantities that stand on one line, all of one role.
    case declaration([QuantityID])
    /// A position in ``System/functions``.
    case function(Int)
    /// A position in ``System/equations``.
    case equation(Int)
}

/// `affine >= 0` for all values of `axes` at which all `guards` are at least 0: to be checked when the sizes are known.
public struct SizeRequirement: Sendable {
    /// The indices that stand free in `affine` and in `guards`, outermost first.
    public var axes: [Axis]
    /// Affine expressions: where one is below 0, nothing is required.
    public var guards: [AffineID]
    public var affine: AffineID
    /// What is wrong where it does not hold, as an error message.
    public var message: String
    public var range: SourceRange

    public init(axes: [Axis], guards: [AffineID] = [], affine: AffineID, message: String, range: SourceRange) {
        self.axes = axes
        self.guards = guards
        self.affine = affine
        self.message = message
        self.range = range
    }
}

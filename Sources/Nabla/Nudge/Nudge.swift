/// A small nudge to one number, and what it does to everything on the way to the cost.
///
/// The values come from the evaluator, run on the spec as written before and after the nudge; beside them stand the derivatives of
/// the same elements, derived symbolically. Neither knows of the other.
public struct Nudge: Sendable {
    /// What the table nudges by.
    public static let step = 0.01
    /// The nudges that show how the error shrinks.
    public static let steps = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5]

    /// One element of a quantity.
    struct Element: Hashable, Sendable {
        var quantity: QuantityID
        /// Stage indices first.
        var indices: [Int]
    }

    /// What the nudge does to one element.
    struct Row: Sendable {
        var element: Element
        var name: String
        /// Before the nudge.
        var value: Double
        /// What the nudge adds to it.
        var change: Double
        /// With respect to what is nudged; nil where it has no symbolic derivative.
        var derivative: Double?
    }

    /// One line of the table.
    enum Line: Sendable {
        case row(Row)
        /// Elements that are left out, and of what.
        case more(Int, of: String)
    }

    /// The cost at a smaller or larger nudge.
    struct Trial: Sendable {
        var step: Double
        /// What the nudge does to the cost, divided by the nudge.
        var ratio: Double
        /// What a nudge to either side does to it, divided by both.
        var central: Double
    }

    /// The network's name.
    let network: String
    /// Which example the values belong to, and of how many; nil where the examples were not given as a list.
    let example: (number: Int, count: Int)?
    /// What is nudged.
    let nudged: Row
    /// What it does, from there to the cost, which is last.
    let lines: [Line]
    /// How many of `lines`, from the first on, are each computed from the one before alone: along these, ratios multiply.
    let pathLength: Int
    /// Larger nudges first.
    let trials: [Trial]

    /// The cost's own row.
    var cost: Row {
        lines.reversed().lazy.compactMap { if case .row(let row) = $0 { row } else { nil } }.first ?? nudged
    }

    /// Nudges and compares.
    ///
    /// - Parameters:
    ///   - system: the spec as resolved.
    ///   - cost: the element that the derivative is taken of.
    ///   - wrt: the element that is nudged: of a param, an input or a target.
    ///   - values: where.
    ///   - example: of which training example the values in between are shown, and an input is nudged.
    /// - Throws: ``EvaluationError``, ``LoweringError`` or ``DerivationError`` where there is nothing to nudge or to compare.
    public init(
        _ system: System, of cost: (quantity: QuantityID, indices: [AffineID]),
        wrt: (quantity: QuantityID, indices: [AffineID]), at values: Values, example: Int = 0
    ) throws {
        let experiment = try NudgeExperiment(system, cost, wrt, values, example: example)
        network = system.name
        self.example = values.isBatch ? (example, values.examples.count) : nil
        nudged = experiment.nudged
        let groups = try experiment.groups()
        lines = try experiment.lines(of: groups)
        pathLength = experiment.pathLength(groups)
        trials = try Nudge.steps.map {
            Trial(step: $0, ratio: try experiment.costRatio(at: $0), central: try experiment.centralRatio(at: $0))
        }
    }
}

/// Compares a derived gradient with a numeric one at seeded random values.
public struct GradientCheck: Sendable {
    /// How far the gradient may be off, relative to its largest entry.
    public static let tolerance = 1e-6

    /// What a comparison found.
    public struct Report: Sendable {
        /// The largest difference of an entry, relative to the largest entry of the gradient.
        public var worst: Double
        /// Where that is: `w(2)[0,1]`.
        public var place: String
        /// The two values there.
        public var derived: Double
        public var numeric: Double
        /// How many entries were compared, and how many there are.
        public var compared: Int
        public var entries: Int
        /// The symbolic sizes that were drawn: `N = 3`.
        public var sizes: [String]
        /// How often values were drawn before all was finite and away from kinks.
        public var draws: Int

        /// Whether the gradient is right.
        public var passes: Bool { worst <= GradientCheck.tolerance }
    }

    /// Compares with this many training examples.
    public static let exampleCount = 2
    /// Draws values this often before it gives up.
    static let mostDraws = 100
    /// Of large gradients this many entries are compared, drawn at random.
    static let mostEntries = 200

    /// Compares.
    ///
    /// - Parameters:
    ///   - original: the spec as resolved: what the numeric derivative is taken of.
    ///   - derived: its derivative.
    ///   - seed: where the random numbers start.
    /// - Throws: ``EvaluationError`` or ``LoweringError`` where nothing can be compared.
    public static func run(_ original: System, _ derived: DerivedSystem, seed: UInt64) throws -> Report {
        var random = RandomValues(seed: seed)
        let bound = try random.sizes(for: original)
        var system = original
        guard case .access(let quantity, let indices) = derived.system.graph.form(of: derived.cost) else {
            throw EvaluationError("the cost is no element of a quantity")
        }
        let places = indices.map { index in system.graph.affine(derived.system.graph[index]) }
        let cost = system.graph.makeAccess(quantity, places)
        let value = try Evaluator(system, cost: cost).prepare(bound, exampleCount: exampleCount)
        let gradient = try Evaluator(derived.lowered(), cost: derived.cost, gradient: derived.gradient)
            .prepare(bound, exampleCount: exampleCount)
        let sizes = sizeTexts(original, bound)
        for draw in 1...mostDraws {
            // Smaller numbers where larger ones do not do: for the domains of functions, and against overflow.
            let scale = draw <= 20 ? 1 : draw <= 60 ? 0.3 : 0.05
            let values = try random.values(for: bound, exampleCount: exampleCount, scale: scale)
            guard var report = try compare(value, gradient, values, derived, &random) else { continue }
            report.sizes = sizes
            report.draws = draw
            return report
        }
        throw EvaluationError("no values were found at which all is finite and away from kinks, in \(mostDraws) draws")
    }

    private static func compare(
        _ value: PreparedEvaluation, _ gradient: PreparedEvaluation, _ values: Values, _ derived: DerivedSystem,
        _ random: inout RandomValues
    ) throws -> Report? {
        let results = try gradient.run(values)
        guard let tensors = results.gradient else { return nil }
        // Each entry: which quantity, of which example, at which place.
        var entries: [(wrt: Int, example: Int?, place: Int)] = []
        var largest = 0.0
        for (position, tensor) in tensors.enumerated() {
            let isData = derived.system[derived.gradient[position].wrt].dependsOnExamples
            for (example, one) in tensor.value.all.enumerated() {
                for place in one.values.indices {
                    guard one.values[place].isFinite else { return nil }
                    largest = max(largest, abs(one.values[place]))
                    entries.append((position, isData || tensor.value.all.count > 1 ? example : nil, place))
                }
            }
        }
        let total = entries.count
        if entries.count > mostEntries {
            entries.shuffle(using: &random.generator)
            entries.removeLast(entries.count - mostEntries)
        }
        var report = Report(
            worst: 0, place: "", derived: 0, numeric: 0, compared: entries.count, entries: total, sizes: [], draws: 0)
        for entry in entries {
            let wrt = derived.gradient[entry.wrt].wrt
            let isData = derived.system[wrt].role == .input || derived.system[wrt].role == .target
            guard values.shared[wrt] != nil || isData else {
                throw EvaluationError(
                    "'\(derived.system[wrt].name)' is computed, so there is no value to vary: compare with respect to params or data"
                )
            }
            let slope = try RichardsonDerivative.slope { step in
                var moved = values
                if isData {
                    moved.examples[entry.example ?? 0][wrt]?[entry.place] += step
                } else {
                    moved.shared[wrt]?[entry.place] += step
                }
                let cost = try value.run(moved).cost.all
                return cost.count > 1 ? cost[entry.example ?? 0] : cost[0]
            }
            guard let slope else { return nil }
            let tensor = tensors[entry.wrt].value.all
            let exact = tensor[tensor.count > 1 ? entry.example ?? 0 : 0].values[entry.place]
            let difference = abs(exact - slope.value) / max(largest, 1e-8)
            // A kink nearby shows in slopes that do not agree among themselves.
            if slope.error / max(largest, 1e-8) > tolerance / 4 { return nil }
            if difference >= report.worst {
                report.worst = difference
                report.derived = exact
                report.numeric = slope.value
                report.place = tensor[tensor.count > 1 ? entry.example ?? 0 : 0].placeName(entry.place)
            }
        }
        return report
    }
}

/// A derivative from values alone: central differences, extrapolated to step 0 (Ridders, "Accurate computation of F'(x) and
/// F'(x)F''(x)", 1982).
enum RichardsonDerivative {
    /// The slope at 0, with an estimate of its error; nil where a value is not finite.
    static func slope(_ function: (Double) throws -> Double) rethrows -> (value: Double, error: Double)? {
        let shrink = 1.6
        var step = 0.02
        var previous: [Double] = []
        var best = (value: 0.0, error: Double.infinity)
        for row in 0..<10 {
            let above = try function(step)
            let below = try function(-step)
            guard above.isFinite, below.isFinite else {
                if row == 0 || previous.isEmpty {
                    step /= shrink
                    if row == 9 { return nil }
                    continue
                }
                return nil
            }
            var current = [(above - below) / (2 * step)]
            var factor = shrink * shrink
            for column in previous.indices {
                let extrapolated = (current[column] * factor - previous[column]) / (factor - 1)
                factor *= shrink * shrink
                let error = max(abs(extrapolated - current[column]), abs(extrapolated - previous[column]))
                if error <= best.error { best = (extrapolated, error) }
                current.append(extrapolated)
            }
            if let last = previous.last, let now = current.last, abs(now - last) >= 2 * best.error, row > 2 { break }
            previous = current
            step /= shrink
        }
        return best.error.isFinite ? best : nil
    }
}

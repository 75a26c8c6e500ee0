/// A system whose sizes all have values.
public struct BoundSystem: Sendable {
    /// The same system, with ``Size/value`` and ``Size/values`` set throughout.
    public let system: System

    /// Gives symbolic sizes their values.
    ///
    /// - Parameter sizes: for each symbolic size one value, or, for a size with stages, one for each stage, first to last.
    /// - Throws: ``EvaluationError`` where a size is missing or not an integer of at least 1, or where the spec needs other sizes.
    public init(_ system: System, sizes: [SizeID: [Int]] = [:]) throws {
        var bound = system
        for position in bound.sizes.indices {
            let id = SizeID(position)
            try BoundSystem.bind(id, sizes[id], &bound)
        }
        self.system = bound
        try BoundSystem.check(bound)
    }

    /// Gives one size its value; the sizes before it have theirs.
    static func bind(_ id: SizeID, _ given: [Int]?, _ system: inout System) throws {
        let size = system[id]
        func check(_ value: Int) throws -> Int {
            guard value >= 1 else {
                throw EvaluationError("size '\(size.name)' is \(value), but a size is at least 1", at: size.range)
            }
            return value
        }
        func evaluate(_ formula: ExprID) throws -> Int {
            guard let value = ConstantEvaluator(system).rational(formula)?.asInt else {
                throw EvaluationError("size '\(size.name)' is not an integer", at: size.range)
            }
            return try check(value)
        }
        guard let range = size.stageRange else {
            switch size.definition {
            case .formula(let formula): system[id].value = try size.value ?? evaluate(formula)
            case .symbolic, .table:
                guard let value = given?.first ?? size.value else {
                    throw EvaluationError("size '\(size.name)' has no value", at: size.range)
                }
                system[id].value = try check(value)
            }
            return
        }
        let arithmetic = SizeArithmetic(system)
        guard let lower = arithmetic.value(range.lower, in: system.graph),
            let upper = arithmetic.value(range.upper, in: system.graph)
        else {
            throw EvaluationError("the stages of size '\(size.name)' are not known", at: size.range)
        }
        let (count, overflow) = upper.subtractingReportingOverflow(lower)
        var values: [Int]
        switch size.definition {
        case .symbolic: values = given ?? size.values ?? []
        case .table(let formulas): values = try size.values ?? formulas.map { try evaluate($0) }
        case .formula(let formula):
            let value = try evaluate(formula)
            guard !overflow, count <= 1 << 28 else {
                throw EvaluationError("size '\(size.name)' has too many stages", at: size.range)
            }
            values = Array(repeating: value, count: max(0, count))
        }
        guard !overflow, values.count == max(0, count) else {
            throw EvaluationError(
                "size '\(size.name)' has \(values.count) values for \(max(0, count)) stages", at: size.range)
        }
        values = try values.map(check)
        // Affine expressions look a stage up from the first one on: its number must be plain to see.
        system[id].stageRange = (system.graph.affine(Affine(lower)), system.graph.affine(Affine(upper)))
        system[id].values = values
    }

    // MARK: Requirements

    /// Checks what could not be decided while sizes were letters.
    private static func check(_ system: System) throws {
        var system = system
        for requirement in system.sizeRequirements {
            var budget = 4_000_000
            switch holds(requirement, &system, &budget) {
            case .holds: continue
            case .fails: throw EvaluationError(requirement.message, at: requirement.range)
            case .unknown:
                throw EvaluationError(
                    "it takes too long to check, for these sizes, that this does not happen: \(requirement.message)",
                    at: requirement.range)
            }
        }
    }

    private enum Verdict { case holds, fails, unknown }

    /// Whether a requirement holds: by a proof where there is one, else index by index.
    private static func holds(_ requirement: SizeRequirement, _ system: inout System, _ budget: inout Int) -> Verdict {
        // Each entry: the requirement with some indices replaced by values, and the axes that are left.
        let arithmetic = SizeArithmetic(system)
        var stack = [requirement]
        while let next = stack.popLast() {
            budget -= 1
            guard budget > 0 else { return .unknown }
            var scope = Scope(next.axes)
            for fact in next.guards { scope.assume(nonNegative: fact) }
            if system.isNonNegative(system.graph[next.affine], in: scope) { continue }
            guard let axis = next.axes.first else {
                let isRequired = next.guards.allSatisfy { (arithmetic.value($0, in: system.graph) ?? 0) >= 0 }
                if !isRequired { continue }
                guard let value = arithmetic.value(next.affine, in: system.graph) else { return .fails }
                if value < 0 { return .fails }
                continue
            }
            guard let lower = arithmetic.value(axis.lower, in: system.graph),
                let upper = arithmetic.value(axis.upper, in: system.graph)
            else { return .unknown }
            var value = lower
            while value < upper {
                budget -= 1
                guard budget > 0, let part = substituting(value, for: axis.index, next, &system) else {
                    return .unknown
                }
                stack.append(part)
                value += 1
            }
        }
        return .holds
    }

    /// A requirement at one value of its first axis.
    private static func substituting(
        _ value: Int, for index: IndexID, _ requirement: SizeRequirement, _ system: inout System
    ) -> SizeRequirement? {
        let map = [index: Affine(value)]
        var result = requirement
        guard let affine = system.graph.substitute(requirement.affine, map) else { return nil }
        result.affine = affine
        result.axes.removeFirst()
        for position in result.axes.indices {
            guard let low = system.graph.substitute(result.axes[position].lower, map),
                let high = system.graph.substitute(result.axes[position].upper, map)
            else { return nil }
            result.axes[position].lower = low
            result.axes[position].upper = high
        }
        for position in result.guards.indices {
            guard let guarded = system.graph.substitute(result.guards[position], map) else { return nil }
            result.guards[position] = guarded
        }
        return result
    }
}

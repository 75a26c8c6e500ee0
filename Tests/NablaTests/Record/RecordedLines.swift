import Foundation

@testable import Nabla

/// Checks that each displayed line of a derivation is equal to the line before it, evaluated from the expressions of the record that
/// the line is printed from: unsimplified, at concrete values, by the evaluator.
struct RecordedLines {
    /// One equality: two sides without free indices.
    struct Equality {
        var what: String
        var left: ExprID
        var right: ExprID
    }

    /// How many equalities were compared, by what they say.
    private(set) var compared: [String: Int] = [:]
    private(set) var complaints: [String] = []
    private var derived: DerivedSystem
    private var builder: DerivationBuilder
    private let arithmetic: SizeArithmetic
    private var equalities: [Equality] = []
    private var templates = DerivativeTemplates()
    /// Of each chain, at most this many places.
    static let most = 2

    /// - Parameter mutate: changes the record before it is checked.
    init(
        _ original: DerivedSystem, at values: Values, detail: LaTeXPrinter.Detail = .full,
        mutate: (inout DerivedSystem) -> Void = { _ in }
    ) throws {
        derived = PathGrouping.grouped(original)
        mutate(&derived)
        builder = DerivationBuilder(derived, limit: 1000, options: .init(detail: detail))
        arithmetic = SizeArithmetic(values.bound.system)
        for rewriting in derived.derivation.rewritings { add(rewriting) }
        for step in builder.steps {
            for place in places(of: step.axes) { add(builder.instance(of: step, putting: place), step.result) }
        }
        var whole = derived
        whole.system.graph = builder.formulas.system.graph
        var sides: [ExprID] = []
        var known: Set<ExprID> = []
        for equality in equalities {
            for side in [equality.left, equality.right] where known.insert(side).inserted { sides.append(side) }
        }
        let results = try ExpressionValues(whole, sides, at: values, isSimplified: false)
        for equality in equalities {
            guard let left = results.expressions[equality.left], let right = results.expressions[equality.right] else {
                complaints.append("\(equality.what): no value")
                continue
            }
            for example in 0..<max(left.all.count, right.all.count) {
                let one = left.all.count == 1 ? left.all[0] : left.all[example]
                let other = right.all.count == 1 ? right.all[0] : right.all[example]
                // Where a form overflows that is derived in another one, there is nothing to compare.
                if !one.isFinite || !other.isFinite { continue }
                compared[equality.what, default: 0] += 1
                if abs(one - other) > 1e-9 * max(abs(one), abs(other)) + 1e-11 {
                    complaints.append("\(equality.what): \(one) is not \(other)")
                }
            }
        }
    }

    /// The first elements and the last ones.
    private mutating func places(of axes: [Axis]) -> [[Int: Affine]] {
        let graph = builder.formulas.system.graph
        var all: [[Int]] = []
        var indices: [IndexID: Int] = [:]
        var odometer = Odometer(axes, graph, arithmetic)
        while all.count < 10_000, let element = try? odometer.next(&indices) { all.append(element) }
        let shown = all.count <= Self.most ? all : [all[0], all[all.count - 1]]
        return shown.map { element in
            var place: [Int: Affine] = [:]
            for (position, value) in element.enumerated() where !axes[position].isPoint {
                place[position] = Affine(value)
            }
            return place
        }
    }

    private mutating func add(_ what: String, _ left: ExprID, _ right: ExprID) {
        // What is the same expression proves nothing.
        if left == right { return }
        equalities.append(Equality(what: what, left: expanded(left), right: expanded(right)))
    }

    /// Derivatives of functions by the table's formulas, and of the spec's own by the rules; nothing is simplified.
    private mutating func expanded(_ root: ExprID) -> ExprID {
        var root = root
        // A derivative's formula may hold a derivative of a function inside.
        for _ in 0..<8 {
            var bodies: [ExprID: ExprID] = [:]
            for id in builder.formulas.system.graph.reachable(from: root) {
                guard case .derivativeCall(let function, let positions, _) = builder.system.graph.form(of: id) else {
                    continue
                }
                switch function {
                case .standard(let known):
                    bodies[id] = templates.template(known, positions, &builder.formulas.system.graph)
                case .user(let place):
                    var body = builder.system.functions[place].body
                    for position in positions {
                        body = body.map {
                            LocalDerivative.derivative(
                                of: $0, withRespectToArgument: position, &builder.formulas.system.graph)
                        }
                    }
                    bodies[id] = body
                }
            }
            if bodies.isEmpty { return root }
            root = builder.formulas.system.graph.rewrite(root) { graph, id, children in
                guard let body = bodies[id] else { return graph.rebuilding(id, children) }
                return graph.rewrite(body) { graph, inner, parts in
                    if case .argument(let position) = graph.form(of: inner) { return children[position] }
                    return graph.rebuilding(inner, parts)
                }
            }
        }
        return root
    }

    /// The right side of the spec, and the form that was derived.
    private mutating func add(_ rewriting: Rewriting) {
        let equation = derived.system.equations[rewriting.equation]
        for place in places(of: equation.axes) {
            var map: [IndexID: Affine] = [:]
            for (position, value) in place { map[equation.axes[position].index] = value }
            guard let left = builder.formulas.system.graph.substitute(equation.body, map),
                let right = builder.formulas.system.graph.substitute(rewriting.body, map)
            else { continue }
            add("without overflow", left, right)
        }
    }

    // MARK: One step

    private mutating func add(_ step: AdjointStep, _ general: ExprID) {
        let own = builder.indices(of: step.axes)
        let adjoint = builder.formulas.system.graph.makeAccess(step.adjoint, own)
        let result = step.result
        add("result", adjoint, result)
        if step.contributions.contains(where: { $0.overExamples != nil }) { return addExamples(step) }
        let element = builder.subject(of: step)
        let cost = builder.costText(step)
        var ratios: [ExprID] = []
        var values: [ExprID] = []
        for contribution in step.contributions where !builder.isImpossible(contribution, step) {
            // ∂P/∂Q, as the table of functions gave it, times ∂C/∂P.
            ratios.append(sum(contribution, [contribution.local, contribution.adjoint]))
            let factors = builder.chain(from: contribution, element, cost, step)
            values.append(sum(contribution, factors.compactMap { $0.value ?? $0.derivative }))
            if let collapse = contribution.collapse { add(collapse, contribution, step) }
            if !builder.isCost(contribution, step) {
                add(
                    "a ratio simplified", sum(contribution, [contribution.local]),
                    sum(contribution, [contribution.localResult]))
                let shown = builder.shown(contribution)
                add("a ratio as it is shown", sum(contribution, [shown]), sum(contribution, [contribution.localResult]))
            }
        }
        let chain = builder.formulas.system.graph.makeSum(ratios)
        let worked = builder.formulas.system.graph.makeSum(values)
        if let listed = builder.listedPaths(of: step, element, cost), !listed.contains(where: \.isAfterGap) {
            let paths = listed.map { path in
                builder.formulas.system.graph.makeProduct(path.factors.compactMap { $0.value ?? $0.derivative })
            }
            add("the paths added up", builder.formulas.system.graph.makeSum(paths), chain)
        }
        if let diagonal = builder.diagonal(of: step) {
            let zero = builder.formulas.system.graph.makeNumber(0)
            var locals = [builder.shown(diagonal.every)]
            for one in diagonal.one {
                let local = builder.shown(one)
                locals.append(
                    builder.formulas.system.graph.makeSelect(diagonal.delta, then: local, otherwise: zero))
            }
            let ratio = builder.formulas.system.graph.makeSum(locals)
            add("a ratio with its Kronecker delta", sum(diagonal.every, [ratio, diagonal.every.adjoint]), chain)
        }
        add("the chain rule", adjoint, chain)
        add("the ratios worked out", chain, worked)
        add("the result", worked, result)
        add("as displayed", builder.shownForm(result), result)
    }

    private mutating func addExamples(_ step: AdjointStep) {
        var map: [IndexID: Affine] = [:]
        guard let general = builder.steps.first(where: { $0.equation == step.equation }) else { return }
        for (before, after) in zip(general.axes, step.axes) where !before.isPoint {
            map[before.index] = builder.system.graph[after.lower]
        }
        guard let raw = builder.formulas.system.graph.substitute(general.raw, map) else { return }
        add("all examples", raw, step.result)
    }

    /// A sum with its Kronecker deltas, and the one term that it keeps.
    private mutating func add(_ collapse: Collapse, _ contribution: Contribution, _ step: AdjointStep) {
        var collapsed = contribution
        collapsed.binders += collapse.binders
        collapsed.guards += collapse.deltas
        add("a sum that collapses", sum(collapsed, [collapse.local]), sum(contribution, [builder.shown(contribution)]))
    }

    /// Σ over the paths of a product, where they exist.
    private mutating func sum(_ contribution: Contribution, _ factors: [ExprID]) -> ExprID {
        var body = builder.formulas.system.graph.makeProduct(factors)
        if !contribution.guards.isEmpty {
            let zero = builder.formulas.system.graph.makeNumber(0)
            let condition = builder.formulas.system.graph.makeAnd(contribution.guards)
            body = builder.formulas.system.graph.makeSelect(condition, then: body, otherwise: zero)
        }
        if contribution.binders.isEmpty { return body }
        return builder.formulas.system.graph.makeReduction(.sum, contribution.binders, body)
    }
}

/// The values of a system's quantities, and beside them of single expressions: each is computed as a quantity of its own, by the
/// same evaluator in the same run.
struct ExpressionValues: Sendable {
    /// Of everything that is computed.
    private(set) var tensors: [QuantityID: Results.PerExample<Tensor>] = [:]
    private(set) var expressions: [ExprID: Results.PerExample<Double>] = [:]
    private(set) var gradient: [(name: String, value: Results.PerExample<Tensor>)] = []

    /// Evaluates.
    ///
    /// - Parameters:
    ///   - derived: the system with its derivatives, in whose graph the expressions are.
    ///   - expressions: without free indices.
    ///   - values: of the system, or of the one that it was derived from.
    ///   - isSimplified: whether what is evaluated is simplified first, as `eval` does; otherwise everything runs as it stands.
    /// - Throws: ``LoweringError`` and ``EvaluationError``, as ``Evaluator/run(_:)``.
    init(_ derived: DerivedSystem, _ expressions: [ExprID], at values: Values, isSimplified: Bool = true) throws {
        var whole = derived
        let first = whole.system.quantities.count
        for (position, expression) in expressions.enumerated() {
            let quantity = Quantity(name: "expression \(position)", role: .computed, stageCount: 0, domains: [[]])
            whole.system.quantities.append(quantity)
            whole.system.equations.append(
                Equation(quantity: QuantityID(first + position), axes: [], body: expression))
        }
        let system = isSimplified ? whole.lowered() : whole.system
        let results = try Evaluator(system, cost: derived.cost, gradient: derived.gradient, includesAll: true).run(
            values)
        gradient = results.gradient ?? []
        for (_, value) in results.quantities ?? [] {
            guard let quantity = value.all.first?.quantity else { continue }
            let position = Int(quantity.raw) - first
            if position < 0 {
                tensors[quantity] = value
            } else if expressions.indices.contains(position) {
                self.expressions[expressions[position]] =
                    switch value {
                    case .one(let tensor): .one(tensor.values.first ?? .nan)
                    case .each(let tensors): .each(tensors.map { $0.values.first ?? .nan })
                    }
            }
        }
    }
}

/// How many operations a cost takes, and how many with its gradient.
///
/// Griewank's bound is 5 times the operations of the cost for both; hand-written backpropagation takes 3 for a network.
public struct CostLedger: Sendable {
    /// One computation.
    public struct Entry: Sendable {
        /// What is computed.
        public var name: String
        /// Its operations as a formula in the sizes.
        public var formula: String
        /// The same at given sizes.
        public var number: Rational
    }

    /// The cost; the cost with its gradient; the cost with second derivatives, where there are any.
    public private(set) var entries: [Entry] = []

    /// The operations of an entry, in terms of those of the cost; nil where the cost takes none.
    public func ratio(_ position: Int) -> Double? {
        guard entries.indices.contains(position), let cost = entries.first?.number, !cost.isZero else { return nil }
        return entries[position].number.dividing(by: cost)?.double
    }

    /// Counts what is executed.
    ///
    /// - Parameters:
    ///   - derived: a spec with its derivatives.
    ///   - bound: sizes, of the derived system or of the one that it was derived from.
    ///   - exampleCount: how many training examples there are.
    /// - Throws: ``LoweringError`` where the system has no form as loops, ``EvaluationError`` where a size is missing.
    public init(_ derived: DerivedSystem, sizes bound: BoundSystem, exampleCount: Int) throws {
        let system = derived.lowered()
        guard case .access(let cost, _) = system.graph.form(of: derived.cost) else {
            throw EvaluationError("the cost is no element of a quantity")
        }
        let gradient = derived.gradient.compactMap(\.derivative)
        var wanted = [("cost", [cost]), ("cost with gradient", [cost] + gradient)]
        if let second = derived.second {
            wanted.append((second.product == nil ? "cost with hessian" : "cost with product", [cost] + second.results))
        }
        for (name, results) in wanted {
            let program = try LoopProgram.lowering(system, results: results)
            let (formula, counted) = OperationCounter.count(program)
            let known = try BoundSystem(counted, sizes: Evaluator.sizes(of: bound))
            let number = try formula.value(in: known.system, exampleCount: exampleCount)
            entries.append(Entry(name: name, formula: formula.text(in: counted), number: number))
        }
    }

    /// The ledger as `nabla check --costs` prints it.
    public var text: String {
        var text = ""
        for (position, entry) in entries.enumerated() {
            text += "\(entry.name): \(entry.formula)"
            if entry.formula != entry.number.description { text += " = \(entry.number)" }
            text += " operations"
            if position > 0, let ratio = ratio(position) {
                text += ", \(NumberText.json((ratio * 1000).rounded() / 1000)) times those of the cost"
            }
            text += "\n"
        }
        return text
    }
}

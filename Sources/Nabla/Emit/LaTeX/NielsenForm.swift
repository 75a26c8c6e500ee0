/// A network of layers in the form of Nielsen's "Neural Networks and Deep Learning", chapter 2: z = w·a + b, a = f(z), and a
/// cost of the last a.
///
/// It is read from the record of the derivation: each quantity's only path.
struct NielsenForm {
    var weighted: QuantityID
    var activation: QuantityID
    var weight: QuantityID
    var bias: QuantityID
    /// The steps of ∂C/∂z, ∂C/∂a at the last layer and before it, ∂C/∂w, ∂C/∂b.
    var weightedStep: AdjointStep
    var lastStep: AdjointStep
    var earlierStep: AdjointStep
    var weightStep: AdjointStep
    var biasStep: AdjointStep

    /// Nil where the network has another shape.
    init?(_ derived: DerivedSystem) {
        let system = derived.system
        let steps = derived.derivation.steps.filter { step in
            !step.contributions.contains { $0.overExamples != nil }
        }
        func layered(_ quantity: QuantityID) -> Bool { system[quantity].stageCount == 1 }
        // z has one path, through f: its derivative is f′(z).
        guard
            let first = steps.first(where: { step in
                guard layered(step.quantity), step.contributions.count == 1, let only = step.contributions.first,
                    only.binders.isEmpty, only.guards.isEmpty,
                    case let factor = Self.unwrapped(only.local, system),
                    case .derivativeCall(_, _, let arguments) = system.graph.form(of: factor),
                    arguments.count == 1, case .access(step.quantity, _) = system.graph.form(of: arguments[0])
                else { return false }
                return layered(only.through)
            }), let through = first.contributions.first?.through
        else { return nil }
        weighted = first.quantity
        activation = through
        weightedStep = first
        guard steps.filter({ $0.quantity == first.quantity }).count == 1 else { return nil }
        let activations = steps.filter { $0.quantity == through }
        guard activations.count == 2,
            let last = activations.first(where: { $0.axes.first?.isPoint == true }),
            let earlier = activations.first(where: { $0.axes.first?.isPoint == false }),
            earlier.contributions.count == 1, let back = earlier.contributions.first, back.through == first.quantity,
            case .access(let weight, _) = system.graph.form(of: back.localResult)
        else { return nil }
        lastStep = last
        earlierStep = earlier
        self.weight = weight
        let rest = steps.filter { step in
            step.contributions.count == 1 && step.contributions[0].through == first.quantity
                && step.contributions[0].binders.isEmpty
        }
        guard let weightStep = rest.first(where: { $0.quantity == weight }),
            case .access(through, _) = system.graph.form(of: weightStep.contributions[0].localResult),
            let biasStep = rest.first(where: {
                system.graph.number($0.contributions[0].localResult)?.isOne == true
            })
        else { return nil }
        self.weightStep = weightStep
        self.biasStep = biasStep
        bias = biasStep.quantity
    }

    /// An expression without factors 1 around it.
    private static func unwrapped(_ id: ExprID, _ system: System) -> ExprID {
        guard case .multiply(let factors) = system.graph.form(of: id) else { return id }
        let rest = factors.filter { system.graph.number($0)?.isOne != true }
        return rest.count == 1 ? rest[0] : id
    }
}

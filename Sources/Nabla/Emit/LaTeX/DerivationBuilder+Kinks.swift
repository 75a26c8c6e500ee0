// What is said where a function has a kink.

extension DerivationBuilder {
    /// A sentence for each function with a kink that a step goes through, the first time.
    mutating func addKinks(of step: AdjointStep, to document: inout LaTeXDocument) {
        for contribution in step.contributions {
            var scope = Scope(step.axes)
            for binder in contribution.binders { scope.enter(binder) }
            for place in definitions[contribution.through] ?? [] {
                let equation = system.equations[place]
                guard mayHold(equation.axes, contribution.indices, in: scope) else { continue }
                let body = rewritten[place] ?? equation.body
                for id in system.graph.reachable(from: [body], &visited) where mayHaveKink(id) {
                    formulas.scope.clear()
                    enter(equation.axes, names: equation.axes.map { system.graph.name(of: $0.index) })
                    guard let sentence = kink(at: id), saidKinks.insert(sentence.key).inserted else { continue }
                    document.blocks.append(.paragraph(sentence.text))
                }
            }
        }
    }

    private func mayHaveKink(_ id: ExprID) -> Bool {
        switch system.graph.form(of: id) {
        case .call(.standard(let function), _):
            return !FunctionTable.standard[function].kinks.isEmpty || function == .max || function == .min
        case .reduce(let kind, _, _): return kind == .maximum || kind == .minimum
        default: return false
        }
    }

    private mutating func kink(at id: ExprID) -> (key: String, text: Prose)? {
        switch system.graph.form(of: id) {
        case .call(.standard(let function), let arguments):
            guard let argument = arguments.first else { return nil }
            let inner = formulas.formula(argument)
            let at: Prose =
                inner.width < 12
                ? "\(inner.tokens + [.operation(.equal, isTight: false), .number("0")])" : "the argument 0"
            let convention: String
            switch function {
            case .relu: convention = "is taken to be 0, the slope on its left"
            case .abs: convention = "is taken to be 0, between the slopes −1 and 1"
            case .leakyrelu, .elu: convention = "is taken to be the slope on its left"
            case .sign, .heaviside: convention = "is taken to be 0, as everywhere else"
            case .hypot:
                return (
                    "hypot", "Where both arguments are 0, the root has a kink; its derivative there is taken to be 0."
                )
            case .max, .min:
                return (
                    "max", "At a tie the whole derivative goes to the first of the equal arguments: the others get 0."
                )
            default: return nil
            }
            let name = FunctionTable.standard[function].name
            let head =
                formulas.head(of: .standard(function)).map { "\($0)" as Prose }
                ?? "The function \(name)"
            let what = function == .sign || function == .heaviside ? "jumps" : "has a kink"
            return (
                name, "\(head) \(what) at \(at) and has no derivative there; where one is needed, it \(convention)."
            )
        case .reduce(.maximum, _, _), .reduce(.minimum, _, _):
            return ("max", "At a tie the whole derivative goes to the first of the equal terms: the others get 0.")
        default: return nil
        }
    }
}

// What is said where a function has a kink.

extension DerivationBuilder {
    /// A sentence for each function with a kink that a step goes through, the first time.
    mutating func addKinks(of step: AdjointStep, to document: inout LaTeXDocument) {
        for contribution in step.contributions {
            for place in definitions[contribution.through] ?? [] {
                let body = rewritten[place] ?? system.equations[place].body
                let equation = system.equations[place]
                for id in system.graph.reachable(from: [body], &visited) {
                    formulas.scope.clear()
                    enter(equation.axes, names: equation.axes.map { system.graph.name(of: $0.index) })
                    guard let sentence = kink(at: id), saidKinks.insert(sentence.key).inserted else { continue }
                    document.blocks.append(.paragraph(sentence.text))
                }
            }
        }
    }

    private mutating func kink(at id: ExprID) -> (key: String, text: String)? {
        switch system.graph.form(of: id) {
        case .call(.standard(let function), let arguments):
            guard let argument = arguments.first else { return nil }
            let inner = formulas.formula(argument)
            let at = inner.width < 12 ? "$\(inner.tex) = 0$" : "the argument 0"
            let convention: String
            switch function {
            case .relu: convention = "is taken to be 0, the slope on its left"
            case .abs: convention = "is taken to be 0, between the slopes $-1$ and 1"
            case .leakyrelu, .elu: convention = "is taken to be the slope on its left"
            case .sign, .heaviside: convention = "is taken to be 0, as everywhere else"
            case .hypot: return ("hypot", "Where both arguments are 0, the root has a kink; its derivative there is taken to be 0.")
            case .max, .min:
                return (
                    "max", "At a tie the whole derivative goes to the first of the equal arguments: the others get 0."
                )
            default: return nil
            }
            let name = FunctionTable.standard[function].name
            let what = function == .sign || function == .heaviside ? "jumps" : "has a kink"
            return (
                name, "The function \(LaTeXText.prose(name)) \(what) at \(at): there it has no derivative, and its value \(convention)."
            )
        case .reduce(.maximum, _, _), .reduce(.minimum, _, _):
            return ("max", "At a tie the whole derivative goes to the first of the equal terms: the others get 0.")
        default: return nil
        }
    }
}

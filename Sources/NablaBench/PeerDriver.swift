import Nabla

/// The program around generated Swift: it makes parameters and examples from the numbers and calls the network.
enum PeerDriver {
    static func text(_ problem: PeerProblem, _ scalar: SwiftScalar, workers: Int) -> String {
        let name = problem.network
        let y = problem.y.count > 0 ? ", y: numbers.y" : ""
        let lentTarget = problem.y.count > 0 ? ", y: lent(numbers.y)" : ""
        let single = ", y: numbers.y[0]"
        let (type, data, argument) =
            switch problem.call {
            case .nothing: ("Void", "()", "")
            case .constants: ("\(name).Constants", "try \(name).Constants(x: numbers.x\(y))", ", constants: data")
            case .example: ("\(name).Example", "try \(name).Example(x: numbers.x[0]\(single))", ", data")
            case .batch:
                (
                    "\(name).Batch", "try \(name).Batch(x: lent(numbers.x)\(lentTarget))",
                    ", batch: data" + (workers > 1 ? ", workers: \(workers)" : "")
                )
            }
        return """
            struct Network: Evaluation {
                private let parameters: \(name).Parameters
                private let data: \(type)
                private var workspace = \(name).Workspace()
                private var result = \(name).Gradient.zero

                init(_ numbers: Numbers) throws {
                    parameters = try \(name).Parameters(values: numbers.parameters)
                    data = \(data)
                }

                var gradient: [Number] { result.values }

                mutating func evaluate() throws -> Number {
                    try \(name).valueWithGradient(
                        at: parameters\(argument), workspace: &workspace, gradient: &result)
                }
            }

            @main struct Main {
                static func main() throws { try serve(Network.self) }
            }

            """
    }
}

import Nabla

extension Session {
    /// `nabla nudge`.
    mutating func nudge() throws -> ExitStatus {
        guard let path = arguments.value("--at") else {
            throw Failure(
                status: .usage, message: "nabla nudge: '--at VALUES.json' is missing: the values to nudge from\n")
        }
        guard let text = arguments.value("--wrt") else {
            throw Failure(
                status: .usage, message: "nabla nudge: '--wrt ELEMENT' is missing: what to nudge, such as 'w(L)[0,2]'\n"
            )
        }
        let example = try example()
        let names = try names()
        guard names.count == 1, let name = names.first else {
            throw Failure(status: .usage, message: "nabla nudge: '--wrt' is one element, not '\(text)'\n")
        }
        let values = try values(at: path, for: spec.system)
        let cost = try spec.cost(named: arguments.value("--of"))
        let wrt = try spec.element(named: name, option: "--wrt")
        return try emit(try Nudge(spec.system, of: cost, wrt: wrt, at: values, example: example).text)
    }
}

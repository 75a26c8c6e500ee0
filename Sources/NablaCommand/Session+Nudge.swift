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
        if path == "-" && arguments.spec == "-" {
            throw Failure(
                status: .usage, message: "nabla nudge: only one of the spec and the values is standard input\n")
        }
        let number = arguments.value("--example") ?? "0"
        guard let example = Int(number), example >= 0 else {
            throw Failure(
                status: .usage, message: "nabla nudge: '--example' is a whole number from 0, not '\(number)'\n")
        }
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

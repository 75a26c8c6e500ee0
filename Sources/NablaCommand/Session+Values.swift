import Nabla

// Values that are given, for what computes with them.

extension Session {
    /// The values of `--at`, read for a system.
    func values(at path: String, for system: System) throws -> Values {
        try checkStandardInput()
        let text = SourceText(name: path == "-" ? "<stdin>" : path, bytes: try Console.read(path))
        do {
            return try ValuesReader.read(text, for: system)
        } catch let error as ValuesError {
            throw Session.failure(error.diagnostics, text, arguments)
        }
    }

    /// Sees that not both of the spec and the values are to be read from standard input.
    func checkStandardInput() throws {
        guard arguments.value("--at") == "-", arguments.spec == "-" else { return }
        throw Failure(
            status: .usage,
            message: "nabla \(arguments.command.name): only one of the spec and the values is standard input\n")
    }

    /// `--example`.
    func example() throws -> Int {
        let number = arguments.value("--example") ?? "0"
        guard let example = Int(number), example >= 0 else {
            throw Failure(
                status: .usage,
                message: "nabla \(arguments.command.name): '--example' is a whole number from 0, not '\(number)'\n")
        }
        return example
    }

    /// What a derivation is worked out with; nil where no values are given.
    mutating func numbers(for derived: DerivedSystem) throws -> NumericInput? {
        let example = try example()
        guard let path = arguments.value("--at") else {
            if arguments.has("--example") {
                throw Failure(
                    status: .usage,
                    message: "nabla \(arguments.command.name): '--example' is for '--at', which gives the values\n")
            }
            return nil
        }
        if try secondOrder() != nil {
            throw Failure(
                status: .usage, message: "nabla \(arguments.command.name): '--at' is for first derivatives\n")
        }
        let values = try values(at: path, for: spec.system)
        return NumericInput(
            spec.system, cost: try spec.cost(named: arguments.value("--of")), at: values, example: example)
    }
}

extension System {
    /// The language's own names.
    static let reservedNames: Set<String> = Set(FunctionTable.standard.names).union([
        "network", "size", "layer", "step", "input", "target", "param", "const", "func", "cost", "derivative", "sum",
        "prod", "mean", "max", "min", "logsumexp", "argmax", "argmin", "examples", "in", "pi",
    ])

    /// All names that a new declaration may not take: sizes, functions, quantities, indices and the language's own.
    func takenNames() -> Set<String> {
        var names = System.reservedNames
        names.reserveCapacity(names.count + 2 * quantities.count)
        for size in sizes { names.insert(size.name) }
        for function in functions { names.insert(function.name) }
        for quantity in quantities { names.insert(quantity.name) }
        return names
    }

    /// The name itself, or with as many `_` behind it as make it free.
    func freeName(_ wish: String) -> String {
        let taken = takenNames()
        var name = wish
        while taken.contains(name) { name += "_" }
        return name
    }
}

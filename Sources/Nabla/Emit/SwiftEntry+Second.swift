/// What generated code calls second derivatives.
struct SwiftSecondEntry {
    /// Whether it is a product with a direction, not the whole Hessian.
    var isProduct: Bool
    /// The type of the result.
    var type: String
    /// The type of the direction, where one is given.
    var direction: String?
    /// Whether the result has parts of its own for each example.
    var hasExamples: Bool
    var canThrow: Bool
    /// How many numbers of the result are the same for all examples.
    var gradientCount: SwiftInteger

    var name: String { isProduct ? "hessianVectorProduct" : "hessian" }
}

extension SwiftEntry {
    /// `hessian(at:)`, `hessianVectorProduct(at:along:)`: without and with work memory.
    func secondFunctions(_ source: Source) -> [SwiftSource] {
        guard let second else { return [] }
        var items = parameters(source)
        var arguments = arguments(source)
        if let direction = second.direction {
            items.insert("along direction: \(direction)", at: hasParameters ? 1 : 0)
            arguments.insert("along: direction", at: hasParameters ? 1 : 0)
        }
        var summary =
            second.isProduct
            ? "The product of the Hessian of the cost \(cost) with a direction" : "The Hessian of the cost \(cost)"
        switch source {
        case .none: break
        case .example: summary += hasBatches ? " at one example, a batch of one" : " at one example"
        case .batch: summary += " at a batch of examples"
        }
        let tail = " throws -> \(second.type)"
        let call = (arguments + ["workspace: &workspace"]).joined(separator: ", ")
        return [
            .blank, .documentation("\(summary)."),
            .list(
                head: "\(access)\(function) \(second.name)", items: items, tail: tail,
                body: [
                    .line("var workspace = Workspace(\(file.isInstance ? "for: self" : ""))"),
                    .line("return try \(second.name)(\(call))"),
                ]),
            .blank, .documentation("\(summary), with work memory that is kept between calls."),
            .list(
                head: "\(access)\(function) \(second.name)", items: items + ["workspace: inout Workspace"], tail: tail,
                body: [.line("var result = \(zeroOfSecond(second, source))")] + run(.second, source, "_ = ")
                    + [.line("return result")]),
        ]
    }

    private func zeroOfSecond(_ second: SwiftSecondEntry, _ source: Source) -> String {
        var list = file.isInstance ? ["for: self"] : []
        if second.hasExamples { list.append("exampleCount: \(source == .batch ? "batch.count" : "1")") }
        if list.isEmpty { return "\(second.type).zero" }
        return "\(second.hasExamples ? "try " : "")\(second.type).zero(\(list.joined(separator: ", ")))"
    }
}

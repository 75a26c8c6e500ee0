// Second derivatives: where they are stored, and the types of the results.

extension SwiftComposer {
    mutating func makeSecond(_ second: SecondDerivatives, _ program: LoopProgram) throws {
        let given = second.direction.filter { system[$0].role == .constant }
        if isGradientOfParameters, given.count == second.direction.count, let product = second.product {
            // The direction and the product have the shape of the parameters, and their type.
            for (direction, component) in zip(second.direction, product) {
                guard let item = blocks.parameters[component.wrt] else { continue }
                blocks.direction.append(SwiftBlock.Item(quantity: direction, layout: item.layout, base: item.base))
            }
            blocks.direction.count = blocks.parameters.count
        } else {
            var items: [(id: QuantityID, name: String, layout: SwiftLayout)] = []
            for id in given { items.append((id, file.identifier(system[id].name), try file.layout(ofDeclared: id))) }
            blocks.direction = try file.block(items)
        }
        secondBlocks = blocks
        secondBlocks.gradientOf = [:]
        if isGradientOfParameters, let product = second.product {
            for (wrt, derivative) in product { secondBlocks.gradientOf[derivative] = wrt }
            secondBlocks.gradient = blocks.parameters
            secondBlocks.exampleGradient = SwiftBlock()
            return
        }
        var shared: [(id: QuantityID, name: String, layout: SwiftLayout)] = []
        var ofExamples = shared
        for derivative in second.results {
            guard let buffer = program.buffer(of: derivative) else { continue }
            let item = (
                derivative, file.identifier(system[derivative].name),
                try file.layout(of: derivative, buffer, program.system)
            )
            secondBlocks.gradientOf[derivative] = derivative
            if buffer.examples == .stored { ofExamples.append(item) } else { shared.append(item) }
        }
        secondBlocks.gradient = try file.block(shared)
        secondBlocks.exampleGradient = try file.block(ofExamples)
    }

    func secondEntry(_ body: SwiftBody?) -> SwiftSecondEntry? {
        guard let second, let body else { return nil }
        let isProduct = second.product != nil
        return SwiftSecondEntry(
            isProduct: isProduct, type: isProduct ? isGradientOfParameters ? "Gradient" : "Product" : "Hessian",
            direction: blocks.direction.items.isEmpty
                ? nil : isGradientOfParameters && isProduct ? "Parameters" : "Direction",
            hasExamples: !secondBlocks.exampleGradient.items.isEmpty,
            canThrow: body.plan.functions.last?.canThrow ?? false, gradientCount: secondBlocks.gradient.count)
    }

    func secondTypes(_ types: inout SwiftTypes) -> [SwiftSource] {
        guard let second else { return [] }
        let name = system[cost.quantity].name
        var sources: [SwiftSource] = []
        if !isGradientOfParameters || second.product == nil {
            let isProduct = second.product != nil
            sources += [
                .blank,
                types.numbers(
                    isProduct ? "Product" : "Hessian",
                    documentation: isProduct
                        ? "The product of the Hessian of \(name) with a direction."
                        : "Second derivatives of \(name): a block for each pair of quantities, the same in the other order.",
                    secondBlocks.gradient, ofExamples: secondBlocks.exampleGradient, isInitialized: false),
            ]
        }
        if !isGradientOfParameters, !blocks.direction.items.isEmpty {
            sources += [
                .blank,
                types.given("Direction", documentation: "What the Hessian is multiplied with.", blocks.direction),
            ]
        }
        return sources
    }
}

extension SwiftTypes {
    // MARK: Consts and directions

    /// `Constants` or `Direction`: given numbers, with an initializer that checks their shapes.
    mutating func given(_ name: String, documentation: String, _ block: SwiftBlock) -> SwiftSource {
        var body: [SwiftSource] = []
        if file.isInstance {
            body.append(.documentation("The network whose sizes these have."))
            body.append(.line("\(access)let network: \(file.network)"))
        }
        body.append(.documentation("All numbers, one after another, each quantity row-major."))
        body.append(.line("\(access)let values: [\(scalar)]"))
        body.append(.blank)
        body.append(.documentation(initializerDocumentation(block, "Takes the data, each quantity row-major.")))
        var code: [SwiftSource] = []
        if file.isInstance { code.append(.line("self.network = network")) }
        code.append(.line("var values: [\(scalar)] = []"))
        code.append(.line("values.reserveCapacity(\(count(block.count)))"))
        for item in block.items {
            let label = file.identifier(system[item.quantity].name)
            if item.layout.isScalar {
                code.append(.line("values.append(\(label))"))
            } else {
                code.append(countCheck(label, item, "count == \(count(item.layout.count))", item.layout.count))
                code.append(.line("values.append(contentsOf: \(label))"))
            }
        }
        for item in block.items where system[item.quantity].isDistribution {
            code.append(contentsOf: distributionCheck(item, of: "values", exampleCount: nil))
        }
        code.append(.line("self.values = values"))
        body.append(
            .list(head: "\(access)init", items: networkParameter + parameters(block), tail: " throws", body: code))
        for item in block.items {
            body.append(.blank)
            body.append(contentsOf: accessors(item, isMutable: false))
        }
        return .sequence([
            .documentation(SwiftText.comment(documentation)),
            .braces("\(access)struct \(name): Sendable, Equatable", body),
        ])
    }

    /// The parameters of an initializer that takes the numbers of one example.
    mutating func parameters(_ block: SwiftBlock) -> [String] {
        var list: [String] = []
        for item in block.items {
            let label = file.identifier(system[item.quantity].name)
            list.append("\(SwiftNames.label(label)): " + (item.layout.isScalar ? scalar : "[\(scalar)]"))
        }
        return list
    }

    mutating func countCheck(
        _ label: String, _ item: SwiftBlock.Item, _ condition: String, _ expected: SwiftInteger, of each: String = ""
    ) -> SwiftSource {
        let name = system[item.quantity].name
        let text = "\"\(name) has \\(\(label).count) values, expected \(literalCount(expected))\(each)\""
        return .require("\(label).\(condition)", error: "ShapeError(\(text))")
    }

    func initializerDocumentation(_ block: SwiftBlock, _ first: String) -> String {
        var lines = [first, "", "- Parameters:"]
        for item in block.items {
            let quantity = system[item.quantity]
            let text = quantity.documentation.split(separator: "\n").first.map { ": \($0)" } ?? "."
            lines.append("  - \(quantity.name): \(notation(item.quantity))\(text)")
        }
        lines.append("- Throws: `ShapeError` where an array has another size than the network.")
        return SwiftText.comment(lines.joined(separator: "\n"))
    }

    // MARK: Distributions

    /// Checks rows of numbers that `values` has, an array or ``Numbers``.
    mutating func distributionCheck(
        _ item: SwiftBlock.Item, of values: String, exampleCount: String?
    ) -> [SwiftSource] {
        guard item.layout.elementCount > 0 else { return [] }
        let stages = StageLoops(item, &self)
        guard let row = stages.extents.last else { return [] }
        let each = stages.extents.reduce(SwiftInteger(1)) { $0 * $1 }
        let name = SwiftText.literal(system[item.quantity].name)
        var start = stages.start
        if exampleCount != nil {
            let size = SwiftInteger(count(item.layout.count), item.layout.count.precedence).operand(.atom)
            start = start + SwiftInteger("example * \(size)", .product)
        }
        let call = file.call(.checkDistribution, [name, "values", start.text, each.text, row.text])
        var body = stages.wrap(stages.bindings + [.line("try \(call.text)")])
        if let exampleCount { body = [.braces("for example in 0..<\(exampleCount)", body)] }
        return [.closure("try \(values).withUnsafeBufferPointer { values in", body)]
    }
}

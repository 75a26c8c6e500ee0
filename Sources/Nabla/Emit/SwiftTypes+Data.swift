extension SwiftTypes {
    // MARK: Examples and consts

    /// `Example` or `Constants`: given numbers, with an initializer that checks their shapes.
    mutating func given(_ name: String, documentation: String, _ block: SwiftBlock) -> SwiftSource {
        var body: [SwiftSource] = []
        if file.isInstance {
            body.append(.documentation("The network whose sizes these have."))
            body.append(.line("\(access)let network: \(file.network)"))
        }
        body.append(.documentation("All numbers, one after another, each quantity row-major."))
        body.append(.line("\(access)let values: [\(scalar)]"))
        body.append(.blank)
        body.append(.documentation(initializerDocumentation(block, isBatch: false)))
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
            code.append(contentsOf: distributionCheck(item, exampleCount: nil))
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

    private mutating func parameters(_ block: SwiftBlock) -> [String] {
        var list: [String] = []
        for item in block.items {
            let label = file.identifier(system[item.quantity].name)
            list.append("\(SwiftNames.label(label)): " + (item.layout.isScalar ? scalar : "[\(scalar)]"))
        }
        return list
    }

    private mutating func countCheck(
        _ label: String, _ item: SwiftBlock.Item, _ condition: String, _ expected: SwiftInteger, of each: String = ""
    ) -> SwiftSource {
        let name = system[item.quantity].name
        let text = "\"\(name) has \\(\(label).count) values, expected \(literalCount(expected))\(each)\""
        return .require("\(label).\(condition)", error: "ShapeError(\(text))")
    }

    private func initializerDocumentation(_ block: SwiftBlock, isBatch: Bool) -> String {
        var lines: [String] = [
            isBatch
                ? "Takes the data of all examples, one example after another."
                : "Takes the data, each quantity row-major.",
            "", "- Parameters:",
        ]
        for item in block.items {
            let quantity = system[item.quantity]
            let text = quantity.documentation.split(separator: "\n").first.map { ": \($0)" } ?? "."
            lines.append("  - \(quantity.name): \(notation(item.quantity))\(text)")
        }
        lines.append("- Throws: `ShapeError` where an array has another size than the network.")
        return SwiftText.comment(lines.joined(separator: "\n"))
    }

    // MARK: Batches

    mutating func batch(_ block: SwiftBlock) -> SwiftSource {
        var body: [SwiftSource] = []
        if file.isInstance {
            body.append(.documentation("The network whose sizes these have."))
            body.append(.line("\(access)let network: \(file.network)"))
        }
        body.append(.documentation("All numbers: one quantity after another, each for all examples, row-major."))
        body.append(.line("\(access)let values: [\(scalar)]"))
        body.append(.documentation("How many examples there are, at least 1."))
        body.append(.line("\(access)let count: Int"))
        body.append(.blank)
        body.append(.documentation("One example."))
        body.append(
            .list(
                head: "\(access)init", items: ["_ example: Example"], tail: "",
                body: (file.isInstance ? [.line("network = example.network")] : []) + [
                    .line("values = example.values"), .line("count = 1"),
                ]))
        body.append(contentsOf: batchOfExamples(block))
        body.append(contentsOf: batchOfArrays(block))
        body.append(contentsOf: selection(block))
        return .sequence([
            .documentation("Many training examples, in contiguous arrays."),
            .braces("\(access)struct Batch: Sendable, Equatable", body),
        ])
    }

    private func batchOfExamples(_ block: SwiftBlock) -> [SwiftSource] {
        var code: [SwiftSource] = [
            .require("let first = examples.first", error: "ShapeError(\"a batch needs at least one example\")")
        ]
        if file.isInstance {
            code.append(.line("let network = first.network"))
            code.append(
                .braces(
                    "for example in examples where example.network != network",
                    [.line("throw ShapeError(\"the examples are of networks of different sizes\")")]))
            code.append(.line("self.network = network"))
        }
        code.append(.line("var values: [\(scalar)] = []"))
        code.append(.line("values.reserveCapacity(first.values.count * examples.count)"))
        for item in block.items {
            let range = "\(count(item.base))..<\(end(item))"
            code.append(
                .braces(
                    "for example in examples", [.line("values.append(contentsOf: example.values[\(range)])")]))
        }
        code.append(.line("self.values = values"))
        code.append(.line("count = examples.count"))
        return [
            .blank, .documentation("Several examples.\n\n- Throws: `ShapeError` where there is none."),
            .list(head: "\(access)init", items: ["_ examples: [Example]"], tail: " throws", body: code),
        ]
    }

    /// Where the numbers of one example's quantity end.
    private func end(_ item: SwiftBlock.Item) -> String {
        if let base = item.base.known, let size = item.layout.count.known { return String(base + size) }
        return item.base.known == 0
            ? count(item.layout.count) : "(\(count(item.base)) + \(count(item.layout.count)))"
    }

    private mutating func batchOfArrays(_ block: SwiftBlock) -> [SwiftSource] {
        guard let first = block.items.first(where: { $0.layout.count.known != 0 }) else { return [] }
        let label = file.identifier(system[first.quantity].name)
        var code: [SwiftSource] = []
        let size = first.layout.count
        let divisor = size.known == nil ? "max(1, \(count(size)))" : size.text
        code.append(.line("let count: Int = \(label).count" + (size.known == 1 ? "" : " / \(divisor)")))
        code.append(.require("count > 0", error: "ShapeError(\"a batch needs at least one example\")"))
        code.append(.line("var values: [\(scalar)] = []"))
        var names: [String] = []
        for item in block.items {
            let label = file.identifier(system[item.quantity].name)
            names.append("\(SwiftNames.label(label)): [\(scalar)]")
            let size = item.layout.count
            let product =
                size.known == 1 ? "count" : "count * \(SwiftInteger(count(size), size.precedence).operand(.atom))"
            code.append(
                countCheck(label, item, "count == \(product)", size, of: " for each of \\(count) examples"))
            code.append(.line("values.append(contentsOf: \(label))"))
        }
        for item in block.items where system[item.quantity].isDistribution {
            code.append(contentsOf: distributionCheck(item, exampleCount: "count"))
        }
        if file.isInstance { code.append(.line("self.network = network")) }
        code.append(.line("self.values = values"))
        code.append(.line("self.count = count"))
        return [
            .blank, .documentation(initializerDocumentation(block, isBatch: true)),
            .list(head: "\(access)init", items: networkParameter + names, tail: " throws", body: code),
        ]
    }

    private func selection(_ block: SwiftBlock) -> [SwiftSource] {
        var code: [SwiftSource] = [
            .require("!positions.isEmpty", error: "ShapeError(\"a batch needs at least one example\")"),
            .braces(
                "for position in positions where position < 0 || position >= count",
                [.line("throw ShapeError(\"there is no example \\(position) among \\(count)\")")]),
            .line("var values: [\(scalar)] = []"),
        ]
        let all = SwiftInteger(count(block.count), block.count.precedence).operand(.atom)
        code.append(.line("values.reserveCapacity(positions.count * \(all))"))
        for item in block.items {
            let size = SwiftInteger(count(item.layout.count), item.layout.count.precedence)
            let base = item.base.known == 0 ? "" : "count * \(count(item.base)) + "
            code.append(
                .braces(
                    "for position in positions",
                    [
                        .line("let start: Int = \(base)position * \(size.operand(.atom))"),
                        .line("values.append(contentsOf: self.values[start..<(start + \(size.text))])"),
                    ]))
        }
        let arguments = (file.isInstance ? ["network: network"] : []) + ["values: values", "count: positions.count"]
        code.append(.line("return Batch(\(arguments.joined(separator: ", ")))"))
        let parameters = (file.isInstance ? ["network: \(file.network)"] : []) + ["values: [\(scalar)]", "count: Int"]
        return [
            .blank,
            .documentation(
                "The examples at these positions, a mini-batch.\n\n"
                    + "- Throws: `ShapeError` where there is none, or none at a position."),
            .list(
                head: "\(access)func selecting", items: ["_ positions: [Int]"], tail: " throws -> Batch", body: code),
            .blank,
            .list(
                head: "private init", items: parameters, tail: "",
                body: (file.isInstance ? [.line("self.network = network")] : []) + [
                    .line("self.values = values"), .line("self.count = count"),
                ]),
        ]
    }

    // MARK: Distributions

    private mutating func distributionCheck(_ item: SwiftBlock.Item, exampleCount: String?) -> [SwiftSource] {
        guard item.layout.elementCount > 0 else { return [] }
        var shifted = item
        if exampleCount != nil { shifted.base = SwiftInteger(0) }
        let stages = StageLoops(shifted, &self)
        guard let row = stages.extents.last else { return [] }
        let each = stages.extents.reduce(SwiftInteger(1)) { $0 * $1 }
        let name = SwiftText.literal(system[item.quantity].name)
        var start = stages.start
        if exampleCount != nil {
            let size = SwiftInteger(count(item.layout.count), item.layout.count.precedence).operand(.atom)
            if item.base.known != 0 { start = start + SwiftInteger("count * \(count(item.base))", .product) }
            start = start + SwiftInteger("example * \(size)", .product)
        }
        let call = file.call(.checkDistribution, [name, "values", start.text, each.text, row.text])
        var body = stages.wrap(stages.bindings + [.line("try \(call.text)")])
        if let exampleCount { body = [.braces("for example in 0..<\(exampleCount)", body)] }
        return body
    }
}

// Training examples: one, or many, and how their numbers are lent to a computation.

extension SwiftTypes {
    private var block: SwiftBlock { blocks.data }

    private func label(_ item: SwiftBlock.Item) -> String {
        var file = file
        return file.identifier(system[item.quantity].name)
    }

    private func parameterName(_ item: SwiftBlock.Item) -> String { SwiftNames.label(label(item)) }

    /// Where a type remembers its network.
    private var networkMember: [SwiftSource] {
        guard file.isInstance else { return [] }
        return [
            .documentation("The network whose sizes these have."), .line("\(access)let network: \(file.network)"),
        ]
    }

    // MARK: One example

    /// `Example`: each quantity by itself, as it was given.
    mutating func example() -> SwiftSource {
        var body = networkMember
        var code: [SwiftSource] = []
        for item in block.items {
            let label = label(item)
            body.append(documentation(item.quantity))
            body.append(.line("\(access)let \(label): " + (item.layout.isScalar ? scalar : "[\(scalar)]")))
            if !item.layout.isScalar {
                code.append(countCheck(label, item, "count == \(count(item.layout.count))", item.layout.count))
            }
            if system[item.quantity].isDistribution {
                code.append(contentsOf: distributionCheck(item, of: label, exampleCount: nil))
            }
        }
        let all = file.isInstance ? ["network"] : []
        for name in all + block.items.map(label) { code.append(.line("self.\(name) = \(name)")) }
        body.append(.blank)
        body.append(
            .documentation(
                initializerDocumentation(block, "Takes the data, each quantity row-major; arrays are not copied.")))
        body.append(
            .list(head: "\(access)init", items: networkParameter + parameters(block), tail: " throws", body: code))
        for item in block.items where !item.layout.isScalar {
            body.append(.blank)
            body.append(contentsOf: accessors(item, isMutable: false, in: label(item)))
        }
        body.append(.blank)
        body.append(lending(isExample: true))
        return .sequence([
            .documentation("The data of one training example."),
            .braces("\(access)struct Example: Sendable, Equatable", body),
        ])
    }

    /// Whether quantities are lent by a loop: closures in closures take the compiler too long where there are many.
    var lendsInLoop: Bool { block.items.count > 4 }

    /// `lend`: calls a computation with pointers to the numbers; those of an example are numbers and arrays, those of a batch ``Numbers``.
    private mutating func lending(isExample: Bool) -> SwiftSource {
        if lendsInLoop { return lendingInLoop(isExample: isExample) }
        let body = file.names.local("body", 0)
        // For arrays without elements, of which nothing is read.
        let nothing = file.names.local("nothing", 0)
        var isAnyArray = false
        var fields: [String] = []
        var calls: [(label: String, text: String)] = []
        for item in block.items {
            let label = label(item)
            if isExample, item.layout.isScalar {
                fields.append("\(SwiftNames.label(label)): \(label)")
                if !isOfOneExample { calls.append((label, "withUnsafePointer(to: \(label))")) }
            } else {
                isAnyArray = true
                fields.append("\(SwiftNames.label(label)): \(label).baseAddress ?? \(nothing)")
                calls.append((label, "\(label).withUnsafeBufferPointer"))
            }
        }
        var source = SwiftSource.line("try \(body)(Pointers(\(fields.joined(separator: ",\(SwiftSource.softBreak)"))))")
        for call in calls.reversed() {
            source = .closure("try \(call.text) { (\(call.label)) -> Result in", [source])
        }
        if isAnyArray {
            source = .closure("try withUnsafePointer(to: 0 as \(scalar)) { (\(nothing)) -> Result in", [source])
        }
        return .sequence(
            (isExample ? [.line("@inline(__always)")] : []) + [
                .list(
                    head: "fileprivate func lend<Result>", items: ["_ \(body): (Pointers) throws -> Result"],
                    tail: " rethrows -> Result", body: [source])
            ])
    }

    private mutating func lendingInLoop(isExample: Bool) -> SwiftSource {
        let body = file.names.local("body", 0)
        let pointers = file.names.local("pointers", 0)
        var lent: [String] = []
        var fields: [String] = []
        for item in block.items {
            let label = label(item)
            if isOfOneExample, item.layout.isScalar {
                fields.append("\(SwiftNames.label(label)): \(label)")
                continue
            }
            fields.append("\(SwiftNames.label(label)): \(pointers)[\(lent.count)]")
            lent.append(isExample ? item.layout.isScalar ? ".array([\(label)])" : ".array(\(label))" : label)
        }
        return .list(
            head: "fileprivate func lend<Result>", items: ["_ \(body): (Pointers) throws -> Result"],
            tail: " rethrows -> Result",
            body: [
                .closure(
                    "try Numbers.lend([\(lent.joined(separator: ",\(SwiftSource.softBreak)"))]) { \(pointers) in",
                    [
                        .line(
                            "try \(body)(Pointers(\(fields.joined(separator: ",\(SwiftSource.softBreak)"))))")
                    ])
            ])
    }

    /// `Pointers`: where a computation reads the data.
    func dataPointers() -> SwiftSource {
        let fields = block.items.map { item in
            let isNumber = isOfOneExample && item.layout.isScalar
            return SwiftSource.line("let \(label(item)): " + (isNumber ? scalar : "UnsafePointer<\(scalar)>"))
        }
        return .sequence([
            .documentation("Where the data lie while a computation runs."),
            .braces("fileprivate struct Pointers", fields),
        ])
    }

    // MARK: Many examples

    /// `Batch`: an array for each quantity, or memory that is lent.
    mutating func batch() -> SwiftSource {
        var body = networkMember
        body.append(.documentation("How many examples there are, at least 1."))
        body.append(.line("\(access)let count: Int"))
        for item in block.items { body.append(.line("fileprivate let \(label(item)): Numbers")) }
        body.append(.blank)
        body.append(.documentation("One example."))
        var one: [SwiftSource] = file.isInstance ? [.line("network = example.network")] : []
        one.append(.line("count = 1"))
        for item in block.items {
            let label = label(item)
            let value = item.layout.isScalar ? "[example.\(label)]" : "example.\(label)"
            one.append(.line("\(label) = .array(\(value))"))
        }
        body.append(.list(head: "\(access)init", items: ["_ example: Example"], tail: "", body: one))
        body.append(contentsOf: batchOfExamples())
        body.append(contentsOf: batchesOfAll())
        body.append(contentsOf: checkedBatch())
        body.append(contentsOf: selection())
        body.append(contentsOf: exampleOfBatch())
        body.append(.blank)
        body.append(lending(isExample: false))
        return .sequence([
            .documentation(
                "Many training examples; two batches are equal where their numbers are, wherever these lie."),
            .braces("\(access)struct Batch: Sendable, Equatable", body),
        ])
    }

    private func numbers(_ item: SwiftBlock.Item) -> String { "\(parameterName(item)): .array(\(label(item)))" }

    private func batchOfExamples() -> [SwiftSource] {
        let usesFirst = file.isInstance || block.items.contains { !$0.layout.isScalar }
        var code: [SwiftSource] = [
            .require(
                usesFirst ? "let first = examples.first" : "!examples.isEmpty",
                error: "ShapeError(\"a batch needs at least one example\")")
        ]
        if file.isInstance {
            code.append(
                .braces(
                    "for example in examples where example.network != first.network",
                    [.line("throw ShapeError(\"the examples are of networks of different sizes\")")]))
        }
        for item in block.items {
            let label = label(item)
            if item.layout.isScalar {
                code.append(.line("let \(label): [\(scalar)] = examples.map { $0.\(label) }"))
            } else {
                code.append(.line("var \(label): [\(scalar)] = []"))
                code.append(.line("\(label).reserveCapacity(first.\(label).count * examples.count)"))
                code.append(
                    .line("for example in examples { \(label).append(contentsOf: example.\(label)) }"))
            }
        }
        let network = file.isInstance ? ["for: first.network"] : []
        code.append(
            .list(
                head: "try self.init", items: network + ["count: examples.count"] + block.items.map(numbers), tail: "",
                body: nil))
        return [
            .blank, .documentation("Several examples.\n\n- Throws: `ShapeError` where there is none."),
            .list(head: "\(access)init", items: ["_ examples: [Example]"], tail: " throws", body: code),
        ]
    }

    /// The data whose numbers say how many examples there are.
    private var countingItem: SwiftBlock.Item? { block.items.first { $0.layout.count.known != 0 } }

    /// The initializers that take the data of all examples: as arrays, and as memory.
    private mutating func batchesOfAll() -> [SwiftSource] {
        guard let first = countingItem else { return [] }
        let size = first.layout.count
        let label = label(first)
        let divisor = size.known == nil ? "max(1, \(count(size)))" : size.text
        let number = "\(label).count" + (size.known == 1 ? "" : " / \(divisor)")
        func initializer(_ type: String, _ kind: String) -> SwiftSource {
            let parameters = block.items.map { "\(parameterName($0)): \(type)" }
            let numbers = block.items.map { "\(parameterName($0)): .\(kind)(\(self.label($0)))" }
            return .list(
                head: "\(access)init", items: networkParameter + parameters, tail: " throws",
                body: [
                    .list(
                        head: "try self.init", items: networkArgument + ["count: \(number)"] + numbers, tail: "",
                        body: nil)
                ])
        }
        return [
            .blank,
            .documentation(
                initializerDocumentation(
                    block, "Takes the data of all examples, one example after another; the arrays are not copied.")),
            initializer("[\(scalar)]", "array"), .blank,
            .documentation(
                initializerDocumentation(
                    block,
                    "Takes the data of all examples, one example after another, where they lie: nothing is copied.\n\n"
                        + "The memory must stay valid and unchanged for as long as the batch, or a copy of it, is used."
                )),
            initializer("UnsafeBufferPointer<\(scalar)>", "memory"),
        ]
    }

    /// The initializer behind all others, which checks.
    private mutating func checkedBatch() -> [SwiftSource] {
        let found = countingItem.map { item in
            let expected = literalCount(item.layout.count)
            return ": \(system[item.quantity].name) has \\(\(label(item)).count) values, expected \(expected) for each"
        }
        var code: [SwiftSource] = [
            .require("count > 0", error: "ShapeError(\"a batch needs at least one example\(found ?? "")\")")
        ]
        for item in block.items {
            let size = count(item.layout.count)
            code.append(
                countCheck(
                    label(item), item, "has(count, of: \(size))", item.layout.count,
                    of: " for each of \\(count) examples"))
        }
        for item in block.items where system[item.quantity].isDistribution {
            code.append(contentsOf: distributionCheck(item, of: label(item), exampleCount: "count"))
        }
        let names = (file.isInstance ? ["network"] : []) + ["count"] + block.items.map(label)
        for name in names { code.append(.line("self.\(name) = \(name)")) }
        let parameters = block.items.map { "\(parameterName($0)): Numbers" }
        return [
            .blank,
            .list(
                head: "private init", items: networkParameter + ["count: Int"] + parameters, tail: " throws",
                body: code),
        ]
    }

    private func selection() -> [SwiftSource] {
        var code: [SwiftSource] = [
            .braces(
                "for position in positions where position < 0 || position >= count",
                [.line("throw ShapeError(\"there is no example \\(position) among \\(count)\")")])
        ]
        let parts = block.items.map {
            "\(parameterName($0)): .array(\(label($0)).rows(positions, of: \(count($0.layout.count))))"
        }
        let network = file.isInstance ? ["for: network"] : []
        code.append(
            .list(
                head: "return try Batch", items: network + ["count: positions.count"] + parts, tail: "", body: nil))
        return [
            .blank,
            .documentation(
                "The examples at these positions, a mini-batch; their numbers are copied.\n\n"
                    + "- Throws: `ShapeError` where there is none, or none at a position."),
            .list(
                head: "\(access)func selecting", items: ["_ positions: [Int]"], tail: " throws -> Batch", body: code),
        ]
    }

    private func exampleOfBatch() -> [SwiftSource] {
        var parts = file.isInstance ? ["for: network"] : []
        for item in block.items {
            let rows = "\(label(item)).rows([position], of: \(count(item.layout.count)))"
            parts.append("\(parameterName(item)): \(rows)" + (item.layout.isScalar ? "[0]" : ""))
        }
        return [
            .blank,
            .documentation(
                "One of the examples, a copy.\n\n- Throws: `ShapeError` where there is none at the position."),
            .list(
                head: "\(access)func example", items: ["at position: Int"], tail: " throws -> Example",
                body: [
                    .require(
                        "position >= 0, position < count",
                        error: "ShapeError(\"there is no example \\(position) among \\(count)\")"),
                    .list(head: "return try Example", items: parts, tail: "", body: nil),
                ]),
        ]
    }

    /// `Numbers`: what a batch holds of each quantity.
    func numbersOfBatch() -> SwiftSource {
        let text = """
            /// The numbers of one quantity: an array, or memory that is lent.
            fileprivate enum Numbers: @unchecked Sendable, Equatable {
                case array([Scalar])
                case memory(UnsafeBufferPointer<Scalar>)

                var count: Int {
                    switch self {
                    case .array(let array): array.count
                    case .memory(let memory): memory.count
                    }
                }

                /// Whether there are rows of this size, one for each example.
                func has(_ rows: Int, of size: Int) -> Bool {
                    let (product, overflow) = rows.multipliedReportingOverflow(by: size)
                    return !overflow && count == product
                }

                // One copy of the body for both cases: bodies contain others.
                @inline(never)
                func withUnsafeBufferPointer<Result>(
                    _ body: (UnsafeBufferPointer<Scalar>) throws -> Result
                ) rethrows -> Result {
                    switch self {
                    case .array(let array): try array.withUnsafeBufferPointer(body)
                    case .memory(let memory): try body(memory)
                    }
                }

                func rows(_ positions: [Int], of size: Int) -> [Scalar] {
                    withUnsafeBufferPointer { numbers in
                        var result: [Scalar] = []
                        result.reserveCapacity(positions.count * size)
                        for position in positions {
                            result.append(contentsOf: numbers[position * size..<(position + 1) * size])
                        }
                        return result
                    }
                }

                LENDstatic func == (left: Numbers, right: Numbers) -> Bool {
                    left.withUnsafeBufferPointer { numbers in right.withUnsafeBufferPointer { numbers.elementsEqual($0) } }
                }
            }
            """
        let loop = """
            /// Calls a computation with pointers to several quantities; as deep as there are quantities.
            static func lend<Result>(
                _ all: [Numbers], _ pointers: [UnsafePointer<Scalar>] = [],
                _ body: ([UnsafePointer<Scalar>]) throws -> Result
            ) rethrows -> Result {
                if pointers.count == all.count { return try body(pointers) }
                return try withUnsafePointer(to: 0 as Scalar) { (nothing) -> Result in
                    try all[pointers.count].withUnsafeBufferPointer { (numbers) -> Result in
                        try lend(all, pointers + [numbers.baseAddress ?? nothing], body)
                    }
                }
            }


            """
        let indented = loop.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n    ")
        let whole = text.replacing("LEND", with: lendsInLoop ? indented : "")
        let lines = whole.replacing("Scalar", with: scalar).split(separator: "\n", omittingEmptySubsequences: false)
        return .sequence(lines.map { $0.allSatisfy { $0 == " " } ? .blank : .line(String($0)) })
    }
}

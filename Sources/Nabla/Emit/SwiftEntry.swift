/// Writes the functions that users call, and those that lend the arrays to the computation.
struct SwiftEntry {
    let file: SwiftFile
    let blocks: SwiftBlocks
    /// Whether the cost is one for all examples, so that there are batches.
    let hasBatches: Bool
    let hasGradient: Bool
    /// What the cost is called in comments.
    let cost: String
    let canThrow: (value: Bool, gradient: Bool)
    let needsReserve: Bool
    /// Where the work memory of a computation lies on the stack: how many numbers it has.
    let stacks: [Run: Int]
    /// What each computation needs where the examples are split over workers; empty where they are not.
    let splits: [Run: SwiftSplit]
    /// The functions for second derivatives.
    var second: SwiftSecondEntry?

    private var scalar: String { file.scalar }
    var access: String { file.options.access.modifier }
    var function: String { file.isInstance ? "func" : "static func" }
    var hasParameters: Bool { !blocks.parameters.items.isEmpty }
    var hasData: Bool { !blocks.data.items.isEmpty }
    var hasConstants: Bool { !blocks.constants.items.isEmpty }
    /// Whether computations are told how many examples there are.
    private var hasCount: Bool { hasData && hasBatches }
    private var hasExampleGradient: Bool { !blocks.exampleGradient.items.isEmpty }

    enum Source {
        case none, example, batch
    }

    /// Whether anything but the cost is computed.
    var hasAnyGradient: Bool { hasGradient || second != nil }

    private enum Product: String {
        case value, gradient, valueWithGradient
    }

    // MARK: What users call

    func functions() -> [SwiftSource] {
        var sources: [SwiftSource] = []
        let places: [Source] = hasData ? (hasBatches ? [.example, .batch] : [.example]) : [.none]
        for product in hasGradient ? [Product.value, .gradient, .valueWithGradient] : [.value] {
            for place in places {
                sources.append(contentsOf: withoutWorkspace(product, place))
                if product != .gradient { sources.append(contentsOf: withWorkspace(product, place)) }
            }
        }
        if hasGradient { for place in places { sources.append(contentsOf: inPlace(place)) } }
        for place in places { sources.append(contentsOf: secondFunctions(place)) }
        return sources
    }

    func parameters(_ source: Source) -> [String] {
        var list: [String] = []
        if hasParameters { list.append("at parameters: Parameters") }
        switch source {
        case .none: break
        case .example: list.append(hasParameters ? "_ example: Example" : "at example: Example")
        case .batch:
            list.append("batch: Batch")
            if !splits.isEmpty { list.append("workers: Int = 1") }
        }
        if hasConstants { list.append("constants: Constants") }
        return list
    }

    func arguments(_ source: Source) -> [String] {
        var list: [String] = []
        if hasParameters { list.append("at: parameters") }
        switch source {
        case .none: break
        case .example: list.append(hasParameters ? "example" : "at: example")
        case .batch:
            list.append("batch: batch")
            if !splits.isEmpty { list.append("workers: workers") }
        }
        if hasConstants { list.append("constants: constants") }
        return list
    }

    private func result(_ product: Product) -> String {
        switch product {
        case .value: scalar
        case .gradient: "Gradient"
        case .valueWithGradient: "(value: \(scalar), gradient: Gradient)"
        }
    }

    private func summary(_ product: Product, _ source: Source) -> String {
        let what =
            switch product {
            case .value: "The cost \(cost)"
            case .gradient: "The gradient of the cost \(cost)"
            case .valueWithGradient: "The cost \(cost) and its gradient"
            }
        switch source {
        case .none: return what
        case .example: return what + (hasBatches ? " at one example, a batch of one" : " at one example")
        case .batch: return what + " at a batch of examples"
        }
    }

    private func documentation(_ product: Product, _ source: Source, _ extra: String) -> SwiftSource {
        var text = summary(product, source) + extra + "."
        if source == .batch, !splits.isEmpty {
            text +=
                "\n\n- Parameter workers: how many threads share the examples, 1 where it is less. The result is the same,"
                + "\n  bit for bit, for any number."
        }
        var reasons: [String] = []
        if file.isInstance { reasons.append("`ShapeError` where something belongs to a network of other sizes") }
        if canThrow.value || canThrow.gradient { reasons.append("`EmptyReductionError` where a maximum has no values") }
        if !reasons.isEmpty { text += "\n\n- Throws: " + reasons.joined(separator: ", ") + "." }
        return .documentation(SwiftText.comment(text))
    }

    private func withoutWorkspace(_ product: Product, _ source: Source) -> [SwiftSource] {
        var body: [SwiftSource] = []
        if product == .gradient {
            let call = "try valueWithGradient(\(arguments(source).joined(separator: ", "))).gradient"
            body.append(.line(call))
        } else {
            body.append(.line("var workspace = Workspace(\(file.isInstance ? "for: self" : ""))"))
            let list = arguments(source) + ["workspace: &workspace"]
            body.append(.line("return try \(product.rawValue)(\(list.joined(separator: ", ")))"))
        }
        return [
            .blank, documentation(product, source, ""),
            .list(
                head: "\(access)\(function) \(product.rawValue)", items: parameters(source),
                tail: " throws -> \(result(product))", body: body),
        ]
    }

    private func withWorkspace(_ product: Product, _ source: Source) -> [SwiftSource] {
        var body: [SwiftSource] = []
        if product == .value {
            body += run(.value, source, "return ")
        } else {
            body.append(.line("var gradient = \(zero(source))"))
            body += run(.gradient, source, "let value = ")
            body.append(.line("return (value, gradient)"))
        }
        return [
            .blank, documentation(product, source, ", with work memory that is kept between calls"),
            .list(
                head: "\(access)\(function) \(product.rawValue)",
                items: parameters(source) + ["workspace: inout Workspace"], tail: " throws -> \(result(product))",
                body: body),
        ]
    }

    private func zero(_ source: Source) -> String {
        let count = source == .batch ? "batch.count" : "1"
        var list = file.isInstance ? ["for: self"] : []
        if hasExampleGradient { list.append("exampleCount: \(count)") }
        let tries = hasExampleGradient ? "try " : ""
        return list.isEmpty ? "Gradient.zero" : "\(tries)Gradient.zero(\(list.joined(separator: ", ")))"
    }

    /// The form for loops: nothing is allocated.
    private func inPlace(_ source: Source) -> [SwiftSource] {
        var body: [SwiftSource] = []
        if hasExampleGradient {
            body.append(.line("gradient = \(zero(source))"))
        } else {
            if file.isInstance { body.append(check("gradient")) }
            if blocks.needsReset(file.system) { body.append(.line("gradient.reset()")) }
        }
        body += run(.gradient, source, "return ")
        return [
            .blank, documentation(.valueWithGradient, source, ", the gradient in place of one that there is"),
            .list(
                head: "\(access)\(function) valueWithGradient",
                items: parameters(source) + ["workspace: inout Workspace", "gradient: inout Gradient"],
                tail: " throws -> \(scalar)", body: body),
        ]
    }

    // MARK: Lending the arrays

    private func check(_ name: String) -> SwiftSource {
        let verb = ["parameters", "constants"].contains(name) ? "belong" : "belongs"
        return .require(
            "\(name).network == self", error: "ShapeError(\"the \(name) \(verb) to a network of other sizes\")")
    }

    /// The call of a runner, with the data lent; `start` stands before it.
    func run(_ run: Run, _ source: Source, _ start: String) -> [SwiftSource] {
        var list = hasParameters ? ["parameters"] : []
        if run == .second, second?.direction != nil { list.append("direction") }
        if source != .none { list.append("data") }
        if source != .none, hasBatches { list.append(source == .batch ? "batch.count" : "1") }
        if !splits.isEmpty { list.append(source == .batch ? "workers" : "1") }
        if hasConstants { list.append("constants") }
        list.append("&workspace")
        if run != .value { list.append("&\(run == .second ? "result" : "gradient")") }
        let call = "try run\(run.rawValue)(\(list.joined(separator: ", ")))"
        let name = source == .batch ? "batch" : "example"
        if source == .none { return [.line(start + call)] }
        let lending: [SwiftSource] = [.closure("\(start)try \(name).lend { data in", [.line(call)])]
        return file.isInstance ? [check(name)] + lending : lending
    }

    func runners() -> [SwiftSource] {
        var sources = [runner(.value)]
        if hasGradient { sources += [.blank, runner(.gradient)] }
        if second != nil { sources += [.blank, runner(.second)] }
        sources.append(.blank)
        var fields: [SwiftSource] = []
        for (array, isThere) in arrays() where isThere {
            fields.append(.line("let \(array.member): \(array.pointerType(scalar))"))
        }
        if hasData { fields.append(.line("let data: Pointers")) }
        if hasCount { fields.append(.line("let exampleCount: Int")) }
        if !splits.isEmpty { fields += chunkMembers() }
        sources.append(.documentation("Where a computation reads and writes."))
        sources.append(.braces("private struct Memory" + (splits.isEmpty ? "" : ": @unchecked Sendable"), fields))
        if !splits.isEmpty { sources += [.blank] + chunking() }
        return sources
    }

    /// What a runner computes.
    enum Run: String {
        case value = "Value"
        case gradient = "Gradient"
        case second = "Second"
    }

    private func arrays() -> [(SwiftArray, Bool)] {
        [
            (.parameters, hasParameters), (.constants, hasConstants),
            (.direction, second?.direction != nil), (.tables, hasTables), (.work, true),
            (.gradient, hasGradient || second != nil),
        ]
    }

    /// Consts with values that lie before the work memory.
    private var hasTables: Bool { file.hasWorkInLines && !blocks.tables.items.isEmpty }

    /// `work`, from what is lent.
    private func workMemory(isOnStack: Bool) -> [SwiftSource] {
        let isInLines = file.hasWorkInLines && !isOnStack
        let lent = SwiftSource.require(
            "let \(isInLines ? "start" : "work") = workBuffer.baseAddress",
            error: "ShapeError(\"the workspace is empty\")")
        guard isInLines else { return [lent] }
        let first = hasTables ? "start + \(blocks.tables.count.text)" : "start"
        let line = "UnsafeMutableRawPointer(\(first)).alignedUp(toMultipleOf: 64)"
        return [
            lent, .line("// Vectors that cross lines of the cache take twice as long."),
            .line("let work = \(line).assumingMemoryBound(to: \(scalar).self)"),
        ]
    }

    private func runner(_ run: Run) -> SwiftSource {
        let isGradient = run != .value
        let direction = run == .second ? second?.direction : nil
        var items: [String] = []
        if hasParameters { items.append("_ parameters: Parameters") }
        if let direction { items.append("_ direction: \(direction)") }
        if hasData { items.append("_ data: Pointers") }
        if hasCount { items.append("_ exampleCount: Int") }
        if !splits.isEmpty { items.append("_ workers: Int") }
        if hasConstants { items.append("_ constants: Constants") }
        items.append("_ workspace: inout Workspace")
        if isGradient { items.append("_ gradient: inout \(run == .second ? second?.type ?? "Gradient" : "Gradient")") }
        var body: [SwiftSource] = []
        if file.isInstance {
            if hasParameters { body.append(check("parameters")) }
            if direction != nil { body.append(check("direction")) }
            if hasConstants { body.append(check("constants")) }
            body.append(check("workspace"))
        }
        if !splits.isEmpty {
            body += split(run)
        } else if needsReserve {
            body.append(.line("try workspace.reserve(exampleCount: exampleCount)"))
        }
        // What the computation gets, from the innermost closure out.
        var fields: [String] = []
        for (array, isThere) in arrays() where isThere {
            switch array {
            case .tables: fields.append("tables: UnsafePointer(start)")
            case .work: fields.append("work: work")
            case .gradient:
                fields.append(isGradient ? "gradient: gradientBuffer.baseAddress ?? work" : "gradient: work")
            case .parameters: fields.append("parameters: parameterBuffer.baseAddress ?? UnsafePointer(work)")
            case .direction:
                fields.append(
                    "direction: "
                        + (direction == nil
                            ? "UnsafePointer(work)" : "directionBuffer.baseAddress ?? UnsafePointer(work)"))
            case .constants: fields.append("constants: constantBuffer.baseAddress ?? UnsafePointer(work)")
            case .data, .own, .gradientSums, .sums: break
            }
        }
        if hasData { fields.append("data: data") }
        if hasCount { fields.append("exampleCount: exampleCount") }
        fields += splitFields(run)
        let isThrowing =
            switch run {
            case .value: canThrow.value
            case .gradient: canThrow.gradient
            case .second: second?.canThrow ?? false
            }
        let name = "compute\(run.rawValue)"
        var inner = workMemory(isOnStack: stacks[run] != nil)
        inner += splitMemory(run)
        inner += [
            .list(head: "let memory = Memory", items: fields, tail: "", body: nil),
            .line("return \(isThrowing ? "try " : "")\(name)(memory)"),
        ]
        var calls: [(String, String)] = []
        if hasParameters { calls.append(("parameters.values.withUnsafeBufferPointer", "parameterBuffer")) }
        if direction != nil {
            calls.append(("direction.values.withUnsafeBufferPointer", "directionBuffer"))
        }
        if hasConstants { calls.append(("constants.values.withUnsafeBufferPointer", "constantBuffer")) }
        if let count = stacks[run] {
            calls.append(("withUnsafeTemporaryAllocation(of: \(scalar).self, capacity: \(count))", "workBuffer"))
        } else {
            calls.append(("workspace.values.withUnsafeMutableBufferPointer", "workBuffer"))
        }
        if isGradient { calls.append(("gradient.withUnsafeMutableBufferPointer", "gradientBuffer")) }
        for (position, call) in calls.enumerated().reversed() {
            let start = position == 0 ? "return try" : "try"
            inner = [.closure("\(start) \(call.0) { \(call.1) in", inner)]
        }
        return .list(
            head: "private \(function) run\(run.rawValue)", items: items,
            tail: " throws -> \(scalar)", body: body + inner)
    }
}

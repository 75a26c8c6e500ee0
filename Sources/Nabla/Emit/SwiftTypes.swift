/// Writes the types that surround a computation: parameters, gradients, examples and so on.
struct SwiftTypes {
    var file: SwiftFile
    let blocks: SwiftBlocks
    /// What the indices of each quantity are called, where the spec reads it by plain indices.
    private let indexNames: [QuantityID: [String]]
    var usesFoundation = false

    init(_ file: SwiftFile, _ blocks: SwiftBlocks) {
        self.file = file
        self.blocks = blocks
        indexNames = SwiftTypes.indexNames(file.system)
    }

    var scalar: String { file.scalar }
    var access: String { file.options.access.modifier }
    var system: System { file.system }
    /// What an initializer of a nested type gets first.
    var networkParameter: [String] { file.isInstance ? ["for network: \(file.network)"] : [] }
    var networkArgument: [String] { file.isInstance ? ["for: network"] : [] }

    // MARK: Names

    private static func indexNames(_ system: System) -> [QuantityID: [String]] {
        var found: [QuantityID: [String]] = [:]
        var visited = Visited()
        for equation in system.equations {
            for id in system.graph.reachable(from: [equation.body], &visited) {
                guard case .access(let quantity, let indices) = system.graph.form(of: id), !indices.isEmpty else {
                    continue
                }
                // An index seldom stands by itself at every place of every access: each place counts.
                var names = found[quantity] ?? Array(repeating: "", count: indices.count)
                for (position, affine) in indices.enumerated() where names.indices.contains(position) {
                    guard names[position].isEmpty, let index = system.graph[affine].asIndex else { continue }
                    let name = system.graph.name(of: index)
                    if !index.isCanonical, !names.contains(name) { names[position] = name }
                }
                found[quantity] = names
            }
        }
        return found
    }

    /// What the indices of a quantity are called: as in the spec, otherwise i, j, k and so on.
    func indexNames(of quantity: QuantityID) -> [String] {
        let count = system[quantity].axisCount
        var names = indexNames[quantity] ?? []
        if names.count != count { names = Array(repeating: "", count: count) }
        var spare = ["i", "j", "k", "p", "q", "r", "s", "u", "v"][...]
        for position in names.indices where names[position].isEmpty {
            while let next = spare.first, names.contains(next) { spare.removeFirst() }
            names[position] = spare.popFirst() ?? "i\(position)"
        }
        return names
    }

    /// A quantity as the spec writes it: `w(l)[j,k]`.
    func notation(_ quantity: QuantityID) -> String {
        let names = indexNames(of: quantity)
        let stageCount = system[quantity].stageCount
        let stages = names.prefix(stageCount)
        let elements = names.dropFirst(stageCount)
        return system[quantity].name + (stages.isEmpty ? "" : "(\(stages.joined(separator: ",")))")
            + (elements.isEmpty ? "" : "[\(elements.joined(separator: ","))]")
    }

    func documentation(_ quantity: QuantityID, prefix: String = "") -> SwiftSource {
        let text = system[quantity].documentation
        let first = prefix.isEmpty ? notation(quantity) : "\(prefix) \(notation(quantity))"
        return .documentation(SwiftText.comment(text.isEmpty ? "\(first)." : "\(first): \(text)"))
    }

    // MARK: Elements

    /// The position of an element of a quantity, in terms of its indices' names, and what must hold of these.
    struct Position {
        var bindings: [SwiftSource]
        var names: [String]
        var conditions: [String]
        var value: SwiftInteger
    }

    mutating func position(_ item: SwiftBlock.Item) -> Position {
        var names: [String] = []
        for (depth, name) in indexNames(of: item.quantity).enumerated() {
            var identifier = file.names.index(name)
            var repeated = 0
            while names.contains(identifier) {
                repeated += 1
                identifier = file.names.index(name, depth: repeated)
            }
            names.append(identifier)
            _ = depth
        }
        var writer = SwiftIntegerWriter(item.layout.system)
        writer.noteMember(item.base)
        var conditions: [String] = []
        var stage = SwiftInteger(0)
        for (name, range) in zip(names, item.layout.stages) {
            let lower = writer.write(range.lower, &file)
            let upper = writer.write(range.upper, &file)
            conditions.append("\(name) >= \(lower.text)")
            conditions.append("\(name) < \(upper.text)")
            stage = stage * range.extent + (SwiftInteger(atom: name) - lower)
            writer.noteMembers(in: range.extent)
        }
        let elements = Array(names.dropFirst(item.layout.stages.count))
        var extents: [SwiftInteger] = []
        var value = item.base
        switch item.layout.elements {
        case .uniform(let affines):
            for affine in affines { extents.append(writer.write(affine, &file)) }
            let each = extents.reduce(SwiftInteger(1)) { $0 * $1 }
            value = value + stage * each
        case .formula(let affines, let indices, let start):
            for (position, index) in indices.enumerated() {
                writer.indices[index] = names[position]
                if let lower = item.layout.stages[position].lower.asAffine,
                    let upper = item.layout.stages[position].upper.asAffine
                {
                    writer.scope.enter(index, lower: lower, upper: upper)
                }
            }
            for affine in affines { extents.append(writer.write(affine, &file)) }
            writer.note(start)
            file.used.insert(start)
            value = value + SwiftInteger(atom: "\(start)[\(stage.text)]")
        case .tables(let tables, let start):
            for table in tables {
                writer.note(table)
                file.used.insert(table)
                extents.append(SwiftInteger(atom: "\(table)[\(stage.text)]"))
            }
            writer.note(start)
            file.used.insert(start)
            value = value + SwiftInteger(atom: "\(start)[\(stage.text)]")
        }
        var offset = SwiftInteger(0)
        for (name, extent) in zip(elements, extents) {
            conditions.append("\(name) >= 0")
            conditions.append("\(name) < \(extent.text)")
            offset = offset * extent + SwiftInteger(atom: name)
        }
        return Position(
            bindings: bindings(writer.used), names: names, conditions: conditions, value: value + offset)
    }

    /// Sizes and tables of the network, by their own names.
    func bindings(_ used: [String]) -> [SwiftSource] {
        guard file.isInstance else { return [] }
        return used.map { .line("let \($0) = network.\($0)") }
    }

    /// The accessors of one quantity.
    mutating func accessors(_ item: SwiftBlock.Item, isMutable: Bool, prefix: String = "") -> [SwiftSource] {
        let label = file.identifier(system[item.quantity].name)
        let position = position(item)
        var sources: [SwiftSource] = [documentation(item.quantity, prefix: prefix)]
        if position.names.isEmpty {
            let get: [SwiftSource] =
                position.bindings.isEmpty
                ? [.line("values[\(position.value.text)]")]
                : position.bindings + [.line("return values[\(position.value.text)]")]
            let set = position.bindings + [.line("values[\(position.value.text)] = newValue")]
            let body: [SwiftSource] = isMutable ? [.braces("get", get), .braces("set", set)] : get
            sources.append(.braces("\(access)var \(label): \(scalar)", body))
            return sources
        }
        let parameters = position.names.enumerated().map { ($0 == 0 ? "\(label) " : "") + "\($1): Int" }
        let arguments = position.names.enumerated().map { ($0 == 0 ? "\(label): " : "") + $1 }.joined(separator: ", ")
        let get = SwiftSource.line("values[index(\(arguments))]")
        let body: [SwiftSource] =
            isMutable
            ? [.braces("get", [get]), .braces("set", [.line("values[index(\(arguments))] = newValue")])] : [get]
        sources.append(.list(head: "\(access)subscript", items: parameters, tail: " -> \(scalar)", body: body))
        let hidden = position.names.enumerated().map { ($0 == 0 ? "\(label) " : "_ ") + "\($1): Int" }
        let message = SwiftText.literal("an index of \(notation(item.quantity)) is out of range")
        let space = SwiftSource.softBreak
        sources.append(.blank)
        sources.append(
            .list(
                head: "private func index", items: hidden, tail: " -> Int",
                body: position.bindings + [
                    .line(
                        "precondition(\(position.conditions.joined(separator: "\(space)&& ")),\(space)\(message))"),
                    .line("return \(position.value.text)"),
                ]))
        return sources
    }

    // MARK: Blocks of numbers

    /// `Parameters` or `Gradient`: numbers with names, and arithmetic.
    mutating func numbers(
        _ name: String, documentation: String, _ block: SwiftBlock, ofExamples: SwiftBlock = SwiftBlock(),
        isInitialized: Bool
    ) -> SwiftSource {
        let hasExamples = !ofExamples.items.isEmpty
        var body: [SwiftSource] = []
        if file.isInstance {
            body.append(.documentation("The network whose sizes these have."))
            body.append(.line("\(access)let network: \(file.network)"))
        }
        body.append(.documentation("All numbers, one after another: \(contents(block))."))
        body.append(.line("\(access)private(set) var values: [\(scalar)]"))
        if hasExamples {
            body.append(
                .documentation(
                    "Those that differ from example to example: \(contents(ofExamples)), each for all examples."))
            body.append(.line("\(access)private(set) var exampleValues: [\(scalar)]"))
            body.append(.documentation("How many examples there were."))
            body.append(.line("\(access)private(set) var exampleCount: Int"))
        }
        body.append(contentsOf: zero(name, block, ofExamples))
        body.append(contentsOf: initializer(name, block, ofExamples))
        for item in block.items {
            body.append(.blank)
            body.append(contentsOf: accessors(item, isMutable: true))
        }
        for item in ofExamples.items {
            body.append(.blank)
            body.append(contentsOf: exampleAccessor(item))
        }
        if isInitialized {
            body.append(.blank)
            body.append(contentsOf: random(name, block))
        }
        body.append(contentsOf: arithmetic(name, hasExamples: hasExamples))
        body.append(contentsOf: pointers(hasExamples: hasExamples))
        body.append(contentsOf: coding(hasExamples: hasExamples))
        return .sequence([
            .documentation(SwiftText.comment(documentation)),
            .braces("\(access)struct \(name): Sendable, Equatable, Codable", body),
        ])
    }

    /// What a block contains, for a comment.
    private func contents(_ block: SwiftBlock) -> String {
        let names = block.items.prefix(12).map { notation($0.quantity) }
        let list = names.joined(separator: ", ") + (block.items.count > names.count ? " and so on" : "")
        return list.isEmpty ? "none" : list + ", each row-major"
    }

    /// A count in an initializer of a nested type.
    func count(_ value: SwiftInteger) -> String {
        guard value.known == nil, file.isInstance else { return value.text }
        return "network.\(value.text)"
    }

    private func zero(_ name: String, _ block: SwiftBlock, _ ofExamples: SwiftBlock) -> [SwiftSource] {
        let hasExamples = !ofExamples.items.isEmpty
        var sources: [SwiftSource] = [.blank, .documentation("Zeros.")]
        if !file.isInstance, !hasExamples {
            sources.append(.line("\(access)static let zero = \(name)()"))
            sources.append(.blank)
        }
        let parameters = networkParameter + (hasExamples ? ["exampleCount: Int"] : [])
        var body: [SwiftSource] = []
        if file.isInstance { body.append(.line("self.network = network")) }
        body.append(.line("values = Array(repeating: 0, count: \(count(block.count)))"))
        if hasExamples {
            body.append(.line("self.exampleCount = max(0, exampleCount)"))
            body.append(
                .line("exampleValues = Array(repeating: 0, count: max(0, exampleCount) * \(count(ofExamples.count)))"))
        }
        let isPrivate = !file.isInstance && !hasExamples
        sources.append(.list(head: "\(isPrivate ? "private " : access)init", items: parameters, tail: "", body: body))
        if file.isInstance || hasExamples {
            sources.append(.blank)
            sources.append(.documentation("Zeros."))
            let list = (file.isInstance ? ["for: network"] : []) + (hasExamples ? ["exampleCount: exampleCount"] : [])
            sources.append(
                .list(
                    head: "\(access)static func zero", items: parameters, tail: " -> \(name)",
                    body: [.line("\(name)(\(list.joined(separator: ", ")))")]))
        }
        return sources
    }

    private func initializer(_ name: String, _ block: SwiftBlock, _ ofExamples: SwiftBlock) -> [SwiftSource] {
        let hasExamples = !ofExamples.items.isEmpty
        let expected = count(block.count)
        var parameters = networkParameter + ["values: [\(scalar)]"]
        var body: [SwiftSource] = [
            .require(
                "values.count == \(expected)",
                error: "ShapeError(\"\(name) has \\(values.count) values, expected \(literalCount(block.count))\")")
        ]
        if file.isInstance { body.append(.line("self.network = network")) }
        body.append(.line("self.values = values"))
        if hasExamples {
            parameters += ["exampleValues: [\(scalar)]", "exampleCount: Int"]
            let each = count(ofExamples.count)
            body.append(
                .require(
                    "exampleCount >= 0,\(SwiftSource.softBreak)"
                        + "exampleValues.count == exampleCount.multipliedReportingOverflow(by: \(each)).partialValue",
                    error: "ShapeError(\"exampleValues has another count\")"))
            body.append(.line("self.exampleValues = exampleValues"))
            body.append(.line("self.exampleCount = exampleCount"))
        }
        return [
            .blank,
            .documentation(
                "Takes all numbers as they lie in ``values``.\n\n- Throws: `ShapeError` where there are more or fewer."),
            .list(head: "\(access)init", items: parameters, tail: " throws", body: body),
        ]
    }

    /// A count inside a string literal.
    func literalCount(_ value: SwiftInteger) -> String {
        value.known == nil ? "\\(\(count(value)))" : value.text
    }

    /// Reads a value of one example.
    private mutating func exampleAccessor(_ item: SwiftBlock.Item) -> [SwiftSource] {
        let label = file.identifier(system[item.quantity].name)
        var relative = item
        relative.base = SwiftInteger(0)
        let position = position(relative)
        let parameters =
            ["\(label) example: Int"] + position.names.map { "\($0): Int" }
        let base = SwiftInteger("exampleCount * \(count(item.base))", .product)
        let each = SwiftInteger("example * \(count(item.layout.count))", .product)
        let place = (item.base.known == 0 ? each : base + each) + position.value
        let conditions = ["example >= 0", "example < exampleCount"] + position.conditions
        let space = SwiftSource.softBreak
        let message = SwiftText.literal("an index of \(notation(item.quantity)) is out of range")
        return [
            documentation(item.quantity, prefix: "Of one example:"),
            .list(
                head: "\(access)subscript", items: parameters, tail: " -> \(scalar)",
                body: position.bindings + [
                    .line("precondition(\(conditions.joined(separator: "\(space)&& ")),\(space)\(message))"),
                    .line("return exampleValues[\(place.text)]"),
                ]),
        ]
    }
}

extension SwiftIntegerWriter {
    /// Notes a member that stands by itself.
    mutating func noteMember(_ value: SwiftInteger) {
        if value.known == nil { note(value.text) }
    }

    /// Notes what an extent of stages mentions: the sizes of its bounds are noted with these.
    mutating func noteMembers(in value: SwiftInteger) {
        if value.known == nil, value.precedence == .atom, !value.text.contains("(") { note(value.text) }
    }
}

/// Writes the types that surround a computation: parameters, gradients, examples and so on.
struct SwiftTypes {
    var file: SwiftFile
    let blocks: SwiftBlocks
    /// Whether a computation has one example: numbers without indices are then lent by their values.
    let isOfOneExample: Bool
    /// What the indices of each quantity are called, where the spec reads it by plain indices.
    private let indexNames: [QuantityID: [String]]

    init(_ file: SwiftFile, _ blocks: SwiftBlocks, isOfOneExample: Bool) {
        self.file = file
        self.isOfOneExample = isOfOneExample
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
            let nodes = system.graph.reachable(from: [equation.body], &visited)
            // In normal forms bound indices have no names of their own: the reductions remember them.
            var bound: [IndexID: String] = [:]
            for id in nodes {
                guard let remembered = system.graph.binderNames[id],
                    case .reduce(_, let binders, _) = system.graph.form(of: id)
                else { continue }
                for (binder, name) in zip(binders, remembered) where bound[binder.index] == nil {
                    bound[binder.index] = name
                }
            }
            for id in nodes {
                guard case .access(let quantity, let indices) = system.graph.form(of: id), !indices.isEmpty else {
                    continue
                }
                // An index seldom stands by itself at every place of every access: each place counts.
                var names = found[quantity] ?? Array(repeating: "", count: indices.count)
                for (position, affine) in indices.enumerated() where names.indices.contains(position) {
                    guard names[position].isEmpty, let index = system.graph[affine].asIndex else { continue }
                    let name = index.isCanonical ? bound[index] ?? "" : system.graph.name(of: index)
                    if !name.isEmpty, !names.contains(name) { names[position] = name }
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
        case .fixed(let values):
            for value in values { writer.noteMember(value) }
            extents = values
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
        let result = value + offset
        return Position(
            bindings: bindings(writer.used, in: conditions + [result.text]), names: names, conditions: conditions,
            value: result)
    }

    /// Sizes and tables of the network, by their own names, as far as texts mention them.
    func bindings(_ used: [String], in texts: [String]) -> [SwiftSource] {
        guard file.isInstance else { return [] }
        var words: Set<Substring> = []
        for text in texts {
            for word in text.split(whereSeparator: { " ()[],.+-*/:<>=&|?!\u{1}".contains($0) }) { words.insert(word) }
        }
        return used.filter { words.contains($0[...]) }.map { .line("let \($0) = network.\($0)") }
    }

    /// The accessors of one quantity.
    mutating func accessors(
        _ item: SwiftBlock.Item, isMutable: Bool, prefix: String = "", in storage: String = "values"
    ) -> [SwiftSource] {
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
        let word = SwiftNames.label(label)
        let parameters = position.names.enumerated().map { ($0 == 0 ? "\(word) " : "") + "\($1): Int" }
        let arguments = position.names.enumerated().map { ($0 == 0 ? "\(word): " : "") + $1 }.joined(separator: ", ")
        let get = SwiftSource.line("\(storage)[index(\(arguments))]")
        let body: [SwiftSource] =
            isMutable
            ? [.braces("get", [get]), .braces("set", [.line("\(storage)[index(\(arguments))] = newValue")])] : [get]
        sources.append(.list(head: "\(access)subscript", items: parameters, tail: " -> \(scalar)", body: body))
        let hidden = position.names.enumerated().map { ($0 == 0 ? "\(word) " : "_ ") + "\($1): Int" }
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
        let order = contents(block) + (hasExamples ? "; then, each for all examples, \(contents(ofExamples))" : "")
        body.append(.documentation("All numbers, one after another: \(order)."))
        body.append(.line("\(access)private(set) var values: [\(scalar)]"))
        if hasExamples {
            body.append(.documentation("How many examples there were."))
            body.append(.line("\(access)let exampleCount: Int"))
        }
        body.append(contentsOf: zero(name, block, ofExamples))
        body.append(contentsOf: initializer(name, block, ofExamples))
        for item in block.items {
            body.append(.blank)
            body.append(contentsOf: accessors(item, isMutable: true))
        }
        for item in ofExamples.items {
            body.append(.blank)
            body.append(contentsOf: exampleAccessor(item, behind: block.count))
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

    /// How many numbers there are with those of all examples.
    private mutating func total(_ block: SwiftBlock, _ ofExamples: SwiftBlock) -> String {
        let product = file.call(.checkedProduct, ["exampleCount", count(ofExamples.count)])
        return file.call(.checkedSum, [count(block.count), product.text]).text
    }

    private mutating func zero(_ name: String, _ block: SwiftBlock, _ ofExamples: SwiftBlock) -> [SwiftSource] {
        let hasExamples = !ofExamples.items.isEmpty
        var sources: [SwiftSource] = [.blank, .documentation("Zeros.")]
        if !file.isInstance, !hasExamples {
            sources.append(.line("\(access)static let zero = \(name)()"))
            sources.append(.blank)
        }
        let parameters = networkParameter + (hasExamples ? ["exampleCount: Int"] : [])
        var body: [SwiftSource] = []
        if file.isInstance { body.append(.line("self.network = network")) }
        if hasExamples {
            body.append(.line("self.exampleCount = exampleCount"))
            body.append(.line("let count: Int = try \(total(block, ofExamples))"))
            body.append(.line("values = Array(repeating: 0, count: count)"))
        } else {
            body.append(.line("values = Array(repeating: 0, count: \(count(block.count)))"))
        }
        let isPrivate = !file.isInstance && !hasExamples
        let throwing = hasExamples ? " throws" : ""
        sources.append(
            .list(head: "\(isPrivate ? "private " : access)init", items: parameters, tail: throwing, body: body))
        if file.isInstance || hasExamples {
            sources.append(.blank)
            sources.append(.documentation("Zeros."))
            let list = (file.isInstance ? ["for: network"] : []) + (hasExamples ? ["exampleCount: exampleCount"] : [])
            sources.append(
                .list(
                    head: "\(access)static func zero", items: parameters, tail: "\(throwing) -> \(name)",
                    body: [.line("\(hasExamples ? "try " : "")\(name)(\(list.joined(separator: ", ")))")]))
        }
        return sources
    }

    private mutating func initializer(_ name: String, _ block: SwiftBlock, _ ofExamples: SwiftBlock) -> [SwiftSource] {
        let hasExamples = !ofExamples.items.isEmpty
        var parameters = networkParameter + ["values: [\(scalar)]"]
        var body: [SwiftSource] = []
        var expected = SwiftInteger(atom: count(block.count))
        expected.known = block.count.known
        if hasExamples {
            parameters.append("exampleCount: Int")
            body.append(.line("let expected: Int = try \(total(block, ofExamples))"))
            expected = SwiftInteger(atom: "expected")
        }
        let number = expected.known == nil ? "\\(\(expected.text))" : expected.text
        body.append(
            .require(
                "values.count == \(expected.text)",
                error: "ShapeError(\"\(name) has \\(values.count) values, expected \(number)\")"))
        if file.isInstance { body.append(.line("self.network = network")) }
        body.append(.line("self.values = values"))
        if hasExamples { body.append(.line("self.exampleCount = exampleCount")) }
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
    private mutating func exampleAccessor(_ item: SwiftBlock.Item, behind shared: SwiftInteger) -> [SwiftSource] {
        let label = file.identifier(system[item.quantity].name)
        var relative = item
        relative.base = SwiftInteger(0)
        let position = position(relative)
        let parameters =
            ["\(SwiftNames.label(label)) example: Int"] + position.names.map { "\($0): Int" }
        func member(_ value: SwiftInteger) -> SwiftInteger {
            value.known == nil ? SwiftInteger(atom: count(value)) : value
        }
        let place =
            member(shared) + SwiftInteger(atom: "exampleCount") * member(item.base)
            + SwiftInteger(atom: "example") * member(item.layout.count) + position.value
        let conditions = ["example >= 0", "example < exampleCount"] + position.conditions
        let space = SwiftSource.softBreak
        let message = SwiftText.literal("an index of \(notation(item.quantity)) is out of range")
        return [
            documentation(item.quantity, prefix: "Of one example:"),
            .list(
                head: "\(access)subscript", items: parameters, tail: " -> \(scalar)",
                body: position.bindings + [
                    .line("precondition(\(conditions.joined(separator: "\(space)&& ")),\(space)\(message))"),
                    .line("return values[\(place.text)]"),
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

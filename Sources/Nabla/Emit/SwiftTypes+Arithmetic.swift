extension SwiftTypes {
    // MARK: Random numbers

    /// Glorot's uniform initialisation for what has two or more element indices, zeros for the rest.
    mutating func random(_ name: String, _ block: SwiftBlock) -> [SwiftSource] {
        var body: [SwiftSource] = []
        var isAnyRandom = false
        for item in block.items where item.layout.elementCount >= 2 {
            isAnyRandom = true
            body.append(.comment(SwiftText.comment(notation(item.quantity))))
            body.append(contentsOf: fill(item))
        }
        let create = "\(name)(\(networkArgument.joined(separator: ", ")))"
        let start: SwiftSource = .line(isAnyRandom ? "var result = \(create)" : "\(create)")
        if isAnyRandom { body.append(.line("return result")) }
        return [
            .documentation(
                """
                Weights to start from: those with two or more indices are uniform between ±√(6 / (inputs + outputs))
                (Glorot and Bengio, 2010), the first index being the output; all others, the biases, are zero.
                """),
            .list(
                head: "\(access)static func random<Generator: RandomNumberGenerator>",
                items: networkParameter + ["using generator: inout Generator"], tail: " -> \(name)",
                body: isAnyRandom ? [start] + body : [start]),
        ]
    }

    private mutating func fill(_ item: SwiftBlock.Item) -> [SwiftSource] {
        let stages = StageLoops(item, &self)
        var loop = stages.bindings
        loop.append(.line("let limit: \(scalar) = (6 / \(scalar)(\(fans(stages.extents).text))).squareRoot()"))
        let each = stages.extents.reduce(SwiftInteger(1)) { $0 * $1 }
        loop.append(
            .braces(
                "for position in \(SwiftFile.range(stages.start, each))",
                [.line("result.values[position] = \(scalar).random(in: -limit...limit, using: &generator)")]))
        return stages.wrap(loop)
    }

    /// The sum of the numbers of inputs and outputs; further indices, as in a convolution, count as a receptive field.
    private func fans(_ extents: [SwiftInteger]) -> SwiftInteger {
        guard extents.count >= 2 else { return SwiftInteger(1) }
        let field = extents.dropFirst(2).reduce(SwiftInteger(1)) { $0 * $1 }
        return (extents[0] + extents[1]) * field
    }

    /// Loops over the stages of a quantity, with the extents and the start of each.
    struct StageLoops {
        var heads: [String] = []
        /// Declarations that the body needs.
        var bindings: [SwiftSource] = []
        /// Those before the loops.
        var outer: [SwiftSource] = []
        var extents: [SwiftInteger] = []
        var start: SwiftInteger

        init(_ item: SwiftBlock.Item, _ types: inout SwiftTypes) {
            var writer = SwiftIntegerWriter(item.layout.system)
            writer.noteMember(item.base)
            var stage = SwiftInteger(0)
            for (position, range) in item.layout.stages.enumerated() {
                let name = types.file.names.index(types.indexNames(of: item.quantity)[position], depth: 0)
                let lower = writer.write(range.lower, &types.file)
                writer.noteMembers(in: range.extent)
                _ = writer.write(range.upper, &types.file)
                heads.append("for \(name) in \(SwiftFile.range(lower, range.extent))")
                stage = stage * range.extent + (SwiftInteger(atom: name) - lower)
                if case .formula(_, let indices, _) = item.layout.elements {
                    writer.indices[indices[position]] = name
                    if let lower = range.lower.asAffine, let upper = range.upper.asAffine {
                        writer.scope.enter(indices[position], lower: lower, upper: upper)
                    }
                }
            }
            start = item.base
            switch item.layout.elements {
            case .fixed(let values):
                for value in values { writer.noteMember(value) }
                extents = values
            case .uniform(let affines):
                for affine in affines { extents.append(writer.write(affine, &types.file)) }
                start = item.base + stage * extents.reduce(SwiftInteger(1)) { $0 * $1 }
            case .formula(let affines, _, let table):
                for affine in affines { extents.append(writer.write(affine, &types.file)) }
                writer.note(table)
                types.file.used.insert(table)
                start = item.base + SwiftInteger(atom: "\(table)[\(stage.text)]")
            case .tables(let tables, let table):
                for name in tables {
                    writer.note(name)
                    types.file.used.insert(name)
                    extents.append(SwiftInteger(atom: "\(name)[\(stage.text)]"))
                }
                writer.note(table)
                types.file.used.insert(table)
                start = item.base + SwiftInteger(atom: "\(table)[\(stage.text)]")
            }
            extents = extents.map { $0.known.map { SwiftInteger($0) } ?? $0 }
            outer = types.bindings(writer.used, in: heads + [start.text] + extents.map(\.text))
            if !heads.isEmpty, start.precedence != .atom {
                bindings = [.line("let start: Int = \(start.text)")]
                start = SwiftInteger(atom: "start")
            }
        }

        func wrap(_ body: [SwiftSource]) -> [SwiftSource] {
            var result = body
            for head in heads.reversed() { result = [.braces(head, result)] }
            // In a scope of its own, for several quantities need the same sizes.
            if !outer.isEmpty || heads.isEmpty { return [.braces("do", outer + result)] }
            return outer + result
        }
    }

    // MARK: Arithmetic

    func arithmetic(_ name: String, hasExamples: Bool) -> [SwiftSource] {
        let canFail = file.isInstance || hasExamples
        let tries = canFail ? "try " : ""
        let throwing = canFail ? " throws" : ""
        var check: [SwiftSource] = []
        if file.isInstance {
            check.append(.require("network == other.network", error: "ShapeError(\"the networks have other sizes\")"))
        }
        if hasExamples {
            check.append(
                .require("exampleCount == other.exampleCount", error: "ShapeError(\"other numbers of examples\")"))
        }
        let loop = SwiftSource.braces(
            "for position in 0..<min(target.count, source.count)",
            [.line("target[position] += factor * source[position]")])
        let update = SwiftSource.closure(
            "other.values.withUnsafeBufferPointer { source in",
            [.closure("values.withUnsafeMutableBufferPointer { target in", [loop])])
        let both = "_ left: \(name), _ right: \(name)"
        let failure = canFail ? "\n\n- Throws: `ShapeError` where the two have other sizes." : ""
        return [
            .blank,
            .documentation(
                "Adds `factor` times `other`: a step of gradient descent where `factor` is negative.\(failure)"),
            .list(
                head: "\(access)mutating func add", items: ["_ other: \(name)", "times factor: \(scalar) = 1"],
                tail: throwing, body: check + [update]),
            .blank,
            .documentation("A sum, number by number.\(failure)"),
            operation("+", both, name, throwing, [.line("var result = left"), .line("\(tries)result.add(right)")]),
            .blank,
            .documentation("A difference, number by number.\(failure)"),
            operation(
                "-", both, name, throwing, [.line("var result = left"), .line("\(tries)result.add(right, times: -1)")]),
            .blank,
            .documentation("A multiple."),
            operation(
                "*", "_ factor: \(scalar), _ right: \(name)", name, "",
                [
                    .line("var result = right"),
                    .braces("for position in result.values.indices", [.line("result.values[position] *= factor")]),
                ]),
            .blank,
            .documentation("A multiple."),
            .list(
                head: "\(access)static func * ", items: ["left: \(name)", "factor: \(scalar)"], tail: " -> \(name)",
                body: [.line("factor * left")]),
        ]
    }

    private func operation(
        _ symbol: String, _ parameters: String, _ name: String, _ throwing: String, _ body: [SwiftSource]
    ) -> SwiftSource {
        let list = parameters.split(separator: ", ").map { String($0.dropFirst(2)) }
        return .list(
            head: "\(access)static func \(symbol) ", items: list, tail: "\(throwing) -> \(name)",
            body: body + [.line("return result")])
    }

    // MARK: Access for optimisers

    func pointers(hasExamples: Bool) -> [SwiftSource] {
        let reset: [SwiftSource] = [
            .blank,
            .documentation("Sets all to zero."),
            .list(
                head: "fileprivate mutating func reset", items: [], tail: "",
                body: [.line("values.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }")]),
        ]
        return (hasExamples ? [] : reset) + [
            .blank,
            .documentation("Calls `body` with all of ``values``, for code that reads them as one array."),
            .list(
                head: "\(access)func withUnsafeBufferPointer<Result>",
                items: ["_ body: (UnsafeBufferPointer<\(scalar)>) throws -> Result"], tail: " rethrows -> Result",
                body: [.line("try values.withUnsafeBufferPointer(body)")]),
            .blank,
            .documentation("Calls `body` with all of ``values``, for an optimiser that changes them in place."),
            .list(
                head: "\(access)mutating func withUnsafeMutableBufferPointer<Result>",
                items: ["_ body: (UnsafeMutableBufferPointer<\(scalar)>) throws -> Result"],
                tail: " rethrows -> Result", body: [.line("try values.withUnsafeMutableBufferPointer { try body($0) }")]
            ),
        ]
    }

    func coding(hasExamples: Bool) -> [SwiftSource] {
        let keys =
            (file.isInstance ? ["network"] : []) + ["values"]
            + (hasExamples ? ["exampleCount"] : [])
        var arguments: [String] = []
        if file.isInstance { arguments.append("for: container.decode(\(file.network).self, forKey: .network)") }
        arguments.append("values: container.decode([\(scalar)].self, forKey: .values)")
        if hasExamples {
            arguments.append("exampleCount: container.decode(Int.self, forKey: .exampleCount)")
        }
        return [
            .blank,
            .braces("private enum CodingKeys: String, CodingKey", [.line("case \(keys.joined(separator: ", "))")]),
            .blank,
            .list(
                head: "\(access)init", items: ["from decoder: any Decoder"], tail: " throws",
                body: [
                    .line("let container = try decoder.container(keyedBy: CodingKeys.self)"),
                    .list(head: "try self.init", items: arguments, tail: "", body: nil),
                ]),
        ]
    }
}

extension SwiftTypes {
    // MARK: Sizes

    private var memberModifier: String { file.isInstance ? access : "\(access)static " }

    /// The sizes as members.
    func sizes() -> [SwiftSource] {
        var sources: [SwiftSource] = []
        for (position, size) in system.sizes.enumerated() {
            let name = file.sizes[position]
            var text = size.name
            if let range = size.stageRange { text += "(\(plain(range.lower))...\(plain(range.upper, offset: -1)))" }
            sources.append(
                .documentation(SwiftText.comment(size.documentation.isEmpty ? "The size \(text)." : size.documentation))
            )
            if let value = size.value, size.stageRange == nil {
                sources.append(.line("\(memberModifier)let \(name): Int = \(value)"))
            } else if let values = size.values {
                sources.append(.table(head: "\(memberModifier)let \(name): [Int]", items: values.map { String($0) }))
            } else {
                sources.append(.line("\(access)let \(name): \(size.stageRange == nil ? "Int" : "[Int]")"))
            }
        }
        return sources
    }

    /// An affine expression of sizes in the spec's words.
    private func plain(_ id: AffineID, offset: Int = 0) -> String {
        let affine = system.graph[id].offset(by: offset) ?? system.graph[id]
        let terms = affine.terms.map { term in
            let atom: SwiftInteger =
                switch term.atom {
                case .index(let index): SwiftInteger(atom: system.graph.name(of: index))
                case .size(let size): SwiftInteger(atom: system[size].name)
                case .stagedSize(let size, let stage): SwiftInteger(atom: "\(system[size].name)(\(plain(stage)))")
                }
            return (coefficient: term.coefficient, atom: atom)
        }
        return SwiftInteger.combination(affine.constant, terms).text
    }

    // MARK: Consts with values

    /// The consts that the spec gives values to.
    mutating func knownConstants() throws -> [SwiftSource] {
        var sources: [SwiftSource] = []
        for position in system.quantities.indices {
            let id = QuantityID(position)
            guard let values = system[id].constantValues else { continue }
            let name = file.identifier(system[id].name)
            var texts: [String] = []
            for value in values { texts.append(try constantText(value, file.options.scalar)) }
            sources.append(documentation(id))
            let keyword = isKnown(id) ? "static let" : "let"
            if system[id].axisCount == 0, let text = texts.first {
                let start = isKnown(id) ? " = \(text)" : ""
                sources.append(.line("\(access)\(keyword) \(name): \(scalar)\(start)"))
            } else if isKnown(id) {
                sources.append(.table(head: "\(access)\(keyword) \(name): [\(scalar)]", items: texts))
            } else {
                sources.append(.line("\(access)\(keyword) \(name): [\(scalar)]"))
            }
        }
        return sources
    }

    /// Whether a const is the same for all sizes. Where a network is a value, so are its consts: functions read both alike.
    private func isKnown(_ id: QuantityID) -> Bool { !file.isInstance }

    /// The value of a const's element as Swift; a number where all sizes in it are known.
    private mutating func constantText(_ root: ExprID, _ type: SwiftScalar) throws -> String {
        var values: [ExprID: SwiftExpression] = [:]
        var numbers: [ExprID: Double] = [:]
        for id in system.graph.reachable(from: root) {
            var operands: [Double] = []
            var texts: [SwiftExpression] = []
            system.graph.forEachChild(of: id) {
                if let number = numbers[$0] { operands.append(number) }
                texts.append(values[$0] ?? SwiftExpression("0"))
            }
            let isKnown = operands.count == texts.count
            var number: Double?
            var text = SwiftExpression("\(type).nan")
            switch system.graph.form(of: id) {
            case .number(let value, _): number = value.double
            case .pi: number = Double.pi
            case .integer(let affine):
                var writer = SwiftIntegerWriter(system)
                let value = writer.write(affine, &file)
                number = value.known.map { Double($0) }
                text = SwiftExpression("\(type)(\(value.text))")
            case .access(let quantity, _):
                if let value = system[quantity].constantValues?.first, system[quantity].axisCount == 0 {
                    number = numbers[value]
                }
                text = SwiftExpression(file.identifier(system[quantity].name))
            case .add:
                if isKnown { number = operands.reduce(0, +) }
                text = SwiftExpression(texts.map { $0.operand(.product) }.joined(separator: " + "), .sum)
            case .multiply:
                if isKnown { number = operands.reduce(1, *) }
                text = SwiftExpression(texts.map { $0.operand(.prefix) }.joined(separator: " * "), .product)
            case .negate:
                if isKnown { number = -operands[0] }
                text = SwiftExpression("-\(texts[0].operand(.atom))", .prefix)
            case .divide:
                if isKnown { number = operands[0] / operands[1] }
                text = SwiftExpression("\(texts[0].operand(.product)) / \(texts[1].operand(.prefix))", .product)
            case .power:
                if isKnown { number = FunctionTable.standard[.pow].evaluate(operands) }
                text = SwiftExpression("pow(\(texts[0].text), \(texts[1].text))")
            case .call(.standard(let function), _):
                let row = FunctionTable.standard[function]
                if isKnown { number = row.evaluate(operands) }
                if case .helper(let helper) = row.swift {
                    throw SwiftPrintingError("a const calls '\(helper.name)' of a size that is given at run time")
                }
                text = SwiftExpression("\(row.swift.callee)(\(texts.map(\.text).joined(separator: ", ")))")
            default: throw SwiftPrintingError("the value of a const is not made of numbers, sizes and consts")
            }
            if let number {
                numbers[id] = number
                let literal = NumberText.swift(number, scalar: type)
                text = SwiftExpression(literal, literal.hasPrefix("-") ? .prefix : .atom)
            }
            values[id] = text
            if text.text.count > 4000 {
                throw SwiftPrintingError("the value of a const is too long an expression of sizes")
            }
        }
        return values[root]?.text ?? "0"
    }

    // MARK: Tables

    /// What is computed from sizes, as members; in a network that is a value, its initializer computes them.
    func members() -> [SwiftSource] {
        var sources: [SwiftSource] = []
        for member in file.members {
            switch member {
            case .table(let name, let comment, let values):
                guard file.used.contains(name) else { continue }
                let keyword = file.isInstance ? "fileprivate let" : "fileprivate static let"
                sources.append(.documentation(SwiftText.comment(comment)))
                sources.append(.table(head: "\(keyword) \(name): [Int]", items: values.map { String($0) }))
            case .computed(let names, let comment, _):
                sources.append(.documentation(SwiftText.comment(comment)))
                for (name, type) in names { sources.append(.line("fileprivate let \(name): \(type)")) }
            }
        }
        return sources
    }

    // MARK: A network that is a value

    /// The initializer of a network with sizes that are given at run time.
    mutating func networkInitializer() throws -> [SwiftSource] {
        var parameters: [String] = []
        var code: [SwiftSource] = []
        var lines: [String] = ["Takes the sizes.", "", "- Parameters:"]
        for (position, size) in system.sizes.enumerated() {
            let name = file.sizes[position]
            let isSymbolic: Bool
            if case .symbolic = size.definition { isSymbolic = true } else { isSymbolic = false }
            if isSymbolic {
                parameters.append("\(SwiftNames.label(name)): \(size.stageRange == nil ? "Int" : "[Int]")")
                let text = size.documentation.split(separator: "\n").first.map { String($0) } ?? "a size."
                lines.append("  - \(size.name): \(text)")
            }
            code.append(contentsOf: try sizeCode(SizeID(position), name, isSymbolic: isSymbolic))
        }
        lines.append("- Throws: `ShapeError` where a size is below 1 or does not fit the others.")
        for requirement in system.sizeRequirements { code.append(contentsOf: try check(requirement)) }
        code.append(contentsOf: try constantCode())
        for member in file.members {
            guard case .computed(let names, _, let statements) = member else { continue }
            code.append(contentsOf: statements)
            for (name, _) in names { code.append(.line("self.\(name) = \(name)")) }
        }
        return [
            .documentation(SwiftText.comment(lines.joined(separator: "\n"))),
            .list(head: "\(access)init", items: parameters, tail: " throws", body: code),
        ]
    }

    private mutating func sizeCode(_ id: SizeID, _ name: String, isSymbolic: Bool) throws -> [SwiftSource] {
        let size = system[id]
        let label = SwiftText.literal(size.name)
        if let range = size.stageRange {
            if size.values != nil { return [] }
            var code: [SwiftSource] = []
            if case .table(let formulas) = size.definition {
                var items: [String] = []
                for formula in formulas {
                    items.append("try " + file.call(.checkedSize, [label, try constantText(formula, .double)]).text)
                }
                code.append(.table(head: "let \(name): [Int]", items: items))
            } else {
                code.append(
                    .braces(
                        "for size in \(name)",
                        [.line("_ = try " + file.call(.checkedSize, [label, "Double(size)"]).text)]))
            }
            var writer = SwiftIntegerWriter(system)
            var expected = writer.write(range.upper, &file) - writer.write(range.lower, &file)
            if let difference = system.graph[range.upper].adding(system.graph[range.lower], times: -1) {
                expected = writer.write(difference, &file)
            }
            let number = expected.known == nil ? "\\(\(expected.text))" : expected.text
            let message = "\"\(size.name) has \\(\(name).count) values, expected \(number)\""
            code.append(.require("\(name).count == \(expected.text)", error: "ShapeError(\(message))"))
            code.append(.line("self.\(name) = \(name)"))
            return code
        }
        if size.value != nil { return [] }
        if isSymbolic {
            let check = file.call(.checkedSize, [label, "Double(\(name))"]).text
            return [.line("self.\(name) = try \(check)")]
        }
        guard case .formula(let formula) = size.definition else { return [] }
        let value = file.call(.checkedSize, [label, try constantText(formula, .double)]).text
        return [.line("let \(name): Int = try \(value)"), .line("self.\(name) = \(name)")]
    }

    private mutating func check(_ requirement: SizeRequirement) throws -> [SwiftSource] {
        var writer = SwiftIntegerWriter(system)
        var heads: [String] = []
        for affine in [requirement.affine] + requirement.guards + requirement.axes.flatMap({ [$0.lower, $0.upper] }) {
            for term in system.graph[affine].terms where term.coefficient.magnitude > 1 << 30 {
                throw SwiftPrintingError("a factor of an index is too large")
            }
        }
        for (depth, axis) in requirement.axes.enumerated() {
            let name = file.names.index(system.graph.name(of: axis.index), depth: depth)
            let lower = writer.write(axis.lower, &file)
            let upper = writer.write(axis.upper, &file)
            heads.append("for \(name) in \(lower.operand(.sum))..<\(SwiftInteger.largest([lower, upper]).text)")
            writer.indices[axis.index] = name
            writer.scope.enter(axis.index, lower: axis.lower, upper: axis.upper)
        }
        let value = writer.write(requirement.affine, &file)
        let message = SwiftText.literal(requirement.message)
        if let known = value.known, known >= 0 { return [] }
        var code: SwiftSource = .require("\(value.text) >= 0", error: "ShapeError(\(message))")
        if !requirement.guards.isEmpty {
            let guards = requirement.guards.map { "\(writer.write($0, &file).text) >= 0" }
            code = .braces("if \(guards.joined(separator: ", "))", [code])
        }
        for head in heads.reversed() { code = .braces(head, [code]) }
        return [code]
    }

    private mutating func constantCode() throws -> [SwiftSource] {
        var code: [SwiftSource] = []
        for position in system.quantities.indices {
            let id = QuantityID(position)
            guard let values = system[id].constantValues else { continue }
            let name = file.identifier(system[id].name)
            var texts: [String] = []
            for value in values { texts.append(try constantText(value, file.options.scalar)) }
            if system[id].axisCount == 0 {
                code.append(.line("let \(name): \(scalar) = \(texts.first ?? "0")"))
            } else {
                code.append(.table(head: "let \(name): [\(scalar)]", items: texts))
                let layout = try file.layout(ofDeclared: id)
                let message = "\"\(system[id].name) has \(texts.count) values, expected \\(\(layout.count.text))\""
                if layout.count.known == nil {
                    code.append(.require("\(layout.count.text) == \(texts.count)", error: "ShapeError(\(message))"))
                }
            }
            code.append(.line("self.\(name) = \(name)"))
        }
        return code
    }

    /// Equality and coding by the sizes alone.
    func networkConformances() -> [SwiftSource] {
        var names: [String] = []
        var types: [String] = []
        for (position, size) in system.sizes.enumerated() {
            if case .symbolic = size.definition {
                names.append(file.sizes[position])
                types.append(size.stageRange == nil ? "Int" : "[Int]")
            }
        }
        let equal = names.map { "left.\($0) == right.\($0)" }.joined(separator: "\(SwiftSource.softBreak)&& ")
        let arguments = zip(names, types).map {
            "\(SwiftNames.label($0)): container.decode(\($1).self, forKey: .\($0))"
        }
        return [
            .documentation("Networks of the same sizes are equal."),
            .list(
                head: "\(access)static func == ", items: ["left: \(file.network)", "right: \(file.network)"],
                tail: " -> Bool", body: [.line(equal)]),
            .blank,
            .braces("private enum CodingKeys: String, CodingKey", [.line("case \(names.joined(separator: ", "))")]),
            .blank,
            .list(
                head: "\(access)init", items: ["from decoder: any Decoder"], tail: " throws",
                body: [
                    .line("let container = try decoder.container(keyedBy: CodingKeys.self)"),
                    .list(head: "try self.init", items: arguments, tail: "", body: nil),
                ]),
            .blank,
            .list(
                head: "\(access)func encode", items: ["to encoder: any Encoder"], tail: " throws",
                body: [.line("var container = encoder.container(keyedBy: CodingKeys.self)")]
                    + names.map { .line("try container.encode(\($0), forKey: .\($0))") }),
        ]
    }
}

/// Reads a file of values (`--at VALUES.json`) for a system.
///
/// One object, keyed by declared name: sizes without a value, parameters, inputs, targets, constants. Tensors are nested arrays;
/// a quantity with stages is an object keyed by the stage's value. Several examples stand under `"examples"`.
public struct ValuesReader {
    private var tree: JSONTree
    private var diagnostics = DiagnosticList()
    private var system: System

    /// Reads and checks everything.
    ///
    /// - Throws: ``ValuesError`` with all independent errors in the text; ``EvaluationError`` where the sizes do not fit the spec.
    public static func read(_ source: SourceText, for system: System) throws -> Values {
        let tree: JSONTree
        do {
            tree = try JSONTree(source)
        } catch {
            throw ValuesError(diagnostics: [error])
        }
        var reader = ValuesReader(tree: tree, system: system)
        return try reader.read()
    }

    private init(tree: JSONTree, system: System) {
        self.tree = tree
        self.system = system
    }

    private mutating func read() throws -> Values {
        let root = tree[tree.root]
        guard root.kind == .object else {
            report("the values are one object: {\"name\": value, …}", tree.root)
            throw ValuesError(diagnostics: diagnostics.sorted)
        }
        var given: [String: JSONTree.ID] = [:]
        for member in tree.members(of: tree.root) { given[member.key] = member.value }
        let original = system
        readSizes(given)
        checkNames(original)
        // Without sizes nothing else can be checked.
        guard diagnostics.isEmpty || hasAllSizes else { throw ValuesError(diagnostics: diagnostics.sorted) }
        let bound: BoundSystem
        do {
            bound = try BoundSystem(system)
        } catch {
            if diagnostics.isEmpty { throw error }
            throw ValuesError(diagnostics: diagnostics.sorted)
        }
        var values = Values(bound, shared: [:], examples: [], isBatch: given["examples"] != nil)
        var shapes: [QuantityID: TensorShape] = [:]
        var data: [QuantityID] = []
        for quantity in bound.givenQuantities {
            let shape = try bound.shape(of: quantity)
            shapes[quantity] = shape
            let role = system[quantity].role
            if role == .input || role == .target {
                data.append(quantity)
                continue
            }
            guard let value = given[system[quantity].name] else {
                reportMissing(quantity, in: tree.root)
                continue
            }
            values.shared[quantity] = tensor(quantity, value, shape, bound, "")
        }
        readExamples(given, data, shapes, bound, &values)
        guard diagnostics.isEmpty else { throw ValuesError(diagnostics: diagnostics.sorted) }
        return values
    }

    private mutating func report(_ message: String, _ id: JSONTree.ID, note: String? = nil) {
        diagnostics.append(
            Diagnostic(message, range: tree[id].range, notes: note.map { [Diagnostic.Note($0)] } ?? []))
    }

    private mutating func reportMissing(_ quantity: QuantityID, in object: JSONTree.ID, _ path: String = "") {
        let range = tree[object].range
        // The closing bracket: that is where it would stand.
        diagnostics.append(
            Diagnostic(
                "\(path)\(system[quantity].name): no value is given",
                range: SourceRange(lower: range.upper > range.lower ? range.upper - 1 : range.lower, upper: range.upper)
            ))
    }

    // MARK: Names

    private mutating func checkNames(_ original: System) {
        var known: [String] = ["examples"]
        var why: [String: String] = [:]
        for size in original.sizes {
            if case .symbolic = size.definition {
                known.append(size.name)
            } else {
                why[size.name] = "the size '\(size.name)' has its value in the spec"
            }
        }
        for quantity in original.quantities {
            switch quantity.role {
            case .input, .target, .parameter: known.append(quantity.name)
            case .constant:
                if quantity.constantValues == nil {
                    known.append(quantity.name)
                } else {
                    why[quantity.name] = "the constant '\(quantity.name)' has its value in the spec"
                }
            case .computed, .derivative: why[quantity.name] = "'\(quantity.name)' is computed, not given"
            }
        }
        let names = Set(known)
        for member in tree.members(of: tree.root) where !names.contains(member.key) {
            if let why = why[member.key] {
                report(why, member.keyID)
            } else {
                let close = Suggestion.closest(to: member.key, among: known)
                report(
                    "nothing that the spec declares is called '\(member.key)'", member.keyID,
                    note: close.map { "did you mean '\($0)'?" })
            }
        }
    }

    // MARK: Sizes

    private var hasAllSizes: Bool {
        system.sizes.allSatisfy { $0.stageRange == nil ? $0.value != nil : $0.values != nil }
    }

    private mutating func readSizes(_ given: [String: JSONTree.ID]) {
        for position in system.sizes.indices {
            let id = SizeID(position)
            let size = system[id]
            var values: [Int] = []
            if case .symbolic = size.definition {
                guard let value = given[size.name] else {
                    let end = tree[tree.root].range.upper
                    diagnostics.append(
                        Diagnostic(
                            "\(size.name): no value is given for this size",
                            range: SourceRange(lower: end > 0 ? end - 1 : 0, upper: end)))
                    continue
                }
                guard let read = readSize(size, value) else { continue }
                values = read
            }
            do {
                try BoundSystem.bind(id, values, &system)
            } catch let error as EvaluationError {
                if let value = given[size.name] { report(error.message, value) }
            } catch {}
        }
    }

    private mutating func readSize(_ size: Size, _ value: JSONTree.ID) -> [Int]? {
        guard let range = size.stageRange else { return integer(value, size.name).map { [$0] } }
        let arithmetic = SizeArithmetic(system)
        // Stages that depend on a size that is wrong itself.
        guard let lower = arithmetic.value(range.lower, in: system.graph),
            let upper = arithmetic.value(range.upper, in: system.graph)
        else { return nil }
        guard let entries = stages(value, size.name, lower, upper), entries.count == upper - lower else { return nil }
        var values: [Int] = []
        for (stage, entry) in entries {
            guard let entry = integer(entry, "\(size.name).\"\(stage)\"") else { return nil }
            values.append(entry)
        }
        return values
    }

    private mutating func integer(_ id: JSONTree.ID, _ path: String) -> Int? {
        guard tree[id].kind == .number, let value = Int(exactly: tree[id].number), value >= 1 else {
            report("\(path): a size is an integer of at least 1", id)
            return nil
        }
        return value
    }

    /// The members of an object that is keyed by the values of a stage index, in their order; what is missing is reported.
    private mutating func stages(
        _ id: JSONTree.ID, _ path: String, _ lower: Int, _ upper: Int
    ) -> [(stage: Int, value: JSONTree.ID)]? {
        guard tree[id].kind == .object else {
            report("\(path): expected an object with a member for each stage, found \(kind(of: id))", id)
            return nil
        }
        var byStage: [Int: JSONTree.ID] = [:]
        for member in tree.members(of: id) {
            guard let stage = Int(member.key), String(stage) == member.key, stage >= lower, stage < upper else {
                report("\(path): there is no stage \"\(member.key)\", only \(lower) to \(upper - 1)", member.keyID)
                continue
            }
            byStage[stage] = member.value
        }
        var result: [(stage: Int, value: JSONTree.ID)] = []
        var missing = 0
        var firstMissing: Int?
        var stage = lower
        // A file cannot have more stages than members.
        while stage < upper, missing == 0 || stage - lower < 1_000_000 {
            if let value = byStage[stage] {
                result.append((stage, value))
            } else {
                missing += 1
                firstMissing = firstMissing ?? stage
            }
            stage += 1
        }
        if let firstMissing {
            report("\(path): no value is given for stage \"\(firstMissing)\"\(missing > 1 ? " and others" : "")", id)
        }
        return result
    }

    // MARK: Examples

    private mutating func readExamples(
        _ given: [String: JSONTree.ID], _ data: [QuantityID], _ shapes: [QuantityID: TensorShape], _ bound: BoundSystem,
        _ values: inout Values
    ) {
        guard let list = given["examples"] else {
            var example: [QuantityID: [Double]] = [:]
            for quantity in data {
                if let value = given[system[quantity].name], let shape = shapes[quantity] {
                    example[quantity] = tensor(quantity, value, shape, bound, "")
                } else {
                    reportMissing(quantity, in: tree.root)
                }
            }
            values.examples = [example]
            return
        }
        for quantity in data {
            if let value = given[system[quantity].name] {
                report("\(system[quantity].name): where there are \"examples\", its values stand inside of them", value)
            }
        }
        guard tree[list].kind == .array, tree[list].count > 0 else {
            report("examples: expected an array of at least one object, found \(kind(of: list))", list)
            return
        }
        let names = data.map { system[$0].name }
        let known = Set(names)
        for (position, id) in tree.elements(of: list).enumerated() {
            let path = "examples[\(position)]."
            guard tree[id].kind == .object else {
                report("examples[\(position)]: expected an object, found \(kind(of: id))", id)
                continue
            }
            var members: [String: JSONTree.ID] = [:]
            for member in tree.members(of: id) {
                members[member.key] = member.value
                if !known.contains(member.key) {
                    let close = Suggestion.closest(to: member.key, among: names)
                    report(
                        "examples[\(position)]: no input or target is called '\(member.key)'", member.keyID,
                        note: close.map { "did you mean '\($0)'?" })
                }
            }
            var example: [QuantityID: [Double]] = [:]
            for quantity in data {
                if let value = members[system[quantity].name], let shape = shapes[quantity] {
                    example[quantity] = tensor(quantity, value, shape, bound, path)
                } else {
                    reportMissing(quantity, in: id, path)
                }
            }
            values.examples.append(example)
        }
    }

    // MARK: Tensors

    /// The numbers of one quantity; errors are reported, and leave zeros.
    private mutating func tensor(
        _ quantity: QuantityID, _ id: JSONTree.ID, _ shape: TensorShape, _ bound: BoundSystem, _ path: String
    ) -> [Double] {
        var numbers = Array(repeating: 0.0, count: shape.count)
        let arithmetic = SizeArithmetic(bound.system)
        let graph = bound.system.graph
        let declared = bound.system[quantity]
        guard let axes = declared.domains.first else { return numbers }
        var stack: [(id: JSONTree.ID, indices: [Int])] = [(id, [])]
        while let (id, indices) = stack.popLast() {
            func place() -> String { path + ValuesReader.name(declared, indices) }
            guard indices.count < axes.count else {
                if let value = number(id), let offset = shape.offset(of: indices) {
                    numbers[offset] = value
                } else {
                    report("\(place()): expected a number, found \(kind(of: id))", id)
                }
                continue
            }
            var map: [IndexID: Int] = [:]
            for (axis, index) in zip(axes, indices) { map[axis.index] = index }
            let axis = axes[indices.count]
            guard let lower = arithmetic.value(axis.lower, map, in: graph),
                let upper = arithmetic.value(axis.upper, map, in: graph)
            else { continue }
            if indices.count < declared.stageCount {
                guard let members = stages(id, place(), lower, upper) else { continue }
                for member in members.reversed() { stack.append((member.value, indices + [member.stage])) }
                continue
            }
            let expected = max(0, upper - lower)
            let isLast = indices.count + 1 == axes.count
            guard tree[id].kind == .array, tree[id].count == expected else {
                let what = isLast ? "number" : "array"
                let found = tree[id].kind == .array ? "\(tree[id].count)" : kind(of: id)
                report("\(place()): expected \(expected) \(what)\(expected == 1 ? "" : "s"), found \(found)", id)
                continue
            }
            guard isLast else {
                for (index, element) in tree.elements(of: id).enumerated().reversed() {
                    stack.append((element, indices + [lower + index]))
                }
                continue
            }
            guard expected > 0, let start = shape.offset(of: indices + [lower]) else { continue }
            var sum = 0.0
            var isRight = true
            for (index, element) in tree.elements(of: id).enumerated() {
                guard let value = number(element) else {
                    let place = path + ValuesReader.name(declared, indices + [lower + index])
                    report("\(place): expected a number, found \(kind(of: element))", element)
                    isRight = false
                    continue
                }
                numbers[start + index] = value
                sum += value
            }
            if declared.isDistribution, isRight, !((sum - 1).magnitude <= 1e-6) {
                report("\(place()): a distribution sums to 1, but this sums to \(NumberText.json(sum))", id)
            }
        }
        return numbers
    }

    private func number(_ id: JSONTree.ID) -> Double? {
        switch tree[id].kind {
        case .number: return tree[id].number
        case .string:
            switch tree.string(id) {
            case "nan": return .nan
            case "inf": return .infinity
            case "-inf": return -.infinity
            default: return nil
            }
        default: return nil
        }
    }

    private func kind(of id: JSONTree.ID) -> String {
        switch tree[id].kind {
        case .null: "null"
        case .boolean: tree[id].isTrue ? "true" : "false"
        case .number: "a number"
        case .string: "a text"
        case .array: tree[id].count == 0 ? "an empty array" : "an array"
        case .object: "an object"
        }
    }

    /// `w."2"[1]`: where in the file of values an element stands.
    private static func name(_ quantity: Quantity, _ indices: [Int]) -> String {
        var text = quantity.name
        for (position, index) in indices.enumerated() {
            text += position < quantity.stageCount ? ".\"\(index)\"" : "[\(index)]"
        }
        return text
    }
}

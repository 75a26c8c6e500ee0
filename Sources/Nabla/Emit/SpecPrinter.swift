/// Prints a system as a spec: text that parses and resolves to the same system.
///
/// Index ranges stand where the spec wrote them and where the language would not infer them. Normal forms print as a
/// person would write them: `a - b` for a + (−1)·b, `a/b` for a·b⁻¹. Time and memory are linear in what is printed.
public struct SpecPrinter: Sendable {
    var system: System
    /// The range of each axis of each quantity, as the language infers it from an access; computed when first needed.
    var inferredRanges: [QuantityID: InferredRanges] = [:]
    /// The equations of each quantity, in order.
    let pieces: PositionLists
    let stagesByName: [String: Stage]
    let sizeNames: Set<String>
    /// Scalars that share their name with an index: the index would hide them.
    let hiddenScalars: Set<String>
    let avoidedNames: Set<String>
    /// Functions and constants of the language whose names the spec gives to something else: they print as `\cosh`.
    let shadowedNames: Set<String>
    var visited = Visited()

    /// The words that are no names.
    static let reservedWords: Set<String> = [
        "network", "size", "layer", "step", "input", "target", "param", "const", "func", "cost", "derivative", "sum",
        "prod", "mean", "max", "min", "logsumexp", "argmax", "argmin", "examples", "in", "pi",
    ]

    /// A printer for one system.
    public init(_ system: System) {
        self.system = system
        var pieces: [(list: Int32, entry: Int32)] = []
        pieces.reserveCapacity(system.equations.count)
        for position in system.equations.indices {
            let quantity = system.equations[position].quantity.raw
            pieces.append((Int32(truncatingIfNeeded: quantity), Int32(truncatingIfNeeded: position)))
        }
        self.pieces = PositionLists(count: system.quantities.count, pieces)
        var stages: [String: Stage] = [:]
        for stage in system.stages where stages[stage.name] == nil { stages[stage.name] = stage }
        stagesByName = stages
        sizeNames = Set(system.sizes.map(\.name))
        let indices = Set(system.graph.indexNames.map(\.name))
        let standard = Set(FunctionTable.standard.names + ["pi"])
        var hidden: Set<String> = []
        var avoided: Set<String> = []
        var shadowed = sizeNames.intersection(standard)
        for position in system.quantities.indices {
            let name = system.quantities[position].name
            if standard.contains(name) { shadowed.insert(name) }
            // Where there is no index, no name has to be avoided.
            if indices.isEmpty { continue }
            avoided.insert(name)
            if system.quantities[position].axisCount == 0, indices.contains(name) { hidden.insert(name) }
        }
        hiddenScalars = hidden
        avoided.formUnion(Self.reservedWords)
        avoided.formUnion(system.functions.lazy.map(\.name))
        avoided.formUnion(system.stages.lazy.map(\.name))
        avoided.formUnion(FunctionTable.standard.names)
        avoidedNames = avoided
        shadowedNames = shadowed.union(standard.intersection(system.functions.lazy.map(\.name)))
    }

    /// The spec's text.
    public static func text(of system: System) -> String {
        var printer = SpecPrinter(system)
        return printer.text()
    }

    /// One expression, on one line where it is short enough.
    ///
    /// - Parameter axes: the indices that stand free in it; others print by their own names.
    public static func text(of expression: ExprID, in system: System, under axes: [Axis] = []) -> String {
        var printer = SpecPrinter(system)
        var line = SpecLine()
        var scope = printer.makeScope(for: [expression])
        var records = RangeRecords()
        for axis in axes where !axis.isPoint {
            let (name, isGiven) = system.preferredName(of: axis.index, at: 0, of: nil)
            _ = scope.enter(axis.index, preferring: name, isGiven: isGiven)
        }
        printer.print(expression, .select, parameters: [], to: &line, scope: &scope, records: &records)
        return String(line.lines.dropLast())
    }

    mutating func text() -> String {
        // The lines that are settled stand in one buffer, in their order.
        var settled: [UInt8] = []
        var printed: [(kind: Group, isDocumented: Bool, lines: Lines)] = []
        let order = statementOrder()
        printed.reserveCapacity(order.count)
        func settle(_ kind: Group, isDocumented: Bool, _ text: String) {
            settled.append(contentsOf: text.utf8)
            printed.append((kind, isDocumented, .settled(through: settled.count)))
        }
        var groundings = Groundings()
        var line = SpecLine()
        for statement in order {
            switch statement {
            case .size(let id):
                let size = system[id]
                settle(
                    .size, isDocumented: !size.documentation.isEmpty,
                    documented(size.documentation) + text(of: size))
            case .stage(let position):
                guard system.stages.indices.contains(position) else { continue }
                let stage = system.stages[position]
                settle(
                    .size, isDocumented: !stage.documentation.isEmpty,
                    documented(stage.documentation) + text(of: stage))
            case .declaration(let quantities):
                let text = declarations(quantities)
                if !text.isEmpty { settle(.declaration, isDocumented: text.hasPrefix("///"), text) }
            case .function(let position):
                guard system.functions.indices.contains(position) else { continue }
                let function = system.functions[position]
                settle(
                    .function, isDocumented: !function.documentation.isEmpty,
                    documented(function.documentation) + text(of: function))
            case .equation(let position):
                guard system.equations.indices.contains(position) else { continue }
                let quantity = system.equations[position].quantity
                let kind: Group = system.quantities[Int(quantity.raw)].role == .derivative ? .derivative : .equation
                let documentation = system.equations[position].documentation
                let openAxes = write(position, to: &line, groundings: &groundings)
                let lines: Lines
                if openAxes.isEmpty {
                    if !documentation.isEmpty { settled.append(contentsOf: documented(documentation).utf8) }
                    line.lay(out: &settled)
                    lines = .settled(through: settled.count)
                } else {
                    lines = .pending(PendingEquation(equation: position, line: line, openAxes: openAxes))
                }
                printed.append((kind, !documentation.isEmpty, lines))
            }
        }
        groundings.solve()
        var output = Array((documented(system.documentation) + "network \(system.name)\n").utf8)
        output.reserveCapacity(output.count + settled.count + 64)
        var previous: Group?
        var start = 0
        for (kind, isDocumented, lines) in printed {
            if kind != previous || isDocumented { output.append(UInt8(ascii: "\n")) }
            previous = kind
            switch lines {
            case .settled(let end):
                output.append(contentsOf: settled[start..<end])
                start = end
            case .pending(var pending):
                output.append(contentsOf: documented(system.equations[pending.equation].documentation).utf8)
                for axis in pending.openAxes where !groundings.isGrounded(pending.equation, axis.position) {
                    pending.line.fill(axis.place, axis.written)
                }
                pending.line.lay(out: &output)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// What stands together without an empty line.
    enum Group {
        case size, declaration, function, equation, derivative
    }

    private enum Lines {
        /// The bytes of the settled ones up to here, from where the last such ends.
        case settled(through: Int)
        /// An equation with axes whose range may have to be written.
        case pending(PendingEquation)
    }

    /// The statements in the spec's order, then what they do not cover, each kind in the order of its table.
    private func statementOrder() -> [Statement] {
        func all(_ count: Int) -> [Bool] { Array(repeating: true, count: count) }
        var sizes = all(system.sizes.count)
        var stages = all(system.stages.count)
        var functions = all(system.functions.count)
        var equations = all(system.equations.count)
        var declared = system.quantities.map(\.role.isDeclared)
        func remove(_ position: Int, _ left: inout [Bool]) {
            if left.indices.contains(position) { left[position] = false }
        }
        for statement in system.statements {
            switch statement {
            case .size(let id): remove(Int(id.raw), &sizes)
            case .stage(let position): remove(position, &stages)
            case .function(let position): remove(position, &functions)
            case .equation(let position): remove(position, &equations)
            case .declaration(let ids): for id in ids { remove(Int(id.raw), &declared) }
            }
        }
        // Functions that were derived stand with the others, before the equations.
        var statements = system.statements
        let derived = statements.filter { isDerivedFunction($0) }
        if !derived.isEmpty {
            statements.removeAll { isDerivedFunction($0) }
            let first = statements.firstIndex { if case .equation = $0 { true } else { false } } ?? statements.count
            statements.insert(contentsOf: derived, at: first)
        }
        // What the statements forgot goes last: the language has no order.
        func left(_ flags: [Bool]) -> [Int] { flags.indices.filter { flags[$0] } }
        statements += left(sizes).map { .size(SizeID($0)) }
        statements += left(stages).map { .stage($0) }
        statements += left(declared).map { .declaration([QuantityID($0)]) }
        statements += left(functions).map { .function($0) }
        statements += left(equations).map { .equation($0) }
        return statements
    }

    private func isDerivedFunction(_ statement: Statement) -> Bool {
        guard case .function(let position) = statement, system.functions.indices.contains(position) else {
            return false
        }
        return system.functions[position].derivativeOf != nil
    }

    /// A documentation's text as comment lines.
    func documented(_ text: String) -> String {
        if text.isEmpty { return "" }
        var lines = ""
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            lines += line.isEmpty ? "///\n" : "/// \(line)\n"
        }
        return lines
    }

    /// A scope for an equation's indices.
    mutating func makeScope(for roots: [ExprID]) -> IndexScope {
        var reserved = sizeNames
        if !hiddenScalars.isEmpty {
            for id in system.graph.reachable(from: roots, &visited) {
                if case .access(let quantity, let indices) = system.graph.form(of: id), indices.isEmpty,
                    hiddenScalars.contains(system[quantity].name)
                {
                    reserved.insert(system[quantity].name)
                }
            }
        }
        return IndexScope(reserved: reserved, avoided: avoidedNames) { base, number in
            base.last?.isNumber == true ? "\(base)_\(number)" : "\(base)\(number)"
        }
    }
}

extension Role {
    /// Whether quantities of this role are declared rather than defined by equations.
    var isDeclared: Bool { self != .computed && self != .derivative }

    /// The word that declares a quantity.
    var keyword: String {
        switch self {
        case .input: "input"
        case .target: "target"
        case .parameter: "param"
        case .constant: "const"
        case .computed: ""
        case .derivative: "derivative"
        }
    }
}

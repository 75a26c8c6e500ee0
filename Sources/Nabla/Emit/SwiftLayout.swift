/// Why a system has no Swift form.
public struct SwiftPrintingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public var message: String

    init(_ message: String) { self.message = message }

    public var description: String { message }
}

/// Where the elements of one quantity lie, relative to its first one: stage by stage, each stage's elements row-major.
struct SwiftLayout {
    /// Whose affine expressions `elements` has.
    var system: System
    /// The first value and the number of values of each stage index.
    var stages: [(lower: LoopBound, upper: LoopBound, extent: SwiftInteger)]
    var elements: Elements
    /// How many numbers there are.
    var count: SwiftInteger
    /// Where not all stages are kept: how many are, and how many numbers each of these has at most.
    var ring: (count: Int, capacity: SwiftInteger)?

    enum Elements {
        /// The same extents at every stage.
        case uniform([AffineID])
        /// Extents as formulas of the stage's indices; a table says where each stage starts.
        case formula([AffineID], stages: [IndexID], start: String)
        /// Known or computed extents; there are no stages.
        case fixed([SwiftInteger])
        /// Extents from tables, one for each element axis.
        case tables(extents: [String], start: String)
    }

    /// How many element indices there are.
    var elementCount: Int {
        switch elements {
        case .uniform(let extents): extents.count
        case .fixed(let extents): extents.count
        case .formula(let extents, _, _): extents.count
        case .tables(let extents, _): extents.count
        }
    }

    var isScalar: Bool { stages.isEmpty && elementCount == 0 }
}

/// A constant of the generated type that is computed from sizes.
enum SwiftMember {
    /// A table of known numbers.
    case table(name: String, comment: String, values: [Int])
    /// Computed when the sizes are given: names with their types, and the statements that give local variables of these
    /// names their values.
    case computed(names: [(name: String, type: String)], comment: String, code: [SwiftSource])
}

extension SwiftFile {
    private static let mostTableEntries = 1 << 22

    /// The layout of a quantity that the spec or the derivation named; the first caller's storage counts.
    mutating func layout(of id: QuantityID, _ buffer: Buffer, _ system: System) throws -> SwiftLayout {
        if let ring = buffer.ring {
            var whole = buffer
            whole.ring = nil
            return try layout(id, ring: ring, whole, system)
        }
        if let known = layouts[id] { return known }
        let layout = try layout(buffer, system)
        if Int(id.raw) < self.system.quantities.count { layouts[id] = layout }
        return layout
    }

    /// The layout of a declared quantity, whether a program uses it or not.
    mutating func layout(ofDeclared id: QuantityID) throws -> SwiftLayout {
        if let known = layouts[id] { return known }
        let quantity = system[id]
        var boxes: [StorageBox] = []
        var ranges: [(lower: LoopBound, upper: LoopBound)] = []
        var mentionsStage = false
        for axes in quantity.domains.prefix(1) {
            let stages = Array(axes.prefix(quantity.stageCount))
            let extents = axes.dropFirst(quantity.stageCount).map(\.upper)
            mentionsStage = extents.contains { extent in stages.contains { system.graph.depends(extent, on: $0.index) }
            }
            boxes.append(StorageBox(stages: stages, extents: Array(extents)))
            ranges = stages.map { (LoopBound($0.lower), LoopBound($0.upper)) }
        }
        let buffer = Buffer(
            quantity: id, role: .parameter, examples: .shared, boxes: boxes, stageRanges: ranges,
            uniformExtents: mentionsStage ? nil : boxes.first?.extents ?? [], hasOneFormula: true)
        return try layout(of: id, buffer, system)
    }

    private mutating func layout(_ buffer: Buffer, _ system: System) throws -> SwiftLayout {
        let name = SwiftNames.bare(identifier(system[buffer.quantity].name))
        var writer = SwiftIntegerWriter(system)
        var stages: [(lower: LoopBound, upper: LoopBound, extent: SwiftInteger)] = []
        for range in buffer.stageRanges {
            let lower = writer.write(range.lower, &self)
            let upper = writer.write(range.upper, &self)
            var extent = upper - lower
            if let first = range.lower.asAffine, let last = range.upper.asAffine,
                let difference = system.graph[last].adding(system.graph[first], times: -1)
            {
                extent = writer.write(difference, &self)
            }
            if let one = lower.known, let two = upper.known {
                extent = SwiftInteger(max(0, two.subtractingReportingOverflow(one).partialValue))
            } else if !isAscending(range, system) {
                extent = .largest([SwiftInteger(0), extent])
            }
            stages.append((range.lower, range.upper, extent))
        }
        if let extents = buffer.uniformExtents {
            let factors = stages.map(\.extent) + extents.map { nonNegative($0, system, &writer) }
            let count = try self.count(factors, name: name, what: system[buffer.quantity].name)
            return SwiftLayout(system: system, stages: stages, elements: .uniform(extents), count: count)
        }
        if stages.isEmpty { return try withoutStages(buffer, name, system) }
        return isInstance
            ? try raggedAtRunTime(buffer, stages, name, system) : try ragged(buffer, stages, name, system)
    }

    /// The layout of a quantity of which a few stages are kept, used in turn.
    private mutating func layout(
        _ id: QuantityID, ring: Buffer.Ring, _ whole: Buffer, _ system: System
    ) throws -> SwiftLayout {
        var layout = try layout(of: id, whole, system)
        let what = system[id].name
        let name = SwiftNames.bare(identifier(what))
        var factors: [SwiftInteger] = []
        if let capacity = ring.capacity {
            factors = [SwiftInteger(capacity)]
        } else if let extents = whole.uniformExtents {
            var writer = SwiftIntegerWriter(system)
            factors = extents.map { nonNegative($0, system, &writer) }
        }
        let capacity = try count(factors, name: name, what: what)
        layout.count = try count([SwiftInteger(ring.count), capacity], name: name, what: what)
        layout.ring = (ring.count, capacity)
        return layout
    }

    /// Pieces of one array: each extent is the largest one.
    private mutating func withoutStages(_ buffer: Buffer, _ name: String, _ system: System) throws -> SwiftLayout {
        let what = system[buffer.quantity].name
        var extents: [SwiftInteger] = []
        var writer = SwiftIntegerWriter(system)
        for axis in 0..<(buffer.boxes.first?.extents.count ?? 0) {
            var unique: [AffineID] = []
            var seen: Set<AffineID> = []
            for box in buffer.boxes where seen.insert(box.extents[axis]).inserted { unique.append(box.extents[axis]) }
            // With one that is certainly the largest, that one.
            let largest = unique.prefix(8).first { one in
                unique.allSatisfy { system.isLessOrEqual(system.graph[$0], system.graph[one]) }
            }
            if let largest {
                extents.append(nonNegative(largest, system, &writer))
            } else {
                extents.append(.largest([SwiftInteger(0)] + unique.map { writer.write($0, &self) }))
            }
            let extent = extents[axis]
            if extent.known == nil, !sizes.contains(extent.text) {
                let member = names.claim("\(name)Extent\(axis)")
                members.append(
                    .computed(
                        names: [(member, "Int")], comment: "Extent \(axis) of \(what).",
                        code: [.line("let \(member): Int = \(extent.text)")]))
                extents[axis] = SwiftInteger(atom: member)
            }
        }
        let count = try count(extents, name: name, what: what)
        return SwiftLayout(system: system, stages: [], elements: .fixed(extents), count: count)
    }

    private func isAscending(_ range: (lower: LoopBound, upper: LoopBound), _ system: System) -> Bool {
        guard let lower = range.lower.asAffine, let upper = range.upper.asAffine else { return false }
        return system.isLessOrEqual(system.graph[lower], system.graph[upper])
    }

    private mutating func nonNegative(
        _ extent: AffineID, _ system: System, _ writer: inout SwiftIntegerWriter
    ) -> SwiftInteger {
        let value = writer.write(extent, &self)
        if let known = value.known { return known < 0 ? SwiftInteger(0) : value }
        if system.isNonNegative(system.graph[extent], in: writer.scope) { return value }
        return .largest([SwiftInteger(0), value])
    }

    /// A product of extents: a number, or a member that is computed with a check.
    private mutating func count(_ factors: [SwiftInteger], name: String, what: String) throws -> SwiftInteger {
        let known = factors.compactMap(\.known)
        if known.contains(0) { return SwiftInteger(0) }
        if known.count == factors.count {
            var product = 1
            for factor in known {
                let (next, overflow) = product.multipliedReportingOverflow(by: factor)
                // Bytes and sums of a few such counts are to fit, too.
                if overflow || next > 1 << 56 { throw SwiftPrintingError("'\(what)' has too many elements") }
                product = next
            }
            return SwiftInteger(product)
        }
        let relevant = factors.filter { $0.known != 1 }
        // Counts are members, for nested types to read them by one name.
        if relevant.count == 1, sizes.contains(relevant[0].text) { return relevant[0] }
        let member = names.claim(name + "Count")
        let product = call(.checkedProduct, relevant.map(\.text))
        used.insert(member)
        members.append(
            .computed(
                names: [(member, "Int")], comment: "The number of elements of \(what).",
                code: [.line("let \(member): Int = try \(product.text)")]))
        return SwiftInteger(atom: member)
    }

    // MARK: Stages with different extents

    private mutating func ragged(
        _ buffer: Buffer, _ stages: [(lower: LoopBound, upper: LoopBound, extent: SwiftInteger)], _ name: String,
        _ system: System
    ) throws -> SwiftLayout {
        let what = system[buffer.quantity].name
        let evaluator = StageEvaluator(system)
        var lowers: [Int] = []
        var extents: [Int] = []
        var total = 1
        for stage in stages {
            guard let lower = evaluator.value(stage.lower), let extent = stage.extent.known else {
                throw SwiftPrintingError("the stages of '\(what)' are not known")
            }
            lowers.append(lower)
            extents.append(extent)
            let (product, overflow) = total.multipliedReportingOverflow(by: extent)
            guard !overflow, product <= SwiftFile.mostTableEntries else {
                throw SwiftPrintingError("'\(what)' has too many stages of different sizes")
            }
            total = product
        }
        let axisCount = buffer.boxes.first?.extents.count ?? 0
        var tables = Array(repeating: Array(repeating: 0, count: total), count: axisCount)
        let boxes = buffer.hasOneFormula ? Array(buffer.boxes.prefix(1)) : buffer.boxes
        for box in boxes {
            evaluator.forEachStage(of: box, lowers, extents, everywhere: buffer.hasOneFormula) { position, values in
                for (axis, extent) in box.extents.enumerated() {
                    let value = evaluator.value(extent, values) ?? 0
                    tables[axis][position] = max(tables[axis][position], value)
                }
            }
        }
        var starts: [Int] = []
        starts.reserveCapacity(total)
        var count = 0
        for position in 0..<total {
            starts.append(count)
            var product = 1
            for table in tables {
                let (next, overflow) = product.multipliedReportingOverflow(by: table[position])
                if overflow { throw SwiftPrintingError("'\(what)' has too many elements") }
                product = next
            }
            let (sum, overflow) = count.addingReportingOverflow(product)
            if overflow || sum > 1 << 56 { throw SwiftPrintingError("'\(what)' has too many elements") }
            count = sum
        }
        let start = names.claim(name + "Start")
        let ofStage = stageText(buffer, what, system)
        addTable(start, comment: "Where \(ofStage) starts, for each stage.", starts)
        if buffer.hasOneFormula, let box = buffer.boxes.first {
            return SwiftLayout(
                system: system, stages: stages,
                elements: .formula(box.extents, stages: box.stages.map(\.index), start: start),
                count: SwiftInteger(count))
        }
        var extentNames: [String] = []
        for (axis, table) in tables.enumerated() {
            let member = names.claim("\(name)Extent\(axis)")
            addTable(member, comment: "Extent \(axis) of \(ofStage), for each stage.", table)
            extentNames.append(member)
        }
        return SwiftLayout(
            system: system, stages: stages, elements: .tables(extents: extentNames, start: start),
            count: SwiftInteger(count))
    }

    private func stageText(_ buffer: Buffer, _ what: String, _ system: System) -> String {
        let names = buffer.boxes.first.map { $0.stages.map { system.graph.name(of: $0.index) } } ?? []
        return "\(what)(\(names.joined(separator: ",")))"
    }

    private mutating func raggedAtRunTime(
        _ buffer: Buffer, _ stages: [(lower: LoopBound, upper: LoopBound, extent: SwiftInteger)], _ name: String,
        _ system: System
    ) throws -> SwiftLayout {
        let what = system[buffer.quantity].name
        let start = names.claim(name + "Start")
        let count = names.claim(name + "Count")
        let ofStage = stageText(buffer, what, system)
        var writer = SwiftIntegerWriter(system)
        var code: [SwiftSource] = [.line("var \(start): [Int] = []"), .line("var \(count): Int = 0")]
        if buffer.hasOneFormula, let box = buffer.boxes.first {
            var indices: [String] = []
            for (stage, range) in zip(box.stages, stages) {
                indices.append(names.index(system.graph.name(of: stage.index), depth: indices.count))
                writer.indices[stage.index] = indices.last
                if let lower = range.lower.asAffine, let upper = range.upper.asAffine {
                    writer.scope.enter(stage.index, lower: lower, upper: upper)
                }
            }
            let factors = box.extents.map { nonNegative($0, system, &writer).text }
            var body: [SwiftSource] = [
                .line("\(start).append(\(count))"),
                .line("\(count) = try \(sum(of: count, factors))"),
            ]
            for (position, range) in stages.enumerated().reversed() {
                let lower = writer.write(range.lower, &self)
                body = [.braces("for \(indices[position]) in \(SwiftFile.range(lower, range.extent))", body)]
            }
            members.append(
                .computed(
                    names: [(start, "[Int]"), (count, "Int")], comment: "Where \(ofStage) starts, for each stage.",
                    code: code + body))
            return SwiftLayout(
                system: system, stages: stages,
                elements: .formula(box.extents, stages: box.stages.map(\.index), start: start),
                count: SwiftInteger(atom: count))
        }
        return raggedTables(buffer, stages, name, system, start, count, ofStage, &code)
    }

    private mutating func raggedTables(
        _ buffer: Buffer, _ stages: [(lower: LoopBound, upper: LoopBound, extent: SwiftInteger)], _ name: String,
        _ system: System, _ start: String, _ count: String, _ ofStage: String, _ code: inout [SwiftSource]
    ) -> SwiftLayout {
        let stageTotal = names.claim(name + "Stages")
        let product = call(.checkedProduct, stages.map(\.extent.text))
        code.append(.line("let \(stageTotal): Int = try \(product.text)"))
        var extents: [String] = []
        for axis in 0..<(buffer.boxes.first?.extents.count ?? 0) {
            let member = names.claim("\(name)Extent\(axis)")
            extents.append(member)
            code.append(.line("var \(member): [Int] = Array(repeating: 0, count: \(stageTotal))"))
        }
        let place = names.claim(name + "Stage")
        for box in buffer.boxes {
            var writer = SwiftIntegerWriter(system)
            var position = SwiftInteger(0)
            var ranges: [(String, SwiftInteger, SwiftInteger)] = []
            for (depth, stage) in box.stages.enumerated() {
                let index = names.index(system.graph.name(of: stage.index), depth: depth)
                let lower = writer.write(stage.lower, &self)
                let upper = writer.write(stage.upper, &self)
                ranges.append((index, lower, upper))
                writer.indices[stage.index] = index
                writer.scope.enter(stage.index, lower: stage.lower, upper: stage.upper)
                let first = writer.write(stages[depth].lower, &self)
                position = position * stages[depth].extent + (SwiftInteger(atom: index) - first)
            }
            var body: [SwiftSource] = [.line("let \(place): Int = \(position.text)")]
            for (axis, extent) in box.extents.enumerated() {
                let value = writer.write(extent, &self)
                body.append(
                    .line("\(extents[axis])[\(place)] = max(\(extents[axis])[\(place)], \(value.text))"))
            }
            for (index, lower, upper) in ranges.reversed() {
                // A point, or a range that may be empty.
                let end = SwiftInteger.largest([lower, upper])
                body = [.braces("for \(index) in \(lower.text)..<\(end.text)", body)]
            }
            code.append(contentsOf: body)
        }
        let factors = extents.map { "\($0)[\(place)]" }
        code.append(
            .braces(
                "for \(place) in 0..<\(stageTotal)",
                [
                    .line("\(start).append(\(count))"),
                    .line("\(count) = try \(sum(of: count, factors))"),
                ]))
        members.append(
            .computed(
                names: [(start, "[Int]")] + extents.map { ($0, "[Int]") } + [(count, "Int")],
                comment: "Where \(ofStage) starts and its extents, for each stage.", code: code))
        return SwiftLayout(
            system: system, stages: stages, elements: .tables(extents: extents, start: start),
            count: SwiftInteger(atom: count))
    }

    private mutating func sum(of count: String, _ factors: [String]) -> String {
        call(.checkedSum, [count, call(.checkedProduct, factors).text]).text
    }

    /// A range of so many values.
    static func range(_ lower: SwiftInteger, _ extent: SwiftInteger) -> String {
        let upper = lower + extent
        return "\(lower.operand(.sum))..<\(upper.text)"
    }
}

/// Evaluates affine expressions of stage indices where all sizes are known.
struct StageEvaluator {
    let system: System

    init(_ system: System) { self.system = system }

    func value(_ bound: LoopBound) -> Int? {
        var best: Int?
        for term in bound.terms {
            guard let value = value(term.affine, [:]) else { return nil }
            let quotient = value / term.divisor + (value % term.divisor > 0 ? 1 : 0)
            best = best.map { bound.choice == .largest ? max($0, quotient) : min($0, quotient) } ?? quotient
        }
        return best
    }

    /// Nil where a size is not known or its stage is outside of its range.
    func value(_ id: AffineID, _ indices: [IndexID: Int]) -> Int? {
        let affine = system.graph[id]
        var result = affine.constant
        for term in affine.terms {
            let atom: Int?
            switch term.atom {
            case .index(let index): atom = indices[index]
            case .size(let size):
                atom = system.expandingSizes(Affine(.size(size))).asConstant
            case .stagedSize(let size, let stage):
                guard let at = value(stage, indices), let values = system[size].values,
                    let range = system[size].stageRange, let first = value(range.lower, [:])
                else { return nil }
                let position = at.subtractingReportingOverflow(first).partialValue
                atom = values.indices.contains(position) ? values[position] : nil
            }
            guard let atom else { return nil }
            let (product, overflow) = atom.multipliedReportingOverflow(by: term.coefficient)
            let (sum, overflowSum) = result.addingReportingOverflow(product)
            if overflow || overflowSum { return nil }
            result = sum
        }
        return result
    }

    /// Calls `body` with the position and the indices of each stage of a box, or of all stages there are.
    func forEachStage(
        of box: StorageBox, _ lowers: [Int], _ extents: [Int], everywhere: Bool,
        _ body: (Int, [IndexID: Int]) throws -> Void
    ) rethrows {
        var values: [IndexID: Int] = [:]
        func visit(_ depth: Int, _ position: Int) throws {
            guard depth < box.stages.count else {
                try body(position, values)
                return
            }
            let stage = box.stages[depth]
            var lower = lowers[depth]
            var upper = lowers[depth] + extents[depth]
            if !everywhere {
                lower = max(lower, value(stage.lower, values) ?? lower)
                upper = min(upper, value(stage.upper, values) ?? lower)
            }
            guard lower < upper else { return }
            for index in lower..<upper {
                values[stage.index] = index
                try visit(depth + 1, position * extents[depth] + index - lowers[depth])
            }
        }
        try visit(0, 0)
    }
}

// The values that are given and those that are computed from them, before any derivative.

extension DerivationBuilder {
    mutating func addGiven(to document: inout LaTeXDocument) {
        document.blocks.append(.heading("The values"))
        formulas.scope.clear()
        guard let table else { return }
        for (position, size) in system.sizes.enumerated() {
            guard case .symbolic = size.definition else { continue }
            let bound = table.values.bound.system.sizes[position]
            let first = bound.stageRange.flatMap {
                table.arithmetic.value($0.lower, in: table.values.bound.system.graph)
            }
            let id = SizeID(position)
            for (offset, value) in (bound.values ?? bound.value.map { [$0] } ?? []).enumerated() {
                let atom: AffineAtom =
                    first.map { .stagedSize(id, formulas.system.graph.affine(Affine($0 + offset))) } ?? .size(id)
                addNumber(formulas.text(of: Affine(atom)), Double(value), to: &document)
            }
        }
        for position in system.quantities.indices {
            let id = QuantityID(position)
            switch system[id].role {
            case .parameter, .input, .target, .constant: addTensors(of: id, to: &document)
            case .computed, .derivative: continue
            }
        }
    }

    mutating func addNumber(_ left: FormulaPrinter.Text, _ value: Double, to document: inout LaTeXDocument) {
        let part = part(of: value)
        document.append(LaTeXDocument.Row(left: left, right: [part.line], rounded: [!part.isExact]))
    }

    /// Every stage of a quantity, or the first two and the last.
    mutating func addTensors(of id: QuantityID, to document: inout LaTeXDocument) {
        let stages = stages(of: id)
        let isLong = stages.count > Self.mostShown
        for (position, stage) in stages.enumerated() {
            if isLong, position >= 2, position < stages.count - 1 {
                if position == 2 { addDots(to: &document) }
                continue
            }
            addTensor(of: id, stage, to: &document)
        }
    }

    func addDots(to document: inout LaTeXDocument) {
        document.append(LaTeXDocument.Row(left: ([.dots], 1.2), right: []))
    }

    mutating func addTensor(of id: QuantityID, _ stage: [Int], to document: inout LaTeXDocument) {
        let whole = text(of: id, stage)
        for (name, part) in tensorParts(of: id, stage) {
            document.append(LaTeXDocument.Row(left: name ?? whole, right: [part.line], rounded: [!part.isExact]))
        }
    }

    /// A quantity at indices that are numbers, all of them or the first ones.
    mutating func text(of id: QuantityID, _ indices: [Int]) -> FormulaPrinter.Text {
        let places = formulas.system.affines(indices)
        return formulas.access(id, places)
    }

    /// The stages that a quantity has, in order.
    func stages(of id: QuantityID) -> [[Int]] {
        guard let table else { return [] }
        let count = system[id].stageCount
        if count == 0 { return [[]] }
        var stages: Set<[Int]> = []
        for axes in system[id].domains {
            var indices: [IndexID: Int] = [:]
            var odometer = Odometer(Array(axes.prefix(count)), system.graph, table.arithmetic)
            while stages.count < 10_000, let stage = try? odometer.next(&indices) { stages.insert(stage) }
        }
        return stages.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// The elements of a quantity at one stage: a number, a list, a matrix, or, of more indices, some matrices with their names.
    mutating func tensorParts(
        of id: QuantityID, _ stage: [Int], _ element: (([Int]) -> Double?)? = nil
    ) -> [(name: FormulaPrinter.Text?, part: NumberPart)] {
        let rank = system[id].axisCount - stage.count
        let elements = elements(of: id, stage)
        var numbers: [[Int]: Double] = [:]
        for index in elements { numbers[index] = element.map { $0(index) ?? 0 } ?? self.number(id, index) }
        func number(_ index: [Int]) -> Double { numbers[index] ?? .nan }
        if rank == 0 { return [(nil, part(of: number(stage)))] }
        if rank == 1 { return [(nil, list(elements.map { number($0) }))] }
        var matrices: [(name: FormulaPrinter.Text?, rows: [[[Int]]])] = []
        var last: [Int] = []
        for element in elements {
            let slice = Array(element.dropLast(2))
            if matrices.isEmpty || Array(last.dropLast(2)) != slice {
                let name = rank > 2 ? text(of: id, slice) : nil
                matrices.append((name, []))
                last = []
            }
            if last.isEmpty || last.dropLast() != element.dropLast() { matrices[matrices.count - 1].rows.append([]) }
            let row = matrices[matrices.count - 1].rows.count - 1
            matrices[matrices.count - 1].rows[row].append(element)
            last = element
        }
        let shown = matrices.count > Self.mostShown ? Array(matrices.prefix(2)) + matrices.suffix(1) : matrices
        return shown.map { name, rows in (name, matrix(rows.map { row in row.map { number($0) } })) }
    }

    /// An element's value; a constant of the spec is computed first.
    mutating func number(_ id: QuantityID, _ index: [Int]) -> Double {
        if let value = table?.element(id, index) { return value }
        let places = formulas.system.affines(index)
        let access = formulas.system.graph.makeAccess(id, places)
        return table?.value(of: access) ?? 0
    }

    func elements(of id: QuantityID, _ stage: [Int]) -> [[Int]] {
        guard let table else { return [] }
        var elements: [[Int]] = []
        for axes in system[id].domains {
            var indices: [IndexID: Int] = [:]
            // The odometer starts at the stage: axes of one value each.
            var graph = system.graph
            var own = axes
            for (position, value) in stage.enumerated() where own.indices.contains(position) {
                guard let lower = table.arithmetic.value(own[position].lower, indices, in: graph),
                    let upper = table.arithmetic.value(own[position].upper, indices, in: graph),
                    value >= lower, value < upper
                else {
                    own = []
                    break
                }
                own[position].lower = graph.affine(Affine(value))
                own[position].upper = graph.affine(Affine(value + 1))
                indices[own[position].index] = value
            }
            if own.count < axes.count { continue }
            indices = [:]
            var odometer = Odometer(own, graph, table.arithmetic)
            while let element = try? odometer.next(&indices) { elements.append(element) }
        }
        return elements.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private func list(_ numbers: [Double]) -> NumberPart {
        var part = NumberPart()
        part.line.open(.round, .normal, width: 0.4)
        let isCut = numbers.count > 2 * Self.mostShown
        for (position, number) in numbers.enumerated() {
            if isCut, position >= 3, position < numbers.count - 1 { continue }
            if position > 0 { part.line.write(.comma(.normal), width: 0.6, mayBreak: .afterComma) }
            if isCut, position == numbers.count - 1 {
                part.line.write([.dots, .comma(.normal)], width: 1.8, mayBreak: .afterComma)
            }
            let rounded = RoundedNumber(number)
            part.line.write(rounded.tokens, width: rounded.width)
            part.isExact = part.isExact && rounded.isExact
        }
        part.line.close(.round, .normal, width: 0.4)
        return part
    }

    /// Numbers in rows, of many the first two and the last.
    private func matrix(_ rows: [[Double]]) -> NumberPart {
        func cut<Item>(_ items: [Item]) -> [Item?] {
            items.count > Self.mostShown ? [items[0], items[1], nil] + items.suffix(1) : items
        }
        var part = NumberPart()
        var widths: [Double] = []
        var tokens: [MathToken] = [.begin(.matrix)]
        for (number, row) in cut(rows).enumerated() {
            if number > 0 { tokens.append(.next) }
            guard let row else {
                let columns = cut(rows.first ?? []).count
                tokens += Array(repeating: [MathToken.verticalDots], count: columns).joined(separator: [.nextCell])
                continue
            }
            for (column, value) in cut(row).enumerated() {
                if column > 0 { tokens.append(.nextCell) }
                if widths.count <= column { widths.append(1.2) }
                guard let value else {
                    tokens.append(.dots)
                    continue
                }
                let rounded = RoundedNumber(value)
                tokens += rounded.tokens
                part.isExact = part.isExact && rounded.isExact
                widths[column] = max(widths[column], rounded.width)
            }
        }
        tokens.append(.end)
        part.isTall = true
        part.line.write(tokens, width: widths.reduce(1.2) { $0 + $1 + 1 })
        return part
    }

    /// Everything that is computed on the way to the cost, each after what it is computed from.
    mutating func addForwardPass(to document: inout LaTeXDocument) {
        document.blocks.append(.heading("The forward pass"))
        formulas.scope.clear()
        guard let table else { return }
        var groups: [NudgeExperiment.Group] = []
        for position in system.quantities.indices where system.quantities[position].role == .computed {
            let id = QuantityID(position)
            if table.computed.tensors[id] == nil { continue }
            for stage in stages(of: id) {
                guard let first = elements(of: id, stage).first else { continue }
                groups.append(
                    NudgeExperiment.Group(
                        quantity: id, stages: stage,
                        changed: [(Nudge.Element(quantity: id, indices: first), 0, 0)]))
            }
        }
        var ordered = system
        for (position, size) in table.values.bound.system.sizes.enumerated() where position < ordered.sizes.count {
            ordered.sizes[position] = size
        }
        for (position, body) in derived.evaluatedBodies { ordered.equations[position].body = body }
        groups = NudgeOrder(ordered, groups).sorted
        let isLong = groups.count > NudgeExperiment.mostGroups
        for (position, group) in groups.enumerated() {
            if isLong, position >= 5, position < groups.count - 6 {
                if position == 5 { addDots(to: &document) }
                continue
            }
            addTensor(of: group.quantity, group.stages, to: &document)
        }
    }
}

/// One equation reads what another one, or it itself, defines.
struct Read {
    /// How a stage index changes from the reader to what it reads.
    enum Shift {
        case zero, earlier, notLater, later, notEarlier, unknown
    }

    var reader: Int
    var definer: Int
    /// Of each stage that both have.
    var shifts: [Shift]
}

extension Resolver {
    /// Notes what an access may read, in the scope in which it stands.
    mutating func noteReads(_ reader: Int, _ quantity: QuantityID, _ values: [AffineID], _ scope: Scope) {
        for definer in candidates(quantity, values) where mayLie(values, in: definer, scope) {
            reads.append(Read(reader: reader, definer: definer, shifts: shifts(reader, definer, values, scope)))
        }
    }

    /// The equations of a quantity; of many at single elements, those at this one.
    private mutating func candidates(_ quantity: QuantityID, _ values: [AffineID]) -> [Int] {
        let own = definitions[quantity] ?? []
        if own.count <= 16 { return own }
        if singles[quantity] == nil {
            var table: [Int: [Int]] = [:]
            for draft in own {
                guard let axis = drafts[draft].axes.first, axis.isPoint,
                    let place = system.expandingSizes(system.graph[axis.lower]).asConstant
                else {
                    table = [:]
                    break
                }
                table[place, default: []].append(draft)
            }
            singles[quantity] = table
        }
        guard let table = singles[quantity], !table.isEmpty, let first = values.first,
            let place = system.expandingSizes(system.graph[first]).asConstant
        else { return own }
        return table[place] ?? []
    }

    /// Whether an element may be among those that an equation defines.
    private mutating func mayLie(_ values: [AffineID], in draft: Int, _ scope: Scope) -> Bool {
        guard !drafts[draft].hasFailed, drafts[draft].axes.count == values.count else { return false }
        var map: [IndexID: Affine] = [:]
        for (axis, id) in zip(drafts[draft].axes, values) {
            let value = system.graph[id]
            if let lower = system.graph.substitute(axis.lower, map),
                system.isLess(value, system.graph[lower], in: scope)
            {
                return false
            }
            if let upper = system.graph.substitute(axis.upper, map),
                system.isLessOrEqual(system.graph[upper], value, in: scope)
            {
                return false
            }
            map[axis.index] = value
        }
        return true
    }

    private func shifts(_ reader: Int, _ definer: Int, _ values: [AffineID], _ scope: Scope) -> [Read.Shift] {
        let count = min(
            system[drafts[reader].quantity].stageCount, system[drafts[definer].quantity].stageCount, values.count)
        return (0..<count).map { position in
            let axis = drafts[reader].axes[position]
            let own = axis.isPoint ? system.graph[axis.lower] : Affine(.index(axis.index))
            let value = system.graph[values[position]]
            if system.isEqual(value, own) { return .zero }
            if system.isLess(value, own, in: scope) { return .earlier }
            if system.isLess(own, value, in: scope) { return .later }
            if system.isLessOrEqual(value, own, in: scope) { return .notLater }
            if system.isLessOrEqual(own, value, in: scope) { return .notEarlier }
            return .unknown
        }
    }

    /// A recurrence runs over a stage index, forwards or backwards; apart from that nothing depends on itself.
    ///
    /// Equations that reach each other must have a stage along which none of their reads goes the wrong way. Reads that
    /// certainly go the right way are in order then; among the others the same holds for another stage.
    mutating func checkCircles() {
        var open = [reads]
        while let edges = open.popLast() {
            var targets = Array(repeating: [Int](), count: drafts.count)
            for edge in edges { targets[edge.reader].append(edge.definer) }
            var component = Array(repeating: 0, count: drafts.count)
            let components = Components.ordered(targets)
            for (number, members) in components.enumerated() {
                for member in members { component[member] = number }
            }
            var inside: [Int: [Read]] = [:]
            for edge in edges where component[edge.reader] == component[edge.definer] {
                inside[component[edge.reader], default: []].append(edge)
            }
            for number in inside.keys.sorted() {
                guard let edges = inside[number] else { continue }
                if let rest = unordered(edges) {
                    if !rest.isEmpty { open.append(rest) }
                } else {
                    reportCircle(edges)
                }
            }
        }
        reads = []
    }

    /// The reads that a stage does not put in order; nil where no stage puts any in order without contradicting another.
    private func unordered(_ edges: [Read]) -> [Read]? {
        let stages = edges.map(\.shifts.count).min() ?? 0
        for stage in 0..<stages {
            var rest: [Read] = []
            var goesUp = true
            var goesDown = true
            for edge in edges {
                switch edge.shifts[stage] {
                case .zero: rest.append(edge)
                case .earlier: goesDown = false
                case .later: goesUp = false
                case .notLater:
                    goesDown = false
                    rest.append(edge)
                case .notEarlier:
                    goesUp = false
                    rest.append(edge)
                case .unknown:
                    goesUp = false
                    goesDown = false
                }
            }
            if goesUp || goesDown, rest.count < edges.count { return rest }
        }
        return nil
    }

    /// Names a shortest circle from the first equation that lies on one; one of several equations where there is one.
    private mutating func reportCircle(_ all: [Read]) {
        let others = all.filter { $0.reader != $0.definer }
        let edges = others.isEmpty ? all : others
        guard let start = edges.map(\.reader).min() else { return }
        var targets: [Int: [Int]] = [:]
        for edge in edges { targets[edge.reader, default: []].append(edge.definer) }
        var previous: [Int: Int] = [:]
        var queue = [start]
        var next = 0
        search: while next < queue.count {
            let draft = queue[next]
            next += 1
            for target in targets[draft] ?? [] where previous[target] == nil {
                previous[target] = draft
                if target == start { break search }
                queue.append(target)
            }
        }
        var path: [Int] = []
        var draft = previous[start]
        while let current = draft, current != start {
            path.append(current)
            draft = previous[current]
        }
        path.append(start)
        path.reverse()
        var names: [String] = []
        for draft in path {
            let name = system[drafts[draft].quantity].name
            if names.last != name { names.append(name) }
        }
        if names.count > 1, names.first == names.last { names.removeLast() }
        let message: String
        if names.count == 1 {
            message = "'\(names[0])' depends on itself"
        } else {
            let links = names.indices.map { position in
                "'\(names[position])' \(position == 0 ? "depends " : "")on '\(names[(position + 1) % names.count])'"
            }
            message = "a circle: " + links.prefix(8).joined(separator: ", ") + (links.count > 8 ? ", …" : "")
        }
        var notes = path.dropFirst().prefix(8).map { draft in
            Diagnostic.Note("'\(system[drafts[draft].quantity].name)' is defined here", range: drafts[draft].target.range)
        }
        notes.append(.init("a recurrence runs over a layer or a step, in one direction"))
        report(message, drafts[start].target.range, notes: notes)
    }
}

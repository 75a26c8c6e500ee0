// Equations: the left side with the ranges that have to be written.

/// An equation's line, with axes whose range has to be written unless it follows from other equations.
struct PendingEquation {
    var equation: Int
    var line: SpecLine
    /// The axes in question.
    var openAxes: [OpenAxis]

    /// An axis's position, its place in the line, and its text with the range.
    typealias OpenAxis = (position: Int, place: Int, written: String)
}

extension SpecPrinter {
    /// Writes an equation in place of what the line held, and gives the axes whose range may have to be written.
    mutating func write(
        _ position: Int, to line: inout SpecLine, groundings: inout Groundings
    ) -> [PendingEquation.OpenAxis] {
        line.clear()
        let equation = system.equations[position]
        let quantity = system[equation.quantity]
        var openAxes: [PendingEquation.OpenAxis] = []
        var roots = [equation.body]
        if let derivative = quantity.derivative { roots.append(derivative.of) }
        var scope = makeScope(for: roots)
        var records = RangeRecords()
        if quantity.role == .derivative {
            line.write("derivative ")
        } else if system.costs.contains(equation.quantity) {
            line.write("cost ")
        }
        line.write(quantity.name)
        // Where each axis that may need a range stands in the line, and its text without one.
        var axes: [(position: Int, axis: Axis, place: Int, name: String)] = []
        for (axisPosition, axis) in equation.axes.enumerated() {
            let isStage = axisPosition < quantity.stageCount
            if axisPosition == 0 && isStage { line.write("(") }
            if axisPosition == quantity.stageCount { line.write(isStage || axisPosition == 0 ? "[" : ")[") }
            if axisPosition != 0 && axisPosition != quantity.stageCount { line.write(isStage ? ", " : ",") }
            if axis.isPoint {
                line.write(text(of: axis.lower, scope))
                continue
            }
            let (preferred, isGiven) = system.preferredName(of: axis.index, at: axisPosition, of: nil)
            let name = scope.enter(axis.index, preferring: preferred, isGiven: isGiven)
            records.enter(axis.index, axis.lower, axis.upper)
            axes.append((axisPosition, axis, line.reserve(), name))
        }
        if let last = equation.axes.indices.last { line.write(last < quantity.stageCount ? ")" : "]") }
        if let derivative = quantity.derivative {
            line.write(" of ")
            // The cost's own indices are those of the derivative's first box.
            if let first = quantity.domains.first {
                for (own, axis) in zip(first, equation.axes) where own.index != axis.index && !axis.isPoint {
                    if let name = scope.name(of: axis.index) { scope.alias(own.index, as: name) }
                }
            }
            var unused = RangeRecords()
            print(derivative.of, .atom, parameters: [], to: &line, scope: &scope, records: &unused)
            line.write(" wrt \(system[derivative.wrt].name)")
        }
        line.write(" = ")
        print(equation.body, .select, parameters: [], to: &line, scope: &scope, records: &records)
        for (axisPosition, axis, place, name) in axes {
            let written =
                "\(name) in \(rangeText(axis.lower, axis.upper, closed: axisPosition < quantity.stageCount, scope))"
            let needs = need(of: axis, name, records.places[axis.index].map { records.records[$0] })
            switch needs {
            case .none: line.fill(place, name)
            case .range: line.fill(place, written)
            case .followsFrom(var sources):
                if sources.isEmpty { sources = equationsWithSameRange(as: position, axisPosition) }
                if sources.isEmpty {
                    line.fill(place, written)
                } else {
                    line.fill(place, name)
                    openAxes.append((axisPosition, place, written))
                    groundings.wait(position, axisPosition, of: equation.quantity, for: sources)
                }
            }
        }
        return openAxes
    }

    private enum Need {
        /// The language infers the range.
        case none
        case range
        /// It does if the range of one of these is known; none where only other equations of the quantity can tell.
        case followsFrom([Groundings.Source])
    }

    /// Whether an axis on the left needs its range.
    private func need(of axis: Axis, _ name: String, _ record: RangeRecords.Record?) -> Need {
        if axis.isWritten { return .range }
        if let isDeclaredRange = isRangeOfStage(name, axis.lower, axis.upper) {
            return isDeclaredRange ? .none : .range
        }
        guard let record, !record.isContradicted else { return .range }
        if record.isGrounded { return .none }
        if record.isConfirmed {
            return .followsFrom(
                record.sources.map { Groundings.Source(quantity: $0.quantity, position: $0.position) })
        }
        return record.isMentioned ? .range : .followsFrom([])
    }

    /// Whether a declared stage index of this name has this range; nil where there is none of the name.
    func isRangeOfStage(_ name: String, _ lower: AffineID, _ upper: AffineID) -> Bool? {
        stagesByName[name].map { system.isEqual($0.lower, lower) && system.isEqual($0.upper, upper) }
    }
}

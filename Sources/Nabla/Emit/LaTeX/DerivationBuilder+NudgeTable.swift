// A nudge to one number, beside the derivative and a numeric check.

extension DerivationBuilder {
    /// Nudges the element that was asked for, or the first one of the last stage; nil where nothing can be nudged.
    func nudge(_ input: NumericInput) throws -> Nudge? {
        let bound = input.values.bound.system
        let arithmetic = SizeArithmetic(bound)
        for (wrt, _) in derived.gradient {
            switch system[wrt].role {
            case .parameter, .input, .target: break
            case .constant, .computed, .derivative: continue
            }
            var indices: [IndexID: Int] = [:]
            var element: [Int] = []
            for (position, axis) in (bound[wrt].domains.first ?? []).enumerated() {
                guard let lower = arithmetic.value(axis.lower, indices, in: bound.graph),
                    let upper = arithmetic.value(axis.upper, indices, in: bound.graph), lower < upper
                else { break }
                var value = position < bound[wrt].stageCount ? upper - 1 : lower
                if let asked = options.element, asked.quantity == wrt, asked.indices.indices.contains(position),
                    case .at(let given) = asked.indices[position]
                {
                    value = arithmetic.value(given, in: bound.graph) ?? value
                }
                element.append(value)
                indices[axis.index] = value
            }
            guard element.count == bound[wrt].axisCount else { continue }
            var system = input.system
            let places = system.affines(element)
            return try Nudge(
                system, of: input.cost, wrt: (wrt, places), at: input.values, example: input.example)
        }
        return nil
    }

    mutating func add(_ nudge: Nudge, to document: inout LaTeXDocument) {
        formulas.scope.clear()
        let name = text(of: nudge.nudged.element)
        let step = RoundedNumber(Nudge.step)
        document.blocks.append(
            .heading("A nudge of \(step.tokens) to \(name)"))
        document.blocks.append(
            .paragraph(
                "The network runs twice, before and after the nudge. The change of each quantity, divided by the nudge, is about "
                    + "its derivative:"))
        add(effects(of: nudge), to: &document)
        document.blocks.append(
            .paragraph(
                "A numeric check of the derivative of \(text(of: nudge.cost.element)): the cost with the nudge added, less the cost "
                    + "with it taken away, divided by twice the nudge. Its error shrinks with the nudge, until rounding takes over:"
            ))
        add(check(of: nudge), to: &document)
    }

    private mutating func text(of element: Nudge.Element) -> FormulaPrinter.Text {
        text(of: element.quantity, element.indices)
    }

    // MARK: Tables

    /// A table of numbers: a head, then rows, each with its name.
    private struct NumberGrid {
        var head: [MathLine]
        var rows: [[MathLine]] = []

        var widths: [Double] {
            head.indices.map { column in
                ([head] + rows).reduce(0) { max($0, $1.indices.contains(column) ? $1[column].width : 0) }
            }
        }

        var width: Double { widths.reduce(1) { $0 + $1 + 1 } }

        /// Without a column.
        func dropping(_ column: Int) -> NumberGrid {
            func without(_ cells: [MathLine]) -> [MathLine] {
                cells.enumerated().filter { $0.offset != column }.map(\.element)
            }
            return NumberGrid(head: without(head), rows: rows.map(without))
        }

        func text(of rows: some Sequence<[MathLine]>) -> FormulaPrinter.Text {
            var tokens: [MathToken] = [.begin(.grid(head.count))]
            for (number, row) in ([head] + Array(rows)).enumerated() {
                if number > 0 { tokens.append(.next) }
                if number == 1 { tokens.append(.rule) }
                for (column, cell) in row.enumerated() {
                    if column > 0 { tokens.append(.nextCell) }
                    tokens += cell.tokens
                }
            }
            return (tokens + [.end], width)
        }
    }

    /// More rows are set in parts, so that a slide has room for each.
    private static let tallestGrid = 8

    /// Of more rows the first and the last ones are shown.
    private static let mostRows = 14

    private func add(_ whole: NumberGrid, to document: inout LaTeXDocument) {
        var grid = whole
        // What is known from above goes first where there is no room.
        while grid.width > formulas.limit - 2, grid.head.count > 3 { grid = grid.dropping(1) }
        for start in stride(from: 0, to: grid.rows.count, by: Self.tallestGrid) {
            let rows = grid.rows[start..<min(start + Self.tallestGrid, grid.rows.count)]
            document.append(LaTeXDocument.Row(left: grid.text(of: rows), right: []))
        }
    }

    private static func number(_ value: Double, digits: Int = RoundedNumber.digits) -> MathLine {
        let number = RoundedNumber(value, digits: digits)
        return FormulaPrinter.line((number.tokens, number.width))
    }

    private mutating func effects(of nudge: Nudge) -> NumberGrid {
        var grid = NumberGrid(
            head: [MathLine()]
                + ["value", "change", "change / nudge", "derivative"].map { FormulaPrinter.words($0) })
        for line in [.row(nudge.nudged)] + nudge.lines {
            switch line {
            case .more: grid.rows.append([FormulaPrinter.line(([.verticalDots], 1.2))])
            case .row(let row):
                let derivative = row.derivative.map { Self.number($0) } ?? FormulaPrinter.words("none")
                grid.rows.append([
                    FormulaPrinter.line(text(of: row.element)), Self.number(row.value), Self.number(row.change),
                    Self.number(row.change / Nudge.step), derivative,
                ])
            }
        }
        if grid.rows.count > Self.mostRows {
            let dots = [FormulaPrinter.line(([.verticalDots], 1.2))]
            let (first, last) = (grid.rows.prefix(Self.mostRows / 2), grid.rows.suffix(Self.mostRows / 2))
            grid.rows = first.filter { $0.count > 1 } + [dots] + last.filter { $0.count > 1 }
        }
        return grid
    }

    private func check(of nudge: Nudge) -> NumberGrid {
        var grid = NumberGrid(
            head: ["nudge", "numeric", "derivative", "difference"].map { FormulaPrinter.words($0) })
        let derivative = nudge.cost.derivative ?? .nan
        for trial in nudge.trials {
            grid.rows.append([
                Self.number(trial.step), Self.number(trial.central, digits: 8), Self.number(derivative, digits: 8),
                Self.number(trial.central - derivative, digits: 2),
            ])
        }
        return grid
    }
}

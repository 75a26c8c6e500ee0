extension Nudge {
    /// The tables as plain text, for a terminal.
    public var text: String {
        let step = NumberText.json(Nudge.step)
        var output = "\(network): a nudge of \(step) to \(nudged.name) = \(NumberText.json(nudged.value))"
        if let example, example.count > 1 { output += "; example \(example.number) of 0 to \(example.count - 1)" }
        output += "\n\n" + effects.text
        if pathLength > 1 { output += "\nOne path, so the ratios multiply:\n\n" + chain.text }
        output +=
            "\nThe smaller the nudge ∂\(nudged.name), the closer the ratio is to the derivative:\n\n" + convergence.text
        return output
    }

    /// What the nudge does to each element on the way.
    private var effects: TextTable {
        var table = TextTable(head: ["", "value", "nudged by", "nudge ÷ ∂\(nudged.name)", "derivative"])
        for line in [.row(nudged)] + lines {
            switch line {
            case .row(let row):
                table.lines.append(
                    .cells([
                        row.name, TextTable.number(row.value), Nudge.number(row.change),
                        Nudge.number(row.change / Nudge.step), row.derivative.map { Nudge.number($0) } ?? "–",
                    ]))
            case .more(let count, let what): table.lines.append(.note("… and \(count) more \(what)"))
            }
        }
        return table
    }

    /// Ratio by ratio along the only path, as the chain rule multiplies them.
    private var chain: TextTable {
        var table = TextTable(head: ["", "of the nudges", "of the derivatives"])
        var before = nudged
        for case .row(let row) in lines.prefix(pathLength) {
            let derivative = row.derivative.flatMap { above in before.derivative.map { above / $0 } }
            table.lines.append(
                .cells([
                    "∂\(row.name) ÷ ∂\(before.name)", Nudge.number(row.change / before.change),
                    derivative.map { Nudge.number($0) } ?? "–",
                ]))
            before = row
        }
        table.lines.append(.rule)
        table.lines.append(
            .cells([
                "∂\(before.name) ÷ ∂\(nudged.name)", Nudge.number(before.change / Nudge.step),
                before.derivative.map { Nudge.number($0) } ?? "–",
            ]))
        return table
    }

    /// The error as the nudge shrinks.
    private var convergence: TextTable {
        var table = TextTable(
            head: ["∂\(nudged.name)", "∂\(cost.name) ÷ ∂\(nudged.name)", "derivative", "difference"])
        for trial in trials {
            let derivative = cost.derivative ?? .nan
            table.lines.append(
                .cells([
                    trial.step < 1e-4 ? "0.00001" : NumberText.json(trial.step),
                    TextTable.number(trial.ratio, digits: 8),
                    TextTable.number(derivative, digits: 8), TextTable.number(trial.ratio - derivative, digits: 2),
                ]))
        }
        return table
    }

    private static func number(_ value: Double) -> String { TextTable.number(value) }
}

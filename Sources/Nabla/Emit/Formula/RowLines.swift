extension LaTeXDocument.Row {
    /// A line of an equation in print.
    struct Line {
        /// What stands before the relation; empty on all lines but the first.
        var left: [MathToken] = []
        /// The relation and what follows it.
        var right: [MathToken] = []
        /// In em: 2 where the line goes on with the one before.
        var indent = 0
        var condition: [MathToken] = []
        /// The rule by which the line holds.
        var note: [MathToken] = []
    }

    /// The equation broken into lines: before each relation, and before terms and factors where it is wide.
    ///
    /// - Parameter leftWidth: of the widest left side that this one stands below or above.
    func lines(limit: Double, leftWidth: Double) -> [Line] {
        var lines: [Line] = []
        let isLong = leftWidth > limit * 0.4
        let available = limit - (isLong ? 2 : leftWidth) - 1.4
        var lastWidth = 0.0
        if right.isEmpty || isLong { lines.append(Line(right: left.tokens)) }
        for (position, formula) in right.enumerated() {
            let parts = formula.lines(first: available, rest: available - 2)
            lastWidth = parts.count == 1 ? formula.width : available
            let equals = MathToken.operation(isRounded(position) ? .approximatelyEqual : .equal, isTight: false)
            for (number, part) in parts.enumerated() {
                if number > 0 {
                    lines.append(Line(right: part, indent: 2))
                } else if position == 0, !isLong {
                    lines.append(Line(left: left.tokens, right: [equals] + part))
                } else {
                    lines.append(Line(right: [equals] + part, indent: isLong ? 1 : 0))
                }
            }
            if notes.indices.contains(position), let note = notes[position] {
                lines[lines.count - 1].note = note.tokens
            }
        }
        guard let condition, !condition.isEmpty else { return lines }
        if lastWidth + condition.width + 2.2 <= available, !lines.isEmpty {
            lines[lines.count - 1].condition = condition.tokens
        } else {
            for part in condition.lines(first: available - 2, rest: available - 2) {
                lines.append(Line(right: part, indent: 2))
            }
        }
        return lines
    }
}

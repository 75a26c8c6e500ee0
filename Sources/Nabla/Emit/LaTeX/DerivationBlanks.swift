/// A derivation as an exercise: the last factors and results of each chain are left blank, and kept for a key.
///
/// A chain's results are its lines after the first; its factors are what the braces under its ratios say. A chain of one line is a result.
struct DerivationBlanks {
    /// How many of each chain are left blank.
    let count: Int
    /// What belongs into each blank, line by line.
    private(set) var answers: [[String]] = []

    init(count: Int) { self.count = count }

    private enum Unit {
        /// A label under a brace, by its position in the line.
        case factor(line: Int, label: Int)
        case result(line: Int)
    }

    /// The displays of one block, with blanks.
    mutating func fading(_ displays: [[String]]) -> [[String]] {
        if count < 1 { return displays }
        var result: [[String]] = []
        var lines: [(display: Int, line: DisplayLine)] = []
        for (display, texts) in displays.enumerated() {
            for text in texts { lines.append((display, DisplayLine(text))) }
        }
        var start = 0
        var faded: [(display: Int, line: DisplayLine)] = []
        while start < lines.count {
            var end = start + 1
            while end < lines.count, !lines[end].line.begins { end += 1 }
            faded += fade(Array(lines[start..<end]))
            start = end
        }
        for display in displays.indices {
            let texts = faded.filter { $0.display == display }.map(\.line.text)
            if !texts.isEmpty { result.append(texts) }
        }
        return result
    }

    private mutating func fade(_ chain: [(display: Int, line: DisplayLine)]) -> [(display: Int, line: DisplayLine)] {
        guard let first = chain.first?.line, first.beginsDerivative else { return chain }
        var lines = chain
        // The lines that have a relation: each begins what the chain is equal to.
        let sides = lines.indices.filter { [.chain, .relation].contains(lines[$0].line.kind) }
        var units: [Unit] = []
        for (number, position) in sides.enumerated() {
            if number > 0 || sides.count == 1 {
                units.append(.result(line: position))
            } else {
                let end = sides.dropFirst().first ?? lines.count
                for line in position..<end {
                    let labels = LaTeXScanner(lines[line].line.formula).labels
                    units += labels.indices.map { .factor(line: line, label: $0) }
                }
            }
        }
        var dropped: Set<Int> = []
        for unit in units.suffix(count) {
            switch unit {
            case .factor(let position, let label):
                let scanner = LaTeXScanner(lines[position].line.formula)
                guard scanner.labels.indices.contains(label) else { continue }
                let range = scanner.labels[label]
                answers.append([scanner.text(range)])
                lines[position].line.formula =
                    scanner.text(0..<range.lowerBound) + blank(#"\quad"#)
                    + scanner.text(range.upperBound..<scanner.count)
            case .result(let position):
                var answer = [lines[position].line.formula]
                var next = position + 1
                while next < lines.count, lines[next].line.kind == .continuation {
                    answer.append(lines[next].line.formula)
                    lines[position].line.aside += lines[next].line.aside
                    dropped.insert(next)
                    next += 1
                }
                answers.append(answer)
                lines[position].line.formula = blank(#"\qquad\qquad"#)
            }
        }
        return lines.indices.filter { !dropped.contains($0) }.map { lines[$0] }
    }

    private func blank(_ room: String) -> String { #"\boxed{\text{(\#(answers.count))}\#(room)}"# }

    /// The key: displays with all answers.
    func key(tallest: Double) -> [[String]] {
        var displays: [[String]] = [[]]
        var used = 0.0
        for (number, lines) in answers.enumerated() {
            let heights = lines.map { DisplayHeight.of($0) }
            if used + heights.reduce(0, +) > tallest, displays.last?.isEmpty == false {
                displays.append([])
                used = 0
            }
            for (position, line) in lines.enumerated() {
                // An answer that is too tall by itself goes on in the next display.
                let goesOn = used + heights[position] > tallest && displays.last?.isEmpty == false
                if goesOn {
                    displays.append([])
                    used = 0
                }
                used += heights[position]
                let head = position == 0 ? #"\text{(\#(number + 1))} "# : goesOn ? "{}" : ""
                displays[displays.count - 1].append(#"\#(head)&\quad \#(line)"#)
            }
        }
        return displays.filter { !$0.isEmpty }
    }
}

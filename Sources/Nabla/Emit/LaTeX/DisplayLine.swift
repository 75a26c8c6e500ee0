/// A line of a display as the renderer wrote it, in its parts.
struct DisplayLine {
    enum Kind {
        /// Begins a chain: `left &= `.
        case chain
        /// A left side that has a line of its own.
        case left
        /// Goes on with a chain: `&= `.
        case relation
        /// Goes on with the formula of the line before.
        case continuation
        /// Says for which indices the chain holds, or by which rule.
        case condition
    }

    var kind: Kind
    /// The left side and the relation.
    var head: String
    /// The formula.
    var formula: String
    /// What stands beside the formula.
    var aside: String

    init(_ line: String) {
        let starts: [(String, Kind)] = [
            ("&= ", .relation), (#"&\approx "#, .relation), (#"&\quad = "#, .relation),
            (#"&\quad \approx "#, .relation), (#"&\qquad {}"#, .continuation), (#"&\qquad "#, .condition),
            ("& ", .left),
        ]
        var rest: String
        if let (start, kind) = starts.first(where: { line.hasPrefix($0.0) }) {
            self.kind = kind
            head = kind == .continuation ? #"&\qquad "# : start
            rest = String(line.dropFirst(head.count))
        } else {
            kind = .chain
            let scanner = LaTeXScanner(line)
            let relation = scanner.places(of: " &= ").isEmpty ? #" &\approx "# : " &= "
            if let place = scanner.places(of: relation).first {
                head = scanner.text(0..<place + relation.utf8.count)
                rest = scanner.text(place + relation.utf8.count..<scanner.count)
            } else {
                head = ""
                rest = line
            }
        }
        let scanner = LaTeXScanner(rest)
        let asides = scanner.places(of: #" \qquad "#) + scanner.places(of: " && ")
        if kind != .condition, let place = asides.min() {
            formula = scanner.text(0..<place)
            aside = scanner.text(place..<scanner.count)
        } else {
            formula = rest
            aside = ""
        }
    }

    var text: String { head + formula + aside }

    /// Whether the line begins a chain.
    var begins: Bool { kind == .chain || kind == .left }

    /// Whether the line begins a chain of equalities for a derivative.
    var beginsDerivative: Bool {
        begins && (head + formula).drop { $0 == "&" || $0 == " " }.hasPrefix(#"\frac{\partial"#)
    }
}

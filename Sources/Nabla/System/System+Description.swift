extension System {
    /// An affine index expression in the language: `2*i + p - 1`, `n(l-1)`.
    public func description(of id: AffineID) -> String { description(of: graph[id]) }

    /// An affine index expression in the language, without spaces.
    public func description(of affine: Affine) -> String {
        var text = ""
        for term in affine.terms {
            let atom: String
            switch term.atom {
            case .index(let index): atom = graph.name(of: index)
            case .size(let size): atom = self[size].name
            case .stagedSize(let size, let stage): atom = "\(self[size].name)(\(description(of: stage)))"
            }
            let magnitude = term.coefficient.magnitude
            let sign = term.coefficient < 0 ? "-" : text.isEmpty ? "" : "+"
            text += sign + (magnitude == 1 ? "" : "\(magnitude)*") + atom
        }
        if affine.constant != 0 || text.isEmpty {
            text += (affine.constant >= 0 && !text.isEmpty ? "+" : "") + "\(affine.constant)"
        }
        return text
    }

    /// A range in the language.
    public func description(from lower: AffineID, to upper: AffineID) -> String {
        "\(description(of: lower))..<\(description(of: upper))"
    }
}

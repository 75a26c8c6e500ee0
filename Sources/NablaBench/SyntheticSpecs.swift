/// Specs of any length for the benchmark of sizes, each a well-formed network that nothing in the library knows of.
enum SyntheticSpec: String, CaseIterable {
    /// n explicit scalar equations, each in terms of the one before.
    case chain
    /// One expression: n function calls, each inside the next.
    case deep
    /// One expression: a sum of n terms.
    case wide
    /// n layers, written as one family: the text is the same for every n.
    case family

    /// What the shape is, in a line.
    var title: String {
        switch self {
        case .chain: "n scalar equations, each of the one before"
        case .deep: "one expression, n calls deep"
        case .wide: "one expression, a sum of n terms"
        case .family: "one family of equations over n layers"
        }
    }

    /// The spec's text for one n.
    func text(_ count: Int) -> String {
        var text = ""
        switch self {
        case .chain:
            text += "param w, v\nx0 = w\n"
            for position in 1...max(count, 1) {
                text += "x\(position) = v*sin(x\(position - 1))\n"
            }
            text += "cost C = x\(max(count, 1))^2\n"
        case .deep:
            text += "param w\ncost C = "
            for position in 0..<count { text += position % 2 == 0 ? "sin(" : "exp(" }
            text += "w"
            text += String(repeating: ")", count: count) + "\n"
        case .wide:
            text += "param w, v\ncost C = w"
            for position in 1...max(count, 1) {
                text += position % 2 == 0 ? " + sin(w*\(position))" : " + v^\(position % 7 + 2)*\(position)"
            }
            text += "\n"
        case .family:
            text += "size L = \(max(count, 1))\nlayer l in 1...L\nparam w(l), b(l)\na(0) = 1\n"
            text += "a(l) = tanh(w(l)*a(l-1) + b(l))\ncost C = a(L)^2\n"
        }
        return text
    }
}

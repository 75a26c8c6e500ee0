import Nabla

/// Random specs of many scalar equations that have only a few forms, some of which are what others' derivatives contain.
enum ScalarSpecs {
    static func text(seed: UInt64) -> String {
        var random = SeededGenerator(state: seed)
        func pick<Element>(_ all: [Element]) -> Element { all[Int.random(in: 0..<all.count, using: &random)] }
        var names = ["w", "v", "x", "k"]
        let isChain = Bool.random(using: &random)
        // Of what was computed last and of parameters, so that paths are long and many equations are alike; or of all names.
        func operand() -> String {
            if isChain { return Int.random(in: 0..<3, using: &random) == 0 ? pick(["w", "v"]) : pick(names.suffix(1)) }
            return names.count > 12 && Bool.random(using: &random) ? pick(names.suffix(4)) : pick(names)
        }
        func expression(_ depth: Int) -> String {
            if depth == 0 { return Int.random(in: 0..<5, using: &random) == 0 ? pick(["2", "0.5", "3", "pi"]) : "_" }
            func inner() -> String { expression(depth - 1) }
            switch Int.random(in: 0..<13, using: &random) {
            case 0, 1: return "(\(inner()) + \(inner()))"
            case 2, 3: return "\(inner())*\(inner())"
            case 4: return "(\(inner()) - \(inner()))"
            case 5: return "\(inner())/(1 + (\(inner()))^2)"
            case 6: return "(-(\(inner())))"
            case 7: return "(\(inner()))^\(pick(["2", "3", "(-1)", "0.5"]))"
            case 8: return "\(pick(["min", "max"]))(\(inner()), \(inner()))"
            case 9: return "(\(inner()) > 0 ? \(inner()) : \(inner()))"
            case 10: return "\(pick(["exp", "sigmoid", "log", "softplus"]))(\(inner()))"
            default: return "\(pick(["sin", "cos", "tanh", "sqrt", "relu", "abs"]))(\(inner()))"
            }
        }
        var shapes = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            expression(Int.random(in: 1...3, using: &random))
        }
        if Bool.random(using: &random) {
            let others = ["sin(_)", "cos(_)", "_*cos(_)", "_*_", "_", "tanh(_)", "-_"]
            shapes += Array(others.shuffled(using: &random).prefix(3))
        }
        var text = "param w, v\ninput x\nconst k\n"
        for number in 0..<Int.random(in: 4...40, using: &random) {
            let right = pick(shapes).map { $0 == "_" ? operand() : String($0) }.joined()
            text += "q\(number) = \(right)\n"
            names.append("q\(number)")
        }
        let last = names.suffix(3).joined(separator: " + ")
        return text + (Bool.random(using: &random) ? "cost C = mean(examples: \(last))\n" : "cost C = \(last)\n")
    }
}

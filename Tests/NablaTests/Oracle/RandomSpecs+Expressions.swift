// Expressions: leaves, functions with arguments kept in their domain, reductions, conditions.
extension RandomSpecs {
    /// A number in terms of these indices, at most `depth` forms deep.
    mutating func expression(_ depth: Int, _ indices: [Index]) -> SpecExpression {
        if depth <= 0 { return leaf(indices) }
        switch draw(0...19) {
        case 0...4: return unaryCall(expression(depth - 1, indices))
        case 5, 6: return binaryCall(depth, indices)
        case 7, 8:
            return .infix(.sum, "+", (0..<draw(2...3)).map { _ in expression(depth - 1, indices) })
        case 9:
            return .infix(.sum, "-", [expression(depth - 1, indices), expression(depth - 1, indices)], last: .product)
        case 10, 11: return product(of: expression(depth - 1, indices), expression(depth - 1, indices))
        case 12:
            constructs.insert(.quotient)
            let under = safeDivisor(expression(depth - 1, indices))
            return .infix(.product, "/", [expression(depth - 1, indices), under], last: .negation)
        case 13:
            constructs.insert(.negation)
            return SpecExpression(.negation, ["-", ""], [(expression(depth - 1, indices), .negation)])
        case 14: return power(expression(depth - 1, indices), indices)
        case 15, 16: return reductionDepth < 2 ? reduction(depth, indices) : leaf(indices)
        case 17, 18: return condition(depth, indices)
        default: return userCall(depth, indices)
        }
    }

    // MARK: Leaves

    private mutating func leaf(_ indices: [Index]) -> SpecExpression {
        switch draw(0...19) {
        case 0:
            constructs.insert(.fraction)
            return SpecExpression("\(draw(1...5))/\(draw(2...7))", level: .product)
        case 1: return SpecExpression(positive())
        case 2:
            constructs.insert(.exponentLiteral)
            return SpecExpression(pick(["5e-1", "1.5E0", "2e-1"]))
        case 3:
            constructs.insert(.piConstant)
            return SpecExpression("pi")
        case 4:
            guard let index = indices.randomElement(using: &generator) else { return SpecExpression("2") }
            constructs.insert(.indexAsNumber)
            return .infix(.product, "/", [SpecExpression(index.name), SpecExpression("4")])
        case 5:
            constructs.insert(.sizeAsNumber)
            return .infix(.product, "/", [SpecExpression(pick(dimensions).text), SpecExpression("3")])
        default: return accessLeaf(indices)
        }
    }

    /// An element of a known quantity, indexed by what is in scope.
    mutating func accessLeaf(_ indices: [Index]) -> SpecExpression {
        for _ in 0..<8 {
            let one = pick(known)
            var texts: [String] = []
            for dimension in one.dimensions {
                let fitting = indices.filter { $0.dimension == dimension }
                if let index = fitting.randomElement(using: &generator), !chance(8) {
                    texts.append(index.name)
                } else if chance(35) {
                    constructs.insert(.constantIndex)
                    // A symbolic size may be any, so that only the first element is certainly there.
                    texts.append("0")
                }
            }
            if texts.count == one.dimensions.count { return access(one, texts) }
        }
        return SpecExpression("g")
    }

    // MARK: Functions

    private func isAlwaysAtom(_ text: String) -> Bool { text.allSatisfy { $0.isLetter || $0.isNumber } }

    private func squarePlusOne(_ u: SpecExpression) -> SpecExpression {
        SpecExpression(.sum, ["1 + ", "^2"], [(u, .atom)])
    }

    /// Between 1.1 and 2.9, or 1 + u².
    mutating func safeDivisor(_ u: SpecExpression) -> SpecExpression {
        if chance(50) { return squarePlusOne(u) }
        functions.insert("sin")
        return SpecExpression(.sum, ["2 + 0.9*", ""], [(.call("sin", [u]), .negation)])
    }

    mutating func named(_ name: String, _ arguments: SpecExpression...) -> SpecExpression {
        functions.insert(name)
        return .call(shadowed.contains(name) ? "\\" + name : name, arguments)
    }

    /// A function of one argument, of an argument in its domain.
    mutating func unaryCall(_ u: SpecExpression) -> SpecExpression {
        let name = pick([
            "exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "abs", "sign",
            "erf", "erfc", "log1p", "expm1", "sigmoid", "relu", "softplus", "silu", "gelu", "heaviside",
        ])
        let bounded = named("tanh", u)
        let half = SpecExpression.infix(.product, "/", [bounded, SpecExpression("2")])
        switch name {
        case "log", "sqrt": return named(name, squarePlusOne(u))
        case "log1p": return named(name, SpecExpression(.power, ["", "^2"], [(u, .atom)]))
        case "asin", "acos", "tan": return named(name, half)
        case "exp", "sinh", "cosh", "expm1": return named(name, bounded)
        default: return named(name, u)
        }
    }

    private mutating func binaryCall(_ depth: Int, _ indices: [Index]) -> SpecExpression {
        let u = expression(depth - 1, indices)
        let v = expression(depth - 1, indices)
        switch draw(0...6) {
        case 0: return named("atan2", u, v)
        case 1: return named("pow", squarePlusOne(u), named("tanh", v))
        case 2: return named("hypot", u, v)
        case 3: return named("min", u, v)
        case 4: return chance(50) ? named("max", u, v) : named("max", u, v, expression(0, indices))
        case 5: return named("leakyrelu", u, chance(50) ? SpecExpression("0.1") : named("sigmoid", v))
        default: return named("elu", u, chance(50) ? SpecExpression("1.5") : named("sigmoid", v))
        }
    }

    private mutating func power(_ base: SpecExpression, _ indices: [Index]) -> SpecExpression {
        switch draw(0...5) {
        case 0:
            constructs.insert(.negativeExponent)
            return SpecExpression(.power, ["", "^-\(draw(1...2))"], [(safeDivisor(base), .atom)])
        case 1:
            constructs.insert(.variableExponent)
            return SpecExpression(.power, ["", "^", ""], [(safeDivisor(base), .atom), (leaf(indices), .atom)])
        case 2: return SpecExpression(.power, ["", "^0.5"], [(safeDivisor(base), .atom)])
        case 3: return SpecExpression(.power, ["", "^(3/2)"], [(safeDivisor(base), .atom)])
        default:
            constructs.insert(.power)
            return SpecExpression(.power, ["", "^\(draw(2...3))"], [(base, .atom)])
        }
    }

    mutating func declareFunctions() {
        let u = SpecExpression("u")
        let v = SpecExpression("v")
        let first = freshName("phi")
        add("func \(first)(u) = ", product(of: SpecExpression("u"), unaryCall(u)))
        scalarFunctions.append((first, 1))
        if chance(60) {
            let second = freshName("phi")
            constructs.insert(.nestedUserFunctions)
            let inner = SpecExpression.call(first, [product(of: u, v)])
            let body = SpecExpression.infix(
                .sum, "+",
                [inner, chance(50) ? unaryCall(v) : named("atan2", u, squarePlusOne(v)), SpecExpression("u^2")])
            add("func \(second)(u, v) = ", body)
            scalarFunctions.append((second, 2))
        }
        if chance(30) {
            let third = freshName("phi")
            let condition = SpecExpression("u > 0.1", level: .comparison)
            add("func \(third)(u, v) = ", .select(condition, product(of: u, unaryCall(v)), named("sin", v)))
            scalarFunctions.append((third, 2))
        }
    }

    private mutating func userCall(_ depth: Int, _ indices: [Index]) -> SpecExpression {
        guard let function = scalarFunctions.randomElement(using: &generator) else {
            return unaryCall(expression(depth - 1, indices))
        }
        constructs.insert(.userFunction)
        if function.arity > 1 { constructs.insert(.userFunctionOfSeveralArguments) }
        return .call(function.name, (0..<function.arity).map { _ in expression(depth - 1, indices) })
    }

    // MARK: Reductions

    /// `kind(j, k: body)` over one or two new indices.
    mutating func reduction(_ depth: Int, _ indices: [Index]) -> SpecExpression {
        let kind = pick(["sum", "sum", "prod", "mean", "max", "min", "logsumexp"])
        let bound = (0..<(chance(25) ? 2 : 1)).map { _ in freshIndex(pick(dimensions)) }
        reductionDepth += 1
        var body = expression(depth - 1, indices + bound)
        // The body depends on what it reduces, mostly.
        if chance(80) { body = product(of: body, accessLeaf(bound + indices)) }
        reductionDepth -= 1
        if kind == "prod" {
            functions.insert("sin")
            body = SpecExpression(.sum, ["1 + 0.4*", ""], [(.call("sin", [body]), .negation)])
        }
        constructs.insert(Construct(rawValue: kind) ?? .sum)
        if bound.count > 1 { constructs.insert(.severalIndices) }
        if reductionDepth > 0 { constructs.insert(.nestedReduction) }
        return reduction(kind, bound, body)
    }

    /// A reduction with ranges written where the body does not fix them.
    mutating func reduction(_ kind: String, _ bound: [Index], _ body: SpecExpression) -> SpecExpression {
        let texts = bound.map { index -> String in
            if body.direct.contains(index.name) && !chance(15) { return index.name }
            constructs.insert(.writtenRange)
            return chance(50)
                ? "\(index.name) in 0..<\(index.dimension.text)" : "\(index.name) in 0...\(index.dimension.text)-1"
        }
        var result = SpecExpression(.atom, ["\(kind)(\(texts.joined(separator: ", ")): ", ")"], [(body, .select)])
        result.direct.subtract(bound.map(\.name))
        return result
    }

    // MARK: Conditions

    mutating func condition(_ depth: Int, _ indices: [Index]) -> SpecExpression {
        let then = expression(depth - 1, indices)
        let otherwise = expression(depth - 1, indices)
        if chance(12) {
            constructs.insert(.untakenBranch)
            let u = accessLeaf(indices)
            let positive = SpecExpression(.comparison, ["", " > 0.01"], [(u, .sum)], isCondition: true)
            return .select(positive, named(pick(["log", "sqrt"]), u), otherwise)
        }
        return .select(test(depth, indices), then, otherwise)
    }

    private mutating func test(_ depth: Int, _ indices: [Index]) -> SpecExpression {
        if depth > 0 && chance(12) {
            constructs.insert(.negatedCondition)
            return SpecExpression(
                .negation, ["!", ""], [(test(depth - 1, indices), .atom)], isCondition: true)
        }
        if depth > 0 && chance(25) {
            constructs.insert(.logicalOperators)
            let isOr = chance(50)
            let level: SpecExpression.Level = isOr ? .or : .and
            var both = SpecExpression.infix(
                level, isOr ? "||" : "&&", [test(depth - 1, indices), test(depth - 1, indices)])
            both.isCondition = true
            return both
        }
        if let one = indices.randomElement(using: &generator), chance(55) {
            constructs.insert(.indexCondition)
            let others = indices.filter { $0.name != one.name }
            if let other = others.randomElement(using: &generator), chance(80) {
                constructs.insert(.kronecker)
                return comparison(one.name, pick(["==", "!=", "<", ">="]), other.name)
            }
            return comparison(one.name, pick(["==", "<", ">", "<=", "!="]), chance(50) ? "0" : "1")
        }
        constructs.insert(.numericCondition)
        let left = expression(depth - 1, indices)
        let right = chance(50) ? SpecExpression("0.1") : leaf(indices)
        var result = SpecExpression.infix(.comparison, pick(["<", "<=", ">", ">="]), [left, right], last: .sum)
        result.holes[0].level = .sum
        result.isCondition = true
        return result
    }

    func comparison(_ left: String, _ symbol: String, _ right: String) -> SpecExpression {
        var result = SpecExpression("\(left) \(symbol) \(right)", level: .comparison)
        result.isCondition = true
        return result
    }
}

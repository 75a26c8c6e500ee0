// Blocks of several equations that depend on each other over stages, and reductions with bounds of outer indices.
extension RandomSpecs {
    /// Two recurrences, one from each end, that read the input of the next step, and are read together.
    mutating func bidirectional() {
        constructs.formUnion([.bidirectional, .stepsForward, .stepsBackward, .inputAtNextStep, .sharedParameters])
        let length = draw(2...3)
        stage("step", "τ", "Θ", length)
        let width = pick(dimensions)
        declareStaged("input", "xb", "1...Θ+1", 1...length + 1, [width])
        declare("param", "ub", [width])
        declare("param", "vb2", [width])
        let i = freshIndex(width)
        define("fb(0)", [i], SpecExpression("0"))
        let forward = SpecExpression(
            "ub[\(i.name)] * fb(τ-1)[\(i.name)] + xb(τ+1)[\(i.name)]", level: .sum, direct: [i.name])
        define("fb(τ)", [i], named(pick(["tanh", "sin", "sigmoid"]), forward))
        define("gb(Θ+1)", [i], chance(50) ? SpecExpression("0") : expression(1, [i]))
        var backward = SpecExpression(
            "vb2[\(i.name)] * gb(τ+1)[\(i.name)] + xb(τ)[\(i.name)]", level: .sum, direct: [i.name])
        if chance(50) {
            backward = .infix(.sum, "+", [backward, SpecExpression("fb(τ)[\(i.name)]", direct: [i.name])])
        }
        define("gb(τ)", [i], named(pick(["tanh", "gelu", "atan"]), backward))
        define(
            "jb(τ)", [i],
            unaryCall(SpecExpression("fb(τ)[\(i.name)] - 2*gb(τ)[\(i.name)]", level: .sum, direct: [i.name])))
        remember("jb(1)", [i])
        remember("gb(1)", [i])
        constructs.formUnion([.stageReduction, .severalIndices])
        let s = freshName("s")
        let j = freshIndex(width)
        let kind = pick(["sum", "mean", "prod", "max", "min", "logsumexp"])
        constructs.insert(Construct(rawValue: kind) ?? .sum)
        define(s, [], SpecExpression("\(kind)(τ, \(j.name): jb(τ)[\(j.name)] + 0.1*xb(τ)[\(j.name)])"))
        remember(s, [])
    }

    /// Cells over time and layers; base cases at both edges.
    mutating func longShortTermMemory() {
        constructs.formUnion([.longShortTermMemory, .twoStages, .stepsForward, .layers, .sum])
        functions.formUnion(["sigmoid", "tanh"])
        let length = draw(1...3)
        let depth = draw(1...2)
        stage("step", "y1", "Y1", length)
        stage("layer", "y2", "Y2", depth)
        let width = dimensions[1]
        declareStaged("input", "xs", "y1", 1...length, [width])
        declareStaged("param", "ws", "y2", 1...depth, [width, width])
        declareStaged("param", "us", "y2", 1...depth, [width, width])
        declareStaged("param", "bs", "y2", 1...depth, [width])
        let i = freshIndex(width)
        let k = freshIndex(width)
        let (a, b) = (i.name, k.name)
        define("hs(y1,0)", [i], SpecExpression("xs(y1)[\(a)]", direct: [a]))
        define("hs(0,y2)", [i], chance(50) ? SpecExpression("0") : accessLeaf([i]))
        define("cs(0,y2)", [i], SpecExpression("0"))
        let sums = SpecExpression(
            "sum(\(b): ws(y2)[\(a),\(b)] * hs(y1,y2-1)[\(b)]) + sum(\(b): us(y2)[\(a),\(b)] * hs(y1-1,y2)[\(b)])",
            level: .sum, direct: [a])
        define(
            "fs(y1,y2)", [i],
            .call("sigmoid", [.infix(.sum, "+", [sums, SpecExpression("bs(y2)[\(a)]", direct: [a])])]))
        define(
            "gs(y1,y2)", [i],
            .call("tanh", [SpecExpression("sum(\(b): us(y2)[\(b),\(a)] * hs(y1,y2-1)[\(b)])", direct: [a])]))
        let gate = SpecExpression("fs(y1,y2)[\(a)]", direct: [a])
        let kept = SpecExpression("cs(y1-1,y2)[\(a)]", direct: [a])
        let fresh = SpecExpression("(1 - fs(y1,y2)[\(a)]) * gs(y1,y2)[\(a)]", level: .product, direct: [a])
        define("cs(y1,y2)", [i], .infix(.sum, "+", [product(of: gate, kept), fresh]))
        let cell = SpecExpression("cs(y1,y2)[\(a)]", direct: [a])
        define("hs(y1,y2)", [i], product(of: gate, .call("tanh", [cell])))
        remember("hs(Y1,Y2)", [i])
        remember("cs(Y1,1)", [i])
    }

    /// `f(0)`, `f(1)`, and from 2 on what reads both stages before.
    mutating func skippedPieces() {
        constructs.formUnion([.skippedPieces, .skippingStages, .piecesOverStages, .layers])
        let depth = draw(2...5)
        stage("layer", "z1", "Z1", depth)
        let width = pick(dimensions)
        declareStaged("param", "vz", "z1", 1...depth, [width])
        let i = freshIndex(width)
        let a = i.name
        define("fz(0)", [i], expression(1, [i]))
        define("fz(1)", [i], SpecExpression("vz(1)[\(a)]", direct: [a]))
        let body = SpecExpression("vz(z1)[\(a)] * fz(z1-2)[\(a)] + fz(z1-1)[\(a)]", level: .sum, direct: [a])
        let isShifted = chance(40)
        if isShifted { constructs.insert(.parameterAtStageShift) }
        let shifted = SpecExpression("vz(z1-1)[\(a)]", direct: [a])
        define("fz(z1 in 2...Z1)", [i], named("sin", isShifted ? .infix(.sum, "+", [body, shifted]) : body))
        remember("fz(Z1)", [i])
        remember("fz(Z1-1)", [i])
    }

    /// Bounds in terms of outer indices, three deep, and reductions in reductions with such bounds.
    mutating func dependentRanges() {
        constructs.formUnion([.dependentRange, .triangular, .severalIndices, .nestedReduction, .nestedBounds])
        let dimension = dimensions[0]
        let i = freshIndex(dimension)
        let j = freshIndex(dimension)
        let k = freshIndex(dimension)
        let (a, b, c) = (i.name, j.name, k.name)
        let size = dimension.text
        let s = freshName("s")
        let leaf = product(of: accessLeaf([i]), accessLeaf([j]), accessLeaf([k]))
        let ranges = pick([
            "\(a) in 0..<\(size), \(b) in 0..<\(a), \(c) in \(b)...\(a)",
            "\(a) in 0..<\(size), \(b) in \(a)..<\(size), \(c) in \(a)...\(b)",
            "\(a) in 0..<\(size), \(b) in 0...\(a), \(c) in 0...\(a)-\(b)",
        ])
        define(s, [], SpecExpression(.atom, ["sum(\(ranges): ", ")"], [(leaf, .select)]))
        remember(s, [])
        let name = freshName("n")
        let kind = pick(["prod", "max", "min", "mean", "logsumexp", "sum"])
        constructs.insert(Construct(rawValue: kind) ?? .sum)
        let inner = SpecExpression(
            .atom, ["sum(\(c) in \(b)..<\(size): ", ")"], [(product(of: accessLeaf([k]), accessLeaf([i])), .select)])
        let body = product(of: SpecExpression("0.5"), .infix(.sum, "+", [accessLeaf([j]), inner]))
        define(
            name, [i],
            SpecExpression(
                .atom, ["\(kind)(\(b) in \(pick(["0...\(a)", "\(a)..<\(size)"])): ", ")"], [(body, .select)]))
        remember(name, [i])
    }

    /// `argmax(p, q: A[p,q]) == (i, j)`.
    mutating func extremumOfSeveral() {
        let (first, second) = (dimensions[0], dimensions[1])
        let i = freshIndex(first)
        let j = freshIndex(second)
        let p = freshIndex(first)
        let q = freshIndex(second)
        let kind = pick(["argmax", "argmin"])
        constructs.insert(kind == "argmax" ? .argmax : .argmin)
        constructs.insert(.extremumOfSeveral)
        let score = SpecExpression("A[\(p.name),\(q.name)]", direct: [p.name, q.name])
        let other = chance(50) ? score : product(of: score, accessLeaf([p]))
        var test = reduction(kind, [p, q], other)
        test.pieces[test.pieces.count - 1] += " == (\(i.name), \(j.name))"
        test.level = .comparison
        test.isCondition = true
        let name = freshName("m")
        define(name, [i, j], .select(test, expression(2, [i, j]), accessLeaf([i, j])))
        remember(name, [i, j])
    }

    /// `sum(i: (argmax(k: e[k]) == i ? g[i] : 0))`: one element is picked.
    mutating func scatter() {
        let dimension = pick(dimensions)
        constructs.formUnion([.scatter, .argmax, .sum])
        let i = freshIndex(dimension)
        let k = freshIndex(dimension)
        let score = declare("param", freshName("e"), [dimension])
        var test = reduction("argmax", [k], SpecExpression("\(score)[\(k.name)]", direct: [k.name]))
        test.pieces[test.pieces.count - 1] += " == \(i.name)"
        test.level = .comparison
        test.isCondition = true
        let picked = product(of: SpecExpression("\(score)[\(i.name)]", direct: [i.name]), expression(1, [i]))
        let name = freshName("s")
        define(name, [], reduction("sum", [i], .select(test, picked, SpecExpression("0"))))
        remember(name, [])
    }
}

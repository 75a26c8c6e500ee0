// Blocks: one or a few equations that make use of one part of the language, with random expressions inside.
extension RandomSpecs {
    mutating func remember(_ prefix: String, _ indices: [Index]) {
        known.append(Known(prefix: prefix, dimensions: indices.map(\.dimension)))
    }

    /// A vector or a matrix, element by element.
    mutating func elementwise() {
        let indices = (0..<draw(1...2)).map { _ in freshIndex(pick(dimensions)) }
        let name = freshName("z")
        define(name, indices, expression(3, indices))
        remember(name, indices)
    }

    /// A number.
    mutating func scalar() {
        let name = freshName("s")
        define(name, [], reduction(3, []))
        remember(name, [])
    }

    /// `x[2*i+p]` over a window.
    mutating func convolution() {
        let (outputs, window) = (dimensions[0], dimensions[1])
        let stride = draw(1...2)
        let size = freshName("W")
        add("size \(size) = \(stride)*\(outputs.text) + \(window.text)")
        let long = Dimension(text: size, value: stride * outputs.value + window.value)
        constructs.insert(.formulaSize)
        let signal = declare(chance(50) ? "param" : "input", freshName("f"), [long])
        let kernel = declare("param", freshName("w"), [window])
        known.removeAll { $0.prefix == signal }
        let i = freshIndex(outputs)
        let p = freshIndex(window)
        constructs.insert(stride == 1 ? .shift : .stride)
        constructs.insert(.severalIndicesInComponent)
        let place = stride == 1 ? "\(i.name)+\(p.name)" : "2*\(i.name)+\(p.name)"
        let term = product(
            of: SpecExpression("\(kernel)[\(p.name)]", direct: [p.name]), SpecExpression("\(signal)[\(place)]"))
        let kind = pick(["sum", "sum", "max", "mean"])
        constructs.insert(Construct(rawValue: kind) ?? .sum)
        let name = freshName("o")
        define(name, [i], unaryCall(reduction(kind, [p], term)))
        remember(name, [i])
    }

    /// `(i > 0 ? z[i-1] : 0)` and, from the other end, `(i < N-1 ? z[i+1] : z[i])`.
    mutating func padding() {
        guard let one = known.filter({ $0.dimensions.count == 1 }).randomElement(using: &generator) else { return }
        constructs.formUnion([.padding, .shift, .indexCondition])
        let dimension = one.dimensions[0]
        let i = freshIndex(dimension)
        let before = SpecExpression.select(
            comparison(i.name, ">", "0"), SpecExpression("\(one.prefix)[\(i.name)-1]"), SpecExpression("0"))
        let after = SpecExpression.select(
            comparison(i.name, "<", "\(dimension.text)-1"), SpecExpression("\(one.prefix)[\(i.name)+1]"),
            SpecExpression("\(one.prefix)[\(i.name)]", direct: [i.name]))
        let sum = SpecExpression(
            .sum, ["", " - 2*", " + ", ""], [(before, .product), (access(one, [i.name]), .negation), (after, .product)])
        let name = freshName("d")
        define(name, [i], unaryCall(sum))
        remember(name, [i])
    }

    /// `sum(i, j in 0..<i: …)`, and pieces of a vector that sum up to their own index.
    mutating func triangular() {
        constructs.insert(.triangular)
        let i = freshIndex(pick(dimensions))
        let j = freshIndex(i.dimension)
        let inner = product(of: expression(1, [i, j]), accessLeaf([j]), accessLeaf([i]))
        let range = pick(["0..<\(i.name)", "0...\(i.name)", "\(i.name)+1..<\(i.dimension.text)"])
        if chance(50) {
            let name = freshName("t")
            var body = SpecExpression(.atom, ["sum(\(j.name) in \(range): ", ")"], [(inner, .select)])
            body.direct.remove(j.name)
            define(name, [i], body)
            remember(name, [i])
        } else {
            let name = freshName("s")
            constructs.insert(.severalIndices)
            let outer = "\(i.name) in 0..<\(i.dimension.text)"
            define(name, [], SpecExpression(.atom, ["sum(\(outer), \(j.name) in \(range): ", ")"], [(inner, .select)]))
            remember(name, [])
        }
        constructs.insert(.sum)
    }

    /// The stage range of a block, and its last stage as a text.
    mutating func stage(_ kind: String, _ index: String, _ size: String, _ value: Int) {
        _ = declareSize(size, value, canBeSymbolic: false)
        add("\(kind) \(index) in 1...\(size)")
    }

    /// Layers of one width, perhaps with shared weights, a shift of the weights, or a(l-2).
    mutating func layers() {
        constructs.formUnion([.layers, .sum])
        let depth = draw(2...4)
        stage("layer", "l", "L", depth)
        let width = pick(dimensions)
        let isShared = chance(35)
        let i = freshIndex(width)
        let k = freshIndex(width)
        let weight: String
        if isShared {
            constructs.insert(.sharedParameters)
            declare("param", "wl", [width, width])
            weight = "wl"
        } else if chance(30) {
            constructs.insert(.parameterAtStageShift)
            declareStaged("param", "wl", "0...L", 0...depth, [width, width])
            weight = "wl(l-1)"
        } else {
            declareStaged("param", "wl", "l", 1...depth, [width, width])
            weight = "wl(l)"
        }
        declareStaged("param", "bl", "l", 1...depth, [width])
        define("al(0)", [i], expression(1, [i]))
        var terms = [
            SpecExpression("sum(\(k.name): \(weight)[\(i.name),\(k.name)] * al(l-1)[\(k.name)])", direct: [i.name]),
            SpecExpression("bl(l)[\(i.name)]", direct: [i.name]),
        ]
        if chance(40) {
            constructs.insert(.skippingStages)
            terms.append(
                .select(
                    comparison("l", ">", "1"), SpecExpression("al(l-2)[\(i.name)]", direct: [i.name]),
                    SpecExpression("0")))
        }
        if chance(40) { terms.append(product(of: SpecExpression("0.3"), accessLeaf([i]))) }
        define("zl(l)", [i], .infix(.sum, "+", terms))
        let z = SpecExpression("zl(l)[\(i.name)]", direct: [i.name])
        if chance(35) {
            constructs.insert(.piecesOverStages)
            define("al(l in 1..<L)", [i], unaryCall(z))
            define("al(L)", [i], SpecExpression("zl(L)[\(i.name)]", direct: [i.name]))
        } else {
            define("al(l)", [i], unaryCall(z))
        }
        remember("al(L)", [i])
        remember("al(1)", [i])
        if !isShared && chance(60) {
            constructs.formUnion([.stageReduction, .severalIndices])
            let j = freshIndex(width)
            let m = freshIndex(width)
            if weight == "wl(l)" {
                let body = SpecExpression("wl(l)[\(j.name),\(m.name)]^2", level: .power)
                let sum = SpecExpression(.atom, ["sum(l, \(j.name), \(m.name): ", ")"], [(body, .select)])
                penalties.append(product(of: SpecExpression("0.05"), sum))
            } else {
                let body = SpecExpression("bl(l)[\(j.name)]^2", level: .power)
                penalties.append(SpecExpression(.atom, ["mean(l, \(j.name): ", ")"], [(body, .select)]))
            }
        }
    }

    /// A staged quantity with values for each stage.
    mutating func declareStaged(
        _ kind: String, _ name: String, _ stageText: String, _ range: ClosedRange<Int>, _ dimensions: [Dimension]
    ) {
        add("\(kind) \(name)(\(stageText))\(brackets(dimensions))", declares: [name])
        setValue(name, isData: kind == "input" || kind == "target") { specs in
            specs.stages(range) { specs, _ in specs.tensor(dimensions.map(\.value)) { $0.number() } }
        }
    }

    /// Layers of different widths.
    mutating func raggedLayers() {
        constructs.formUnion([.raggedLayers, .layers, .sum])
        let depth = draw(2...3)
        stage("layer", "h", "H", depth)
        let input = dimensions[0]
        let isSymbolic = chance(25)
        let widths = [input.value] + (1...depth).map { _ in draw(1...3) }
        if isSymbolic {
            constructs.insert(.symbolicSize)
            add("size n(0...H)", declares: ["n"])
            setValue("n") { specs in specs.stages(0...depth) { _, stage in "\(widths[stage])" } }
        } else {
            add("size n(0...H) = [\(widths.map(String.init).joined(separator: ", "))]")
        }
        add("param wr(h)[n(h), n(h-1)], br(h)[n(h)]", declares: ["wr", "br"])
        setValue("wr") { specs in
            specs.stages(1...depth) { specs, stage in specs.tensor([widths[stage], widths[stage - 1]]) { $0.number() } }
        }
        setValue("br") { specs in
            specs.stages(1...depth) { specs, stage in specs.tensor([widths[stage]]) { $0.number() } }
        }
        let first = declare(chance(50) ? "param" : "input", "xr", [Dimension(text: "n(0)", value: widths[0])])
        known.removeAll { $0.prefix == first }
        let name = pick(["sigmoid", "tanh", "relu", "softplus", "sin"])
        functions.insert(name)
        add("ar(0)[i] = ", unaryCall(SpecExpression("xr[i]", direct: ["i"])))
        add("ar(h)[j] = ", .call(name, [SpecExpression("sum(k: wr(h)[j,k] * ar(h-1)[k]) + br(h)[j]", level: .sum)]))
        known.append(Known(prefix: "ar(H)", dimensions: [Dimension(text: "n(H)", value: widths[depth])]))
        if chance(50) {
            constructs.formUnion([.stageReduction, .severalIndices])
            let kind = pick(["sum", "mean", "logsumexp"])
            constructs.insert(Construct(rawValue: kind) ?? .sum)
            penalties.append(
                SpecExpression(
                    .atom, ["\(kind)(h, j, k: ", ")"], [(SpecExpression("wr(h)[j,k]^2", level: .power), .select)]))
        }
    }

    /// h(t) from h(t-1), with the input of this step or the next.
    mutating func forwardSteps() {
        constructs.formUnion([.stepsForward, .sharedParameters, .sum])
        let length = draw(2...4)
        stage("step", "t", "T", length)
        let width = pick(dimensions)
        let i = freshIndex(width)
        let k = freshIndex(width)
        let isNext = chance(50)
        if isNext { constructs.insert(.inputAtNextStep) }
        if isNext {
            declareStaged("input", "xt", "1...T+1", 1...length + 1, [width])
        } else {
            declareStaged("input", "xt", "t", 1...length, [width])
        }
        declare("param", "Wt", [width, width])
        define("ht(0)", [i], SpecExpression("0"))
        let terms = [
            SpecExpression("sum(\(k.name): Wt[\(i.name),\(k.name)] * ht(t-1)[\(k.name)])", direct: [i.name]),
            SpecExpression("xt(\(isNext ? "t+1" : "t"))[\(i.name)]", direct: [i.name]),
            product(of: SpecExpression("0.5"), expression(1, [i])),
        ]
        let name = pick(["tanh", "sigmoid", "sin", "gelu", "atan"])
        define("ht(t)", [i], named(name, .infix(.sum, "+", terms)))
        remember("ht(T)", [i])
        if chance(60) {
            constructs.formUnion([.stageReduction, .severalIndices])
            let kind = pick(["sum", "mean", "max", "min", "logsumexp"])
            constructs.insert(Construct(rawValue: kind) ?? .sum)
            let s = freshName("s")
            let j = freshIndex(width)
            let body = product(of: SpecExpression("ht(t)[\(j.name)]"), unaryCall(SpecExpression("xt(t)[\(j.name)]")))
            define(s, [], SpecExpression(.atom, ["\(kind)(t, \(j.name): ", ")"], [(body, .select)]))
            remember(s, [])
        }
    }

    /// r(t) from r(t+1).
    mutating func backwardSteps() {
        constructs.formUnion([.stepsBackward, .piecesOverStages])
        let length = draw(2...4)
        stage("step", "b", "Q", length)
        let width = pick(dimensions)
        let i = freshIndex(width)
        declareStaged("param", "vb", "b", 1...length, [width])
        define("rb(Q)", [i], unaryCall(SpecExpression("vb(Q)[\(i.name)]", direct: [i.name])))
        let next = SpecExpression("rb(b+1)[\(i.name)]", direct: [i.name])
        let here = SpecExpression("vb(b)[\(i.name)]", direct: [i.name])
        define("rb(b in 1..<Q)", [i], named("sin", .infix(.sum, "+", [product(of: here, next), expression(1, [i])])))
        remember("rb(1)", [i])
        remember("rb(Q)", [i])
    }

    /// A grid of steps and layers.
    mutating func twoStages() {
        constructs.formUnion([.twoStages, .stepsForward, .layers])
        let length = draw(1...3)
        let depth = draw(1...2)
        stage("step", "a", "E", length)
        stage("layer", "o", "F", depth)
        let width = dimensions[1]
        declareStaged("param", "wg", "o", 1...depth, [width])
        add("param vg(a, o)[\(width.text)]", declares: ["vg"])
        setValue("vg") { specs in
            specs.stages(1...length) { specs, _ in
                specs.stages(1...depth) { specs, _ in specs.tensor([width.value]) { $0.number() } }
            }
        }
        let i = freshIndex(width)
        define("hg(a,0)", [i], expression(1, [i]))
        define("hg(0,o in 0...F)", [i], SpecExpression("0"))
        let left = SpecExpression("hg(a-1,o)[\(i.name)]", direct: [i.name])
        let below = SpecExpression("hg(a,o-1)[\(i.name)]", direct: [i.name])
        let weight = SpecExpression("wg(o)[\(i.name)]", direct: [i.name])
        let own = SpecExpression("vg(a,o)[\(i.name)]", direct: [i.name])
        let sum = SpecExpression.infix(.sum, "+", [product(of: weight, left), product(of: own, below)])
        define("hg(a,o)", [i], unaryCall(sum))
        remember("hg(E,F)", [i])
        if chance(50) {
            constructs.formUnion([.stageReduction, .severalIndices])
            let s = freshName("s")
            let j = freshIndex(width)
            let body = SpecExpression("hg(a,o)[\(j.name)] * wg(o)[\(j.name)]", level: .product)
            define(s, [], SpecExpression(.atom, ["sum(a, o, \(j.name): ", ")"], [(body, .select)]))
            remember(s, [])
        }
    }

    /// `p[0] = …`, `p[i in 1..<N] = …`, where the second piece may read the first.
    mutating func pieces() {
        constructs.insert(.piecesOverElements)
        let dimension = dimensions[0]
        let i = freshIndex(dimension)
        let name = freshName("p")
        add("\(name)[0] = ", expression(2, []))
        var body = expression(2, [i])
        if chance(60) { body = .infix(.sum, "+", [body, SpecExpression("\(name)[0]")]) }
        if chance(40) {
            constructs.insert(.shift)
            body = product(of: body, SpecExpression("u[\(i.name)-1]"))
        }
        add("\(name)[\(i.name) in 1..<\(dimension.text)] = ", body)
        remember(name, [i])
    }

    /// A classifier's head.
    mutating func softmax() {
        constructs.formUnion([.distribution, .softmaxCrossEntropy, .sum])
        let dimension = pick(dimensions)
        let target = freshName("y")
        add("target \(target)[\(dimension.text)]\(chance(60) ? " distribution" : "")", declares: [target])
        setValue(target, isData: true) { specs in
            var weights = (0..<dimension.value).map { _ in Double(specs.draw(1...9)) }
            let total = weights.reduce(0, +)
            weights = weights.map { $0 / total }
            return "[" + weights.map { "\($0)" }.joined(separator: ", ") + "]"
        }
        let i = freshIndex(dimension)
        let z = freshName("z")
        let p = freshName("p")
        let s = freshName("s")
        define(z, [i], .infix(.sum, "+", [expression(2, [i]), accessLeaf([i])]))
        functions.formUnion(["exp", "log"])
        switch draw(0...2) {
        case 0:
            add("\(p)[i] = exp(\(z)[i]) / sum(k: exp(\(z)[k]))")
            add("\(s) = -sum(k: \(target)[k] * log(\(p)[k]))")
        case 1:
            constructs.insert(.logsumexp)
            add("\(s) = sum(k: \(target)[k] * (logsumexp(j: \(z)[j]) - \(z)[k]))")
        default:
            add("\(s) = -sum(k: \(target)[k] * log(exp(\(z)[k]) / sum(j: exp(\(z)[j]))))")
        }
        remember(s, [])
    }

    /// What stands where something is largest or smallest.
    mutating func extremum() {
        let dimension = pick(dimensions)
        let i = freshIndex(dimension)
        let k = freshIndex(dimension)
        let kind = pick(["argmax", "argmin"])
        constructs.insert(kind == "argmax" ? .argmax : .argmin)
        constructs.insert(.numericCondition)
        let score = product(of: expression(1, [k]), accessLeaf([k]))
        var test = SpecExpression(.comparison, [], [])
        test = reduction(kind, [k], score)
        test.pieces[test.pieces.count - 1] += " == \(i.name)"
        test.level = .comparison
        test.isCondition = true
        let name = freshName("m")
        define(name, [i], .select(test, expression(2, [i]), expression(1, [i])))
        remember(name, [i])
    }

    /// A product with a factor of exactly zero.
    mutating func product() {
        constructs.formUnion([.prod, .zeroFactor])
        let dimension = pick(dimensions)
        let parameter = declare("param", freshName("q"), [dimension])
        // One factor, sometimes two, are exactly zero.
        let zeros = chance(70) ? 1 : Swift.min(2, dimension.value)
        setZeros(parameter, zeros, dimension.value)
        let i = freshIndex(dimension)
        let name = freshName("s")
        define(name, [], reduction("prod", [i], SpecExpression("\(parameter)[\(i.name)]", direct: [i.name])))
        remember(name, [])
    }

    private mutating func setZeros(_ name: String, _ zeros: Int, _ count: Int) {
        guard let position = values.firstIndex(where: { $0.name == name }) else { return }
        let entries = (0..<count).map { $0 < zeros ? "0" : number() }
        values[position].json = ["[" + entries.joined(separator: ", ") + "]"]
    }

    /// A[i,i].
    mutating func diagonal() {
        constructs.formUnion([.diagonal, .sum])
        let dimension = pick(dimensions)
        let matrix = declare("param", freshName("D"), [dimension, dimension])
        let i = freshIndex(dimension)
        let name = freshName("s")
        let entry = SpecExpression("\(matrix)[\(i.name),\(i.name)]", direct: [i.name])
        define(name, [], reduction("sum", [i], product(of: entry, unaryCall(accessLeaf([i])))))
        remember(name, [])
    }

    /// f[i+p-q] with three indices in one component.
    mutating func componentOfSeveral() {
        constructs.formUnion([.severalIndicesInComponent, .severalIndices, .sum])
        let (rows, window) = (dimensions[0], dimensions[1])
        let size = freshName("V")
        add("size \(size) = \(rows.text) + 2*\(window.text)")
        let long = Dimension(text: size, value: rows.value + 2 * window.value)
        let signal = declare("param", freshName("f"), [long])
        known.removeAll { $0.prefix == signal }
        let kernel = declare("param", freshName("w"), [window, window])
        let i = freshIndex(rows)
        let p = freshIndex(window)
        let q = freshIndex(window)
        let weight = SpecExpression("\(kernel)[\(p.name),\(q.name)]", direct: [p.name, q.name])
        let value = SpecExpression("\(signal)[\(i.name)+\(p.name)-\(q.name)+\(window.text)]")
        let name = freshName("o")
        define(name, [i], unaryCall(reduction("sum", [p, q], product(of: weight, value))))
        remember(name, [i])
    }
}

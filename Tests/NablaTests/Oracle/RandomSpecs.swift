/// Makes specs that are valid by construction, with values: the same seed gives the same spec.
///
/// Values stay tame (parameters in ±1.2, arguments kept in a function's domain), so that a comparison of derivatives
/// says something; every construct of the language and every function of the table is drawn often.
struct RandomSpecs {
    /// A dimension as the spec writes it.
    struct Dimension: Hashable {
        var text: String
        var value: Int
    }

    /// Something to access: what stands before the brackets, and its dimensions.
    struct Known {
        var prefix: String
        var dimensions: [Dimension]
        var isData = false
    }

    /// An index in scope. Where its range is smaller than its dimension's, `least` and `most` bound its values.
    struct Index {
        var name: String
        var dimension: Dimension
    }

    var generator: SeededGenerator
    let seed: UInt64
    var statements: [SpecStatement] = []
    var values: [RandomSpec.Values] = []
    var constructs: Set<Construct> = []
    var functions: Set<String> = []
    var dimensions: [Dimension] = []
    var known: [Known] = []
    var scalarFunctions: [(name: String, arity: Int)] = []
    var penalties: [SpecExpression] = []
    var hasData = false
    let exampleCount: Int
    /// What is derived, as `--wrt` and `--of` say it.
    var wrt: [String] = []
    var of: String?
    var second: Int?
    /// Functions of the language whose names are taken.
    var shadowed: Set<String> = []
    private var hasEdges = false
    private var names = 0
    private var indexNames = 0
    /// How many reductions stand around the expression that is being made.
    var reductionDepth = 0

    static func make(seed: UInt64) -> RandomSpec {
        var specs = RandomSpecs(seed: seed)
        specs.run()
        return RandomSpec(
            seed: seed, statements: specs.statements, values: specs.values, exampleCount: specs.exampleCount,
            constructs: specs.constructs, functions: specs.functions, wrt: specs.wrt, of: specs.of, second: specs.second
        )
    }

    private init(seed: UInt64) {
        self.seed = seed
        generator = SeededGenerator(state: seed &* 0x2545_F491_4F6C_DD1D ^ 0x1234_5678)
        exampleCount = Int.random(in: 1...3, using: &generator)
    }

    // MARK: Drawing

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }
    mutating func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    mutating func pick<T>(_ items: [T]) -> T { items[Int.random(in: 0..<items.count, using: &generator)] }

    mutating func number() -> String {
        if hasEdges && chance(12) {
            constructs.insert(.edgeValue)
            // Up to e^300: beyond, the oracle's own quotients of exponentials underflow. StabilityTests goes to ±1,000.
            return pick(["0", "-0.0", "1e-300", "-1e-300", "5e-324", "1e-20", "-1e-9", "1", "-1", "40", "-40", "3e2"])
        }
        let hundredths = draw(-120...120)
        return "\(Double(hundredths) / 100 + Double(draw(0...99)) / 12_345)"
    }

    mutating func positive() -> String { "\(Double(draw(20...150)) / 100)" }

    mutating func freshName(_ stem: String) -> String {
        names += 1
        return "\(stem)\(names)"
    }

    /// A new index name: indices of one equation never shadow one another.
    mutating func freshIndex(_ dimension: Dimension) -> Index {
        let stems = ["i", "j", "k", "m", "p", "q", "s", "v"]
        indexNames += 1
        let round = (indexNames - 1) / stems.count
        return Index(name: stems[(indexNames - 1) % stems.count] + (round == 0 ? "" : "\(round)"), dimension: dimension)
    }

    mutating func startEquation() { indexNames = 0 }

    // MARK: Declarations

    mutating func add(_ head: String, _ body: SpecExpression? = nil, declares: [String] = []) {
        statements.append(SpecStatement(head: head, body: body, declares: declares))
    }

    mutating func tensor(_ shape: [Int], _ make: (inout RandomSpecs) -> String) -> String {
        guard let first = shape.first else { return make(&self) }
        return "[" + (0..<first).map { _ in tensor(Array(shape.dropFirst()), make) }.joined(separator: ", ") + "]"
    }

    mutating func stages(_ range: ClosedRange<Int>, _ make: (inout RandomSpecs, Int) -> String) -> String {
        "{" + range.map { "\"\($0)\": \(make(&self, $0))" }.joined(separator: ", ") + "}"
    }

    mutating func setValue(_ name: String, isData: Bool = false, _ make: (inout RandomSpecs) -> String) {
        let count = isData ? exampleCount : 1
        values.append(RandomSpec.Values(name: name, json: (0..<count).map { _ in make(&self) }, isData: isData))
        if isData { hasData = true }
    }

    func brackets(_ dimensions: [Dimension]) -> String {
        dimensions.isEmpty ? "" : "[" + dimensions.map(\.text).joined(separator: ", ") + "]"
    }

    /// A size with a value, or a letter that gets its value at run time.
    mutating func declareSize(_ name: String, _ value: Int, canBeSymbolic: Bool = true) -> Dimension {
        if canBeSymbolic && chance(25) {
            constructs.insert(.symbolicSize)
            add("size \(name)", declares: [name])
            setValue(name) { _ in "\(value)" }
        } else {
            add("size \(name) = \(value)")
        }
        return Dimension(text: name, value: value)
    }

    /// A quantity without stages; gives its name.
    @discardableResult
    mutating func declare(_ kind: String, _ name: String, _ dimensions: [Dimension], suffix: String = "") -> String {
        add("\(kind) \(name)\(brackets(dimensions))\(suffix)", declares: [name])
        let isData = kind == "input" || kind == "target"
        setValue(name, isData: isData) { specs in specs.tensor(dimensions.map(\.value)) { $0.number() } }
        known.append(Known(prefix: name, dimensions: dimensions, isData: isData))
        return name
    }

    private mutating func declareBasics() {
        let isSmall = chance(12)
        if isSmall { constructs.insert(.sizeOne) }
        dimensions = [declareSize("N", isSmall ? 1 : draw(2...4)), declareSize("M", draw(isSmall ? 1...2 : 2...3))]
        if chance(40) {
            constructs.insert(.formulaSize)
            let from = dimensions[0]
            let (text, value) = chance(50) ? ("2*N - 1", 2 * from.value - 1) : ("N + 1", from.value + 1)
            add("size P = \(text)")
            if value <= 5 { dimensions.append(Dimension(text: "P", value: value)) }
        }
        let (first, second) = (dimensions[0], dimensions[1])
        declare("param", "u", [first])
        declare("param", "A", [first, second])
        declare("param", "g", [])
        if chance(15) { declareShadow() }
        if chance(50) { declare("param", "S", [first, first]) }
        if chance(30) { declare("param", "R", [pick(dimensions), pick(dimensions), pick(dimensions)]) }
        if chance(75) {
            declare("input", "x", [pick(dimensions)])
            if chance(60) { declare("target", "y", [pick(dimensions)]) }
            if chance(30) { declare("input", "d", []) }
        }
        if chance(50) {
            add("const lambda = \(pick(["0.01", "1/8", "1e-2", "pi/8", "3*0.1"]))")
            known.append(Known(prefix: "lambda", dimensions: []))
        }
        if chance(40) {
            constructs.insert(.constTable)
            add("const c[3] = [1, -0.5, 2/3]")
            known.append(Known(prefix: "c", dimensions: [Dimension(text: "3", value: 3)]))
        }
        if chance(30) {
            constructs.insert(.runTimeConst)
            declare("const", "e", [pick(dimensions)])
        }
    }

    // MARK: The whole

    private mutating func run() {
        if chance(50) { add("network Random") }
        hasEdges = chance(20)
        declareBasics()
        if chance(60) { declareFunctions() }
        let blocks: [(inout RandomSpecs) -> Void] = [
            { $0.elementwise() }, { $0.elementwise() }, { $0.scalar() }, { $0.convolution() }, { $0.padding() },
            { $0.triangular() }, { $0.layers() }, { $0.raggedLayers() }, { $0.forwardSteps() },
            { $0.backwardSteps() }, { $0.twoStages() }, { $0.pieces() }, { $0.softmax() }, { $0.extremum() },
            { $0.product() }, { $0.diagonal() }, { $0.componentOfSeveral() }, { $0.bidirectional() },
            { $0.longShortTermMemory() }, { $0.skippedPieces() }, { $0.dependentRanges() },
            { $0.extremumOfSeveral() }, { $0.scatter() },
        ]
        var order = Array(blocks.indices)
        order.shuffle(using: &generator)
        for position in order.prefix(draw(2...4)) {
            startEquation()
            blocks[position](&self)
        }
        costs()
        request()
    }

    private mutating func costs() {
        startEquation()
        var terms: [SpecExpression] = []
        let latest = known.suffix(6).filter { !$0.dimensions.isEmpty || !$0.isData }
        for one in latest.suffix(draw(2...3)) { terms.append(reduced(one)) }
        if let u = known.first(where: { $0.prefix == "u" }) { terms.append(reduced(u)) }
        if chance(50) { terms.append(expression(2, [])) }
        let total = SpecExpression.infix(.sum, "+", terms.map { product(of: SpecExpression(positive()), $0) })
        guard hasData else {
            constructs.insert(.costWithoutData)
            add("cost C = ", total)
            return
        }
        add("cost C0 = ", total)
        if chance(20) {
            constructs.insert(.costOfOneExample)
            return
        }
        startEquation()
        var parts: [SpecExpression] = []
        let isMean = chance(60)
        constructs.insert(isMean ? .meanOverExamples : .sumOverExamples)
        parts.append(
            SpecExpression(
                .atom, [isMean ? "mean(examples: " : "sum(examples: ", ")"], [(SpecExpression("C0"), .select)]))
        if chance(20) {
            constructs.insert(.batchStatistic)
            let of = SpecExpression.call(pick(["tanh", "sin"]), [SpecExpression("C0")])
            add("B = ", SpecExpression(.atom, ["mean(examples: ", ")"], [(of, .select)]))
            parts.append(SpecExpression(.power, ["", "^2"], [(SpecExpression("B"), .atom)]))
        }
        if chance(20) { parts += statistics(latest) }
        if chance(50) {
            constructs.insert(.penalty)
            let index = freshIndex(dimensions[0])
            let square = SpecExpression(.power, ["", "^2"], [(SpecExpression("u[\(index.name)]"), .atom)])
            let sum = SpecExpression(.atom, ["sum(\(index.name): ", ")"], [(square, .select)])
            parts.append(product(of: SpecExpression("0.05"), sum))
        }
        parts += penalties
        add("cost C = ", parts.count == 1 ? parts[0] : .infix(.sum, "+", parts))
    }

    /// A number from all elements of a quantity.
    private mutating func reduced(_ one: Known) -> SpecExpression {
        let indices = one.dimensions.map { freshIndex($0) }
        let access = self.access(one, indices.map(\.name))
        var body = access
        switch draw(0...3) {
        case 0: body = SpecExpression(.power, ["", "^2"], [(access, .atom)])
        case 1: body = unaryCall(access)
        case 2: body = product(of: access, expression(1, indices))
        default: break
        }
        if indices.isEmpty { return body }
        if indices.count > 1 { constructs.insert(.severalIndices) }
        let kind = pick(["sum", "sum", "mean", "logsumexp"])
        constructs.insert(Construct(rawValue: kind) ?? .sum)
        let names = indices.map(\.name).joined(separator: ", ")
        return SpecExpression(.atom, ["\(kind)(\(names): ", ")"], [(body, .select)])
    }

    /// `mu[j] = mean(examples: z[j])`, of which the cost takes a nonlinear function.
    private mutating func statistics(_ latest: [Known]) -> [SpecExpression] {
        guard let one = latest.filter({ $0.dimensions.count == 1 }).randomElement(using: &generator) else { return [] }
        constructs.insert(.indexedStatistic)
        let index = freshIndex(one.dimensions[0])
        let kind = pick(["mean", "sum"])
        let body = chance(50) ? access(one, [index.name]) : unaryCall(access(one, [index.name]))
        let name = freshName("mu")
        define(name, [index], SpecExpression(.atom, ["\(kind)(examples: ", ")"], [(body, .select)]))
        let other = freshIndex(one.dimensions[0])
        let statistic = SpecExpression("\(name)[\(other.name)]", direct: [other.name])
        let square = chance(50) ? SpecExpression(.power, ["", "^2"], [(statistic, .atom)]) : unaryCall(statistic)
        return [reduction("sum", [other], square)]
    }

    /// What is asked for: mostly all parameters and the last cost, else something else.
    private mutating func request() {
        if statements.contains(where: { $0.head == "cost C = " }), hasData, chance(20) {
            constructs.insert(.ofOtherCost)
            of = "C0"
        }
        if chance(15) { second = draw(0...1_000) }
        // Open: the second derivative of a statistic over ragged layers has stages that the evaluator cannot size (seed 9977).
        if constructs.isSuperset(of: [.indexedStatistic, .raggedLayers]) { second = nil }
        if second != nil { constructs.insert(.secondDerivative) }
        guard chance(35), second == nil else { return }
        let inputs = known.filter { $0.isData }.map(\.prefix)
        let computed = Set(statements.compactMap(\.defines)).subtracting(["C", "C0", "B"]).filter {
            !$0.hasPrefix("mu")
        }
        if let input = inputs.randomElement(using: &generator), chance(60) {
            constructs.insert(.wrtInput)
            wrt.append(input)
        }
        if let name = computed.sorted().randomElement(using: &generator), chance(70) {
            constructs.insert(.wrtIntermediate)
            wrt.append(name)
        }
        if chance(50) { wrt.append(pick(["u", "A", "g"])) }
    }

    /// A parameter with the name of a function.
    private mutating func declareShadow() {
        constructs.insert(.shadowedFunction)
        let name = pick(["cosh", "erfc", "heaviside", "expm1", "asin", "hypot"])
        shadowed.insert(name)
        declare("param", name, [])
    }

    func access(_ one: Known, _ indices: [String]) -> SpecExpression {
        let isName: (String) -> Bool = { $0.first?.isLetter == true && $0.allSatisfy { $0.isLetter || $0.isNumber } }
        return SpecExpression(
            one.prefix + (indices.isEmpty ? "" : "[" + indices.joined(separator: ",") + "]"),
            direct: Set(indices.filter(isName)))
    }

    func product(of factors: SpecExpression...) -> SpecExpression { .infix(.product, "*", factors, last: .negation) }

    /// The left side `name[i, j]`, with ranges written where the right side does not fix them.
    mutating func define(_ prefix: String, _ indices: [Index], _ body: SpecExpression, isCost: Bool = false) {
        let texts = indices.map { index -> String in
            if body.direct.contains(index.name) && !chance(10) { return index.name }
            constructs.insert(.writtenRange)
            return "\(index.name) in 0..<\(index.dimension.text)"
        }
        add("\(prefix)\(texts.isEmpty ? "" : "[" + texts.joined(separator: ", ") + "]") = ", body)
    }
}

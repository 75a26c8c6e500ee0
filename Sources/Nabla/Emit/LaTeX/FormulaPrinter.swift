/// Prints expressions as formulas, in the notation of the field: stages as superscripts in
/// parentheses, elements as subscripts, derivatives as ratios.
///
/// Sizes are estimated first, from the leaves up, and decide what form a node takes; then pieces are written with an
/// explicit stack. Both are linear in what is printed.
struct FormulaPrinter {
    var system: System
    /// The indices in scope.
    var scope: IndexScope
    /// The widest line, in em.
    let limit: Double
    /// What indices are called that stand on a derivative's left side, instead of their own names.
    var preferredNames: [IndexID: String] = [:]
    /// Of each node that was looked at, its size.
    var measures: [Measure?]
    /// How the number of training examples and the index of an example print.
    let exampleCount: MathSymbol
    let exampleIndex: MathSymbol

    /// Of each named index, the affine expression that is just it.
    let plainIndices: [AffineID]
    /// Whether layers stand in parentheses, as in the video.
    var bracketsLayers = true

    private let symbols: [MathSymbol]
    private let sizeSymbols: [MathSymbol]
    /// Whether the axes of each quantity's stages are layers or steps.
    private let stageKinds: [[IndexKind]]

    /// How large a formula is, in em.
    struct Measure {
        var width: Double
        /// From its lowest point to its highest.
        var height: Double
        /// How many groups of LaTeX stand one in another.
        var nesting = 0
    }

    init(_ original: System, limit: Double) {
        var system = original
        plainIndices = original.graph.indexNames.indices.map { position in
            system.graph.affine(Affine(.index(IndexID(raw: UInt32(truncatingIfNeeded: position)))))
        }
        self.system = system
        self.limit = limit
        measures = Array(repeating: nil, count: system.graph.count)
        symbols = system.quantities.map { MathSymbol($0.name) }
        sizeSymbols = system.sizes.map { MathSymbol($0.name) }
        var taken = Set(system.sizes.map(\.name))
        taken.formUnion(system.quantities.map(\.name))
        // Stage letters stay free for stages.
        taken.formUnion(system.stages.map(\.name))
        // Nor may the index of an example be that of an element.
        let used = taken.union(system.graph.indexNames.map(\.name))
        exampleCount = MathSymbol(["m", "M", "E", "S"].first { !used.contains($0) } ?? "examples")
        let exampleLetter = ["i", "e", "r", "s", "q"].first { !used.contains($0) } ?? "example"
        exampleIndex = MathSymbol(exampleLetter)
        taken.insert(exampleLetter)
        var reserved = Set(system.sizes.map(\.name))
        reserved.formUnion(system.quantities.lazy.filter { $0.axisCount == 0 }.map(\.name))
        scope = IndexScope(reserved: reserved, avoided: taken) { base, number in
            let letters = ["i", "j", "k", "p", "q", "r", "s", "u", "v"]
            guard number - 2 < letters.count - 1 else { return "\(base)\(number)" }
            let start = letters.firstIndex(of: base).map { $0 + 1 } ?? 0
            return letters[(start + number - 2) % letters.count]
        }
        let layers = system.stages.contains { $0.kind == .layer } || system.stages.isEmpty
        stageKinds = system.quantities.map { quantity in
            (0..<quantity.stageCount).map { position in
                // A base case says nothing of what its stage is: h(t, 0) beside h(t, l).
                let axes = quantity.domains.compactMap { position < $0.count ? $0[position] : nil }
                let kinds = (axes.filter { !$0.isPoint } + axes).map { system.graph.kind(of: $0.index) }
                return kinds.first(where: \.isStage) ?? (layers ? .layer : .step)
            }
        }
    }

    // MARK: Leaves

    /// A piece of a formula with its width.
    typealias Text = (tokens: [MathToken], width: Double)

    func symbol(of quantity: QuantityID) -> MathSymbol { symbols[Int(quantity.raw)] }

    func name(of index: IndexID) -> Text {
        MathSymbol(scope.name(of: index) ?? system.graph.name(of: index)).text
    }

    /// A size, or one stage's.
    private func text(of atom: AffineAtom) -> Text {
        switch atom {
        case .index(let index): return name(of: index)
        case .size(let id): return sizeSymbols[Int(id.raw)].text
        case .stagedSize(let id, let stage):
            let symbol = sizeSymbols[Int(id.raw)]
            let below = text(of: system.graph[stage])
            return (symbol.tokens(below: below.tokens), symbol.baseWidth + symbol.belowWidth + 0.75 * below.width)
        }
    }

    /// An affine expression: `2i + p - 1` as `2i+p-1`.
    func text(of affine: Affine) -> Text {
        var tokens: [MathToken] = []
        var width = 0.0
        func add(_ isNegative: Bool, _ part: Text) {
            if tokens.isEmpty {
                if isNegative {
                    tokens.append(.negation)
                    width += 0.8
                }
            } else {
                tokens.append(.operation(isNegative ? .minus : .plus, isTight: true))
                width += 1.25
            }
            tokens += part.tokens
            width += part.width
        }
        func add(_ term: Affine.Term) {
            let atom = text(of: term.atom)
            let factor = term.coefficient.magnitude
            if factor == 1 {
                add(term.coefficient < 0, atom)
            } else {
                let digits = "\(factor)"
                add(
                    term.coefficient < 0,
                    ([.number(digits)] + atom.tokens, 0.52 * Double(digits.utf8.count) + atom.width))
            }
        }
        func addConstant() {
            let digits = "\(affine.constant.magnitude)"
            add(affine.constant < 0, ([.number(digits)], 0.52 * Double(digits.utf8.count)))
        }
        let terms = scope.ordered(affine.terms)
        for term in terms where term.coefficient > 0 { add(term) }
        let leads = tokens.isEmpty && affine.constant > 0
        if leads || affine.terms.isEmpty { addConstant() }
        for term in terms where term.coefficient < 0 { add(term) }
        if !leads && affine.constant != 0 && !affine.terms.isEmpty { addConstant() }
        return (tokens, width)
    }

    func text(of affine: AffineID) -> Text { text(of: system.graph[affine]) }

    /// Several indices: side by side where all are single letters, else with commas.
    func text(ofIndices indices: some Collection<AffineID>) -> Text {
        let parts = indices.map { text(of: $0) }
        let areLetters = indices.allSatisfy { id in
            guard let index = system.graph[id].asIndex else { return false }
            return MathSymbol(scope.name(of: index) ?? system.graph.name(of: index)).isLetter
        }
        let width = parts.reduce(0) { $0 + $1.width }
        if !areLetters && parts.count > 1 {
            return (
                Array(parts.map(\.tokens).joined(separator: [.comma(.tight)])), width + 0.45 * Double(parts.count - 1)
            )
        }
        if parts.count <= 1 { return (parts.first?.tokens ?? [], width) }
        return (Array(parts.map(\.tokens).joined(separator: [.nextIndex])).grouped(.indices), width)
    }

    /// An element of a quantity: `w_{jk}^{(l)}`.
    func access(_ quantity: QuantityID, _ indices: [AffineID], symbol: MathSymbol? = nil) -> Text {
        let symbol = symbol ?? self.symbol(of: quantity)
        let stageCount = system[quantity].stageCount
        let below = text(ofIndices: indices.dropFirst(stageCount))
        let above = stages(quantity, indices.prefix(stageCount))
        let belowWidth =
            0.75 * (below.width + (below.width > 0 && !symbol.below.isEmpty ? 0.45 : 0)) + symbol.belowWidth
        return (
            symbol.tokens(below: below.tokens, above: above.tokens),
            symbol.baseWidth + max(belowWidth, 0.75 * above.width) + 0.06
        )
    }

    /// Stages as they stand above: `(l)`, `\langle t\rangle`.
    private func stages(_ quantity: QuantityID, _ indices: some Collection<AffineID>) -> Text {
        if indices.isEmpty { return ([], 0) }
        var tokens: [MathToken] = []
        var width = 0.0
        var isOpen: IndexKind?
        for (position, index) in indices.enumerated() {
            let kinds = stageKinds[Int(quantity.raw)]
            let kind = position < kinds.count ? kinds[position] : .layer
            let part = text(of: index)
            if let open = isOpen, open == kind {
                tokens.append(.comma(.tight))
            } else {
                if let open = isOpen, open == .step || bracketsLayers {
                    tokens.append(.close(open == .step ? .angle : .round, .normal))
                }
                if kind == .step || bracketsLayers {
                    tokens.append(.open(kind == .step ? .angle : .round, .normal))
                }
                width += 0.8
            }
            isOpen = kind
            tokens += part.tokens
            width += part.width
        }
        if isOpen == .step || bracketsLayers { tokens.append(.close(isOpen == .step ? .angle : .round, .normal)) }
        return (tokens, width)
    }

    /// A number's magnitude.
    func text(of value: Rational, _ literal: String?) -> Text {
        func fraction(_ above: Text, _ below: Text) -> Text {
            (.fraction(above.tokens, below.tokens), max(above.width, below.width) + 0.3)
        }
        if let literal, let slash = literal.firstIndex(of: "/") {
            return fraction(
                text(ofLiteral: literal[..<slash]), text(ofLiteral: literal[literal.index(after: slash)...]))
        }
        if let literal { return text(ofLiteral: literal) }
        switch NumberForm(value) {
        case .decimal(let digits): return text(ofDigits: digits)
        case .fraction(let numerator, let denominator):
            return fraction(text(ofDigits: numerator.description), text(ofDigits: denominator.description))
        }
    }

    func text(ofDigits digits: String) -> Text { ([.number(digits)], 0.52 * Double(digits.utf8.count)) }

    /// A literal, digit for digit as it was written, its exponent as a power of ten.
    private func text(ofLiteral literal: some StringProtocol) -> Text {
        let parts = NumberText.parts(ofLiteral: literal)
        guard let exponent = parts.exponent else { return text(ofDigits: parts.mantissa ?? "1") }
        var power: [MathToken] = exponent.isNegative ? [.negation] : []
        power.append(.number(exponent.digits))
        power = [.number("10")] + power.grouped(.above(isIndex: false))
        let width = 0.52 * Double(exponent.digits.utf8.count + (exponent.isNegative ? 6 : 5))
        guard let mantissa = parts.mantissa else { return (power, width) }
        return ([.number(mantissa), .times] + power, width + 0.52 * Double(mantissa.utf8.count) + 1.2)
    }

    /// The name of a function before its arguments; nil where its form has none.
    func head(of function: FunctionReference) -> Text? {
        switch function {
        case .standard(let id):
            switch FunctionTable.standard[id].latex {
            case .command(let name): return ([.function(name, isKnown: true)], 1.6)
            case .named(let name), .namedWithSubscript(let name):
                return ([.function(name, isKnown: false)], 0.56 * Double(name.utf8.count))
            case .symbol(let name): return ([.symbol(.greek(name))], 1.6)
            case .exponential: return ([.function("exp", isKnown: true)], 1.6)
            case .magnitude, .radical, .rootOfSquares, .power, .indicatorOfPositive: return nil
            }
        case .user(let position):
            guard system.functions.indices.contains(position) else { return MathSymbol("f").text }
            // A derived function prints as a derivative of the one that the reader knows.
            var primes = 0
            var origin = position
            while let derivative = system.functions[origin].derivativeOf, primes < 4,
                system.functions.indices.contains(derivative.function), derivative.function < origin,
                system.functions[derivative.function].parameters.count == 1
            {
                origin = derivative.function
                primes += 1
            }
            let symbol = MathSymbol(system.functions[origin].name)
            var tokens = symbol.tokens()
            if case .word(let word) = symbol.stem { tokens[0] = .function(word, isKnown: false) }
            return (tokens + (primes > 0 ? [.prime(primes)] : []), symbol.baseWidth + symbol.belowWidth)
        }
    }

    /// The symbol of a cost of one example with that example's index: C_0 becomes C_i.
    func exampleSymbol(_ quantity: QuantityID) -> MathSymbol {
        var symbol = symbol(of: quantity)
        func isNumber(_ token: MathToken) -> Bool {
            if case .letters(let text) = token { text.utf8.allSatisfy { (0x30...0x39).contains($0) } } else { false }
        }
        // C_{0,v} becomes C_{i,v}.
        if symbol.below.count > 1, isNumber(symbol.below[0]) {
            symbol.below[0] = .symbol(exampleIndex.stem)
        } else if symbol.below.allSatisfy(isNumber) {
            symbol.below = [.symbol(exampleIndex.stem)]
            symbol.belowWidth = 0.42
        } else {
            symbol.below.append(.symbol(exampleIndex.stem))
            symbol.belowWidth += 0.6
        }
        return symbol
    }

    // MARK: Derivatives

    /// ∂C/∂Q at indices, as its numerator and denominator.
    ///
    /// - Parameter forExample: whether the cost is that of the example with the index.
    mutating func ratio(of derivative: QuantityID, _ indices: [AffineID], forExample: Bool = false) -> (Text, Text)? {
        var denominators: [Text] = []
        var current = derivative
        var at = indices
        // A derivative of a derivative names both denominators under one numerator.
        while let definition = system[current].derivative, denominators.count < 8 {
            guard let (above, below) = system.ratio(of: current, at: at),
                case .access(let cost, let costIndices) = system.graph.form(of: above)
            else { return nil }
            denominators.append(access(definition.wrt, below))
            at = costIndices
            current = cost
        }
        if denominators.isEmpty { return nil }
        let top = access(current, at, symbol: forExample && at.isEmpty ? exampleSymbol(current) : nil)
        let order = denominators.count
        var partial: [MathToken] = [.partial]
        if order > 1 { partial += [MathToken.number("\(order)")].grouped(.above(isIndex: false)) }
        let bottom = denominators.reversed().map { [.partial, .blank] + $0.tokens }.joined(separator: [.thinSpace])
        return (
            (partial + [.blank] + top.tokens, top.width + 0.6),
            (Array(bottom), denominators.reduce(0) { $0 + $1.width + 0.8 })
        )
    }

    /// ∂P/∂Q for elements of two quantities.
    func ratio(_ above: Text, _ below: Text) -> Text {
        (
            .fraction([.partial, .blank] + above.tokens, [.partial, .blank] + below.tokens),
            max(above.width, below.width) + 0.9
        )
    }

    /// Brackets that are tall enough.
    static func brackets(_ height: Double) -> (size: MathToken.BracketSize, width: Double) {
        switch height {
        case ..<1.25: (.normal, 0.4)
        case ..<1.6: (.big, 0.47)
        case ..<2.15: (.bigger, 0.6)
        case ..<2.7: (.large, 0.75)
        default: (.largest, 0.8)
        }
    }
}

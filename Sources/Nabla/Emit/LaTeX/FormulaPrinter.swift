/// Prints expressions as formulas of LaTeX's math mode, in the notation of the field: stages as superscripts in
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
    let exampleCount: LaTeXSymbol
    let exampleIndex: LaTeXSymbol

    /// Of each named index, the affine expression that is just it.
    let plainIndices: [AffineID]
    /// Whether layers stand in parentheses, as in the video.
    var bracketsLayers = true

    private let symbols: [LaTeXSymbol]
    private let sizeSymbols: [LaTeXSymbol]
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
        symbols = system.quantities.map { LaTeXSymbol($0.name) }
        sizeSymbols = system.sizes.map { LaTeXSymbol($0.name) }
        var taken = Set(system.sizes.map(\.name))
        taken.formUnion(system.quantities.map(\.name))
        // Stage letters stay free for stages.
        taken.formUnion(system.stages.map(\.name))
        // Nor may the index of an example be that of an element.
        let used = taken.union(system.graph.indexNames.map(\.name))
        exampleCount = LaTeXSymbol(["m", "M", "E", "S"].first { !used.contains($0) } ?? "examples")
        let exampleLetter = ["i", "e", "r", "s", "q"].first { !used.contains($0) } ?? "example"
        exampleIndex = LaTeXSymbol(exampleLetter)
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
                for domain in quantity.domains where domain.indices.contains(position) {
                    let kind = system.graph.kind(of: domain[position].index)
                    if kind.isStage { return kind }
                }
                return layers ? .layer : .step
            }
        }
    }

    // MARK: Leaves

    /// A piece of text with its width.
    typealias Text = (tex: String, width: Double)

    func symbol(of quantity: QuantityID) -> LaTeXSymbol { symbols[Int(quantity.raw)] }

    func name(of index: IndexID) -> Text {
        let symbol = LaTeXSymbol(scope.name(of: index) ?? system.graph.name(of: index))
        return (symbol.tex(), symbol.baseWidth + symbol.belowWidth)
    }

    /// A size, or one stage's.
    private func text(of atom: AffineAtom) -> Text {
        switch atom {
        case .index(let index): return name(of: index)
        case .size(let id):
            let symbol = sizeSymbols[Int(id.raw)]
            return (symbol.tex(), symbol.baseWidth + symbol.belowWidth)
        case .stagedSize(let id, let stage):
            let symbol = sizeSymbols[Int(id.raw)]
            let below = text(of: system.graph[stage])
            return (symbol.tex(below: below.tex), symbol.baseWidth + symbol.belowWidth + 0.75 * below.width)
        }
    }

    /// An affine expression: `2i + p - 1` as `2i+p-1`.
    func text(of affine: Affine) -> Text {
        var tex = ""
        var width = 0.0
        func add(_ isNegative: Bool, _ part: Text) {
            if !tex.isEmpty || isNegative {
                tex += isNegative ? "-" : "+"
                width += tex.utf8.count == 1 ? 0.8 : 1.25
            }
            tex += part.tex
            width += part.width
        }
        func add(_ term: Affine.Term) {
            let atom = text(of: term.atom)
            let factor = term.coefficient.magnitude
            if factor == 1 {
                add(term.coefficient < 0, atom)
            } else {
                let digits = "\(factor)"
                add(term.coefficient < 0, (digits + atom.tex, 0.52 * Double(digits.utf8.count) + atom.width))
            }
        }
        func addConstant() {
            let digits = "\(affine.constant.magnitude)"
            add(affine.constant < 0, (digits, 0.52 * Double(digits.utf8.count)))
        }
        let terms = scope.ordered(affine.terms)
        for term in terms where term.coefficient > 0 { add(term) }
        let leads = tex.isEmpty && affine.constant > 0
        if leads || affine.terms.isEmpty { addConstant() }
        for term in terms where term.coefficient < 0 { add(term) }
        if !leads && affine.constant != 0 && !affine.terms.isEmpty { addConstant() }
        return (tex, width)
    }

    func text(of affine: AffineID) -> Text { text(of: system.graph[affine]) }

    /// Several indices: side by side where all are single letters, else with commas.
    func text(ofIndices indices: some Collection<AffineID>) -> Text {
        let parts = indices.map { text(of: $0) }
        let areLetters = indices.allSatisfy { id in
            guard let index = system.graph[id].asIndex else { return false }
            return LaTeXSymbol(scope.name(of: index) ?? system.graph.name(of: index)).isLetter
        }
        let width = parts.reduce(0) { $0 + $1.width }
        if !areLetters && parts.count > 1 {
            return (parts.map(\.tex).joined(separator: ","), width + 0.45 * Double(parts.count - 1))
        }
        // A command swallows a letter behind it.
        return (parts.map(\.tex).reduce("") { $0.contains("\\") ? "\($0) \($1)" : $0 + $1 }, width)
    }

    /// An element of a quantity: `w_{jk}^{(l)}`.
    func access(_ quantity: QuantityID, _ indices: [AffineID], symbol: LaTeXSymbol? = nil) -> Text {
        let symbol = symbol ?? self.symbol(of: quantity)
        let stageCount = system[quantity].stageCount
        let below = text(ofIndices: indices.dropFirst(stageCount))
        let above = stages(quantity, indices.prefix(stageCount))
        let belowWidth = 0.75 * (below.width + (below.width > 0 && symbol.below != nil ? 0.45 : 0)) + symbol.belowWidth
        return (
            symbol.tex(below: below.tex, above: above.tex),
            symbol.baseWidth + max(belowWidth, 0.75 * above.width) + 0.06
        )
    }

    /// Stages as they stand above: `(l)`, `\langle t\rangle`.
    private func stages(_ quantity: QuantityID, _ indices: some Collection<AffineID>) -> Text {
        if indices.isEmpty { return ("", 0) }
        var tex = ""
        var width = 0.0
        var isOpen: IndexKind?
        for (position, index) in indices.enumerated() {
            let kinds = stageKinds[Int(quantity.raw)]
            let kind = position < kinds.count ? kinds[position] : .layer
            let part = text(of: index)
            if let open = isOpen, open == kind {
                tex += ","
            } else {
                if let open = isOpen { tex += open == .step ? #"\rangle"# : bracketsLayers ? ")" : "" }
                tex += kind == .step ? #"\langle "# : bracketsLayers ? "(" : ""
                width += 0.8
            }
            isOpen = kind
            tex += part.tex
            width += part.width
        }
        tex += isOpen == .step ? #"\rangle"# : bracketsLayers ? ")" : ""
        return (tex, width)
    }

    /// A number's magnitude.
    func text(of value: Rational, _ literal: String?) -> Text {
        let tex: String
        if let literal, let slash = literal.firstIndex(of: "/") {
            let above = NumberText.latex(literal: literal[..<slash])
            let below = NumberText.latex(literal: literal[literal.index(after: slash)...])
            return (#"\frac{\#(above)}{\#(below)}"#, 0.52 * Double(max(above.utf8.count, below.utf8.count)) + 0.3)
        } else if let literal {
            tex = NumberText.latex(literal: literal)
        } else {
            switch NumberForm(value) {
            case .decimal(let text): tex = text
            case .fraction(let numerator, let denominator):
                let (above, below) = (numerator.description, denominator.description)
                return (#"\frac{\#(above)}{\#(below)}"#, 0.52 * Double(max(above.utf8.count, below.utf8.count)) + 0.3)
            }
        }
        return (tex, tex.contains("times") ? 0.52 * Double(tex.utf8.count - 8) + 1.2 : 0.52 * Double(tex.utf8.count))
    }

    /// The name of a function before its arguments; nil where its form has none.
    func head(of function: FunctionReference) -> Text? {
        switch function {
        case .standard(let id):
            let row = FunctionTable.standard[id]
            return row.latex.head.map { ($0, $0.hasPrefix("\\operatorname") ? 0.56 * Double($0.utf8.count - 15) : 1.6) }
        case .user(let position):
            guard system.functions.indices.contains(position) else { return ("f", 0.6) }
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
            let symbol = LaTeXSymbol(system.functions[origin].name)
            var tex = symbol.tex()
            if tex.hasPrefix(#"\mathrm{"#) { tex = #"\operatorname{"# + tex.dropFirst(8) }
            return (tex + String(repeating: "'", count: primes), symbol.baseWidth + symbol.belowWidth)
        }
    }

    /// The symbol of a cost of one example with that example's index: C_0 becomes C_i.
    func exampleSymbol(_ quantity: QuantityID) -> LaTeXSymbol {
        var symbol = symbol(of: quantity)
        let index = exampleIndex.tex()
        // C_{0,v} becomes C_{i,v}.
        if let below = symbol.below, let comma = below.firstIndex(of: ","), comma > below.startIndex,
            below[..<comma].utf8.allSatisfy({ (0x30...0x39).contains($0) })
        {
            symbol.below = index + below[comma...]
            return symbol
        }
        let isNumbered = symbol.below?.utf8.allSatisfy { (0x30...0x39).contains($0) } ?? true
        symbol.below = isNumbered ? index : "\(symbol.below ?? ""),\(index)"
        symbol.belowWidth = isNumbered ? 0.42 : symbol.belowWidth + 0.6
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
        let partial = order == 1 ? #"\partial "# : #"\partial^{\#(order)} "#
        let bottom = denominators.reversed().map { #"\partial "# + $0.tex }.joined(separator: #"\,"#)
        return (
            (partial + top.tex, top.width + 0.6), (bottom, denominators.reduce(0) { $0 + $1.width + 0.8 })
        )
    }

    /// ∂P/∂Q for elements of two quantities.
    func ratio(_ above: Text, _ below: Text) -> Text {
        (#"\frac{\partial \#(above.tex)}{\partial \#(below.tex)}"#, max(above.width, below.width) + 0.9)
    }

    /// Brackets that are tall enough.
    static func brackets(_ height: Double) -> (open: String, close: String, width: Double) {
        switch height {
        case ..<1.25: ("(", ")", 0.4)
        case ..<1.6: (#"\bigl("#, #"\bigr)"#, 0.47)
        case ..<2.15: (#"\Bigl("#, #"\Bigr)"#, 0.6)
        case ..<2.7: (#"\biggl("#, #"\biggr)"#, 0.75)
        default: (#"\Biggl("#, #"\Biggr)"#, 0.8)
        }
    }
}

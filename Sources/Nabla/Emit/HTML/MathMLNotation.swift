/// Spells formulas in MathML Core, which browsers set without a script.
///
/// One pass over the tokens writes fragments; what a script or limit belongs to gets its tag at the place where it started.
enum MathMLNotation: Notation {
    /// The content of a `math` element.
    static func text(of tokens: [MathToken]) -> String {
        var writer = MathMLWriter()
        for token in tokens { writer.write(token) }
        return writer.text
    }

    /// A formula inside a line of text.
    static func inline(_ tokens: [MathToken]) -> String { "<math>\(text(of: tokens))</math>" }
}

/// What has been written, and where the tags of scripts may still have to go.
private struct MathMLWriter {
    /// One element, which a script may follow.
    private struct Item {
        /// The empty fragment before it.
        var start: Int
        /// The fragment that closes its scripts.
        var end: Int?
        var hasBelow = false
        var hasAbove = false
        /// A name that stands before its operand.
        var isFunction = false
    }

    private struct Frame {
        var group: MathToken.Group?
        var items: [Item] = []
        /// The positions in ``items`` of brackets that are open.
        var open: [Int] = []
    }

    private var fragments: [String] = []
    private var frames = [Frame()]

    var text: String { fragments.joined() }

    /// Whether nothing but the product's invisible sign stands before what comes next.
    private var isAfterFactor = false

    mutating func write(_ token: MathToken) {
        defer { isAfterFactor = token == .implied }
        switch token {
        case .begin(let group): begin(group)
        case .end: end()
        case .next: fragments.append(separator(frames[frames.count - 1].group))
        case .nextCell: fragments.append("</mtd><mtd>")
        case .caseCondition: fragments.append("</mtd><mtd><mtext>if&#xA0;</mtext>")
        case .open:
            applyFunction(isSpaced: false)
            frames[frames.count - 1].open.append(frames[frames.count - 1].items.count)
            add(Self.element(token))
        case .close:
            add(Self.element(token))
            guard let place = frames[frames.count - 1].open.popLast() else { return }
            // What is in brackets is one thing from here on, for exponents behind them.
            let start = frames[frames.count - 1].items[place].start
            frames[frames.count - 1].items.removeSubrange(place...)
            frames[frames.count - 1].items.append(Item(start: start))
        case .prime(let count):
            script("msup", isBelow: false)
            fragments.append(
                count <= 3
                    ? Self.operation(String(repeating: "′", count: count), isTight: true)
                    : "<mo stretchy=\"false\">(</mo><mn>\(count)</mn><mo stretchy=\"false\">)</mo>")
            closeScript()
        case .transposed:
            script("msup", isBelow: false)
            fragments.append("<mi>T</mi>")
            closeScript()
        case .blank: applyFunction(isSpaced: true)
        case .function, .big(.maximum), .big(.minimum), .big(.mean), .big(.argumentOfMaximum), .big(.argumentOfMinimum):
            if isAfterFactor { fragments.append("<mspace width=\"0.17em\"/>") }
            add(Self.element(token))
            frames[frames.count - 1].items[frames[frames.count - 1].items.count - 1].isFunction = true
        default: add(Self.element(token))
        }
    }

    // MARK: Items

    private mutating func add(_ element: String) {
        if element.isEmpty { return }
        frames[frames.count - 1].items.append(Item(start: fragments.count))
        fragments.append("")
        fragments.append(element)
    }

    /// Says that what follows is a function's argument: nothing is seen of it but a space where no bracket follows.
    private mutating func applyFunction(isSpaced: Bool) {
        if frames[frames.count - 1].items.last?.isFunction != true { return }
        fragments.append("<mo>&#x2061;</mo>" + (isSpaced ? "<mspace width=\"0.17em\"/>" : ""))
    }

    // MARK: Groups

    private mutating func begin(_ group: MathToken.Group) {
        switch group {
        case .below: script("msub", isBelow: true)
        case .above: script("msup", isBelow: false)
        case .lowerLimit: script("munder", isBelow: true)
        case .upperLimit: script("mover", isBelow: false)
        case .fraction: add("<mfrac><mrow>")
        case .root: add("<msqrt>")
        case .underbrace: add("<munder><munder accentunder=\"true\"><mrow>")
        case .path(let number): add("<mrow class=\"path\(number % LaTeXNotation.pathColours.count)\">")
        case .cases: add("<mrow><mo form=\"prefix\">{</mo><mtable class=\"cases\"><mtr><mtd>")
        case .matrix: add("<mrow><mo form=\"prefix\">(</mo><mtable class=\"numbers\"><mtr><mtd>")
        case .grid: add("<mtable class=\"numbers grid\"><mtr><mtd>")
        case .indices: break
        }
        frames.append(Frame(group: group))
    }

    private func separator(_ group: MathToken.Group?) -> String {
        switch group {
        case .underbrace: "</mrow><mo stretchy=\"true\">&#x23DF;</mo></munder><mrow>"
        case .cases, .matrix, .grid: "</mtd></mtr><mtr><mtd>"
        default: "</mrow><mrow>"
        }
    }

    private mutating func end() {
        guard frames.count > 1, let group = frames.popLast()?.group else { return }
        switch group {
        case .below, .above, .lowerLimit, .upperLimit: closeScript()
        case .fraction: fragments.append("</mrow></mfrac>")
        case .root: fragments.append("</msqrt>")
        case .path: fragments.append("</mrow>")
        case .underbrace: fragments.append("</mrow></munder>")
        case .cases: fragments.append("</mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>")
        case .matrix: fragments.append("</mtd></mtr></mtable><mo form=\"postfix\">)</mo></mrow>")
        case .grid: fragments.append("</mtd></mtr></mtable>")
        case .indices: break
        }
    }

    // MARK: Scripts

    /// Wraps the last item in the element of a script, and opens the script.
    private mutating func script(_ tag: String, isBelow: Bool) {
        if frames[frames.count - 1].items.isEmpty { add("<mrow></mrow>") }
        let frame = frames.count - 1
        let place = frames[frame].items.count - 1
        let item = frames[frame].items[place]
        if !isBelow, item.hasBelow, !item.hasAbove, let end = item.end {
            // Below and above one base are one element.
            let (old, both) = tag == "msup" ? ("msub", "msubsup") : ("munder", "munderover")
            if fragments[item.start].hasPrefix("<\(old)>") {
                fragments[item.start] = "<\(both)>" + fragments[item.start].dropFirst(old.utf8.count + 2)
                fragments[end] = "</mrow><mrow>"
                frames[frame].items[place].hasAbove = true
                frames[frame].items[place].end = nil
                pending.append((both, place))
                return
            }
        }
        fragments[item.start] = "<\(tag)><mrow>" + fragments[item.start]
        fragments.append("</mrow><mrow>")
        if isBelow { frames[frame].items[place].hasBelow = true } else { frames[frame].items[place].hasAbove = true }
        pending.append((tag, place))
    }

    /// The scripts that are open, each with its tag and the position of its base.
    private var pending: [(tag: String, place: Int)] = []

    private mutating func closeScript() {
        guard let (tag, place) = pending.popLast() else { return }
        frames[frames.count - 1].items[place].end = fragments.count
        fragments.append("</mrow></\(tag)>")
    }

    // MARK: Elements

    private static func element(_ token: MathToken) -> String {
        switch token {
        case .symbol(let stem): symbol(stem)
        case .letters(let text): letters(text)
        case .number(let digits): "<mn>\(GraphPrinter.escaped(digits))</mn>"
        case .function(let name, _): identifier(name)
        case .text(let text): words(text)
        case .word(let text): words(" \(text) ")
        case .big(let big): element(big)
        case .indicator: "<mn>𝟏</mn>"
        case .partial: "<mi>∂</mi>"
        case .nabla: "<mi mathvariant=\"normal\">∇</mi>"
        case .negation: "<mo form=\"prefix\">−</mo>"
        case .operation(let operation, let isTight): self.operation(sign(operation), isTight: isTight)
        case .implied: "<mo>&#x2062;</mo>"
        case .gap: "<mo>&#x2062;</mo><mspace width=\"0.17em\"/>"
        case .wideGap: "<mo>&#x2062;</mo><mspace width=\"0.28em\"/>"
        case .thinSpace: "<mspace width=\"0.17em\"/>"
        case .dot, .leadingDot: operation("·", isTight: false)
        case .times: operation("×", isTight: false)
        case .slash: "<mo stretchy=\"false\" mathsize=\"1.4em\">/</mo>"
        case .comma(.tight): "<mo separator=\"true\" lspace=\"0\" rspace=\"0\">,</mo>"
        // A space of its own: between words an operator has none.
        case .comma(.normal): "<mo separator=\"true\" lspace=\"0\" rspace=\"0\">,</mo><mspace width=\"0.17em\"/>"
        case .comma(.wide): "<mo separator=\"true\" lspace=\"0\" rspace=\"0\">,</mo><mspace width=\"0.45em\"/>"
        case .semicolon: "<mo separator=\"true\" lspace=\"0\" rspace=\"0\">;</mo><mspace width=\"0.45em\"/>"
        case .dots: "<mi>…</mi>"
        case .verticalDots: "<mi>⋮</mi>"
        case .moreTerms: "<mi>⋯</mi>"
        case .elementwise: operation("⊙", isTight: false)
        case .nextIndex: "<mo>&#x2063;</mo>"
        case .open(let bracket, let size): self.bracket(bracket, size, isOpen: true)
        case .close(let bracket, let size): self.bracket(bracket, size, isOpen: false)
        case .prime, .transposed, .blank, .leadingOperator, .begin, .next, .nextCell, .rule, .caseCondition, .end: ""
        }
    }

    private static func symbol(_ stem: SymbolName.Stem) -> String {
        switch stem {
        case .letter, .greek: return letter(stem.text)
        case .accented(let base, let marks):
            return marks.reduce(letter(String(base))) { inner, mark in
                let sign = LaTeXText.accents[mark]?.sign ?? ""
                return "<mover accent=\"true\">\(inner)<mo stretchy=\"false\">\(sign)</mo></mover>"
            }
        case .word(let word): return identifier(word)
        }
    }

    private static func letter(_ text: String) -> String {
        // Greek capitals stand upright.
        let isCapital = text.unicodeScalars.allSatisfy { (0x391...0x3A9).contains($0.value) }
        return "<mi\(isCapital ? " mathvariant=\"normal\"" : "")>\(text)</mi>"
    }

    /// A name, upright; a long one loses its middle and keeps it as a tip.
    private static func identifier(_ name: String) -> String {
        let scalars = Array(name.unicodeScalars)
        if scalars.count == 1 { return "<mi mathvariant=\"normal\">\(GraphPrinter.escaped(name))</mi>" }
        if scalars.count <= GraphLabel.longest { return "<mi>\(GraphPrinter.escaped(name))</mi>" }
        var short = String.UnicodeScalarView(scalars.prefix(GraphLabel.longest * 2 / 3))
        short.append("…")
        short.append(contentsOf: scalars.suffix(GraphLabel.longest / 3 - 1))
        return "<mi title=\"\(GraphPrinter.escaped(name))\">\(GraphPrinter.escaped(String(short)))</mi>"
    }

    /// Words keep the spaces at their ends, which MathML drops.
    private static func words(_ text: String) -> String {
        var inner = text[...]
        if inner.last == " " { inner.removeLast() }
        if inner.first == " " { inner.removeFirst() }
        let (first, last) = (text.first == " ", text.last == " ")
        return "<mtext>\(first ? "&#xA0;" : "")\(GraphPrinter.escaped(String(inner)))\(last ? "&#xA0;" : "")</mtext>"
    }

    private static func letters(_ text: String) -> String {
        var output = ""
        var digits = ""
        for scalar in text.unicodeScalars {
            if ("0"..."9").contains(scalar) {
                digits.unicodeScalars.append(scalar)
                continue
            }
            if !digits.isEmpty { output += "<mn>\(digits)</mn>" }
            digits = ""
            output += "<mi>\(GraphPrinter.escaped(String(scalar)))</mi>"
        }
        return digits.isEmpty ? output : output + "<mn>\(digits)</mn>"
    }

    private static func element(_ big: MathToken.BigOperator) -> String {
        switch big {
        case .sum: "<mo>∑</mo>"
        case .product: "<mo>∏</mo>"
        case .maximum: "<mi>max</mi>"
        case .minimum: "<mi>min</mi>"
        case .mean: "<mi>mean</mi>"
        case .argumentOfMaximum: "<mi>arg&#xA0;max</mi>"
        case .argumentOfMinimum: "<mi>arg&#xA0;min</mi>"
        }
    }

    /// Inside scripts and indices there is no space around an operator.
    private static func operation(_ sign: String, isTight: Bool) -> String {
        "<mo form=\"infix\"\(isTight ? " lspace=\"0\" rspace=\"0\"" : "")>\(sign)</mo>"
    }

    private static func sign(_ operation: MathToken.Operation) -> String {
        switch operation {
        case .plus: "+"
        case .minus: "−"
        case .equal: "="
        case .notEqual: "≠"
        case .approximatelyEqual: "≈"
        case .less: "&lt;"
        case .lessOrEqual: "≤"
        case .greater: "&gt;"
        case .greaterOrEqual: "≥"
        }
    }

    private static func bracket(
        _ bracket: MathToken.Bracket, _ size: MathToken.BracketSize, isOpen: Bool
    ) -> String {
        let sign: String =
            switch bracket {
            case .round: isOpen ? "(" : ")"
            case .square: isOpen ? "[" : "]"
            case .angle: isOpen ? "⟨" : "⟩"
            case .bar: "|"
            }
        // By itself a bracket would grow with all that stands on its line. A browser gives a stretched one the width of
        // the largest, so that little ones are larger letters instead.
        let stretch: String =
            switch size {
            case .normal: " stretchy=\"false\""
            case .big: " stretchy=\"false\" mathsize=\"1.25em\""
            case .bigger: " stretchy=\"false\" mathsize=\"1.6em\""
            case .large: " minsize=\"2.4em\" maxsize=\"2.4em\""
            case .largest: " minsize=\"3em\" maxsize=\"3em\""
            case .fitting: ""
            }
        return "<mo form=\"\(isOpen ? "prefix" : "postfix")\"\(stretch)>\(sign)</mo>"
    }
}

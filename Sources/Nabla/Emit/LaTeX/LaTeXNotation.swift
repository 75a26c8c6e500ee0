/// Spells formulas in LaTeX's math mode, in commands that KaTeX and MathJax know, too.
enum LaTeXNotation: Notation {
    static func text(of tokens: [MathToken]) -> String { String(decoding: bytes(of: tokens), as: UTF8.self) }

    /// Of a broken formula, a line.
    static func line(_ tokens: [MathToken]) -> String {
        var bytes = bytes(of: tokens)
        while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func bytes(of tokens: [MathToken]) -> [UInt8] {
        var output: [UInt8] = []
        // The open groups, each with the place where its content starts.
        var groups: [(group: MathToken.Group, start: Int)] = []
        for token in tokens {
            switch token {
            case .begin(let group):
                output += opening(group).utf8
                groups.append((group, output.count))
            case .next:
                let separator: String =
                    switch groups.last?.group {
                    case .underbrace: "}_{"
                    case .cases, .matrix, .grid: #" \\ "#
                    default: "}{"
                    }
                output += separator.utf8
            case .nextIndex:
                // A command swallows a letter behind it.
                if output[(groups.last?.start ?? 0)...].contains(UInt8(ascii: "\\")) {
                    output.append(UInt8(ascii: " "))
                }
            case .end:
                guard let (group, start) = groups.popLast() else { continue }
                switch group {
                case .indices: break
                case .cases: output += #"& \text{otherwise} \end{cases}"#.utf8
                case .below(isIndex: true), .above(isIndex: true):
                    if output.count - start == 1 { continue }
                    output.insert(UInt8(ascii: "{"), at: start)
                    output.append(UInt8(ascii: "}"))
                case .matrix: output += #" \end{pmatrix}"#.utf8
                case .grid: output += #" \end{array}"#.utf8
                default: output.append(UInt8(ascii: "}"))
                }
            default: output += spelling(of: token).utf8
            }
        }
        return output
    }

    /// The colours of paths by xcolor's and KaTeX's names. A document defines all but blue again: xcolor mixes colours out of that.
    static let pathColours = ["blue", "orange", "teal", "purple"]

    private static func opening(_ group: MathToken.Group) -> String {
        switch group {
        case .fraction: #"\frac{"#
        case .root: #"\sqrt{"#
        case .below(let isIndex): isIndex ? "_" : "_{"
        case .above(let isIndex): isIndex ? "^" : "^{"
        case .lowerLimit: "_{"
        case .upperLimit: "^{"
        case .underbrace: #"\underbrace{"#
        case .path(let number): #"\textcolor{\#(pathColours[number % pathColours.count])}{"#
        case .cases: #"\begin{cases} "#
        case .matrix: #"\begin{pmatrix} "#
        case .grid(let columns): #"\begin{array}{l\#(String(repeating: "r", count: max(0, columns - 1)))} "#
        case .indices: ""
        }
    }

    private static func spelling(of token: MathToken) -> String {
        switch token {
        case .symbol(let stem): symbol(stem)
        case .letters(let text), .number(let text): text
        case .function(let name, let isKnown): isKnown ? "\\" + name : functionName(name)
        case .text(let text): #"\text{\#(text)}"#
        case .word(let text): #" \text{ \#(text) } "#
        case .prime(let count): count <= 3 ? String(repeating: "'", count: count) : "^{(\(count))}"
        case .big(let operation): big(operation)
        case .indicator: #"\mathbf{1}"#
        case .partial: #"\partial"#
        case .nabla: #"\nabla"#
        case .negation: "-"
        case .operation(let operation, let isTight): spelling(of: operation, isTight: isTight)
        case .implied, .blank: " "
        case .gap: #"\, "#
        case .wideGap: #"\; "#
        case .thinSpace: #"\,"#
        case .dot: #" \cdot "#
        case .times: #" \times "#
        case .slash: #"\big/"#
        case .comma(.tight): ","
        case .comma(.normal): ", "
        case .comma(.wide): #",\; "#
        case .semicolon: #";\; "#
        case .dots: #"\dots"#
        case .verticalDots: #"\vdots"#
        case .moreTerms: #"\cdots"#
        case .elementwise: #" \odot "#
        case .transposed: "^T"
        case .open(let bracket, let size): open(bracket, size)
        case .close(let bracket, let size): close(bracket, size)
        case .caseCondition: #" & \text{if } "#
        case .leadingDot: #"{}\cdot "#
        // A plus at the start of a line is an operator only after something.
        case .leadingOperator: "{}"
        case .nextCell: " & "
        case .rule: #"\hline "#
        case .begin, .next, .nextIndex, .end: ""
        }
    }

    static func symbol(_ stem: SymbolName.Stem) -> String {
        switch stem {
        case .greek(let name): "\\" + name
        case .letter(let scalar): LaTeXText.greek[scalar] ?? String(scalar)
        case .accented(let letter, let marks):
            LaTeXText.marked(LaTeXText.greek[letter] ?? String(letter), marks)
        case .word(let word): LaTeXText.upright(word).tex
        }
    }

    private static func functionName(_ name: String) -> String {
        let upright = LaTeXText.upright(name).tex
        let letters = #"\mathrm"#
        return upright.hasPrefix(letters) ? #"\operatorname"# + upright.dropFirst(letters.count) : upright
    }

    private static func spelling(of operation: MathToken.Operation, isTight: Bool) -> String {
        let sign: String =
            switch operation {
            case .plus: "+"
            case .minus: "-"
            case .equal: "="
            case .notEqual: #"\ne"#
            case .approximatelyEqual: #"\approx"#
            case .less: "<"
            case .lessOrEqual: #"\le"#
            case .greater: ">"
            case .greaterOrEqual: #"\ge"#
            }
        if !isTight { return " \(sign) " }
        return sign.utf8.count > 1 ? sign + " " : sign
    }

    private static func big(_ operation: MathToken.BigOperator) -> String {
        switch operation {
        case .sum: #"\sum"#
        case .product: #"\prod"#
        case .maximum: #"\max"#
        case .minimum: #"\min"#
        case .mean: #"\operatorname*{mean}"#
        case .argumentOfMaximum: #"\arg\max"#
        case .argumentOfMinimum: #"\arg\min"#
        }
    }

    private static func open(_ bracket: MathToken.Bracket, _ size: MathToken.BracketSize) -> String {
        let command = ["", #"\bigl"#, #"\Bigl"#, #"\biggl"#, #"\Biggl"#, #"\left"#][place(of: size)]
        return switch bracket {
        case .round: command + "("
        case .square: command + "["
        case .angle: command + #"\langle "#
        case .bar: command + #"\lvert "#
        }
    }

    private static func close(_ bracket: MathToken.Bracket, _ size: MathToken.BracketSize) -> String {
        let command = ["", #"\bigr"#, #"\Bigr"#, #"\biggr"#, #"\Biggr"#, #"\right"#][place(of: size)]
        return switch bracket {
        case .round: command + ")"
        case .square: command + "]"
        case .angle: command + #"\rangle"#
        case .bar: command + #"\rvert"#
        }
    }

    private static func place(of size: MathToken.BracketSize) -> Int {
        switch size {
        case .normal: 0
        case .big: 1
        case .bigger: 2
        case .large: 3
        case .largest: 4
        case .fitting: 5
        }
    }
}

extension LaTeXNotation {
    /// Prose for pdflatex with T1 fonts.
    static func text(of prose: Prose) -> String {
        var output = ""
        for part in prose.parts {
            switch part {
            case .text(let text):
                let body = LaTeXText.prose(text)
                if text.first?.isWhitespace == true, output.last != " ", !output.isEmpty { output += " " }
                output += body
                if text.last?.isWhitespace == true, !body.isEmpty { output += " " }
            case .math(let tokens): output += "$" + LaTeXNotation.text(of: tokens) + "$"
            }
        }
        while output.last == " " { output.removeLast() }
        return output
    }
}

extension MathLine {
    /// All on one line, as LaTeX.
    var tex: String { LaTeXNotation.text(of: tokens) }
}

extension MathSymbol {
    /// With its own subscript, as LaTeX.
    var tex: String { LaTeXNotation.text(of: tokens()) }
}

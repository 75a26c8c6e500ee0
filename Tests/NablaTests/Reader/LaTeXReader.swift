import Foundation

/// Reads printed formulas back: it knows the rules of the page, not the printer.
///
/// A sum or product sign reaches to the next plus or minus; letters side by side are a product, and so are brackets behind a
/// letter that is no function.
struct LaTeXReader {
    private var tokens: [String]
    private var place = 0
    /// What is a function when brackets follow: `\phi_1`, too.
    private let functions: Set<String>
    private let heads: [String: [[String]]]

    init(_ text: String, functions: Set<String>) {
        self.init(tokens: LaTeXReader.tokens(text), functions: functions)
    }

    init(tokens: [String], functions: Set<String>) {
        self.tokens = tokens
        self.functions = functions
        var heads: [String: [[String]]] = [:]
        for name in functions {
            let parts = LaTeXReader.tokens(name)
            if let first = parts.first { heads[first, default: []].append(parts) }
        }
        self.heads = heads.mapValues { $0.sorted { $0.count > $1.count } }
    }

    /// Commands, braces and single characters; numbers in one piece.
    static func tokens(_ text: String) -> [String] {
        var tokens: [String] = []
        var rest = text[...]
        while let first = rest.first {
            if first == "\\" {
                let letters = rest.dropFirst().prefix { $0.isASCII && $0.isLetter }
                let end = letters.isEmpty ? rest.dropFirst(2).startIndex : letters.endIndex
                let command = String(rest[..<end])
                rest = rest[end...]
                if [#"\text"#, #"\mathrm"#, #"\operatorname"#, #"\begin"#, #"\end"#, #"\mathbf"#].contains(command) {
                    if rest.first == "*" { rest = rest.dropFirst() }
                    // A name: the group is part of the token.
                    var depth = 0
                    var name = ""
                    while let next = rest.first {
                        if next == "\\" {
                            name += rest.prefix(2)
                            rest = rest.dropFirst(2)
                            continue
                        }
                        if next == "{" { depth += 1 }
                        if next == "}" { depth -= 1 }
                        name.append(next)
                        rest = rest.dropFirst()
                        if depth == 0 { break }
                    }
                    tokens.append(command + name)
                } else if ![#"\,"#, #"\;"#, #"\!"#, #"\quad"#, #"\qquad"#, #"\left"#, #"\right"#].contains(command),
                    !["big", "Big"].contains(where: { command.dropFirst().hasPrefix($0) })
                        || command.dropFirst().hasPrefix("bigcirc")
                {
                    tokens.append(command)
                }
            } else if first == " " || first == "\n" {
                rest = rest.dropFirst()
            } else if first.isASCII, first.isNumber {
                let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
                rest = rest[digits.endIndex...]
                tokens.append(String(digits))
            } else {
                tokens.append(String(first))
                rest = rest.dropFirst()
            }
        }
        return tokens
    }

    // MARK: Moving

    private var next: String? { place < tokens.count ? tokens[place] : nil }

    private mutating func take(_ token: String) -> Bool {
        guard next == token else { return false }
        place += 1
        return true
    }

    private mutating func expect(_ token: String) throws {
        guard take(token) else {
            throw LaTeXReaderError(
                description: "'\(token)' expected, not '\(next ?? "the end")' in \(tokens.joined(separator: " "))")
        }
    }

    /// The tokens of a group in braces, or the one token that stands for it.
    private mutating func group() throws -> [String] {
        guard take("{") else {
            guard let token = next else { throw LaTeXReaderError(description: "a group expected") }
            place += 1
            // Of several digits without braces only the first is meant.
            if token.count > 1, token.first?.isNumber == true {
                tokens.insert(String(token.dropFirst()), at: place)
                return [String(token.prefix(1))]
            }
            return [token]
        }
        var depth = 1
        let start = place
        while let token = next {
            if token == "{" { depth += 1 }
            if token == "}" { depth -= 1 }
            place += 1
            if depth == 0 { return Array(tokens[start..<place - 1]) }
        }
        throw LaTeXReaderError(description: "a group does not end")
    }

    private func inner(_ tokens: [String]) throws -> LaTeXFormula {
        var reader = LaTeXReader(tokens: tokens, functions: functions)
        return try reader.all()
    }

    /// All of it as one formula.
    mutating func all() throws -> LaTeXFormula {
        let result = try expression()
        if let next {
            throw LaTeXReaderError(description: "'\(next)' is left over in \(tokens.joined(separator: " "))")
        }
        return result
    }

    mutating func wholeCondition() throws -> LaTeXCondition {
        let result = try condition()
        if let next { throw LaTeXReaderError(description: "'\(next)' is left over in a condition") }
        return result
    }

    // MARK: Sums and products

    private mutating func expression() throws -> LaTeXFormula {
        var terms: [LaTeXFormula] = []
        while take("{") { try expect("}") }
        if take("-") {
            terms.append(.negative(try term()))
        } else {
            _ = take("+")
            terms.append(try term())
        }
        while true {
            if next == "{", place + 1 < tokens.count, tokens[place + 1] == "}" { place += 2 }
            if take("+") {
                terms.append(try term())
            } else if take("-") {
                terms.append(.negative(try term()))
            } else {
                break
            }
        }
        return terms.count == 1 ? terms[0] : .sum(terms)
    }

    private static let ends: Set<String> = [
        "+", "-", ")", "]", "}", ",", ";", "&", #"\\"#, "=", "<", ">", #"\le"#, #"\ge"#, #"\ne"#, #"\rvert"#, #"\to"#,
        #"\text{ and }"#, #"\text{ or }"#, #"\text{if }"#, #"\end{cases}"#, #"\text{otherwise}"#, #"\rangle"#,
    ]

    private mutating func term() throws -> LaTeXFormula {
        var factors: [LaTeXFormula] = []
        while let token = next, !LaTeXReader.ends.contains(token) {
            if token == #"\cdot"# || token == #"\times"# {
                place += 1
                continue
            }
            if token == "{", place + 1 < tokens.count, tokens[place + 1] == "}" {
                place += 2
                continue
            }
            if token == "/" {
                place += 1
                guard let last = factors.popLast() else { throw LaTeXReaderError(description: "nothing to divide") }
                factors.append(.quotient(last, try factor()))
                continue
            }
            factors.append(try factor())
        }
        if factors.isEmpty {
            throw LaTeXReaderError(description: "a term expected in \(tokens.joined(separator: " "))")
        }
        return factors.count == 1 ? factors[0] : .product(factors)
    }

    private mutating func factor() throws -> LaTeXFormula {
        let base = try atom()
        guard take("^") else { return base }
        return .power(base, try inner(try group()))
    }

    // MARK: Atoms

    private mutating func arguments() throws -> [LaTeXFormula] {
        try expect("(")
        var arguments = [try expression()]
        while take(",") { arguments.append(try expression()) }
        try expect(")")
        return arguments
    }

    private mutating func atom() throws -> LaTeXFormula {
        guard let token = next else { throw LaTeXReaderError(description: "a factor expected") }
        place += 1
        switch token {
        case "(":
            let result = try expression()
            try expect(")")
            return result
        case #"\lvert"#:
            let result = try expression()
            try expect(#"\rvert"#)
            return .call(head: #"\lvert"#, subscripted: nil, primes: 0, [result])
        case #"\frac"#: return try fraction()
        case #"\underbrace"#:
            let above = try inner(try group())
            try expect("_")
            return .labelled(above, label: try inner(try group()))
        case #"\sqrt"#: return .power(try inner(try group()), .number(0.5))
        case #"\mathbf{1}"#:
            try expect("[")
            let result = try condition()
            try expect("]")
            return .indicator(result)
        case #"\delta"# where next == "_":
            place += 1
            return .delta(try LaTeXReader.parts(try group(), count: 2).map { try inner($0) })
        case #"\begin{cases}"#: return try cases()
        case #"\sum"#, #"\prod"#: return try big(token)
        case #"\max"#, #"\min"#, #"\operatorname{mean}"#: if next == "_" { return try big(token) }
        case #"\partial"# where next == "_":
            place += 1
            let number = try group().joined()
            guard let argument = Int(number), place < tokens.count, let head = head(at: place) else {
                throw LaTeXReaderError(description: "the derivative of what?")
            }
            place += head.count
            return .partial(head: head.joined(), argument: argument - 1, try arguments())
        case #"\text{true}"#, #"\text{false}"#: throw LaTeXReaderError(description: "a truth value as a number")
        case #"\operatorname{if}"#:
            try expect("(")
            let first = try condition()
            try expect(";")
            let then = try expression()
            try expect(";")
            let otherwise = try expression()
            try expect(")")
            return .cases([(then, first), (otherwise, nil)])
        default: break
        }
        if token.first?.isNumber == true, let number = Double(token) { return .number(number) }
        let isName = token.first?.isLetter == true || token.hasPrefix("\\")
        guard isName else { throw LaTeXReaderError(description: "'\(token)' is not known") }
        if let head = head(at: place - 1) {
            let start = place
            place += head.count - 1
            if let call = try call(head.joined()) { return call }
            place = start
        }
        return try symbol(token)
    }

    private static let withoutBrackets: Set<String> = [
        #"\log"#, #"\exp"#, #"\sin"#, #"\cos"#, #"\tan"#, #"\arcsin"#, #"\arccos"#, #"\arctan"#, #"\sinh"#, #"\cosh"#,
        #"\tanh"#,
    ]

    /// The tokens of a function's name that stand at a place.
    private func head(at place: Int) -> [String]? {
        heads[tokens[place]]?.first { tokens[place...].starts(with: $0) }
    }

    /// A function with its arguments; nil where the name stands for itself.
    private mutating func call(_ head: String) throws -> LaTeXFormula? {
        let start = place
        var below: LaTeXFormula?
        if next == "_", head.hasPrefix(#"\operatorname"#) {
            place += 1
            below = try inner(try group())
        }
        var primes = 0
        while take("'") { primes += 1 }
        if next == "(" { return .call(head: head, subscripted: below, primes: primes, try arguments()) }
        // \log \sum … and \sin x.
        if LaTeXReader.withoutBrackets.contains(head) || head.hasPrefix(#"\operatorname"#), primes == 0,
            let token = next
        {
            let argument = token == #"\sum"# ? try term() : try atom()
            return .call(head: head, subscripted: below, primes: 0, [argument])
        }
        place = start
        return nil
    }

    private mutating func symbol(_ base: String) throws -> LaTeXFormula {
        var below: [String] = []
        var above: [String] = []
        if take("_") { below = try group() }
        if next == "^", place + 1 < tokens.count {
            // Stages stand in brackets; what does not is an exponent.
            let start = place
            place += 1
            let group = try group()
            if group.first == "(" || group.first == #"\langle"# { above = group } else { place = start }
        }
        return .symbol(base: base, below: below, above: above)
    }

    private mutating func fraction() throws -> LaTeXFormula {
        let above = try group()
        let below = try group()
        guard above.first == #"\partial"# else { return .quotient(try inner(above), try inner(below)) }
        guard below.first == #"\partial"#, below.filter({ $0 == #"\partial"# }).count == 1 else {
            throw LaTeXReaderError(description: "a second derivative")
        }
        let denominator = try inner(Array(below.dropFirst()))
        if above.count == 1 { return .slope(below: denominator, try term()) }
        return .ratio(above: try inner(Array(above.dropFirst())), below: denominator)
    }

    private mutating func cases() throws -> LaTeXFormula {
        var rows: [(value: LaTeXFormula, condition: LaTeXCondition?)] = []
        while true {
            let value = try expression()
            try expect("&")
            if take(#"\text{otherwise}"#) {
                rows.append((value, nil))
            } else {
                try expect(#"\text{if }"#)
                rows.append((value, try condition()))
            }
            if take(#"\end{cases}"#) { return .cases(rows) }
            try expect(#"\\"#)
        }
    }

    private mutating func big(_ sign: String) throws -> LaTeXFormula {
        try expect("_")
        let below = try group()
        if below.first?.hasPrefix(#"\text{examples}"#) == true { return .overExamples(try term()) }
        if sign == #"\max"# || sign == #"\min"# || sign == #"\operatorname{mean}"# {
            // 0 \le j < n, 0 \le k < m
            let ranges = try LaTeXReader.parts(below, count: 1).map { part -> LaTeXRange in
                guard let range = try bounds(part) else {
                    throw LaTeXReaderError(description: "the range of \(sign)")
                }
                return range
            }
            let kind = sign.hasPrefix(#"\operatorname"#) ? "mean" : String(sign.dropFirst())
            return .over(kind, ranges, try term())
        }
        guard let equals = below.firstIndex(of: "=") else {
            throw LaTeXReaderError(description: "the range of \(sign)")
        }
        try expect("^")
        let range = LaTeXRange(
            index: below[..<equals].joined(), from: try inner(Array(below[(equals + 1)...])),
            through: try inner(try group()))
        return .over(String(sign.dropFirst()), [range], try term())
    }

    /// `0 \le j < n`; nil where it is no range.
    private func bounds(_ part: [String]) throws -> LaTeXRange? {
        guard let first = part.firstIndex(of: #"\le"#), let second = part.firstIndex(of: "<"), first < second else {
            return nil
        }
        let last = LaTeXFormula.sum([try inner(Array(part[(second + 1)...])), .number(-1)])
        return LaTeXRange(
            index: part[(first + 1)..<second].joined(), from: try inner(Array(part[..<first])), through: last)
    }

    /// Indices: parts between commas, or, without any, single letters side by side.
    static func parts(_ tokens: [String], count: Int) -> [[String]] {
        var parts: [[String]] = [[]]
        var depth = 0
        for token in tokens {
            if token == "{" || token == "(" { depth += 1 }
            if token == "}" || token == ")" { depth -= 1 }
            if token == ",", depth == 0 { parts.append([]) } else { parts[parts.count - 1].append(token) }
        }
        if parts.count == 1, count > 1, parts[0].count == count { return parts[0].map({ [$0] }) }
        return parts
    }

    // MARK: Conditions

    private mutating func condition() throws -> LaTeXCondition {
        var groups = [try conjunction()]
        while take(#"\text{ or }"#) { groups.append(try conjunction()) }
        return groups.count == 1 ? groups[0] : .any(groups)
    }

    private mutating func conjunction() throws -> LaTeXCondition {
        var parts = [try comparison()]
        while take(#"\text{ and }"#) { parts.append(try comparison()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func comparison() throws -> LaTeXCondition {
        if take(#"\text{true}"#) { return .constant(true) }
        if take(#"\text{false}"#) { return .constant(false) }
        if let position = try position() { return position }
        let start = place
        if take("(") {
            // A condition in brackets, unless a number is.
            if let inside = try? condition(), take(")"),
                LaTeXReader.ends.subtracting(LaTeXReader.relations).contains(next ?? ")")
            {
                return inside
            }
            place = start
        }
        let first = try expression()
        var rest: [(relation: String, LaTeXFormula)] = []
        while let relation = next, LaTeXReader.relations.contains(relation) {
            place += 1
            rest.append((relation, try expression()))
        }
        if rest.isEmpty { throw LaTeXReaderError(description: "a comparison expected") }
        return .chain(first, rest)
    }

    /// `i = \arg\max_{j} e`, `i = \arg\max_{0 \le j < n} e` or `(ij) \ne \arg\min_{k,m} e`; nil where no position follows.
    private mutating func position() throws -> LaTeXCondition? {
        var end = place
        var depth = 0
        while end < tokens.count {
            let token = tokens[end]
            if depth == 0, token == "=" || token == #"\ne"# { break }
            if depth == 0, LaTeXReader.ends.contains(token) && !["+", "-", ","].contains(token) { return nil }
            if token == "{" || token == "(" { depth += 1 }
            if token == "}" || token == ")" { depth -= 1 }
            end += 1
        }
        guard end + 3 < tokens.count, tokens[end + 1] == #"\arg"# else { return nil }
        var targets = Array(tokens[place..<end])
        let isEqual = tokens[end] == "="
        let isMaximum = tokens[end + 2] == #"\max"#
        place = end + 3
        try expect("_")
        let below = LaTeXReader.parts(try group(), count: 1)
        let indices = try below.map { part in
            let range = try bounds(part)
            return (name: range?.index ?? part.joined(), range: range)
        }
        if indices.count > 1, targets.first == "(", targets.last == ")" {
            targets = Array(targets.dropFirst().dropLast())
        }
        let parts = try LaTeXReader.parts(targets, count: indices.count).map { try inner($0) }
        guard parts.count == indices.count else { throw LaTeXReaderError(description: "a position of other size") }
        return .position(
            targets: parts, isEqual: isEqual, isMaximum: isMaximum, indices: indices, try term())
    }

    private static let relations: Set<String> = ["=", "<", ">", #"\le"#, #"\ge"#, #"\ne"#]
}

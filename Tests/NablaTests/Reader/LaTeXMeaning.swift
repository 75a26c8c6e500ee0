import Foundation

@testable import Nabla

/// What formulas are worth at concrete values: symbols are looked up by how they print, ratios are partial derivatives of one equation
/// by dual numbers, or a cost's derivative where there is one.
struct LaTeXMeaning {
    /// What indices stand for, and which example is meant.
    struct Place {
        var indices: [String: Int] = [:]
        /// What the arguments of a function stand for, where it is defined.
        var arguments: [String: Double] = [:]
        var example = 0
        /// One element with another value, to take a slope.
        var moved: (Oracle.Element, Double)?
    }

    private let memo = Memo()
    private let system: System
    private var oracle: Oracle
    private let exampleCount: Int
    private var quantities: [String: [(own: [String], id: QuantityID)]] = [:]
    private var sizes: [String: [(own: [String], id: SizeID)]] = [:]
    private var users: [String: Int] = [:]
    private var standard: [String: String] = [:]
    private var exampleCosts: [String: [(own: [String], id: QuantityID)]] = [:]
    private let exampleIndex: String
    private let exampleNumber: String
    /// How often a label was compared with what stands over it.
    private(set) var labels = 0
    /// Labels that differ.
    private(set) var complaints: [String] = []

    /// How formulas are read: what is a function.
    var functions: Set<String> { Set(users.keys).union(standard.keys) }

    init(_ derived: DerivedSystem, _ values: OracleValues) {
        var system = derived.system
        for rewriting in derived.derivation.rewritings { system.equations[rewriting.equation].body = rewriting.body }
        for (position, body) in derived.evaluatedBodies { system.equations[position].body = body }
        self.system = system
        oracle = Oracle(system, values)
        exampleCount = values.exampleCount
        let formulas = FormulaPrinter(system, limit: 40)
        exampleIndex = PrintedSymbol(formulas.exampleIndex).base
        exampleNumber = PrintedSymbol(formulas.exampleCount).base
        for (position, quantity) in system.quantities.enumerated() where quantity.role != .derivative {
            let symbol = PrintedSymbol(formulas.symbol(of: QuantityID(position)))
            quantities[symbol.base, default: []].append((symbol.below, QuantityID(position)))
            let one = PrintedSymbol(formulas.exampleSymbol(QuantityID(position)))
            exampleCosts[one.base, default: []].append((one.below, QuantityID(position)))
        }
        // A name with more below stands for itself, not for an element of another.
        for base in Array(quantities.keys) { quantities[base]?.sort { $0.own.count > $1.own.count } }
        for (position, size) in system.sizes.enumerated() {
            let symbol = PrintedSymbol(named: size.name)
            sizes[symbol.base, default: []].append((symbol.below, SizeID(position)))
        }
        for position in system.functions.indices {
            if let head = formulas.head(of: .user(position)) {
                let tex = PrintedSymbol.text(head)
                let name = tex.replacingOccurrences(of: "'", with: "")
                if users[name] == nil { users[name] = position }
            }
        }
        for (number, name) in FunctionTable.standard.names.enumerated() {
            guard let id = FunctionTable.standard.id(named: name) else { continue }
            _ = number
            if let head = formulas.head(of: .standard(id)) { standard[PrintedSymbol.text(head)] = name }
        }
        standard[#"\exp"#] = "exp"
        standard[#"\operatorname{pow}"#] = "pow"
        for name in FunctionTable.standard.names where standard[#"\operatorname{\#(name)}"#] == nil {
            standard[#"\operatorname{\#(name)}"#] = name
        }
    }

    // MARK: Values

    mutating func value(_ formula: LaTeXFormula, _ place: Place) throws -> Double {
        switch formula {
        case .number(let number): return number
        case .symbol(let base, let below, let above): return try symbol(base, below, above, place)
        case .sum(let terms): return try terms.reduce(0) { $0 + (try value($1, place)) }
        case .negative(let operand): return -(try value(operand, place))
        case .quotient(let above, let below): return try value(above, place) / value(below, place)
        case .power(let base, let exponent):
            if case .symbol("e", [], []) = base, quantities["e"] == nil, place.indices["e"] == nil {
                return exp(try value(exponent, place))
            }
            let exponent = try value(exponent, place)
            return pow(try value(base, place), exponent)
        case .product(let factors):
            // Where a condition does not hold, what stands beside it need not exist.
            for factor in factors {
                switch factor {
                case .indicator, .delta: if try value(factor, place) == 0 { return 0 }
                default: break
                }
            }
            return try factors.reduce(1) { $0 * (try value($1, place)) }
        case .call(let head, let below, let primes, let arguments):
            return try call(head, below, primes, arguments, place)
        case .indicator(let condition): return try holds(condition, place) ? 1 : 0
        case .delta(let indices):
            guard indices.count == 2 else { throw LaTeXReaderError(description: "δ of \(indices.count)") }
            return try value(indices[0], place) == value(indices[1], place) ? 1 : 0
        case .cases(let rows):
            for row in rows {
                if let condition = row.condition, try !holds(condition, place) { continue }
                return try value(row.value, place)
            }
            throw LaTeXReaderError(description: "no case")
        case .over(let kind, let ranges, let body):
            let values = try places(ranges[...], place).map { try value(body, $0) }
            switch kind {
            case "sum": return values.reduce(0, +)
            case "prod": return values.reduce(1, *)
            case "max": return values.max() ?? .nan
            case "min": return values.min() ?? .nan
            default: return values.reduce(0, +) / Double(values.count)
            }
        case .partial(let head, let argument, let arguments):
            let numbers = try arguments.map { try value($0, place) }
            if let user = users[head] { return try oracle.user(user, numbers, argument: argument) }
            guard let name = standard[head], let result = HandDerivatives.apply(name, numbers),
                result.partials.indices.contains(argument)
            else { throw LaTeXReaderError(description: "no function: \(head)") }
            return result.partials[argument]
        case .overExamples(let body):
            var inner = place
            var sum = 0.0
            for example in 0..<exampleCount {
                inner.example = example
                sum += try value(body, inner)
            }
            return sum
        case .labelled(let formula, let label):
            let (first, second) = (try value(formula, place), try value(label, place))
            labels += 1
            if !LaTeXMeaning.isClose(first, second), place.moved == nil {
                complaints.append("\(first) is labelled \(second)")
            }
            return first
        case .ratio(let above, let below): return try ratio(above, below, place)
        case .slope(let below, let body):
            let element = try element(below, place)
            let middle = try oracle.value(element.quantity, element.indices, example: element.example)
            let slope = try RichardsonDerivative.slope { step in
                var inner = place
                inner.moved = (element, middle + step / 4)
                return try self.value(body, inner) * 4
            }
            return slope?.value ?? .nan
        }
    }

    static func isClose(_ left: Double, _ right: Double) -> Bool {
        if !left.isFinite || !right.isFinite { return true }
        return abs(left - right) <= 1e-5 * max(abs(left), abs(right), 1e-3)
    }

    func whole(_ formula: LaTeXFormula, _ place: Place) throws -> Int {
        var copy = self
        let number = try copy.value(formula, place)
        guard number.rounded() == number, abs(number) < 1e9 else {
            throw LaTeXReaderError(description: "no index: \(number)")
        }
        return Int(number)
    }

    func holds(_ condition: LaTeXCondition, _ place: Place) throws -> Bool {
        switch condition {
        case .constant(let value): return value
        case .all(let parts): return try parts.allSatisfy { try holds($0, place) }
        case .any(let parts): return try parts.contains { try holds($0, place) }
        case .position(let targets, let isEqual, let isMaximum, let indices, let body):
            var copy = self
            let wanted = try targets.map { try whole($0, place) }
            // Where the page has no range, an index runs over the values of the elements that it is an index of.
            let ranges = try indices.map { name, range -> LaTeXRange in
                if let range { return range }
                let range = try copy.range(of: name, in: body, place)
                return LaTeXRange(
                    index: name, from: .number(Double(range.lowerBound)), through: .number(Double(range.upperBound)))
            }
            var best: (value: Double, at: [Int])?
            for inner in try places(ranges[...], place) {
                let value = try copy.value(body, inner)
                if best.map({ isMaximum ? value > $0.value : value < $0.value }) ?? true {
                    best = (value, indices.map { inner.indices[$0.name] ?? 0 })
                }
            }
            return (best?.at == wanted) == isEqual
        case .chain(let first, let rest):
            var copy = self
            var left = try copy.value(first, place)
            for (relation, formula) in rest {
                let right = try copy.value(formula, place)
                let isTrue =
                    switch relation {
                    case "=": left == right
                    case "<": left < right
                    case ">": left > right
                    case #"\le"#: left <= right
                    case #"\ge"#: left >= right
                    default: left != right
                    }
                if !isTrue { return false }
                left = right
            }
            return true
        }
    }

    /// All values that indices take, the last one changing first.
    private func places(_ ranges: ArraySlice<LaTeXRange>, _ place: Place) throws -> [Place] {
        guard let range = ranges.first else { return [place] }
        let (first, last) = (try whole(range.from, place), try whole(range.through, place))
        if first > last { return [] }
        return try (first...last).flatMap { number -> [Place] in
            var inner = place
            inner.indices[range.index] = number
            if range.index == exampleIndex { inner.example = number }
            return try places(ranges.dropFirst(), inner)
        }
    }

    // MARK: Symbols

    /// What has been read, so that a symbol that is evaluated thousands of times is read once.
    private final class Memo {
        struct Symbol: Hashable {
            var base: String
            var below: [String]
            var above: [String]
        }

        var formulas: [[String]: LaTeXFormula] = [:]
        var quantities: [Symbol: (id: QuantityID, indices: [[String]], isForExample: Bool)?] = [:]
    }

    private func read(_ tokens: [String]) throws -> LaTeXFormula {
        if let known = memo.formulas[tokens] { return known }
        var reader = LaTeXReader(tokens: tokens, functions: functions)
        let formula = try reader.all()
        memo.formulas[tokens] = formula
        return formula
    }

    /// The tokens of the indices below and above a symbol, in the order of the axes; nil where the symbol is no element of the quantity.
    func indices(
        of quantity: QuantityID, _ own: [String], _ below: [String], _ above: [String]
    ) -> [[String]]? {
        let described = system[quantity]
        let elementCount = described.axisCount - described.stageCount
        var rest = below
        if !own.isEmpty {
            guard rest.starts(with: own) else { return nil }
            rest.removeFirst(own.count)
            if rest.first == "," { rest.removeFirst() } else if !rest.isEmpty { return nil }
        }
        let lower = rest.isEmpty ? [] : LaTeXReader.parts(rest, count: elementCount)
        guard lower.count == elementCount else { return nil }
        let stages = above.map { [#"\langle"#, #"\rangle"#, "("].contains($0) ? "," : $0 }
        var upper: [[String]] = []
        var depth = 0
        var part: [String] = []
        for token in stages.dropFirst() {
            if token == "{" { depth += 1 }
            if token == "}" { depth -= 1 }
            if token == "," || token == ")", depth == 0 {
                if !part.isEmpty { upper.append(part) }
                part = []
            } else {
                part.append(token)
            }
        }
        if !part.isEmpty { upper.append(part) }
        guard upper.count == described.stageCount else { return nil }
        return upper + lower
    }

    /// The quantity that a symbol stands for, with the tokens of its indices.
    func quantity(_ formula: LaTeXFormula) -> (id: QuantityID, indices: [[String]], isForExample: Bool)? {
        guard case .symbol(let base, let below, let above) = formula else { return nil }
        let key = Memo.Symbol(base: base, below: below, above: above)
        if let known = memo.quantities[key] { return known }
        let found = findQuantity(base, below, above)
        memo.quantities[key] = .some(found)
        return found
    }

    private func findQuantity(
        _ base: String, _ below: [String], _ above: [String]
    ) -> (id: QuantityID, indices: [[String]], isForExample: Bool)? {
        for candidate in quantities[base] ?? [] {
            if let found = indices(of: candidate.id, candidate.own, below, above) {
                return (candidate.id, found, false)
            }
        }
        for candidate in exampleCosts[base] ?? [] {
            if let found = indices(of: candidate.id, candidate.own, below, above) { return (candidate.id, found, true) }
        }
        return nil
    }

    private func element(_ formula: LaTeXFormula, _ place: Place) throws -> Oracle.Element {
        guard let (id, tokens, _) = quantity(formula) else {
            throw LaTeXReaderError(description: "no quantity: \(formula)")
        }
        let numbers = try tokens.map { try whole(try read($0), place) }
        return Oracle.Element(quantity: id, indices: numbers, example: oracle.isPerExample(id) ? place.example : -1)
    }

    private mutating func symbol(_ base: String, _ below: [String], _ above: [String], _ place: Place) throws -> Double
    {
        let whole = base + (below.isEmpty ? "" : "_" + below.joined())
        if above.isEmpty, let index = place.indices[whole] ?? place.indices[base + "_{" + below.joined() + "}"] {
            return Double(index)
        }
        let formula = LaTeXFormula.symbol(base: base, below: below, above: above)
        if quantity(formula) != nil {
            let element = try element(formula, place)
            let value = try oracle.value(element.quantity, element.indices, example: place.example)
            guard let (moved, number) = place.moved else { return value }
            if moved == element { return number }
            // The cost of one example moves along with all that it is computed from: by its own derivative.
            guard quantity(formula)?.isForExample == true,
                let slope = try derivative(of: element, wrt: moved, place)
            else { return value }
            let middle = try oracle.value(moved.quantity, moved.indices, example: moved.example)
            return value + slope * (number - middle)
        }
        for candidate in sizes[base] ?? [] where below.starts(with: candidate.own) {
            var rest = Array(below.dropFirst(candidate.own.count))
            if rest.isEmpty { return Double(try oracle.sizeValue(candidate.id, stage: nil)) }
            if !candidate.own.isEmpty, rest.first == "," { rest.removeFirst() }
            return Double(try oracle.sizeValue(candidate.id, stage: try self.whole(try read(rest), place)))
        }
        if above.isEmpty, let argument = place.arguments[whole] { return argument }
        if base == #"\pi"#, below.isEmpty { return .pi }
        if base == exampleNumber, below.isEmpty { return Double(exampleCount) }
        if base == "e", below.isEmpty { return M_E }
        throw LaTeXReaderError(description: "'\(whole)' stands for nothing")
    }

    // MARK: Functions and derivatives

    private mutating func call(
        _ head: String, _ below: LaTeXFormula?, _ primes: Int, _ arguments: [LaTeXFormula], _ place: Place
    ) throws -> Double {
        var numbers = try arguments.map { try value($0, place) }
        if let below { numbers.append(try value(below, place)) }
        if let user = users[head] {
            guard primes < 2 else { throw LaTeXReaderError(description: "a second derivative of a function") }
            return primes == 1 ? try oracle.user(user, numbers, argument: 0) : try oracle.user(user, numbers)
        }
        guard let name = head == #"\lvert"# ? "abs" : standard[head] else {
            throw LaTeXReaderError(description: "no function: \(head)")
        }
        guard primes < 2, let result = HandDerivatives.apply(name, numbers) else {
            throw LaTeXReaderError(description: "\(name) of \(numbers.count) with \(primes) primes")
        }
        return primes == 0 ? result.value : result.partials.first ?? .nan
    }

    private mutating func ratio(_ above: LaTeXFormula, _ below: LaTeXFormula, _ place: Place) throws -> Double {
        let top = try element(above, place)
        let bottom = try element(below, place)
        return try derivative(of: top, wrt: bottom, place) ?? oracle.partial(of: top, wrt: bottom)
    }

    /// A cost's derivative has a value of its own; of anything else only its own equation counts.
    private mutating func derivative(
        of top: Oracle.Element, wrt bottom: Oracle.Element, _ place: Place
    ) throws -> Double? {
        for (position, quantity) in system.quantities.enumerated() {
            guard let derivative = quantity.derivative, derivative.wrt == bottom.quantity,
                case .access(let cost, let at) = system.graph.form(of: derivative.of), cost == top.quantity
            else { continue }
            let arithmetic = at.compactMap { system.graph[$0].asConstant }
            if arithmetic.count == at.count {
                guard arithmetic == top.indices, quantity.axisCount == bottom.indices.count else { continue }
                return try oracle.value(QuantityID(position), bottom.indices, example: place.example)
            }
            // A derivative for each element of what stands above: those indices are among its own.
            var above: [IndexID: Int] = [:]
            for (index, number) in zip(at, top.indices) {
                if let own = system.graph[index].asIndex { above[own] = number }
            }
            var rest = bottom.indices[...]
            let own = (quantity.domains.first ?? []).compactMap { axis in above[axis.index] ?? rest.popFirst() }
            guard own.count == quantity.axisCount, rest.isEmpty else { continue }
            return try oracle.value(QuantityID(position), own, example: place.example)
        }
        return nil
    }

    /// The declared range of a stage, by its letter.
    mutating func range(ofStage name: String) throws -> ClosedRange<Int>? {
        guard let stage = system.stages.first(where: { PrintedSymbol(named: $0.name).name == name }) else { return nil }
        let lower = try oracle.indexValue(stage.lower)
        let upper = try oracle.indexValue(stage.upper)
        return lower < upper ? lower...upper - 1 : nil
    }

    /// The values of an index in a formula: those that the elements which it is an index of have there.
    private mutating func range(of index: String, in formula: LaTeXFormula, _ place: Place) throws -> ClosedRange<Int> {
        var stack = [formula]
        while let next = stack.popLast() {
            stack += next.parts
            guard case .symbol = next, let (id, tokens, _) = quantity(next) else { continue }
            guard let axis = tokens.firstIndex(where: { $0.joined() == index }) else { continue }
            // Layers differ in size: what is known of the other indices counts.
            let known = tokens.map { try? whole(try read($0), place) }
            let values = try elements(of: id).filter { element in
                zip(element, known).enumerated().allSatisfy {
                    $0.offset == axis || $0.element.1 == nil || $0.element.1 == $0.element.0
                }
            }.map { $0[axis] }
            if let first = values.min(), let last = values.max() { return first...last }
        }
        // All values are equal, so that the first one counts.
        return 0...0
    }

    /// All elements of a quantity.
    mutating func elements(of quantity: QuantityID) throws -> [[Int]] { try oracle.elements(of: quantity) }
}

/// How a symbol prints: its base, and what it has below by itself, as tokens.
struct PrintedSymbol {
    var base: String
    var below: [String]

    init(_ symbol: MathSymbol) { self.init(tex: symbol.tex) }

    init(named name: String) { self.init(MathSymbol(name)) }

    private init(tex: String) {
        var tokens = LaTeXReader.tokens(tex)
        base = tokens.isEmpty ? "" : tokens.removeFirst()
        below = tokens.dropFirst().filter { $0 != "{" && $0 != "}" }
    }

    /// As an index's letter stands in the tables.
    var name: String { base + (below.isEmpty ? "" : "_" + below.joined()) }

    static func text(_ text: FormulaPrinter.Text) -> String { LaTeXNotation.text(of: text.tokens) }
}

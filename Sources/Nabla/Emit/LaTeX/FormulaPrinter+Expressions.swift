// Writing expressions, with an explicit stack.

extension FormulaPrinter {
    /// What remains to be written, innermost last.
    private enum Work {
        /// An expression at a place; `isLast`: nothing follows that it could swallow.
        case expression(ExprID, Precedence, isLast: Bool = true, dropsSign: Bool = false, negated: Bool = false)
        case factor(ProductShape.Factor, Precedence, isLast: Bool)
        case text(String, Double)
        case breakable(String, Double, MathLine.Break)
        case open(String, Double)
        case close(String, Double)
        case beginGroup(String, Double)
        case endGroup(String)
        case leave([(IndexID, String)])
    }

    /// A formula.
    ///
    /// - Parameters:
    ///   - place: how tightly what surrounds it binds.
    ///   - parameters: the names of the function's parameters where it is a function's body.
    mutating func formula(_ root: ExprID, _ place: Precedence = .select, parameters: [String] = []) -> MathLine {
        var line = MathLine()
        write(root, place, parameters: parameters, to: &line)
        return line
    }

    /// Writes an expression.
    mutating func write(
        _ root: ExprID, _ place: Precedence, isLast: Bool = true, dropsSign: Bool = false, parameters: [String] = [],
        to line: inout MathLine
    ) {
        _ = measure(root)
        var stack: [Work] = [.expression(root, place, isLast: isLast, dropsSign: dropsSign)]
        while let work = stack.popLast() {
            switch work {
            case .text(let tex, let width): line.write(tex, width: width)
            case .breakable(let tex, let width, let mayBreak): line.write(tex, width: width, mayBreak: mayBreak)
            case .open(let tex, let width): line.open(tex, width: width)
            case .close(let tex, let width): line.close(tex, width: width)
            case .beginGroup(let tex, let width): line.beginGroup(tex, width: width)
            case .endGroup(let tex): line.endGroup(tex)
            case .leave(let indices):
                for (index, preferred) in indices.reversed() { scope.leave(index, preferred: preferred) }
            case .factor(.expression(let id), let place, let isLast):
                stack.append(.expression(id, place, isLast: isLast))
            case .factor(.power(let base, let exponent), _, _):
                let (tex, width) = text(of: exponent, nil)
                stack.append(.text("^" + LaTeXSymbol.grouped(tex), 0.75 * width))
                push(base: base, &stack)
            case .expression(let id, let place, let isLast, let dropsSign, let negated):
                var own = precedence(of: id, negated: negated)
                if dropsSign { own = max(own, .product) }
                if own < place || !isLast && swallows(id) {
                    let (open, close, width) = FormulaPrinter.brackets(known(id).height, cases: hasCases(id))
                    line.open(open, width: width)
                    stack.append(.close(close, width))
                    write(node: id, true, dropsSign, negated, parameters, to: &line, &stack)
                } else {
                    write(node: id, isLast, dropsSign, negated, parameters, to: &line, &stack)
                }
            }
        }
    }

    /// Whether a formula is open on its right, so that factors behind it would seem to belong to it.
    private func swallows(_ id: ExprID) -> Bool {
        switch system.graph.form(of: id) {
        case .reduce, .reduceExamples: true
        default: false
        }
    }

    /// Cases grow as their rows do: only LaTeX knows how tall they are.
    private func hasCases(_ id: ExprID) -> Bool {
        if case .select(let condition, let then, let otherwise) = system.graph.form(of: id),
            case .cases = selectForm(condition, then, otherwise)
        {
            return true
        }
        return false
    }

    private static func brackets(_ height: Double, cases: Bool) -> (open: String, close: String, width: Double) {
        cases ? (#"\left("#, #"\right)"#, 0.9) : brackets(height)
    }

    private mutating func write(
        node id: ExprID, _ isLast: Bool, _ dropsSign: Bool, _ negated: Bool, _ parameters: [String],
        to line: inout MathLine, _ stack: inout [Work]
    ) {
        switch system.graph.form(of: id) {
        case .number(let value, let literal):
            if value.sign < 0 && !dropsSign { line.write("-", width: 0.8) }
            let (tex, width) = text(of: value, literal)
            line.write(tex, width: width)
        case .pi: line.write(#"\pi"#, width: 0.6)
        case .integer(let affine):
            var (tex, width) = text(of: affine)
            if dropsSign, tex.hasPrefix("-") {
                tex.removeFirst()
                width -= 0.8
            }
            line.write(tex, width: width)
        case .argument(let position):
            let symbol = LaTeXSymbol(parameters.indices.contains(position) ? parameters[position] : "u\(position)")
            line.write(symbol.tex(), width: symbol.baseWidth + symbol.belowWidth)
        case .access(let quantity, let indices):
            if let (above, below) = ratio(of: quantity, indices) {
                line.write(
                    #"\frac{\#(above.tex)}{\#(below.tex)}"#, width: max(above.width, below.width) + 0.3)
            } else {
                let (tex, width) = access(quantity, indices)
                line.write(tex, width: width)
            }
        case .add(let terms): push(sum: terms, isLast, &line, &stack)
        case .multiply:
            push(product: ProductShape(of: id, in: system.graph, movesNumber: true), isLast, dropsSign, &line, &stack)
        case .negate(let operand):
            if !dropsSign { line.write("-", width: 0.8) }
            let isNegative = system.graph.printsNegative(operand)
            stack.append(.expression(operand, isNegative ? .atom : .product, isLast: isLast))
        case .divide(let dividend, let divisor): push(quotient: dividend, divisor, &line, &stack)
        case .power(let base, let exponent):
            if (system.graph.number(exponent)?.sign ?? 1) < 0 {
                push(
                    product: ProductShape(of: id, in: system.graph, movesNumber: true), isLast, dropsSign, &line, &stack
                )
            } else if isRoot(exponent), fits(known(base)) {
                line.beginGroup(#"\sqrt{"#, width: known(id).width)
                stack.append(.endGroup("}"))
                stack.append(.expression(base, .select))
            } else {
                push(power: base, exponent, &line, &stack)
            }
        case .call(let function, let arguments): push(call: function, arguments, isLast, &line, &stack)
        case .derivativeCall(let function, let positions, let arguments):
            push(derivative: function, positions, arguments, &line, &stack)
        case .select(let condition, let then, let otherwise):
            push(select: condition, then, otherwise, isLast, &line, &stack)
        case .compare(let comparison, let left, let right):
            stack.append(.expression(right, .sum))
            stack.append(.text(" " + FormulaPrinter.relation(comparison, negated: negated) + " ", 1.35))
            stack.append(.expression(left, .sum))
        case .and(let conditions): push(connective: !negated, conditions, negated, &line, &stack)
        case .or(let conditions): push(connective: negated, conditions, negated, &line, &stack)
        case .not(let condition): stack.append(.expression(condition, .select, negated: !negated))
        case .boolean(let value): line.write(value != negated ? #"\text{true}"# : #"\text{false}"#, width: 2.2)
        case .reduceExamples(let kind, let body): push(examples: kind, body, isLast, &line, &stack)
        case .reduce(let kind, let binders, let body): push(reduction: id, kind, binders, body, isLast, &line, &stack)
        case .extremum(let kind, let binders, let body, let targets):
            let (tex, width) = text(ofIndices: targets)
            let tuple = targets.count > 1 ? "(\(tex))" : tex
            line.write(tuple + (negated ? #" \ne "# : " = "), width: width + 1.4 + (targets.count > 1 ? 0.8 : 0))
            var entered: [(IndexID, String)] = []
            for (position, binder) in binders.enumerated() { enter(binder, position, of: id, &entered) }
            let names = binders.map { name(of: $0.index) }
            line.write(
                "\\arg\\\(kind == .minimum ? "min" : "max")_{\(names.map(\.tex).joined(separator: ","))}\\,",
                width: 3.8 + names.reduce(0) { $0 + $1.width * 0.5 })
            stack.append(.leave(entered))
            stack.append(.expression(body, bodyPlace(body), isLast: isLast))
        }
    }

    private static func relation(_ comparison: Comparison, negated: Bool) -> String {
        // Of two reals one of the two holds.
        switch comparison {
        case .less: negated ? #"\ge"# : "<"
        case .lessOrEqual: negated ? ">" : #"\le"#
        case .greater: negated ? #"\le"# : ">"
        case .greaterOrEqual: negated ? "<" : #"\ge"#
        case .equal: negated ? #"\ne"# : "="
        case .notEqual: negated ? "=" : #"\ne"#
        }
    }

    // MARK: Sums and products

    private func push(sum terms: [ExprID], _ isLast: Bool, _ line: inout MathLine, _ stack: inout [Work]) {
        if terms.isEmpty { line.write("0", width: 0.52) }
        for position in terms.indices.reversed() {
            let term = terms[position]
            if position == 0 {
                stack.append(.expression(term, .sum))
            } else if system.graph.printsNegative(term) {
                stack.append(.expression(term, .product, dropsSign: true))
                stack.append(.breakable(" - ", 1.25, .beforeTerm))
            } else {
                stack.append(.expression(term, .product))
                stack.append(.breakable(" + ", 1.25, .beforeTerm))
            }
        }
    }

    private func push(
        product shape: ProductShape, _ isLast: Bool, _ dropsSign: Bool, _ line: inout MathLine, _ stack: inout [Work]
    ) {
        let parts = parts(of: shape)
        if shape.isNegative && !dropsSign { line.write("-", width: 0.8) }
        var work: [Work] = []
        if let (tex, width) = parts.coefficient { work.append(.text(tex, width)) }
        if !parts.below.isEmpty || parts.coefficientBelow != nil {
            let whole = rowMeasure(parts.above, parts.coefficientAbove, parts.below, parts.coefficientBelow)
            let inFraction = whole.isStacked
            var above = row(parts.above, parts.coefficientAbove, isLast: inFraction, isClosed: inFraction)
            if above.isEmpty { above = [.text("1", 0.52)] }
            let below = row(parts.below, parts.coefficientBelow, isLast: inFraction, isClosed: inFraction)
            if inFraction {
                // The group's width counts; what is inside does not.
                line.beginGroup(#"\frac{"#, width: whole.width)
                work.append(contentsOf: above)
                work.append(.text("}{", 0))
                work.append(contentsOf: below)
                work.append(.endGroup("}"))
            } else {
                work.append(contentsOf: above)
                work.append(.breakable(#"\big/"#, 0.8, .none))
                if parts.below.count > 1 || parts.coefficientBelow != nil {
                    work.append(.open(#"\bigl("#, 0.47))
                    work.append(contentsOf: below)
                    work.append(.close(#"\bigr)"#, 0.47))
                } else {
                    work.append(contentsOf: below)
                }
            }
        }
        for (position, factor) in parts.after.enumerated() {
            if !work.isEmpty {
                let followsNumber = position == 0 && parts.coefficient != nil && parts.below.isEmpty
                work.append(gap(before: factor, afterNumber: followsNumber))
            }
            let factorIsLast = position == parts.after.count - 1
            let place = self.place(of: factor, isFirst: work.isEmpty, isLast: factorIsLast)
            work.append(.factor(factor, place, isLast: factorIsLast && isLast))
        }
        if work.isEmpty { work.append(.text("1", 0.52)) }
        stack.append(contentsOf: work.reversed())
    }

    /// What a factor has to bind like: the last one may be a reduction or start with a product.
    private func place(of factor: ProductShape.Factor, isFirst: Bool, isLast: Bool) -> Precedence {
        guard case .expression(let id) = factor else { return .power }
        switch system.graph.form(of: id) {
        case .reduce, .reduceExamples: return isLast ? .product : .power
        case .select: return isLast ? .product : .power
        // A factor that is a quotient prints as a fraction, which is closed.
        case .divide(let dividend, let divisor):
            return fits(known(dividend)) && fits(known(divisor)) ? .product : .power
        case .multiply: return isFirst ? .product : .power
        case .number(let value, let literal):
            return literal == nil && value.sign > 0 && NumberForm(value).isFraction ? .negation : .power
        default: return .power
        }
    }

    /// What stands behind an operator such as Σ binds like a product, without a sign of its own.
    private func bodyPlace(_ id: ExprID) -> Precedence { system.graph.printsNegative(id) ? .atom : .product }

    /// What stands between factors: a thin space, or a dot before digits.
    private func gap(before factor: ProductShape.Factor, afterNumber: Bool) -> Work {
        if case .expression(let id) = factor {
            switch system.graph.form(of: id) {
            case .number: return .breakable(#" \cdot "#, 0.75, .none)
            case .integer(let affine) where system.graph.precedence(of: system.graph[affine]) == .atom:
                if system.graph[affine].terms.isEmpty { return .breakable(#" \cdot "#, 0.75, .none) }
            case .add, .negate:
                if afterNumber { return .text("", 0) }
            case .divide:
                return afterNumber ? .breakable(#" \cdot "#, 0.75, .none) : .breakable(#"\, "#, 0.17, .beforeFactor)
            default: break
            }
        }
        return afterNumber ? .text(" ", 0.05) : .breakable(#"\, "#, 0.17, .beforeFactor)
    }

    /// Factors side by side; `isClosed`: above or below a line, where nothing needs brackets.
    private func row(
        _ factors: [ProductShape.Factor], _ number: String?, isLast: Bool, isClosed: Bool
    ) -> [Work] {
        var work: [Work] = []
        if let number { work.append(.text(number, 0.52 * Double(number.utf8.count))) }
        for (position, factor) in factors.enumerated() {
            if !work.isEmpty { work.append(gap(before: factor, afterNumber: position == 0 && number != nil)) }
            let factorIsLast = position == factors.count - 1
            var place = place(of: factor, isFirst: work.isEmpty, isLast: factorIsLast)
            if factors.count == 1 && number == nil && isClosed { place = .select }
            work.append(.factor(factor, place, isLast: factorIsLast && isLast))
        }
        return work
    }

    private func rowMeasure(
        _ above: [ProductShape.Factor], _ numberAbove: String?, _ below: [ProductShape.Factor], _ numberBelow: String?
    ) -> (isStacked: Bool, width: Double) {
        func measure(_ factors: [ProductShape.Factor], _ number: String?) -> Measure {
            var row = Measure(width: 0.52 * Double(number?.utf8.count ?? 0) + 0.1, height: 1)
            for factor in factors {
                let part = self.measure(of: factor, .negation)
                row.width += part.width + 0.2
                row.include(part)
            }
            return row
        }
        let (first, second) = (measure(above, numberAbove), measure(below, numberBelow))
        return (fits(first) && fits(second), max(first.width, second.width, 0.5) + 0.3)
    }

    private func push(quotient dividend: ExprID, _ divisor: ExprID, _ line: inout MathLine, _ stack: inout [Work]) {
        let (above, below) = (known(dividend), known(divisor))
        if fits(above) && fits(below) {
            line.beginGroup(#"\frac{"#, width: max(above.width, below.width) + 0.3)
            stack.append(.endGroup("}"))
            stack.append(.expression(divisor, .select))
            stack.append(.text("}{", 0))
            stack.append(.expression(dividend, .select))
        } else {
            stack.append(.expression(divisor, .power, isLast: false))
            stack.append(.text(#"\big/"#, 0.8))
            stack.append(.expression(dividend, .power, isLast: false))
        }
    }

    // MARK: Powers and calls

    /// The base of a power: in brackets where it has a superscript of its own.
    private func push(base: ExprID, _ stack: inout [Work]) {
        var needsBrackets = precedence(of: base) < .atom
        if case .access(let quantity, _) = system.graph.form(of: base) {
            needsBrackets = system[quantity].stageCount > 0 || system[quantity].derivative != nil
        }
        switch system.graph.form(of: base) {
        case .number(_, let literal?): if literal.contains(where: { $0 == "e" || $0 == "E" }) { needsBrackets = true }
        case .call, .derivativeCall, .reduce, .reduceExamples, .select: needsBrackets = true
        default: break
        }
        if needsBrackets {
            let (open, close, width) = FormulaPrinter.brackets(known(base).height, cases: hasCases(base))
            stack.append(.close(close, width))
            stack.append(.expression(base, .select))
            stack.append(.open(open, width))
        } else {
            stack.append(.expression(base, .atom))
        }
    }

    private func push(power base: ExprID, _ exponent: ExprID, _ line: inout MathLine, _ stack: inout [Work]) {
        let size = known(exponent)
        if !fitsExponent(size) {
            push(head: #"\operatorname{pow}"#, 2.2, [base, exponent], &line, &stack)
            return
        }
        if let value = system.graph.number(exponent), let digits = value.asInt {
            stack.append(.text("^" + LaTeXSymbol.grouped("\(digits)"), 0.45 * Double("\(digits)".utf8.count)))
        } else {
            stack.append(.endGroup("}"))
            stack.append(.expression(exponent, .select))
            stack.append(.beginGroup("^{", 0.75 * size.width))
        }
        push(base: base, &stack)
    }

    private func push(
        head: String, _ width: Double, _ arguments: [ExprID], _ line: inout MathLine, _ stack: inout [Work]
    ) {
        var height = 1.0
        for argument in arguments { height = max(height, known(argument).height) }
        let (open, close, bracketWidth) = FormulaPrinter.brackets(height)
        line.write(head, width: width)
        line.open(open, width: bracketWidth)
        stack.append(.close(close, bracketWidth))
        for position in arguments.indices.reversed() {
            stack.append(.expression(arguments[position], .select))
            if position > 0 { stack.append(.breakable(", ", 0.45, .afterComma)) }
        }
    }

    private func push(
        call function: FunctionReference, _ arguments: [ExprID], _ isLast: Bool, _ line: inout MathLine,
        _ stack: inout [Work]
    ) {
        let head = head(of: function)
        guard case .standard(let id) = function else {
            push(head: head?.tex ?? "f", head?.width ?? 0.6, arguments, &line, &stack)
            return
        }
        let row = FunctionTable.standard[id]
        let name = #"\operatorname{\#(row.name)}"#
        let nameWidth = 0.56 * Double(row.name.utf8.count)
        switch (row.latex, arguments.count) {
        case (.command(let command), 1) where isLast && isShortArgument(arguments[0]):
            line.write(command + " ", width: (head?.width ?? 1.6) + 0.17)
            stack.append(.expression(arguments[0], .atom))
        case (.exponential, 1) where fitsExponent(known(arguments[0])):
            line.write("e", width: 0.47)
            line.beginGroup("^{", width: 0.75 * known(arguments[0]).width)
            stack.append(.endGroup("}"))
            stack.append(.expression(arguments[0], .select))
        case (.delimited(let left, let right), 1):
            let (open, close, _) = FormulaPrinter.brackets(known(arguments[0]).height)
            line.open(open.dropLast() + left + " ", width: 0.35)
            stack.append(.close(close.dropLast() + right, 0.35))
            stack.append(.expression(arguments[0], .select))
        case (.radical, 1) where fits(known(arguments[0])):
            line.beginGroup(#"\sqrt{"#, width: known(arguments[0]).width + 0.95)
            stack.append(.endGroup("}"))
            stack.append(.expression(arguments[0], .select))
        case (.rootOfSquares, 2) where fits(known(arguments[0])) && fits(known(arguments[1])):
            line.beginGroup(
                #"\sqrt{"#, width: known(arguments[0]).width + known(arguments[1]).width + 4.5)
            stack.append(.endGroup("}"))
            stack.append(.text("^2", 0))
            push(base: arguments[1], &stack)
            stack.append(.text("^2 + ", 0))
            push(base: arguments[0], &stack)
        case (.power, 2) where fitsExponent(known(arguments[1])):
            push(power: arguments[0], arguments[1], &line, &stack)
        case (.namedWithSubscript(let text), 2) where known(arguments[1]).width < 6 && known(arguments[1]).nesting == 0:
            line.write(#"\operatorname{\#(text)}"#, width: 0.56 * Double(text.utf8.count))
            line.beginGroup("_{", width: 0.75 * known(arguments[1]).width)
            let (open, close, width) = FormulaPrinter.brackets(known(arguments[0]).height)
            stack.append(.close(close, width))
            stack.append(.expression(arguments[0], .select))
            stack.append(.open(open, width))
            stack.append(.endGroup("}"))
            stack.append(.expression(arguments[1], .select))
        case (.indicatorOfPositive, 1):
            let (open, close, width) = FormulaPrinter.squareBrackets(known(arguments[0]).height)
            line.write(#"\mathbf{1}"#, width: 0.6)
            line.open(open, width: width)
            stack.append(.close(close, width))
            stack.append(.text(" > 0", 1.9))
            stack.append(.expression(arguments[0], .sum))
        default: push(head: head?.tex ?? name, head?.width ?? nameWidth, arguments, &line, &stack)
        }
    }

    /// Whether an argument needs no brackets: log p_k, sin x.
    private func isShortArgument(_ id: ExprID) -> Bool {
        switch system.graph.form(of: id) {
        case .access(let quantity, _): system[quantity].derivative == nil
        case .argument, .pi: true
        default: false
        }
    }

    static func squareBrackets(_ height: Double) -> (open: String, close: String, width: Double) {
        let (open, close, width) = brackets(height)
        return (open.dropLast() + "[", close.dropLast() + "]", width)
    }

    private func push(
        derivative function: FunctionReference, _ positions: [Int], _ arguments: [ExprID], _ line: inout MathLine,
        _ stack: inout [Work]
    ) {
        var head = head(of: function)
        if head == nil, case .standard(let id) = function {
            let name = FunctionTable.standard[id].name
            head = (#"\operatorname{\#(name)}"#, 0.56 * Double(name.utf8.count))
        }
        let (tex, width) = head ?? ("f", 0.6)
        if arguments.count == 1 {
            let primes =
                positions.count <= 3 ? String(repeating: "'", count: positions.count) : "^{(\(positions.count))}"
            push(head: tex + primes, width + 0.3 * Double(positions.count), arguments, &line, &stack)
        } else {
            let places = positions.map { "\($0 + 1)" }.joined(separator: ",")
            push(
                head: #"\partial_{\#(places)}"# + tex, width + 1 + 0.4 * Double(positions.count), arguments, &line,
                &stack)
        }
    }

    // MARK: Conditions

    private func push(
        select condition: ExprID, _ then: ExprID, _ otherwise: ExprID, _ isLast: Bool, _ line: inout MathLine,
        _ stack: inout [Work]
    ) {
        switch selectForm(condition, then, otherwise) {
        case .indicator:
            let (open, close, width) = FormulaPrinter.squareBrackets(known(condition).height)
            line.write(#"\mathbf{1}"#, width: 0.6)
            line.open(open, width: width)
            stack.append(.close(close, width))
            stack.append(.expression(condition, .select))
        case .guarded:
            stack.append(.expression(then, bodyPlace(then), isLast: isLast))
            stack.append(.breakable(#"\, "#, 0.17, .beforeFactor))
            let (open, close, width) = FormulaPrinter.squareBrackets(known(condition).height)
            line.write(#"\mathbf{1}"#, width: 0.6)
            line.open(open, width: width)
            stack.append(.close(close, width))
            stack.append(.expression(condition, .select))
        case .delta(let tex, let hasFactor):
            line.write(tex, width: 1.2)
            if hasFactor {
                stack.append(.expression(then, bodyPlace(then), isLast: isLast))
                stack.append(.breakable(#"\, "#, 0.17, .beforeFactor))
            }
        case .cases:
            let width = max(known(then).width, known(otherwise).width) + known(condition).width + 4
            line.beginGroup(#"\begin{cases} "#, width: width)
            stack.append(.endGroup(#"& \text{otherwise} \end{cases}"#))
            stack.append(.expression(otherwise, .select))
            stack.append(.text(#" \\ "#, 0))
            stack.append(.expression(condition, .select))
            stack.append(.text(#" & \text{if } "#, 0))
            stack.append(.expression(then, .select))
        case .call:
            line.write(#"\operatorname{if}"#, width: 0.9)
            line.open(#"\Bigl("#, width: 0.6)
            stack.append(.close(#"\Bigr)"#, 0.6))
            stack.append(.expression(otherwise, .select))
            stack.append(.breakable(#";\; "#, 0.6, .afterComma))
            stack.append(.expression(then, .select))
            stack.append(.breakable(#";\; "#, 0.6, .afterComma))
            stack.append(.expression(condition, .select))
        }
    }

    private func push(
        connective isAnd: Bool, _ conditions: [ExprID], _ negated: Bool, _ line: inout MathLine, _ stack: inout [Work]
    ) {
        if conditions.isEmpty { line.write(isAnd ? #"\text{true}"# : #"\text{false}"#, width: 2.2) }
        let operand = isAnd ? Precedence.comparison : .conjunction
        var groups: [[Work]] = []
        var position = 0
        while position < conditions.count {
            // x >= a and x < b is a <= x < b.
            if isAnd, !negated, position + 1 < conditions.count,
                case .compare(.greaterOrEqual, let value, let lower) = system.graph.form(of: conditions[position]),
                case .compare(let second, value, let upper) = system.graph.form(of: conditions[position + 1]),
                second == .less || second == .lessOrEqual
            {
                groups.append([
                    .expression(lower, .sum), .text(#" \le "#, 1.35), .expression(value, .sum),
                    .text(" \(FormulaPrinter.relation(second, negated: false)) ", 1.35), .expression(upper, .sum),
                ])
                position += 2
            } else {
                groups.append([.expression(conditions[position], operand, negated: negated)])
                position += 1
            }
        }
        for (number, group) in groups.enumerated().reversed() {
            stack.append(contentsOf: group.reversed())
            if number > 0 { stack.append(.breakable(isAnd ? #" \text{ and } "# : #" \text{ or } "#, 2.4, .afterComma)) }
        }
    }

    // MARK: Reductions

    /// Takes a binder's index into scope.
    mutating func enter(_ binder: Binder, _ position: Int, of reduction: ExprID?, _ entered: inout [(IndexID, String)])
    {
        let (preferred, isGiven) = system.preferredName(of: binder.index, at: position, of: reduction)
        let name = preferredNames[binder.index] ?? preferred
        _ = scope.enter(binder.index, preferring: name, isGiven: isGiven)
        entered.append((binder.index, name))
    }

    /// A big operator with its bounds, `\sum_{k=0}^{n-1}`; the index is in scope.
    func bounded(_ operator: String, _ binder: Binder) -> Text {
        let index = name(of: binder.index)
        let lower = text(of: binder.lower)
        let last = system.graph[binder.upper].offset(by: -1) ?? Affine(0)
        let upper = text(of: last)
        let width = max(1.45, 0.75 * max(index.width + lower.width + 1, upper.width)) + 0.2
        return ("\(`operator`)_{\(index.tex)=\(lower.tex)}^{\(upper.tex)}", width)
    }

    private mutating func push(
        reduction id: ExprID, _ kind: ReductionKind, _ binders: [Binder], _ body: ExprID, _ isLast: Bool,
        _ line: inout MathLine, _ stack: inout [Work]
    ) {
        var entered: [(IndexID, String)] = []
        var heads: [Text] = []
        for (position, binder) in binders.enumerated() {
            enter(binder, position, of: id, &entered)
            if kind == .mean, !isRectangular(binders) {
                heads.append(listed(#"\operatorname*{mean}"#, binder, isFirst: position == 0))
                continue
            }
            switch kind {
            case .sum, .logSumExp: heads.append(bounded(#"\sum"#, binder))
            case .product: heads.append(bounded(#"\prod"#, binder))
            case .mean:
                // 1/n Σ where the number of terms is plain.
                let count = system.graph[binder.upper].adding(system.graph[binder.lower], times: -1) ?? Affine(1)
                let number = text(of: count)
                heads.insert((#"\frac{1}{\#(number.tex)}"#, number.width + 0.3), at: position)
                heads.append(bounded(#"\sum"#, binder))
            case .maximum, .minimum:
                let index = name(of: binder.index)
                let (lower, upper) = (text(of: binder.lower), text(of: binder.upper))
                heads.append(
                    (
                        (kind == .maximum ? #"\max"# : #"\min"#) + #"_{\#(lower.tex)\le \#(index.tex)<\#(upper.tex)}"#,
                        max(1.9, 0.75 * (lower.width + index.width + upper.width + 1.8)) + 0.2
                    ))
            }
        }
        if kind == .mean, !isRectangular(binders) { heads.append(("}", 0)) }
        if kind == .logSumExp { line.write(#"\log"#, width: 1.5) }
        for (position, head) in heads.enumerated() {
            line.write(head.tex + (position == heads.count - 1 ? " " : "\\,"), width: head.width + 0.17)
        }
        stack.append(.leave(entered))
        if kind == .logSumExp {
            if fitsExponent(known(body)) {
                line.write("e", width: 0.47)
                line.beginGroup("^{", width: 0.75 * known(body).width)
                stack.append(.endGroup("}"))
                stack.append(.expression(body, .select))
            } else {
                push(head: #"\exp"#, 1.6, [body], &line, &stack)
            }
        } else {
            stack.append(.expression(body, bodyPlace(body), isLast: isLast))
        }
    }

    /// Whether no binder's range depends on another's index.
    private func isRectangular(_ binders: [Binder]) -> Bool {
        binders.allSatisfy { binder in
            !binders.contains {
                system.graph.depends(binder.lower, on: $0.index) || system.graph.depends(binder.upper, on: $0.index)
            }
        }
    }

    /// One range in a list below an operator, without the end of the list.
    private func listed(_ name: String, _ binder: Binder, isFirst: Bool) -> Text {
        let index = self.name(of: binder.index)
        let (lower, upper) = (text(of: binder.lower), text(of: binder.upper))
        let range = #"\#(lower.tex)\le \#(index.tex)<\#(upper.tex)"#
        let width = 0.75 * (lower.width + index.width + upper.width + 2.8)
        return isFirst ? (name + "_{" + range, width + 1) : (#",\; "# + range, width + 0.4)
    }

    private mutating func push(
        examples kind: ReductionKind, _ body: ExprID, _ isLast: Bool, _ line: inout MathLine, _ stack: inout [Work]
    ) {
        let count = exampleCount.tex()
        if kind == .sum, system.graph.number(body)?.isOne == true {
            line.write(count, width: exampleCount.baseWidth)
            return
        }
        if kind == .mean { line.write(#"\frac{1}{\#(count)} "#, width: exampleCount.baseWidth + 0.3) }
        let index = exampleIndex.tex()
        let indexed = #"\sum_{\#(index)=0}^{\#(count)-1} "#
        // The cost of one example, or its derivative, takes the example's index.
        if case .access(let quantity, let indices) = system.graph.form(of: body) {
            if indices.isEmpty, system[quantity].derivative == nil {
                let symbol = exampleSymbol(quantity)
                line.write(indexed, width: 2.4)
                line.write(symbol.tex(), width: symbol.baseWidth + symbol.belowWidth)
                return
            }
            if case .access(let cost, let at)? = system[quantity].derivative.map({ system.graph.form(of: $0.of) }),
                at.isEmpty, system[cost].dependsOnExamples,
                let (above, below) = ratio(of: quantity, indices, forExample: true)
            {
                line.write(indexed, width: 2.4)
                line.write(#"\frac{\#(above.tex)}{\#(below.tex)}"#, width: max(above.width, below.width) + 0.3)
                return
            }
        }
        line.write(#"\sum_{\text{examples}} "#, width: 4)
        stack.append(.expression(body, bodyPlace(body), isLast: isLast))
    }
}

// The table of symbols: what each is, which index says what, and its shape.

extension DerivationBuilder {
    /// Of more quantities the table lists only those that the author says something about.
    private static let mostSymbols = 30

    /// A longer comment, in characters, stands below the table; the table has its beginning.
    private static let longestCell = 160

    mutating func addNotation(to document: inout LaTeXDocument) {
        let listed = system.quantities.indices.map { QuantityID($0) }.filter { quantity in
            system[quantity].role != .derivative
                && !(derived.second?.equations ?? []).contains {
                    system.equations[$0].quantity == quantity
                }
        }
        let isLong = listed.count > Self.mostSymbols
        var rows: [[LaTeXDocument.Cell]] = []
        var long: [Prose] = []
        for statement in system.statements {
            switch statement {
            case .size(let id):
                let (size, symbol) = (system.sizes[Int(id.raw)], MathSymbol(system.sizes[Int(id.raw)].name))
                if size.documentation.isEmpty { continue }
                let what = cell(size.documentation, of: symbol.text, &long)
                rows.append([.init(["\(symbol)"], symbol.text.width), what, .init([""], 0), .init(["a size"], 3)])
            case .stage(let position):
                let (stage, symbol) = (system.stages[position], MathSymbol(system.stages[position].name))
                if stage.documentation.isEmpty { continue }
                let what = cell(stage.documentation, of: symbol.text, &long)
                rows.append([.init(["\(symbol)"], symbol.text.width), what, .init([""], 0), .init(["an index"], 4)])
            default: continue
            }
        }
        for quantity in listed where !isLong || !comment(on: quantity).isEmpty {
            rows.append(row(of: quantity, &long))
        }
        if rows.isEmpty { return }
        rows.insert(
            [.init(["symbol"], 3), .init(["what it is"], 4), .init(["indices"], 3.5), .init(["shape"], 2.5)], at: 0)
        document.blocks.append(.heading("Notation"))
        document.blocks.append(.table(rows))
        for prose in long { document.blocks.append(.paragraph(prose)) }
    }

    /// What a symbol is; where there is no room for all of it, all of it stands below the table.
    private func cell(
        _ text: String, of symbol: FormulaPrinter.Text, _ long: inout [Prose]
    ) -> LaTeXDocument.Cell {
        var text = text
        if text.unicodeScalars.count > Self.longestCell {
            long.append("\(symbol): \(text)")
            text = String(text.prefix(Self.longestCell))
            // Cut between words, where there are any.
            if let space = text.lastIndex(where: \.isWhitespace) { text = String(text[..<space]) }
            text += "…"
        }
        return .init([Prose(text)], 0.47 * Double(text.unicodeScalars.count))
    }

    private mutating func row(of quantity: QuantityID, _ long: inout [Prose]) -> [LaTeXDocument.Cell] {
        // The general case names the indices: a(l) rather than a(0).
        let domain =
            system[quantity].domains.max { one, two in one.count { !$0.isPoint } < two.count { !$0.isPoint } } ?? []
        let user = firstUser(of: quantity)
        var names = domain.map { system.graph.name(of: $0.index) }
        if system[quantity].role != .computed, let user {
            var known = names
            for (position, name) in (mentionNames[user] ?? []).enumerated() where position < names.count {
                if let name, !system.graph.kind(of: domain[position].index).isStage { known[position] = name }
            }
            if Set(known).count == known.count { names = known }
        }
        formulas.scope.clear()
        enter(domain, names: names)
        let symbol = formulas.access(quantity, indices(of: domain))
        let stageCount = system[quantity].stageCount
        var ranges: [Prose] = []
        var width = 0.0
        for (position, axis) in domain.enumerated() where !axis.isPoint {
            let role = position < stageCount ? "" : user.flatMap { self.role(of: position, in: quantity, $0.by) } ?? ""
            let range = formulas.range(of: axis)
            ranges.append("\(role)\(range)")
            width = max(width, range.width + 0.5 * Double(role.count))
        }
        let shape = shape(of: domain.dropFirst(stageCount))
        let what = cell(description(of: quantity), of: symbol, &long)
        return [.init(["\(symbol)"], symbol.width), what, .init(ranges, width), shape]
    }

    /// The first equation that mentions a quantity.
    private func firstUser(of quantity: QuantityID) -> Mention? {
        for equation in system.equations where system[equation.quantity].role != .derivative {
            let mention = Mention(of: quantity, by: equation.quantity)
            if mentionNames[mention] != nil { return mention }
        }
        return nil
    }

    /// Where a weight leads: an index of the quantity that is computed is "to", one that is summed over is "from".
    private func role(of position: Int, in quantity: QuantityID, _ user: QuantityID) -> String? {
        let elements = system[quantity].axisCount - system[quantity].stageCount
        guard system[quantity].role == .parameter, elements == 2,
            let names = mentionNames[Mention(of: quantity, by: user)], names.indices.contains(position),
            let name = names[position]
        else { return nil }
        let places = (definitions[user] ?? []).filter { place in
            system.equations[place].axes.contains { system.graph.name(of: $0.index) == name && !$0.isPoint }
        }
        let others = names.suffix(2).compactMap { $0 }
        let own = others.filter { other in
            (definitions[user] ?? []).contains { place in
                system.equations[place].axes.contains { system.graph.name(of: $0.index) == other && !$0.isPoint }
            }
        }
        // Only where one leads to what is computed and the other is summed over.
        guard own.count == 1, others.count == 2 else { return nil }
        return places.isEmpty ? "from " : "to "
    }

    private mutating func shape(of axes: ArraySlice<Axis>) -> LaTeXDocument.Cell {
        if axes.isEmpty { return .init(["a number"], 4) }
        var tokens: [MathToken] = []
        var width = 0.0
        for axis in axes {
            guard let extent = system.graph[axis.upper].adding(system.graph[axis.lower], times: -1) else { continue }
            let part = formulas.text(of: extent)
            if !tokens.isEmpty {
                tokens.append(.times)
                width += 1.3
            }
            let needsBrackets = axes.count > 1 && extent.terms.count + (extent.constant == 0 ? 0 : 1) > 1
            tokens +=
                needsBrackets
                ? [.open(.round, .normal)] + part.tokens + [.close(.round, .normal)] : part.tokens
            width += part.width + (needsBrackets ? 0.8 : 0)
        }
        return .init(["\(tokens)"], width)
    }

    /// The author's words on a quantity; empty where there are none.
    private func comment(on quantity: QuantityID) -> String {
        let own = system[quantity].documentation
        if !own.isEmpty { return share(of: quantity, own) }
        let documented = (definitions[quantity] ?? []).map { system.equations[$0] }.filter { !$0.documentation.isEmpty }
        // The general case speaks for all.
        func freedom(_ equation: Equation) -> Int { equation.axes.count { !$0.isPoint } }
        if let general = documented.max(by: { freedom($0) < freedom($1) }) { return general.documentation }
        return ""
    }

    /// The author's words, or the role.
    private func description(of quantity: QuantityID) -> String {
        let comment = comment(on: quantity)
        if !comment.isEmpty { return comment }
        if system.costs.contains(quantity) { return "cost" }
        switch system[quantity].role {
        case .input: return "input"
        case .target: return "desired output"
        case .parameter: return "parameter, learned"
        case .constant: return "constant"
        case .computed, .derivative: return "computed"
        }
    }

    /// Quantities that are declared on one line share a comment: "the weight, and the bias" is cut where it has a part for each.
    private func share(of quantity: QuantityID, _ text: String) -> String {
        for statement in system.statements {
            guard case .declaration(let all) = statement, all.count > 1, let place = all.firstIndex(of: quantity) else {
                continue
            }
            let separators = [", and ", "; ", " and "]
            for separator in separators {
                let parts = text.split(separator: separator)
                guard parts.count == all.count else { continue }
                let part = parts[place].drop { $0 == " " }
                let end = part.last == "." ? part.dropLast() : part
                return end.prefix(1).uppercased() + end.dropFirst() + "."
            }
        }
        return text
    }
}

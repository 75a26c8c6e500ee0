// Equations that are alike up to their quantities, derived once for all of them: x1 = v·sin(x0), x2 = v·sin(x1), …
extension Differentiator {
    /// Finds the form of each equation's right side.
    mutating func enterForms() {
        let count = simplifier.system.equations.count
        forms.reserveCapacity(count)
        for position in 0..<count {
            guard fewestAlike != nil, dependencies.isShort[position],
                simplifier.system.equations[position].axes.isEmpty
            else {
                forms.enterOther()
                continue
            }
            // What the rules against overflow see behind a name is not a part of the form.
            guard let leaves = dependencies.accesses.few(position), leaves.count <= RightSideForms.mostLeaves,
                !(0..<leaves.count).contains(where: { hasDefinition(leaves[$0]) })
            else {
                forms.enterOther()
                continue
            }
            var active: UInt8 = 0
            for number in 0..<leaves.count where isActiveAccess(leaves[number]) { active |= 1 << UInt8(number) }
            forms.enter(simplifier.system.equations[position].body, leaves, active, simplifier.system)
        }
    }

    private func hasDefinition(_ access: ExprID) -> Bool {
        if simplifier.definitions.isEmpty { return false }
        return simplifier.system.graph.quantity(access).map { simplifier.definitions[$0] != nil } ?? false
    }

    /// The form of an equation that enough others have, too.
    private func sharedForm(of position: Int) -> Int? {
        guard let fewestAlike, position < forms.count, let form = forms[position],
            forms.forms[form].count >= fewestAlike
        else { return nil }
        return form
    }

    /// The normal form of a right side, while nothing has a name yet.
    mutating func normalForm(of position: Int) -> ExprID {
        let body = simplifier.system.equations[position].body
        guard let form = sharedForm(of: position) else { return simplifier.simplify(body) }
        if forms.forms[form].isNormal == true { return body }
        let normal = simplifier.simplify(body)
        forms.change(form) { $0.isNormal = normal == body }
        return normal
    }

    // MARK: Collecting

    /// The mentions of an equation that is like others: each leaf that is derived has one. False where it has to be swept.
    mutating func collectAlike(
        _ position: Int, _ family: inout Family, _ queue: inout [Int32], _ onlyPerExample: Bool
    ) -> Bool {
        guard let form = sharedForm(of: position), isPlain(form, position) else { return false }
        let active = forms.forms[form].active
        let places = dependencies.accesses.range(of: position)
        for number in 0..<places.count where active >> UInt8(number) & 1 != 0 {
            let leaf = dependencies.accesses.access(places.lowerBound + number)
            let quantity = QuantityID(Int(simplifier.system.graph.node(leaf).a))
            let use = Use(number: Int32(truncatingIfNeeded: position), place: -1 - Int32(truncatingIfNeeded: number))
            family.uses.append(use, of: quantity)
            follow(leaf, quantity, &family, &queue, onlyPerExample)
        }
        return true
    }

    /// Whether each leaf of such an equation that is derived has one derivative, under no condition.
    private mutating func isPlain(_ form: Int, _ position: Int) -> Bool {
        if let known = forms.forms[form].isPlain { return known }
        sweepLeaves(of: position)
        let leaves = dependencies.accesses[position]
        let active = forms.forms[form].active
        let derived = leaves.enumerated().filter { active >> UInt8($0.offset) & 1 != 0 }.map(\.element)
        let isPlain = sweep.mentions.map(\.leaf) == derived && sweep.mentions.allSatisfy { $0.context == nil }
        forms.change(form) {
            $0.isPlain = isPlain
            $0.terms = Array(repeating: .unknown, count: 2 * leaves.count)
        }
        return isPlain
    }

    private mutating func sweepLeaves(of position: Int) {
        let body = simplifier.system.equations[position].body
        let order = simplifier.system.graph.reachable(from: body)
        sweep.sweep(body, order, activeLeaves(body), &simplifier.system.graph)
    }

    /// What is known of a mention: of one of a form, found out now.
    mutating func mention(_ use: Use, _ family: Family) -> Mention {
        guard let number = use.leaf, let position = use.equation else { return family.mentions[Int(use.place)] }
        return Mention(indices: [], frames: [], local: local(position, number))
    }

    /// The derivative of an equation's right side with respect to one of its leaves.
    private mutating func local(_ position: Int, _ number: Int) -> ExprID {
        let leaves = dependencies.accesses[position]
        let leaf = leaves[leaves.startIndex + number]
        sweepLeaves(of: position)
        return sweep.mentions.first { $0.leaf == leaf }?.derivative ?? simplifier.system.graph.makeNumber(0)
    }

    // MARK: Defining

    /// Makes the adjoint of a scalar all of whose mentions are in equations that are like others; false where it has to be derived by
    /// itself.
    mutating func defineAlike(_ quantity: QuantityID, _ family: inout Family) -> Bool {
        guard fewestAlike != nil, family.axes.isEmpty, isScalarCase(quantity), let adjoint = family.adjoints[quantity]
        else { return false }
        var few = Operands()
        var many: [ExprID] = []
        let uses = family.uses.positions(of: quantity)
        let isOnly = family.uses.hasOne(quantity)
        var isShort = false
        for place in uses {
            guard let term = term(family.uses.value(place), family, isOnly: isOnly, &isShort) else { return false }
            if few.isFull { many.append(term) } else { few.append(term) }
        }
        var result = few[0]
        if !isOnly {
            var raw = result
            if many.isEmpty {
                raw = simplifier.system.graph.makeList(.add, few)
            } else {
                raw = simplifier.system.graph.makeSum((0..<few.count).map { few[$0] } + many)
            }
            result = finished(simplifier.simplify(raw))
            isShort = self.isShort(result)
        }
        enter(Equation(quantity: adjoint, axes: [], body: result))
        if simplifier.system.graph.kind(of: result) == .access {
            let written = unaliased(result, family)
            if written != result, self.isShort(written) {
                family.short[quantity] = ([], written)
                isShort = false
            }
        }
        if isShort { family.short[quantity] = ([], result) }
        if simplifier.system.graph.kind(of: result) == .number { family.constants[quantity] = result }
        return true
    }

    /// Whether a quantity is one number, which all of its adjoint belongs to.
    private func isScalarCase(_ quantity: QuantityID) -> Bool {
        let domains = simplifier.system.quantities[Int(quantity.raw)].domains
        guard domains.count == 1, domains[0].isEmpty else { return false }
        if dependencies.isAsked[Int(quantity.raw)] { return true }
        let range = dependencies.definitions.range(of: Int(quantity.raw))
        return range.count == 1 && dependencies.isActive[dependencies.definitions.entry(range.lowerBound)]
    }

    /// What a mention contributes, simplified; nil where that is not known for its form, or not the same here.
    private mutating func term(_ use: Use, _ family: Family, isOnly: Bool, _ isShort: inout Bool) -> ExprID? {
        guard let number = use.leaf, let position = use.equation, let form = forms[position] else { return nil }
        let through = simplifier.system.equations[position].quantity
        // The number that an adjoint is, or what it stands for where something may cancel.
        guard family.constants[through] == nil, family.short.isEmpty || family.short[through] == nil,
            let adjoint = family.adjoints[through], var leaves = dependencies.accesses.few(position)
        else { return nil }
        leaves.append(simplifier.system.graph.makeScalar(adjoint))
        let place = 2 * number + (isOnly ? 1 : 0)
        if case .unknown = forms.forms[form].terms[place] {
            let made = makeTerm(position, number, leaves, isOnly: isOnly)
            forms.change(form) { $0.terms[place] = made }
        }
        guard case .known(let template, let short) = forms.forms[form].terms[place] else { return nil }
        isShort = short
        let term = simplifier.made(forms.templates[template], of: leaves)
        // One of several terms is looked at again when they are added up.
        if let term, !isOnly { simplifier.enter(normal: term) }
        return term
    }

    /// Finds out by one equation what a leaf of its form contributes.
    private mutating func makeTerm(
        _ position: Int, _ number: Int, _ leaves: Operands, isOnly: Bool
    ) -> RightSideForms.Term {
        let local = local(position, number)
        let raw = simplifier.system.graph.makeProduct(local, leaves[leaves.count - 1])
        var kept: [UInt32] = []
        simplifier.exchangeResults(with: &kept)
        simplifier.unnamed = []
        // First by itself, since what it is a part of may have a name that it would hide.
        _ = simplifier.simplify(local)
        var result = simplifier.simplify(raw)
        if isOnly { result = finished(result) }
        let unnamed = simplifier.unnamed
        simplifier.unnamed = nil
        simplifier.exchangeResults(with: &kept)
        guard let unnamed,
            let template = ExprTemplate(of: result, leaves: leaves, unnamed: unnamed, simplifier.system.graph)
        else { return .unsuitable }
        return .known(template: forms.add(template), isShort: isShort(result))
    }

    /// A sum over paths as it is written: multiplied out where that is shorter, with a divisor that its terms have in common.
    mutating func finished(_ sum: ExprID) -> ExprID {
        var result = sum
        if let longer = simplifier.multipliedOut(result), weight(longer) * 2 <= weight(result) { result = longer }
        return simplifier.withCommonDivisor(result) ?? result
    }
}

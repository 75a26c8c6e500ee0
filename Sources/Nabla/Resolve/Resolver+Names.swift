extension Resolver {
    private enum Task {
        case enter(SyntaxID)
        case leave(SyntaxID)
        /// The indices of a reduction that can be seen from here on: up to a binder.
        case bind(SyntaxID, SyntaxBinder)
        case unbind(SyntaxID)
    }

    func hasFailed(_ id: SyntaxID) -> Bool {
        if case .failed = meanings[id] { return true }
        return false
    }

    private mutating func fail(_ id: SyntaxID) { meanings[id] = .failed }

    /// Finds out what the names in an expression mean, and which of its parts are affine.
    ///
    /// - Parameter allowsQuantities: no where only indices and sizes may stand: in ranges and dimensions.
    mutating func walk(_ root: SyntaxID, allowsQuantities: Bool) {
        var stack: [Task] = [.enter(root)]
        while let task = stack.popLast() {
            switch task {
            case .enter(let id):
                switch tree[id] {
                case .reduction(_, let binders, let body), .extremum(_, let binders, let body):
                    stack.append(.leave(id))
                    stack.append(.unbind(id))
                    stack.append(.enter(body))
                    for binder in binders.reversed() {
                        stack.append(.bind(id, binder))
                        if let bounds = binder.bounds {
                            stack.append(.enter(bounds.upper))
                            stack.append(.enter(bounds.lower))
                        }
                    }
                default:
                    let first = stack.count + 1
                    stack.append(.leave(id))
                    tree.forEachChild(of: id) { stack.append(.enter($0)) }
                    // The first child is next.
                    if stack.count - first > 1 { stack[first...].reverse() }
                }
            case .leave(let id): leave(id, allowsQuantities)
            case .bind(let id, let binder): bind(binder, in: id)
            case .unbind(let id):
                for index in boundIndices[id] ?? [] { inScope[system.graph.name(of: index)]?.removeLast() }
            }
        }
    }

    /// Makes an index visible.
    private mutating func bind(_ binder: SyntaxBinder, in id: SyntaxID) {
        let index = makeIndex(binder.name)
        if inScope[binder.name.text]?.isEmpty == false {
            report("two indices in scope share the name '\(binder.name.text)'", binder.name.range)
        }
        if case .size? = symbols[binder.name.text], let first = symbols.range(of: binder.name.text) {
            report(
                "an index and a size may not share the name '\(binder.name.text)'", binder.name.range,
                notes: [.init("the size is declared here", range: first)])
        }
        if let bounds = binder.bounds {
            states[index]?.isWritten = true
            if let (lower, upper) = affineBounds(bounds) {
                states[index]?.bounds = (lower, upper)
            } else {
                states[index]?.hasFailed = true
            }
        } else if let position = stageNames[binder.name.text] {
            states[index]?.bounds = (system.stages[position].lower, system.stages[position].upper)
        }
        inScope[binder.name.text, default: []].append(index)
        boundIndices[id, default: []].append(index)
    }

    /// A new index; its kind is that of the declared stage of its name, if there is one.
    mutating func makeIndex(_ name: SyntaxName) -> IndexID {
        let kind = stageNames[name.text].map { system.stages[$0].kind } ?? .element
        let index = system.graph.makeIndex(name.text, kind)
        states[index] = IndexState(index: index, name: name)
        indexOrder.append(index)
        return index
    }

    // MARK: Leaving a node

    private mutating func leave(_ id: SyntaxID, _ allowsQuantities: Bool) {
        switch tree[id] {
        case .number:
            if let value = Rational(decimal: source.text(tree.range(id)))?.asInt { setAffine(id, Affine(value)) }
        case .application(let application): leave(id, application, allowsQuantities)
        case .sum(let terms):
            var total: Affine? = Affine(0)
            for (isNegative, term) in terms {
                guard let affine = affines[term] else { return }
                total = total?.adding(system.graph[affine], times: isNegative ? -1 : 1)
            }
            setAffine(id, total)
        case .negate(let operand): setAffine(id, affines[operand].flatMap { system.graph[$0].scaled(by: -1) })
        case .product(let factors):
            var total: Affine? = Affine(1)
            for (isDivisor, factor) in factors {
                guard !isDivisor, let affine = affines[factor], let current = total else { return }
                // One of the two is a whole number, or a size with a known value.
                if let times = system.expandingSizes(system.graph[affine]).asConstant,
                    system.graph[affine].asConstant != nil
                        || current.asConstant == nil
                {
                    total = current.scaled(by: times)
                } else if let times = system.expandingSizes(current).asConstant {
                    total = system.graph[affine].scaled(by: times)
                } else {
                    return
                }
            }
            setAffine(id, total)
        case .list, .error, .examples, .reduction, .extremum, .power, .compare, .and, .or, .not, .conditional: break
        }
    }

    private mutating func setAffine(_ id: SyntaxID, _ affine: Affine?) {
        if let affine { affines[id] = system.graph.affine(affine) }
    }

    private mutating func leave(_ id: SyntaxID, _ application: SyntaxApplication, _ allowsQuantities: Bool) {
        let name = application.name
        let isPlain = application.parenthesised == nil && application.bracketed == nil
        if !application.primes.isEmpty {
            leaveDerivative(id, application)
            return
        }
        if isPlain, let index = inScope[name.text]?.last {
            meanings[id] = .index(index)
            setAffine(id, Affine(.index(index)))
            return
        }
        if isPlain, let position = parameters?[name.text] {
            meanings[id] = .argument(position)
            return
        }
        switch symbols[name.text] {
        case .size(let size): leaveSize(id, size, application)
        case .quantity(let quantity):
            guard allowsQuantities else {
                report("'\(name.text)' is a quantity; here an index or a size is needed", name.range)
                fail(id)
                return
            }
            leaveAccess(id, quantity, application)
        case .function(let function):
            leaveCall(id, .user(function), application, system.functions[function].parameters.count, false)
        case nil:
            let plainName = Resolver.standardName(name.text)
            if let standard = FunctionTable.standard.id(named: plainName) {
                let row = FunctionTable.standard[standard]
                leaveCall(id, .standard(standard), application, row.parameters.count, row.isVariadic)
            } else if isPlain, plainName == "pi" {
                meanings[id] = .pi
            } else {
                undefined(id, name)
            }
        }
    }

    /// The name of the language's own function or constant: `\cosh` is cosh even where a declaration has taken that name.
    static func standardName(_ text: String) -> String { text.hasPrefix("\\") ? String(text.dropFirst()) : text }

    private mutating func undefined(_ id: SyntaxID, _ name: SyntaxName) {
        fail(id)
        if failedNames.contains(name.text) { return }
        if let position = stageNames[name.text] {
            report(
                "the index '\(name.text)' is not bound here", name.range,
                notes: [
                    .init("bind it on the left side or in a reduction"),
                    .init("it is declared here", range: system.stages[position].range),
                ])
        } else {
            report("'\(name.text)' is not defined", name.range, notes: suggestion(name.text))
        }
    }

    private mutating func leaveSize(_ id: SyntaxID, _ size: SizeID, _ application: SyntaxApplication) {
        if application.bracketed != nil {
            report("the size '\(application.name.text)' has no indices in brackets", tree.range(id))
            fail(id)
            return
        }
        guard let arguments = application.parenthesised else {
            if let range = system[size].stageRange {
                report(
                    "'\(application.name.text)' has a size for each stage: which?", tree.range(id),
                    notes: [.init("for example '\(application.name.text)(\(describe(range.lower)))'")])
                fail(id)
                return
            }
            meanings[id] = .size(size)
            setAffine(id, Affine(.size(size)))
            return
        }
        guard system[size].stageRange != nil, arguments.count == 1 else {
            report(
                system[size].stageRange == nil
                    ? "the size '\(application.name.text)' has no stages" : "a size has one stage", tree.range(id))
            fail(id)
            return
        }
        guard let stage = requiredAffine(arguments[0]) else {
            fail(id)
            return
        }
        let isNested = system.graph[stage].terms.contains {
            if case .stagedSize = $0.atom { return true }
            return false
        }
        if isNested {
            report("the stage of a size is in terms of indices and plain sizes", tree.range(arguments[0]))
            fail(id)
            return
        }
        meanings[id] = .stagedSize(size)
        setAffine(id, Affine(.stagedSize(size, stage)))
    }

    private mutating func leaveAccess(_ id: SyntaxID, _ quantity: QuantityID, _ application: SyntaxApplication) {
        let stages = application.parenthesised ?? []
        let elements = application.bracketed ?? []
        let stageCount = system.quantities[Int(quantity.raw)].stageCount
        let elementCount = system.quantities[Int(quantity.raw)].axisCount - stageCount
        guard stages.count == stageCount, elements.count == elementCount else {
            let wanted = shape(stageCount, elementCount)
            report(
                "'\(application.name.text)' has \(wanted), but is used with \(shape(stages.count, elements.count))",
                tree.range(id), notes: [.init("it is introduced here", range: system[quantity].range)])
            fail(id)
            return
        }
        if stages.isEmpty, elements.isEmpty {
            meanings[id] = .access(quantity)
            return
        }
        var isGood = true
        for (position, argument) in (stages + elements).enumerated() {
            guard let affine = requiredAffine(argument) else {
                isGood = false
                continue
            }
            // An index by itself takes its range from here.
            if let index = system.graph[affine].asIndex, states[index] != nil {
                states[index]?.uses.append(IndexUse(quantity: quantity, position: position, access: id))
            }
        }
        if isGood { meanings[id] = .access(quantity) } else { fail(id) }
    }

    private func shape(_ stages: Int, _ elements: Int) -> String {
        func counted(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
        if stages == 0 && elements == 0 { return "no indices" }
        if stages == 0 { return counted(elements, "index").replacingLast("indexs", "indices") + " in brackets" }
        let first = counted(stages, "stage") + " in parentheses"
        return elements == 0 ? first : first + " and " + counted(elements, "index").replacingLast("indexs", "indices")
    }

    private mutating func leaveCall(
        _ id: SyntaxID, _ function: FunctionReference, _ application: SyntaxApplication, _ count: Int,
        _ isVariadic: Bool
    ) {
        let name = application.name.text
        guard let arguments = application.parenthesised, application.bracketed == nil else {
            report("'\(name)' is a function: its arguments stand in parentheses", tree.range(id))
            fail(id)
            return
        }
        let isRight = isVariadic ? arguments.count >= 2 : arguments.count == count
        guard isRight else {
            let wanted = isVariadic ? "two or more arguments" : count == 1 ? "one argument" : "\(count) arguments"
            var notes: [Diagnostic.Note] = []
            if name == "max" || name == "min" { notes.append(.init("over an index: '\(name)(i: x[i])'")) }
            report("'\(name)' takes \(wanted), not \(arguments.count)", tree.range(id), notes: notes)
            fail(id)
            return
        }
        meanings[id] = .call(function)
    }

    private mutating func leaveDerivative(_ id: SyntaxID, _ application: SyntaxApplication) {
        let name = application.name.text.prefix { $0 != "'" }
        var function: FunctionReference?
        var count = 0
        if case .function(let position)? = symbols[String(name)] {
            function = .user(position)
            count = system.functions[position].parameters.count
        } else if symbols[String(name)] == nil,
            let standard = FunctionTable.standard.id(named: Resolver.standardName(String(name)))
        {
            function = .standard(standard)
            count = FunctionTable.standard[standard].parameters.count
        }
        guard let function else {
            report("'\(name)' is not a function, so it has no derivative", application.name.range)
            fail(id)
            return
        }
        guard let arguments = application.parenthesised, application.bracketed == nil, arguments.count == count else {
            report("'\(name)' takes \(count == 1 ? "one argument" : "\(count) arguments")", tree.range(id))
            fail(id)
            return
        }
        guard application.primes.allSatisfy({ $0 <= count }) else {
            report("'\(name)' has no argument of that number", application.name.range)
            fail(id)
            return
        }
        meanings[id] = .derivative(function)
    }
}

extension String {
    /// The text with an ending replaced, if it has it.
    fileprivate func replacingLast(_ ending: String, _ other: String) -> String {
        hasSuffix(ending) ? String(dropLast(ending.count)) + other : self
    }
}

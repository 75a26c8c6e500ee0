extension LoopProgram {
    /// The program with every sum of products of two arrays as a ``Contraction``, as far as there are roles for its indices.
    func findingContractions() -> LoopProgram {
        var finder = ContractionFinder(program: self)
        finder.run()
        return finder.program
    }
}

/// Recognises products of matrices in loop nests, also where they stand inside a larger expression.
struct ContractionFinder {
    var program: LoopProgram
    /// Of each quantity that contractions sum over the examples, how many do.
    private var sums: [QuantityID: Int] = [:]
    /// How many statements add to a quantity.
    private var additions: [QuantityID: Int] = [:]

    init(program: LoopProgram) { self.program = program }

    private var graph: ExprGraph {
        get { program.system.graph }
        _modify { yield &program.system.graph }
    }

    mutating func run() {
        program.forEachStatement(in: program[program.root].statements) { statement in
            if case .add(let quantity, _, _) = statement { additions[quantity, default: 0] += 1 }
        }
        var pending = [(block: program.root, isCertain: true)]
        while let (block, isCertain) = pending.popLast() {
            var result: [LoopStatement] = []
            for statement in program[block].statements {
                if let found = replacement(for: statement, isCertain: isCertain) {
                    result.append(contentsOf: found)
                } else {
                    result.append(statement)
                    var isCertain = isCertain
                    if case .conditional = statement { isCertain = false }
                    for inner in statement.blocks { pending.append((inner, isCertain)) }
                }
            }
            program[block].statements = result
        }
        scaleSums()
    }

    // MARK: One nest

    private mutating func replacement(for statement: LoopStatement, isCertain: Bool) -> [LoopStatement]? {
        guard let nest = program.nest(statement), program.system[nest.quantity].axisCount > 0 || !nest.isSum else {
            return nil
        }
        if nest.isSum { return sum(nest, isCertain: isCertain) }
        guard !nest.reductions.isEmpty,
            nest.reductions.allSatisfy({ program[$0.accumulator].kind == .value(.sum) }), let parts = linearParts(nest)
        else { return nil }
        var products: [(product: Product, roles: Roles)] = []
        for part in parts.terms {
            guard let reduction = nest.reductions.first(where: { program[$0.accumulator].result == part.result }),
                let product = product(reduction.value, part.coefficient, nest.dimensions + reduction.dimensions),
                let roles = roles(product, nest, nest.dimensions, reduction.dimensions)
            else { return nil }
            products.append((product, roles))
        }
        guard products.count == nest.reductions.count else { return nil }
        var result: [LoopStatement] = []
        let access = graph.makeAccess(nest.quantity, nest.indices)
        if let rest = parts.rest {
            result += program.loops(nest.dimensions, [.store(nest.quantity, nest.indices, rest)])
        }
        for (position, (product, roles)) in products.enumerated() {
            let old: Contraction.Old = position == 0 && parts.rest == nil ? .overwritten : .added
            result += contraction(nest, product, roles, old)
        }
        if let outer = parts.outer(access, &graph) {
            result += program.loops(nest.dimensions, [.store(nest.quantity, nest.indices, outer)])
        }
        return result
    }

    /// `target += left · right` for each example: a product that sums over the examples.
    private mutating func sum(_ nest: LoopNest, isCertain: Bool) -> [LoopStatement]? {
        var value = nest.value
        var coefficient = graph.makeNumber(1)
        var terms: [Dimension] = []
        if !nest.reductions.isEmpty {
            guard nest.reductions.count == 1, program[nest.reductions[0].accumulator].kind == .value(.sum),
                let parts = linearParts(nest), parts.rest == nil, parts.whole == parts.part
            else { return nil }
            value = nest.reductions[0].value
            coefficient = parts.terms[0].coefficient
            terms = nest.reductions[0].dimensions
        }
        let isOverExamples = nest.dimensions.contains(.examples)
        var elements = nest.dimensions.filter { $0 != .examples }
        // A kernel has two loops over terms: examples beyond these are a loop around it.
        let isInside = isOverExamples && terms.count < 2
        if isInside { terms.insert(.examples, at: 0) } else if isOverExamples { elements.insert(.examples, at: 0) }
        guard let product = product(value, coefficient, elements + terms),
            let roles = roles(product, nest, elements, terms, isSum: true)
        else { return nil }
        if isOverExamples { sums[nest.quantity, default: 0] += 1 }
        // Only where it is certain to reach every element, nothing needs to be cleared.
        let isWhole =
            isInside && isCertain && additions[nest.quantity] == 1
            && program.system[nest.quantity].domains.count == 1
        return contraction(nest, product, roles, isWhole ? .addedAfterFirstBlock : .added)
    }

    // MARK: Linear parts

    /// A value in terms of sums: `f(Σ coefficient · result + rest)`.
    private struct LinearParts {
        var terms: [(result: LocalID, coefficient: ExprID)]
        var rest: ExprID?
        /// The whole value, and the part of it that is the linear one.
        var whole: ExprID
        var part: ExprID

        /// The whole with something else in place of the linear part; nil where it is just that.
        func outer(_ access: ExprID, _ graph: inout ExprGraph) -> ExprID? {
            if whole == part { return nil }
            return graph.replacing([part: access], in: whole)
        }
    }

    private mutating func linearParts(_ nest: LoopNest) -> LinearParts? {
        let results = Set(nest.reductions.compactMap { program[$0.accumulator].result })
        guard results.count == nest.reductions.count else { return nil }
        func holds(_ id: ExprID) -> Bool { program.locals(readBy: id).contains { results.contains($0) } }
        func isSame(_ id: ExprID) -> Bool {
            !holds(id) && !nest.dimensions.contains { program.depends(id, on: $0) }
        }
        // The smallest part that holds all results, and around it what multiplies them all.
        var part = nest.value
        var sum = nest.value
        var scale: [ExprID] = []
        while graph.kind(of: sum) != .argument, graph.kind(of: sum) != .add {
            var inner: [ExprID] = []
            var others: [ExprID] = []
            // As often as it stands there: a square is a product of one sum with itself.
            var mentions = 0
            graph.forEachChild(of: sum) { child in
                guard holds(child) else {
                    others.append(child)
                    return
                }
                mentions += 1
                if !inner.contains(child) { inner.append(child) }
            }
            guard inner.count == 1 else { return nil }
            switch graph.form(of: sum) {
            case .select: return nil
            case .negate:
                scale.append(graph.makeNumber(-1))
                sum = inner[0]
                continue
            case .multiply where mentions == 1 && others.allSatisfy(isSame):
                scale += others
                sum = inner[0]
                continue
            case .divide(let dividend, let divisor) where dividend == inner[0] && isSame(divisor):
                scale.append(graph.makeQuotient(graph.makeNumber(1), divisor))
                sum = inner[0]
                continue
            default: break
            }
            part = inner[0]
            sum = part
            scale = []
        }
        // Elsewhere they may not stand.
        var count = 0
        for id in graph.reachable(from: nest.value) {
            graph.forEachChild(of: id) { if $0 == part { count += 1 } }
        }
        guard count <= 1 || part != nest.value else { return nil }
        var terms: [(result: LocalID, coefficient: ExprID)] = []
        var rest: [ExprID] = []
        var operands = [sum]
        if case .add(let list) = graph.form(of: sum) { operands = list }
        for operand in operands {
            guard holds(operand) else {
                rest.append(operand)
                continue
            }
            let (number, factors) = self.factors(of: operand)
            var result: LocalID?
            var others: [ExprID] = number.isOne ? scale : [graph.makeNumber(number)] + scale
            for factor in factors {
                if case .argument(let position) = graph.form(of: factor), results.contains(LocalID(position)) {
                    guard result == nil else { return nil }
                    result = LocalID(position)
                } else {
                    guard !holds(factor) else { return nil }
                    others.append(factor)
                }
            }
            guard let result else { return nil }
            terms.append((result, combined(others)))
        }
        var restPart: ExprID? =
            rest.isEmpty ? nil : rest.count == 1 ? rest[0] : graph.makeSum(rest)
        if let known = restPart, !scale.isEmpty { restPart = graph.makeProduct(scale + [known]) }
        return LinearParts(terms: terms, rest: restPart, whole: nest.value, part: part)
    }

    private mutating func combined(_ factors: [ExprID]) -> ExprID {
        switch factors.count {
        case 0: graph.makeNumber(1)
        case 1: factors[0]
        default: graph.makeProduct(factors)
        }
    }

    /// The factors of a product: a number, and all others.
    private mutating func factors(of root: ExprID) -> (number: Rational, others: [ExprID]) {
        var number = Rational(1)
        var others: [ExprID] = []
        var stack = [root]
        while let id = stack.popLast() {
            switch graph.form(of: id) {
            case .number(let value, _) where number.bitWidth < 256 && value.bitWidth < 256: number = number * value
            case .multiply(let list): stack.append(contentsOf: list.reversed())
            case .negate(let operand):
                number = number.negated
                stack.append(operand)
            case .divide(let dividend, let divisor):
                others.append(graph.makeQuotient(graph.makeNumber(1), divisor))
                stack.append(dividend)
            default: others.append(id)
            }
        }
        return (number, others)
    }

    // MARK: Products and roles

    private struct Product {
        var factor: ExprID
        var first: ExprID
        var second: ExprID
    }

    /// A value as a number that is the same everywhere times two accesses.
    private mutating func product(_ value: ExprID, _ coefficient: ExprID, _ dimensions: [Dimension]) -> Product? {
        let (number, others) = factors(of: value)
        var same: [ExprID] = number.isOne ? [] : [graph.makeNumber(number)]
        if graph.number(coefficient)?.isOne != true { same.append(coefficient) }
        var accesses: [ExprID] = []
        for factor in others {
            if dimensions.contains(where: { program.depends(factor, on: $0) }) {
                guard graph.kind(of: factor) == .access else { return nil }
                accesses.append(factor)
            } else {
                same.append(factor)
            }
        }
        guard accesses.count == 2, !dimensions.contains(where: { program.depends(coefficient, on: $0) }) else {
            return nil
        }
        return Product(factor: combined(same), first: accesses[0], second: accesses[1])
    }

    private struct Roles {
        var left: ExprID
        var right: ExprID
        var rows: Dimension?
        var columns: Dimension?
        var innerColumns: Dimension?
        var terms: [Dimension]
        var outer: [Dimension]
        var triangle: Contraction.Triangle?
        var targetTriangle: Contraction.Triangle?
    }

    private func roles(
        _ product: Product, _ nest: LoopNest, _ elements: [Dimension], _ terms: [Dimension], isSum: Bool = false
    ) -> Roles? {
        guard terms.count <= 2 else { return nil }
        let columns = elements.first { program.isSideBySide(nest.quantity, nest.indices, $0) }
        var left = product.first
        var right = product.second
        if let columns {
            if program.depends(left, on: columns) { swap(&left, &right) }
            guard !program.depends(left, on: columns), program.depends(right, on: columns) else { return nil }
        }
        // The one that is known to be long; else the examples.
        let candidates = elements.filter { dimension in
            dimension != columns && (!isSum || dimension != .examples)
                && !(columns.map {
                    program.isRangeDependent($0, on: dimension) || program.isRangeDependent(dimension, on: $0)
                } ?? false) && program.depends(left, on: dimension) && !program.depends(right, on: dimension)
        }
        var rows = candidates.last { isLong($0) } ?? candidates.first { $0 == .examples } ?? candidates.last
        var targetTriangle: Contraction.Triangle?
        // Columns that end or begin at the diagonal: with their row, rather than a product of one row each.
        if rows == nil, let columns {
            for dimension in elements where dimension != columns && dimension.index != nil {
                guard program.isRangeDependent(columns, on: dimension), program.depends(left, on: dimension),
                    !program.depends(right, on: dimension),
                    let found = triangle(columns, dimension, isByColumn: false)
                else { continue }
                rows = dimension
                targetTriangle = found
            }
        }
        guard columns != nil || rows != nil else { return nil }
        let wider = columns.flatMap { inner in
            elements.first { outer in
                outer != rows && outer != columns && targetTriangle == nil && isShort(inner)
                    && program.depends(right, on: outer)
                    && !program.depends(left, on: outer) && program.isSideBySide(nest, outer, inner)
                    && !(elements + terms).contains {
                        program.isRangeDependent($0, on: outer) || program.isRangeDependent(outer, on: $0)
                            || program.isRangeDependent($0, on: inner)
                    }
            }
        }
        let outer = elements.filter { $0 != columns && $0 != rows && $0 != wider }
        let inner = [rows, wider, columns].compactMap { $0 } + terms
        var triangle: Contraction.Triangle?
        for dimension in inner + outer {
            for other in inner where other != dimension && program.isRangeDependent(dimension, on: other) {
                if targetTriangle != nil, dimension == columns, other == rows { continue }
                guard triangle == nil, targetTriangle == nil, terms == [dimension], other == rows || other == columns,
                    let found = self.triangle(dimension, other, isByColumn: other == columns)
                else { return nil }
                triangle = found
            }
        }
        // Where a stage begins is affine in the stage only if all are of one size.
        let target = (nest.quantity, nest.indices)
        var accesses = [target]
        for side in [left, right] {
            guard case .access(let quantity, let indices) = graph.form(of: side) else { return nil }
            accesses.append((quantity, indices))
        }
        for (quantity, indices) in accesses {
            guard let buffer = program.buffer(of: quantity),
                program.system[quantity].axisCount > 0 || buffer.examples != .shared
            else { return nil }
            if buffer.uniformExtents != nil { continue }
            for stage in indices.prefix(program.system[quantity].stageCount) {
                if inner.contains(where: { dimension in
                    dimension.index.map { graph.depends(graph[stage], on: $0) } ?? false
                }) {
                    return nil
                }
            }
        }
        return Roles(
            left: left, right: right, rows: rows, columns: wider ?? columns, innerColumns: wider == nil ? nil : columns,
            terms: terms, outer: outer, triangle: triangle, targetTriangle: targetTriangle)
    }

    /// The triangle that terms fill whose range begins or ends at a row or a column, both counted from 0.
    private func triangle(_ terms: Dimension, _ other: Dimension, isByColumn: Bool) -> Contraction.Triangle? {
        guard case .index(_, let lower, let upper) = terms, case .index(let index, let first, _) = other,
            graph[first].asConstant == 0
        else { return nil }
        let diagonal = Affine(.index(index))
        if graph[lower].asConstant == 0, let offset = graph[upper].adding(diagonal, times: -1)?.asConstant {
            return Contraction.Triangle(isUpper: false, isByColumn: isByColumn, offset: offset)
        }
        if !graph.depends(graph[upper], on: index), let offset = graph[lower].adding(diagonal, times: -1)?.asConstant {
            return Contraction.Triangle(isUpper: true, isByColumn: isByColumn, offset: offset)
        }
        return nil
    }

    /// Whether a dimension has enough rounds to fill a kernel's tiles by itself.
    private func isLong(_ dimension: Dimension) -> Bool { program.count(of: dimension).map { $0 >= 48 } ?? false }

    /// Whether a dimension's rounds certainly do not fill them.
    private func isShort(_ dimension: Dimension) -> Bool { program.count(of: dimension).map { $0 < 48 } ?? false }

    // MARK: Statements

    private mutating func contraction(
        _ nest: LoopNest, _ product: Product, _ roles: Roles, _ old: Contraction.Old
    ) -> [LoopStatement] {
        let contraction = Contraction(
            target: nest.quantity, indices: nest.indices, old: old, left: roles.left, right: roles.right,
            factor: product.factor, rows: roles.rows, columns: roles.columns, innerColumns: roles.innerColumns,
            terms: roles.terms, triangle: roles.triangle, targetTriangle: roles.targetTriangle,
            plain: program.makeBlock())
        fillPlain(contraction)
        return program.loops(roles.outer, [.contraction(contraction)])
    }

    /// The same as plain loops.
    private mutating func fillPlain(_ contraction: Contraction) {
        let value = graph.makeProduct([contraction.factor, contraction.left, contraction.right])
        let access = graph.makeAccess(contraction.target, contraction.indices)
        var inner: [LoopStatement]
        let elements = [contraction.rows, contraction.columns, contraction.innerColumns].compactMap { $0 }
        if contraction.terms.isEmpty || contraction.terms == [.examples] {
            inner = [.add(contraction.target, contraction.indices, value)]
            program[contraction.plain].statements = program.loops(contraction.terms + elements, inner)
            return
        }
        let result = program.makeLocal("sum", .real)
        let sum = program.makeAccumulator(
            Accumulator(
                kind: .value(.sum), indices: contraction.terms.compactMap(\.index), result: result,
                isNeverEmpty: false, equation: 0))
        let total = program.read(result)
        let stored = contraction.old == .overwritten ? total : graph.makeSum([access, total])
        inner =
            [.begin(sum)] + program.loops(contraction.terms, [.accumulate(sum, value)], .reduction) + [
                .finish(sum), .store(contraction.target, contraction.indices, stored),
            ]
        program[contraction.plain].statements = program.loops(elements, inner)
    }

    // MARK: Means over the examples

    /// Takes the division of a mean by the number of examples into the products that gather it.
    private mutating func scaleSums() {
        let root = program[program.root].statements
        let means = root.map { mean($0) }
        var counts: [QuantityID: Int] = [:]
        for quantity in means.compactMap({ $0 }) { counts[quantity, default: 0] += 1 }
        // Every sum has its division, or none is touched.
        let divided = Set(counts.filter { $0.value == additions[$0.key] }.keys)
        if divided.isEmpty { return }
        var kept: [LoopStatement] = []
        for (statement, quantity) in zip(root, means) {
            if let quantity, divided.contains(quantity) {
                while case .comment = kept.last { kept.removeLast() }
            } else {
                kept.append(statement)
            }
        }
        program[program.root].statements = kept
        let share = graph.makeQuotient(graph.makeNumber(1), program.read(.exampleCount))
        for block in program.blocks.indices {
            for position in program.blocks[block].statements.indices {
                guard case .contraction(var contraction) = program.blocks[block].statements[position],
                    divided.contains(contraction.target)
                else { continue }
                contraction.factor =
                    graph.number(contraction.factor)?.isOne == true
                    ? share : graph.makeProduct([contraction.factor, share])
                contraction.plain = program.makeBlock()
                fillPlain(contraction)
                program.blocks[block].statements[position] = .contraction(contraction)
            }
        }
    }

    /// The quantity that a statement divides by the number of examples, where nothing but contractions has added to it.
    private mutating func mean(_ statement: LoopStatement) -> QuantityID? {
        guard let nest = program.nest(statement), !nest.isSum, nest.reductions.isEmpty,
            let count = sums[nest.quantity], additions[nest.quantity] == count,
            nest.value == graph.makeQuotient(graph.makeAccess(nest.quantity, nest.indices), program.read(.exampleCount))
        else { return nil }
        return nest.quantity
    }
}

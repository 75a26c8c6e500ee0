extension LoopProgram {
    /// The program with loops cut where a condition inside asks for the place of an index: `i > 0` is no question in a loop from 1 on.
    ///
    /// - Parameter recurrences: whether it is recurrences that are cut, or other loops.
    func splittingRanges(ofRecurrences recurrences: Bool) -> LoopProgram {
        var splitter = RangeSplitter(program: self, isOfRecurrences: recurrences)
        splitter.run()
        return splitter.program
    }
}

/// Index-set splitting (Banerjee, 1979; Allen and Kennedy, 2001, section 5.7.1): a loop becomes one loop for each part of its range in which
/// the comparisons inside have one answer; a part of one round is no loop.
struct RangeSplitter {
    var program: LoopProgram
    /// More cuts than this are not worth it.
    private static let mostCuts = 3
    /// Longer bodies are not copied.
    private static let mostStatements = 40
    /// The same for recurrences of vectors: what one loop over the lanes leaves for the next one can stay in registers where no condition
    /// stands between them.
    private static let mostVectorStatements = 120

    private let isOfRecurrences: Bool

    init(program: LoopProgram, isOfRecurrences: Bool) {
        self.program = program
        self.isOfRecurrences = isOfRecurrences
    }

    private var system: System { program.system }
    private var graph: ExprGraph { program.system.graph }

    mutating func run() {
        var pending: [(block: BlockID, scope: Scope)] = [(program.root, Scope())]
        while let (block, scope) = pending.popLast() {
            var result: [LoopStatement] = []
            // Next one last.
            var rest = program[block].statements.reversed().map { (statement: $0, isCut: false) }
            while let (statement, isCut) = rest.popLast() {
                if !isCut, case .loop(let loop) = statement, let pieces = split(statement, scope) {
                    // What is left of a part of one round may have loops that are cut in their turn.
                    rest += pieces.reversed().map { piece in
                        if case .loop(let part) = piece { return (piece, part.index == loop.index) }
                        return (piece, false)
                    }
                    continue
                }
                result.append(statement)
                var inside = scope
                switch statement {
                case .contraction, .lanes: continue
                case .loop(let loop):
                    if let lower = loop.lower.asAffine, let upper = loop.upper.asAffine {
                        inside.enter(loop.index, lower: lower, upper: upper)
                    }
                default: break
                }
                for inner in statement.blocks { pending.append((inner, inside)) }
            }
            program[block].statements = result
        }
    }

    private mutating func split(_ statement: LoopStatement, _ scope: Scope) -> [LoopStatement]? {
        guard case .loop(let loop) = statement, (loop.purpose == .recurrence) == isOfRecurrences,
            loop.solution == nil, let lower = loop.lower.asAffine,
            let upper = loop.upper.asAffine, isCopied(loop)
        else { return nil }
        let cuts = self.cuts(loop, scope, lower, upper)
        if cuts.isEmpty { return nil }
        let ends = [lower] + cuts + [upper]
        var parts: [[LoopStatement]] = []
        for (first, last) in zip(ends, ends.dropFirst()) {
            guard let part = part(loop, from: first, to: last, scope) else { return nil }
            parts.append(part)
        }
        return (loop.isReversed ? parts.reversed() : parts).flatMap { $0 }
    }

    /// Whether a loop's body is one that copies are made of: short, and a recurrence's without loops other than over lanes.
    private func isCopied(_ loop: Loop) -> Bool {
        var count = 0
        var isSimple = true
        var hasLoops = false
        var hasLanes = false
        program.forEachStatement(in: program[loop.body].statements) { statement in
            count += 1
            switch statement {
            case .contraction, .examples, .exampleBlocks, .clear: isSimple = false
            case .loop: hasLoops = true
            case .lanes: hasLanes = true
            default: break
            }
        }
        if !isSimple { return false }
        guard loop.purpose == .recurrence else { return !hasLanes && count <= RangeSplitter.mostStatements }
        return hasLanes
            ? count <= RangeSplitter.mostVectorStatements : !hasLoops && count <= RangeSplitter.mostStatements
    }

    // MARK: Cuts

    /// Where the answer of a comparison in a condition inside changes, in ascending order.
    private mutating func cuts(_ loop: Loop, _ scope: Scope, _ lower: AffineID, _ upper: AffineID) -> [AffineID] {
        let outer = Set(scope.axes.map(\.index))
        var found: [Affine] = []
        var adds = false
        program.forEachStatement(in: program[loop.body].statements) { statement in
            if case .add = statement { adds = true }
            guard case .conditional(let condition, _, _) = statement else { return }
            for id in graph.reachable(from: condition) {
                guard case .compare(let comparison, let left, let right) = graph.form(of: id),
                    let one = graph.affineValue(left), let two = graph.affineValue(right)
                else { continue }
                found += places(one, comparison, two, loop.index, outer)
            }
        }
        var cuts: [Affine] = []
        for cut in found {
            guard system.isLessOrEqual(graph[lower], cut, in: scope),
                system.isLessOrEqual(cut, graph[upper], in: scope), !system.isEqual(cut, graph[lower]),
                !system.isEqual(cut, graph[upper]), !cuts.contains(where: { system.isEqual($0, cut) })
            else { continue }
            let place = cuts.firstIndex { system.isLessOrEqual(cut, $0, in: scope) } ?? cuts.count
            let isOrdered =
                cuts[..<place].allSatisfy { system.isLessOrEqual($0, cut, in: scope) }
                && cuts[place...].allSatisfy { system.isLessOrEqual(cut, $0, in: scope) }
            // Where parts may overlap, elements are computed twice.
            if isOrdered || loop.purpose == .elements && !adds { cuts.insert(cut, at: place) }
        }
        return cuts.count <= RangeSplitter.mostCuts ? cuts.map { program.system.graph.affine($0) } : []
    }

    private func places(
        _ left: Affine, _ comparison: Comparison, _ right: Affine, _ index: IndexID, _ outer: Set<IndexID>
    ) -> [Affine] {
        guard let difference = left.adding(right, times: -1) else { return [] }
        let coefficient = difference.coefficient(of: index)
        let rest = difference.removing(.index(index))
        let isKnown = rest.terms.allSatisfy { term in
            switch term.atom {
            case .index(let other): outer.contains(other)
            case .size: true
            case .stagedSize: false
            }
        }
        guard abs(coefficient) == 1, isKnown, let cut = rest.scaled(by: -coefficient), let next = cut.offset(by: 1)
        else { return [] }
        switch (comparison, coefficient) {
        case (.less, 1), (.greater, -1), (.greaterOrEqual, 1), (.lessOrEqual, -1): return [cut]
        case (.lessOrEqual, 1), (.greaterOrEqual, -1), (.greater, 1), (.less, -1): return [next]
        default: return [cut, next]
        }
    }

    // MARK: Parts

    /// The rounds from one place to another.
    private mutating func part(
        _ loop: Loop, from lower: AffineID, to upper: AffineID, _ scope: Scope
    ) -> [LoopStatement]? {
        let isOneRound = system.knownDistance(from: lower, to: upper) == 1
        var inside = scope
        inside.enter(loop.index, lower: lower, upper: upper)
        var copier = StatementCopier(
            indices: isOneRound ? [loop.index: graph[lower]] : [:], truths: truths(loop.body, inside))
        guard let statements = copier.copy(program[loop.body].statements, in: &program) else { return nil }
        if isOneRound { return statements }
        var part = loop
        part.lower = LoopBound(lower)
        part.upper = LoopBound(upper, choice: .smallest)
        part.body = program.makeBlock()
        program[part.body].statements = statements
        return [.loop(part)]
    }

    /// The comparisons in a block whose answer is known.
    private func truths(_ block: BlockID, _ scope: Scope) -> [ExprID: Bool] {
        var found: [ExprID: Bool] = [:]
        program.forEachStatement(in: program[block].statements) { statement in
            program.forEachExpression(of: statement) { root in
                for id in graph.reachable(from: root) {
                    guard case .compare(let comparison, let left, let right) = graph.form(of: id),
                        let one = graph.affineValue(left), let two = graph.affineValue(right)
                    else { continue }
                    found[id] = truth(one, comparison, two, scope)
                }
            }
        }
        return found
    }

    private func truth(_ left: Affine, _ comparison: Comparison, _ right: Affine, _ scope: Scope) -> Bool? {
        func isBelow(_ one: Affine, _ two: Affine) -> Bool { system.isLess(one, two, in: scope) }
        func isAtMost(_ one: Affine, _ two: Affine) -> Bool { system.isLessOrEqual(one, two, in: scope) }
        switch comparison {
        case .less: return isBelow(left, right) ? true : isAtMost(right, left) ? false : nil
        case .lessOrEqual: return isAtMost(left, right) ? true : isBelow(right, left) ? false : nil
        case .greater: return truth(right, .less, left, scope)
        case .greaterOrEqual: return truth(right, .lessOrEqual, left, scope)
        case .equal:
            if isBelow(left, right) || isBelow(right, left) { return false }
            return isAtMost(left, right) && isAtMost(right, left) ? true : nil
        case .notEqual: return truth(left, .equal, right, scope).map { !$0 }
        }
    }
}

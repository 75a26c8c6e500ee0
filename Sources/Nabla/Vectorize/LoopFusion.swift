extension LoopProgram {
    /// The program with loops over the same range as one where what they share allows it, recurrences too, and with sums over such a
    /// range gathered in the loop that computes what they add.
    func fusingLoops() -> LoopProgram {
        var fusion = LoopFusion(program: self)
        fusion.run()
        return fusion.program
    }
}

/// Fuses loops that need not be neighbours (Kennedy and Allen, 2001, section 8.6): the later one moves up over what does not depend on
/// it, and may run backwards where its rounds stand by themselves.
struct LoopFusion: BlockFusion {
    var program: LoopProgram

    /// A statement with the comments before it.
    private struct Item {
        var comments: [LoopStatement] = []
        var statement: LoopStatement
        var accesses: LoopAccesses
    }

    mutating func fused(_ statements: [LoopStatement], _ around: [Dimension]) -> [LoopStatement] {
        var items: [Item] = []
        var comments: [LoopStatement] = []
        for statement in statements {
            if case .comment = statement {
                comments.append(statement)
                continue
            }
            let item = Item(
                comments: comments, statement: statement, accesses: LoopAccesses(statement, program))
            if !join(item, &items, around) { items.append(item) }
            comments = []
        }
        return items.flatMap { $0.comments + [$0.statement] } + comments
    }

    /// Takes a statement into the nearest loop before it that it can move up to.
    private mutating func join(_ item: Item, _ items: inout [Item], _ around: [Dimension]) -> Bool {
        var sum: SumLoop?
        var moving: Loop?
        switch item.statement {
        case .loop(let loop): moving = loop
        case .lanes(let lanes): sum = SumLoop(lanes, program)
        default: return false
        }
        if item.accesses.hasKernels || item.accesses.mayFail || sum == nil && moving == nil { return false }
        for position in items.indices.reversed() {
            if case .loop(let loop) = items[position].statement, !items[position].accesses.hasKernels,
                !items[position].accesses.mayFail,
                sum != nil || !items[position].accesses.quantities.isDisjoint(with: item.accesses.quantities)
            {
                let before = items[position].accesses
                let second = sum?.loop ?? moving
                if let second, let isReversed = direction(loop, before, second, item.accesses, around) {
                    var found: [LoopStatement]?
                    if let sum {
                        found = gathering(sum, item.comments, in: loop, isReversed: isReversed)
                    } else {
                        found = merged(loop, second, item.comments, isReversed: isReversed).map { [$0] }
                    }
                    if let found {
                        let comments = items[position].comments
                        items.replaceSubrange(
                            position...position,
                            with: found.map { Item(statement: $0, accesses: LoopAccesses($0, program)) })
                        items[position].comments = comments
                        return true
                    }
                }
            }
            guard program.commute(items[position].accesses, item.accesses, around: around) else { return false }
        }
        return false
    }

    // MARK: Two loops

    /// Whether two loops as one run backwards; nil where they cannot be one.
    private mutating func direction(
        _ first: Loop, _ before: LoopAccesses, _ second: Loop, _ after: LoopAccesses, _ around: [Dimension]
    ) -> Bool? {
        guard let lower = first.lower.asAffine, let upper = first.upper.asAffine,
            let otherLower = second.lower.asAffine, let otherUpper = second.upper.asAffine, first.solution == nil,
            second.solution == nil, program.system.isEqual(lower, otherLower),
            program.system.isEqual(upper, otherUpper), before.hasOwnLocals(beside: after)
        else { return nil }
        // Rounds that stand by themselves run in either order.
        var isReversed = first.isReversed
        if first.isReversed != second.isReversed {
            if first.purpose == .elements {
                isReversed = second.isReversed
            } else if second.purpose != .elements {
                return nil
            }
        }
        for (one, other) in before.conflicts(with: after) {
            guard isInOrder(one, first.index, other, second.index, isReversed, around) else { return nil }
        }
        return isReversed
    }

    private mutating func merged(
        _ first: Loop, _ second: Loop, _ comments: [LoopStatement], isReversed: Bool
    ) -> LoopStatement? {
        var statements = program[first.body].statements + comments
        for statement in program[second.body].statements {
            guard let renamed = program.renaming(statement, second.index, first.index) else { return nil }
            statements.append(renamed)
        }
        var both = first
        both.isReversed = isReversed
        both.purpose = first.purpose == .elements && second.purpose == .elements ? .elements : .recurrence
        both.body = program.makeBlock()
        program[both.body].statements = statements
        return .loop(both)
    }

    /// Whether the round of the first loop that touches an element comes no later than that of the second one: a pair of accesses,
    /// the first in one loop and the second in the other, in no matter which order here.
    private mutating func isInOrder(
        _ one: LoopAccesses.Access, _ index: IndexID, _ other: LoopAccesses.Access, _ otherIndex: IndexID,
        _ isReversed: Bool, _ around: [Dimension]
    ) -> Bool {
        if program.areDisjoint(one, other, around) { return true }
        guard let first = one.indices, let second = other.indices, first.count == second.count else { return false }
        let graph = program.system.graph
        let inner = (one.loops + other.loops).compactMap(\.index)
        return zip(first, second).contains { left, right in
            let coefficient = graph[left].coefficient(of: index)
            guard coefficient == 1 || coefficient == -1, graph[right].coefficient(of: otherIndex) == coefficient
            else { return false }
            let rest = graph[left].removing(.index(index))
            let otherRest = graph[right].removing(.index(otherIndex))
            guard let difference = otherRest.adding(rest, times: -1)?.asConstant,
                !inner.contains(where: { graph.depends(rest, on: $0) || graph.depends(otherRest, on: $0) })
            else { return false }
            // first round − second round, where both touch one element.
            let distance = coefficient == 1 ? difference : -difference
            return isReversed ? distance >= 0 : distance <= 0
        }
    }

    // MARK: Sums

    /// A sum in lanes as a sum in memory that the rounds of a loop add to: what is cleared before, the loop, what is stored after it.
    private mutating func gathering(
        _ sum: SumLoop, _ comments: [LoopStatement], in loop: Loop, isReversed: Bool
    ) -> [LoopStatement]? {
        let quantity = program.makeQuantity(like: sum.quantity, suffix: "_sum")
        let access = program.system.graph.makeAccess(quantity, sum.indices)
        let zero = program.system.graph.makeNumber(0)
        var adding = sum.loop
        adding.body = program.makeBlock()
        program[adding.body].statements = [lanes(sum, .add(quantity, sum.indices, sum.gathered))]
        let result = program.read(sum.result)
        let value = program.system.graph.replacing([result: access], in: sum.value)
        guard let both = merged(loop, adding, comments, isReversed: isReversed) else { return nil }
        return [
            lanes(sum, .store(quantity, sum.indices, zero)), both,
            lanes(sum, .store(sum.quantity, sum.indices, value)),
        ]
    }

    /// One statement in the lanes of a sum.
    private mutating func lanes(_ sum: SumLoop, _ statement: LoopStatement) -> LoopStatement {
        var lanes = sum.lanes
        lanes.body = program.makeBlock()
        program[lanes.body].statements = [statement]
        return .lanes(lanes)
    }
}

/// A loop in lanes that computes nothing but a sum over a range, and what is stored of it.
private struct SumLoop {
    var lanes: Lanes
    var loop: Loop
    var result: LocalID
    var gathered: ExprID
    var quantity: QuantityID
    var indices: [AffineID]
    var value: ExprID

    init?(_ lanes: Lanes, _ program: LoopProgram) {
        let statements = program[lanes.body].statements
        guard lanes.purpose == .elements, statements.count == 4, case .begin(let id) = statements[0],
            case .loop(let loop) = statements[1], case .finish(id) = statements[2],
            case .store(let quantity, let indices, let value) = statements[3], !indices.isEmpty,
            program[id].kind == .value(.sum), let result = program[id].result, !loop.isReversed,
            program[loop.body].statements.count == 1,
            case .accumulate(id, let gathered) = program[loop.body].statements[0],
            program.buffer(of: quantity)?.examples == .shared
        else { return nil }
        self.lanes = lanes
        self.loop = loop
        // A sum has no order.
        self.loop.purpose = .elements
        self.result = result
        self.gathered = gathered
        self.quantity = quantity
        self.indices = indices
        self.value = value
    }
}

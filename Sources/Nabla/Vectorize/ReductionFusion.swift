extension LoopProgram {
    /// The program with sums gathered in the loop over elements that reads the same numbers.
    func fusingReductions() -> LoopProgram {
        var fusion = ReductionFusion(program: self)
        fusion.run()
        return fusion.program
    }
}

/// Takes a loop over elements into an earlier loop that only adds up, where both go along the same numbers (Kennedy and Allen, 2001,
/// section 8.6). Their ranges need not be the same: rounds at an end that only one of them has are peeled off (section 5.7.2).
struct ReductionFusion: BlockFusion {
    var program: LoopProgram
    /// More rounds than this are not peeled off an end.
    private static let mostPeeled = 2

    init(program: LoopProgram) { self.program = program }

    private var system: System { program.system }

    mutating func fused(_ statements: [LoopStatement], _ around: [Dimension]) -> [LoopStatement] {
        var statements = statements
        var position = 0
        while position < statements.count {
            guard case .lanes(let elements) = statements[position],
                let place = place(for: elements, at: position, statements, around),
                case .lanes(let sum) = statements[place],
                let parts = joined(sum, elements, comment(before: position, statements), around)
            else {
                position += 1
                continue
            }
            statements.remove(at: position)
            if isUndescribing(position - 1, statements) { statements.remove(at: position - 1) }
            statements.replaceSubrange(place...place, with: parts)
            position = place + parts.count
        }
        return statements
    }

    /// The comment that describes a statement.
    private func comment(before position: Int, _ statements: [LoopStatement]) -> LoopStatement? {
        statements[..<position].last { $0.isComment }
    }

    /// Whether a comment is followed by nothing that it describes.
    private func isUndescribing(_ position: Int, _ statements: [LoopStatement]) -> Bool {
        position >= 0 && statements[position].isComment
            && (position + 1 == statements.count || statements[position + 1].isComment)
    }

    /// The loop that only adds up which a loop over elements can move up to.
    private mutating func place(
        for lanes: Lanes, at position: Int, _ statements: [LoopStatement], _ around: [Dimension]
    ) -> Int? {
        let isSimple = program[lanes.body].statements.allSatisfy {
            switch $0 {
            case .store, .define, .comment: true
            default: false
            }
        }
        guard lanes.purpose == .elements, isSimple, lanes.dimension.index != nil else { return nil }
        let moved = LoopAccesses(.lanes(lanes), program)
        for place in statements.indices[..<position].reversed() {
            let passed = LoopAccesses(statements[place], program)
            if case .lanes(let sum) = statements[place], isSum(sum), sharesNumbers(sum, lanes) {
                return moved.conflicts(with: passed).isEmpty && moved.hasOwnLocals(beside: passed) ? place : nil
            }
            guard !passed.hasKernels, program.commute(passed, moved, around: around) else { return nil }
        }
        return nil
    }

    private func isSum(_ lanes: Lanes) -> Bool {
        lanes.purpose == .reduction
            && program[lanes.body].statements.allSatisfy {
                guard case .accumulate(let id, _) = $0 else { return false }
                return program[id].kind == .value(.sum)
            }
    }

    /// Whether two loops read numbers of one quantity that lie side by side along both.
    private func sharesNumbers(_ one: Lanes, _ other: Lanes) -> Bool {
        !along(one).isDisjoint(with: along(other))
    }

    private func along(_ lanes: Lanes) -> Set<QuantityID> {
        var found: Set<QuantityID> = []
        program.forEachStatement(in: program[lanes.body].statements) { statement in
            program.forEachExpression(of: statement) { root in
                for id in system.graph.reachable(from: root) where program.depends(id, on: lanes.dimension) {
                    if let quantity = system.graph.quantity(id) { found.insert(quantity) }
                }
            }
        }
        return found
    }

    // MARK: One loop

    /// The rounds of both as one loop, between those that only one of them has.
    private mutating func joined(
        _ sum: Lanes, _ elements: Lanes, _ comment: LoopStatement?, _ around: [Dimension]
    ) -> [LoopStatement]? {
        guard case .index(let index, let first, let last) = sum.dimension,
            case .index(let old, let lower, let upper) = elements.dimension,
            program[sum.body].statements.count + program[elements.body].statements.count <= Self.mostStatements,
            let start = later(first, lower), let end = later(last, upper)
        else { return nil }
        let (from, to) = (start.isSecond ? lower : first, end.isSecond ? last : upper)
        var scope = Scope()
        for case .index(let index, let lower, let upper) in around { scope.enter(index, lower: lower, upper: upper) }
        guard system.isLess(system.graph[from], system.graph[to], in: scope) else { return nil }
        var renamed = elements
        if old != index {
            guard case .lanes(let lanes) = program.renaming(.lanes(elements), old, index) else { return nil }
            renamed = lanes
        }
        let begins = rounds(start.isSecond ? sum.body : renamed.body, index, from, (-start.distance)..<0)
        let ends = rounds(end.isSecond ? renamed.body : sum.body, index, to, 0..<end.distance)
        guard let begins, let ends else { return nil }
        let statements =
            program[sum.body].statements + (comment.map { [$0] } ?? []) + program[renamed.body].statements
        return begins + [program.lanes(.index(index, lower: from, upper: to), statements, .reduction)] + ends
    }

    /// Which of two places comes later, and how much; nil where that is far, or unknown.
    private func later(_ one: AffineID, _ other: AffineID) -> (isSecond: Bool, distance: Int)? {
        guard let distance = system.knownDistance(from: one, to: other), abs(distance) <= Self.mostPeeled else {
            return nil
        }
        return (distance > 0, abs(distance))
    }

    /// Single rounds of a body, so many after a place.
    private mutating func rounds(
        _ body: BlockID, _ index: IndexID, _ place: AffineID, _ offsets: Range<Int>
    ) -> [LoopStatement]? {
        var result: [LoopStatement] = []
        for offset in offsets {
            guard let value = system.graph[place].offset(by: offset) else { return nil }
            var copier = StatementCopier(indices: [index: value], truths: [:])
            guard let round = copier.copy(program[body].statements, in: &program) else { return nil }
            result += round
        }
        return result
    }
}

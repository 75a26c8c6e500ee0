extension LoopProgram {
    /// The program with its passes over the training examples in blocks: within a block each equation's loops run for all examples
    /// before those of the next equation, so that what was a product of a matrix and a vector becomes one of two matrices.
    ///
    /// What one equation leaves for another one is kept for each example of the block: ``Buffer/Examples/blocked``.
    func blockingExamples() -> LoopProgram {
        var blocker = ExampleBlocker(program: self)
        blocker.run()
        return blocker.program
    }
}

/// Distributes the loop over the examples over the statements inside it (Kennedy and Allen, Optimizing Compilers for Modern
/// Architectures, 2001, section 5.3): examples never depend on each other, so that every distribution is right.
struct ExampleBlocker {
    var program: LoopProgram
    /// The loop over examples that mentions a quantity; nil where several do.
    private var loopOfQuantity: [QuantityID: Int?] = [:]
    private var loopCount = 0
    /// The longest run of groups without loops that are cut: as many scalars for each example of a block stay in the first cache.
    private static let mostScalars = 48

    init(program: LoopProgram) { self.program = program }

    mutating func run() {
        var statements = program[program.root].statements
        for position in statements.indices {
            // Without a sum over the examples each is computed by itself.
            guard case .examples(let body) = statements[position], adds(body) else { continue }
            let block = program.makeBlock()
            program[block].statements = distribute(program[body].statements)
            statements[position] = .exampleBlocks(block)
        }
        program[program.root].statements = statements
        var buffers = program.buffers
        for position in buffers.indices where buffers[position].examples == .reused {
            if let loop = loopOfQuantity[buffers[position].quantity], loop == nil {
                buffers[position].examples = .blocked
            }
        }
        program.setBuffers(buffers)
    }

    private func adds(_ block: BlockID) -> Bool {
        var found = false
        program.forEachStatement(in: program[block].statements) { if case .add = $0 { found = true } }
        return found
    }

    // MARK: Groups of statements

    /// Statements that run together for one example.
    private struct Group {
        var statements: [LoopStatement]
        /// A loop that is a recurrence, or a choice: the loop over the examples may go inside.
        var isOpen = false
        /// Without loops: by itself it runs in the lanes of vectors, with many others for one example after another.
        var isLight: Bool
        var defined: Set<LocalID> = []
        var read: Set<LocalID> = []
    }

    /// The statements with loops over the examples inside of recurrences. As deep as recurrences nest.
    private mutating func distribute(_ statements: [LoopStatement]) -> [LoopStatement] {
        var result: [LoopStatement] = []
        for group in merged(split(statements)) {
            if group.isOpen, let opened = open(group) {
                result.append(contentsOf: opened)
            } else {
                result.append(contentsOf: wrap(group.statements))
            }
        }
        return result
    }

    /// Cuts before each comment, and around each statement that may be opened.
    private func split(_ statements: [LoopStatement]) -> [Group] {
        var groups: [Group] = []
        var current: [LoopStatement] = []
        func finish(_ groups: inout [Group]) {
            if !current.isEmpty { groups.append(group(current)) }
            current = []
        }
        for statement in statements {
            switch statement {
            case .comment:
                finish(&groups)
                current.append(statement)
            case .loop(let loop) where loop.purpose == .recurrence:
                finish(&groups)
                groups.append(group([statement]))
                groups[groups.count - 1].isOpen = true
            case .conditional(let condition, _, _) where isSame(condition):
                // A choice at an equation's start belongs to its comment.
                var own: [LoopStatement] = []
                if current.count == 1, case .comment = current[0] {
                    own = current
                    current = []
                }
                finish(&groups)
                groups.append(group(own + [statement]))
                groups[groups.count - 1].isOpen = true
            default: current.append(statement)
            }
        }
        finish(&groups)
        return groups
    }

    private func group(_ statements: [LoopStatement]) -> Group {
        var group = Group(statements: statements, isLight: true)
        for statement in statements {
            switch statement {
            case .loop, .conditional: group.isLight = false
            default: break
            }
        }
        program.forEachStatement(in: statements) { statement in
            group.defined.formUnion(program.locals(definedBy: statement))
            program.forEachExpression(of: statement) { group.read.formUnion(program.locals(readBy: $0)) }
        }
        return group
    }

    /// Whether a condition is the same for all examples.
    private func isSame(_ condition: ExprID) -> Bool {
        program.system.graph.reachable(from: condition).allSatisfy {
            let kind = program.system.graph.kind(of: $0)
            return kind != .access && kind != .argument
        }
    }

    /// Puts groups together where one reads what another one defines, and long runs of those that have no loops.
    private func merged(_ groups: [Group]) -> [Group] {
        var definer: [LocalID: Int] = [:]
        for (position, group) in groups.enumerated() { for local in group.defined { definer[local] = position } }
        let isInLongRun = longRuns(groups)
        // The first group that must be in one with each group.
        var start = Array(groups.indices)
        for (position, group) in groups.enumerated() {
            for local in group.read {
                if let first = definer[local], first < start[position] { start[position] = first }
            }
        }
        var result: [Group] = []
        var firsts: [Int] = []
        for (position, group) in groups.enumerated() {
            result.append(group)
            firsts.append(position)
            var first = start[position]
            while result.count > 1, let last = firsts.last, last > first || (isInLongRun[last] && canJoin(result)) {
                let upper = result.removeLast()
                firsts.removeLast()
                let lower = result[result.count - 1]
                result[result.count - 1] = Group(
                    statements: lower.statements + upper.statements, isLight: lower.isLight && upper.isLight,
                    defined: lower.defined.union(upper.defined), read: lower.read.union(upper.read))
                first = min(first, start[firsts[firsts.count - 1]])
            }
        }
        return result
    }

    private func canJoin(_ groups: [Group]) -> Bool {
        groups[groups.count - 1].isLight && groups[groups.count - 2].isLight
    }

    /// Of each group, whether it has no loops and stands among so many such that what they leave would not stay in the cache.
    private func longRuns(_ groups: [Group]) -> [Bool] {
        var result: [Bool] = []
        for run in groups.split(omittingEmptySubsequences: false, whereSeparator: { !$0.isLight }) {
            result += Array(repeating: run.count > Self.mostScalars, count: run.count) + [false]
        }
        return Array(result.dropLast())
    }

    /// A group whose only statement is opened.
    private mutating func open(_ group: Group) -> [LoopStatement]? {
        guard let last = group.statements.last else { return nil }
        var result = Array(group.statements.dropLast())
        switch last {
        case .loop(var loop):
            let body = program.makeBlock()
            program[body].statements = distribute(program[loop.body].statements)
            loop.body = body
            result.append(.loop(loop))
        case .conditional(let condition, let then, let otherwise):
            let first = program.makeBlock()
            program[first].statements = distribute(program[then].statements)
            var second: BlockID?
            if let otherwise {
                let block = program.makeBlock()
                program[block].statements = distribute(program[otherwise].statements)
                second = block
            }
            result.append(.conditional(condition, then: first, otherwise: second))
        default: return nil
        }
        return result
    }

    /// The statements in a loop over the examples, comments at their start before it.
    private mutating func wrap(_ statements: [LoopStatement]) -> [LoopStatement] {
        let comments = statements.prefix {
            if case .comment = $0 { return true }
            return false
        }
        let rest = Array(statements.dropFirst(comments.count))
        if rest.isEmpty { return Array(comments) }
        let body = program.makeBlock()
        program[body].statements = rest
        loopCount += 1
        let number = loopCount
        program.forEachStatement(in: rest) { statement in
            for quantity in program.quantities(mentionedBy: statement) {
                if let known = loopOfQuantity[quantity] {
                    if known != number { loopOfQuantity[quantity] = .some(nil) }
                } else {
                    loopOfQuantity[quantity] = number
                }
            }
        }
        return Array(comments) + [.examples(body)]
    }
}

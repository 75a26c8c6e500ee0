/// What a statement and those inside it read and write, and which of two statements may go first.
struct LoopAccesses {
    struct Access {
        var quantity: QuantityID
        /// Nil for a whole quantity.
        var indices: [AffineID]?
        /// The loops around it inside of the statement.
        var loops: [Dimension]
    }

    var writes: [Access] = []
    var reads: [Access] = []
    /// Locals that get their value inside, the state of a reduction among them.
    var defined: Set<LocalID> = []
    var read: Set<LocalID> = []
    /// Whether it can fail, and so stays where it is.
    var mayFail = false
    /// Whether it has products of matrices, or loops over the examples.
    var hasKernels = false

    init(_ statement: LoopStatement, _ program: LoopProgram) { self.init([statement], program) }

    init(_ statements: [LoopStatement], _ program: LoopProgram) {
        let graph = program.system.graph
        var stack: [(statement: LoopStatement, loops: [Dimension])] = statements.map { ($0, []) }
        while let (statement, loops) = stack.popLast() {
            defined.formUnion(program.locals(definedBy: statement))
            program.forEachExpression(of: statement) { root in
                for id in graph.reachable(from: root) {
                    switch graph.form(of: id) {
                    case .access(let quantity, let indices):
                        reads.append(Access(quantity: quantity, indices: indices, loops: loops))
                    case .argument(let local): read.insert(LocalID(local))
                    default: break
                    }
                }
            }
            var inner = loops
            switch statement {
            case .store(let quantity, let indices, _), .add(let quantity, let indices, _):
                writes.append(Access(quantity: quantity, indices: indices, loops: loops))
            case .clear(let quantity): writes.append(Access(quantity: quantity, indices: nil, loops: loops))
            case .finish(let id): mayFail = mayFail || program[id].mayFail
            case .contraction, .examples, .exampleBlocks: hasKernels = true
            case .lanes(let lanes): inner.append(lanes.dimension)
            case .loop(let loop):
                if let dimension = loop.dimension { inner.append(dimension) }
            default: break
            }
            for block in statement.blocks { stack += program[block].statements.map { ($0, inner) } }
        }
    }

    var quantities: Set<QuantityID> { Set((writes + reads).map(\.quantity)) }

    /// The pairs of accesses to one quantity of which at least one writes.
    func conflicts(with other: LoopAccesses) -> [(Access, Access)] {
        var found: [(Access, Access)] = []
        for write in writes {
            for access in other.writes + other.reads where access.quantity == write.quantity {
                found.append((write, access))
            }
        }
        for write in other.writes {
            for access in reads where access.quantity == write.quantity { found.append((access, write)) }
        }
        return found
    }

    /// Whether neither has locals that the other one gives a value.
    func hasOwnLocals(beside other: LoopAccesses) -> Bool {
        defined.isDisjoint(with: other.read) && defined.isDisjoint(with: other.defined)
            && read.isDisjoint(with: other.defined)
    }
}

extension LoopProgram {
    /// Whether two statements of one block can change places.
    mutating func commute(_ one: LoopAccesses, _ other: LoopAccesses, around: [Dimension]) -> Bool {
        guard !one.mayFail, !other.mayFail, one.hasOwnLocals(beside: other) else { return false }
        for (first, second) in one.conflicts(with: other) where !areDisjoint(first, second, around) { return false }
        return true
    }

    /// Whether two accesses to one quantity certainly are to different elements.
    mutating func areDisjoint(
        _ one: LoopAccesses.Access, _ other: LoopAccesses.Access, _ around: [Dimension]
    ) -> Bool {
        guard let first = one.indices, let second = apart(other, from: one), let indices = second.indices,
            first.count == indices.count
        else { return false }
        var scope = Scope()
        for case .index(let index, let lower, let upper) in around + one.loops + second.loops {
            scope.enter(index, lower: lower, upper: upper)
        }
        return zip(first, indices).contains { left, right in
            system.isLess(system.graph[left], system.graph[right], in: scope)
                || system.isLess(system.graph[right], system.graph[left], in: scope)
        }
    }

    /// An access with other indices for loops that have the same index as a loop around another access.
    mutating func apart(_ access: LoopAccesses.Access, from other: LoopAccesses.Access) -> LoopAccesses.Access? {
        let taken = Set(other.loops.compactMap(\.index))
        var result = access
        var map: [IndexID: Affine] = [:]
        for position in result.loops.indices {
            guard case .index(let index, let lower, let upper) = result.loops[position],
                let low = system.graph.substitute(lower, map), let high = system.graph.substitute(upper, map)
            else { continue }
            var own = index
            if taken.contains(index) {
                own = system.graph.makeIndex(like: index)
                map[index] = Affine(.index(own))
            }
            result.loops[position] = .index(own, lower: low, upper: high)
        }
        guard let indices = access.indices, !map.isEmpty else { return result }
        let places = indices.compactMap { system.graph.substitute($0, map) }
        guard places.count == indices.count else { return nil }
        result.indices = places
        return result
    }
}

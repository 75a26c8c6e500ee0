extension LoopProgram {
    /// A statement with one index in place of another, blocks inside copied; nil where it has no such form.
    mutating func renaming(_ statement: LoopStatement, _ old: IndexID, _ new: IndexID) -> LoopStatement? {
        if old == new { return statement }
        let map = [old: Affine(.index(new))]
        func bound(_ bound: LoopBound) -> LoopBound? {
            var result = bound
            for position in result.terms.indices {
                guard let affine = system.graph.substitute(result.terms[position].affine, map) else { return nil }
                result.terms[position].affine = affine
            }
            return result
        }
        func block(_ id: BlockID) -> BlockID? {
            var statements: [LoopStatement] = []
            for statement in self[id].statements {
                guard let renamed = renaming(statement, old, new) else { return nil }
                statements.append(renamed)
            }
            let copy = makeBlock()
            self[copy].statements = statements
            return copy
        }
        switch statement {
        case .begin, .finish, .declare, .clear, .comment: return statement
        case .store(let quantity, let indices, let value):
            let places = indices.compactMap { system.graph.substitute($0, map) }
            guard places.count == indices.count, let value = system.graph.substitute(value, map) else { return nil }
            return .store(quantity, places, value)
        case .add(let quantity, let indices, let value):
            let places = indices.compactMap { system.graph.substitute($0, map) }
            guard places.count == indices.count, let value = system.graph.substitute(value, map) else { return nil }
            return .add(quantity, places, value)
        case .define(let local, let value): return system.graph.substitute(value, map).map { .define(local, $0) }
        case .assign(let local, let value): return system.graph.substitute(value, map).map { .assign(local, $0) }
        case .accumulate(let id, let value): return system.graph.substitute(value, map).map { .accumulate(id, $0) }
        case .conditional(let condition, let then, let otherwise):
            guard let condition = system.graph.substitute(condition, map), let first = block(then) else { return nil }
            guard let otherwise else { return .conditional(condition, then: first, otherwise: nil) }
            return block(otherwise).map { .conditional(condition, then: first, otherwise: $0) }
        case .loop(var loop):
            guard loop.index != new, loop.solution == nil, let lower = bound(loop.lower),
                let upper = bound(loop.upper), let body = block(loop.body)
            else { return nil }
            loop.lower = lower
            loop.upper = upper
            loop.body = body
            return .loop(loop)
        case .examples(let inner): return block(inner).map { .examples($0) }
        case .lanes(var lanes):
            guard let body = block(lanes.body) else { return nil }
            if case .index(let index, let lower, let upper) = lanes.dimension {
                guard let low = system.graph.substitute(lower, map), let high = system.graph.substitute(upper, map)
                else { return nil }
                lanes.dimension = .index(index == old ? new : index, lower: low, upper: high)
            }
            lanes.body = body
            return .lanes(lanes)
        case .exampleBlocks, .contraction: return nil
        }
    }
}

extension LoopProgram {
    /// Puts one local in place of another in all that follows.
    mutating func replace(_ old: LocalID, _ new: LocalID, in block: BlockID, from position: Int) {
        let (before, after) = (read(old), read(new))
        var pending = [(block: block, from: position)]
        while let (block, from) = pending.popLast() {
            for place in self[block].statements.indices.dropFirst(from) {
                let statement = self[block].statements[place]
                self[block].statements[place] = replacing([before: after], in: statement)
                pending += statement.blocks.map { ($0, 0) }
            }
        }
    }
}

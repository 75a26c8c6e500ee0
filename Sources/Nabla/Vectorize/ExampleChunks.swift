/// What a pass over the examples adds up, where it may run chunk by chunk: each chunk of examples then has sums of its own, and
/// they are added in the chunks' order.
public struct ExampleChunks: Hashable, Sendable {
    /// The sums over the examples.
    public var sums: [QuantityID]
}

extension LoopProgram {
    /// The program with its passes over blocks of examples marked where different blocks have nothing in common but sums.
    func findingChunks() -> LoopProgram {
        var program = self
        for case .exampleBlocks(let block) in self[root].statements { program.chunks[block] = chunks(of: block) }
        return program
    }

    /// Nil where a block of examples writes what another one may read or write, other than by adding to it.
    private func chunks(of block: BlockID) -> ExampleChunks? {
        var sums: [QuantityID] = []
        var read: Set<QuantityID> = []
        var isSplit = true
        func note(_ root: ExprID) {
            for id in system.graph.reachable(from: root) {
                if let quantity = system.graph.quantity(id) { read.insert(quantity) }
            }
        }
        func isShared(_ quantity: QuantityID) -> Bool { buffer(of: quantity)?.examples == .shared }
        var stack: [LoopStatement] = self[block].statements.reversed()
        while let statement = stack.popLast() {
            forEachExpression(of: statement, note)
            switch statement {
            case .add(let quantity, _, _):
                if isShared(quantity), !sums.contains(quantity) { sums.append(quantity) }
            case .contraction(let contraction):
                // Its plain loops do not run.
                for operand in [contraction.left, contraction.right, contraction.factor] { note(operand) }
                guard isShared(contraction.target) else { break }
                if contraction.old == .overwritten { isSplit = false }
                if !sums.contains(contraction.target) { sums.append(contraction.target) }
            case .store(let quantity, _, _), .clear(let quantity):
                if isShared(quantity) { isSplit = false }
            // A thread has nobody to throw to.
            case .finish(let id): if self[id].mayFail { isSplit = false }
            default:
                for inner in statement.blocks.reversed() { stack.append(contentsOf: self[inner].statements.reversed()) }
            }
        }
        guard isSplit, !sums.isEmpty, !sums.contains(where: { read.contains($0) }) else { return nil }
        return ExampleChunks(sums: sums)
    }
}

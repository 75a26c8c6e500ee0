/// Stages of computed quantities that are the data themselves, `a(0)[k] = x[k]`: they are read where they lie and never copied.
struct SwiftAliases {
    struct Alias {
        /// The stage at which the quantity is the data.
        var stage: Int
        var source: QuantityID
        /// The loop over the examples that would copy.
        var copy: BlockID
    }

    private(set) var ofQuantity: [QuantityID: Alias] = [:]
    private var copies: Set<BlockID> = []

    init(_ program: LoopProgram, _ storage: SwiftStorage) {
        program.forEachStatement(in: program[program.root].statements) { statement in
            guard case .examples(let block) = statement,
                let (quantity, alias) = SwiftAliases.alias(block, program, storage)
            else { return }
            ofQuantity[quantity] = alias
            copies.insert(block)
        }
    }

    func isCopy(_ block: BlockID) -> Bool { copies.contains(block) }

    private static func alias(
        _ block: BlockID, _ program: LoopProgram, _ storage: SwiftStorage
    ) -> (QuantityID, Alias)? {
        let graph = program.system.graph
        let statements = program[block].statements
        guard statements.count == 1, case .lanes(let lanes) = statements[0],
            case .index(let index, let lower, let upper) = lanes.dimension, graph[lower].asConstant == 0,
            program[lanes.body].statements.count == 1,
            case .store(let quantity, let indices, let value) = program[lanes.body].statements[0],
            case .access(let source, let sourceIndices) = graph.form(of: value),
            case .blocked = storage.places[quantity],
            case .stored(.data(_), _, _, _) = storage.places[source],
            program.buffer(of: quantity)?.role == .intermediate,
            program.system[quantity].stageCount == 1, indices.count == 2, sourceIndices.count == 1,
            program.system[source].stageCount == 0, let stage = graph[indices[0]].asConstant,
            graph[indices[1]].asIndex == index, graph[sourceIndices[0]].asIndex == index,
            let axis = program.system[source].domains.first?.first, axis.upper == upper
        else { return nil }
        // No other piece reaches the stage.
        let others = program.system[quantity].domains.map { $0[0] }.filter {
            graph[$0.lower].asConstant != stage || !$0.isPoint
        }
        guard others.count == program.system[quantity].domains.count - 1,
            others.allSatisfy({ program.system.isLess(Affine(stage), graph[$0.lower]) })
        else { return nil }
        return (quantity, Alias(stage: stage, source: source, copy: block))
    }
}

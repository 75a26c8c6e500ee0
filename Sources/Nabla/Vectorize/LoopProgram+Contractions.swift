extension LoopProgram {
    private var contractions: [Contraction] {
        var found: [Contraction] = []
        forEachStatement(in: self[root].statements) { statement in
            if case .contraction(let contraction) = statement { found.append(contraction) }
        }
        return found
    }

    /// Whether any sum of products is computed by a kernel.
    var hasContractions: Bool { !contractions.isEmpty }

    /// Sums over the examples whose first block overwrites what was there.
    var targetsOverwrittenFirst: Set<QuantityID> {
        Set(contractions.filter { $0.old == .addedAfterFirstBlock }.map(\.target))
    }
}

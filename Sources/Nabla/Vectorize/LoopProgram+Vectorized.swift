extension LoopProgram {
    /// The program as fast code runs it: every pass of this folder, one after another.
    func vectorized() -> LoopProgram {
        blockingExamples().findingContractions().findingLanes().fusingLanes().findingChunks()
    }

    private var contractions: [Contraction] {
        var found: [Contraction] = []
        forEachStatement(in: self[root].statements) { statement in
            if case .contraction(let contraction) = statement { found.append(contraction) }
        }
        return found
    }

    /// Whether any sum of products is computed by a kernel.
    var hasContractions: Bool { !contractions.isEmpty }

    /// Whether any loop runs in the lanes of vectors.
    var hasLanes: Bool {
        var found = false
        forEachStatement(in: self[root].statements) { if case .lanes = $0 { found = true } }
        return found
    }

    /// Sums over the examples whose first block overwrites what was there.
    var targetsOverwrittenFirst: Set<QuantityID> {
        Set(contractions.filter { $0.old == .addedAfterFirstBlock }.map(\.target))
    }
}

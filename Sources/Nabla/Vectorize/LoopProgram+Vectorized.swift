extension LoopProgram {
    /// The program as fast code runs it: every pass of this folder, one after another.
    ///
    /// - Parameters:
    ///   - lanes: how many numbers the widest vectors have.
    ///   - given: quantities whose storage others see.
    func vectorized(lanes: Int = 8, keepingRowsOf given: Set<QuantityID> = []) -> LoopProgram {
        blockingExamples().findingContractions().splittingRanges(ofRecurrences: false).foldingConstants()
            .findingLanes().keepingCalls().fusingLoops().sharingReductions().splittingLogSums()
            .copyingRows(of: lanes).paddingRows(to: lanes, except: given)
            .splittingRanges(ofRecurrences: true).foldingConstants()
            .fusingLanes().fusingReductions().fusingSums().sharingFactors().fusingExamples()
            .carryingScalars().replacingWithScalars()
            .removingDeadCode().keepingFewStages(except: given).findingChunks()
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

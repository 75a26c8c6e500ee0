extension Lowerer {
    /// Conditions and reductions nested deeper than this are an error, so that no stack overflows, here or in a compiler.
    static let deepestNesting = 128

    /// Makes the loops over the axes that have none yet, and computes and stores one element inside.
    mutating func emitNest(_ member: Member, guards: [ExprID]) throws {
        let piece = member.piece
        startNest(piece)
        append(.comment(equation: piece.equation))
        var branch: (condition: ExprID, frame: Int)?
        if !guards.isEmpty {
            let condition = guards.count == 1 ? guards[0] : graph.makeAnd(guards)
            branch = (condition, frames.count - 1)
            openBranch()
        }
        var opened = 0
        for (axis, isOpen) in zip(piece.axes, member.isOpen) where !isOpen && !axis.isPoint {
            let lower = LoopBound(axis.lower)
            let upper = LoopBound(axis.upper, choice: .smallest)
            let binder = Binder(index: axis.index, lower: axis.lower, upper: axis.upper)
            openLoop(
                Loop(
                    index: axis.index, lower: lower, upper: upper, isReversed: false, purpose: .elements,
                    body: program.makeBlock()), isNeverEmpty: isNeverEmpty(binder, nest.ranges))
            opened += 1
        }
        let value = try evaluate([piece.body])[0]
        let indices = piece.axes.map { $0.isPoint ? $0.lower : graph.affine(Affine(.index($0.index))) }
        append(piece.gather == nil ? .store(piece.quantity, indices, value) : .add(piece.quantity, indices, value))
        for _ in 0..<opened { closeFrame() }
        if let branch, let block = closeFrame() {
            append(.conditional(branch.condition, then: block, otherwise: nil), to: branch.frame)
        }
    }

    private mutating func startNest(_ piece: Piece) {
        currentEquation = piece.equation
        nestCount += 1
        nest = Nest(ranges: IndexRanges(piece, graph))
        for (position, frame) in frames.enumerated() {
            switch frame.kind {
            case .examples: nest.examplesFrame = position
            case .loop(_, _, let quantities) where !quantities.isEmpty: nest.recurrences.append((position, quantities))
            default: break
            }
        }
    }

    // MARK: Where things can be computed

    /// The outermost frame in which an expression can be computed once and for all.
    ///
    /// Outside of a branch it is computed only where that is harmless and saves repetition. Only reductions are taken out of branches.
    mutating func home(of id: ExprID, isReduction: Bool) -> Int {
        let here = frames.count - 1
        var least = barrier(of: id)
        for index in freeIndices(id) { least = max(least, frameOfIndex[index] ?? 0) }
        var best = here
        var frame = here
        while frame > least {
            switch frames[frame].kind {
            case .root: return best
            case .examples: best = frame - 1
            case .loop(_, let isNeverEmpty, _):
                guard isNeverEmpty || isSafeHere(id) else { return best }
                best = frame - 1
            case .branch: guard isReduction, isSafeHere(id) else { return best }
            }
            frame -= 1
        }
        return best
    }

    /// The frame that an expression cannot leave because what it reads is computed there.
    private mutating func barrier(of root: ExprID) -> Int {
        if nest.examplesFrame == nil, nest.recurrences.isEmpty { return 0 }
        if let known = nest.barriers[root] { return known }
        var stack: [(id: ExprID, expanded: Bool)] = [(root, false)]
        while let (id, expanded) = stack.popLast() {
            if nest.barriers[id] != nil { continue }
            if expanded {
                var frame = 0
                if let quantity = graph.quantity(id) {
                    if let examples = nest.examplesFrame, isPerExample[Int(quantity.raw)] { frame = examples }
                    for (position, quantities) in nest.recurrences where quantities.contains(quantity) {
                        frame = max(frame, position)
                    }
                }
                graph.forEachChild(of: id) { frame = max(frame, nest.barriers[$0] ?? 0) }
                nest.barriers[id] = frame
            } else {
                stack.append((id, true))
                graph.forEachChild(of: id) { if nest.barriers[$0] == nil { stack.append(($0, false)) } }
            }
        }
        return nest.barriers[root] ?? 0
    }

    private mutating func isSafeHere(_ id: ExprID) -> Bool {
        if let known = nest.safety[id] { return known }
        let isSafe = isSafe(id, nest.ranges)
        nest.safety[id] = isSafe
        return isSafe
    }

    /// Where it is certain that conditions and reductions do not nest too deeply.
    mutating func nested<Result>(_ body: (inout Lowerer) throws -> Result) throws -> Result {
        guard nesting < Lowerer.deepestNesting else {
            throw LoweringError(
                "conditions and reductions are nested deeper than \(Lowerer.deepestNesting) levels",
                at: system.equations[currentEquation].range)
        }
        nesting += 1
        defer { nesting -= 1 }
        return try body(&self)
    }
}

/// What is known of the piece that is being computed.
struct Nest {
    var ranges: IndexRanges
    /// The frame of the pass over the examples.
    var examplesFrame: Int?
    /// The frames of recurrences, with what they compute.
    var recurrences: [(frame: Int, quantities: Set<QuantityID>)] = []
    var barriers: [ExprID: Int] = [:]
    var safety: [ExprID: Bool] = [:]
    /// How many nodes a made expression has, where that is more than one.
    var weights: [ExprID: Int] = [:]

    init(ranges: IndexRanges) { self.ranges = ranges }
}

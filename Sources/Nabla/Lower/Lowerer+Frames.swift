/// A block that is being filled, and what stands around it.
struct Frame {
    enum Kind {
        case root
        case examples
        /// A loop; of a recurrence, with the quantities that it computes.
        case loop(Loop, isNeverEmpty: Bool, quantities: Set<QuantityID>)
        /// A block that may not run. Whoever opened it appends the statement.
        case branch
    }

    var id: Int
    var block: BlockID
    var kind: Kind
    /// What was computed in this block, with what it hides.
    var undo: [(ExprID, ComputedValue?)] = []
    /// For a loop: the frame in which its index was bound before.
    var outerFrame: Int?
}

/// An expression that has been computed, and where.
struct ComputedValue {
    var expression: ExprID
    var frame: Int
    var frameID: Int
    /// The piece that it was computed for; nil for a reduction, which later pieces use as well.
    var nest: Int?
}

/// The places of a largest or smallest element.
struct FoundPositions {
    var locals: [LocalID]
    var frame: Int
    var frameID: Int
}

extension Lowerer {
    mutating func openRoot() { open(.root, program.root) }

    mutating func openExamples() { open(.examples, program.makeBlock()) }

    mutating func openBranch() { open(.branch, program.makeBlock()) }

    mutating func openLoop(_ loop: Loop, isNeverEmpty: Bool, quantities: Set<QuantityID> = []) {
        open(.loop(loop, isNeverEmpty: isNeverEmpty, quantities: quantities), loop.body)
        frames[frames.count - 1].outerFrame = frameOfIndex[loop.index]
        frameOfIndex[loop.index] = frames.count - 1
    }

    private mutating func open(_ kind: Frame.Kind, _ block: BlockID) {
        frames.append(Frame(id: nextFrameID, block: block, kind: kind))
        nextFrameID += 1
    }

    /// Ends the innermost block; a loop goes into the block around it, unless it does nothing.
    @discardableResult
    mutating func closeFrame() -> BlockID? {
        guard let frame = frames.popLast() else { return nil }
        for (id, hidden) in frame.undo.reversed() { values[id] = hidden }
        let isIdle = program[frame.block].statements.isEmpty
        switch frame.kind {
        case .examples: if !isIdle { append(.examples(frame.block)) }
        case .loop(let loop, _, _):
            frameOfIndex[loop.index] = frame.outerFrame
            if !isIdle { append(.loop(loop)) }
        case .root, .branch: break
        }
        return frame.block
    }

    /// Adds a statement to the innermost block, or to one further out.
    mutating func append(_ statement: LoopStatement, to frame: Int? = nil) {
        guard let last = frames.indices.last else { return }
        program[frames[min(frame ?? last, last)].block].statements.append(statement)
    }

    /// Runs `body` with the blocks inside a frame put aside.
    mutating func within<Result>(_ frame: Int, _ body: (inout Lowerer) throws -> Result) rethrows -> Result {
        let suspended = frames[(frame + 1)...]
        frames.removeLast(suspended.count)
        let result = try body(&self)
        frames.append(contentsOf: suspended)
        return result
    }

    /// What stands for an expression that has been computed where it can be seen from here.
    func value(of id: ExprID) -> ComputedValue? {
        guard let value = values[id], isVisible(value.frame, value.frameID), value.nest ?? nestCount == nestCount else {
            return nil
        }
        return value
    }

    /// Whether a frame is one of those that are open.
    func isVisible(_ frame: Int, _ id: Int) -> Bool { frame < frames.count && frames[frame].id == id }

    mutating func remember(_ id: ExprID, _ expression: ExprID, in frame: Int) {
        let isReduction = graph.node(id).kind == .reduce
        frames[frame].undo.append((id, values[id]))
        values[id] = ComputedValue(
            expression: expression, frame: frame, frameID: frames[frame].id, nest: isReduction ? nil : nestCount)
    }
}

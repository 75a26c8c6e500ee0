/// When the program needs the memory of each quantity that it computes on the way: from its first mention to its last one, in the order in
/// which statements stand.
///
/// Inside a loop another round may need what this one has computed: there the whole loop counts. A pass over the examples, or over blocks of them,
/// leaves nothing from one round to the next of what has one value at a time, or one for each example of a block.
struct LiveRanges {
    private var ranges: [QuantityID: ClosedRange<Int>] = [:]
    private var position = 0
    private let finder: InPlaceStores?
    /// Quantities that are stored element by element where the last statement that needs another one reads it.
    private var stores: [QuantityID: [(source: QuantityID, range: ClosedRange<Int>)]] = [:]

    /// - Parameter lanes: how many numbers the widest vectors have; nil where each quantity keeps its place until its last statement is done.
    init(_ program: LoopProgram, lanes: Int? = nil) {
        finder = lanes.map { InPlaceStores(program, lanes: $0) }
        var mentioned: Set<QuantityID> = []
        visit(program.root, program, &mentioned)
        // What was asked for, and what is given, is needed from start to end.
        for buffer in program.buffers where buffer.role != .intermediate {
            ranges[buffer.quantity] = 0...position
        }
    }

    /// Where a quantity is needed; nil where the program does not mention it.
    subscript(_ quantity: QuantityID) -> ClosedRange<Int>? { ranges[quantity] }

    /// The quantity whose place another one can take while the statement runs that needs both.
    func predecessor(of target: QuantityID) -> QuantityID? {
        stores[target]?.first { store in
            guard let own = ranges[target], let other = ranges[store.source] else { return false }
            return store.range.lowerBound <= own.lowerBound && other.upperBound <= store.range.upperBound
        }?.source
    }

    /// As deep as blocks nest, which ``Lowerer`` limits.
    private mutating func visit(_ block: BlockID, _ program: LoopProgram, _ mentioned: inout Set<QuantityID>) {
        for statement in program[block].statements {
            position += 1
            let start = position
            let own = program.quantities(mentionedBy: statement)
            for quantity in own { extend(quantity, start...start) }
            mentioned.formUnion(own)
            let blocks = statement.blocks
            if blocks.isEmpty { continue }
            var inside: Set<QuantityID> = []
            for inner in blocks { visit(inner, program, &inside) }
            mentioned.formUnion(inside)
            for candidate in finder?.candidates(in: statement) ?? [] {
                stores[candidate.target, default: []].append((candidate.source, start...position))
            }
            for quantity in inside {
                guard let examples = program.buffer(of: quantity)?.examples,
                    LiveRanges.outlivesRound(examples, of: statement)
                else { continue }
                extend(quantity, start...position)
            }
        }
    }

    private mutating func extend(_ quantity: QuantityID, _ range: ClosedRange<Int>) {
        let known = ranges[quantity] ?? range
        ranges[quantity] = min(known.lowerBound, range.lowerBound)...max(known.upperBound, range.upperBound)
    }

    /// Whether a round of a statement may need what another one computes.
    private static func outlivesRound(_ examples: Buffer.Examples, of statement: LoopStatement) -> Bool {
        switch statement {
        case .conditional: false
        case .examples: examples != .reused
        case .exampleBlocks: examples != .reused && examples != .blocked
        default: true
        }
    }
}

/// A pass that makes one loop of several that stand in one block.
protocol BlockFusion {
    var program: LoopProgram { get set }

    /// The statements of one block, loops that can be one being one.
    ///
    /// - Parameter around: the loops around the block, from the outermost in.
    mutating func fused(_ statements: [LoopStatement], _ around: [Dimension]) -> [LoopStatement]
}

extension BlockFusion {
    /// The longest body that a fused loop over lanes gets, in statements: registers are few.
    static var mostStatements: Int { 24 }

    /// Fuses in every block, those around others first; bodies of products and of lanes stay as they are.
    mutating func run() {
        var pending: [(block: BlockID, around: [Dimension])] = [(program.root, [])]
        while let (block, around) = pending.popLast() {
            program[block].statements = fused(program[block].statements, around)
            for statement in program[block].statements {
                switch statement {
                case .contraction, .lanes: break
                case .loop(let loop):
                    guard let dimension = loop.dimension else { continue }
                    pending.append((loop.body, around + [dimension]))
                default: for inner in statement.blocks { pending.append((inner, around)) }
                }
            }
        }
    }
}

/// A pass that makes one loop of several that stand in one block.
protocol NeighbourFusion {
    var program: LoopProgram { get set }

    /// The statements of one block, loops that can be one being one.
    mutating func fused(_ statements: [LoopStatement]) -> [LoopStatement]
}

extension NeighbourFusion {
    /// The longest body that a fused loop gets, in statements: registers are few.
    static var mostStatements: Int { 24 }

    /// Fuses in every block, those around others first; bodies of products and of lanes stay as they are.
    mutating func run() {
        var pending = [program.root]
        while let block = pending.popLast() {
            program[block].statements = fused(program[block].statements)
            for statement in program[block].statements {
                switch statement {
                case .contraction, .lanes: break
                default: pending.append(contentsOf: statement.blocks)
                }
            }
        }
    }
}

/// How many calls of functions wait for each other in statements that run in one round: tanh(f·s) with f = sigmoid(z) is a chain of two.
///
/// A processor overlaps rounds only as far as it looks ahead, some hundred instructions: a body with a chain of two calls takes as long
/// as both, where one loop for each call would have those of several rounds under way at once.
struct CallChains {
    private struct Element: Hashable {
        var quantity: QuantityID
        var indices: [AffineID]
    }

    private let program: LoopProgram
    /// The chains behind what was stored.
    private var elements: [Element: Int] = [:]
    private var locals: [LocalID: Int] = [:]
    /// The longest one.
    private(set) var longest = 0

    init(_ statements: [LoopStatement], _ program: LoopProgram) {
        self.program = program
        program.forEachStatement(in: statements) { note($0) }
    }

    private mutating func note(_ statement: LoopStatement) {
        switch statement {
        case .store(let quantity, let indices, let value), .add(let quantity, let indices, let value):
            elements[Element(quantity: quantity, indices: indices)] = length(value)
        case .define(let local, let value), .assign(let local, let value): locals[local] = length(value)
        case .accumulate(_, let value):
            let length = length(value)
            for local in program.locals(definedBy: statement) { locals[local] = max(locals[local] ?? 0, length) }
        default: break
        }
    }

    private mutating func length(_ root: ExprID) -> Int {
        let graph = program.system.graph
        var lengths: [ExprID: Int] = [:]
        // Children come before parents.
        for id in graph.reachable(from: root) {
            var length = 0
            graph.forEachChild(of: id) { length = max(length, lengths[$0] ?? 0) }
            switch graph.form(of: id) {
            case .access(let quantity, let indices):
                length = elements[Element(quantity: quantity, indices: indices)] ?? 0
            case .argument(let local): length = locals[LocalID(local)] ?? 0
            case .call(.standard(let function), _) where !LoopProgram.cheapFunctions.contains(function): length += 1
            default: break
            }
            lengths[id] = length
        }
        let length = lengths[root] ?? 0
        longest = max(longest, length)
        return length
    }
}

extension LoopProgram {
    /// Functions that take no longer than a few operations.
    static let cheapFunctions: Set<FunctionID> = [
        .abs, .sign, .min, .max, .relu, .leakyrelu, .heaviside, .sqrt,
    ]
}

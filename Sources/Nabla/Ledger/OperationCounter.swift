/// Counts what a ``LoopProgram`` does: every operator, comparison and function call counts 1, as often as loops run it.
///
/// Reading, storing and index arithmetic count nothing. A sum counts an addition for each term, a maximum a comparison, a
/// log-sum-exp a comparison, a difference, an exponential and an addition for each, and a logarithm and an addition at its end. A
/// condition counts itself and the branch that is taken: where it is one of indices, exactly; where it is one of numbers, which
/// are not known, the dearer branch. All operands of `&&` and `||` count. A function's derivative counts 1, also where it is
/// written with the function's value: a(1 − a) for σ′, 1 − a² for tanh′.
struct OperationCounter {
    private let program: LoopProgram
    private var sums: CountSums
    /// What indices are called in formulas.
    private var renaming: [IndexID: Affine] = [:]
    private var memo: [ExprID: CountFormula] = [:]
    /// What locals stand for.
    private var defined: [ExprID: ExprID] = [:]
    /// Whether what is being counted is a derivative.
    private var isDerivative = false
    /// Whether a function's derivative counts 1 where it is written with the function's value.
    private let joinsDerivatives: Bool
    /// The quantities that are values of the logistic function, and of tanh, in some of their equations.
    private var sigmoids: Set<QuantityID> = []
    private var tangents: Set<QuantityID> = []

    private init(_ program: LoopProgram, joinsDerivatives: Bool) {
        self.program = program
        self.joinsDerivatives = joinsDerivatives
        for equation in program.system.equations {
            guard case .call(.standard(let function), _) = program.system.graph.form(of: equation.body) else {
                continue
            }
            if function == .sigmoid { sigmoids.insert(equation.quantity) }
            if function == .tanh { tangents.insert(equation.quantity) }
        }
        sums = CountSums(program.system)
    }

    /// The operations of a whole program, and the system that names in the formula belong to.
    ///
    /// - Parameter joinsDerivatives: no for what is executed, each operator by itself.
    static func count(_ program: LoopProgram, joinsDerivatives: Bool = true) -> (formula: CountFormula, system: System)
    {
        var counter = OperationCounter(program, joinsDerivatives: joinsDerivatives)
        let formula = counter.count(program.root)
        return (formula, counter.sums.system)
    }

    // MARK: Statements

    private mutating func count(_ block: BlockID) -> CountFormula {
        var total = CountFormula(0)
        for statement in program[block].statements { total += count(statement) }
        return total
    }

    private mutating func count(_ statement: LoopStatement) -> CountFormula {
        switch statement {
        case .comment(let equation):
            isDerivative = program.system[program.system.equations[equation].quantity].role == .derivative
            return CountFormula(0)
        case .declare, .begin, .clear: return CountFormula(0)
        case .loop(let loop): return count(loop)
        case .examples(let body), .exampleBlocks(let body): return CountFormula(.examples) * count(body)
        // The ledger counts programs before they are made fast.
        case .contraction, .lanes: return CountFormula(0)
        case .conditional(let condition, let then, let otherwise):
            let first = count(then)
            let second = otherwise.map { count($0) } ?? CountFormula(0)
            return count(condition) + choice(condition, first, second)
        case .define(let local, let value):
            defined[sums.system.graph.makeArgument(Int(local.raw))] = value
            return count(value)
        case .assign(_, let value), .store(_, _, let value): return count(value)
        case .add(_, _, let value): return count(value) + CountFormula(1)
        case .accumulate(let accumulator, let value):
            return count(value) + CountFormula(OperationCounter.feeding(program[accumulator].kind))
        case .finish(let accumulator): return CountFormula(OperationCounter.finishing(program[accumulator].kind))
        }
    }

    /// What one value costs a reduction.
    static func feeding(_ kind: Accumulator.Kind) -> Int { kind == .value(.logSumExp) ? 4 : 1 }

    /// What a reduction's end costs.
    static func finishing(_ kind: Accumulator.Kind) -> Int {
        switch kind {
        case .value(.mean): 1
        case .value(.logSumExp): 2
        default: 0
        }
    }

    private mutating func count(_ loop: Loop) -> CountFormula {
        var renamed = loop
        renamed.lower = self.renamed(loop.lower)
        renamed.upper = self.renamed(loop.upper)
        let index = sums.enter(renamed)
        let hidden = renaming[loop.index]
        renaming[loop.index] = Affine(.index(index))
        let outside = memo
        let body = count(loop.body)
        memo = outside
        renaming[loop.index] = hidden
        let result = sums.sum(body, over: index, renamed.lower, renamed.upper)
        sums.leave()
        return result
    }

    private mutating func renamed(_ bound: LoopBound) -> LoopBound {
        var result = bound
        for position in result.terms.indices {
            let affine = result.terms[position].affine
            result.terms[position].affine = sums.system.graph.substitute(affine, renaming) ?? affine
        }
        return result
    }

    // MARK: Expressions

    private mutating func count(_ root: ExprID) -> CountFormula {
        if let known = memo[root] { return known }
        let graph = program.system.graph
        // Children have smaller ids: ascending order has them ready.
        for id in graph.reachable(from: root).sorted() where memo[id] == nil {
            var total = CountFormula(own(id))
            if case .select(let condition, let then, let otherwise) = graph.form(of: id) {
                total += known(condition) + choice(condition, known(then), known(otherwise))
            } else {
                graph.forEachChild(of: id) { total += known($0) }
            }
            memo[id] = total
        }
        return known(root)
    }

    private func known(_ id: ExprID) -> CountFormula { memo[id] ?? CountFormula(0) }

    /// The operators of one node.
    private func own(_ id: ExprID) -> Int {
        let graph = program.system.graph
        switch graph.form(of: id) {
        case .add(let terms):
            // a + (−b) is one subtraction: the negation counted with its term is taken back.
            let subtracted = terms.dropFirst().filter { graph.node($0).kind == .negate }.count
            return max(0, terms.count - 1) - subtracted - (joinsDerivatives && isTangentDerivative(terms) ? 1 : 0)
        case .multiply(let operands) where joinsDerivatives && isDerivative:
            return max(0, operands.count - 1) - (isSigmoidDerivative(operands) ? 1 : 0)
        case .multiply(let operands), .and(let operands), .or(let operands): return max(0, operands.count - 1)
        case .negate, .divide, .power, .compare, .not: return 1
        case .call(.standard(let function), let arguments):
            return FunctionTable.standard[function].isVariadic ? max(1, arguments.count - 1) : 1
        case .call, .derivativeCall: return 1
        default: return 0
        }
    }

    /// What of two branches counts.
    private mutating func choice(_ condition: ExprID, _ then: CountFormula, _ otherwise: CountFormula) -> CountFormula {
        if then == otherwise { return then }
        if let holds = indicator(condition) { return holds * (then - otherwise) + otherwise }
        if (then - otherwise).isNonNegative { return then }
        if (otherwise - then).isNonNegative { return otherwise }
        return CountFormula(.larger(then, otherwise))
    }

    /// 1 where a condition on indices holds, as a polynomial in what is compared; nil for a condition on numbers.
    private mutating func indicator(_ id: ExprID) -> CountFormula? {
        switch program.system.graph.form(of: id) {
        case .boolean(let value): return CountFormula(value ? 1 : 0)
        case .not(let operand): return indicator(operand).map { CountFormula(1) - $0 }
        case .and(let operands):
            var product = CountFormula(1)
            for operand in operands {
                guard let factor = indicator(operand) else { return nil }
                product = product * factor
            }
            return product
        case .or(let operands):
            var none = CountFormula(1)
            for operand in operands {
                guard let factor = indicator(operand) else { return nil }
                none = none * (CountFormula(1) - factor)
            }
            return CountFormula(1) - none
        case .compare(let comparison, let left, let right):
            guard sums.affine(left) != nil, sums.affine(right) != nil else { return nil }
            if comparison == .notEqual {
                let same = sums.system.graph.makeComparison(.equal, left, right)
                let renamed = sums.system.graph.substitute(same, renaming) ?? same
                return CountFormula(1) - CountFormula(.holds(renamed))
            }
            return CountFormula(.holds(sums.system.graph.substitute(id, renaming) ?? id))
        default: return nil
        }
    }

    // MARK: Derivatives of functions

    /// Whether an expression is an element of one of these quantities.
    private func isValue(_ id: ExprID, of quantities: Set<QuantityID>) -> Bool {
        guard case .access(let quantity, _) = program.system.graph.form(of: defined[id] ?? id) else { return false }
        return quantities.contains(quantity)
    }

    /// a(1 − a)
    private func isSigmoidDerivative(_ factors: [ExprID]) -> Bool {
        let graph = program.system.graph
        return factors.contains { factor in
            guard case .add(let terms) = graph.form(of: factor), terms.count == 2,
                graph.number(terms[0])?.isOne == true,
                case .negate(let value) = graph.form(of: terms[1]), isValue(value, of: sigmoids)
            else { return false }
            return factors.contains(value)
        }
    }

    /// 1 − a²
    private func isTangentDerivative(_ terms: [ExprID]) -> Bool {
        let graph = program.system.graph
        guard isDerivative, terms.count == 2, graph.number(terms[0])?.isOne == true,
            case .negate(let square) = graph.form(of: terms[1])
        else { return false }
        switch graph.form(of: square) {
        case .power(let value, let exponent): return graph.number(exponent) == 2 && isValue(value, of: tangents)
        case .multiply(let factors):
            return factors.count == 2 && factors[0] == factors[1] && isValue(factors[0], of: tangents)
        default: return false
        }
    }
}

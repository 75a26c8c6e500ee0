import Testing

@testable import Nabla

/// Counts operations as they are executed.
struct ExecutedOperations: Machine.Observer {
    var count = 0

    mutating func execute(_ instruction: Instruction) {
        switch instruction.operation {
        case .addToMemory, .add, .subtract, .multiply, .divide, .negate, .power, .callUnary, .callBinary, .less,
            .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, .not, .largest, .smallest, .keepLargest,
            .keepSmallest:
            count += 1
        case .multiplyAdd, .finishLogSumExp: count += 2
        case .logSumExp: count += 4
        default: break
        }
    }
}

@Suite struct CostLedgerTests {
    private static func entries(_ text: String) throws -> [CostLedger.Entry] {
        var spec = try SecondSpecs.spec(text)
        let derived = try spec.derive()
        var random = RandomValues(seed: 1)
        return try CostLedger(derived, sizes: try random.sizes(for: spec.system), exampleCount: 2).entries
    }

    /// By hand.
    @Test(arguments: [
        // A product, a product and an addition for each pair; for the gradient two sums of products.
        ("size N\nconst A[N,N]\nparam x[N]\ncost C = sum(i, j: x[i]*A[i,j]*x[j])", "3*N^2", "7*N^2 + N"),
        // exp and an addition; the derivative is another exp.
        ("size N\nparam x[N]\ncost C = sum(i: exp(x[i]))", "2*N", "3*N"),
        // 0 + 1 + … + (N − 1) additions, then the factor; the derivative is c for each larger index, and their number is arithmetic
        // of indices.
        (
            "size N\nparam x[N]\nconst c\ncost C = sum(i in 0..<N, j in 0..<i: c*x[j])", "1/2*N^2 - 1/2*N + 1",
            "1/2*N^2 + 1/2*N + 1"
        ),
        ("param u, v\ncost C = u*v", "1", "1"),
    ])
    func countsByHand(_ text: String, _ cost: String, _ gradient: String) throws {
        let entries = try Self.entries(text)
        #expect(entries[0].formula == cost)
        #expect(entries[1].formula == gradient)
    }

    /// Sizes of stages that differ stay in a sum over the stages.
    @Test func raggedStages() throws {
        let text = """
            size L
            size n(0...L)
            layer l in 1...L
            param w(l)[n(l), n(l-1)]
            const x[n(0)]
            a(0)[k] = x[k]
            a(l)[j] = sum(k: w(l)[j,k] * a(l-1)[k])
            cost C = sum(j: a(L)[j])
            """
        #expect(try Self.entries(text)[0].formula == "n(L) + sum(l in 1...L: 2*n(l)*n(l-1))")
    }

    /// Σ i^k over ranges against sums index by index.
    @Test func faulhaber() throws {
        for exponent in 0...8 {
            for count in [0, 1, 2, 7, 20] {
                let sum = (0..<count).reduce(Rational(0)) { total, i in
                    var power = Rational(1)
                    for _ in 0..<exponent { power *= Rational(i) }
                    return total + power
                }
                #expect(CountSums.faulhaber(exponent, CountFormula(count)).constant == sum)
            }
        }
    }

    /// The formula's number is what the evaluator executes: exactly where no condition on numbers chooses between branches that
    /// cost differently, and at least that elsewhere.
    @Test func numbersAreWhatIsExecuted() throws {
        var exact = 0
        for (name, text) in try SecondSpecs.stored() {
            var spec = try SecondSpecs.spec(text)
            let derived = try spec.derive()
            let system = derived.lowered()
            var random = RandomValues(seed: 2)
            let sizes = try random.sizes(for: spec.system)
            let bound = try BoundSystem(system, sizes: Evaluator.sizes(of: sizes))
            let values = try random.values(for: bound, exampleCount: 3, scale: 1)
            let prepared = try Evaluator(system, cost: derived.cost, gradient: derived.gradient)
                .prepare(bound, exampleCount: 3)
            var executed = ExecutedOperations()
            _ = try prepared.run(values, &executed)
            // The very program that ran, and the one for letters.
            let (ofRun, counted) = OperationCounter.count(prepared.program, joinsDerivatives: false)
            let number = try ofRun.value(in: counted, exampleCount: 3)
            let choosing = Self.chooses(prepared.program)
            #expect(choosing ? number >= Rational(executed.count) : number == Rational(executed.count), "\(name)")
            if !choosing { exact += 1 }
        }
        #expect(exact >= 12, "\(exact)")
    }

    /// Whether a program has conditions on numbers, or several conditions in one.
    private static func chooses(_ program: LoopProgram) -> Bool {
        for block in program.blocks {
            for statement in block.statements {
                var roots: [ExprID] = []
                switch statement {
                case .conditional(let condition, _, _): roots = [condition]
                case .define(_, let value), .assign(_, let value), .store(_, _, let value), .add(_, _, let value),
                    .accumulate(_, let value):
                    roots = [value]
                default: break
                }
                for id in roots.flatMap({ program.system.graph.reachable(from: $0) }) {
                    switch program.system.graph.form(of: id) {
                    case .and, .or: return true
                    case .compare(_, let left, let right):
                        for side in [left, right] {
                            switch program.system.graph.form(of: side) {
                            case .integer, .number: continue
                            default: return true
                            }
                        }
                    default: continue
                    }
                }
            }
        }
        return false
    }

    /// Griewank's bound for all stored specs; 3.2 for the networks of the examples.
    @Test func ratios() throws {
        var worst = (0.0, "")
        for (name, text) in try SecondSpecs.stored() + SwiftPrinterTests.features {
            var spec = try SecondSpecs.spec(text)
            let derived = try spec.derive()
            for seed in UInt64(1)...3 {
                var random = RandomValues(seed: seed)
                let ledger = try CostLedger(derived, sizes: try random.sizes(for: spec.system), exampleCount: 2)
                guard let ratio = ledger.ratio(1) else { continue }
                #expect(ratio <= 5, "\(name):\n\(ledger.text)")
                let isNetwork = name.hasSuffix(".nabla")
                if isNetwork { #expect(ratio <= 3.2, "\(name):\n\(ledger.text)") }
                if ratio > worst.0 { worst = (ratio, name) }
            }
        }
        #expect(worst.0 > 2, "\(worst)")
    }

    /// The product with the Hessian is a small multiple of the gradient.
    @Test func products() throws {
        // The derivative of a product over an index has no running products of its own.
        for (name, text) in try SecondSpecs.stored() where name != "product" {
            var spec = try SecondSpecs.spec(text)
            let derived = try spec.derive(second: .product(along: "direction"))
            var random = RandomValues(seed: 1)
            let ledger = try CostLedger(derived, sizes: try random.sizes(for: spec.system), exampleCount: 2)
            let ratio = try #require(ledger.entries[2].number.dividing(by: ledger.entries[1].number)).double
            #expect(ratio <= 2.7, "\(name): \(ratio)\n\(ledger.text)")
        }
    }
}

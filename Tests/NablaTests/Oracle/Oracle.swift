import Foundation

@testable import Nabla

/// A naive evaluator of a system as it was resolved: each element when it is first asked for, by its definition, with
/// forward-mode dual numbers.
///
/// It shares no code with the differentiator, the simplifier, the lowering or the function table. It recurses on the
/// depth of an expression, which is small in tests, but not on the length of a recurrence.
struct Oracle {
    /// One element of one quantity; `example` is −1 where the quantity is the same for all examples.
    struct Element: Hashable {
        var quantity: QuantityID
        var indices: [Int]
        var example: Int
    }

    /// Closer than this to a kink, a tie or a jump, a derivative is not compared.
    static let kinkTolerance = 1e-5

    let system: System
    let values: OracleValues
    /// How often a value came too close to a kink.
    private(set) var nearKinks = 0

    private let definitions: [[Int]]
    private let perExample: [Bool]
    private var memo: [Element: Dual] = [:]
    private var pending: Set<Element> = []
    private var seeds: [Element: Int] = [:]
    private var sizes: [SizeID: Int] = [:]
    private var depth = 0
    private static let deepest = 24

    /// Thrown where a chain of elements is too deep: what to compute first.
    private struct Suspension: Error {
        var first: Element
    }

    /// What is bound where an expression stands.
    struct Environment {
        var indices: [IndexID: Int] = [:]
        var example = -1
        var arguments: [Dual] = []
    }

    init(_ system: System, _ values: OracleValues) {
        self.system = system
        self.values = values
        var definitions = Array(repeating: [Int](), count: system.quantities.count)
        for (position, equation) in system.equations.enumerated() {
            definitions[Int(equation.quantity.raw)].append(position)
        }
        self.definitions = definitions
        perExample = Oracle.dependsOnExamples(system)
    }

    /// Of each quantity, whether data enters it outside a reduction over the examples: the least fixed point.
    private static func dependsOnExamples(_ system: System) -> [Bool] {
        var depends = system.quantities.map { $0.role == .input || $0.role == .target }
        var changed = true
        while changed {
            changed = false
            for equation in system.equations where !depends[Int(equation.quantity.raw)] {
                var stack = [equation.body]
                var seen: Set<ExprID> = []
                while let id = stack.popLast(), !depends[Int(equation.quantity.raw)] {
                    guard seen.insert(id).inserted else { continue }
                    let form = system.graph.form(of: id)
                    if case .reduceExamples = form { continue }
                    if case .access(let quantity, _) = form, depends[Int(quantity.raw)] {
                        depends[Int(equation.quantity.raw)] = true
                        changed = true
                    }
                    system.graph.forEachChild(of: id) { stack.append($0) }
                }
            }
        }
        return depends
    }

    // MARK: Results

    /// The value of a cost or of any other element.
    mutating func value(_ quantity: QuantityID, _ indices: [Int] = [], example: Int = -1) throws -> Double {
        try compute(element(quantity, indices, example: example)).value
    }

    /// The derivatives of one element with respect to all elements of some quantities.
    mutating func gradient(
        of quantity: QuantityID, _ indices: [Int] = [], example: Int = -1, wrt: [QuantityID]
    ) throws -> (value: Double, entries: [Element: Double]) {
        memo = [:]
        seeds = [:]
        for target in wrt {
            for indices in try elements(of: target) {
                let examples =
                    !perExample[Int(target.raw)]
                    ? -1..<0 : example >= 0 ? example..<example + 1 : 0..<values.exampleCount
                for example in examples {
                    seeds[Element(quantity: target, indices: indices, example: example)] = seeds.count
                }
            }
        }
        defer {
            memo = [:]
            seeds = [:]
        }
        let result = try compute(element(quantity, indices, example: example))
        return (result.value, seeds.mapValues { result.slope.isEmpty ? 0 : result.slope[$0] })
    }

    /// All indices of a quantity, domain by domain, in row-major order.
    mutating func elements(of quantity: QuantityID) throws -> [[Int]] {
        var result: [[Int]] = []
        for axes in system[quantity].domains {
            try forEach(axes.map { Binder(index: $0.index, lower: $0.lower, upper: $0.upper) }, Environment()) {
                _, _, indices in result.append(indices)
            }
        }
        return result
    }

    /// Whether a quantity has a value for each example.
    func isPerExample(_ quantity: QuantityID) -> Bool { perExample[Int(quantity.raw)] }

    private func element(_ quantity: QuantityID, _ indices: [Int], example: Int) -> Element {
        Element(quantity: quantity, indices: indices, example: perExample[Int(quantity.raw)] ? example : -1)
    }

    private func describe(_ element: Element) -> String { "\(system[element.quantity].name)\(element.indices)" }

    // MARK: Elements

    /// Computes an element and, first, the far ends of the chains that it hangs on.
    private mutating func compute(_ wanted: Element) throws -> Dual {
        var stack = [wanted]
        var stacked: Set<Element> = [wanted]
        while let next = stack.last {
            depth = 0
            pending = []
            do {
                let result = try demand(next)
                stacked.remove(stack.removeLast())
                if stack.isEmpty { return result }
            } catch let suspension as Suspension {
                guard stacked.insert(suspension.first).inserted else {
                    throw OracleError.circle(describe(suspension.first))
                }
                stack.append(suspension.first)
            }
        }
        throw OracleError.undefined(describe(wanted))
    }

    private mutating func demand(_ element: Element) throws -> Dual {
        if let known = memo[element] { return known }
        if depth > Oracle.deepest { throw Suspension(first: element) }
        guard pending.insert(element).inserted else { throw OracleError.circle(describe(element)) }
        depth += 1
        defer {
            depth -= 1
            pending.remove(element)
        }
        var result = try define(element)
        if let seed = seeds[element] {
            if result.slope.isEmpty { result.slope = Array(repeating: 0, count: seeds.count) }
            result.slope[seed] += 1
        }
        memo[element] = result
        return result
    }

    private mutating func define(_ element: Element) throws -> Dual {
        let quantity = system[element.quantity]
        switch quantity.role {
        case .input, .target, .parameter, .constant:
            var environment = Environment()
            guard let axes = quantity.domains.first, try bind(axes, element.indices, &environment) else {
                throw OracleError.undefined(describe(element))
            }
            if let constants = quantity.constantValues {
                guard let position = try elements(of: element.quantity).firstIndex(of: element.indices) else {
                    throw OracleError.undefined(describe(element))
                }
                return try evaluate(constants[position], Environment(example: element.example))
            }
            let count = quantity.stageCount
            return Dual(
                try values.number(
                    quantity.name, stages: element.indices[..<count], elements: element.indices[count...],
                    example: element.example))
        case .computed, .derivative:
            var found: (equation: Int, environment: Environment)?
            for position in definitions[Int(element.quantity.raw)] {
                var environment = Environment(example: element.example)
                guard try bind(system.equations[position].axes, element.indices, &environment) else { continue }
                if found != nil { throw OracleError.definedTwice(describe(element)) }
                found = (position, environment)
            }
            guard let (position, environment) = found else { throw OracleError.undefined(describe(element)) }
            return try evaluate(system.equations[position].body, environment)
        }
    }

    /// Binds axes to indices; false where one is outside its range.
    private mutating func bind(_ axes: [Axis], _ indices: [Int], _ environment: inout Environment) throws -> Bool {
        guard axes.count == indices.count else { return false }
        for (axis, index) in zip(axes, indices) {
            guard index >= (try integer(axis.lower, environment)), index < (try integer(axis.upper, environment))
            else { return false }
            environment.indices[axis.index] = index
        }
        return true
    }

    // MARK: Indices and sizes

    private mutating func integer(_ affine: AffineID, _ environment: Environment) throws -> Int {
        let affine = system.graph[affine]
        var total = affine.constant
        for term in affine.terms {
            let value: Int
            switch term.atom {
            case .index(let index):
                guard let bound = environment.indices[index] else {
                    throw OracleError.missing("index \(system.graph.name(of: index))")
                }
                value = bound
            case .size(let size): value = try self.size(size)
            case .stagedSize(let size, let stage): value = try self.size(size, at: integer(stage, environment))
            }
            total += term.coefficient * value
        }
        return total
    }

    private mutating func size(_ id: SizeID) throws -> Int {
        if let known = sizes[id] { return known }
        let value: Double
        switch system[id].definition {
        case .symbolic: value = try values.number(system[id].name, stages: [], elements: [], example: -1)
        case .formula(let formula): value = try evaluate(formula, Environment()).value
        case .table: throw OracleError.unsupported("\(system[id].name) without a stage")
        }
        sizes[id] = Int(value.rounded())
        return Int(value.rounded())
    }

    private mutating func size(_ id: SizeID, at stage: Int) throws -> Int {
        switch system[id].definition {
        case .symbolic:
            return Int(try values.number(system[id].name, stages: [stage], elements: [], example: -1))
        case .formula(let formula): return Int(try evaluate(formula, Environment()).value.rounded())
        case .table(let entries):
            guard let range = system[id].stageRange else { throw OracleError.missing(system[id].name) }
            let position = stage - (try integer(range.lower, Environment()))
            guard entries.indices.contains(position) else {
                throw OracleError.undefined("\(system[id].name)(\(stage))")
            }
            return Int(try evaluate(entries[position], Environment()).value.rounded())
        }
    }

    /// Calls `body` for all values of the binders, the first one slowest.
    private mutating func forEach(
        _ binders: [Binder], _ environment: Environment,
        _ body: (inout Oracle, Environment, [Int]) throws -> Void
    ) throws {
        func step(_ oracle: inout Oracle, _ position: Int, _ environment: Environment, _ indices: [Int]) throws {
            guard position < binders.count else {
                try body(&oracle, environment, indices)
                return
            }
            let binder = binders[position]
            let lower = try oracle.integer(binder.lower, environment)
            let upper = try oracle.integer(binder.upper, environment)
            var inner = environment
            for value in lower..<max(lower, upper) {
                inner.indices[binder.index] = value
                try step(&oracle, position + 1, inner, indices + [value])
            }
        }
        try step(&self, 0, environment, [])
    }

    // MARK: Expressions

    private mutating func note(_ distance: Double, moves: Bool) {
        // What does not move is exact, or differs by rounding only.
        if moves ? distance < Oracle.kinkTolerance : distance != 0 && distance < 1e-9 { nearKinks += 1 }
    }

    /// The number that an expression stands for.
    private mutating func evaluate(_ id: ExprID, _ environment: Environment) throws -> Dual {
        switch system.graph.form(of: id) {
        case .number(let number, _): return Dual(number.double)
        case .pi: return Dual(.pi)
        case .integer(let affine): return Dual(Double(try integer(affine, environment)))
        case .argument(let position): return environment.arguments[position]
        case .access(let quantity, let indices):
            let indices = try indices.map { try integer($0, environment) }
            return try demand(element(quantity, indices, example: environment.example))
        case .add(let terms):
            var total = Dual(0)
            for term in terms { total = total + (try evaluate(term, environment)) }
            return total
        case .multiply(let factors):
            var product = Dual(1)
            for factor in factors { product = product * (try evaluate(factor, environment)) }
            return product
        case .negate(let operand): return -(try evaluate(operand, environment))
        case .divide(let left, let right): return try evaluate(left, environment) / evaluate(right, environment)
        case .power(let base, let exponent):
            return try apply("pow", [evaluate(base, environment), evaluate(exponent, environment)])
        case .call(let function, let arguments):
            return try call(function, arguments.map { try evaluate($0, environment) }, environment)
        case .derivativeCall(let function, let positions, let arguments):
            return try derivative(function, positions, arguments.map { try evaluate($0, environment) }, environment)
        case .select(let condition, let then, let otherwise):
            return try evaluate(holds(condition, environment) ? then : otherwise, environment)
        case .reduce(let kind, let binders, let body): return try reduce(kind, binders, body, environment)
        case .reduceExamples(let kind, let body):
            var total = Dual(0)
            for example in 0..<values.exampleCount {
                var inner = environment
                inner.example = example
                total = total + (try evaluate(body, inner))
            }
            return kind == .mean ? total / Dual(Double(values.exampleCount)) : total
        case .compare, .and, .or, .not, .boolean, .extremum:
            throw OracleError.unsupported("a condition as a number")
        }
    }

    /// Whether a condition holds.
    private mutating func holds(_ id: ExprID, _ environment: Environment) throws -> Bool {
        switch system.graph.form(of: id) {
        case .boolean(let value): return value
        case .not(let condition): return try !holds(condition, environment)
        case .and(let conditions):
            for condition in conditions where try !holds(condition, environment) { return false }
            return true
        case .or(let conditions):
            for condition in conditions where try holds(condition, environment) { return true }
            return false
        case .compare(let comparison, let left, let right):
            let left = try evaluate(left, environment)
            let right = try evaluate(right, environment)
            note(abs(left.value - right.value), moves: left.moves || right.moves)
            switch comparison {
            case .less: return left.value < right.value
            case .lessOrEqual: return left.value <= right.value
            case .greater: return left.value > right.value
            case .greaterOrEqual: return left.value >= right.value
            case .equal: return left.value == right.value
            case .notEqual: return left.value != right.value
            }
        case .extremum(let kind, let binders, let body, let targets):
            let wanted = try targets.map { try integer($0, environment) }
            let (_, place) = try extremum(kind, binders, body, environment)
            return place == wanted
        default: throw OracleError.unsupported("a number as a condition")
        }
    }

    private mutating func reduce(
        _ kind: ReductionKind, _ binders: [Binder], _ body: ExprID, _ environment: Environment
    ) throws -> Dual {
        if kind == .maximum || kind == .minimum { return try extremum(kind, binders, body, environment).value }
        var terms: [Dual] = []
        try forEach(binders, environment) { oracle, inner, _ in terms.append(try oracle.evaluate(body, inner)) }
        switch kind {
        case .sum: return terms.reduce(Dual(0), +)
        case .product: return terms.reduce(Dual(1), *)
        case .mean:
            if terms.isEmpty { throw OracleError.empty("mean") }
            return terms.reduce(Dual(0), +) / Dual(Double(terms.count))
        case .logSumExp:
            guard let largest = terms.map(\.value).max() else { throw OracleError.empty("logsumexp") }
            let weights = terms.map { exp($0.value - largest) }
            let total = weights.reduce(0, +)
            return Dual(largest + log(total), zip(weights, terms).map { ($0 / total, $1) })
        case .maximum, .minimum: throw OracleError.unsupported("this reduction")
        }
    }

    /// The largest or smallest value and where it stands first.
    private mutating func extremum(
        _ kind: ReductionKind, _ binders: [Binder], _ body: ExprID, _ environment: Environment
    ) throws -> (value: Dual, place: [Int]) {
        var candidates: [(value: Dual, place: [Int])] = []
        try forEach(binders, environment) { oracle, inner, indices in
            candidates.append((try oracle.evaluate(body, inner), indices))
        }
        guard var best = candidates.first else { throw OracleError.empty("extremum") }
        for candidate in candidates {
            let isBetter =
                kind == .maximum ? candidate.value.value > best.value.value : candidate.value.value < best.value.value
            if isBetter { best = candidate }
        }
        for candidate in candidates where candidate.place != best.place {
            note(abs(candidate.value.value - best.value.value), moves: candidate.value.moves || best.value.moves)
        }
        return best
    }

    // MARK: Functions

    private mutating func apply(_ name: String, _ arguments: [Dual]) throws -> Dual {
        guard let result = HandDerivatives.apply(name, arguments.map(\.value)) else {
            throw OracleError.unsupported("\(name) of \(arguments.count) arguments")
        }
        note(result.distanceToKink, moves: arguments.contains { $0.moves })
        // At a singularity the derivative is undefined even where nothing moves: 0·∞.
        // (The derivative of u^2 by its exponent is not asked for, and is none for u < 0.)
        let asked = name == "pow" && !arguments[1].moves ? result.partials.prefix(1) : result.partials[...]
        if !asked.allSatisfy(\.isFinite) { nearKinks += 1 }
        return Dual(result.value, zip(result.partials, arguments).map { ($0, $1) })
    }

    private mutating func call(
        _ function: FunctionReference, _ arguments: [Dual], _ environment: Environment
    ) throws -> Dual {
        switch function {
        case .standard(let id): return try apply(FunctionTable.standard[id].name, arguments)
        case .user(let position):
            guard let body = system.functions[position].body else {
                throw OracleError.unsupported("abstract function \(system.functions[position].name)")
            }
            return try evaluate(body, Environment(example: environment.example, arguments: arguments))
        }
    }

    /// The value of one first partial derivative: a dual number with one seed, on the argument in question.
    private mutating func derivative(
        _ function: FunctionReference, _ positions: [Int], _ arguments: [Dual], _ environment: Environment
    ) throws -> Dual {
        guard positions.count == 1, !arguments.contains(where: \.moves) else {
            throw OracleError.unsupported("a derivative of a derivative")
        }
        let seeded = arguments.enumerated().map { Dual($1.value, slope: [$0 == positions[0] ? 1 : 0]) }
        return Dual(try call(function, seeded, environment).slope.first ?? 0)
    }
}

extension Oracle {
    /// ∂P/∂Q of two elements by P's own equation, all other elements held fixed.
    mutating func partial(of element: Element, wrt other: Element) throws -> Double {
        memo = [:]
        seeds = [:]
        let value = try compute(other).value
        _ = try compute(element)
        memo[element] = nil
        memo[other] = Dual(value, slope: [1])
        defer { memo = [:] }
        // What the equation mentions has a value already, but where a branch was not taken.
        return try define(element).slope.first ?? 0
    }

    /// A function of the spec.
    mutating func user(_ position: Int, _ arguments: [Double]) throws -> Double {
        try call(.user(position), arguments.map { Dual($0) }, Environment()).value
    }

    /// The derivative of a function of the spec with respect to one of its arguments.
    mutating func user(_ position: Int, _ arguments: [Double], argument: Int) throws -> Double {
        let seeded = arguments.enumerated().map { Dual($1, slope: $0 == argument ? [1] : []) }
        return try call(.user(position), seeded, Environment()).slope.first ?? 0
    }

    /// The value of an affine expression of sizes.
    mutating func indexValue(_ id: AffineID) throws -> Int { try integer(id, Environment()) }

    /// The value of a size.
    mutating func sizeValue(_ id: SizeID, stage: Int?) throws -> Int {
        if let stage { return try size(id, at: stage) }
        return try size(id)
    }
}

/// The value of a constant expression: exact as long as it consists of numbers, sizes and their quotients.
struct ConstantEvaluator {
    private let system: System
    private let arithmetic: SizeArithmetic
    /// Of scalar constants, their values.
    var constants: [QuantityID: Double] = [:]
    private var exactConstants: [QuantityID: Rational] = [:]

    init(_ system: System) {
        self.system = system
        arithmetic = SizeArithmetic(system)
    }

    /// Remembers the value of a scalar constant that the spec gives.
    mutating func define(_ quantity: QuantityID, _ body: ExprID) {
        let (exact, value) = evaluate(body)
        constants[quantity] = value
        exactConstants[quantity] = exact
    }

    /// The value as a Double; a NaN where it has none.
    func double(_ id: ExprID) -> Double { evaluate(id).value }

    /// The value where it is exact.
    func rational(_ id: ExprID) -> Rational? { evaluate(id).exact }

    private func evaluate(_ root: ExprID) -> (exact: Rational?, value: Double) {
        var results: [ExprID: (exact: Rational?, value: Double)] = [:]
        for id in system.graph.reachable(from: root) {
            var operands: [(exact: Rational?, value: Double)] = []
            system.graph.forEachChild(of: id) { operands.append(results[$0] ?? (nil, .nan)) }
            let exact = exactValue(id, operands.map(\.exact))
            results[id] = (exact, exact?.double ?? roundedValue(id, operands.map(\.value)))
        }
        return results[root] ?? (nil, .nan)
    }

    private func exactValue(_ id: ExprID, _ operands: [Rational?]) -> Rational? {
        func all() -> [Rational]? {
            let known = operands.compactMap { $0 }
            // Beyond this, exactness is worth nothing.
            return known.count == operands.count && known.allSatisfy { $0.bitWidth < 4096 } ? known : nil
        }
        switch system.graph.form(of: id) {
        case .number(let value, _): return value
        case .integer(let affine): return arithmetic.value(affine, in: system.graph).map { Rational($0) }
        case .access(let quantity, _): return exactConstants[quantity]
        case .add: return all()?.reduce(Rational(0), +)
        case .multiply: return all()?.reduce(Rational(1), *)
        case .negate: return all()?.first?.negated
        case .divide: return all().flatMap { $0[0].dividing(by: $0[1]) }
        case .power:
            guard let base = operands[0], let exponent = operands[1]?.asInt, abs(exponent) <= 1024 else { return nil }
            return base.power(exponent)
        default: return nil
        }
    }

    private func roundedValue(_ id: ExprID, _ operands: [Double]) -> Double {
        switch system.graph.form(of: id) {
        case .pi: return .pi
        case .access(let quantity, _): return constants[quantity] ?? .nan
        case .add: return operands.reduce(0, +)
        case .multiply: return operands.reduce(1, *)
        case .negate: return -operands[0]
        case .divide: return operands[0] / operands[1]
        case .power: return FunctionTable.standard[.pow].evaluate(operands) ?? .nan
        case .call(.standard(let function), _): return FunctionTable.standard[function].evaluate(operands) ?? .nan
        default: return .nan
        }
    }
}

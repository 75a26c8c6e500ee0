import Foundation

@testable import Nabla

/// The value of an expression in real arithmetic, by walking it; nil where it has none, or where it hangs on a rounding.
struct BallEvaluator {
    let system: System
    /// Elements of declared quantities, row-major; each has ranges of this length.
    let values: [QuantityID: [Double]]

    init(system: System, values: [QuantityID: [Double]]) {
        self.system = system
        self.values = values
    }

    static let length = 3
    private var ignoresRadii = false
    /// Of the function whose body is evaluated.
    var arguments: [Ball] = []
    /// What a partial derivative of a function is, for the functions that the cases differentiate.
    static let derivatives: [String: @Sendable (Ball) -> Ball] = [
        "sin": { $0.gentle { cos($0) } },
        "cube": { Ball(3) * $0.power(2) },
    ]

    func value(of id: ExprID, _ indices: [IndexID: Int] = [:]) -> Ball? {
        guard let ball = raw(id, indices), ball.isDefined else { return nil }
        return ignoresRadii ? Ball(ball.middle) : ball
    }

    /// Whether there is no value even where balls are taken for their middles: no rounding is to blame.
    func isCertainlyUndefined(_ id: ExprID) -> Bool {
        var middles = self
        middles.ignoresRadii = true
        return middles.value(of: id) == nil
    }

    func whole(_ id: AffineID, _ indices: [IndexID: Int]) -> Int? {
        let affine = system.graph[id]
        var result = affine.constant
        for term in affine.terms {
            switch term.atom {
            case .index(let index):
                guard let value = indices[index] else { return nil }
                result += term.coefficient * value
            case .size(let size):
                guard let value = system[size].value else { return nil }
                result += term.coefficient * value
            case .stagedSize: return nil
            }
        }
        return result
    }

    private func raw(_ id: ExprID, _ indices: [IndexID: Int]) -> Ball? {
        switch system.graph.form(of: id) {
        case .number(let value, _):
            let double = value.double
            return Ball(Wide(double), Rational(exactly: double) == value ? 0 : Wide(double.ulp))
        case .pi: return Ball(Wide(Double.pi), 2.5e-16)
        case .integer(let affine): return whole(affine, indices).map { Ball(Wide($0)) }
        case .argument(let position): return arguments.indices.contains(position) ? arguments[position] : nil
        case .boolean, .compare, .and, .or, .not, .extremum: return nil
        case .access(let quantity, let at):
            let places = at.compactMap { whole($0, indices) }
            guard places.count == at.count else { return nil }
            if let known = values[quantity] {
                let place = places.reduce(0) { $0 * Self.length + $1 }
                return known.indices.contains(place) ? Ball(Wide(known[place])) : nil
            }
            guard let equation = system.equations.first(where: { $0.quantity == quantity }) else { return nil }
            var inner: [IndexID: Int] = [:]
            for (axis, place) in zip(equation.axes, places) { inner[axis.index] = place }
            return value(of: equation.body, inner)
        case .add(let terms): return fold(terms, indices, Ball(0), +)
        case .multiply(let factors): return fold(factors, indices, Ball(1), *)
        case .negate(let operand): return value(of: operand, indices).map { -$0 }
        case .divide(let dividend, let divisor):
            guard let left = value(of: dividend, indices), let right = value(of: divisor, indices) else { return nil }
            return left * right.reciprocal
        case .power(let base, let exponent):
            guard let left = value(of: base, indices), let right = value(of: exponent, indices) else { return nil }
            return power(left, right)
        case .call(let function, let arguments): return call(function, arguments, indices)
        case .derivativeCall(let function, _, let arguments):
            guard let argument = arguments.first.flatMap({ value(of: $0, indices) }) else { return nil }
            let name: String
            switch function {
            case .standard(let row): name = FunctionTable.standard[row].name
            case .user(let position): name = system.functions[position].name
            }
            return Self.derivatives[name]?(argument)
        case .select(let condition, let then, let otherwise):
            guard let holds = truth(condition, indices) else { return nil }
            return value(of: holds ? then : otherwise, indices)
        case .reduce(let kind, let binders, let body): return reduction(kind, binders, body, indices)
        case .reduceExamples(_, let body): return value(of: body, indices)
        }
    }

    private func fold(
        _ operands: [ExprID], _ indices: [IndexID: Int], _ start: Ball, _ combine: (Ball, Ball) -> Ball
    ) -> Ball? {
        var result = start
        for operand in operands {
            guard let next = value(of: operand, indices) else { return nil }
            result = combine(result, next)
        }
        return result
    }

    private func power(_ base: Ball, _ exponent: Ball) -> Ball? {
        if exponent.isExact, let whole = Int(exactly: exponent.middle), whole.magnitude < 64 {
            return base.power(whole)
        }
        // With an exponent that is no whole number, for a base from 0 up alone.
        if base.isZero, exponent.low > 0 { return Ball(0) }
        guard base.low > 0 else { return nil }
        let logarithm = base.monotone { log($0) }
        return (logarithm * exponent).monotone { exp($0) }
    }

    private func call(_ function: FunctionReference, _ arguments: [ExprID], _ indices: [IndexID: Int]) -> Ball? {
        let balls = arguments.compactMap { value(of: $0, indices) }
        guard balls.count == arguments.count, let u = balls.first else { return nil }
        guard case .standard(let row) = function else {
            guard case .user(let position) = function, let body = system.functions[position].body else { return nil }
            var inner = self
            inner.arguments = balls
            return inner.value(of: body)
        }
        switch row {
        case .exp: return u.monotone { exp($0) }
        case .log: return u.low > 0 ? u.monotone { log($0) } : nil
        case .sqrt: return u.isZero ? u : u.low > 0 ? u.monotone { $0.squareRoot() } : nil
        case .log1p: return u.low > -1 ? u.monotone { log1p($0) } : nil
        case .sin: return u.gentle { sin($0) }
        case .cos: return u.gentle { cos($0) }
        case .tanh: return u.monotone { tanh($0) }
        case .sinh: return u.monotone { sinh($0) }
        case .cosh: return u.isExact ? u.monotone { cosh($0) } : nil
        case .sigmoid: return u.monotone { $0 >= 0 ? 1 / (1 + exp(-$0)) : exp($0) / (1 + exp($0)) }
        case .softplus: return u.monotone { $0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0)) }
        case .abs: return Ball(u.middle.magnitude, u.radius)
        case .max: return extreme(balls) { $0 > $1 }
        case .min: return extreme(balls) { $0 < $1 }
        default: return nil
        }
    }

    private func extreme(_ balls: [Ball], _ isBeyond: (Wide, Wide) -> Bool) -> Ball? {
        var result = balls.first
        for ball in balls.dropFirst() {
            guard let best = result else { return nil }
            let middle = isBeyond(ball.middle, best.middle) ? ball.middle : best.middle
            result = Ball(middle, max(best.radius, ball.radius))
        }
        return result
    }

    private func truth(_ id: ExprID, _ indices: [IndexID: Int]) -> Bool? {
        switch system.graph.form(of: id) {
        case .boolean(let value): return value
        case .not(let condition): return truth(condition, indices).map { !$0 }
        case .and(let conditions):
            for condition in conditions {
                guard let holds = truth(condition, indices) else { return nil }
                if !holds { return false }
            }
            return true
        case .or(let conditions):
            for condition in conditions {
                guard let holds = truth(condition, indices) else { return nil }
                if holds { return true }
            }
            return false
        case .compare(let comparison, let left, let right):
            guard let one = value(of: left, indices), let two = value(of: right, indices) else { return nil }
            let isCertain = one.isExact && two.isExact || !one.overlaps(two)
            guard isCertain else { return nil }
            switch comparison {
            case .less: return one.middle < two.middle
            case .lessOrEqual: return one.middle <= two.middle
            case .greater: return one.middle > two.middle
            case .greaterOrEqual: return one.middle >= two.middle
            case .equal: return one.middle == two.middle
            case .notEqual: return one.middle != two.middle
            }
        default: return nil
        }
    }

    private func reduction(
        _ kind: ReductionKind, _ binders: [Binder], _ body: ExprID, _ indices: [IndexID: Int]
    ) -> Ball? {
        var all: [[IndexID: Int]] = [indices]
        for binder in binders {
            var next: [[IndexID: Int]] = []
            for scope in all {
                guard let lower = whole(binder.lower, scope), let upper = whole(binder.upper, scope) else { return nil }
                for value in stride(from: lower, to: upper, by: 1) {
                    var inner = scope
                    inner[binder.index] = value
                    next.append(inner)
                }
            }
            all = next
        }
        var balls: [Ball] = []
        for scope in all {
            guard let ball = value(of: body, scope) else { return nil }
            balls.append(ball)
        }
        switch kind {
        case .sum: return balls.reduce(Ball(0), +)
        case .product: return balls.reduce(Ball(1), *)
        case .mean: return balls.reduce(Ball(0), +) * Ball(Wide(balls.count)).reciprocal
        case .maximum: return extreme(balls) { $0 > $1 }
        case .minimum: return extreme(balls) { $0 < $1 }
        case .logSumExp:
            guard let top = balls.map(\.middle).max() else { return nil }
            let shifted = balls.map { ($0 + Ball(-top)).monotone { exp($0) } }.reduce(Ball(0), +)
            guard shifted.low > 0 else { return nil }
            return shifted.monotone { log($0) } + Ball(top)
        }
    }
}

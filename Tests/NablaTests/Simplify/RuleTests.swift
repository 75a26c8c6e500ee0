import Testing

@testable import Nabla

/// Each rule by itself: it fires, and it changes no value in real arithmetic.
@Suite struct RuleTests {
    /// Points at which the value before must be known, and compared.
    static let points = 1_000

    /// The special values come first, in all combinations of the first three params.
    static let special: [Double] = [
        0, -0.0, 1, -1, 0.5, -0.5, 3, -7.25, 1e-300, -1e-300, 1e-8, -1e-8, 710, -745, 1000, -1000, 1e8, -1e8,
        1e150, -1e150, 1.7e308, -1.7e308,
    ]

    @Test func everyRuleHasACase() {
        for rule in Rule.allCases {
            #expect(RuleCase.all.contains { $0.rule == rule }, "\(rule) has no case in RuleCases.swift")
        }
    }

    @Test(arguments: RuleCase.all) func firesAndKeepsTheValue(_ one: RuleCase) throws {
        let (system, before, after, rules) = try simplified(
            one.expression, withForwardValues: one.rule == .forwardValue)
        #expect(before != after || one.rule == .quotient, "nothing changed")
        #expect(Set(rules) == Set([one.rule] + one.along), "\(rules)")
        var seed: UInt64 = 7
        for byte in one.expression.utf8 { seed = seed &* 31 &+ UInt64(byte) }
        var generator = SplitMix64(state: seed)
        var compared = 0
        var drawn = 0
        while compared < Self.points, drawn < 60_000 {
            let values = Self.values(drawn, system, &generator)
            drawn += 1
            let evaluator = BallEvaluator(system: system, values: values)
            guard let old = evaluator.value(of: before), old.isSharp else { continue }
            let new = evaluator.value(of: after)
            guard let new, old.overlaps(new) else {
                let at = system.quantities.indices.compactMap { position in
                    values[QuantityID(position)].map { "\(system.quantities[position].name) = \($0)" }
                }
                Issue.record(
                    "\(old) before, \(new.map { "\($0)" } ?? "none") after it, at \(at.joined(separator: ", "))")
                return
            }
            if new.isSharp { compared += 1 }
        }
        #expect(compared >= Self.points)
        // Once more changes nothing.
        var again = Simplifier(system)
        again.declare(system.equations.flatMap(\.axes))
        let twice = again.simplify(after)
        #expect(twice == after, "\(text(twice, again.system)) after a second time")
    }

    private func text(_ id: ExprID, _ system: System) -> String { SpecPrinter.text(of: id, in: system) }

    /// An expression's raw and normal form, with the rules in between.
    private func simplified(
        _ expression: String, withForwardValues: Bool
    ) throws -> (System, before: ExprID, after: ExprID, [Rule]) {
        let source = SourceText(name: "rule.nabla", text: RuleCase.declarations + "cost f = \(expression)\n")
        let spec = Spec(source)
        try #require(spec.isValid, "\(spec.diagnostics.map(\.message))")
        var simplifier = Simplifier(spec.system)
        let last = spec.system.equations.count - 1
        // As a whole spec is simplified, but with the cost's equation last and its rules apart.
        var others = spec.system
        others.equations.removeLast()
        simplifier.system = others
        let normal = simplifier.simplifyEquations()
        simplifier.system.equations = spec.system.equations
        if withForwardValues {
            var values = ForwardValues()
            for (position, one) in normal.enumerated() {
                values.add(spec.system.equations[position], one.body, simplifier.system.graph)
            }
            simplifier.forwardValues = values
            simplifier.forgetResults()
        }
        simplifier.forgetRules()
        let before = spec.system.equations[last].body
        let after = simplifier.simplify(before)
        return (simplifier.system, before, after, simplifier.rules)
    }

    /// Values for all that is declared.
    static func values(_ number: Int, _ system: System, _ generator: inout SplitMix64) -> [QuantityID: [Double]] {
        var result: [QuantityID: [Double]] = [:]
        var scalars = 0
        for (position, quantity) in system.quantities.enumerated() where quantity.role != .computed {
            var elements: [Double] = []
            let count = quantity.axisCount == 0 ? 1 : quantity.axisCount == 1 ? 3 : 9
            for _ in 0..<count { elements.append(draw(&generator)) }
            if quantity.isDistribution {
                // Exact fractions that add up to 1.
                let first = Double(Int.random(in: 0...1024, using: &generator)) / 1024
                let second = Double(Int.random(in: 0...Int(1024 - first * 1024), using: &generator)) / 1024
                elements = [first, second, 1 - first - second]
            } else if quantity.axisCount == 0 {
                // Every other point is a combination of special values.
                if number % 2 == 0 {
                    var place = number / 2
                    for _ in 0..<scalars { place /= special.count }
                    elements = [special[place % special.count]]
                }
                scalars += 1
            }
            result[QuantityID(position)] = elements
        }
        return result
    }

    private static func draw(_ generator: inout SplitMix64) -> Double {
        let special = Self.special[Int.random(in: 0..<Self.special.count, using: &generator)]
        switch Int.random(in: 0...7, using: &generator) {
        case 0: return special
        case 1: return Double.random(in: -800...800, using: &generator)
        case 2: return Double.random(in: 0...1e-3, using: &generator)
        default: return Double.random(in: -4...4, using: &generator)
        }
    }
}

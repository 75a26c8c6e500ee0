import Testing

@testable import Nabla

/// Random expressions: the normal form has the value of what was written, in real arithmetic, and is its own normal form.
@Suite struct RandomSimplificationTests {
    /// Writes an expression of a depth, in the grammar of the language, with operands that are often alike.
    private struct Writer {
        var generator: SplitMix64

        mutating func pick(_ choices: [String]) -> String {
            choices[Int.random(in: 0..<choices.count, using: &generator)]
        }

        mutating func expression(_ depth: Int) -> String {
            if depth == 0 {
                return pick(["u", "v", "w", "u", "v", "1", "2", "-1", "0", "0.5", "e", "a", "x[0]", "x[1]"])
            }
            let one = expression(depth - 1)
            switch Int.random(in: 0...21, using: &generator) {
            case 0, 1: return "(\(one) + \(expression(depth - 1)))"
            case 2: return "(\(one) - \(expression(depth - 1)))"
            case 3, 4, 5: return "(\(one)) * (\(expression(depth - 1)))"
            case 6, 7: return "(\(one)) * (\(expression(depth - 1)))^-1"
            case 8: return "(\(one))^" + pick(["2", "3", "-1", "-2", "0.5", "1.5", "-0.5", "(1/3)"])
            case 9: return "sqrt(\(one))"
            case 10, 11: return "exp(\(pick(["", "-"]))(\(one)))"
            case 12, 13: return "log(\(one))"
            case 14: return "sigmoid(\(one))"
            case 15:
                return
                    "(\(one) \(pick([">", "<", ">=", "=="])) \(expression(depth - 1)) ? \(one) : \(expression(depth - 1)))"
            case 16: return "(\(expression(depth - 1)) > 0 ? \(one) : 0)"
            case 17: return pick(["max", "min"]) + "(\(one), \(expression(depth - 1)))"
            case 18: return "sum(i: (\(one)) * x[i])"
            case 19: return "log(sum(j: exp(x[j] + \(one))))"
            case 20: return "exp(\(one)) * (1 + exp(\(one)))^-1"
            default: return "abs(\(one))"
            }
        }
    }

    @Test func normalFormsKeepTheValue() throws {
        var writer = Writer(generator: SplitMix64(state: 2_026))
        var compared = 0
        for number in 0..<2_000 {
            let expression = writer.expression(1 + number % 4)
            let spec = Spec(SourceText(name: "random.nabla", text: RuleCase.declarations + "cost f = \(expression)\n"))
            // A divisor that is the constant zero is an error.
            guard spec.isValid, let before = spec.system.equations.last?.body else { continue }
            var simplifier = Simplifier(spec.system)
            guard let after = simplifier.simplifyEquations().last?.body else { continue }
            let system = simplifier.system
            var again = Simplifier(system)
            again.declare(system.equations.flatMap(\.axes))
            let twice = again.simplify(after)
            #expect(
                SpecPrinter.text(of: twice, in: again.system) == SpecPrinter.text(of: after, in: system),
                "a second time: \(expression)")
            for point in 0..<24 {
                let values = RuleTests.values(point * 2 + 1, system, &writer.generator)
                let evaluator = BallEvaluator(system: system, values: values)
                guard let old = evaluator.value(of: before), old.isSharp else { continue }
                let new = evaluator.value(of: after)
                // Where what is left hangs on a rounding, there is nothing to compare.
                if new == nil, !evaluator.isCertainlyUndefined(after) { continue }
                guard let new, old.overlaps(new) else {
                    let at = ["u", "v", "w", "x"].map { name in
                        let position = system.quantities.firstIndex { $0.name == name } ?? 0
                        return "\(name) = \(values[QuantityID(position)] ?? [])"
                    }
                    Issue.record(
                        """
                        \(expression) = \(old); \(SpecPrinter.text(of: after, in: system)) = \(new.map { "\($0)" } ?? "none"), \
                        at \(at.joined(separator: ", "))
                        """)
                    break
                }
                compared += 1
            }
        }
        #expect(compared > 10_000)
    }
}

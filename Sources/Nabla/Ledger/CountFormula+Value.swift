extension CountFormula {
    /// The number for known sizes.
    ///
    /// - Parameters:
    ///   - system: the system that the formula's names belong to, its sizes known.
    ///   - exampleCount: how many training examples there are.
    /// - Throws: ``EvaluationError`` where a size is not known.
    func value(in system: System, exampleCount: Int) throws -> Rational {
        try CountEvaluator(system, exampleCount).value(self, [:])
    }
}

/// Evaluates counts: sums that are no polynomials index by index.
private struct CountEvaluator {
    let graph: ExprGraph
    let arithmetic: SizeArithmetic
    let exampleCount: Int

    init(_ system: System, _ exampleCount: Int) {
        graph = system.graph
        arithmetic = SizeArithmetic(system)
        self.exampleCount = exampleCount
    }

    func value(_ formula: CountFormula, _ indices: [IndexID: Int]) throws -> Rational {
        var total = Rational(0)
        for term in formula.terms {
            var product = term.coefficient
            // Conditions first: where one does not hold, what it guards may have no value.
            for factor in term.factors.reversed() {
                if product.isZero { break }
                let atom = try value(factor.atom, indices)
                for _ in 0..<factor.exponent { product *= atom }
            }
            total += product
        }
        return total
    }

    private func value(_ atom: CountFormula.Atom, _ indices: [IndexID: Int]) throws -> Rational {
        switch atom {
        case .index(let index): return try known(indices[index])
        case .size(let size): return try known(arithmetic.value(Affine(.size(size)), in: graph))
        case .stagedSize(let size, let stage):
            return try known(arithmetic.value(stage, indices, in: graph).flatMap { arithmetic.stagedValue(size, $0) })
        case .examples: return Rational(exampleCount)
        case .larger(let left, let right): return max(try value(left, indices), try value(right, indices))
        case .holds(let condition): return try holds(condition, indices) ? 1 : 0
        case .sum(let index, let lower, let upper, let body):
            guard let first = arithmetic.value(lower, indices, in: graph),
                let end = arithmetic.value(upper, indices, in: graph)
            else { throw CountEvaluator.unknown }
            var total = Rational(0)
            var inner = indices
            var next = first
            while next < end {
                inner[index] = next
                total += try value(body, inner)
                next += 1
            }
            return total
        }
    }

    private func holds(_ condition: ExprID, _ indices: [IndexID: Int]) throws -> Bool {
        guard case .compare(let comparison, let left, let right) = graph.form(of: condition) else {
            throw CountEvaluator.unknown
        }
        let one = try side(left, indices)
        let two = try side(right, indices)
        switch comparison {
        case .less: return one < two
        case .lessOrEqual: return one <= two
        case .greater: return one > two
        case .greaterOrEqual: return one >= two
        case .equal: return one == two
        case .notEqual: return one != two
        }
    }

    private func side(_ id: ExprID, _ indices: [IndexID: Int]) throws -> Rational {
        switch graph.form(of: id) {
        case .integer(let affine): return try known(arithmetic.value(affine, indices, in: graph))
        case .number(let value, _): return value
        default: throw CountEvaluator.unknown
        }
    }

    private func known(_ value: Int?) throws -> Rational {
        guard let value else { throw CountEvaluator.unknown }
        return Rational(value)
    }

    private static let unknown = EvaluationError("a size is not known, so the operations cannot be counted")
}

/// What language.md offers, as far as the random specs count it.
enum Construct: String, CaseIterable, Sendable {
    case sum, prod, mean, max, min, logsumexp, severalIndices, nestedReduction, stageReduction
    case shift, stride, severalIndicesInComponent, diagonal, constantIndex, triangular, writtenRange
    case layers, raggedLayers, stepsForward, stepsBackward, skippingStages, twoStages, sharedParameters
    case parameterAtStageShift, inputAtNextStep, piecesOverStages, piecesOverElements
    case numericCondition, indexCondition, kronecker, padding, argmax, argmin, logicalOperators, untakenBranch
    case userFunction, nestedUserFunctions, userFunctionOfSeveralArguments
    case symbolicSize, formulaSize, constTable, runTimeConst, distribution, softmaxCrossEntropy
    case meanOverExamples, sumOverExamples, penalty, costOfOneExample, costWithoutData, batchStatistic
    case power, negativeExponent, variableExponent, quotient, negation, piConstant, fraction, exponentLiteral
    case indexAsNumber, sizeAsNumber, zeroFactor
}

/// A generated spec with values for everything that it declares.
struct RandomSpec: Sendable {
    /// Values of one declared name.
    struct Values: Sendable {
        var name: String
        /// Numbers as JSON, or one JSON text for each example.
        var json: [String]
        var isData: Bool
    }

    var seed: UInt64
    var statements: [SpecStatement]
    var values: [Values]
    var exampleCount: Int
    var constructs: Set<Construct>
    var functions: Set<String>

    /// The spec, as a file holds it.
    var text: String { statements.map { $0.text + "\n" }.joined() }

    /// The values, as cli.md writes them, of what the statements declare.
    var json: String {
        let declared = Set(statements.flatMap(\.declares))
        let here = values.filter { declared.contains($0.name) }
        var entries = here.filter { !$0.isData }.map { "\"\($0.name)\": \($0.json[0])" }
        let data = here.filter(\.isData)
        if !data.isEmpty {
            let examples = (0..<exampleCount).map { example in
                "{" + data.map { "\"\($0.name)\": \($0.json[example])" }.joined(separator: ", ") + "}"
            }
            entries.append("\"examples\": [\(examples.joined(separator: ", "))]")
        }
        return "{" + entries.joined(separator: ", ") + "}"
    }
}

extension RandomSpec {
    /// The smallest spec that the shrinker finds for which the predicate still holds.
    func shrunk(while stillFails: (RandomSpec) -> Bool) -> RandomSpec {
        var best = self
        var attempts = 0
        var improved = true
        while improved && attempts < 2_000 {
            improved = false
            for candidate in best.smaller() {
                attempts += 1
                if attempts >= 2_000 { break }
                if stillFails(candidate) {
                    best = candidate
                    improved = true
                    break
                }
            }
        }
        return best
    }

    /// Specs with one thing less: a statement, an expression replaced by a part of it or by a number.
    private func smaller() -> [RandomSpec] {
        var result: [RandomSpec] = []
        for position in statements.indices.reversed() {
            var candidate = self
            candidate.statements.remove(at: position)
            result.append(candidate)
        }
        for position in statements.indices {
            guard let body = statements[position].body else { continue }
            for smaller in body.smaller() {
                var candidate = self
                candidate.statements[position].body = smaller
                result.append(candidate)
            }
        }
        return result
    }
}

extension SpecExpression {
    /// This expression with one hole, at any depth, filled with less; large cuts first.
    func smaller() -> [SpecExpression] {
        var result: [SpecExpression] = []
        if !isCondition {
            for hole in holes where !hole.content.isCondition { result.append(hole.content) }
            if weight > 1 { result += [SpecExpression("1"), SpecExpression("0.5")] }
        }
        for position in holes.indices {
            for smaller in holes[position].content.smaller() {
                var copy = self
                copy.holes[position].content = smaller
                result.append(copy)
            }
        }
        return result
    }
}

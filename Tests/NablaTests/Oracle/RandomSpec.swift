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
    case bidirectional, longShortTermMemory, skippedPieces, dependentRange, nestedBounds, extremumOfSeveral, scatter
    case indexedStatistic, edgeValue, negatedCondition, shadowedFunction, sizeOne
    case wrtInput, wrtIntermediate, ofOtherCost, secondDerivative
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
    /// As `--wrt`; empty for all parameters.
    var wrt: [String] = []
    /// As `--of`; nil for the last cost.
    var of: String?
    /// Which entry of the gradient is derived again; nil for none.
    var second: Int?

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

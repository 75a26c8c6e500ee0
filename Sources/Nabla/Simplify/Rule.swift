/// The rules by which the simplifier rewrites, by the names that derivations print.
public enum Rule: String, Sendable, CaseIterable {
    case arithmetic = "arithmetic with exact numbers"
    case likeTerms = "collect like terms"
    case likePowers = "collect like powers"
    case zeroProduct = "a factor 0 makes the product 0"
    case sign = "move the sign"
    case quotient = "a quotient is a product with a power of −1"
    case distribute = "multiply out where factors cancel"
    case powerOfPower = "power of a power"
    case powerOfProduct = "power of a product"
    case squareOfRoot = "square of a square root"
    case functionValue = "known value of a function"
    case inverseFunctions = "a function and its inverse"
    case reciprocalOfExponential = "1/e^u is e^(−u)"
    case exponentials = "product of exponentials"
    case logistic = "logistic function"
    case hyperbolicTangent = "hyperbolic tangent"
    case logOfProduct = "log of a product"
    case logSigmoid = "log of the logistic function"
    case softplus = "log of 1 plus an exponential"
    case logSumExp = "log of a sum of exponentials"
    case softmax = "quotient of exponentials"
    case shift = "a term that logsumexp does not bind comes out"
    case definition = "a definition put in"
    case functionDerivative = "derivative from the table of functions"
    case userFunctionDerivative = "derivative of a defined function"
    case forwardValue = "a value that the forward pass already has"
    case knownCondition = "a condition that always or never holds"
    case sameBranches = "both branches agree"
    case mergeBranches = "branches under one condition"
    case guardProduct = "a product under a condition"
    case emptyRange = "an empty range"
    case singleTerm = "a range of one value"
    case constantTerms = "equal terms add up to a multiple"
    case linearity = "a sum of sums is a sum of its parts"
    case factorOut = "what the sum does not bind comes out"
    case separate = "a sum of independent products"
    case kroneckerDelta = "the sum keeps the term that the Kronecker delta selects"
    case guardedRange = "a condition on the index bounds its range"
    case distribution = "a distribution sums to 1"
    case nestedSums = "nested sums"
    case mean = "a mean is a sum over its count"

    /// The rules that keep exponentials from overflowing: where one of them applies to an equation, the derivation says so.
    ///
    /// Their names stand in prose, so that they are words. Each has a bit below.
    static let againstOverflow: [Rule] = [
        .definition, .logOfProduct, .logSumExp, .softplus, .logSigmoid, .softmax, .exponentials, .logistic,
        .hyperbolicTangent,
    ]

    /// A bit for each rule against overflow; 0 for the others.
    var overflowBit: UInt64 {
        switch self {
        case .definition: 1
        case .logOfProduct: 2
        case .logSumExp: 4
        case .softplus: 8
        case .logSigmoid: 16
        case .softmax: 32
        case .exponentials: 64
        case .logistic: 128
        case .hyperbolicTangent: 256
        default: 0
        }
    }
}

@testable import Nabla

/// Expressions on which one rule fires.
struct RuleCase: Sendable, CustomStringConvertible {
    let rule: Rule
    let expression: String
    /// Rules without which this one does not apply.
    let along: [Rule]

    init(_ rule: Rule, _ expression: String, along: [Rule] = []) {
        self.rule = rule
        self.expression = expression
        self.along = along
    }

    var description: String { "\(rule): \(expression)" }

    /// What the expressions are about. `e` and `a` are the quantities with definitions; `t` sums to 1.
    static let declarations = """
        size N = 3
        param u, v, w, x[N], y[N], A[N,N]
        input t[N] distribution
        func cube(s) = s * s * s
        e = exp(u)
        a = sigmoid(v)

        """

    static let all: [RuleCase] = [
        RuleCase(.arithmetic, "1/3 + u + 2/3", along: [.quotient]),
        RuleCase(.arithmetic, "2 + u + 3"), RuleCase(.arithmetic, "0.1 * u * 3"),
        RuleCase(.arithmetic, "u + 2^3"), RuleCase(.arithmetic, "u * (1/4)^0.5", along: [.quotient]),
        RuleCase(.likeTerms, "u + v + u"), RuleCase(.likeTerms, "2*u*v - 3*v*u"),
        RuleCase(.likePowers, "u * v * u"), RuleCase(.likePowers, "u^2 * u^-3 * v"),
        RuleCase(.likePowers, "u^0.5 * u^0.5"), RuleCase(.likePowers, "u * u^-1"),
        RuleCase(.zeroProduct, "0 * u"), RuleCase(.zeroProduct, "0 * exp(u) * log(v)"),
        RuleCase(.sign, "-(v - u)"), RuleCase(.sign, "-(u - v + w)"),
        RuleCase(.quotient, "u / v"), RuleCase(.quotient, "u / (v + w)"),
        RuleCase(.distribute, "u * (v * u^-1 + w * u^-1)", along: [.likePowers]),
        RuleCase(.powerOfPower, "(u^2)^3"), RuleCase(.powerOfPower, "(u^0.5)^2"),
        RuleCase(.powerOfPower, "(u^1.5)^0.5"), RuleCase(.powerOfPower, "(u^-1)^-1"),
        RuleCase(.powerOfPower, "(u^2.5)^3"), RuleCase(.powerOfPower, "(u^-0.5)^-2"),
        RuleCase(.powerOfProduct, "(u*v)^3"), RuleCase(.powerOfProduct, "(u*v*w)^-2"),
        RuleCase(.squareOfRoot, "sqrt(u)^2"), RuleCase(.squareOfRoot, "sqrt(u + v)^-4"),
        RuleCase(.functionValue, "u + sqrt(4)"), RuleCase(.functionValue, "u * sigmoid(0) + exp(0)"),
        RuleCase(.inverseFunctions, "exp(log(u))"), RuleCase(.inverseFunctions, "log(exp(u))"),
        RuleCase(.reciprocalOfExponential, "exp(u)^-1"),
        RuleCase(.exponentials, "exp(u) * exp(-u)", along: [.likeTerms, .functionValue]),
        RuleCase(.exponentials, "exp(u + v) * exp(w - u) * v", along: [.likeTerms]),
        RuleCase(.exponentials, "exp(u)^2 * exp(-v)"),
        RuleCase(.logistic, "(1 + exp(u))^-1"), RuleCase(.logistic, "(exp(-u) + 1)^-2"),
        RuleCase(.logistic, "sigmoid(u) * exp(-u) * v", along: [.likeTerms]),
        RuleCase(.logistic, "sigmoid(-v)^3 * exp(v)^2", along: [.likeTerms]),
        RuleCase(.logistic, "exp(u - softplus(u))"), RuleCase(.logistic, "exp(-softplus(u))"),
        RuleCase(.logistic, "exp(u) * (exp(u) + exp(v))^-1", along: [.logSumExp]),
        RuleCase(.logistic, "(1 - sigmoid(u)) * exp(u)", along: [.likeTerms]),
        RuleCase(.hyperbolicTangent, "(exp(u) - exp(v)) * (exp(u) + exp(v))^-1"),
        RuleCase(.hyperbolicTangent, "(exp(2*u) - 1) * sigmoid(-2*u)", along: [.arithmetic]),
        RuleCase(.hyperbolicTangent, "(1 - exp(2*u)) * sigmoid(-2*u)", along: [.arithmetic]),
        RuleCase(.hyperbolicTangent, "sinh(u) * cosh(u)^-1"),
        RuleCase(.logOfProduct, "log(u * exp(v))", along: [.inverseFunctions]),
        RuleCase(.logOfProduct, "log(prod(i: exp(x[i])))"),
        RuleCase(.logSigmoid, "log(sigmoid(u))"), RuleCase(.logSigmoid, "log(1 - sigmoid(u))"),
        RuleCase(.softplus, "log(1 + exp(u))"), RuleCase(.softplus, "log1p(exp(u))"),
        RuleCase(.logSumExp, "log(exp(u) + exp(v))"), RuleCase(.logSumExp, "log(sum(i: exp(x[i])))"),
        RuleCase(.logSumExp, "log(exp(u) + sum(i: exp(x[i])))"),
        RuleCase(.logSumExp, "log(cosh(u))", along: [.likeTerms]),
        RuleCase(.logSumExp, "log(2 + exp(u))"),
        RuleCase(.softmax, "exp(u) * sum(i: exp(x[i]))^-1", along: [.logSumExp]),
        RuleCase(.softmax, "exp(u) * (exp(v) + exp(w))^-2", along: [.logSumExp]),
        RuleCase(.shift, "logsumexp(i: x[i] + u)"), RuleCase(.shift, "logsumexp(i: u + x[i] - v)"),
        RuleCase(.definition, "log(e)"), RuleCase(.definition, "log(a)"),
        RuleCase(.functionDerivative, "sin'(u)"),
        RuleCase(.userFunctionDerivative, "cube'(u)", along: [.likePowers, .likeTerms]),
        RuleCase(.forwardValue, "sigmoid(v) * w"), RuleCase(.forwardValue, "sigmoid(-v) * w"),
        RuleCase(.knownCondition, "(1 < 2 ? u : v)"), RuleCase(.knownCondition, "(N >= 1 ? u : log(v))"),
        RuleCase(.sameBranches, "(u > 0 ? v : v)"),
        RuleCase(.sameBranches, "(u > 0 ? 1 - sigmoid(v) : sigmoid(-v))"),
        RuleCase(.mergeBranches, "(u > 0 ? v : 0) + (u > 0 ? w : 0)"),
        RuleCase(.mergeBranches, "(u > 0 ? log(u) : 0) + (!(u > 0) ? w : 0)"),
        RuleCase(.guardProduct, "(u > 0 ? log(u) : 0) * w"), RuleCase(.guardProduct, "(u > 0 ? log(u) : 0)^2"),
        RuleCase(.emptyRange, "sum(i in 0..<0: u*i)"),
        RuleCase(.singleTerm, "sum(i in 1..<2: x[i])"),
        RuleCase(.constantTerms, "sum(i in 0..<N: u)"),
        RuleCase(.linearity, "sum(i: x[i] + u)", along: [.constantTerms]),
        RuleCase(.linearity, "sum(i, j: x[i] + A[i,j])", along: [.constantTerms, .factorOut]),
        RuleCase(.factorOut, "sum(i: u*x[i])"),
        RuleCase(.factorOut, "sum(i: x[i]*(u > 0 ? v : 0))", along: [.guardProduct, .knownCondition]),
        RuleCase(.separate, "sum(i, j: x[i]*y[j])"),
        RuleCase(.kroneckerDelta, "sum(i, j: (i == j ? A[i,j] : 0))", along: [.knownCondition]),
        RuleCase(.guardedRange, "sum(i: (i >= 1 ? x[i] : 0))", along: [.knownCondition]),
        RuleCase(.distribution, "sum(k: t[k])"), RuleCase(.distribution, "sum(k: t[k]) * u"),
        RuleCase(.nestedSums, "sum(i: sum(j: A[i,j]))"),
        RuleCase(.mean, "mean(i: x[i])"), RuleCase(.mean, "mean(i, j: A[i,j])", along: [.likePowers, .powerOfPower]),
    ]
}

import Testing

@testable import Nabla

/// Constructs of the language by themselves, each against numeric derivatives, as derived, as read back, and through all printers.
@Suite struct ConstructTests {
    /// Compares a spec's gradient and that of its derived spec, which must say the same.
    private static func check(_ text: String) throws {
        var printed = text
        for round in 0..<2 {
            var spec = Spec(SourceText(name: "Construct.nabla", text: printed))
            let renderer = DiagnosticRenderer(source: spec.source)
            try #require(spec.isValid, "\(spec.diagnostics.map { renderer.text($0) }.joined())")
            let original = spec.system
            let derived = try spec.derive()
            for seed in UInt64(1)...2 {
                let report = try GradientCheck.run(original, derived, seed: seed)
                #expect(
                    report.passes,
                    "round \(round), \(report.place): derived \(report.derived), numeric \(report.numeric)\n\(printed)")
                #expect(report.entries > 0)
            }
            #expect(!LaTeXPrinter.text(of: derived).isEmpty)
            #expect(!(try SwiftPrinter.text(of: derived)).isEmpty)
            printed = SpecPrinter.text(of: derived.system)
        }
    }

    private static let grid = """
        size T = 3
        size L = 2
        step t in 1...T
        layer l in 1...L
        param w(l)

        """

    /// Base cases at both edges of a grid: the corner belongs to one of them, has its own equation, or is not defined and not used.
    @Test(arguments: [
        "h(t,0) = 1/t\nh(0,l) = 0\nh(t,l) = sin(w(l)*h(t,l-1) + h(t-1,l))\ncost C = h(T,L)",
        "h(0,l) = 0\nh(t,0) = 1/t\nh(t,l) = sin(w(l)*h(t,l-1) + h(t-1,l))\ncost C = h(T,L)",
        "h(t,0) = 1\nh(0,l) = w(l)\nh(0,0) = 4\nh(t,l) = sin(w(l)*h(t,l-1) + h(t-1,l) + h(t-1,l-1))\ncost C = h(T,L)",
        "h(t in 0...T,0) = 1\nh(0,l) = w(l)\nh(t,l) = sin(w(l)*h(t,l-1) + h(t-1,l) + h(t-1,l-1))\ncost C = h(T,L)",
        "h(t,0) = 1\nh(0,l in 0...L) = 2\nh(t,l) = sin(w(l)*h(t,l-1) + h(t-1,l)*h(t-1,l-1))\ncost C = h(T,L)",
        "h(t,0) = t\nh(t,L+1) = 2\nh(0,l) = w(l)\nh(t,l) = sin(w(l)*h(t,l-1) + h(t-1,l))\ncost C = h(T,L)*h(1,L+1)",
    ]) func cornersOfAGrid(_ equations: String) throws {
        try Self.check(Self.grid + equations)
        let symbolic = Self.grid.replacing("size T = 3\nsize L = 2", with: "size T\nsize L")
        try Self.check(symbolic + equations)
    }

    /// Where the corner is read, it must be defined.
    @Test func anUndefinedCornerIsFound() throws {
        let text =
            Self.grid
            + "h(t,0) = 1\nh(0,l) = 0\nh(t,l) = sin(w(l)*h(t,l-1) + h(t-1,l) + h(t-1,l-1))\ncost C = h(T,L)"
        #expect(!Spec(SourceText(name: "corner.nabla", text: text)).isValid)
    }

    /// Statistics of the examples, with indices, of which the cost takes a nonlinear function.
    @Test(arguments: [
        "mu[j] = mean(examples: z[j])\ncost C = sum(j: mu[j]^2)",
        "mu[j] = mean(examples: z[j])\nsq[j] = mean(examples: z[j]^2)\ncost C = sum(j: (sq[j] - mu[j]^2)*mu[j]) + mean(examples: z[0]*v[0])",
        "c[i,j] = mean(examples: z[i]*z[j])\ncost C = sum(i, j: (i != j ? c[i,j]^2 : (c[i,j] - 1)^2))",
        "cost C = sum(j: sum(examples: z[j])^2) + log(1 + sum(examples: v[0]*x[1])^2)",
        "cost C = sum(j: v[j]*mean(examples: sin(x[j]*v[j])))",
        "mu[j] = mean(examples: sin(x[j]*v[j]))\ncost C = exp(v[0])*sum(j: v[j]^2*mu[j]) + v[1]*mean(examples: z[0])",
        "mu[j] = mean(examples: z[j])\nm = mean(j: mu[j])\ncost C = sqrt(1 + m^2) * prod(j: 1 + mu[j]^2)",
        "mu[j] = mean(examples: z[j])\ncost C = max(j: mu[j]) + logsumexp(j: 3*mu[j])",
        "step t in 1...2\nh(0) = 0\nh(t) = tanh(v[0]*h(t-1) + x[0]*v[1])\nm(t) = mean(examples: h(t))\ncost C = sum(t: m(t)^2)",
        "step t in 1...2\nh(0)[i] = z[i]\nh(t)[i] = tanh(v[i]*h(t-1)[i])\nm(t)[i] = mean(examples: h(t)[i])\ncost C = sum(t, i: m(t)[i]^3)",
    ]) func statisticsOfTheExamples(_ equations: String) throws {
        try Self.check(
            "size N = 2\ninput x[N]\nparam v[N], w[N,N]\nz[j] = tanh(sum(k: w[j,k]*x[k]) + v[j])\n" + equations)
    }

    /// Names of the language's functions that a spec gives to something else: the derivative still means the function.
    @Test(arguments: [
        "size N = 2\nparam cosh, x[N]\ncost C = sum(i: sinh(x[i])) * cosh^2",
        "param cos, exp, x\nfunc heaviside(u) = u^2\ncost C = sin(x)*cos + relu(x)*exp + heaviside(x) + expm1(x)",
        "param pi, x\nfunc sqrt(u) = u*3\ncost C = erf(x)*pi + sqrt(x) + gelu(x)",
        "size log = 3\nparam x, v\ncost C = (1 + x^2)^v * log",
        "param x\nfunc f(pi) = erf(pi) * \\pi\ncost C = f(x) + \\cosh(x)",
        "param x[2]\nfunc sign(u) = 3*u\ncost C = sum(i: abs(x[i]) + sign(x[i]))",
    ]) func shadowedFunctions(_ text: String) throws { try Self.check(text) }

    /// Bounds in terms of outer indices, in products too, whose derivative takes all factors but one.
    @Test(arguments: [
        "n[i] = prod(j in i..<N: x[j]*y[i])\ncost C = sum(i: n[i])",
        "n[i] = prod(j in 0...i: y[i]*sum(k in 0...j: x[k]))\ncost C = sum(i: n[i])",
        "n[i in 0..<N] = prod(j in i..<N, k in j..<N: 1 + x[j]*y[k])\ncost C = sum(i: n[i]^2)",
        "n[i in 0..<N] = max(j in 0...i: y[j]*sum(k in j..<N: x[k]^2))\ncost C = sum(i: n[i])",
        "n[i] = prod(j in i..<N: y[0] + sum(k in j..<N: y[0]*x[i]))\ncost C = sum(i: n[i])",
        "cost C = sum(i in 0..<N, j in 0..<i, k in j...i: x[i]*y[j]*x[k])",
        "cost C = logsumexp(i in 0..<N, j in 0...i: x[i]*y[j]) + max(i in 0..<N, j in i..<N: x[j] - y[i])",
        "p[i in 0..<N, j in 0..<i] = x[i]*y[j]\ncost C = sum(i in 0..<N, j in 0..<i: p[i,j]^2)",
        "cost C = sum(i in 0..<N: mean(j in i..<N: x[j]*prod(k in i...j: 1 + y[k])))",
    ]) func dependentBounds(_ equations: String) throws {
        try Self.check("size N = 3\nparam x[N], y[N]\n" + equations)
        try Self.check("size N\nparam x[N], y[N]\n" + equations)
    }

    /// A deep network over time and layers whose second derivative is a recurrence with sums that only some stages have.
    @Test func secondDerivativeOfARecurrenceOverAGrid() throws {
        let text = """
            size M = 2
            size T = 2
            size L = 2
            step t in 1...T
            layer l in 1...L
            param w(l)[M,M], u(l)[M,M]
            h(t,0)[i] = 1
            h(0,l)[i in 0..<M] = 1
            f(t,l)[i] = sigmoid(sum(j: w(l)[i,j]*h(t,l-1)[j]) + sum(j: u(l)[i,j]*h(t-1,l)[j]))
            g(t,l)[i] = tanh(sum(j: u(l)[j,i]*h(t,l-1)[j]))
            h(t,l)[i] = (1 - f(t,l)[i])*g(t,l)[i]
            cost C = sum(i: h(T,L)[i])
            """
        var once = Spec(SourceText(name: "grid.nabla", text: text))
        let printed = SpecPrinter.text(of: try once.derive().system)
        var twice = Spec(SourceText(name: "grid.nabla", text: printed))
        let original = twice.system
        for component in ["dC_dw(1)[0,0]", "dC_du(2)[1,0]"] {
            let second = try twice.derive(of: component)
            #expect(try GradientCheck.run(original, second, seed: 1).passes, "\(component)")
        }
    }

    /// One element picked by an argmax: right, and in one loop, not one in another.
    @Test func pickingOneElementIsLinear() throws {
        let text =
            "size N\nparam e[N], g[N]\ncost C = sum(i: (argmax(k: e[k]) == i ? g[i]*e[i] : 0))"
        try Self.check(text)
        let count = 20_000
        let e = (0..<count).map { Double(($0 * 7919) % count) / 100 }
        let g = (0..<count).map { Double($0) }
        let place = try #require(e.firstIndex(of: e.max() ?? 0))
        let picked = try SpecEvaluation(text, at: #"{"N": \#(count), "e": \#(e), "g": \#(g)}"#)
        #expect(picked.cost == g[place] * e[place])
        #expect(try picked.entries("g").enumerated().allSatisfy { $1 == ($0 == place ? e[place] : 0) })
        #expect(try picked.entries("e").enumerated().allSatisfy { $1 == ($0 == place ? g[place] : 0) })
    }
}

@testable import Nabla

/// The digit network of language.md and its derivatives, built by hand: what the printers are tested on without the
/// rest of the pipeline.
struct SeedNetwork {
    var derived: DerivedSystem
    var system: System { derived.system }

    init() {
        var s = System(name: "Digits")
        s.documentation = "The digit network: two hidden layers of 16 neurons."

        // Sizes and the layer index.
        let three = s.graph.makeNumber(3, literal: "3")
        s.sizes.append(Size(name: "L", definition: .formula(three)))
        s.sizes[0].value = 3
        let lastLayer = SizeID(0)
        let widths = SizeID(1)
        let values = [784, 16, 16, 10]
        let formulas = values.map { s.graph.makeNumber(Rational($0), literal: "\($0)") }
        s.sizes.append(Size(name: "n", definition: .table(formulas)))
        func affine(_ value: Affine) -> AffineID { s.graph.affine(value) }
        let zero = affine(Affine(0))
        let one = affine(Affine(1))
        let lastStage = affine(Affine(.size(lastLayer)))
        let pastL = affine(Affine(.size(lastLayer)).offset(by: 1)!)
        s.sizes[1].stageRange = (zero, pastL)
        s.sizes[1].values = values
        s.stages = [Stage(name: "l", kind: .layer, lower: one, upper: pastL)]
        func n(_ stage: AffineID) -> AffineID { affine(Affine(.stagedSize(widths, stage))) }
        func index(_ name: String, _ kind: IndexKind = .element) -> IndexID { s.graph.makeIndex(name, kind) }
        func of(_ index: IndexID, _ offset: Int = 0) -> AffineID { affine(Affine(.index(index)).offset(by: offset)!) }

        func layerAxis(_ l: IndexID) -> Axis { Axis(index: l, lower: one, upper: pastL) }
        func point(_ at: AffineID, _ kind: IndexKind) -> Axis {
            Axis(index: index("_", kind), lower: at, upper: affine(s.graph[at].offset(by: 1)!), isPoint: true)
        }
        func element(_ i: IndexID, _ size: AffineID) -> Axis { Axis(index: i, lower: zero, upper: size) }

        func declare(_ name: String, _ role: Role, _ stageCount: Int, _ domains: [[Axis]]) -> QuantityID {
            s.quantities.append(Quantity(name: name, role: role, stageCount: stageCount, domains: domains))
            return QuantityID(s.quantities.count - 1)
        }
        let x = declare("x", .input, 0, [[element(index("x0"), n(zero))]])
        let y = declare("y", .target, 0, [[element(index("y0"), n(lastStage))]])
        let wl = index("l", .layer)
        let w = declare(
            "w", .parameter, 1,
            [[layerAxis(wl), element(index("w0"), n(of(wl))), element(index("w1"), n(of(wl, -1)))]])
        let bl = index("l", .layer)
        let b = declare("b", .parameter, 1, [[layerAxis(bl), element(index("b0"), n(of(bl)))]])
        s.statements = [
            .size(lastLayer), .size(widths), .stage(0), .declaration([x]), .declaration([y]), .declaration([w, b]),
        ]
        let a = declare("a", .computed, 1, [])
        let z = declare("z", .computed, 1, [])
        let c0 = declare("C0", .computed, 0, [[]])
        let c = declare("C", .computed, 0, [[]])

        func define(_ quantity: QuantityID, _ axes: [Axis], _ body: ExprID, _ documentation: String = "") {
            var equation = Equation(quantity: quantity, axes: axes, body: body)
            equation.documentation = documentation
            s.statements.append(.equation(s.equations.count))
            s.equations.append(equation)
            if !axes.isEmpty { s[quantity].domains.append(axes) }
        }
        func read(_ quantity: QuantityID, _ indices: AffineID...) -> ExprID { s.graph.makeAccess(quantity, indices) }
        func sigmoid(_ u: ExprID) -> ExprID { s.graph.makeCall(.standard(.sigmoid), [u]) }

        // a(0)[k] = x[k]
        let k0 = index("k")
        define(a, [point(zero, .layer), element(k0, n(zero))], read(x, of(k0)))
        // z(l)[j] = sum(k: w(l)[j,k] * a(l-1)[k]) + b(l)[j]
        let l = index("l", .layer)
        let j = index("j")
        let k = index("k")
        let product = s.graph.makeProduct([read(w, of(l), of(j), of(k)), read(a, of(l, -1), of(k))])
        let weighted = s.graph.makeReduction(.sum, [Binder(index: k, lower: zero, upper: n(of(l, -1)))], product)
        define(
            z, [layerAxis(l), element(j, n(of(l)))], s.graph.makeSum([weighted, read(b, of(l), of(j))]),
            "The weighted sum.")
        // a(l)[j] = sigmoid(z(l)[j])
        let la = index("l", .layer)
        let ja = index("j")
        define(a, [layerAxis(la), element(ja, n(of(la)))], sigmoid(read(z, of(la), of(ja))))
        // cost C0 = sum(j: (a(L)[j] - y[j])^2)
        let js = index("j")
        let difference = s.graph.makeSum([read(a, lastStage, of(js)), s.graph.makeNegation(read(y, of(js)))])
        let square = s.graph.makePower(difference, s.graph.makeNumber(2, literal: "2"))
        define(c0, [], s.graph.makeReduction(.sum, [Binder(index: js, lower: zero, upper: n(lastStage))], square))
        // cost C = mean(examples: C0)
        define(c, [], s.graph.makeReductionOverExamples(.mean, read(c0)))
        s.costs = [c0, c]
        for id in [x, y, a, z, c0] { s[id].dependsOnExamples = true }

        // The adjoints, from the cost backwards.
        var derivation = Derivation()
        let costAccess = read(c)
        func adjoint(_ name: String, of quantity: QuantityID, _ stageCount: Int) -> QuantityID {
            let id = declare(name, .derivative, stageCount, stageCount == 0 ? [[]] : [])
            s[id].derivative = (of: costAccess, wrt: quantity)
            return id
        }
        let dC0 = adjoint("dC_dC0", of: c0, 0)
        let da = adjoint("dC_da", of: a, 1)
        let dz = adjoint("dC_dz", of: z, 1)
        let dw = adjoint("dC_dw", of: w, 1)
        let db = adjoint("dC_db", of: b, 1)
        func step(
            _ adjoint: QuantityID, _ quantity: QuantityID, _ axes: [Axis], _ result: ExprID,
            _ contributions: [Contribution]
        ) {
            derivation.steps.append(
                AdjointStep(
                    adjoint: adjoint, quantity: quantity, equation: s.equations.count, axes: axes,
                    contributions: contributions, raw: result, result: result, rules: []))
            define(adjoint, axes, result)
        }
        func prime(_ u: ExprID) -> ExprID { s.graph.makeDerivativeCall(.standard(.sigmoid), positions: [0], [u]) }
        let oneExpr = s.graph.makeNumber(1)
        // dC_dC0 = mean over examples: each example's cost has the weight 1 (the 1/m stays in the reduction).
        step(
            dC0, c0, [], oneExpr,
            [
                Contribution(
                    through: c, indices: [], binders: [], guards: [], local: oneExpr, localResult: oneExpr,
                    adjoint: oneExpr, overExamples: .mean)
            ])
        // dC_da(L)[j] = 2*(a(L)[j] - y[j])
        let jl = index("j")
        let minusY = s.graph.makeProduct([s.graph.makeNumber(-1), read(y, of(jl))])
        let last = s.graph.makeProduct([s.graph.makeNumber(2), s.graph.makeSum([read(a, lastStage, of(jl)), minusY])])
        step(
            da, a, [point(lastStage, .layer), element(jl, n(lastStage))], last,
            [
                Contribution(
                    through: c0, indices: [], binders: [], guards: [], local: last, localResult: last,
                    adjoint: read(dC0), overExamples: nil)
            ])
        // dC_da(l in 1..<L)[k] = sum(j: w(l+1)[j,k] * dC_dz(l+1)[j])
        let lg = index("l", .layer)
        let kg = index("k")
        let jg = index("j")
        let weight = read(w, of(lg, 1), of(jg), of(kg))
        let through = read(dz, of(lg, 1), of(jg))
        let paths = s.graph.makeReduction(
            .sum, [Binder(index: jg, lower: zero, upper: n(of(lg, 1)))], s.graph.makeProduct([weight, through]))
        step(
            da, a, [Axis(index: lg, lower: one, upper: lastStage), element(kg, n(of(lg)))], paths,
            [
                Contribution(
                    through: z, indices: [of(lg, 1), of(jg)],
                    binders: [Binder(index: jg, lower: zero, upper: n(of(lg, 1)))], guards: [], local: weight,
                    localResult: weight, adjoint: through, overExamples: nil)
            ])
        // dC_dz(l)[j] = a(l)[j] * (1 - a(l)[j]) * dC_da(l)[j]
        let lz = index("l", .layer)
        let jz = index("j")
        let activation = read(a, of(lz), of(jz))
        let complement = s.graph.makeSum([oneExpr, s.graph.makeProduct([s.graph.makeNumber(-1), activation])])
        let slope = s.graph.makeProduct([activation, complement])
        let next = read(da, of(lz), of(jz))
        step(
            dz, z, [layerAxis(lz), element(jz, n(of(lz)))], s.graph.makeProduct([activation, complement, next]),
            [
                Contribution(
                    through: a, indices: [of(lz), of(jz)], binders: [], guards: [],
                    local: prime(read(z, of(lz), of(jz))), localResult: slope, adjoint: next, overExamples: nil)
            ])
        // dC_dw(l)[j,k] = mean(examples: a(l-1)[k] * dC_dz(l)[j])
        let lw = index("l", .layer)
        let jw = index("j")
        let kw = index("k")
        let source = read(a, of(lw, -1), of(kw))
        let error = read(dz, of(lw), of(jw))
        step(
            dw, w, [layerAxis(lw), element(jw, n(of(lw))), element(kw, n(of(lw, -1)))],
            s.graph.makeReductionOverExamples(.mean, s.graph.makeProduct([source, error])),
            [
                Contribution(
                    through: z, indices: [of(lw), of(jw)], binders: [], guards: [], local: source,
                    localResult: source, adjoint: error, overExamples: .mean)
            ])
        // dC_db(l)[j] = mean(examples: dC_dz(l)[j])
        let lb = index("l", .layer)
        let jb = index("j")
        let bias = read(dz, of(lb), of(jb))
        step(
            db, b, [layerAxis(lb), element(jb, n(of(lb)))], s.graph.makeReductionOverExamples(.mean, bias),
            [
                Contribution(
                    through: z, indices: [of(lb), of(jb)], binders: [], guards: [], local: oneExpr,
                    localResult: oneExpr, adjoint: bias, overExamples: .mean)
            ])
        for id in [da, dz] { s[id].dependsOnExamples = true }
        derived = DerivedSystem(
            system: s, cost: costAccess, gradient: [(wrt: w, derivative: dw), (wrt: b, derivative: db)],
            derivation: derivation)
    }
}

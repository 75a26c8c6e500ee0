@testable import Nabla

/// The digit network of language.md and its derivatives, built by hand: what the printers are tested on without the
/// rest of the pipeline.
struct SeedNetwork {
    /// As the resolver would give it.
    var system: System
    var derived: DerivedSystem

    init() throws {
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

        system = s
        derived = try Differentiator.derive(s, of: (c, []), wrt: [w, b])
    }
}

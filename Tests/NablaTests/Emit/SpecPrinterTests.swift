import Testing

@testable import Nabla

@Suite struct SpecPrinterTests {
    @Test func digits() throws {
        #expect(
            SpecPrinter.text(of: try SeedNetwork().derived.system) == """
                /// The digit network: two hidden layers of 16 neurons.
                network Digits

                size L = 3
                size n(0...L) = [784, 16, 16, 10]
                layer l in 1...L

                input x[n(0)]
                target y[n(L)]
                param w(l)[n(l), n(l-1)], b(l)[n(l)]

                a(0)[k] = x[k]

                /// The weighted sum.
                z(l)[j] = sum(k: w(l)[j,k] * a(l-1)[k]) + b(l)[j]
                a(l)[j] = sigmoid(z(l)[j])
                cost C0 = sum(j: (a(L)[j] - y[j])^2)
                cost C = mean(examples: C0)

                derivative dC0_da(L)[j] of C0 wrt a = 2*(a(L)[j] - y[j])
                derivative dC0_da(l in 1..<L)[k] of C0 wrt a = sum(j: w(l+1)[j,k] * dC0_dz(l+1)[j])
                derivative dC0_dz(l)[j] of C0 wrt z = a(l)[j] * (1 - a(l)[j]) * dC0_da(l)[j]
                derivative dC0_dw(l)[j,k] of C0 wrt w = a(l-1)[k] * dC0_dz(l)[j]
                derivative dC0_db(l)[j] of C0 wrt b = dC0_dz(l)[j]
                derivative dC_dw(l)[j,k] of C wrt w = mean(examples: dC0_dw(l)[j,k])
                derivative dC_db(l)[j] of C wrt b = mean(examples: dC0_db(l)[j])

                """)
    }

    /// A system with scalars u, v, a vector x over [N], and an expression made from them.
    private final class Small {
        var system = System(name: "Small")
        let u: ExprID
        let v: ExprID
        let vector = QuantityID(2)
        let zero: AffineID
        let size: AffineID

        init() {
            system.sizes = [Size(name: "N", definition: .symbolic)]
            zero = system.graph.affine(Affine(0))
            size = system.graph.affine(Affine(.size(SizeID(0))))
            let index = system.graph.makeIndex("i", .element)
            system.quantities = [
                Quantity(name: "u", role: .parameter, stageCount: 0, domains: [[]]),
                Quantity(name: "v", role: .parameter, stageCount: 0, domains: [[]]),
                Quantity(
                    name: "x", role: .input, stageCount: 0, domains: [[Axis(index: index, lower: zero, upper: size)]]),
            ]
            u = system.graph.makeAccess(QuantityID(0), [])
            v = system.graph.makeAccess(QuantityID(1), [])
        }

        func number(_ numerator: Int, _ denominator: Int = 1) -> ExprID {
            system.graph.makeNumber(Rational(numerator: numerator, denominator: denominator) ?? .zero)
        }

        func text(_ id: ExprID) -> String { SpecPrinter.text(of: id, in: system) }
    }

    @Test func normalFormsReadLikeAPersonsWork() {
        let s = Small()
        let (u, v) = (s.u, s.v)
        let minusV = s.system.graph.makeProduct([s.number(-1), v])
        let difference = s.system.graph.makeSum([u, minusV])
        let square = s.system.graph.makePower(u, s.number(2))
        let inverse = s.system.graph.makePower(v, s.number(-1))
        let inverseSquare = s.system.graph.makePower(v, s.number(-2))
        func product(_ factors: ExprID...) -> ExprID { s.system.graph.makeProduct(factors) }
        func sum(_ terms: ExprID...) -> ExprID { s.system.graph.makeSum(terms) }
        #expect(s.text(difference) == "u - v")
        #expect(s.text(product(s.number(2), difference)) == "2*(u - v)")
        #expect(s.text(product(difference, s.number(2))) == "(u - v) * 2")
        #expect(s.text(product(s.number(-1), difference)) == "-(u - v)")
        #expect(s.text(product(s.number(-1), square)) == "-u^2")
        #expect(s.text(sum(minusV, u)) == "-v + u")
        #expect(s.text(sum(u, product(s.number(-3), v), s.number(-1))) == "u - 3*v - 1")
        #expect(s.text(product(u, inverse)) == "u/v")
        #expect(s.text(product(s.number(1, 2), u)) == "1/2*u")
        #expect(s.text(product(s.number(3, 10), u)) == "0.3*u")
        #expect(s.text(product(s.number(1, 2), u, inverse)) == "u/(2*v)")
        #expect(s.text(product(s.number(-3, 2), u, v, inverseSquare)) == "-3*u * v / (2*v^2)")
        #expect(s.text(inverse) == "1/v")
        #expect(s.text(inverseSquare) == "1/v^2")
        #expect(s.text(s.system.graph.makePower(inverse, u)) == "(1/v)^u")
        #expect(s.text(s.system.graph.makePower(s.number(-3), s.number(2))) == "(-3)^2")
        #expect(s.text(s.system.graph.makePower(square, u)) == "(u^2)^u")
        #expect(s.text(s.system.graph.makePower(u, square)) == "u^u^2")
        #expect(s.text(s.system.graph.makePower(u, s.number(1, 2))) == "u^(1/2)")
        #expect(s.text(s.system.graph.makePower(difference, s.number(-1))) == "1/(u - v)")
    }

    @Test func writtenFormsKeepTheirShape() {
        let s = Small()
        let (u, v) = (s.u, s.v)
        let minusU = s.system.graph.makeNegation(u)
        let product = s.system.graph.makeProduct([u, v])
        let quotient = s.system.graph.makeQuotient(u, v)
        let sum = s.system.graph.makeSum([u, v])
        #expect(s.text(s.system.graph.makeNegation(minusU)) == "-(-u)")
        #expect(s.text(s.system.graph.makeNegation(product)) == "-(u * v)")
        #expect(s.text(s.system.graph.makeSum([u, sum])) == "u + (u + v)")
        #expect(s.text(s.system.graph.makeSum([sum, u])) == "u + v + u")
        #expect(s.text(s.system.graph.makeProduct([u, product])) == "u * (u * v)")
        #expect(s.text(s.system.graph.makeProduct([product, u])) == "u * v * u")
        #expect(s.text(s.system.graph.makeProduct([quotient, u])) == "u/v * u")
        #expect(s.text(s.system.graph.makeQuotient(u, quotient)) == "u/(u/v)")
        #expect(s.text(s.system.graph.makeQuotient(quotient, u)) == "u/v / u")
        #expect(s.text(s.system.graph.makePower(u, minusU)) == "u^-u")
        #expect(s.text(s.system.graph.makePower(minusU, u)) == "(-u)^u")
        #expect(s.text(s.system.graph.makeSum([u, s.system.graph.makeNegation(product)])) == "u - u * v")
        #expect(s.text(s.system.graph.makeNumber(.half, literal: "0.50")) == "0.50")
    }

    @Test func conditions() {
        let s = Small()
        let (u, v) = (s.u, s.v)
        let less = s.system.graph.makeComparison(.less, u, v)
        let equal = s.system.graph.makeComparison(.equal, u, v)
        let either = s.system.graph.makeOr([less, equal])
        let both = s.system.graph.makeAnd([either, less])
        #expect(s.text(both) == "(u < v || u == v) && u < v")
        #expect(s.text(s.system.graph.makeNot(equal)) == "u != v")
        // Not `u >= v`, which is false for a NaN.
        #expect(s.text(s.system.graph.makeNot(less)) == "(u < v ? 1 : 0) == 0")
        #expect(
            s.text(s.system.graph.makeNot(s.system.graph.makeAnd([equal, less]))) == "u != v || (u < v ? 1 : 0) == 0")
        let select = s.system.graph.makeSelect(less, then: u, otherwise: v)
        #expect(s.text(select) == "(u < v ? u : v)")
        #expect(s.text(s.system.graph.makeSum([select, v])) == "(u < v ? u : v) + v")
    }

    @Test func rangesStandWhereTheLanguageWouldInferOthers() {
        let s = Small()
        func index(_ name: String) -> IndexID { s.system.graph.makeIndex(name, .element) }
        func of(_ index: IndexID) -> AffineID { s.system.graph.affine(Affine(.index(index))) }
        let i = index("i")
        let read = s.system.graph.makeAccess(s.vector, [of(i)])
        let whole = s.system.graph.makeReduction(.sum, [Binder(index: i, lower: s.zero, upper: s.size)], read)
        #expect(s.text(whole) == "sum(i: x[i])")
        let j = index("i")
        let one = s.system.graph.affine(Affine(1))
        let readJ = s.system.graph.makeAccess(s.vector, [of(j)])
        let part = s.system.graph.makeReduction(.maximum, [Binder(index: j, lower: one, upper: s.size)], readJ)
        #expect(s.text(part) == "max(i in 1..<N: x[i])")
        let k = index("k")
        let shifted = s.system.graph.affine(Affine(.index(k)).offset(by: 1) ?? Affine(0))
        let readK = s.system.graph.makeAccess(s.vector, [shifted])
        let less = s.system.graph.affine(Affine(.size(SizeID(0))).offset(by: -1) ?? Affine(0))
        let shift = s.system.graph.makeReduction(.sum, [Binder(index: k, lower: s.zero, upper: less)], readK)
        #expect(s.text(shift) == "sum(k in 0..<N-1: x[k+1])")
        // Nested binders that would share a name, one of them named like the size.
        let m = index("N")
        let n = index("N")
        let inner = s.system.graph.makeReduction(
            .sum, [Binder(index: n, lower: s.zero, upper: s.size)], s.system.graph.makeAccess(s.vector, [of(n)]))
        let body = s.system.graph.makeProduct([s.system.graph.makeAccess(s.vector, [of(m)]), inner])
        let outer = s.system.graph.makeReduction(.sum, [Binder(index: m, lower: s.zero, upper: s.size)], body)
        #expect(s.text(outer) == "sum(N2: x[N2] * sum(N3: x[N3]))")
        let place = index("p")
        let extremum = s.system.graph.makeExtremum(
            .maximum, [Binder(index: i, lower: s.zero, upper: s.size)], read, targets: [of(place)])
        #expect(s.text(extremum) == "argmax(i: x[i]) == p")
    }

    @Test func longStatementsBreakAfterOperators() {
        let s = Small()
        var terms: [ExprID] = []
        for value in 1...60 { terms.append(s.system.graph.makeProduct([s.number(value), s.u])) }
        let root = s.system.graph.makeSum(terms)
        let text = s.text(s.system.graph.makeCall(.standard(.exp), [root]))
        let lines = text.split(separator: "\n")
        #expect(lines.count > 3)
        #expect(lines.allSatisfy { $0.count <= 100 })
        #expect(lines.dropLast().allSatisfy { $0.hasSuffix("+") })
        let joined = lines.map { String($0.drop { $0 == " " }) }.joined(separator: " ")
        let expected = (1...60).map { $0 == 1 ? "u" : "\($0)*u" }.joined(separator: " + ")
        // 1·u is a product with the single factor u.
        #expect(joined == "exp(\(expected))")
    }

    @Test func depthAndWidthAreNoProblem() {
        let s = Small()
        var deep = s.u
        for _ in 0..<100_000 {
            deep = s.system.graph.makeCall(.standard(.sin), [s.system.graph.makeSum([deep, s.v])])
        }
        let text = s.text(deep)
        #expect(text.filter { $0 == "(" }.count == 100_000)
        #expect(text.filter { $0 == ")" }.count == 100_000)
        var wide: [ExprID] = []
        for value in 0..<100_000 { wide.append(s.number(value)) }
        #expect(s.text(s.system.graph.makeSum(wide)).filter { $0 == "+" }.count == 99_999)
    }
}

import Foundation
import Testing

@testable import Nabla

/// Second derivatives of all stored specs and of random ones.
@Suite struct SecondConsistencyTests {
    /// Against numeric derivatives of the gradient.
    @Test func storedSpecsAgreeWithNumericDerivatives() throws {
        for (name, text) in try SecondSpecs.stored() {
            // 13,000 weights: the product is enough.
            let product = SecondOrder.product(along: "direction")
            for order in name == "Digits.nabla" ? [product] : [.hessian, product] {
                var spec = try SecondSpecs.spec(text)
                let derived = try spec.derive(second: order)
                let report = try GradientCheck.runSecond(spec.system, derived, seed: 3)
                #expect(report.passes, "\(name) \(order): \(report)")
            }
        }
    }

    /// What is printed reads again, prints the same, and has the same values.
    @Test func printedSystemsReadAgain() throws {
        var count = 0
        for (name, text) in try SecondSpecs.stored() where name != "Digits.nabla" {
            for order in [SecondOrder.hessian, .product(along: "direction")] {
                var spec = try SecondSpecs.spec(text)
                let derived = try spec.derive(second: order)
                let printed = SpecPrinter.text(of: derived.system)
                let read = try SecondSpecs.spec(printed)
                #expect(SpecPrinter.text(of: read.system) == printed, "\(name) \(order)")
                var random = RandomValues(seed: 5)
                let sizes = try random.sizes(for: spec.system)
                let bound = try BoundSystem(derived.system, sizes: Evaluator.sizes(of: sizes))
                let values = try random.values(for: bound, exampleCount: 2, scale: 0.5)
                let first = try Evaluator(
                    derived.system, cost: derived.cost, second: derived.second, includesAll: true
                ).run(values)
                // The same quantities, by name.
                var system = read.system
                let cost = try #require(read.system.costs.last)
                let access = system.graph.makeAccess(cost, [])
                let other = try BoundSystem(system, sizes: Evaluator.sizes(of: bound))
                var shared: [QuantityID: [Double]] = [:]
                var examples = values.examples.map { _ in [QuantityID: [Double]]() }
                for (position, quantity) in derived.system.quantities.enumerated() {
                    guard let place = system.quantities.firstIndex(where: { $0.name == quantity.name }) else {
                        continue
                    }
                    shared[QuantityID(place)] = values.shared[QuantityID(position)]
                    for example in examples.indices {
                        examples[example][QuantityID(place)] = values.examples[example][QuantityID(position)]
                    }
                }
                let second = try Evaluator(system, cost: access, includesAll: true).run(
                    Values(other, shared: shared, examples: examples, isBatch: true))
                for id in derived.second?.results ?? [] {
                    let name = derived.system[id].name
                    let one = try #require(first.quantities?.first { $0.name == name }).value.all.flatMap(\.values)
                    let two = try #require(second.quantities?.first { $0.name == name }).value.all.flatMap(\.values)
                    #expect(one.count == two.count)
                    let scale = one.reduce(1) { max($0, abs($1)) }
                    for (left, right) in zip(one, two) where left.isFinite {
                        #expect(abs(left - right) <= 1e-11 * scale, "\(name)")
                    }
                    count += 1
                }
            }
        }
        #expect(count > 50)
    }

    /// Random specs: the Hessian and the product agree with numeric derivatives where these can be had.
    @Test func randomSpecs() throws {
        var compared = 0
        for seed in UInt64(1)...(UInt64(ProcessInfo.processInfo.environment["NABLA_RANDOM_SECOND"] ?? "") ?? 16) {
            let random = RandomSpecs.make(seed: seed)
            for order in [SecondOrder.hessian, .product(along: "direction")] {
                var spec = Spec(SourceText(name: "Random.nabla", text: random.text))
                guard spec.isValid, spec.system.quantities.contains(where: { $0.role == .parameter }) else { continue }
                let derived: DerivedSystem
                do { derived = try spec.derive(second: order) } catch is DerivationError { continue }
                do {
                    let report = try GradientCheck.runSecond(spec.system, derived, seed: seed)
                    #expect(report.worst <= 1e-5, "seed \(seed) \(order): \(report)\n\(random.text)")
                    compared += 1
                } catch is EvaluationError {
                    continue  // nothing finite, or always near a kink
                }
            }
        }
        #expect(compared > 12, "\(compared)")
    }

    /// A name that is taken, and a quantity in pieces, are said.
    @Test func errors() throws {
        var spec = try SecondSpecs.spec("param x, v\ncost C = x^2 * v")
        #expect(throws: DerivationError.self) { _ = try spec.derive(wrt: ["x"], second: .product(along: "v")) }
        #expect(Spec.isName("v_1"))
        #expect(!Spec.isName("1v"))
        #expect(!Spec.isName("sum"))
        #expect(!Spec.isName(""))
    }
}

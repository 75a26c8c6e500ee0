import Testing

@testable import Nabla

/// What the spec printer prints, the pipeline reads back, and prints the same again.
@Suite struct SpecRoundTripTests {
    private func read(_ text: String, _ comment: String) -> Spec? {
        let spec = Spec(SourceText(name: "Random.nabla", text: text))
        let errors = spec.diagnostics.filter { $0.severity == .error }
        #expect(errors.isEmpty, "\(comment): \(errors.map(\.message))\n\(text)")
        return errors.isEmpty ? spec : nil
    }

    @Test func randomSpecs() throws {
        var count = 0
        for seed in UInt64(0)..<300 {
            let original = Spec(SourceText(name: "Random.nabla", text: RandomSpecs.make(seed: seed).text))
            guard original.isValid else { continue }
            let printed = SpecPrinter.text(of: original.system)
            guard let second = read(printed, "seed \(seed), printed") else { continue }
            #expect(SpecPrinter.text(of: second.system) == printed, "seed \(seed)")
            count += 1
        }
        #expect(count > 150)
    }

    @Test func derivedRandomSpecs() throws {
        var count = 0
        for seed in UInt64(0)..<300 {
            var original = Spec(SourceText(name: "Random.nabla", text: RandomSpecs.make(seed: seed).text))
            guard original.isValid else { continue }
            let derived: DerivedSystem
            do { derived = try original.derive() } catch { continue }
            let printed = SpecPrinter.text(of: derived.system)
            guard let second = read(printed, "seed \(seed), derived") else { continue }
            #expect(SpecPrinter.text(of: second.system) == printed, "seed \(seed), derived")
            count += 1
        }
        #expect(count > 150)
    }
}

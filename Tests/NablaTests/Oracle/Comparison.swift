import Foundation

@testable import Nabla

/// Everything that is made of a spec's derivative, beside the oracle's.
struct Comparison {
    /// What a comparison showed.
    enum Outcome {
        case same(Counts)
        /// Too close to a kink, or not finite: says nothing about the derivative.
        case notComparable(String)
        case different(String)
    }

    /// What was compared.
    struct Counts {
        var entries = 0
        /// Entries of the derived system before simplification.
        var unsimplified = 0
        /// Entries of a second derivative.
        var second = 0
    }

    struct BadSpec: Error, CustomStringConvertible {
        var description: String
    }

    private struct Difference: Error {
        var text: String
    }

    /// The spec as a system; an error lists what is wrong with it.
    static func resolve(_ text: String) throws -> System {
        let source = SourceText(name: "random.nabla", text: text)
        let (tree, syntaxErrors) = Parser.parse(source)
        let (system, errors) = Resolver.resolve(tree, source: source, name: "Random", isComplete: syntaxErrors.isEmpty)
        let renderer = DiagnosticRenderer(source: source)
        let all = (syntaxErrors + errors).filter { $0.severity == .error }
        if !all.isEmpty { throw BadSpec(description: all.map { renderer.text($0) }.joined()) }
        return system
    }

    /// Relative to the largest entry of the gradient.
    static let tolerance = 1e-8

    private let values: OracleValues
    private let json: String
    private let sabotage: (inout DerivedSystem) -> Void
    private var counts = Counts()

    /// Compares ∂C/∂Q of a spec: dual numbers on the spec as written against the derived equations as they print, before
    /// simplification, read again and in the evaluator; perhaps also a second derivative.
    ///
    /// - Parameter sabotage: a fault put into the derived system, to see that it is found.
    static func compare(
        _ spec: RandomSpec, sabotage: @escaping (inout DerivedSystem) -> Void = { _ in }
    ) throws -> Outcome {
        let system = try resolve(spec.text)
        var comparison = Comparison(values: try OracleValues(json: spec.json), json: spec.json, sabotage: sabotage)
        func quantity(_ name: String) throws -> QuantityID {
            guard let found = system.quantities.firstIndex(where: { $0.name == name }) else {
                throw BadSpec(description: "no \(name)")
            }
            return QuantityID(found)
        }
        guard let cost = try spec.of.map(quantity) ?? system.costs.last else { throw BadSpec(description: "no cost") }
        let wrt =
            spec.wrt.isEmpty
            ? system.quantities.indices.map { QuantityID($0) }.filter { system[$0].role == .parameter }
            : try spec.wrt.map(quantity)
        do {
            guard let (derived, again) = try comparison.compare(system, cost, [], wrt, isSecond: false) else {
                return .notComparable("close to a kink, or not finite")
            }
            if let second = spec.second { try comparison.compareSecond(derived, again, wrt, second) }
        } catch let difference as Difference {
            return .different(difference.text)
        }
        return .same(comparison.counts)
    }

    private init(values: OracleValues, json: String, sabotage: @escaping (inout DerivedSystem) -> Void) {
        self.values = values
        self.json = json
        self.sabotage = sabotage
    }

    /// One entry of a gradient: of which example's cost, with respect to what, of which example (−1: of all).
    private struct Entry {
        var cost: Int
        var position: Int
        var quantity: QuantityID
        var indices: [Int]
        var example: Int
        var value: Double
        /// Where a value has to be asked for: what depends on the examples has one for each.
        var place: Int { example >= 0 ? example : cost }
    }

    /// - Returns: the derived system and what is read of its text; nil where nothing can be said.
    private mutating func compare(
        _ system: System, _ cost: QuantityID, _ costIndices: [Int], _ wrt: [QuantityID], isSecond: Bool
    ) throws -> (DerivedSystem, System)? {
        var oracle = Oracle(system, values)
        let costs = oracle.isPerExample(cost) ? Array(0..<values.exampleCount) : [-1]
        var entries: [[Entry]] = []
        var costValues: [Double] = []
        for example in costs {
            let expected = try oracle.gradient(of: cost, costIndices, example: example, wrt: wrt)
            guard oracle.nearKinks == 0, expected.value.isFinite,
                expected.entries.values.allSatisfy({ $0.isFinite && abs($0) < 1e8 })
            else { return nil }
            costValues.append(expected.value)
            var own: [Entry] = []
            for (position, quantity) in wrt.enumerated() {
                let places =
                    !oracle.isPerExample(quantity)
                    ? [-1] : example >= 0 ? [example] : Array(0..<values.exampleCount)
                for indices in try oracle.elements(of: quantity) {
                    for place in places {
                        let key = Oracle.Element(quantity: quantity, indices: indices, example: place)
                        own.append(
                            Entry(
                                cost: example, position: position, quantity: quantity, indices: indices, example: place,
                                value: expected.entries[key] ?? .nan))
                    }
                }
            }
            entries.append(own)
        }
        var copy = system
        let element = costIndices.map { copy.graph.affine(Affine($0)) }
        var derived = try Differentiator.derive(copy, of: (cost, element), wrt: wrt)
        sabotage(&derived)
        let way = isSecond ? "second " : ""
        func check(_ name: String, skipsUndefined: Bool = false, _ entry: (Entry) throws -> Double) throws -> Int {
            var count = 0
            for own in entries {
                // A gradient of exact zeros leaves rounding only.
                let largest = max(own.map { abs($0.value) }.max() ?? 0, 1e-4)
                for want in own {
                    let got = try entry(want)
                    if skipsUndefined, !got.isFinite { continue }
                    count += 1
                    if !(abs(want.value - got) <= Comparison.tolerance * largest) {
                        throw Difference(
                            text: "\(way)\(name): ∂C/∂\(system[want.quantity].name)\(want.indices)"
                                + (want.example >= 0 ? " of example \(want.example)" : "")
                                + " is \(want.value), not \(got)")
                    }
                }
            }
            return count
        }

        // The derived equations themselves, element by element.
        var naive = Oracle(derived.system, values)
        let count = try check("derived") { entry in
            guard let derivative = derived.gradient[entry.position].derivative else { return 0 }
            return try naive.value(derivative, entry.indices, example: entry.place)
        }
        if isSecond { counts.second += count } else { counts.entries += count }

        // Before simplification; where that is 0·∞ or ∞ − ∞, the simplified equation may define more.
        if !isSecond {
            var unsimplified = derived.system
            for step in derived.derivation.steps { unsimplified.equations[step.equation].body = step.raw }
            var raw = Oracle(unsimplified, values)
            counts.unsimplified += try check("unsimplified", skipsUndefined: true) { entry in
                guard let derivative = derived.gradient[entry.position].derivative else { return 0 }
                return try raw.value(derivative, entry.indices, example: entry.place)
            }
        }

        // The evaluator: forward values and derivatives through loops.
        let read = try ValuesReader.read(SourceText(name: "values.json", text: json), for: system)
        let results = try Evaluator(derived.lowered(), cost: derived.cost, gradient: derived.gradient).run(read)
        for (expected, value) in zip(costValues, results.cost.all)
        where !(abs(expected - value) <= 1e-9 * max(1, abs(expected))) {
            throw Difference(text: "\(way)evaluated: the cost is \(expected), not \(value)")
        }
        _ = try check("evaluated") { entry in
            guard let tensors = results.gradient?[entry.position].value.all, !tensors.isEmpty else { return .nan }
            return tensors[min(max(entry.place, 0), tensors.count - 1)].element(entry.indices) ?? .nan
        }

        // What `derive` prints, read again.
        let printed = SpecPrinter.text(of: derived.system)
        let again: System
        do {
            again = try Comparison.resolve(printed)
        } catch {
            throw Difference(text: "\(way)printed: \(error)")
        }
        var reread = Oracle(again, values)
        _ = try check("printed") { entry in
            guard let derivative = derived.gradient[entry.position].derivative else { return 0 }
            let name = derived.system[derivative].name
            guard let found = again.quantities.firstIndex(where: { $0.name == name }) else { return .nan }
            return try reread.value(QuantityID(found), entry.indices, example: entry.place)
        }
        let twice = SpecPrinter.text(of: again)
        if !isSecond, twice != printed {
            let lines = zip(printed.split(separator: "\n"), twice.split(separator: "\n")).first { $0 != $1 }
            throw Difference(
                text: "printed: '\(lines?.0 ?? "")' is printed as '\(lines?.1 ?? "")' when it is read again")
        }
        return (derived, again)
    }

    /// One entry of the gradient as a cost of the derived spec: dual numbers on its equations against its derivative.
    private mutating func compareSecond(
        _ derived: DerivedSystem, _ again: System, _ wrt: [QuantityID], _ choice: Int
    ) throws {
        let derivatives = derived.gradient.compactMap { entry in
            entry.derivative.flatMap { id in again.quantities.firstIndex { $0.name == derived.system[id].name } }
        }
        guard !derivatives.isEmpty else { return }
        let derivative = QuantityID(derivatives[choice % derivatives.count])
        var oracle = Oracle(again, values)
        let elements = try oracle.elements(of: derivative)
        guard !elements.isEmpty else { return }
        let names = wrt.map { derived.system[$0].name }
        let same = names.compactMap { name in again.quantities.firstIndex { $0.name == name } }.map { QuantityID($0) }
        _ = try compare(again, derivative, elements[choice % elements.count], same, isSecond: true)
    }
}

import Foundation
import TestSupport
import Testing

@testable import Nabla

/// Every displayed line is equal to the one before it, as the page says it and as the record has it.
@Suite struct DisplayedLinesTests {
    struct Outcome: Sendable {
        var seed: UInt64
        var compared = 0
        var places = 0
        var unread: [String] = []
        var complaints: [String] = []
    }

    private static func outcome(_ seed: UInt64) -> Outcome? {
        let random = RandomSpecs.make(seed: seed)
        var spec = Spec(SourceText(name: "Random.nabla", text: random.text))
        guard spec.isValid, let derived = try? spec.derive(), let values = try? OracleValues(json: random.json) else {
            return nil
        }
        var lines = DisplayedLines(derived, values)
        lines.check(LaTeXPrinter.text(of: derived))
        return Outcome(
            seed: seed, compared: lines.compared, places: lines.places, unread: lines.unread,
            complaints: lines.complaints)
    }

    @Test func linesOfRandomSpecsAreEqual() async throws {
        let outcomes = await withTaskGroup(of: Outcome?.self) { group in
            for seed in LineSeeds.all { group.addTask { Self.outcome(seed) } }
            var all: [Outcome] = []
            for await outcome in group { if let outcome { all.append(outcome) } }
            return all.sorted { $0.seed < $1.seed }
        }
        let compared = outcomes.reduce(0) { $0 + $1.compared }
        let unread = outcomes.reduce(0) { $0 + $1.unread.count }
        print("\(outcomes.count) specs: \(compared) equalities compared, \(unread) chains not read")
        for outcome in outcomes {
            for complaint in outcome.complaints.prefix(2) { Issue.record("seed \(outcome.seed): \(complaint)") }
        }
        #expect(outcomes.allSatisfy { $0.complaints.isEmpty })
        // Definitions of functions and what holds a position of a maximum are not read.
        if LineSeeds.areChosen { return }
        #expect(compared > 25_000)
        #expect(unread < 250)
    }

    @Test(arguments: [
        "OneNeuronChain", "OneLayer", "MultiNeuron", "MultiNeuronReLU", "SoftmaxClassifier", "RecurrentNetwork",
    ])
    func linesOfTheExamplesAreEqual(name: String) throws {
        var spec = Spec(SourceText(name: name, text: try Fixtures.text(try Fixtures.path("Examples/\(name).nabla"))))
        let derived = try spec.derive()
        var lines = DisplayedLines(derived, try OracleValues(json: try RandomJSON.text(for: spec.system)))
        lines.check(LaTeXPrinter.text(of: derived))
        #expect(lines.complaints.isEmpty)
        #expect(lines.unread.isEmpty)
        #expect(lines.compared > 20)
    }

    /// Ratios by themselves and sums term by term, over several quantities at once, hold as well.
    @Test(arguments: [LaTeXPrinter.Options(detail: .full), .init(expandsSums: true)])
    func linesInDetailAreEqual(options: LaTeXPrinter.Options) throws {
        let residual = """
            size L = 2
            size N = 2
            layer l in 1...L
            input x[N]
            param w(l)[N,N]
            h(0)[i] = x[i]
            f(l)[i] = tanh(sum(k: w(l)[i,k] * h(l-1)[k]))
            h(l)[i] = h(l-1)[i] + f(l)[i]
            cost C0 = sum(i: h(L)[i]^2)
            cost C = mean(examples: C0)

            """
        let softmax = """
            size K = 3
            param z[K], v[K]
            target y[K]
            p[k] = exp(z[k]) / sum(j: exp(z[j]))
            cost C = sum(k: (p[k] - y[k])^2 + v[k] * z[k])

            """
        var texts = [residual, softmax]
        for name in [
            "OneNeuronChain", "OneLayer", "MultiNeuron", "MultiNeuronReLU", "SoftmaxClassifier", "RecurrentNetwork",
        ] {
            texts.append(try Fixtures.text(try Fixtures.path("Examples/\(name).nabla")))
        }
        for text in texts {
            var spec = Spec(SourceText(name: "Detail.nabla", text: text))
            let derived = try spec.derive()
            var lines = DisplayedLines(derived, try OracleValues(json: try RandomJSON.text(for: spec.system)))
            lines.check(LaTeXPrinter.text(of: derived, options: options))
            #expect(lines.complaints.isEmpty, "\(lines.complaints.prefix(3))")
            // A ratio by itself may stand at l+1, or at a letter of the sum around it: these the reader does not enumerate.
            if options.detail != .full { #expect(lines.unread.isEmpty, "\(lines.unread.prefix(3))") }
            #expect(lines.compared > 5)
        }
    }

    /// Lines whose ranges count: a maximum over some of the elements, a stage beside the last one, an element next to a sum.
    @Test(arguments: [
        (#"\arg\max_{0\le "#, "param v[4]\nn[i in 0..<4] = max(j in 0...i: v[j])\ncost C = sum(i: n[i]^2)\n"),
        (
            #"o = 1, \dots, F"#,
            """
            size E = 3
            size F = 1
            step a in 1...E
            layer o in 1...F
            param s[2]
            param w(o)[2]
            h(a,0)[i] = s[i]
            h(0,o in 0...F)[i in 0..<2] = 0
            h(a,o)[i] = tanh(w(o)[i] * h(a-1,o)[i] + h(a,o-1)[i])
            cost C = sum(i: h(E,F)[i]^2)

            """
        ),
        (
            #"\delta_{"#,
            "param z[3]\np[k] = exp(z[k]) / sum(j: exp(z[j]))\ncost C = sum(k: (p[k] - k)^2)\n"
        ),
        (
            "",
            """
            size T = 3
            step t in 1...T
            param v[2]
            g(T+1)[i] = v[i]^2
            g(t)[i] = tanh(v[i] * g(t+1)[i])
            cost C = sum(i: g(1)[i]^2)

            """
        ),
    ])
    func linesWithRangesAreEqual(range: String, text: String) throws {
        var spec = Spec(SourceText(name: "Ranges.nabla", text: text))
        let derived = try spec.derive()
        let json = try RandomJSON.text(for: spec.system)
        var lines = DisplayedLines(derived, try OracleValues(json: json))
        let printed = LaTeXPrinter.text(of: derived)
        lines.check(printed)
        #expect(range.isEmpty || printed.contains(range))
        #expect(lines.complaints.isEmpty, "\(lines.complaints.prefix(3))")
        #expect(lines.unread.isEmpty, "\(lines.unread.prefix(3))")
        #expect(lines.compared > 5)
        let values = try ValuesReader.read(SourceText(name: "values.json", text: json), for: spec.system)
        let recorded = try RecordedLines(derived, at: values)
        #expect(recorded.complaints.isEmpty, "\(recorded.complaints.prefix(3))")
        #expect(!recorded.compared.isEmpty)
    }

    /// The paths over several quantities are listed by the quantity.
    @Test func pathsOverSeveralQuantitiesAreListed() throws {
        var spec = Spec(
            SourceText(
                name: "RNN", text: try Fixtures.text(try Fixtures.path("Examples/RecurrentNetwork.nabla"))))
        let text = LaTeXPrinter.text(of: try spec.derive(), options: .init(style: .document))
        let over = text.components(separatedBy: #"\text{over }"#)
        for symbol in [
            #"o_0^{\langle t\rangle}"#, #"o_1^{\langle t\rangle}"#, #"h_0^{\langle t+1\rangle}"#,
            #"h_{H-1}^{\langle t+1\rangle}"#,
        ] {
            #expect(over.contains { $0.hasPrefix(symbol) }, "\(symbol)")
        }
        // Once in a text, not at every step.
        #expect(text.components(separatedBy: "travels along all these paths at once").count == 2)
    }

    /// A wrong line is found.
    @Test func aWrongLineIsFound() throws {
        var spec = Spec(SourceText(name: "Wrong", text: "param w, b\nz = w * b\ncost C = z^2\n"))
        let derived = try spec.derive()
        let text = LaTeXPrinter.text(of: derived)
        let values = try OracleValues(json: #"{"w": 2, "b": 3}"#)
        var right = DisplayedLines(derived, values)
        right.check(text)
        #expect(right.complaints.isEmpty && right.unread.isEmpty && right.compared > 3)
        var wrong = DisplayedLines(derived, values)
        wrong.check(text.replacingOccurrences(of: "2 z", with: "3 z"))
        #expect(!wrong.complaints.isEmpty)
    }
}

/// The specs whose lines are compared: 200, or those that `NABLA_LINE_SEEDS` lists, as in "49 154".
enum LineSeeds {
    private static let chosen = ProcessInfo.processInfo.environment["NABLA_LINE_SEEDS"]?.split(separator: " ")
    static let areChosen = chosen != nil
    static let all = chosen.map { $0.compactMap { UInt64($0) } } ?? Array(0..<200)
}

/// Values for everything that a system wants, as JSON; symbolic sizes are small.
enum RandomJSON {
    static func text(for system: System) throws -> String {
        var random = RandomValues(seed: 3)
        let bound = try random.sizes(for: system)
        let values = try random.values(for: bound, exampleCount: 2, scale: 1)
        var members: [String] = []
        for size in bound.system.sizes {
            guard case .symbolic = size.definition else { continue }
            if let value = size.value { members.append("\"\(size.name)\": \(value)") }
            if let range = size.stageRange, let table = size.values,
                let first = bound.system.graph[range.lower].asConstant
            {
                let entries = table.enumerated().map { "\"\(first + $0)\": \($1)" }
                members.append("\"\(size.name)\": {\(entries.joined(separator: ", "))}")
            }
        }
        func json(_ quantity: QuantityID, _ numbers: [Double]) throws -> String {
            var text = ""
            Tensor(bound: bound, quantity: quantity, shape: try bound.shape(of: quantity), values: numbers)
                .writeJSON(into: &text)
            return "\"\(system[quantity].name)\": \(text)"
        }
        for quantity in bound.givenQuantities {
            if let numbers = values.shared[quantity] { members.append(try json(quantity, numbers)) }
        }
        let examples = try values.examples.map { example in
            let own = try bound.givenQuantities.compactMap { id in try example[id].map { try json(id, $0) } }
            return "{\(own.joined(separator: ", "))}"
        }
        members.append("\"examples\": [\(examples.joined(separator: ", "))]")
        return "{\(members.joined(separator: ", "))}"
    }
}

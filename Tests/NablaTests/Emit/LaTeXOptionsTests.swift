import TestSupport
import Testing

@testable import Nabla

/// What each option of `nabla latex` changes.
@Suite struct LaTeXOptionsTests {
    private func spec(_ name: String) throws -> Spec {
        let text = try Fixtures.text(try Fixtures.path("Examples/\(name).nabla"))
        return Spec(SourceText(name: "\(name).nabla", text: text))
    }

    private func text(
        _ name: String, wrt: String? = nil, _ change: (inout LaTeXPrinter.Options) -> Void = { _ in }
    ) throws -> String {
        var spec = try spec(name)
        var options = LaTeXPrinter.Options(style: .document)
        change(&options)
        options.element = try wrt.flatMap { try spec.element($0) }
        let names = options.element.map { [spec.system[$0.quantity].name] } ?? []
        return LaTeXPrinter.text(of: try spec.derive(wrt: names), options: options)
    }

    @Test func theDocumentHasItsPartsInOrder() throws {
        let text = try text("MultiNeuron")
        let parts = [
            "{The network}", "{Notation}", "{What depends on what}", "{1. The derivative", "{All training examples}",
            "{The gradient}",
        ]
        let places = try parts.map { part in try #require(text.range(of: part), "\(part)").lowerBound }
        #expect(places == places.sorted())
    }

    @Test func theTableSaysWhichIndexLeadsWhere() throws {
        let text = try text("MultiNeuron")
        #expect(text.contains(#"to $j = 0, \dots, n_l-1$"#))
        #expect(text.contains(#"from $k = 0, \dots, n_{l-1}-1$"#))
        #expect(text.contains(#"$n_l \times n_{l-1}$"#))
        #expect(text.contains("The bias of neuron j."))
    }

    @Test func pathsAreListedThenAddedUp() throws {
        let text = try text("MultiNeuron")
        // The first, the second and the last, each labelled: colour is not the only mark.
        for label in ["a_0^{(L)}", "a_1^{(L)}", "a_{n_L-1}^{(L)}"] {
            #expect(text.contains(#"_{\text{over }\#(label)}"#))
        }
        #expect(text.contains(#"+ \cdots"#))
        #expect(text.contains(#"\text{add them up}"#))
        #expect(text.contains("their contributions add up"))
        // In the drawing the paths differ in the kind of their lines, too.
        #expect(text.contains("very thick,blue,solid") && text.contains("very thick,orange,dashed"))
        // Where the widths are known and small, all paths.
        let known = try self.text("MultiNeuronReLU")
        #expect(known.contains(#"\text{over }a_2^{(L)}"#) && !known.contains(#"\cdots"#))
    }

    @Test func aCollapsingSumIsALine() throws {
        let text = try text("MultiNeuron")
        #expect(text.contains(#"&= \sum_{k=0}^{n_L-1} 2\bigl(a_k^{(L)} - y_k\bigr)\, \delta_{kj}"#))
        #expect(text.contains(#"\text{the sum keeps that one term}"#))
    }

    @Test func kinksAreSpokenOf() throws {
        #expect(try text("MultiNeuronReLU").contains("has a kink at $z_j^{(l)} = 0$"))
        #expect(try !text("MultiNeuron").contains("kink"))
    }

    @Test func detailGrows() throws {
        let brief = try text("MultiNeuron") { $0.detail = .brief }
        let course = try text("MultiNeuron")
        let full = try text("MultiNeuron") { $0.detail = .full }
        #expect(!brief.contains(#"\underbrace"#) && !brief.contains("Notation"))
        #expect(!course.contains("Each ratio by itself") && full.contains("Each ratio by itself"))
        // What is known is referred to, and derived once.
        #expect(full.contains("Known: ") && full.contains("as in step 1"))
        #expect(full.components(separatedBy: #"\text{the derivative of }\sigma"#).count == 2)
        #expect(full.contains(#"&= \sum_{p=0}^{n_l-1} w_{jp}^{(l+1)}\, \delta_{pk}"#))
        #expect(brief.count < course.count && course.count < full.count)
    }

    @Test func oneElementAndWhatItNeeds() throws {
        let last = try text("MultiNeuron", wrt: "w(L)[j,k]")
        #expect(last.contains(#"with respect to $w_{jk}^{(L)}$"#))
        #expect(last.contains(#"\frac{\partial C_0}{\partial a_j^{(L)}}"#))
        // Not the layers before, not the biases.
        #expect(!last.contains(#"\frac{\partial C_0}{\partial a_k^{(l)}}"#))
        #expect(!last.contains(#"\partial b_j"#))
        let numbered = try text("MultiNeuronReLU", wrt: "w(2)[0,1]")
        #expect(numbered.contains(#"a_1^{(1)}\, \frac{\partial C_0}{\partial z_0^{(2)}}"#))
        var spec = try spec("MultiNeuronReLU")
        #expect(throws: DerivationError.self) { try spec.element("w(2)[0,77]") }
        #expect(throws: DerivationError.self) { try spec.element("w(2)[") }
        #expect(throws: DerivationError.self) { try spec.element("v(2)[0]") }
        #expect(throws: DerivationError.self) { try spec.element("w(l)[j,j]") }
        #expect(try spec.element("w") == nil)
        // One of the equations of a is for layer 0, another for the hidden layers.
        #expect(try spec.element("a(1)[2]") != nil)
    }

    @Test func nielsensEquations() throws {
        let text = try text("MultiNeuron") { $0.notation = .nielsen }
        let lines = [
            #"\delta_j^L &= \frac{\partial C_0}{\partial a_j^L}\, \sigma'\bigl(z_j^L\bigr)"#,
            #"\Bigl(\sum_{k=0}^{n_{l+1}-1} w_{kj}^{l+1}\, \delta_k^{l+1}"#,
            #"&= \delta_j^l"#, #"&= a_k^{l-1}\, \delta_j^l"#, #"\delta^L &= \nabla_a C_0 \odot \sigma'(z^L)"#,
        ]
        for line in lines {
            #expect(text.contains(line) || text.contains(line.replacing("Bigl", with: "biggl")), "\(line)")
        }
        for name in ["BP1", "BP2", "BP3", "BP4"] { #expect(text.contains(name)) }
        var softmax = try spec("SoftmaxClassifier")
        #expect(!LaTeXPrinter.fits(try softmax.derive(), .nielsen))
        var chain = try spec("OneNeuronChain")
        #expect(LaTeXPrinter.fits(try chain.derive(), .nielsen))
    }

    @Test func sumsAreWrittenOut() throws {
        let two = try Fixtures.text(try Fixtures.path("Examples/MultiNeuron.nabla"))
            .replacing("size L = 3", with: "size L = 2").replacing("size n(0...L)", with: "size n(0...L) = [2, 2, 2]")
        var spec = Spec(SourceText(name: "Two.nabla", text: two))
        try #require(spec.isValid)
        let text = LaTeXPrinter.text(of: try spec.derive(), options: .init(style: .document, expandsSums: true))
        #expect(text.contains(#"w_{j,0}^{(l)}\, a_0^{(l-1)} + w_{j,1}^{(l)}\, a_1^{(l-1)} + b_j^{(l)}"#))
        #expect(
            text.contains(
                #"&= w_{0,k}^{(L)}\, \sigma'\bigl(z_0^{(L)}\bigr) \cdot 2\bigl(a_0^{(L)} - y_0\bigr) + w_{1,k}^{(L)}"#))
    }
}

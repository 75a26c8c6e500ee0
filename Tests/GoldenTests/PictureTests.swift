import Foundation
import TestSupport
import Testing

@testable import Nabla

/// The pictures of Docs/Derivations.md show what is printed now.
@Suite struct PictureTests {
    @Test(arguments: ["OneNeuronChain", "MultiNeuron"])
    func picturesAreOfThePresentOutput(name: String) throws {
        let path = "Examples/\(name).nabla"
        var spec = Spec(SourceText(name: path, text: try Fixtures.text(try Fixtures.path(path))))
        let printed = LaTeXPrinter.text(of: try spec.derive(), options: .init(style: .document))
        let drawn = try Fixtures.text(try Fixtures.path("Docs/pictures/\(name).tex"))
        #expect(printed == drawn, "Docs/pictures/make.sh makes them anew")
        let page = try Fixtures.text(try Fixtures.path("Docs/Derivations.md"))
        #expect(page.contains("pictures/\(name)-2.png") && page.contains("pictures/\(name)-3.png"))
    }
}

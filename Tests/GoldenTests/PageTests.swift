import Foundation
import TestSupport
import Testing

@testable import Nabla

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// The pages that `nabla html` makes are well-formed and stand alone.
@Suite struct PageTests {
    /// Reads a page as XML and notes its elements.
    private final class Reader: NSObject, XMLParserDelegate {
        var counts: [String: Int] = [:]
        var headings: [Int] = []
        var text = ""
        var ids: Set<String> = []
        var references: [String] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            counts[name, default: 0] += 1
            if name.count == 2, name.first == "h", let level = name.last?.wholeNumberValue { headings.append(level) }
            if let id = attributes["id"] { ids.insert(id) }
            for name in ["aria-labelledby", "href"] {
                for word in (attributes[name] ?? "").split(separator: " ") { references.append(String(word)) }
            }
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
    }

    private func read(_ page: String, _ name: String) throws -> Reader {
        #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
        let parser = XMLParser(data: Data(page.utf8))
        let reader = Reader()
        parser.delegate = reader
        #expect(parser.parse(), "\(name): \(String(describing: parser.parserError)) at line \(parser.lineNumber)")
        return reader
    }

    private func page(_ text: String) throws -> String {
        var spec = Spec(SourceText(name: "Page.nabla", text: text))
        try #require(spec.isValid, "\(spec.diagnostics.map(\.message))")
        return HTMLPrinter.text(of: try spec.derive())
    }

    @Test func everyPageIsWellFormedAndStandsAlone() throws {
        var count = 0
        for one in try GoldenCase.all() where !one.isBad {
            let page = try page(try Fixtures.text(one.folder.appendingPathComponent("spec.nabla")))
            let reader = try read(page, one.name)
            #expect(reader.counts["script"] == nil, "\(one.name)")
            #expect(reader.counts["link"] == nil && reader.counts["img"] == nil, "\(one.name)")
            let elsewhere = page.replacing("http://www.w3.org/2000/svg", with: "")
                .replacing("http://www.w3.org/1998/Math/MathML", with: "")
            #expect(!elsewhere.contains("http") && !elsewhere.contains("url("), "\(one.name)")
            #expect(reader.counts["main"] == 1 && reader.counts["h1"] == 1, "\(one.name)")
            #expect((reader.counts["math"] ?? 0) > 3, "\(one.name)")
            #expect(reader.counts["svg"] ?? 0 == 1, "\(one.name)")
            // No level of heading is left out, and what is referred to is there.
            for (first, second) in zip(reader.headings, reader.headings.dropFirst()) { #expect(second <= first + 1) }
            for reference in reader.references {
                #expect(reader.ids.contains(reference.trimmingPrefix("#").description), "\(one.name): \(reference)")
            }
            count += 1
        }
        #expect(count >= 15)
    }

    @Test func theStepsOfAGradientFold() throws {
        let text = try Fixtures.text(try Fixtures.path("Examples/OneLayer.nabla"))
        let reader = try read(try page(text), "OneLayer")
        // With respect to a, z, w and b.
        #expect(reader.counts["details"] == 4)
        #expect(reader.counts["summary"] == 4)
    }

    @Test func whatTheAuthorWritesComesOutAsText() throws {
        let long = String(repeating: "verylong", count: 25)
        let page = try page(
            #"""
            /// \input{secret} costs $5 & 50% of <script>alert("x")</script> ]]> --> \end{document}
            network Hostile
            param input_, _, \#(long)
            /// </p></section></main> 'one' &amp;
            z = input_ * _ + \#(long)
            cost C = z^2
            """#)
        let reader = try read(page, "Hostile")
        #expect(!page.contains("<script"))
        #expect(
            reader.text.contains(
                #"\input{secret} costs $5 & 50% of <script>alert("x")</script> ]]> --> \end{document}"#))
        #expect(reader.text.contains("</p></section></main> 'one' &amp;"))
        #expect(reader.counts["main"] == 1)
        #expect(reader.text.contains("input_"))
    }
}

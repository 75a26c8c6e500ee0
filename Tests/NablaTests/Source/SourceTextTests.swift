import Testing

@testable import Nabla

@Suite("Source text")
struct SourceTextTests {
    @Test func linesAndColumns() {
        let source = SourceText(name: "s", text: "a\nσx\r\n\n𝔸b\n")
        let starts = source.lineStarts
        func place(_ offset: Int) -> [Int] {
            let position = source.place(of: offset, starts)
            return [position.line, position.column]
        }
        #expect(place(0) == [1, 1])
        #expect(place(1) == [1, 2])
        #expect(place(2) == [2, 1])
        #expect(place(4) == [2, 2])
        #expect(place(7) == [3, 1])
        #expect(place(8) == [4, 1])
        #expect(place(12) == [4, 2])
        #expect(place(99) == [5, 1])
    }

    @Test(
        "the last line with text",
        arguments: [
            ("", ""), ("\n \n", ""), ("a", "a"), ("a\n  b c \n\n", "b c"), ("a\r\n", "a"), ("\u{FEFF}x", "x"),
        ])
    func lastLine(_ text: String, _ expected: String) {
        let source = SourceText(name: "s", text: text)
        #expect(source.text(source.lastLine) == expected)
    }

    /// The ill-formed sequences of the Unicode standard's table 3-8 and their neighbours.
    @Test(
        "bytes that are no UTF-8 are errors with a place",
        arguments: [
            ([0x61, 0xFF, 0x62], 1..<2), ([0xC0, 0xAF], 0..<2), ([0xE0, 0x9F, 0x80], 0..<3),
            ([0xED, 0xA0, 0x80], 0..<3), ([0xF4, 0x90, 0x80, 0x80], 0..<4), ([0x41, 0xE2, 0x82], 1..<3),
        ] as [([UInt8], Range<UInt32>)])
    func illFormed(_ bytes: [UInt8], _ expected: Range<UInt32>) {
        let source = SourceText(name: "s", bytes: bytes)
        let found = source.invalidRanges
        #expect(found == [SourceRange(lower: expected.lowerBound, upper: expected.upperBound)])
    }

    @Test func wellFormed() {
        var bytes: [UInt8] = []
        for value in [0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF] as [UInt32] {
            if let scalar = Unicode.Scalar(value) { bytes += Array(String(scalar).utf8) }
        }
        #expect(SourceText(name: "s", bytes: bytes).invalidRanges.isEmpty)
    }
}

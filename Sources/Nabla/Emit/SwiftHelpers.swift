/// Writes the small functions that a generated file needs.
struct SwiftHelpers {
    let file: SwiftFile
    let isInstance: Bool

    init(_ file: SwiftFile, isInstance: Bool) {
        self.file = file
        self.isInstance = isInstance
    }

    private var modifiers: String { isInstance ? "private" : "private static" }

    /// Functions of the language that are not in Foundation.
    func functions(_ helpers: Set<SwiftHelper>, usesLogSum: Bool) -> [SwiftSource] {
        var sources: [SwiftSource] = []
        for helper in helpers.sorted(by: { $0.name < $1.name }) {
            sources.append(.blank)
            for line in helper.lines(scalar: file.options.scalar, modifiers: modifiers) { sources.append(.line(line)) }
        }
        if usesLogSum {
            let type = file.scalar
            sources.append(.blank)
            sources.append(
                .documentation("Takes one more value into log Σ e^value = largest + log(sum), without overflow."))
            sources.append(
                .list(
                    head: "\(modifiers) func addToLogSum",
                    items: ["_ value: \(type)", "_ largest: inout \(type)", "_ sum: inout \(type)"], tail: "",
                    body: [
                        .branches([
                            (
                                "if value > largest",
                                [.line("sum = sum * exp(largest - value) + 1"), .line("largest = value")]
                            ),
                            ("else", [.line("sum += value == largest ? 1 : exp(value - largest)")]),
                        ])
                    ]))
        }
        return sources
    }

    /// Arithmetic on sizes.
    func integers(_ used: Set<SwiftFile.IntegerHelper>) -> [SwiftSource] {
        var used = used
        if used.contains(.checkedSize) { used.insert(.checkedSum) }
        return SwiftFile.IntegerHelper.allCases.filter { used.contains($0) }.flatMap { [.blank] + integer($0) }
    }

    private func integer(_ helper: SwiftFile.IntegerHelper) -> [SwiftSource] {
        switch helper {
        case .entry:
            return function(
                helper, "An entry of a table, 0 outside of it.", ["_ table: [Int]", "_ position: Int"], " -> Int",
                [.line("table.indices.contains(position) ? table[position] : 0")])
        case .ceilingQuotient:
            return function(
                helper, "A quotient, rounded up; the divisor is positive.", ["_ dividend: Int", "_ divisor: Int"],
                " -> Int", [.line("dividend / divisor + (dividend % divisor > 0 ? 1 : 0)")])
        case .checkedSum:
            return function(
                helper, "A sum of two counts.\n\n- Throws: `ShapeError` where it is too large.",
                ["_ left: Int", "_ right: Int"], " throws -> Int",
                [
                    .line("let (sum, overflow) = left.addingReportingOverflow(right)"),
                    .require("!overflow, sum <= 1 << 56", error: "ShapeError(\"the network is too large\")"),
                    .line("return sum"),
                ])
        case .checkedProduct:
            return function(
                helper, "A product of counts.\n\n- Throws: `ShapeError` where it is too large.", ["_ factors: Int..."],
                " throws -> Int",
                [
                    .line("var product: Int = 1"),
                    .braces(
                        "for factor in factors",
                        [
                            .line("let (next, overflow) = product.multipliedReportingOverflow(by: max(0, factor))"),
                            .require("!overflow, next <= 1 << 56", error: "ShapeError(\"the network is too large\")"),
                            .line("product = next"),
                        ]),
                    .line("return product"),
                ])
        case .checkedSize:
            return function(
                helper, "A size as an integer.\n\n- Throws: `ShapeError` where it is none, below 1, or above 2³¹ − 1.",
                ["_ name: String", "_ value: Double"], " throws -> Int",
                [
                    .line("let size: Double = value.rounded()"),
                    .braces(
                        "guard size >= 1, size <= 2_147_483_647, abs(value - size) <= 1e-9 * size else",
                        [
                            .line(
                                "throw ShapeError(\"the size \\(name) is \\(value), not an integer from 1 to 2147483647\")"
                            )
                        ]),
                    .line("return Int(size)"),
                ])
        case .checkDistribution:
            let type = file.scalar
            return function(
                helper,
                "Checks that the numbers of each row sum to 1.\n\n- Throws: `ShapeError` where they do not, to 1e-6.",
                [
                    "_ name: String", "_ values: UnsafeBufferPointer<\(type)>", "_ start: Int", "_ count: Int",
                    "_ row: Int",
                ], " throws",
                [
                    .line("guard row > 0 else { return }"),
                    .braces(
                        "for first in stride(from: start, to: start + count, by: row)",
                        [
                            .line("var sum: Double = 0"),
                            .line("for value in values[first..<(first + row)] { sum += Double(value) }"),
                            .braces(
                                "guard abs(sum - 1) <= 1e-6 else",
                                [
                                    .line(
                                        "throw ShapeError(\"\\(name) is a distribution, but its values sum to \\(sum)\")"
                                    )
                                ]),
                        ]),
                ])
        }
    }

    private func function(
        _ helper: SwiftFile.IntegerHelper, _ documentation: String, _ items: [String], _ tail: String,
        _ body: [SwiftSource]
    ) -> [SwiftSource] {
        [
            .documentation(documentation),
            .list(head: "fileprivate static func \(helper.rawValue)", items: items, tail: tail, body: body),
        ]
    }
}

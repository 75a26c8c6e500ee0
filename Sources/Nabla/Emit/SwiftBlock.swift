/// Several quantities, one after another in one array of numbers.
struct SwiftBlock {
    struct Item {
        var quantity: QuantityID
        var layout: SwiftLayout
        /// Where it starts.
        var base: SwiftInteger
    }

    var items: [Item] = []
    /// How many numbers there are.
    var count = SwiftInteger(0)
    private var positions: [QuantityID: Int] = [:]

    subscript(_ id: QuantityID) -> Item? { positions[id].map { items[$0] } }

    mutating func append(_ item: Item) {
        positions[item.quantity] = items.count
        items.append(item)
    }
}

extension SwiftFile {
    /// Lays quantities out one after another.
    mutating func block(
        _ quantities: [(id: QuantityID, name: String, layout: SwiftLayout)], from start: SwiftInteger = SwiftInteger(0)
    ) throws -> SwiftBlock {
        var block = SwiftBlock()
        block.count = start
        for (id, name, layout) in quantities {
            block.append(SwiftBlock.Item(quantity: id, layout: layout, base: block.count))
            block.count = try sum(block.count, layout.count, name: name)
        }
        return block
    }

    /// A sum of counts: a number, or a member that is computed with a check.
    mutating func sum(_ left: SwiftInteger, _ right: SwiftInteger, name: String) throws -> SwiftInteger {
        if left.known == 0 { return right }
        if right.known == 0 { return left }
        if let one = left.known, let two = right.known {
            let (sum, overflow) = one.addingReportingOverflow(two)
            if overflow || sum > 1 << 56 { throw SwiftPrintingError("the network has too many numbers") }
            return SwiftInteger(sum)
        }
        let member = names.claim(SwiftNames.bare(name) + "End")
        let sum = call(.checkedSum, [left.text, right.text])
        members.append(
            .computed(
                names: [(member, "Int")], comment: "Where what follows \(SwiftNames.bare(name)) starts.",
                code: [.line("let \(member): Int = try \(sum.text)")]))
        return SwiftInteger(atom: member)
    }
}

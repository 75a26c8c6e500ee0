extension SwiftFile {
    /// Lays out quantities of which some are never needed at the same time: these share memory. In the order in which they are needed, each
    /// gets the place of what it overwrites element by element, or the one that fits best of those that are free (linear scan: Poletto and Sarkar,
    /// 1999). Without ranges none shares. What is as long as a line of the cache begins where one does, if it is said how many numbers that has.
    mutating func block(
        _ quantities: [(id: QuantityID, name: String, layout: SwiftLayout)], from start: SwiftInteger = SwiftInteger(0),
        liveIn ranges: LiveRanges?, lineCount: Int? = nil
    ) throws -> SwiftBlock {
        guard let ranges else { return try block(quantities, from: start) }
        var places: [SharedPlace] = []
        var placeOf: [QuantityID: Int] = [:]
        let needed = quantities.map { ranges[$0.id] ?? 0...Int.max }
        let order = quantities.indices.sorted { (needed[$0].lowerBound, $0) < (needed[$1].lowerBound, $1) }
        for position in order {
            let layout = quantities[position].layout
            var best: Int?
            if let source = ranges.predecessor(of: quantities[position].id), let place = placeOf[source],
                places[place].lastUse == ranges[source]?.upperBound
            {
                best = place
            } else {
                for (candidate, place) in places.enumerated()
                where place.isFree(at: needed[position].lowerBound, layout) {
                    if best.map({ place.fits(layout, betterThan: places[$0]) }) ?? true { best = candidate }
                }
            }
            let chosen = best ?? places.count
            if best == nil {
                places.append(SharedPlace(count: layout.count, lastUse: 0, name: quantities[position].name))
            }
            places[chosen].lastUse = needed[position].upperBound
            places[chosen].count = places[chosen].larger(layout.count)
            placeOf[quantities[position].id] = chosen
        }
        var block = SwiftBlock()
        block.count = start
        var bases: [SwiftInteger] = []
        for place in places {
            if let lineCount, let count = place.count.known, count >= lineCount {
                block.count = block.count.roundedUp(toMultipleOf: lineCount)
            }
            bases.append(block.count)
            block.count = try sum(block.count, place.count, name: place.name)
        }
        for (id, _, layout) in quantities {
            guard let place = placeOf[id] else { continue }
            block.append(SwiftBlock.Item(quantity: id, layout: layout, base: bases[place]))
        }
        return block
    }
}

/// Part of the work memory that several quantities use, one after another.
private struct SharedPlace {
    var count: SwiftInteger
    /// The last statement that needs what lies here.
    var lastUse: Int
    /// The first quantity.
    var name: String

    /// Whether a quantity can lie here: of a letter's size only one of the same size.
    func isFree(at position: Int, _ layout: SwiftLayout) -> Bool {
        guard lastUse < position else { return false }
        return count.known != nil && layout.count.known != nil || count.text == layout.count.text
    }

    /// Whether less is wasted here, or less is to be added, than at another place.
    func fits(_ layout: SwiftLayout, betterThan other: SharedPlace) -> Bool {
        guard let wanted = layout.count.known, let own = count.known, let one = other.count.known else { return false }
        if (own >= wanted) != (one >= wanted) { return own >= wanted }
        return own >= wanted ? own < one : own > one
    }

    func larger(_ other: SwiftInteger) -> SwiftInteger {
        guard let own = count.known, let wanted = other.known else { return count }
        return SwiftInteger(max(own, wanted))
    }
}

/// Which quantities are computed together, since each depends on the others.
struct Recurrences {
    /// Of each quantity, the number of its group; nil where it depends on nothing that depends on it.
    private var groups: [Int?]

    init(_ pieces: [Piece], _ system: System) {
        var reads: [[Int]] = Array(repeating: [], count: system.quantities.count)
        var visited = Visited()
        for piece in pieces {
            for id in system.graph.reachable(from: [piece.body], &visited) {
                if let read = system.graph.quantity(id) { reads[Int(piece.quantity.raw)].append(Int(read.raw)) }
            }
        }
        groups = Array(repeating: nil, count: reads.count)
        for (number, group) in Components.ordered(reads).enumerated() {
            if group.count == 1, !reads[group[0]].contains(group[0]) { continue }
            for quantity in group { groups[quantity] = number }
        }
    }

    /// Whether two quantities are of one group.
    func haveInCommon(_ one: QuantityID, _ other: QuantityID) -> Bool {
        guard Int(one.raw) < groups.count, Int(other.raw) < groups.count, let group = groups[Int(one.raw)] else {
            return false
        }
        return groups[Int(other.raw)] == group
    }
}

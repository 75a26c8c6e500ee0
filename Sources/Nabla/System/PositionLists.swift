/// A list of positions for each of many things, all in one array: millions of short lists without an allocation for each.
struct PositionLists: Sendable {
    /// One of the lists.
    struct List: RandomAccessCollection, Sendable {
        fileprivate let entries: [Int32]
        let startIndex: Int
        let endIndex: Int

        subscript(position: Int) -> Int { Int(entries[position]) }
    }

    private var starts: [Int32]
    private var entries: [Int32]

    /// How many lists there are.
    var count: Int { starts.count - 1 }

    /// - Parameter pairs: which list, and an entry: each list has its entries in this order.
    init(count: Int, _ pairs: [(list: Int32, entry: Int32)] = []) {
        starts = Array(repeating: 0, count: count + 1)
        for pair in pairs { starts[Int(pair.list) + 1] += 1 }
        for list in 0..<count { starts[list + 1] += starts[list] }
        entries = Array(repeating: 0, count: pairs.count)
        // Each start moves to the list's end, which is the next one's start, and back.
        for pair in pairs {
            entries[Int(starts[Int(pair.list)])] = pair.entry
            starts[Int(pair.list)] += 1
        }
        for list in (0..<count).reversed() { starts[list + 1] = starts[list] }
        starts[0] = 0
    }

    init(_ lists: [[Int]]) {
        starts = [0]
        entries = []
        starts.reserveCapacity(lists.count + 1)
        for list in lists {
            for entry in list { entries.append(Int32(truncatingIfNeeded: entry)) }
            starts.append(Int32(truncatingIfNeeded: entries.count))
        }
    }

    subscript(list: Int) -> List {
        List(entries: entries, startIndex: Int(starts[list]), endIndex: Int(starts[list + 1]))
    }

    /// Where a list's entries stand among all, for walks that keep their place.
    func range(of list: Int) -> Range<Int> { Int(starts[list])..<Int(starts[list + 1]) }

    func entry(_ position: Int) -> Int { Int(entries[position]) }

    func isEmpty(_ list: Int) -> Bool { starts[list] == starts[list + 1] }
}

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
        self.init(count: count) { take in for pair in pairs { take(pair.list, pair.entry) } }
    }

    /// - Parameter forEachPair: hands over each list with an entry, twice in the same order, so that no array of them is needed.
    init(count: Int, _ forEachPair: ((_ list: Int32, _ entry: Int32) -> Void) -> Void) {
        var starts: [Int32] = Array(repeating: 0, count: count + 1)
        forEachPair { list, _ in starts[Int(list) + 1] += 1 }
        for list in 0..<count { starts[list + 1] += starts[list] }
        var entries: [Int32] = Array(repeating: 0, count: Int(starts[count]))
        // Each start moves to the list's end, which is the next one's start, and back.
        forEachPair { list, entry in
            entries[Int(starts[Int(list)])] = entry
            starts[Int(list)] += 1
        }
        for list in (0..<count).reversed() { starts[list + 1] = starts[list] }
        starts[0] = 0
        self.starts = starts
        self.entries = entries
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

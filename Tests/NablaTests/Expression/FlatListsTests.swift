import Testing

@testable import Nabla

/// Lists in flat arrays, and the arena's table where many nodes want the same place.
@Suite struct FlatListsTests {
    /// Every pair is in its list, in the order in which it was given, and nothing else is.
    @Test func positionListsKeepTheOrderOfTheirPairs() {
        var random = SplitMix64(state: 7)
        var pairs: [(list: Int32, entry: Int32)] = []
        var expected: [[Int]] = Array(repeating: [], count: 40)
        for entry in 0..<500 {
            let list = Int(random.next() % 39)  // the last list stays empty
            pairs.append((Int32(list), Int32(entry)))
            expected[list].append(entry)
        }
        let lists = PositionLists(count: 40, pairs)
        #expect(lists.count == 40)
        for list in 0..<40 { #expect(Array(lists[list]) == expected[list]) }
        #expect(lists.isEmpty(39))
        let same = PositionLists(expected)
        for list in 0..<40 { #expect(Array(same[list]) == expected[list]) }
    }

    @Test func quantityListsKeepTheOrderOfTheirValues() {
        var lists = QuantityLists<Int>()
        for value in 0..<100 { lists.append(value, of: QuantityID(value * value % 11)) }
        lists.makeList(QuantityID(20))
        var seen = 0
        for quantity in 0..<30 {
            let values = lists.positions(of: QuantityID(quantity)).map { lists.value($0) }
            #expect(values == (0..<100).filter { $0 * $0 % 11 == quantity })
            #expect(lists.isEmpty(QuantityID(quantity)) == values.isEmpty)
            seen += values.count
        }
        #expect(seen == 100)
        #expect(lists.hasList(QuantityID(20)) && !lists.hasList(QuantityID(19)))
        #expect(lists.keys.contains(QuantityID(20)) && !lists.keys.contains(QuantityID(19)))
    }

    /// Nodes that all have the same latest child want the same few slots: each is still stored once, through every growth.
    @Test func nodesWithOneLatestChildAreStoredOnce() {
        var graph = ExprGraph()
        let names = (0..<20_000).map { graph.makeAccess(QuantityID($0), []) }
        let last = names[names.count - 1]
        let made = names.map { graph.makeProduct($0, last) }
        let count = graph.count
        #expect(Set(made).count == made.count)
        for (name, product) in zip(names, made) {
            let again = graph.makeProduct([name, last])
            #expect(again == product)
        }
        #expect(graph.count == count)
    }

    /// Nodes at random, some of them new at once and some there already, in whatever order their leaves come: equal nodes have one id,
    /// others have not, whether there was room for them or the table had to grow.
    @Test(arguments: [0, 5_000]) func equalNodesHaveOneID(_ room: Int) {
        var random = SplitMix64(state: 11)
        var graph = ExprGraph()
        graph.reserveCapacity(room)
        var made: [ExprID] = []
        var ids: [String: ExprID] = [:]
        var hits = 0
        for _ in 0..<4_000 {
            var name: String
            let id: ExprID
            if made.isEmpty || random.next() % 4 == 0 {
                let quantity = Int(random.next() % 800)
                name = "q\(quantity)"
                id =
                    random.next() % 2 == 0
                    ? graph.makeScalar(QuantityID(quantity)) : graph.makeAccess(QuantityID(quantity), [])
            } else {
                // The node that was made last is a child more often than not.
                let first =
                    random.next() % 2 == 0 ? made[made.count - 1] : made[Int(random.next() % UInt64(made.count))]
                let second = made[Int(random.next() % UInt64(made.count))]
                let isSum = random.next() % 2 == 0
                name = "\(isSum ? "+" : "*") \(first.raw) \(second.raw)"
                id = isSum ? graph.makeSum(first, second) : graph.makeProduct([first, second])
            }
            if let known = ids[name] { hits += known == id ? 1 : -100_000 }
            ids[name] = id
            made.append(id)
        }
        #expect(hits > 100)
        #expect(Set(ids.values).count == ids.count)
        #expect(graph.count == ids.count)
    }

    /// One value for all at first, then those that were entered; and a window of a few, which forgets the ones before.
    @Test func syntaxMapsHaveAValueForEachExpression() {
        var map = SyntaxMap<Int?>(nil, count: 100)
        #expect((0..<100).allSatisfy { map[SyntaxID($0)] == nil })
        map[SyntaxID(40)] = 7
        #expect((0..<100).filter { map[SyntaxID($0)] != nil } == [40])
        map.cover(60...63)
        #expect((60..<64).allSatisfy { map[SyntaxID($0)] == nil })
        map[SyntaxID(63)] = 8
        #expect((60..<64).map { map[SyntaxID($0)] } == [nil, nil, nil, 8])
    }

    /// Strongly connected components of a graph whose components are known: rings, each with edges to earlier rings.
    @Test func ringsAreComponents() {
        var edges: [[Int]] = []
        var expected: [[Int]] = []
        var random = SplitMix64(state: 3)
        for size in [1, 4, 2, 7, 1, 30] {
            let first = edges.count
            for place in 0..<size {
                var targets = size == 1 ? [] : [first + (place + 1) % size]
                if first > 0 { targets.append(Int(random.next() % UInt64(first))) }
                edges.append(targets)
            }
            expected.append(Array(first..<first + size))
        }
        let components = Components.ordered(edges)
        #expect(Set(components) == Set(expected))
        // Each after all that it has edges to.
        var place: [Int: Int] = [:]
        for (number, members) in components.enumerated() { for member in members { place[member] = number } }
        for (vertex, targets) in edges.enumerated() {
            for target in targets { #expect((place[target] ?? .max) <= (place[vertex] ?? .min)) }
        }
    }

    /// What a bounded walk finds is what the unbounded one finds, or nothing where that is more.
    @Test func boundedWalksFindAllOrNothing() {
        var graph = ExprGraph()
        var body = graph.makeAccess(QuantityID(0), [])
        for number in 1..<30 {
            let other = graph.makeAccess(QuantityID(number), [])
            body = graph.makeProduct(body, other)
            let all = Set(graph.reachable(from: body))
            #expect(all.count == 2 * number + 1)
            for limit in [1, 2 * number, 2 * number + 1, 80] {
                let found = graph.withNodes(below: body, atMost: limit) { Set($0) }
                #expect(found == (all.count <= limit ? all : nil))
            }
        }
    }
}

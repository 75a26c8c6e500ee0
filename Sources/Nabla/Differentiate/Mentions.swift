/// Which equations mention which quantities, and which of them depend on what a derivative is taken with respect to.
struct Dependencies {
    /// Of each equation, the accesses in its right side, in the order in which they were made.
    private(set) var accesses: AccessLists
    /// Of each quantity, the equations that define it.
    private(set) var definitions: PositionLists
    /// Of each equation, whether something it depends on is asked for.
    private(set) var isActive: [Bool] = []
    /// Of each quantity, whether its value takes a sum or a mean over the examples, directly or through others.
    private(set) var takesReduction: [Bool]
    /// Whether any quantity's does.
    private(set) var hasReductions = false
    /// Of each equation, whether its right side is short and has neither a reduction nor a condition.
    private(set) var isShort: [Bool] = []
    /// Of each quantity, whether a derivative with respect to it is asked for.
    private(set) var isAsked: [Bool]

    /// Opens the right sides, so that every bound index is bound once, and declares all ranges to the simplifier.
    init(_ simplifier: inout Simplifier, wrt: Set<QuantityID>) {
        let count = simplifier.system.quantities.count
        takesReduction = Array(repeating: false, count: count)
        isAsked = Array(repeating: false, count: count)
        for quantity in wrt { isAsked[Int(quantity.raw)] = true }
        var reducing: [Int] = []
        accesses = AccessLists()
        accesses.reserveCapacity(simplifier.system.equations.count)
        isShort.reserveCapacity(simplifier.system.equations.count)
        for position in simplifier.system.equations.indices {
            let written = simplifier.system.equations[position].body
            let body = simplifier.system.graph.opening(written)
            if body != written { simplifier.system.equations[position].body = body }
            if !simplifier.system.equations[position].axes.isEmpty {
                simplifier.declare(simplifier.system.equations[position].axes)
            }
            if accesses.list(of: body, simplifier.system.graph) {
                isShort.append(true)
                continue
            }
            var reduces = false
            for id in simplifier.system.graph.reachable(from: body) {
                switch simplifier.system.graph.kind(of: id) {
                case .access: accesses.append(id)
                case .reduce, .extremum:
                    switch simplifier.system.graph.form(of: id) {
                    case .reduce(_, let binders, _), .extremum(_, let binders, _, _): simplifier.declare(binders)
                    case .reduceExamples: reduces = true
                    default: break
                    }
                default: break
                }
            }
            accesses.endList()
            isShort.append(false)
            if reduces { reducing.append(position) }
        }
        definitions = Dependencies.definitions(simplifier.system)
        let users = Dependencies.users(simplifier.system, accesses)
        hasReductions = !reducing.isEmpty
        markActive(&simplifier, wrt, users)
        while let position = reducing.popLast() {
            let quantity = Int(simplifier.system.equations[position].quantity.raw)
            if takesReduction[quantity] { continue }
            takesReduction[quantity] = true
            reducing.append(contentsOf: users[quantity])
        }
    }

    private static func definitions(_ system: System) -> PositionLists {
        PositionLists(count: system.quantities.count) { take in
            for position in system.equations.indices {
                let quantity = system.equations[position].quantity
                take(Int32(truncatingIfNeeded: quantity.raw), Int32(truncatingIfNeeded: position))
            }
        }
    }

    /// Of each quantity, the equations that mention it.
    private static func users(_ system: System, _ accesses: AccessLists) -> PositionLists {
        PositionLists(count: system.quantities.count) { take in
            for position in system.equations.indices {
                for place in accesses.range(of: position) {
                    let quantity = system.graph.node(accesses.access(place)).a
                    take(Int32(truncatingIfNeeded: quantity), Int32(truncatingIfNeeded: position))
                }
            }
        }
    }

    private mutating func markActive(_ simplifier: inout Simplifier, _ wrt: Set<QuantityID>, _ users: PositionLists) {
        isActive = Array(repeating: false, count: simplifier.system.equations.count)
        var queue: [Int] = []
        for quantity in wrt.sorted() {
            for user in users[Int(quantity.raw)] where !isActive[user] {
                isActive[user] = true
                queue.append(user)
            }
        }
        while let position = queue.popLast() {
            let quantity = simplifier.system.equations[position].quantity
            for user in users[Int(quantity.raw)] where !isActive[user] {
                let reaches = accesses.range(of: user).contains { mayRead(accesses.access($0), position, simplifier) }
                if reaches {
                    isActive[user] = true
                    queue.append(user)
                }
            }
        }
    }

    /// Whether an access may read an element that an equation defines: no only where that is certain.
    @inline(__always)
    func mayRead(_ access: ExprID, _ position: Int, _ simplifier: Simplifier) -> Bool {
        let quantity = simplifier.system.equations[position].quantity
        if simplifier.system.graph.quantity(access) != quantity { return false }
        return definitions.range(of: Int(quantity.raw)).count == 1 || simplifier.mayRead(access, position)
    }
}

extension Simplifier {
    /// Whether an access to an equation's quantity may read an element that the equation defines.
    fileprivate func mayRead(_ access: ExprID, _ position: Int) -> Bool {
        guard case .access(_, let indices) = system.graph.form(of: access) else { return false }
        for (index, axis) in zip(indices, system.equations[position].axes) {
            let value = system.graph[index]
            if isLess(value, system.graph[axis.lower]) { return false }
            if isLessOrEqual(system.graph[axis.upper], value) { return false }
        }
        return true
    }
}

/// The accesses of each of many right sides, in one array.
struct AccessLists {
    private var all: [ExprID] = []
    private var ends: [Int32] = []

    /// How many accesses there are in all of them.
    var count: Int { all.count }

    /// Makes room for so many lists.
    mutating func reserveCapacity(_ count: Int) {
        all.reserveCapacity(2 * count)
        ends.reserveCapacity(count)
    }

    mutating func append(_ access: ExprID) { all.append(access) }

    /// What was appended since the last time is a list, ascending.
    mutating func endList() {
        let start = ends.last.map { Int($0) } ?? 0
        // By insertion: they are few, or in order.
        for position in all.indices.dropFirst(start + 1) {
            let access = all[position]
            var place = position
            while place > start, access < all[place - 1] {
                all[place] = all[place - 1]
                place -= 1
            }
            all[place] = access
        }
        ends.append(Int32(truncatingIfNeeded: all.count))
    }

    /// Enters the accesses of a right side that is short and has neither a reduction nor a condition, as one list; false for others.
    mutating func list(of body: ExprID, _ graph: ExprGraph) -> Bool {
        let isListed = graph.withNodes(below: body, atMost: AccessLists.short) { nodes -> Bool in
            for id in nodes {
                switch graph.kind(of: id) {
                case .reduce, .select, .extremum: return false
                default: continue
                }
            }
            for id in nodes where graph.kind(of: id) == .access { all.append(id) }
            return true
        }
        guard isListed == true else { return false }
        endList()
        return true
    }

    /// A short right side has no more nodes.
    private static let short = 2 * Outliner.partSize

    subscript(list: Int) -> ArraySlice<ExprID> { all[range(of: list)] }

    /// Where a list's accesses stand among all, for walks that keep their place.
    func range(of list: Int) -> Range<Int> { (list == 0 ? 0 : Int(ends[list - 1]))..<Int(ends[list]) }

    func access(_ place: Int) -> ExprID { all[place] }

    /// A list of a few; nil where they are too many.
    func few(_ list: Int) -> Operands? {
        let range = range(of: list)
        if range.count > Operands.most { return nil }
        var result = Operands()
        for place in range { result.append(all[place]) }
        return result
    }
}

/// Who reads whom, as far as that may lead in a circle.
///
/// Quantities are compared first. Only among those that reach themselves is each read looked at closely: which equation reads
/// which, and whether at an earlier or a later stage.
struct CircleSearch {
    /// How a stage that is read lies to the stage that reads it.
    enum Direction {
        case earlier, notLater, same, notEarlier, later, unknown

        /// Whether a loop upwards (or, turned, downwards) over the stage has what is read before it, or in the same round.
        func agrees(isUpward: Bool) -> Bool {
            switch self {
            case .same: true
            case .earlier, .notLater: isUpward
            case .later, .notEarlier: !isUpward
            case .unknown: false
            }
        }

        /// Whether what is read certainly belongs to another round of the loop.
        var isStrict: Bool {
            if case .earlier = self { return true }
            if case .later = self { return true }
            return false
        }
    }

    /// One equation reads what another one, or it itself, defines.
    struct Read {
        /// Positions among the resolver's drafts.
        var reader: Int
        var writer: Int
        /// For each stage of the reader, for each stage of the writer.
        var directions: [[Direction]]
        /// For each stage of the reader, the stage of the writer that is named by the reader's index there.
        var aligned: [Int?]
        var place: SourceRange
    }

    /// Of each quantity, the circle that it may be in; −1 for none.
    private var circle: [Int] = []
    var reads: [Read] = []

    init() {}

    /// - Parameter reads: of each quantity, the computed quantities that its equations mention.
    init(_ reads: PositionLists) {
        circle = Array(repeating: -1, count: reads.count)
        let components = Components(reads)
        for number in 0..<components.count {
            let members = components[number]
            guard let first = members.first else { continue }
            if members.count > 1 || reads[Int(first)].contains(Int(first)) {
                for quantity in members { circle[Int(quantity)] = number }
            }
        }
    }

    /// Whether a quantity may depend on itself.
    func isInCircle(_ quantity: QuantityID) -> Bool {
        circle.indices.contains(Int(quantity.raw)) && circle[Int(quantity.raw)] >= 0
    }

    /// Whether two quantities may depend on each other both ways.
    func mayMeet(_ one: QuantityID, _ other: QuantityID) -> Bool {
        let (first, second) = (Int(one.raw), Int(other.raw))
        guard circle.indices.contains(first), circle.indices.contains(second) else { return false }
        return circle[first] >= 0 && circle[first] == circle[second]
    }

    /// Groups of reads that no order of evaluation allows: each the shortest circle among its equations.
    ///
    /// A group whose reads all go to earlier (or all to later) stages along one index, or stay at the same, is broken up by the
    /// reads that do change the stage, and what is left is looked at again (Karp, Miller and Winograd, "The organization of
    /// computations for uniform recurrence equations", 1967).
    ///
    /// - Parameter quantity: of each draft, its quantity.
    func circles(_ quantity: [QuantityID]) -> [[Read]] {
        var found: [[Read]] = []
        var work = [reads]
        while let group = work.popLast() {
            for component in CircleSearch.components(group) {
                if let rest = CircleSearch.broken(component, quantity) {
                    if !rest.isEmpty { work.append(rest) }
                } else {
                    found.append(CircleSearch.shortest(component))
                }
            }
        }
        return found
    }

    /// The reads inside each strongly connected component.
    private static func components(_ reads: [Read]) -> [[Read]] {
        var numbers: [Int: Int] = [:]
        for read in reads {
            for draft in [read.reader, read.writer] where numbers[draft] == nil { numbers[draft] = numbers.count }
        }
        var edges: [[Int]] = Array(repeating: [], count: numbers.count)
        for read in reads {
            if let from = numbers[read.reader], let to = numbers[read.writer] { edges[from].append(to) }
        }
        var component = Array(repeating: 0, count: numbers.count)
        let all = Components.ordered(edges)
        for (number, members) in all.enumerated() { for member in members { component[member] = number } }
        var result: [[Read]] = Array(repeating: [], count: all.count)
        for read in reads {
            guard let from = numbers[read.reader], let to = numbers[read.writer], component[from] == component[to]
            else {
                continue
            }
            result[component[from]].append(read)
        }
        return result.filter { !$0.isEmpty }
    }

    /// The reads that a loop over some stage leaves; nil where there is no such loop.
    private static func broken(_ reads: [Read], _ quantity: [QuantityID]) -> [Read]? {
        guard let first = reads.first else { return [] }
        for start in first.directions.indices {
            for stages in [sameStage(reads, quantity, start), alignedStages(reads, quantity, start)] {
                for isUpward in [true, false] {
                    let directions = reads.map { direction($0, quantity, stages) }
                    guard directions.allSatisfy({ $0.agrees(isUpward: isUpward) }) else { continue }
                    let rest = zip(reads, directions).filter { !$1.isStrict }.map(\.0)
                    if rest.count < reads.count { return rest }
                }
            }
        }
        return nil
    }

    private static func direction(_ read: Read, _ quantity: [QuantityID], _ stages: [QuantityID: Int]) -> Direction {
        guard let from = stages[quantity[read.reader]], let to = stages[quantity[read.writer]],
            read.directions.indices.contains(from), read.directions[from].indices.contains(to)
        else { return .unknown }
        return read.directions[from][to]
    }

    /// The same stage of each quantity.
    private static func sameStage(_ reads: [Read], _ quantity: [QuantityID], _ start: Int) -> [QuantityID: Int] {
        var result: [QuantityID: Int] = [:]
        for read in reads { result[quantity[read.reader]] = start }
        return result
    }

    /// One stage of each quantity: that which the reads of a quantity name by the reader's own index, from one to the next.
    private static func alignedStages(_ reads: [Read], _ quantity: [QuantityID], _ start: Int) -> [QuantityID: Int] {
        var result = [quantity[reads[0].reader]: start]
        var outgoing: [QuantityID: [Int]] = [:]
        for (position, read) in reads.enumerated() { outgoing[quantity[read.reader], default: []].append(position) }
        var queue = [quantity[reads[0].reader]]
        while let next = queue.popLast() {
            guard let from = result[next] else { continue }
            for position in outgoing[next] ?? [] {
                let target = quantity[reads[position].writer]
                guard result[target] == nil, reads[position].aligned.indices.contains(from),
                    let to = reads[position].aligned[from]
                else { continue }
                result[target] = to
                queue.append(target)
            }
        }
        return result
    }

    /// The shortest circle through the first of a component's equations.
    private static func shortest(_ reads: [Read]) -> [Read] {
        let start = reads.map(\.reader).min() ?? 0
        if let own = reads.first(where: { $0.reader == start && $0.writer == start }) { return [own] }
        var outgoing: [Int: [Int]] = [:]
        for (position, read) in reads.enumerated() { outgoing[read.reader, default: []].append(position) }
        var arrival: [Int: Int] = [:]
        var queue = [start]
        var next = 0
        while next < queue.count {
            let draft = queue[next]
            next += 1
            for position in outgoing[draft] ?? [] {
                let target = reads[position].writer
                if arrival[target] != nil { continue }
                arrival[target] = position
                if target == start {
                    var path: [Read] = []
                    var at = start
                    repeat {
                        guard let last = arrival[at] else { break }
                        path.append(reads[last])
                        at = reads[last].reader
                    } while at != start
                    return path.reversed()
                }
                queue.append(target)
            }
        }
        return Array(reads.prefix(1))
    }
}

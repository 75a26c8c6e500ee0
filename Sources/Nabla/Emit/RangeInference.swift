// Which range the language infers for an index, so that the spec printer writes only the others.

/// What the accesses under a binder say about its index.
struct RangeRecords {
    /// One binder in scope.
    struct Record {
        var lower: AffineID
        var upper: AffineID
        /// Whether an access gives the index exactly the binder's range.
        var isConfirmed = false
        /// Whether an access gives it another range, or one that cannot be compared.
        var isContradicted = false
        /// Whether anything mentions the index.
        var isMentioned = false
        /// Whether a declared quantity, whose range is written, confirms.
        var isGrounded = false
        /// The axes of computed quantities that confirm; a few are enough.
        var sources: [(quantity: QuantityID, position: Int)] = []
    }

    var records: [Record] = []
    var places: [IndexID: Int] = [:]

    mutating func enter(_ index: IndexID, _ lower: AffineID, _ upper: AffineID) {
        places[index] = records.count
        records.append(Record(lower: lower, upper: upper))
    }

    mutating func leave(_ index: IndexID) -> Record? {
        places[index] = nil
        return records.popLast()
    }

    mutating func clear() {
        records.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
    }
}

/// The range of each axis of a quantity as an access to it implies it.
struct InferredRanges {
    /// In terms of `indices`; nil where the quantity's equations do not fit together to one range.
    var ranges: [(lower: AffineID, upper: AffineID)?]
    /// The axes' indices that the ranges mention.
    var indices: [IndexID]
    var isDeclared: Bool
}

extension SpecPrinter {
    /// Notes what an access says about the indices in scope.
    mutating func note(access quantity: QuantityID, _ indices: [AffineID], _ records: inout RangeRecords) {
        if records.places.isEmpty { return }
        for (position, index) in indices.enumerated() {
            let affine = system.graph[index]
            note(mentions: affine, &records)
            guard let bare = affine.asIndex, let place = records.places[bare] else { continue }
            if records.records[place].isContradicted { continue }
            guard let inferred = inferredRange(of: quantity, position, indices) else {
                records.records[place].isContradicted = true
                continue
            }
            let record = records.records[place]
            if system.isEqual(inferred.lower, record.lower) && system.isEqual(inferred.upper, record.upper) {
                records.records[place].isConfirmed = true
                if inferred.isDeclared {
                    records.records[place].isGrounded = true
                } else if record.sources.count < 4,
                    !record.sources.contains(where: { $0.quantity == quantity && $0.position == position })
                {
                    records.records[place].sources.append((quantity, position))
                }
            } else {
                records.records[place].isContradicted = true
            }
        }
    }

    /// Notes which indices an affine expression mentions.
    func note(mentions affine: Affine, _ records: inout RangeRecords) {
        if records.places.isEmpty { return }
        for term in affine.terms {
            switch term.atom {
            case .index(let index): if let place = records.places[index] { records.records[place].isMentioned = true }
            case .size: break
            case .stagedSize(_, let stage): note(mentions: system.graph[stage], &records)
            }
        }
    }

    /// The range that an index at one place of an access has by the quantity's domain.
    private mutating func inferredRange(
        of quantity: QuantityID, _ position: Int, _ indices: [AffineID]
    ) -> (lower: AffineID, upper: AffineID, isDeclared: Bool)? {
        let inferred: InferredRanges
        if let known = inferredRanges[quantity] {
            inferred = known
        } else {
            inferred = ranges(of: quantity)
            inferredRanges[quantity] = inferred
        }
        guard inferred.ranges.indices.contains(position), let (lower, upper) = inferred.ranges[position] else {
            return nil
        }
        if position == 0 { return (lower, upper, inferred.isDeclared) }
        var map: [IndexID: Affine] = [:]
        for earlier in 0..<min(position, inferred.indices.count) {
            map[inferred.indices[earlier]] = system.graph[indices[earlier]]
        }
        guard let lower = system.graph.substitute(lower, map), let upper = system.graph.substitute(upper, map)
        else { return nil }
        return (lower, upper, inferred.isDeclared)
    }

    /// Brings the boxes of a quantity's equations together.
    private mutating func ranges(of id: QuantityID) -> InferredRanges {
        let quantity = system[id]
        let domains = quantity.domains
        guard let first = domains.first else { return InferredRanges(ranges: [], indices: [], isDeclared: true) }
        // The box with the most indices speaks for the others.
        var general = first
        for domain in domains
        where domain.lazy.filter({ !$0.isPoint }).count > general.lazy.filter({ !$0.isPoint }).count {
            general = domain
        }
        var ranges: [(lower: AffineID, upper: AffineID)?] = []
        for position in general.indices {
            ranges.append(
                domains.count == 1
                    ? (first[position].lower, first[position].upper) : range(at: position, domains, general))
        }
        return InferredRanges(ranges: ranges, indices: general.map(\.index), isDeclared: quantity.role.isDeclared)
    }

    /// The one range of an axis over all boxes; nil where they leave a gap or differ by more than an earlier index.
    private mutating func range(
        at position: Int, _ domains: [[Axis]], _ general: [Axis]
    ) -> (lower: AffineID, upper: AffineID)? {
        var ends: [Affine: (lower: AffineID, upper: AffineID)] = [:]
        var order: [Affine] = []
        func insert(_ lower: AffineID, _ upper: AffineID) -> Bool {
            let key = system.expandingSizes(system.graph[lower])
            if let known = ends[key] { return system.isEqual(known.upper, upper) }
            ends[key] = (lower, upper)
            order.append(key)
            return true
        }
        guard insert(general[position].lower, general[position].upper) else { return nil }
        for domain in domains {
            var toGeneral: [IndexID: Affine] = [:]
            var fromGeneral: [IndexID: Affine] = [:]
            for earlier in 0..<position {
                if domain[earlier].isPoint {
                    fromGeneral[general[earlier].index] = system.graph[domain[earlier].lower]
                } else {
                    toGeneral[domain[earlier].index] = Affine(.index(general[earlier].index))
                    fromGeneral[general[earlier].index] = Affine(.index(domain[earlier].index))
                }
            }
            let axis = domain[position]
            // The general range at this box's points may be this box's range: a(0)[k] beside a(l)[j].
            if let lower = system.graph.substitute(general[position].lower, fromGeneral),
                let upper = system.graph.substitute(general[position].upper, fromGeneral),
                system.isEqual(lower, axis.lower), system.isEqual(upper, axis.upper)
            {
                continue
            }
            guard let lower = system.graph.substitute(axis.lower, toGeneral),
                let upper = system.graph.substitute(axis.upper, toGeneral), insert(lower, upper)
            else { return nil }
        }
        // A chain of ranges, each starting where another ends.
        var inner: Set<Affine> = []
        for key in order {
            if let (_, upper) = ends[key] { inner.insert(system.expandingSizes(system.graph[upper])) }
        }
        let starts = order.filter { !inner.contains($0) }
        guard starts.count == 1, var key = starts.first, let lower = ends[key]?.lower else { return nil }
        var count = 0
        var upper = lower
        while let next = ends[key], count < order.count {
            upper = next.upper
            key = system.expandingSizes(system.graph[upper])
            count += 1
        }
        return count == order.count ? (lower, upper) : nil
    }

    /// The other equations of a quantity that give an axis its range, where the right side does not mention the index;
    /// empty where they do not agree.
    func equationsWithSameRange(as equation: Int, _ position: Int) -> [Groundings.Source] {
        let quantity = system.equations[equation].quantity
        let axes = system.equations[equation].axes
        let axis = axes[position]
        // Many boxes are not worth a search each: their ranges are written.
        guard Int(quantity.raw) < pieces.count else { return [] }
        let all = pieces[Int(quantity.raw)]
        guard all.count > 1, all.count <= 64 else { return [] }
        var found: [Groundings.Source] = []
        for other in all where other != equation {
            let otherAxes = system.equations[other].axes
            guard otherAxes.indices.contains(position), !otherAxes[position].isPoint else { continue }
            let range = otherAxes[position]
            guard system.isEqual(range.lower, axis.lower), system.isEqual(range.upper, axis.upper),
                !otherAxes.prefix(position).contains(where: {
                    system.graph.depends(range.upper, on: $0.index) || system.graph.depends(range.lower, on: $0.index)
                })
            else { return [] }
            found.append(Groundings.Source(quantity: quantity, position: position, equation: other))
        }
        return found
    }
}

/// Which axes of equations have a range that follows, directly or through others, from a written one.
///
/// Quantities that are defined by each other would otherwise each leave the range to the other.
struct Groundings {
    /// What an axis may take its range from: an axis of a quantity, as all its equations together give it, or of one
    /// equation.
    struct Source: Hashable {
        var quantity: QuantityID
        var position: Int
        var equation: Int?
    }

    private struct Axis: Hashable {
        var equation: Int
        var position: Int
    }

    private var grounded: Set<Axis> = []
    private var waiting: [Source: [Axis]] = [:]
    private var sources: [Source] = []
    private var openAxes: [Axis: QuantityID] = [:]
    /// How many axes of a quantity's equations are not grounded.
    private var openCounts: [Source: Int] = [:]

    /// An axis whose range follows if one of the sources' ranges does.
    mutating func wait(_ equation: Int, _ position: Int, of quantity: QuantityID, for candidates: [Source]) {
        let axis = Axis(equation: equation, position: position)
        openAxes[axis] = quantity
        openCounts[Source(quantity: quantity, position: position), default: 0] += 1
        for source in candidates {
            if waiting[source] == nil { sources.append(source) }
            waiting[source, default: []].append(axis)
        }
    }

    func isGrounded(_ equation: Int, _ position: Int) -> Bool {
        grounded.contains(Axis(equation: equation, position: position))
    }

    /// Decides for all axes; those that only lead in a circle are not grounded, so that their range is written.
    mutating func solve() {
        var ready = sources.filter { source in
            if let equation = source.equation {
                openAxes[Axis(equation: equation, position: source.position)] == nil
            } else {
                openCounts[source] == nil
            }
        }
        while let source = ready.popLast() {
            for axis in waiting.removeValue(forKey: source) ?? [] {
                guard grounded.insert(axis).inserted, let quantity = openAxes[axis] else { continue }
                ready.append(Source(quantity: quantity, position: axis.position, equation: axis.equation))
                let whole = Source(quantity: quantity, position: axis.position)
                let count = (openCounts[whole] ?? 1) - 1
                openCounts[whole] = count
                if count == 0 { ready.append(whole) }
            }
        }
    }
}

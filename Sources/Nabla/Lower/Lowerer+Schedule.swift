extension Lowerer {
    /// Orders the pieces and makes their loops: what does not depend on examples, then one pass over the examples for all that does
    /// and for sums over them, then what needs those sums, and so on.
    mutating func schedule() throws {
        let dependences = dependences()
        var successors: [[Int]] = Array(repeating: [], count: pieces.count)
        var incoming: [[Int]] = Array(repeating: [], count: pieces.count)
        for (position, dependence) in dependences.enumerated() {
            successors[dependence.reader].append(dependence.writer)
            incoming[dependence.reader].append(position)
        }
        let components = Components.ordered(successors)
        let times = try phases(components, successors)
        findReadLater(successors, times)
        var groups: [[Int]] = Array(repeating: [], count: (times.max() ?? -1) + 1)
        for (position, component) in components.enumerated() {
            guard let first = component.first else { continue }
            groups[times[first]].append(position)
        }
        var isCleared = Array(repeating: false, count: system.quantities.count)
        openRoot()
        for (time, group) in groups.enumerated() where !group.isEmpty {
            let isPass = !time.isMultiple(of: 2)
            var gathered: [Int] = []
            for component in group {
                for position in components[component] where pieces[position].gather != nil {
                    gathered.append(position)
                }
            }
            clear(gathered, &isCleared)
            if isPass { openExamples() }
            for component in group {
                let members = components[component].map { Member(pieces[$0], $0) }
                var inside: [Dependence] = []
                for member in components[component] {
                    for position in incoming[member] { inside.append(dependences[position]) }
                }
                try emit(members, inside)
            }
            if isPass { closeFrame() }
            for position in gathered where pieces[position].gather == .mean { try divideByCount(pieces[position]) }
        }
        closeFrame()
    }

    /// When each piece is computed: at 0, 2, 4, … what does not depend on examples, at 1, 3, … in a pass over them.
    private func phases(_ components: [[Int]], _ successors: [[Int]]) throws -> [Int] {
        var times = Array(repeating: 0, count: pieces.count)
        for component in components {
            var time = 0
            var isPass = false
            for member in component {
                let piece = pieces[member]
                let isInPass = piece.gather != nil || isPerExample[Int(piece.quantity.raw)]
                isPass = isPass || isInPass
                if component.count > 1, piece.gather != nil {
                    throw LoweringError(
                        "'\(system[piece.quantity].name)', a sum over the examples, depends on itself",
                        at: range(of: piece))
                }
            }
            let members = Set(component)
            for member in component {
                for writer in successors[member] where !members.contains(writer) {
                    // A sum is there when its pass is over.
                    time = max(time, times[writer] + (pieces[writer].gather != nil ? 1 : 0))
                }
            }
            if isPass == time.isMultiple(of: 2) { time += 1 }
            for member in component { times[member] = time }
        }
        return times
    }

    private mutating func findReadLater(_ successors: [[Int]], _ times: [Int]) {
        isReadLater = Array(repeating: false, count: system.quantities.count)
        for (reader, writers) in successors.enumerated() {
            for writer in writers where times[writer] < times[reader] && pieces[writer].gather == nil {
                let quantity = Int(pieces[writer].quantity.raw)
                if isPerExample[quantity] { isReadLater[quantity] = true }
            }
        }
    }

    private mutating func clear(_ gathered: [Int], _ isCleared: inout [Bool]) {
        for position in gathered {
            let quantity = pieces[position].quantity
            if !isCleared[Int(quantity.raw)] {
                isCleared[Int(quantity.raw)] = true
                append(.clear(quantity))
            }
        }
    }

    /// The mean from the sum.
    private mutating func divideByCount(_ piece: Piece) throws {
        var piece = piece
        piece.gather = nil
        let own = piece.axes.map { $0.isPoint ? $0.lower : graph.affine(Affine(.index($0.index))) }
        let sum = graph.makeAccess(piece.quantity, own)
        let count = program.read(.exampleCount)
        piece.body = graph.makeQuotient(sum, count)
        try emitNest(Member(piece, -1), guards: [])
    }

    // MARK: Recurrences

    /// A piece in the loops that are open around it.
    struct Member {
        var piece: Piece
        /// Its position in ``Lowerer/pieces``: dependences refer to it.
        var position: Int
        /// Which of its axes have a loop already.
        var isOpen: [Bool]
        /// What must hold for the piece to be computed in this round of the open loops.
        var guards: [ExprID] = []

        init(_ piece: Piece, _ position: Int) {
            self.piece = piece
            self.position = position
            isOpen = Array(repeating: false, count: piece.axes.count)
        }
    }

    /// Makes loops for pieces that may depend on each other, in the manner of Allen and Kennedy (1987): strongly connected ones
    /// share a loop over a stage, along which all dependences point backwards, and what these leave is ordered inside.
    private mutating func emit(_ members: [Member], _ dependences: [Dependence]) throws {
        if members.count == 1, dependences.allSatisfy({ $0.writer != members[0].position }) {
            try emitNest(members[0], guards: members[0].guards)
            return
        }
        var placeOf: [Int: Int] = [:]
        for (place, member) in members.enumerated() { placeOf[member.position] = place }
        let inside = dependences.filter { placeOf[$0.reader] != nil && placeOf[$0.writer] != nil }
        var successors: [[Int]] = Array(repeating: [], count: members.count)
        var edges: [[Dependence]] = Array(repeating: [], count: members.count)
        for dependence in inside {
            guard let reader = placeOf[dependence.reader], let writer = placeOf[dependence.writer] else { continue }
            successors[reader].append(writer)
            edges[reader].append(dependence)
        }
        let components = Components.ordered(successors)
        for component in components {
            let group = component.map { members[$0] }
            let own = Set(component.map { members[$0].position })
            let within = component.flatMap { edges[$0] }.filter { own.contains($0.writer) }
            if within.isEmpty {
                for member in group { try emitNest(member, guards: member.guards) }
            } else {
                try emitRecurrence(group, within)
            }
        }
    }

    private mutating func emitRecurrence(_ members: [Member], _ dependences: [Dependence]) throws {
        let most = members.map { $0.isOpen.count }.max() ?? 0
        // A loop that takes care of no dependence may still be needed around one that does, for the bounds of that one.
        for isIdleAllowed in [false, true] {
            for position in 0..<most {
                guard let choice = choose(axis: position, members, dependences, isIdleAllowed) else { continue }
                try emitLoop(choice, members)
                return
            }
        }
        let names = members.map { system[$0.piece.quantity].name }
        var unique: [String] = []
        for name in names.sorted() where unique.last != name { unique.append(name) }
        let list = unique.prefix(8).joined(separator: "', '")
        throw LoweringError(
            "no order of evaluation is certain to be right: '\(list)' depend\(unique.count == 1 ? "s" : "") on"
                + " \(unique.count == 1 ? "itself" : "each other") in both directions, or in a circle",
            at: range(of: members[0].piece))
    }

    /// A loop that a group of pieces can share.
    private struct SharedLoop {
        /// The axis of each member.
        var axes: [Int]
        var isReversed: Bool
        /// The dependences that the loop does not take care of.
        var remaining: [Dependence]
    }

    /// The loop over the given axis of the first member, if the others have an axis that goes along, and all
    /// dependences point one way.
    private mutating func choose(
        axis start: Int, _ members: [Member], _ dependences: [Dependence], _ isIdleAllowed: Bool
    ) -> SharedLoop? {
        guard start < members[0].isOpen.count, !members[0].isOpen[start] else { return nil }
        var placeOf: [Int: Int] = [:]
        for (place, member) in members.enumerated() { placeOf[member.position] = place }
        var axisOf: [QuantityID: Int] = [members[0].piece.quantity: start]
        var isChanged = true
        while isChanged {
            isChanged = false
            for dependence in dependences {
                guard let reader = placeOf[dependence.reader], let writer = placeOf[dependence.writer] else { continue }
                let from = members[reader].piece
                let to = members[writer].piece
                if let known = axisOf[from.quantity], axisOf[to.quantity] == nil {
                    guard !from.axes[known].isPoint else { continue }
                    let index = from.axes[known].index
                    let found = dependence.indices.firstIndex { graph[$0].coefficient(of: index) == 1 }
                    if let found { axisOf[to.quantity] = found }
                } else if axisOf[from.quantity] == nil, let known = axisOf[to.quantity] {
                    let affine = graph[dependence.indices[known]]
                    let found = from.axes.firstIndex { !$0.isPoint && affine.coefficient(of: $0.index) == 1 }
                    if let found { axisOf[from.quantity] = found }
                } else {
                    continue
                }
                isChanged = isChanged || axisOf[from.quantity] != nil && axisOf[to.quantity] != nil
            }
        }
        var axes: [Int] = []
        for member in members {
            guard let axis = axisOf[member.piece.quantity] ?? (start < member.isOpen.count ? start : nil),
                axis < member.isOpen.count, !member.isOpen[axis], isFixed(axis, member)
            else { return nil }
            axisOf[member.piece.quantity] = axis
            axes.append(axis)
        }
        return direction(axes, placeOf, members, dependences, isIdleAllowed)
    }

    /// Whether the range of an axis depends only on loops that are open.
    private mutating func isFixed(_ axis: Int, _ member: Member) -> Bool {
        let range = member.piece.axes[axis]
        let mentioned = Set(freeIndices(range.lower) + freeIndices(range.upper))
        for (other, isOpen) in zip(member.piece.axes, member.isOpen) where !isOpen && mentioned.contains(other.index) {
            return false
        }
        return true
    }

    private mutating func direction(
        _ axes: [Int], _ placeOf: [Int: Int], _ members: [Member], _ dependences: [Dependence],
        _ isIdleAllowed: Bool
    ) -> SharedLoop? {
        var canGoUp = true
        var canGoDown = true
        var remainingUp: [Dependence] = []
        var remainingDown: [Dependence] = []
        var rangesOf: [IndexRanges?] = Array(repeating: nil, count: members.count)
        for dependence in dependences {
            guard let reader = placeOf[dependence.reader], let writer = placeOf[dependence.writer] else { continue }
            let piece = members[reader].piece
            let ranges = rangesOf[reader] ?? IndexRanges(pieces[dependence.reader], graph)
            rangesOf[reader] = ranges
            // Dependences are in terms of the piece's own indices, whatever loops are open.
            let axis = pieces[dependence.reader].axes[axes[reader]]
            let now = axis.isPoint ? axis.lower : graph.affine(Affine(.index(axis.index)))
            guard axes[writer] < dependence.indices.count, axes[reader] < piece.axes.count else { return nil }
            let then = dependence.indices[axes[writer]]
            let scope = ranges.scope(of: [now, then], &free, graph)
            if canGoUp {
                if system.isLess(graph[then], graph[now], in: scope) {
                } else if system.isLessOrEqual(graph[then], graph[now], in: scope) {
                    remainingUp.append(dependence)
                } else {
                    canGoUp = false
                }
            }
            if canGoDown {
                if system.isLess(graph[now], graph[then], in: scope) {
                } else if system.isLessOrEqual(graph[now], graph[then], in: scope) {
                    remainingDown.append(dependence)
                } else {
                    canGoDown = false
                }
            }
        }
        if canGoUp, isIdleAllowed || remainingUp.count < dependences.count {
            return SharedLoop(axes: axes, isReversed: false, remaining: remainingUp)
        }
        if canGoDown, isIdleAllowed || remainingDown.count < dependences.count {
            return SharedLoop(axes: axes, isReversed: true, remaining: remainingDown)
        }
        return nil
    }

    private mutating func emitLoop(_ loop: SharedLoop, _ members: [Member]) throws {
        // The loop's index is that of the first member that has one there.
        var index: IndexID?
        for (member, axis) in zip(members, loop.axes) where !member.piece.axes[axis].isPoint {
            index = member.piece.axes[axis].index
            break
        }
        let first = members[0].piece.axes[loop.axes[0]].index
        let shared = index ?? graph.makeIndex(like: first)
        let lowers = zip(members, loop.axes).map { $0.piece.axes[$1].lower }
        let uppers = zip(members, loop.axes).map { $0.piece.axes[$1].upper }
        let lower = system.union(lowers, .smallest)
        let upper = system.union(uppers, .largest)
        var inner: [Member] = []
        for (member, axis) in zip(members, loop.axes) {
            inner.append(enter(member, axis, shared, lower, upper))
        }
        let quantities = Set(members.map(\.piece.quantity))
        openLoop(
            Loop(
                index: shared, lower: lower, upper: upper, isReversed: loop.isReversed, purpose: .recurrence,
                body: program.makeBlock()), isNeverEmpty: isNeverEmpty(lower, upper), quantities: quantities)
        try emit(inner, loop.remaining)
        closeFrame()
    }

    /// The member inside a loop over one of its axes.
    private mutating func enter(
        _ member: Member, _ axis: Int, _ index: IndexID, _ lower: LoopBound, _ upper: LoopBound
    ) -> Member {
        var member = member
        let range = member.piece.axes[axis]
        let here = graph.makeInteger(graph.affine(Affine(.index(index))))
        if range.isPoint {
            if lower.asAffine != range.lower || upper.asAffine != range.upper {
                let there = graph.makeInteger(range.lower)
                member.guards.append(graph.makeComparison(.equal, here, there))
            }
        } else {
            if lower.asAffine != range.lower {
                let there = graph.makeInteger(range.lower)
                member.guards.append(graph.makeComparison(.greaterOrEqual, here, there))
            }
            if upper.asAffine != range.upper {
                let there = graph.makeInteger(range.upper)
                member.guards.append(graph.makeComparison(.less, here, there))
            }
            member.piece = substituting(range.index, index, member.piece)
        }
        member.isOpen[axis] = true
        return member
    }

    /// The piece with one index in place of another one.
    private mutating func substituting(_ old: IndexID, _ new: IndexID, _ piece: Piece) -> Piece {
        if old == new { return piece }
        var piece = piece
        let map = [old: Affine(.index(new))]
        for position in piece.axes.indices {
            if piece.axes[position].index == old { piece.axes[position].index = new }
            piece.axes[position].lower = graph.substitute(piece.axes[position].lower, map) ?? piece.axes[position].lower
            piece.axes[position].upper = graph.substitute(piece.axes[position].upper, map) ?? piece.axes[position].upper
        }
        piece.body = graph.substitute(piece.body, map) ?? piece.body
        return piece
    }

    func isNeverEmpty(_ lower: LoopBound, _ upper: LoopBound) -> Bool {
        // One round is certain where some lower term is below some upper one, for a union; ranges of one term are exact.
        guard let lower = lower.asAffine, let upper = upper.asAffine else { return false }
        return system.isLess(graph[lower], graph[upper])
    }
}

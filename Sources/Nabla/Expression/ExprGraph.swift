/// An arena of expressions: nodes addressed by a 32-bit id, children before parents, equal nodes stored once.
///
/// So equality is a comparison of ids, sharing costs nothing, and a pass is a loop over ids, whatever the depth.
/// `make…` functions store what they are given: only the simplifier rewrites.
public struct ExprGraph: Sendable {
    private(set) var nodes: [Node] = []
    /// Of each node, the indices that stand free in it, by ``IndexID/maskBit``: may say yes too often, never too rarely.
    /// Up to the last that is not 0: where nothing has an index, there are none.
    private(set) var masks: [UInt64] = []
    private(set) var pool: [UInt32] = []
    /// No access mentions a quantity from this one on.
    private var newQuantities: UInt32 = 0
    /// Whether a function that overflows stands anywhere.
    private(set) var mentionsExponentials = false
    /// Of each slot a node's id.
    private var table: [UInt32] = Array(repeating: 0, count: 64)
    /// Of each slot some bits of the node's hash, or 0 where it is free: who looks for a node need not look at others in the way.
    private var marks: [UInt8] = Array(repeating: 0, count: 64)
    private(set) var rationals: [Rational] = []
    private var rationalIDs: [Rational: UInt32] = [:]
    private(set) var literals: [String] = []
    private var literalIDs: [String: UInt32] = [:]
    private var affines: [Affine] = []
    private var affineMasks: [UInt64] = []
    private var affineIDs: [Affine: AffineID] = [:]
    /// The list of the node that is being made: the first `scratchCount` entries.
    private var scratch: [UInt32] = []
    private var scratchCount = 0

    /// Of each named index, its name as the spec writes it and its kind.
    public private(set) var indexNames: [(name: String, kind: IndexKind)] = []
    /// Of each reduction in normal form, the names that its indices had where it was first made.
    private(set) var binderNames: [ExprID: [String]] = [:]

    /// An empty arena.
    public init() {}

    /// How many distinct nodes there are.
    public var count: Int { nodes.count }

    // MARK: Indices and affine expressions

    /// A new named index.
    public mutating func makeIndex(_ name: String, _ kind: IndexKind) -> IndexID {
        indexNames.append((name, kind))
        return IndexID(raw: UInt32(truncatingIfNeeded: indexNames.count - 1))
    }

    /// A new named index like another one.
    public mutating func makeIndex(like index: IndexID) -> IndexID {
        makeIndex(name(of: index), kind(of: index))
    }

    /// Changes what a named index counts, once that is known.
    mutating func setKind(_ kind: IndexKind, of index: IndexID) {
        if !index.isCanonical { indexNames[Int(index.raw)].kind = kind }
    }

    /// The name of an index; canonical ones are called by their level.
    public func name(of index: IndexID) -> String {
        index.isCanonical ? "i\(index.level)" : indexNames[Int(index.raw)].name
    }

    /// What an index counts.
    public func kind(of index: IndexID) -> IndexKind {
        index.isCanonical
            ? IndexKind(rawValue: UInt8(index.raw >> 29 & 3)) ?? .element : indexNames[Int(index.raw)].kind
    }

    /// Keeps the names that a reduction's indices had, for printing.
    mutating func rememberNames(_ names: [String], of reduction: ExprID) {
        if binderNames[reduction] == nil { binderNames[reduction] = names }
    }

    /// Stores an affine expression.
    public mutating func affine(_ affine: Affine) -> AffineID {
        if let id = affineIDs[affine] { return id }
        var mask: UInt64 = 0
        for term in affine.terms {
            switch term.atom {
            case .index(let index): mask |= index.maskBit
            case .size: break
            case .stagedSize(_, let stage): mask |= affineMasks[Int(stage.raw)]
            }
        }
        let id = AffineID(UInt32(truncatingIfNeeded: affines.count))
        affines.append(affine)
        affineMasks.append(mask)
        affineIDs[affine] = id
        return id
    }

    /// Reads an affine expression.
    public subscript(affine: AffineID) -> Affine { affines[Int(affine.raw)] }

    func mask(of affine: AffineID) -> UInt64 { affineMasks[Int(affine.raw)] }

    // MARK: Numbers

    public mutating func makeNumber(_ value: Rational, literal: String? = nil) -> ExprID {
        let id: UInt32
        if let known = rationalIDs[value] {
            id = known
        } else {
            id = UInt32(truncatingIfNeeded: rationals.count)
            rationals.append(value)
            rationalIDs[value] = id
        }
        var text: UInt32 = 0
        if let literal {
            if let known = literalIDs[literal] {
                text = known
            } else {
                literals.append(literal)
                text = UInt32(truncatingIfNeeded: literals.count)
                literalIDs[literal] = text
            }
        }
        return intern(Node(kind: .number, a: id, b: text), mask: 0)
    }

    // MARK: Hash-consing

    /// Begins the list of a node that is to be made.
    mutating func beginList() { scratchCount = 0 }

    /// Enters the next of the list.
    mutating func push(_ entry: UInt32) {
        if scratchCount < scratch.count { scratch[scratchCount] = entry } else { scratch.append(entry) }
        scratchCount += 1
    }

    /// The node with these parts, whose list, where its kind has one, stands in `scratch`.
    mutating func intern(_ draft: Node, mask: UInt64, count: Int? = nil) -> ExprID {
        var node = draft
        let isList = node.hasList
        if isList, scratchCount <= Operands.most {
            var few = Operands()
            for position in 0..<scratchCount { few.append(raw: scratch[position]) }
            node.c = UInt32(truncatingIfNeeded: count ?? scratchCount)
            return intern(node, few, mask: mask)
        }
        if isList { node.c = UInt32(truncatingIfNeeded: count ?? scratchCount) }
        let place = place(of: node, isList)
        if let known = find(node, place, isList) { return known }
        if isList {
            node.b = UInt32(truncatingIfNeeded: pool.count)
            for position in 0..<scratchCount { pool.append(scratch[position]) }
        }
        return append(node, mask, place)
    }

    /// The same with a short list, without `scratch`.
    ///
    /// - Parameter draft: complete but for where its list is.
    mutating func intern(_ draft: Node, _ list: Operands, mask: UInt64) -> ExprID {
        let place = place(of: draft, list)
        if !isNew(draft, list), let known = find(draft, place, list) { return known }
        var node = draft
        node.b = UInt32(truncatingIfNeeded: pool.count)
        for position in 0..<list.count { pool.append(list[position].raw) }
        return append(node, mask, place)
    }

    private mutating func append(_ node: Node, _ mask: UInt64, _ place: Place) -> ExprID {
        let id = UInt32(truncatingIfNeeded: nodes.count)
        nodes.append(node)
        if node.kind == .access {
            newQuantities = max(newQuantities, node.a &+ 1)
        } else if node.kind == .call, ExprGraph.isExponential(node.a) {
            mentionsExponentials = true
        }
        if mask != 0 {
            if masks.count < nodes.count - 1 {
                masks.append(contentsOf: repeatElement(0, count: nodes.count - 1 - masks.count))
            }
            masks.append(mask)
        }
        enter(id, place)
        if nodes.count > table.count / 2 { grow() }
        return ExprID(id)
    }

    /// Whether a node with a list cannot be there yet, since one of its parts has just come: nothing was made after its latest child,
    /// or nobody has mentioned its quantity. Most of what is made together is new, and then needs no search.
    @inline(__always)
    private func isNew(_ node: Node, _ list: Operands) -> Bool {
        switch node.kind {
        case .access: node.a >= newQuantities
        case .add, .multiply, .and, .or, .call: list.count > 0 && Int(list.latest) == nodes.count - 1
        default: false
        }
    }

    /// The node with these parts if it is there already.
    func known(_ node: Node, _ list: Operands) -> ExprID? {
        if node.hasList, isNew(node, list) { return nil }
        return node.hasList ? find(node, place(of: node, list), list) : find(node, place(of: node, false), false)
    }

    /// For how many nodes there is room.
    var capacity: Int { nodes.capacity }

    /// Makes room for so many more nodes.
    mutating func reserveCapacity(_ count: Int) {
        nodes.reserveCapacity(nodes.count + count)
        pool.reserveCapacity(pool.count + 2 * count)
        var slots = table.count
        while slots < 2 * (nodes.count + count) { slots *= 2 }
        if slots > table.count { grow(to: slots) }
    }

    /// Where a node is looked for: near its latest child's place first, since what is made together is asked for together and then
    /// lies in the same few cache lines; and where that is full, anywhere.
    private struct Place {
        var near: Int
        var far: Int
        /// From one far slot to the next: not the neighbour, since slots near a child fill up together.
        var step: Int
        var mark: UInt8
    }

    /// So many slots are looked through near a node's latest child.
    private static let nearby = 8

    /// The place of a node with a short list.
    @inline(__always)
    private func place(of node: Node, _ list: Operands) -> Place {
        let latest: UInt32 =
            switch node.kind {
            case .access: node.a &* 4
            case .reduce, .extremum: node.a
            default: list.latest
            }
        var hash = UInt64(node.kind.rawValue) | UInt64(node.tag) << 8 | UInt64(node.a) << 32
        let words = list.words
        var position = 0
        while 2 * position < list.count {
            hash = ExprGraph.mix(hash ^ words[position])
            position += 1
        }
        return place(ExprGraph.mix(hash ^ UInt64(node.c)), near: latest)
    }

    @inline(__always)
    private func place(_ hash: UInt64, near latest: UInt32) -> Place {
        let slots = table.count - 1
        // Leaves of all kinds but accesses are few, or have nothing that they are near to.
        let near = latest == 0 ? Int(hash >> 40) : 2 * Int(latest) + Int(hash & 127)
        return Place(
            near: near & slots, far: Int(hash >> 32) & slots, step: Int(hash >> 8 & 0xFFFF_FFFF) & slots | 1,
            mark: UInt8(hash >> 57) | 0x80)
    }

    @inline(__always)
    private func place(of node: Node, _ isList: Bool) -> Place {
        var hash = UInt64(node.kind.rawValue) | UInt64(node.tag) << 8 | UInt64(node.a) << 32
        var latest: UInt32
        switch node.kind {
        case .access: latest = node.a &* 4
        case .number, .pi, .integer, .argument, .boolean: latest = 0
        case .divide, .power, .compare: latest = max(node.a, node.b)
        case .select: latest = max(node.a, node.b, node.c)
        case .negate, .not, .reduce, .extremum: latest = node.a
        case .add, .multiply, .and, .or, .call, .derivativeCall:
            latest = 0
            for position in 0..<scratchCount { latest = max(latest, scratch[position]) }
        }
        if isList {
            for position in 0..<scratchCount { hash = ExprGraph.mix(hash ^ UInt64(scratch[position])) }
            hash ^= UInt64(node.c)
        } else {
            hash = ExprGraph.mix(hash) ^ (UInt64(node.b) | UInt64(node.c) << 32)
        }
        return place(ExprGraph.mix(hash), near: latest)
    }

    /// A stored node like this one. A function of its own that only reads, so that no copy of the arena is made around it.
    @inline(__always)
    private func find(_ node: Node, _ place: Place, _ isList: Bool) -> ExprID? {
        find(place) { isSame($0, node, isList) }
    }

    @inline(__always)
    private func find(_ node: Node, _ place: Place, _ list: Operands) -> ExprID? {
        find(place) { isSame($0, node, list) }
    }

    @inline(__always)
    private func find(_ place: Place, _ isSame: (Int) -> Bool) -> ExprID? {
        let slots = table.count - 1
        for offset in 0..<ExprGraph.nearby {
            let slot = (place.near + offset) & slots
            if marks[slot] == 0 { return nil }
            if marks[slot] == place.mark, isSame(Int(table[slot])) { return ExprID(table[slot]) }
        }
        var slot = place.far
        while marks[slot] != 0 {
            if marks[slot] == place.mark, isSame(Int(table[slot])) { return ExprID(table[slot]) }
            slot = (slot + place.step) & slots
        }
        return nil
    }

    @inline(__always)
    private func isSame(_ id: Int, _ node: Node, _ list: Operands) -> Bool {
        let stored = nodes[id]
        guard stored.kind == node.kind, stored.a == node.a, stored.c == node.c, stored.tag == node.tag,
            poolCount(stored) == list.count
        else { return false }
        let first = Int(stored.b)
        for position in 0..<list.count where pool[first + position] != list[position].raw { return false }
        return true
    }

    @inline(__always)
    private func isSame(_ id: Int, _ node: Node, _ isList: Bool) -> Bool {
        let stored = nodes[id]
        guard stored.kind == node.kind, stored.a == node.a, stored.c == node.c, stored.tag == node.tag else {
            return false
        }
        return isList ? holdsScratch(stored) : stored.b == node.b
    }

    @inline(__always)
    private mutating func enter(_ id: UInt32, _ place: Place) {
        let slots = table.count - 1
        for offset in 0..<ExprGraph.nearby where marks[(place.near + offset) & slots] == 0 {
            return fill((place.near + offset) & slots, id, place)
        }
        var slot = place.far
        while marks[slot] != 0 { slot = (slot + place.step) & slots }
        fill(slot, id, place)
    }

    @inline(__always)
    private mutating func fill(_ slot: Int, _ id: UInt32, _ place: Place) {
        table[slot] = id
        marks[slot] = place.mark
    }

    /// Whether a node's list is what stands in `scratch`.
    @inline(__always)
    private func holdsScratch(_ stored: Node) -> Bool {
        guard poolCount(stored) == scratchCount else { return false }
        let first = Int(stored.b)
        for position in 0..<scratchCount where pool[first + position] != scratch[position] { return false }
        return true
    }

    private mutating func grow() { grow(to: 2 * table.count) }

    private mutating func grow(to slots: Int) {
        table = Array(repeating: 0, count: slots)
        marks = Array(repeating: 0, count: slots)
        for id in nodes.indices {
            let node = nodes[id]
            let count = node.hasList ? poolCount(node) : 0
            if node.hasList, count <= Operands.most {
                var few = Operands()
                for position in 0..<count { few.append(raw: pool[Int(node.b) + position]) }
                enter(UInt32(truncatingIfNeeded: id), place(of: node, few))
                continue
            }
            beginList()
            for position in 0..<count { push(pool[Int(node.b) + position]) }
            enter(UInt32(truncatingIfNeeded: id), place(of: node, node.hasList))
        }
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value &* 0x9E37_79B9_7F4A_7C15
        mixed ^= mixed >> 32
        return mixed &* 0xD6E8_FEB8_6659_FD93 ^ mixed >> 29
    }
}

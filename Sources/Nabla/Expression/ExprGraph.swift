/// An arena of expressions: nodes addressed by a 32-bit id, children before parents, equal nodes stored once.
///
/// So equality is a comparison of ids, sharing costs nothing, and a pass is a loop over ids, whatever the depth.
/// `make…` functions store what they are given: only the simplifier rewrites.
public struct ExprGraph: Sendable {
    private(set) var nodes: [Node] = []
    /// Of each node, the indices that stand free in it, by ``IndexID/maskBit``: may say yes too often, never too rarely.
    private(set) var masks: [UInt64] = []
    private var pool: [UInt32] = []
    /// Node id + 1 in the low half, or 0; its hash in the high half, so that most strangers are told by the entry alone.
    private var table: [UInt64] = Array(repeating: 0, count: 64)
    private var rationals: [Rational] = []
    private var rationalIDs: [Rational: UInt32] = [:]
    private var literals: [String] = []
    private var literalIDs: [String: UInt32] = [:]
    private var affines: [Affine] = []
    private var affineMasks: [UInt64] = []
    private var affineIDs: [Affine: AffineID] = [:]
    private var scratch: [UInt32] = []

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

    // MARK: Making nodes

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

    public mutating func makeNumber(_ value: Int) -> ExprID { makeNumber(Rational(value)) }

    public mutating func makePi() -> ExprID { intern(Node(kind: .pi), mask: 0) }

    public mutating func makeInteger(_ affine: AffineID) -> ExprID {
        intern(Node(kind: .integer, a: affine.raw), mask: mask(of: affine))
    }

    public mutating func makeArgument(_ position: Int) -> ExprID {
        intern(Node(kind: .argument, a: UInt32(truncatingIfNeeded: position)), mask: 0)
    }

    public mutating func makeAccess(_ quantity: QuantityID, _ indices: [AffineID]) -> ExprID {
        scratch.removeAll(keepingCapacity: true)
        var mask: UInt64 = 0
        for index in indices {
            scratch.append(index.raw)
            mask |= self.mask(of: index)
        }
        return intern(Node(kind: .access, a: quantity.raw), mask: mask, list: true)
    }

    public mutating func makeSum(_ terms: [ExprID]) -> ExprID { makeList(.add, terms) }

    public mutating func makeProduct(_ factors: [ExprID]) -> ExprID { makeList(.multiply, factors) }

    public mutating func makeAnd(_ conditions: [ExprID]) -> ExprID { makeList(.and, conditions) }

    public mutating func makeOr(_ conditions: [ExprID]) -> ExprID { makeList(.or, conditions) }

    public mutating func makeCall(_ function: FunctionReference, _ arguments: [ExprID]) -> ExprID {
        makeList(.call, arguments, a: function.encoded)
    }

    /// A partial derivative of a function: one position for each differentiation.
    public mutating func makeDerivativeCall(
        _ function: FunctionReference, positions: [Int], _ arguments: [ExprID]
    ) -> ExprID {
        scratch.removeAll(keepingCapacity: true)
        for position in positions { scratch.append(UInt32(truncatingIfNeeded: position)) }
        var mask: UInt64 = 0
        var height: UInt16 = 0
        for argument in arguments { note(argument, &mask, &height) }
        let tag = UInt8(truncatingIfNeeded: positions.count)
        return intern(
            Node(kind: .derivativeCall, tag: tag, height: height, a: function.encoded), mask: mask, list: true)
    }

    public mutating func makeNegation(_ operand: ExprID) -> ExprID {
        intern(Node(kind: .negate, height: height(of: operand), a: operand.raw), mask: mask(of: operand))
    }

    public mutating func makeQuotient(_ dividend: ExprID, _ divisor: ExprID) -> ExprID {
        makePair(.divide, dividend, divisor)
    }

    public mutating func makePower(_ base: ExprID, _ exponent: ExprID) -> ExprID { makePair(.power, base, exponent) }

    public mutating func makeComparison(_ comparison: Comparison, _ left: ExprID, _ right: ExprID) -> ExprID {
        makePair(.compare, left, right, tag: comparison.rawValue)
    }

    public mutating func makeNot(_ condition: ExprID) -> ExprID {
        intern(Node(kind: .not, height: height(of: condition), a: condition.raw), mask: mask(of: condition))
    }

    public mutating func makeBoolean(_ value: Bool) -> ExprID {
        intern(Node(kind: .boolean, tag: value ? 1 : 0), mask: 0)
    }

    public mutating func makeSelect(_ condition: ExprID, then: ExprID, otherwise: ExprID) -> ExprID {
        intern(
            Node(
                kind: .select, height: max(height(of: condition), height(of: then), height(of: otherwise)),
                a: condition.raw, b: then.raw, c: otherwise.raw),
            mask: mask(of: condition) | mask(of: then) | mask(of: otherwise))
    }

    public mutating func makeReduction(_ kind: ReductionKind, _ binders: [Binder], _ body: ExprID) -> ExprID {
        makeBinding(.reduce, kind, binders, body, targets: [])
    }

    public mutating func makeReductionOverExamples(_ kind: ReductionKind, _ body: ExprID) -> ExprID {
        let tag = kind.rawValue | Node.overExamples
        return intern(Node(kind: .reduce, tag: tag, height: height(of: body), a: body.raw), mask: mask(of: body))
    }

    /// The condition that `targets` is the first place at which `body` is largest (or smallest).
    public mutating func makeExtremum(
        _ kind: ReductionKind, _ binders: [Binder], _ body: ExprID, targets: [AffineID]
    ) -> ExprID {
        makeBinding(.extremum, kind, binders, body, targets: targets)
    }

    private mutating func makeBinding(
        _ node: NodeKind, _ kind: ReductionKind, _ binders: [Binder], _ body: ExprID, targets: [AffineID]
    ) -> ExprID {
        var height = Int(height(of: body))
        var mask = mask(of: body)
        scratch.removeAll(keepingCapacity: true)
        for binder in binders {
            scratch.append(binder.index.raw)
            scratch.append(binder.lower.raw)
            scratch.append(binder.upper.raw)
            mask |= self.mask(of: binder.lower) | self.mask(of: binder.upper)
            if binder.index.isCanonical { height = max(height, binder.index.level) }
        }
        // A low canonical level has a bit of its own, so that it can be cleared where it is bound.
        for binder in binders where binder.index.isCanonical && binder.index.level < 15 {
            mask &= ~binder.index.maskBit
        }
        for target in targets {
            scratch.append(target.raw)
            mask |= self.mask(of: target)
        }
        return intern(
            Node(
                kind: node, tag: kind.rawValue, height: UInt16(truncatingIfNeeded: min(height, 0xFFFF)), a: body.raw),
            mask: mask, list: true, count: binders.count)
    }

    private mutating func makePair(_ kind: NodeKind, _ left: ExprID, _ right: ExprID, tag: UInt8 = 0) -> ExprID {
        intern(
            Node(
                kind: kind, tag: tag, height: max(height(of: left), height(of: right)), a: left.raw, b: right.raw),
            mask: mask(of: left) | mask(of: right))
    }

    private mutating func makeList(_ kind: NodeKind, _ operands: [ExprID], a: UInt32 = 0) -> ExprID {
        scratch.removeAll(keepingCapacity: true)
        var mask: UInt64 = 0
        var height: UInt16 = 0
        for operand in operands { note(operand, &mask, &height) }
        return intern(Node(kind: kind, height: height, a: a), mask: mask, list: true)
    }

    private mutating func note(_ operand: ExprID, _ mask: inout UInt64, _ height: inout UInt16) {
        scratch.append(operand.raw)
        mask |= self.mask(of: operand)
        height = max(height, self.height(of: operand))
    }

    // MARK: Reading nodes

    func node(_ id: ExprID) -> Node { nodes[Int(id.raw)] }

    func mask(of id: ExprID) -> UInt64 { masks[Int(id.raw)] }

    func height(of id: ExprID) -> UInt16 { nodes[Int(id.raw)].height }

    /// How many entries of the pool belong to a node.
    func poolCount(_ node: Node) -> Int {
        switch node.kind {
        case .access, .add, .multiply, .and, .or, .call, .derivativeCall: Int(node.c)
        case .reduce: node.tag & Node.overExamples != 0 ? 0 : 3 * Int(node.c)
        case .extremum: 4 * Int(node.c)  // binders, then as many targets
        default: 0
        }
    }

    func poolEntry(_ node: Node, _ position: Int) -> UInt32 { pool[Int(node.b) + position] }

    private func list(_ node: Node, from start: Int = 0) -> [ExprID] {
        let first = Int(node.b) + start
        let count = Int(node.c) - start
        var result = [ExprID](repeating: ExprID(0), count: count)
        for position in 0..<count { result[position] = ExprID(pool[first + position]) }
        return result
    }

    private func binders(_ node: Node) -> [Binder] {
        let first = Int(node.b)
        return (0..<Int(node.c)).map { position in
            Binder(
                index: IndexID(raw: pool[first + 3 * position]), lower: AffineID(pool[first + 3 * position + 1]),
                upper: AffineID(pool[first + 3 * position + 2]))
        }
    }

    /// An expression, one level deep.
    public func form(of id: ExprID) -> ExpressionForm {
        let node = nodes[Int(id.raw)]
        let a = ExprID(node.a)
        let b = ExprID(node.b)
        switch node.kind {
        case .number: return .number(rationals[Int(node.a)], literal: node.b == 0 ? nil : literals[Int(node.b) - 1])
        case .pi: return .pi
        case .integer: return .integer(AffineID(node.a))
        case .argument: return .argument(Int(node.a))
        case .access:
            if node.c == 0 { return .access(QuantityID(Int(node.a)), []) }
            let first = Int(node.b)
            return .access(
                QuantityID(Int(node.a)), pool[first..<first + Int(node.c)].map { AffineID($0) })
        case .add: return .add(list(node))
        case .multiply: return .multiply(list(node))
        case .negate: return .negate(a)
        case .divide: return .divide(a, b)
        case .power: return .power(a, b)
        case .call: return .call(FunctionReference(encoded: node.a), list(node))
        case .derivativeCall:
            let first = Int(node.b)
            let positions = (0..<Int(node.tag)).map { Int(pool[first + $0]) }
            return .derivativeCall(
                FunctionReference(encoded: node.a), positions: positions, list(node, from: Int(node.tag)))
        case .select: return .select(a, then: b, otherwise: ExprID(node.c))
        case .compare: return .compare(Comparison(rawValue: node.tag) ?? .equal, a, b)
        case .and: return .and(list(node))
        case .or: return .or(list(node))
        case .not: return .not(a)
        case .boolean: return .boolean(node.tag != 0)
        case .reduce:
            let kind = ReductionKind(rawValue: node.tag & ~Node.overExamples) ?? .sum
            return node.tag & Node.overExamples != 0 ? .reduceExamples(kind, a) : .reduce(kind, binders(node), a)
        case .extremum:
            let first = Int(node.b) + 3 * Int(node.c)
            return .extremum(
                ReductionKind(rawValue: node.tag) ?? .maximum, binders(node), a,
                targets: pool[first..<first + Int(node.c)].map { AffineID($0) })
        }
    }

    // MARK: One part at a time, without an array

    func kind(of id: ExprID) -> NodeKind { nodes[Int(id.raw)].kind }

    /// How many operands a sum, a product, a conjunction, a disjunction or a call has.
    func operandCount(_ id: ExprID) -> Int { Int(nodes[Int(id.raw)].c) }

    /// One of those operands.
    func operand(_ id: ExprID, _ position: Int) -> ExprID { ExprID(pool[Int(nodes[Int(id.raw)].b) + position]) }

    /// The argument where a node calls a function of one argument.
    func argument(_ id: ExprID, ofCallTo function: FunctionID) -> ExprID? {
        let node = nodes[Int(id.raw)]
        guard node.kind == .call, node.c == 1, node.a == FunctionReference.standard(function).encoded else {
            return nil
        }
        return ExprID(pool[Int(node.b)])
    }

    /// The quantity that an access reads.
    func quantity(_ id: ExprID) -> QuantityID? {
        let node = nodes[Int(id.raw)]
        return node.kind == .access ? QuantityID(Int(node.a)) : nil
    }

    /// The number that a node is, if it is one.
    public func number(_ id: ExprID) -> Rational? {
        let node = nodes[Int(id.raw)]
        return node.kind == .number ? rationals[Int(node.a)] : nil
    }

    /// Calls `body` with every child, left to right.
    public func forEachChild(of id: ExprID, _ body: (ExprID) -> Void) {
        let node = nodes[Int(id.raw)]
        switch node.kind {
        case .number, .pi, .integer, .argument, .access, .boolean: break
        case .negate, .not, .reduce, .extremum: body(ExprID(node.a))
        case .divide, .power, .compare:
            body(ExprID(node.a))
            body(ExprID(node.b))
        case .select:
            body(ExprID(node.a))
            body(ExprID(node.b))
            body(ExprID(node.c))
        case .add, .multiply, .and, .or, .call:
            for position in 0..<Int(node.c) { body(ExprID(pool[Int(node.b) + position])) }
        case .derivativeCall:
            for position in Int(node.tag)..<Int(node.c) { body(ExprID(pool[Int(node.b) + position])) }
        }
    }

    // MARK: Hash-consing

    private mutating func intern(_ draft: Node, mask: UInt64, list: Bool = false, count: Int? = nil) -> ExprID {
        var node = draft
        if list { node.c = UInt32(truncatingIfNeeded: count ?? scratch.count) }
        var hash = UInt64(node.kind.rawValue) | UInt64(node.tag) << 8 | UInt64(node.a) << 32
        if list {
            for entry in scratch { hash = ExprGraph.mix(hash ^ UInt64(entry)) }
            hash ^= UInt64(node.c)
        } else {
            hash = ExprGraph.mix(hash) ^ (UInt64(node.b) | UInt64(node.c) << 32)
        }
        hash = ExprGraph.mix(hash)
        if let known = find(node, hash, list) { return known }
        return store(node, mask: mask, hash: hash, list: list)
    }

    /// A stored node like this one. A function of its own that only reads, so that no copy of the arena is made around it.
    @inline(__always)
    private func find(_ node: Node, _ hash: UInt64, _ list: Bool) -> ExprID? {
        let slots = table.count - 1
        var slot = Int(hash >> 32) & slots
        while table[slot] != 0 {
            let entry = table[slot]
            if entry >> 32 == hash >> 32 {
                let id = Int(entry & 0xFFFF_FFFF) - 1
                let stored = nodes[id]
                if stored.kind == node.kind, stored.tag == node.tag, stored.a == node.a, stored.c == node.c,
                    list ? holdsScratch(stored) : stored.b == node.b
                {
                    return ExprID(UInt32(truncatingIfNeeded: id))
                }
            }
            slot = (slot + 1) & slots
        }
        return nil
    }

    @inline(__always)
    private mutating func store(_ draft: Node, mask: UInt64, hash: UInt64, list: Bool) -> ExprID {
        var node = draft
        if list {
            node.b = UInt32(truncatingIfNeeded: pool.count)
            pool.append(contentsOf: scratch)
        }
        let id = UInt32(truncatingIfNeeded: nodes.count)
        nodes.append(node)
        masks.append(mask)
        enter(hash & ExprGraph.hashBits | UInt64(id) + 1)
        if nodes.count * 3 > table.count * 2 { grow() }
        return ExprID(id)
    }

    private static let hashBits: UInt64 = 0xFFFF_FFFF_0000_0000

    /// The slots that an entry looks through start where its hash says; ids and slots have no more bits than the hash keeps.
    @inline(__always)
    private mutating func enter(_ entry: UInt64) {
        let slots = table.count - 1
        var slot = Int(entry >> 32) & slots
        while table[slot] != 0 { slot = (slot + 1) & slots }
        table[slot] = entry
    }

    /// Whether a node's list is what stands in `scratch`.
    @inline(__always)
    private func holdsScratch(_ stored: Node) -> Bool {
        guard poolCount(stored) == scratch.count else { return false }
        let first = Int(stored.b)
        for position in scratch.indices where pool[first + position] != scratch[position] { return false }
        return true
    }

    private mutating func grow() {
        let old = table
        table = Array(repeating: 0, count: old.count * 2)
        for entry in old where entry != 0 { enter(entry) }
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value &* 0x9E37_79B9_7F4A_7C15
        mixed ^= mixed >> 32
        return mixed &* 0xD6E8_FEB8_6659_FD93 ^ mixed >> 29
    }
}

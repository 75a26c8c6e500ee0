/// Where expressions stand in a list, by a hash of their ids: looked through while the list is short, hashed when it is long.
///
/// Ids are small numbers that are handed out in order, so that a multiplication mixes them well enough; the standard
/// library's hash is made for keys that an adversary chooses, and took a third of the time of deriving large expressions.
private struct ExprPositions {
    private var slots: [UInt32] = []

    /// Longer lists are hashed.
    private static let longest = 16

    @inline(__always)
    private func slot(_ id: ExprID) -> Int {
        Int(truncatingIfNeeded: (UInt64(id.raw) &* 0x9E37_79B9_7F4A_7C15) >> 32) & (slots.count - 1)
    }

    @inline(__always)
    func position(of id: ExprID, in keys: [ExprID]) -> Int? {
        if slots.isEmpty {
            for position in keys.indices where keys[position] == id { return position }
            return nil
        }
        var slot = slot(id)
        while slots[slot] != 0 {
            let position = Int(slots[slot] - 1)
            if keys[position] == id { return position }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    mutating func removeAll() { slots.removeAll() }

    /// Takes in the last of the keys.
    mutating func append(_ keys: [ExprID]) {
        if keys.count <= Self.longest { return }
        if keys.count * 2 > slots.count {
            slots = Array(repeating: 0, count: max(64, slots.count * 2))
            for position in keys.indices { enter(position, keys) }
        } else {
            enter(keys.count - 1, keys)
        }
    }

    private mutating func enter(_ position: Int, _ keys: [ExprID]) {
        var slot = slot(keys[position])
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = UInt32(truncatingIfNeeded: position) + 1
    }
}

/// A map from expressions, for passes over one right side; its entries stay in the order in which they were made.
struct ExprMap<Value> {
    private(set) var keys: [ExprID] = []
    private(set) var values: [Value] = []
    private var positions = ExprPositions()

    private mutating func append(_ key: ExprID, _ value: Value) {
        if keys.isEmpty {
            keys.reserveCapacity(8)
            values.reserveCapacity(8)
        }
        keys.append(key)
        values.append(value)
        positions.append(keys)
    }

    /// Empties the map and keeps its memory.
    mutating func removeAll() {
        keys.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        positions.removeAll()
    }

    /// Reads a value, or enters one; what is entered is not removed.
    subscript(key: ExprID) -> Value? {
        get { positions.position(of: key, in: keys).map { values[$0] } }
        set {
            guard let newValue else { return }
            if let position = positions.position(of: key, in: keys) {
                values[position] = newValue
            } else {
                append(key, newValue)
            }
        }
    }

    /// Changes a value in its place, which starts as `initial`.
    subscript(key: ExprID, default initial: @autoclosure () -> Value) -> Value {
        get { self[key] ?? initial() }
        _modify {
            var found = positions.position(of: key, in: keys)
            if found == nil {
                append(key, initial())
                found = keys.count - 1
            }
            yield &values[found ?? 0]
        }
    }
}

/// A set of expressions, for passes over one right side.
struct ExprSet {
    private var elements: [ExprID] = []
    private var positions = ExprPositions()

    init() {}

    init(_ elements: [ExprID]) { for element in elements { insert(element) } }

    var isEmpty: Bool { elements.isEmpty }

    func contains(_ element: ExprID) -> Bool { positions.position(of: element, in: elements) != nil }

    /// Enters an element, and says whether it is new.
    @discardableResult mutating func insert(_ element: ExprID) -> Bool {
        if contains(element) { return false }
        if elements.isEmpty { elements.reserveCapacity(8) }
        elements.append(element)
        positions.append(elements)
        return true
    }

    /// Empties the set and keeps its memory.
    mutating func removeAll() {
        elements.removeAll(keepingCapacity: true)
        positions.removeAll()
    }

    /// The elements in the order in which they were entered.
    var inOrder: [ExprID] { elements }
}

/// A map that is a list while it is short: most expressions have a few parts, and hashing them costs more than looking at all.
struct SmallMap<Key: Hashable, Value> {
    private var keys: [Key] = []
    private var values: [Value] = []
    private var positions: [Key: Int] = [:]

    /// Longer maps are hashed.
    private static var longest: Int { 16 }

    private func position(_ key: Key) -> Int? {
        if keys.count > Self.longest { return positions[key] }
        for position in keys.indices where keys[position] == key { return position }
        return nil
    }

    private mutating func append(_ key: Key, _ value: Value) {
        if keys.isEmpty {
            keys.reserveCapacity(8)
            values.reserveCapacity(8)
        }
        keys.append(key)
        values.append(value)
        if keys.count == Self.longest + 1 {
            for (position, key) in keys.enumerated() { positions[key] = position }
        } else if keys.count > Self.longest {
            positions[key] = keys.count - 1
        }
    }

    /// Reads a value, or enters one; what is entered is not removed.
    subscript(key: Key) -> Value? {
        get { position(key).map { values[$0] } }
        set {
            guard let newValue else { return }
            if let position = position(key) { values[position] = newValue } else { append(key, newValue) }
        }
    }

    /// Changes a value in its place, which starts as `initial`.
    subscript(key: Key, default initial: @autoclosure () -> Value) -> Value {
        get { self[key] ?? initial() }
        _modify {
            var found = position(key)
            if found == nil {
                append(key, initial())
                found = keys.count - 1
            }
            yield &values[found ?? 0]
        }
    }
}

/// A set that is a list while it is short.
struct SmallSet<Element: Hashable> {
    private var elements: [Element] = []
    private var hashed: Set<Element> = []

    /// Longer sets are hashed.
    private static var longest: Int { 16 }

    init() {}

    var isEmpty: Bool { elements.isEmpty }

    func contains(_ element: Element) -> Bool {
        hashed.isEmpty ? elements.contains(element) : hashed.contains(element)
    }

    /// Enters an element, and says whether it is new.
    @discardableResult mutating func insert(_ element: Element) -> Bool {
        if !hashed.isEmpty { return hashed.insert(element).inserted }
        if elements.contains(element) { return false }
        if elements.isEmpty { elements.reserveCapacity(8) }
        elements.append(element)
        if elements.count > Self.longest { hashed = Set(elements) }
        return true
    }
}

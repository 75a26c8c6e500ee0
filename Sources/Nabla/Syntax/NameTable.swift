/// A name's place in its ``NameTable``: equal names have equal ids.
public struct NameID: Hashable, Comparable, Sendable {
    /// The position in the table.
    public let raw: UInt32

    init(_ raw: UInt32) { self.raw = raw }

    /// No name.
    static let none = NameID(.max)

    var index: Int { Int(raw) }

    public static func < (left: NameID, right: NameID) -> Bool { left.raw < right.raw }
}

/// The names of a spec, each once. Names that Unicode counts as the same text are the same name.
public struct NameTable: Sendable {
    /// The names, in the order in which they were first met.
    public private(set) var names: [String] = []
    private var table: [UInt32] = Array(repeating: 0, count: 256)  // name id + 1, or 0
    private var hashes: [UInt32] = []
    /// The bytes of ASCII names, one after another, and where each ends.
    private var bytes: [UInt8] = []
    private var ends: [UInt32] = []
    private var unicodeNames: [String: NameID] = [:]

    init() {}

    public subscript(name: NameID) -> String { names.indices.contains(name.index) ? names[name.index] : "" }

    /// The id of a name that has one.
    func id(of name: String) -> NameID? {
        if let known = unicodeNames[name] { return known }
        let text = Array(name.utf8)
        guard text.allSatisfy({ $0 < 0x80 }) else { return nil }
        return find(text, 0, text.count, NameTable.hash(text, 0, text.count)).id
    }

    mutating func intern(_ name: String) -> NameID {
        let text = Array(name.utf8)
        return intern(text, 0, text.count)
    }

    /// The id of the name that stands at `lower..<upper` of a text.
    mutating func intern(_ text: [UInt8], _ lower: Int, _ upper: Int) -> NameID {
        for position in lower..<upper where text[position] >= 0x80 {
            return internUnicode(String(decoding: text[lower..<upper], as: UTF8.self))
        }
        let hash = NameTable.hash(text, lower, upper)
        let (known, slot) = find(text, lower, upper, hash)
        if let known { return known }
        let id = add(String(decoding: text[lower..<upper], as: UTF8.self), hash)
        bytes.append(contentsOf: text[lower..<upper])
        ends[id.index] = UInt32(truncatingIfNeeded: bytes.count)
        table[slot] = id.raw + 1
        if names.count * 2 > table.count { grow() }
        return id
    }

    private mutating func internUnicode(_ name: String) -> NameID {
        if let known = unicodeNames[name] { return known }
        let id = add(name, 0)
        unicodeNames[name] = id
        return id
    }

    private mutating func add(_ name: String, _ hash: UInt32) -> NameID {
        names.append(name)
        hashes.append(hash)
        ends.append(UInt32(truncatingIfNeeded: bytes.count))
        return NameID(UInt32(truncatingIfNeeded: names.count - 1))
    }

    private func find(_ text: [UInt8], _ lower: Int, _ upper: Int, _ hash: UInt32) -> (id: NameID?, slot: Int) {
        var slot = Int(hash) & (table.count - 1)
        while table[slot] != 0 {
            let id = Int(table[slot] - 1)
            if hashes[id] == hash, matches(id, text, lower, upper) { return (NameID(UInt32(id)), slot) }
            slot = (slot + 1) & (table.count - 1)
        }
        return (nil, slot)
    }

    private func matches(_ id: Int, _ text: [UInt8], _ lower: Int, _ upper: Int) -> Bool {
        let start = id == 0 ? 0 : Int(ends[id - 1])
        guard Int(ends[id]) - start == upper - lower else { return false }
        for offset in 0..<upper - lower where bytes[start + offset] != text[lower + offset] { return false }
        return true
    }

    private mutating func grow() {
        let size = table.count * 2
        table = Array(repeating: 0, count: size)
        // Names with letters beyond ASCII have no bytes here and are found in their own table.
        for id in names.indices where Int(ends[id]) > (id == 0 ? 0 : Int(ends[id - 1])) {
            var slot = Int(hashes[id]) & (size - 1)
            while table[slot] != 0 { slot = (slot + 1) & (size - 1) }
            table[slot] = UInt32(truncatingIfNeeded: id) + 1
        }
    }

    /// FNV-1a with its bits mixed.
    private static func hash(_ text: [UInt8], _ lower: Int, _ upper: Int) -> UInt32 {
        var hash: UInt32 = 0x811C_9DC5
        for position in lower..<upper { hash = (hash ^ UInt32(text[position])) &* 0x0100_0193 }
        return (hash ^ hash >> 15) &* 0x2C1B_3C6D
    }
}

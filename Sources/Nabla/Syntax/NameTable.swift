/// Names by numbers: a name that stands in a million places is stored and hashed once.
struct NameTable: Sendable {
    private var names: [String] = []
    /// Of each slot a name's number + 1, or 0.
    private var slots: [UInt32] = Array(repeating: 0, count: 64)
    /// Names that are not ASCII, which are the same where Unicode says so, whatever their bytes.
    private var others: [String: Int] = [:]
    private var reservedCount = 0

    init() {}

    /// A table in which the words that may not name anything come first.
    init(reserved: [String]) {
        for word in reserved { _ = number(of: word) }
        reservedCount = names.count
    }

    /// Whether a name is a word that may not name anything.
    func isReserved(_ number: Int) -> Bool { number < reservedCount }

    var count: Int { names.count }

    subscript(number: Int) -> String { names[number] }

    /// The number of a name, which gets one where it has none.
    mutating func number(of name: String) -> Int {
        var copy = name
        return copy.withUTF8 { enter($0) { name } }
    }

    /// The number of a name that is given by its bytes.
    mutating func number(of bytes: UnsafeBufferPointer<UInt8>) -> Int {
        enter(bytes) { String(decoding: bytes, as: UTF8.self) }
    }

    /// The number of a name; nil where it has none.
    func known(_ name: String) -> Int? {
        var copy = name
        return copy.withUTF8 { bytes in
            if !NameTable.isASCII(bytes) { return others[name] }
            let slot = slot(of: bytes)
            return slots[slot] == 0 ? nil : Int(slots[slot] - 1)
        }
    }

    private mutating func enter(_ bytes: UnsafeBufferPointer<UInt8>, _ name: () -> String) -> Int {
        if !NameTable.isASCII(bytes) {
            let text = name()
            if let known = others[text] { return known }
            others[text] = names.count
            names.append(text)
            return names.count - 1
        }
        let slot = slot(of: bytes)
        if slots[slot] != 0 { return Int(slots[slot] - 1) }
        names.append(name())
        slots[slot] = UInt32(truncatingIfNeeded: names.count)
        if names.count * 2 > slots.count { grow() }
        return names.count - 1
    }

    /// Where a name is, or where it would be entered.
    @inline(__always)
    private func slot(of bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var slot = NameTable.hash(bytes) & (slots.count - 1)
        while slots[slot] != 0, !isSame(names[Int(slots[slot] - 1)], bytes) { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }

    @inline(__always)
    private func isSame(_ name: String, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var copy = name
        return copy.withUTF8 { other in
            guard other.count == bytes.count else { return false }
            for position in 0..<bytes.count where other[position] != bytes[position] { return false }
            return true
        }
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: 2 * slots.count)
        for number in names.indices {
            var copy = names[number]
            copy.withUTF8 { bytes in
                if NameTable.isASCII(bytes) { slots[slot(of: bytes)] = UInt32(truncatingIfNeeded: number + 1) }
            }
        }
    }

    @inline(__always)
    static func isASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var all: UInt8 = 0
        for byte in bytes { all |= byte }
        return all < 0x80
    }

    /// Names are short, and no adversary chooses them to make a compiler slow: a multiplication for each eight bytes will do.
    @inline(__always)
    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var hash = UInt64(truncatingIfNeeded: bytes.count)
        var word: UInt64 = 0
        for position in 0..<bytes.count {
            word = word << 8 | UInt64(bytes[position])
            if position & 7 == 7 {
                hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
                hash ^= hash >> 29
                word = 0
            }
        }
        hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: hash >> 33)
    }
}

/// One Unicode scalar in a sequence of bytes.
struct ScalarReading {
    /// Nil where the bytes are no UTF-8.
    var scalar: Unicode.Scalar?
    /// How many bytes it takes; at least 1, also where it is nil.
    var length: Int

    /// Reads the scalar that starts at `offset`, which lies inside `bytes`.
    ///
    /// The well-formed sequences are those of the Unicode standard, table 3-7: no overlong forms, no surrogates.
    init(_ bytes: [UInt8], at offset: Int) {
        let first = bytes[offset]
        if first < 0x80 {
            scalar = Unicode.Scalar(first)
            length = 1
            return
        }
        scalar = nil
        length = 1
        let count: Int
        var low: UInt8 = 0x80
        var high: UInt8 = 0xBF
        switch first {
        case 0xC2...0xDF: count = 2
        case 0xE0...0xEF:
            count = 3
            if first == 0xE0 { low = 0xA0 }
            if first == 0xED { high = 0x9F }
        case 0xF0...0xF4:
            count = 4
            if first == 0xF0 { low = 0x90 }
            if first == 0xF4 { high = 0x8F }
        default: return
        }
        var value = UInt32(first) & (0x7F >> UInt32(count))
        for position in 1..<count {
            guard offset + position < bytes.count else { return }
            let next = bytes[offset + position]
            guard next >= low, next <= high else { return }
            (low, high) = (0x80, 0xBF)
            value = value << 6 | UInt32(next & 0x3F)
            length = position + 1
        }
        scalar = Unicode.Scalar(value)
        if scalar == nil { length = 1 }
    }
}

/// Up to eight operands of a sum, a product or a call, in place: most have two or three, and an array for each would be the most of the
/// work.
struct Operands {
    static let most = 8

    private var ids = SIMD8<UInt32>()
    private(set) var count = 0

    init() {}

    init(_ one: ExprID) { append(one) }

    init(_ one: ExprID, _ two: ExprID) {
        append(one)
        append(two)
    }

    /// Nil where there are more than eight.
    init?(_ operands: [ExprID]) {
        if operands.count > Operands.most { return nil }
        for operand in operands { append(operand) }
    }

    /// The ids two by two, 0 behind the last: what a hash is made of.
    var words: SIMD4<UInt64> { unsafeBitCast(ids, to: SIMD4<UInt64>.self) }

    /// The largest id; 0 where there are none.
    var latest: UInt32 {
        var latest: UInt32 = 0
        for position in 0..<(count + 1) / 2 {
            let pair = words[position]
            latest = max(latest, UInt32(truncatingIfNeeded: pair), UInt32(truncatingIfNeeded: pair >> 32))
        }
        return latest
    }

    /// The same with one more at the end, for what is no expression. There must be room.
    mutating func append(raw: UInt32) {
        ids[count] = raw
        count += 1
    }

    var isFull: Bool { count == Operands.most }

    subscript(position: Int) -> ExprID {
        get { ExprID(ids[position]) }
        set { ids[position] = newValue.raw }
    }

    /// There must be room.
    mutating func append(_ id: ExprID) {
        ids[count] = id.raw
        count += 1
    }

    /// Takes an operand from its place to the front.
    mutating func moveToFront(_ position: Int) {
        let moved = self[position]
        var place = position
        while place > 0 {
            self[place] = self[place - 1]
            place -= 1
        }
        self[0] = moved
    }
}

/// A value for each expression of a syntax tree, the same for all at first: memory is taken only once one has another value, since
/// millions of plain expressions need none.
struct SyntaxMap<Value> {
    private let initial: Value
    private var values: [Value] = []
    private var first: Int
    private var count: Int

    /// - Parameter count: how many expressions the tree has.
    init(_ initial: Value, count: Int) {
        self.initial = initial
        first = 0
        self.count = count
    }

    subscript(id: SyntaxID) -> Value {
        get { values.isEmpty ? initial : values[Int(id.raw) - first] }
        set {
            if values.isEmpty { values = Array(repeating: initial, count: count) }
            values[Int(id.raw) - first] = newValue
        }
    }

    /// Goes over to the expressions of one right side, which lie together, and forgets all values.
    mutating func cover(_ expressions: ClosedRange<UInt32>) {
        first = Int(expressions.lowerBound)
        count = expressions.count
        values.removeAll(keepingCapacity: true)
        for _ in expressions { values.append(initial) }
    }
}

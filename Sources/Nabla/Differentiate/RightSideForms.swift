/// Right sides that are alike up to the quantities in them: what is found out about one of them holds for all.
///
/// Two short right sides without indices have the same form where their nodes are the same but for the quantities, these are of the
/// same roles and in the same order, and the same of them are derived: then sums and products sort alike, and what is
/// derived of one is that of the other with the quantities exchanged.
struct RightSideForms {
    /// What is known of one form.
    struct Form {
        /// Its description, among all.
        fileprivate var words: Range<Int>
        /// How many equations have it.
        fileprivate(set) var count = 0
        /// The leaves that are derived: bits by their position.
        fileprivate(set) var active: UInt8
        /// Whether such a right side is its own normal form; nil until it is known.
        var isNormal: Bool?
        /// Whether each leaf that is derived has one derivative, under no condition; nil until it is known.
        var isPlain: Bool?
        /// Of each leaf, what it contributes to its adjoint, by itself and as the only one.
        var terms: [Term] = []
    }

    /// What a leaf contributes: ∂P/∂Q · ∂C/∂P, simplified.
    enum Term {
        case unknown
        case unsuitable
        /// - template: its place in ``templates``.
        /// - isShort: whether it is worth trying in place of its name.
        case known(template: Int, isShort: Bool)
    }

    /// By their numbers; read part by part, since a copy of a form would cost more than what is asked of it.
    private(set) var forms: [Form] = []
    private(set) var templates: [ExprTemplate] = []
    private var words: [UInt32] = []
    /// Of each slot a form's number + 1, or 0.
    private var table: [Int32] = Array(repeating: 0, count: 64)
    /// The form of each equation; −1 for those that have none.
    private var numbers: [Int32] = []
    private var last = 0

    /// Leaves that a form may have: one more place is for the adjoint.
    static let mostLeaves = Operands.most - 1
    private static let mostWords = 96
    /// Where there are more, right sides have little in common.
    private static let most = 4096

    init() {}

    /// How many equations were entered.
    var count: Int { numbers.count }

    /// The form of an equation, by its position.
    subscript(equation: Int) -> Int? { numbers[equation] < 0 ? nil : Int(numbers[equation]) }

    mutating func change(_ number: Int, _ body: (inout Form) -> Void) { body(&forms[number]) }

    /// Keeps a template, and gives its place.
    mutating func add(_ template: ExprTemplate) -> Int {
        templates.append(template)
        return templates.count - 1
    }

    mutating func reserveCapacity(_ count: Int) { numbers.reserveCapacity(count) }

    /// Enters the next equation, as one that has no form.
    mutating func enterOther() { numbers.append(-1) }

    /// Enters the next equation.
    ///
    /// - Parameters:
    ///   - leaves: the accesses in the right side, ascending.
    ///   - active: those that are derived: bits by their position.
    mutating func enter(_ body: ExprID, _ leaves: Operands, _ active: UInt8, _ system: System) {
        guard (1...RightSideForms.mostLeaves).contains(leaves.count) else { return enterOther() }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: RightSideForms.mostWords) { buffer in
            guard let count = RightSideForms.describe(body, leaves, active, system, buffer) else { return enterOther() }
            let description = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(buffer)[..<count])
            guard let number = number(of: description, active) else { return enterOther() }
            forms[number].count += 1
            numbers.append(Int32(truncatingIfNeeded: number))
        }
    }

    /// Writes a right side's description and gives its length; nil where it has none.
    @inline(__always)
    private static func describe(
        _ body: ExprID, _ leaves: Operands, _ active: UInt8, _ system: System,
        _ words: UnsafeMutableBufferPointer<UInt32>
    ) -> Int? {
        var count = 0
        for position in 0..<leaves.count {
            let node = system.graph.node(leaves[position])
            if node.c > 0 { return nil }
            var word = UInt32(system.quantities[Int(node.a)].role.order)
            word |= UInt32(active >> UInt8(position) & 1) << 8
            for other in 0..<leaves.count where system.graph.node(leaves[other]).a < node.a { word += 0x10000 }
            words.initializeElement(at: count, to: word)
            count += 1
        }
        return withUnsafeTemporaryAllocation(of: ExprID.self, capacity: mostWords) { stack -> Int? in
            stack.initializeElement(at: 0, to: body)
            var height = 1
            while height > 0 {
                height -= 1
                let id = stack[height]
                let node = system.graph.node(id)
                var head = UInt32(node.kind.rawValue) | UInt32(node.tag) << 8
                var second: UInt32?
                var children = 0
                switch node.kind {
                case .number: second = id.raw
                case .pi: break
                case .access: second = (0..<leaves.count).first { leaves[$0] == id }.map { UInt32($0) }
                case .add, .multiply: children = Int(node.c)
                case .call:
                    if node.a & 0x8000_0000 != 0 { return nil }
                    second = node.a
                    children = Int(node.c)
                case .negate: children = 1
                case .divide, .power: children = 2
                default: return nil
                }
                if count + 2 > mostWords || height + children > mostWords { return nil }
                head |= UInt32(children) << 16
                words.initializeElement(at: count, to: head)
                count += 1
                if let second {
                    words.initializeElement(at: count, to: second)
                    count += 1
                }
                system.graph.forEachChild(of: id) { child in
                    stack.initializeElement(at: height, to: child)
                    height += 1
                }
            }
            return count
        }
    }

    private mutating func number(of description: UnsafeBufferPointer<UInt32>, _ active: UInt8) -> Int? {
        if last < forms.count, holds(forms[last], description) { return last }
        var hash: UInt64 = 0
        for word in description { hash = (hash ^ UInt64(word)) &* 0x9E37_79B9_7F4A_7C15 ^ hash >> 29 }
        var slot = Int(hash >> 33) & (table.count - 1)
        while table[slot] != 0 {
            let found = Int(table[slot] - 1)
            if holds(forms[found], description) {
                last = found
                return found
            }
            slot = (slot + 1) & (table.count - 1)
        }
        if forms.count == RightSideForms.most { return nil }
        let first = words.count
        words.append(contentsOf: description)
        forms.append(Form(words: first..<words.count, active: active))
        last = forms.count - 1
        table[slot] = Int32(truncatingIfNeeded: forms.count)
        if forms.count * 2 > table.count { grow() }
        return last
    }

    @inline(__always)
    private func holds(_ form: Form, _ description: UnsafeBufferPointer<UInt32>) -> Bool {
        if form.words.count != description.count { return false }
        for (offset, position) in form.words.enumerated() where words[position] != description[offset] { return false }
        return true
    }

    private mutating func grow() {
        table = Array(repeating: 0, count: 2 * table.count)
        for number in forms.indices {
            var hash: UInt64 = 0
            for position in forms[number].words {
                hash = (hash ^ UInt64(words[position])) &* 0x9E37_79B9_7F4A_7C15 ^ hash >> 29
            }
            var slot = Int(hash >> 33) & (table.count - 1)
            while table[slot] != 0 { slot = (slot + 1) & (table.count - 1) }
            table[slot] = Int32(truncatingIfNeeded: number + 1)
        }
    }
}

extension Role {
    /// A number for each role.
    fileprivate var order: UInt8 {
        switch self {
        case .input: 0
        case .target: 1
        case .parameter: 2
        case .constant: 3
        case .computed: 4
        case .derivative: 5
        }
    }
}

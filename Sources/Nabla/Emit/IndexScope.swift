/// The indices in scope at one place, and how each prints: no two alike, none like a size.
struct IndexScope {
    /// Makes another name out of a name and a number from 2 on.
    typealias Variant = @Sendable (_ base: String, _ number: Int) -> String

    /// Names that no index may have: sizes, and scalars that the expression mentions.
    private let reserved: Set<String>
    /// Names that an index without a name of its own may not get either: quantities, functions, keywords.
    private let avoided: Set<String>
    private let variant: Variant
    private var names: [IndexID: String] = [:]
    private var used: [String: IndexID] = [:]
    /// When each index came into scope.
    private var serials: [IndexID: Int] = [:]
    private var nextSerial = 0
    /// How many variants of a name are in use, where to start looking.
    private var variants: [String: Int] = [:]

    init(reserved: Set<String>, avoided: Set<String>, variant: @escaping Variant) {
        self.reserved = reserved
        self.avoided = avoided
        self.variant = variant
    }

    /// How an index prints; nil where it is not in scope.
    func name(of index: IndexID) -> String? { names[index] }

    /// Takes an index into scope, with the preferred name where that is free.
    ///
    /// - Parameter isGiven: whether the spec gave the name; otherwise it must differ from quantities as well.
    mutating func enter(_ index: IndexID, preferring preferred: String, isGiven: Bool) -> String {
        func isFree(_ name: String, _ isGiven: Bool) -> Bool {
            used[name] == nil && !reserved.contains(name) && (isGiven || !avoided.contains(name))
        }
        var name = preferred
        var number = max(2, variants[preferred] ?? 2)
        if !isFree(name, isGiven) {
            repeat {
                name = variant(preferred, number)
                number += 1
            } while !isFree(name, false)
        }
        variants[preferred] = number
        names[index] = name
        used[name] = index
        serials[index] = nextSerial
        nextSerial += 1
        return name
    }

    /// Lets an index go.
    mutating func leave(_ index: IndexID, preferred: String) {
        guard let name = names.removeValue(forKey: index) else { return }
        used[name] = nil
        if let number = variants[preferred], number > 2 { variants[preferred] = number - 1 }
    }

    /// Whether an index in scope prints so.
    func isUsed(_ name: String) -> Bool { used[name] != nil }

    /// The terms of an affine expression, indices first, the outermost before the others: so that text that is read
    /// back prints alike.
    func ordered(_ terms: [Affine.Term]) -> [Affine.Term] {
        if terms.count < 2 { return terms }
        func key(_ term: Affine.Term) -> Int {
            guard case .index(let index) = term.atom else { return Int.max }
            return serials[index] ?? Int.max - 1
        }
        return terms.enumerated().sorted { (key($0.element), $0.offset) < (key($1.element), $1.offset) }.map(\.element)
    }

    /// Another index that prints like one in scope.
    mutating func alias(_ index: IndexID, as name: String) { names[index] = name }

    mutating func clear() {
        names.removeAll(keepingCapacity: true)
        used.removeAll(keepingCapacity: true)
        serials.removeAll(keepingCapacity: true)
        variants.removeAll(keepingCapacity: true)
    }
}

extension System {
    /// The name that an index should print with: its own, or the one that its reduction remembers, or a usual letter.
    func preferredName(of index: IndexID, at position: Int, of reduction: ExprID?) -> (name: String, isGiven: Bool) {
        if !index.isCanonical { return (graph.name(of: index), true) }
        if let reduction, let names = graph.binderNames[reduction], names.indices.contains(position) {
            return (names[position], true)
        }
        let kind = graph.kind(of: index)
        if kind.isStage {
            if let stage = stages.first(where: { $0.kind == kind }) { return (stage.name, true) }
            return (kind == .layer ? "l" : "t", false)
        }
        let letters = ["i", "j", "k", "p", "q", "r", "s", "u", "v"]
        // The innermost reduction has the lowest level.
        return (letters[max(0, index.level - 1) % letters.count], false)
    }
}

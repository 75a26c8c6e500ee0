/// What the names of a spec stand for, by the numbers that they have in its syntax tree.
struct SymbolTable {
    private var names: NameTable
    private var symbols: [Resolver.Symbol?] = []
    private var ranges: [SourceRange?] = []
    /// How many names stand for something.
    private(set) var count = 0

    init(_ names: NameTable) {
        self.names = names
        symbols = Array(repeating: nil, count: names.count)
        ranges = symbols.map { _ in nil }
    }

    /// What a name stands for.
    subscript(name: String) -> Resolver.Symbol? {
        get { names.known(name).flatMap { self[number: $0] } }
        set {
            let number = number(of: name)
            count += (newValue == nil ? 0 : 1) - (symbols[number] == nil ? 0 : 1)
            symbols[number] = newValue
        }
    }

    /// What a name stands for, by its number.
    subscript(number number: Int) -> Resolver.Symbol? { number < symbols.count ? symbols[number] : nil }

    /// Where a name was declared, be it wrongly.
    func range(of name: String) -> SourceRange? {
        names.known(name).flatMap { $0 < ranges.count ? ranges[$0] : nil }
    }

    mutating func setRange(_ range: SourceRange, of name: String) { ranges[number(of: name)] = range }

    /// The names that stand for something.
    var keys: [String] { symbols.indices.filter { symbols[$0] != nil }.map { names[$0] } }

    /// Enters what a name stands for; gives where it was declared before, if it was, and changes nothing then.
    mutating func enter(_ symbol: Resolver.Symbol, _ range: SourceRange, number: Int) -> SourceRange? {
        if let first = ranges[number] { return first }
        if symbols[number] == nil { count += 1 }
        symbols[number] = symbol
        ranges[number] = range
        return nil
    }

    mutating func number(of name: String) -> Int {
        let number = names.number(of: name)
        while symbols.count <= number {
            symbols.append(nil)
            ranges.append(nil)
        }
        return number
    }
}

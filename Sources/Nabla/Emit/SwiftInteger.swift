/// An integer expression of generated Swift: text, and the value where it is known.
struct SwiftInteger: Hashable, Sendable {
    var text: String
    var known: Int?
    /// How tightly its operators bind.
    var precedence: Precedence

    enum Precedence: Int, Comparable, Sendable {
        case sum, product, atom

        static func < (left: Precedence, right: Precedence) -> Bool { left.rawValue < right.rawValue }
    }

    /// A literal.
    init(_ value: Int) {
        text = String(value)
        known = value
        precedence = value < 0 ? .product : .atom
    }

    /// A name, a call or a subscript.
    init(atom: String) {
        text = atom
        precedence = .atom
    }

    init(_ text: String, _ precedence: Precedence) {
        self.text = text
        self.precedence = precedence
    }

    /// The text as an operand of something that binds this tightly.
    func operand(_ outer: Precedence) -> String { precedence < outer ? "(\(text))" : text }

    static func * (left: SwiftInteger, right: SwiftInteger) -> SwiftInteger {
        if left.known == 0 || right.known == 0 { return SwiftInteger(0) }
        if left.known == 1 { return right }
        if right.known == 1 { return left }
        if let one = left.known, let two = right.known {
            let (product, overflow) = one.multipliedReportingOverflow(by: two)
            if !overflow { return SwiftInteger(product) }
        }
        return SwiftInteger("\(left.operand(.product)) * \(right.operand(.atom))", .product)
    }

    static func + (left: SwiftInteger, right: SwiftInteger) -> SwiftInteger {
        if left.known == 0 { return right }
        if right.known == 0 { return left }
        if let one = left.known, let two = right.known {
            let (sum, overflow) = one.addingReportingOverflow(two)
            if !overflow { return SwiftInteger(sum) }
        }
        if let value = right.known, value < 0 {
            return SwiftInteger("\(left.text) - \(value.magnitude)", .sum)
        }
        return SwiftInteger("\(left.text) + \(right.operand(.product))", .sum)
    }

    static func - (left: SwiftInteger, right: SwiftInteger) -> SwiftInteger {
        if let value = right.known, value != Int.min { return left + SwiftInteger(-value) }
        return SwiftInteger("\(left.text) - \(right.operand(.product))", .sum)
    }

    /// The next multiple of a number, where both are known.
    func roundedUp(toMultipleOf factor: Int?) -> SwiftInteger {
        guard let known, let factor, known > 0, known % factor != 0 else { return self }
        return self + SwiftInteger(factor - known % factor)
    }

    /// `constant + Σ coefficient · atom`.
    static func combination(_ constant: Int, _ terms: [(coefficient: Int, atom: SwiftInteger)]) -> SwiftInteger {
        var constant = constant
        var result = ""
        var precedence = Precedence.atom
        // What is added comes first, so that no sum starts with a minus sign.
        let ordered = terms.filter { $0.coefficient > 0 } + terms.filter { $0.coefficient < 0 }
        for (coefficient, atom) in ordered {
            if let known = atom.known {
                let (product, overflow) = known.multipliedReportingOverflow(by: coefficient)
                let (sum, overflowSum) = constant.addingReportingOverflow(product)
                if !overflow, !overflowSum {
                    constant = sum
                    continue
                }
            }
            let size = coefficient.magnitude
            let text = size == 1 ? atom.operand(.product) : "\(size) * \(atom.operand(.atom))"
            if result.isEmpty {
                result = coefficient < 0 ? (constant > 0 ? "\(constant) - " : "-") + text : text
                if coefficient < 0, constant > 0 { constant = 0 }
                precedence = coefficient == 1 ? atom.precedence : coefficient < 0 ? .sum : .product
            } else {
                result += coefficient < 0 ? " - \(text)" : " + \(text)"
                precedence = .sum
            }
        }
        if result.isEmpty { return SwiftInteger(constant) }
        if constant == 0 { return SwiftInteger(result, precedence) }
        return SwiftInteger(
            result + (constant < 0 ? " - \(constant.magnitude)" : " + \(constant)"), .sum)
    }

    static func largest(_ values: [SwiftInteger]) -> SwiftInteger { extremum("max", values) }
    static func smallest(_ values: [SwiftInteger]) -> SwiftInteger { extremum("min", values) }

    private static func extremum(_ function: String, _ values: [SwiftInteger]) -> SwiftInteger {
        var unique: [SwiftInteger] = []
        var seen: Set<SwiftInteger> = []
        for value in values where seen.insert(value).inserted { unique.append(value) }
        let known = unique.compactMap(\.known)
        if known.count == unique.count, let best = function == "max" ? known.max() : known.min() {
            return SwiftInteger(best)
        }
        if unique.count == 1 { return unique[0] }
        return SwiftInteger(atom: "\(function)(\(unique.map(\.text).joined(separator: ", ")))")
    }
}

/// What all parts of one generated file share: names, and what is known of sizes.
struct SwiftFile {
    /// The system as derived; those of the programs begin with the same sizes and quantities.
    let system: System
    let options: SwiftOptions
    var names = SwiftNames()
    let network: String
    let sizes: [String]
    /// Whether sizes are given at run time, so that a network is a value with them.
    let isInstance: Bool
    /// How many examples a block has.
    var blockSize = SwiftFile.blockSizes.lowerBound
    /// Which of the small integer functions are used.
    var helpers: Set<IntegerHelper> = []
    private var quantityNames: [String: String] = [:]
    /// Where each quantity that has been asked for lies.
    var layouts: [QuantityID: SwiftLayout] = [:]
    /// Tables and counts, in the order in which they are to be computed.
    var members: [SwiftMember] = []
    fileprivate var tables: [String: [Int]] = [:]
    /// The tables and counts that the code reads.
    var used: Set<String> = []

    /// Static functions of the generated type for arithmetic on sizes.
    enum IntegerHelper: String, CaseIterable {
        case entry, ceilingQuotient, checkedSum, checkedProduct, checkedSize, checkDistribution
    }

    var scalar: String { options.scalar.description }

    init(_ system: System, _ options: SwiftOptions) {
        self.system = system
        self.options = options
        network = names.claim(SwiftFile.typeName(system.name))
        var sizes: [String] = []
        for size in system.sizes { sizes.append(names.claim(size.name)) }
        self.sizes = sizes
        isInstance = system.sizes.contains { $0.stageRange == nil ? $0.value == nil : $0.values == nil }
        for quantity in system.quantities where !quantity.role.isComputed { _ = identifier(quantity.name) }
    }

    /// A name for a type: with a capital where a letter has one.
    private static func typeName(_ name: String) -> String {
        let legal = SwiftNames.legal(name)
        guard let first = legal.first else { return "Network" }
        return first.uppercased() + legal.dropFirst()
    }

    /// The identifier of a quantity.
    mutating func identifier(_ quantity: String) -> String {
        if let known = quantityNames[quantity] { return known }
        let identifier = names.claim(quantity)
        quantityNames[quantity] = identifier
        return identifier
    }

    /// `table[position]`, where `position` certainly is one, else a look-up that gives 0 outside of the table.
    mutating func lookUp(_ table: String, _ position: SwiftInteger, isInside: Bool) -> SwiftInteger {
        used.insert(table)
        if isInside { return SwiftInteger(atom: "\(table)[\(position.text)]") }
        return call(.entry, [table, position.text])
    }
}

extension SwiftFile {
    /// The numbers of a table that are known.
    func knownTable(_ name: String) -> [Int]? { tables[name] }

    mutating func addTable(_ name: String, comment: String, _ values: [Int]) {
        tables[name] = values
        members.append(.table(name: name, comment: comment, values: values))
    }

    /// A call of a helper, from anywhere in the generated type.
    mutating func call(_ helper: IntegerHelper, _ arguments: [String]) -> SwiftInteger {
        helpers.insert(helper)
        let callee = isInstance ? "\(network).\(helper.rawValue)" : helper.rawValue
        return SwiftInteger(atom: "\(callee)(\(arguments.joined(separator: ", ")))")
    }
}

extension Role {
    /// Whether equations define it.
    var isComputed: Bool { self == .computed || self == .derivative }
}

/// Writes affine expressions in terms of the names that sizes and indices have somewhere.
struct SwiftIntegerWriter {
    /// Whose affine expressions these are.
    let system: System
    /// The names of indices.
    var indices: [IndexID: String] = [:]
    var scope = Scope()
    /// The sizes and tables that were used, in the order of their first use.
    private(set) var used: [String] = []
    private var isUsed: Set<String> = []

    init(_ system: System) { self.system = system }

    mutating func note(_ name: String) {
        if isUsed.insert(name).inserted { used.append(name) }
    }

    mutating func write(_ id: AffineID, _ file: inout SwiftFile) -> SwiftInteger {
        write(system.graph[id], &file)
    }

    mutating func write(_ affine: Affine, _ file: inout SwiftFile) -> SwiftInteger {
        if let known = system.expandingSizes(affine).asConstant { return named(affine, known, &file) }
        var terms: [(coefficient: Int, atom: SwiftInteger)] = []
        for term in affine.terms {
            let atom: SwiftInteger
            switch term.atom {
            case .index(let index): atom = SwiftInteger(atom: indices[index] ?? "0")
            case .size(let size): atom = self.size(size, &file)
            case .stagedSize(let size, let stage): atom = staged(size, stage, &file)
            }
            terms.append((term.coefficient, atom))
        }
        return SwiftInteger.combination(affine.constant, terms)
    }

    /// A known number: by a size's name where it is just that, for the reader's sake.
    private mutating func named(_ affine: Affine, _ known: Int, _ file: inout SwiftFile) -> SwiftInteger {
        guard affine.terms.count == 1, affine.constant == 0, affine.terms[0].coefficient == 1,
            case .size(let size) = affine.terms[0].atom
        else { return SwiftInteger(known) }
        note(file.sizes[Int(size.raw)])
        var result = SwiftInteger(atom: file.sizes[Int(size.raw)])
        result.known = known
        return result
    }

    private mutating func size(_ size: SizeID, _ file: inout SwiftFile) -> SwiftInteger {
        let name = file.sizes[Int(size.raw)]
        note(name)
        return SwiftInteger(atom: name)
    }

    private mutating func staged(_ size: SizeID, _ stage: AffineID, _ file: inout SwiftFile) -> SwiftInteger {
        let name = file.sizes[Int(size.raw)]
        note(name)
        guard let range = system[size].stageRange else { return SwiftInteger(atom: name) }
        let position = write(stage, &file) - write(range.lower, &file)
        let isInside =
            system.isLessOrEqual(system.graph[range.lower], system.graph[stage], in: scope)
            && system.isLess(system.graph[stage], system.graph[range.upper], in: scope)
        return file.lookUp(name, position, isInside: isInside)
    }

    mutating func write(_ bound: LoopBound, _ file: inout SwiftFile) -> SwiftInteger {
        let terms = bound.terms.map { write($0, &file) }
        return bound.choice == .largest ? .largest(terms) : .smallest(terms)
    }

    mutating func write(_ term: LoopBound.Term, _ file: inout SwiftFile) -> SwiftInteger {
        let value = write(term.affine, &file)
        if term.divisor == 1 { return value }
        if let known = value.known {
            let quotient = known / term.divisor
            return SwiftInteger(known % term.divisor > 0 ? quotient + 1 : quotient)
        }
        return file.call(.ceilingQuotient, [value.text, String(term.divisor)])
    }
}

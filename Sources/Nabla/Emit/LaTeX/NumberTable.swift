/// The numbers that a derivation is worked out with: of one training example, and of all.
struct NumberTable {
    let values: Values
    /// Which example's numbers are shown.
    let example: Int
    let arithmetic: SizeArithmetic
    private(set) var computed: ExpressionValues
    /// Expressions that were asked for and are not known yet.
    private(set) var wanted: [ExprID] = []
    private var known: [ExprID] = []

    init(_ derived: DerivedSystem, _ values: Values, example: Int) throws {
        try values.check(example: example)
        self.values = values
        self.example = example
        arithmetic = SizeArithmetic(values.bound.system)
        computed = try ExpressionValues(derived, [], at: values)
    }

    /// Evaluates what was asked for.
    mutating func evaluate(_ derived: DerivedSystem) throws {
        known += wanted
        wanted = []
        computed = try ExpressionValues(derived, known, at: values)
    }

    /// The value for one of the examples, or the one value for all.
    func one<Value>(_ value: Results.PerExample<Value>, _ example: Int? = nil) -> Value? {
        let all = value.all
        let place = example ?? self.example
        return all.indices.contains(place) ? all[place] : all.first
    }

    /// An element of a quantity; nil where it has to be asked for as an expression.
    func element(_ quantity: QuantityID, _ indices: [Int], example: Int? = nil) -> Double? {
        if let tensor = computed.tensors[quantity] { return one(tensor, example)?.element(indices) }
        let place = example ?? self.example
        let own = values.examples.indices.contains(place) ? values.examples[place][quantity] : nil
        guard let numbers = values.shared[quantity] ?? own,
            let offset = try? values.bound.shape(of: quantity).offset(of: indices), numbers.indices.contains(offset)
        else { return nil }
        return numbers[offset]
    }

    /// The value of an expression without free indices; 0 for now where it was not asked for before.
    mutating func value(of id: ExprID, example: Int? = nil) -> Double? {
        if let value = computed.expressions[id] { return one(value, example) }
        if !wanted.contains(id) { wanted.append(id) }
        return nil
    }
}

extension Values {
    /// Sees that there is an example of this number.
    ///
    /// - Throws: ``EvaluationError``.
    func check(example: Int) throws {
        guard !examples.indices.contains(example) else { return }
        let last = examples.count - 1
        throw EvaluationError(
            last == 0
                ? "there is no example \(example): there is one, number 0"
                : "there is no example \(example): they are numbered 0 to \(last)")
    }
}

/// Decides whether linear inequalities over integers exclude each other, by elimination of one unknown after another
/// (Fourier and Motzkin), with the constants rounded as integers allow.
///
/// It never says that there is no solution where there is one; it may miss that there is none.
struct LinearProof {
    /// Sum of coefficient × unknown + constant ≥ 0.
    struct Row: Hashable {
        var coefficients: [Int: Int] = [:]
        var constant = 0
    }

    private var rows: [Row] = []
    /// More rows than this are not looked at.
    private static let most = 400

    mutating func add(_ row: Row) { rows.append(row) }

    /// Whether certainly no integers fulfil all rows.
    func isInfeasible() -> Bool {
        var rows: Set<Row> = []
        for row in self.rows {
            guard let tight = LinearProof.tightened(row) else { return true }
            if !tight.coefficients.isEmpty { rows.insert(tight) }
        }
        while let unknown = LinearProof.cheapest(rows) {
            var rest: Set<Row> = []
            var positive: [(row: Row, factor: Int)] = []
            var negative: [(row: Row, factor: Int)] = []
            for row in rows {
                let factor = row.coefficients[unknown] ?? 0
                if factor == 0 {
                    rest.insert(row)
                } else if factor > 0 {
                    positive.append((row, factor))
                } else {
                    negative.append((row, factor))
                }
            }
            guard rest.count + positive.count * negative.count <= LinearProof.most else { return false }
            for above in positive {
                for below in negative {
                    // A combination that overflows is left out: fewer rows prove less, never something wrong.
                    guard
                        let sum = LinearProof.combined(
                            above.row, below.factor.magnitude, below.row, above.factor.magnitude)
                    else { continue }
                    guard let tight = LinearProof.tightened(sum) else { return true }
                    if !tight.coefficients.isEmpty { rest.insert(tight) }
                }
            }
            rows = rest
        }
        return false
    }

    /// The unknown whose elimination makes the fewest rows; the smallest of several. Nil where none is left.
    private static func cheapest(_ rows: Set<Row>) -> Int? {
        var counts: [Int: (positive: Int, negative: Int)] = [:]
        for row in rows {
            for (unknown, factor) in row.coefficients {
                counts[unknown, default: (0, 0)].positive += factor > 0 ? 1 : 0
                counts[unknown, default: (0, 0)].negative += factor < 0 ? 1 : 0
            }
        }
        return counts.min {
            ($0.value.positive * $0.value.negative, $0.key) < ($1.value.positive * $1.value.negative, $1.key)
        }?.key
    }

    private static func combined(_ left: Row, _ leftFactor: UInt, _ right: Row, _ rightFactor: UInt) -> Row? {
        guard let one = Int(exactly: leftFactor), let two = Int(exactly: rightFactor) else { return nil }
        func sum(_ a: Int, _ b: Int) -> Int? {
            let (first, overflowFirst) = a.multipliedReportingOverflow(by: one)
            let (second, overflowSecond) = b.multipliedReportingOverflow(by: two)
            let (sum, overflow) = first.addingReportingOverflow(second)
            return overflowFirst || overflowSecond || overflow ? nil : sum
        }
        guard let constant = sum(left.constant, right.constant) else { return nil }
        var result = Row(constant: constant)
        for unknown in Set(left.coefficients.keys).union(right.coefficients.keys) {
            guard let factor = sum(left.coefficients[unknown] ?? 0, right.coefficients[unknown] ?? 0) else {
                return nil
            }
            if factor != 0 { result.coefficients[unknown] = factor }
        }
        return result
    }

    /// The row divided by its coefficients' greatest common divisor, the constant rounded down; nil where it cannot hold.
    private static func tightened(_ row: Row) -> Row? {
        if row.coefficients.isEmpty { return row.constant < 0 ? nil : row }
        var divisor: UInt = 0
        for factor in row.coefficients.values { divisor = greatestCommonDivisor(divisor, factor.magnitude) }
        guard divisor > 1, let by = Int(exactly: divisor) else { return row }
        var result = row
        for (unknown, factor) in row.coefficients { result.coefficients[unknown] = factor / by }
        result.constant = row.constant / by - (row.constant % by < 0 ? 1 : 0)
        return result
    }
}

extension System {
    /// Whether `affine >= 0` certainly holds wherever the indices are in their ranges and the scope's facts hold.
    ///
    /// It finds more than ``isNonNegative(_:in:)``, which looks at one fact at a time, and costs more.
    func proves(_ affine: Affine, in scope: Scope) -> Bool {
        if isNonNegative(affine, in: scope) { return true }
        guard let negated = affine.scaled(by: -1)?.offset(by: -1) else { return false }
        return !mayHold([negated], in: scope)
    }

    /// Whether there may be indices, in their ranges and where the scope's facts hold, at which all of `claims` are at least 0.
    func mayHold(_ claims: [Affine], in scope: Scope) -> Bool {
        var proof = LinearProof()
        var numbers: [AffineAtom: Int] = [:]
        var pending: [AffineAtom] = []
        func row(_ affine: Affine) -> LinearProof.Row {
            var row = LinearProof.Row(constant: affine.constant)
            for term in affine.terms {
                if numbers[term.atom] == nil {
                    numbers[term.atom] = numbers.count
                    pending.append(term.atom)
                }
                row.coefficients[numbers[term.atom] ?? 0] = term.coefficient
            }
            return row
        }
        for claim in claims { proof.add(row(expandingSizes(claim))) }
        var facts = scope.facts.map { expandingSizes(graph[$0]) }
        while true {
            while let atom = pending.popLast() {
                switch atom {
                case .index(let index):
                    // The innermost range of an index is the one in force.
                    guard let axis = scope.axes.last(where: { $0.index == index }) else { continue }
                    let own = Affine(atom)
                    if let above = own.adding(graph[axis.lower], times: -1) { proof.add(row(expandingSizes(above))) }
                    if let below = graph[axis.upper].adding(own, times: -1)?.offset(by: -1) {
                        proof.add(row(expandingSizes(below)))
                    }
                case .size:
                    if let above = Affine(atom).offset(by: -1) { proof.add(row(above)) }
                case .stagedSize(let size, let stage):
                    let least = self[size].values?.min() ?? 1
                    if let above = Affine(atom).offset(by: -least) { proof.add(row(above)) }
                    if let most = self[size].values?.max(), let below = Affine(most).adding(Affine(atom), times: -1) {
                        proof.add(row(below))
                    }
                    _ = stage
                }
            }
            // A fact counts if it shares an unknown with what is there.
            let related = facts.indices.filter { position in
                facts[position].terms.isEmpty || facts[position].terms.contains { numbers[$0.atom] != nil }
            }
            if related.isEmpty { break }
            for position in related { proof.add(row(facts[position])) }
            for position in related.reversed() { facts.remove(at: position) }
        }
        return !proof.isInfeasible()
    }
}

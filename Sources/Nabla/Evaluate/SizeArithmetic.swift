/// Integer arithmetic with known sizes; nil on overflow, and where something is not known.
///
/// It keeps the sizes' values and not the system, so that a system can change while this is in use.
struct SizeArithmetic {
    private let values: [Int?]
    private let tables: [(first: Int, values: [Int])?]

    /// Uses the sizes that the system knows.
    init(_ system: System) {
        values = system.sizes.map(\.value)
        tables = system.sizes.map { size in
            guard let values = size.values, let range = size.stageRange,
                let first = system.expandingSizes(system.graph[range.lower]).asConstant
            else { return nil }
            return (first, values)
        }
    }

    /// The value of an affine expression where some indices have values.
    func value(_ affine: AffineID, _ indices: [IndexID: Int] = [:], in graph: ExprGraph) -> Int? {
        value(graph[affine], indices, graph, 0)
    }

    /// The value of an affine expression without indices.
    func value(_ affine: Affine, in graph: ExprGraph) -> Int? { value(affine, [:], graph, 0) }

    private func value(_ affine: Affine, _ indices: [IndexID: Int], _ graph: ExprGraph, _ depth: Int) -> Int? {
        guard depth < 64 else { return nil }
        var sum = affine.constant
        for term in affine.terms {
            let atom: Int?
            switch term.atom {
            case .index(let index): atom = indices[index]
            case .size(let size): atom = values.indices.contains(Int(size.raw)) ? values[Int(size.raw)] : nil
            case .stagedSize(let size, let stage):
                atom = value(graph[stage], indices, graph, depth + 1).flatMap { self.stagedValue(size, $0) }
            }
            guard let atom else { return nil }
            let (product, overflow) = atom.multipliedReportingOverflow(by: term.coefficient)
            let (next, overflowSum) = sum.addingReportingOverflow(product)
            if overflow || overflowSum { return nil }
            sum = next
        }
        return sum
    }

    /// The value of `n(stage)`.
    func stagedValue(_ size: SizeID, _ stage: Int) -> Int? {
        guard let table = table(of: size) else { return nil }
        let (position, overflow) = stage.subtractingReportingOverflow(table.first)
        return !overflow && table.values.indices.contains(position) ? table.values[position] : nil
    }

    /// The values of a size with stages, from the first stage on.
    func table(of size: SizeID) -> (first: Int, values: [Int])? {
        tables.indices.contains(Int(size.raw)) ? tables[Int(size.raw)] : nil
    }

    /// A loop bound.
    func value(_ bound: LoopBound, _ indices: [IndexID: Int] = [:], in graph: ExprGraph) -> Int? {
        var result: Int?
        for term in bound.terms {
            guard let affine = value(term.affine, indices, in: graph) else { return nil }
            let value = SizeArithmetic.ceilingQuotient(affine, term.divisor)
            result = result.map { bound.choice == .largest ? max($0, value) : min($0, value) } ?? value
        }
        return result
    }

    /// ⌈a / b⌉ for b > 0.
    static func ceilingQuotient(_ dividend: Int, _ divisor: Int) -> Int {
        guard divisor > 1 else { return dividend }
        let quotient = dividend / divisor
        return dividend > 0 && quotient * divisor != dividend ? quotient + 1 : quotient
    }
}

/// The values of the indices in a scope, one combination after another, where all sizes are known and there are not too many.
struct IndexSpace {
    private let scope: Scope
    private let system: System
    /// More combinations than this are not tried.
    private static let most = 1_000_000

    init(_ scope: Scope, _ system: System) {
        self.scope = scope
        self.system = system
    }

    /// Whether `affine >= 0` wherever the scope's facts hold; nil where that cannot be tried.
    func allSatisfy(_ affine: Affine) -> Bool? {
        var values: [IndexID: Int] = [:]
        var ends: [Int] = []
        var tried = 0
        let axes = scope.axes
        // A counter with one digit for each index, the innermost last.
        func begin(_ position: Int) -> Bool? {
            guard let lower = value(system.graph[axes[position].lower], values),
                let upper = value(system.graph[axes[position].upper], values)
            else { return nil }
            if lower >= upper { return false }
            values[axes[position].index] = lower
            ends.append(upper)
            return true
        }
        var depth = 0
        while true {
            if depth < axes.count {
                guard let started = begin(depth) else { return nil }
                if started {
                    depth += 1
                    continue
                }
            } else {
                tried += 1
                if tried > IndexSpace.most { return nil }
                var isInside = true
                for fact in scope.facts {
                    guard let known = value(system.graph[fact], values) else { return nil }
                    if known < 0 {
                        isInside = false
                        break
                    }
                }
                if isInside {
                    guard let known = value(affine, values) else { return nil }
                    if known < 0 { return false }
                }
            }
            // The next combination.
            while depth > 0 {
                let index = axes[depth - 1].index
                let next = (values[index] ?? 0) + 1
                if next < ends[depth - 1] {
                    values[index] = next
                    break
                }
                ends.removeLast()
                depth -= 1
            }
            if depth == 0 { return true }
        }
    }

    private func value(_ affine: Affine, _ values: [IndexID: Int]) -> Int? {
        var total = affine.constant
        for term in affine.terms {
            var atom: Int?
            switch term.atom {
            case .index(let index): atom = values[index]
            case .size(let size):
                atom = system[size].value ?? system[size].affine.flatMap { value(system.graph[$0], values) }
            case .stagedSize(let size, let stage):
                guard let table = system[size].values, let range = system[size].stageRange,
                    let first = value(system.graph[range.lower], values), let at = value(system.graph[stage], values)
                else { return nil }
                // Outside the table nothing is known; there the access is outside its range as well.
                let (position, overflow) = at.subtractingReportingOverflow(first)
                atom = !overflow && table.indices.contains(position) ? table[position] : nil
            }
            guard let atom else { return nil }
            let (product, overflow) = term.coefficient.multipliedReportingOverflow(by: atom)
            let (sum, overflowSum) = total.addingReportingOverflow(product)
            if overflow || overflowSum { return nil }
            total = sum
        }
        return total
    }
}

import Foundation

@testable import Nabla

// Failing specs made small: fewer statements and examples, smaller expressions and sizes, as long as they still fail.
extension RandomSpec {
    /// The smallest spec that the shrinker finds for which the predicate still holds.
    ///
    /// - Parameter attempts: how many specs it may try.
    func shrunk(attempts: Int = 3_000, while stillFails: (RandomSpec) -> Bool) -> RandomSpec {
        var best = self
        var left = attempts
        var improved = true
        while improved && left > 0 {
            improved = false
            for pass in Pass.allCases {
                // A candidate that fails too takes the place of the spec, and the pass goes on behind it.
                var position = 0
                while left > 0, let candidate = best.candidate(pass, position) {
                    left -= 1
                    if candidate.weight < best.weight, stillFails(candidate) {
                        best = candidate
                        improved = true
                    } else {
                        position += 1
                    }
                }
            }
        }
        return best
    }

    private enum Pass: CaseIterable { case halves, statements, examples, expressions, sizes }

    /// What shrinking makes smaller.
    var weight: Int {
        let sizes = statements.reduce(0) { $0 + ($1.sizeValue?.value ?? 0) }
        return 100 * statements.count + 10 * statements.reduce(0) { $0 + ($1.body?.weight ?? 0) } + text.utf8.count
            + exampleCount + sizes + (second == nil ? 0 : 50)
    }

    /// The candidate of a pass with this number; nil behind the last one.
    private func candidate(_ pass: Pass, _ position: Int) -> RandomSpec? {
        var copy = self
        switch pass {
        case .halves:
            let count = statements.count / 4
            guard count > 1, (position + 1) * count <= statements.count else { return nil }
            copy.statements.removeSubrange(position * count..<(position + 1) * count)
        case .statements:
            guard position < statements.count else { return nil }
            copy.statements.remove(at: statements.count - 1 - position)
        case .examples:
            guard position == 0, exampleCount > 1 else { return nil }
            copy.exampleCount -= 1
        case .expressions:
            var left = position
            for place in statements.indices {
                guard let body = statements[place].body else { continue }
                if let smaller = body.smaller(&left) {
                    copy.statements[place].body = smaller
                    return copy
                }
            }
            return nil
        case .sizes:
            let places = statements.indices.filter { (statements[$0].sizeValue?.value ?? 0) > 1 }
            guard position < places.count, let size = statements[places[position]].sizeValue else { return nil }
            copy.statements[places[position]].head = "\(size.head)\(size.value - 1)"
            copy.fitValues()
        }
        return copy
    }

    /// Cuts the values to the shapes that the statements give them.
    private mutating func fitValues() {
        guard let system = try? Comparison.resolve(text), let given = try? OracleValues(json: json) else { return }
        var oracle = Oracle(system, given)
        for position in values.indices {
            guard let quantity = system.quantities.firstIndex(where: { $0.name == values[position].name }),
                let elements = try? oracle.elements(of: QuantityID(quantity))
            else { continue }
            let stages = system.quantities[quantity].stageCount
            values[position].json = values[position].json.map { text in
                guard let tree = try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
                else { return text }
                return RandomSpec.cut(tree, elements[...], 0, stages)
            }
        }
    }

    /// The part of nested values that has these elements.
    private static func cut(_ tree: Any, _ elements: ArraySlice<[Int]>, _ depth: Int, _ stages: Int) -> String {
        guard let first = elements.first, depth < first.count else { return "\(tree)" }
        var parts: [String] = []
        var rest = elements
        while let index = rest.first?[depth] {
            let group = rest.prefix { $0[depth] == index }
            rest = rest.dropFirst(group.count)
            if depth < stages {
                guard let inner = (tree as? [String: Any])?["\(index)"] else { continue }
                parts.append("\"\(index)\": \(cut(inner, group, depth + 1, stages))")
            } else {
                guard let list = tree as? [Any], list.indices.contains(index) else { continue }
                parts.append(cut(list[index], group, depth + 1, stages))
            }
        }
        let list = parts.joined(separator: ", ")
        return depth < stages ? "{\(list)}" : "[\(list)]"
    }
}

extension SpecStatement {
    /// Of `size N = 4`, the text up to the number, and the number.
    var sizeValue: (head: String, value: Int)? {
        guard head.hasPrefix("size "), body == nil, let equals = head.lastIndex(of: "="),
            let value = Int(head[head.index(after: equals)...].trimmingCharacters(in: .whitespaces))
        else { return nil }
        return (head[...equals] + " ", value)
    }
}

extension SpecExpression {
    /// The smaller expression with the number `left`, which counts down: one hole, at any depth, filled with less; large cuts first.
    func smaller(_ left: inout Int) -> SpecExpression? {
        func take(_ candidate: SpecExpression) -> SpecExpression? {
            left -= 1
            return left < 0 ? candidate : nil
        }
        if !isCondition {
            for hole in holes where !hole.content.isCondition { if let found = take(hole.content) { return found } }
            if text.utf8.count > 3 {
                for number in ["1", "0.5"] { if let found = take(SpecExpression(number)) { return found } }
            }
        }
        // One operand of an infix form less.
        if holes.count > 2, pieces.first == "", pieces.last == "" {
            for position in holes.indices {
                var copy = self
                copy.holes.remove(at: position)
                copy.pieces.remove(at: position == 0 ? 1 : position)
                if let found = take(copy) { return found }
            }
        }
        for position in holes.indices {
            if let smaller = holes[position].content.smaller(&left) {
                var copy = self
                copy.holes[position].content = smaller
                return copy
            }
        }
        return nil
    }
}

/// An element that one derivative is taken with respect to: `w(L)[j,k]`, whose indices are letters or numbers.
public struct PartialElement: Sendable {
    /// One of the element's indices, stages first.
    public enum Index: Hashable, Sendable {
        /// Any value of the index, under this name.
        case any(String)
        /// One value, affine in the sizes.
        case at(Affine)
    }

    public var quantity: QuantityID
    public var indices: [Index]

    public init(quantity: QuantityID, indices: [Index]) {
        self.quantity = quantity
        self.indices = indices
    }
}

extension Spec {
    /// The element of a text such as `w(L)[j,k]` or `w(2)[0,1]`; nil where the text is just a name.
    ///
    /// - Throws: ``DerivationError``.
    public mutating func element(_ text: String) throws -> PartialElement? {
        guard let open = text.firstIndex(where: { $0 == "(" || $0 == "[" }) else { return nil }
        let name = String(text[..<open].filter { $0 != " " })
        let quantity = try quantities(named: [name])
        guard let quantity = quantity.first else { return nil }
        let axes = system[quantity].domains.first ?? []
        // A letter that is no size stands for any value: the resolver sees the first value in its place.
        var plain = ""
        var part = ""
        var depth = 0
        var letters: [String?] = []
        func flush() {
            let letter = part.filter { $0 != " " }
            let isSize = system.sizes.contains { $0.name == letter }
            if Spec.isName(letter), !isSize {
                let position = letters.count
                letters.append(letter)
                let lower = axes.indices.contains(position) ? system.graph[axes[position].lower].asConstant : nil
                plain += "\(lower ?? 0)"
            } else if !letter.isEmpty {
                letters.append(nil)
                plain += part
            }
            part = ""
        }
        for character in text[open...] {
            switch character {
            case "(", "[":
                if depth == 0 { plain.append(character) } else { part.append(character) }
                depth += 1
            case ")", "]":
                depth -= 1
                if depth == 0 {
                    flush()
                    plain.append(character)
                } else {
                    part.append(character)
                }
            case "," where depth == 1:
                flush()
                plain.append(character)
            default: part.append(character)
            }
        }
        switch resolved(element: name + plain) {
        case .success(let element):
            let known = element.indices.map { system.graph[$0] }
            let indices = zip(known, letters).map { value, letter in
                letter.map { PartialElement.Index.any($0) } ?? .at(value)
            }
            let names = letters.compactMap { $0 }
            if Set(names).count < names.count {
                throw DerivationError("--wrt '\(text)': each index has a letter of its own")
            }
            // A quantity with several equations has a domain for each.
            if let wrong = system[quantity].domains.map({ valueOutside($0, indices) }).min(by: {
                $0 == nil && $1 != nil
            }),
                let value = wrong
            {
                throw DerivationError("--wrt '\(text)': \(system.description(of: value)) is outside of its range")
            }
            return PartialElement(quantity: quantity, indices: indices)
        case .failure(let diagnostic):
            let notes = diagnostic.notes.map { "; \($0.message)" }.joined()
            throw DerivationError("--wrt '\(text)': \(diagnostic.message)\(notes)")
        }
    }

    /// A value that is certainly outside of a domain; others are checked when the sizes are known.
    private func valueOutside(_ axes: [Axis], _ indices: [PartialElement.Index]) -> Affine? {
        var system = system
        var known: [IndexID: Affine] = [:]
        for (axis, index) in zip(axes, indices) {
            guard case .at(let value) = index else { continue }
            let lower = system.graph.substitute(axis.lower, known) ?? axis.lower
            let upper = system.graph.substitute(axis.upper, known) ?? axis.upper
            if system.isLess(value, system.graph[lower]) || system.isLessOrEqual(system.graph[upper], value) {
                return value
            }
            known[axis.index] = value
        }
        return nil
    }
}

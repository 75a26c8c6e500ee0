/// What stands in a node of a drawn graph: a symbol with its stages above and its elements below.
public struct GraphLabel: Hashable, Sendable {
    /// The symbol, as Unicode text.
    public var base: String
    public var isItalic: Bool
    /// The subscript: the name's own, then element indices.
    public var below: String
    /// The superscript: stages, in their brackets.
    public var above: String

    /// The subscript's parts, each a name or an index.
    var belowParts: [String] = []

    /// Longer names lose their middle.
    static let longest = 24

    /// - Parameter names: what an equation that mentions the quantity calls its indices, where it is not computed itself.
    init(_ quantity: Quantity, in system: System, names: [String?] = []) {
        let name = SymbolName(quantity.name)
        var text = name.text
        if text.unicodeScalars.count > Self.longest {
            text = String(text.prefix(Self.longest * 2 / 3)) + "…" + String(text.suffix(Self.longest / 3 - 1))
        }
        base = text
        isItalic = name.isItalic
        var indices: [String] = []
        var isStep = false
        // The general case names the indices: a(l) rather than a(0), where both have equations.
        let domain = quantity.domains.max { one, two in
            one.count { !$0.isPoint } < two.count { !$0.isPoint }
        }
        for (position, axis) in (domain ?? []).enumerated() {
            let affine = axis.isPoint ? system.graph[axis.lower] : Affine(.index(axis.index))
            let given = quantity.role == .computed || !names.indices.contains(position) ? nil : names[position]
            indices.append(given ?? Self.text(of: affine, system))
            if position == 0, system.graph.kind(of: axis.index) == .step { isStep = true }
        }
        let stages = indices.prefix(quantity.stageCount)
        let elements = indices.dropFirst(quantity.stageCount)
        let brackets = isStep ? ("⟨", "⟩") : ("(", ")")
        above = stages.isEmpty ? "" : brackets.0 + stages.joined(separator: ",") + brackets.1
        belowParts = name.subscripts + elements
        let isCompact = elements.allSatisfy { $0.unicodeScalars.count == 1 }
        below = (name.subscripts + [elements.joined(separator: isCompact ? "" : ",")]).filter { !$0.isEmpty }
            .joined(separator: ",")
    }

    /// An affine expression in print: with a true minus sign.
    static func text(of affine: Affine, _ system: System) -> String {
        system.description(of: affine).replacing("-", with: "−").replacing("*", with: "")
    }

    /// How wide it is, in the height of its letters.
    var width: Double {
        let side = max(below.unicodeScalars.count, above.unicodeScalars.count)
        return 0.62 * Double(base.unicodeScalars.count) + 0.42 * Double(side)
    }

    /// All on one line: `w_jk^(l)`.
    public var plain: String {
        base + (below.isEmpty ? "" : "_\(below)") + (above.isEmpty ? "" : "^\(above)")
    }
}

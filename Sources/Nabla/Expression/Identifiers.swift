/// The place of an expression in its ``ExprGraph``. Children have smaller ids than their parents.
public struct ExprID: Hashable, Comparable, Sendable {
    /// The position in the arena.
    public let raw: UInt32

    init(_ raw: UInt32) { self.raw = raw }

    /// Orders by position, so that ascending order visits children before parents.
    public static func < (left: ExprID, right: ExprID) -> Bool { left.raw < right.raw }
}

/// The place of an affine index expression in its ``ExprGraph``. Equal affine expressions have equal ids.
public struct AffineID: Hashable, Sendable {
    /// The position in the table of affine expressions.
    public let raw: UInt32

    init(_ raw: UInt32) { self.raw = raw }
}

/// A quantity's place in ``System/quantities``.
public struct QuantityID: Hashable, Comparable, Sendable {
    /// The position in the table of quantities.
    public let raw: UInt32

    /// The quantity at a position.
    public init(_ raw: Int) { self.raw = UInt32(truncatingIfNeeded: raw) }

    /// Orders by declaration.
    public static func < (left: QuantityID, right: QuantityID) -> Bool { left.raw < right.raw }
}

/// A size's place in ``System/sizes``.
public struct SizeID: Hashable, Comparable, Sendable {
    /// The position in the table of sizes.
    public let raw: UInt32

    /// The size at a position.
    public init(_ raw: Int) { self.raw = UInt32(truncatingIfNeeded: raw) }

    /// Orders by declaration.
    public static func < (left: SizeID, right: SizeID) -> Bool { left.raw < right.raw }
}

/// How an index prints and what it counts.
public enum IndexKind: UInt8, Sendable {
    /// An element of a vector, a matrix and so on: prints as a subscript.
    case element = 0
    /// A layer: prints as a superscript (l).
    case layer = 1
    /// A time step: prints as a superscript ⟨t⟩.
    case step = 2

    /// Whether the index counts stages (layers or steps) rather than elements.
    public var isStage: Bool { self != .element }
}

/// An index variable: free in an equation, or bound by a reduction.
///
/// A *named* index has an entry in ``ExprGraph/indexNames`` and is unique to the equation axis or to the reduction
/// that binds it: no two binders that the resolver makes share an id. A *canonical* index stands only inside normal
/// forms: the simplifier numbers bound indices by the height of their binder, so that reductions that differ only in
/// the names that they bind are one and the same node. Whoever takes a normal form's body out of its reduction
/// replaces its canonical indices by fresh named ones first (`ExprGraph.open`).
public struct IndexID: Hashable, Comparable, Sendable {
    /// Named: the position in ``ExprGraph/indexNames``. Canonical: bit 31 set, the kind in bits 29–30, the level below.
    public let raw: UInt32

    init(raw: UInt32) { self.raw = raw }

    static func canonical(level: Int, kind: IndexKind) -> IndexID {
        IndexID(raw: 0x8000_0000 | UInt32(kind.rawValue) << 29 | UInt32(truncatingIfNeeded: level))
    }

    /// Whether the index is bound in a normal form.
    public var isCanonical: Bool { raw & 0x8000_0000 != 0 }

    /// The level of a canonical index: the height of its binder.
    var level: Int { Int(raw & 0x1FFF_FFFF) }

    /// The bit that stands for this index in a node's mask of free indices.
    var maskBit: UInt64 {
        isCanonical ? 1 << UInt64(48 + min(level, 15)) : 1 << UInt64(raw % 48)
    }

    /// Orders named indices by creation, canonical ones after them by level.
    public static func < (left: IndexID, right: IndexID) -> Bool { left.raw < right.raw }
}

/// A function of the language's table, or one that the spec defines.
public enum FunctionReference: Hashable, Sendable {
    /// A row of ``FunctionTable``.
    case standard(FunctionID)
    /// A place in ``System/functions``.
    case user(Int)

    var encoded: UInt32 {
        switch self {
        case .standard(let function): UInt32(function.raw)
        case .user(let position): 0x8000_0000 | UInt32(truncatingIfNeeded: position)
        }
    }

    init(encoded: UInt32) {
        if encoded & 0x8000_0000 != 0 {
            self = .user(Int(encoded & 0x7FFF_FFFF))
        } else {
            self = .standard(FunctionID(raw: UInt16(truncatingIfNeeded: encoded)))
        }
    }
}

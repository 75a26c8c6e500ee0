/// A function of the language: the index of its row in ``FunctionTable/standard``.
public struct FunctionID: Hashable, Sendable {
    /// The row's index.
    public let raw: UInt16
}

extension FunctionID: Comparable {
    public static func < (left: FunctionID, right: FunctionID) -> Bool { left.raw < right.raw }
}

// The names that rules and printers refer to; a test holds each to its row.
extension FunctionID {
    public static let exp = FunctionID(raw: 0)
    public static let log = FunctionID(raw: 1)
    public static let sqrt = FunctionID(raw: 2)
    public static let sin = FunctionID(raw: 3)
    public static let cos = FunctionID(raw: 4)
    public static let tan = FunctionID(raw: 5)
    public static let asin = FunctionID(raw: 6)
    public static let acos = FunctionID(raw: 7)
    public static let atan = FunctionID(raw: 8)
    public static let sinh = FunctionID(raw: 9)
    public static let cosh = FunctionID(raw: 10)
    public static let tanh = FunctionID(raw: 11)
    public static let abs = FunctionID(raw: 12)
    public static let sign = FunctionID(raw: 13)
    public static let erf = FunctionID(raw: 14)
    public static let log1p = FunctionID(raw: 15)
    public static let expm1 = FunctionID(raw: 16)
    public static let atan2 = FunctionID(raw: 17)
    public static let pow = FunctionID(raw: 18)
    public static let hypot = FunctionID(raw: 19)
    public static let min = FunctionID(raw: 20)
    public static let max = FunctionID(raw: 21)
    public static let sigmoid = FunctionID(raw: 22)
    public static let relu = FunctionID(raw: 23)
    public static let leakyrelu = FunctionID(raw: 24)
    public static let elu = FunctionID(raw: 25)
    public static let softplus = FunctionID(raw: 26)
    public static let silu = FunctionID(raw: 27)
    public static let gelu = FunctionID(raw: 28)
    public static let heaviside = FunctionID(raw: 29)
    public static let erfc = FunctionID(raw: 30)
}
